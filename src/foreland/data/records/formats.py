"""The formats of records by name, and which one a file is in."""

from __future__ import annotations

import importlib
import zlib
from functools import cache
from pathlib import Path
from typing import Any

NAMES = ("openalex", "ai_robotics_papers", "arxiv", "patentsview", "lens", "wos", "scopus", "ris", "bibtex")
"""In the order in which they are tried."""
HEAD = 1 << 18
UTF16 = (b"\xff\xfe", b"\xfe\xff")
"""Marks of UTF-16, as spreadsheets save text in."""
FOLDERS = ("openalex", "arxiv", "patentsview")
"""Formats that come as folders, too."""


@cache
def format_of(name: str) -> Any:
    """The module that reads a format."""
    return importlib.import_module(f"foreland.data.records.{name}")


def detect(path: Path) -> str | None:
    """The format of a file or folder, told by what is in it; None where it is in none."""
    try:
        head = head_of(path)
    except OSError:
        return None
    return next((name for name in NAMES if format_of(name).detect(path, head)), None)


def head_of(path: Path) -> bytes:
    """The first bytes of a file, unpacked; of a folder, of the first file of records in it."""
    if path.is_dir():
        from foreland.data.records.jsonl import SUFFIXES
        from foreland.data.records.reading import files_in

        found = files_in(path, SUFFIXES)
        return head_of(found[0]) if found else b""
    with path.open("rb") as raw:
        head = raw.read(HEAD)
        if head[:2] == b"\x1f\x8b":
            try:  # as much as there is, should the file be cut short
                head = zlib.decompressobj(31).decompress(head, HEAD)
            except zlib.error:
                return b""
        if head.startswith(UTF16):
            return head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
        return head.removeprefix(b"\xef\xbb\xbf")

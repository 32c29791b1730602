"""The process that reads files: a path a line comes in, what is in the file goes out.

``python -m foreland.data.documents.worker BYTES`` with the most memory it may take. Every message is a line of JSON.
Out go ``{"ready": true}`` once, then for each file ``{"kind": …}`` and ``{"content": …}`` or ``{"reason": …}``; with
``"last": true`` where the process ends behind it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import logging
import os
import queue
import stat
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from foreland.data.documents import furniture
from foreland.data.documents.extract import Content, Limits, Note, Refused

FILES = 500
"""After so many files the process ends and another starts, whatever the libraries kept."""

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "doc"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"BM", "BMP"),
    (b"RIFF", "RIFF"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"),
    (b"{\\rtf", "RTF"),
    (b"CAJ", "CAJ"),
    (b"HN\x00\x00", "CAJ"),
)
EXTENSIONS = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".html": "html",
    ".htm": "html",
    ".shtml": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    "": "",
}
MEMBERS = (("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("ppt/presentation.xml", "pptx"))
DOCUMENTS = ("pdf", "docx", "html", "markdown", "text")
TABLES_AND_OTHERS = ("doc", "xlsx", "pptx", "odt", "ofd", "RTF", "CAJ")
"""Kinds of document that are known and not read: the answer is to save them as another kind."""


def sniff(file: IO[bytes], name: str) -> str:
    """What a file is: one of :data:`DOCUMENTS`, or the name of something that is not read.

    Told by its first bytes. A text is Markdown by its name alone; a text with a name that stands for anything but
    text (``.csv``, ``.py``) is what the name says.
    """
    extension = Path(name).suffix.lower()
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _packed(file, extension)
    for signature, kind in SIGNATURES:
        if head.startswith(signature) and not (kind in ("BMP", "EXE", "CAJ") and b"\x00" not in head):
            return kind
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00").replace(b"\x00", b"")[:1000].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or (
        start.startswith((b"<?xml", b"<!--", b"<!doctype")) and b"<html" in start
    ):
        return "html"
    claimed = EXTENSIONS.get(extension, extension.removeprefix("."))
    if claimed in ("pdf", "docx"):
        return "damaged" if b"\x00" in head or not _printable(head) else "text"
    if claimed == "html" and b"<" not in head:
        return "text"
    return claimed or "text"


def _packed(file: IO[bytes], extension: str) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            kind = next((kind for member, kind in MEMBERS if member in names), None)
            if kind is None and "mimetype" in names:
                kind = "odt" if archive.read("mimetype")[:40].startswith(b"application/vnd.oasis") else None
            if kind is None and "OFD.xml" in names:
                kind = "ofd"
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        kind = "docx" if EXTENSIONS.get(extension) == "docx" else None
    finally:
        file.seek(0)
    return kind or "ZIP"


def _printable(head: bytes) -> bool:
    return sum(byte < 9 or 13 < byte < 32 for byte in head) * 20 < len(head)


def read(path: str, limits: Limits, tell: Callable[[str], None] = lambda _: None) -> Content:
    """The content of a file.

    Raises
    ------
    Refused
        With the reason, if there is no text to be had.
    """
    with _opened(path) as file:
        if os.fstat(file.fileno()).st_size == 0:
            raise Refused("empty_file")
        kind = sniff(file, path)
        tell(kind)
        extension = Path(path).suffix.lower()
        claimed = EXTENSIONS.get(extension)
        if kind not in DOCUMENTS:
            if kind == "damaged":
                raise Refused(f"damaged_{claimed}")
            known = kind in TABLES_AND_OTHERS or claimed is None
            raise Refused("unknown_kind" if known else "wrong_extension", kind if known else f"{extension} → {kind}")
        content = _reader(kind)(file, limits)
    if claimed and claimed != kind:
        content = dataclasses.replace(content, notes=(*content.notes, Note("read_as", f"{extension} → {kind}")))
    if len(content.text) > limits.characters:
        raise Refused("too_long", f"{len(content.text):,} > {limits.characters:,}")
    if not any(character.isalnum() for character in content.text):
        raise Refused("no_text")
    return dataclasses.replace(content, marks=_joined(content.marks, furniture.mark(content.text)))


def _joined(known: tuple[furniture.Mark, ...], found: list[furniture.Mark]) -> tuple[furniture.Mark, ...]:
    """What the format says and what the rules say, without overlap: the format knows."""
    marks = list(known)
    starts = sorted((mark.start, mark.end) for mark in known if mark.kind != "table")
    for mark in found:
        if not any(start < mark.end and mark.start < end for start, end in starts):
            marks.append(mark)
    return tuple(sorted(marks))


def _reader(kind: str) -> Callable[[IO[bytes], Limits], Content]:
    if kind == "pdf":
        from foreland.data.documents.pdf import read_pdf

        return read_pdf
    if kind == "docx":
        from foreland.data.documents.word import read_docx

        return read_docx
    if kind == "html":
        from foreland.data.documents.html import read_html

        return read_html
    from foreland.data.documents.plain import read_markdown, read_plain

    return read_markdown if kind == "markdown" else read_plain


def _opened(path: str) -> IO[bytes]:
    """Open a file, and refuse what has become something else since it was looked at."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError as error:
        raise Refused("missing") from error
    except OSError as error:
        raise Refused("unreadable", error.strerror) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Refused("not_a_file")
    return io.open(descriptor, "rb")  # noqa: UP020 - open() of this module reads a path


def serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    lock = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        with lock:
            replies.write(line + b"\n")
            replies.flush()

    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, lines), daemon=True).start()
    send({"ready": True})
    for count in range(1, FILES + 1):
        request = json.loads(lines.get())
        limits = Limits(pages=request["pages"], characters=request["characters"])
        reply = _reply(request["path"], limits, lambda kind: send({"kind": kind}))
        last = count == FILES or reply.get("reason") == "memory"
        send({**reply, "last": True} if last else reply)
        del reply
        if last:
            return


def _reply(path: str, limits: Limits, tell: Callable[[str], None]) -> dict[str, Any]:
    kind = ""

    def told(what: str) -> None:
        nonlocal kind
        kind = what
        tell(what)

    try:
        return {"content": dataclasses.asdict(read(path, limits, told))}
    except Refused as refused:
        return {"reason": refused.reason, "detail": refused.detail}
    except MemoryError:
        return {"reason": "memory", "detail": ""}
    except OSError as error:
        return {"reason": "unreadable", "detail": error.strerror or str(error)}
    except ImportError as error:
        return {"fault": str(error)}
    except Exception as error:  # whatever this file brought about, the next one is read
        reason = f"damaged_{kind}" if kind in ("pdf", "docx", "html") else "unreadable"
        return {"reason": reason, "detail": f"{type(error).__name__}: {error}"[:200]}


def _listen(requests: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    for line in requests:
        lines.put(line)
    os._exit(0)  # the parent is gone or done: nobody reads an answer


def main() -> None:
    """Take over the pipes, bound the memory, answer."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    logging.disable()
    sys.setrecursionlimit(3000)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, replies)
    os._exit(0)  # the thread that listens holds the pipe


if __name__ == "__main__":
    main()

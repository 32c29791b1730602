"""Get the texts of a load: from files, only where they were not read before, or from a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from foreland.core.errors import UsageError
from foreland.data.documents import cache, corpus
from foreland.data.documents.corpus import Entry, Spool
from foreland.data.documents.furniture import CUT
from foreland.data.documents.metadata import ISSUER_FROM
from foreland.data.documents.options import DocumentOptions
from foreland.data.documents.pool import MOST_PROCESSES
from foreland.data.documents.report import SHOWN, RejectedFile
from foreland.data.package import Note

PASSING = ("timeout", "memory", "missing", "unreadable")
"""Reasons that may be gone at the next try, so they are not kept."""

Told = Callable[[int, int, str], None]


class Gathered:
    """The documents of a path, their texts in a spool.

    Parameters
    ----------
    kept
        The cache of the workspace.
    spool
        Where texts wait.
    options
        How they are loaded.
    told
        Called with the number of the file, how many there are, and its name.
    """

    def __init__(self, kept: cache.ReadingCache, spool: Spool, options: DocumentOptions, told: Told) -> None:
        self.cache, self.spool, self.options, self.told = kept, spool, options, told
        self.entries: list[Entry] = []
        self.rejects: list[RejectedFile] = []
        self.unresolved: dict[str, int] = {}
        self._notes: list[Note] = []
        self._remarks: dict[str, list[str]] = {}

    @property
    def notes(self) -> list[Note]:
        """What a reader must know, files with the same remark together."""
        notes = list(self._notes)
        for key, files in sorted(self._remarks.items()):
            shown = ", ".join(files[:SHOWN]) + (", …" if len(files) > SHOWN else "")
            notes.append((key, {"number": len(files), "files": shown}))
        return notes

    def gather(self, path: Path, folder: Path) -> None:
        """Take all documents of a path; ``folder`` is for the time of the load."""
        if path.is_dir():
            files, others = corpus.find_files(path)
            if others:
                shown = ", ".join(f"{ending} × {number:,}" for ending, number in sorted(others.items())[:8])
                self._notes.append(("data.note.other_files", {"number": sum(others.values()), "kinds": shown}))
            self._files(files, path)
        elif path.suffix.lower() in corpus.DOCUMENTS + corpus.OTHERS:
            self._files([path], path.parent)
        else:
            self._table(path, folder)

    def _table(self, path: Path, folder: Path) -> None:
        from foreland.data.documents.table import TableReader

        self.told(0, 1, path.name)
        reader = TableReader(path, folder, self.options)
        try:
            self.entries = reader.read(self.spool)
        finally:
            reader.close()
        self._notes += reader.notes
        self.unresolved = reader.unresolved

    def _files(self, files: list[Path], folder: Path) -> None:
        if self.options.issuer_from not in ISSUER_FROM:
            from foreland.data.mapping import near_columns

            raise UsageError(
                "data.error.issuer_from",
                value=self.options.issuer_from,
                known=", ".join(ISSUER_FROM),
                suggestions=near_columns(self.options.issuer_from, ISSUER_FROM),
            )
        version = cache.extractor_version()
        keys = [_file_key(file, version) for file in files]
        known = [key is not None and self.cache.has(key) for key in keys]
        fresh = extracted([file for file, there in zip(files, known, strict=True) if not there])
        for number, (file, key, there) in enumerate(zip(files, keys, known, strict=True), 1):
            self.told(number - 1, len(files), file.name)
            entry = corpus.file_entry(file, folder, number)
            content = self.cache.get(key) if there and key else None
            if content is None:
                content = next(extracted([file])) if there else next(fresh)
                if key and content.get("reason") not in PASSING:
                    self.cache.put(key, content)
            self._take(entry, content)
        next(fresh, None)  # lets the workers end

    def _take(self, entry: Entry, content: dict[str, Any]) -> None:
        if "reason" in content:
            self.rejects.append(RejectedFile(entry.name, content["reason"], content["detail"], entry.number))
            return
        entry.title, entry.date = content["title"] or "", content["date"] or ""
        entry.place = self.spool.add(content["text"], [mark for mark in content["marks"] if mark[2] in CUT])
        for code, detail in content["notes"]:
            shown = f"{entry.name} ({detail})" if detail else entry.name
            self._remarks.setdefault(f"data.note.file.{code}", []).append(shown)
        self.entries.append(entry)


def _file_key(file: Path, version: str) -> str | None:
    """Where the text of a file is kept; None for what can't be opened, which the extractor says better."""
    from foreland.data.documents.extract import Refused, check
    from foreland.data.tabular import file_hash

    try:
        check(file)
        return cache.key_of("text", version, file.suffix.lower(), file_hash(file))
    except (Refused, OSError):
        return None


def extracted(files: list[Path]) -> Iterator[dict[str, Any]]:
    """Text or refusal of each file as plain values."""
    if not files:
        return
    from foreland.data.documents.extract import Extractor, Refusal

    with Extractor(min(os.cpu_count() or 1, MOST_PROCESSES)) as extractor:
        for found in extractor.read(files):
            if isinstance(found, Refusal):
                yield {"reason": found.reason, "detail": found.detail}
            else:
                yield {
                    "text": found.text,
                    "title": found.title,
                    "date": found.date,
                    "marks": [list(mark) for mark in found.marks],
                    "notes": [[note.code, note.detail] for note in found.notes],
                }

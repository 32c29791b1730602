"""The documents of a load: files of a folder, one file, or rows of a table, each with its text within reach.

Texts wait in one file beside the load and are asked for one by one, so that memory does not grow with the corpus.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foreland.core.errors import DataError, Where
from foreland.data.documents.passages import MarkSpan, readable

DOCUMENTS = (".pdf", ".docx", ".html", ".htm", ".xhtml", ".txt", ".text", ".md", ".markdown")
"""Files that are read."""
OTHERS = (".doc", ".wps", ".rtf", ".odt", ".ofd", ".ppt", ".pptx", ".mht", ".mhtml", ".caj", ".epub", ".pages")
"""Files that hold text too, in forms that are not read: they are named as rejected, not passed over."""
TABLES = (".csv", ".tsv", ".xlsx", ".parquet", ".xls")
MAX_SLUG = 60


@dataclass
class Entry:
    """One document of a load.

    Attributes
    ----------
    name
        Path below the folder, or file and line of a table.
    number
        Its number in the load, from 1.
    line
        Its line, in a table.
    document_id
        Its id; set once, and the same in every load of the same file.
    place
        Where its text waits in the :class:`Spool`.
    said
        Facts that a table says of it.
    stem, folder, title, date
        What the file's name, its folder and its own metadata say.
    """

    name: str
    number: int
    line: int | None = None
    document_id: str = ""
    place: int = -1
    said: dict[str, str] = field(default_factory=dict)
    stem: str = ""
    folder: str = ""
    title: str = ""
    date: str = ""


@dataclass(frozen=True)
class Waiting:
    """A text with what was marked in it."""

    text: str
    marks: list[MarkSpan]

    @property
    def body(self) -> str:
        """The text with blanks for what was marked; the whole text where nothing else is left."""
        body = readable(self.text, self.marks)
        return body if body.strip() else self.text


class Spool:
    """Texts in a file, by number."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("w+b")
        self.offsets: list[tuple[int, int]] = []
        self.end = 0

    def add(self, text: str, marks: Sequence[MarkSpan] = ()) -> int:
        """Put a text down; gives its number."""
        packed = json.dumps([text, list(marks)], ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.file.seek(self.end)
        self.file.write(packed)
        self.offsets.append((self.end, len(packed)))
        self.end += len(packed)
        return len(self.offsets) - 1

    def __getitem__(self, number: int) -> Waiting:
        start, size = self.offsets[number]
        self.file.seek(start)
        text, marks = json.loads(self.file.read(size).decode("utf-8", "surrogatepass"))
        return Waiting(text, [(start, end, kind, rule) for start, end, kind, rule in marks])

    def close(self) -> None:
        """Close the file; its folder goes with the load."""
        self.file.close()


class Bodies(Sequence[str]):
    """The texts at some places of a spool, read when asked for."""

    def __init__(self, spool: Spool, places: Sequence[int]) -> None:
        self.spool = spool
        self.places = places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: Any) -> Any:
        return self.spool[self.places[index]].body


# Files ------------------------------------------------------------------------------------------


def find_files(path: Path) -> tuple[list[Path], dict[str, int]]:
    """The documents in a folder, in a stable order, and how many other files it holds by ending.

    Hidden files and folders are passed over, and links to folders are not followed.

    Raises
    ------
    DataError
        If there is no document.
    """
    found: list[Path] = []
    others: dict[str, int] = {}
    for folder, names, files in os.walk(path):
        names[:] = sorted(name for name in names if not name.startswith((".", "__MACOSX")))
        for name in sorted(files):
            # Word leaves ~$name beside a document that is open.
            if name.startswith((".", "~$")):
                continue
            file = Path(folder) / name
            ending = file.suffix.lower()
            if ending in DOCUMENTS or ending in OTHERS:
                found.append(file)
            else:
                others[ending or name] = others.get(ending or name, 0) + 1
    if not found:
        shown = ", ".join(f"{ending} × {number:,}" for ending, number in sorted(others.items())[:8])
        key = "data.error.no_documents_but_tables" if set(others) & set(TABLES) else "data.error.no_documents"
        raise DataError(key, where=Where(path), found=shown or "–")
    return sorted(found, key=lambda file: file.relative_to(path).as_posix()), others


def only_table(path: Path) -> Path:
    """The one table of a folder that holds nothing else; the path itself otherwise."""
    if not path.is_dir():
        return path
    files = [file for file in path.rglob("*") if file.is_file() and not file.name.startswith((".", "~$"))]
    return files[0] if len(files) == 1 and files[0].suffix.lower() in TABLES else path


def file_entry(file: Path, folder: Path, number: int) -> Entry:
    """The entry of a file; ``folder`` is what its name is told below."""
    below = file.relative_to(folder)
    return Entry(
        below.as_posix(),
        number,
        stem=file.stem,
        folder=below.parent.name if below.parent != Path() else folder.name,
    )


PLAIN = (".txt", ".text")
"""Endings of texts that may be tables as well."""


def documents_in(path: Path) -> bool:
    """Whether a path is a document or a folder with more of them than tables, for hints; looks at a thousand files."""
    if path.is_file():
        return path.suffix.lower() in DOCUMENTS and path.suffix.lower() not in PLAIN
    endings: Counter[str] = Counter()
    for _, _, files in os.walk(path):
        endings.update(Path(name).suffix.lower() for name in files if not name.startswith("."))
        if endings.total() > 1_000:
            break
    return sum(endings[ending] for ending in DOCUMENTS) > sum(endings[ending] for ending in TABLES)


# Ids --------------------------------------------------------------------------------------------


def give_ids(entries: Sequence[Entry], source_id: str) -> None:
    """Give each entry its id: ``doc:<source>:<own>``, where ``own`` is its id in a table or made of its name.

    An id hangs on the name alone and not on what else is loaded, so corrections of it last.
    """
    for entry in entries:
        own = entry.said.get("id") or slug(entry.name)
        entry.document_id = own if own.startswith("doc:") else f"doc:{source_id}:{own}"


def refuse_double_ids(entries: Sequence[Entry], file: Path) -> None:
    """Refuse a load in which two documents have one id.

    Raises
    ------
    DataError
        With the first such id and both places.
    """
    seen: dict[str, Entry] = {}
    for entry in entries:
        other = seen.setdefault(entry.document_id, entry)
        if other is not entry:
            raise DataError(
                "data.error.double_document",
                where=Where(file, entry.line),
                id=entry.document_id,
                first=f"{other.name} ({other.said.get('title') or '–'})",
                second=f"{entry.name} ({entry.said.get('title') or '–'})",
            )


def slug(name: str) -> str:
    """A name as part of an id: letters, digits, dots and hyphens; six letters of a hash where that lost something."""
    plain = re.sub(r"[^\w.]+", "-", name).strip("-.")[:MAX_SLUG].lower()
    if plain == name:
        return plain
    return f"{plain}-{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"


def batches(table: Any, rows: int) -> Iterator[list[dict[str, Any]]]:
    """Rows of a record-batch reader as dicts, few at a time."""
    for batch in table:
        for start in range(0, batch.num_rows, rows):
            yield batch.slice(start, rows).to_pylist()

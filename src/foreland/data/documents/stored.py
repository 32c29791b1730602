"""The tables of documents in a workspace: written in batches, compared with each other, changed in place."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.tables import table_spec
from foreland.data.documents.corpus import Bodies, Spool
from foreland.data.documents.furniture import CUT
from foreland.data.documents.passages import MarkSpan
from foreland.data.documents.repeats import Compared, find_repeats
from foreland.data.files import batches, folder_of_a_load
from foreland.data.workspace import Staging, Workspace

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 20_000
BATCH_CHARACTERS = 8_000_000

Repeats = dict[str, tuple[str, float]]


class TableWriter:
    """Writes one table of a load batch by batch; :meth:`close` makes the file whole."""

    def __init__(self, staging: Staging, table: str) -> None:
        import pyarrow.parquet as pq

        self.schema = table_spec(table).arrow_schema()
        self.path = staging.path(table)
        self.writer = pq.ParquetWriter(self.path, self.schema, compression="zstd")
        self.waiting: list[pa.Table] = []
        self.rows = 0
        self.size = 0

    def write(self, rows: pa.Table, characters: int = 0) -> None:
        """Add rows; ``characters`` says how large they are where texts make them so."""
        self.waiting.append(rows)
        self.size += characters
        if sum(table.num_rows for table in self.waiting) >= BATCH_ROWS or self.size >= BATCH_CHARACTERS:
            self._flush()

    def write_rows(self, rows: list[dict[str, Any]], characters: int = 0) -> None:
        """Add rows given as dicts."""
        import pyarrow as pa

        self.write(pa.Table.from_pylist(rows, schema=self.schema), characters)

    def close(self) -> None:
        """Write what waits; a table without rows leaves no file."""
        self._flush()
        self.writer.close()
        if not self.rows:
            self.path.unlink()

    def _flush(self) -> None:
        import pyarrow as pa

        if self.waiting:
            whole = pa.concat_tables(self.waiting)
            self.rows += whole.num_rows
            self.writer.write_table(whole)
        self.waiting, self.size = [], 0


def content_hash_of(staging: Staging) -> str:
    """A hash of what was staged: equal tables have equal hashes."""
    digest = hashlib.sha256()
    for table in ("document", "passage", "reject"):
        path = staging.path(table)
        if path.is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def source_row(staging: Staging, row: Mapping[str, Any]) -> str:
    """Write the table ``source`` of a load with the hash of what was staged; gives the hash."""
    import pyarrow as pa

    content_hash = content_hash_of(staging)
    full = {name: value or None for name, value in {**row, "content_hash": content_hash}.items()}
    staging.write("source", pa.Table.from_pylist([full], schema=table_spec("source").arrow_schema()))
    return content_hash


# Reading back -----------------------------------------------------------------------------------


def document_rows(ws: Workspace, source_id: str, columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
    """The documents of a source, few at a time."""

    stored = ws.sources[source_id].tables.get("document")
    if stored is None:
        return
    for batch in batches(ws.path / stored.file, 64, columns):
        yield from batch.to_pylist()


def holds_policy(ws: Workspace, source_id: str) -> bool:
    """Whether a source has policy documents; papers and patents repeat none, and there may be a million of them."""
    import pyarrow.compute as pc

    stored = ws.sources[source_id].tables.get("document")
    if stored is None:
        return False
    kinds = batches(ws.path / stored.file, 1 << 16, ["kind"])
    return any(pc.any(pc.equal(batch["kind"], "policy")).as_py() for batch in kinds)


def marks_of(ws: Workspace, source_id: str, document_id: str | None = None) -> dict[str, list[MarkSpan]]:
    """What was marked and not read, by document."""
    import pyarrow.parquet as pq

    stored = ws.sources[source_id].tables.get("passage")
    found: dict[str, list[MarkSpan]] = {}
    if stored is None:
        return found
    filters = [("kind", "in", list(CUT))] + ([("document_id", "=", document_id)] if document_id else [])
    columns = ["document_id", "start", "end", "kind", "method"]
    for row in pq.read_table(ws.path / stored.file, columns=columns, filters=filters).to_pylist():
        found.setdefault(row["document_id"], []).append((row["start"], row["end"], row["kind"], row["method"]))
    return found


# Repeats ----------------------------------------------------------------------------------------


def compare(
    ws: Workspace,
    spool: Spool,
    own: list[tuple[Compared, int]],
    source_id: str,
    dates: Mapping[str, str | None] | None = None,
) -> tuple[Repeats, dict[str, dict[str, dict[str, Any]]], dict[str, str]]:
    """Which documents repeat which, in this load and in the whole workspace.

    Parameters
    ----------
    ws
        The workspace.
    spool
        Where texts wait; those of the other sources are added.
    own
        The documents of the load with their places in the spool.
    source_id
        The source of the load; what it had before does not count.
    dates
        Dates of documents that are about to change.

    Returns
    -------
    repeats
        For each document that repeats another: the original and the share.
    changes
        By other source and document: columns whose values are no longer right.
    titles
        Titles of documents of other sources.
    """
    compared, places = [item for item, _ in own], [place for _, place in own]
    before: dict[str, dict[str, tuple[str | None, float | None]]] = {}
    titles: dict[str, str] = {}
    columns = ["document_id", "date", "content_hash", "title", "duplicate_of", "similarity", "text"]
    for other in ws.sources:
        if other == source_id or not holds_policy(ws, other):
            continue
        marks = marks_of(ws, other)
        for row in document_rows(ws, other, columns):
            name = row["document_id"]
            titles[name] = row["title"] or name
            # What came without its text can't be shown, so a copy that has one stands in for it and repeats nothing.
            if row["text"] is None:
                continue
            date = (dates or {}).get(name, row["date"])
            compared.append(Compared(name, date, row["content_hash"] or ""))
            places.append(spool.add(row["text"], marks.get(name, [])))
            before.setdefault(other, {})[name] = (row.get("duplicate_of"), row.get("similarity"))
    repeats = find_repeats(compared, Bodies(spool, places))
    changes: dict[str, dict[str, dict[str, Any]]] = {}
    for other, rows in before.items():
        for name, old in rows.items():
            new = repeats.get(name, (None, None))
            if new != old:
                changes.setdefault(other, {})[name] = {"duplicate_of": new[0], "similarity": new[1]}
    return repeats, changes, titles


# Changing ---------------------------------------------------------------------------------------


def change(
    ws: Workspace,
    source_id: str,
    documents: Mapping[str, Mapping[str, Any]],
    passages: Mapping[str, pa.Table] | None = None,
) -> None:
    """Land a source again with some documents changed; to be called while the workspace is locked.

    Parameters
    ----------
    ws
        The workspace.
    source_id
        The source.
    documents
        Document → columns with their new values.
    passages
        Documents whose passages are replaced, with the new ones.
    """
    folder = folder_of_a_load(ws.path / "staging")
    folder.mkdir(parents=True)
    staging = Staging(ws, folder)
    try:
        writer = TableWriter(staging, "document")
        for row in document_rows(ws, source_id):
            writer.write_rows([{**row, **documents.get(row["document_id"], {})}], len(row["text"] or ""))
        writer.close()
        tables = ws.sources[source_id].tables
        for table, stored in tables.items():
            if table == "passage" and passages:
                _replace_passages(staging, ws.path / stored.file, passages)
            elif table not in ("document", "source"):
                _link(ws.path / stored.file, staging.path(table))
        if passages and "passage" not in tables:
            _replace_passages(staging, None, passages)
        staging.commit(source_id, source_row(staging, dict(ws.source_table[source_id])))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _replace_passages(staging: Staging, file: Path | None, passages: Mapping[str, pa.Table]) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    writer = TableWriter(staging, "passage")
    if file is not None:
        gone = pa.array(list(passages))
        for batch in batches(file, BATCH_ROWS):
            rows = pa.Table.from_batches([batch]).select(writer.schema.names)
            kept = rows.filter(pc.invert(pc.is_in(rows["document_id"], value_set=gone)))
            writer.write(kept.cast(writer.schema))
    for rows in passages.values():
        writer.write(rows)
    writer.close()


def _link(source: Path, target: Path) -> None:
    """A second name for a file that never changes, or a copy where the disk has no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)

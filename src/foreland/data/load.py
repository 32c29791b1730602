"""Load a file or folder into a workspace: whole, or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from foreland.core.errors import DataError, UsageError, Where
from foreland.data import readers
from foreland.data.chains.land import land as land_chain
from foreland.data.chains.package import ChainPackage
from foreland.data.connection import loading_connection
from foreland.data.landing import Landing, Reject, definitions
from foreland.data.mapping import Mapping, guess, near_columns
from foreland.data.names import Names, Resolver, Unresolved, write_names
from foreland.data.package import Note, Package, Part, content_hash_of, part_from_mapping
from foreland.data.refusal import refuse, reject_text
from foreland.data.tabular import Raw, no_file, stage_table
from foreland.i18n import Language, t, use_language

if TYPE_CHECKING:
    import duckdb

    from foreland.data.chains.matrix import MatrixOptions
    from foreland.data.chains.options import EdgeOptions
    from foreland.data.workspace import Staging, Workspace

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class LoadReport:
    """What a load did, or would do.

    Attributes
    ----------
    source_id
        The source.
    layout
        The reader that read it; ``table`` for the general one.
    rows
        Rows landed, by table.
    rejected
        Rows not taken; ``reject`` of the workspace holds them with line and reason.
    by_reason
        Rejected rows by reason.
    examples
        The first of them.
    replaced
        Whether an earlier load of the same source was replaced.
    unchanged
        Whether that load had exactly the same content.
    dry_run
        Whether nothing was landed.
    unresolved
        Names that no region or field matched, with suggestions.
    notes
        What a reader must know: keys of texts and their parameters.
    covers
        Number of regions, fields, indicators and periods, and the first and last period.
    suppressed
        Values that were not published.
    seconds
        How long it took.
    """

    source_id: str
    layout: str
    rows: dict[str, int]
    rejected: int
    by_reason: dict[str, int]
    examples: tuple[Reject, ...]
    replaced: bool
    unchanged: bool
    dry_run: bool
    unresolved: tuple[Unresolved, ...]
    notes: tuple[Note, ...]
    covers: dict[str, Any]
    suppressed: int
    seconds: float
    file: str = field(default="")

    def text(self, language: Language | None = None) -> str:
        """The report for a person, some lines."""
        key = "data.load.would" if self.dry_run else "data.load.replaced" if self.replaced else "data.load.done"
        # Trades and chains without shares are nothing but links.
        main = "link" if self.rows.get("link") and not self.rows.get("observation") else "observation"
        what = t(f"data.load.what.{main}", language, number=f"{self.rows.get(main, 0):,}")
        lines = [
            t(
                key,
                language,
                source=self.source_id,
                what=what,
                seconds=f"{self.seconds:.1f}",
                layout=self.layout,
            )
        ]
        if self.dry_run and self.replaced:
            lines.append(t("data.load.would_replace", language, source=self.source_id))
        if self.replaced and self.unchanged:
            lines.append(t("data.load.unchanged", language))
        lines.append(t("data.load.covers", language, **self.covers))
        if self.covers.get("links"):
            lines.append(t("data.load.links", language, links=self.covers["links"]))
        if self.suppressed:
            lines.append(t("data.load.suppressed", language, number=f"{self.suppressed:,}"))
        if self.rejected:
            lines.append(t("data.load.rejected", language, number=f"{self.rejected:,}"))
            lines += [f"  {reject_text(item, language)}" for item in self.examples]
        if self.unresolved:
            lines.append(t("data.load.unresolved", language))
            lines += [f"  {item.sentence(language)} × {item.rows:,}" for item in self.unresolved[:10]]
        with use_language(language):  # names in notes are in the language of the report
            lines += [t(key, **params) for key, params in self.notes]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        plain = asdict(self)
        plain["notes"] = [{"key": key, **{k: str(v) for k, v in params.items()}} for key, params in self.notes]
        return plain


def load(
    ws: Workspace,
    path: str | Path,
    *,
    mapping: Mapping | None = None,
    layout: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
    edges: EdgeOptions | MatrixOptions | None = None,
) -> LoadReport:
    """Load a file or folder into a workspace.

    Parameters
    ----------
    ws
        The workspace.
    path
        A CSV, TSV, Excel or Parquet file, or a folder in a known layout.
    mapping
        How the table is read; what it leaves open is guessed from the headers.
    layout
        A reader by name (:func:`foreland.data.readers.layouts`). Without it a known layout is recognised,
        unless there is a mapping.
    dry_run
        Do everything, land nothing.
    progress
        Called with a stage (``read``, ``names``, ``check``, ``write``) and the share done.
    edges
        How an edge list is read, where ``layout`` is one of
        :data:`foreland.data.chains.options.KINDS` (``chain``, ``suppliers``), or a square table (``matrix``).

    Returns
    -------
    LoadReport

    Raises
    ------
    DataError
        If the file is not sound, or too many rows fail their checks. The workspace is then as it was.
    UsageError
        If the mapping is wrong or says too little.
    WorkspaceError
        If another process is writing, or the disk is full or can't be written.
    """
    started = time.perf_counter()
    path = Path(path)
    tell = progress or (lambda stage, share: None)
    if not os.path.exists(path):  # unlike Path.exists, false where the name is too long
        raise no_file(path)
    records = _records(path, mapping, layout)
    if records is not None:
        from foreland.data.records.land import load_records
        from foreland.data.records.record import RecordOptions

        given = RecordOptions(table=mapping or Mapping())
        return load_records(ws, path, layout=records, options=given, dry_run=dry_run, progress=progress)
    reader = _reader(path, mapping, layout, edges)
    with ws.staging() as staging:
        connection = loading_connection(staging.folder / "spill", ws.settings.memory_limit, ws.settings.threads)
        try:
            tell("read", 0.0)
            if reader is not None:
                package: Package | ChainPackage = reader.read(
                    path, lambda file, given=None: stage_table(connection, file, staging.folder, given)
                )
                name = reader.NAME
            else:
                raw = stage_table(connection, path, staging.folder, mapping)
                package, name = _general(raw, mapping or Mapping()), "table"
            if isinstance(package, ChainPackage):
                report = land_chain(ws, staging, package, name, dry_run=dry_run, tell=tell)
            else:
                report = _land(ws, staging, connection, package, name, dry_run=dry_run, tell=tell)
        finally:
            connection.close()
    return LoadReport(**report, file=str(path), seconds=time.perf_counter() - started)


def _records(path: Path, mapping: Mapping | None, layout: str | None) -> str | None:
    """The format of records that is asked for, or that the file is in."""
    from foreland.data.records import formats

    if layout in formats.NAMES:
        return layout
    if layout is not None or (mapping is not None and (mapping.columns or mapping.constants)):
        return None
    return formats.detect(path)


def _reader(
    path: Path, mapping: Mapping | None, layout: str | None, edges: EdgeOptions | MatrixOptions | None
) -> readers.Reader | None:
    from foreland.data.chains.edge_list import EdgeListReader
    from foreland.data.chains.options import KINDS as EDGES
    from foreland.data.chains.options import EdgeOptions
    from foreland.data.documents.corpus import documents_in
    from foreland.data.documents.options import KINDS

    if layout in EDGES:
        lists = edges if isinstance(edges, EdgeOptions) else EdgeOptions(layout, table=mapping or Mapping())
        return cast(readers.Reader, EdgeListReader(lists))
    if layout == "matrix":
        from foreland.data.chains.matrix import MatrixOptions, MatrixReader

        square = edges if isinstance(edges, MatrixOptions) else MatrixOptions(table=mapping or Mapping())
        return cast(readers.Reader, MatrixReader(square))
    known = readers.layouts()
    if layout is not None and layout != "table":
        if layout not in known:
            from foreland.data.records.formats import NAMES as RECORDS

            every = (*known, *EDGES, "matrix", *KINDS, *RECORDS)
            raise UsageError(
                "data.error.unknown_layout",
                layout=layout,
                known=", ".join(every),
                suggestions=near_columns(layout, every),
            )
        return known[layout]
    if mapping is None and layout is None:
        for reader in known.values():
            if reader.detect(path):
                return reader
    if documents_in(path):
        key = "data.error.folder_of_documents" if path.is_dir() else "data.error.document"
        raise DataError(key, where=Where(path), path=path)
    if path.is_dir():
        from foreland.data.records.formats import FOLDERS

        every = (*known, *FOLDERS, *KINDS)
        raise DataError("data.error.folder", where=Where(path), known=", ".join(every))
    return None


def _general(raw: Raw, mapping: Mapping) -> Package:
    """The package of a table read by a mapping, completed by guessing."""
    stem = raw.file.name.split(".")[0]
    guessed = guess(raw.headers, mapping, stem)
    part = part_from_mapping(raw, guessed.mapping)
    notes: list[Note] = list(raw.notes)
    if guessed.found:
        said = "; ".join(
            f"{role} = {column if isinstance(column, str) else ' … '.join(dict.fromkeys((column[0], column[-1])))}"
            for role, column in guessed.found.items()
        )
        notes.append(("data.note.guessed", {"guessed": said}))
    if unused := _unused(part, guessed.mapping):
        shown = ", ".join(unused[:12]) + (", …" if len(unused) > 12 else "")
        notes.append(("data.note.unused", {"number": len(unused), "columns": shown}))
    if not part.scheme:
        notes.append(("data.note.no_field", {}))
    source = guessed.mapping.source
    source_id = source.source_id or stem
    if source_id.startswith("foreland:"):
        raise UsageError("data.error.reserved_source", source=source_id)
    titled = {
        "source_id": source_id,
        "title_en": source.title_en or source.title_zh or raw.file.name,
        "title_zh": source.title_zh or source.title_en or raw.file.name,
    }
    if not source.licence:
        notes.append(("data.note.no_licence", {}))
    return Package(
        type(source)(**{**vars(source), **titled}),
        (part,),
        indicators=guessed.mapping.indicators,
        notes=tuple(notes),
    )


def _unused(part: Part, mapping: Mapping) -> list[str]:
    """Headers of the columns that nothing was read from."""
    used = {*part.headers.values(), *(item.header for item in part.wide), *mapping.where}
    return [header for header in part.raw.headers if header and header not in used]


def _land(
    ws: Workspace,
    staging: Staging,
    connection: duckdb.DuckDBPyConnection,
    package: Package,
    layout: str,
    *,
    dry_run: bool,
    tell: Progress,
) -> dict[str, Any]:
    import pyarrow as pa

    from foreland.core.tables import table_spec

    source_id = package.source.source_id
    content_hash = content_hash_of(package)
    landing = Landing(connection, package, source_id)
    tell("names", 0.3)
    names = Resolver(ws, package, connection).run()
    write_names(connection, names)
    tell("check", 0.4)
    landing.find_duplicates()
    tell("write", 0.6)
    counts = landing.write(staging.path("observation"), staging.path("reject"))
    if counts.notes and names.unresolved:
        unnamed = landing.unnamed()
        names.unresolved = [item for item in names.unresolved if item.text in unnamed]
    refuse(package, names, counts, ws.settings.reject_share)
    small = definitions(names, _source_row(package, content_hash))
    for table, rows in small.items():
        schema = table_spec(table).arrow_schema()
        staging.write(
            table,
            pa.Table.from_pylist([{k: v if v != "" else None for k, v in row.items()} for row in rows], schema=schema),
        )
    before = ws.sources.get(source_id)
    if not dry_run:
        staging.commit(source_id, content_hash)
    tell("write", 1.0)
    notes = [*package.notes, *names.notes]
    if counts.notes:
        notes.append(("data.note.note_rows", {"number": counts.notes}))
    return {
        "source_id": source_id,
        "layout": layout,
        "rows": {
            "observation": counts.rows,
            **{table: len(rows) for table, rows in small.items()},
            **({"reject": counts.rejected} if counts.rejected else {}),
        },
        "rejected": counts.rejected,
        "by_reason": counts.by_reason,
        "examples": counts.examples,
        "replaced": before is not None,
        "unchanged": before is not None and before.content_hash == content_hash,
        "dry_run": dry_run,
        "unresolved": tuple(names.unresolved),
        "notes": tuple(notes),
        "covers": _covers(names),
        "suppressed": counts.suppressed,
    }


def _covers(names: Names) -> dict[str, Any]:
    periods = sorted({period for _, _, period in names.period})
    return {
        "regions": len({region for _, _, region in names.region}),
        "fields": len({item for _, _, item in names.field}),
        "indicators": len(names.indicators),
        "periods": len(periods),
        "first": periods[0],
        "last": periods[-1],
        "span": periods[0] if len(periods) == 1 else f"{periods[0]} – {periods[-1]}",
    }


def _source_row(package: Package, content_hash: str) -> dict[str, Any]:
    return {**vars(package.source), "content_hash": content_hash}

"""Load records into a workspace: read in parts, merged, counted, and landed whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, UsageError, Where
from foreland.core.settings import size_in_bytes
from foreland.data.connection import loading_connection
from foreland.data.files import clock
from foreland.data.indicators import bundled_indicators
from foreland.data.landing import Reject
from foreland.data.mapping import near_columns
from foreland.data.package import Note
from foreland.data.records import formats
from foreland.data.records.counts import indicators
from foreland.data.records.merge import Merge, Merged
from foreland.data.records.pool import Told, processes_for, read_all
from foreland.data.records.reading import Reading
from foreland.data.records.record import RecordOptions
from foreland.data.records.report import RecordReport
from foreland.data.records.stage import VERSION
from foreland.data.refusal import Examples
from foreland.data.tabular import no_file
from foreland.data.textfile import empty_file

if TYPE_CHECKING:
    from foreland.data.workspace import Staging, Workspace

Progress = Callable[[str, float], None]

STALE_SECONDS = 7 * 24 * 3600.0
"""How long the parts of a load that was cut short are kept for the next one."""
MEMORY = "768MB"
SHARE = 0.75
"""DuckDB's part of the memory that a load may take."""
EXAMPLES = 5


def load_records(
    ws: Workspace,
    path: str | Path,
    *,
    layout: str | None = None,
    options: RecordOptions | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> RecordReport:
    """Load papers, patents or projects from a file or folder.

    Parts that were read stay with the workspace when the load is cut short or refused, so the next one goes on there.

    Parameters
    ----------
    ws
        The workspace.
    path
        The file or folder.
    layout
        Its format, one of :data:`foreland.data.records.formats.NAMES`; recognised where none is given.
    options
        Whether abstracts and references out of the load are kept, and what is said of the source.
    dry_run
        Do everything, land nothing.
    progress
        Called with a stage and the share done.

    Raises
    ------
    DataError
        If the file is not sound, holds no records, or too many of them are bad. The workspace is then as it was.
    UsageError
        If the format is not known, or the source holds something else.
    WorkspaceError
        If another process is writing, or the disk is full or can't be written.
    """
    started = time.perf_counter()
    path, options = Path(path), options or RecordOptions()
    if not os.path.exists(path):  # unlike Path.exists, false where the name is too long
        raise no_file(path)
    if layout is not None and layout not in formats.NAMES:
        near = near_columns(layout, formats.NAMES)
        known = ", ".join(formats.NAMES)
        raise UsageError("data.error.unknown_layout", layout=layout, known=known, suggestions=near)
    layout = layout or formats.detect(path)
    if layout is None:
        raise DataError("data.error.no_records_known", where=Where(path), known=", ".join(formats.NAMES))
    if path.is_dir() and layout not in formats.FOLDERS:
        raise DataError("data.error.folder_of_records", where=Where(path), layout=layout)
    if path.is_file() and not path.stat().st_size:
        raise empty_file(path)
    load = _Load(ws, path, layout, options, progress or (lambda stage, share: None))
    return load.run(dry_run, started)


class _Load:
    """One load under way."""

    def __init__(self, ws: Workspace, path: Path, layout: str, options: RecordOptions, tell: Progress) -> None:
        self.ws, self.path, self.layout, self.options, self.tell = ws, path, layout, options, tell
        self.format = formats.format_of(layout)
        source = options.table.source
        resolved = path.resolve()
        stem = resolved.name if resolved.is_dir() else resolved.name.split(".")[0]
        self.source_id = source.source_id or stem
        if self.source_id.startswith("foreland:"):
            raise UsageError("data.error.reserved_source", source=self.source_id)
        before = ws.sources.get(self.source_id)
        if before is not None and ("document" not in before.tables or "passage" in before.tables):
            raise UsageError("data.error.source_of_others", source=self.source_id)
        about = json.dumps([VERSION, str(resolved), layout, self.source_id, options.abstracts])
        self.parts = ws.path / f".records-{hashlib.sha256(about.encode()).hexdigest()[:12]}"
        self.notes: list[Note] = []

    def run(self, dry_run: bool, started: float) -> RecordReport:
        with self.ws.staging() as staging:
            _sweep(self.ws.path, self.parts)
            self.parts.mkdir(exist_ok=True)
            told = self._read(staging)
            counts, left, examples = _summed(told)
            self._refuse(counts, left, examples)
            merged = self._merge(staging, told)
            content_hash = self._source(staging, told)
            before = self.ws.sources.get(self.source_id)
            if not dry_run:
                staging.commit(self.source_id, content_hash)
            self.tell("write", 1.0)
        if not dry_run:
            shutil.rmtree(self.parts, ignore_errors=True)
        rows = {name: number for name, number in merged.rows.items() if number}
        return RecordReport(
            source_id=self.source_id,
            layout=self.layout,
            rows={"observation": 0, **rows, "source": 1},
            rejected=counts["rejected"],
            by_reason={name[9:]: number for name, number in sorted(counts.items()) if name.startswith("rejected.")},
            examples=examples,
            replaced=before is not None,
            unchanged=before is not None and before.content_hash == content_hash,
            dry_run=dry_run,
            unresolved=(),
            notes=tuple(self._noted(merged, counts)),
            covers=_covers(merged, self._regions),
            suppressed=0,
            seconds=time.perf_counter() - started,
            file=str(self.path),
            duplicates=merged.duplicates,
            left_out=dict(sorted(left.items())),
            links=merged.links,
        )

    def _read(self, staging: Staging) -> Told:
        files = [self.path] if self.path.is_file() else [item for item in self.path.rglob("*") if item.is_file()]
        size = sum(item.stat().st_size for item in files)
        reading = Reading(staging.folder, self.options, lambda share: self.tell("read", 0.8 * share), size)
        known = {"source": self.source_id}
        chunks = (chunk._replace(extra={**chunk.extra, **known}) for chunk in self.format.chunks(self.path, reading))
        settings = self.ws.settings
        processes = processes_for(settings.threads, size_in_bytes(settings.memory_limit))
        told = read_all(self.parts, self.layout, chunks, abstracts=self.options.abstracts, processes=processes)
        self.notes += reading.notes
        return told

    def _refuse(self, counts: Counter[str], left: Counter[str], examples: tuple[Reject, ...]) -> None:
        taken, rejected = counts["records"], counts["rejected"]
        if taken and rejected <= self.ws.settings.reject_share * (taken + rejected):
            return
        if not taken and not rejected:
            raise DataError("data.error.no_records", where=Where(self.path), left=sum(left.values()))
        first = examples[0]
        raise DataError(
            "data.error.too_many_records_rejected",
            where=Where(first.file or self.path, first.line, first.column or None),
            rejected=f"{rejected:,}",
            total=f"{taken + rejected:,}",
            share=f"{rejected / (taken + rejected):.1%}",
            most=f"{self.ws.settings.reject_share:.1%}",
            examples=Examples(examples),
        )

    def _merge(self, staging: Staging, told: Told) -> Merged:
        settings = self.ws.settings
        # Python and Arrow, and what reading left behind, take the rest.
        memory = f"{int(SHARE * size_in_bytes(settings.memory_limit))}B" if settings.memory_limit else MEMORY
        threads = settings.threads or (0 if settings.memory_limit else 2)
        connection = loading_connection(staging.folder / "spill", memory, threads)
        try:
            records = {number: item["counts"].get("records", 0) for number, item in told.items()}
            merge = Merge(connection, self.parts, records, self.source_id)
            self.tell("check", 0.8)
            merge.find_duplicates()
            self.tell("write", 0.84)
            merge.write_documents(staging.path("document"))
            merge.write_participations(staging.path("participation"))
            self.tell("write", 0.9)
            merge.write_links(staging.path("link"), self.options.references)
            merge.write_small({name: staging.path(name) for name in ("actor", "field", "reject")})
            self.tell("write", 0.95)
            merge.write_counts(staging.path("observation"))
            self._regions = len(list(merge.regions()))
        finally:
            connection.close()
        self._name_unknown(staging)
        self._indicators(staging, merge.merged)
        return merge.merged

    def _name_unknown(self, staging: Staging) -> None:
        """Give organisations that are known by their country alone a name that says so."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from foreland.data.taxonomy import regions
        from foreland.i18n import t

        path = staging.path("actor")
        if not path.is_file():
            return
        rows = pq.read_table(path).to_pylist()
        for row in rows:
            if row["actor_id"].startswith("unknown:"):
                place = regions.regions()[row["region_id"]]
                row["name_en"] = t("data.records.unknown_organisation", "en", place=place.name("en"))
                row["name_zh"] = t("data.records.unknown_organisation", "zh", place=place.name("zh"))
        staging.write("actor", pa.Table.from_pylist(rows, schema=pq.read_schema(path)))

    def _indicators(self, staging: Staging, merged: Merged) -> None:
        import pyarrow as pa

        from foreland.core.tables import table_spec

        known = bundled_indicators()
        names = sorted({name for kind in merged.kinds for name in indicators(kind)})  # type: ignore[arg-type]
        rows = [{**vars(known[name]), "source_id": self.source_id} for name in names]
        staging.write("indicator", pa.Table.from_pylist(rows, schema=table_spec("indicator").arrow_schema()))
        merged.rows["indicator"] = len(rows)

    def _source(self, staging: Staging, told: Told) -> str:
        import pyarrow as pa

        from foreland.core.tables import table_spec

        given = vars(self.options.table.source)
        title = self.format.TITLE
        source = {
            **given,
            "source_id": self.source_id,
            "title_en": given["title_en"] or given["title_zh"] or f"{title[0]}: {self.path.name}",
            "title_zh": given["title_zh"] or given["title_en"] or f"{title[1]}：{self.path.name}",
            "licence": given["licence"] or self.format.LICENCE,
        }
        if not source["licence"]:
            self.notes.append(("data.note.no_licence", {}))
        what = [VERSION, self.layout, self.options.abstracts, self.options.references, source]
        what += [item["digest"] for item in told.values()]
        content_hash = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()
        row = {name: value or None for name, value in {**source, "content_hash": content_hash}.items()}
        staging.write("source", pa.Table.from_pylist([row], schema=table_spec("source").arrow_schema()))
        return content_hash

    def _noted(self, merged: Merged, counts: Counter[str]) -> list[Note]:
        """What a reader must know of the records."""
        notes = list(self.notes)
        own = counts["self_citations"] + merged.self_citations
        if own:
            notes.append(("data.records.note.self_citations", {"number": f"{own:,}"}))
        if merged.placed < merged.documents:
            share = 1 - merged.placed / merged.documents
            notes.append(("data.records.note.no_place", {"share": f"{share:.0%}"}))
        if merged.cited < merged.documents and "project" not in merged.kinds:
            share = 1 - merged.cited / merged.documents
            notes.append(("data.records.note.no_citations", {"share": f"{share:.0%}"}))
        if merged.world_only:
            names = ", ".join(merged.world_only)
            notes.append(("data.records.note.world_only", {"schemes": names}))
        notes.append(("data.records.note.spoken", {"number": f"{merged.spoken:,}"}))
        notes += list(getattr(self.format, "NOTES", ()))
        return notes


def _summed(told: Told) -> tuple[Counter[str], Counter[str], tuple[Reject, ...]]:
    counts: Counter[str] = Counter()
    left: Counter[str] = Counter()
    examples: list[Reject] = []
    for item in told.values():
        counts.update(item["counts"])
        left.update(item["left"])
        examples += [Reject(*example) for example in item["examples"][: EXAMPLES - len(examples)]]
    return counts, left, tuple(examples)


def _covers(merged: Merged, places: int) -> dict[str, Any]:
    first, last = merged.years
    return {
        "documents": f"{merged.documents:,}",
        "regions": places,
        "fields": merged.rows.get("field", 0),
        "indicators": merged.rows.get("indicator", 0),
        "periods": last - first + 1,
        "first": str(first),
        "last": str(last),
        "span": str(first) if first == last else f"{first} – {last}",
        "links": ", ".join(f"{kind} {number:,}" for kind, number in merged.links.items()),
    }


def _sweep(workspace: Path, current: Path) -> None:
    """Remove the parts of loads that nobody took up again."""
    now = clock(workspace)
    for folder in workspace.glob(".records-*"):
        with suppress(OSError):
            if folder != current and now - folder.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)

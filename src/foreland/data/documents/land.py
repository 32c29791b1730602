"""Load documents into a workspace: get their text, say what they are, read them, and land them whole or not at all."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, UsageError, Where
from foreland.data.documents import cache, corpus, pool, report, stored
from foreland.data.documents.corpus import Entry, Spool
from foreland.data.documents.corrections import Corrections, correct_facts, read_corrections, write_corrections
from foreland.data.documents.duplicates import content_hash
from foreland.data.documents.gather import Gathered
from foreland.data.documents.metadata import ISSUER_FROM, Facts, Shown, find_facts
from foreland.data.documents.options import KINDS, DocumentOptions
from foreland.data.documents.passages import count_characters, passage_table, read
from foreland.data.documents.repeats import Compared
from foreland.data.documents.report import DocumentReport, RejectedFile
from foreland.data.files import clock
from foreland.data.names import Suggestion, Unresolved
from foreland.data.package import Note
from foreland.data.tabular import no_file
from foreland.i18n import t

if TYPE_CHECKING:
    from foreland.data.workspace import Staging, Workspace

Progress = Callable[[str, float], None]

MOST_REJECTED = 0.5
"""Files stand by themselves, so a bad one costs one line; a load most of which fails is the wrong folder."""
STALE_SECONDS = 24 * 3600.0


def load_documents(
    ws: Workspace,
    path: str | Path,
    *,
    kind: str = "policy",
    options: DocumentOptions | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> DocumentReport:
    """Load a folder of documents, one document, or a table with a text in each row.

    What was read stays in the workspace even when the load is cut short or refused, so the next one goes on there and
    only reads what is new.

    Parameters
    ----------
    ws
        The workspace.
    path
        A folder (read with all folders in it, hidden ones left out) of PDF, Word, HTML, text or Markdown files; one
        such file; or a CSV, TSV, Excel or Parquet table.
    kind
        Kind of the documents, one of :data:`~foreland.data.documents.options.KINDS`.
    options
        Where facts come from and which column says what; what it leaves open is looked for.
    dry_run
        Do everything, land nothing.
    progress
        Called with what is being done and the share done.

    Raises
    ------
    DataError
        If there are no documents, two have one id, or too many fail. The workspace is then as it was.
    UsageError
        If an option is wrong.
    WorkspaceError
        If another process is writing, or the disk is full or can't be written.
    """
    started = time.perf_counter()
    path = corpus.only_table(Path(path))
    if kind not in KINDS:
        from foreland.data.mapping import near_columns

        raise UsageError(
            "data.error.unknown_kind", kind=kind, known=", ".join(KINDS), suggestions=near_columns(kind, KINDS)
        )
    if not os.path.exists(path):  # unlike Path.exists, false where the name is too long
        raise no_file(path)
    _sweep(ws.path)
    with TemporaryDirectory(dir=ws.path, prefix=".load-") as folder:
        load = _Load(ws, path, Path(folder), kind, options or DocumentOptions(), progress or (lambda *_: None))
        try:
            load.gather()
            load.find_facts()
            load.read()
            facts = load.land(dry_run)
        finally:
            load.spool.close()
    return DocumentReport(**facts, seconds=time.perf_counter() - started, file=str(path))


def _sweep(workspace: Path) -> None:
    """Remove what killed loads left behind."""
    import shutil

    now = clock(workspace)
    for folder in workspace.glob(".load-*"):
        with suppress(OSError):
            if now - folder.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


class _Load:
    """One load under way."""

    def __init__(
        self, ws: Workspace, path: Path, folder: Path, kind: str, options: DocumentOptions, tell: Progress
    ) -> None:
        self.ws, self.path, self.folder, self.kind, self.options, self.tell = ws, path, folder, kind, options, tell
        self.cache = cache.ReadingCache(ws.path)
        self.spool = Spool(folder / "texts")
        self.entries: list[Entry] = []
        self.rejects: list[RejectedFile] = []
        self.notes: list[Note] = []
        self.unresolved: dict[str, int] = {}
        self.facts: list[Facts] = []
        self.keys: list[str] = []
        self.hashes: list[str] = []
        self.sizes: list[int] = []
        self.renewed: Corrections = {}
        self.kept = 0
        source = options.table.source
        resolved = path.resolve()
        name = resolved.name if resolved.is_dir() else resolved.name.split(".")[0]
        self.source_id = source.source_id or name
        if self.source_id.startswith("foreland:"):
            raise UsageError("data.error.reserved_source", source=self.source_id)
        before = ws.sources.get(self.source_id)
        if before is not None and "document" not in before.tables:
            raise UsageError("data.error.source_of_figures", source=self.source_id)
        self.title = source.title_en or source.title_zh or name

    def gather(self) -> None:
        """Get all texts into the spool, and give each document its id."""

        def told(number: int, of: int, name: str) -> None:
            self._tell("extract", number, of, name, 0.0, 0.45)

        gathered = Gathered(self.cache, self.spool, self.options, told)
        gathered.gather(self.path, self.folder)
        self.entries, self.rejects = gathered.entries, gathered.rejects
        self.notes, self.unresolved = gathered.notes, gathered.unresolved
        corpus.give_ids(self.entries, self.source_id)
        corpus.refuse_double_ids(self.entries, self.path)

    # Facts -------------------------------------------------------------------------------------

    def find_facts(self) -> None:
        """Say of each document what it is."""
        corrections = read_corrections(self.ws.path)
        where = self.options.issuer_from if self.options.issuer_from in ISSUER_FROM else "column"
        for entry in self.entries:
            waiting = self.spool[entry.place]
            body = waiting.body
            shown = Shown(body, entry.stem, entry.folder, entry.title, entry.date, waiting.text)
            facts = find_facts(shown, given=self.options.given, table=entry.said, issuer_from=where)
            facts, renewed = correct_facts(facts, entry.document_id, corrections)
            self.renewed |= renewed
            self.facts.append(facts)
            self.hashes.append(content_hash(body))
            self.sizes.append(count_characters(body))
            self.keys.append(reading_key(waiting, facts.language, facts.year))

    # Reading -----------------------------------------------------------------------------------

    def read(self) -> None:
        """Read what was not read before; whatever is read is kept at once."""
        fresh = [index for index, key in enumerate(self.keys) if not self.cache.has(key)]
        fresh = list({self.keys[index]: index for index in fresh}.values())
        self.kept = len(self.entries) - len(fresh)
        at = iter(fresh)
        failed: dict[str, pool.Outcome] = {}
        count = 0

        def jobs() -> Iterator[pool.Job]:
            for index in at:
                waiting, facts = self.spool[self.entries[index].place], self.facts[index]
                yield pool.Job(self.keys[index], waiting.text, waiting.marks, facts.language, facts.year)

        def done(outcome: pool.Outcome) -> None:
            nonlocal count
            name = self.entries[fresh[count]].name
            count += 1
            self._tell("read", count, len(fresh), name, 0.45, 0.45)
            if outcome.reason:
                failed[outcome.key] = outcome

        pool.read_all(self.ws.path, jobs(), sum(self.sizes[index] for index in fresh), done)
        if failed:
            self._leave_out(failed)

    def _leave_out(self, failed: dict[str, pool.Outcome]) -> None:
        kept = [index for index, key in enumerate(self.keys) if key not in failed]
        for index, key in enumerate(self.keys):
            if key in failed:
                entry, outcome = self.entries[index], failed[key]
                self.rejects.append(RejectedFile(entry.name, outcome.reason, outcome.detail, entry.number))
        for name in ("entries", "facts", "hashes", "sizes", "keys"):
            column = getattr(self, name)
            setattr(self, name, [column[index] for index in kept])

    # Landing -----------------------------------------------------------------------------------

    def land(self, dry_run: bool) -> dict[str, Any]:
        """Refuse if too much failed, compare, write, and make it the content of the source."""
        self._refuse()
        self._tell("compare", 0, 1, "", 0.9, 0.0)
        with self.ws.staging() as staging:
            own = [
                (Compared(entry.document_id, facts.date, digest), entry.place)
                for entry, facts, digest in zip(self.entries, self.facts, self.hashes, strict=True)
            ]
            repeats, changes, titles = stored.compare(self.ws, self.spool, own, self.source_id)
            self._refuse_taken_ids(titles)
            passages = self._write(staging, repeats)
            content_hash = stored.source_row(staging, self._source_row())
            before = self.ws.sources.get(self.source_id)
            rows = {
                table: count
                for table, count in (
                    ("document", len(self.entries)),
                    ("passage", sum(passages.values())),
                    ("reject", len(self.rejects)),
                )
                if count
            }
            if not dry_run:
                staging.commit(self.source_id, content_hash)
                for other, documents in changes.items():
                    stored.change(self.ws, other, documents)
                corrections = read_corrections(self.ws.path)
                if corrections | self.renewed != corrections:
                    write_corrections(self.ws.path, corrections | self.renewed)
        self.cache.sweep(self.keys)
        self._tell("write", 1, 1, "", 1.0, 0.0)
        mine = {
            entry.document_id: facts.title or entry.name for entry, facts in zip(self.entries, self.facts, strict=True)
        }
        return {
            **self._summary(),
            "rows": rows,
            "passages": dict(sorted(passages.items())),
            "repeats": tuple(
                report.Repeat(name, mine[name], other, (mine | titles).get(other, other), share)
                for name, (other, share) in repeats.items()
                if name in mine
            ),
            "replaced": before is not None,
            "unchanged": before is not None and before.content_hash == content_hash,
            "dry_run": dry_run,
        }

    def _refuse(self) -> None:
        total = len(self.entries) + len(self.rejects)
        if not self.rejects or (self.entries and len(self.rejects) <= MOST_REJECTED * total):
            return
        self.cache.sweep(self.keys)
        raise DataError(
            "data.error.too_many_files_rejected" if self.entries else "data.error.no_file_read",
            where=Where(self.path),
            rejected=f"{len(self.rejects):,}",
            total=f"{total:,}",
            share=f"{len(self.rejects) / total:.1%}",
            most=f"{MOST_REJECTED:.0%}",
            examples=report.Examples(tuple(self.rejects[: report.SHOWN])),
        )

    def _refuse_taken_ids(self, titles: dict[str, str]) -> None:
        for entry in self.entries:
            if entry.document_id in titles:
                raise DataError(
                    "data.error.double_document",
                    where=Where(self.path, entry.line),
                    id=entry.document_id,
                    first=titles[entry.document_id],
                    second=entry.name,
                )

    def _write(self, staging: Staging, repeats: stored.Repeats) -> Counter[str]:
        """Write the tables; gives the number of passages by kind."""
        documents, passages = stored.TableWriter(staging, "document"), stored.TableWriter(staging, "passage")
        counts: Counter[str] = Counter()
        for index, entry in enumerate(self.entries):
            self._tell("write", index, len(self.entries), entry.name, 0.9, 0.1)
            waiting, facts = self.spool[entry.place], self.facts[index]
            original, share = repeats.get(entry.document_id, (None, None))
            row = {
                "document_id": entry.document_id,
                "kind": self.kind,
                **asdict(facts),
                "file": entry.said.get("url") or entry.name,
                "characters": self.sizes[index],
                "content_hash": self.hashes[index] or None,
                "duplicate_of": original,
                "similarity": share,
                "text": waiting.text,
                "source_id": self.source_id,
            }
            documents.write_rows([row], len(waiting.text))
            rows = self.cache.get(self.keys[index])
            if rows is None:  # damaged on the disk since
                rows = read(waiting.text, waiting.marks, facts.language, facts.year)
            table = passage_table(entry.document_id, self.source_id, waiting.text, facts.language, rows)
            counts.update(table["kind"].to_pylist())
            passages.write(table)
        documents.close()
        passages.close()
        rejects = stored.TableWriter(staging, "reject")
        rejects.write_rows(
            [
                {
                    "source_id": self.source_id,
                    "line": item.number,
                    "column": item.file,
                    "text": item.detail or None,
                    "reason": f"data.reject.{item.code}",
                }
                for item in sorted(self.rejects, key=lambda item: item.number)
            ]
        )
        rejects.close()
        return counts

    def _source_row(self) -> dict[str, Any]:
        source = self.options.table.source
        titled = {
            "source_id": self.source_id,
            "title_en": source.title_en or source.title_zh or self.title,
            "title_zh": source.title_zh or source.title_en or self.title,
        }
        return {**vars(source), **titled}

    def _summary(self) -> dict[str, Any]:
        dates = sorted(facts.date for facts in self.facts if facts.date)
        notes = list(self.notes)
        if not self.options.table.source.licence:
            notes.append(("data.note.no_licence", {}))
        return {
            "source_id": self.source_id,
            "kind": self.kind,
            "read": len(self.entries) - self.kept,
            "kept": self.kept,
            "rejected": len(self.rejects),
            "by_reason": dict(sorted(Counter(item.code for item in self.rejects).items())),
            "examples": tuple(self.rejects[: report.SHOWN]),
            "unplaced": self._without("region_id"),
            "undated": self._without("date"),
            "languages": dict(sorted(Counter(facts.language or "" for facts in self.facts).items())),
            "levels": dict(sorted(Counter(facts.level or "" for facts in self.facts).items())),
            "regions": len({facts.region_id for facts in self.facts if facts.region_id}),
            "first": dates[0] if dates else None,
            "last": dates[-1] if dates else None,
            "corrected": len({document for document, _ in self.renewed}),
            "unresolved": tuple(_unresolved(name, rows) for name, rows in sorted(self.unresolved.items())[:20]),
            "notes": tuple(notes),
            "characters": sum(self.sizes),
        }

    def _without(self, fact: str) -> tuple[str, ...]:
        pairs = zip(self.entries, self.facts, strict=True)
        return tuple(entry.document_id for entry, facts in pairs if getattr(facts, fact) is None)

    def _tell(self, stage: str, number: int, of: int, name: str, start: float, width: float) -> None:
        text = t(f"data.documents.stage.{stage}")
        if name:
            short = name if len(name) <= 30 else f"…{name[-29:]}"
            text = f"{text} {number:,}/{of:,} {short}"
        self.tell(text, start + width * number / max(of, 1))


def reading_key(waiting: corpus.Waiting, language: str | None, year: int | None) -> str:
    """Where the reading of a text is kept."""
    return cache.key_of("read", cache.reader_version(), waiting.text, waiting.marks, language, year)


def _unresolved(name: str, rows: int) -> Unresolved:
    from foreland.data.taxonomy import regions

    near = tuple(Suggestion(item.id, item.name_en, item.name_zh) for item in regions.suggest(name, 3))
    return Unresolved("region", name, rows, 0, near)

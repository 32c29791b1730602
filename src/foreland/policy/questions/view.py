"""The documents a question of this room compares, and what was read in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from foreland.core.errors import DataError, DidYouMean, UsageError, Worded
from foreland.core.provenance import Caveat, Input
from foreland.core.scope import Scope
from foreland.data.answer import both, listed, name
from foreland.data.reading.model import INSTRUMENTS
from foreland.data.taxonomy.fields import leaves

if TYPE_CHECKING:
    from foreland.core.finding import Text
    from foreland.data.workspace import Workspace

Texts = Literal["auto", "zh", "en"]
"""Which texts are compared: those in one language only, as counts of words in two don't compare."""

PER = 10_000
"""Mentions are counted per so many characters."""
SCHEME = "iotf"


@dataclass(frozen=True, eq=False)
class Corpus:
    """Policy documents that compare with each other: one level, one language, no repeats.

    Parameters
    ----------
    documents
        Rows of table ``document`` with ``year`` and without the text, by region, date and id.
    scope
        The scope with what was chosen filled in.
    texts
        The language of the documents.
    caveats
        What choosing them brought up.
    """

    ws: Workspace
    documents: tuple[dict[str, Any], ...]
    scope: Scope
    texts: Texts
    caveats: tuple[Caveat, ...]

    @cached_property
    def regions(self) -> tuple[str, ...]:
        return tuple(sorted({row["region_id"] for row in self.documents}))

    @cached_property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted({row["year"] for row in self.documents}))

    @cached_property
    def ids(self) -> dict[str, int]:
        """Document id → position."""
        return {row["document_id"]: i for i, row in enumerate(self.documents)}

    @cached_property
    def characters(self) -> np.ndarray:
        """Length of each document, shape (D,)."""
        return np.array([row["characters"] or 0 for row in self.documents], dtype=float)

    @cached_property
    def region_of(self) -> np.ndarray:
        """Position of each document's region, shape (D,)."""
        place = {region: i for i, region in enumerate(self.regions)}
        return np.array([place[row["region_id"]] for row in self.documents], dtype=int)

    @cached_property
    def year_of(self) -> np.ndarray:
        """Year of each document, shape (D,)."""
        return np.array([row["year"] for row in self.documents], dtype=int)

    def counts(self, kind: Literal["field", "instrument"] = "field") -> tuple[np.ndarray, tuple[str, ...]]:
        """Mentions of each field, or instruments of each type, by document: shape (D, F), and the codes along F."""
        column = "field_id" if kind == "field" else "instrument"
        rows = [row for row in _counted(self.ws, kind, column) if row["document_id"] in self.ids]
        known = leaves(SCHEME) if kind == "field" else INSTRUMENTS
        codes = tuple(dict.fromkeys([*known, *sorted(row["code"] for row in rows)]))
        place = {code: i for i, code in enumerate(codes)}
        out = np.zeros((len(self.documents), len(codes)))
        for row in rows:
            out[self.ids[row["document_id"]], place[row["code"]]] = row["count"]
        return out, codes

    def instruments(self, fields: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Instruments with document, type and cells; with fields, those in a sentence that speaks of one of them."""
        rows = self.ws.table("passage")
        wanted = rows.filter((rows.kind == "instrument") & rows.instrument.notnull())
        if fields:
            spoken = rows.filter((rows.kind == "field") & rows.field_id.isin(list(fields)))
            spoken = spoken.select("document_id", "sentence_start").distinct()
            wanted = wanted.semi_join(spoken, ["document_id", "sentence_start"])
        wanted = wanted.select("passage_id", "document_id", "instrument", "code").order_by("passage_id")
        return [row for row in self.ws.to_arrow(wanted).to_pylist() if row["document_id"] in self.ids]

    def by_region(self, values: np.ndarray) -> np.ndarray:
        """Sums over the documents of each region: shape (R, …) from (D, …)."""
        out = np.zeros((len(self.regions), *values.shape[1:]))
        np.add.at(out, self.region_of, values)
        return out

    def density(self, counts: np.ndarray) -> np.ndarray:
        """Counts by region per 10,000 characters: shape (R, F) from (D, F)."""
        return PER * self.by_region(counts) / np.maximum(self.by_region(self.characters), 1)[:, None]

    def passages(self, kind: str | tuple[str, ...], **columns: Any) -> list[dict[str, Any]]:
        """Passages of one kind in these documents, narrowed by further columns, by document and place."""
        from foreland.core.finding import condition

        rows = self.ws.table("passage")
        for column, value in {"kind": kind, **columns}.items():
            rows = rows.filter(condition(rows[column], value))
        found = self.ws.to_arrow(rows.drop("source_id")).to_pylist()
        own = [row for row in found if row["document_id"] in self.ids]
        return sorted(own, key=lambda row: (self.ids[row["document_id"]], row["start"], row["end"], row["passage_id"]))

    def texts_of(self, ids: Iterable[str] | None = None) -> dict[str, str]:
        """Full texts by document id, of those that have one."""
        wanted = set(self.ids if ids is None else ids) & set(self.ids)
        if not wanted:
            return {}
        table = self.ws.table("document")
        rows = table.filter(table.text.notnull()).select("document_id", "text")
        if len(wanted) <= 1000:
            rows = rows.filter(rows.document_id.isin(sorted(wanted)))
        found = self.ws.to_arrow(rows).to_pylist()
        return {row["document_id"]: row["text"] for row in found if row["document_id"] in wanted}

    def input(
        self, table: str, rows: int, match: dict[str, str], among: Iterable[str] | None = None, **conditions: Any
    ) -> Input:
        """What went in from one table, for the provenance.

        ``among`` names the passages that count, where that takes more than columns and conditions to say. What stands
        in a document that is not compared, as it repeats another one, is no evidence.
        """
        of_documents: dict[str, Any] = {"language": self.texts}
        if self.scope.level:
            of_documents["level"] = self.scope.level
        if self.years:
            year = "year" if table == "document" else "document_year"
            of_documents[year] = {"from": self.years[0], "to": self.years[-1]}
        if table == "document":
            of_documents["kind"] = "policy"
        sources = {row["source_id"] for row in self.documents}
        within = {"document_id": tuple(self.ids)} if among is None else {"passage_id": tuple(among)}
        return Input(
            table,
            {**of_documents, **conditions},
            rows,
            {source: self.ws.sources[source].content_hash for source in sorted(sources)},
            match,
            within,
        )

    def title(self, document_id: str) -> str:
        return str(self.documents[self.ids[document_id]]["title"] or document_id)

    def span(self) -> str:
        """The years, for a text."""
        return str(self.years[0]) if len(self.years) == 1 else f"{self.years[0]}–{self.years[-1]}"

    def benchmark(self) -> Text:
        """Compared with whom."""
        return both(
            f"policy.benchmark.{'one' if len(self.regions) == 1 else 'many'}",
            place=name(self.ws, self.regions[0]),
            count=len(self.regions),
            documents=len(self.documents),
            years=self.span(),
        )


def corpus(
    ws: Workspace,
    scope: Scope,
    texts: Texts = "auto",
    *,
    latest: bool = False,
    levels: Sequence[str] = ("province", "city", "county", "foreign", "central"),
) -> Corpus:
    """The documents to compare.

    Parameters
    ----------
    ws, scope
        The workspace; level, period and source of the scope narrow the documents.
    texts
        Their language; by default the one that more of them are in.
    latest
        Only the newest year, where the scope says no period.
    levels
        Levels from which one is chosen where the scope says none: that of the place in focus, else the
        one with most places, of equals the first.

    Raises
    ------
    DataError
        If there are none; the message says what to load.
    """
    rows = [row for row in _documents(ws) if scope.source in (None, row["source_id"])]
    placed = [row for row in rows if row["region_id"] and row["year"]]
    if scope.period_range:
        first, last = (int(year[:4]) for year in scope.period_range)
        placed = [row for row in placed if first <= row["year"] <= last]
    level = scope.level
    if level is None and placed:
        focused = [row for row in placed if row["region_id"] in scope.region[:1]]
        held = Counter(level for level, _ in {(row["level"], row["region_id"]) for row in focused or placed})
        known = [each for each in levels if each in held] or sorted(held, key=str)
        level = max(known, key=lambda each: held[each])
    placed = [row for row in placed if row["level"] == level]
    spoken = Counter(row["language"] for row in placed)
    language: Texts = texts if texts != "auto" else "en" if spoken["en"] > spoken["zh"] else "zh"
    left = [row for row in placed if row["language"] == language]
    if latest and scope.period is None and left:
        newest = max(row["year"] for row in left)
        left = [row for row in left if row["year"] == newest]
    again = _repeats(left)
    own = [row for row in left if row["document_id"] not in again]
    if not own:
        raise DataError(
            "policy.error.no_documents",
            level=level or "—",
            period=scope.period or "—",
            language=language,
            held=len(rows),
        )
    caveats = []
    if repeats := len(left) - len(own):
        caveats.append(Caveat("policy.caveat.repeats", "note", {"count": repeats}))
    if unplaced := sum(not row["region_id"] or not row["year"] for row in rows):
        caveats.append(Caveat("policy.caveat.unplaced", "warning", {"count": unplaced}))
    if others := sum(n for each, n in spoken.items() if each != language):
        caveats.append(Caveat("policy.caveat.other_language", "note", {"count": others}))
    return Corpus(ws, tuple(own), scope.replace(level=level, scheme=scope.scheme or SCHEME), language, tuple(caveats))


def chosen_fields(scope: Scope, fields: Sequence[str]) -> list[int]:
    """Positions of the fields in focus, or of all.

    Raises
    ------
    UsageError
        If one of them is not spoken of anywhere.
    """
    import difflib

    for field in scope.field:
        if field not in fields:
            near = DidYouMean(difflib.get_close_matches(field, fields, 3, 0.5))
            raise UsageError("policy.error.unknown_field", name=field, near=near, known=", ".join(fields))
    return [fields.index(field) for field in scope.field] or list(range(len(fields)))


def chosen_regions(ws: Workspace, scope: Scope, regions: Sequence[str]) -> list[int]:
    """Positions of the places in focus, or of all.

    Raises
    ------
    UsageError
        If one of them has no documents here.
    """
    missing = [region for region in scope.region if region not in regions]
    if missing:
        raise UsageError(
            "policy.error.no_documents_of", place=Worded(name(ws, missing[0])), known=Worded(listed(ws, regions[:40]))
        )
    return [regions.index(region) for region in scope.region] or list(range(len(regions)))


def _documents(ws: Workspace) -> list[dict[str, Any]]:
    """All policy documents without their texts, by region, date and id."""

    def read() -> list[dict[str, Any]]:
        table = ws.table("document")
        rows = table.filter(table.kind == "policy").mutate(has_text=table.text.notnull()).drop("text")
        found = ws.to_arrow(rows).to_pylist()
        for row in found:
            row["year"] = int(row["date"][:4]) if row["date"] and row["date"][:4].isdigit() else None
        found.sort(key=lambda row: (row["region_id"] or "", row["date"] or "", row["document_id"]))
        return found

    documents: list[dict[str, Any]] = ws.cache.remember("policy.documents", read)
    return documents


def _repeats(rows: Iterable[dict[str, Any]]) -> set[str]:
    """Ids of the documents that say what another one of these says already."""
    # Of the same text from two sources the one that can be shown stands for both; an original stands before its copy.
    order = sorted(
        rows,
        key=lambda row: (not row["has_text"], row["duplicate_of"] is not None, row["date"] or "", row["document_id"]),
    )
    seen: set[Any] = set()
    found = set()
    for row in order:
        says = {row["duplicate_of"] or row["document_id"]}
        if row["content_hash"]:
            says.add((row["content_hash"], row["region_id"]))
        if says & seen:
            found.add(row["document_id"])
        seen |= says
    return found


def _counted(ws: Workspace, kind: str, column: str) -> list[dict[str, Any]]:
    """How often each code of a kind is read in each document."""

    def read() -> list[dict[str, Any]]:
        rows = ws.table("passage")
        rows = rows.filter((rows.kind == kind) & rows[column].notnull()).select("document_id", code=rows[column])
        rows = rows.group_by(["document_id", "code"]).agg(count=lambda t: t.count())
        return ws.to_arrow(rows.order_by(["document_id", "code"])).to_pylist()

    found: list[dict[str, Any]] = ws.cache.remember(("policy.counted", kind, column), read)
    return found

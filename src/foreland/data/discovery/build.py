"""Terms and topics of a source of documents, as sources of their own: fields, links and yearly counts."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foreland.core.errors import DataError, UsageError
from foreland.data.discovery.documents import Documents, read_documents
from foreland.data.discovery.report import DiscoveryReport, Found
from foreland.data.discovery.rows import STABILITY, WEIGHT, of_world, same, summed, table
from foreland.data.discovery.terms import TermRule, Terms, Vocabulary, find_terms
from foreland.data.discovery.topics import TopicRule, Topics, assign, fit_topics
from foreland.data.records.counts import PLURAL, TOTAL, count_rows, indicators
from foreland.i18n import t

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

Array = NDArray[Any]
Progress = Callable[[str, float], None]
VERSION = 2
"""Of the method: another one gives other terms and topics, so its sources have another hash."""


@dataclass(frozen=True)
class DiscoveryOptions:
    """How terms and topics are found and how many are kept.

    Parameters
    ----------
    terms, topics
        What a term is, and how topics are built.
    best
        Terms kept of each year: a term is landed if it was among the so many of the largest C-value of all documents
        up to some year, and in which years it was is landed with it (``term_weight``). Judging by the last year alone
        would leave out what was once on the rise and came to nothing.
    features
        Terms that topics are built from.
    """

    terms: TermRule = field(default_factory=TermRule)
    topics: TopicRule = field(default_factory=TopicRule)
    best: int = 1500
    features: int = 20_000


def discover(
    ws: Workspace,
    source_id: str,
    *,
    terms: bool = True,
    topics: bool = True,
    origins: Sequence[int] = (),
    options: DiscoveryOptions | None = None,
    progress: Progress | None = None,
) -> DiscoveryReport:
    """Find the terms and topics of a source of papers, patents or projects, and land them as sources.

    They are landed together when all is done: who stops it half-way finds the workspace as it was.

    Parameters
    ----------
    ws
        The workspace.
    source_id
        The source whose documents are read.
    terms
        Whether to land ``terms-<source>``.
    topics
        Whether to land ``topics-<source>``.
    origins
        Years: for each, topics are built from the documents up to it alone, those of later years are assigned to
        them, and the result is landed as ``topics-<source>@<year>``.
    options
        How; sensible values where not given.
    progress
        Called with a stage and the share done.

    Returns
    -------
    DiscoveryReport
        What was found and how stable it is.

    Raises
    ------
    UsageError
        If there is no such source, nothing is asked for, or an origin leaves no documents before or after it.
    DataError
        If the source has no papers, patents or projects, or too few of them with text.
    WorkspaceError
        If another process is writing, or the disk is full or can't be written.
    """
    started = time.perf_counter()
    options, tell = options or DiscoveryOptions(), progress or (lambda stage, share: None)
    if not terms and not topics and not origins:
        raise UsageError("data.discovery.error.nothing_asked")
    tell("read", 0.0)
    documents = read_documents(ws, source_id)
    years = _checked_origins(documents, origins)
    found = find_terms(
        documents.texts(),
        [year or None for year in documents.years.tolist()],
        options.terms,
        lambda share: tell("terms", 0.4 * share),
        len(documents.years),
    )
    land = _Landing(ws, source_id, documents, options)
    made: list[Found] = []
    if terms:
        tell("terms", 0.42)
        made.append(land.terms(found))
    jobs: list[int | None] = [*([None] if topics else []), *years]
    sizes = np.array([np.count_nonzero(documents.until(origin)) for origin in jobs], float)
    ends = 0.5 + 0.48 * np.cumsum(sizes) / max(sizes.sum(), 1)
    begin = 0.5
    for origin, end in zip(jobs, ends.tolist(), strict=True):
        stage = "topics" if origin is None else f"topics {origin}"
        made.append(land.topics(found, origin, lambda share, s=stage, a=begin, w=end - begin: tell(s, a + w * share)))  # type: ignore[misc]
        begin = end
    tell("write", 0.98)
    land.all()
    tell("write", 1.0)
    dated = int(np.count_nonzero(documents.years))
    return DiscoveryReport(
        source_id, len(documents.years), dated, land.placed, tuple(made), time.perf_counter() - started
    )


def _checked_origins(documents: Documents, origins: Sequence[int]) -> list[int]:
    dated = documents.years[documents.years > 0]
    for origin in origins:
        if not len(dated) or not dated.min() <= origin < dated.max():
            span = f"{dated.min()}–{dated.max()}" if len(dated) else "–"
            raise UsageError("data.discovery.error.origin", origin=origin, span=span)
    return sorted(set(origins))


class _Landing:
    """The sources that are made of one source."""

    def __init__(self, ws: Workspace, source_id: str, documents: Documents, options: DiscoveryOptions) -> None:
        self.ws, self.source_id, self.documents, self.options = ws, source_id, documents, options
        self.parent = ws.source_table[source_id]
        self.places = self._places()
        self.placed = len(np.unique(self.places["doc"].to_numpy())) if self.places.num_rows else 0
        self.made: list[tuple[str, str, dict[str, pa.Table]]] = []

    def _places(self) -> pa.Table:
        """Where each document comes from: its number, place and share, as the source has it."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = self.ws.table("participation")
        rows = table.filter(table.source_id == self.source_id, table.region_id.notnull())
        found = self.ws.to_arrow(rows.select("document_id", "region_id", "value", "unit"))
        number = pc.index_in(found["document_id"], value_set=self.documents.ids.combine_chunks())
        share = pc.if_else(pc.fill_null(pc.equal(found["unit"], "share"), False), found["value"], None)
        columns = {"doc": number, "region_id": found["region_id"], "share": share.cast(pa.float64())}
        placed = pa.table(columns).filter(pc.is_valid(number))
        return placed.sort_by([("doc", "ascending"), ("region_id", "ascending")])

    # Terms ---------------------------------------------------------------------------------------

    def terms(self, found: Terms) -> Found:
        """Make the source of terms; gives what the report says of them."""
        best = self._best(found)
        whole = found.vocabulary()
        kept = [each.terms for each in (whole.best(self.options.best), *best.values())]
        chosen = np.unique(np.concatenate(kept))
        scheme = f"terms-{self._name}"
        names = [(found.keys[n], found.labels[n], found.labels[n]) for n in chosen.tolist()]
        counts = found.counts[:, chosen].tocoo()
        order = np.lexsort((counts.col, counts.row))
        links = (counts.row[order], counts.col[order], counts.data[order].astype(float), "mentions", "count")
        leading = [found.labels[n] for n in _leading(whole, 12).tolist()]
        note = {"number": len(chosen), "best": self.options.best, "least": self.options.terms.documents}
        weights = [
            (f"{scheme}:{found.keys[n]}", f"{year:04d}", float(value))
            for year, each in best.items()
            for n, value in zip(each.terms.tolist(), each.c_value.tolist(), strict=True)
        ]
        more = {WEIGHT: of_world(scheme, WEIGHT, weights)} if weights else {}
        return self._make(scheme, names, links, note, Found(scheme, "terms", len(chosen), labels=tuple(leading)), more)

    def _best(self, found: Terms) -> dict[int, Vocabulary]:
        """Year → the best terms of the documents up to it."""
        years = self.documents.years
        return {
            year: found.vocabulary(self.documents.until(year)).best(self.options.best)
            for year in np.unique(years[years > 0]).tolist()
        }

    # Topics --------------------------------------------------------------------------------------

    def topics(self, found: Terms, origin: int | None, tell: Callable[[float], None]) -> Found:
        """Make topics of all documents, or of those up to a year with later ones assigned."""
        years = self.documents.years
        seen = self.documents.until(origin)
        vocabulary = found.vocabulary(seen).best(self.options.features)
        if not len(vocabulary.terms):
            raise DataError("data.discovery.error.no_terms", documents=int(seen.sum()), least=found.rule.documents)
        counts = found.counts[:, vocabulary.terms]
        topics = fit_topics(counts[np.flatnonzero(seen)], self.options.topics, tell)
        labels, similarity = assign(topics, counts)
        if origin is not None:
            labels = np.where(years > 0, labels, -1)
        scheme = f"topics-{self._name}" + (f"@{origin}" if origin is not None else "")
        called = topic_names(topics, vocabulary, found, seen)
        width = max(len(str(topics.number)), 2)
        names = [(f"{n:0{width}d}", en, zh) for n, (en, zh) in enumerate(called, 1)]
        there = np.flatnonzero(labels >= 0)
        links = (there, labels[there], np.round(similarity[there], 4), "assigned", "share")
        made = Found(
            scheme,
            "topics",
            topics.number,
            tuple(en for en, _ in called),
            tuple(zh for _, zh in called),
            tuple(np.bincount(labels[there], minlength=topics.number).tolist()),
            tuple(np.round(topics.stability, 4).tolist()),
            round(topics.overall, 4),
            len(labels) - len(there),
            tuple(item.number for item in topics.tried),
        )
        note = {
            "number": topics.number,
            "overall": f"{topics.overall:.2f}",
            "minimum": f"{topics.minimum:.3f}",
            "outside": f"{made.unassigned:,}",
            "chosen": "given" if self.options.topics.number else "read",
        }
        fields = [f"{scheme}:{code}" for code, _, _ in names]
        period = f"{origin or int(years.max(initial=0)):04d}"
        stable = [(field_id, period, value) for field_id, value in zip(fields, made.stability, strict=True)]
        return self._make(scheme, names, links, note, made, {STABILITY: of_world(scheme, STABILITY, stable)}, origin)

    # Landing -------------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return self.source_id.replace(":", "-")

    def _make(
        self,
        scheme: str,
        names: list[tuple[str, str, str]],
        links: tuple[Array, Array, Array, str, str],
        note: dict[str, Any],
        made: Found,
        more: dict[str, pa.Table],
        origin: int | None = None,
    ) -> Found:
        """The tables of a source; `more` are observations by indicator beside the counts."""
        import pyarrow as pa

        fields = [f"{scheme}:{code}" for code, _, _ in names]
        doc, field, weight, kind, unit = links
        field_ids = pa.array(fields, pa.string())
        years = self.documents.years
        periods = pa.array([f"{year:04d}" if year else "" for year in years.tolist()])
        link = {
            "from_id": self.documents.ids.take(pa.array(doc)).combine_chunks(),
            "to_id": field_ids.take(pa.array(field)),
            "kind": same(kind, len(doc)),
            "period": periods.take(pa.array(doc)),
            "weight": pa.array(weight, pa.float64()),
            "unit": same(unit, len(doc)),
        }
        observed = [self._counts(scheme, kind_of, doc, field_ids, field) for kind_of in self._kinds]
        observation = summed(pa.concat_tables([*observed, *more.values()]))
        rows = [
            {"field_id": field_id, "scheme": scheme, "code": code, "name_en": en, "name_zh": zh}
            for field_id, (code, en, zh) in zip(fields, names, strict=True)
        ]
        total = {name: t("data.discovery.total", name[-2:]) for name in ("name_en", "name_zh")}  # type: ignore[arg-type]
        rows.append({"field_id": TOTAL, "scheme": "all", "code": "total", **total})
        source = self._source(scheme, note, made.what, origin)
        tables = {
            "field": rows,
            "indicator": self._indicators(list(more)),
            "link": pa.table(link),
            "observation": observation,
            "source": [source],
        }
        ready = {name: table(name, content, scheme) for name, content in tables.items()}
        self.made.append((scheme, source["content_hash"], ready))
        return made.with_rows({name: len(content) for name, content in tables.items()})

    def all(self) -> None:
        """Land everything that was made, or nothing."""
        with self.ws.staging() as staging:
            for scheme, content_hash, tables in self.made:
                part = staging.part()
                for name, content in tables.items():
                    part.write(name, content)
                part.prepare(scheme, content_hash)
            staging.commit_prepared()

    @property
    def _kinds(self) -> list[str]:
        return [kind for kind in PLURAL if (self.documents.kinds == kind).any()]

    def _counts(self, scheme: str, kind: str, doc: Array, fields: pa.Array, field: Array) -> pa.Table:
        """Yearly counts of one kind of document, by the rules of all records."""
        import pyarrow as pa

        years = self.documents.years
        counted = (self.documents.kinds == kind) & (years > 0)
        at = np.flatnonzero(counted)
        table = self.documents.table
        citations = table["citations"] if "citations" in table.column_names else pa.nulls(len(years), pa.int64())
        documents = {"doc": pa.array(at), "year": pa.array(years[at]), "citations": citations.take(pa.array(at))}
        kept = np.flatnonzero(counted[doc])
        units = {"doc": pa.array(doc[kept]), "field_id": fields.take(pa.array(field[kept]))}
        return count_rows(pa.table(documents), self.places, pa.table(units), source_id=scheme, kind=kind)  # type: ignore[arg-type]

    def _indicators(self, more: list[str]) -> list[dict[str, Any]]:
        from foreland.data.indicators import bundled_indicators

        known = bundled_indicators()
        names = sorted({name for kind in self._kinds for name in indicators(kind)})  # type: ignore[arg-type]
        return [vars(known[name]) for name in [*names, *more]]

    def _source(self, scheme: str, note: dict[str, Any], what: str, origin: int | None) -> dict[str, Any]:
        """The row of the source: what it is made of, under the licence of that."""
        parent = self.parent
        told = json.dumps([VERSION, parent["content_hash"], scheme, repr(self.options)])
        key = f"data.discovery.{what}" + (".origin" if origin is not None else "")
        row: dict[str, Any] = {
            "content_hash": hashlib.sha256(told.encode()).hexdigest(),
            **{name: parent.get(name) for name in ("publisher", "licence", "url", "published", "retrieved")},
        }
        for language in ("en", "zh"):
            title = parent.get(f"title_{language}") or self.source_id
            row[f"title_{language}"] = t(f"{key}.title", language, title=title, origin=origin)
            said = t(f"{key}.note", language, source=self.source_id, origin=origin, **note)
            if what == "topics":
                said += t(f"data.discovery.topics.{note['chosen']}", language)
            row[f"note_{language}"] = said
        return row


def topic_names(
    topics: Topics, vocabulary: Vocabulary, found: Terms, documents: Array, words: int = 4
) -> list[tuple[str, str]]:
    """What each topic is called, in English and Chinese punctuation: its heaviest terms, none a part of another.

    They are spelled as some of the documents spell them: those that the topics were built from.
    """
    names: list[tuple[str, str]] = []
    for columns in topics.words:
        chosen: list[int] = []
        for column in vocabulary.terms[columns].tolist():
            key = set(found.keys[column].split("-"))
            part = any(key <= set(found.keys[n].split("-")) or key >= set(found.keys[n].split("-")) for n in chosen)
            inside = any(found.keys[column] in found.keys[n] or found.keys[n] in found.keys[column] for n in chosen)
            if not part and not inside:
                chosen.append(column)
            if len(chosen) == words:
                break
        labels = found.spelled.labels(np.array(chosen, np.int64), documents)
        names.append((", ".join(labels) or "–", "、".join(labels) or "–"))
    return names


def _leading(vocabulary: Vocabulary, number: int) -> Array:
    """Columns of the terms with the largest C-value, the largest first."""
    return vocabulary.terms[np.lexsort((vocabulary.terms, -vocabulary.c_value))[:number]]

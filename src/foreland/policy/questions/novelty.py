"""What is new: terms that appear, come back, rise and fall against everything said in the years before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.data.documents.issuer import LEVELS
from foreland.i18n import LANGUAGES
from foreland.policy import novelty as method
from foreland.policy.questions.levels import across
from foreland.policy.questions.unlisted import NEAR, SPREAD, unlisted_words
from foreland.policy.questions.view import Corpus, Texts, chosen_fields, chosen_regions

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

LEVEL = 0.9
"""Coverage of the interval of a ratio."""
LEAST = (2, 1)
"""Fewest mentions and documents of a term that is called new beyond chance."""
CLEAR = (method.FIRST, method.RETURNED, method.RISEN, method.FALLEN)
ORDER = ("first", "returned", "risen", "fallen", "steady")


@question(
    "policy.novelty",
    zh="有什么是去年没人说的？",
    en="What appears that nobody said last year?",
    example={"region": "CN"},
    uses=("region", "field", "level", "period", "source"),
)
def novelty(
    ws: Workspace,
    scope: Scope,
    years_before: Annotated[int, AtLeast(1)] = 5,
    unlisted: bool = True,
    texts: Texts = "auto",
) -> Finding:
    """Hold the terms of a year's documents against all documents of the years before.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With a place, its documents against those of everybody before; a place
        with documents of several years has each of them judged. The period ends in the year judged.
    years_before
        How many years with documents are pooled to compare a year with.
    unlisted
        Whether words that no list has are looked for as well, in the last year judged and where there are full texts.
    texts
        Language of the documents.
    """
    read = across(ws, scope.replace(period=None), texts, LEVELS, lambda found: _weight(found, scope))
    places = [read.regions[r] for r in chosen_regions(ws, scope, read.regions)] if scope.region else []
    terms = _Terms.of(read, scope)
    own = np.isin(np.array([row["region_id"] for row in read.documents]), places) if places else terms.everyone
    years = _judged(read, own, scope)
    if not terms.terms:
        raise DataError("policy.error.nothing_read", kind="field", documents=len(read.documents))
    found = unlisted_words(read, terms.terms, terms.places, own, years[-1]) if unlisted and not scope.field else ()
    terms = terms.with_words(found)
    rows = [row for year in years for row in _rows(terms, own, year, years_before)]
    rows.sort(key=_order)
    newest = [row for row in rows if row["year"] == years[-1]]
    if not newest:
        raise DataError("policy.error.nothing_read", kind="field", documents=int(own.sum()))
    where = {"region_id": tuple(places)} if places else {}
    past = [row for row in read.documents if row["year"] < years[-1]]
    return answer(
        ws,
        "policy.novelty",
        read.scope.replace(region=scope.region, field=scope.field, period=scope.period, level=scope.level),
        rows,
        headline=_headline(read, newest, places, years[-1], years_before),
        benchmark=_benchmark(ws, past),
        inputs=[
            read.input("passage", int(terms.counts[:, : terms.listed].sum()), {"term": "text"}, kind="field"),
            read.input("document", int(own.sum()), {"year": "year"}, **where),
            read.input("document", len(past), {"first_year": "year", "first_id": "region_id"}),
        ],
        steps=[
            Step("policy.step.mentions"),
            Step("policy.step.novelty", {"level": round(100 * LEVEL), "least": LEAST[0], "years": years_before}),
            *(
                [Step("policy.step.unlisted", {"share": round(100 * SPREAD), "near": round(100 * NEAR)})]
                if found
                else []
            ),
        ],
        caveats=[*_caveats(read, own, past, found), *read.caveats],
        parameters={"years_before": years_before, "unlisted": unlisted, "texts": texts},
        tables={"timeline": _timeline(terms, own if len(years) > 1 else terms.everyone)},
    ).offering(*(("timeline", "ratio", "lines") if len(years) > 1 else ("ratio", "spread", "timeline")))


@dataclass(frozen=True)
class _Terms:
    """How often each document says each term, and where it says any; the first `listed` are of the vocabulary."""

    read: Corpus
    terms: tuple[str, ...]
    fields: tuple[str | None, ...]
    counts: np.ndarray
    places: dict[str, np.ndarray]
    listed: int

    @classmethod
    def of(cls, read: Corpus, scope: Scope) -> _Terms:
        """The terms of the vocabulary, spelt as most documents spell them."""
        rows = [row for row in read.passages("field") if row["text"]]
        if scope.field:
            chosen_fields(scope, read.counts("field")[1])
            rows = [row for row in rows if row["field_id"] in scope.field]
        spelt: dict[str, Counter[str]] = {}
        about: dict[str, Counter[str]] = {}
        for row in rows:
            spelt.setdefault(_folded(row["text"]), Counter())[row["text"]] += 1
            about.setdefault(_folded(row["text"]), Counter())[row["field_id"]] += 1
        keys = {key: i for i, key in enumerate(sorted(spelt))}
        counts = np.zeros((len(read.documents), len(keys)), np.int64)
        where: dict[str, list[int]] = {}
        for row in rows:
            counts[read.ids[row["document_id"]], keys[_folded(row["text"])]] += 1
            where.setdefault(row["document_id"], []).append(row["start"])
        return cls(
            read,
            tuple(_first(spelt[key]) for key in keys),
            tuple(_first(about[key]) for key in keys),
            counts,
            {document: np.array(sorted(starts)) for document, starts in where.items()},
            len(keys),
        )

    def with_words(self, found: Sequence[tuple[str, np.ndarray]]) -> _Terms:
        """The same with further words, each with its count in every document."""
        if not found:
            return self
        more = np.stack([counts for _, counts in found], axis=1)
        return _Terms(
            self.read,
            (*self.terms, *(text for text, _ in found)),
            (*self.fields, *(None for _ in found)),
            np.concatenate([self.counts, more], axis=1),
            self.places,
            self.listed,
        )

    @cached_property
    def everyone(self) -> np.ndarray:
        return np.ones(len(self.read.documents), bool)

    @cached_property
    def openings(self) -> list[tuple[int | None, str | None]]:
        """Year in which each term is first said, and by whom; nobody where the dates leave that open."""
        found: list[tuple[int | None, str | None]] = []
        for k in range(len(self.terms)):
            said = [self.read.documents[d] for d in np.flatnonzero(self.counts[:, k])]
            year = min((row["year"] for row in said), default=None)
            early = [row for row in said if row["year"] == year]
            date = min((row["date"] for row in early), default="")
            first = {row["region_id"] for row in early if row["date"] == date}
            sole = len({row["region_id"] for row in early}) == 1
            found.append((year, first.pop() if len(first) == 1 and (sole or len(date) == len("2026-01-31")) else None))
        return found


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _first(held: Counter[Any]) -> Any:
    """The most frequent; of equals the first in order."""
    return min(held, key=lambda each: (-held[each], str(each)))


def _weight(found: Corpus, scope: Scope) -> tuple[int, int, bool]:
    """Between two languages: the one the places in focus have documents of many years in, then many documents."""
    mine = {row["year"] for row in found.documents if row["region_id"] in scope.region}
    return len(mine), len(found.documents), found.texts == "zh"


def _judged(read: Corpus, own: np.ndarray, scope: Scope) -> list[int]:
    """The years to judge: of one place all it has, else the newest; each has something before it."""
    own_years = sorted(set(read.year_of[own].tolist()))
    first, last = (int(year[:4]) for year in scope.period_range) if scope.period_range else (0, 9999)
    one_year = scope.period_range is not None and first == last
    years = [year for year in own_years if first <= year <= last and year > read.years[0]]
    if not years:
        raise DataError("policy.error.no_years_before", years=read.span(), period=scope.period or "—")
    return years[-1:] if one_year or len(scope.region) != 1 else years


def _rows(terms: _Terms, own: np.ndarray, year: int, years_before: int) -> list[dict[str, Any]]:
    """Every term said in one year, or said less, against the years before."""
    read, counts = terms.read, terms.counts
    earlier = [each for each in read.years if each < year]
    window = earlier[-years_before:]
    parts = [read.year_of < window[0], (read.year_of >= window[0]) & (read.year_of < year),
             own & (read.year_of == year)]  # fmt: skip
    said = np.stack([counts[part].sum(axis=0) for part in parts])
    within = np.stack([(counts[part] > 0).sum(axis=0) for part in parts])
    sizes = np.array([read.characters[part].sum() for part in parts])
    found = method.newness(said, within, sizes, least=LEAST, level=LEVEL)
    # What was never said is held against all years before, not only the last of them.
    ever = method.newness(_pooled(said), _pooled(within), _pooled(sizes), least=LEAST, level=LEVEL)
    since = read.year_of >= year
    held = read.by_region((counts > 0) & since[:, None]) > 0
    reach = len({row["region_id"] for row, late in zip(read.documents, since, strict=True) if late})
    rows = []
    for k in range(len(terms.terms)):
        older, before, now = said[:, k].tolist()
        against, at = (found, 2) if before or older else (ever, 1)
        state, (first_year, first_id) = against.state[at, k], terms.openings[k]
        if not now and state != method.FALLEN:
            continue
        fresh = "steady" if before else "returned" if older else "first"
        high = float(against.ratio_high[at, k])
        rows.append(
            {
                "year": year,
                "term": terms.terms[k],
                "listed": k < terms.listed,
                "field_id": terms.fields[k],
                "state": state if before and state in (method.RISEN, method.FALLEN) else fresh,
                "clear": state in CLEAR,
                "mentions": now,
                "documents": int(within[2, k]),
                "before": before,
                "ratio": float(now / sizes[2] / (before / sizes[1])) if before else None,
                "low": float(against.ratio_low[at, k]),
                "high": high if np.isfinite(high) else None,
                "first_year": first_year,
                "first_id": first_id,
                "places_since": int(held[:, k].sum()),
                "of": reach,
            }
        )
    return rows


def _pooled(parts: np.ndarray) -> np.ndarray:
    """All years before as one, and the year."""
    return np.stack([parts[0] + parts[1], parts[2]])


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        -row["year"], ORDER.index(row["state"]), not row["clear"], not row["listed"], -row["places_since"],
        -row["mentions"], row["term"],
    )  # fmt: skip


def _timeline(terms: _Terms, within: np.ndarray) -> pa.Table:
    """Mentions of each term by year, and per 10,000 characters."""
    import pyarrow as pa

    read = terms.read
    rows = []
    for year in sorted(set(read.year_of[within].tolist())):
        part = within & (read.year_of == year)
        said, size = terms.counts[part].sum(axis=0), read.characters[part].sum()
        rows += [
            {
                "term": terms.terms[k],
                "listed": k < terms.listed,
                "year": year,
                "mentions": int(said[k]),
                "mention_density": float(10_000 * said[k] / size) if size else None,
            }
            for k in np.flatnonzero(terms.counts[within].sum(axis=0))
        ]
    return pa.Table.from_pylist(rows)


def _caveats(read: Corpus, own: np.ndarray, past: list[dict[str, Any]], found: Sequence[Any]) -> list[Caveat]:
    before = {row["region_id"] for row in past}
    now = {row["region_id"] for row, mine in zip(read.documents, own, strict=True) if mine}
    shown = []
    if strangers := now - before:
        count = len(strangers)
        shown.append(Caveat("policy.caveat.unknown_past", "warning", {"count": count, "years": _span(past)}))
    shown.append(Caveat("policy.caveat.single_mentions", "note", {"least": LEAST[0]}))
    if found:
        shown.append(Caveat("policy.caveat.unlisted_words", "note", {"count": len(found)}))
    gaps = sorted(set(range(read.years[0], read.years[-1] + 1)) - set(read.years))
    if gaps:
        shown.append(Caveat("policy.caveat.missing_years", "warning", {"years": ", ".join(map(str, gaps))}))
    return shown


def _span(rows: Sequence[dict[str, Any]]) -> str:
    years = sorted({row["year"] for row in rows})
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"


def _benchmark(ws: Workspace, past: list[dict[str, Any]]) -> Text:
    who = sorted({row["region_id"] for row in past})
    which = "one" if len(who) == 1 else "many"
    return both(
        f"policy.novelty.benchmark.{which}", documents=len(past), years=_span(past), count=len(who),
        place=name(ws, who[0]),
    )  # fmt: skip


def _headline(read: Corpus, rows: list[dict[str, Any]], places: list[str], year: int, years_before: int) -> Text:
    first = [row for row in rows if row["state"] == "first" and row["listed"]]
    others = [row for row in rows if row["state"] == "first" and not row["listed"]]
    others.sort(key=lambda row: (-row["places_since"], -row["mentions"], row["term"]))
    risen = [row for row in rows if row["state"] == "risen"]
    earlier = [each for each in read.years if each < year][-years_before:]
    speakers = sorted({row["region_id"] for row in read.documents if row["year"] == year})
    who = places or (speakers if len(speakers) == 1 else [])
    which = ("both" if risen else "first") if first else ("risen" if risen else "none")
    return both(
        f"policy.novelty.headline.{which}",
        year=year,
        who=listed(read.ws, who) if who else both("policy.novelty.everyone", count=len(speakers)),
        count=len(first),
        clear=sum(row["clear"] for row in first),
        span=str(earlier[0]) if len(earlier) == 1 else f"{earlier[0]}–{earlier[-1]}",
        words=both("policy.novelty.words", words=_quoted(others, 4)) if others else {"en": "", "zh": ""},
        **({"first": _quoted(first)} if first else {}),
        **({"risen": _quoted(risen)} if risen else {}),
    )


def _quoted(rows: list[dict[str, Any]], most: int = 5) -> Text:
    """Terms in a row, as each language lists them; an ellipsis where there are more."""
    more = {"en": ", …", "zh": "等"} if len(rows) > most else {"en": "", "zh": ""}
    terms = [row["term"] for row in rows[:most]]
    return {language: {"en": ", ", "zh": "、"}[language].join(terms) + more[language] for language in LANGUAGES}

"""How much is said of each field, and how that changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np

from foreland.core.errors import DataError, Worded
from foreland.core.finding import Finding, Text
from foreland.core.intervals import rate_ratio
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import AtLeast, question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, listed, name
from foreland.policy.questions.view import PER, Corpus, Texts, chosen_fields, chosen_regions, corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

LEVEL = 0.9
"""Coverage of the interval of a change."""


@question(
    "policy.attention",
    zh="对各领域的关注有多少，怎样变化？",
    en="How much attention goes to each field, and how does it change?",
    example={"region": "CN"},
    uses=("region", "field", "level", "period", "source"),
)
def attention(
    ws: Workspace, scope: Scope, texts: Texts = "auto", years_before: Annotated[int, AtLeast(1)] = 5
) -> Finding:
    """Count mentions by place, field and year, and hold each year against those before it.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at. With a place (or only one there is), its fields in every year; else
        every place and field in the newest year.
    texts
        Language of the documents.
    years_before
        How many years before a year are pooled to compare it with.
    """
    read = corpus(ws, scope, texts)
    counts, fields = read.counts("field")
    places, chosen = chosen_regions(ws, scope, read.regions), chosen_fields(scope, fields)
    mentions, characters = _by_year(read, counts)
    if not mentions.any():
        raise DataError("policy.error.nothing_read", kind="field", documents=len(read.documents))
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.where(characters[..., None] > 0, PER * mentions / characters[..., None], np.nan)
    mean = _mean(density)
    over_years = len(places) == 1 and len(read.years) > 1
    years = range(len(read.years)) if over_years else [len(read.years) - 1]
    rows: list[dict[str, Any]] = []
    for y in years:
        for r in places:
            if not characters[y, r]:
                continue
            earlier = [k for k in range(y) if characters[k, r] and read.years[k] >= read.years[y] - years_before]
            for f in chosen:
                row = {
                    "region_id": read.regions[r],
                    "field_id": fields[f],
                    "year": int(read.years[y]),
                    "mentions": int(mentions[y, r, f]),
                    "mention_density": float(density[y, r, f]),
                    "attention": float(density[y, r, f] / mean[y, r, f]) if mean[y, r, f] else None,
                }
                rows.append(row | _change(mentions[:, r, f], characters[:, r], read.years, earlier, y))
    if not rows:
        # The places asked for have nothing in the newest year, or documents without a text that was read.
        raise DataError(
            "policy.error.no_text_in", place=Worded(listed(ws, [read.regions[r] for r in places])), year=read.years[-1]
        )
    newest = max(row["year"] for row in rows)
    rows.sort(key=lambda row: (-row["year"], -row["mention_density"], row["region_id"], row["field_id"]))
    match = {"region_id": "region_id", "field_id": "field_id", "year": "document_year"}
    one = len(places) == 1
    return answer(
        ws,
        "policy.attention",
        read.scope.replace(region=scope.region, field=scope.field, period=scope.period),
        rows,
        headline=_headline(read, [row for row in rows if row["year"] == newest], one),
        benchmark=read.benchmark(),
        inputs=[
            read.input("passage", int(mentions.sum()), match, kind="field"),
            read.input("document", len(read.documents), {"region_id": "region_id", "year": "year"}),
        ],
        steps=[
            Step("policy.step.mentions"),
            Step("policy.step.density"),
            Step("policy.step.relative_years" if len(read.regions) == 1 else "policy.step.relative_places"),
            Step("policy.step.change", {"level": round(100 * LEVEL), "years": years_before}),
        ],
        caveats=[*read.caveats, Caveat("policy.caveat.mentions_are_words", "note"), *_missing_years(read)],
        parameters={"texts": texts, "years_before": years_before},
    ).offering(*_charts(over_years, len(chosen) == 1, len(read.years) > 1))


def _charts(over_years: bool, one_field: bool, before: bool) -> tuple[str, ...]:
    """Of a single field neither rows nor columns of a heat map say anything."""
    if over_years:
        return ("lines", "shift") if one_field else ("heat", "lines", "shift")
    shown = ("map",) if one_field else ("heat", "map")
    return (*shown, "shift") if before else shown


def _by_year(read: Corpus, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mentions (Y, R, F) and characters (Y, R)."""
    at = np.searchsorted(np.array(read.years), read.year_of)
    mentions = np.zeros((len(read.years), len(read.regions), counts.shape[1]))
    characters = np.zeros(mentions.shape[:2])
    np.add.at(mentions, (at, read.region_of), counts)
    np.add.at(characters, (at, read.region_of), read.characters)
    return mentions, characters


def _mean(density: np.ndarray) -> np.ndarray:
    """What each cell is held against: the mean place of the year or, of a single place, its mean year."""
    axis = 1 if density.shape[1] > 1 else 0
    known = ~np.isnan(density)
    mean = np.nansum(density, axis=axis, keepdims=True) / np.maximum(known.sum(axis=axis, keepdims=True), 1)
    return np.broadcast_to(mean, density.shape)


def _change(
    mentions: np.ndarray, characters: np.ndarray, years: tuple[int, ...], earlier: list[int], y: int
) -> dict[str, Any]:
    """One year against those before it, pooled."""
    if not earlier:
        return {"year_before": None, "density_before": None, "ratio": None, "low": None, "high": None, "change": None}
    said, written = mentions[earlier].sum(), characters[earlier].sum()
    low, high = (float(end) for end in rate_ratio(mentions[y], characters[y], said, written, LEVEL))
    return {
        "year_before": int(years[earlier[0]]),
        "density_before": float(PER * said / written),
        "ratio": float(mentions[y] / characters[y] / (said / written)) if said else None,
        "low": low,
        "high": high,
        "change": "more" if low > 1 else "less" if high < 1 else "unclear",
    }


def _missing_years(read: Corpus) -> list[Caveat]:
    gaps = sorted(set(range(read.years[0], read.years[-1] + 1)) - set(read.years))
    shown = ", ".join(map(str, gaps))
    return [Caveat("policy.caveat.missing_years", "warning", {"years": shown})] if gaps else []


def _headline(read: Corpus, rows: list[dict[str, Any]], one: bool) -> Text:
    ws = read.ws
    if not any(row["mentions"] for row in rows):
        return both(
            "policy.attention.headline.nothing", year=rows[0]["year"],
            fields=listed(ws, read.scope.field) if read.scope.field else both("policy.coverage.any"),
        )  # fmt: skip
    if not one and len(read.scope.field) == 1:
        top = rows[0]
        return both(
            "policy.attention.headline.field", year=top["year"], place=name(ws, top["region_id"]),
            field=name(ws, top["field_id"]), density=f"{top['mention_density']:.1f}", of=len(rows),
            mean=f"{sum(row['mention_density'] for row in rows) / len(rows):.1f}",
        )  # fmt: skip
    if not one:
        held: dict[str, float] = {}
        for row in rows:
            held[row["field_id"]] = held.get(row["field_id"], 0.0) + row["mention_density"]
        most = sorted(held, key=lambda field: (-held[field], field))[:3]
        top = max(rows, key=lambda row: (row["mention_density"], row["region_id"]))
        return both(
            "policy.attention.headline.many", year=rows[0]["year"], fields=listed(ws, most),
            place=name(ws, top["region_id"]), field=name(ws, top["field_id"]), density=f"{top['mention_density']:.1f}",
        )  # fmt: skip
    place = name(ws, rows[0]["region_id"])
    said = listed(ws, [row["field_id"] for row in rows[:3] if row["mentions"]])
    risen, fallen = ([row for row in rows if row["change"] == which] for which in ("more", "less"))
    if rows[0]["year_before"] is None:
        return both("policy.attention.headline.one", place=place, year=rows[0]["year"], fields=said)
    before = [row["year"] for row in read.documents if row["region_id"] == rows[0]["region_id"]]
    last = max(year for year in before if year < rows[0]["year"])
    first = rows[0]["year_before"]
    span = str(last) if first == last else f"{first}–{last}"
    which = ("both" if fallen else "risen") if risen else ("fallen" if fallen else "same")
    return both(
        f"policy.attention.headline.{which}",
        place=place, year=rows[0]["year"], span=span, fields=said,
        **({"risen": listed(ws, [row["field_id"] for row in risen[:4]])} if risen else {}),
        **({"fallen": listed(ws, [row["field_id"] for row in fallen[:4]])} if fallen else {}),
    )  # fmt: skip

"""What was promised in numbers: targets, and how ambitious they are beside those of others."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

from foreland.core.errors import DataError, DidYouMean, UsageError, Worded
from foreland.core.finding import Finding, Text
from foreland.core.provenance import Caveat, Step
from foreland.core.registry import question
from foreland.core.scope import Scope
from foreland.data.answer import answer, both, name
from foreland.data.reading.measures import measures
from foreland.policy.questions.sizes import gdp_of, population_of, size_inputs
from foreland.policy.questions.view import Corpus, Texts, chosen_fields, chosen_regions, corpus

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

Wanted = Literal["target", "achieved", "all"]
SIGNS = {"=": "=", ">=": "≥", "<=": "≤", "~": "≈"}
PER_HEAD = {"CNY", "USD", "count", "kW", "kWh", "FLOPS", "t", "m2"}
COMPARED = ("region_id", "field_id", "measure_id", "comparator", "value", "unit", "year", "rank", "of")
LINES = 24
"""Most measures drawn beside each other."""
ENOUGH = 5
"""A measure is compared where at least so many places name it for the same year."""


@question(
    "policy.targets",
    zh="谁承诺了什么，多少，何时？",
    en="Who promised what, how much, and by when?",
    example={"region": "CN-ZJ"},
    uses=("region", "field", "level", "period", "source"),
)
def targets(ws: Workspace, scope: Scope, status: Wanted = "target", texts: Texts = "auto") -> Finding:
    """List the quantities that documents aim at or report.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at; with a field, quantities about it.
    status
        ``target``: what is aimed at; ``achieved``: what is reported; or both.
    texts
        Language of the documents.
    """
    read = corpus(ws, scope, texts)
    rows = quantities(read, status)
    places = {read.regions[r] for r in chosen_regions(ws, scope, read.regions)}
    if scope.field:
        chosen_fields(scope, read.counts("field")[1])
    shown = [row for row in rows if row["region_id"] in places and (not scope.field or row["field_id"] in scope.field)]
    if not shown:
        what = Worded(both(f"policy.targets.what.{status}"))
        raise DataError("policy.error.no_quantities", what=what, documents=len(read.documents))
    doubtful = sum(row["doubt"] is not None for row in shown)
    return answer(
        ws,
        "policy.targets",
        read.scope.replace(region=scope.region, field=scope.field, period=scope.period),
        shown,
        headline=_headline(read, shown, status),
        benchmark=read.benchmark(),
        inputs=[
            read.input("passage", len(shown), {"passage_id": "passage_id"}, kind="quantity"),
            read.input("document", len(read.documents), {"region_id": "region_id"}),
            *size_inputs(read),
        ],
        steps=[Step("policy.step.quantities"), Step("policy.step.measures"), Step("policy.step.sizes")],
        caveats=[
            *([Caveat("policy.caveat.doubtful", "serious", {"count": doubtful})] if doubtful else []),
            Caveat("policy.caveat.read_by_rule", "warning"),
            *read.caveats,
        ],
        parameters={"status": status, "texts": texts},
        tables=_compared(rows, shown),
    )


@question(
    "policy.ambition",
    zh="谁的目标更高？",
    en="Whose target is the most ambitious?",
    example={"aim": "gdp_growth"},
    uses=("region", "level", "period", "source"),
)
def ambition(ws: Workspace, scope: Scope, aim: str = "gdp_growth", texts: Texts = "auto") -> Finding:
    """Hold the targets of places for one measure against each other, and against what they reported.

    Parameters
    ----------
    ws, scope
        The workspace, and what to look at.
    aim
        A measure of the vocabulary by code or name, as ``gdp_growth`` or "GDP growth".
    texts
        Language of the documents.
    """
    measure = measure_id(aim)
    read = corpus(ws, scope, texts, latest=True)
    chosen_regions(ws, scope, read.regions)
    found = [row for row in quantities(read, "all") if row["measure_id"] == measure and row["field_id"] is None]
    aimed = [row for row in found if row["status"] == "target" and row["year"] is not None and row["doubt"] is None]
    if not aimed:
        what = Worded(name(ws, measure))
        raise DataError("policy.error.no_targets_of", measure=what, documents=len(read.documents))
    # The year most places aim at; of equals the nearest.
    held = Counter(year for year, _ in {(row["year"], row["region_id"]) for row in aimed})
    year = min(held, key=lambda each: (-held[each], each))
    aimed = [row for row in aimed if row["year"] == year]
    # In the unit most places use: values in others don't compare.
    named = Counter(unit for _, unit in {(row["region_id"], row["unit"]) for row in aimed})
    unit = min(named, key=lambda each: (-named[each], each or ""))
    same = _first(row for row in aimed if row["unit"] == unit)
    reported = _reported(found, unit, year)
    others = len({row["region_id"] for row in aimed} - set(same))
    among = [row["passage_id"] for place in same for row in (same[place], reported.get(place)) if row]
    rows = [
        {
            "region_id": place,
            "measure_id": measure,
            "comparator": row["comparator"],
            "value": row["value"],
            "unit": unit,
            "year": row["year"],
            "rank": 1 + sum(other["value"] > row["value"] for other in same.values()),
            "of": len(same),
            "achieved": reported[place]["value"] if place in reported else None,
            "achieved_year": reported[place]["year"] if place in reported else None,
            "step": row["value"] - reported[place]["value"] if place in reported else None,
            "gdp_share": row["gdp_share"],
            "per_head": row["per_head"],
            "passage_id": row["passage_id"],
        }
        for place, row in same.items()
    ]
    rows.sort(key=lambda row: (-row["value"], row["region_id"]))
    return answer(
        ws,
        "policy.ambition",
        read.scope.replace(region=scope.region, period=scope.period),
        rows,
        headline=_standing(read, rows, measure, unit),
        benchmark=both("policy.ambition.benchmark", count=len(rows), of=len(read.regions), year=year),
        inputs=[
            read.input("passage", len(among), {"region_id": "region_id"}, among, kind="quantity", measure=measure),
            read.input("document", len(read.documents), {"region_id": "region_id"}),
            *(size_inputs(read) if any(row["gdp_share"] or row["per_head"] for row in rows) else ()),
        ],
        steps=[
            Step("policy.step.quantities"),
            Step("policy.step.measures"),
            Step("policy.step.same_year", {"year": year}),
        ],
        caveats=[
            Caveat("policy.caveat.read_by_rule", "warning"),
            *([Caveat("policy.caveat.not_named", "note", {"count": len(read.regions) - len(rows) - others})]
              if len(rows) + others < len(read.regions) else []),
            *([Caveat("policy.caveat.other_unit", "warning", {"count": others})] if others else []),
            *read.caveats,
        ],
        parameters={"aim": measure, "texts": texts},
    )  # fmt: skip


def measure_id(asked: str) -> str:
    """The measure with this code, or with this name in either language.

    Raises
    ------
    UsageError
        If there is none; names the nearest ones.
    """
    import difflib

    known = measures()
    named = {name.casefold(): code for code, item in known.items() for name in (code, item.name_en, item.name_zh)}
    if asked.strip().casefold() not in named:
        close = difflib.get_close_matches(asked.strip().casefold(), named, 4, 0.4)
        near = DidYouMean(list(dict.fromkeys(named[each] for each in close)))
        raise UsageError("policy.error.unknown_measure", name=asked, near=near, known=", ".join(known))
    return named[asked.strip().casefold()]


def quantities(read: Corpus, status: Wanted) -> list[dict[str, Any]]:
    """Quantities of the documents, each with its place among those of other places for the same measure and year."""
    where = {} if status == "all" else {"status": status}
    found = read.passages("quantity", **where)
    gdp, population = gdp_of(read), population_of(read)
    rows = []
    for passage in found:
        if passage["value"] is None or not math.isfinite(passage["value"]):
            continue
        document = read.documents[read.ids[passage["document_id"]]]
        place, value, unit = document["region_id"], passage["value"], passage["unit"]
        produced, people = gdp.get(place), population.get(place)
        rows.append(
            {
                "region_id": place,
                "field_id": passage["field_id"],
                "measure_id": passage["measure"],
                "indicator": passage["indicator"],
                "comparator": SIGNS.get(passage["comparator"], passage["comparator"]),
                "value": value,
                "unit": unit,
                "year": passage["year"],
                "status": passage["status"],
                "gdp_share": value / produced if produced and unit == "CNY" else None,
                "per_head": value / people if people and unit in PER_HEAD else None,
                "rank": None,
                "of": None,
                "doubt": passage["doubt"].split(",")[0] if passage["doubt"] else None,
                "passage_id": passage["passage_id"],
            }
        )
    _place(rows)
    rows.sort(key=_order)
    return rows


def _place(rows: list[dict[str, Any]]) -> None:
    """Rank each place's first value of a measure for a year, where enough places name one."""
    groups: dict[tuple[Any, ...], dict[str, dict[str, Any]]] = {}
    for row in rows:
        if row["measure_id"] and row["doubt"] is None:
            key = (row["measure_id"], row["field_id"], row["unit"], row["year"], row["status"])
            groups.setdefault(key, {}).setdefault(row["region_id"], row)
    for held in groups.values():
        if len(held) >= ENOUGH:
            for row in held.values():
                row["rank"] = 1 + sum(other["value"] > row["value"] for other in held.values())
                row["of"] = len(held)


def _compared(rows: list[dict[str, Any]], shown: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """What is shown and ranked, with the same of every other place and where it lies between lowest and highest."""
    import pyarrow as pa

    def line(row: dict[str, Any]) -> tuple[Any, ...]:
        return (row["measure_id"], row["field_id"], row["unit"], row["year"], row["status"])

    held = Counter(line(row) for row in rows if row["rank"])
    wanted = sorted({line(row) for row in shown if row["rank"]}, key=lambda key: (-held[key], str(key)))[:LINES]
    found = []
    for key in wanted:
        own = [row for row in rows if row["rank"] and line(row) == key]
        low, high = (end(row["value"] for row in own) for end in (min, max))
        found += [
            {
                **{name: row[name] for name in COMPARED},
                "position": (row["value"] - low) / (high - low) if high > low else 0.5,
            }
            for row in own
        ]
    return {"compared": pa.Table.from_pylist(found)} if found else {}


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    """What can be compared first, then what is about a field, then the rest; equals as they stand in the documents."""
    return (
        row["region_id"], row["rank"] is None, row["field_id"] is None, row["field_id"] or "",
        row["measure_id"] is None, row["measure_id"] or "", row["year"] or 9999,
    )  # fmt: skip


def _first(rows: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["region_id"], row)
    return found


def _reported(found: list[dict[str, Any]], unit: str | None, year: int) -> dict[str, dict[str, Any]]:
    """What each place reports in a unit for the newest year before one, else without a year; of several the first."""
    own = [row for row in found if row["status"] == "achieved" and row["doubt"] is None and row["unit"] == unit]
    own = [row for row in own if row["year"] is None or row["year"] < year]
    return _first(sorted(own, key=lambda row: -(row["year"] or 0)))


def _headline(read: Corpus, rows: list[dict[str, Any]], status: Wanted) -> Text:
    places = {row["region_id"] for row in rows}
    due = [row["year"] for row in rows if row["year"] and not row["doubt"] and row["status"] == "target"]
    later = both("policy.targets.later", year=max(due), far=due.count(max(due))) if due else {"en": "", "zh": ""}
    values = {
        "what": both(f"policy.targets.what.{status}"),
        "count": f"{len(rows):,}",
        "fields": f"{sum(row['field_id'] is not None for row in rows):,}",
        "later": later,
    }
    if len(places) == 1:
        return both("policy.targets.headline.place", place=name(read.ws, rows[0]["region_id"]), **values)
    return both("policy.targets.headline.all", places=len(places), **values)


def _standing(read: Corpus, rows: list[dict[str, Any]], measure: str, unit: str) -> Text:
    from foreland.core.columns import unit_label, write_amount
    from foreland.i18n import LANGUAGES

    def written(row: dict[str, Any]) -> Text:
        return {
            language: f"{row['comparator'].replace('=', '')}{write_amount(row['value'], language)}"
            + (" " if unit != "%" and language == "en" else "")
            + unit_label(unit, language)
            for language in LANGUAGES
        }

    ws, what = read.ws, name(read.ws, measure)
    focus = next((row for row in rows if row["region_id"] == read.scope.focus), None)
    if focus is not None:
        return both(
            "policy.ambition.headline.place", place=name(ws, focus["region_id"]), measure=what, value=written(focus),
            year=focus["year"], rank=focus["rank"], of=focus["of"],
        )  # fmt: skip
    first, last = rows[0], rows[-1]
    which = "absent" if read.scope.focus else "all" if first["value"] > last["value"] else "same"
    return both(
        f"policy.ambition.headline.{which}", measure=what, year=first["year"], of=len(rows),
        high=name(ws, first["region_id"]), highest=written(first),
        low=name(ws, last["region_id"]), lowest=written(last), place=name(ws, read.scope.focus),
    )  # fmt: skip

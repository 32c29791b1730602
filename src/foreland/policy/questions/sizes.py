"""How large a place is: its output and its people, to hold a promise against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foreland.core.provenance import Input
from foreland.policy.questions.view import Corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

GDP = "gdp"
POPULATION = "population"


def gdp_of(read: Corpus) -> dict[str, float]:
    """Gross product in yuan by place: loaded figures first, else what the place's own documents report."""
    told: dict[str, tuple[tuple[int, bool], float]] = {}
    for row in read.passages("quantity", measure=GDP, status="achieved", unit="CNY"):
        if row["doubt"] is not None or row["field_id"] is not None:
            continue
        # The newest year, and a figure before a bound ("over nine trillion"); of equals the first.
        place = read.documents[read.ids[row["document_id"]]]["region_id"]
        order = (row["year"] or 0, row["comparator"] == "=")
        if place not in told or order > told[place][0]:
            told[place] = (order, float(row["value"]))
    return {place: value for place, (_, value) in told.items()} | _observed(read.ws, GDP, "CNY")


def population_of(read: Corpus) -> dict[str, float]:
    """Inhabitants by place, from loaded figures."""
    return _observed(read.ws, POPULATION)


def size_inputs(read: Corpus) -> tuple[Input, ...]:
    """The loaded figures behind sizes, for the provenance."""
    found = []
    for indicator, unit in ((GDP, "CNY"), (POPULATION, None)):
        sources = sorted({source for _, source in _figures(read.ws, indicator, unit).values()})
        if sources:
            hashes = {source: read.ws.sources[source].content_hash for source in sources}
            places = set(read.regions) & set(_figures(read.ws, indicator, unit))
            found.append(
                Input("observation", {"indicator_id": indicator}, len(places), hashes, {"region_id": "region_id"})
            )
    return tuple(found)


def _observed(ws: Workspace, indicator: str, unit: str | None = None) -> dict[str, float]:
    return {place: value for place, (value, _) in _figures(ws, indicator, unit).items()}


def _figures(ws: Workspace, indicator: str, unit: str | None) -> dict[str, tuple[float, str]]:
    """The newest figure of an indicator by place, all fields together, in one unit, and its source."""

    def read() -> dict[str, tuple[float, str]]:
        rows, known = ws.table("observation"), ws.table("indicator")
        if unit:
            rows = rows.semi_join(known.filter(known.unit == unit), ["indicator_id", "source_id"])
        rows = rows.filter((rows.indicator_id == indicator) & rows.value.notnull() & rows.field_id.endswith(":total"))
        rows = rows.select("region_id", "period", "value", "source_id").order_by(["region_id", "period", "source_id"])
        return {row["region_id"]: (float(row["value"]), row["source_id"]) for row in ws.to_arrow(rows).to_pylist()}

    found: dict[str, tuple[float, str]] = ws.cache.remember(("policy.size", indicator, unit), read)
    return found

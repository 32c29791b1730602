"""How large a place is: its output and its people, to hold a promise against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from foreland.policy.questions.view import Corpus

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

GDP = "gdp"
POPULATION = "population"


def gdp_of(read: Corpus) -> dict[str, float]:
    """Gross product in yuan by place: loaded figures first, else what the place's own documents report."""
    found = {
        read.documents[read.ids[row["document_id"]]]["region_id"]: float(row["value"])
        for row in read.passages("quantity", measure=GDP, status="achieved", unit="CNY")
        if row["doubt"] is None
    }
    return found | _observed(read.ws, GDP)


def population_of(read: Corpus) -> dict[str, float]:
    """Inhabitants by place, from loaded figures."""
    return _observed(read.ws, POPULATION)


def _observed(ws: Workspace, indicator: str) -> dict[str, float]:
    """The newest figure of an indicator by place, all fields together."""
    key = f"policy.size.{indicator}"
    if key not in ws.cache:
        rows = ws.table("observation")
        rows = rows.filter((rows.indicator_id == indicator) & rows.value.notnull() & rows.field_id.endswith(":total"))
        rows = rows.select("region_id", "period", "value", "source_id").order_by(["region_id", "period", "source_id"])
        ws.cache[key] = {row["region_id"]: float(row["value"]) for row in ws.to_arrow(rows).to_pylist()}
    found: dict[str, Any] = ws.cache[key]
    return found

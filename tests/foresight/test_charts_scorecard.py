"""What the charts of scorecard and forecast draw is what the tables say."""

from __future__ import annotations

from typing import Any

import pytest

from foreland.core.finding import Finding
from foreland.data.workspace import Workspace

SCOPE = {"scheme": "ncses_env", "indicator": "uspto_patents"}


@pytest.fixture(scope="module")
def card(packed: Workspace) -> Finding:
    return packed.ask("foresight.scorecard", **SCOPE)


@pytest.fixture(scope="module")
def calls(packed: Workspace) -> Finding:
    return packed.ask("foresight.forecast", **SCOPE)


def drawn(finding: Finding, name: str, column: str) -> list[dict[str, Any]]:
    """The rows of a chart that have a column."""
    spec = finding.chart(name, "en").to_dict()
    found: list[dict[str, Any]] = []
    for values in spec.get("datasets", {}).values():
        found += [row for row in values if column in row]
    layers: list[dict[str, Any]] = [spec]
    while layers:
        layer = layers.pop()
        layers += [part for key in ("layer", "hconcat", "vconcat") for part in layer.get(key, [])]
        found += [row for row in layer.get("data", {}).get("values", []) if column in row]
    return found


def test_ticks_stand_where_calls_came_true(card: Finding) -> None:
    said = {(r["region_id"], r["field_id"], r["period"]): r["came_true"] for r in card.tables["calls"].to_pylist()}
    rows = drawn(card, "calls", "sign")
    assert len({(row["region_id"], row["field_id"]) for row in rows}) == 30
    for row in rows:
        assert (row["sign"] == "✓") == said[row["region_id"], row["field_id"], row["period"]]
    most = {unit: sum(key[:2] == unit for key in said) for unit in {key[:2] for key in said}}
    shown = {(row["region_id"], row["field_id"]) for row in rows}
    assert min(most[unit] for unit in shown) >= max([0, *(n for unit, n in most.items() if unit not in shown)])


def test_every_caller_has_its_dot_and_interval_at_both_horizons(card: Finding) -> None:
    rows = drawn(card, "scores", "precision_low")
    assert {(row["caller"], row["horizon"]) for row in rows} == {(r["caller"], r["horizon"]) for r in card.rows()}
    lines = {row["within"]: row["base_rate"] for row in drawn(card, "scores", "within") if "caller" not in row}
    assert sorted(lines.values()) == sorted({row["base_rate"] for row in card.rows()})


def test_reliability_draws_the_bins_of_the_first_horizon(card: Finding) -> None:
    bins = [row for row in card.tables["bins"].to_pylist() if row["horizon"] == 3]
    rows = drawn(card, "reliability", "called")
    assert {(r["caller"], r["chance"], r["came"]) for r in rows} == {
        (b["caller"], b["chance"], b["came"]) for b in bins
    }
    assert all(0 <= row["came"] <= 1 for row in rows)


def test_chances_are_those_of_the_rows(calls: Finding) -> None:
    rows = drawn(calls, "chances", "model_chance")
    unique = list({row["rank"]: row for row in rows}.values())
    told = [(r["rank"], r["chance"], r["model_chance"]) for r in calls.rows()]
    assert sorted((row["rank"], row["chance"], row["model_chance"]) for row in unique) == told


def test_years_without_a_call_keep_their_place(calls: Finding) -> None:
    spec = calls.chart("before", "en").to_dict()
    domain = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert [int(year) for year in domain] == list(range(int(domain[0]), int(domain[-1]) + 1))


@pytest.mark.parametrize("name", ["scores", "origins", "reliability", "calls"])
def test_charts_say_the_finding_in_both_languages(card: Finding, name: str) -> None:
    for language in ("en", "zh"):
        spec = card.chart(name, language).to_dict()
        assert spec["description"] == card.headline[language]

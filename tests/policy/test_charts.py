"""The charts of promise against backing, drawn from the pack and from answers with next to nothing in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from foreland.charts.theme import colour
from foreland.core.finding import Finding
from foreland.core.registry import chart_names, find_question
from foreland.data.packs import install
from foreland.data.workspace import open_workspace
from foreland.policy.charts.promise import NAMED, SIGNS, TOKENS
from foreland.policy.promise import STANCES

QUESTION = "policy.promise"
ASKED: dict[str, dict[str, str]] = {"place": {"region": "CN-ZJ"}, "field": {"field": "iotf:quantum"}, "all": {}}


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    ws = open_workspace(tmp_path_factory.mktemp("packs"))
    install(ws, "china-provinces")
    return {name: find_question(QUESTION)(ws, **scope) for name, scope in ASKED.items()}


def drawn(finding: Finding, name: str, language: str = "zh") -> dict[str, Any]:
    return finding.chart(name, language).to_dict()  # type: ignore[arg-type]


def values(spec: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    yield from spec["datasets"].values()


def largest(spec: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return max(([row for row in rows if key in row] for rows in values(spec)), key=len, default=[])


def test_the_charts_are_those_the_texts_name_and_every_stance_can_be_drawn() -> None:
    assert chart_names(QUESTION) == ("quadrant", "bars", "map")
    assert set(TOKENS) == set(SIGNS) == set(STANCES)
    assert len(set(SIGNS.values())) == len(STANCES)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("name", chart_names(QUESTION))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_chart_becomes_a_picture(findings: dict[str, Finding], asked: str, name: str, language: str) -> None:
    from foreland.charts.pictures import chart_svg

    finding = findings[asked]
    spec = drawn(finding, name, language)
    assert "".join(spec["title"]["text"]).replace(" ", "") == finding.headline[language].replace(" ", "")  # type: ignore[index]
    assert "NaN" not in chart_svg(spec)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("name", chart_names(QUESTION))
def test_charts_survive_answers_with_next_to_nothing_in_them(
    findings: dict[str, Finding], asked: str, name: str
) -> None:
    def spoiled(table: pa.Table) -> pa.Table:
        nan = pa.array(np.full(table.num_rows, np.nan))
        return pa.table({f.name: nan if pa.types.is_floating(f.type) else table[f.name] for f in table.schema})

    table = findings[asked].table
    for poor in (table.slice(0, 1), table.slice(0, 0), pa.table({}), spoiled(table)):
        assert "title" in drawn(dataclasses.replace(findings[asked], table=poor), name)


@pytest.mark.parametrize("asked", ASKED)
def test_the_quadrant_draws_every_judged_row_in_square_roots(findings: dict[str, Finding], asked: str) -> None:
    finding = findings[asked]
    judged = {(row["region_id"], row["field_id"]): row for row in finding.rows() if row["stance"] != "too_few"}
    dots = largest(drawn(finding, "quadrant"), "s0")
    assert len(dots) == len(judged)
    for dot in dots:
        row = judged[dot["region_id"], dot["field_id"]]
        assert dot["s0"] ** 2 == pytest.approx(row["attention"])
        assert dot["s1"] ** 2 == pytest.approx(row["backing"])
        # The crossing at one parts the four stances.
        assert (dot["s0"] >= 1) == (row["stance"] in ("over_promised", "backed"))
        assert (dot["s1"] >= 1) == (row["stance"] in ("quiet_strength", "backed"))


def test_among_many_dots_only_clear_ones_are_named(findings: dict[str, Finding]) -> None:
    named = [row for rows in values(drawn(findings["all"], "quadrant")) for row in rows if "short" in row]
    assert 0 < len(named) <= NAMED
    assert all(row["clear"] for row in named)


def test_bars_of_many_pairs_begin_with_what_the_headline_counts(findings: dict[str, Finding]) -> None:
    clear = {
        (row["region_id"], row["field_id"])
        for row in findings["all"].rows()
        if row["stance"] == "over_promised" and row["clear"]
    }
    bars = largest(drawn(findings["all"], "bars"), "s0")
    assert {(b["region_id"], b["field_id"]) for b in bars[: len(clear)]} == clear


def test_the_map_of_a_field_says_every_stance_by_colour_sign_and_fill(findings: dict[str, Finding]) -> None:
    finding = findings["field"]
    tiles = {row["region_id"]: row for row in largest(drawn(finding, "map"), "tile_row")}
    for row in finding.rows():
        tile = tiles[row["region_id"]]
        assert tile["sign"] == SIGNS[row["stance"]]
        assert tile["edge"] == colour(TOKENS[row["stance"]])
        assert (tile["fill"] == tile["edge"]) == row["clear"]
    assert tiles["CN-TW"]["sign"] == "—"


def test_the_map_of_all_fields_counts_clear_promises_beyond_backing(findings: dict[str, Finding]) -> None:
    tiles = {row["region_id"]: row["over_promised"] for row in largest(drawn(findings["all"], "map"), "tile_row")}
    clear = [row["region_id"] for row in findings["all"].rows() if row["stance"] == "over_promised" and row["clear"]]
    assert sum(count or 0 for count in tiles.values()) == len(clear)
    assert all(tiles[place] == clear.count(place) for place in set(clear))

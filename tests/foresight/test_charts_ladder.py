"""The charts of the ladder, drawn from the pack and from answers with next to nothing in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from foreland.core.finding import Finding
from foreland.core.registry import chart_names, find_question
from foreland.data.packs import install
from foreland.data.workspace import open_workspace

QUESTION = "foresight.catch_up"


@pytest.fixture(scope="module")
def finding(tmp_path_factory: pytest.TempPathFactory) -> Finding:
    ws = open_workspace(tmp_path_factory.mktemp("packs"))
    install(ws, "world-technology")
    return find_question(QUESTION)(ws, region="CN")


def drawn(finding: Finding, name: str, language: str = "zh") -> dict[str, Any]:
    return finding.chart(name, language).to_dict()  # type: ignore[arg-type]


def layers(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every layer with the rows it draws, its own or those of what it stands in."""
    inner = spec.get("layer", [])
    if not inner:
        yield {**spec, "data": {"values": spec["datasets"][spec["data"]["name"]]}}
    for part in inner:
        yield from layers({"data": spec.get("data"), "datasets": spec["datasets"], **part})


def test_the_charts_are_those_the_texts_name_in_their_order() -> None:
    assert chart_names(QUESTION) == ("ladder", "ratio", "lines", "top_cited")


@pytest.mark.parametrize("name", chart_names(QUESTION))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_chart_becomes_a_picture(finding: Finding, name: str, language: str) -> None:
    from foreland.charts.pictures import chart_svg

    spec = drawn(finding, name, language)
    assert "".join(spec["title"]["text"]).replace(" ", "") == finding.headline[language].replace(" ", "")  # type: ignore[index]
    assert "NaN" not in chart_svg(spec)


@pytest.mark.parametrize("name", chart_names(QUESTION))
def test_charts_survive_answers_with_next_to_nothing_in_them(finding: Finding, name: str) -> None:
    def spoiled(table: pa.Table) -> pa.Table:
        nan = pa.array(np.full(table.num_rows, np.nan))
        return pa.table({f.name: nan if pa.types.is_floating(f.type) else table[f.name] for f in table.schema})

    for reduce in (lambda t: t.slice(0, 1), lambda t: t.slice(0, 0), lambda t: pa.table({}), spoiled):
        tables = {key: reduce(table) for key, table in finding.tables.items()}
        poor = dataclasses.replace(finding, table=reduce(finding.table), tables=tables)
        assert "title" in drawn(poor, name)
        assert "title" in drawn(dataclasses.replace(poor, tables={}), name)


def test_the_ladder_has_a_cell_for_every_field_and_year_and_names_long_steps(finding: Finding) -> None:
    cells, names = layers(drawn(finding, "ladder", "en"))
    series = finding.tables["series"].to_pylist()
    told = {(row["field_id"], row["period"]): row["stage"] for row in series if row["stage"]}
    shown = {(row["field_id"], row["period"]): row["stage"] for row in cells["data"]["values"]}
    assert shown == told
    texts = {"Follower": "follower", "Rival": "rival", "Leader": "leader"}
    for row in names["data"]["values"]:
        assert texts[row["word"]] == told[row["field_id"], row["period"]]
        before = str(int(row["period"]) - 1)
        assert told.get((row["field_id"], before)) != row["stage"]
        assert all(
            told[row["field_id"], str(int(row["period"]) + i)] == row["stage"] for i in range(row["long"])
        )  # fmt: skip


def test_ratios_are_coloured_by_stage_with_lines_at_parity_and_at_the_rival_threshold(finding: Finding) -> None:
    bars, parity, rival, _ = layers(drawn(finding, "ratio"))
    assert bars["encoding"]["x"]["scale"]["type"] == "log"
    assert [row["field_id"] for row in bars["data"]["values"]] == [row["field_id"] for row in finding.rows()]
    assert [row["at"] for row in parity["data"]["values"]] == [1]
    assert [row["at"] for row in rival["data"]["values"]] == [0.5]
    for row in bars["data"]["values"]:
        assert (row["stage"] == "leader") == (row["lead_ratio"] >= 1)
        assert (row["stage"] == "follower") == (row["lead_ratio"] < 0.5)


def test_the_lines_colour_the_fields_that_moved_most_and_least(finding: Finding) -> None:
    rows = next(layers(drawn(finding, "lines")))["data"]["values"]
    moved = sorted(finding.rows(), key=lambda row: -abs(row["share"] - row["share_before"]))
    wanted = {row["field_id"] for row in [*moved[:3], *moved[-2:]]}
    assert {row["field_id"] for row in rows if row["focus"]} == wanted
    assert {row["field_id"] for row in rows} == {row["field_id"] for row in moved}

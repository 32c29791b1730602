"""Every chart of the room, drawn from the packs and from answers with next to nothing in them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from foreland.core.finding import Finding
from foreland.core.registry import chart_names, find_question, questions
from foreland.data.packs import install
from foreland.data.workspace import Workspace, open_workspace
from foreland.i18n import has

WORLD = {"region": "CN", "scheme": "wipo35", "indicator": "patent_families"}
QUESTIONS = tuple(questions("capability"))
CHARTS = [(question, name) for question in QUESTIONS for name in chart_names(question)]


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("packs"))
    install(ws, "china-provinces")
    install(ws, "world-technology")
    return ws


@pytest.fixture(scope="module")
def findings(ws: Workspace) -> dict[str, Finding]:
    return {name: find_question(name)(ws, **find_question(name).example) for name in QUESTIONS}


def drawn(finding: Finding, name: str, language: str = "zh") -> dict[str, Any]:
    return finding.chart(name, language).to_dict()  # type: ignore[arg-type]


def values(spec: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The rows of every layer, however deep."""
    yield from spec["datasets"].values()


def largest(spec: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The rows of the layer that draws a column most often."""
    return max(([row for row in rows if key in row] for rows in values(spec)), key=len, default=[])


def test_every_question_has_the_charts_its_texts_name() -> None:
    from foreland.i18n.bundled import bundled_rows

    named = [row["key"].split(".chart.") for row in bundled_rows("capability", "texts.csv") if ".chart." in row["key"]]
    wanted: dict[str, list[str]] = {}
    for question, name in named:
        if question in QUESTIONS:
            wanted.setdefault(question, []).append(name)
    assert {question: list(chart_names(question)) for question in QUESTIONS} == wanted


@pytest.mark.parametrize(("question", "name"), CHARTS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_chart_becomes_a_picture_that_states_the_finding(
    findings: dict[str, Finding], question: str, name: str, language: str
) -> None:
    from foreland.charts.pictures import chart_svg

    finding = findings[question]
    spec = drawn(finding, name, language)
    assert "".join(spec["title"]["text"]).replace(" ", "") == finding.headline[language].replace(" ", "")  # type: ignore[index]
    svg = chart_svg(spec)
    assert "NaN" not in svg
    assert "undefined" not in svg
    assert has(f"{question}.chart.{name}")


def spoiled(table: pa.Table) -> pa.Table:
    columns = {
        field.name: pa.array(np.full(table.num_rows, np.nan)) if pa.types.is_floating(field.type) else table[field.name]
        for field in table.schema
    }
    return pa.table(columns)


@pytest.mark.parametrize(("question", "name"), CHARTS)
def test_charts_survive_answers_with_next_to_nothing_in_them(
    findings: dict[str, Finding], question: str, name: str
) -> None:
    finding = findings[question]
    for reduce in (lambda t: t.slice(0, 1), lambda t: t.slice(0, 0), lambda t: pa.table({}), spoiled):
        tables = {key: reduce(table) for key, table in finding.tables.items()}
        poor = dataclasses.replace(finding, table=reduce(finding.table), tables=tables)
        assert "title" in drawn(poor, name)
        assert "title" in drawn(dataclasses.replace(poor, tables={}, workspace=None), name, "en")


def test_quotients_stand_on_a_logarithmic_scale_around_one(findings: dict[str, Finding]) -> None:
    finding = findings["capability.specialisation"]
    rows = largest(drawn(finding, "bars"), "at")
    known = {row["field_id"]: row for row in finding.rows()}
    assert {row["field_id"] for row in rows} == set(known)
    for row in rows:
        assert row["one"] == 1
        assert row["at"] == pytest.approx(max(known[row["field_id"]]["specialisation"], row["at"]))
        assert row["t_specialisation"] == f"{known[row['field_id']]['specialisation']:,.2f}"
    bar = drawn(finding, "bars")["layer"][0]
    assert bar["encoding"]["x"]["scale"]["type"] == "log"
    low, high = bar["encoding"]["x"]["scale"]["domain"]
    assert all(low <= row["at"] <= high for row in rows)


def test_one_place_has_no_heat_map_and_several_do(ws: Workspace, findings: dict[str, Finding]) -> None:
    alone = findings["capability.specialisation"]
    assert drawn(alone, "heatmap") == drawn(alone, "bars")
    everyone = find_question("capability.specialisation")(ws, scheme="wipo35", indicator="patent_families")
    cells = largest(drawn(everyone, "heatmap"), "specialisation")
    places = {row["region_id"] for row in everyone.rows()}
    fields = {row["field_id"] for row in everyone.rows()}
    assert len(cells) == min(len(places), 40) * min(len(fields), 40)
    told = {(row["region_id"], row["field_id"]): row["specialisation"] for row in everyone.rows()}
    assert all(cell["specialisation"] == told.get((cell["region_id"], cell["field_id"])) for cell in cells)


def test_the_map_of_one_field_shows_its_quotients_that_of_several_counts_strengths(ws: Workspace) -> None:
    ask = find_question("capability.specialisation")
    one = ask(ws, scheme="iotf", level="province", field="iotf:quantum")
    tiles = {row["region_id"]: row["specialisation"] for row in largest(drawn(one, "map"), "tile_row")}
    assert all(tiles[row["region_id"]] == pytest.approx(row["specialisation"]) for row in one.rows())
    everyone = ask(ws, scheme="wipo35", indicator="patent_families")
    counts = {row["region_id"]: row["strengths"] for row in largest(drawn(everyone, "map"), "tile_row")}
    strong = [row["region_id"] for row in everyone.rows() if row["standing"] == "strength"]
    assert sum(count or 0 for count in counts.values()) == len(strong)
    assert counts["CN"] == strong.count("CN")


def test_parts_of_a_change_add_up_to_it(findings: dict[str, Finding]) -> None:
    finding = findings["capability.growth"]
    pieces = largest(drawn(finding, "bars"), "part")
    assert len(pieces) == 3 * min(len(finding), 35)
    sums: dict[str, float] = {}
    for piece in pieces:
        sums[piece["field_id"]] = sums.get(piece["field_id"], 0) + piece["amount"]
    gained = {row["field_id"]: row["gained"] for row in finding.rows()}
    assert all(total == pytest.approx(gained[field]) for field, total in sums.items())


def test_growth_everywhere_is_growth_here_less_the_gap(findings: dict[str, Finding]) -> None:
    finding = findings["capability.growth"]
    points = largest(drawn(finding, "scatter"), "area")
    rows = {row["field_id"]: row for row in finding.rows()}
    assert len(points) == len(rows)
    for point in points:
        row = rows[point["field_id"]]
        assert point["growth_all"] + row["growth_gap"] == pytest.approx(point["growth"])
        assert point["focus"] == (row["growth_gap"] > 0)


def test_the_product_space_draws_every_link_and_marks_what_the_place_has(findings: dict[str, Finding]) -> None:
    finding = findings["capability.relatedness"]
    spec = drawn(finding, "network")
    assert len(largest(spec, "px2")) == len(finding)
    marked = {row["field_id"] for row in largest(spec, "present") if row["focus"]}
    assert marked == {row["field_id"] for row in finding.tables["nodes"].to_pylist() if row["present"]}


def test_the_matrix_of_links_is_symmetric(findings: dict[str, Finding]) -> None:
    finding = findings["capability.relatedness"]
    cells = {(row["field_id"], row["other_id"]): row["proximity"] for row in largest(drawn(finding, "heatmap"), "over")}
    assert len(cells) == 2 * len(finding)
    assert all(cells[b, a] == value for (a, b), value in cells.items())


def test_entries_come_before_exits_and_small_quotients_stay_on_the_scale(findings: dict[str, Finding]) -> None:
    finding = findings["capability.entry"]
    base = finding.rows()[0]
    rows = [
        {**base, "field_id": "wipo35:1", "event": "exit", "specialisation_before": 1.2, "specialisation": 0.0},
        {**base, "field_id": "wipo35:2", "event": "entry", "specialisation_before": 0.0, "specialisation": 1.4},
    ]
    made = dataclasses.replace(finding, table=pa.Table.from_pylist(rows))
    points = largest(drawn(made, "bars"), "ring")
    assert [point["event"] for point in points] == ["entry", "exit"]
    assert [point["up"] for point in points] == [True, False]
    assert all(math.isfinite(math.log(point[end])) for point in points for end in ("from", "to"))


def test_ranks_are_drawn_for_every_indicator_best_first(findings: dict[str, Finding]) -> None:
    finding = findings["capability.position"]
    points = largest(drawn(finding, "ranks"), "third")
    assert len(points) == len(finding)
    standing = [point["rank"] / point["of"] for point in points]
    assert standing == sorted(standing)
    assert [point["band"] for point in points] == [0 if s <= 1 / 3 else 1 if s <= 2 / 3 else 2 for s in standing]


def test_the_axis_of_values_names_indicator_and_unit(findings: dict[str, Finding]) -> None:
    bars = drawn(findings["capability.ranking"], "bars", "en")
    assert bars["layer"][0]["encoding"]["x"]["axis"]["title"].endswith("(yuan)")


def test_bars_and_map_of_a_ranking_show_the_last_period_only(findings: dict[str, Finding]) -> None:
    finding = findings["capability.ranking"]
    last = max(row["period"] for row in finding.rows())
    wanted = {row["region_id"]: row["value"] for row in finding.rows() if row["period"] == last}
    bars = {row["region_id"]: row["value"] for row in largest(drawn(finding, "bars"), "t_value")}
    assert bars == wanted


def test_the_best_five_opportunities_stand_out(findings: dict[str, Finding]) -> None:
    finding = findings["capability.opportunities"]
    points = largest(drawn(finding, "scatter"), "area")
    assert {p["field_id"] for p in points if p["focus"]} == {row["field_id"] for row in finding.rows()[:5]}
    gains = sorted(points, key=lambda p: p["gain"])
    assert [p["area"] for p in gains] == sorted(p["area"] for p in points)


def test_a_forecast_is_drawn_where_there_is_one(ws: Workspace, findings: dict[str, Finding]) -> None:
    ask = find_question("capability.entry_model")
    asked = ask(ws, **{**WORLD, "region": "RU"})
    bars = largest(drawn(asked, "forecast"), "t_probability")
    assert len(bars) == asked.tables["forecast"].num_rows > 0
    assert drawn(ask(ws, **{k: v for k, v in WORLD.items() if k != "region"}), "forecast") == drawn(
        ask(ws, **{k: v for k, v in WORLD.items() if k != "region"}), "dots"
    )

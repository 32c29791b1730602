"""Curves over a measured axis, and the ends of lines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.chains.landed import made_up, workspace

from foreland.charts import bump, curve, heatmap, lines, quadrant, scatter
from foreland.charts.theme import text_width, use_size
from foreland.charts.trends import MOST_GREY, apart, line_ends
from foreland.core.finding import Finding


@pytest.fixture(scope="module")
def finding(tmp_path_factory: pytest.TempPathFactory) -> Finding:
    ws = workspace(tmp_path_factory.mktemp("curves"), {"2020": made_up(5)})
    return ws.ask("chains.linkages", region="CN")


def rows(*paths: tuple[str, list[float]]) -> list[dict[str, Any]]:
    return [
        {"field_id": name, "day": day, "produced": value, "curve_low": value - 0.1, "curve_high": value + 0.1}
        for name, path in paths
        for day, value in enumerate(path)
    ]


def layers(chart: Any, kind: str) -> list[dict[str, Any]]:
    return [layer for layer in chart.to_dict()["layer"] if layer["mark"]["type"] == kind]


def test_a_band_lies_around_its_line_on_the_same_scale(finding: Finding) -> None:
    drawn = curve(finding, rows(("toy6:1", [1, 0.9, 1])), x="day", y="produced", band=("curve_low", "curve_high"))
    (area,), (line,) = layers(drawn, "area"), layers(drawn, "line")
    assert (area["encoding"]["y"]["field"], area["encoding"]["y2"]["field"]) == ("curve_low", "curve_high")
    assert area["encoding"]["y"]["scale"]["domain"] == line["encoding"]["y"]["scale"]["domain"]
    assert line["encoding"]["y"]["scale"]["domain"] == pytest.approx([0.8, 1.1])


def test_a_curve_that_falls_far_is_drawn_from_zero(finding: Finding) -> None:
    (line,) = layers(curve(finding, rows(("toy6:1", [1, 0.2, 1])), x="day", y="produced"), "line")
    assert line["encoding"]["y"]["scale"]["domain"] == [0, 1]


def test_series_are_named_at_the_end_of_their_lines(finding: Finding) -> None:
    made = rows(("toy6:1", list(np.linspace(0, 1, 12))), ("toy6:2", list(np.linspace(1, 0, 12))))
    drawn = curve(finding, made, x="day", y="produced", series="field_id").to_dict()
    (text,) = [layer for layer in drawn["layer"] if layer["mark"]["type"] == "text"]
    ends = text["data"].get("values") or drawn["datasets"][text["data"]["name"]]
    assert {(row["field_id"], row["day"], row["produced"]) for row in ends} == {("toy6:1", 11, 1.0), ("toy6:2", 11, 0)}


def test_nothing_is_said_where_there_is_nothing(finding: Finding) -> None:
    drawn = curve(finding, [], x="day", y="produced").to_dict()
    assert drawn["mark"]["type"] == "text"


def test_numbers_are_ordered_as_numbers_and_years_as_words() -> None:
    ends = line_ends([{"name": "a", "x": n, "y": n} for n in (8, 9, 10)], "x", "y")
    assert [row["x"] for row in ends] == [10]
    ends = line_ends([{"name": "a", "x": year, "y": 1} for year in ("2021", "2019")], "x", "y")
    assert [row["x"] for row in ends] == ["2021"]


def test_names_keep_their_distance() -> None:
    close = [{"name": str(n), "y": 1.0 + n / 1e6} for n in range(5)]
    placed = sorted(row["pixel"] for row in apart(close, "y", 300, [0.0, 2.0], zero=False))
    assert (np.diff(placed) >= 14).all()


def test_no_layer_is_without_rows(finding: Finding) -> None:
    made = rows(("toy6:1", [0, 1, 2]), ("toy6:2", [2, 1, 0]))
    for focus, kinds in (((), 1), ("toy6:1", 2), (["toy6:1", "toy6:2"], 1)):
        drawn = lines(finding, made, x="day", y="produced", series="field_id", focus=focus)
        assert len(layers(drawn, "line")) == kinds


def test_narrow_columns_name_as_many_as_have_room(finding: Finding) -> None:
    for count in (4, 30, 60):
        cells = [{"field_id": "toy6:1", "period": f"{n:04d} of many years", "produced": float(n)} for n in range(count)]
        with use_size("narrow"):
            drawn = heatmap(finding, cells, x="period", y="field_id", value="produced").to_dict()
        inner, across = drawn["vconcat"][1]["width"], drawn["vconcat"][1]["encoding"]["x"]
        named = across["axis"]["values"]
        assert named[0] == across["sort"][0]
        assert inner / len(named) >= 13 or len(named) == 1
        assert len(named) == count or inner / count < 13


def test_a_hundred_grey_lines_are_thinned_and_those_asked_about_stay(finding: Finding) -> None:
    made = rows(*((f"toy6:x{n}", [float(n), float(n)]) for n in range(120)))
    drawn = lines(finding, made, x="day", y="produced", series="field_id", focus="toy6:x3").to_dict()
    held = [row for values in drawn["datasets"].values() for row in values if "tone" in row and "pixel" not in row]
    assert {row["field_id"] for row in held} == {"toy6:x3", *(f"toy6:x{n}" for n in range(120 - MOST_GREY, 120))}


def test_a_rank_far_below_squeezes_no_others(finding: Finding) -> None:
    made = [
        {"field_id": f"toy6:{n}", "period": str(year), "rank": 90 if n == 5 and year == 2000 else n}
        for year in (2000, 2001)
        for n in range(1, 6)
    ]
    for focus, deepest in ((["toy6:1"], 5), (["toy6:5"], 90)):
        drawn = bump(finding, made, label="field_id", focus=focus, limit=5).to_dict()
        assert {layer["encoding"]["y"]["scale"]["domain"][1] for layer in layers_on_ranks(drawn)} == {deepest}


def layers_on_ranks(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    return [layer for layer in drawn["layer"] if layer["encoding"]["y"].get("field") == "rank"]


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_the_lowest_point_of_a_cloud_is_named_where_no_corner_is(finding: Finding, size: Any) -> None:
    made = [{"field_id": f"toy6:{n}", "produced": float(n), "day": float(n)} for n in range(1, 5)]
    with use_size(size):
        drawn = scatter(finding, made, x="day", y="produced", label="field_id").to_dict()
    named = {row["field_id"] for values in drawn["datasets"].values() for row in values if "short" in row}
    assert "toy6:1" in named


def test_words_in_corners_stand_clear_of_points(finding: Finding) -> None:
    made = [{"field_id": f"toy6:{n}", "produced": float(n), "day": float(n)} for n in range(1, 5)]
    drawn = quadrant(finding, made, x="day", y="produced", label="field_id", corners=("a", "b", "c", "d")).to_dict()
    low, high = next(
        layer["encoding"]["y"]["scale"]["domain"]
        for layer in drawn["layer"]
        if "scale" in layer["encoding"].get("y", {})
    )
    # Words of 13 pixels stand 6 pixels from the edge.
    for at in (1.0, 4.0):
        assert min(at - low, high - at) / (high - low) * drawn["height"] > 6 + 13 + 6
    named = {row["field_id"] for values in drawn["datasets"].values() for row in values if "short" in row}
    assert {"toy6:1", "toy6:4"} <= named


def test_words_of_two_corners_do_not_meet(finding: Finding) -> None:
    made = [{"field_id": f"toy6:{n}", "produced": float(n), "day": float(n)} for n in range(1, 5)]
    said = ("grows here, not in the world", "grows here and in the world", "c", "d")
    with use_size("narrow"):
        drawn = quadrant(finding, made, x="day", y="produced", label="field_id", corners=said).to_dict()
    words = [
        row["text"] for values in drawn["datasets"].values() for row in values if isinstance(row.get("text"), list)
    ]
    assert [" ".join(lines) for lines in words] == list(said)
    assert all(1.08 * text_width(line, 11) <= drawn["width"] / 2 for lines in words for line in lines)

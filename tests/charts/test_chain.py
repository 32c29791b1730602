"""The picture of a chain: every name is there, none covers another, and it is the same every time."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.charts.chain_places import Arranged, arrange
from foreland.charts.pictures import chart_svg
from foreland.charts.theme import WIDTHS, Size, use_size
from foreland.core.finding import Finding
from foreland.data.workspace import Workspace
from foreland.i18n import use_language

LINE = 14.0


@pytest.fixture(scope="module")
def finding(moonlamp: Workspace) -> Finding:
    return moonlamp.ask("chains.map", region="CN")


def node(k: int, layer: int, place: float, under: int | None = None, name: str | None = None) -> dict[str, Any]:
    return {"id": k, "layer": layer, "place": place, "under": under, "name": name or f"Product {k}"}


def arranged(nodes: list[dict[str, Any]]) -> Arranged:
    return arrange(nodes, "id")


def areas(found: Arranged) -> list[tuple[float, float, float, float]]:
    """What each name covers with its dot: left, top, right, bottom."""
    return [
        (box.x - 4, box.y - 6.5, box.x + box.wide, box.y + LINE * (len(box.lines) - 1) + 6.5) for box in found.boxes
    ]


def assert_readable(found: Arranged, nodes: list[dict[str, Any]]) -> None:
    assert [box.node for box in found.boxes] == list(range(len(nodes)))
    covered = areas(found)
    for left, top, right, bottom in covered:
        assert left >= 0
        assert top >= 0
        assert right <= found.wide + 1
        assert bottom <= found.high + 1
    for i, a in enumerate(covered):
        for b in covered[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)


WORDS = st.lists(st.sampled_from(["tools", "photo", "lithography", "x", "adv. pkg.", "晶圆", "材料与设备"]), min_size=1)


@st.composite
def chains(draw: st.DrawFn) -> list[dict[str, Any]]:
    count = draw(st.integers(1, 60))
    layers = draw(st.integers(1, 12))
    made = []
    for k in range(count):
        under = draw(st.none() | st.integers(0, count - 1))  # rings and nodes beneath themselves as well
        name = " ".join(draw(WORDS))[:80]
        made.append(node(k, draw(st.integers(0, layers - 1)), draw(st.floats(0, 9)), under, name))
    return made


@pytest.mark.parametrize("size", ["wide", "narrow"])
@given(nodes=chains())
def test_no_name_is_lost_or_covers_another(size: Size, nodes: list[dict[str, Any]]) -> None:
    with use_size(size):
        assert_readable(arranged(nodes), nodes)


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_three_hundred_nodes_are_readable(size: Size) -> None:
    nodes = [node(k, k * 11 // 300, k % 27, None, f"Manufacturing tools of kind {k}") for k in range(300)]
    with use_size(size):
        found = arranged(nodes)
        assert_readable(found, nodes)
        # A name each line of the page on a telephone, and no more.
        assert found.high < 20 * 300 + 11 * 40
        assert all("".join(box.lines).replace(" ", "") == nodes[box.node]["name"].replace(" ", "")
                   for box in found.boxes)  # fmt: skip


def test_layers_run_from_left_to_right_and_from_top_to_bottom() -> None:
    nodes = [node(k, layer, 0) for k, layer in enumerate((3, 1, 0, 2))]
    with use_size("wide"):
        x = [box.x for box in arranged(nodes).boxes]
        assert x[2] < x[1] < x[3] < x[0]
    with use_size("narrow"):
        y = [box.y for box in arranged(nodes).boxes]
        assert y[2] < y[1] < y[3] < y[0]


def test_variants_stand_beneath_their_type_and_further_in() -> None:
    nodes = [node(0, 1, 0), node(1, 1, 1, 0), node(2, 1, 2, 0), node(3, 1, 0, 1), node(4, 0, 0)]
    for size in ("wide", "narrow"):
        with use_size(size):
            boxes = arranged(nodes).boxes
            assert [boxes[k].indent for k in range(5)] == [0, 12, 12, 24, 0]
            assert boxes[0].y < boxes[1].y < boxes[3].y
            assert [boxes[k].heads for k in range(5)] == [True, True, False, False, False]


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_still_picture_writes_every_name(finding: Finding, size: Size, language: str) -> None:
    with use_size(size), use_language(language):  # type: ignore[arg-type]
        svg = chart_svg(finding.chart("layers", language).to_dict())  # type: ignore[arg-type]
    wide = float(re.search(r'width="([\d.]+)"', svg)[1])  # type: ignore[index]
    assert wide <= WIDTHS[size] + 4
    text = re.sub(r"\s+", "", "".join(re.findall(r">([^<>]+)<", svg)))
    for row in finding.rows():
        assert finding.name(row["field_id"], language).replace(" ", "") in text  # type: ignore[arg-type]


def test_the_same_chain_gives_the_same_picture(finding: Finding, moonlamp: Workspace) -> None:
    again = moonlamp.ask("chains.map", region="CN")
    first, second = (json.dumps(each.chart("layers", "en").to_dict(), sort_keys=True) for each in (finding, again))
    assert first == second


def test_links_lead_to_pages_of_ours(finding: Finding) -> None:
    svg = chart_svg(finding.chart("layers", "en").to_dict())
    links = re.findall(r'href="([^"]+)"', svg)
    assert len(links) >= 24
    assert all(link.startswith("/chains/node?field=moonlamp:") for link in links)
    assert "://" not in "".join(links)


def test_a_file_leads_nowhere_unless_it_was_made_by_a_site(finding: Finding) -> None:
    from foreland.charts.pictures import picture as file
    from foreland.charts.pictures import use_address

    assert "<a " not in file(finding, "layers", "en")
    with use_address("http://127.0.0.1:8321/"):
        assert 'href="http://127.0.0.1:8321/chains/node?field=' in file(finding, "layers", "en")


def test_it_can_be_searched_and_only_the_wide_one_moves(finding: Finding) -> None:
    specs = {}
    for size in ("wide", "narrow"):
        with use_size(size):
            specs[size] = json.dumps(finding.chart("layers", "zh").to_dict(), ensure_ascii=False)
    for spec in specs.values():
        assert '"input": "search"' in spec
        assert "moon lamp 月灯 moonlamp:moon lamp" in spec  # either language finds it
    assert '"bind": "scales"' in specs["wide"]
    assert '"bind": "scales"' not in specs["narrow"]

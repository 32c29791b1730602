"""chains.chokepoints: held against the made-up chain worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from tests.chains.landed import real

from foreland.core.errors import UsageError
from foreland.core.finding import Finding
from foreland.data.workspace import Workspace

PARTS = ("part_concentration", "part_substitutes", "part_position", "part_own")


@pytest.fixture(scope="module")
def finding(moonlamp: Workspace) -> Finding:
    return moonlamp.ask("chains.chokepoints", region="CN")


def row(finding: Finding, product: str) -> dict[str, object]:
    return next(row for row in finding.rows() if row["field_id"] == f"moonlamp:{product}")


def test_parts_are_those_worked_out_by_hand(finding: Finding) -> None:
    resist = row(finding, "dusk resist")
    assert resist["hhi"] == pytest.approx(90**2 + 6**2 + 2**2)
    assert resist["hhi_high"] == pytest.approx((90 + 2) ** 2 + 6**2 + 2**2)  # 2 % have no place
    assert resist["part_concentration"] == pytest.approx(0.814)
    assert resist["part_substitutes"] == 1
    assert resist["part_own"] == pytest.approx(0.98)
    assert (resist["leader_id"], resist["leader_share"], resist["supplier_places"]) == ("JP", 0.9, 2)
    # Nine steps have inputs: crystal, wafer, etching, plating, head, regulator, robot, lamp, test. The resist goes
    # into etching, and all but crystal, wafer, regulator and robot come after.
    assert resist["part_position"] == pytest.approx(5 / 9)
    assert resist["chokepoint"] == pytest.approx((0.814 * 1 * 5 / 9 * 0.98) ** 0.25)


def test_substitutes_help_only_as_far_as_others_supply_them(finding: Finding) -> None:
    deep = row(finding, "deep bench")
    assert deep["hhi"] == pytest.approx(10_000)
    assert deep["substitutes"] == 2
    assert deep["part_substitutes"] == pytest.approx(0.62)  # the leader's share of all benches


def test_a_product_whose_supply_is_mostly_unattributed_has_bounds_and_no_score(finding: Finding) -> None:
    robot = row(finding, "assembly robot")
    assert robot["chokepoint"] is None
    assert robot["rank"] is None
    assert robot["score_low"] < robot["score_high"]  # type: ignore[operator]
    assert finding.rows()[-1]["rank"] is None
    told = next(caveat for caveat in finding.caveats if caveat.code == "could_rank")
    assert "Assembly robot" in told.text("en")
    assert f"{robot['hhi_needed']:,.0f}" in told.text("zh")


def test_the_score_is_the_weighted_geometric_mean_of_its_parts(moonlamp: Workspace) -> None:
    weights = {"weight_concentration": 2.0, "weight_substitutes": 0.5, "weight_position": 0.0, "weight_own": 1.0}
    found = moonlamp.ask("chains.chokepoints", region="CN", **weights)
    for each in found.rows():
        if each["chokepoint"] is not None:
            logs = [w * math.log(each[p]) for w, p in zip(weights.values(), PARTS, strict=True) if w]
            assert each["chokepoint"] == pytest.approx(math.exp(sum(logs) / 3.5))
    assert found.id != moonlamp.ask("chains.chokepoints", region="CN").id


def test_the_world_has_no_own_supply(moonlamp: Workspace) -> None:
    world = moonlamp.ask("chains.chokepoints")
    assert {each["part_own"] for each in world.rows()} == {None}
    assert world.id != moonlamp.ask("chains.chokepoints", weight_own=0.5).id
    ranks = [each["rank"] for each in moonlamp.ask("chains.chokepoints", weight_own=0.5).rows()]
    assert ranks == [each["rank"] for each in world.rows()]


def test_what_a_place_supplies_itself_falls(moonlamp: Workspace) -> None:
    japan = moonlamp.ask("chains.chokepoints", region="JP")
    china = moonlamp.ask("chains.chokepoints", region="CN")
    assert row(japan, "dusk resist")["rank"] > row(china, "dusk resist")["rank"]  # type: ignore[operator]
    bloc = moonlamp.ask("chains.chokepoints", region="CN,JP")
    assert row(bloc, "dusk resist")["own_supply"] == pytest.approx(0.92)


def test_ranks_stand_in_their_order_and_within_their_bounds_most_of_the_time(finding: Finding) -> None:
    scored = [each for each in finding.rows() if each["rank"] is not None]
    assert [each["rank"] for each in scored] == sorted(each["rank"] for each in scored)
    # Of few products half make the top: that all of ten stay among the first ten says nothing.
    top = min(10, len(scored) // 2)
    assert top < len(scored)
    assert sum(each["in_top"] for each in scored) == pytest.approx(top)
    assert f"of the top {top} " in finding.headline["en"]
    assert all(each["rank_low"] <= each["rank_high"] for each in scored)
    caveat = next(caveat for caveat in finding.caveats if caveat.code == "weights")
    assert "1,000" in caveat.text("en")
    assert "1000" in caveat.text("zh")


def test_one_product_keeps_its_rank_among_all(moonlamp: Workspace, finding: Finding) -> None:
    one = moonlamp.ask("chains.chokepoints", region="CN", field="moonlamp:dusk resist")
    assert [each["rank"] for each in one.rows()] == [row(finding, "dusk resist")["rank"]]
    assert "Dusk resist" in one.headline["en"]
    assert one.charts == ("parts",)
    none = moonlamp.ask("chains.chokepoints", region="CN", field="moonlamp:assembly robot")
    assert "no score" in none.headline["en"]


def test_weights_that_leave_nothing_are_refused(moonlamp: Workspace) -> None:
    nothing = {"weight_concentration": 0, "weight_substitutes": 0, "weight_position": 0}
    with pytest.raises(UsageError, match="weights"):
        moonlamp.ask("chains.chokepoints", region="CN", **nothing)
    with pytest.raises(UsageError):
        moonlamp.ask("chains.chokepoints", weight_own=7)


def test_lithography_is_among_the_first_ten_seen_from_china(shared: Path, tmp_path: Path) -> None:
    ws = real(shared, tmp_path, "chip_supply_chain")
    found = ws.ask("chains.chokepoints", region="CN")
    first = {each["field_id"] for each in found.rows()[:10]}
    assert {"chips:N20", "chips:N22"} <= first  # EUV, and ArF immersion
    assert all(found.caveats)
    assert len(found) == 126


def test_where_one_place_alone_is_listed_it_is_said(moonlamp: Workspace, finding: Finding) -> None:
    top = next(c.parameters["top"] for c in finding.caveats if c.code == "weights")
    alone = [row for row in finding.rows() if row["rank"] and row["rank"] <= top and row["leader_share"] > 0.9995]
    told = {caveat.code: caveat for caveat in finding.caveats}
    assert alone
    assert told["sole"].parameters["number"] == len(alone)
    for row in (*alone[:2], *finding.rows()[-6:]):
        if row["rank"]:
            one = moonlamp.ask("chains.chokepoints", region="CN", field=row["field_id"])
            said = "sole" in {caveat.code for caveat in one.caveats}
            assert said is (row in alone)

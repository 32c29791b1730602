"""chains.systemic: every sector's loss held against asking for each of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.chains.landed import made_up, real, workspace

from foreland.data.workspace import Workspace

DRAWN = made_up(4)
YEAR = DRAWN.with_(final={use: np.abs(values) for use, values in DRAWN.final.items()})


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("systemic"), {"2020": YEAR})


def test_each_loss_is_about_that_of_the_simulator(ws: Workspace) -> None:
    rows = {row["field_id"]: row for row in ws.ask("chains.systemic", region="CN").rows()}
    assert len(rows) == 6
    for sector, row in rows.items():
        alone = ws.ask("chains.shock", region="CN", field=sector).rows()
        # Steps of five days here, of one day there.
        assert row["value_lost"] == pytest.approx(sum(each["value_lost"] for each in alone), rel=0.03)
        assert row["lost_low"] <= row["value_lost"] <= row["lost_high"]
        assert row["amplification"] == pytest.approx(row["value_lost"] / row["direct_loss"])


def test_missing_capacity_alone(ws: Workspace) -> None:
    for row in ws.ask("chains.systemic", region="CN", capacity_lost=40, duration=20, recovery_days=10).rows():
        k = int(row["field_id"][-1]) - 1
        assert row["direct_loss"] == pytest.approx(0.4 * YEAR.added[k] * 25 / 365)
        assert row["added_share"] == pytest.approx(YEAR.added[k] / YEAR.added.sum())


def test_without_stocks_the_least_loss_is_a_linear_program(ws: Workspace) -> None:
    from scipy.optimize import linprog

    L, x, f = YEAR.inverse, YEAR.output, sum(YEAR.final.values())
    costs = YEAR.added / x @ L
    for row in ws.ask("chains.systemic", region="CN", method="static", capacity_lost=30).rows():
        k = int(row["field_id"][-1]) - 1
        best = linprog(costs, A_ub=-L[[k]], b_ub=[-0.3 * x[k]], bounds=[(0, value) for value in f])
        assert row["value_lost"] == pytest.approx(best.fun * 45 / 365)
        assert row["lost_high"] >= row["value_lost"]


@pytest.mark.parametrize("method", ["dynamic", "static"])
@pytest.mark.parametrize(("rank_by", "column"), [("loss", "value_lost"), ("amplification", "amplification")])
def test_ranked_by_what_is_asked_for(ws: Workspace, method: str, rank_by: str, column: str) -> None:
    finding = ws.ask("chains.systemic", region="CN", method=method, rank_by=rank_by)
    values = [row[column] for row in finding.rows()]
    assert values == sorted(values, reverse=True)
    assert [row["rank"] for row in finding.rows()] == list(range(1, 7))
    for name in finding.charts:
        assert finding.chart(name, "zh").to_dict()


def test_next_to_nothing_many_times_over_is_not_ranked(tmp_path: Path) -> None:
    """A sector of half a thousandth of all value added, on which others rest."""
    added = np.array(YEAR.added)
    for part, ranked in ((0.0005, False), (0.002, True)):
        imported = YEAR.imported.copy()
        imported[0, 4] += added[4] - part / (1 - part) * (added.sum() - added[4])
        year = YEAR.with_(imported=imported)
        ws = workspace(tmp_path / str(part), {"2020": year})
        by = ws.ask("chains.systemic", region="CN", rank_by="amplification")
        assert ("toy6:5" in {row["field_id"] for row in by.rows()}) == ranked
        assert ("small_unranked" in {caveat.code for caveat in by.caveats}) != ranked
        # By loss all are ranked.
        assert len(ws.ask("chains.systemic", region="CN")) == 6
        alone = ws.ask("chains.systemic", region="CN", rank_by="amplification", field="toy6:5")
        assert (len(alone) == 1) == ranked
        assert ("too little" in alone.headline["en"]) != ranked


def test_sectors_asked_for_keep_their_rank(ws: Workspace) -> None:
    ranks = {row["field_id"]: row["rank"] for row in ws.ask("chains.systemic", region="CN").rows()}
    finding = ws.ask("chains.systemic", region="CN", field="toy6:5")
    assert [(row["field_id"], row["rank"]) for row in finding.rows()] == [("toy6:5", ranks["toy6:5"])]
    assert finding.charts == ("interval",)


def test_the_same_question_has_the_same_answer(ws: Workspace) -> None:
    one, two = (ws.ask("chains.systemic", region="CN") for _ in range(2))
    assert one.id == two.id
    assert one.to_arrow().equals(two.to_arrow())


def test_sectors_that_bring_all_to_a_standstill_are_told(ws: Workspace) -> None:
    finding = ws.ask("chains.systemic", region="CN", capacity_lost=100, duration=150, stock_days=10)
    assert "standstill_some" in {caveat.code for caveat in finding.caveats}
    assert any(row["recovery_day"] is None for row in finding.rows())


def test_a_fine_table_has_ranges_where_it_matters(shared: Path, tmp_path: Path) -> None:
    ws = real(shared, tmp_path, "cn_input_output")
    asked = {"region": "CN", "period": "2018", "scheme": "cnio153_2018", "duration": 10, "recovery_days": 0}
    rows = ws.ask("chains.systemic", **asked).rows()
    assert [row["rank"] for row in rows if row["lost_low"] is not None] == list(range(1, 41))
    assert len(rows) > 150


def test_china_with_42_sectors(shared: Path, tmp_path: Path) -> None:
    ws = real(shared, tmp_path, "cn_input_output")
    rows = ws.ask("chains.systemic", region="CN", period="2020", scheme="cnio42_2017").rows()
    # Building buys from all, so its loss leaves most of them without orders.
    assert rows[0]["field_id"] == "cnio42_2017:27"
    # Every fifth unit for 45 days of a sector of 7 % of GDP, and its suppliers with it: between half a day and two.
    assert 0.5 < rows[0]["gdp_days"] < 3

"""chains.shock: held against the model run on the table itself, and bounds worked out with NumPy."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from tests.chains.landed import made_up, real, workspace

from foreland.chains.ario import ArioParameters, Shock, simulate
from foreland.chains.input_output import InputOutput
from foreland.core.errors import DataError, UsageError
from foreland.data.workspace import Workspace

DRAWN = made_up(3)
# Withdrawals from stocks count as supply that is not made at home; without any, the arithmetic here stays plain.
YEAR = DRAWN.with_(final={use: np.abs(values) for use, values in DRAWN.final.items()})


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("shock"), {"2020": YEAR})


def table() -> InputOutput:
    """The year as arrays, with nothing of the workspace in between."""
    none = np.zeros(6)
    uses = list(YEAR.final)
    return InputOutput(
        YEAR.home,
        YEAR.output,
        np.column_stack([YEAR.final[use] for use in uses]),
        YEAR.added,
        YEAR.imported,
        np.column_stack([YEAR.imported_final.get(use, none) for use in uses]),
        None,
    )


def simulated(k: int, stock: float = 90, more: float = 0.25, lost: float = 0.2) -> float:
    loss = np.where(np.arange(6) == k, lost, 0.0)
    assumed = ArioParameters(inventory_days=stock, overproduction_max=1 + more)
    return simulate(table(), Shock(loss, 30, "linear", 30), assumed, 365).total_loss


@pytest.mark.parametrize("k", range(6))
def test_the_loss_is_that_of_the_model_and_its_parts_add_up(ws: Workspace, k: int) -> None:
    finding = ws.ask("chains.shock", region="CN", field=f"toy6:{k + 1}")
    rows = finding.rows()
    assert sum(row["value_lost"] for row in rows) == pytest.approx(simulated(k))
    assert [row["field_id"] for row in rows if row["hit"]] == [f"toy6:{k + 1}"]
    assert [row["value_lost"] for row in rows] == sorted((row["value_lost"] for row in rows), reverse=True)
    assert all(row["lost_low"] <= row["value_lost"] <= row["lost_high"] for row in rows)


def test_the_curve_starts_undisturbed_and_its_area_is_the_loss(ws: Workspace) -> None:
    finding = ws.ask("chains.shock", region="CN", field="toy6:3", capacity_lost=40)
    curve = finding.tables["curve"].to_pydict()
    assert (curve["day"][0], curve["value_added"][0]) == (0, 1)
    lost = (1 - np.array(curve["value_added"][1:])).sum() / 365 * YEAR.added.sum()
    assert lost == pytest.approx(sum(row["value_lost"] for row in finding.rows()))
    assert (np.array(curve["curve_low"]) <= curve["value_added"]).all()
    assert (np.array(curve["curve_high"]) >= curve["value_added"]).all()


def test_the_range_holds_half_and_twice_the_stocks(ws: Workspace) -> None:
    finding = ws.ask("chains.shock", region="CN", field="toy6:3", capacity_lost=60, stock_days=40, duration=30)
    rows = {row["field_id"]: row for row in finding.rows()}
    low = sum(row["lost_low"] for row in rows.values())
    high = sum(row["lost_high"] for row in rows.values())
    for stock in (20, 40, 80):
        assert low - 1e-9 <= simulated(2, stock, lost=0.6) <= high + 1e-9


def test_sliders_move_the_answer(ws: Workspace) -> None:
    def lost(**moved: int) -> float:
        finding = ws.ask("chains.shock", region="CN", field="toy6:3", **moved)
        return sum(row["value_lost"] for row in finding.rows())

    usual = lost()
    assert lost(capacity_lost=40) > usual
    assert lost(duration=60) > usual
    assert lost(recovery_days=0) < usual
    assert lost(overproduction=0) >= usual
    assert lost(capacity_lost=80, duration=60, stock_days=40) > lost(capacity_lost=80, duration=60, stock_days=120)


def test_the_same_question_has_the_same_answer(ws: Workspace) -> None:
    one, two = (ws.ask("chains.shock", region="CN", field="toy6:2") for _ in range(2))
    assert one.id == two.id
    assert one.to_arrow().equals(two.to_arrow())
    assert ws.ask("chains.shock", region="CN", field="toy6:2", stock_days=91).id != one.id


def test_without_a_sector_it_is_the_largest_key_sector_that_makes_goods(ws: Workspace) -> None:
    finding = ws.ask("chains.shock", region="CN")
    L = YEAR.inverse
    G = L * YEAR.output / YEAR.output[:, None]
    pull, push = L.sum(axis=0), G.sum(axis=1)
    key = (pull > pull.mean()) & (push > push.mean())
    key[5] = False  # Services make no goods.
    assert key.any()
    first = int(np.argmax(np.where(key, YEAR.added, 0)))
    assert finding.scope.field == (f"toy6:{first + 1}",)
    assert "no_sector_named" in {caveat.code for caveat in finding.caveats}


def test_several_sectors_are_hit_together(ws: Workspace) -> None:
    finding = ws.ask("chains.shock", region="CN", field="toy6:2,toy6:5")
    assert {row["field_id"] for row in finding.rows() if row["hit"]} == {"toy6:2", "toy6:5"}
    assert "hit_together" in {caveat.code for caveat in finding.caveats}


def test_bounds_without_stocks(ws: Workspace) -> None:
    finding = ws.ask("chains.shock", region="CN", field="toy6:4", method="static", capacity_lost=30)
    found = {row["estimate"]: row["value_lost"] for row in finding.tables["bounds"].to_pylist()}
    L, x, part = YEAR.inverse, YEAR.output, 45 / 365
    rate = YEAR.added / x
    G = L * x / x[:, None]
    lost = 0.3 * x[3]
    assert found["direct"] == pytest.approx(0.3 * YEAR.added[3] * part)
    assert found["idle_suppliers"] == pytest.approx(lost / L[3, 3] * (rate @ L[:, 3]) * part)
    assert found["short_users"] == pytest.approx(lost / G[3, 3] * (G[3] @ rate) * part)
    assert found["direct"] <= found["lower"] <= found["upper"]
    assert sum(row["value_lost"] for row in finding.rows()) == pytest.approx(found["lower"])
    assert sum(row["lost_upper"] for row in finding.rows()) == pytest.approx(found["upper"])
    assert finding.charts == ("bounds", "losses")


def test_a_standstill_is_told_as_one(ws: Workspace) -> None:
    finding = ws.ask("chains.shock", region="CN", field="toy6:3", capacity_lost=100, duration=180, stock_days=10)
    assert "standstill" in {caveat.code for caveat in finding.caveats}
    assert "standstill" in finding.headline["en"]
    rows = finding.rows()
    assert rows
    assert all(row[name] is None for row in rows for name in ("value_lost", "lost_low", "lost_high", "own_days"))
    days = [row["halved_day"] or np.inf for row in rows]
    assert days == sorted(days)
    assert days[0] == 1
    # What is hit is at a stop at once.
    assert rows[0]["hit"]
    assert finding.charts == ("curve", "sectors")
    assert finding.evidence(0).tables
    assert finding.chart("sectors", "en").to_dict()
    assert "停摆" in finding.headline["zh"]


@pytest.mark.parametrize("wrong", [{"capacity_lost": 101}, {"capacity_lost": 0}, {"stock_days": 1}, {"duration": 0}])
def test_a_slider_has_ends(ws: Workspace, wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        ws.ask("chains.shock", region="CN", **wrong)


def test_an_unknown_sector_is_told(ws: Workspace) -> None:
    with pytest.raises(UsageError, match="toy6:9"):
        ws.ask("chains.shock", region="CN", field="toy6:9")


def test_a_row_leads_to_what_the_sector_buys_and_sells(ws: Workspace) -> None:
    finding = ws.ask("chains.shock", region="CN", field="toy6:4")
    bought, figures, sold = (found.to_pylist() for _, found in finding.evidence(0).tables)
    k = int(finding.rows()[0]["field_id"][-1]) - 1
    assert sum(link["weight"] for link in bought) == pytest.approx((YEAR.home + YEAR.imported)[:, k].sum())
    assert sum(link["weight"] for link in sold) == pytest.approx((YEAR.home + YEAR.imported)[k].sum())
    assert figures


def test_electronic_components_of_china_in_under_a_second(shared: Path, tmp_path: Path) -> None:
    ws = real(shared, tmp_path, "cn_input_output")
    asked = {"region": "CN", "scheme": "cnio153_2018", "field": "cnio153_2018:094"}
    first = ws.ask("chains.shock", **asked)  # reads the table, which the next ones find read
    seconds = []
    for lost in (21, 22, 23):
        began = time.perf_counter()
        ws.ask("chains.shock", **asked, capacity_lost=lost)
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 1
    # 45 days of a fifth of 0.76 % of GDP are 0.07 days; with its idle suppliers more, and not the whole economy.
    direct = 0.2 * 45 * 0.7678551807775792 / 101.6422001264859
    total = sum(row["value_lost"] for row in first.rows()) / 101.6422001264859e12 * 365
    assert direct < total < 5 * direct


def test_a_few_sales_below_zero_are_set_aside_and_told(tmp_path: Path) -> None:
    home = YEAR.home.copy()
    home[0, 5] = -0.05
    ws = workspace(tmp_path, {"2020": YEAR.with_(home=home)})
    finding = ws.ask("chains.shock", region="CN", field="toy6:3")
    assert "negative_sales" in {caveat.code for caveat in finding.caveats}
    rest = workspace(tmp_path / "rest", {"2020": YEAR.with_(home=np.maximum(home, 0))})
    plain = ws_total(rest)
    assert ws_total(ws) == pytest.approx(plain, rel=1e-3)
    assert ws_total(ws) != plain


def test_a_table_with_many_sales_below_zero_is_refused(tmp_path: Path) -> None:
    home = YEAR.home.copy()
    home[0, 5] = -20
    ws = workspace(tmp_path, {"2020": YEAR.with_(home=home)})
    with pytest.raises(DataError, match="Farming"):
        ws.ask("chains.shock", region="CN", field="toy6:3")


def ws_total(ws: Workspace) -> float:
    return sum(row["value_lost"] for row in ws.ask("chains.shock", region="CN", field="toy6:3").rows())

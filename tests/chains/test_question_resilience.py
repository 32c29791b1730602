"""chains.resilience: what is taken held against trying all there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from tests.chains.landed import made_up, workspace

from foreland.chains.questions.shocks import GOODS, SERVICE
from foreland.core.errors import DataError, UsageError
from foreland.data.workspace import Workspace

DRAWN = made_up(6)
YEAR = DRAWN.with_(final={use: np.abs(values) for use, values in DRAWN.final.items()})
ASKED = {"region": "CN", "capacity_lost": 60, "duration": 60, "stock_days": 20}


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("resilience"), {"2020": YEAR})


def test_the_table_says_what_can_be_held_in_stock(ws: Workspace) -> None:
    rows = ws.ask("chains.resilience", **ASKED, budget=0.5).rows()
    assert rows
    # The sixth sector is called Services: nobody stores them, though the table has changes in their stocks.
    assert "toy6:6" not in {row["field_id"] for row in rows}


def test_the_budget_is_kept_and_costs_are_those_stated(ws: Workspace) -> None:
    finding = ws.ask("chains.resilience", **ASKED, budget=0.05, holding_cost=12)
    rows = finding.rows()
    gdp = YEAR.added.sum()
    assert sum(row["cost"] for row in rows) <= 0.05 / 100 * gdp * (1 + 1e-6)
    use = (YEAR.home + YEAR.imported).sum(axis=1)
    for row in rows:
        k = int(row["field_id"][-1]) - 1
        assert row["cost"] == pytest.approx(use[k] / 365 * 0.12 * row["days_added"])
        assert row["expected_before"] - row["expected_after"] == pytest.approx(row["avoided"])
        assert row["avoided_per_cost"] == pytest.approx(row["avoided"] / row["cost"])


def test_no_other_choice_of_whole_steps_avoids_more(ws: Workspace) -> None:
    """All there is to choose from, tried one after another, from the losses of single questions."""
    asked = {key: value for key, value in ASKED.items() if key != "stock_days"}
    base, levels = 20, (20, 30, 40)
    found = ws.ask("chains.resilience", **ASKED, added_days=20, budget=0.1, probability=2)
    every = ws.ask("chains.resilience", **ASKED, added_days=20, budget=0.5, probability=2, holding_cost=0.1).rows()
    assert base == levels[0]
    use = (YEAR.home + YEAR.imported).sum(axis=1) / 365 * 0.2
    alone = {}
    for row in every:
        sector = row["field_id"]
        steps = []
        for added in (10, 20):
            one = ws.ask(
                "chains.resilience", **asked, stock_days=20, added_days=added, budget=0.5, probability=2,
                holding_cost=0.1, field=sector,
            ).rows()  # fmt: skip
            steps.append(one[0]["avoided"] if one and one[0]["days_added"] == pytest.approx(added) else 0.0)
        alone[sector] = (0.0, *steps)
    budget = 0.1 / 100 * YEAR.added.sum()
    best = 0.0
    for taken in product(range(3), repeat=len(alone)):
        cost = sum(use[int(s[-1]) - 1] * 10 * t for s, t in zip(alone, taken, strict=True))
        if cost <= budget:
            best = max(best, sum(alone[s][t] for s, t in zip(alone, taken, strict=True)))
    # Parts of a step may be taken as well, so the choice is at least as good.
    assert sum(row["avoided"] for row in found.rows()) >= best * (1 - 1e-6)
    assert best > 0


def test_more_money_never_leaves_more_to_lose(ws: Workspace) -> None:
    frontier = ws.ask("chains.resilience", **ASKED).tables["frontier"].to_pydict()
    assert (np.diff(frontier["cost"]) >= -1e-9).all()
    left = np.array(frontier["expected_left"])
    assert (np.diff(left) <= 1e-6 * left[0]).all()
    avoided = [
        sum(row["avoided"] for row in ws.ask("chains.resilience", **ASKED, budget=budget).rows())
        for budget in (0.01, 0.05, 0.2)
    ]
    assert avoided == sorted(avoided)


def test_probability_scales_losses_and_leaves_the_choice(ws: Workspace) -> None:
    one = ws.ask("chains.resilience", **ASKED, probability=1).rows()
    two = ws.ask("chains.resilience", **ASKED, probability=2).rows()
    assert [row["field_id"] for row in one] == [row["field_id"] for row in two]
    for a, b in zip(one, two, strict=True):
        assert b["expected_before"] == pytest.approx(2 * a["expected_before"])


def test_money_is_not_spent_where_it_avoids_less_than_it_costs(ws: Workspace) -> None:
    asked = {**ASKED, "budget": 0.5, "holding_cost": 60}
    often = ws.ask("chains.resilience", **asked, probability=100)
    assert often.rows()
    finding = ws.ask("chains.resilience", **asked, probability=1)
    rows = finding.rows()
    assert all(row["avoided"] >= row["cost"] for row in rows)
    spent, budget = sum(row["cost"] for row in rows), 0.5 / 100 * YEAR.added.sum()
    assert spent < budget
    assert "unspent" in {caveat.code for caveat in finding.caveats}
    # The frontier goes on to what no longer pays.
    frontier = finding.tables["frontier"].to_pydict()
    assert max(frontier["cost"]) > spent
    gain = np.array(frontier["avoided"]) - np.array(frontier["cost"])
    assert sum(row["avoided"] - row["cost"] for row in rows) >= gain.max() - 1e-6 * max(frontier["avoided"])


def test_where_no_stock_pays_the_headline_says_so(ws: Workspace) -> None:
    finding = ws.ask("chains.resilience", **ASKED, probability=0.01, holding_cost=500)
    assert len(finding) == 0
    assert "costs more than" in finding.headline["en"]


def test_stocks_that_bridge_the_loss_anyway_need_no_more(ws: Workspace) -> None:
    finding = ws.ask("chains.resilience", region="CN", capacity_lost=1, duration=1, recovery_days=0, stock_days=180)
    worth = sum(row["avoided"] for row in finding.rows())
    assert worth < 1e-3 * YEAR.added.sum() / 365
    assert finding.chart("avoided", "zh").to_dict()


def test_the_same_question_has_the_same_answer(ws: Workspace) -> None:
    one, two = (ws.ask("chains.resilience", **ASKED) for _ in range(2))
    assert one.id == two.id
    assert one.to_arrow().equals(two.to_arrow())


def test_what_it_rests_on_is_told(ws: Workspace) -> None:
    codes = {caveat.code: caveat.severity for caveat in ws.ask("chains.resilience", **ASKED).caveats}
    assert codes["stated_costs"] == "serious"
    assert codes["stylised_goods"] == "serious"


def test_days_of_what_nobody_stores_are_told_as_they_are_reckoned(ws: Workspace) -> None:
    told = {c.code: c for c in ws.ask("chains.resilience", **ASKED).caveats}["stylised_goods"].parameters
    assert (told["stock"], told["others"]) == (20, 90)


def test_without_a_budget_nothing_is_said_of_what_pays(ws: Workspace) -> None:
    assert ws.ask("chains.resilience", **ASKED, budget=0.5).rows()
    finding = ws.ask("chains.resilience", **ASKED, budget=0)
    assert len(finding) == 0
    assert "Without a budget" in finding.headline["en"]
    assert "costs more than" not in finding.headline["en"]


@pytest.mark.parametrize(
    ("called", "stored"),
    [
        ("Production and supply of water", False),
        ("水的生产和供应", False),
        ("Production and supply of gas", True),
        ("Manufacture of equipment for water supply", True),
    ],
)
def test_nobody_holds_weeks_of_tap_water(called: str, stored: bool) -> None:
    assert bool(SERVICE.search(called) and not GOODS.search(called)) is not stored


# Suppliers of a product chain ------------------------------------------------------------------


def test_suppliers_are_added_where_the_leader_and_what_depends_on_it_are_largest(moonlamp: Workspace) -> None:
    finding = moonlamp.ask("chains.resilience", measures="suppliers", region="CN", added_suppliers=4)
    rows = finding.rows()
    assert sum(row["suppliers_added"] for row in rows) == 4
    assert {row["leader_id"] for row in rows} & {"CN"} == set()
    for row in rows:
        left = row["leader_share"]
        for _ in range(row["suppliers_added"]):
            left = max(left * 0.9, 0.1)
        assert row["after_share"] / row["before_share"] == pytest.approx(left / row["leader_share"])


def test_an_added_supplier_helps_no_more_than_the_one_before(moonlamp: Workspace) -> None:
    frontier = moonlamp.ask("chains.resilience", measures="suppliers").tables["frontier"].to_pydict()
    assert frontier["left_share"][0] == 1
    gains = -np.diff(frontier["left_share"])
    assert (gains >= -1e-9).all()
    assert (np.diff(gains) <= 1e-9).all()


def test_without_a_product_chain_it_says_what_to_load(ws: Workspace) -> None:
    with pytest.raises(DataError):
        ws.ask("chains.resilience", measures="suppliers")


def test_a_budget_has_ends(ws: Workspace) -> None:
    with pytest.raises(UsageError):
        ws.ask("chains.resilience", region="CN", budget=-1)


def test_a_standstill_without_added_stocks_is_told(ws: Workspace) -> None:
    hard = ws.ask("chains.resilience", region="CN", capacity_lost=100, duration=150, stock_days=10)
    assert "standstill_some" in {caveat.code for caveat in hard.caveats}
    soft = ws.ask("chains.resilience", region="CN", capacity_lost=10, stock_days=90)
    assert "standstill_some" not in {caveat.code for caveat in soft.caveats}

"""The dynamic simulator: by hand, against BoARIO, and its invariants."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chains.tables import TEXTBOOK, croatia, germany, tables

from foreland.chains.ario import ArioParameters, Shock, Simulation, simulate
from foreland.chains.errors import ChainError
from foreland.chains.input_output import InputOutput, domestic
from foreland.chains.static_shock import static_shock

# Made up: six sectors that all sell to one another.
FLOWS = 1000.0 * np.array(
    [
        [12, 30, 4, 0, 9, 2],
        [6, 20, 15, 8, 3, 1],
        [2, 5, 18, 25, 6, 4],
        [9, 4, 7, 11, 14, 10],
        [1, 6, 3, 5, 8, 12],
        [7, 2, 9, 4, 6, 5],
    ]
)
FINAL = 1000.0 * np.array([40.0, 55, 70, 30, 90, 65])
OUTPUT = FLOWS.sum(axis=1) + FINAL
SYNTHETIC = InputOutput(FLOWS, OUTPUT, FINAL[:, None], OUTPUT - FLOWS.sum(axis=0))

# A raw product that a maker needs: the maker sells to final users only.
CHAIN = InputOutput(
    flows=np.array([[0.0, 50.0], [0.0, 0.0]]),
    output=np.array([100.0, 100.0]),
    final=np.array([[50.0], [100.0]]),
    value_added=np.array([100.0, 50.0]),
)
BY_HAND = ArioParameters(inventory_days=10, inventory_restoration_days=5, psi=0.8, overproduction_max=1.0)


def hit(n: int, where: int, share: float) -> np.ndarray:
    return np.where(np.arange(n) == where, share, 0.0)


def test_two_sectors_by_hand() -> None:
    """40 % of the raw product is lost; each number worked out from the equations with pencil and paper."""
    found = simulate(CHAIN, Shock(np.array([0.4, 0.0]), recovery="none"), BY_HAND, steps=2)
    # Day 1: stocks feed the maker; 60 of 100 ordered are delivered: 30 to it, of the 50 that it uses.
    np.testing.assert_allclose(found.production[0], [60, 100])
    np.testing.assert_allclose(found.final_unmet[0], [20, 0])
    np.testing.assert_allclose(found.stocks[0, 0], 1 + (0.6 - 1) / 10)
    # It now orders 50 · (1 + 10/5 · 0.04) = 54 a day-rate: 60 of 104 ordered are delivered.
    np.testing.assert_allclose(found.production[1], [60, 100])
    np.testing.assert_allclose(found.final_unmet[1], [50 * 44 / 104, 0])
    np.testing.assert_allclose(found.stocks[1, 0], 0.96 + (60 / 104 * 1.08 - 1) / 10)
    assert found.total_loss == pytest.approx(2 * 40 / 365)
    assert found.loss_days == pytest.approx(2 * 40 / 150)
    assert found.direct_loss == pytest.approx(found.total_loss)
    assert found.total_unmet == pytest.approx((20 + 50 * 44 / 104) / 365)
    assert not found.recovered
    assert found.recovery_day is None


def test_low_stocks_cut_production() -> None:
    """Below ψ of its target, a stock of x % lets x/ψ % of what is wanted be made (Hallegatte 2014)."""
    found = simulate(CHAIN, Shock(np.array([0.4, 0.0]), recovery="none"), BY_HAND, steps=40)
    before = np.append(1.0, found.stocks[:-1, 0])
    np.testing.assert_allclose(found.production[:, 1], 100 * np.minimum(before / 0.8, 1.0), rtol=1e-12)
    assert found.production[-1, 1] < 95


# BoARIO 0.7.2 on the table above: ARIOPsiModel(order_type="noalt", alpha_base=1, temporal_units_by_step=1,
# iotable_year_to_temporal_unit_factor=365), 365 days, EventArbitraryProd(occurrence=1, recovery_tau=1): its loss is in
# force from the third day for two days more than `duration`. Days of GDP lost, lowest production by sector, value
# added on day 101 relative to the baseline, final demand unmet in days of GDP.
BOARIO = {
    "defaults": (
        [0, 0, 0.3, 0, 0, 0],
        30,
        {"inventory": 90, "restoration": 60, "psi": 0.8, "most": 1.25, "adaptation": 365},
        (2.5064109753208137, 1.001582827581984, 2.5651777514200123),
        [0.962685862, 0.941505846, 0.7, 0.956024334, 0.98344643, 0.9640319],
    ),
    "short stocks": (
        [0, 0.4, 0, 0, 0, 0],
        20,
        {"inventory": 15, "restoration": 10, "psi": 0.9, "most": 1.25, "adaptation": 365},
        (8.067817102179882, 1.0043828882754013, 8.102126516738322),
        [0.728893628, 0.6, 0.780289601, 0.758589868, 0.794932721, 0.792609849],
    ),
    "two sectors, no overproduction": (
        [0.2, 0, 0, 0.5, 0, 0],
        40,
        {"inventory": 30, "restoration": 30, "psi": 0.8, "most": 1.0, "adaptation": 365},
        (16.36234801710042, 0.9736802881118642, 16.272709120732735),
        [0.685292973, 0.693365333, 0.686579252, 0.5, 0.711859258, 0.706716873],
    ),
    "no way back": (
        [0, 0, 0, 0, 0.6, 0],
        45,
        {"inventory": 20, "restoration": 20, "psi": 1.0, "most": 1.5, "adaptation": 90},
        (198.0762144265332, 0.41682156792978475, 188.7467271119867),
        [0.363794466, 0.386671963, 0.390787262, 0.34841892, 0.4, 0.425962822],
    ),
}


@pytest.mark.parametrize("case", BOARIO)
def test_boario(case: str) -> None:
    loss, duration, given_parameters, (days, day_101, unmet), lowest = BOARIO[case]
    parameters = ArioParameters(
        inventory_days=given_parameters["inventory"],
        inventory_restoration_days=given_parameters["restoration"],
        psi=given_parameters["psi"],
        overproduction_max=given_parameters["most"],
        overproduction_days=given_parameters["adaptation"],
    )
    found = simulate(SYNTHETIC, Shock(np.array(loss), duration + 2, start_days=2), parameters, steps=365)
    # The equations are the same. What is left is rounding: whether demand that is met to 1e-16 counts as scarce.
    assert found.loss_days == pytest.approx(days, rel=1e-4)
    assert found.value_added[100] / found.gdp == pytest.approx(day_101, rel=1e-5)
    assert found.total_unmet / found.gdp * 365 == pytest.approx(unmet, rel=1e-4)
    np.testing.assert_allclose(found.production.min(axis=0) / OUTPUT, lowest, atol=1e-5)


@settings(max_examples=40)
@given(tables(), st.booleans())
def test_without_a_shock_nothing_moves(table: InputOutput, stock_by_sector: bool) -> None:
    n = len(table)
    stocks = np.linspace(5, 200, n) if stock_by_sector else 40.0
    found = simulate(table, Shock(np.zeros(n)), ArioParameters(inventory_days=stocks), steps=200)
    np.testing.assert_allclose(found.production, np.broadcast_to(table.output, (200, n)), rtol=1e-11)
    np.testing.assert_allclose(found.stocks, 1.0, rtol=1e-11)
    assert abs(found.total_loss) < 1e-10 * found.gdp
    assert (found.recovered, found.recovery_day) == (True, 0.0)


@given(tables(split=True))
def test_without_a_shock_nothing_moves_with_imports(table: InputOutput) -> None:
    found = simulate(table, Shock(np.zeros(len(table))), steps=50)
    np.testing.assert_allclose(found.production, np.broadcast_to(table.output, (50, len(table))), rtol=1e-11)
    np.testing.assert_allclose(found.final_unmet, 0, atol=1e-11 * table.final.max())


@settings(max_examples=40)
@given(tables(), st.integers(0, 2**32 - 1))
def test_masses_balance(table: InputOutput, seed: int) -> None:
    """Each product's stocks change by deliveries less use, every step; no stock falls below zero."""
    rng = np.random.default_rng(seed)
    n = len(table)
    parameters = ArioParameters(
        inventory_days=rng.uniform(3, 60, n),
        inventory_restoration_days=rng.uniform(1, 60, n),
        psi=rng.uniform(0.4, 1),
        overproduction_max=rng.uniform(1, 2, n),
        overproduction_days=rng.uniform(10, 365),
        import_substitution_max=rng.uniform(0, 0.5, n),
    )
    found = simulate(table, Shock(rng.uniform(0, 1, n), 20, "linear", 20), parameters, steps=90)
    assert found.balance < 1e-10
    assert found.stocks.min() > -1e-12
    assert (found.production >= 0).all()
    assert (found.final_unmet >= -1e-9 * table.final.max()).all()


@settings(max_examples=40)
@given(tables(split=True), st.integers(0, 2**32 - 1))
def test_order_and_currency_do_not_matter(table: InputOutput, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = len(table)
    p, c = rng.permutation(n), 7.3e8
    assert table.imported is not None
    assert table.imported_final is not None
    turned = InputOutput(
        c * table.flows[np.ix_(p, p)],
        c * table.output[p],
        c * table.final[p],
        c * table.value_added[p],
        c * table.imported[np.ix_(p, p)],
        c * table.imported_final[p],
    )
    stocks, loss = rng.uniform(10, 90, n), rng.uniform(0, 0.8, n)
    one = simulate(table, Shock(loss, 15), ArioParameters(inventory_days=stocks), steps=60)
    two = simulate(turned, Shock(loss[p], 15), ArioParameters(inventory_days=stocks[p]), steps=60)
    np.testing.assert_allclose(two.production, c * one.production[:, p], rtol=1e-9)
    assert two.loss_days == pytest.approx(one.loss_days, rel=1e-9)
    assert two.total_loss == pytest.approx(c * one.total_loss, rel=1e-9)


def test_the_more_is_lost_the_more_it_costs() -> None:
    for k in range(6):
        losses = [simulate(SYNTHETIC, Shock(hit(6, k, share)), steps=200) for share in np.linspace(0, 1, 9)]
        assert (np.diff([found.total_loss for found in losses]) > 0).all()
        assert (np.diff([found.total_unmet for found in losses]) > 0).all()
        assert (np.diff([found.lowest for found in losses]) < 0).all()


def test_longer_costs_more_and_stocks_cost_less() -> None:
    def loss(days: float, **more: float) -> float:
        return simulate(SYNTHETIC, Shock(hit(6, 2, 0.5), days), ArioParameters(**more)).total_loss

    assert loss(10) < loss(20) < loss(40) < loss(80)
    assert loss(40, inventory_days=20) > loss(40, inventory_days=60) > loss(40, inventory_days=180)
    assert loss(40, overproduction_max=1.0) > loss(40, overproduction_max=1.25) > loss(40, overproduction_max=1.5)


def test_recovers() -> None:
    found = simulate(SYNTHETIC, Shock(hit(6, 2, 0.5), 30, "linear", 30), steps=1500)
    assert found.recovered
    assert found.recovery_day is not None
    assert found.recovery_day > 30
    after = found.days > found.recovery_day
    assert (found.value_added[after] >= 0.999 * found.gdp).all()
    assert found.value_added[~after][-1] < 0.999 * found.gdp
    # Capacity falls back with a time constant of a year; the last quarter is near the baseline and nearing it.
    off = np.abs(found.value_added / found.gdp - 1)
    assert off[-1] < 1e-3
    assert off[-1] < off[-400]


def _chain(n: int) -> InputOutput:
    """Product 0 → 1 → … → n − 2, each sold to final users too; sector n − 1 supplies sector 1 on the side."""
    flows = np.diag(np.full(n - 1, 30.0), 1)
    flows[n - 2, n - 1] = 0
    flows[n - 1, 1] = 20
    final = np.full(n, 70.0)
    output = flows.sum(axis=1) + final
    return InputOutput(flows, output, final[:, None], output - flows.sum(axis=0))


def test_once_stocks_are_gone_it_comes_to_the_static_bound() -> None:
    """No spare capacity, ψ = 1, as much ordered as missing: the bottleneck with equal rationing of all users."""
    table = _chain(6)
    parameters = ArioParameters(inventory_days=20, inventory_restoration_days=20, psi=1, overproduction_max=1)
    for k in (0, 1, 3, 5):
        loss = hit(6, k, 0.3)
        found = simulate(table, Shock(loss, recovery="none"), parameters, steps=3000)
        bound = static_shock(table, loss)
        np.testing.assert_allclose(1 - found.production[-1] / table.output, bound.inoperability_upper, atol=1e-9)


@settings(max_examples=40)
@given(tables(), st.integers(0, 2**32 - 1))
def test_no_steady_state_beats_the_static_lower_bound(table: InputOutput, seed: int) -> None:
    rng = np.random.default_rng(seed)
    loss = hit(len(table), int(rng.integers(len(table))), rng.uniform(0.1, 0.9))
    parameters = ArioParameters(inventory_days=4, inventory_restoration_days=2, overproduction_max=1)
    found = simulate(table, Shock(loss, recovery="none"), parameters, steps=400)
    assert found.gdp - found.value_added[-1] >= static_shock(table, loss).lower * (1 - 1e-3) - 1e-9 * found.gdp


def test_imports_share_the_burden() -> None:
    """A product half imported falls short by half of what home makers lose; clients who turn abroad fall short less."""
    flows, final = np.array([[0.0, 25.0], [0.0, 0.0]]), np.array([[25.0], [100.0]])
    half = InputOutput(flows, np.array([50.0, 100.0]), final, np.array([50.0, 50.0]), flows, final * [[1], [0]])
    shock = Shock(np.array([0.4, 0.0]), recovery="none")
    first = simulate(half, shock, BY_HAND, steps=1)
    np.testing.assert_allclose(first.final_unmet[0], [50 * 0.5 * 0.4, 0])
    np.testing.assert_allclose(first.stocks[0, 0], 1 - 0.5 * 0.4 / 10)
    alone = simulate(half, shock, BY_HAND, steps=200)
    helped = simulate(half, shock, replace(BY_HAND, import_substitution_max=0.5), steps=200)
    assert helped.total_unmet < alone.total_unmet


def test_same_numbers_again() -> None:
    shock = Shock(hit(6, 1, 0.7), 25, "exponential", 40)
    one, two = (simulate(SYNTHETIC, shock, steps=100) for _ in range(2))
    for name in Simulation.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_strength_of_a_shock() -> None:
    loss = np.array([1.0])
    np.testing.assert_allclose(Shock(loss, 2).strength(4, 1), [1, 1, 0, 0])
    np.testing.assert_allclose(Shock(loss, 1.5, start_days=1).strength(4, 1), [0, 1, 0.5, 0])
    np.testing.assert_allclose(Shock(loss, 1, "linear", 2).strength(4, 1), [1, 0.75, 0.25, 0])
    np.testing.assert_allclose(Shock(loss, 1, "none").strength(3, 1), [1, 1, 1])
    np.testing.assert_allclose(
        Shock(loss, 1, "exponential", 1).strength(3, 1), [1, 1 - 1 / np.e, (1 - 1 / np.e) / np.e]
    )
    np.testing.assert_allclose(Shock(loss, profile=[0.5, 1, 0.25]).strength(5, 1), [0.5, 1, 0.25, 0.25, 0.25])
    for recovery in ("instant", "linear", "exponential"):
        shock = Shock(loss, 13, recovery, 21, start_days=3)
        assert shock.strength(60, 1).sum() == pytest.approx(shock.strength(12, 5).sum() * 5)


def test_smaller_steps_come_to_the_same() -> None:
    losses = [
        simulate(SYNTHETIC, Shock(hit(6, 2, 0.3), 30), ArioParameters(step_days=d), steps=int(200 / d)).total_loss
        for d in (1.0, 0.5, 0.25, 0.125)
    ]
    apart = np.abs(np.diff(losses))
    assert apart[0] / losses[0] < 0.02
    assert (apart[1:] < 0.7 * apart[:-1]).all()


def test_published_tables_are_equilibria(shared: Path) -> None:
    """Withdrawals from stocks, imports and rounding of real tables leave no drift."""
    for table in (germany(shared).table, croatia(shared).table, domestic(croatia(shared).table, exports=[5])):
        still = simulate(table, Shock(np.zeros(len(table))), steps=100)
        assert abs(still.total_loss) < 1e-9 * still.gdp
        loss = hit(len(table), 1, 0.5)
        assert simulate(table, Shock(loss, 30), steps=100).balance < 1e-10


def test_a_sector_without_output_takes_no_part() -> None:
    flows, final = np.zeros((7, 7)), np.zeros((7, 1))
    flows[:6, :6], final[:6, 0] = FLOWS, FINAL
    wider = InputOutput(flows, np.append(OUTPUT, 0), final, np.append(SYNTHETIC.value_added, 0))
    shock = hit(6, 2, 0.5)
    with_idle = simulate(wider, Shock(np.append(shock, 1.0)), steps=60)
    without = simulate(SYNTHETIC, Shock(shock), steps=60)
    assert with_idle.total_loss == pytest.approx(without.total_loss, rel=1e-12)
    np.testing.assert_allclose(with_idle.production[:, 6], 0)
    assert np.isfinite(with_idle.stocks).all()


def test_refuses() -> None:
    with pytest.raises(ValueError, match="loss is not of shape"):
        simulate(TEXTBOOK, Shock(np.zeros(3)))
    with pytest.raises(ValueError, match="steps"):
        simulate(TEXTBOOK, Shock(np.zeros(2)), steps=0)
    with pytest.raises(ValueError, match=r"loss is not in \[0, 1\]"):
        Shock(np.array([1.1, 0]))
    with pytest.raises(ValueError, match="below zero"):
        ArioParameters(inventory_days=1.0)
    with pytest.raises(ValueError, match="inventory_days has the shape"):
        simulate(TEXTBOOK, Shock(np.zeros(2)), ArioParameters(inventory_days=[10, 10, 10]))
    for name, wrong in (
        ("psi", 0.0),
        ("psi", 1.1),
        ("overproduction_max", 0.9),
        ("overproduction_days", 0.5),
        ("inventory_restoration_days", 0.5),
        ("step_days", float("nan")),
        ("import_substitution_max", 1.5),
    ):
        with pytest.raises(ValueError, match=name):
            ArioParameters(**{name: wrong})
    negative = replace(
        TEXTBOOK, flows=np.array([[150.0, -500.0], [200.0, 100.0]]), final=np.array([[1350.0], [1700.0]])
    )
    with pytest.raises(ChainError) as caught:
        simulate(negative, Shock(np.zeros(2)))
    assert (caught.value.kind, caught.value.params) == ("negative_flows", {"sectors": (0,)})
    with pytest.raises(ChainError, match="no_value_added"):
        simulate(replace(TEXTBOOK, value_added=np.zeros(2)), Shock(np.zeros(2)))

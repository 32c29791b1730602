"""Bands over parameters, and the ranking of sectors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.chains.tables import TEXTBOOK, croatia
from tests.chains.test_ario import SYNTHETIC, hit

from foreland.chains.ario import ArioParameters, Shock, simulate
from foreland.chains.bands import Ranges, design, simulate_band
from foreland.chains.static_shock import single_losses
from foreland.chains.systemic import systemic


def test_corners() -> None:
    found = design(ArioParameters(), Ranges())
    ends = {(p.inventory_days, p.overproduction_max, p.overproduction_days) for p in found}
    assert ends == {(i, o, d) for i in (45.0, 180.0) for o in (1.125, 1.375) for d in (182.5, 730.0)}
    assert {p.inventory_restoration_days for p in found} == {60.0}
    assert len(design(ArioParameters(), Ranges(restoration=(0.5, 2.0)))) == 16


def test_stocks_no_lower_than_a_step_allows() -> None:
    found = design(ArioParameters(inventory_days=2.0, psi=0.8), Ranges())
    assert min(float(p.inventory_days) for p in found) == pytest.approx(1.25)  # 1 day / 0.8, not 1
    by_product = design(ArioParameters(inventory_days=[2.0, 100.0]), Ranges())
    np.testing.assert_allclose(by_product[0].inventory_days, [1.25, 50])


def test_sobol_is_fixed_and_within() -> None:
    one, two = (design(ArioParameters(), Ranges(), "sobol", draws=16, seed=3) for _ in range(2))
    assert one == two
    assert one != design(ArioParameters(), Ranges(), "sobol", draws=16, seed=4)
    assert len({p.inventory_days for p in one}) == 16
    assert all(45 <= p.inventory_days <= 180 and 1.125 <= p.overproduction_max <= 1.375 for p in one)
    # One of 16 points in each sixteenth of a range, as a scrambled sequence has.
    sixteenths = np.log([float(p.inventory_days) / 45 for p in one]) / np.log(4) * 16
    assert sorted(np.floor(sixteenths).astype(int)) == list(range(16))


def test_a_band_is_made_of_simulations() -> None:
    shock = Shock(hit(6, 2, 0.5), 40, "linear", 20)
    band = simulate_band(SYNTHETIC, shock, steps=200)
    assert len(band.draws) == 8
    alone = [simulate(SYNTHETIC, shock, p, steps=200) for p in band.draws]
    np.testing.assert_allclose(band.total_loss, [s.total_loss for s in alone], rtol=1e-12)
    np.testing.assert_allclose(band.loss_by_sector, [s.loss_by_sector for s in alone], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(band.unmet, [s.total_unmet for s in alone], rtol=1e-12)
    np.testing.assert_allclose(band.value_added, [s.value_added for s in alone], rtol=1e-12)
    days = [np.nan if s.recovery_day is None else s.recovery_day for s in alone]
    np.testing.assert_array_equal(band.recovery_day, days)
    assert (band.low <= band.central.value_added).all()
    assert (band.central.value_added <= band.high).all()
    low, high = band.loss_days_range
    assert low < band.central.loss_days < high
    assert low == pytest.approx(min(s.loss_days for s in alone))


def test_a_band_of_given_draws() -> None:
    shock = Shock(hit(6, 2, 0.5), 40)
    inside = design(ArioParameters(), Ranges(), "sobol", draws=8)
    corners, points = simulate_band(SYNTHETIC, shock), simulate_band(SYNTHETIC, shock, draws=inside)
    assert corners.loss_range[0] <= points.loss_range[0] <= points.loss_range[1] <= corners.loss_range[1]
    never = simulate_band(SYNTHETIC, Shock(hit(6, 2, 0.5), recovery="none"), steps=50)
    assert never.recovery_range == (None, None)


def test_systemic_is_one_simulation_a_sector() -> None:
    shock = Shock(np.full(6, 0.4), 30)
    found = systemic(SYNTHETIC, shock, steps=150)
    alone = [simulate(SYNTHETIC, replace(shock, loss=hit(6, k, 0.4)), steps=150) for k in range(6)]
    np.testing.assert_allclose(found.loss, [s.total_loss for s in alone], rtol=1e-12)
    np.testing.assert_allclose(found.loss_days, [s.loss_days for s in alone], rtol=1e-12)
    np.testing.assert_allclose(found.direct, [s.direct_loss for s in alone], rtol=1e-12)
    np.testing.assert_allclose(found.unmet, [s.total_unmet for s in alone], rtol=1e-12)
    np.testing.assert_allclose(found.amplification, [s.amplification for s in alone], rtol=1e-12)
    assert list(found.order) == sorted(range(6), key=lambda k: -alone[k].total_loss)
    np.testing.assert_array_equal(found.low, found.high)
    np.testing.assert_array_equal(found.static.lower, single_losses(SYNTHETIC, 0.4).lower)


def test_systemic_of_some_sectors_with_a_range() -> None:
    shock = Shock(np.full(6, 0.4), 30)
    draws = design(ArioParameters(), Ranges())
    found = systemic(SYNTHETIC, shock, steps=100, sectors=[4, 1], draws=draws)
    for m, k in enumerate((4, 1)):
        band = simulate_band(SYNTHETIC, Shock(hit(6, k, 0.4), 30), steps=100)
        assert (found.low[m], found.high[m]) == pytest.approx(band.loss_range, rel=1e-12)


def test_many_scenarios_in_groups(shared: Path) -> None:
    """Groups that fit the cache and blocks of rows change nothing: 65 sectors, more scenarios than one group holds."""
    table = croatia(shared).table
    shock = Shock(np.full(65, 0.3), 20)
    all_of_them = systemic(table, shock, steps=40)
    for k in (0, 40, 64):
        one = simulate(table, replace(shock, loss=hit(65, k, 0.3)), steps=40)
        assert all_of_them.loss[k] == pytest.approx(one.total_loss, rel=1e-9)


def test_blocks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    shock = Shock(hit(6, 2, 0.5), 40)
    whole = simulate(SYNTHETIC, shock, steps=80)
    monkeypatch.setattr("foreland.chains.ario_engine.BLOCK", 13)  # two rows at a time, the last block shorter
    np.testing.assert_allclose(simulate(SYNTHETIC, shock, steps=80).production, whole.production, rtol=1e-12)


def test_refuses() -> None:
    with pytest.raises(ValueError, match="range of factors"):
        Ranges(inventory=(2.0, 1.0))
    with pytest.raises(ValueError, match="unknown design"):
        design(ArioParameters(), Ranges(), "grid")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="step_days"):
        simulate_band(TEXTBOOK, Shock(np.zeros(2)), draws=(ArioParameters(step_days=2.0),))
    with pytest.raises(ValueError, match="positions"):
        systemic(TEXTBOOK, Shock(np.zeros(2)), sectors=[2])
    with pytest.raises(ValueError, match="shape"):
        systemic(TEXTBOOK, Shock(np.zeros(3)))

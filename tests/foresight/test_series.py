"""Counts of units by year: every year, the places asked for, and the totals they are shares of."""

from __future__ import annotations

import numpy as np
import pytest

from foreland.core.errors import DataError
from foreland.core.scope import Scope
from foreland.foresight.questions.series import read_series

PAPERS = {"indicator_id": "papers_fractional", "unit": "papers", "kind": "flow", "aggregation": "sum"}


def rows(years: range, gap: tuple[int, ...] = ()) -> list[tuple[str, str, str, float | None]]:
    """Two countries; a unit has none in the years of the gap, though there are documents."""
    found: list[tuple[str, str, str, float | None]] = []
    for year in years:
        for place, number in (("CN", 10.0), ("US", 30.0)):
            found.append((place, "all:total", str(year), number))
            if year not in gap:
                found.append((place, "made:a", str(year), number / 10 + (year - years[0])))
                found.append((place, "made:b", str(year), 1.0))
    return found


def test_years_without_any_unit_are_years_of_none(tiny) -> None:  # type: ignore[no-untyped-def]
    ws = tiny(rows(range(2010, 2020), gap=(2013, 2014)), **PAPERS)
    series = read_series(ws, Scope.of(scheme="made"))
    assert series.periods == tuple(map(str, range(2010, 2020)))
    assert series.counts[3:5].sum() == 0
    assert series.totals.tolist() == [40.0] * 10
    np.testing.assert_allclose(series.counts[:, 0][[0, 9]], [4.0, 22.0])


def test_a_place_has_its_own_totals(tiny) -> None:  # type: ignore[no-untyped-def]
    ws = tiny(rows(range(2010, 2020)), **PAPERS)
    series = read_series(ws, Scope.of(scheme="made", region="CN"))
    assert series.totals.tolist() == [10.0] * 10
    np.testing.assert_allclose(series.counts[0], [1.0, 1.0])
    np.testing.assert_allclose(series.world[0], [4.0, 2.0])
    # A unit in focus does not narrow what it is a share of.
    one = read_series(ws, Scope.of(scheme="made", region="CN", field="made:a"))
    assert one.units == series.units


def test_without_totals_the_units_are_all_there_is(tiny) -> None:  # type: ignore[no-untyped-def]
    ws = tiny([row for row in rows(range(2010, 2016)) if row[1] != "all:total"], **PAPERS)
    series = read_series(ws, Scope.of(scheme="made"))
    np.testing.assert_allclose(series.totals, series.counts.sum(axis=1))


def test_four_years_are_too_few(tiny) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DataError) as caught:
        read_series(tiny(rows(range(2010, 2014)), **PAPERS), Scope.of(scheme="made"))
    assert "2010, 2011, 2012, 2013" in caught.value.text("en")


@pytest.mark.parametrize(("known", "said"), [(0.8, True), (0.97, False)])
def test_documents_without_a_place_are_told_of(tiny, known: float, said: bool) -> None:  # type: ignore[no-untyped-def]
    """A tenth of a place in what is known is less than a tenth of it in all: nobody knows where the rest is from."""
    whole = [
        ("agg:world", field, str(y), n)
        for y in range(2010, 2020)
        for field, n in (("all:total", 40 / known), ("made:a", 25.0), ("made:b", 5.0))
    ]
    levels = {"agg:world": "aggregate", "CN": "country", "US": "country"}
    ws = tiny([*rows(range(2010, 2020)), *whole], levels=levels, **PAPERS)
    findings = [ws.ask(f"foresight.{q}", region="CN", min_count=1) for q in ("emerging", "catch_up")]
    for finding in findings:
        told = {c.code: c.parameters for c in finding.caveats}
        assert ("unplaced" in told) == said
        assert not said or told["unplaced"] == {"count": "100", "share": "20%"}
    assert "unplaced" not in {c.code for c in ws.ask("foresight.emerging", min_count=1).caveats}

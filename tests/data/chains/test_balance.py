"""Balance of tables against sums by hand, and the notes of many years. Tables are made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.core.errors import DataError
from foreland.data.chains.balance import LIMIT, balance, checked, gathered
from foreland.data.chains.table import Flow, Sectors, SectorTable, Vector
from foreland.i18n import t

from .made_up import MadeUp, made_up


def table_of(made: MadeUp, off: float = 0.0, period: str = "2015") -> SectorTable:
    """The table with the first sector's exports and value added off by a share of all output."""
    n = made.n
    sectors = Sectors("s", tuple("ABCDEFGHIJ"[:n]), {"en": tuple(f"Sector {i}" for i in range(n))})
    lines = np.arange(n) + 2
    more = np.zeros(n)
    more[0] = off * made.output.sum()
    final = made.final + made.imported_final
    named = {
        "household_consumption": final[:, 0],
        "government_consumption": final[:, 1],
        "fixed_investment": final[:, 2],
        "inventory_change": final[:, 3],
        "exports": final[:, 4] + more,
        "imports": made.imports,
        "output": made.output,
        "value_added": made.added.sum(axis=0) - more,
    }
    vectors = tuple(Vector(name, sectors, values, lines) for name, values in named.items())
    flow = Flow("flow", sectors, sectors, made.use, lines)
    return SectorTable(Path("t.csv"), "KR", period, "KRW", (1e6, 1.0), (flow,), vectors)


@given(n=st.integers(2, 8), seed=st.integers(0, 1000), off=st.floats(0, 0.5))
def test_imbalance_is_what_was_put_in(n: int, seed: int, off: float) -> None:
    made = made_up(n, seed)
    rows, columns = balance(table_of(made, off))
    assert (rows.axis, columns.axis) == ("rows", "columns")
    for side in (rows, columns):
        assert side.total == pytest.approx(off, abs=1e-12)
    if off > 1e-6:
        assert rows.worst == columns.worst == 0
        assert rows.residual[0] > 0 > columns.residual[0]
        assert rows.relative()[0] == pytest.approx(off * made.output.sum() / made.output[0])


def test_refused_from_the_limit_on() -> None:
    made = made_up(5)
    assert {key for key, _ in checked(table_of(made, 0.9 * LIMIT))} == {
        "data.note.io_balance_rows", "data.note.io_balance_columns",
    }  # fmt: skip
    with pytest.raises(DataError) as caught:
        checked(table_of(made, 1.1 * LIMIT), left="X, Y")
    assert caught.value.key == "data.error.io_unbalanced_rows"
    for language in ("en", "zh"):
        text = caught.value.text(language)
        assert "X, Y" in text
        assert "A Sector 0" in text
        assert f"{110 * LIMIT:.3g}" in text


def test_years_that_say_the_same_are_one_note() -> None:
    made = made_up(4)
    tables = [table_of(made, off, period) for period, off in (("2010", 0.001), ("2011", 0.02), ("2012", 0.003))]
    notes = gathered([note for table in tables for note in checked(table)])
    assert [(key, params["period"], params["share"]) for key, params in notes] == [
        ("data.note.io_balance_rows", "2010–2012", "2"),
        ("data.note.io_balance_columns", "2010–2012", "2"),
    ]
    assert "2010–2012" in t(notes[0][0], "zh", **notes[0][1])


def test_no_output_at_all() -> None:
    sectors = Sectors("s", ("A", "B"))
    zero, lines = np.zeros(2), np.array([2, 3])
    flow = Flow("flow", sectors, sectors, np.zeros((2, 2)), lines)
    vectors = tuple(Vector(name, sectors, zero, lines) for name in ("output", "value_added", "exports"))
    with pytest.raises(DataError) as caught:
        checked(SectorTable(Path("t.csv"), "KR", "2015", "KRW", (1.0, 1.0), (flow,), vectors))
    assert caught.value.key == "data.error.io_no_output"

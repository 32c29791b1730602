"""Who led when: the rule against flicker, reigns and grades of risk, against brute force and hand-computed answers."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from foreland.foresight.ladder import HIGH, LOW, MEDIUM, monopoly_risk, ranks, reigns, settled

LEADERS = hnp.arrays(np.int64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.integers(-1, 3))


def by_runs(leader: list[int], hold: int) -> list[int]:
    """The same rule told run by run: a run takes over where it is long enough, others leave things as they were."""
    out: list[int] = []
    current = -1
    for place, run in groupby(leader):
        length = len(list(run))
        if place < 0:
            out += [-1] * length
            continue
        current = place if length >= hold else current
        out += [current] * length
    return out


class TestSettled:
    def test_hand_computed(self):
        leader = np.array([[0], [1], [0], [1], [1], [2], [1], [2]])
        # A never leads twice in a row, so nobody does before B's two; C's single years change nothing.
        assert settled(leader, 2)[:, 0].tolist() == [-1, -1, -1, 1, 1, 1, 1, 1]
        assert settled(leader, 1)[:, 0].tolist() == leader[:, 0].tolist()
        assert settled(leader, 3)[:, 0].tolist() == [-1] * 8

    def test_a_last_year_alone_does_not_count_yet(self):
        assert settled(np.array([[0], [0], [0], [1]]), 2)[:, 0].tolist() == [0, 0, 0, 0]
        assert settled(np.array([[0], [0], [1], [1]]), 2)[:, 0].tolist() == [0, 0, 1, 1]

    def test_years_without_a_leader_have_none_of_record(self):
        assert settled(np.array([[0], [0], [-1], [-1], [0]]), 2)[:, 0].tolist() == [0, 0, -1, -1, 0]

    @given(LEADERS, st.integers(1, 5))
    def test_run_by_run(self, leader: np.ndarray, hold: int):
        found = settled(leader, hold)
        for field in range(leader.shape[1]):
            assert found[:, field].tolist() == by_runs(leader[:, field].tolist(), hold)

    @given(LEADERS)
    def test_a_stricter_rule_never_finds_more_changes(self, leader: np.ndarray):
        leader = np.abs(leader)
        counts = [len(reigns(settled(leader, hold))) for hold in (1, 2, 3, 4)]
        assert counts == sorted(counts, reverse=True)

    def test_refuses_no_hold(self):
        with pytest.raises(ValueError, match="hold"):
            settled(np.zeros((2, 1), dtype=int), 0)


@given(LEADERS, st.integers(1, 3))
def test_reigns_say_who_led_in_every_period(leader: np.ndarray, hold: int):
    record = settled(leader, hold)
    again = np.full(record.shape, -1)
    for reign in reigns(record):
        assert (again[reign.first : reign.last + 1, reign.field] == -1).all()
        again[reign.first : reign.last + 1, reign.field] = reign.place
    np.testing.assert_array_equal(again, record)


class TestMonopolyRisk:
    @pytest.mark.parametrize(
        ("lead", "institutions", "risk"),
        [
            # The three lines of ASPI's definition, at and just below each bound.
            (3.0, 8, HIGH), (9.0, 10, HIGH), (2.99, 8, MEDIUM), (3.0, 7, MEDIUM), (2.0, 5, MEDIUM),
            (1.99, 10, LOW), (5.0, 4, LOW), (1.0, 0, LOW), (np.inf, 10, HIGH), (np.nan, 10, -1),
        ],
    )  # fmt: skip
    def test_definition(self, lead: float, institutions: int, risk: int):
        assert monopoly_risk(np.array(lead), np.array(institutions)) == risk

    @given(st.floats(1, 20), st.integers(0, 10))
    def test_without_institutions_it_is_the_highest_it_can_be(self, lead: float, institutions: int):
        alone = monopoly_risk(np.array(lead))
        assert alone >= monopoly_risk(np.array(lead), np.array(institutions))
        assert alone == monopoly_risk(np.array(lead), np.array(np.nan)) == monopoly_risk(np.array(lead), np.array(10))

    def test_refuses_eleven_of_ten(self):
        with pytest.raises(ValueError, match="institutions"):
            monopoly_risk(np.array([2.0]), np.array([11]))


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 6)), elements=st.integers(0, 4).map(float)))
def test_ranks_count_those_ahead(output: np.ndarray):
    expected = [
        [1 + sum(row[j] > row[i] or (row[j] == row[i] and j < i) for j in range(len(row))) for i in range(len(row))]
        for row in output
    ]
    assert ranks(output).tolist() == expected

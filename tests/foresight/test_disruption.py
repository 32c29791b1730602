"""The CD index against its definition written out, and the cases where it says nothing."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.foresight.disruption import disruption

# The room's verb of the same name hides the module from an ordinary import.
module = import_module("foreland.foresight.disruption")


def by_definition(links: set[tuple[int, int]], time: list[float], focal: int, window: float | None) -> float:
    """Funk & Owen-Smith's sum over later documents: (-2 f b + f) over their number."""
    references = {b for a, b in links if a == focal}
    terms = []
    for other in range(len(time)):
        cites = {b for a, b in links if a == other}
        later = time[other] > time[focal] and (window is None or time[other] <= time[focal] + window)
        if later and (focal in cites or cites & references):
            f, b = int(focal in cites), int(bool(cites & references))
            terms.append(-2 * f * b + f)
    return sum(terms) / len(terms) if terms and references else np.nan


def test_a_small_case_by_hand() -> None:
    # 2 cites 0 and 1. 3 cites it alone, 4 it and 0, 5 only 1, 6 comes too late.
    links = [(2, 0), (2, 1), (3, 2), (4, 2), (4, 0), (5, 1), (6, 2)]
    time = np.array([2000, 2000, 2005, 2006, 2008, 2010, 2011])
    found = disruption(*np.array(links).T, time, 5)
    assert (found.alone[2], found.beside[2], found.around[2]) == (1, 1, 1)
    assert found.cd[2] == 0
    assert found.cited[2] == 2
    assert disruption(*np.array(links).T, time, None).cd[2] == pytest.approx(1 / 4)


def test_a_document_without_references_has_no_value() -> None:
    found = disruption(np.array([1, 2]), np.array([0, 0]), np.array([2000, 2001, 2002]))
    assert found.cited[0] == 2
    assert np.isnan(found.cd[0])
    assert found.references.tolist() == [0, 1, 1]


def test_of_a_time_that_nobody_knows_nothing_is_said() -> None:
    links = np.array([(1, 0), (2, 1), (3, 1)]).T
    found = disruption(*links, np.array([2000, 2001, np.nan, 2003]))
    assert found.alone[1] == 1
    assert found.cd[1] == 1
    assert np.isnan(disruption(*links, np.array([2000, np.nan, 2002, 2003])).cd[1])


@given(
    links=st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=45),
    time=st.lists(st.sampled_from([2000.0, 2001.0, 2002.5, 2004.0, 2009.0, np.nan]), min_size=10, max_size=10),
    window=st.sampled_from([None, 1.0, 2.5, 5.0]),
    pairs=st.sampled_from([1, 7, 4_000_000]),
)
def test_equals_the_definition(
    links: set[tuple[int, int]], time: list[float], window: float | None, pairs: int
) -> None:
    array = np.array(sorted(links), dtype=np.int64).reshape(-1, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PAIRS", pairs)
        found = disruption(array[:, 0], array[:, 1], np.array(time), window)
    own = {(a, b) for a, b in links if a != b}
    expected = [by_definition(own, time, focal, window) for focal in range(10)]
    assert found.cd == pytest.approx(np.array(expected), nan_ok=True, abs=1e-15)
    assert (np.abs(found.cd[~np.isnan(found.cd)]) <= 1).all()


def test_repeats_and_self_citations_do_not_count() -> None:
    links = np.array([(1, 0), (1, 0), (1, 1), (2, 1), (2, 1), (2, 0)]).T
    found = disruption(*links, np.array([2000, 2001, 2002]))
    assert (found.alone[1], found.beside[1], found.references[1]) == (0, 1, 1)
    assert found.cd[1] == -1


def test_nothing_at_all_and_what_is_refused() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert disruption(none, none, np.zeros(0)).cd.size == 0
    assert np.isnan(disruption(none, none, np.array([2000.0, 2001.0])).cd).all()
    with pytest.raises(ValueError, match="outside"):
        disruption(np.array([0]), np.array([2]), np.array([2000.0, 2001.0]))
    with pytest.raises(ValueError, match="window"):
        disruption(none, none, np.zeros(1), 0)

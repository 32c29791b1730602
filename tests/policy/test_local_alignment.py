"""Local alignment against the textbook's O(nm) recursion and published examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.policy.local_alignment import Scoring, extend, smith_waterman

WORDS = st.lists(st.integers(0, 3), max_size=25)
SCORINGS = st.builds(
    Scoring, match=st.integers(1, 4), mismatch=st.integers(-4, -1), gap=st.integers(-4, -1), band=st.just(40)
)


def codes(text: str) -> np.ndarray:
    return np.array([ord(c) for c in text], np.int32)


def textbook(a: list[int], b: list[int], s: Scoring) -> int:
    """Highest score of a local alignment, cell by cell (Smith & Waterman 1981; Durbin et al. 1998, §2.3)."""
    H = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a, 1):
        for j, y in enumerate(b, 1):
            diagonal = H[i - 1][j - 1] + (s.match if x == y else s.mismatch)
            H[i][j] = max(0, diagonal, H[i - 1][j] + s.gap, H[i][j - 1] + s.gap)
    return max(max(row) for row in H)


def beginnings(a: list[int], b: list[int], s: Scoring) -> int:
    """Highest score of aligning any beginning of one with any beginning of the other."""
    H = [[s.gap * (i + j) for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i, x in enumerate(a, 1):
        for j, y in enumerate(b, 1):
            diagonal = H[i - 1][j - 1] + (s.match if x == y else s.mismatch)
            H[i][j] = max(diagonal, H[i - 1][j] + s.gap, H[i][j - 1] + s.gap)
    return max(max(row) for row in H)


class TestSmithWaterman:
    def test_example_of_textbooks(self):
        """TGTTACGG against GGTTGACTA with +3, -3, -2 has GTT-AC over GTTGAC and scores 13."""
        found = smith_waterman(codes("TGTTACGG"), codes("GGTTGACTA"), Scoring(3, -3, -2))
        assert found.score == 13
        assert (found.left, found.right) == ((1, 6), (1, 7))
        assert found.columns.tolist() == [[1, 1], [2, 2], [3, 3], [-1, 4], [4, 5], [5, 6]]

    def test_example_with_the_scoring_used_here(self):
        """ACACACTA against AGCACACA with +2, -1, -1 has A-CACACTA over AGCACAC-A and scores 12."""
        found = smith_waterman(codes("AGCACACA"), codes("ACACACTA"))
        assert found.score == 12
        assert (found.left, found.right) == ((0, 8), (0, 8))

    @given(WORDS, WORDS, SCORINGS)
    def test_equals_the_textbook(self, a: list[int], b: list[int], scoring: Scoring):
        found = smith_waterman(a, b, scoring)
        assert found.score == textbook(a, b, scoring)
        assert found.score == smith_waterman(b, a, scoring).score

    @given(WORDS, WORDS, SCORINGS)
    def test_the_columns_are_worth_the_score(self, a: list[int], b: list[int], scoring: Scoring):
        found = smith_waterman(a, b, scoring)
        worth = 0
        for x, y in found.columns.tolist():
            worth += scoring.gap if min(x, y) < 0 else scoring.match if a[x] == b[y] else scoring.mismatch
        assert worth == found.score
        for side, (start, end) in enumerate((found.left, found.right)):
            used = found.columns[found.columns[:, side] >= 0, side]
            assert used.tolist() == list(range(start, end))

    def test_nothing_in_common(self):
        found = smith_waterman(codes("量子"), codes("氢能"))
        assert (found.score, len(found.columns)) == (0, 0)


class TestExtend:
    @staticmethod
    def both(cases: list[tuple[list[int], list[int]]], scoring: Scoring, step: int = 1):
        flat, starts, rooms = [], [], []
        for pair in cases:
            for text in pair:
                starts.append(len(flat) if step == 1 else len(flat) + len(text) - 1)
                rooms.append(len(text))
                flat += text
        return extend(
            np.array([*flat, 0], np.int32),
            np.array(starts).reshape(-1, 2).T,
            np.array(rooms).reshape(-1, 2).T,
            step,
            scoring,
        )

    @given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6), st.integers(1, 3))
    def test_equals_the_textbook_whatever_else_is_aligned_with_it(self, cases: list, match: int):
        scoring = Scoring(match, -1, -1, band=30, drop=1000)
        found = self.both(cases, scoring)
        assert found.score.tolist() == [max(beginnings(a, b, scoring), 0) for a, b in cases]
        backward = self.both([(a[::-1], b[::-1]) for a, b in cases], scoring, step=-1)
        for name in ("score", "identical", "left", "right"):
            np.testing.assert_array_equal(getattr(found, name), getattr(backward, name))

    @given(WORDS, WORDS)
    def test_what_it_took_is_worth_the_score(self, a: list[int], b: list[int]):
        scoring = Scoring(band=30, drop=1000)
        found = self.both([(a, b)], scoring)
        left, right, identical = int(found.left[0]), int(found.right[0]), int(found.identical[0])
        assert beginnings(a[:left], b[:right], scoring) == found.score[0]
        assert found.score[0] <= scoring.match * identical
        assert identical <= min(left, right)

    def test_long_texts_and_the_end_of_a_run(self):
        rng = np.random.default_rng(1)
        a, noise = rng.integers(0, 5000, 1500).tolist(), rng.integers(5000, 9000, 300).tolist()
        b = [*a[:400], *a[405:900], 7777, *a[900:1200], *noise]
        found = self.both([(a, b), (noise, a)], Scoring())
        assert found.score.tolist() == [2 * 1195 - 5 - 1, 0]
        assert (found.left[0], found.right[0], found.identical[0]) == (1200, 1196, 1195)
        assert (found.left[1], found.right[1]) == (0, 0)

    def test_the_band_is_kept(self):
        a = list(range(100))
        found = self.both([(a, a[:20] + a[40:])], Scoring(band=12, drop=1000))
        assert found.identical[0] == 20

    def test_a_run_ends_where_the_score_has_fallen_too_far(self):
        a, b = [*range(10), *range(100, 130), *range(10, 99)], [*range(10), *range(200, 230), *range(10, 99)]
        assert self.both([(a, b)], Scoring(drop=20)).identical[0] == 10
        assert self.both([(a, b)], Scoring(drop=40)).identical[0] == 99


@pytest.mark.parametrize("wrong", [{"match": 0}, {"mismatch": 0}, {"gap": 1}, {"band": 0}, {"drop": 0}])
def test_scoring_refuses_what_is_no_local_alignment(wrong: dict[str, int]):
    with pytest.raises(ValueError, match="match, band and drop"):
        Scoring(**wrong)

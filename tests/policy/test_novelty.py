"""What is new: states against a plain reading of the rules, brute-force counts, and the reports of the years."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import log2
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from foreland.policy.new_terms import Finder, new_terms
from foreland.policy.novelty import FALLEN, FIRST, RETURNED, RISEN, STEADY, TOO_FEW, newness, tabulate

MENTIONS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(0, 3)), max_size=30)


class TestTabulate:
    @given(MENTIONS)
    def test_equals_counting_by_hand(self, mentions: list[tuple[int, int, int]]):
        rows = np.array(mentions, np.int64).reshape(-1, 3).T
        counts, documents = tabulate(*rows, (3, 4))
        times = Counter((period, term) for period, _, term in mentions)
        where = defaultdict(set)
        for period, document, term in mentions:
            where[period, term].add(document)
        for period in range(3):
            for term in range(4):
                assert counts[period, term] == times[period, term]
                assert documents[period, term] == len(where[period, term])


class TestNewness:
    def test_states(self):
        counts = np.array(
            #  first, few, rise, fall, back, steady, silent
            [[0, 0, 0, 0, 8, 5, 0], [0, 0, 2, 30, 0, 5, 0], [9, 2, 30, 2, 9, 5, 0]]
        )
        found = newness(counts, np.minimum(counts, 3), [10_000] * 3)
        assert found.state[2].tolist() == [FIRST, TOO_FEW, RISEN, FALLEN, RETURNED, STEADY, None]
        assert found.state[0].tolist() == [None] * 7
        assert newness(counts, np.minimum(counts, 3), [10_000] * 3, window=2).state[2, 4] == STEADY

    def test_absence_from_a_short_past_proves_nothing(self):
        counts = np.array([[0], [9]])
        assert newness(counts, counts, [100_000, 100_000]).state[1, 0] == FIRST
        assert newness(counts, counts, [1_000, 100_000]).state[1, 0] == STEADY

    def test_documents_count_too(self):
        counts = np.array([[0, 0], [9, 9]])
        found = newness(counts, [[0, 0], [1, 4]], [1000, 1000], least=(3, 2))
        assert found.state[1].tolist() == [TOO_FEW, FIRST]

    @given(st.integers(0, 12), st.integers(0, 12))
    def test_interval_is_that_of_the_binomial(self, before: int, now: int):
        found = newness([[before], [now]], [[before], [now]], [1000, 1000], least=(0, 0))
        if before + now:
            p = binomtest(now, before + now).proportion_ci(0.95, method="exact")
            assert found.ratio_low[1, 0] == pytest.approx(p.low / (1 - p.low))
            clear = p.low > 0.5 or p.high < 0.5
            assert (found.state[1, 0] != STEADY) == clear

    @pytest.mark.parametrize("wrong", [{"window": 0}, {"sizes": [1, 2]}, {"documents": [[1]]}])
    def test_refuses(self, wrong: dict):
        with pytest.raises(ValueError, match=r"window|periods"):
            newness(**{"counts": [[1], [2], [3]], "documents": [[1], [1], [1]], "sizes": [9, 9, 9], **wrong})


# Own-made sentences; 霜蓝晶 is a material that does not exist.
BEFORE = ["我们修路，也修桥。去年修了三座桥，今年再修两座桥。渔港热闹，学校安静。"]
NOW = [
    "我们修路，也修桥。发展霜蓝晶产业，建霜蓝晶工厂。霜蓝晶，是好材料。渔港热闹。",
    "学校安静，桥也结实。研究霜蓝晶。三家工厂用霜蓝晶造灯，“月桥计划”开始了，“月桥计划”要做三年，月桥计划好。",
]


class TestNewTerms:
    def test_finds_the_word_and_not_its_parts(self):
        found = {term.text: term for term in new_terms(NOW, BEFORE, finder=Finder(cohesion=1))}
        assert "霜蓝晶" in found
        assert not {"霜蓝", "蓝晶", "修桥", "渔港"} & set(found)
        term = found["霜蓝晶"]
        assert (term.count, term.documents, term.before) == (5, 2, 0)
        document, start = term.at
        assert NOW[document][start : start + 3] == "霜蓝晶"
        assert found["月桥计划"].quoted
        assert not term.quoted

    def test_measures_by_hand(self):
        (term,) = (t for t in new_terms(NOW, BEFORE, finder=Finder(cohesion=-9)) if t.text == "霜蓝晶")
        size = sum(sum("一" <= c <= "鿿" for c in text) for text in NOW)
        # 霜, 蓝, 晶 and their pairs stand nowhere else: either cut gives 5 · N / (5 · 5).
        assert term.cohesion == pytest.approx(log2(size / 5))
        # Before it 展, 建, a break, 究, 用: five different; behind it 产, 工, a break twice, 造: five different.
        assert term.freedom == pytest.approx(log2(5))
        p = binomtest(5, 5).proportion_ci(0.95, method="exact")
        past = sum("一" <= c <= "鿿" for c in BEFORE[0])
        assert term.ratio_low == pytest.approx(p.low / (1 - p.low) * past / size)

    def test_nothing_is_new_to_who_said_it_all(self):
        assert new_terms(NOW, NOW * 2) == []
        assert new_terms([], []) == []
        assert new_terms([""], ["。"]) == []

    def test_about(self):
        assert {t.text for t in new_terms(NOW, BEFORE, about=["修路"], finder=Finder(cohesion=1))} == {"霜蓝晶"}
        near = new_terms(NOW, BEFORE, about=["结实"], finder=Finder(cohesion=1, near=0.9))
        assert "霜蓝晶" not in {t.text for t in near}
        assert new_terms(NOW, BEFORE, about=["霜蓝晶", "月桥计划"], finder=Finder(cohesion=1)) == []

    def test_support_lets_a_single_mention_be_found(self):
        once = ["渔港热闹，学校用霜蓝晶造桥。"]
        assert new_terms(once, BEFORE, finder=Finder(cohesion=1)) == []
        (term,) = new_terms(once, BEFORE, support=NOW, finder=Finder(cohesion=1))
        assert (term.text, term.count) == ("霜蓝晶", 1)

    def test_english(self):
        now = ["We fund frost crystal labs. A frost crystal lamp is bright; the Frost Crystal, cheap. Roads are long."]
        before = ["Roads are long. We fund roads and a lamp. Bridges are long."]
        found = new_terms(now, before, "en", finder=Finder(longest=3, cohesion=1))
        assert [(t.text, t.count) for t in found] == [("frost crystal", 3)]

    def test_refuses_other_languages(self):
        with pytest.raises(ValueError, match="zh"):
            new_terms([], [], "fr")  # type: ignore[arg-type]

    def test_the_years_of_what_is_spoken_of(self, shared: Path):
        pd = pytest.importorskip("pandas")
        table = pd.read_parquet(shared / "data/cn_work_reports_national_zh_en/gwr_national_zh_en.parquet")
        national = table.dropna(subset=["zh"]).groupby("year")["zh"].agg("\n".join)
        reports = list(pd.read_parquet(shared / "data/cn_work_reports_2026/gwr_provincial_2026.parquet")["text"])
        expected = {
            2024: {"新质生产力", "低空经济", "商业航天", "生物制造", "人工智能+"},
            2025: {"具身智能", "大模型"},
            2026: {"脑机接口"},
        }
        for year, words in expected.items():
            past = list(national[national.index < year])
            found = {t.text for t in new_terms([national[year]], past, support=reports, finder=Finder(cohesion=4))}
            assert words <= found, words - found
            assert not {"发展", "创新", "改革", "人民"} & found

"""Text reuse: units and shingles against plain Python, planted copies, and the work reports of 2026."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from foreland.policy.fingerprints import SAMPLING, guess_language, read_units, rolling_hash, winnow
from foreland.policy.local_alignment import smith_waterman
from foreland.policy.reuse import Reuse, Settings, align, find_reuse

# Own-made sentences about places that do not exist.
COPY = "建设白石湖氢能港区，支持三家试验站联合攻关低温储罐，到下一个五年末形成一百台样机的年产能力。"
OTHER = "山那边的渔民清晨出发，把新织的网撒进雾里，傍晚才听见钟声从岸上传来，孩子们数着归来的船。"
THIRD = "图书馆的猫在旧报纸上睡着了，管理员轻轻合上窗，怕风把昨天的天气预报又念一遍给它听。"
ENGLISH = "The harbour of Whitestone will build three cold storage tanks and test one hundred sample engines each year."


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


class TestUnits:
    @given(st.text(alphabet="量子，。 ０1aA\n—Ｂ", max_size=40))
    def test_characters_stand_where_they_are_said_to(self, text: str):
        units = read_units(text, "character")
        kept = [n for n, c in enumerate(text) if c.isalnum()]
        assert len(units.codes) == len(kept)
        if kept:
            first = np.arange(len(kept))
            starts, ends = units.span(first, first + 1)
            assert starts.tolist() == kept
            assert ends.tolist() == [n + 1 for n in kept]

    @given(st.text(alphabet="ab B-,. 7é", max_size=40))
    def test_words_stand_where_they_are_said_to(self, text: str):
        units = read_units(text, "word")
        found = list(re.finditer(r"[^\W_]+", text))
        assert len(units.codes) == len(found)
        if found:
            first = np.arange(len(found))
            starts, ends = units.span(first, first + 1)
            assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [m.span() for m in found]
            same = [[x.group().lower() == y.group().lower() for x in found] for y in found]
            assert (units.codes[:, None] == units.codes).tolist() == same

    def test_width_and_case_do_not_count(self):
        assert read_units("Ａ１ｂ", "character").codes.tolist() == [ord(c) for c in "a1b"]

    @pytest.mark.parametrize(("text", "language"), [(COPY, "zh"), (ENGLISH, "en"), ("", "en"), ("5G 网络", "zh")])
    def test_language(self, text: str, language: str):
        assert guess_language(text) == language


class TestShingles:
    @given(st.lists(st.integers(0, 2), max_size=30), st.integers(1, 6))
    def test_equal_shingles_have_equal_hashes_and_no_others(self, codes: list[int], k: int):
        hashes = rolling_hash(np.array(codes, np.int32), k)
        shingles = [tuple(codes[n : n + k]) for n in range(len(codes) - k + 1)]
        assert len(hashes) == len(shingles)
        assert len(set(hashes.tolist())) == len(set(shingles))
        assert len(set(zip(hashes.tolist(), shingles, strict=True))) == len(set(shingles))

    @given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 9))
    def test_winnowing_as_defined(self, values: list[int], window: int):
        """Minimum of every window, rightmost of equals: Schleimer, Wilkerson & Aiken 2003, definition 1."""
        expected = set()
        size = min(window, len(values))
        for start in range(len(values) - size + 1 if values else 0):
            held = values[start : start + size]
            expected.add(start + max(n for n, value in enumerate(held) if value == min(held)))
        hashes = np.array(values, np.uint64) << np.uint64(40)
        assert winnow(hashes, window).tolist() == sorted(expected)

    def test_the_example_of_the_paper(self):
        """Schleimer, Wilkerson & Aiken 2003, figure 2: hashes of 'adorunrunrunadorunrun', windows of four."""
        hashes = [77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98]
        kept = winnow(np.array(hashes, np.uint64) << np.uint64(40), 4)
        assert [hashes[n] for n in kept] == [17, 17, 8, 39, 17]


class TestAlign:
    def test_finds_the_copy_where_it_was_written(self):
        left, right = f"{OTHER}\n{COPY}", f"{COPY}……{THIRD}"
        (passage,) = align(left, right)
        assert left[passage.left_start : passage.left_end] == COPY[:-1]
        assert right[passage.right_start : passage.right_end] == COPY[:-1]
        size = len(letters(COPY))
        assert (passage.identical, passage.score, passage.own) == (size, 2 * size, size)

    def test_an_edited_copy_is_one_passage_with_the_score_of_smith_waterman(self):
        edited = COPY.replace("支持", "鼓励").replace("低温储罐", "新型低温液态储罐").replace("，", " ")
        (passage,) = align(OTHER + COPY, THIRD + edited)
        left, right = (read_units(text, "character").codes for text in (OTHER + COPY, THIRD + edited))
        assert passage.score == smith_waterman(left, right).score

    def test_english_by_words(self):
        left = f"Fishermen sang at dawn. {ENGLISH}"
        right = f"{ENGLISH.upper().replace(' ', '  ')} Then it rained on the old library all day."
        (passage,) = align(left, right)
        assert left[passage.left_start : passage.left_end] == ENGLISH[:-1]
        assert passage.identical == len(ENGLISH.split())

    def test_moved_sentences_are_passages_of_their_own(self):
        passages = align(COPY + OTHER + THIRD, THIRD + COPY + OTHER)
        assert [p.identical for p in passages] == [len(letters(COPY + OTHER)), len(letters(THIRD))]

    @pytest.mark.parametrize(
        ("left", "right"), [("", ""), ("", COPY), ("量子", "量子计算"), (OTHER, THIRD), ("。", "，")]
    )
    def test_nothing_shared(self, left: str, right: str):
        assert align(left, right, "zh") == []

    def test_identical_texts_are_one_passage(self):
        (passage,) = align(COPY, COPY)
        assert (passage.left_start, passage.left_end) == (0, len(COPY) - 1)

    @settings(max_examples=60)
    @given(st.data())
    def test_symmetric(self, data: st.DataObject):
        pieces = st.lists(st.sampled_from([COPY, OTHER, THIRD, COPY[:30], OTHER[5:], "一二三四五"]), max_size=6)
        left, right = "".join(data.draw(pieces)), "".join(data.draw(pieces))
        there = sorted(
            (p.left_start, p.left_end, p.right_start, p.right_end, p.score) for p in align(left, right, "zh")
        )
        back = sorted((p.right_start, p.right_end, p.left_start, p.left_end, p.score) for p in align(right, left, "zh"))
        assert there == back


def plain(found: list[Reuse], order: list[int]) -> set[tuple]:
    """Pairs by the numbers the documents had before they were put into `order`."""
    pairs = set()
    for pair in found:
        a, b = order[pair.left], order[pair.right]
        spans = [((p.left_start, p.left_end), (p.right_start, p.right_end), p.score, p.own) for p in pair.passages]
        if a > b:
            a, b = b, a
            spans = [(y, x, score, own) for x, y, score, own in spans]
        source = None if pair.source is None else order[pair.source]
        pairs.add((a, b, round(pair.score, 6), pair.longest, source, tuple(sorted(spans))))
    return pairs


class TestFindReuse:
    @settings(max_examples=30)
    @given(st.permutations(range(6)))
    def test_the_order_of_documents_does_not_matter(self, order: list[int]):
        texts = [COPY + OTHER, THIRD + COPY, OTHER[:30] + THIRD, COPY + OTHER, "", OTHER[::-1] + COPY[:40]]
        dates = ["2024", "2025-03-01", "2025-03", None, "2020", "2023"]
        base = find_reuse(texts, ["zh"] * 6, dates)
        moved = find_reuse([texts[n] for n in order], ["zh"] * 6, [dates[n] for n in order])
        assert plain(base, list(range(6))) == plain(moved, order)
        assert {(0, 1), (0, 2), (0, 3), (0, 5)} <= {(pair.left, pair.right) for pair in base}

    def test_shares_and_direction(self):
        texts = [COPY + OTHER, THIRD + COPY, OTHER]
        found = {(p.left, p.right): p for p in find_reuse(texts, dates=["2025", "2024-05-01", "2025-01-09"])}
        pair = found[0, 1]
        size, whole = len(letters(COPY)), len(letters(COPY + OTHER))
        assert pair.shared == (size, size)
        assert pair.share == pytest.approx((size / whole, size / len(letters(THIRD + COPY))))
        assert (pair.longest, pair.source) == (size, 1)
        assert found[0, 2].source is None, "2025 and a day of 2025 have no order"
        assert find_reuse(texts)[0].source is None

    def test_what_many_documents_say_starts_no_passage(self):
        places = ["甲子湾", "乙丑岭", "丙寅洲", "丁卯滩", "戊辰谷", "己巳坡", "庚午原", "辛未塘"]
        texts = [place * 9 + COPY for place in places]
        assert len(find_reuse(texts[:5])) == 10
        assert find_reuse(texts) == []
        pair = find_reuse([texts[0] + OTHER, texts[1] + OTHER, *texts[2:]])[0]
        assert (pair.left, pair.right) == (0, 1)
        assert pair.passages[0].identical == len(letters(COPY + OTHER))
        assert len(letters(OTHER)) <= pair.passages[0].own <= len(letters(OTHER)) + 8
        assert pair.score == pytest.approx(2 * pair.passages[0].own)

    def test_wording_of_known_texts_is_nobodys_copy(self):
        texts = [COPY + OTHER, COPY + THIRD]
        assert len(find_reuse(texts)) == 1
        assert find_reuse(texts, known=[THIRD[:20] + COPY]) == []

    def test_many_identical_documents_are_all_found(self):
        found = find_reuse([COPY + OTHER] * 8 + [THIRD])
        assert len(found) == 28
        assert {pair.share for pair in found} == {(1.0, 1.0)}

    def test_tells_how_far_it_is(self):
        steps = []
        find_reuse([COPY, COPY + OTHER, THIRD], progress=lambda done, total: steps.append((done, total)))
        assert [done for done, _ in steps] == sorted(done for done, _ in steps)
        assert steps[-1][0] == steps[-1][1]

    @pytest.mark.parametrize("wrong", [{"languages": ["zh"]}, {"dates": ["2025"]}, {"languages": ["zh", "fr"]}])
    def test_refuses_what_does_not_fit(self, wrong: dict):
        with pytest.raises(ValueError, match=r"2 texts|no sampling for fr"):
            find_reuse([COPY, OTHER], **wrong)

    def test_empty(self):
        assert find_reuse([]) == []
        assert find_reuse(["", "。", COPY]) == []


# Synonyms of the style of work reports; a copyist's paraphrase.
SYNONYMS = dict(
    re.findall(
        r"(\w+)=(\w+)",
        "加快=推进 推进=推动 推动=促进 促进=助推 加强=强化 强化=加强 提升=提高 提高=提升 "
        "实施=开展 开展=实施 打造=建设 建设=打造 支持=鼓励 鼓励=支持 完善=健全 健全=完善 "
        "发展=壮大 全面=全方位 深入=扎实 扎实=深入 积极=主动 持续=不断 优化=改进 扩大=拓展 "
        "拓展=扩大 培育=扶持 落实=执行 增强=增进 重点=着重 重大=大型 创新=革新 企业=公司 "
        "产业=行业 项目=工程 工程=项目 增长=上升 达到=达 基本=大体 有效=切实 切实=有效 "
        "稳步=平稳 统筹=兼顾 保障=确保 确保=保证 改革=变革 新增=增加 群众=百姓 城市=都市 "
        "农村=乡村 教育=教学 服务=帮助 体系=系统 机制=制度 水平=层次 能力=本领 和=与 "
        "等=之类 新=全新 ",
    )
)
_SYNONYM = re.compile("|".join(sorted(SYNONYMS, key=len, reverse=True)))
Change = Callable[[list[str], list[str], np.random.Generator, float], str]


def shuffled(own: list[str], others: list[str], rng: np.random.Generator, part: float) -> str:
    sentences = list(own)
    moved = rng.choice(len(own), round(part * len(own)), replace=False)
    for a, b in zip(moved, rng.permutation(moved), strict=True):
        sentences[a] = own[b]
    return "".join(sentences)


def replaced(own: list[str], others: list[str], rng: np.random.Generator, part: float) -> str:
    sentences = list(own)
    for n in rng.choice(len(own), round(part * len(own)), replace=False):
        sentences[n] = others[rng.integers(len(others))]
    return "".join(sentences)


def paraphrased(own: list[str], others: list[str], rng: np.random.Generator, part: float) -> str:
    sentences = list(own)
    for n in rng.choice(len(own), round(part * len(own)), replace=False):
        sentences[n] = _SYNONYM.sub(lambda m: SYNONYMS[m.group()], own[n])
    return "".join(sentences)


@pytest.fixture(scope="module")
def reports(shared: Path) -> list[list[str]]:
    pd = pytest.importorskip("pandas")
    table = pd.read_parquet(shared / "data/cn_work_reports_2026/gwr_provincial_2026.parquet")
    return [re.findall(r"[^。；！？\n]+[。；！？\n]*", text) for text in table.sort_values("province")["text"]]


def auc(positive: list[float], negative: list[float]) -> float:
    """Share of (copy, unrelated) pairs in which the copy has the higher score."""
    return float(mannwhitneyu(positive, negative).statistic) / (len(positive) * len(negative))


def scored(texts: list[str], wanted: Callable[[int, int], bool]) -> list[float]:
    found = {(pair.left, pair.right): pair.score for pair in find_reuse(texts, ["zh"] * len(texts))}
    every = ((a, b) for a in range(len(texts)) for b in range(a + 1, len(texts)))
    return [found.get(pair, 0.0) for pair in every if wanted(*pair)]


class TestWorkReports:
    """A copy is scored in the company of the real reports, which is what tells boilerplate."""

    @pytest.mark.parametrize("change", [shuffled, replaced, paraphrased])
    def test_changed_copies_stand_out(self, reports: list[list[str]], change: Change):
        measured = self.measure(reports, lambda own, others, rng: change(own, others, rng, 0.9))
        assert measured >= 0.95

    def test_a_tenth_copied_into_another_report_stands_out(self, reports: list[list[str]]):
        """The other way round: a foreign report with a tenth of its sentences taken over."""

        def planted(own: list[str], others: list[str], rng: np.random.Generator) -> str:
            return replaced(others, own, rng, 0.1)

        assert self.measure(reports, planted, hosts=True) >= 0.95

    @staticmethod
    def measure(reports: list[list[str]], change: Callable, hosts: bool = False) -> float:
        rng = np.random.default_rng(2026)
        texts = ["".join(sentences) for sentences in reports]
        negative = scored(texts, lambda a, b: True)
        positive = []
        for n in range(0, 31, 4):
            own = reports[n]
            others = reports[(n + 7) % 31] if hosts else [s for m, r in enumerate(reports) if m != n for s in r]
            company = [text for m, text in enumerate(texts) if not (hosts and m == (n + 7) % 31)]
            company.append(change(own, others, rng))
            at, last = company.index(texts[n]), len(company) - 1
            positive += scored(company, lambda a, b, at=at, last=last: (a, b) == (at, last))
        return auc(positive, negative)

    def test_no_report_is_a_copy_of_another(self, reports: list[list[str]]):
        found = find_reuse(["".join(sentences) for sentences in reports])
        assert max(max(pair.share) for pair in found) < 0.15
        assert min(p.identical for pair in found for p in pair.passages) >= SAMPLING["zh"].least

    def test_sources_are_earlier_years(self, shared: Path):
        pd = pytest.importorskip("pandas")
        table = pd.read_parquet(shared / "data/cn_work_reports_national_zh_en/gwr_national_zh_en.parquet")
        texts = table.dropna(subset=["zh"]).groupby("year")["zh"].agg("\n".join)
        years = [int(year) for year in texts.index]
        found = find_reuse(list(texts), ["zh"] * len(texts), [str(y) for y in years], settings=Settings(floor=20))
        score = {(years[pair.left], years[pair.right]): pair.score for pair in found}
        assert all(pair.source == pair.left for pair in found)
        near = [score.get((y, y + 1), 0) for y in years if y + 1 in years]
        far = [value for (a, b), value in score.items() if b - a >= 8]
        assert auc(near, far) > 0.95, "reports of neighbouring years share more"

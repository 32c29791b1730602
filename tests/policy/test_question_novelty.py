"""What is new, on a made-up country of a few years whose terms are counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binomtest

from foreland.core.errors import DataError
from foreland.data.workspace import Workspace

from .conftest import write

Said = Mapping[str, int]
Library = Callable[..., Workspace]

FIELDS = {"量子云": "iotf:quantum", "低空船": "iotf:low_altitude", "智能茶": "iotf:ai"}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Make a workspace from documents ``(place, level, date, what it says how often, text or None)``."""

    def make(
        *documents: tuple[str, str, str, Said, str | None], length: int = 10_000, language: str = "zh"
    ) -> Workspace:
        held: dict[str, list[dict[str, Any]]] = {"document": [], "passage": []}
        for n, (place, level, date, said, text) in enumerate(documents):
            key = f"doc:made:{n}"
            held["document"].append(
                {
                    "document_id": key, "kind": "policy", "title": f"Made up {n}", "date": date, "language": language,
                    "region_id": place, "level": level, "characters": length, "content_hash": f"{n:064d}", "text": text,
                }
            )  # fmt: skip
            at = 0
            for term, times in said.items():
                for _ in range(times):
                    held["passage"].append(
                        {
                            "passage_id": f"{key}:{at}", "document_id": key, "start": at, "end": at + len(term),
                            "text": term, "kind": "field", "field_id": FIELDS.get(term, "iotf:ai"), "method": "term",
                        }
                    )  # fmt: skip
                    at += 50
        return write(tmp_path / "made", held["document"], held["passage"])

    return make


def years(library: Library) -> Workspace:
    return library(
        ("CN", "central", "2020-03-05", {"量子云": 2, "智能茶": 1}, None),
        ("CN", "central", "2021-03-05", {"智能茶": 1}, None),
        ("CN", "central", "2022-03-05", {"智能茶": 12, "低空船": 5}, None),
        ("CN", "central", "2023-03-05", {"智能茶": 12, "量子云": 1}, None),
        ("CN-ZJ", "province", "2023-01-15", {"低空船": 1, "空天船": 1}, None),
    )


def cell(ws: Workspace, term: str, year: int, **asked: Any) -> dict[str, Any]:
    rows = [row for row in ws.ask("policy.novelty", **asked).rows() if (row["term"], row["year"]) == (term, year)]
    assert len(rows) == 1
    return rows[0]


class TestOverYears:
    def test_counts_and_states_by_hand(self, library: Library):
        ws = years(library)
        asked = {"region": "CN", "years_before": 1}
        assert cell(ws, "低空船", 2022, **asked)["state"] == "first"
        assert cell(ws, "低空船", 2022, **asked)["mentions"] == 5
        assert cell(ws, "智能茶", 2022, **asked)["state"] == "risen"
        assert cell(ws, "智能茶", 2022, **asked)["before"] == 1
        assert cell(ws, "智能茶", 2022, **asked)["ratio"] == pytest.approx(12)
        assert cell(ws, "智能茶", 2023, **asked)["state"] == "steady"
        assert cell(ws, "量子云", 2023, **asked)["state"] == "returned"
        assert cell(ws, "量子云", 2023, **asked)["first_year"] == 2020
        assert cell(ws, "低空船", 2023, **asked)["state"] == "fallen"
        assert cell(ws, "低空船", 2023, **asked)["mentions"] == 0

    def test_the_first_year_has_nothing_to_be_held_against(self, library: Library):
        assert {row["year"] for row in years(library).ask("policy.novelty", region="CN").rows()} == {2021, 2022, 2023}

    def test_interval_is_that_of_the_binomial(self, library: Library):
        row = cell(years(library), "智能茶", 2022, region="CN", years_before=2)
        ends = binomtest(12, 14).proportion_ci(0.9, "exact")
        # Two years of the same length were pooled before one.
        assert row["low"] == pytest.approx(2 * ends.low / (1 - ends.low))
        assert row["high"] == pytest.approx(2 * ends.high / (1 - ends.high))
        assert row["clear"]

    def test_what_was_never_said_is_held_against_all_years_before(self, library: Library):
        row = cell(years(library), "低空船", 2022, region="CN", years_before=1)
        low = binomtest(5, 5).proportion_ci(0.9, "exact").low
        assert row["low"] == pytest.approx(2 * low / (1 - low))
        assert row["high"] is None
        assert row["clear"]

    def test_who_said_it_first_and_who_says_it_since(self, library: Library):
        ws = years(library)
        first = cell(ws, "低空船", 2022, region="CN")
        assert (first["first_id"], first["places_since"], first["of"]) == ("CN", 2, 2)
        new = cell(ws, "空天船", 2023, region="CN-ZJ")
        assert (new["state"], new["first_id"], new["places_since"], new["clear"]) == ("first", "CN-ZJ", 1, False)

    def test_a_period_ends_in_the_year_judged(self, library: Library):
        finding = years(library).ask("policy.novelty", region="CN", period="2022")
        assert {row["year"] for row in finding.rows()} == {2022}
        assert "低空船" in finding.headline["zh"]
        assert "智能茶" in finding.headline["en"]


class TestAPlaceAgainstAllOthers:
    def test_what_the_centre_said_before_is_not_new(self, library: Library):
        rows = {row["term"]: row for row in years(library).ask("policy.novelty", region="CN-ZJ").rows()}
        assert rows["低空船"]["state"] == "steady"
        assert rows["低空船"]["before"] == 5
        assert rows["空天船"]["state"] == "first"

    def test_says_that_its_own_past_is_not_known(self, library: Library):
        ws = years(library)
        assert "unknown_past" in {c.code for c in ws.ask("policy.novelty", region="CN-ZJ").caveats}
        assert "unknown_past" not in {c.code for c in ws.ask("policy.novelty", region="CN").caveats}

    def test_all_places_together(self, library: Library):
        finding = years(library).ask("policy.novelty")
        rows = {row["term"]: row for row in finding.rows()}
        assert {row["year"] for row in finding.rows()} == {2023}
        assert rows["智能茶"]["mentions"] == 12
        assert rows["低空船"]["mentions"] == 1
        assert [term for term, row in rows.items() if row["state"] == "first"] == ["空天船"]


def test_spelling_in_small_and_capital_letters_is_one_term(library: Library):
    ws = library(
        ("GB", "foreign", "2020-01-01", {"Quantum kettle": 1}, None),
        ("GB", "foreign", "2021-01-01", {"quantum  kettle": 1, "Quantum kettle": 2}, None),
        language="en",
    )
    rows = ws.ask("policy.novelty").rows()
    assert [(row["term"], row["mentions"], row["before"], row["state"]) for row in rows] == [
        ("Quantum kettle", 3, 1, "steady")
    ]


def test_a_single_year_is_told_apart_from_nothing_new(library: Library):
    ws = library(("CN", "central", "2023-03-05", {"智能茶": 1}, None))
    with pytest.raises(DataError) as error:
        ws.ask("policy.novelty", region="CN")
    assert error.value.key == "policy.error.no_years_before"


OLD = "各地要种好青稞。村里修了水渠。学校换了新窗。集市每月开两次。智能茶卖得不错。"
WORDS = (
    "我们提出星谷计划，智能茶先行。{0}星谷计划进展顺利，智能茶也好。各方支持星谷计划和智能茶。",
    "渡口",
    "山路",
    "果园",
    "晒场",
)


def spoken(n: int) -> str:
    return WORDS[0].format(f"{WORDS[1 + n % 4]}已经修好。")


def texts(library: Library) -> Workspace:
    said = {"智能茶": 3}
    return library(
        ("CN", "central", "2020-03-05", {"智能茶": 1}, OLD),
        ("CN", "central", "2021-03-05", said, spoken(0)),
        *(("CN", "central", f"{2022 + n}-03-05", said, spoken(n + 1)) for n in range(3)),
        length=60,
    )


class TestWordsOfNoList:
    def test_a_word_that_later_documents_take_up_is_found_and_marked(self, library: Library):
        finding = texts(library).ask("policy.novelty", region="CN", period="2021")
        rows = {row["term"]: row for row in finding.rows()}
        assert rows["智能茶"]["listed"]
        row = next(row for term, row in rows.items() if "星谷计划" in term)
        assert not row["listed"]
        assert row["field_id"] is None
        assert (row["state"], row["mentions"], row["before"], row["first_year"]) == ("first", 3, 0, 2021)
        assert "unlisted_words" in {caveat.code for caveat in finding.caveats}

    def test_they_are_left_out_where_not_asked_for_or_without_texts(self, library: Library):
        ws = texts(library)
        rows = ws.ask("policy.novelty", region="CN", period="2021", unlisted=False).rows()
        assert all(row["listed"] for row in rows)

    def test_none_without_full_texts(self, library: Library):
        assert all(row["listed"] for row in years(library).ask("policy.novelty", region="CN").rows())


def test_every_chart_draws_and_the_evidence_is_of_the_term(library: Library):
    ws = years(library)
    for asked in ({"region": "CN"}, {"region": "CN-ZJ"}, {}):
        finding = ws.ask("policy.novelty", **asked)
        for name in finding.charts:
            assert finding.chart(name, "zh").to_dict()
        row = finding.rows()[0]
        mentions = finding.evidence(0).tables[0][1]
        assert set(mentions["text"].to_pylist()) == {row["term"]}


TERMS = {"人工智能": 2017, "低空经济": 2024, "具身智能": 2025, "6G": 2025}


def test_terms_of_the_pack_surface_in_the_years_the_reports_have_them(packed: Workspace, shared: Path):
    import pandas as pd

    finding = packed.ask("policy.novelty", region="CN", texts="zh")
    found = {row["term"]: row["year"] for row in finding.rows() if row["state"] == "first"}
    reports = pd.read_parquet(shared / "data" / "cn_work_reports_national_zh_en" / "gwr_national_zh_en.parquet")
    written = reports.groupby("year").zh.agg(" ".join)
    for term, year in TERMS.items():
        assert min(y for y, text in written.items() if term in text) == year
        assert found[term] == year

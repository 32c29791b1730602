"""Countries beside each other, on made-up documents counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp, log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from foreland.core.errors import DataError
from foreland.data.workspace import Workspace

from .conftest import write

Said = Mapping[str, int]
Library = Callable[..., Workspace]
AI, QUANTUM, SPACE = "iotf:ai", "iotf:quantum", "iotf:space"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Make a workspace from documents ``(place, level, year, fields, instruments, years aimed at)``."""

    def make(*documents: tuple[str, str, int, Said, Said, tuple[int, ...]], language: str = "en") -> Workspace:
        held: dict[str, list[dict[str, Any]]] = {"document": [], "passage": []}
        for n, (place, level, year, fields, instruments, aims) in enumerate(documents):
            key = f"doc:made:{n}"
            held["document"].append(
                {
                    "document_id": key, "kind": "policy", "title": f"Made up {n}", "date": f"{year}-06-01",
                    "language": language, "region_id": place, "level": level, "characters": 10_000,
                    "content_hash": f"{n:064d}",
                }
            )  # fmt: skip
            read = [{"kind": "field", "field_id": code} for code, times in fields.items() for _ in range(times)]
            read += [{"kind": "instrument", "instrument": c} for c, times in instruments.items() for _ in range(times)]
            read += [{"kind": "quantity", "status": "target", "year": due, "value": 1.0} for due in aims]
            held["passage"] += [
                {"passage_id": f"{key}:{at}", "document_id": key, "start": at, "end": at + 2, "method": "made", **row}
                for at, row in enumerate(read)
            ]
        return write(tmp_path / "made", held["document"], held["passage"])

    return make


def three(library: Library) -> Workspace:
    return library(
        ("CN", "central", 2024, {AI: 10, QUANTUM: 30}, {"talent": 4}, (2024, 2030)),
        ("US", "foreign", 2020, {AI: 30, QUANTUM: 10}, {"tax": 3, "talent": 1}, (2025,)),
        ("US", "foreign", 2022, {AI: 10}, {}, ()),
        ("JP", "foreign", 2021, {SPACE: 40}, {"fund": 2}, ()),
        ("CN-ZJ", "province", 2024, {SPACE: 99}, {}, ()),
    )


def cell(rows: list[dict[str, Any]], place: str, code: str) -> dict[str, Any]:
    return next(row for row in rows if row["region_id"] == place and row["field_id"] == code)


class TestSeveralCountries:
    def test_shares_against_all_others_by_hand(self, library: Library):
        rows = three(library).ask("policy.countries").rows()
        ai = cell(rows, "US", AI)
        assert (ai["mentions"], ai["share"], ai["share_others"]) == (40, 40 / 50, 10 / 80)
        assert ai["span"] == "2020–2022"
        assert cell(rows, "CN", SPACE)["mentions"] == 0
        assert cell(rows, "JP", SPACE)["share_others"] == 0

    def test_ratio_is_the_shrunk_log_odds(self, library: Library):
        ai = cell(three(library).ask("policy.countries").rows(), "US", AI)
        prior = 10 * 50 / 130
        own, other = 40 + prior, 10 + prior
        odds = log(own / (50 + 10 - own)) - log(other / (80 + 10 - other))
        assert ai["ratio_others"] == pytest.approx(exp(odds))
        half = 1.6448536 * (1 / own + 1 / other) ** 0.5
        assert (ai["low"], ai["high"]) == pytest.approx((exp(odds - half), exp(odds + half)))
        assert ai["emphasis"] == "more_others"

    def test_provinces_are_no_countries(self, library: Library):
        finding = three(library).ask("policy.countries")
        assert {row["region_id"] for row in finding.rows()} == {"CN", "US", "JP"}
        evidence = finding.evidence(0).tables
        assert all("CN-ZJ" not in table["region_id"].to_pylist() for _, table in evidence)

    def test_similarity_is_that_of_scipy(self, library: Library):
        found = three(library).ask("policy.countries").tables["alike"].to_pylist()
        pair = next(row for row in found if (row["region_id"], row["other_id"]) == ("CN", "US"))
        assert pair["alike"] == pytest.approx(1 - jensenshannon([10, 30], [40, 10], base=2) ** 2)
        apart = next(row for row in found if (row["region_id"], row["other_id"]) == ("JP", "US"))
        assert apart["alike"] == pytest.approx(0, abs=1e-12)

    def test_targets_and_how_far_ahead(self, library: Library):
        rows = {r["region_id"]: r for r in three(library).ask("policy.countries").tables["profile"].to_pylist()}
        assert (rows["CN"]["targets"], rows["CN"]["horizon"], rows["CN"]["furthest"]) == (2, 3.0, 2030)
        assert (rows["US"]["targets"], rows["US"]["horizon"], rows["US"]["target_density"]) == (1, 5.0, 0.5)
        assert (rows["JP"]["targets"], rows["JP"]["horizon"]) == (0, None)
        assert rows["CN"]["effective_fields"] == pytest.approx(np.exp(-(0.25 * log(0.25) + 0.75 * log(0.75))))
        assert rows["CN"]["supply_share"] == 1.0

    def test_by_instrument(self, library: Library):
        rows = three(library).ask("policy.countries", by="instrument").rows()
        tax = next(row for row in rows if (row["region_id"], row["instrument_id"]) == ("US", "tax"))
        assert (tax["mentions"], tax["share"], tax["share_others"]) == (3, 0.75, 0)

    def test_one_in_focus_is_a_part_of_all(self, library: Library):
        ws = three(library)
        whole, part = ws.ask("policy.countries"), ws.ask("policy.countries", region="JP")
        assert part.rows() == [row for row in whole.rows() if row["region_id"] == "JP"]
        assert "Space" in part.headline["en"]
        assert "航天" in part.headline["zh"]

    def test_headline_names_who_stresses_what(self, library: Library):
        text = three(library).ask("policy.countries").headline["en"]
        assert "Japan (Space)" in text
        assert "Most alike are China and US" in text


class TestOneCountry:
    def test_its_periods_are_compared_and_that_is_said(self, library: Library):
        documents = [("CN", "central", 2010 + n, {AI: n, QUANTUM: 10}, {}, ()) for n in range(8)]
        finding = library(*documents).ask("policy.countries")
        spans = list(dict.fromkeys(row["span"] for row in finding.rows()))
        assert spans == ["2010–2011", "2012–2013", "2014–2015", "2016–2017"]
        last = next(row for row in finding.rows() if row["span"] == "2016–2017" and row["field_id"] == AI)
        assert (last["mentions"], last["share_others"]) == (13, 15 / 75)
        assert "one_country" in {caveat.code for caveat in finding.caveats}
        assert "Only China" in finding.headline["en"]
        assert "只有中国" in finding.headline["zh"]

    def test_one_year_alone_is_not_compared(self, library: Library):
        finding = library(("CN", "central", 2024, {AI: 3, SPACE: 1}, {}, ())).ask("policy.countries")
        assert [row["share"] for row in finding.rows()] == [0.75, 0.25]
        assert all(row["ratio_others"] is None and row["emphasis"] is None for row in finding.rows())
        assert "nothing to compare" in finding.headline["en"]
        assert finding.charts == ("bars",)

    def test_without_national_documents_it_says_what_to_load(self, library: Library):
        with pytest.raises(DataError) as error:
            library(("CN-ZJ", "province", 2024, {AI: 3}, {}, ())).ask("policy.countries")
        assert error.value.key == "policy.error.no_documents"


def test_every_chart_draws(library: Library):
    ws = three(library)
    for asked in ({}, {"region": "US"}, {"by": "instrument"}):
        finding = ws.ask("policy.countries", **asked)
        assert "targets" in finding.charts
        for name in finding.charts:
            for language in ("zh", "en"):
                assert finding.chart(name, language).to_dict()

"""What drives a field, worked out again with pandas straight from the packs' files."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import foreland
from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding
from foreland.core.registry import chart_names
from foreland.core.scope import Scope
from foreland.data.workspace import Workspace
from foreland.foresight.charts.drivers import position
from foreland.foresight.questions.driver_words import headline

QUESTION = "foresight.drivers"
PACKS = Path(foreland.__file__).parent / "data" / "packs" / "china-provinces"
GENERIC = {"iotf:future_industry_generic", "iotf:emerging_generic"}


@pytest.fixture(scope="module")
def read() -> dict[str, pd.DataFrame]:
    """Mentions, and instruments beside each field of their sentence, with place, year and language."""
    found: dict[str, list[pd.DataFrame]] = {"document": [], "passage": []}
    for folder in ("gov-work-reports-2026", "gov-work-reports-national"):
        for table, parts in found.items():
            parts.append(pd.read_parquet(PACKS / folder / f"{table}.parquet"))
    documents = pd.concat(found["document"])
    documents["year"] = documents.date.str[:4].astype(int)
    documents = documents[documents.language == "zh"]
    passages = pd.concat(found["passage"]).merge(
        documents[["document_id", "region_id", "year"]], on="document_id", suffixes=("", "_issued")
    )
    year = "year_issued" if "year_issued" in passages else "year"
    passages = passages.rename(columns={year: "issued"})
    fields = passages[(passages.kind == "field") & ~passages.field_id.isin(GENERIC)]
    sentences = fields[["document_id", "sentence_start", "field_id"]].drop_duplicates()
    named = passages[passages.kind == "instrument"].drop(columns="field_id")
    return {"documents": documents, "fields": fields, "named": named.merge(sentences)}


def below(rates: pd.Series) -> pd.Series:
    """Percent of the others with a lower rate."""
    known = rates.dropna()
    if not known.any():
        return known * np.nan
    return pd.Series({key: 100 * (known.drop(key) < rate).mean() for key, rate in known.items()})


def table(finding: Finding) -> pd.DataFrame:
    return finding.to_pandas().set_index(["region_id", "field_id"])


@pytest.fixture(scope="module")
def provinces(packed: Workspace) -> Finding:
    return packed.ask(QUESTION, level="province")


def test_words_of_the_provinces(provinces: Finding, read: dict[str, pd.DataFrame]):
    rows = table(provinces)
    documents = read["documents"]
    characters = documents[documents.region_id.str.startswith("CN-")].groupby("region_id").characters.sum()
    assert len(characters) == 31
    demand = read["named"].instrument.isin(["scenario", "procurement"])
    for field in ("iotf:ai", "iotf:quantum", "iotf:low_altitude", "iotf:digital"):
        counts = {}
        for column, part in (
            ("mentions", read["fields"]),
            ("demand_named", read["named"][demand]),
            ("means_named", read["named"][~demand]),
        ):
            own = part[(part.field_id == field) & part.region_id.str.startswith("CN-")]
            counts[column] = own.groupby("region_id").size().reindex(characters.index, fill_value=0)
            assert rows.xs(field, level="field_id")[column].sort_index().tolist() == counts[column].tolist()
        standings = {column: below(values / characters) for column, values in counts.items()}
        told = rows.xs(field, level="field_id").sort_index()
        np.testing.assert_allclose(told.scenario, standings["demand_named"].sort_index())
        expected = (standings["mentions"] + standings["means_named"]) / 2
        np.testing.assert_allclose(told.policy, expected.sort_index())


def test_technology_of_the_provinces_is_that_of_their_projects_and_laboratories(
    provinces: Finding, figures: pd.DataFrame
):
    rows = table(provinces)
    held = figures[(figures.scheme == "iotf") & figures.region_id.str.startswith("CN-")]
    held = held[held.indicator_id.isin(["key_projects", "state_key_labs"])]
    counts = held.pivot_table(index="region_id", columns="field_id", values="value", aggfunc="sum").fillna(0)
    own = counts.sum(axis=1)
    for field in ("iotf:quantum", "iotf:gene_cell", "iotf:future_networks", "iotf:high_end_equipment"):
        expected = (below(counts[field]) + below(counts[field] / own)) / 2
        told = rows.xs(field, level="field_id").technology.sort_index()
        np.testing.assert_allclose(told, expected.reindex(told.index))
    # No project and no laboratory of humanoid robots is listed for anyone: that is no evidence, not a nought.
    assert counts.get("iotf:embodied_ai", pd.Series([0.0])).sum() == 0
    embodied = rows.xs("iotf:embodied_ai", level="field_id")
    assert embodied.technology.isna().all()
    assert set(embodied.driver_type) == {"incomplete"}


def test_china_among_its_own_fields(packed: Workspace, figures: pd.DataFrame, read: dict[str, pd.DataFrame]):
    finding = packed.ask(QUESTION, region="CN", indicator="patent_families")
    rows = table(finding).loc["CN"]
    patents = figures[(figures.indicator_id == "patent_families") & (figures.scheme == "wipo35")]
    patents = patents[patents.period.isin(["2018", "2019", "2020"]) & (patents.region_id.str.len() == 2)]
    classes = patents.pivot_table(index="region_id", columns="field_id", values="value", aggfunc="sum").fillna(0)
    with (Path(foreland.__file__).parent / "data" / "taxonomy" / "crosswalks.csv").open(encoding="utf-8") as lines:
        links = [row for row in csv.DictReader(lines) if row["from_id"].startswith("wipo35:")]
    shares = {}
    for field in rows.index:
        own = [row for row in links if row["to_id"] == field and row["quality"] != "weak"]
        if own:
            counts = sum(float(row["weight"]) * classes[row["from_id"]] for row in own)
            assert rows.tech_patents[field] == pytest.approx(counts["CN"])
            shares[field] = counts["CN"] / counts.sum()
    assert np.isnan(rows.technology["iotf:deep_sea"])
    expected = below(pd.Series(shares))
    np.testing.assert_allclose(rows.technology[expected.index], expected)
    # One government has nobody to be compared with: its words stand against each other, of the last three years.
    own = read["fields"][(read["fields"].region_id == "CN") & (read["fields"].issued >= 2024)]
    mentions = own.groupby("field_id").size().reindex(rows.index, fill_value=0)
    assert rows.mentions.tolist() == mentions.tolist()
    assert finding.provenance.parameters["compare"] == "auto"
    assert "22" in finding.benchmark["en"]


def test_without_documents_two_drivers_are_missing_not_nought(packed: Workspace):
    finding = packed.ask(QUESTION, region="US")
    for row in finding.rows():
        assert row["technology"] is not None
        for name in ("scenario", "scenario_low", "policy", "policy_high", "mentions", "drive_balance", "type_holds"):
            assert row[name] is None, name
        assert row["driver_type"] == "incomplete"
    missing = next(caveat for caveat in finding.caveats if caveat.code == "driver_missing")
    assert missing.severity == "serious"
    assert "scenario pull" in missing.text("en")
    assert "场景牵引" in missing.text("zh")
    assert finding.charts == ("lanes",)
    assert "—" in {cell for row in finding.written("zh") for cell in row}


def test_types_follow_from_the_indices_and_counts_of_their_row(provinces: Finding):
    seen = set()
    for row in provinces.rows():
        legs = [row["technology"], row["scenario"], row["policy"]]
        counts = [max(row["tech_projects"], row["tech_labs"]), row["demand_named"], row["mentions"]]
        if None in legs:
            assert row["driver_type"] == "incomplete"
            continue
        strong = tuple(leg >= 60 and count >= 3 for leg, count in zip(legs, counts, strict=True))
        named = [leg for leg, is_strong in zip(("technology", "scenario", "policy"), strong, strict=True) if is_strong]
        assert row["driver_type"] == ("balanced" if len(named) == 3 else "_".join(named) or "none")
        seen.add(row["driver_type"])
        for leg in ("technology", "scenario", "policy"):
            assert 0 <= row[f"{leg}_low"] <= row[leg] <= row[f"{leg}_high"] <= 100
        assert row["drive"] == pytest.approx(sum(legs) / 3)
    assert seen >= {"none", "balanced", "technology", "policy", "technology_policy", "scenario_policy"}


def test_what_a_reader_of_the_reports_would_expect(provinces: Finding):
    """Anhui is the place of quantum technology, Guangdong of the low-altitude economy's promises."""
    rows = table(provinces)
    quantum = rows.xs("iotf:quantum", level="field_id")
    assert quantum.drive.idxmax() == "CN-AH"
    assert rows.loc[("CN-GD", "iotf:low_altitude"), "policy"] > 90


def test_headline_adds_up(packed: Workspace, provinces: Finding):
    for finding in (packed.ask(QUESTION, region="CN-ZJ"), packed.ask(QUESTION, field="iotf:ai"), provinces):
        complete = [row["driver_type"] for row in finding.rows() if row["driver_type"] != "incomplete"]
        ones = [complete.count(code) for code in ("technology", "scenario", "policy")]
        expected = [
            len(complete), complete.count("balanced"), sum("_" in code for code in complete), sum(ones), *ones,
            complete.count("none"),
        ]  # fmt: skip
        held = sum(bool(row["type_holds"]) for row in finding.rows())
        expected += [held] if held else []
        # Types that change within their intervals are not told as if they were known.
        assert ("none of these types is sure" in finding.headline["en"]) == (held == 0)
        for language in ("en", "zh"):
            said = "".join(c if c.isdigit() else " " for c in finding.headline[language]).split()
            assert sorted(map(int, said)) == sorted(expected)


def test_evidence_holds_as_many_passages_as_are_counted(packed: Workspace):
    finding = packed.ask(QUESTION, region="CN-AH", field="iotf:quantum,iotf:ai")
    for i, row in enumerate(finding.rows()):
        held = {}
        for item, rows in finding.evidence(i, limit=1000).tables:
            key = item.table if item.table != "passage" else next(c for c in item.match if c != "region_id")
            held.setdefault(key, []).append(rows)
        for key, column in (
            ("field_id", "mentions"),
            ("demand_passages", "demand_named"),
            ("means_passages", "means_named"),
        ):
            assert held[key][0].num_rows == row[column], key
        projects, labs = held["observation"]
        assert sum(projects["value"].to_pylist()) == row["tech_projects"]
        assert sum(labs["value"].to_pylist()) == row["tech_labs"]
        assert set(held["document"][0]["region_id"].to_pylist()) == {row["region_id"]}


def test_evidence_of_crossed_counts_leads_to_the_classes_and_the_crosswalk(packed: Workspace):
    finding = packed.ask(QUESTION, region="CN", field="iotf:quantum", indicator="patent_families")
    (row,) = finding.rows()
    tables = {item.table: rows for item, rows in finding.evidence(0).tables if item.table != "passage"}
    assert set(tables["observation"]["field_id"].to_pylist()) == set(row["classes"])
    assert set(tables["observation"]["period"].to_pylist()) == {"2018", "2019", "2020"}
    weights = {r["from_id"]: r["weight"] for r in tables["crosswalk"].to_pylist() if r["quality"] != "weak"}
    figures = tables["observation"].to_pylist()
    assert row["tech_patents"] == pytest.approx(sum(weights[r["field_id"]] * r["value"] for r in figures))


def test_fields_of_a_province_among_each_other(packed: Workspace):
    by_place = table(packed.ask(QUESTION, region="CN-AH"))
    finding = packed.ask(QUESTION, region="CN-AH", compare="fields")
    by_field = table(finding)
    assert "22" in finding.benchmark["zh"]
    np.testing.assert_array_equal(by_field.mentions.reindex(by_place.index).to_numpy(), by_place.mentions.to_numpy())
    assert by_field.policy.max() > 90
    assert by_field.policy["CN-AH", "iotf:quantum"] > by_field.policy["CN-AH", "iotf:new_energy"]


def test_an_earlier_year_takes_earlier_figures_and_documents(packed: Workspace):
    finding = packed.ask(QUESTION, region="CN", period="2016")
    texts = " ".join(step.text("en") for step in finding.provenance.steps)
    assert "2014 to 2016" in texts
    assert "2026" not in texts
    rows = table(finding).loc["CN"]
    assert rows.mentions["iotf:low_altitude"] == 0
    assert set(rows.policy_change) <= {"more", "less", "unclear", None}


def test_only_countries_or_places_that_are_known(packed: Workspace):
    with pytest.raises(UsageError) as caught:
        packed.ask(QUESTION, region="CN-ZJ", field="iotf:qantum")
    assert caught.value.key == "foresight.error.unknown_field"
    with pytest.raises(DataError) as missing:
        packed.ask(QUESTION, region="VA")
    assert missing.value.key == "foresight.error.no_drivers"
    assert missing.value.cure("zh")


def test_documents_of_other_countries_compare_in_their_common_language(library: Workspace):
    finding = library.ask(QUESTION, region="KR", compare="places")
    documents = next(item for item in finding.provenance.inputs if item.table == "document")
    assert documents.filter["language"] == "en"
    rows = finding.rows()
    assert any(row["policy"] is not None for row in rows)
    assert any(row["mentions"] for row in rows)
    assert "other_language" in {caveat.code for caveat in finding.caveats}
    again = library.ask(QUESTION, region="KR")
    assert "22" in again.benchmark["en"]
    assert "{" not in again.explain("zh") + again.explain("en")


def test_figures_alone_answer_without_any_document(tiny):
    first = (("CN", "ai", 9.0), ("US", "ai", 3.0), ("CN", "quantum", 1.0), ("US", "quantum", 4.0))
    rows = [(r, f"iotf:{f}", str(y), v * (y - 2017)) for y in range(2018, 2024) for r, f, v in first]
    finding = tiny(rows, indicator_id="papers_fractional").ask(QUESTION, region="CN")
    told = {row["field_id"]: row for row in finding.rows()}
    assert set(told) == {"iotf:ai", "iotf:quantum"}
    assert told["iotf:ai"]["technology"] == 100
    assert told["iotf:quantum"]["technology"] == 0
    assert told["iotf:ai"]["tech_papers"] == 9 * (4 + 5 + 6)
    json.dumps(finding.to_dict("en"), allow_nan=False)
    assert "{" not in finding.explain("zh")


@pytest.mark.parametrize("name", chart_names(QUESTION))
def test_charts_survive_answers_with_next_to_nothing_in_them(provinces: Finding, name: str):
    def spoiled(content: pa.Table) -> pa.Table:
        nan = pa.array(np.full(content.num_rows, np.nan))
        return pa.table({f.name: nan if pa.types.is_floating(f.type) else content[f.name] for f in content.schema})

    for reduce in (lambda t: t.slice(0, 1), lambda t: t.slice(0, 0), spoiled):
        tables = {key: reduce(content) for key, content in provinces.tables.items()}
        poor = dataclasses.replace(provinces, table=reduce(provinces.table), tables=tables)
        for finding in (poor, dataclasses.replace(poor, tables={})):
            assert "title" in finding.chart(name, "zh").to_dict()  # type: ignore[attr-defined]


def test_lanes_show_what_the_rows_say(packed: Workspace):
    finding = packed.ask(QUESTION, region="CN-ZJ")
    spec: dict[str, Any] = finding.chart("lanes", "en").to_dict()  # type: ignore[attr-defined]
    shown = {
        (row["field_id"], row["driver"]): row["driver_index"]
        for rows in spec["datasets"].values() for row in rows if "driver" in row
    }  # fmt: skip
    told = {(row["field_id"], leg): row[leg] for row in finding.rows() for leg in ("technology", "scenario", "policy")}
    assert shown == told


def test_corners_of_the_triangle():
    assert position(1, 0, 0) == pytest.approx((0.5, 3**0.5 / 2))
    assert position(0, 1, 0) == pytest.approx((0, 0))
    assert position(0, 0, 7) == pytest.approx((1, 0))
    assert position(2, 2, 2) == pytest.approx((0.5, 3**0.5 / 6))


def test_pairs_at_the_top_are_named_by_place_and_field(packed: Workspace) -> None:
    rows = [
        {"region_id": place, "field_id": field, "technology": at, "scenario": None, "policy": None,
         "driver_type": "incomplete"}
        for place, field, at in (("JP", "iotf:ai", 60.0), ("KR", "iotf:ai", 90.0), ("KR", "iotf:quantum", 80.0))
    ]  # fmt: skip
    said = headline(packed, Scope(), rows)
    assert said["zh"].endswith("居前的是韩国的人工智能、韩国的量子科技、日本的人工智能。")
    assert "South Korea in Artificial intelligence; South Korea in Quantum technology; Japan in" in said["en"]

"""Main paths, disruption and convergence of a place, worked out again with pandas from the rows."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta, binom
from tests.data.papers.made import fill, identifier, papers, places

from foreland.core.errors import DataError, UsageError
from foreland.core.registry import chart_names
from foreland.data.workspace import Workspace, open_workspace
from foreland.foresight import convergence, disruption, main_path

WITHIN = {"CN": {"CN", "CN-ZJ"}, "CN-ZJ": {"CN-ZJ"}, "US": {"US"}, "DE": {"DE"}}


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("papers") / "workspace")
    fill(ws, placed=True)
    return ws


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("papers") / "workspace")
    fill(ws)
    return ws


def table() -> pd.DataFrame:
    """Papers with year and the set of places that took part."""
    documents = pd.DataFrame(papers()[0]).set_index("document_id")
    part = pd.DataFrame(places()).dropna().groupby("document_id").region_id.agg(set)
    year = pd.to_numeric(documents.date)
    return pd.DataFrame({"year": year, "places": part.reindex(documents.index)})


def took_part(region: str) -> set[str]:
    known = table().places.dropna()
    return set(known.index[[bool(each & WITHIN[region]) for each in known]])


# Main paths ------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["CN", "CN-ZJ", "US"])
def test_the_path_is_that_of_all_with_the_place_marked(cited: Workspace, region: str) -> None:
    finding, whole = main_path(cited, region=region), main_path(cited)
    assert finding.tables["links"].equals(whole.tables["links"])
    assert finding.table.drop_columns("took_part").equals(whole.table)
    assert "took_part" not in whole.table.column_names
    own, known = took_part(region), set(table().places.dropna().index)
    for row in finding.rows():
        # The two that cite each other stand in one row.
        members = {row["document_id"]} | ({identifier(90), identifier(96)} if row["merged"] > 1 else set())
        assert row["took_part"] == bool(members & own)
    rows = [row for row in finding.rows() if row["document_id"] in known]
    count = sum(row["took_part"] for row in rows)
    low = beta.ppf(0.025, count, len(rows) - count + 1) if count else 0.0
    said = finding.headline["en"].replace(" %", "%")
    assert f"in {count} of the {len(rows)} documents" in said
    assert f"{count / len(rows):.0%} (95% interval {low:.0%} to" in said
    assert f"against {len(own) / len(known):.1%} of all" in said
    assert binom.sf(count - 1, len(rows), low) == pytest.approx(0.025) or not count


def test_the_drawing_marks_the_place(cited: Workspace) -> None:
    finding = main_path(cited, region="CN")
    spec = finding.chart("path", "en").to_dict()  # type: ignore[attr-defined]
    points = [row for rows in spec["datasets"].values() for row in rows if "tone" in row]
    tones = {marked: {row["tone"] for row in points if row["took_part"] == marked} for marked in (True, False)}
    assert len(tones[True]) == 1
    assert not tones[True] & tones[False]
    assert any("China took part" in str(row) for rows in spec["datasets"].values() for row in rows)


# Disruption ------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["CN", "DE"])
def test_the_place_is_rated_by_the_citations_of_all(cited: Workspace, region: str) -> None:
    whole = pd.DataFrame(disruption(cited, min_citations=1, top=1000).rows()).set_index("document_id")
    finding = disruption(cited, region=region, min_citations=1, top=1000)
    rows = pd.DataFrame(finding.rows()).set_index("document_id")
    own = took_part(region)
    assert set(rows.index) == set(whole.index) & own
    columns = ["cd", "cited_window", "cited_alone", "cited_beside", "cited_around", "references"]
    assert rows[columns].equals(whole.loc[rows.index, columns])
    percentile = whole.groupby("year").cd.rank(method="average").sub(0.5) / whole.groupby("year").cd.transform("size")
    assert rows.cd_percentile.to_numpy() == pytest.approx(percentile[rows.index].to_numpy())
    whole["own"] = [each in own for each in whole.index]
    sizes = whole.groupby(["year", "own"]).cd.agg(["size", "mean", "var"]).unstack()
    sizes = sizes[(sizes["size"] > 1).all(axis=1)]
    weight = sizes["size"][True] / sizes["size"][True].sum()
    apart = (weight * (sizes["mean"][True] - sizes["mean"][False])).sum()
    variance = sum(weight**2 * sizes["var"][side] / sizes["size"][side] for side in (True, False)).sum()
    words = [f"{value:+.3f}".replace("-", "−") for value in (apart, apart - 1.96 * variance**0.5)]
    assert f"{words[0]} apart (95% interval {words[1]} to" in finding.headline["en"].replace(" %", "%")
    years = pd.DataFrame(finding.tables["years"].to_pylist())
    for row in years.itertuples():
        rest = whole[(whole.year == int(row.period)) & ~whole.own].cd
        assert row.cd_rest == (pytest.approx(rest.mean()) if len(rest) >= 5 else None) or np.isnan(row.cd_rest)


def test_fields_of_a_place_stand_against_the_same_field_elsewhere(cited: Workspace) -> None:
    whole = pd.DataFrame(disruption(cited, min_citations=1, top=1000).rows()).set_index("document_id")
    own, links = took_part("CN"), papers()[1]
    rows = disruption(cited, region="CN", each="field", min_citations=1).rows()
    assert rows
    for row in rows:
        members = [
            each["from_id"] for each in links if each["to_id"] == row["field_id"] and each["from_id"] in whole.index
        ]
        part = whole.loc[members].assign(own=[each in own for each in members])
        assert row["count"] == part.own.sum()
        assert row["cd"] == pytest.approx(part.cd[part.own].mean())
        used = total = 0.0
        for _, year in part.groupby("year"):
            mine, rest = year.cd[year.own], year.cd[~year.own]
            if min(len(mine), len(rest)) > 1:
                used, total = used + len(mine), total + len(mine) * (mine.mean() - rest.mean())
        assert row["cd_difference"] == (pytest.approx(total / used) if used else None)


# Convergence -----------------------------------------------------------------------------------


def counted(members: set[str], first: int, last: int) -> tuple[int, dict[str, int], dict[frozenset[str], int]]:
    """Documents, documents by field and by pair of fields, of some documents in some years."""
    year = table().year
    fields: dict[str, set[str]] = {}
    for row in papers()[1]:
        if row["kind"] == "speaks_of" and row["from_id"] in members and first <= year[row["from_id"]] <= last:
            fields.setdefault(row["from_id"], set()).add(row["to_id"])
    single: dict[str, int] = {}
    pairs: dict[frozenset[str], int] = {}
    for own in fields.values():
        for field in own:
            single[field] = single.get(field, 0) + 1
        for pair in combinations(sorted(own), 2):
            pairs[frozenset(pair)] = pairs.get(frozenset(pair), 0) + 1
    return len(fields), single, pairs


@pytest.mark.parametrize("region", ["CN", "US", "DE"])
def test_links_of_a_place_and_of_the_world_equal_counting(cited: Workspace, region: str) -> None:
    finding = convergence(cited, region=region, late_years=8, early_years=16)
    everything = set(table().index)
    own = took_part(region)
    n, single, pairs = counted(own, 2016, 2023)
    rest_n, rest_single, rest_pairs = counted(everything - own, 2016, 2023)
    world_n, world_single, world_pairs = counted(everything, 2016, 2023)
    before = counted(own, 2000, 2015)[2]
    state = {
        frozenset((row["field_id"], row["second_field_id"])): row["link_state"]
        for row in convergence(cited, late_years=8, early_years=16).rows()
    }
    assert len(finding) > 0
    for row in finding.rows():
        one, other = row["field_id"], row["second_field_id"]
        pair = frozenset((one, other))
        assert (row["together_before"], row["together_now"]) == (before.get(pair, 0), pairs.get(pair, 0))
        assert row["world_together_now"] == world_pairs.get(pair, 0)
        assert row["lift"] == pytest.approx((pairs.get(pair, 0) + 1) / (single[one] * single[other] / n + 1))
        expected = world_single[one] * world_single[other] / world_n
        assert row["world_lift"] == pytest.approx((world_pairs.get(pair, 0) + 1) / (expected + 1))
        assert row["world_link_state"] == state.get(pair, "link_apart")
        mine = pairs.get(pair, 0) / (single[one] * single[other] / n)
        rest = rest_pairs.get(pair, 0) / (rest_single[one] * rest_single[other] / rest_n)
        assert row["against_world"] == (pytest.approx(mine / rest) if rest else None)
        if rest:
            assert row["against_world_low"] <= row["against_world"] <= row["against_world_high"]
    # What is new in the world stands in the table whether or not the place has it.
    listed = {frozenset((row["field_id"], row["second_field_id"])) for row in finding.rows()}
    assert {pair for pair, each in state.items() if each == "link_new"} <= listed


def test_of_all_places_together_the_world_is_the_place(cited: Workspace) -> None:
    """Where the place took part in everything it has the links of the world, and nobody is left to compare with."""
    known = convergence(cited, region=("CN", "US", "DE"), late_years=8, early_years=16).rows()
    for row in known:
        assert row["together_now"] <= row["world_together_now"]
    assert {row["rank"] for row in known} == set(range(1, len(known) + 1))


def test_policy_documents_are_those_a_place_issued(packed: Workspace) -> None:
    finding = convergence(packed, region="CN")
    whole = convergence(packed)
    assert "policy_sentences" in {caveat.code for caveat in finding.caveats}
    most = {frozenset((r["field_id"], r["second_field_id"])): r["together_now"] for r in whole.rows()}
    for row in finding.rows():
        pair = frozenset((row["field_id"], row["second_field_id"]))
        assert row["together_now"] <= row["world_together_now"]
        assert row["world_together_now"] == most.get(pair, row["world_together_now"])


# Refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [main_path, disruption, convergence])
def test_too_few_documents_are_refused(cited: Workspace, bare: Workspace, ask) -> None:
    with pytest.raises(DataError, match="FR took part in 0 of"):
        ask(cited, region="FR")
    with pytest.raises(UsageError):
        ask(cited, region="Atlantis")
    with pytest.raises((DataError, UsageError)):
        ask(bare, region="CN")


def test_a_place_with_a_few_rated_documents_is_refused(cited: Workspace) -> None:
    with pytest.raises(DataError) as caught:
        disruption(cited, region="CN-ZJ", min_citations=9)
    assert caught.value.key == "foresight.error.few_ranked"
    with pytest.raises(DataError) as caught:
        convergence(cited, region="CN", late_years=1)
    assert caught.value.key == "foresight.error.few_in_window"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_chart_of_a_place_is_drawn(cited: Workspace, language: str) -> None:
    for finding in (
        main_path(cited, region="CN"),
        disruption(cited, region="CN", min_citations=1),
        disruption(cited, region="CN", min_citations=1, each="field"),
        convergence(cited, region="CN", late_years=8, early_years=16),
    ):
        for name in finding.charts:
            assert finding.chart(name, language).to_dict()  # type: ignore[attr-defined]
    assert "world" in chart_names("foresight.convergence")
    assert "world" not in convergence(cited).charts
    row = disruption(cited, region="CN", min_citations=1).rows()[0]
    finding = disruption(cited, region="CN", min_citations=1)
    parts = [rows for item, rows in finding.evidence(0).tables if item.table == "participation"]
    assert set(parts[0]["document_id"].to_pylist()) == {row["document_id"]}
    assert set(parts[0]["region_id"].to_pylist()) <= WITHIN["CN"]

"""Answers against counts straight from the tables with pandas, intervals and similarities by scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import binomtest, spearmanr

from foreland.data.reading.stages import DOMAINS, SIDES, STAGES, instrument_types
from foreland.data.workspace import Workspace

from .conftest import Plain

Both = tuple[Workspace, Plain]


@pytest.fixture(params=["packs", "library"])
def held(request: pytest.FixtureRequest) -> Both:
    names = ("packed", "plain") if request.param == "packs" else ("library", "shelf")
    ws, plain = (request.getfixturevalue(name) for name in names)
    return ws, plain


# Coverage and attention ------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "texts", "period"), [("province", "zh", None), ("central", "en", "2015:2020")])
def test_coverage(held: Both, level: str, texts: str, period: str | None) -> None:
    ws, plain = held
    own = plain.of(level, texts, range(2015, 2021) if period else None)
    counts, density = own.counts(), own.counts().mul(1e4).div(own.characters, axis=0)
    asked = ws.ask("policy.coverage", level=level, texts=texts, period=period)
    rows = asked.rows()
    assert sum(row["mentions"] for row in rows) == counts.to_numpy().sum() > 0
    rank = density.rank(ascending=False, method="min")
    spoken = own.passages[own.passages.kind == "field"]
    for row in rows:
        place, field = row["region_id"], row["field_id"]
        assert row["of"] == len(counts)
        if field not in counts:
            assert row["mentions"] == row["places"] == 0
            continue
        assert row["mentions"] == counts.loc[place, field]
        assert row["mention_density"] == pytest.approx(density.loc[place, field])
        assert row["places"] == (counts[field] > 0).sum()
        here = spoken[(spoken.region_id == place) & (spoken.field_id == field)]
        assert row["documents"] == here.document_id.nunique()
        if row["mentions"]:
            assert row["rank"] == rank.loc[place, field]
            assert (row["first_year"], row["last_year"]) == (here.document_year.min(), here.document_year.max())
        else:
            assert row["rank"] is None
            assert row["first_year"] is None
    if level == "province" and period is None:
        most = (counts > 0).sum()
        assert f"{most.max()} of {len(counts)} places" in asked.headline["en"]


def test_coverage_of_one_field_counts_and_names_its_places(held: Both) -> None:
    ws, plain = held
    counts = plain.of("province").counts()
    headline = ws.ask("policy.coverage", field="iotf:quantum").headline["en"]
    assert f"in {(counts['iotf:quantum'] > 0).sum()} of {len(counts)} places" in headline


def test_attention_over_the_years(held: Both) -> None:
    ws, plain = held
    own = plain.of("central", "zh")
    mentions = pd.crosstab(own.passages[own.passages.kind == "field"].document_year, own.passages.field_id)
    length = own.documents.groupby("year").characters.sum()
    mentions = mentions.reindex(length.index, fill_value=0)
    density = mentions.mul(1e4).div(length, axis=0)
    finding = ws.ask("policy.attention", region="CN", texts="zh", years_before=3)
    for row in finding.rows():
        year, field = row["year"], row["field_id"]
        if field not in mentions:
            assert row["mentions"] == 0
            assert row["attention"] is None
            continue
        assert row["mentions"] == mentions.loc[year, field]
        assert row["mention_density"] == pytest.approx(density.loc[year, field])
        if mentions[field].any():
            assert row["attention"] == pytest.approx(density.loc[year, field] / density[field].mean())
        before = [each for each in length.index if year - 3 <= each < year]
        if not before:
            assert row["ratio"] is None
            assert row["change"] is None
            continue
        assert row["year_before"] == before[0]
        now, then = int(mentions.loc[year, field]), int(mentions.loc[before, field].sum())
        rate = length[year] / length[before].sum()
        if then:
            assert row["ratio"] == pytest.approx(now / then / rate)
        if now and then:
            # Given their sum, the mentions now are binomial (Przyborowski and Wilenski 1940).
            ends = binomtest(now, now + then).proportion_ci(0.9, "exact")
            assert row["low"] == pytest.approx(ends.low / (1 - ends.low) / rate)
            assert row["high"] == pytest.approx(ends.high / (1 - ends.high) / rate)
    years = [row["year"] for row in finding.rows()]
    assert set(years) == set(length.index)


def test_attention_of_places_in_the_newest_year(held: Both) -> None:
    ws, plain = held
    own = plain.of("province").newest()
    density = own.counts().mul(1e4).div(own.characters, axis=0)
    for row in ws.ask("policy.attention").rows():
        if row["field_id"] in density:
            assert row["mention_density"] == pytest.approx(density.loc[row["region_id"], row["field_id"]])
            mean = density[row["field_id"]].mean()
            assert row["attention"] == pytest.approx(density.loc[row["region_id"], row["field_id"]] / mean)


# Instruments and the chain ---------------------------------------------------------------------


def named(own: Plain, field: str | None) -> pd.DataFrame:
    rows = own.passages[own.passages.kind == "instrument"]
    if field is None:
        return rows
    spoken = own.sentences(field)
    return rows[[pair in spoken for pair in zip(rows.document_id, rows.sentence_start, strict=True)]]


@pytest.mark.parametrize("field", [None, "iotf:ai"])
def test_instruments(held: Both, field: str | None) -> None:
    ws, plain = held
    own = plain.of("province")
    counts = pd.crosstab(named(own, field).region_id, named(own, field).instrument)
    everywhere = counts.sum() / counts.to_numpy().sum()
    finding = ws.ask("policy.instruments", field=field)
    rows = finding.rows()
    assert {row["region_id"] for row in rows} == set(counts.index)
    for row in rows[:: 5 if field is None else 2]:
        total = counts.loc[row["region_id"]].sum()
        count = counts.loc[row["region_id"]].get(row["instrument_id"], 0)
        assert row["count"] == count
        assert row["share"] == pytest.approx(count / total)
        assert row["share_all"] == pytest.approx(everywhere.get(row["instrument_id"], 0))
        assert row["side"] == instrument_types()[row["instrument_id"]].side
        ends = binomtest(int(count), int(total)).proportion_ci(0.9, "exact")
        assert (row["low"], row["high"]) == pytest.approx((ends.low, ends.high))
        above, below = ends.low > row["share_all"], ends.high < row["share_all"]
        assert row["emphasis"] == ("above" if above else "below" if below else "as_others")
    for side in SIDES:
        share = sum(everywhere[code] for code in everywhere.index if instrument_types()[code].side == side)
        assert f"{side} {100 * share:.0f} %" in finding.headline["en"]


@pytest.mark.parametrize("field", [None, "iotf:ai"])
def test_chain(held: Both, field: str | None) -> None:
    ws, plain = held
    own = plain.of("province")
    rows = named(own, field)
    rows = rows[rows.code.notna()].assign(cell=lambda t: t.code.str.split(";")).explode("cell")
    assert not rows.duplicated(["passage_id", "cell"]).any()
    counts = pd.crosstab(rows.region_id, rows.cell).reindex(sorted(set(own.documents.region_id)), fill_value=0)
    counts = counts.reindex(columns=[f"{stage}/{domain}" for stage in STAGES for domain in DOMAINS], fill_value=0)
    for row in ws.ask("policy.chain", field=field).rows():
        cell, place = f"{row['stage']}/{row['domain']}", row["region_id"]
        assert row["count"] == counts.loc[place, cell]
        assert row["share"] == pytest.approx(counts.loc[place, cell] / max(counts.loc[place].sum(), 1))
        assert row["share_all"] == pytest.approx(counts[cell].sum() / counts.to_numpy().sum())
        assert row["places"] == (counts[cell] > 0).sum()
        gap = "gap" if 2 * row["places"] > len(counts) else "empty"
        assert row["cover"] == ("covered" if row["count"] else gap)


# Targets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["target", "achieved", "all"])
def test_targets_are_the_quantities_of_the_table(held: Both, status: str) -> None:
    ws, plain = held
    own = plain.of("province").passages
    own = own[(own.kind == "quantity") & (own.status.isin([status] if status != "all" else ["target", "achieved"]))]
    finding = ws.ask("policy.targets", status=status)
    found = finding.to_pandas()
    assert set(found.passage_id) == set(own.passage_id)
    assert len(found) == len(own)
    assert f"{len(own):,}" in finding.headline["en"]
    assert f": {own.field_id.notna().sum()}" in finding.headline["en"]
    ranked = found[found["rank"].notna()]
    key = ["measure_id", "field_id", "unit", "year", "status"]
    for _, group in ranked.groupby(key, dropna=False):
        assert group.region_id.is_unique
        assert len(group) >= 5
        assert set(group.of) == {len(group)}
        assert (group["rank"] == group.value.rank(ascending=False, method="min")).all()


def test_output_is_what_the_report_says_in_figures(packed: Workspace, plain: Plain) -> None:
    told = plain.of("province").passages
    told = told[(told.measure == "gdp") & (told.status == "achieved") & (told.unit == "CNY") & (told.comparator == "=")]
    told = told[(told.year == 2025) & told.field_id.isna()].groupby("region_id").value.first()
    rows = packed.ask("policy.targets", status="all").rows()
    seen = 0
    for row in rows:
        if row["unit"] == "CNY" and row["region_id"] in told:
            assert row["gdp_share"] == pytest.approx(row["value"] / told[row["region_id"]])
            seen += 1
        if row["unit"] != "CNY":
            assert row["gdp_share"] is None
    assert seen > 50


def test_ambition(packed: Workspace, plain: Plain) -> None:
    own = plain.of("province").passages
    own = own[(own.measure == "gdp_growth") & own.field_id.isna() & own.doubt.isna() & (own.unit == "%")]
    own = own.sort_values(["document_id", "start"])
    aims = own[(own.status == "target") & (own.year == 2026)].groupby("region_id").value.first()
    before = own[(own.status == "achieved") & (own.year == 2025)].groupby("region_id").value.first()
    rank = aims.rank(ascending=False, method="min")
    finding = packed.ask("policy.ambition", region="CN-ZJ")
    rows = finding.rows()
    assert {row["region_id"] for row in rows} == set(aims.index)
    for row in rows:
        place = row["region_id"]
        assert (row["value"], row["rank"], row["of"]) == (aims[place], rank[place], len(aims))
        assert row["achieved"] == before.get(place)
        assert row["step"] == (pytest.approx(aims[place] - before[place]) if place in before else None)
    assert f"rank {rank['CN-ZJ']:.0f} of {len(aims)}" in finding.headline["en"]


# Definitions -----------------------------------------------------------------------------------


def test_definitions(packed: Workspace, plain: Plain) -> None:
    own = plain.of("province").passages
    expected: set[tuple[str, str]] = set()
    mentions = own[own.kind == "field"]
    for row in own[own.kind == "definition"].itertuples():
        inside = mentions[
            (mentions.document_id == row.document_id) & (mentions.start >= row.start) & (mentions.end <= row.end)
        ]
        expected |= {(row.passage_id, each) for each in inside.field_id if not each.endswith("_generic")}
        expected |= {(row.passage_id, each) for each in str(row.code).split(";") if each != "nan"}
    found = packed.ask("policy.definitions")
    rows = found.rows()
    assert {(row["passage_id"], row["field_id"] or row["mark_id"]) for row in rows} == expected
    assert len(rows) == len(expected)
    places = {row["region_id"] for row in rows}
    pairs = {(row["region_id"], row["field_id"]) for row in rows if row["field_id"]}
    held = pd.Series([field for _, field in pairs]).value_counts()
    assert found.headline["en"].startswith(f"{len(places)} of 31 places")
    assert f"Fields in all: {len(held)};" in found.headline["en"]
    assert f"at least half of these places: {(held >= len(places) / 2).sum()};" in found.headline["en"]


# The centre ------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["field", "instrument"])
def test_alignment(held: Both, by: str) -> None:
    ws, plain = held
    own, centre = plain.of("province").newest(), plain.of("central", "zh", range(2026, 2027))
    code = "field_id" if by == "field" else "instrument"
    counts, theirs = own.counts(by, code), centre.counts(by, code).sum()
    codes = sorted({*counts.columns, *theirs.index})
    counts, theirs = counts.reindex(columns=codes, fill_value=0), theirs.reindex(codes, fill_value=0)
    counts = counts[counts.sum(axis=1) > 0]
    similar = pd.Series(
        {place: 1 - jensenshannon(row, theirs, base=2) ** 2 for place, row in counts.iterrows()}, dtype=float
    )
    finding = ws.ask("policy.alignment", by=by)
    for row in finding.rows():
        place = row["region_id"]
        mine = counts.loc[place]
        p, c = mine / mine.sum(), theirs / theirs.sum()
        assert row["mentions"] == mine.sum()
        assert row["similarity"] == pytest.approx(similar[place])
        assert row["others"] == pytest.approx(similar.drop(place).mean())
        assert row["covered"] == pytest.approx(c[mine > 0].sum())
        assert row["shared"] == pytest.approx(np.minimum(p, c).sum())
        assert row["cosine"] == pytest.approx(p @ c / np.sqrt((p @ p) * (c @ c)))
        either = (mine > 0) | (theirs > 0)
        assert row["spearman"] == pytest.approx(spearmanr(mine[either], theirs[either]).statistic)
        assert row["rank"] == similar.rank(ascending=False, method="min")[place]
    assert f"({similar.max():.2f})" in finding.headline["en"]
    assert f"({similar.min():.2f})" in finding.headline["en"]


def test_the_rank_of_one_place_is_its_rank_among_all(packed: Workspace) -> None:
    everyone = {row["region_id"]: row for row in packed.ask("policy.alignment").rows()}
    (alone,) = packed.ask("policy.alignment", region="CN-ZJ").rows()
    assert alone == everyone["CN-ZJ"]
    assert alone["rank"] > 1


def test_emphasis_counts_and_shares(packed: Workspace, plain: Plain) -> None:
    counts = plain.of("province").newest().counts()
    theirs = plain.of("central", "zh", range(2026, 2027)).counts().sum()
    for row in packed.ask("policy.emphasis", region="CN-ZJ").rows():
        field = row["field_id"]
        assert row["mentions"] == counts.loc["CN-ZJ"].get(field, 0)
        assert row["centre_mentions"] == theirs.get(field, 0)
        assert row["share"] == pytest.approx(counts.loc["CN-ZJ"].get(field, 0) / counts.loc["CN-ZJ"].sum())
        assert row["share_all"] == pytest.approx(counts.sum().get(field, 0) / counts.to_numpy().sum())
        leaves_out = row["low"] > 1 or row["high"] < 1
        assert leaves_out == (row["change"] != "as_centre")
        assert row["low"] <= row["ratio"] <= row["high"]


# Duplicated layout -----------------------------------------------------------------------------


@pytest.mark.parametrize("measure", ["ruzicka", "cosine"])
def test_overlap_of_attention(packed: Workspace, plain: Plain, measure: str) -> None:
    own = plain.of("province").newest()
    counts = own.counts()
    counts = counts[[field for field in counts if not field.endswith("_generic")]]
    share = counts.div(counts.sum(axis=1), axis=0)
    finding = packed.ask("policy.duplication", weigh_backing=False, measure_overlap=measure, draws=99)
    rows = finding.rows()
    assert len(rows) == 31 * 30 / 2
    found = []
    for row in rows:
        a, b = share.loc[row["region_id"]], share.loc[row["other_id"]]
        ruzicka = np.minimum(a, b).sum() / np.maximum(a, b).sum()
        expected = ruzicka if measure == "ruzicka" else a @ b / np.sqrt((a @ a) * (b @ b))
        assert row["overlap"] == pytest.approx(expected)
        staked = (counts.loc[row["region_id"]] >= 2) & (counts.loc[row["other_id"]] >= 2)
        assert row["fields_shared"] == staked.sum()
        found.append(expected)
    assert f"by {np.mean(found):.2f} on average" in finding.headline["en"]


def test_the_pairs_of_one_place_are_those_of_all(packed: Workspace) -> None:
    def told(row: dict[str, Any]) -> tuple[Any, ...]:
        return (frozenset((row["region_id"], row["other_id"])), row["overlap"], row["field_id"], row["share"])

    everyone = {told(row) for row in packed.ask("policy.duplication", draws=99).rows()}
    own = packed.ask("policy.duplication", draws=99, region="CN-ZJ").rows()
    assert len(own) == 30
    assert {told(row) for row in own} <= everyone

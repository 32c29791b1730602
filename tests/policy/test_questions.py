"""Promise against backing, worked out again with pandas straight from the packs' files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import binomtest

import foreland
from foreland.data.workspace import Workspace

REPORTS = Path(foreland.__file__).parent / "data" / "packs" / "china-provinces" / "gov-work-reports-2026"


def grid(figures: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Provinces × fields of the future, summed over periods."""
    rows = figures[(figures.indicator_id == indicator) & (figures.scheme == "iotf")]
    rows = rows[rows.region_id.str.startswith("CN-")]
    return rows.pivot_table(index="region_id", columns="field_id", values="value", aggfunc="sum", fill_value=0)


@pytest.fixture(scope="module")
def documents() -> pd.DataFrame:
    """The reports of the provinces, one each, by id."""
    found = pd.read_parquet(REPORTS / "document.parquet").set_index("document_id")
    assert found.region_id.nunique() == len(found) == 31
    return found


@pytest.fixture(scope="module")
def mentions(documents: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Provinces × fields that are asked about or spoken of: mentions."""
    rows = pd.read_parquet(REPORTS / "passage.parquet")
    rows = rows[rows.kind == "field"].assign(region_id=lambda t: t.document_id.map(documents.region_id))
    found = pd.crosstab(rows.region_id, rows.field_id)
    return found.reindex(
        index=sorted(documents.region_id), columns=sorted({*found.columns, *asked.field_id}), fill_value=0
    )


@pytest.fixture(scope="module")
def spoken(mentions: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Mentions per 10,000 characters."""
    return 1e4 * mentions.div(documents.set_index("region_id").characters, axis=0)


@pytest.fixture(scope="module")
def held(figures: pd.DataFrame, spoken: pd.DataFrame) -> pd.DataFrame:
    parts = [grid(figures, name).reindex_like(spoken).fillna(0) for name in ("key_projects", "state_key_labs")]
    return parts[0] + parts[1]


@pytest.fixture(scope="module")
def asked(packed: Workspace) -> pd.DataFrame:
    return packed.ask("policy.promise").to_pandas()


def test_attention(asked: pd.DataFrame, spoken: pd.DataFrame):
    expected = spoken / spoken.mean()
    rank = spoken.rank(ascending=False, method="min")
    for row in asked.itertuples():
        assert row.mention_density == pytest.approx(spoken.loc[row.region_id, row.field_id])
        assert row.attention == pytest.approx(expected.loc[row.region_id, row.field_id])
        assert row.attention_rank == rank.loc[row.region_id, row.field_id]


def test_mentions_are_passages(asked: pd.DataFrame, mentions: pd.DataFrame):
    assert asked.mentions.sum() > 1000
    for row in asked.itertuples():
        assert row.mentions == mentions.loc[row.region_id, row.field_id]


def test_backing(asked: pd.DataFrame, held: pd.DataFrame):
    total = held.sum()
    for row in asked.itertuples():
        own = held.loc[row.region_id, row.field_id]
        assert row.key_projects + row.state_key_labs == own
        assert row.backing_national == total[row.field_id]
        assert row.backing == pytest.approx(own / (total[row.field_id] / 31))


def test_stances(asked: pd.DataFrame):
    for row in asked.itertuples():
        loud, strong = row.attention >= 1, row.backing >= 1
        expected = {(1, 1): "backed", (1, 0): "over_promised", (0, 1): "quiet_strength", (0, 0): "quiet"}
        few = row.backing_national < 10
        assert row.stance == ("too_few" if few else expected[loud, strong])
        if few:
            assert not row.clear


def test_beyond_chance(asked: pd.DataFrame):
    for row in asked[asked.backing_national >= 10].itertuples():
        ends = binomtest(row.key_projects + row.state_key_labs, row.backing_national).proportion_ci(0.9, "exact")
        assert row.clear == (not ends.low <= 1 / 31 <= ends.high)


def test_by_research_expenditure(packed: Workspace, figures: pd.DataFrame, held: pd.DataFrame):
    found = packed.ask("policy.promise", relative_to="rd").to_pandas()
    money = figures[(figures.indicator_id == "rd_expenditure") & (figures.period == "2020")]
    money = money[money.region_id.str.startswith("CN-")].set_index("region_id").value
    share = money / money.sum()
    total = held.sum()
    for row in found.itertuples():
        expected = held.loc[row.region_id, row.field_id] / (total[row.field_id] * share[row.region_id])
        assert row.backing == pytest.approx(expected)


def test_one_place_or_one_field_is_a_part_of_all(packed: Workspace, asked: pd.DataFrame):
    key = ["region_id", "field_id"]
    for scope in ({"region": "CN-ZJ"}, {"field": "iotf:quantum"}, {"region": "CN-ZJ", "field": "iotf:quantum"}):
        part = packed.ask("policy.promise", **scope).to_pandas()
        whole = asked.set_index(key).loc[list(part[key].itertuples(index=False, name=None))].reset_index()
        pd.testing.assert_frame_equal(part, whole[part.columns])


def test_headline_counts_the_rows(packed: Workspace):
    finding = packed.ask("policy.promise", region="CN-ZJ")
    rows = finding.to_pandas()
    for stance in ("over_promised", "backed", "quiet_strength"):
        count = int((rows.stance == stance).sum())
        assert f"{count} 个领域" in finding.headline["zh"]


def test_evidence_leaves_out_other_places(packed: Workspace):
    finding = packed.ask("policy.promise", field="iotf:quantum")
    for index in (0, 15, 30):
        row = finding.rows()[index]
        for item, table in finding.evidence(index).tables:
            if item.table == "passage":
                assert {each.rpartition(":")[2] for each in table["document_id"].to_pylist()} <= {row["region_id"]}
            else:
                assert set(table["region_id"].to_pylist()) <= {row["region_id"]}

"""Promise against backing, worked out again with pandas straight from the packs' files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from foreland.data.workspace import Workspace


def grid(figures: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Provinces × fields of the future, summed over periods."""
    rows = figures[(figures.indicator_id == indicator) & (figures.scheme == "iotf")]
    rows = rows[rows.region_id.str.startswith("CN-")]
    return rows.pivot_table(index="region_id", columns="field_id", values="value", aggfunc="sum", fill_value=0)


@pytest.fixture(scope="module")
def spoken(figures: pd.DataFrame) -> pd.DataFrame:
    found = grid(figures, "report_mention_density")
    assert len(found) == 31
    return found


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
        assert row.mention_density == spoken.loc[row.region_id, row.field_id]
        assert row.attention == pytest.approx(expected.loc[row.region_id, row.field_id])
        assert row.attention_rank == rank.loc[row.region_id, row.field_id]


def test_density_is_mentions_over_length(asked: pd.DataFrame, figures: pd.DataFrame):
    length = figures[figures.indicator_id == "report_characters"].set_index("region_id").value
    expected = 1e4 * asked.mentions / asked.region_id.map(length)
    np.testing.assert_allclose(asked.mention_density, expected, atol=0.006)


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
        for _, table in finding.evidence(index).tables:
            assert set(table["region_id"].to_pylist()) <= {row["region_id"]}

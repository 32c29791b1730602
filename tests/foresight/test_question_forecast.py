"""foresight.forecast: today's calls, and the record they stand on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.conftest import Tiny

from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding
from foreland.data.workspace import Workspace

SCOPE = {"scheme": "ncses_env", "indicator": "uspto_patents"}


@pytest.fixture(scope="module")
def finding(packed: Workspace) -> Finding:
    return packed.ask("foresight.forecast", **SCOPE)


def test_calls_of_a_past_year_are_those_the_scorecard_looked_back_on(packed: Workspace) -> None:
    """Asked from 2014, it says what the back-test says was called in 2014."""
    then = packed.ask("foresight.forecast", **SCOPE, period="2014").rows()
    card = packed.ask("foresight.scorecard", **SCOPE)
    default_then = packed.ask("foresight.scorecard", **SCOPE, period="2014").rows()
    makes = {row["caller"] for row in default_then if row["makes_calls"] and row["horizon"] == 3}
    assert makes == {row["caller"] for row in card.rows() if row["makes_calls"] and row["horizon"] == 3}
    looked = [row for row in card.tables["calls"].to_pylist() if row["period"] == "2014"]
    assert looked
    called = [(row["region_id"], row["field_id"], round(row["chance"], 9)) for row in then]
    for row in looked:
        assert (row["region_id"], row["field_id"], round(row["chance"], 9)) in called


def test_count_and_recent_growth_are_those_of_the_files(finding: Finding, figures: pd.DataFrame) -> None:
    own = figures[(figures.scheme == "ncses_env") & (figures.indicator_id == "uspto_patents")]
    own = own.astype({"region_id": str, "field_id": str, "period": str})
    for row in finding.rows()[:8]:
        place = own[own.region_id == row["region_id"]]
        n = place[place.field_id == row["field_id"]].set_index("period").value
        total = place.groupby("period").value.sum()
        last = max(own.period)
        years = [str(int(last) - k) for k in range(4)]
        assert row["count"] == pytest.approx(sum(n.get(year, 0.0) for year in years[:3]))
        shares = [(n.get(year, 0.0) + 0.5) / total[year] for year in (years[0], years[3])]
        assert row["share_growth"] == pytest.approx((shares[0] / shares[1]) ** (1 / 3) - 1)


def test_places_and_fields_in_focus_choose_among_the_calls(packed: Workspace, finding: Finding) -> None:
    whole = packed.ask("foresight.forecast", **SCOPE, top=100_000).rows()
    own = packed.ask("foresight.forecast", **SCOPE, region="JP", top=100).rows()
    assert {row["region_id"] for row in own} == {"JP"}
    order = [row["field_id"] for row in whole if row["region_id"] == "JP"]
    assert [row["field_id"] for row in own] == order
    field = own[0]["field_id"]
    both = packed.ask("foresight.forecast", **SCOPE, region="JP", field=field).rows()
    assert [(row["region_id"], row["field_id"], row["chance"]) for row in both] == [("JP", field, own[0]["chance"])]
    assert len(finding) == 20


def test_earlier_calls_are_counted(finding: Finding) -> None:
    calls = finding.tables["calls"].to_pylist()
    for row in finding.rows():
        own = [c for c in calls if (c["region_id"], c["field_id"]) == (row["region_id"], row["field_id"])]
        assert len(own) == row["called_before"]
        assert sum(c["came_true"] for c in own) == row["came_before"]
        assert row["came_before"] <= row["called_before"]


def test_says_how_such_calls_did(packed: Workspace, finding: Finding) -> None:
    assert finding.caveats[0].code == "no_better_than_chance"
    assert "do not rely on it" in finding.headline["en"]
    articles = packed.ask("foresight.forecast", scheme="ncses_se", indicator="articles_fractional")
    assert articles.caveats[0].code == "track_record"
    assert "不宜倚重" not in articles.headline["zh"]


def test_calls_that_share_a_probability_are_said_to(packed: Workspace, finding: Finding) -> None:
    for scope in (SCOPE, {"scheme": "ncses_se", "indicator": "articles_fractional"}):
        asked = packed.ask("foresight.forecast", **scope, top=100_000)
        chances = [row["chance"] for row in asked.rows()]
        same = sum(each == pytest.approx(chances[0]) for each in chances)
        told = [caveat for caveat in asked.caveats if caveat.code == "same_chance"]
        assert bool(told) == (same > 1)
        assert [caveat.parameters["count"] for caveat in told] == [same] * len(told)
        assert (f"among the {same} likeliest" in asked.headline["en"]) == (same > 1)


def test_field_that_grows_is_called_with_the_higher_probability(tiny: Tiny) -> None:
    rng = np.random.default_rng(2)
    rate = [0.2 if u < 3 else 0.0 for u in range(15)]
    rows = [
        (place, f"t:{u:02d}", str(2000 + t), float(rng.poisson(80 * np.exp(rate[u] * t))))
        for place in ("CN", "US", "DE", "JP")
        for u in range(15)
        for t in range(18)
    ]
    ws = tiny(rows)
    found = ws.ask("foresight.forecast", top=12).rows()
    assert {row["field_id"] for row in found} == {"t:00", "t:01", "t:02"}
    assert min(row["chance"] for row in found) > 2 * found[0]["base_rate"]
    fields = ws.ask("foresight.forecast", units="fields").rows()
    assert "region_id" not in fields[0]
    assert {row["field_id"] for row in fields[:3]} == {"t:00", "t:01", "t:02"}


def test_what_can_not_be_called_is_told(packed: Workspace) -> None:
    with pytest.raises(DataError) as error:
        packed.ask("foresight.forecast", **SCOPE, period="2014:2022")
    assert error.value.key == "foresight.error.no_back_test"
    with pytest.raises(DataError) as error:
        packed.ask("foresight.forecast", **SCOPE, region="JP", field="ncses_env:nothing")
    assert error.value.key == "foresight.error.unknown_field"
    with pytest.raises(UsageError):
        packed.ask("foresight.forecast", **SCOPE, region="XX-nowhere")

"""Priority directions: limits, weights, what stands behind them; on made-up figures and the bundled ones."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from tests.data.surveys.made import fill

from foreland.charts.theme import use_size
from foreland.core.errors import DataError, UsageError
from foreland.data.workspace import Workspace

UNITS = ("quantum", "ai", "hydrogen", "space", "gene_cell", "fusion")
RATES = dict(zip(UNITS, (0.2, 0.12, 0.06, 0.0, -0.05, -0.1), strict=True))


@pytest.fixture
def made(tiny: Callable[..., Workspace]) -> Workspace:
    """Three made-up countries whose directions each grow at a rate of its own, all years alike."""
    rows = [
        (place, f"iotf:{unit}", str(year), float(round(size * np.exp(rate * (year - 2000)))))
        for place, size in (("CN", 900), ("US", 1500), ("KR", 600))
        for unit, rate in RATES.items()
        for year in range(2000, 2018)
    ]
    return tiny(rows, indicator_id="papers")


def test_growth_that_always_went_on_leads(made: Workspace) -> None:
    found = made.ask("foresight.directions", region="CN")
    assert [row["field_id"].partition(":")[2] for row in found.rows()] == list(UNITS)
    assert "1.00 for own growth" in found.explain("en")
    assert {caveat.code for caveat in found.caveats} >= {"no_experts", "direction_not_return"}
    rows = found.rows()
    assert rows[0]["priority_low"] < rows[0]["priority"] < rows[0]["priority_high"]
    for row in rows:
        said = [row[name] or 0.0 for name in ("part_momentum", "part_growth", "part_attention", "part_experts")]
        assert sum(said) == pytest.approx(row["priority"])
        assert row["rank_low"] <= row["rank"] <= row["rank_high"]
    assert sum(row["top_chance"] for row in rows) == pytest.approx(5)


def test_experts_alone_signals_alone_and_both(made: Workspace) -> None:
    fill(made)
    signals = made.ask("foresight.directions", region="CN", weight_experts=0.0)
    assert [row["part_experts"] or 0 for row in signals.rows()] == [0.0] * 6
    experts = made.ask(
        "foresight.directions", region="CN", weight_momentum=0.0, weight_growth=0.0, weight_attention=0.0
    )
    # Of the made-up survey: space (two topics, the first the most important), quantum, hydrogen, gene and cell.
    asked = [row["field_id"].partition(":")[2] for row in experts.rows() if row["importance_index"] is not None]
    assert asked == ["space", "quantum", "hydrogen", "gene_cell"]
    assert {row["priority"] for row in experts.rows() if row["importance_index"] is None} == {0.0}
    both = made.ask("foresight.directions", region="CN")
    width = {row["field_id"]: row["priority_high"] - row["priority_low"] for row in both.rows()}
    for alone in (signals, experts):
        for row in alone.rows():
            assert width[row["field_id"]] <= row["priority_high"] - row["priority_low"] + 1e-12
    deaf = made.ask("foresight.directions", region="CN", expert_reliability=0.0)
    assert [row["priority"] for row in deaf.rows()] == pytest.approx([row["priority"] for row in signals.rows()])
    like = made.ask("foresight.directions", region="CN", expert_correlation=1.0)
    part = {row["field_id"]: abs(row["part_experts"] or 0) for row in both.rows()}
    assert all(abs(row["part_experts"] or 0) <= part[row["field_id"]] + 1e-12 for row in like.rows())


def test_the_same_call_gives_the_same_bytes(made: Workspace) -> None:
    first, again = (made.ask("foresight.directions", region="CN") for _ in range(2))
    assert first.table.equals(again.table)
    assert first.id == again.id
    other = made.ask("foresight.directions", region="CN", weight_growth=0.5)
    assert other.id != first.id


def test_where_nothing_tells_directions_apart_they_stand_in_no_order(tiny: Callable[..., Workspace]) -> None:
    rows = [
        (place, f"iotf:{unit}", str(year), 100.0)
        for place in ("CN", "US", "KR")
        for unit in UNITS
        for year in range(2000, 2018)
    ]
    found = tiny(rows, indicator_id="papers").ask("foresight.directions", region="CN")
    assert {row["priority"] for row in found.rows()} == {0.0}
    assert {row[name] for row in found.rows() for name in ("rank", "rank_low", "rank_high", "top_share")} == {None}
    assert found.headline["en"].startswith("In China nothing tells the 6 directions apart")
    assert "不分先后" in found.headline["zh"]
    assert found.charts == ("belief",)
    for name in ("belief", "ranks", "first"):
        assert found.chart(name, "zh").to_dict()


def test_a_chance_below_one_per_cent_is_written_out(made: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "概率为 " in made.ask("foresight.directions", region="CN").headline["zh"]
    # The package names the question as the module of its method.
    monkeypatch.setattr(
        sys.modules["foreland.foresight.directions"],
        "among_first",
        lambda belief, top, *, seed: np.full(len(belief.mean), 0.001),
    )
    headline = made.ask("foresight.directions", region="CN").headline
    assert "概率不足 1%" in headline["zh"]
    assert "is less than 1%" in headline["en"]


def test_what_can_not_be_judged_is_refused(made: Workspace) -> None:
    nothing = {f"weight_{source}": 0.0 for source in ("momentum", "growth", "attention", "experts")}
    with pytest.raises(UsageError, match="weights are 0"):
        made.ask("foresight.directions", region="CN", **nothing)
    with pytest.raises(UsageError):
        made.ask("foresight.directions", region="CN", weight_growth=3.0)
    with pytest.raises(DataError):
        made.ask("foresight.directions", region="DE")
    with pytest.raises(DataError, match="closed round"):
        made.ask("foresight.directions", region="CN", survey="none")


def test_bundled_figures_go_through_the_crosswalk(packed: Workspace) -> None:
    found = packed.ask("foresight.directions", region="CN")
    assert {row["field_id"].partition(":")[0] for row in found.rows()} == {"iotf"}
    assert any(row["mentions_of_policy"] for row in found.rows())
    codes = {caveat.code for caveat in found.caveats}
    assert {"through_crosswalk", "weak_signals", "no_experts"} <= codes
    tables = [item.table for item, rows in found.evidence(0).tables if rows.num_rows]
    assert tables == ["observation", "crosswalk", "passage"]
    behind = found.evidence(0).tables[1][1].to_pylist()
    assert {row["to_id"] for row in behind} == {found.rows()[0]["field_id"]}
    # The national reports are there in Chinese and English; what a translation repeats is no second mention.
    documents = packed.to_arrow(packed.table("document")).to_pylist()
    chinese = {d["document_id"] for d in documents if d["region_id"] == "CN" and d["language"] == "zh"}
    assert any(d["region_id"] == "CN" and d["language"] == "en" for d in documents)
    named = Counter(
        p["field_id"]
        for p in packed.to_arrow(packed.table("passage")).to_pylist()
        if p["kind"] == "field" and p["document_id"] in chinese
    )
    assert {row["field_id"]: row["mentions_of_policy"] for row in found.rows()} == {
        row["field_id"]: named[row["field_id"]] for row in found.rows()
    }
    assert found.evidence(0).tables[2][1].num_rows == found.rows()[0]["mentions_of_policy"]
    assert "other_language" in codes
    said = next(step for step in found.provenance.steps if step.key.endswith("directions_attention"))
    years = sorted(d["date"][:4] for d in documents if d["document_id"] in chinese)
    assert (said.parameters["first"], said.parameters["last"]) == (years[0], years[-1])
    then = packed.ask("foresight.directions", region="CN", period="1998:2015")
    upto = {d["document_id"] for d in documents if d["document_id"] in chinese and d["date"][:4] <= "2015"}
    assert sum(row["mentions_of_policy"] for row in then.rows()) == sum(
        p["document_id"] in upto and p["kind"] == "field" and p["field_id"] in {row["field_id"] for row in then.rows()}
        for p in packed.to_arrow(packed.table("passage")).to_pylist()
    )
    own = packed.ask("foresight.directions", region="CN", into="own")
    assert {row["field_id"].partition(":")[0] for row in own.rows()} == {"wipo35"}
    province = packed.ask("foresight.directions", region="CN-ZJ")
    assert "no_output" in {caveat.code for caveat in province.caveats}
    assert province.rows()[0]["mentions_of_policy"] > 0


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_charts_draw(made: Workspace, size: str) -> None:
    found = made.ask("foresight.directions", region="CN")
    with use_size(size):  # type: ignore[arg-type]
        for name in found.charts:
            for language in ("zh", "en"):
                assert found.chart(name, language).to_dict()  # type: ignore[arg-type]


def test_one_signal_alone_says_nothing_of_other_weights(packed: Workspace) -> None:
    alone = packed.ask("foresight.directions")
    assert all(row["rank_low"] == row["rank_high"] for row in alone.rows())
    assert alone.charts == ("belief",)
    assert "weights" not in alone.headline["en"]
    several = packed.ask("foresight.directions", region="CN")
    assert any(row["rank_low"] != row["rank_high"] for row in several.rows())
    assert set(several.charts) == {"belief", "ranks", "first"}
    assert "weights" in several.headline["en"]

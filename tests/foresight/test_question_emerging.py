"""What is emerging and which are weak signals, worked out again from the packs' files and from made-up documents."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from foreland.core.columns import column
from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding
from foreland.core.tables import table_spec
from foreland.data.workspace import Workspace, open_workspace
from foreland.foresight.shrinkage import shrink
from foreland.foresight.signals import CITATION_VARIANCE

SOURCE = "made-up-papers"
PATENTS = {"scheme": "wipo35", "indicator": "patent_families", "source": "ncses-patents"}


def yearly(figures: pd.DataFrame, place: str) -> pd.DataFrame:
    """Patent families by field and year, straight from the file."""
    rows = figures[(figures.indicator_id == "patent_families") & (figures.scheme == "wipo35")]
    rows = rows[(rows.source_id == "ncses-patents") & (rows.region_id == place)]
    return rows.pivot_table(index="period", columns="field_id", values="value", aggfunc="sum").fillna(0)


@pytest.mark.parametrize("place", ["CN", "KR", None])
def test_counts_growth_and_vitality_from_the_files(packed: Workspace, figures: pd.DataFrame, place: str | None) -> None:
    finding = packed.ask("foresight.emerging", region=place, **PATENTS)
    x = yearly(figures, place or "agg:world")
    whole = figures[(figures.indicator_id == "patent_families") & (figures.field_id == "all:total")]
    totals = whole[whole.region_id == (place or "agg:world")].set_index("period").value.loc[x.index]
    rows = finding.rows()
    assert len(rows) == 35
    assert [row["rank"] for row in rows] == list(range(1, 36))
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    ages = 2020 - x.index.astype(int)
    held = []
    for row in rows:
        own = x[row["field_id"]]
        now, before = own.loc["2018":].sum(), own.loc["2015":"2017"].sum()
        drift = totals.loc["2018":].sum() / totals.loc["2015":"2017"].sum()
        raw = ((now + 0.5) / (before + 0.5) / drift) ** (1 / 3) - 1
        assert row["count"] == pytest.approx(now)
        held.append(row["excess_low"] < raw < row["excess_high"])
        assert abs(row["excess"]) <= abs(raw) + 0.01
        assert row["growth"] == pytest.approx((1 + row["excess"]) * drift ** (1 / 3) - 1)
        # It is the growth of a share, no difference of two rates.
        assert column("excess", "foresight").write(row["excess"], "en") == f"{100 * row['excess']:,.1f}%"
        vital = float((own.to_numpy() / (ages.to_numpy() + 1)).sum() / own.sum())
        assert row["vitality"] == pytest.approx(vital, rel=0.01)
        assert row["score"] == pytest.approx(row["part_vitality"] + row["part_growth"])
    # Counts are large, so shrinkage takes little away.
    assert np.mean(held) > 0.9


def test_a_place_is_compared_with_the_world(packed: Workspace, figures: pd.DataFrame) -> None:
    rows = packed.ask("foresight.emerging", region="CN", **PATENTS).rows()
    own, world = yearly(figures, "CN"), yearly(figures, "agg:world")
    smooth = [frame.rolling(3).sum().dropna() for frame in (own, world)]
    here, there = (frame.div(frame.sum(axis=1), axis=0) for frame in smooth)
    for row in rows:
        field = row["field_id"]
        assert row["share"] == pytest.approx(own[field].loc["2018":].sum() / world[field].loc["2018":].sum())
        a, b = here[field].to_list(), there[field].to_list()
        if b[-1] <= b[0]:
            assert row["years_ahead"] is None
            continue
        leads = a[-1] >= b[-1]
        held, level = (a, b[-1]) if leads else (b, a[-1])
        years = 0
        for value in held[-2::-1]:
            if value < level:
                break
            years += 1
        assert row["years_ahead"] == (years if leads else -years), field


def test_a_year_as_the_period_is_the_view_from_it(packed: Workspace) -> None:
    one = packed.ask("foresight.emerging", region="CN", period="2010", **PATENTS)
    two = packed.ask("foresight.emerging", region="CN", period="1998:2010", **PATENTS)
    assert one.rows() == two.rows()
    assert "known_today" in {caveat.code for caveat in one.caveats}
    # What came later in the files changes nothing: the numbers are those of a cube that ends in 2010.
    assert one.rows() != packed.ask("foresight.emerging", region="CN", **PATENTS).rows()
    assert one.rows()[0]["field_id"] == "wipo35:4", "digital communication led what emerged in China in 2010"


def test_weights_decide_the_order(packed: Workspace) -> None:
    alone = packed.ask("foresight.emerging", region="US", weight_vitality=0, **PATENTS).rows()
    assert "part_vitality" not in alone[0]
    growth = [row["excess"] for row in alone]
    assert growth == sorted(growth, reverse=True)
    with pytest.raises(UsageError) as error:
        packed.ask("foresight.emerging", region="US", weight_vitality=0, weight_growth=0, **PATENTS)
    assert "0" in str(error.value) or "zero" in str(error.value) or "零" in str(error.value)
    with pytest.raises(DataError):
        packed.ask("foresight.emerging", weight_vitality=0, weight_growth=0, weight_impact=1, **PATENTS)


def test_a_field_in_focus_is_told_of(packed: Workspace) -> None:
    finding = packed.ask("foresight.emerging", field="wipo35:22", **PATENTS)
    place = next(row["rank"] for row in finding.rows() if row["field_id"] == "wipo35:22")
    assert f" {place} of 35" in finding.headline["en"]
    assert f"第 {place} 位" in finding.headline["zh"]
    with pytest.raises(DataError, match="wipo35:99"):
        packed.ask("foresight.emerging", field="wipo35:99", **PATENTS)


def test_course_says_no_more_than_the_interval(packed: Workspace) -> None:
    for row in packed.ask("foresight.emerging", region="CN", **PATENTS).rows():
        low, high = row["excess_low"], row["excess_high"]
        match row["course"]:
            case "emerging":
                assert low > 0
                assert row["growth"] >= 0.08
            case "rising":
                assert low > 0
                assert row["growth"] < 0.08
            case "falling":
                assert high < 0
            case "steady":
                assert low <= 0 <= high
            case other:
                pytest.fail(str(other))


def test_caveats_name_what_is_wrong_with_the_figures(packed: Workspace) -> None:
    codes = {caveat.code for caveat in packed.ask("foresight.emerging", region="CN", **PATENTS).caveats}
    assert {"home_office", "families_lag", "classes_of_today"} <= codes
    codes = {c.code for c in packed.ask("foresight.weak_signals", indicator="articles_fractional").caveats}
    assert "families_lag" not in codes
    assert "medians_decide" in codes


# Weak signals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["KR", None])
def test_weak_signals_from_the_files(packed: Workspace, figures: pd.DataFrame, place: str | None) -> None:
    rows = packed.ask("foresight.weak_signals", region=place, **PATENTS).rows()
    x = yearly(figures, place or "agg:world")
    whole = figures[(figures.indicator_id == "patent_families") & (figures.field_id == "all:total")]
    totals = whole[whole.region_id == (place or "agg:world")].set_index("period").value.loc[x.index]
    spans = [("2009", "2011"), ("2012", "2014"), ("2015", "2017"), ("2018", "2020")]
    level, rate = {}, {}
    for field in x.columns:
        counts = [x[field].loc[a:b].sum() for a, b in spans]
        # The growth of the share alone: weights by age would make a share that never changes grow.
        degrees = [(n + 0.5) / totals.loc[a:b].sum() for n, (a, b) in zip(counts, spans, strict=True)]
        level[field] = sum(counts) / 12
        rate[field] = math.prod(b / a for a, b in pairwise(degrees)) ** (1 / 3) - 1
    middle = float(np.median(list(level.values()))), float(np.median(list(rate.values())))
    assert len(rows) == 35
    for row in rows:
        field = row["field_id"]
        assert row["documents_a_year"] == pytest.approx(level[field])
        assert row["diffusion_growth"] == pytest.approx(rate[field])
        many, fast = level[field] > middle[0], rate[field] > middle[1]
        expected = {(0, 1): "weak", (1, 1): "strong", (0, 0): "latent", (1, 0): "well_known"}[many, fast]
        assert row["quadrant"] == expected
        assert row["probability"] >= 0.5 - 1e-9
    order = ["weak", "strong", "latent", "well_known"]
    assert [row["quadrant"] for row in rows] == sorted((row["quadrant"] for row in rows), key=order.index)
    weak = [row["diffusion_low"] for row in rows if row["quadrant"] == "weak"]
    assert weak == sorted(weak, reverse=True)


@pytest.mark.parametrize(
    ("rate", "said"), [(0.0, "none of 4 units"), (0.04, "surely faster than the whole are 1 of 4")]
)
def test_that_nothing_emerges_is_said(tiny: Callable[..., Workspace], rate: float, said: str) -> None:
    rates = {"up": rate, "b": 0.0, "c": 0.0, "d": 0.0}
    rows = [
        ("CN", f"own:{unit}", str(year), float(round(50_000 * np.exp(r * (year - 2000)))))
        for unit, r in rates.items()
        for year in range(2000, 2020)
    ]
    found = tiny(rows).ask("foresight.emerging", region="CN")
    assert "emerging" not in {row["course"] for row in found.rows()}
    assert "nothing is emerging" in found.headline["en"]
    assert said in found.headline["en"]
    assert "尚无正在兴起者" in found.headline["zh"]


def test_too_few_periods_are_refused(packed: Workspace) -> None:
    with pytest.raises(DataError):
        packed.ask("foresight.weak_signals", window=12, years=12, **PATENTS)
    with pytest.raises(DataError):
        packed.ask("foresight.weak_signals", window=1, years=12, time_weight=0.1, **PATENTS)
    with pytest.raises(DataError, match="10000000"):
        packed.ask("foresight.weak_signals", min_count=10_000_000, **PATENTS)


# From documents ----------------------------------------------------------------------------------

YEARS = range(2010, 2020)
UNITS = ("terms-made-up:old", "terms-made-up:new", "terms-made-up:lost", "terms-made-up:odd")


class Papers:
    """Made-up papers: who speaks of what, where, citing whom."""

    def __init__(self) -> None:
        rng = np.random.default_rng(8)
        self.papers: list[dict[str, Any]] = []
        chance = {UNITS[0]: [0.5] * 10, UNITS[1]: np.linspace(0.02, 0.4, 10), UNITS[2]: np.linspace(0.4, 0.05, 10)}
        for year in YEARS:
            for n in range(60):
                said = {unit: int(rng.integers(1, 5)) for unit, p in chance.items() if rng.random() < p[year - 2010]}
                if year == 2019 and n == 0:
                    said[UNITS[3]] = 2
                earlier = [p["id"] for p in self.papers[-200:]]
                cites = sorted(set(rng.choice(earlier, 5).tolist())) if earlier else []
                where = str(rng.choice(["CN", "US", "DE", "KR"]))
                field = f"iotf:{rng.integers(1, 5)}"
                self.papers.append(
                    {
                        "id": f"doi:10.1/{year}-{n}",
                        "year": year,
                        "said": said,
                        "cites": cites,
                        "place": where,
                        "field": field,
                    }
                )

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        observed: dict[tuple[str, str, int, str], int] = {}
        for paper in self.papers:
            for unit in (*paper["said"], "all:total"):
                for place in (paper["place"], "agg:world"):
                    key = (place, unit, paper["year"], "papers")
                    observed[key] = observed.get(key, 0) + 1
                    if paper["cites"]:
                        key = (place, unit, paper["year"], "citations_received")
                        observed[key] = observed.get(key, 0) + len(paper["cites"]) * (2 if unit == UNITS[1] else 1)
        places = [
            ("CN", "country"),
            ("US", "country"),
            ("DE", "country"),
            ("KR", "country"),
            ("agg:world", "aggregate"),
        ]
        links = []
        for paper in self.papers:
            link = {"from_id": paper["id"], "period": str(paper["year"]), "region_id": ""}
            links += [
                {**link, "to_id": unit, "kind": "mentions", "weight": float(n)} for unit, n in paper["said"].items()
            ]
            links += [{**link, "to_id": other, "kind": "cites", "weight": None} for other in paper["cites"]]
            links.append({**link, "to_id": paper["field"], "kind": "speaks_of", "weight": 1.0})
        return {
            "region": [{"region_id": r, "level": level, "name_en": r, "name_zh": r} for r, level in places],
            "field": [
                {"field_id": u, "scheme": u.split(":")[0], "code": u.split(":")[1], "name_en": u, "name_zh": u}
                for u in (*UNITS, "all:total")
            ],
            "indicator": [
                {
                    "indicator_id": name,
                    "name_en": name,
                    "name_zh": name,
                    "unit": "count",
                    "kind": "flow",
                    "aggregation": "sum",
                }
                for name in ("papers", "citations_received")
            ],
            "observation": [
                {
                    "region_id": place,
                    "field_id": unit,
                    "indicator_id": indicator,
                    "period": str(year),
                    "value": float(value),
                    "status": "observed",
                }
                for (place, unit, year, indicator), value in observed.items()
            ],
            "document": [{"document_id": p["id"], "kind": "paper", "date": f"{p['year']}-03-01"} for p in self.papers],
            "participation": [
                {"actor_id": f"unknown:{p['place']}", "document_id": p["id"], "role": "author", "region_id": p["place"]}
                for p in self.papers
            ],
            "link": links,
            "source": [
                {
                    "title_en": "Made-up papers (SYNTHETIC)",
                    "title_zh": "虚构论文",
                    "publisher": "Foreland tests",
                    "licence": "CC0-1.0",
                    "url": "https://example.org/made-up",
                    "published": "2026-01-01",
                    "retrieved": "2026-01-02",
                    "content_hash": "e" * 64,
                    "note_en": "Drawn at random.",
                    "note_zh": "随机生成。",
                }
            ],
        }


@pytest.fixture(scope="module")
def made() -> Papers:
    return Papers()


@pytest.fixture(scope="module")
def papers(made: Papers, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("papers") / "workspace")
    with ws.staging() as staging:
        for table, content in made.rows().items():
            schema = table_spec(table).arrow_schema()
            full = [{name: {"source_id": SOURCE, **row}.get(name) for name in schema.names} for row in content]
            staging.write(table, pa.Table.from_pylist(full, schema=schema))
        staging.commit(SOURCE, "e" * 64)
    return ws


def row_of(finding: Finding, unit: str) -> dict[str, Any]:
    return next(row for row in finding.rows() if row["field_id"] == unit)


def test_documents_add_impact_coherence_and_breadth(papers: Workspace, made: Papers) -> None:
    finding = papers.ask("foresight.emerging", scheme="terms-made-up", indicator="papers")
    last = [p for p in made.papers if p["year"] >= 2017]
    about = {p["id"]: set(p["said"]) for p in made.papers}
    spoken = {identifier for identifier, said in about.items() if said}
    inside, links = {}, {}
    for unit in UNITS[:3]:
        given = [c for p in last if unit in p["said"] for c in p["cites"] if c in spoken]
        links[unit], inside[unit] = len(given), sum(unit in about[c] for c in given)
    common = sum(inside.values()) / sum(links.values())
    for unit in UNITS[:3]:
        row = row_of(finding, unit)
        raw = inside[unit] / links[unit]
        # Shrunk: between the share as counted and that of all, nearer to the former.
        assert min(raw, common) - 0.02 <= row["coherence"] <= max(raw, common) + 0.02
        assert abs(row["coherence"] - raw) <= 0.5 * abs(common - raw) + 0.02
        fields = [p["field"] for p in last if unit in p["said"]]
        pairs = [a != b for i, a in enumerate(fields) for b in fields[:i]]
        assert row["breadth"] == pytest.approx(np.mean(pairs))
    # Papers of the new term are cited twice as often.
    received, size = dict.fromkeys(UNITS, 0.0), dict.fromkeys(UNITS, 0)
    for year in (2017, 2018, 2019):
        own = [p for p in last if p["year"] == year]
        cited = {u: sum(len(p["cites"]) for p in own if u in p["said"]) * (1 + (u == UNITS[1])) for u in UNITS}
        number = {u: sum(u in p["said"] for p in own) for u in UNITS}
        mean = sum(cited.values()) / sum(number.values())
        for unit in UNITS:
            received[unit] += cited[unit] / mean
            size[unit] += number[unit]
    each = np.array(list(size.values()), float)
    expected = shrink(np.array(list(received.values())) / each - 1, CITATION_VARIANCE / each).mean + 1
    assert [row_of(finding, unit)["impact"] for unit in UNITS] == pytest.approx(list(expected))
    assert row_of(finding, UNITS[1])["impact"] > 1.2 > row_of(finding, UNITS[0])["impact"]


def test_documents_of_a_place_are_those_it_took_part_in(papers: Workspace, made: Papers) -> None:
    finding = papers.ask("foresight.emerging", region="CN", scheme="terms-made-up", indicator="papers")
    row = row_of(finding, UNITS[0])
    chosen = [p for p in made.papers if p["year"] >= 2017 and p["place"] == "CN" and UNITS[0] in p["said"]]
    assert row["count"] == len(chosen)
    fields = [p["field"] for p in chosen]
    pairs = [a != b for i, a in enumerate(fields) for b in fields[:i]]
    assert row["breadth"] == pytest.approx(np.mean(pairs))


def test_a_term_of_one_paper_does_not_lead(papers: Workspace) -> None:
    finding = papers.ask("foresight.emerging", scheme="terms-made-up", indicator="papers")
    assert [row["field_id"] for row in finding.rows()] == [UNITS[1], UNITS[0], UNITS[2], UNITS[3]]
    assert row_of(finding, UNITS[3])["rank"] is None
    assert row_of(finding, UNITS[3])["score"] is None
    assert "not_ranked" in {caveat.code for caveat in finding.caveats}
    # With all of them ranked, it is the lower bounds that keep it down.
    sure = papers.ask("foresight.emerging", scheme="terms-made-up", indicator="papers", min_count=0, cautious=True)
    assert sure.rows()[0]["field_id"] == UNITS[1]
    assert row_of(sure, UNITS[3])["rank"] > 1
    few = papers.ask("foresight.emerging", scheme="terms-made-up", indicator="papers", min_count=10_000)
    assert {row["rank"] for row in few.rows()} == {1, 2, 3, 4}
    assert "small_counts" in {caveat.code for caveat in few.caveats}
    told = papers.ask("foresight.emerging", scheme="terms-made-up", indicator="papers", field=UNITS[3])
    assert "(1)" in told.headline["en"]


def test_occurrences_make_the_second_map(papers: Workspace, made: Papers) -> None:
    finding = papers.ask("foresight.weak_signals", scheme="terms-made-up", indicator="papers", window=2, years=10)
    said = sum(p["said"].get(UNITS[0], 0) for p in made.papers)
    assert row_of(finding, UNITS[0])["occurrences_a_year"] == pytest.approx(said / 10)
    assert row_of(finding, UNITS[1])["visibility_growth"] > row_of(finding, UNITS[2])["visibility_growth"]
    # One paper in ten years: fewer than are told from chance.
    assert UNITS[3] not in {row["field_id"] for row in finding.rows()}
    assert "left_small" in {caveat.code for caveat in finding.caveats}


def test_the_same_question_gives_the_same_answer(papers: Workspace, tmp_path: Path) -> None:
    for question in ("foresight.emerging", "foresight.weak_signals"):
        first = papers.ask(question, scheme="terms-made-up", indicator="papers")
        second = open_workspace(papers.path).ask(question, scheme="terms-made-up", indicator="papers")
        assert first.id == second.id
        assert first.save(tmp_path / "a.csv").read_bytes() == second.save(tmp_path / "b.csv").read_bytes()


# Charts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["foresight.emerging", "foresight.weak_signals"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_charts_become_pictures_of_any_answer(packed: Workspace, papers: Workspace, question: str, size: Any) -> None:
    from foreland.charts.pictures import chart_svg
    from foreland.charts.theme import use_size
    from foreland.core.registry import chart_names

    if size == "wide":
        findings = [
            packed.ask(question, region="CN", **PATENTS),
            papers.ask(question, scheme="terms-made-up", indicator="papers", min_count=1),
        ]
    else:
        findings = [packed.ask(question, period="2003", field="wipo35:22", **PATENTS)]
    with use_size(size):
        for finding in findings:
            for name in chart_names(question):
                assert "NaN" not in chart_svg(finding.chart(name, "zh").to_dict())


def test_the_plane_holds_every_unit_and_its_interval(packed: Workspace) -> None:
    finding = packed.ask("foresight.emerging", region="CN", **PATENTS)
    spec = finding.chart("plane", "en").to_dict()
    points = max(spec["datasets"].values(), key=len)
    assert {p["field_id"] for p in points} == {row["field_id"] for row in finding.rows()}
    for point in points:
        assert 10 ** point["size"] == pytest.approx(point["count"])
        assert point["bottom"] <= point["excess"] <= point["top"]


def test_one_that_grows_manyfold_bends_the_scale_and_the_axis_says_so(packed: Workspace) -> None:
    finding = packed.ask("foresight.emerging", region="CN", **PATENTS)
    at = finding.table.column_names.index("excess")
    values = finding.table["excess"].to_pylist()
    first = next(i for i, row in enumerate(finding.rows()) if row["rank"])
    values[first] = 15.0
    table = finding.table.set_column(at, finding.table.schema.field(at), pa.array(values, pa.float64()))
    spec = dataclasses.replace(finding, table=table).chart("plane", "en").to_dict()
    points = sorted(max(spec["datasets"].values(), key=len), key=lambda point: point["excess"])
    for one, other in pairwise(points):
        assert (one["up"] < other["up"]) == (one["excess"] < other["excess"])
    assert math.sinh(points[-1]["up"]) == pytest.approx(15.0 / 0.2)
    axis = next(a for layer in spec["layer"] if (a := layer["encoding"].get("y", {}).get("axis")))
    assert axis["title"].endswith("denser away from 0")
    written = [math.sinh(tick) * 0.2 for tick in axis["values"]]
    assert {round(value, 6) for value in written} >= {0.0, 1.0, 10.0}
    # As even a scale as before where nothing grows so much.
    plain = finding.chart("plane", "en").to_dict()
    for point in max(plain["datasets"].values(), key=len):
        assert point["up"] == point["excess"]


# Track record ------------------------------------------------------------------------------------


def test_the_usual_weights_come_with_their_track_record(packed: Workspace) -> None:
    finding = packed.ask("foresight.emerging", region="CN", **PATENTS)
    caveat = finding.caveats[0]
    assert caveat.code in {"track_record", "no_better_than_chance"}
    card = packed.ask("foresight.scorecard", **PATENTS)
    row = next(r for r in card.rows() if r["horizon"] == 3 and r["caller"] == "signals")
    assert caveat.parameters["share"] == f"{row['precision']:.0%}"
    assert caveat.parameters["base"] == f"{row['base_rate']:.0%}"


def test_other_weights_are_tested_as_they_are_set(packed: Workspace) -> None:
    from foreland.core.scope import Scope
    from foreland.foresight.questions.series import read_series
    from foreland.foresight.questions.signal_weights import _scores

    asked = packed.ask("foresight.emerging", weight_vitality=0, weight_novelty=1, min_count=0, **PATENTS)
    assert asked.caveats[0].code in {"track_record", "no_better_than_chance"}
    # What is tested is what the page ranks by: two places side by side, each among its own.
    counts = {
        place: (s.counts, s.totals)
        for place in ("CN", "US")
        for s in [read_series(packed, Scope.of(region=place, **PATENTS))]
    }
    both = np.hstack([x for x, _ in counts.values()])
    totals = np.hstack([np.repeat(n[:, None], x.shape[1], axis=1) for x, n in counts.values()])
    found = _scores(both, totals, ({"growth": 1.0, "novelty": 1.0}, 3, False))
    for k, place in enumerate(counts):
        rows = packed.ask(
            "foresight.emerging", region=place, weight_vitality=0, weight_novelty=1, min_count=0, **PATENTS
        ).rows()
        own = dict(zip(sorted(row["field_id"] for row in rows), found[35 * k : 35 * k + 35], strict=True))
        for row in rows:
            assert own[row["field_id"]] == pytest.approx(row["score"]), (place, row["field_id"])


def test_weights_that_counts_alone_do_not_tell_are_said_to_be_untested(packed: Workspace) -> None:
    finding = packed.ask("foresight.emerging", weight_diffusion=1, **PATENTS)
    assert finding.caveats[0].code == "not_tested"
    assert "not_tested" in {c.code for c in packed.ask("foresight.weak_signals", **PATENTS).caveats}

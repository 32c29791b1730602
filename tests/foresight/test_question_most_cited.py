"""Top-cited output of field and year in the questions about leading, from made-up papers (SYNTHETIC)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scipy.stats import beta

from foreland.core.tables import table_spec
from foreland.data.indicators import bundled_indicators
from foreland.data.records.counts import count_rows, indicators
from foreland.data.workspace import Workspace, open_workspace

SOURCE = "made-up-papers"
PLACES = ("CN", "DE", "US")
WINDOW = 3


def papers() -> pd.DataFrame:
    """A row for each paper and place: field b is cited ten times as much as field a, China's papers more each year."""
    rng = np.random.default_rng(13)
    rows = []
    for doc in range(900):
        year, field = 2010 + doc % 9, "ab"[int(rng.random() < 0.4)]
        own = [PLACES[k] for k in sorted(rng.choice(3, size=1 + int(rng.random() < 0.3), replace=False).tolist())]
        mean = (2 if field == "a" else 20) * (1 + (year - 2010) / 8 * ("CN" in own))
        cites = int(rng.poisson(mean) // 2 * 2)
        rows += [
            {"doc": doc, "year": year, "field": field, "place": at, "share": 1 / len(own), "cites": cites} for at in own
        ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return loaded(tmp_path_factory.mktemp("cited"), papers())


def loaded(at: Path, made: pd.DataFrame, without: str = "none") -> Workspace:
    """A workspace of the counts of papers, but for the indicators that have some letters in their names."""
    ws = open_workspace(at / "workspace")
    once = made.drop_duplicates("doc")
    observed = count_rows(
        pa.table({"doc": once.doc, "year": once.year, "citations": pa.array(once.cites, pa.int64(), from_pandas=True)}),
        pa.table({"doc": made.doc, "region_id": made.place, "share": made.share}),
        pa.table({"doc": once.doc, "field_id": "own:" + once.field}),
        source_id=SOURCE,
    )
    known = bundled_indicators()
    tables: dict[str, list[dict[str, Any]]] = {
        "region": [
            {"region_id": code, "level": "aggregate" if ":" in code else "country", "name_en": code, "name_zh": code}
            for code in (*PLACES, "agg:world")
        ],
        "field": [
            {"field_id": f"own:{f}", "scheme": "own", "code": f, "name_en": f"Field {f}", "name_zh": f"领域 {f}"}
            for f in "ab"
        ],
        "indicator": [vars(known[name]) for name in indicators("paper")],
        "source": [{"title_en": "Made up", "title_zh": "虚构", "licence": "CC0-1.0", "content_hash": "2" * 64}],
    }
    with ws.staging() as staging:
        for table, rows in tables.items():
            schema = table_spec(table).arrow_schema()
            full = [{name: {"source_id": SOURCE, **row}.get(name) for name in schema.names} for row in rows]
            staging.write(table, pa.Table.from_pylist(full, schema=schema))
        staging.write("observation", observed.filter(pc.invert(pc.match_substring(observed["indicator_id"], without))))
        staging.commit(SOURCE, "2" * 64)
    return ws


def shares(fractional: bool, part: float, made: pd.DataFrame | None = None) -> pd.Series:
    """PP(top) by field, last year of the window and place: each paper by the ranks it shares with those cited alike."""
    made = papers() if made is None else made.copy()
    once = made.drop_duplicates("doc").copy()
    groups = once.groupby(["field", "year"]).cites
    size, low, high = groups.transform("size"), groups.rank(method="min", ascending=False), groups.rank(
        method="max", ascending=False
    )  # fmt: skip
    # Ranks low … high are shared; of each, what lies above the border at part × size is in.
    inside = ((part * size - low + 1) / (high - low + 1)).clip(0, 1)
    made["top"] = made.doc.map(pd.Series(inside.to_numpy(), index=once.doc))
    made["weight"] = made.share if fractional else 1.0
    made["topped"] = made.top * made.weight
    sums = made.pivot_table(
        index="year", columns=["field", "place"], values=["topped", "weight"], aggfunc="sum"
    ).fillna(0)
    rolled = sums.rolling(WINDOW).sum()
    return (rolled["topped"] / rolled["weight"]).stack(["field", "place"])


@pytest.mark.parametrize("indicator", ["papers", "papers_fractional", "top10_papers", "top10_papers_fractional"])
def test_shares_among_the_most_cited_are_those_of_pandas(counted: Workspace, indicator: str) -> None:
    fractional = indicator.endswith("_fractional")
    tenth, hundredth = shares(fractional, 0.1), shares(fractional, 0.01)
    finding = counted.ask("foresight.leadership", indicator=indicator, window=WINDOW, min_count=0)
    assert len(finding) >= 2
    for row in finding.rows():
        key = (int(row["to_period"]), row["field_id"][-1], row["leader_id"])
        assert row["top10_share"] == pytest.approx(tenth[key], abs=1e-8)
        assert row["top1_share"] == pytest.approx(hundredth[key], abs=1e-8)
        assert row["top10_low"] <= row["top10_share"] <= row["top10_high"]
        assert row["runner_up_top10"] == pytest.approx(tenth[(*key[:2], row["runner_up_id"])], abs=1e-8)
    for place in PLACES:
        for row in counted.ask("foresight.catch_up", region=place, indicator=indicator, window=WINDOW).rows():
            assert row["top10_share"] == pytest.approx(tenth[2018, row["field_id"][-1], place], abs=1e-8)


def test_the_interval_is_that_of_clopper_and_pearson(counted: Workspace) -> None:
    row = counted.ask("foresight.catch_up", region="CN", indicator="papers", min_count=0).rows()[0]
    made = papers()
    own = made[(made.place == "CN") & (made.field == row["field_id"][-1]) & (made.year >= 2016)]
    top = row["top10_share"] * len(own)
    assert row["top10_low"] == pytest.approx(beta.ppf(0.025, top, len(own) - top + 1))
    assert row["top10_high"] == pytest.approx(beta.ppf(0.975, top + 1, len(own) - top))


def test_a_field_that_is_cited_more_has_no_more_of_the_most_cited(counted: Workspace) -> None:
    """By the year alone the field cited ten times as much has nearly all of the tenth; by field each has its own."""
    rows = counted.table("observation")
    rows = rows.filter(rows.region_id == "agg:world").select("indicator_id", "field_id", "period", "value")
    wide = (
        counted.to_arrow(rows)
        .to_pandas()
        .pivot_table(index="field_id", columns="indicator_id", values="value", aggfunc="sum")
    )
    assert wide.loc["own:b", "top_cited_papers"] > 20 * wide.loc["own:a", "top_cited_papers"]
    assert (wide.top10_papers / wide.papers).to_numpy() == pytest.approx(0.1)
    assert (wide.top1_papers_fractional / wide.papers_fractional).to_numpy() == pytest.approx(0.01)


@pytest.mark.parametrize("fractional", [False, True])
def test_shares_are_of_the_documents_whose_citations_are_known(tmp_path: Path, fractional: bool) -> None:
    """Two of five papers of China, and one of five others, have no citations in the source."""
    made = papers()
    of_china = made.doc.isin(made.doc[made.place == "CN"])
    made["cites"] = made.cites.where(made.doc % 5 >= np.where(of_china, 2, 1))
    indicator = "papers_fractional" if fractional else "papers"
    ws, before = loaded(tmp_path / "new", made), loaded(tmp_path / "old", made, without="_with_citations")
    told, once_told = (each.ask("foresight.catch_up", region="CN", indicator=indicator) for each in (ws, before))
    known = made[made.cites.notna()]
    tenth = shares(fractional, 0.1, known)
    for row in told.rows():
        assert row["top10_share"] == pytest.approx(tenth[2018, row["field_id"][-1], "CN"], abs=1e-8)
    # Before, all documents of the place stood below.
    for row, old in zip(told.rows(), once_told.rows(), strict=True):
        here = made[(made.place == "CN") & (made.field == row["field_id"][-1]) & (made.year >= 2016)]
        weight = here.share if fractional else here.share**0
        part = weight[here.cites.notna()].sum() / weight.sum()
        assert old["top10_share"] == pytest.approx(row["top10_share"] * part, abs=1e-8)
        assert part < 0.75
    codes = [{caveat.code for caveat in each.caveats} for each in (told, once_told)]
    assert [{"citations_known_only", "citations_unknown"} & each for each in codes] == [
        {"citations_known_only"},
        {"citations_unknown"},
    ]
    assert told.scope.indicator == indicator
    # The world comes to a tenth.
    rows = ws.table("observation")
    rows = rows.filter(rows.region_id == "agg:world", rows.indicator_id.isin(["top10_papers", "papers_with_citations"]))
    world = ws.to_arrow(rows.group_by("indicator_id").agg(value=rows.value.sum())).to_pylist()
    size = {row["indicator_id"]: row["value"] for row in world}
    assert size["top10_papers"] / size["papers_with_citations"] == pytest.approx(0.1)


def test_what_is_counted_is_said(counted: Workspace) -> None:
    def codes(**asked: str) -> dict[str, Any]:
        return {
            caveat.code: caveat.parameters
            for caveat in counted.ask("foresight.leadership", min_count=0, **asked).caveats
        }

    assert codes(indicator="papers_fractional")["top_cited_at_hand"] == {"indicator": "top10_papers_fractional"}
    assert codes(indicator="papers")["top_cited_at_hand"] == {"indicator": "top10_papers"}
    assert "output_not_quality" not in codes(indicator="top1_papers")
    assert "top_of_year" in codes(indicator="top_cited_papers")
    assert "top_of_year" not in codes(indicator="top10_papers")
    assert "citations_unknown" not in codes(indicator="papers")
    for question in ("foresight.leadership", "foresight.catch_up"):
        finding = counted.ask(question, min_count=0, **({"region": "CN"} if "catch" in question else {}))
        # Without being asked for, output is what is counted.
        assert finding.scope.indicator == "papers_fractional"
        assert finding.provenance.steps[-1].key == "foresight.step.most_cited_fractional"
        for language in ("en", "zh"):
            assert finding.chart("top_cited", language).to_dict()  # type: ignore[attr-defined]


def test_without_such_figures_nothing_is_said_of_them(packed: Workspace) -> None:
    for question, asked in (("foresight.leadership", {}), ("foresight.catch_up", {"region": "CN"})):
        finding = packed.ask(question, scheme="wipo35", **asked)
        assert "top10_share" not in finding.table.column_names
        assert "top_cited" not in finding.charts

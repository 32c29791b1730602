"""The ten institutions with most documents, from made-up papers, and the grade of monopoly risk they change."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from foreland.core.tables import table_spec
from foreland.data.workspace import Workspace, open_workspace
from foreland.foresight.questions.institutions import top_institutions

SOURCE = "made-up-papers"
YEARS = range(2015, 2024)


def papers() -> list[tuple[str, str, str, int]]:
    """(institution, place, field, year): ten institutions of two places in one field, a crowd of others behind."""
    rows = []
    for year in YEARS:
        for i in range(12):
            place = "CN" if i < 7 else "US"
            # The first puts out most, so that the order is known; the last two are not among the ten.
            rows += [(f"inst:{i:02d}", place, "own:a", year)] * (20 - i)
        rows += [("inst:only", "CN", "own:b", year)] * 40
    # In an earlier year the world was another; it is outside the window.
    rows += [("inst:old", "US", "own:a", 2015)] * 500
    return rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    rows = [(i, *row) for i, row in enumerate(papers())]
    counts = Counter((place, field, str(year)) for _, _, place, field, year in rows)
    tables: dict[str, list[dict[str, Any]]] = {
        "region": [{"region_id": place, "level": "country"} for place in ("CN", "US")],
        "field": [{"field_id": f"own:{c}", "scheme": "own", "code": c, "name_en": c, "name_zh": c} for c in "ab"],
        "indicator": [
            {"indicator_id": "papers_fractional", "unit": "count", "kind": "flow", "aggregation": "sum"}
        ],
        "observation": [
            {"region_id": r, "field_id": f, "indicator_id": "papers_fractional", "period": p, "value": float(n),
             "status": "observed"}
            for (r, f, p), n in sorted(counts.items())
        ],
        "document": [{"document_id": f"d:{i}", "kind": "paper", "date": str(year)} for i, *_, year in rows],
        "link": [
            {"from_id": f"d:{i}", "to_id": field, "kind": "speaks_of", "period": ""} for i, _, _, field, _ in rows
        ],
        "participation": [
            {"actor_id": who, "document_id": f"d:{i}", "role": "author", "region_id": place}
            for i, who, place, _, _ in rows
        ]
        + [
            {"actor_id": "unknown:US", "document_id": f"d:{i}", "role": "author", "region_id": "US"}
            for i, *_ in rows
        ],
        "source": [{"title_en": "Made up", "title_zh": "虚构", "content_hash": "0" * 64}],
    }  # fmt: skip
    ws = open_workspace(tmp_path_factory.mktemp("made") / "workspace")
    with ws.staging() as staging:
        for name, content in tables.items():
            schema = table_spec(name).arrow_schema()
            full = [{column: {"source_id": SOURCE, **row}.get(column) for column in schema.names} for row in content]
            staging.write(name, pa.Table.from_pylist(full, schema=schema))
        staging.commit(SOURCE, "0" * 64)
    return ws


def test_the_first_ten_of_the_years_asked_for(made: Workspace):
    found = top_institutions(made, SOURCE, ["own:a", "own:b"], ("2021", "2023"))
    expected = [(f"inst:{i:02d}", "CN" if i < 7 else "US") for i in range(10)]
    # Of the other field a single institution is known: its ten are not.
    assert found == {"own:a": expected}
    assert top_institutions(made, SOURCE, ["own:a"], ("2015", "2015"))["own:a"][0] == ("inst:old", "US")
    assert top_institutions(made, "another", ["own:a"], ("2021", "2023")) == {}


def test_the_grade_takes_both_conditions_where_institutions_are_known(made: Workspace, tmp_path: Path):
    finding = made.ask("foresight.leadership", scheme="own", hold=1)
    present = {row["field_id"]: row for row in finding.rows() if row["to_period"] == "2023"}
    a = present["own:a"]
    # 119 papers a year of seven institutions against 55 of five: twice ahead with seven of ten.
    assert a["lead"] == pytest.approx(119 / 55)
    assert (a["of_ten"], a["monopoly_risk"]) == (7, "medium")
    assert (present["own:b"]["of_ten"], present["own:b"]["monopoly_risk"]) == (None, "high")
    assert "risk_by_lead" not in {caveat.code for caveat in finding.caveats}
    assert any("ten institutions" in step.text("en") for step in finding.provenance.steps)
    evidence = {item.table: rows for item, rows in finding.evidence(finding.rows().index(a)).tables}
    assert set(evidence["participation"]["actor_id"].to_pylist()) <= set(a["institutions"])
    for format_ in ("csv", "json", "parquet"):
        assert finding.save(tmp_path / f"found.{format_}").stat().st_size > 0


def test_a_field_without_a_present_leader_says_so(made: Workspace):
    finding = made.ask("foresight.leadership", field="own:a", min_count=600, hold=1)
    # Only the window with the earliest year is that large, and there the United States led.
    (row,) = finding.rows()
    assert (row["leader_id"], row["from_period"], row["to_period"]) == ("US", "2017", "2017")
    assert "2023" in finding.headline["en"]
    assert "2017" in finding.headline["zh"]

"""What a finding is written as: complete, safe, and carrying where it came from."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreland.charts.records import csv_bytes, harmless, parquet_bytes
from foreland.core.finding import Finding
from foreland.core.provenance import Caveat, Input, Provenance, Step
from foreland.core.registry import exporter
from foreland.core.scope import Scope
from foreland.i18n import use_language

HOSTILE = '=cmd|"/c calc"!A1 <script>alert(1)</script> & |pipe|'
BESIDE = {"specialisation": 1.4, "lower": 1.1, "upper": 1.7, "standing": "strength", "change": 0.1}


@pytest.fixture
def finding() -> Finding:
    """A SYNTHETIC finding of a registered question, with a hostile name in it."""
    rows = [
        {"region_id": "CN-ZJ", "field_id": "iotf:quantum", "value": 12.0, "share": 0.25, "rank": 1, **BESIDE},
        {"region_id": "CN-JS", "field_id": "iotf:ai", "value": float("nan"), "share": None, "rank": 2, **BESIDE},
    ]
    names = {"CN-ZJ": ("Zhejiang", "浙江"), "CN-JS": (HOSTILE, HOSTILE), "iotf:quantum": ("Quantum", "量子科技")}
    return Finding(
        question="capability.specialisation",
        scope=Scope.of(region="CN-ZJ"),
        table=pa.Table.from_pylist(rows),
        headline={"en": f"Zhejiang leads {HOSTILE}", "zh": f"浙江领先{HOSTILE}"},
        benchmark={"en": "all places", "zh": "全部地区"},
        provenance=Provenance(
            "capability.specialisation",
            {"region": "CN-ZJ", "window": 3},
            (Input("observation", {"indicator_id": "x"}, 2, {"made-up": "f" * 64}),),
            (Step("capability.step.standing", {"min_count": 5}),),
            "0.1.0",
        ),
        caveats=(Caveat("data.caveat.suppressed_values", "warning", {"count": 1, "of": 2}),),
        labels={key: {"en": en, "zh": zh} for key, (en, zh) in names.items()},
    )


def test_csv(finding: Finding) -> None:
    content = csv_bytes(finding, "zh")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert list(rows[0])[:4] == ["region_id", "region_name", "field_id", "field_name"]
    assert list(rows[0])[-3:] == ["caveats", "sources", "finding_id"]
    assert rows[0]["region_name"] == "浙江"
    assert rows[1]["region_name"] == "'" + HOSTILE
    assert rows[1]["value"] == ""
    assert float(rows[0]["share"]) == 0.25
    assert rows[0]["finding_id"] == finding.id


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none()))
def test_no_cell_is_a_formula(cell: object) -> None:
    out = harmless(cell)
    if isinstance(cell, str):
        assert out in (cell, "'" + cell)
        assert not out.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    elif cell is not None and cell == cell and abs(cell) != float("inf"):  # type: ignore[arg-type]
        assert out == cell, "numbers stay numbers, negative ones too"


def test_json_and_parquet_say_everything(finding: Finding) -> None:
    answer = json.loads(exporter("json")(finding, None, "en"))
    assert answer["rows"][1]["value"] is None
    assert answer["caveats"][0]["severity"] == "warning"
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(parquet_bytes(finding, "en")))
    about = json.loads(table.schema.metadata[b"foreland"])
    assert {key: about[key] for key in ("id", "headline", "benchmark")} == {
        key: answer[key] for key in ("id", "headline", "benchmark")
    }
    assert table.column_names == finding.table.column_names


@pytest.mark.parametrize("language", ["zh", "en"])
def test_markdown(finding: Finding, language: str) -> None:
    text = exporter("md")(finding, None, language).decode()  # type: ignore[arg-type]
    assert "<script>" not in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 4
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {11}, "a pipe in a name breaks no row"
    assert finding.id in text


def test_picture_carries_benchmark_source_link_and_version(finding: Finding) -> None:
    svg = exporter("svg")(finding, "bars", "en").decode()
    root = ET.fromstring(svg)
    text = " ".join(root.itertext())
    for part in ("all places", finding.id, "/capability/specialisation?region=CN-ZJ", "0.1.0"):
        assert part in text, part
    assert not root.findall(".//{http://www.w3.org/2000/svg}script")


def test_page_stands_alone(finding: Finding) -> None:
    page = exporter("html")(finding, None, "zh").decode()
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    fragment = finding._repr_html_()
    assert "<script" not in fragment
    assert "<html" not in fragment


def test_word(finding: Finding) -> None:
    with use_language("zh"):
        content = exporter("docx")(finding, None, "zh")
    document = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
    assert "浙江领先" in document
    assert "&lt;script&gt;" in document


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x0b", "\uffff", "\ud800"])
def test_characters_no_picture_may_hold_do_not_end_the_process(character: str) -> None:
    from foreland.charts.pictures import chart_svg

    values = [{f"a{character}": f"Zhe{character}jiang", "b": 1.0}]
    encoding = {
        "x": {"field": f"a{character}", "type": "nominal", "title": f"浙{character}"},
        "y": {"field": "b", "type": "quantitative"},
    }
    svg = chart_svg({"data": {"values": values}, "mark": "bar", "encoding": encoding})
    assert "Zhe\ufffdjiang" in svg
    ET.fromstring(svg)

"""Edge lists of product chains: columns in both languages, shares in two units, and everything that can be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.helpers import put, rows, says, snapshot

from foreland.core.errors import DataError, UsageError
from foreland.data.chains.edge_list import UNDATED
from foreland.data.chains.options import EdgeOptions
from foreland.data.load import LoadReport, load
from foreland.data.workspace import Workspace


def read(ws: Workspace, path: Path, *maps: str, kind: str = "chain", **options: str) -> LoadReport:
    return load(ws, path, layout=kind, edges=EdgeOptions.from_options(kind, maps, **options))


def links(ws: Workspace, source: str = "links", kind: str = "input") -> dict[tuple[str, str], float | None]:
    return {
        (row["from_id"].split(":", 1)[1], row["to_id"].split(":", 1)[1]): row["weight"]
        for row in rows(ws, source, "link")
        if row["kind"] == kind
    }


def figures(ws: Workspace, source: str = "links") -> dict[tuple[str, str], tuple[float | None, str]]:
    return {
        (row["region_id"], row["field_id"].split(":", 1)[1]): (row["value"], row["status"]) for row in rows(ws, source)
    }


def noted(report: LoadReport) -> dict[str, dict]:
    return {key.removeprefix("data.note."): params for key, params in report.notes}


def refused(ws: Workspace, path: Path, *maps: str, kind: str = "chain", **options: str) -> DataError:
    before = snapshot(ws)
    with pytest.raises(DataError) as caught:
        read(ws, path, *maps, kind=kind, **options)
    assert snapshot(ws) == before
    return caught.value


CHINESE = """上游,下游,投入占比,国家,份额
硅片,芯片,30%,日本,60%
硅片,芯片,30%,中国,15%
硅片,芯片,30%,其他国家,20%
光刻机,芯片,70%,荷兰,90%
光刻机,芯片,70%,日本,
芯片,手机,,,
"""


def test_one_file_with_edges_and_shares_in_chinese(ws: Workspace, tmp_path: Path) -> None:
    report = read(ws, put(tmp_path, "links.csv", CHINESE), period="2024")
    assert links(ws) == {("硅片", "芯片"): 0.3, ("光刻机", "芯片"): 0.7, ("芯片", "手机"): None}
    assert figures(ws) == {
        ("JP", "硅片"): (0.6, "observed"),
        ("CN", "硅片"): (0.15, "observed"),
        ("NL", "光刻机"): (0.9, "observed"),
        ("JP", "光刻机"): (None, "suppressed"),
    }
    assert {row["period"] for row in rows(ws, "links", "link")} == {"2024"}
    assert noted(report)["unattributed"] == {"number": 1, "names": "硅片"}
    assert "undated" not in noted(report)
    for language in ("en", "zh"):
        assert "硅片" in report.text(language)


def test_two_files_with_types_names_and_suppliers(ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "chain"
    folder.mkdir()
    put(folder, "edges.csv", "from,to\nwafer,chip\ntool,chip\n")
    put(
        folder,
        "nodes.csv",
        "product,type_of,stage,name_en,name_zh\nEUV,tool,,EUV tool,极紫外光刻机\ntool,,Fabrication,,光刻机\n",
    )
    put(
        folder,
        "shares.csv",
        "supplier,country,product,market_share,year\nASML,NLD,euv,1.0,2023\nSUMCO,JPN,wafer,0.3,2023\n"
        "Shin-Etsu,JPN,wafer,0.35,2023\nOther,,wafer,0.35,2023\nTiny,KOR,wafer,,2023\n",
    )
    report = read(ws, folder)
    assert links(ws, "chain") == {("wafer", "chip"): None, ("tool", "chip"): None}
    assert links(ws, "chain", "type_of") == {("EUV", "tool"): None}
    assert links(ws, "chain", "supply") == {
        ("ASML", "EUV"): 1.0,
        ("SUMCO", "wafer"): 0.3,
        ("Shin-Etsu", "wafer"): 0.35,
        ("Tiny", "wafer"): None,
    }
    found = figures(ws, "chain")
    assert found["NL", "EUV"] == (1.0, "estimated")
    assert found["JP", "wafer"][0] == pytest.approx(0.65)
    assert found["KR", "wafer"] == (None, "suppressed")
    fields = {row["code"]: row for row in rows(ws, "chain", "field")}
    assert fields["EUV"]["name_zh"] == "极紫外光刻机"
    assert fields["EUV"]["parent_id"] == "chain:tool"
    assert fields["tool"]["parent_id"] == "chain:stage:Fabrication"
    assert fields["tool"]["name_en"] == "光刻机"  # no English name: the other stands in
    actors = {row["name_en"]: row["region_id"] for row in rows(ws, "chain", "actor")}
    assert actors == {"ASML": "NL", "SUMCO": "JP", "Shin-Etsu": "JP", "Tiny": "KR"}
    assert noted(report)["latest_period"] == {"period": "2023"}
    assert {row["period"] for row in rows(ws, "chain", "link")} == {"2023"}


def test_no_period_is_said_openly(ws: Workspace, tmp_path: Path) -> None:
    report = read(ws, put(tmp_path, "links.csv", "from,to\na,b\n"))
    assert noted(report)["undated"] == {"period": UNDATED}


def test_columns_by_name(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "links.csv", "x;y;z\na;b;0,25\nc;b;0,75\n")
    read(ws, path, "from=x", "to=y", "weight=z", decimal=",")
    assert links(ws) == {("a", "b"): 0.25, ("c", "b"): 0.75}
    error = refused(ws, path, "from=x", "to=w")
    assert error.key == "data.error.missing_column"
    with pytest.raises(UsageError) as caught:
        EdgeOptions.from_options("chain", ["frm=x"])
    assert "from" in caught.value.text("en")
    with pytest.raises(UsageError):
        EdgeOptions.from_options("chain", period="soon")


def test_amounts_are_shared_out(ws: Workspace, tmp_path: Path) -> None:
    report = read(ws, put(tmp_path, "links.csv", "from,to,weight\na,c,30\nb,c,90\nc,d,5\n"))
    assert links(ws) == {("a", "c"): 0.25, ("b", "c"): 0.75, ("c", "d"): 1.0}
    assert "weights_divided" in noted(report)


@pytest.mark.parametrize(
    ("text", "percent"), [("60", True), ("60%", True), ("0.6", False), ("0.6%", True), ("６０％", True)]
)
def test_percent_or_part_of_one(ws: Workspace, tmp_path: Path, text: str, percent: bool) -> None:
    path = put(tmp_path, "links.csv", f"from,to,country,share\na,b,CN,{text}\n")
    read(ws, path)
    number = 60.0 if text == "６０％" else float(text.rstrip("%"))
    assert figures(ws)["CN", "a"][0] == pytest.approx(number / 100 if percent else number)


def test_small_shares_of_a_column_in_percent_need_its_unit(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "links.csv", "from,to,country,share\na,b,CN,0.8\n")
    read(ws, path, unit="%")
    assert figures(ws)["CN", "a"][0] == pytest.approx(0.008)


def test_cycles_are_told_and_kept(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "links.csv", "from,to\nsteel,mill\nmill,steel\nsteel,car\na,b\nb,c\nc,a\n")
    report = read(ws, path)
    assert len(links(ws)) == 6
    assert noted(report)["cycles"] == {"number": 2, "cycles": "a → b → c → a; mill → steel → mill"}


def test_shares_above_one_by_rounding_are_told(ws: Workspace, tmp_path: Path) -> None:
    report = read(ws, put(tmp_path, "links.csv", "from,to,country,share\na,b,CN,52\na,b,JP,52\n"))
    assert noted(report)["shares_rounded"]["names"] == "a"
    assert figures(ws)["CN", "a"][0] == pytest.approx(0.52)  # as published; analyses scale


def test_repeated_edges(ws: Workspace, tmp_path: Path) -> None:
    report = read(ws, put(tmp_path, "links.csv", "from,to,weight\na,b,0.5\nA , b,0.5\nc,b,0.5\n"))
    assert links(ws) == {("a", "b"): 0.5, ("c", "b"): 0.5}
    assert noted(report)["edges_repeated"] == {"number": 1}


BAD = [
    # content, key, line, column, English words, Chinese words
    ("from,to,country,share\na,b,CN,70\na,b,JP,60\n", "shares_above_one", 3, "share", ["a", "130 %"], ["130%"]),
    ("from,to,country,share\na,b,Chnia,70\n", "unknown_place", 2, "country", ["Chnia", "Did you mean", "CN"], ["CN"]),
    ("from,to,weight\na,b,0.5\nc,d,1\na,b,0.6\n", "edge_twice", 4, None, ["line 2", "0.5", "0.6"], ["第 2 行"]),
    ("from,to\na,b\nb,b\n", "edge_loop", 3, None, ["b goes into itself"], ["投入自身"]),
    ("from,to\na,\n", "edge_end", 2, "to", ["a"], ["另一端"]),
    ("from,to\n", "header_only", None, None, ["from"], ["表头"]),
    ("", "empty_file", None, None, ["empty"], ["空"]),
    ("from,country,share\na,CN,0.5\n", "edge_columns", None, None, ["wanted: to", "--map"], ["缺 to"]),
    ("von,nach\na,b\n", "edge_columns", None, None, ["wanted: from", "von"], ["缺 from"]),
    ("from,to,weight\na,b,much\n", "edge_number", 2, "weight", ["much"], ["much"]),
    ("from,to,weight\na,b,inf\n", "edge_number", 2, "weight", ["inf"], ["inf"]),
    ("from,to,weight\na,b,-0.1\n", "edge_negative", 2, "weight", ["-0.1"], ["-0.1"]),
    ("from,to,country,share\na,b,CN,101%\n", "share_above_one", 2, "share", ["101%"], ["101%"]),
    ("from,to,country,share\na,b,CN,0.2\na,b,China,0.2\n", "share_twice", 3, "country", ["line 2"], ["第 2 行"]),
    ("from,to,year\na,b,later\n", "edge_period", 2, "year", ["later"], ["later"]),
    ("product,type_of,from,to\na,b,,\nb,a,,\n,,a,c\n", "type_of_itself", 2, "type_of", ["a → b → a"], ["a → b → a"]),
    (
        "from,to,product,country,share\nwafer,chip,,,\n,,wafr,CN,0.5\n",
        "product_in_no_edge",
        3,
        "product",
        ["wafr", "Did you mean wafer"],
        ["wafr", "wafer"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content", "key", "line", "column", "en", "zh"), BAD, ids=[item[1] for item in BAD])
def test_bad_input(
    ws: Workspace, tmp_path: Path, content: str, key: str, line: int | None, column: str | None, en: list, zh: list
) -> None:
    error = refused(ws, put(tmp_path, "links.csv", content))
    assert error.key == f"data.error.{key}"
    assert error.where is not None
    assert error.where.column == column
    says(error, en=en, zh=zh, line=line)


def test_a_folder_without_tables(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    says(refused(ws, tmp_path / "empty"), en=["no table"], zh=["没有数据表"])


@pytest.mark.parametrize("column", ["share", "weight"])
def test_shares_among_percentages_are_refused(ws: Workspace, tmp_path: Path, column: str) -> None:
    """0.7 beside 30 % was once read as 0.7 %."""
    text = f"from,to,country,{column}\na,b,CN,0.7\nc,b,US,30%\n"
    error = refused(ws, put(tmp_path, "links.csv", text))
    assert error.key == "data.error.shares_mixed"
    assert error.where is not None
    assert error.where.line == 2

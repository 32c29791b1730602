"""Networks of firms from lists of who sells to whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.chains.test_edge_list import noted, read, refused
from tests.data.helpers import put, rows, says

from foreland.data.workspace import Workspace


def test_trades_with_a_table_of_firms(ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "net"
    folder.mkdir()
    put(
        folder,
        "trades.csv",
        "供应商,客户,金额（万元）,年份\n甲,乙,10,2020\n乙,丙,5,2020\n甲,乙,2.5,2020\n丙,甲,,2020\n",
    )
    put(folder, "firms.csv", "企业,行业,地区\n甲,钢铁,浙江\n乙,汽车,上海\n丙,汽车,\n")
    report = read(ws, folder, kind="suppliers")
    found = {
        (row["from_id"], row["to_id"]): (row["weight"], row["unit"], row["line"])
        for row in rows(ws, "net", "link")
        if row["kind"] == "trade"
    }
    assert found == {
        ("net:firm:甲", "net:firm:乙"): (125_000, "CNY", 2),
        ("net:firm:乙", "net:firm:丙"): (50_000, "CNY", 3),
        ("net:firm:丙", "net:firm:甲"): (None, None, 5),
    }
    sectors = {row["from_id"]: row["to_id"] for row in rows(ws, "net", "link") if row["kind"] == "supply"}
    assert sectors == {"net:firm:甲": "net:钢铁", "net:firm:乙": "net:汽车", "net:firm:丙": "net:汽车"}
    assert {row["name_zh"]: row["region_id"] for row in rows(ws, "net", "actor")} == {
        "甲": "CN-ZJ",
        "乙": "CN-SH",
        "丙": None,
    }
    assert noted(report)["trades_summed"] == {"number": 1}
    assert noted(report)["firms_in_cycles"] == {"number": 1}
    # One of anything reads as well as many.
    assert "circles: 1;" in report.text("en")
    assert "1 groups" not in report.text("en")
    # There are no observations to lead with.
    assert report.text("en").startswith("net: 6 links landed")
    assert report.text("zh").startswith("net：已加载 6 条关联")


def test_sectors_and_regions_on_the_trades(ws: Workspace, tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "net.csv",
        "supplier,customer,supplier_sector,customer_sector,supplier_region\nA,B,steel,cars,DE\nB,B,cars,cars,FR\n",
    )
    report = read(ws, path, kind="suppliers", period="2022")
    sectors = {row["from_id"]: row["to_id"] for row in rows(ws, "net", "link") if row["kind"] == "supply"}
    assert sectors == {"net:firm:A": "net:steel", "net:firm:B": "net:cars"}
    assert {row["name_en"]: row["region_id"] for row in rows(ws, "net", "actor")} == {"A": "DE", "B": "FR"}
    assert noted(report)["loops_left_out"] == {"number": 1}


BAD = [
    ("supplier,amount\nA,1\n", "trade_columns", None, ["wanted: customer"], ["缺 customer"]),
    ("supplier,customer\nA,A\n", "no_trades", None, ["No row"], ["没有一行"]),
    ("supplier,customer\nA,\n", "edge_end", 2, ["A"], ["另一端"]),
    ("supplier,customer,sector\nA,B,steel\nA,C,cars\n", "two_sectors", 3, ["steel in line 2", "cars"], ["第 2 行"]),
    ("supplier,customer,region\nA,B,Grmany\n", "unknown_place", 2, ["Germany"], ["Grmany"]),
    ("supplier,customer,amount\nA,B,lots\n", "edge_number", 2, ["lots"], ["lots"]),
]


@pytest.mark.parametrize(("content", "key", "line", "en", "zh"), BAD, ids=[item[1] for item in BAD])
def test_bad_input(ws: Workspace, tmp_path: Path, content: str, key: str, line: int | None, en: list, zh: list) -> None:
    error = refused(ws, put(tmp_path, "net.csv", content), kind="suppliers")
    assert error.key == f"data.error.{key}"
    says(error, en=en, zh=zh, line=line)


def test_a_firm_that_the_table_of_firms_lacks(ws: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "net"
    folder.mkdir()
    put(folder, "firms.csv", "company,industry\nAcme Steel,steel\nBolt,cars\n")
    put(folder, "trades.csv", "supplier,customer\nAcme Stel,Bolt\n")
    error = refused(ws, folder, kind="suppliers")
    says(error, en=["Acme Stel", "Did you mean Acme Steel"], zh=["Acme Stel"], line=2)

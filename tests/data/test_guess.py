"""What the general reader makes of layouts nobody described, and what it says when it makes nothing of them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from foreland.core.errors import DataError, ForelandError
from foreland.data.load import load
from foreland.data.mapping import Mapping, guess
from foreland.data.workspace import Workspace

from .helpers import put, rows, says


def kind_of(ws: Workspace, source_id: str) -> str:
    return str(rows(ws, source_id, "indicator")[0]["kind"])


@pytest.mark.parametrize("codes", [["0011", "2111", "2112"], ["2011", "2012", "9710"], ["2111", "2112", "2119"]])
def test_codes_in_headers_are_no_years(codes: list[str]) -> None:
    found = guess(["country", *codes])
    assert "value" not in found.mapping.columns
    assert found.mapping.wide == ""


@pytest.mark.parametrize("years", [["1999", "2000"], ["2019年", "2020年"], ["2020Q1", "2020Q2"]])
def test_years_in_headers_are_periods(years: list[str]) -> None:
    found = guess(["country", *years])
    assert found.mapping.columns["value"] == tuple(years)
    assert found.mapping.wide == "period"


def test_what_wide_headers_say_is_enough(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "w.csv", "country,0011,2111\nDE,1,2\nFR,3,4\n")
    mapping = Mapping.from_options(wide="field", scheme="sitc2", period="2000", indicator="exports", unit="USD")
    load(ws, path, mapping=mapping)
    assert {(r["region_id"], r["field_id"]): r["value"] for r in rows(ws, "w")} == {
        ("DE", "sitc2:0011"): 1.0,
        ("DE", "sitc2:2111"): 2.0,
        ("FR", "sitc2:0011"): 3.0,
        ("FR", "sitc2:2111"): 4.0,
    }
    by_place = put(tmp_path, "p.csv", "month,France,United.Kingdom\n2020-01,1,2\n2020-02,3,4\n")
    load(ws, by_place, mapping=Mapping.from_options(wide="region", indicator="imports", unit="USD"))
    assert {row["region_id"] for row in rows(ws, "p")} == {"FR", "GB"}


def test_columns_not_used_are_named(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", "geo,year,value,sex\nDE,2020,1,T\n")
    report = load(ws, path, mapping=Mapping.from_options(indicator="x", unit="USD"))
    assert "Columns not used (1): sex." in report.text("en")
    assert "未使用的列（1 个）：sex。" in report.text("zh")
    told = load(ws, path, mapping=Mapping.from_options(indicator="x", unit="USD", where=["sex=T"]))
    assert "not used" not in told.text("en")


def test_headers_of_patent_tables(ws: Workspace, tmp_path: Path) -> None:
    found = guess(["country", "Technology field", "Filing year", "Number"])
    assert found.mapping.columns == {
        "region": "country",
        "field": "Technology field",
        "period": "Filing year",
        "value": "Number",
    }


def test_no_column_says_the_value(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ForelandError) as caught:
        load(ws, put(tmp_path, "t.csv", "geo,year,firm\nDE,2020,A\n"))
    says(caught.value, en=["Nothing says the value", "counted first"], zh=["value", "先计数"])
    assert "--value" not in caught.value.text("en")


def test_places_in_headers_are_pointed_out(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ForelandError) as caught:
        load(ws, put(tmp_path, "t.csv", "month,France,Germany,Italy\n2020-01,1,2,3\n"))
    says(caught.value, en=["France, Germany, Italy", "--wide region"], zh=["--wide region"])


def test_a_refusal_names_each_text_once_and_what_may_be_wrong(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", "geo,2019,2020\nDE,1,2\nXQ11,1,2\nXQ12,1,2\n")
    with pytest.raises(DataError) as caught:
        load(ws, path, mapping=Mapping.from_options(indicator="x", unit="USD"))
    english = caught.value.text("en")
    assert english.count("“XQ11”") == english.count("“XQ12”") == 1
    says(caught.value, en=["4 of 6 rows", "--regions own"], zh=["--regions own"])
    assert "(–)" not in english


def test_decimal_commas_are_pointed_out(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", "geo;2019;2020\nDE;1,0;2,5\n")
    with pytest.raises(DataError) as caught:
        load(ws, path, mapping=Mapping.from_options(indicator="x", unit="USD"))
    says(caught.value, en=["--decimal ','"], zh=["--decimal ','"])
    load(ws, path, mapping=Mapping.from_options(indicator="x", unit="USD", decimal=","))
    assert sorted(row["value"] for row in rows(ws, "t")) == [1.0, 2.5]


def test_a_note_below_a_wide_table_is_one_row_and_no_place(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", "地区,2019年,2020年\n浙江,1,2\n注：统计年鉴,,\n")
    report = load(ws, path, mapping=Mapping.from_options(indicator="x", unit="万元"))
    assert report.unresolved == ()
    assert "that were left out: 1." in report.text("en")


def test_a_sheet_without_rows_names_the_others(ws: Workspace, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active["A1"] = "编制说明"
    book.create_sheet("表1").append(["地区", "2020"])
    book.save(tmp_path / "t.xlsx")
    with pytest.raises(DataError) as caught:
        load(ws, tmp_path / "t.xlsx")
    assert "说明, 表1" in caught.value.text("en")
    assert "--sheet" in caught.value.cure("en")
    assert "--sheet" in caught.value.cure("zh")


@pytest.mark.parametrize(
    ("unit", "kind"),
    [("persons", "stock"), ("万人", "stock"), ("家", "stock"), ("firms", "stock"), ("人次", "flow"), ("件", "flow")],
)
def test_what_is_there_at_a_time_is_a_stock(ws: Workspace, tmp_path: Path, unit: str, kind: str) -> None:
    path = put(tmp_path, "t.csv", "geo,year,value\nDE,2019,1\nDE,2020,2\n")
    load(ws, path, mapping=Mapping.from_options(indicator="mine", unit=unit))
    assert kind_of(ws, "t") == kind


def test_places_that_no_longer_exist_are_told(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", "country,year,value\nscg,2000,1\ndeu,2000,2\n")
    report = load(ws, path, mapping=Mapping.from_options(indicator="exports", unit="USD"))
    assert "Serbia and Montenegro" in report.text("en")
    assert "塞尔维亚和黑山" in report.text("zh")


def test_units_not_given_stand_in_one_line(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", "geo,year,series,value\nDE,2020,A,1\nDE,2020,B,2\n")
    text = load(ws, path).text("en")
    assert text.count("No unit is given") == 1
    assert "A, B" in text

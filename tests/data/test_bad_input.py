"""Hostile and broken input: each says what, where and the cure in both languages, and changes nothing."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foreland.core.errors import DataError, ForelandError, UsageError, WorkspaceError
from foreland.data import excel, textfile
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.workspace import Workspace, open_workspace

from .helpers import put, rows, says, snapshot

HEADER = "geo,year,value\n"
GOOD = "DE,2020,1\nFR,2020,2\n"


def refused(
    ws: Workspace, path: Path, mapping: Mapping | None = None, kind: type[ForelandError] = DataError
) -> ForelandError:
    """Load a file that must be refused; the workspace stays byte for byte as it was."""
    load(ws, put(path.parent, "before.csv", HEADER + GOOD), mapping=Mapping.from_options(indicator="b", unit="EUR"))
    before = snapshot(ws)
    with pytest.raises(kind) as caught:
        load(ws, path, mapping=mapping or Mapping.from_options(indicator="x", unit="EUR"))
    assert snapshot(ws) == before
    assert not list((ws.path / "staging").glob("[0-9a-f]*"))
    assert len(rows(ws, "before")) == 2
    return caught.value


def test_missing_column(ws: Workspace, tmp_path: Path) -> None:
    mapping = Mapping.from_options(["region=geoo", "value=value", "period=year"], indicator="x", unit="EUR")
    error = refused(ws, put(tmp_path, "t.csv", HEADER + GOOD), mapping)
    says(
        error,
        en=["no column geoo", "Did you mean geo?", "geo, year, value", "--map region=COLUMN", "t.csv"],
        zh=["没有列 geoo", "geo, year, value", "--map region=列名", "t.csv"],
    )


def test_no_column_says_the_region(ws: Workspace, tmp_path: Path) -> None:
    error = refused(ws, put(tmp_path, "t.csv", "a,year,value\nDE,2020,1\n"), kind=UsageError)
    says(
        error,
        en=["Nothing says the region", "a, year, value", "--map region=COLUMN"],
        zh=["region", "--map region=列名"],
    )


def test_wrong_encoding(ws: Workspace, tmp_path: Path) -> None:
    text = (HEADER + "Réunion,2020,1\nCôte d'Ivoire,2020,2\n").encode("latin-1")
    error = refused(ws, put(tmp_path, "t.csv", text))
    says(error, en=["byte 16", "--encoding", "latin-1"], zh=["第 16 字节", "--encoding"], line=2)
    report = load(ws, tmp_path / "t.csv", mapping=Mapping.from_options(indicator="x", unit="EUR", encoding="latin-1"))
    assert {row["region_id"] for row in rows(ws, "t")} == {"RE", "CI"}
    assert "LATIN-1" in report.text("en")


@pytest.mark.parametrize("blocks", [1, 3])
def test_half_a_character(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: int) -> None:
    whole = ("地区,年份,数值\n" + "浙江,2020,1\n江苏,2020,2\n" * 20).encode()
    cut = whole[:-1] + "安".encode()[:2] + b",2020,3\n"
    monkeypatch.setattr(textfile, "CHUNK", len(cut) // blocks + 1)
    error = refused(ws, put(tmp_path, "t.csv", cut))
    says(
        error,
        en=[f"byte {len(whole) - 1} ", "begins no character"],
        zh=[f"第 {len(whole) - 1} 字节", "不构成字符"],
        line=41,
    )


def test_cut_in_the_middle_of_the_last_character(ws: Workspace, tmp_path: Path) -> None:
    whole = "地区,年份,数值,注\n浙江,2020,1,好\n江苏,2020,2,好".encode()
    error = refused(ws, put(tmp_path, "t.csv", whole[:-1]))
    says(error, en=[f"byte {len(whole) - 3}"], zh=[f"第 {len(whole) - 3} 字节"], line=3)


def test_mixed_units(ws: Workspace, tmp_path: Path) -> None:
    text = "geo,year,value,unit\nCN,2019,3,万元\nCN,2020,4,百万美元\n"
    error = refused(ws, put(tmp_path, "t.csv", text), Mapping.from_options(indicator="x"))
    says(error, en=["万元", "百万美元", "can't be converted", "--where"], zh=["万元", "百万美元", "无法换算"], line=3)


def test_unknown_unit(ws: Workspace, tmp_path: Path) -> None:
    error = refused(ws, put(tmp_path, "t.csv", HEADER + GOOD), Mapping.from_options(indicator="x", unit="milion USD"))
    says(error, en=["milion USD", "million usd", "'=NAME'"], zh=["milion USD", "million usd", "'=名称'"])


def test_text_in_a_number_column(ws: Workspace, tmp_path: Path) -> None:
    error = refused(ws, put(tmp_path, "t.csv", HEADER + GOOD + "AT,2020,about ten\n"))
    says(
        error,
        en=["1 of 3 rows (33.3%)", "line 4, value: “about ten” is no number", "reject_share"],
        zh=["3 行中有 1 行（33.3%）", "第 4 行 value：“about ten”不是数字", "reject_share"],
        line=4,
    )


def test_duplicate_keys_name_the_key_and_both_lines(ws: Workspace, tmp_path: Path) -> None:
    error = refused(ws, put(tmp_path, "t.csv", "geo,sex,year,value\nDE,T,2020,1\nFR,T,2020,5\nGermany,F,2020,2\n"))
    says(
        error,
        en=["1 keys", "DE × all:total × x × 2020", "lines 2, 4", "sex", "--where"],
        zh=["DE × all:total × x × 2020", "第 2, 4 行", "sex", "--where"],
        line=4,
    )


def test_unknown_regions(ws: Workspace, tmp_path: Path) -> None:
    error = refused(ws, put(tmp_path, "t.csv", HEADER + "Germny,2020,1\nFrence,2020,2\n"))
    says(
        error,
        en=["No region", "Germny", "Germany", "--regions own"],
        zh=["没有识别出任何地区", "德国", "--regions own"],
        line=2,
    )
    some = refused(ws, put(tmp_path, "s.csv", HEADER + "折江,2020,1\nDE,2020,1\n"))
    says(some, en=["折江", "CN-ZJ"], zh=["折江", "浙江"], line=2)


def test_unknown_fields(ws: Workspace, tmp_path: Path) -> None:
    mapping = Mapping.from_options(["field=tech"], scheme="wipo35", indicator="x", unit="count")
    error = refused(ws, put(tmp_path, "t.csv", "geo,year,tech,value\nDE,2020,biotecnology,1\n"), mapping)
    says(error, en=["No field of wipo35", "Biotechnology", "--scheme"], zh=["wipo35", "生物技术", "--scheme"], line=2)


def test_negative_where_it_cannot_be(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "t.csv", HEADER + "DE,2020,-1\nFR,2020,2\n")
    error = refused(ws, path, Mapping.from_options(indicator="x", unit="persons"))
    says(error, en=["line 2, value: -1 is below zero"], zh=["第 2 行 value：-1 为负"], line=2)
    load(ws, path, mapping=Mapping.from_options(indicator="profit", unit="EUR"))
    assert min(row["value"] for row in rows(ws, "t")) == -1


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_empty_file(ws: Workspace, tmp_path: Path, content: bytes) -> None:
    says(refused(ws, put(tmp_path, "t.csv", content)), en=["is empty", "t.csv"], zh=["空的", "t.csv"])


@pytest.mark.parametrize("content", [HEADER, HEADER.strip(), HEADER + "\n\n"])
def test_header_only(ws: Workspace, tmp_path: Path, content: str) -> None:
    says(refused(ws, put(tmp_path, "t.csv", content)), en=["no rows", "geo, year, value"], zh=["没有数据行", "geo"])


def test_header_only_in_excel_and_parquet(ws: Workspace, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["geo", "year", "value"])
    book.save(tmp_path / "t.xlsx")
    pq.write_table(pa.table({"geo": pa.array([], pa.string())}), tmp_path / "t.parquet")
    for name in ("t.xlsx", "t.parquet"):
        assert refused(ws, tmp_path / name).key == "data.error.header_only"


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("t.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG image"),
        ("t.xlsx", b"<!DOCTYPE html><html><table><tr><td>1</td></tr></table>", "HTML page"),
        ("t.csv", b"%PDF-1.7 ...", "PDF document"),
        ("t.csv", b'{"a": [1, 2]}', "JSON document"),
        ("t.csv", bytes(range(256)) * 20, "binary file"),
    ],
)
def test_file_that_is_not_what_its_name_says(
    ws: Workspace, tmp_path: Path, name: str, content: bytes, found: str
) -> None:
    says(refused(ws, put(tmp_path, name, content)), en=[found, "Excel (.xlsx)"], zh=[found, "不是数据表"])


def test_table_under_the_wrong_name(ws: Workspace, tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "t.csv")
    says(refused(ws, tmp_path / "t.csv"), en=[".csv", "parquet", "Rename"], zh=[".csv", "parquet", "改名"])


def test_old_excel(ws: Workspace, tmp_path: Path) -> None:
    error = refused(ws, put(tmp_path, "t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600))
    says(error, en=[".xls", "save it as .xlsx"], zh=["旧版", "另存为"])


def test_truncated_files(ws: Workspace, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"geo": ["DE"] * 1000, "value": list(range(1000))}), buffer)
    cut = refused(ws, put(tmp_path, "t.parquet", buffer.getvalue()[:-20]))
    says(cut, en=["cut short or damaged", "again"], zh=["已损坏", "重新"])
    damaged = buffer.getvalue()[:60] + b"\xff" * 400 + buffer.getvalue()[460:]
    assert refused(ws, put(tmp_path, "d.parquet", damaged)).key == "data.error.parquet_unreadable"
    packed = gzip.compress((HEADER + "DE,2020,1\n" * 5000).encode())
    says(refused(ws, put(tmp_path, "t.csv.gz", packed[:-12])), en=["damaged"], zh=["已损坏"])
    assert refused(ws, put(tmp_path, "t.xlsx", b"PK\x03\x04" + b"x" * 50)).key == "data.error.excel_unreadable"


def test_rows_longer_than_the_header(ws: Workspace, tmp_path: Path) -> None:
    error = refused(ws, put(tmp_path, "t.csv", HEADER + GOOD + "AT,2020,1,234\n"))
    says(error, en=["4 cells", "3", "quotes"], zh=["4 格", "引号"], line=4)


def test_open_quote(ws: Workspace, tmp_path: Path) -> None:
    error = refused(ws, put(tmp_path, "t.csv", HEADER + 'DE,2020,"1\nFR,2020,2\n'))
    says(error, en=["quotation mark"], zh=["引号"])


def test_bombs_are_bounded(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MAX_BYTES", 10 << 20)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (20 << 20))
    says(refused(ws, tmp_path / "bomb.xlsx"), en=["unpacks to 20,", "refused"], zh=["解压后", "已拒绝"])
    monkeypatch.setattr(textfile, "MAX_UNPACKED", 8 << 20)
    bomb = put(tmp_path, "bomb.csv.gz", gzip.compress((HEADER + "DE,2020,1\n" * 1_200_000).encode()))
    says(refused(ws, bomb), en=["refused"], zh=["已拒绝"])


def test_a_column_of_names_that_is_none(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from foreland.data import names

    monkeypatch.setattr(names, "MAX_NAMES", 50)
    text = HEADER + "".join(f"zone {i},2020,1\n" for i in range(60))
    mapping = Mapping.from_options(regions="own", indicator="x", unit="EUR")
    says(refused(ws, put(tmp_path, "t.csv", text), mapping), en=["more than 50", "geo"], zh=["超过 50", "geo"])


def test_names_that_climb_out_of_the_folder(ws: Workspace, tmp_path: Path) -> None:
    evil = "../../../../tmp/evil/" + "长" * 200
    mapping = Mapping.from_options(indicator="../../x'; DROP TABLE t; --", unit="EUR", source_id=evil, scheme="")
    load(ws, put(tmp_path, "t.csv", HEADER + GOOD), mapping=mapping)
    stored = [table.file for table in ws.sources[evil].tables.values()]
    for file in stored:
        assert (ws.path / file).resolve().is_relative_to(ws.path.resolve() / "tables")
    assert len(rows(ws, evil)) == 2
    with pytest.raises(UsageError):
        load(
            ws,
            tmp_path / "t.csv",
            mapping=Mapping.from_options(indicator="x", unit="EUR", source_id="foreland:taxonomy"),
        )


def test_headers_and_texts_are_data_not_sql(ws: Workspace, tmp_path: Path) -> None:
    text = 'ge\'o",year,va;lue) --\n"DE",2020,1\n"x\'); DROP TABLE long; --",2020,2\n' + "FR,2021,3\n"
    path = put(tmp_path, "it's.csv", text)
    mapping = Mapping.from_options(["region=ge'o\"", "value=va;lue) --"], indicator="x'y", unit="EUR")
    with pytest.raises(DataError) as caught:
        load(ws, path, mapping=mapping)
    assert "DROP TABLE" in caught.value.text("en")


def test_missing_file_and_unknown_folder(ws: Workspace, tmp_path: Path) -> None:
    put(tmp_path, "exports.csv", HEADER + GOOD)
    says(refused(ws, tmp_path / "export.csv"), en=["no file", "exports.csv"], zh=["没有文件", "exports.csv"])
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError) as caught:
        load(ws, tmp_path / "folder")
    says(caught.value, en=["folder", "cn_province_hightech"], zh=["文件夹", "eurostat"])
    with pytest.raises(UsageError) as unknown:
        load(ws, tmp_path / "exports.csv", layout="eurostatt")
    assert "eurostat" in unknown.value.text("zh")


def test_sheet_that_is_not_there(ws: Workspace, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["geo", "year", "value"])
    book.active.append(["DE", 2020, 1])
    book.save(tmp_path / "t.xlsx")
    error = refused(ws, tmp_path / "t.xlsx", Mapping.from_options(sheet="2020", indicator="x", unit="EUR"))
    says(error, en=["no sheet 2020", "Sheet"], zh=["没有工作表 2020", "--sheet"])


@pytest.mark.parametrize("place", ["file as parent", "proc"])
def test_workspace_where_nothing_can_be_written(tmp_path: Path, place: str) -> None:
    if place == "proc":
        if not Path("/proc").is_dir():
            pytest.skip("needs /proc, where not even root may write")
        path = Path("/proc/foreland/workspace")
    else:
        path = put(tmp_path, "file", "x") / "workspace"
    with pytest.raises(WorkspaceError) as caught:
        open_workspace(path)
    says(caught.value, en=["Can't write", "workspace", "folder you may write to"], zh=["无法写入", "写权限"])


def test_an_empty_file_of_records_needs_a_record_not_a_header(ws: Workspace, tmp_path: Path) -> None:
    for name in ("t.bib", "t.ris", "t.jsonl"):
        error = refused(ws, put(tmp_path, name, b"\n"))
        says(error, en=["empty", "at least one record"], zh=["空", "至少需要一条记录"])
    assert "header" in refused(ws, put(tmp_path, "t.csv", b"")).cure("en")


def test_a_folder_of_nothing_known_names_every_layout(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    error = refused(ws, tmp_path / "odd")
    assert error.key == "data.error.folder"
    says(error, en=["patentsview", "policy"], zh=["openalex", "policy"])


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_columns_with_values_and_no_heading_are_told(ws: Workspace, tmp_path: Path, kind: str) -> None:
    rows = [["geo", None, "year", "value", None, None], ["DE", "x", 2020, 1, None, " "], ["FR", None, 2020, 2, None]]
    rows[2].append("left")
    path = tmp_path / f"t.{kind}"
    if kind == "xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        path.write_text("\n".join(",".join(str(cell or "") for cell in row) for row in rows), encoding="utf-8")
    report = load(ws, path)
    notes = dict(report.notes)
    assert notes["data.note.no_heading"] == {"number": 2, "columns": "B, F"}
    assert "no heading" in report.text("en")

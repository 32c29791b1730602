"""Options, mapping files and tables meant to break a load: refused with a cure, quickly, and in bounded memory."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from foreland.core.errors import DataError, ForelandError, UsageError
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.workspace import Workspace

from .helpers import put, says, snapshot

HEADER = "geo,year,value\n"
GOOD = HEADER + "DE,2020,1\nFR,2020,2\n"


@pytest.mark.parametrize(
    "text",
    [
        "columns = 3", "columns = 'x'", "[columns]\nvalue = []", "source = ['a']", "source = 3", "where = [1]",
        "[table]\nskip = 'x'", "[table]\nskip = 1.5", "[table]\nskip = true", "[table]\nencoding = 3",
        "[table]\nsheet = 3", "[table]\ndelimiter = ['a']", "[table]\nregions = ['own']", "[table]\nsigned = 'no'",
        "[table]\nwhere = 3", "table = 3", "indicators = [1]", "[indicators.x]\nunit = 3",
        "[indicators.x]\nname_en = 3", "[indicators.x]\nfoo = 1", "a = " + "[" * 3000, "\x00",
    ],
)  # fmt: skip
def test_mapping_file_of_wrong_types(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Mapping.from_toml(put(tmp_path, "m.toml", text))
    says(caught.value, en=["mapping file can't be read", "m.toml"], zh=["无法读取映射文件", "m.toml"])


@pytest.mark.parametrize("place", ["/dev/zero", ".", "n" * 300 + ".toml"])
def test_mapping_file_that_is_no_file(tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        Mapping.from_toml(tmp_path / place)
    says(caught.value, en=["no file"], zh=["没有文件"])


@pytest.mark.parametrize("option", [{"skip": -1}, {"delimiter": '"'}, {"delimiter": "\n"}, {"delimiter": ";;"}])
def test_options_no_table_can_have(option: dict[str, object]) -> None:
    with pytest.raises(UsageError) as caught:
        Mapping(**option)  # type: ignore[arg-type]
    says(caught.value, en=[next(iter(option))], zh=[next(iter(option))])


@pytest.mark.parametrize("name", ["klingon", "rot13", "base64", "zlib_codec", "hex", "undefined", "a\x00b"])
def test_encodings_that_are_no_encodings_of_text(ws: Workspace, tmp_path: Path, name: str) -> None:
    error = _refused(ws, put(tmp_path, "t.csv", GOOD), DataError, encoding=name)
    says(error, en=["no encoding", "gb18030"], zh=["编码", "gb18030"])


@pytest.mark.parametrize("name", ["idna", "punycode"])
def test_encodings_of_host_names(ws: Workspace, tmp_path: Path, name: str) -> None:
    _refused(ws, put(tmp_path, "t.csv", HEADER.encode() + b"\xff\xff..--,2020,1\n"), DataError, encoding=name)


def test_skipping_more_lines_than_anyone_has(ws: Workspace, tmp_path: Path) -> None:
    error = _refused(ws, put(tmp_path, "t.csv", GOOD), DataError, skip=10**12)
    says(error, en=["t.csv"], zh=["t.csv"])


def test_path_longer_than_a_file_system_takes(ws: Workspace, tmp_path: Path) -> None:
    says(_refused(ws, tmp_path / ("n" * 300 + ".csv"), DataError), en=["no file"], zh=["没有文件"])


@pytest.mark.parametrize("role", ["region", "field", "indicator"])
def test_a_page_of_text_is_no_name(ws: Workspace, tmp_path: Path, role: str) -> None:
    cells = {"region": "DE", "field": "f", "indicator": "i"} | {role: "A" * 1001}
    text = "region,field,indicator,year,value\nDE,f,i,2020,1\n" + ",".join(cells.values()) + ",2021,2\n"
    given = Mapping.from_options(unit="EUR", regions="own", scheme="mine")
    before = snapshot(ws)
    with pytest.raises(DataError) as caught:
        load(ws, put(tmp_path, "t.csv", text), mapping=given)
    assert snapshot(ws) == before
    says(caught.value, en=["1,001 characters", f"--map {role}=COLUMN"], zh=["1,001 个字符", "引号"], line=3)
    load(ws, put(tmp_path, "t.csv", text.replace("A" * 1001, "A" * 1000)), mapping=given)


@pytest.mark.parametrize("character", ["\x1b", "\x0b", "\x01", "\uffff"])
@pytest.mark.parametrize("column", ["region", "region_name", "field", "indicator"])
def test_names_with_characters_nothing_can_show(ws: Workspace, tmp_path: Path, column: str, character: str) -> None:
    cells = {"region": "r", "region_name": "R", "field": "f", "indicator": "i"} | {column: f"A{character}B"}
    text = "region,region_name,field,indicator,year,value\n" + ",".join(cells.values()) + ",2020,1\n"
    given = Mapping.from_options(["region_name=region_name"], unit="EUR", regions="own", scheme="mine")
    before = snapshot(ws)
    with pytest.raises(DataError) as caught:
        load(ws, put(tmp_path, "t.csv", text), mapping=given)
    assert snapshot(ws) == before
    code = f"U+{ord(character):04X}"
    says(caught.value, en=[code, "--encoding"], zh=[code, "无法显示"], line=2)


def test_a_row_that_claims_a_number_no_sheet_has(ws: Workspace, tmp_path: Path) -> None:
    import openpyxl

    book, plain = openpyxl.Workbook(), io.BytesIO()
    for row in (["geo", "year", "value"], ["DE", 2020, 1]):
        book.active.append(row)
    book.save(plain)
    far = b'<row r="4000000000"><c r="A4000000000"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(tmp_path / "t.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(b"</sheetData>", far) if name.endswith("sheet1.xml") else content)
    says(_refused(ws, tmp_path / "t.xlsx", DataError), en=["too large", "1,048,576"], zh=["文件过大", "1,048,576"])


def _refused(ws: Workspace, path: Path, kind: type[ForelandError], **options: object) -> ForelandError:
    before = snapshot(ws)
    with pytest.raises(kind) as caught:
        load(ws, path, mapping=Mapping(constants={"indicator": "x", "unit": "EUR"}, **options))  # type: ignore[arg-type]
    assert snapshot(ws) == before
    assert not list((ws.path / "staging").glob("[0-9a-f]*"))
    return caught.value

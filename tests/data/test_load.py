"""The general reader: long and wide tables of any file, mapped or guessed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreland.core.errors import DataError, UsageError
from foreland.data.connection import loading_connection, number_sql
from foreland.data.load import load
from foreland.data.mapping import Mapping, guess
from foreland.data.workspace import Workspace

from .helpers import put, rows, snapshot

LONG = "iso3,sitc,usd\nCHN,0011,10\nDEU,0011,20\nCHN,0012,30.5\n"
OPTIONS = {"scheme": "sitc2", "indicator": "exports", "unit": "USD", "period": "2000"}
MAPS = ["region=iso3", "field=sitc", "value=usd"]


def values(ws: Workspace, source_id: str) -> dict[tuple[str, ...], float | None]:
    keys = ("region_id", "field_id", "indicator_id", "period")
    return {tuple(row[key] for key in keys): row["value"] for row in rows(ws, source_id)}


def test_long_table_with_the_mapping_of_the_command_line(ws: Workspace, tmp_path: Path) -> None:
    report = load(ws, put(tmp_path, "trade.csv", LONG), mapping=Mapping.from_options(MAPS, **OPTIONS))
    assert report.source_id == "trade"
    assert report.rows == {"observation": 3, "source": 1, "indicator": 1}
    assert values(ws, "trade") == {
        ("CN", "sitc2:0011", "exports", "2000"): 10.0,
        ("DE", "sitc2:0011", "exports", "2000"): 20.0,
        ("CN", "sitc2:0012", "exports", "2000"): 30.5,
    }
    assert [row["line"] for row in sorted(rows(ws, "trade"), key=lambda row: row["value"])] == [2, 3, 4]
    assert not report.replaced
    assert "3 observations" in report.text("en")
    assert "3 条观测" in report.text("zh")


def test_mapping_from_toml_gives_the_same(ws: Workspace, tmp_path: Path) -> None:
    toml = put(
        tmp_path,
        "trade.toml",
        '[source]\nid = "t2"\ntitle = "Trade"\nlicence = "CC0"\n[columns]\nregion = "iso3"\nfield = "sitc"\n'
        'value = "usd"\n[constants]\nindicator = "exports"\nunit = "USD"\nperiod = 2000\n[table]\nscheme = "sitc2"\n',
    )
    path = put(tmp_path, "trade.csv", LONG)
    load(ws, path, mapping=Mapping.from_options(MAPS, **OPTIONS))
    load(ws, path, mapping=Mapping.from_toml(toml))
    assert values(ws, "t2") == values(ws, "trade")
    assert rows(ws, "t2", "source")[0]["licence"] == "CC0"


def test_loading_again_replaces_and_says_so(ws: Workspace, tmp_path: Path) -> None:
    mapping = Mapping.from_options(MAPS, **OPTIONS)
    load(ws, put(tmp_path, "trade.csv", LONG), mapping=mapping)
    before = ws.content_hash
    again = load(ws, tmp_path / "trade.csv", mapping=mapping)
    assert again.replaced
    assert again.unchanged
    assert ws.content_hash == before
    changed = load(ws, put(tmp_path, "trade.csv", LONG.replace("30.5", "31")), mapping=mapping)
    assert changed.replaced
    assert not changed.unchanged
    assert ws.content_hash != before
    assert ws.rows("observation") == 3
    assert "replaced" in changed.text("en")
    assert "替换" in changed.text("zh")


def test_same_bytes_read_otherwise_have_another_hash(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "trade.csv", LONG)
    load(ws, path, mapping=Mapping.from_options(MAPS, **OPTIONS))
    before = ws.content_hash
    load(ws, path, mapping=Mapping.from_options(MAPS, **(OPTIONS | {"unit": "million USD"})))
    assert ws.content_hash != before


def test_dry_run_lands_nothing(ws: Workspace, tmp_path: Path) -> None:
    before = snapshot(ws)
    report = load(ws, put(tmp_path, "trade.csv", LONG), mapping=Mapping.from_options(MAPS, **OPTIONS), dry_run=True)
    assert report.rows["observation"] == 3
    assert snapshot(ws) == before
    assert "would land" in report.text("en")
    assert "将加载" in report.text("zh")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_give_the_same_figures(ws: Workspace, tmp_path: Path, encoding: str) -> None:
    text = '地区,年份,数值,单位\n浙江,2020年,1.5,亿元\n江 苏,2020年,"12,000",万元\n'
    report = load(ws, put(tmp_path, "t.csv", text.encode(encoding)))
    assert values(ws, "t") == {
        ("CN-ZJ", "all:total", "t", "2020"): 1.5e8,
        ("CN-JS", "all:total", "t", "2020"): 1.2e8,
    }
    assert rows(ws, "t", "indicator")[0]["unit"] == "CNY"
    assert any(key == "data.note.guessed" for key, _ in report.notes)


@pytest.mark.parametrize("name", ["t.csv.gz", "t.tsv", "t.xlsx", "t.parquet"])
def test_containers_give_the_same_figures(ws: Workspace, tmp_path: Path, name: str) -> None:
    table = [("geo", "year", "value"), ("China", 2020, 1.5), ("DE", 2021, 2)]
    path = tmp_path / name
    if name.endswith(".xlsx"):
        import openpyxl

        book = openpyxl.Workbook()
        for row in table:
            book.active.append(row)
        book.save(path)
    elif name.endswith(".parquet"):
        columns = list(zip(*table, strict=True))
        pq.write_table(pa.table({column[0]: list(column[1:]) for column in columns}), path)
    else:
        mark = "\t" if name.endswith(".tsv") else ","
        text = "\n".join(mark.join(map(str, row)) for row in table).encode()
        path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    load(ws, path, mapping=Mapping.from_options(indicator="x", unit="USD"))
    assert values(ws, "t") == {("CN", "all:total", "x", "2020"): 1.5, ("DE", "all:total", "x", "2021"): 2.0}


def test_wide_periods_by_range_and_guessed(ws: Workspace, tmp_path: Path) -> None:
    text = "省份,2019,2020,2021,注\n浙江,1,..,3,a\n安徽,4,5,*,b\n"
    path = put(tmp_path, "wide.csv", text)
    expected = {
        ("CN-ZJ", "all:total", "gdp", "2019"): 1.0,
        ("CN-ZJ", "all:total", "gdp", "2020"): None,
        ("CN-ZJ", "all:total", "gdp", "2021"): 3.0,
        ("CN-AH", "all:total", "gdp", "2019"): 4.0,
        ("CN-AH", "all:total", "gdp", "2020"): 5.0,
        ("CN-AH", "all:total", "gdp", "2021"): None,
    }
    report = load(
        ws,
        path,
        mapping=Mapping.from_options(["region=省份", "value=2019:2021"], indicator="gdp", unit="元"),
    )
    assert values(ws, "wide") == expected
    assert report.suppressed == 2
    load(ws, path, mapping=Mapping.from_options(indicator="gdp", unit="元"))
    assert values(ws, "wide") == expected


def test_wide_indicators_take_units_from_headers(ws: Workspace, tmp_path: Path) -> None:
    text = "地区,年份,出口额（万元）,企业数（个）,增速（%）\n浙江,2020,1.5,7,-2\n"
    load(ws, put(tmp_path, "w.csv", text))
    assert values(ws, "w") == {
        ("CN-ZJ", "all:total", "出口额", "2020"): 15000.0,
        ("CN-ZJ", "all:total", "企业数", "2020"): 7.0,
        ("CN-ZJ", "all:total", "增速", "2020"): -0.02,
    }


def test_wide_fields(ws: Workspace, tmp_path: Path) -> None:
    text = "country,year,biotechnology,8\nChina,2020,5,6\n"
    mapping = Mapping.from_options(
        ["region=country", "period=year", "value=biotechnology,8"],
        wide="field",
        scheme="wipo35",
        indicator="ipf",
        unit="count",
    )
    load(ws, put(tmp_path, "f.csv", text), mapping=mapping)
    assert values(ws, "f") == {
        ("CN", "wipo35:15", "ipf", "2020"): 5.0,
        ("CN", "wipo35:8", "ipf", "2020"): 6.0,
    }


def test_own_scheme_and_own_regions_are_defined(ws: Workspace, tmp_path: Path) -> None:
    text = "zone,zone name,code,code name,value\nz1,North,A,Alpha,1\nz2,South,A,Alpha,2\n"
    mapping = Mapping.from_options(
        ["region=zone", "region_name=zone name", "field=code", "field_name=code name", "value=value"],
        scheme="mine",
        regions="own",
        indicator="x",
        unit="=score",
        period="2020",
    )
    load(ws, put(tmp_path, "own.csv", text), mapping=mapping)
    fields = {row["field_id"]: row["name_en"] for row in rows(ws, "own", "field")}
    places = {row["region_id"]: row["name_en"] for row in rows(ws, "own", "region")}
    assert fields == {"mine:A": "Alpha"}
    assert places == {"own:z1": "North", "own:z2": "South"}
    assert rows(ws, "own", "indicator")[0]["unit"] == "score"


def test_where_keeps_one_breakdown(ws: Workspace, tmp_path: Path) -> None:
    text = "geo,sex,year,value\nDE,T,2020,10\nDE,F,2020,4\n"
    path = put(tmp_path, "s.csv", text)
    options = {"indicator": "x", "unit": "persons"}
    with pytest.raises(DataError) as caught:
        load(ws, path, mapping=Mapping.from_options(**options))
    assert "sex" in caught.value.text("en")
    load(ws, path, mapping=Mapping.from_options(where=["sex=T"], **options))
    assert list(values(ws, "s").values()) == [10.0]


def test_decimal_comma_semicolons_and_skipped_lines(ws: Workspace, tmp_path: Path) -> None:
    text = "Tabelle 1\n\ngeo;year;value\nDE;2020;1.234,5\nFR;2020;7,25\nAT;2020;1 000\nSource: x\n"
    mapping = Mapping.from_options(indicator="x", unit="EUR", decimal=",", skip=2)
    report = load(ws, put(tmp_path, "d.csv", text), mapping=mapping)
    assert sorted(values(ws, "d").values()) == [7.25, 1000.0, 1234.5]
    assert ("data.note.note_rows", {"number": 1}) in report.notes
    assert {row["region_id"]: row["line"] for row in rows(ws, "d")} == {"DE": 4, "FR": 5, "AT": 6}


def test_lines_are_right_with_blank_lines_and_breaks_in_quotes(ws: Workspace, tmp_path: Path) -> None:
    text = 'geo,note,year,value\n\nDE,"two\nlines",2020,1\n\nFR,x,2020,2\n'
    load(ws, put(tmp_path, "l.csv", text), mapping=Mapping.from_options(indicator="x", unit="EUR"))
    assert {row["region_id"]: row["line"] for row in rows(ws, "l")} == {"DE": 3, "FR": 6}


def test_status_column(ws: Workspace, tmp_path: Path) -> None:
    text = "geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\nDE,2020,1,e\nFR,2020,2,\nAT,2020,3,c\nIT,2020,:,\n"
    load(ws, put(tmp_path, "s.csv", text), mapping=Mapping.from_options(indicator="x", unit="EUR"))
    assert {row["region_id"]: (row["value"], row["status"]) for row in rows(ws, "s")} == {
        "DE": (1.0, "estimated"),
        "FR": (2.0, "observed"),
        "AT": (None, "suppressed"),
        "IT": (None, "suppressed"),
    }


def test_units_of_one_dimension_are_converted_within_a_load(ws: Workspace, tmp_path: Path) -> None:
    text = "geo,year,value,unit\nCN,2019,3,亿元\nCN,2020,40000,万元\n"
    load(ws, put(tmp_path, "u.csv", text), mapping=Mapping.from_options(indicator="x"))
    assert sorted(values(ws, "u").values()) == [3e8, 4e8]


def test_rejects_are_kept_with_line_column_and_reason(ws: Workspace, tmp_path: Path) -> None:
    good = "".join(f"DE,{year},1\n" for year in range(1900, 2000))
    path = put(tmp_path, "r.csv", "geo,year,value\n" + good + "Germny,2000,1\nDE,2001,abc\nDE,2002,-5\n")
    report = load(ws, path, mapping=Mapping.from_options(indicator="x", unit="persons"))
    assert report.by_reason == {"unknown_region": 1, "not_a_number": 1, "negative": 1}
    assert [(row["line"], row["column"], row["text"], row["reason"]) for row in rows(ws, "r", "reject")] == [
        (102, "geo", "Germny", "data.reject.unknown_region"),
        (103, "value", "abc", "data.reject.not_a_number"),
        (104, "value", "-5", "data.reject.negative"),
    ]
    assert report.unresolved[0].suggestions[0].code == "DE"
    assert "Germany" in report.text("en")
    assert report.to_dict()["rejected"] == 3


def test_an_indicator_keeps_the_unit_another_source_gave_it(ws: Workspace, tmp_path: Path) -> None:
    load(
        ws,
        put(tmp_path, "a.csv", "geo,year,value\nDE,2020,1\n"),
        mapping=Mapping.from_options(indicator="x", unit="EUR"),
    )
    before = snapshot(ws)
    with pytest.raises(DataError) as caught:
        load(
            ws,
            put(tmp_path, "b.csv", "geo,year,value\nDE,2020,1\n"),
            mapping=Mapping.from_options(indicator="x", unit="USD"),
        )
    assert caught.value.key == "data.error.unit_differs"
    assert snapshot(ws) == before


def test_guess_says_the_role_of_each_header() -> None:
    found = guess(["ITL_region_code", "ITL_region_name", "SIC07_code", "SIC07_description", "year", "value"]).found
    assert found["region"] == "ITL_region_code"
    assert found["field"] == "SIC07_code"
    assert found["scheme"] == "sic2007"
    assert guess(["x", "y"]).found == {}


@pytest.mark.parametrize("maps", [["region"], ["=x"], ["colour=x"]])
def test_bad_options_are_usage_errors(maps: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        Mapping.from_options(maps)
    assert caught.value.cure("zh")


def read_numbers(texts: list[str], folder: Path, decimal: str = ".") -> list[float | None]:
    connection = loading_connection(folder)
    connection.register("texts", pa.table({"v": pa.array(texts, pa.string()), "i": range(len(texts))}))
    found = connection.execute(f"SELECT {number_sql('v', decimal)} FROM texts ORDER BY i").fetchall()
    connection.close()
    return [row[0] for row in found]


def test_numbers_as_they_are_published(tmp_path: Path) -> None:
    published = {
        "1,234.5": 1234.5,
        "1 234": 1234.0,
        "1\u00a0234\u202f567": 1234567.0,
        "1,2345,6789": 123456789.0,
        "１２．５": 12.5,
        "(12)": -12.0,
        "−3": -3.0,
        "+4": 4.0,
        "1e3": 1000.0,
        ".5": 0.5,
        " 7 ": 7.0,
        "12%": 12.0,
        "12,5": None,
        "1,23": None,
        "1_000": None,
        "inf": None,
        "0x10": None,
        "1.2.3": None,
        "12a": None,
        "": None,
    }
    assert dict(zip(published, read_numbers(list(published), tmp_path), strict=True)) == published
    comma = {"1.234,5": 1234.5, "1234,5": 1234.5, "1.234": 1234.0, "1 234,5": 1234.5, "1.5": None, "7": 7.0}
    assert dict(zip(comma, read_numbers(list(comma), tmp_path, ","), strict=True)) == comma


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.floats(-1e12, 1e12, allow_nan=False), min_size=1, max_size=20))
def test_numbers_round_trip_with_and_without_separators(tmp_path: Path, numbers: list[float]) -> None:
    assert read_numbers([repr(number) for number in numbers], tmp_path) == numbers
    rounded = [round(number, 2) for number in numbers]
    assert read_numbers([f"{number:,.2f}" for number in rounded], tmp_path) == pytest.approx(rounded)
    european = [f"{number:,.2f}".translate(str.maketrans(",.", ".,")) for number in rounded]
    assert read_numbers(european, tmp_path, ",") == pytest.approx(rounded)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(1, 20), st.integers(1, 12), st.randoms(use_true_random=False))
def test_wide_and_long_give_the_same(tmp_path_factory: pytest.TempPathFactory, n: int, width: int, random) -> None:  # type: ignore[no-untyped-def]
    from foreland.data.workspace import open_workspace

    folder = tmp_path_factory.mktemp("same")
    ws = open_workspace(folder / "w")
    cells = {(f"r{i}", str(2000 + j)): random.randint(0, 999) for i in range(n) for j in range(width)}
    long = "zone,year,value\n" + "".join(f"{r},{p},{v}\n" for (r, p), v in cells.items())
    years = [str(2000 + j) for j in range(width)]
    wide = f"zone,{','.join(years)}\n" + "".join(
        f"r{i},{','.join(str(cells[f'r{i}', year]) for year in years)}\n" for i in range(n)
    )
    options = {"regions": "own", "indicator": "x", "unit": "count"}
    load(ws, put(folder, "long.csv", long), mapping=Mapping.from_options(["region=zone"], **options))
    maps = ["region=zone", f"value={years[0]}:{years[-1]}" if width > 1 else f"value={years[0]}"]
    load(ws, put(folder, "wide.csv", wide), mapping=Mapping.from_options(maps, wide="period", **options))
    assert values(ws, "long") == values(ws, "wide")


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("from,to\na,b\nb,c\n", "chain"),
        ("product,supplier,share\na,Acme,60\n", "chain"),
        ("supplier,customer,amount\nA,B,10\n", "suppliers"),
        ("供应商,客户,金额\n甲,乙,10\n", "suppliers"),
        (",Farms,Mines,Final\nFarms,10,5,85\nMines,20,10,70\nValue added,70,85,\n", "matrix"),
        ("a,b\n1,2\n", None),
        ("name,Farms,Mines\nx,1,2\ny,3,4\n", None),
    ],
)
def test_what_looks_like_a_chain_is_told_how_to_load(
    ws: Workspace, tmp_path: Path, text: str, layout: str | None
) -> None:
    with pytest.raises(UsageError) as error:
        load(ws, put(tmp_path, "x.csv", text))
    for language in ("en", "zh"):
        cure = error.value.cure(language)
        assert (f"--as {layout}" in cure) if layout else ("--as" not in cure)
        assert "--map region=" in cure

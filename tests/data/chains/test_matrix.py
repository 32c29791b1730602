"""The general reader of square tables, on layouts that offices publish. Small tables are made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreland.core.errors import DataError, ForelandError, UsageError
from foreland.data.chains.matrix import MatrixOptions, read_matrix
from foreland.data.chains.matrix_names import role_of
from foreland.data.chains.package import ChainPackage

from .made_up import MadeUp, china_rows, codes, keys, links, made_up, matrix, read, vector, write

WHOSE = {"region": "KR", "period": "2015", "unit": "million KRW"}
USES = ("household_consumption", "government_consumption", "fixed_investment", "inventory_change", "exports")
PARTS = ("compensation", "production_taxes", "depreciation", "operating_surplus")


def load(path: Path, *maps: str, **options: Any) -> ChainPackage:
    return read(path, read_matrix, MatrixOptions.from_options(maps, **{**WHOSE, **options}))


def agrees(package: ChainPackage, table: MadeUp, names: list[str], kind: str = "flow", factor: float = 1e6) -> None:
    """All of a made-up table is there: uses, final uses, value added, output."""
    flows = {"flow": table.use, "flow_domestic": table.domestic}[kind]
    final = {"flow": table.final + table.imported_final, "flow_domestic": table.final}[kind]
    assert matrix(package, kind, names) == pytest.approx(factor * flows)
    for column, use in enumerate(USES):
        assert vector(package, use, names) == pytest.approx(factor * final[:, column]), use
    assert vector(package, "output", names) == pytest.approx(factor * table.output)
    assert vector(package, "value_added", names) == pytest.approx(factor * table.added.sum(axis=0))
    if kind == "flow":
        assert vector(package, "imports", names) == pytest.approx(factor * table.imports)


def plain_rows(table: MadeUp, names: list[str], heads: tuple[str, ...], parts: tuple[str, ...]) -> list[list[Any]]:
    """All uses, with imports deducted; five final uses, imports, output; four parts, their sum, output."""
    final = table.final + table.imported_final
    rows: list[list[Any]] = [["", *names, *heads]]
    for i, name in enumerate(names):
        rows.append([name, *table.use[i], *final[i], -table.imports[i], table.output[i]])
    for name, amounts in zip(parts, [*table.added, table.added.sum(axis=0), table.output], strict=True):
        rows.append([name, *amounts, *[""] * len(heads)])
    return rows


EUROSTAT = ("P3_S14", "P3_S13", "P51G", "P52", "P6", "P7", "P1"), ("D1", "D29X39", "K1", "B2A3N", "B1G", "P1")
WORDS = (
    (
        "Private consumption",
        "Government consumption",
        "Gross fixed capital formation",
        "Changes in inventories",
        "Exports",
        "Less: Imports",
        "Gross output",
    ),
    (
        "Compensation of employees",
        "Other net taxes on production",
        "Depreciation",
        "Operating surplus",
        "Gross value added",
        "Total inputs",
    ),
)
CHINESE = (
    ("居民消费支出", "政府消费支出", "固定资本形成总额", "存货变动", "出口", "进口", "总产出"),
    ("劳动者报酬", "生产税净额", "固定资产折旧", "营业盈余", "增加值合计", "总投入"),
)


@pytest.mark.parametrize("words", [EUROSTAT, WORDS, CHINESE])
def test_names_of_offices(tmp_path: Path, words: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    table, names = made_up(6, seed=1), ["Crops", "Mining", "Steel", "Cars", "Power", "Trade"]
    path = write(tmp_path / "table.csv", plain_rows(table, names, *words))
    package = load(path)
    agrees(package, table, names)
    for row, part in enumerate(PARTS):
        assert vector(package, part, names) == pytest.approx(1e6 * table.added[row])
    first = package.tables["link"].to_pylist()[0]  # type: ignore[union-attr]
    assert (first["region_id"], first["period"], first["unit"], first["from_id"]) == (
        "KR",
        "2015",
        "KRW",
        "table:Crops",
    )
    assert "io_balanced" in keys(package)


def test_table_of_china_with_subtotals(tmp_path: Path) -> None:
    table = made_up(5, seed=2)
    agrees(load(write(tmp_path / "a.csv", china_rows(table))), table, codes(5))


def test_domestic_and_imported_rows(tmp_path: Path) -> None:
    table = made_up(5, seed=4)
    package = load(write(tmp_path / "a.csv", china_rows(table, split=True)))
    assert matrix(package, "flow_domestic", codes(5)) == pytest.approx(1e6 * table.domestic)
    assert matrix(package, "flow_imported", codes(5)) == pytest.approx(1e6 * table.imported)
    assert vector(package, "imported_exports", codes(5)) == pytest.approx(1e6 * table.imported_final[:, 4])
    assert vector(package, "final_consumption", codes(5)) == pytest.approx(1e6 * table.final[:, :2].sum(axis=1))


def test_codes_with_prefixes_as_the_oecd_has(tmp_path: Path) -> None:
    """Rows DOM_01T02 and IMP_01T02, columns D01T02."""
    table, names = made_up(4, seed=5), ["01T02", "03", "05T06", "10T12"]
    rows: list[list[Any]] = [["", *(f"D{name}" for name in names), "HFCE", "GGFC", "GFCF", "INVNT", "EXPO"]]
    rows += [[f"DOM_{name}", *table.domestic[i], *table.final[i]] for i, name in enumerate(names)]
    rows += [[f"IMP_{name}", *table.imported[i], *table.imported_final[i]] for i, name in enumerate(names)]
    rows += [["VALU", *table.added.sum(axis=0), *[0] * 5], ["OUTPUT", *table.output, *[0] * 5]]
    package = load(write(tmp_path / "a.csv", rows))
    agrees(package, table, names, "flow_domestic")
    assert matrix(package, "flow_imported", names) == pytest.approx(1e6 * table.imported)


def test_origin_column_as_wiod_has(tmp_path: Path) -> None:
    table, names = made_up(4, seed=6), ["A01", "B", "C10-C12", "D35"]
    rows: list[list[Any]] = [
        ["IndustryCode", "IndustryDescription", "Origin", *names, "CONS_h", "CONS_g", "GFCF", "INVEN", "EXP", "GO"]
    ]
    for origin, flows, final in (
        ("Domestic", table.domestic, table.final),
        ("Imports", table.imported, table.imported_final),
    ):
        rows += [
            [name, f"Branch {name}", origin, *flows[i], *final[i], flows[i].sum() + final[i].sum()]
            for i, name in enumerate(names)
        ]
    rows += [["II_fob", "Total intermediate", "TOT", *table.use.sum(axis=0), *[""] * 6]]
    rows += [["VA", "Value added at basic prices", "TOT", *table.added.sum(axis=0), *[""] * 6]]
    rows += [["GO", "Output", "TOT", *table.output, *[""] * 6]]
    package = load(write(tmp_path / "a.csv", rows))
    agrees(package, table, names, "flow_domestic")
    assert package.tables["field"][0]["name_en"] == "Branch A01"  # type: ignore[index]


def test_imports_used_in_one_row_or_competing(tmp_path: Path) -> None:
    """A row of imports is told by what makes columns add up."""
    table, names = made_up(4, seed=7), ["A", "B", "C", "D"]
    used: list[list[Any]] = [["", *names, "P3_S14", "P3_S13", "P51", "P52", "P6"]]
    used += [[name, *table.domestic[i], *table.final[i]] for i, name in enumerate(names)]
    used += [["P7", *table.imported.sum(axis=0), *table.imported_final.sum(axis=0)]]
    used += [["B1G", *table.added.sum(axis=0), *[""] * 5], ["P1", *table.output, *[""] * 5]]
    package = load(write(tmp_path / "used.csv", used))
    agrees(package, table, names, "flow_domestic")
    assert vector(package, "imported_inputs", names) == pytest.approx(1e6 * table.imported.sum(axis=0))
    final = table.final + table.imported_final
    competing: list[list[Any]] = [["", *names, "P3_S14", "P3_S13", "P51", "P52", "P6"]]
    competing += [[name, *table.use[i], *final[i]] for i, name in enumerate(names)]
    competing += [["B1G", *table.added.sum(axis=0), *[""] * 5], ["P1", *table.output, *[""] * 5]]
    competing += [["P7", *table.imports, *[""] * 5]]
    agrees(load(write(tmp_path / "competing.csv", competing)), table, names)


def test_wholes_beside_their_parts(tmp_path: Path) -> None:
    """Totals with names nobody knows are told by their sums, a whole beside one part by the balance."""
    table, names = made_up(5, seed=8), ["A", "B", "C", "D", "E"]
    final = table.final + table.imported_final
    rows: list[list[Any]] = [["", *names, "Inter", "P3_S14", "P3_S13", "P3", "P51", "P52", "P5", "P6", "Final", "P7"]]
    rows[0][6], rows[0][14] = "Total intermediate uses", "Final uses"
    for i, name in enumerate(names):
        f = final[i]
        rows.append(
            [
                name,
                *table.use[i],
                table.use[i].sum(),
                f[0],
                f[1],
                f[0] + f[1],
                f[2],
                f[3],
                f[2] + f[3],
                f[4],
                f.sum(),
                table.imports[i],
            ]
        )
    rows += [["B1G", *table.added.sum(axis=0), *[""] * 10], ["P1", *table.output, *[""] * 10]]
    agrees(load(write(tmp_path / "a.csv", rows)), table, names)
    for row in rows:  # private consumption, of which households: no sum, a part
        row[9] = row[7] if isinstance(row[7], str) else np.floor(0.9 * row[7])
    rows[0][7], rows[0][9] = "final_consumption_private", "final_consumption_households"
    package = load(write(tmp_path / "b.csv", rows))
    agrees(package, table, names)


def test_list_of_cells(tmp_path: Path) -> None:
    table, names = made_up(3, seed=9), ["CPA_A", "CPA_B-E", "CPA_F"]
    square = plain_rows(table, names, *EUROSTAT)
    cells = [[row[0], head, cell] for row in square[1:] for head, cell in zip(square[0][1:], row[1:], strict=True)]
    agrees(load(write(tmp_path / "a.csv", [["prod_na", "induse", "values"], *cells])), table, names)
    named = load(write(tmp_path / "b.csv", [["x", "y", "z"], *cells]), "row=x", "column=y", "value=z")
    agrees(named, table, names)
    with pytest.raises(DataError) as caught:
        load(write(tmp_path / "c.csv", [["prod_na", "induse", "values"], *cells, cells[0]]))
    assert caught.value.key == "data.error.io_cell_twice"
    assert caught.value.where is not None
    assert caught.value.where.line == len(cells) + 2


def test_list_with_origins_and_places(tmp_path: Path) -> None:
    """As Eurostat has them: domestic, imported and all uses, with value added said of all of them."""
    table, names = made_up(3, seed=18), ["CPA_A", "CPA_B", "CPA_C29"]
    heads = ["P3_S14", "P3_S13", "P51G", "P52", "P6"]
    cells: list[list[Any]] = []
    blocks = (("DOM", table.domestic, table.final), ("IMP", table.imported, table.imported_final))
    for origin, flows, final in (*blocks, ("TOTAL", table.use, table.final + table.imported_final)):
        for i, name in enumerate(names):
            amounts = [*flows[i], *final[i]]
            cells += [[name, head, origin, value] for head, value in zip([*names, *heads], amounts, strict=True)]
        for code, values in (("B1G", table.added.sum(axis=0)), ("P1", table.output)):
            cells += [[code, head, origin, value] for head, value in zip(names, values, strict=True)]
    head = ["prod_na", "induse", "stk_flow", "values", "geo"]
    path = write(tmp_path / "a.csv", [head, *([*c, "AT"] for c in cells), *([*c[:3], 7, "BE"] for c in cells)])
    with pytest.raises(DataError) as caught:
        load(path)
    assert caught.value.key == "data.error.io_cell_twice"
    package = load(path, where=["geo=AT"])
    agrees(package, table, names, "flow_domestic")
    assert matrix(package, "flow_imported", names) == pytest.approx(1e6 * table.imported)
    with pytest.raises(DataError) as caught:
        load(path, where=["geo=XX"])
    assert caught.value.key == "data.error.io_where"


def test_excel_with_titles_and_two_header_rows(tmp_path: Path) -> None:
    """As the National Bureau of Statistics has them: title, unit, names, codes."""
    import openpyxl

    table, names = made_up(4, seed=10), codes(4)
    rows = plain_rows(table, names, *CHINESE)
    heads = ["代码", "部门名称", *names, "FU101", "FU103", "FU201", "FU202", "EX", "IM", "GO"]
    top = ["", "", *(f"部门{i + 1}" for i in range(4)), *CHINESE[0]]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["2017年投入产出表"], ["单位：万元"], heads, top):
        sheet.append(row)
    for i, row in enumerate(rows[1:]):
        sheet.append(
            [
                row[0] if i < 4 else f"VA{i}",
                f"部门{row[0]}" if i < 4 else row[0],
                *(float(c) if c != "" else None for c in row[1:]),
            ]
        )
    book.save(tmp_path / "a.xlsx")
    package = load(tmp_path / "a.xlsx", unit="万元", region="中国")
    agrees(package, table, names, factor=1e4)
    assert package.tables["field"][1]["name_zh"] == "部门02"  # type: ignore[index]
    assert package.tables["link"].to_pylist()[0]["line"] == 5  # type: ignore[union-attr]


def test_marks_of_europe(tmp_path: Path) -> None:
    """Semicolons, decimal commas, points between thousands, other encodings."""
    table, names = made_up(3, seed=11), ["Erzeugung", "Handel", "Öffentliche Dienste"]
    rows = plain_rows(table, names, *EUROSTAT)
    rows = [
        [
            f"{1000 * c:,.1f}".replace(",", " ").replace(".", ",").replace(" ", ".") if isinstance(c, float) else c
            for c in row
        ]
        for row in rows
    ]
    path = write(tmp_path / "a.csv", rows, delimiter=";", encoding="latin-1")
    package = load(path, decimal=",", delimiter=";", encoding="latin-1", unit="thousand EUR")
    agrees(package, table, names)


def test_years_below_each_other(tmp_path: Path) -> None:
    tables = {"2010": made_up(3, seed=12), "2015": made_up(3, seed=13)}
    rows: list[list[Any]] = []
    for year, table in tables.items():
        square = plain_rows(table, codes(3), *EUROSTAT)
        rows += [["year", "code", *square[0][1:]]] * (not rows)
        rows += [[year, *row] for row in square[1:]]
    path = write(tmp_path / "a.csv", rows)
    package = load(path, period="")
    for year, table in tables.items():
        assert matrix(package, "flow", codes(3), year) == pytest.approx(1e6 * table.use)
    assert {row["period"] for row in load(path, period="2015").tables["link"].to_pylist()} == {"2015"}  # type: ignore[union-attr]
    with pytest.raises(DataError) as caught:
        load(path, period="2012")
    assert caught.value.key == "data.error.io_no_period"


def test_roles_can_be_said(tmp_path: Path) -> None:
    table, names = made_up(4, seed=14), ["A", "B", "C", "D"]
    heads = ("q1", "q2", "q3", "q4", "q5", "q6", "q7")
    parts = ("r1", "r2", "r3", "r4", "r5", "r6")
    path = write(tmp_path / "a.csv", plain_rows(table, names, heads, parts))
    with pytest.raises(ForelandError):
        load(path)
    maps = [f"{use}=q{i + 1}" for i, use in enumerate(USES)] + ["imports=q6", "output=q7", "value_added=r5"]
    maps += [f"{part}=r{i + 1}" for i, part in enumerate(PARTS)] + ["output=r6"]
    agrees(load(path, *maps), table, names)
    said = "\n".join(
        f"{pair.split('=')[0]} = {pair.split('=')[1].split(',')!r}" for pair in maps if "output" not in pair
    )
    toml = '[constants]\nregion = "KR"\nperiod = "2015"\nunit = "million KRW"\nscheme = "own"\n[roles]\n'
    toml += f'{said}\noutput = ["q7", "r6"]\n[source]\nid = "mine"\nlicence = "CC0"\n'
    (tmp_path / "a.toml").write_text(toml)
    package = read(path, read_matrix, MatrixOptions.from_toml(tmp_path / "a.toml"))
    agrees(package, table, names)
    assert package.source.source_id == "mine"
    assert {row["scheme"] for row in package.tables["field"]} == {"own"}  # type: ignore[union-attr]
    with pytest.raises(DataError) as caught:
        load(path, *maps, "exports=q9")
    assert caught.value.key == "data.error.io_no_such_name"


def test_use_table_has_two_outputs(tmp_path: Path) -> None:
    rng = np.random.default_rng(15)
    use = rng.integers(1, 9, (4, 3)).astype(float)
    final = np.array([90.0, 80, 70, 20])
    made = use.sum(axis=1) + final
    output = np.array([made[0] + made[3], made[1] - 30, made[2] + 30])
    rows: list[list[Any]] = [["", "A", "B", "C", "P3_S14", "P1"]]
    rows += [[name, *use[i], final[i], made[i]] for i, name in enumerate(("A", "B", "C", "Scrap"))]
    rows += [["B1G", *(output - use.sum(axis=0)), "", ""], ["P1", *output, "", ""]]
    package = load(write(tmp_path / "a.csv", rows))
    assert {"io_use_table", "io_balanced"} <= keys(package)
    assert vector(package, "output", ["A", "B", "C"], scheme="a") == pytest.approx(1e6 * output)
    assert vector(package, "output", ["A", "B", "C", "Scrap"], scheme="ac") == pytest.approx(1e6 * made)


def test_names_nobody_knows_are_told_by_the_balance(tmp_path: Path) -> None:
    """A column of final use and the row of value added under names of their own."""
    table, names = made_up(6, seed=19), codes(6)
    rows = [row[:] for row in plain_rows(table, names, *EUROSTAT) if row[0] not in ("D1", "D29X39", "K1", "B2A3N")]
    rows[0][7], rows[-2][0] = "Zzz", "Yyy"  # households, value added
    package = load(write(tmp_path / "a.csv", rows))
    assert vector(package, "other_final_use", names) == pytest.approx(1e6 * (table.final + table.imported_final)[:, 0])
    assert vector(package, "value_added", names) == pytest.approx(1e6 * table.added.sum(axis=0))
    assert "io_balanced" in keys(package)


@pytest.mark.parametrize(
    ("side", "name", "role"),
    [
        ("column", "Final consumption expenditure - Households", "household_consumption"),
        ("column", "农村居民消费支出", "household_consumption"),
        ("column", "Non-profit institutions serving households", "household_consumption"),
        ("column", "Central government", "government_consumption"),
        ("column", "最终消费支出合计", "final_consumption"),
        ("column", "Gross Fixed Capital Formation", "fixed_investment"),
        ("column", "存货增加", "inventory_change"),
        ("column", "资本形成总额", "capital_formation"),
        ("column", "Exports of goods to the EU", "exports"),
        ("column", "国内省外流出", "exports"),
        ("column", "流入", "imports"),
        ("column", "Less: imports", "imports"),
        ("column", "F040", "exports"),
        ("column", "Total final use", "subtotal"),
        ("row", "Taxes less subsidies on products", "product_taxes"),
        ("row", "Taxes less subsidies on production", "production_taxes"),
        ("row", "Gross value added at basic prices", "value_added"),
        ("row", "Use of imported products, cif", "imports"),
        ("row", "Total intermediate consumption", "subtotal"),
        ("row", "Compensation of employees", "compensation"),
        ("row", "Total output at basic prices", "output"),
        ("row", "Manufacture of steel", ""),
        ("column", "Government services", ""),
        ("column", "Export agents", ""),
        ("row", "Public administration", ""),
    ],
)
def test_role_of_a_name(side: str, name: str, role: str) -> None:
    assert role_of(side, name) == role


def test_codes_and_names_in_one_cell(tmp_path: Path) -> None:
    table, names = made_up(5, seed=20), [f"{i:02d} Branch {i}" for i in range(1, 6)]
    heads = ("Households", "Government", "GFCF", "Stocks", "Exports", "Imports", "Total output")
    parts = ("Wages", "Net taxes on production", "Depreciation", "Profits", "GVA at basic prices", "Total input")
    agrees(load(write(tmp_path / "a.csv", plain_rows(table, names, heads, parts))), table, names)


@pytest.mark.parametrize("split", [False, True])
def test_parquet_and_chinese_encodings(tmp_path: Path, split: bool) -> None:
    import pandas as pd

    table = made_up(4, seed=21)
    rows = china_rows(table, split=split)
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    numbers = frame.columns[3 + split :]
    frame[numbers] = frame[numbers].apply(pd.to_numeric)
    frame.to_parquet(tmp_path / "a.parquet")
    flow = "flow_domestic" if split else "flow"
    uses = table.domestic if split else table.use
    assert matrix(load(tmp_path / "a.parquet"), flow, codes(4)) == pytest.approx(1e6 * uses)
    package = load(write(tmp_path / "b.csv", rows, encoding="gb18030"))
    assert matrix(package, flow, codes(4)) == pytest.approx(1e6 * uses)
    assert package.tables["field"][2]["name_zh"] == "部门3"  # type: ignore[index]


def test_landing_through_the_command(tmp_path: Path) -> None:
    """``foreland load --as matrix`` lands links and observations that a workspace checks as sound."""
    from foreland.data.checks import check
    from foreland.data.load import load as load_file
    from foreland.data.workspace import open_workspace

    table, names = made_up(4, seed=22), ["A", "B", "C", "D"]
    path = write(tmp_path / "korea.csv", plain_rows(table, names, *EUROSTAT))
    ws = open_workspace(tmp_path / "ws")
    options = MatrixOptions.from_options(["ignore=D1"], **WHOSE, licence="CC0-1.0", source_id="korea")
    report = load_file(ws, path, layout="matrix", edges=options)
    assert report.layout == "matrix"
    assert report.rows["link"] == np.count_nonzero(table.use)
    assert not [problem for problem in check(ws) if problem.severity == "error"]
    assert not [
        row for row in ws.to_arrow(ws.table("observation")).to_pylist() if row["indicator_id"] == "io_compensation"
    ]
    again = load_file(ws, path, layout="matrix", edges=options)
    assert again.replaced
    assert again.unchanged


def test_bad_tables(tmp_path: Path) -> None:
    table, names = made_up(8, seed=16), codes(8)
    good = plain_rows(table, names, *EUROSTAT)

    def refused(rows: list[list[Any]], *maps: str, **options: Any) -> ForelandError:
        with pytest.raises(ForelandError) as caught:
            load(write(tmp_path / "bad.csv", rows), *maps, **options)
        assert caught.value.text("zh") != caught.value.text("en")
        return caught.value

    fewer = [[cell for i, cell in enumerate(row) if i not in (3, 5, 7)] for row in good]
    error = refused(fewer)
    assert error.key == "data.error.io_not_square"
    assert error.params["only_rows"] == "03, 05, 07"
    assert refused([*good[:4], good[2], *good[4:]]).key == "data.error.io_twice_row"
    assert refused([[*row, row[2]] for row in good]).key == "data.error.io_twice_column"
    word = [list(row) for row in good]
    word[3][4] = "n.b."
    error = refused(word)
    assert error.key == "data.error.io_not_a_number"
    assert error.where is not None
    assert (error.where.line, error.where.column) == (4, "04")
    assert refused(good, region="").key == "data.error.io_no_region"
    assert refused(good, unit="").key == "data.error.io_no_unit"
    assert refused(good, period="").key == "data.error.io_no_year"
    assert refused(good, region="Atlantis").key == "data.error.unknown_region"
    lost = [row[: 1 + 8] + row[1 + 9 :] for row in good]  # without households
    error = refused(lost)
    assert error.key == "data.error.io_unbalanced_rows"
    bare = [row[:9] for row in good[:9]]
    assert refused(bare).key == "data.error.io_nothing_put_out"
    assert refused([["a", "b", "c"], ["x", 1, 2], ["y", 3, 4]]).key.startswith("data.error.io_")
    assert refused(good[:1]).key == "data.error.header_only"
    with pytest.raises(UsageError):
        MatrixOptions.from_options(["expots=P6"])
    with pytest.raises(DataError) as caught:
        load(tmp_path)
    assert caught.value.key == "data.error.io_folder"


def test_a_sector_without_its_column_is_named(tmp_path: Path) -> None:
    """Scrap is used and made by nobody: a row of its own, no column."""
    table, names = made_up(12, seed=17), codes(12)
    rows = plain_rows(table, names, *EUROSTAT)
    rows.insert(13, ["Scrap", *[0.0] * 12, 5, 0, 0, 0, 0, -5, 0])
    package = load(write(tmp_path / "a.csv", rows))
    notes = dict(package.notes)
    assert notes["data.note.io_lone_rows"]["codes"] == "Scrap"
    assert "Scrap" in str(notes["data.note.io_idle"]["sectors"])
    assert matrix(package, "flow", names) == pytest.approx(1e6 * table.use)


@settings(max_examples=15)
@given(
    n=st.integers(2, 9),
    seed=st.integers(0, 10**6),
    words=st.sampled_from([EUROSTAT, WORDS, CHINESE]),
    order=st.randoms(use_true_random=False),
)
def test_order_of_columns_says_nothing(
    tmp_path_factory: pytest.TempPathFactory, n: int, seed: int, words: Any, order: Any
) -> None:
    """Any order of columns gives the same table; nothing is lost or doubled."""
    table, names = made_up(n, seed), codes(n, 3)
    rows = plain_rows(table, names, *words)
    at = list(range(1, len(rows[0])))
    order.shuffle(at)
    path = write(tmp_path_factory.mktemp("m") / "a.csv", [[row[0], *(row[i] for i in at)] for row in rows])
    agrees(load(path), table, names)


# Published tables -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "number", "options"),
    [
        ("cn_input_output/china_2002_122.csv.gz", 122, {}),
        ("cn_input_output/china_2020_42.csv.gz", 42, {}),
        ("cn_input_output/china_2018_153.csv.gz", 153, {}),
        ("cn_input_output/OECD21ed_JPN_1995to2018.csv.gz", 45, {"period": "2005"}),
        ("textbook_input_output/germany_1995.csv.gz", 6, {}),
        ("textbook_input_output/netherlands_2000.csv.gz", 6, {}),
        ("textbook_input_output/croatia_2010_1700.csv.gz", 65, {}),
    ],
)
def test_published_tables_add_up(shared: Path, file: str, number: int, options: dict[str, str]) -> None:
    """With nothing said of rows and columns, every table is read whole: both sides add up to output."""
    package = load(shared / "data" / file, **options)
    assert len(package.tables["field"]) == number
    flow = package.tables["link"].to_pandas()  # type: ignore[union-attr]
    seen = package.tables["observation"].to_pandas()  # type: ignore[union-attr]
    wide = seen.pivot(index="field_id", columns="indicator_id", values="value").fillna(0.0)
    wide = wide.reindex(
        columns=[
            f"io_{name}"
            for name in (
                *USES,
                "final_consumption",
                "other_final_use",
                "imports",
                "error",
                "output",
                "value_added",
                "product_taxes",
                "imported_inputs",
            )
        ],
        fill_value=0.0,
    )
    own = flow[flow.kind != "flow_imported"].groupby("from_id").weight.sum().reindex(wide.index, fill_value=0.0)
    final = [f"io_{name}" for name in (*USES, "final_consumption", "other_final_use", "error")]
    rows = own + wide[final].sum(axis=1) - wide.io_imports
    paid = flow.groupby("to_id").weight.sum().reindex(wide.index, fill_value=0.0)
    paid += wide.io_value_added + wide.io_product_taxes + wide.io_imported_inputs
    assert float((rows - wide.io_output).abs().sum() / wide.io_output.sum()) < 1e-5
    assert float((paid - wide.io_output).abs().sum() / wide.io_output.sum()) < 1e-5


def test_a_use_table_of_402_sectors_is_told(shared: Path) -> None:
    file = shared / "data/us_input_output/Detail_Use_2017_PRO_AfterRedef_17sch.csv.gz"
    package = load(file, region="US", unit="million USD", period="2017")
    assert "io_use_table" in keys(package)
    assert len(links(package, "flow")) == package.tables["link"].num_rows  # type: ignore[union-attr]

"""Layouts of offices that the general reader of square tables must tell by itself. All figures are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreland.core.errors import DataError
from foreland.data.chains.cells import number
from foreland.data.chains.matrix_names import role_of

from .made_up import codes, keys, made_up, vector, write
from .test_matrix import EUROSTAT, WORDS, agrees, load, plain_rows

NAMES = ["Crops", "Mining", "Steel", "Cars", "Power", "Trade"]


@pytest.mark.parametrize("codes_first", [True, False])
def test_codes_and_names_above_each_other(tmp_path: Path, codes_first: bool) -> None:
    table, own = made_up(6, seed=31), codes(6)
    rows = plain_rows(table, own, *WORDS)
    top, below = ["", "", *own, *[""] * 7], ["", "", *NAMES, *WORDS[0]]
    body = [[row[0] if i < 6 else "", NAMES[i] if i < 6 else row[0], *row[1:]] for i, row in enumerate(rows[1:])]
    head = [top, below] if codes_first else [below, top]
    package = load(write(tmp_path / "a.csv", [*head, *body]))
    agrees(package, table, own)
    assert package.tables["field"][0]["name_en"] == "Crops"  # type: ignore[index]


def test_a_short_line_of_codes_above_cuts_no_column_of_a_workbook(tmp_path: Path) -> None:
    import openpyxl

    table, own = made_up(6, seed=32), codes(6)
    rows = plain_rows(table, own, *WORDS)
    book = openpyxl.Workbook()
    book.active.append(["Contents"])  # type: ignore[union-attr]
    sheet = book.create_sheet("IO")
    for row in (["A table"], ["", "", *own], ["Code", "Sector", *NAMES, *WORDS[0]]):
        sheet.append(row)
    for i, row in enumerate(rows[1:]):
        label = [own[i], NAMES[i]] if i < 6 else [None, row[0]]
        sheet.append([*label, *(None if cell == "" else float(cell) for cell in row[1:])])
    book.save(tmp_path / "a.xlsx")
    package = load(tmp_path / "a.xlsx")
    agrees(package, table, own)
    assert "sheet" in keys(package)


def test_table_on_its_side(tmp_path: Path) -> None:
    table = made_up(6, seed=33)
    rows = plain_rows(table, NAMES, *WORDS)
    package = load(write(tmp_path / "a.csv", [list(row) for row in zip(*rows, strict=True)]))
    agrees(package, table, NAMES)
    assert "io_turned" in keys(package)


def test_a_column_that_says_the_same_in_all_rows_is_no_code(tmp_path: Path) -> None:
    table, own = made_up(6, seed=34), codes(6)
    rows = plain_rows(table, own, *EUROSTAT)
    path = write(tmp_path / "a.csv", [["Country", "Code", *rows[0][1:]], *(["VNM", *row] for row in rows[1:])])
    agrees(load(path), table, own)


def test_bulk_file_of_eurostat(tmp_path: Path) -> None:
    table, own = made_up(4, seed=35), ["CPA_A", "CPA_B", "CPA_C", "CPA_F"]
    square = plain_rows(table, own, *EUROSTAT)
    rows = [["freq,unit,prod_na,induse,geo\\TIME_PERIOD", "2015 ", "2019 "]]
    for row in square[1:]:
        rows += [
            [f"A,MIO_EUR,{row[0]},{head},AT", f"{cell} p", ": "]
            for head, cell in zip(square[0][1:], row[1:], strict=True)
            if cell != ""
        ]
    agrees(load(write(tmp_path / "a.tsv", rows, delimiter="\t"), period="2015"), table, own)


def test_a_list_whose_columns_nobody_knows_is_told(tmp_path: Path) -> None:
    rows = [["a", "b", "c"], *([f"r{i}", f"s{j}", i + j] for i in range(5) for j in range(5))]
    with pytest.raises(DataError) as caught:
        load(write(tmp_path / "a.csv", rows))
    assert caught.value.key == "data.error.io_list"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.5", 1234.5), ("12,34,567", 1234567), ("1\u2009234", 1234), ("1’234", 1234), ("(5)", -5), ("5-", -5),
        ("\u22125", -5), ("12,5", None), ("1.234,5", None), ("1234,5", None), ("inf", None),
    ],
)  # fmt: skip
def test_numbers_of_offices(text: str, value: float | None) -> None:
    assert number(text) == value


def test_decimal_commas_unsaid_are_refused(tmp_path: Path) -> None:
    """12,5 was once read as 125: all of a table ten times too large, and in balance."""
    table = made_up(6, seed=36)
    rows = plain_rows(table, NAMES, *WORDS)
    rows = [[f"{cell / 2:.1f}".replace(".", ",") if isinstance(cell, float) else cell for cell in row] for row in rows]
    path = write(tmp_path / "a.csv", rows, delimiter=";")
    with pytest.raises(DataError) as caught:
        load(path)
    assert caught.value.key == "data.error.io_not_a_number"
    assert vector(load(path, decimal=","), "output", NAMES) == pytest.approx(1e6 * table.output / 2)


def test_what_was_not_checked_is_said(tmp_path: Path) -> None:
    table = made_up(6, seed=37)
    rows = [row[:7] for row in plain_rows(table, NAMES, *WORDS)]
    assert "io_unchecked_rows" in keys(load(write(tmp_path / "a.csv", rows)))
    rows = plain_rows(table, NAMES, *WORDS)
    rows[2][3] = "c"
    assert "io_unpublished" in keys(load(write(tmp_path / "b.csv", rows)))


def test_two_uses_that_are_alike_are_two(tmp_path: Path) -> None:
    table = made_up(6, seed=38)
    rows = plain_rows(table, NAMES, *WORDS)
    half = [[row[9] / 2, row[9] / 2] if isinstance(row[9], float) else [row[9], ""] for row in rows]
    half[0] = ["Private ; Gross Fixed Capital Formation", "Government ; Gross Fixed Capital Formation"]
    package = load(
        write(tmp_path / "a.csv", [[*row[:9], *pair, *row[10:]] for row, pair in zip(rows, half, strict=True)])
    )
    agrees(package, table, NAMES)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4\n" + bytes(range(256)) * 9])
def test_what_is_no_table_is_told_as_such(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(tmp_path / "a.csv")
    assert caught.value.key in ("data.error.empty_file", "data.error.not_a_table")


@pytest.mark.parametrize(
    ("side", "code", "name", "role"),
    [
        ("row", "P1", "Compensation of employees", "compensation"),
        ("row", "P1", "", "output"),
        ("column", "", "民間消費支出", "household_consumption"),
        ("column", "", "（控除）輸入計", "imports"),
        ("row", "", "부가가치계", "value_added"),
        ("column", "", "Formação bruta de capital fixo", "fixed_investment"),
        ("column", "", "International exports [INTEX]", "exports"),
        ("row", "", "Net operating surplus B.2n", "operating_surplus"),
        ("column", "CIS", "", "inventory_change"),
    ],
)
def test_names_in_other_languages(side: str, code: str, name: str, role: str) -> None:
    assert role_of(side, code, [name]) == role

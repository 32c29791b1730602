"""National tables of China: layout, classifications, balance, and what is refused. Small tables are made up."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from foreland.core.errors import DataError
from foreland.data.readers import china_input_output as reader

from .chains.made_up import balanced, china_rows, codes, keys, links, made_up, matrix, read, vector, write


def test_competitive_table(tmp_path: Path) -> None:
    table = made_up()
    error = [3.0, -2.0, 0.0, 0.0]
    package = read(write(tmp_path / "china_2012_4.csv", china_rows(table, error=error)), reader.read)
    names = codes(4)
    assert matrix(package, "flow", names) == pytest.approx(table.use * 1e4)
    assert vector(package, "output", names) == pytest.approx(table.output * 1e4)
    assert vector(package, "imports", names) == pytest.approx(table.imports * 1e4)
    assert vector(package, "error", names) == pytest.approx(np.array(error) * 1e4)
    final = table.final + table.imported_final
    assert vector(package, "household_consumption", names) == pytest.approx(final[:, 0] * 1e4)
    assert vector(package, "government_consumption", names) == pytest.approx((final[:, 1] - error) * 1e4)
    for column, indicator in enumerate(("fixed_investment", "inventory_change", "exports"), start=2):
        assert vector(package, indicator, names) == pytest.approx(final[:, column] * 1e4)
    for row, indicator in enumerate(("compensation", "production_taxes", "depreciation", "operating_surplus")):
        assert vector(package, indicator, names) == pytest.approx(table.added[row] * 1e4)
    assert vector(package, "value_added", names) == pytest.approx(table.added.sum(axis=0) * 1e4)
    assert "io_balanced" in keys(package)
    fields = {row["field_id"]: row for row in package.tables["field"]}  # type: ignore[union-attr]
    assert fields["cnio4_2012:02"]["name_en"] == "Sector 2"
    assert fields["cnio4_2012:02"]["name_zh"] == "部门2"
    first = package.tables["link"].to_pylist()[0]  # type: ignore[union-attr]
    assert (first["region_id"], first["period"], first["unit"], first["line"]) == ("CN", "2012", "CNY", 2)


def test_split_table(tmp_path: Path) -> None:
    table = made_up(5, seed=3)
    package = read(write(tmp_path / "china_2017_5.csv", china_rows(table, split=True)), reader.read)
    names = codes(5)
    assert matrix(package, "flow_domestic", names) == pytest.approx(table.domestic * 1e4)
    assert matrix(package, "flow_imported", names) == pytest.approx(table.imported * 1e4)
    assert not links(package, "flow")
    assert vector(package, "exports", names) == pytest.approx(table.final[:, 4] * 1e4)
    assert vector(package, "imported_fixed_investment", names) == pytest.approx(table.imported_final[:, 2] * 1e4)
    assert vector(package, "final_consumption", names) == pytest.approx(table.final[:, :2].sum(axis=1) * 1e4)
    assert not vector(package, "imports", names).any()
    assert {"io_consumption", "io_balanced"} <= keys(package)


def test_zero_cells_are_not_links(tmp_path: Path) -> None:
    rows = china_rows(made_up())
    moved = rows[1][4]
    rows[1][3], rows[1][4] = rows[1][3] + moved, 0.0
    rows[2][3], rows[2][4] = rows[2][3] - moved, rows[2][4] + moved  # columns stay as they are
    package = read(write(tmp_path / "china_2012_4.csv", rows), reader.read)
    assert ("01", "02") not in links(package, "flow")


def test_same_codes_with_other_names_are_another_classification(tmp_path: Path) -> None:
    for year, name in (("2012", "部门"), ("2015", "部门"), ("2017", "产业")):
        rows = china_rows(made_up(seed=int(year)))
        for row in rows[1:5]:
            row[2] = row[2].replace("部门", name)
        write(tmp_path / f"china_{year}_4.csv", rows)
    write(tmp_path / "employment.csv", [["a", "b"], [1, 2]])
    package = read(tmp_path, reader.read)
    schemes = {(row["period"], row["from_id"].split(":")[0]) for row in package.tables["link"].to_pylist()}  # type: ignore[union-attr]
    assert schemes == {("2012", "cnio4_2012"), ("2015", "cnio4_2012"), ("2017", "cnio4_2017")}
    notes = dict(package.notes)
    assert "cnio4_2017 (2017)" in notes["data.note.io_schemes"]["schemes"]
    assert notes["data.note.io_left"] == {"number": 1, "files": "employment.csv"}


def _without_column(rows: list[list[Any]], code: str) -> list[list[Any]]:
    at = rows[0].index(code)
    return [[*row[:at], *row[at + 1 :]] for row in rows]


@pytest.mark.parametrize("split", [False, True])
def test_bad_tables_are_refused_with_the_place(tmp_path: Path, split: bool) -> None:
    good = china_rows(made_up(), split=split)

    def refused(rows: list[list[Any]], name: str = "china_2012_4.csv") -> DataError:
        with pytest.raises(DataError) as caught:
            read(write(tmp_path / name, rows), reader.read)
        assert caught.value.text("zh") != caught.value.text("en")
        return caught.value

    lacking = refused(_without_column(good, "03"))
    assert lacking.key == "data.error.io_not_square"
    assert lacking.params["only_rows"] == "03"
    lost = refused([row for row in good if row[0] != "03"])
    assert lost.key == "data.error.io_not_square"
    assert lost.params["only_columns"] == "03"
    twice = refused([*good[:3], good[2], *good[3:]])
    assert (twice.key, twice.params["codes"]) == ("data.error.io_twice_row", "02")
    assert twice.where is not None
    assert twice.where.line == 4
    word = [list(row) for row in good]
    word[2][6] = "abc"
    said = refused(word)
    assert said.key == "data.error.io_not_a_number"
    assert said.where is not None
    assert (said.where.line, said.where.column) == (3, good[0][6])
    assert refused(good, "china_2012_5.csv").key == "data.error.io_count"
    assert refused(_without_column(good, "TIU")[:1]).key == "data.error.header_only"
    short = refused(_without_column(good, "TC" if split else "FU102"))
    assert short.key == "data.error.io_unbalanced_rows"
    off = [list(row) for row in good]
    for row in off:
        if row[0] == "TVA":
            row[3 + split : 7 + split] = [2 * float(cell) for cell in row[3 + split : 7 + split]]
    assert refused(off).key == "data.error.io_unbalanced_columns"


def test_negative_uses_and_idle_sectors_are_noted(tmp_path: Path) -> None:
    table = made_up()
    for array in (table.domestic, table.imported):
        array[3], array[:, 3] = 0, 0
    table.final[3], table.imported_final[3] = 0, 0
    table.domestic[0, 1] -= 200
    table.domestic[1, 1] += 200
    table.final[0, 0] += 200
    table.final[1, 0] -= 200
    table = balanced(table.domestic, table.imported, table.final, table.imported_final)
    package = read(write(tmp_path / "china_2012_4.csv", china_rows(table)), reader.read)
    notes = dict(package.notes)
    assert notes["data.note.io_negative"]["number"] == 1
    assert notes["data.note.io_negative"]["line"] == 2
    assert str(notes["data.note.io_idle"]["sectors"]).startswith("04")
    assert links(package, "flow")["01", "02"] < 0


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "china_2012_4.csv"
    path.write_text("")
    with pytest.raises(DataError) as caught:
        read(path, reader.read)
    assert caught.value.key == "data.error.empty_file"


# Published tables -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "data/cn_input_output"


@pytest.mark.parametrize("number", ["42", "149"])
def test_columns_of_2017_add_up_exactly(folder: Path, number: str) -> None:
    package = read(folder / f"china_2017_{number}.csv.gz", reader.read)
    flow = package.tables["link"].to_pandas()  # type: ignore[union-attr]
    seen = package.tables["observation"].to_pandas().pivot(index="field_id", columns="indicator_id", values="value")  # type: ignore[union-attr]
    paid = flow.groupby("to_id").weight.sum().reindex(seen.index) + seen.io_value_added
    assert float((paid - seen.io_output).abs().max() / seen.io_output.max()) < 1e-15
    assert len(seen) == int(number)


def test_every_vintage(folder: Path) -> None:
    package = read(folder, reader.read)
    notes = [note for note in package.notes if note[0].startswith("data.note.io_balance")]
    assert {note[0] for note in notes} == {"data.note.io_balanced"}
    flow = package.tables["link"].to_pandas()  # type: ignore[union-attr]
    flow["scheme"] = flow.from_id.str.split(":").str[0]
    assert sorted(set(zip(flow.period, flow.scheme, strict=True))) == [
        ("2002", "cnio122_2002"),
        ("2005", "cnio42_2005"),
        ("2007", "cnio135_2007"),
        ("2010", "cnio41_2010"),
        ("2012", "cnio139_2012"),
        ("2015", "cnio42_2015"),
        ("2017", "cnio149_2017"),
        ("2017", "cnio42_2017"),
        ("2018", "cnio153_2018"),
        ("2018", "cnio42_2017"),
        ("2020", "cnio153_2018"),
        ("2020", "cnio42_2017"),
    ]
    # Against the file itself, read with pandas.
    with gzip.open(folder / "china_2007_135.csv.gz", "rt") as file:
        raw = pd.read_csv(file, dtype={"Code": str}).set_index("Code")
    sectors = [code for code in raw.index if code.isdigit()]
    own = flow[flow.period == "2007"]
    assert own.weight.sum() == pytest.approx(1e4 * raw.loc[sectors, sectors].to_numpy(dtype=float).sum(), rel=1e-12)
    assert len(own) == int((raw.loc[sectors, sectors].to_numpy(dtype=float) != 0).sum())
    seen = package.tables["observation"].to_pandas()  # type: ignore[union-attr]
    exports = seen[(seen.period == "2007") & (seen.indicator_id == "io_exports")].value.sum()
    assert exports == pytest.approx(1e4 * raw.loc[sectors, "EX"].sum(), rel=1e-12)


def test_a_lone_file_has_the_scheme_it_has_in_the_folder(folder: Path) -> None:
    package = read(folder / "china_2020_42.csv.gz", reader.read)
    assert {row["scheme"] for row in package.tables["field"]} == {"cnio42_2017"}  # type: ignore[union-attr]
    assert package.source.source_id == "cn_input_output_2020_42"

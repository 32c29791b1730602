"""Use, make and import tables of the United States. Small tables are made up."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from foreland.core.errors import DataError
from foreland.data.readers import bea_input_output as reader

from .chains.made_up import keys, links, read, vector, write

INDUSTRIES = ("11", "21", "G")
COMMODITIES = ("11", "21", "G", "Used")
FINAL = ("F010", "F02E", "F06S", "F030", "F040", "F050", "F06C", "F10C")


def folder(path: Path, *, imports: bool = True, make: bool = True) -> Path:
    """A folder of made-up tables: three industries, four commodities, one of them scrap."""
    use = np.array([[5.0, 0, 2], [3, 1, 4], [0, 2, 0], [1, -1, 0]])
    final = np.array(
        [
            [30.0, 2, 1, -1, 5, -4, 0, 1],
            [9, 3, 0, 2, 4, -6, 1, 0],
            [0, 0, 0, 0, 1, 0, 20, 9],
            [-2, 0, 0, 0, 3, -1, 0, 0],
        ]
    )
    made = use.sum(axis=1) + final.sum(axis=1)
    table = np.zeros((3, 4))  # industry × commodity: agriculture makes all scrap and a little mining
    table[0] = [made[0], 2, 0, made[3]]
    table[1, 1], table[2, 2] = made[1] - 2, made[2]
    output = table.sum(axis=1)
    added = output - use.sum(axis=0)
    write(
        path / "Summary_IndustryCodeName_2017.csv",
        [["", "Code", "Name"], *([i + 1, code, f"Industry {code}"] for i, code in enumerate(INDUSTRIES))],
    )
    write(
        path / "Summary_CommodityCodeName_2017.csv",
        [["", "Code", "Name"], *([i + 1, code, f"Product {code}"] for i, code in enumerate(COMMODITIES))],
    )
    rows: list[list[Any]] = [["", *INDUSTRIES, "Total Intermediate", *FINAL, "Total Commodity Output"]]
    rows += [[code, *use[i], use[i].sum(), *final[i], made[i]] for i, code in enumerate(COMMODITIES)]
    blank = [0.0] * (len(FINAL) + 2)
    parts = {"V001": 0.5 * added, "V002": 0.1 * added, "V003": 0.4 * added, "Total Industry Output": output}
    rows += [[code, *amounts, *blank] for code, amounts in parts.items()]
    write(path / "Summary_Use_2017_PRO_AfterRedef_17sch.csv", rows)
    if make:
        rows = [["", *COMMODITIES, "Total Industry Output"]]
        rows += [[code, *table[i], output[i]] for i, code in enumerate(INDUSTRIES)]
        rows.append(["Total Commodity Output", *made, made.sum()])
        write(path / "Summary_Make_2017_AfterRedef_17sch.csv", rows)
    if imports:
        rows = [["", *INDUSTRIES, *FINAL]]
        rows += [[code, *(use[i] // 2), 1, 0, 0, 0, 0, -4, 0, 0] for i, code in enumerate(COMMODITIES)]
        write(path / "Summary_Import_2017_BeforeRedef_17sch.csv", rows)
    return path


def test_use_make_and_imports(tmp_path: Path) -> None:
    package = read(folder(tmp_path), reader.read)
    use = links(package, "flow")
    assert use["11", "11"] == 5e6
    assert use["Used", "21"] == -1e6
    assert ("11", "21") not in use
    assert links(package, "make")["11", "21"] == 2e6
    assert links(package, "flow_imported")["21", "G"] == 2e6
    assert {row["field_id"] for row in package.tables["field"]} == {  # type: ignore[union-attr]
        *(f"bea3:{code}" for code in INDUSTRIES),
        *(f"bea3c:{code}" for code in COMMODITIES),
    }
    assert vector(package, "fixed_investment", COMMODITIES) == pytest.approx([3e6, 3e6, 0, 0])
    assert vector(package, "government_consumption", COMMODITIES) == pytest.approx([1e6, 1e6, 29e6, 0])
    assert vector(package, "imports", COMMODITIES) == pytest.approx([4e6, 6e6, 0, 1e6])
    assert vector(package, "imported_household_consumption", COMMODITIES) == pytest.approx([1e6] * 4)
    assert not vector(package, "imported_imports", COMMODITIES).any()
    commodity = vector(package, "output", COMMODITIES, scheme="bea3c")
    industry = vector(package, "output", INDUSTRIES, scheme="bea3")
    assert commodity.sum() == pytest.approx(industry.sum())
    inputs = np.array([sum(weight for (_, j), weight in use.items() if j == code) for code in INDUSTRIES])
    assert inputs + vector(package, "value_added", INDUSTRIES) == pytest.approx(industry)
    assert {"io_balanced", "io_make", "io_negative"} <= keys(package)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    package = read(folder(tmp_path, imports=False, make=False), reader.read)
    assert {"io_no_make", "io_no_import"} <= keys(package)
    assert not links(package, "make")


def _changed(path: Path, name: str, change: Any) -> DataError:
    file = next(path.glob(f"*_{name}_*"))
    frame = pd.read_csv(file, index_col=0)
    change(frame).to_csv(file)
    with pytest.raises(DataError) as caught:
        read(path, reader.read)
    return caught.value


def test_missing_codes_are_named(tmp_path: Path) -> None:
    error = _changed(folder(tmp_path), "Use", lambda frame: frame.drop(index="Used"))
    assert error.key == "data.error.io_missing_rows"
    assert (error.params["number"], error.params["of"], error.params["codes"]) == (1, 4, "Used")
    error = _changed(folder(tmp_path), "Use", lambda frame: frame.drop(columns="21"))
    assert (error.key, error.params["codes"]) == ("data.error.io_missing_columns", "21")
    error = _changed(folder(tmp_path), "Make", lambda frame: frame.drop(columns="21"))
    assert (error.key, error.params["codes"]) == ("data.error.io_missing_columns", "21")
    error = _changed(folder(tmp_path), "Import", lambda frame: frame.rename(index={"21": "22"}))
    assert error.params["codes"] in ("21", "22")


def test_strange_and_unbalanced(tmp_path: Path) -> None:
    error = _changed(folder(tmp_path), "Use", lambda frame: frame.assign(X99=1.0))
    assert (error.key, error.params["codes"]) == ("data.error.io_strange", "X99")
    error = _changed(folder(tmp_path), "Use", lambda frame: frame.drop(columns="F010"))
    assert error.key == "data.error.io_unbalanced_rows"
    (tmp_path / "Summary_CommodityCodeName_2017.csv").unlink()
    with pytest.raises(DataError, match="CommodityCodeName"):
        read(tmp_path, reader.read)


# Published tables -------------------------------------------------------------------------------


def test_published_tables(shared: Path) -> None:
    place = shared / "data/us_input_output"
    started = time.perf_counter()
    package = read(place, reader.read)
    assert time.perf_counter() - started < 20  # four years of 71 industries and one of 402; 1.5 s on two free cores
    flow = package.tables["link"].to_pandas()  # type: ignore[union-attr]
    seen = package.tables["observation"].to_pandas()  # type: ignore[union-attr]
    tables = flow.assign(scheme=flow.to_id.str.split(":").str[0])[["kind", "period", "scheme"]].drop_duplicates()
    assert sorted(map(tuple, tables.to_numpy())) == [
        ("flow", "2012", "bea71"),
        ("flow", "2017", "bea402"),
        ("flow", "2017", "bea71"),
        ("flow", "2022", "bea71"),
        ("flow", "2023", "bea71"),
        ("flow_imported", "2017", "bea402"),
        ("flow_imported", "2022", "bea71"),
        ("make", "2017", "bea402c"),
        ("make", "2017", "bea71c"),
        ("make", "2022", "bea71c"),
        ("make", "2023", "bea71c"),
    ]
    raw = pd.read_csv(place / "Detail_Use_2017_PRO_AfterRedef_17sch.csv.gz", index_col=0)
    names = pd.read_csv(place / "Detail_IndustryCodeName_2017.csv.gz").iloc[:, 1]
    goods = pd.read_csv(place / "Detail_CommodityCodeName_2017.csv.gz").iloc[:, 1]
    own = flow[(flow.kind == "flow") & flow.to_id.str.startswith("bea402:")]
    core = raw.loc[goods, names].to_numpy()
    assert len(own) == np.count_nonzero(core)
    assert own.weight.sum() == pytest.approx(1e6 * core.sum(), rel=1e-12)
    # Gross domestic product from both sides, within rounding.
    at = seen[(seen.period == "2023") & seen.field_id.str.startswith("bea71")].groupby("indicator_id").value.sum()
    final = at.io_household_consumption + at.io_government_consumption + at.io_fixed_investment
    final += at.io_inventory_change + at.io_exports - at.io_imports
    assert final == pytest.approx(at.io_value_added, rel=1e-5)

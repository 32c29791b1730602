"""Tables of the OECD and of textbooks as their R packages have them. Small tables are made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from foreland.core.errors import DataError
from foreland.data.readers import iotables, oecd_input_output

from .chains.made_up import codes, keys, links, made_up, matrix, read, vector, write

HEADS = ["HFCE", "NPISH", "GGFC", "GFCF", "INVNT", "CONS_ABR", "CONS_NONRES", "EXPO", "IMPO"]


def rows_of(years: dict[str, int]) -> list[list[Any]]:
    rows: list[list[Any]] = [["year", "Code", "Description", *codes(4), *HEADS]]
    for year, seed in years.items():
        table = made_up(4, seed)
        final = table.final + table.imported_final
        for i, code in enumerate(codes(4)):
            f = final[i]
            rows.append(
                [
                    year,
                    code,
                    f"Sector {code}",
                    *table.use[i],
                    f[0] - 3,
                    1,
                    f[1],
                    f[2],
                    f[3],
                    2,
                    4,
                    f[4] - 4,
                    -table.imports[i],
                ]
            )
        taxes = table.added[1]
        for code, amounts in (
            ("TXS_INT_FNL", taxes),
            ("TTL_INT_FNL", table.use.sum(axis=0) + taxes),
            ("VALU", table.added.sum(axis=0) - taxes),
            ("OUTPUT", table.output),
        ):
            rows.append([year, code, code, *amounts, *[""] * len(HEADS)])
    return rows


def test_years_of_a_country(tmp_path: Path) -> None:
    path = write(tmp_path / "OECD21ed_KOR_2010to2011.csv", rows_of({"2010": 1, "2011": 2}))
    package = read(path, oecd_input_output.read)
    for year, seed in (("2010", 1), ("2011", 2)):
        table = made_up(4, seed)
        final = table.final + table.imported_final
        assert matrix(package, "flow", codes(4), year) == pytest.approx(1e6 * table.use)
        assert vector(package, "imports", codes(4), year) == pytest.approx(1e6 * table.imports)
        assert vector(package, "exports", codes(4), year) == pytest.approx(1e6 * final[:, 4])
        assert vector(package, "household_consumption", codes(4), year) == pytest.approx(1e6 * (final[:, 0] - 2))
        assert vector(package, "product_taxes", codes(4), year) == pytest.approx(1e6 * table.added[1])
    first = package.tables["link"].to_pylist()[0]  # type: ignore[union-attr]
    assert (first["region_id"], first["unit"], first["from_id"]) == ("KR", "USD", "oecd4:01")
    assert [note[1]["period"] for note in package.notes if note[0] == "data.note.io_balanced"] == ["2010, 2011"]


def test_bad_files(tmp_path: Path) -> None:
    rows = rows_of({"2010": 1})
    with pytest.raises(DataError) as caught:
        read(write(tmp_path / "OECD21ed_XQZ_2010to2010.csv", rows), oecd_input_output.read)
    assert caught.value.key == "data.error.unknown_region"
    with pytest.raises(DataError) as caught:
        read(write(tmp_path / "OECD21ed_KOR_2010to2010.csv", rows[:2] + rows[3:]), oecd_input_output.read)
    assert (caught.value.key, caught.value.params["only_columns"]) == ("data.error.io_not_square", "02")


@pytest.mark.parametrize(("country", "region"), [("CHN", "CN"), ("JPN", "JP")])
def test_published_years(shared: Path, country: str, region: str) -> None:
    file = shared / f"data/cn_input_output/OECD21ed_{country}_1995to2018.csv.gz"
    package = read(file, oecd_input_output.read)
    raw = pd.read_csv(file, dtype={"Code": str})
    sectors = [f"{i:02d}" for i in range(1, 46)]
    core = raw[raw.Code.isin(sectors)]
    flow = package.tables["link"].to_pandas()  # type: ignore[union-attr]
    assert flow.period.nunique() == 24
    assert set(flow.region_id) == {region}
    assert len(flow) == int((core[sectors] != 0).to_numpy().sum())
    by_year = 1e6 * core.groupby(core.year.astype(str))[sectors].sum().sum(axis=1)
    assert flow.groupby("period").weight.sum().to_numpy() == pytest.approx(by_year.to_numpy(), rel=1e-12)
    assert "io_balanced" in keys(package)


def test_textbook_tables(shared: Path) -> None:
    folder = shared / "data/textbook_input_output"
    germany = read(folder / "germany_1995.csv.gz", iotables.read)
    # As the file has it, in million EUR.
    assert links(germany, "flow_domestic")["CPA_A", "CPA_A"] == 1131e6
    assert links(germany, "flow_domestic")["CPA_A", "CPA_B-E"] == 25480e6
    sectors = ["CPA_A", "CPA_B-E", "CPA_F", "CPA_G-I", "CPA_J-N", "CPA_O-T"]
    assert vector(germany, "output", sectors)[2] == 245606e6
    assert vector(germany, "fixed_investment", sectors)[2] == 191715e6
    paid = matrix(germany, "flow_domestic", sectors).sum(axis=0)
    for part in ("imported_inputs", "product_taxes", "value_added"):
        paid = paid + vector(germany, part, sectors)
    assert paid == pytest.approx(vector(germany, "output", sectors), rel=1e-12)
    netherlands = read(folder / "netherlands_2000.csv.gz", iotables.read)
    assert links(netherlands, "flow_domestic")["manufacturing_group", "construction_group"] == 8004e6
    assert vector(netherlands, "household_consumption", ["services_group"])[0] == 126180e6
    croatia = read(folder / "croatia_2010_1700.csv.gz", iotables.read)
    assert len(croatia.tables["field"]) == 65
    assert {"io_imports_compete", "io_balanced"} <= keys(croatia)
    assert next(iter(croatia.tables["link"].to_pylist()))["unit"] == "HRK"  # type: ignore[union-attr]

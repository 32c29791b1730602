"""Input–output tables as the questions see them: chosen, read, made one system, and told of in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foreland.chains.questions import tables as view
from foreland.chains.questions.listing import choose, series, tables
from foreland.core.errors import DataError, UsageError
from foreland.core.scope import Scope
from foreland.data.chains.land import land
from foreland.data.chains.package import ChainPackage
from foreland.data.mapping import SourceInfo
from foreland.data.workspace import Workspace, open_workspace

FLOWS = np.array([[150.0, 500.0], [200.0, 100.0]])
FINAL = np.array([[350.0], [1700.0]])
OUTPUT = np.array([1000.0, 2000.0])
"""Miller and Blair 2009, table 2.3: the two-sector example of chapter 2."""


def rows_of(
    flows: np.ndarray, kind: str = "flow", *, scheme: str = "made", year: str = "2020", region: str = "CN"
) -> list[dict[str, Any]]:
    return [
        {
            "from_id": f"{scheme}:{i + 1}", "to_id": f"{scheme}:{j + 1}", "kind": kind, "period": year,
            "region_id": region, "weight": float(flows[i, j]), "unit": "CNY",
        }
        for i in range(len(flows))
        for j in range(flows.shape[1])
        if flows[i, j]
    ]  # fmt: skip


def figures_of(
    values: dict[str, np.ndarray], *, scheme: str = "made", year: str = "2020", region: str = "CN"
) -> list[dict[str, Any]]:
    return [
        {
            "region_id": region, "field_id": f"{scheme}:{k + 1}", "indicator_id": f"io_{name}", "period": year,
            "value": float(value), "status": "observed",
        }
        for name, column in values.items()
        for k, value in enumerate(column)
    ]  # fmt: skip


def fields_of(count: int, scheme: str = "made") -> list[dict[str, Any]]:
    return [
        {
            "field_id": f"{scheme}:{k + 1}", "scheme": scheme, "code": str(k + 1),
            "name_en": f"Sector {k + 1}", "name_zh": f"部门{k + 1}",
        }
        for k in range(count)
    ]  # fmt: skip


def landed(
    path: Path, links: list[dict], figures: list[dict], fields: list[dict], source: str = "made-up"
) -> Workspace:
    ws = open_workspace(path / "workspace")
    package = ChainPackage(
        SourceInfo(source_id=source, title_en="Made up", title_zh="虚构"),
        {"link": links, "observation": figures, "field": fields},
        content=f"{len(links)} {len(figures)}",
    )
    with ws.staging() as staging:
        land(ws, staging, package, "made", dry_run=False, tell=lambda stage, share: None)
    return ws


@pytest.fixture
def plain(tmp_path: Path) -> Workspace:
    """One year without a split of imports, of China."""
    figures = figures_of({"output": OUTPUT, "household_consumption": FINAL[:, 0], "value_added": OUTPUT - FLOWS.sum(0)})
    return landed(tmp_path, rows_of(FLOWS), figures, fields_of(2))


class TestRead:
    def test_the_textbook_table(self, plain: Workspace):
        table = view.read(plain, choose(plain, Scope()), Scope())
        assert table.sectors == ("made:1", "made:2")
        np.testing.assert_allclose(table.system.leontief, [[1.2541, 0.3300], [0.2640, 1.1221]], atol=1e-4)
        np.testing.assert_allclose(table.system.leontief @ [600, 1500], [1247.52, 1841.58], atol=0.01)

    def test_without_imports_says_so(self, plain: Workspace):
        table = view.read(plain, choose(plain, Scope()), Scope())
        assert "no_imports" in [caveat.code for caveat in table.caveats]

    def test_imports_are_spread_in_proportion(self, tmp_path: Path):
        imports = np.array([100.0, 0.0])
        final = FINAL[:, 0] + imports
        figures = figures_of(
            {"output": OUTPUT, "household_consumption": final, "imports": imports, "value_added": OUTPUT - FLOWS.sum(0)}
        )
        ws = landed(tmp_path, rows_of(FLOWS), figures, fields_of(2))
        table = view.read(ws, choose(ws, Scope()), Scope())
        share = 100 / (150 + 500 + 450)
        np.testing.assert_allclose(table.system.imported, [[150 * share, 500 * share], [0, 0]])
        assert "proportional" in [caveat.code for caveat in table.caveats]
        whole = view.read(ws, choose(ws, Scope()), Scope(), "total")
        np.testing.assert_allclose(whole.system.flows, FLOWS)

    def test_a_split_table_as_it_is_and_as_one_without_a_split(self, tmp_path: Path):
        imported = np.array([[15.0, 0.0], [20.0, 10.0]])
        links = rows_of(FLOWS - imported, "flow_domestic") + rows_of(imported, "flow_imported")
        figures = figures_of(
            {
                "output": OUTPUT,
                "household_consumption": OUTPUT - (FLOWS - imported).sum(1),
                "imported_household_consumption": np.array([5.0, 7.0]),
                "value_added": OUTPUT - FLOWS.sum(0),
            }
        )
        ws = landed(tmp_path, links, figures, fields_of(2))
        table = view.read(ws, choose(ws, Scope()), Scope())
        np.testing.assert_allclose(table.system.imported, imported)
        np.testing.assert_allclose(table.imported_inputs, [35, 10])
        again = view.read(ws, choose(ws, Scope()), Scope(), as_split=False).system
        assert again.imported is not None
        # What is imported of a product in all stays the same, whoever uses it.
        brought = again.imported.sum(axis=1) + again.imported_final.sum(axis=1)
        np.testing.assert_allclose(brought, imported.sum(axis=1) + np.array([5, 7]))

    def test_make_and_use(self, tmp_path: Path):
        """Two industries and three products, the last of which nobody makes at home."""
        make = np.array([[90.0, 10.0, 0.0], [0.0, 100.0, 0.0]])
        use = np.array([[10.0, 20.0], [30.0, 10.0], [4.0, 6.0]])
        final, imports = np.array([60.0, 75.0, 2.0]), np.array([0.0, 5.0, 12.0])
        made = [
            {**row, "from_id": f"ind:{row['from_id'][-1]}", "to_id": f"prod:{row['to_id'][-1]}"}
            for row in rows_of(make, "make")
        ]
        used = [
            {**row, "from_id": f"prod:{row['from_id'][-1]}", "to_id": f"ind:{row['to_id'][-1]}"} for row in rows_of(use)
        ]
        figures = figures_of({"household_consumption": final, "imports": imports}, scheme="prod")
        figures += figures_of({"output": make.sum(1), "value_added": make.sum(1) - use.sum(0)}, scheme="ind")
        ws = landed(tmp_path, made + used, figures, fields_of(2, "ind") + fields_of(3, "prod"))
        table = view.read(ws, choose(ws, Scope()), Scope(), "total")
        assert table.sectors == ("ind:1", "ind:2", "prod:3")
        shares = make / np.maximum(make.sum(0), 1)
        np.testing.assert_allclose(table.system.flows[:2, :2], (shares @ use))
        np.testing.assert_allclose(table.system.flows[2], [4, 6, 0])
        at_home = view.read(ws, choose(ws, Scope()), Scope())
        # What nobody makes at home is imported, all of it.
        np.testing.assert_allclose(at_home.system.imported[2], [4, 6, 0])
        found = at_home.system
        np.testing.assert_allclose(found.leontief @ found.demand, found.output, rtol=1e-10)

    def test_next_to_no_output_is_none(self, tmp_path: Path):
        flows = np.zeros((3, 3))
        flows[:2, :2] = FLOWS
        flows[2] = [1e-9, 1e-9, 1e-8]
        figures = figures_of(
            {
                "output": np.append(OUTPUT, 1e-8),
                "household_consumption": np.append(FINAL[:, 0], 0.0),
                "value_added": np.append(OUTPUT - FLOWS.sum(0), 0.0),
            }
        )
        ws = landed(tmp_path, rows_of(flows), figures, fields_of(3))
        table = view.read(ws, choose(ws, Scope()), Scope())
        assert table.system.output[2] == 0
        np.testing.assert_allclose(table.system.leontief[:2, :2], np.linalg.inv(np.eye(2) - FLOWS / OUTPUT))
        assert "zero_output" in [caveat.code for caveat in table.caveats]

    def test_a_table_that_eats_itself_names_the_sector(self, tmp_path: Path):
        flows = np.array([[1200.0, 500.0], [200.0, 100.0]])
        figures = figures_of({"output": OUTPUT, "household_consumption": FINAL[:, 0]})
        ws = landed(tmp_path, rows_of(flows), figures, fields_of(2))
        with pytest.raises(DataError) as error:
            view.read(ws, choose(ws, Scope()), Scope(language="en"))
        assert "Sector 1" in error.value.what("en")
        assert "部门1" in error.value.what("zh")
        assert error.value.cure("zh")


class TestChoice:
    def test_a_province_gets_the_table_of_its_country(self, plain: Workspace):
        scope = Scope(region=("CN-ZJ",))
        table = view.read(plain, choose(plain, scope), scope)
        assert table.listed.region_id == "CN"
        assert "national_table" in [caveat.code for caveat in table.caveats]

    def test_a_country_without_a_table(self, plain: Workspace):
        with pytest.raises(DataError) as error:
            choose(plain, Scope(region=("JP",)))
        assert error.value.key.endswith("no_table_of")
        assert "China (CN)" in error.value.cure("en")
        assert "中国（CN）" in error.value.cure("zh")

    def test_nothing_loaded(self, tmp_path: Path):
        with pytest.raises(DataError) as error:
            choose(open_workspace(tmp_path / "empty"), Scope())
        assert error.value.key.endswith("no_tables")

    def test_an_unknown_sector_and_year(self, plain: Workspace):
        table = view.read(plain, choose(plain, Scope()), Scope(field=("made:9",)))
        with pytest.raises(UsageError) as error:
            table.chosen()
        assert error.value.key.endswith("unknown_sector")
        with pytest.raises(DataError) as error:
            choose(plain, Scope(period="1990"))
        assert error.value.key.endswith("no_such_year")

    def test_years_with_other_classifications_are_no_series(self, tmp_path: Path):
        links = rows_of(FLOWS, scheme="old", year="2012") + rows_of(FLOWS, scheme="new", year="2017")
        figures = figures_of({"output": OUTPUT}, scheme="old", year="2012")
        figures += figures_of({"output": OUTPUT}, scheme="new", year="2017")
        ws = landed(tmp_path, links, figures, fields_of(2, "old") + fields_of(2, "new"))
        with pytest.raises(DataError) as error:
            series(ws, Scope())
        assert "old: 2012" in error.value.what("en") + error.value.cure("en")
        assert [entry.period for entry in tables(ws)] == ["2017", "2012"]
        assert choose(ws, Scope()).period == "2017"

    def test_a_series_is_of_one_classification_and_source(self, packed: Workspace):
        assert [entry.period for entry in series(packed, Scope(region=("US",)))] == ["2017", "2022", "2023"]


class TestLanding:
    def test_a_link_said_twice_is_an_error(self, tmp_path: Path):
        links = rows_of(FLOWS)
        with pytest.raises(DataError) as error:
            landed(tmp_path, [*links, links[0]], figures_of({"output": OUTPUT}), fields_of(2))
        assert error.value.key.endswith("twice_in_chain")
        assert not tables(open_workspace(tmp_path / "workspace"))

    def test_nothing_to_land(self, tmp_path: Path):
        with pytest.raises(DataError) as error:
            landed(tmp_path, [], [], fields_of(2))
        assert error.value.key.endswith("no_links")


class TestBundledAccounts:
    def test_value_added_sums_to_final_use(self, packed: Workspace):
        """Gross domestic product from both sides, 2017; and as published, 19.612 trillion dollars."""
        table = view.read(packed, choose(packed, Scope(region=("US",), period="2017")), Scope(), "total")
        added, used = table.system.value_added.sum(), table.system.demand.sum()
        assert added == pytest.approx(19.612e12, rel=1e-3)
        assert used == pytest.approx(added, rel=1e-3)

    @pytest.mark.parametrize("year", ["2017", "2022", "2023"])
    def test_output_is_what_final_use_needs(self, packed: Workspace, year: str):
        table = view.read(packed, choose(packed, Scope(region=("US",), period=year)), Scope())
        needed = table.system.leontief @ table.system.demand
        made = table.system.output > 0
        np.testing.assert_allclose(needed[made], table.system.output[made], rtol=2e-3)

"""chains.decomposition: exact sums, and changes of which the cause is known beforehand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.chains.landed import SIX, Landing, Year, land_tables, made_up, real, table_of, workspace

from foreland.core.errors import DataError
from foreland.data.workspace import Workspace, open_workspace

FIRST, LAST = made_up(11), made_up(12, abroad=0.3)
DEMAND = ("use_level", "use_category", "use_mix", "use_other")
PARTS = ("intensity", "inputs", "origin", *DEMAND)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("decomposition"), {"2017": FIRST, "2018": made_up(13), "2020": LAST})


def at(row: dict[str, object]) -> int:
    return int(str(row["field_id"])[-1]) - 1


def demand(year: Year) -> np.ndarray:
    return np.asarray(sum(year.final.values()))


@pytest.mark.parametrize("measured", ["output", "added", "imports"])
def test_parts_add_up_to_the_change(ws: Workspace, measured: str) -> None:
    def of(year: Year) -> np.ndarray:
        return {"output": year.output, "added": year.added, "imports": year.imported.sum(axis=0)}[measured]

    rows = ws.ask("chains.decomposition", region="CN", measured=measured).rows()
    assert len(rows) == 6
    for row in rows:
        k = at(row)
        assert row["gained"] == pytest.approx(of(LAST)[k] - of(FIRST)[k])
        assert row["gained_share"] == pytest.approx(of(LAST)[k] / of(FIRST)[k] - 1)
        assert sum(row.get(part, 0.0) for part in PARTS) == pytest.approx(row["gained"])
    assert ("intensity" in rows[0]) == (measured != "output")


def test_technology_and_final_use_are_the_mean_of_the_polar_forms(ws: Workspace) -> None:
    L, f = (FIRST.inverse, LAST.inverse), (demand(FIRST), demand(LAST))
    technology = (L[1] - L[0]) @ (f[0] + f[1]) / 2
    use = (L[0] + L[1]) @ (f[1] - f[0]) / 2
    for row in ws.ask("chains.decomposition", region="CN").rows():
        assert row["inputs"] + row["origin"] == pytest.approx(technology[at(row)])
        assert sum(row[part] for part in DEMAND) == pytest.approx(use[at(row)])


def test_an_economy_that_grows_alike_only_has_a_level(tmp_path: Path) -> None:
    def grown(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {use: 1.5 * v for use, v in values.items()}

    plain = {use: v for use, v in FIRST.final.items() if use != "inventory_change"}
    small = replace(FIRST, final=plain)
    large = Year(1.5 * FIRST.home, 1.5 * FIRST.imported, grown(plain), grown(dict(FIRST.imported_final)))
    for row in workspace(tmp_path, {"1": small, "2": large}).ask("chains.decomposition", region="CN").rows():
        assert row["use_level"] == pytest.approx(0.5 * small.output[at(row)])
        assert row["gained_share"] == pytest.approx(0.5)
        for part in ("inputs", "use_category", "use_mix"):
            assert row[part] == pytest.approx(0, abs=1e-8)


def test_imports_that_are_replaced_at_home_are_import_substitution(tmp_path: Path) -> None:
    """Coefficients of any origin stay; a part of imported inputs is made at home in the second year."""
    A, M = FIRST.coefficients, FIRST.imported / FIRST.output
    x = np.linalg.solve(np.eye(6) - A - 0.5 * M, demand(FIRST))
    later = replace(FIRST, home=(A + 0.5 * M) * x, imported=0.5 * M * x)
    finding = workspace(tmp_path, {"1": FIRST, "2": later}).ask("chains.decomposition", region="CN")
    for row in finding.rows():
        assert row["origin"] == pytest.approx(x[at(row)] - FIRST.output[at(row)])
        assert row["origin"] > 0
        assert abs(row["inputs"]) < 1e-8
        assert abs(sum(row[part] for part in DEMAND)) < 1e-8
    assert "import substitution +" in finding.headline["en"]
    assert "进口替代 +" in finding.headline["zh"]


def test_a_negative_cell_leaves_its_column_in_the_level(tmp_path: Path) -> None:
    """Households that sell used goods are consumers all the same."""
    used = {use: values.copy() for use, values in FIRST.final.items()}
    used["household_consumption"][5] = -2.0
    first = replace(FIRST, final=used)
    later = replace(first, final={use: (2.0 if use != "inventory_change" else 1.0) * v for use, v in used.items()})
    rows = workspace(tmp_path, {"1": first, "2": later}).ask("chains.decomposition", region="CN").rows()
    plain = {use: np.maximum(v, 0) for use, v in used.items() if use != "inventory_change"}
    L = (first.inverse + later.inverse) / 2
    for row in rows:
        assert row["use_level"] == pytest.approx((L @ sum(plain.values()))[at(row)])


def test_the_period_says_which_years(ws: Workspace) -> None:
    finding = ws.ask("chains.decomposition", region="CN", period="2017:2018")
    assert {(row["from_period"], row["to_period"]) for row in finding.rows()} == {("2017", "2018")}
    assert finding.rows()[0]["gained"] == pytest.approx(
        made_up(13).output[at(finding.rows()[0])] - FIRST.output[at(finding.rows()[0])]
    )


def test_totals_are_those_of_the_sectors_asked_for(ws: Workspace) -> None:
    for field in (None, "toy6:2"):
        finding = ws.ask("chains.decomposition", region="CN", field=field)
        whole = finding.tables["whole"].to_pylist()
        parts = {row["part"]: row["contribution"] for row in whole if row["set"] == "part"}
        users = sum(row["contribution"] for row in whole if row["set"] == "user")
        assert sum(parts.values()) == pytest.approx(sum(row["gained"] for row in finding.rows()))
        assert users == pytest.approx(sum(parts[part] for part in DEMAND if part in parts))


def test_current_prices_are_a_serious_caveat(ws: Workspace) -> None:
    caveats = {caveat.key: caveat.severity for caveat in ws.ask("chains.decomposition", region="CN").caveats}
    assert caveats["chains.caveat.current_prices"] == "serious"


def test_one_year_is_refused_with_the_years_there_are(tmp_path: Path) -> None:
    ws = workspace(tmp_path, {"2020": LAST})
    with pytest.raises(DataError) as told:
        ws.ask("chains.decomposition", region="CN")
    assert told.value.key == "chains.error.one_year"
    assert "2020" in told.value.text("zh")


def test_a_sector_that_is_new_has_grown_from_nothing(tmp_path: Path) -> None:
    """The first year has no sector 6 at all; the tables are set side by side over the sectors of either."""
    five = replace(SIX, codes=SIX.codes[:5], names={k: v[:5] for k, v in SIX.names.items()})
    whole = table_of("2017", FIRST)
    cut = replace(
        whole,
        flows=tuple(replace(f, origin=five, target=five, values=f.values[:5, :5], lines=f.lines[:5])
                    for f in whole.flows),
        vectors=tuple(replace(v, sectors=five, values=v.values[:5], lines=v.lines[:5]) for v in whole.vectors),
    )  # fmt: skip
    ws = land_tables(open_workspace(tmp_path / "new"), [cut, table_of("2020", LAST)])
    row = next(r for r in ws.ask("chains.decomposition", region="CN").rows() if r["field_id"] == "toy6:6")
    assert row["gained"] == pytest.approx(LAST.output[5])
    assert row["gained_share"] is None


def test_parts_add_up_where_imports_were_spread_in_proportion(tmp_path: Path) -> None:
    ws = workspace(tmp_path, {"1": FIRST, "2": LAST}, Landing(split=False))
    finding = ws.ask("chains.decomposition", region="CN")
    assert "chains.caveat.proportional" in {caveat.key for caveat in finding.caveats}
    for row in finding.rows():
        assert sum(row.get(part, 0.0) for part in PARTS) == pytest.approx(row["gained"])


def test_rows_lead_to_flows_of_both_years(ws: Workspace) -> None:
    finding = ws.ask("chains.decomposition", region="CN")
    sector = finding.rows()[0]["field_id"]
    links = [rows.to_pylist() for item, rows in finding.evidence(0).tables if item.table == "link"]
    assert [found[0]["period"] for found in links] == ["2017", "2017", "2020", "2020"]
    assert {link["to_id"] for link in links[0]} == {sector} == {link["from_id"] for link in links[1]}


def test_china_grew_by_final_use(shared: Path, tmp_path: Path) -> None:
    finding = real(shared, tmp_path, "cn_input_output").ask("chains.decomposition", region="CN")
    assert finding.scope.period == "2017:2020"
    rows = finding.rows()
    assert sum(row["gained"] for row in rows) == pytest.approx(44.1e12, rel=0.01)
    assert sum(row[part] for row in rows for part in DEMAND) == pytest.approx(44.2e12, rel=0.01)
    for chart in finding.charts:
        assert finding.chart(chart, "zh").to_dict()


def test_only_the_ends_decide_how_imports_are_read(tmp_path: Path) -> None:
    """A year between that does not tell imports apart changes nothing."""
    tables = [table_of("1", FIRST), table_of("2", made_up(13), Landing(split=False)), table_of("3", LAST)]
    finding = land_tables(open_workspace(tmp_path / "ends"), tables).ask("chains.decomposition", region="CN")
    assert "chains.caveat.proportional" not in {caveat.key for caveat in finding.caveats}
    assert finding.scope.period == "1:3"

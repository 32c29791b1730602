"""chains.position: held against rounds of production counted one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.chains.landed import Landing, Year, made_up, real, workspace

from foreland.data.workspace import Workspace

YEAR = made_up(21)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("position"), {"2020": YEAR})


def at(row: dict[str, object]) -> int:
    return int(str(row["field_id"])[-1]) - 1


def upstreamness(year: Year) -> np.ndarray:
    """U = Σ_n n · (share of what is used at home that reaches final use in the n-th step), step by step."""
    flows = year.home + year.imported
    final = sum(year.final[use] + year.imported_final[use] for use in ("household_consumption", "fixed_investment"))
    used = flows.sum(axis=1) + final
    arriving, going, found = final / used, flows / used[:, None], np.zeros(6)
    for step in range(1, 400):
        found += step * arriving
        arriving = going @ arriving
    return np.asarray(found)


def lengths(year: Year) -> np.ndarray:
    A, power, weighted, total = year.coefficients, np.eye(6), np.zeros((6, 6)), np.zeros((6, 6))
    for step in range(1, 400):
        power = power @ A
        weighted, total = weighted + step * power, total + power
    return np.asarray(weighted / total)


@pytest.mark.parametrize("split", [True, False])
def test_upstreamness_counts_the_steps_to_final_use(tmp_path: Path, split: bool) -> None:
    """Inputs of any origin count, so splitting imports or not comes to the same."""
    ws = workspace(tmp_path, {"2020": YEAR}, Landing(split=split))
    expected = upstreamness(YEAR)
    rows = ws.ask("chains.position", region="CN").rows()
    for row in rows:
        assert row["upstreamness"] == pytest.approx(expected[at(row)])
    assert [row["upstreamness"] for row in rows] == sorted((row["upstreamness"] for row in rows), reverse=True)


def test_downstreamness_counts_the_steps_from_primary_inputs(ws: Workspace) -> None:
    A, steps = (YEAR.home + YEAR.imported) / YEAR.output, np.ones(6)
    for _ in range(400):
        steps = 1 + steps @ A
    for row in ws.ask("chains.position", region="CN").rows():
        assert row["downstreamness"] == pytest.approx(steps[at(row)])


def test_sold_on_is_what_sectors_take_of_sales(ws: Workspace) -> None:
    plain = sum(values for use, values in YEAR.final.items() if use != "inventory_change")
    for row in ws.ask("chains.position", region="CN").rows():
        k = at(row)
        assert row["sold_on"] == pytest.approx(YEAR.home[k].sum() / (YEAR.home[k].sum() + plain[k]))


def test_the_headline_names_both_ends(ws: Workspace) -> None:
    finding = ws.ask("chains.position", region="CN")
    rows = finding.rows()
    for language in ("en", "zh"):
        for row in (rows[0], rows[-1]):
            assert finding.labels[row["field_id"]][language] in finding.headline[language]
    assert finding.charts == ("plane", "ranking")


def test_one_sector_tells_the_steps_to_its_suppliers_and_customers(ws: Workspace) -> None:
    finding = ws.ask("chains.position", region="CN", field="toy6:3")
    expected = lengths(YEAR)
    L, G = YEAR.inverse, YEAR.inverse * YEAR.output / YEAR.output[:, None]
    strength = (L + G - 2 * np.eye(6)) / 2
    assert finding.rows()
    for row in finding.rows():
        i = at(row)
        if row["steps_to"] is not None:
            assert row["steps_to"] == pytest.approx(expected[i, 2])
        if row["steps_from"] is not None:
            assert row["steps_from"] == pytest.approx(expected[2, i])
        assert row["strength_to"] == pytest.approx(strength[i, 2])
        assert row["strength_from"] == pytest.approx(strength[2, i])
    strongest = [max(row["strength_to"], row["strength_from"]) for row in finding.rows()]
    assert strongest == sorted(strongest, reverse=True)
    assert "toy6:3" not in {row["field_id"] for row in finding.rows()}
    for chart in finding.charts:
        assert finding.chart(chart, "zh").to_dict()


def test_some_sectors_keep_their_rank(ws: Workspace) -> None:
    every = {row["field_id"]: row["rank"] for row in ws.ask("chains.position", region="CN").rows()}
    rows = ws.ask("chains.position", region="CN", field="toy6:2,toy6:5").rows()
    assert {row["field_id"]: row["rank"] for row in rows} == {i: every[i] for i in ("toy6:2", "toy6:5")}


def test_rows_lead_to_what_a_sector_sells_and_buys(ws: Workspace) -> None:
    finding = ws.ask("chains.position", region="CN")
    sector = finding.rows()[0]["field_id"]
    sold, bought = (rows.to_pylist() for item, rows in finding.evidence(0).tables if item.table == "link")
    assert {link["from_id"] for link in sold} == {sector} == {link["to_id"] for link in bought}


def test_mines_stand_upstream_and_construction_downstream_in_china(shared: Path, tmp_path: Path) -> None:
    rows = real(shared, tmp_path, "cn_input_output").ask("chains.position", region="CN").rows()
    order = [row["field_id"].partition(":")[2] for row in rows]
    assert set(order[:3]) == {"02", "03", "04"}
    assert "27" in order[-5:]
    assert all(0 <= row["sold_on"] <= 1 for row in rows)
    assert all(row["upstreamness"] >= 1 and row["downstreamness"] >= 1 for row in rows)

"""chains.self_reliance: held against the import matrix taken through the inverse by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.chains.landed import Landing, Year, land_tables, made_up, real, table_of, workspace

from foreland.core.errors import DataError
from foreland.data.workspace import Workspace, open_workspace

FIRST, LAST = made_up(5), made_up(6, abroad=0.3)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("reliance"), {"2017": FIRST, "2018": made_up(7), "2020": LAST})


def by_hand(year: Year) -> tuple[np.ndarray, np.ndarray]:
    """Domestic share of what is bought along each sector's chain, and imports of i in a unit of j."""
    home, abroad = year.home / year.output, year.imported / year.output
    rounds, step = np.zeros((6, 6)), np.eye(6)
    for _ in range(500):  # I + A + A² + …, no inverse
        rounds, step = rounds + step, home @ step
    content = abroad @ rounds
    bought = (home + abroad) @ rounds
    return 1 - content.sum(axis=0) / bought.sum(axis=0), content


def test_self_reliance_and_import_content_are_those_worked_out_by_hand(ws: Workspace) -> None:
    (then, _), (now, content) = by_hand(FIRST), by_hand(LAST)
    finding = ws.ask("chains.self_reliance", region="CN")
    assert finding.scope.period == "2017:2020"
    for row in finding.rows():
        k = int(row["field_id"][-1]) - 1
        assert row["self_reliance_chain"] == pytest.approx(now[k])
        assert row["share_before"] == pytest.approx(then[k])
        assert row["share_change"] == pytest.approx(now[k] - then[k])
        assert row["import_content"] == pytest.approx(content[:, k].sum())
        assert row["import_direct"] == pytest.approx(LAST.imported[:, k].sum() / LAST.output[k])
        bought = LAST.home[:, k].sum() + LAST.imported[:, k].sum()
        assert row["self_reliance"] == pytest.approx(LAST.home[:, k].sum() / bought)
        assert row["product_id"] == f"toy6:{content[:, k].argmax() + 1}"
    assert [row["self_reliance_chain"] for row in finding.rows()] == pytest.approx(sorted(now))
    total = LAST.home.sum() / (LAST.home.sum() + LAST.imported.sum())
    assert f"{total:.1%}" in finding.headline["en"]
    assert f"{total:.1%}" in finding.headline["zh"]


def test_import_content_and_value_added_at_home_make_up_a_unit(ws: Workspace) -> None:
    """What is not imported along the chain is value added at home."""
    added = (LAST.added / LAST.output) @ LAST.inverse
    for row in ws.ask("chains.self_reliance", region="CN").rows():
        assert row["import_content"] + added[int(row["field_id"][-1]) - 1] == pytest.approx(1)


def test_a_sector_names_the_imports_it_rests_on(ws: Workspace) -> None:
    _, now = by_hand(LAST)
    _, then = by_hand(FIRST)
    finding = ws.ask("chains.self_reliance", region="CN", field="toy6:2")
    rows = finding.rows()
    for row in rows:
        i = int(row["field_id"][-1]) - 1
        assert row["sector_id"] == "toy6:2"
        assert row["import_content"] == pytest.approx(now[i, 1])
        assert row["share_before"] == pytest.approx(then[i, 1])
        assert row["share"] == pytest.approx(now[i, 1] / now[:, 1].sum())
    assert [row["import_content"] for row in rows] == pytest.approx(sorted(now[:, 1], reverse=True))
    assert f"{100 * now[:, 1].sum():.1f}" in finding.headline["zh"]
    assert finding.charts == ("products", "years")
    years = finding.tables["years"].to_pylist()
    assert [row["period"] for row in years] == ["2017", "2018", "2020"]
    for chart in finding.charts:
        assert finding.chart(chart, "zh").to_dict()


def test_own_purchases_rank_otherwise(ws: Workspace) -> None:
    rows = ws.ask("chains.self_reliance", region="CN", reach="direct").rows()
    own = LAST.home.sum(axis=0) / (LAST.home + LAST.imported).sum(axis=0)
    before = FIRST.home.sum(axis=0) / (FIRST.home + FIRST.imported).sum(axis=0)
    assert [row["self_reliance"] for row in rows] == pytest.approx(sorted(own))
    for row in rows:
        assert row["share_before"] == pytest.approx(before[int(row["field_id"][-1]) - 1])


def test_one_year_has_no_before(ws: Workspace) -> None:
    finding = ws.ask("chains.self_reliance", region="CN", period="2020")
    assert finding.scope.period == "2020"
    assert {row["share_before"] for row in finding.rows()} == {None}
    assert "chains.caveat.current_prices" not in {caveat.key for caveat in finding.caveats}
    assert finding.chart("change").to_dict()


def test_years_are_told_to_be_in_their_own_prices(ws: Workspace) -> None:
    caveats = {caveat.key: caveat for caveat in ws.ask("chains.self_reliance", region="CN").caveats}
    assert "2017" in caveats["chains.caveat.current_prices"].text("en")
    assert "chains.caveat.proportional" not in caveats


def test_years_with_and_without_a_split_are_read_alike(tmp_path: Path) -> None:
    """A change of method must not look like a change of the economy: the same economy twice has not changed."""
    ws = open_workspace(tmp_path / "mixed")
    split, whole = table_of("2017", LAST), table_of("2020", LAST, Landing(split=False))
    land_tables(ws, [split, whole])
    finding = ws.ask("chains.self_reliance", region="CN")
    caveats = {caveat.key: caveat for caveat in finding.caveats}
    assert "2017" in caveats["chains.caveat.split_set_aside"].text("en")
    assert "2020" not in caveats["chains.caveat.split_set_aside"].text("zh")
    # That is not to say that the tables do not tell.
    assert "chains.caveat.proportional" not in caveats
    alone = ws.ask("chains.self_reliance", region="CN", period="2017")
    assert "chains.caveat.split_set_aside" not in {caveat.key for caveat in alone.caveats}
    for row in finding.rows():
        assert row["share_change"] == pytest.approx(0, abs=1e-9)


def test_imports_are_spread_in_proportion_where_the_table_does_not_split(tmp_path: Path) -> None:
    ws = workspace(tmp_path, {"2020": LAST}, Landing(split=False))
    brought = LAST.imported.sum(axis=1) + sum(LAST.imported_final.values())
    whole = LAST.home + LAST.imported
    at_home = whole.sum(axis=1) + sum(
        values + LAST.imported_final.get(use, 0) for use, values in LAST.final.items() if use != "exports"
    )
    imported = (brought / at_home)[:, None] * whole
    for row in ws.ask("chains.self_reliance", region="CN").rows():
        k = int(row["field_id"][-1]) - 1
        assert row["import_direct"] == pytest.approx(imported[:, k].sum() / LAST.output[k])


def test_a_table_without_imports_is_refused_in_words(tmp_path: Path) -> None:
    table = table_of("2020", LAST, Landing(split=False))
    bare = replace(table, vectors=tuple(v for v in table.vectors if v.indicator != "imports"))
    ws = land_tables(open_workspace(tmp_path / "bare"), [bare])
    with pytest.raises(DataError) as told:
        ws.ask("chains.self_reliance", region="CN")
    assert told.value.key == "chains.error.not_split"
    assert told.value.text("zh")


def test_rows_lead_to_the_flows_of_every_year(ws: Workspace) -> None:
    finding = ws.ask("chains.self_reliance", region="CN")
    row = finding.rows()[0]
    found = [rows.to_pylist() for item, rows in finding.evidence(0).tables if item.table == "link"]
    assert [links[0]["period"] for links in found] == ["2017", "2018", "2020"]
    assert {link["to_id"] for links in found for link in links} == {row["field_id"]}
    k = int(row["field_id"][-1]) - 1
    imported = sum(link["weight"] for link in found[-1] if link["kind"] == "flow_imported")
    assert imported == pytest.approx(LAST.imported[:, k].sum())


def test_products_lead_to_what_the_sector_buys_and_who_else_buys_them(ws: Workspace) -> None:
    finding = ws.ask("chains.self_reliance", region="CN", field="toy6:3", period="2020")
    product = finding.rows()[0]["field_id"]
    bought, sold = (rows.to_pylist() for item, rows in finding.evidence(0).tables if item.table == "link")
    assert {link["to_id"] for link in bought} == {"toy6:3"}
    assert {link["from_id"] for link in sold} == {product}


def test_chinese_fuels_and_electronics_rest_on_imports_most(shared: Path, tmp_path: Path) -> None:
    ws = real(shared, tmp_path, "cn_input_output")
    finding = ws.ask("chains.self_reliance", region="CN")
    assert finding.scope.period == "2017:2020"
    assert {row["field_id"] for row in finding.rows()[:2]} == {"cnio42_2017:11", "cnio42_2017:20"}
    electronics = next(row for row in finding.rows() if row["field_id"] == "cnio42_2017:20")
    assert 0.4 < electronics["import_content"] < 0.46
    assert electronics["product_id"] == "cnio42_2017:20"
    whole = ws.ask("chains.self_reliance", region="CN", scheme="cnio153_2018")
    assert "chains.caveat.proportional" in {caveat.key for caveat in whole.caveats}

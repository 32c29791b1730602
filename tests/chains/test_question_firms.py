"""chains.firms: networks small enough to follow by hand, and the made-up one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from foreland.core.errors import DataError, UsageError
from foreland.data.chains.options import EdgeOptions
from foreland.data.load import load
from foreland.data.workspace import Workspace, open_workspace

Network = Callable[[str], Workspace]


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """A workspace with the trades of a text of ``supplier,customer,amount`` and further columns."""

    def make(text: str) -> Workspace:
        file = tmp_path / "trades.csv"
        file.write_text(text, encoding="utf-8")
        ws = open_workspace(tmp_path / "workspace")
        load(ws, file, layout="suppliers", edges=EdgeOptions.from_options("suppliers", source_id="net", period="2024"))
        return ws

    return make


def risks(ws: Workspace, **asked: object) -> dict[str, float]:
    return {row["firm_id"].rpartition(":")[2]: row["esri"] for row in ws.ask("chains.firms", **asked).rows()}


def test_a_line_of_firms(network: Network) -> None:
    ws = network("supplier,customer,amount\nA,B,100\nB,C,300\nC,D,600\n")
    # All output is 1,000. Whoever fails, the others lose all inputs or all orders.
    assert risks(ws) == pytest.approx({"A": 1, "B": 1, "C": 1, "D": 1})


def test_two_suppliers_share_a_customer(network: Network) -> None:
    ws = network("supplier,customer,amount\nA,C,30\nB,C,70\nC,D,100\n")
    # Without A, C lacks 30 % of its inputs and D gets 30 % less; B keeps its orders.
    assert risks(ws)["A"] == pytest.approx((30 + 0.3 * 100) / 200)
    assert risks(ws)["B"] == pytest.approx((70 + 0.7 * 100) / 200)
    assert risks(ws)["D"] == pytest.approx(1)
    # Where nothing stands in for an input, either of them stops C.
    strict = risks(ws, production="leontief")
    assert strict["A"] == pytest.approx((30 + 100) / 200)


def test_customers_turn_to_the_rest_of_the_sector(network: Network) -> None:
    trades = "supplier,customer,amount,supplier_sector,customer_sector\n"
    ws = network(trades + "A,C,30,parts,cars\nB,C,30,parts,cars\nE,C,30,parts,cars\nC,D,90,cars,shops\n")
    # A made as much as half of what is left of parts, so half of its third of C's inputs can't be had elsewhere.
    assert risks(ws)["A"] == pytest.approx((30 + 90 / 3 / 2) / 180)
    finding = ws.ask("chains.firms")
    assert "field_id" in finding.table.column_names
    assert {row["field_id"] for row in finding.rows()} == {"net:parts", "net:cars", "net:shops"}


def test_a_cascade_lists_whom_it_hits(network: Network) -> None:
    ws = network("supplier,customer,amount\nA,C,30\nB,C,70\nC,D,100\nX,Y,10\n")
    finding = ws.ask("chains.firms", firm="A")
    rows = {row["firm_id"].rpartition(":")[2]: row for row in finding.rows()}
    assert set(rows) == {"C", "D"}
    assert rows["C"]["loss_own"] == pytest.approx(0.3)
    assert rows["C"]["loss_share"] == pytest.approx(0.3 * 100 / 210)
    assert finding.provenance.parameters["firm"] == "net:firm:A"
    assert f"{(30 + 30) / 210:.1%}" in finding.headline["en"]


def test_a_firm_that_hits_nobody(network: Network) -> None:
    ws = network("supplier,customer,amount\nA,B,0\nB,C,5\nC,B,5\n")
    finding = ws.ask("chains.firms", firm="A")
    assert len(finding) == 0
    assert "no other firm" in finding.headline["en"]
    assert finding.chart("cascade", "zh").to_dict()


def test_trades_without_amounts_count_alike_and_it_is_told(network: Network) -> None:
    ws = network("supplier,customer\nA,C\nB,C\nC,D\n")
    assert risks(ws)["A"] == pytest.approx((1 + 0.5) / 3)
    assert "no_amounts" in {caveat.code for caveat in ws.ask("chains.firms").caveats}


def test_some_trades_without_amounts_are_left_out(network: Network) -> None:
    ws = network("supplier,customer,amount\nA,C,30\nB,C,\nC,D,30\n")
    assert set(risks(ws)) == {"A", "C", "D"}
    caveat = next(c for c in ws.ask("chains.firms").caveats if c.code == "some_amounts")
    assert caveat.parameters == {"number": 1, "of": 3}


def test_a_firm_is_found_by_name_and_a_wrong_name_gets_the_nearest(library: Workspace) -> None:
    one = library.ask("chains.firms", firm="fenwick paste (made up)")
    assert one.id == library.ask("chains.firms", firm="M401").id
    with pytest.raises(UsageError, match="M401"):
        library.ask("chains.firms", firm="Fenwik")


def test_a_workspace_without_trades_says_what_to_load(packed: Workspace) -> None:
    with pytest.raises(DataError, match="supplier"):
        packed.ask("chains.firms")


def test_the_made_up_network(library: Workspace) -> None:
    finding = library.ask("chains.firms", source="made-up-suppliers")
    rows = finding.rows()
    assert len(rows) == 26
    values = [row["esri"] for row in rows]
    assert values == sorted(values, reverse=True)
    assert all(row["esri"] >= row["own_share"] - 1e-12 for row in rows)
    assert all(row["esri"] <= row["esri_downstream"] + row["esri_upstream"] + 1e-12 for row in rows)
    assert sum(row["own_share"] for row in rows) == pytest.approx(1)
    file = Path(__file__).parents[1] / "library" / "suppliers" / "trades.csv"
    trades = list(csv.DictReader(file.open(encoding="utf-8")))
    sold = {row["supplier"] for row in trades}
    for row in rows:
        code = row["firm_id"].rpartition(":")[2]
        assert row["customers"] == sum(trade["supplier"] == code for trade in trades)
        assert (row["own_share"] > 0) == (code in sold)
    assert finding.name(rows[0]["firm_id"], "zh").endswith("（虚构）")


def test_a_row_leads_to_what_the_firm_sells_and_buys(library: Workspace) -> None:
    finding = library.ask("chains.firms", source="made-up-suppliers")
    for n, row in enumerate(finding.rows()):
        sold, bought = (found for _, found in finding.evidence(n).tables)
        assert (sold.num_rows, bought.num_rows) == (row["customers"], row["suppliers"])


def test_the_profile_falls_and_the_list_ends_where_asked(library: Workspace) -> None:
    finding = library.ask("chains.firms", top=5)
    assert len(finding) == 5
    profile = finding.tables["profile"].to_pydict()
    assert len(profile["rank"]) == 26
    assert (np.diff(profile["esri"]) <= 0).all()


def test_of_two_networks_it_is_the_larger_and_says_so(network: Network, tmp_path: Path) -> None:
    ws = network("supplier,customer,amount\nA,B,100\nB,C,300\n")
    assert "network_chosen" not in {caveat.code for caveat in ws.ask("chains.firms").caveats}
    file = tmp_path / "more.csv"
    file.write_text("supplier,customer,amount\nE,F,1\nF,G,1\nG,H,1\n", encoding="utf-8")
    load(ws, file, layout="suppliers", edges=EdgeOptions.from_options("suppliers", source_id="more", period="2024"))
    finding = ws.ask("chains.firms")
    assert finding.scope.source == "more"
    told = next(caveat for caveat in finding.caveats if caveat.code == "network_chosen")
    assert "(more)" in told.text("en")
    assert "（net）" in told.text("zh")
    own = ws.ask("chains.firms", source="net")
    assert own.scope.source == "net"
    assert "network_chosen" not in {caveat.code for caveat in own.caveats}


def test_an_unknown_firm_is_told_with_the_nearest(network: Network) -> None:
    ws = network("supplier,customer,amount\nAdda,Edda,100\nEdda,Cora,300\n")
    with pytest.raises(UsageError) as error:
        ws.ask("chains.firms", firm="Eddi")
    assert "Eddi. Did you mean" in error.value.what("en")

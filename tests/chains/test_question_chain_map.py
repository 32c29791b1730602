"""chains.map, and how the questions read a product chain: held against the made-up chain's own files."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest

from foreland.chains.questions.chain_notes import cycles
from foreland.chains.questions.drawn import in_layers, strongest
from foreland.chains.questions.product_chains import chains, read
from foreland.core.errors import DataError, UsageError
from foreland.core.scope import Scope
from foreland.data.workspace import Workspace, open_workspace

FOLDER = Path(__file__).parents[1] / "library" / "chain"


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_chain_is_read_as_it_stands_in_the_files(moonlamp: Workspace) -> None:
    chain = read(moonlamp, Scope.of())
    assert [(entry.scheme, entry.products) for entry in chains(moonlamp)] == [("moonlamp", 24)]
    named = {f"moonlamp:{row['product']}" for row in table("products")}
    assert set(chain.products) == named
    pairs = {(chain.products[a], chain.products[b]) for a, b in chain.system.inputs}
    assert pairs == {(f"moonlamp:{r['input']}", f"moonlamp:{r['goes_into']}") for r in table("edges")}
    for row in table("supply"):
        if row["supplier"] or row["country"] not in chain.places:
            continue
        k, place = chain.index(f"moonlamp:{row['product']}"), chain.places.index(row["country"])
        assert chain.system.shares[k, place] == pytest.approx(float(row["share"].rstrip("%")) / 100)
        assert chain.years[k] == row["year"]
    assert {firm.called["en"] for firm in chain.firms if firm.field_id == "moonlamp:dusk resist"} == {
        row["supplier"] for row in table("supply") if row["product"] == "dusk resist" and row["supplier"]
    }


def test_a_later_period_is_not_read_where_an_earlier_one_is_asked_for(moonlamp: Workspace) -> None:
    chain = read(moonlamp, Scope.of(period="2020"))
    assert {year for year in chain.years if year} == {"2019"}
    assert len(chain.system.inputs) == 20  # the edges stand in 2024 only


def test_places_are_one_bloc_and_provinces_are_seen_as_their_country(moonlamp: Workspace) -> None:
    chain = read(moonlamp, Scope.of(region="NL,JP"))
    k = chain.index("moonlamp:deep bench")
    both = read(moonlamp, Scope.of(region="NL,JP")).bloc
    assert both.shares[chain.index("moonlamp:shallow bench")].max() == pytest.approx(1.0)
    assert both.shares[k].max() == pytest.approx(1.0)
    assert read(moonlamp, Scope.of(region="CN-ZJ")).asking == read(moonlamp, Scope.of(region="CN")).asking
    province = moonlamp.ask("chains.map", region="CN-ZJ")
    assert "China" in province.headline["en"]
    assert "Zhejiang" not in province.headline["en"]
    assert "seen_as" in {caveat.code for caveat in province.caveats}
    outside = moonlamp.ask("chains.map", region="BR")
    assert "absent" in {caveat.code for caveat in outside.caveats}
    with pytest.raises(UsageError):
        moonlamp.ask("chains.map", region="XX-NOWHERE")


def test_rings_are_found_and_told(moonlamp: Workspace) -> None:
    chain = read(moonlamp, Scope.of())
    assert [{chain.products[k] for k in ring} for ring in cycles(chain)] == [
        {"moonlamp:assembly robot", "moonlamp:glow regulator"}
    ]
    caveats = {caveat.code: caveat for caveat in moonlamp.ask("chains.map").caveats}
    assert "辉光调节器" in caveats["cycles"].text("zh")
    assert {"old_shares", "rounded", "subcategories", "unattributed", "in_full", "no_score"} <= set(caveats)


def test_inputs_stand_left_of_what_they_go_into_but_where_they_run_in_a_ring(moonlamp: Workspace) -> None:
    layer = {row["field_id"]: row["layer"] for row in moonlamp.ask("chains.map").rows()}
    against = [
        (row["input"], row["goes_into"])
        for row in table("edges")
        if layer[f"moonlamp:{row['input']}"] >= layer[f"moonlamp:{row['goes_into']}"]
    ]
    assert len(against) == 1
    assert set(against[0]) == {"assembly robot", "glow regulator"}
    for row in table("types"):
        assert layer[f"moonlamp:{row['product']}"] == layer[f"moonlamp:{row['type_of']}"]


def test_own_share_is_the_place_s_and_no_one_s_for_the_world(moonlamp: Workspace) -> None:
    seen = {row["field_id"]: row["own_supply"] for row in moonlamp.ask("chains.map", region="CN").rows()}
    assert seen["moonlamp:glimmer sand"] == pytest.approx(0.30)
    assert seen["moonlamp:red paste"] == pytest.approx(0.80)
    assert seen["moonlamp:deep bench"] == 0
    assert seen["moonlamp:etching step"] is None  # nobody supplies a step
    assert {row["own_supply"] for row in moonlamp.ask("chains.map").rows()} == {None}


def test_a_row_leads_to_its_shares_suppliers_and_edges(moonlamp: Workspace) -> None:
    finding = moonlamp.ask("chains.map", region="CN")
    rows = [row["field_id"] for row in finding.rows()]
    shares, firms, into, out = (
        found.to_pylist() for _, found in finding.evidence(rows.index("moonlamp:dusk resist")).tables
    )
    assert {row["region_id"]: row["value"] for row in shares} == pytest.approx({"JP": 0.9, "US": 0.06, "CN": 0.02})
    assert len(firms) == 4
    assert into == []
    assert [row["to_id"] for row in out] == ["moonlamp:etching step"]


def test_without_a_chain_the_strongest_flows_of_a_table_are_drawn(packed: Workspace) -> None:
    finding = packed.ask("chains.map", region="US")
    rows = finding.rows()
    assert len(rows) == 71
    # The furthest from final use stand in the first layer.
    by_layer = [[row["upstreamness"] for row in rows if row["layer"] == n] for n in range(1, 7)]
    assert all(min(before) >= max(after) for before, after in itertools.pairwise(by_layer))
    assert len(finding.tables["links"]) == 107
    with pytest.raises(DataError, match="no-such"):
        packed.ask("chains.map", scheme="no-such")


def test_an_empty_workspace_says_how_to_load_a_chain(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="foreland load FOLDER --as chain"):
        open_workspace(tmp_path / "empty").ask("chains.map")


def test_an_unknown_product_is_told_with_the_nearest(moonlamp: Workspace) -> None:
    with pytest.raises(UsageError, match="moonlamp:dusk resist"):
        moonlamp.ask("chains.map", field="moonlamp:dusk resit")
    with pytest.raises(DataError, match=r"moonlamp \(made-up-moonlamp\)"):
        moonlamp.ask("chains.map", source="other")


def test_strongest_flows_hold_the_largest_input_of_each_sector() -> None:
    flows = np.random.default_rng(4).uniform(0, 9, (12, 12))
    np.fill_diagonal(flows, 99)
    links = strongest(flows)
    assert len(links) == len(set(links)) == 18
    assert all(a != b for a, b in links)
    np.fill_diagonal(flows, 0)
    for j in range(12):
        assert (int(flows[:, j].argmax()), j) in links
    weakest = min(flows[a, b] for a, b in links if flows[:, b].max() > flows[a, b])
    left_out = [flows[i, j] for i in range(12) for j in range(12) if i != j and (i, j) not in links]
    assert weakest >= max(left_out)


def test_layers_of_sectors_are_about_equal() -> None:
    steps = np.random.default_rng(1).uniform(1, 4, 71)
    layer = in_layers(steps, 6)
    assert set(np.bincount(layer)) <= {11, 12}
    assert steps[layer == 0].min() >= steps[layer == 1].max()

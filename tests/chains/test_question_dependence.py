"""chains.dependence: leverage on the made-up chain, held against sums made here."""

from __future__ import annotations

import numpy as np
import pytest

from foreland.chains.questions.product_chains import read
from foreland.core.finding import Finding
from foreland.core.scope import Scope
from foreland.data.workspace import Workspace


@pytest.fixture(scope="module")
def finding(moonlamp: Workspace) -> Finding:
    return moonlamp.ask("chains.dependence", region="CN")


def mass(ws: Workspace) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Weight of each product from the parts that chains.chokepoints tells, and the shares as published."""
    chain = read(ws, Scope.of())
    parts = {row["field_id"]: row for row in ws.ask("chains.chokepoints").rows()}
    weight = np.zeros(len(chain.products))
    for k, product in enumerate(chain.products):
        row = parts[product]
        if row["rank"] is not None:
            weight[k] = (row["part_concentration"] * row["part_substitutes"] * row["part_position"]) ** (1 / 3)
    shares = np.nan_to_num(chain.system.shares)
    return weight / weight.sum(), shares / np.maximum(shares.sum(axis=1, keepdims=True), 1), chain.places


def test_leverage_is_what_one_supplies_and_the_other_lacks(moonlamp: Workspace, finding: Finding) -> None:
    weight, shares, places = mass(moonlamp)
    us = places.index("CN")
    for row in finding.rows():
        them = places.index(row["region_id"])
        over = weight * shares[:, them] * (1 - shares[:, us])
        assert row["leverage"] == pytest.approx(over.sum())
        assert row["leverage_back"] == pytest.approx((weight * shares[:, us] * (1 - shares[:, them])).sum())
        assert row["leverage_net"] == pytest.approx(row["leverage"] - row["leverage_back"])
        assert row["supplied"] == pytest.approx((weight * shares[:, them]).sum())
        assert row["lacked"] == pytest.approx(1 - row["supplied"])
        if over.max() > 0:
            assert row["lever_id"] == read(moonlamp, Scope.of()).products[int(over.argmax())]
    assert [row["leverage"] for row in finding.rows()] == sorted((r["leverage"] for r in finding.rows()), reverse=True)


def test_the_threshold_says_what_is_controlled(moonlamp: Workspace, finding: Finding) -> None:
    def controlled(threshold: float) -> set[str]:
        found = moonlamp.ask("chains.dependence", region="CN", threshold=threshold)
        return {r["field_id"].partition(":")[2] for r in found.tables["products"].to_pylist() if r["controlled"]}

    assert controlled(0.5) == {"moon paste", "red paste", "blue paste", "hull glass", "moon lamp"}
    assert controlled(0.75) == {"red paste", "hull glass"}
    assert "5 of" in finding.headline["en"]


def test_a_bloc_is_one_and_stands_in_no_row(moonlamp: Workspace) -> None:
    bloc = moonlamp.ask("chains.dependence", region="JP,NL")
    assert {"JP", "NL"}.isdisjoint(row["region_id"] for row in bloc.rows())
    shallow = {row["field_id"]: row for row in bloc.tables["products"].to_pylist()}["moonlamp:shallow bench"]
    assert shallow["own_supply"] == pytest.approx(1)


def test_a_place_without_supply_lacks_all_that_others_supply(moonlamp: Workspace) -> None:
    outside = moonlamp.ask("chains.dependence", region="BR")
    assert all(row["leverage"] == pytest.approx(row["supplied"]) for row in outside.rows())
    assert {row["leverage_back"] for row in outside.rows()} == {0}


def test_the_world_has_no_us(moonlamp: Workspace) -> None:
    world = moonlamp.ask("chains.dependence")
    assert "leverage" not in world.table.column_names
    assert world.charts == ("supply", "map")
    cells = {(c["region_id"], c["user_id"]): c["leverage"] for c in world.tables["cells"].to_pylist()}
    weight, shares, places = mass(moonlamp)
    jp, us = places.index("JP"), places.index("US")
    assert cells["JP", "US"] == pytest.approx((weight * shares[:, jp] * (1 - shares[:, us])).sum())


def test_a_row_leads_to_the_shares_of_the_place(finding: Finding) -> None:
    row = finding.rows()[0]
    shares, edges = (found.to_pylist() for _, found in finding.evidence(0).tables)
    assert {share["region_id"] for share in shares} == {row["region_id"]}
    assert {edge["from_id"] for edge in edges} == {row["lever_id"]}

"""chains.node: one product of the made-up chain, held against its files."""

from __future__ import annotations

from typing import Any

import pytest

from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding
from foreland.data.workspace import Workspace


def of(finding: Finding, relation: str) -> list[dict[str, Any]]:
    return [row for row in finding.rows() if row["relation"] == relation]


def ask(ws: Workspace, product: str, **more: Any) -> Finding:
    return ws.ask("chains.node", field=f"moonlamp:{product}", **more)


def test_suppliers_firms_and_neighbours_are_told(moonlamp: Workspace) -> None:
    found = ask(moonlamp, "dusk resist", region="CN")
    assert {row["region_id"]: row["share"] for row in of(found, "supplier")} == pytest.approx(
        {"JP": 0.9, "US": 0.06, "CN": 0.02}
    )
    assert [row["share"] for row in of(found, "firm")] == pytest.approx([0.55, 0.35, 0.06, 0.02])
    assert found.name(of(found, "firm")[0]["firm_id"], "en") == "Yoru Resist (made up)"
    assert [row["product_id"] for row in of(found, "goes_into")] == ["moonlamp:etching step"]
    assert {row["product_id"].partition(":")[2] for row in of(found, "depends")} == {
        "plating step", "lamp head", "moon lamp", "test step"
    }  # fmt: skip
    assert "90%" in found.headline["en"]
    assert "2%" in found.headline["zh"]


def test_a_step_has_inputs_and_a_type_its_types(moonlamp: Workspace) -> None:
    step = ask(moonlamp, "etching step")
    assert {row["product_id"].partition(":")[2] for row in of(step, "input")} == {
        "lume wafer", "etching bench", "dusk resist", "star mask"
    }  # fmt: skip
    assert "suppliers" not in step.charts
    assert "not known (0 places and 0 firms are named)" in step.headline["en"]
    bench = ask(moonlamp, "etching bench")
    assert len(of(bench, "type")) == 3
    deep = ask(moonlamp, "deep bench")
    assert {row["product_id"] for row in of(deep, "substitute")} == {"moonlamp:shallow bench", "moonlamp:dry bench"}
    assert "alone" in deep.headline["en"]


def test_a_firm_without_a_share_is_told_without_one(moonlamp: Workspace) -> None:
    found = ask(moonlamp, "plating bench")
    assert [row["share"] for row in of(found, "firm")] == [None]
    assert "firms" not in found.charts


def test_rows_lead_to_the_share_the_firm_and_the_edge(moonlamp: Workspace) -> None:
    found = ask(moonlamp, "dusk resist")
    rows = found.rows()

    def behind(relation: str) -> list[list[dict[str, Any]]]:
        at = next(n for n, row in enumerate(rows) if row["relation"] == relation)
        return [table.to_pylist() for _, table in found.evidence(at).tables]

    assert [row["value"] for row in behind("supplier")[0]] == [0.9]
    assert [row["weight"] for row in behind("firm")[1]] == [0.55]
    assert [(row["from_id"], row["to_id"]) for row in behind("goes_into")[2]] == [
        ("moonlamp:dusk resist", "moonlamp:etching step")
    ]


def test_the_picture_holds_the_product_and_its_neighbours(moonlamp: Workspace) -> None:
    found = ask(moonlamp, "deep bench", region="CN")
    nodes = {row["field_id"].partition(":")[2] for row in found.tables["nodes"].to_pylist()}
    assert {"deep bench", "etching bench", "shallow bench", "etching step", "plating step", "dusk resist"} <= nodes
    assert "glimmer sand" not in nodes


def test_without_a_product_the_tightest_chokepoint_is_told(moonlamp: Workspace) -> None:
    tightest = moonlamp.ask("chains.chokepoints", region="CN").rows()[0]["field_id"]
    assert moonlamp.ask("chains.node", region="CN").scope.field == (tightest,)


def test_what_is_no_product_is_told(moonlamp: Workspace) -> None:
    with pytest.raises(UsageError, match="moonlamp:moon paste"):
        ask(moonlamp, "mon paste")
    with pytest.raises(DataError, match="product chain"):
        moonlamp.ask("chains.node", field="chips:N20")


@pytest.mark.parametrize("product", ["moon lamp", "glow regulator", "assembly robot", "test step", "red paste"])
def test_every_kind_of_product_draws(moonlamp: Workspace, product: str) -> None:
    found = ask(moonlamp, product, region="KR")
    for language in ("zh", "en"):
        for chart in found.charts:
            assert found.chart(chart, language).to_dict()  # type: ignore[arg-type]

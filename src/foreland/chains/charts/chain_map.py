"""The chain as a picture."""

from __future__ import annotations

from typing import Any

from foreland.charts.chain import Look, chain_map
from foreland.core.finding import Finding
from foreland.core.registry import chart
from foreland.i18n import current_language, t


@chart("chains.map", "layers")
def layers(finding: Finding) -> Any:
    """Products or sectors in layers, coloured by risk or by what the place makes itself."""
    rows = {row["field_id"]: row for row in finding.rows()}
    nodes = [{**node, **rows[node["field_id"]], "layer": node["layer"]} for node in finding.tables["nodes"].to_pylist()]
    own = finding.provenance.parameters["shade"] == "own"
    language = current_language()
    place = ",".join(finding.scope.region)
    source = finding.scope.source
    if "chokepoint" in finding.table.column_names:
        look = Look(
            label="field_id",
            fill="own_supply" if own and place else "chokepoint",
            size="depending",
            told=("leader_id", "leader_share", "own_supply") if place else ("leader_id", "leader_share"),
            ends=(t("charts.chain.first", language), t("charts.chain.last", language)),
            page="chains.node",
            classes=(0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
            asked={"region": place, "source": source},
        )
    else:
        look = Look(
            label="field_id",
            fill="self_reliance_chain" if own else "import_content",
            size="output",
            told=("upstreamness",),
            ends=(t("chains.word.far_from_use", language), t("chains.word.near_use", language)),
            page="chains.linkages",
            asked={"region": place, "source": source, "scheme": finding.scope.scheme, "period": finding.scope.period},
        )
    return chain_map(finding, nodes, finding.tables["links"].to_pylist(), look)

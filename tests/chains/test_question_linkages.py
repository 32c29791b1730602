"""chains.linkages: what is said of products of any origin."""

from __future__ import annotations

import numpy as np
import pytest
from tests.chains.landed import made_up, workspace

from foreland.data.workspace import Workspace

YEAR = made_up(6)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("linkages"), {"2020": YEAR})


@pytest.mark.parametrize("flows", ["domestic", "total"])
def test_multipliers_count_the_products_that_are_said(ws: Workspace, flows: str) -> None:
    finding = ws.ask("chains.linkages", region="CN", flows=flows)
    used = YEAR.home + (YEAR.imported if flows == "total" else 0)
    expected = np.linalg.inv(np.eye(6) - used / YEAR.output).sum(axis=0)
    found = {row["field_id"]: row["output_multiplier"] for row in finding.rows()}
    np.testing.assert_allclose([found[f"toy6:{k}"] for k in range(1, 7)], expected, rtol=1e-9)
    assert ("as_if_at_home" in {caveat.code for caveat in finding.caveats}) is (flows == "total")


def test_value_added_and_imports_of_a_unit_of_final_use_are_the_unit(ws: Workspace) -> None:
    for row in ws.ask("chains.linkages", region="CN").rows():
        assert row["added_multiplier"] + row["import_multiplier"] == pytest.approx(1, rel=1e-9)

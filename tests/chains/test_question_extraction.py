"""chains.extraction: held against solving the reduced system itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.chains.landed import Year, made_up, real, workspace

from foreland.core.errors import UsageError
from foreland.data.workspace import Workspace

YEAR = made_up(3)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace(tmp_path_factory.mktemp("extraction"), {"2017": made_up(2), "2020": YEAR})


def without(year: Year, k: int, *, buys: bool = True, sells: bool = True, weight: np.ndarray | None = None) -> float:
    """What is lost, from the reduced system solved anew."""
    A, f = year.coefficients.copy(), sum(year.final.values()).copy()
    if buys:
        A[:, k] = 0
    if sells:
        A[k], f[k] = 0, 0
    w = np.ones(6) if weight is None else weight / year.output
    left = np.linalg.solve(np.eye(6) - A, f)
    return float(w @ year.output - w @ left)


def test_losses_are_those_of_the_reduced_system(ws: Workspace) -> None:
    rows = {row["field_id"]: row for row in ws.ask("chains.extraction", region="CN", period="2020").rows()}
    whole = YEAR.output.sum()
    for k in range(6):
        row = rows[f"toy6:{k + 1}"]
        assert row["loss_total"] == pytest.approx(without(YEAR, k) / whole)
        assert row["loss_others"] == pytest.approx((without(YEAR, k) - YEAR.output[k]) / whole)
        assert row["loss_backward"] == pytest.approx(without(YEAR, k, sells=False) / whole)
        assert row["share"] == pytest.approx(YEAR.output[k] / whole)
        assert row["missed"] == pytest.approx((without(YEAR, k) - YEAR.output[k]) / YEAR.output[k])


def test_forward_loss_is_that_of_the_supply_driven_model(ws: Workspace) -> None:
    B = YEAR.home / YEAR.output[:, None]
    primary = YEAR.output - YEAR.home.sum(axis=0)
    for row in ws.ask("chains.extraction", region="CN", loss="forward").rows():
        k = int(row["field_id"][-1]) - 1
        cut = B.copy()
        cut[k] = 0
        left = np.linalg.solve((np.eye(6) - cut).T, primary)
        assert row["loss_forward"] == pytest.approx(1 - left.sum() / YEAR.output.sum())


@pytest.mark.parametrize("loss", ["others", "total", "backward", "forward"])
def test_rows_are_ranked_by_the_loss_asked_for(ws: Workspace, loss: str) -> None:
    finding = ws.ask("chains.extraction", region="CN", loss=loss)
    values = [row[f"loss_{loss}"] for row in finding.rows()]
    assert values == sorted(values, reverse=True)
    assert [row["rank"] for row in finding.rows()] == list(range(1, 7))
    assert f"{values[0]:.1%}" in finding.headline["en"]
    assert f"{values[0]:.1%}" in finding.headline["zh"]


def test_value_added_is_lost_with_the_output_it_arises_in(ws: Workspace) -> None:
    for row in ws.ask("chains.extraction", region="CN", measured="added").rows():
        k = int(row["field_id"][-1]) - 1
        assert row["loss_total"] == pytest.approx(without(YEAR, k, weight=YEAR.added) / YEAR.added.sum())


def test_one_sector_lists_whom_its_loss_would_hit(ws: Workspace) -> None:
    finding = ws.ask("chains.extraction", region="CN", field="toy6:4")
    assert [row["field_id"] for row in finding.rows()] == ["toy6:4"]
    A, f = YEAR.coefficients.copy(), sum(YEAR.final.values()).copy()
    A[:, 3] = A[3] = f[3] = 0
    left = np.linalg.solve(np.eye(6) - A, f)
    losers = finding.tables["losers"].to_pylist()
    assert len(losers) == 5
    for row in losers:
        i = int(row["field_id"][-1]) - 1
        assert row["loss_own"] == pytest.approx(1 - left[i] / YEAR.output[i])
        assert row["loss_amount"] == pytest.approx(YEAR.output[i] - left[i])
    assert losers == sorted(losers, key=lambda row: -row["loss_own"])
    assert finding.charts == ("losers",)
    assert finding.chart("losers", "zh").to_dict()


def test_some_sectors_keep_their_rank_among_all(ws: Workspace) -> None:
    every = {row["field_id"]: row["rank"] for row in ws.ask("chains.extraction", region="CN").rows()}
    finding = ws.ask("chains.extraction", region="CN", field="toy6:1,toy6:4")
    assert {row["field_id"]: row["rank"] for row in finding.rows()} == {i: every[i] for i in ("toy6:1", "toy6:4")}
    assert "more than without any other" not in finding.headline["en"]


def test_a_row_leads_to_what_the_sector_buys_and_sells(ws: Workspace) -> None:
    finding = ws.ask("chains.extraction", region="CN", period="2020")
    for n, row in enumerate(finding.rows()):
        k = int(row["field_id"][-1]) - 1
        bought, figures, sold = (found.to_pylist() for _, found in finding.evidence(n).tables)
        assert sum(link["weight"] for link in bought) == pytest.approx((YEAR.home + YEAR.imported)[:, k].sum())
        assert sum(link["weight"] for link in sold) == pytest.approx((YEAR.home + YEAR.imported)[k].sum())
        assert {link["period"] for link in bought + sold} == {"2020"}
        assert {"io_output", "io_value_added"} <= {figure["indicator_id"] for figure in figures}


def test_a_province_is_answered_from_the_national_table_and_told_so(ws: Workspace) -> None:
    finding = ws.ask("chains.extraction", region="CN-ZJ")
    assert "chains.caveat.national_table" in {caveat.key for caveat in finding.caveats}


def test_an_unknown_sector_is_told(ws: Workspace) -> None:
    with pytest.raises(UsageError, match="toy6:9"):
        ws.ask("chains.extraction", region="CN", field="toy6:9")


def test_construction_is_missed_most_in_china(shared: Path, tmp_path: Path) -> None:
    ws = real(shared, tmp_path, "cn_input_output")
    rows = ws.ask("chains.extraction", region="CN", period="2020", scheme="cnio42_2017").rows()
    assert rows[0]["field_id"] == "cnio42_2017:27"
    # Construction buys from all and sells to few: it is missed as a customer, hardly as a supplier.
    assert rows[0]["loss_backward"] > 10 * rows[0]["loss_forward"]
    assert sum(row["share"] for row in rows) == pytest.approx(1)

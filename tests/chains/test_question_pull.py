"""chains.pull: held against linear programmes and the inverse taken by hand."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from tests.chains.landed import NAMES, Landing, Year, made_up, real, table_of

import foreland
from foreland.chains.questions.makers import LEEWAY, fields_with_makers
from foreland.core.errors import UsageError
from foreland.data.chains.land import land
from foreland.data.chains.package import ChainPackage
from foreland.data.chains.table import Sectors, landed
from foreland.data.mapping import SourceInfo
from foreland.data.taxonomy.fields import leaves
from foreland.data.workspace import Workspace, open_workspace

YEAR = made_up(31)
# Farming food, ores metals, machines, chips, building, services: codes of the classification cnio42_2017.
OF_CHINA = Sectors("cnio42_2017", ("06", "14", "19", "20", "27", "35"), NAMES)
TOLD = {"20": (0.6, "good"), "19": (0.3, "partial"), "35": (0.1, "weak")}
"""Who makes the products of a field of the user's own."""


def folder() -> Path:
    return Path(foreland.__file__).parent / "chains"


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A table of six sectors with codes of a known classification, and a crosswalk from a field of one's own."""
    opened = open_workspace(tmp_path_factory.mktemp("pull") / "toy")
    tables = landed([table_of("2020", YEAR, Landing(sectors=OF_CHINA))])
    tables["field"] = [
        *tables["field"],
        {"field_id": "own:lidar", "scheme": "own", "code": "lidar", "name_en": "Lidar", "name_zh": "激光雷达"},
    ]
    tables["crosswalk"] = [
        {"from_id": "own:lidar", "to_id": f"cnio42_2017:{code}", "weight": weight, "quality": quality,
         "note_en": "As told", "note_zh": "自定"}
        for code, (weight, quality) in TOLD.items()
    ]  # fmt: skip
    package = ChainPackage(SourceInfo(source_id="toy", title_en="Made-up", title_zh="虚构"), tables, "0" * 64)
    with opened.staging() as staging:
        land(opened, staging, package, "toy", dry_run=False, tell=lambda *_: None)
    return opened


def extreme(row: np.ndarray, weights: np.ndarray, leeway: np.ndarray, most: bool) -> float:
    """The least or most of row·w over shares within their bounds, by a solver of linear programmes."""
    bounds = [(w * (1 - a), min(w * (1 + a), 1.0)) for w, a in zip(weights, leeway, strict=True)]
    found = linprog(-row if most else row, A_eq=np.ones((1, 6)), b_eq=[1.0], bounds=bounds)
    assert found.success
    return float(row @ found.x)


def weights_of(told: dict[str, tuple[float, str]]) -> tuple[np.ndarray, np.ndarray]:
    weights = np.array([told.get(code, (0.0, "good"))[0] for code in OF_CHINA.codes])
    leeway = np.array([LEEWAY[told.get(code, (0.0, "good"))[1]] for code in OF_CHINA.codes])
    return weights, leeway


def effects(year: Year) -> dict[str, np.ndarray]:
    L = year.inverse
    return {
        "pulled_output": L,
        "pulled_added": (year.added / year.output)[:, None] * L,
        "pulled_imports": (year.imported / year.output) @ L,
    }


def test_effects_and_bounds_are_those_of_linear_programmes(ws: Workspace) -> None:
    weights, leeway = weights_of(TOLD)
    rows = ws.ask("chains.pull", region="CN", field="own:lidar").rows()
    assert len(rows) == 6
    for row, (column, matrix) in itertools.product(rows, effects(YEAR).items()):
        effect = matrix[OF_CHINA.ids.index(row["field_id"])]
        assert row[column] == pytest.approx(100 * effect @ weights)
        assert row[f"{column}_low"] == pytest.approx(100 * extreme(effect, weights, leeway, most=False))
        assert row[f"{column}_high"] == pytest.approx(100 * extreme(effect, weights, leeway, most=True))


def test_value_added_and_imports_make_up_what_is_spent(ws: Workspace) -> None:
    rows = ws.ask("chains.pull", region="CN", field="own:lidar").rows()
    assert sum(row["pulled_added"] + row["pulled_imports"] for row in rows) == pytest.approx(100)


def test_fields_side_by_side_have_the_totals_of_each_alone(ws: Workspace) -> None:
    finding = ws.ask("chains.pull", region="CN", field="own:lidar,iotf:semiconductors")
    for row in finding.rows():
        alone = ws.ask("chains.pull", region="CN", field=row["field_id"]).rows()
        assert row["pulled_output"] == pytest.approx(sum(each["pulled_output"] for each in alone))
        assert row["pulled_output_low"] <= row["pulled_output"] <= row["pulled_output_high"]
        # Bounds of a sum are never wider than the sums of bounds.
        assert row["pulled_output_high"] <= sum(each["pulled_output_high"] for each in alone) + 1e-9
    assert finding.charts == ("fields", "abroad")
    for chart in finding.charts:
        assert finding.chart(chart, "zh").to_dict()


def test_a_sector_of_the_table_makes_its_own_products(ws: Workspace) -> None:
    row = {r["field_id"]: r for r in ws.ask("chains.pull", region="CN", field="cnio42_2017:19").rows()}
    for k, sector in enumerate(OF_CHINA.ids):
        assert row[sector]["pulled_output"] == pytest.approx(100 * YEAR.inverse[k, 2])
        assert row[sector]["pulled_output_low"] == pytest.approx(row[sector]["pulled_output_high"])


def test_bundled_makers_that_a_table_lacks_leave_their_share_to_the_others(ws: Workspace) -> None:
    """Semiconductors: chips 0.8, special machinery 0.12 and chemicals 0.08; the table only has electronics."""
    finding = ws.ask("chains.pull", region="CN", field="iotf:semiconductors")
    makers = finding.tables["makers"].to_pylist()
    assert [(row["field_id"], row["made"]) for row in makers] == [("cnio42_2017:20", 1.0)]


def test_makers_are_told_with_their_reasons_in_both_languages(ws: Workspace) -> None:
    finding = ws.ask("chains.pull", region="CN", field="own:lidar")
    step = next(step for step in finding.provenance.steps if step.key == "chains.step.makers")
    assert "Chips 60% (good: As told)" in step.text("en")
    assert "芯片 60%（好：自定）" in step.text("zh")
    caveat = next(caveat for caveat in finding.caveats if caveat.key == "chains.caveat.editorial_shares")
    assert caveat.severity == "serious"
    assert "10%" in caveat.text("en")


def test_no_field_at_all_sets_every_field_side_by_side(ws: Workspace) -> None:
    rows = ws.ask("chains.pull", region="CN").rows()
    output = [row["pulled_output"] for row in rows]
    assert output == sorted(output, reverse=True)
    assert {row["field_id"] for row in rows} <= set(fields_with_makers())
    assert len(rows) > 15


def test_a_row_leads_to_the_flows_of_its_sector(ws: Workspace) -> None:
    finding = ws.ask("chains.pull", region="CN", field="own:lidar")
    sector = finding.rows()[0]["field_id"]
    bought, sold = (rows.to_pylist() for item, rows in finding.evidence(0).tables if item.table == "link")
    assert {link["to_id"] for link in bought} == {sector} == {link["from_id"] for link in sold}


@pytest.mark.parametrize(
    ("field", "key"),
    [("iotf:emerging_generic", "no_products"), ("iotf:g_energy", "no_makers"), ("wipo35:8", "no_makers")],
)
def test_what_has_no_makers_is_told(ws: Workspace, field: str, key: str) -> None:
    with pytest.raises(UsageError) as told:
        ws.ask("chains.pull", region="CN", field=field)
    assert told.value.key == f"chains.error.{key}"
    assert told.value.text("zh")


def test_every_field_has_makers_or_says_why_not() -> None:
    with (folder() / "pull_fields.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["from_id"] for row in rows} == set(leaves("iotf"))
    with (folder() / "pull_sectors.csv").open(encoding="utf-8", newline="") as lines:
        sectors = list(csv.DictReader(lines))
    schemes = {row["scheme"] for row in sectors}
    makers = {row["maker"] for row in sectors}
    assert {(row["maker"], row["scheme"]) for row in sectors} == set(itertools.product(makers, schemes))
    assert len(sectors) == len(makers) * len(schemes)
    for field in leaves("iotf"):
        own = [row for row in rows if row["from_id"] == field]
        assert all(row["note_en"] and row["note_zh"] for row in own)
        if own[0]["maker"]:
            assert sum(float(row["weight"]) for row in own) == pytest.approx(1)
            assert {row["maker"] for row in own} <= makers
            assert {row["quality"] for row in own} <= set(LEEWAY)
        else:
            assert field.endswith("_generic")


def test_codes_of_makers_are_sectors_of_the_real_tables(shared: Path, tmp_path: Path) -> None:
    china = real(shared, tmp_path, "cn_input_output")
    america = real(shared, tmp_path, "us_input_output")
    known = {
        row["field_id"]
        for ws in (china, america)
        for row in ws.to_arrow(ws.table("field").select("field_id")).to_pylist()
    }
    schemes = {identifier.partition(":")[0] for identifier in known}
    with (folder() / "pull_sectors.csv").open(encoding="utf-8", newline="") as lines:
        wanted = {f"{r['scheme']}:{code}" for r in csv.DictReader(lines) for code in r["codes"].split()
                  if r["scheme"] in schemes}  # fmt: skip
    assert len(wanted) > 200
    assert wanted <= known
    rows = {row["field_id"]: row for row in china.ask("chains.pull", region="CN", scheme="cnio153_2018").rows()}
    assert len(rows) == len(fields_with_makers())
    # Chips rest on imports more than medicines do, whatever the shares within their bounds.
    chips, medicines = rows["iotf:semiconductors"], rows["iotf:biomedicine"]
    assert chips["pulled_imports_low"] > medicines["pulled_imports_high"]


def test_a_crosswalk_of_ones_own_is_evidence(ws: Workspace) -> None:
    finding = ws.ask("chains.pull", region="CN", field="own:lidar")
    chips = next(n for n, row in enumerate(finding.rows()) if row["field_id"] == "cnio42_2017:20")
    rows = [row for item, found in finding.evidence(chips).tables if item.table == "crosswalk"
            for row in found.to_pylist()]  # fmt: skip
    assert [(row["from_id"], row["to_id"], row["weight"]) for row in rows] == [("own:lidar", "cnio42_2017:20", 0.6)]
    several = ws.ask("chains.pull", region="CN", field="own:lidar,iotf:semiconductors")
    n = next(n for n, row in enumerate(several.rows()) if row["field_id"] == "own:lidar")
    told = [found for item, found in several.evidence(n).tables if item.table == "crosswalk"]
    assert [found.num_rows for found in told] == [len(TOLD)]

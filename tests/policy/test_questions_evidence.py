"""Behind every row stand exactly the passages that it counts, whatever narrows the answer."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from foreland.core.finding import Finding
from foreland.data.workspace import Workspace

from .conftest import Made, said

ALL = 10**6
COUNTED = {
    "coverage": ("mentions", "field"),
    "attention": ("mentions", "field"),
    "instruments": ("count", "instrument"),
    "chain": ("count", "instrument"),
    "alignment": ("mentions", None),
    "emphasis": ("mentions", None),
}
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("coverage", {"field": "iotf:quantum"}),
    ("coverage", {"region": "CN-ZJ"}),
    ("coverage", {"region": "CN-ZJ", "period": "2025"}),
    ("coverage", {"level": "central", "texts": "en", "period": "2019:2021"}),
    ("coverage", {"level": "central", "texts": "zh", "source": "gov-work-reports-national", "field": "iotf:ai"}),
    ("attention", {"region": "CN", "field": "iotf:ai,iotf:quantum", "period": "2022:2026"}),
    ("attention", {"region": "CN-ZJ", "period": "2026"}),
    ("attention", {"field": "iotf:quantum"}),
    ("instruments", {"region": "CN-ZJ"}),
    ("instruments", {"region": "CN-AH,CN-ZJ", "field": "iotf:quantum"}),
    ("instruments", {"region": "CN", "texts": "zh", "period": "2024:2025"}),
    ("chain", {"region": "CN-ZJ"}),
    ("chain", {"region": "CN-GD", "field": "iotf:ai"}),
    ("chain", {"level": "central", "period": "2025"}),
    ("alignment", {"region": "CN-ZJ,CN-AH,CN-GD"}),
    ("alignment", {"region": "CN-ZJ", "by": "instrument"}),
    ("emphasis", {"region": "CN-ZJ"}),
    ("emphasis", {"region": "CN-ZJ", "by": "instrument"}),
)


def behind(finding: Finding, index: int, table: str = "passage") -> list[list[dict[str, Any]]]:
    inputs = tuple(item for item in finding.provenance.inputs if item.table == table)
    alone = dataclasses.replace(finding, provenance=dataclasses.replace(finding.provenance, inputs=inputs))
    return [rows.to_pylist() for _, rows in alone.evidence(index, ALL).tables]


@pytest.mark.parametrize(("name", "scope"), ASKED, ids=str)
def test_rows_of_the_library_have_as_many_passages_as_they_count(
    library: Workspace, name: str, scope: dict[str, Any]
) -> None:
    check(library, name, scope)


@pytest.mark.parametrize(("name", "scope"), [ASKED[i] for i in (0, 3, 9, 12, 16)], ids=str)
def test_rows_of_the_packs_have_as_many_passages_as_they_count(
    packed: Workspace, name: str, scope: dict[str, Any]
) -> None:
    check(packed, name, scope)


def check(ws: Workspace, name: str, scope: dict[str, Any]) -> None:
    finding = ws.ask(f"policy.{name}", **scope)
    column, kind = COUNTED[name]
    rows = finding.rows()
    assert any(row[column] for row in rows)
    for index in range(0, len(rows), max(1, len(rows) // 8)):
        row = rows[index]
        passages = behind(finding, index)[0]
        assert len(passages) == row[column], row
        assert {each["region_id"] for each in passages} <= {row["region_id"]}
        assert len({each["passage_id"] for each in passages}) == len(passages)
        if kind:
            assert {each["kind"] for each in passages} <= {kind}
        if "year" in row:
            assert {each["document_year"] for each in passages} <= {row["year"]}
        if row.get("field_id"):
            assert {each["field_id"] for each in passages} <= {row["field_id"]}


@pytest.mark.parametrize("status", ["target", "achieved", "all"])
def test_a_quantity_rests_on_its_own_passage(library: Workspace, status: str) -> None:
    finding = library.ask("policy.targets", region="CN-ZJ", status=status)
    rows = finding.rows()
    for index in range(0, len(rows), 17):
        row = rows[index]
        ((passage,),) = behind(finding, index)
        assert (passage["value"], passage["unit"], passage["year"]) == (row["value"], row["unit"], row["year"])
        assert passage["measure"] == row["measure_id"]


def test_an_ambition_rests_on_the_aim_and_on_what_was_reported(packed: Workspace) -> None:
    finding = packed.ask("policy.ambition")
    rows = finding.rows()
    assert len(rows) > 20
    for index in range(0, len(rows), 3):
        row = rows[index]
        (passages,) = behind(finding, index)
        values = {each["status"]: each["value"] for each in passages}
        assert values == {k: v for k, v in (("target", row["value"]), ("achieved", row["achieved"])) if v is not None}
        assert len(passages) == len(values)


def test_a_definition_rests_on_its_own_passage(packed: Workspace) -> None:
    finding = packed.ask("policy.definitions")
    rows = finding.rows()
    for index in range(0, len(rows), 7):
        row = rows[index]
        ((passage,),) = behind(finding, index)
        assert passage["passage_id"] == row["passage_id"]
        assert passage["region_id"] == row["region_id"]


def test_a_pair_rests_on_the_mentions_of_both(packed: Workspace) -> None:
    finding = packed.ask("policy.duplication", draws=99)
    for index in (0, 7, 100):
        row = finding.rows()[index]
        for place, passages in zip(("region_id", "other_id"), behind(finding, index), strict=True):
            assert passages
            assert {(each["region_id"], each["field_id"]) for each in passages} == {(row[place], row["field_id"])}


def test_a_pair_of_wording_rests_on_its_two_documents(library: Workspace) -> None:
    finding = library.ask("policy.reuse", substance=False)
    for index, row in enumerate(finding.rows()):
        held = {each["document_id"] for rows in behind(finding, index, "document") for each in rows}
        assert held == {row["document_id"], row["other_document_id"]}


def test_no_evidence_from_a_document_that_repeats_another(made: Made) -> None:
    ws = made(
        [{"document_id": "a", "region_id": "CN-ZJ"}, {"document_id": "b", "region_id": "CN-ZJ", "duplicate_of": "a"}],
        [*said("a", "iotf:ai", 3), *said("b", "iotf:ai", 3)],
    )
    finding = ws.ask("policy.coverage", field="iotf:ai")
    assert finding.rows()[0]["mentions"] == len(behind(finding, 0)[0]) == 3
    assert len(behind(finding, 0, "document")[0]) == 1

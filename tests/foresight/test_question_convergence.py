"""Which fields grow together, in records and in sentences of policy documents."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from tests.data.papers.made import fill, papers

from foreland.core.errors import DataError
from foreland.data.workspace import Workspace, open_workspace
from foreland.foresight import convergence
from foreland.foresight.questions.fields_of import Classified


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("papers") / "workspace")
    fill(ws)
    return ws


def test_the_planted_link_is_found_and_the_old_one_is_not_new(cited: Workspace) -> None:
    rows = {(row["field_id"], row["second_field_id"]): row for row in convergence(cited).rows()}
    assert [pair for pair, row in rows.items() if row["link_state"] == "link_new"] == [
        ("iotf:gene_cell", "iotf:quantum")
    ]
    assert rows["iotf:ai", "iotf:robotics"]["link_state"] == "link_steady"


def test_counts_equal_counting(cited: Workspace) -> None:
    documents, links = papers()
    year = {row["document_id"]: int(row["date"] or 0) for row in documents}
    fields: dict[str, set[str]] = {}
    for row in links:
        if row["kind"] == "speaks_of":
            fields.setdefault(row["from_id"], set()).add(row["to_id"])
    finding = convergence(cited, late_years=4, early_years=6)
    for row in finding.rows():
        pair = {row["field_id"], row["second_field_id"]}
        for name, first, last in (("together_before", 2014, 2019), ("together_now", 2020, 2023)):
            assert row[name] == sum(pair <= own and first <= year[d] <= last for d, own in fields.items())
    nodes = {row["field_id"]: row["count"] for row in finding.tables["nodes"].to_pylist()}
    for field, count in nodes.items():
        assert count == sum(field in own and 2020 <= year[d] <= 2023 for d, own in fields.items())


def test_a_field_asked_about_stands_first_in_its_pairs(cited: Workspace) -> None:
    rows = convergence(cited, field="iotf:quantum").rows()
    assert rows
    assert {row["field_id"] for row in rows} == {"iotf:quantum"}


def test_chinese_years_have_their_word_and_dash(cited: Workspace) -> None:
    headline = convergence(cited).headline
    assert re.search(r"\d{4}—\d{4} 年", headline["zh"])
    assert "–" not in headline["zh"]
    assert re.search(r"\d{4}–\d{4}", headline["en"])


def test_the_lines_in_colour_are_among_those_drawn_and_these_are_few(cited: Workspace) -> None:
    finding = convergence(cited)
    spec = finding.chart("diversity", "en").to_dict()  # type: ignore[attr-defined]
    drawn = [row for rows in spec["datasets"].values() for row in rows if "focus" in row]
    assert 1 <= len({row["field_id"] for row in drawn if row["focus"]}) <= 4
    assert len({row["field_id"] for row in drawn}) <= 16


def test_a_period_moves_both_windows(cited: Workspace) -> None:
    states = {row["link_state"] for row in convergence(cited, period="2000:2015").rows()}
    assert "link_new" not in states


def test_policy_documents_answer_by_sentences_where_there_are_no_records(packed: Workspace) -> None:
    finding = convergence(packed)
    assert len(finding) > 0
    assert {"policy_sentences"} <= {caveat.code for caveat in finding.caveats}
    rows = packed.table("passage")
    found = packed.to_arrow(
        rows.filter((rows.kind == "field") & rows.field_id.notnull()).select(
            "document_id", "sentence_start", "field_id"
        )
    ).to_pylist()
    documents = packed.table("document")
    told = packed.to_arrow(documents.select("document_id", "date", "region_id", "level", "language")).to_pylist()
    known = {row["document_id"]: row for row in told}

    def issuer(row: dict) -> tuple:
        return row["region_id"], row["level"], row["language"]

    def late(row: dict) -> bool | None:
        year = int(row["date"][:4])
        return True if 2022 <= year <= 2026 else False if 2012 <= year <= 2021 else None

    windows = {which: {issuer(row) for row in told if late(row) is which} for which in (True, False)}
    kept = windows[True] & windows[False]
    sentences: dict[tuple[str, int], set[str]] = {}
    for row in found:
        sentences.setdefault((row["document_id"], row["sentence_start"]), set()).add(row["field_id"])
    for row in finding.rows():
        pair = {row["field_id"], row["second_field_id"]}
        for name, which in (("together_before", False), ("together_now", True)):
            assert row[name] == sum(
                pair <= own and late(known[d]) is which and issuer(known[d]) in kept
                for (d, _), own in sentences.items()
            )


def test_rows_are_in_a_total_order_and_the_same_twice(packed: Workspace) -> None:
    one, other = convergence(packed), convergence(packed)
    assert one.to_arrow().equals(other.to_arrow())
    assert [row["rank"] for row in one.rows()] == list(range(1, len(one) + 1))


def test_what_cannot_be_answered_is_told(cited: Workspace, tmp_path) -> None:
    with pytest.raises(DataError, match="name fields"):
        convergence(open_workspace(tmp_path / "empty"))
    with pytest.raises(DataError, match="leaves one empty"):
        convergence(cited, period="2020:2023")
    with pytest.raises(DataError, match="Fewer than two"):
        convergence(cited, min_count=1000)


@pytest.mark.parametrize(
    ("one", "other", "part"),
    [
        ("vision-language", "vision-language-model", True),
        ("vision-transformer", "transformer", True),
        ("vision", "television", False),
        ("denoising", "diffusion-model", False),
        ("机器人", "人形机器人", True),
    ],
)
def test_terms_that_hold_each_other_are_no_pair(one: str, other: str, part: bool):
    """Each document on vision-language models is one on vision-language: no two fields grow together there."""
    empty: dict[str, Any] = {f.name: None for f in dataclasses.fields(Classified)}
    read = Classified(**{**empty, "scheme": "terms-papers"})
    assert read.related(f"terms-papers:{one}", f"terms-papers:{other}") == part
    assert read.related(f"terms-papers:{other}", f"terms-papers:{one}") == part

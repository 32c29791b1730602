"""Shared wording of the library against a plain search with difflib."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

import pandas as pd
import pytest

from foreland.core.errors import DataError, UsageError
from foreland.data.workspace import Workspace

from .conftest import Made, Plain, said


def run(one: str, other: str) -> int:
    """The longest run of characters in both, blanks aside."""
    one, other = ("".join(each.split()) for each in (one, other))
    return SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size


@pytest.fixture(scope="module")
def reports(shelf: Plain) -> pd.DataFrame:
    return shelf.of("province").documents.dropna(subset="text").set_index("document_id")


@pytest.fixture(scope="module")
def longest(reports: pd.DataFrame) -> dict[frozenset[str], int]:
    """The longest common run of every two documents of different places."""
    return {
        frozenset(pair): run(reports.text[pair[0]], reports.text[pair[1]])
        for pair in combinations(reports.index, 2)
        if reports.region_id[pair[0]] != reports.region_id[pair[1]]
    }


@pytest.fixture(scope="module")
def found(library: Workspace) -> list[dict[str, Any]]:
    return library.ask("policy.reuse", substance=False).rows()


def pair_of(row: dict[str, Any]) -> frozenset[str]:
    return frozenset((row["document_id"], row["other_document_id"]))


def test_every_run_that_only_two_have_is_found(
    found: list[dict[str, Any]], longest: dict[frozenset[str], int], reports: pd.DataFrame
) -> None:
    texts = {name: "".join(text.split()) for name, text in reports.text.items()}
    wanted = set()
    for pair in (pair for pair, size in longest.items() if size >= 20):
        one, other = (texts[name] for name in pair)
        blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
        words = [one[at : at + 10] for block in blocks for at in range(block.a, block.a + block.size - 9)]
        # Enough of it must be their own, as what many documents say is a formula.
        if sum(sum(word in text for text in texts.values()) == 2 for word in words) >= 20:
            wanted.add(pair)
    assert len(wanted) >= 2
    assert wanted <= {pair_of(row) for row in found}


def test_what_is_found_stands_in_both(
    found: list[dict[str, Any]], longest: dict[frozenset[str], int], reports: pd.DataFrame
) -> None:
    for row in found:
        assert row["longest"] >= 12
        assert row["characters"] >= row["longest"]
        # A passage may join runs across small changes, so it is at least as long as the longest of them.
        exact = run(row["wording"], reports.text[row["other_document_id"]])
        assert 8 <= exact <= longest[pair_of(row)]
        assert row["wording"] in " ".join(reports.text[row["document_id"]].split())


def test_share_is_the_part_of_the_letters(found: list[dict[str, Any]], reports: pd.DataFrame) -> None:
    for row in (row for row in found if row["passages"] == 1 and len(row["wording"]) < 200):
        letters = len("".join(row["wording"].split()))
        assert row["share"] == pytest.approx(letters / reports.characters[row["document_id"]])
        assert 0 < row["other_share"] < 1


def test_the_headline_counts_pairs_of_places(library: Workspace, found: list[dict[str, Any]]) -> None:
    pairs = {frozenset((row["region_id"], row["other_id"])) for row in found}
    headline = library.ask("policy.reuse", substance=False).headline["en"]
    assert f": {len(pairs)}; most:" in headline
    assert "instruments" not in headline
    most = max(found, key=lambda row: row["characters"])
    assert f"{most['characters']} characters (passages: {most['passages']})" in headline


def test_of_a_place_its_own_pairs(library: Workspace, found: list[dict[str, Any]]) -> None:
    own = library.ask("policy.reuse", substance=False, region="CN-ZJ").rows()
    assert {row["region_id"] for row in own} == {"CN-ZJ"}
    expected = {pair_of(row) for row in found if "CN-ZJ" in (row["region_id"], row["other_id"])}
    assert {pair_of(row) for row in own} == expected


def test_with_a_field_passages_speak_of_it(library: Workspace, shelf: Plain) -> None:
    rows = library.ask("policy.reuse", field="iotf:quantum").rows()
    spoken = shelf.passages[shelf.passages.field_id == "iotf:quantum"].document_id
    assert rows
    for row in rows:
        assert {row["document_id"], row["other_document_id"]} & set(spoken)


def test_the_older_document_is_told_by_its_date(found: list[dict[str, Any]], reports: pd.DataFrame) -> None:
    for row in found:
        first, second = (reports.date[row[name]] for name in ("document_id", "other_document_id"))
        if first == second:
            assert row["older_id"] is None
        elif row["older_id"] is not None:
            assert row["older_id"] == (row["region_id"] if first < second else row["other_id"])


def test_passages_of_two_documents_stand_where_they_are_said_to(library: Workspace, reports: pd.DataFrame) -> None:
    finding = library.ask("policy.wording")
    left, right = (finding.provenance.parameters[side] for side in ("left", "right"))
    for row in finding.rows():
        assert reports.text[left][row["left_start"] : row["left_end"]] == row["left_text"]
        assert reports.text[right][row["right_start"] : row["right_end"]] == row["right_text"]
        blocks = SequenceMatcher(None, row["left_text"], row["right_text"], autojunk=False).get_matching_blocks()
        assert sum(block.size for block in blocks) >= 0.9 * row["characters"]
    assert finding.rows()[0]["characters"] == max(row["characters"] for row in finding.rows())


def test_overlapping_passages_count_once_in_the_share(made: Made) -> None:
    shared = "本省将建设虚构的量子测量中试平台并为三百家企业提供检测服务同时设立专项资金支持首台套装备推广应用"
    documents = [
        {"document_id": "a", "region_id": "CN-ZJ", "text": shared, "characters": len(shared), "date": "2026"},
        {"document_id": "b", "region_id": "CN-AH", "text": f"{shared}。另起一段文字作为间隔的内容。{shared}"},
    ]
    ws = made(documents, said("a", "iotf:quantum", start=10))
    (row,) = ws.ask("policy.reuse").rows()
    by_place = {row["region_id"]: row["share"], row["other_id"]: row["other_share"]}
    assert by_place["CN-ZJ"] == pytest.approx(1.0)


def test_a_document_that_is_not_there_or_has_no_text(made: Made) -> None:
    ws = made(
        [{"document_id": "a", "region_id": "CN-ZJ", "text": "虚构。"}, {"document_id": "b", "region_id": "CN-AH"}]
    )
    with pytest.raises(UsageError):
        ws.ask("policy.wording", left="a", right="c")
    with pytest.raises(DataError):
        ws.ask("policy.wording", left="a", right="b")

"""The CD index of documents and fields in a workspace."""

from __future__ import annotations

import numpy as np
import pytest
from tests.data.papers.made import fill, papers

from foreland.core.errors import DataError
from foreland.data.workspace import Workspace, open_workspace
from foreland.foresight import disruption


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("papers") / "workspace")
    fill(ws)
    return ws


def by_sets(window: int) -> dict[str, tuple[int, int, int]]:
    """(n_i, n_j, n_k) of each dated document that cites something, from sets of citers."""
    documents, links = papers()
    year = {row["document_id"]: int(row["date"]) for row in documents if row["date"]}
    everything = {row["document_id"] for row in documents}
    pairs = {(row["from_id"], row["to_id"]) for row in links if row["kind"] == "cites"}
    pairs = {(a, b) for a, b in pairs if a != b and {a, b} <= everything}
    found = {}
    for focal in year:
        references = {b for a, b in pairs if a == focal}
        later = {d for d in year if year[focal] < year[d] <= year[focal] + window}
        own = {a for a, b in pairs if b == focal} & later
        around = {a for a, b in pairs if b in references} & later
        if references:
            found[focal] = len(own - around), len(own & around), len(around - own)
    return found


def test_documents_have_the_index_of_sets_of_citers(cited: Workspace) -> None:
    finding = disruption(cited, min_citations=3, top=1000)
    expected = by_sets(5)
    rows = finding.rows()
    for row in rows:
        counts = expected[row["document_id"]]
        assert (row["cited_alone"], row["cited_beside"], row["cited_around"]) == counts
        assert row["cd"] == pytest.approx((counts[0] - counts[1]) / sum(counts))
        assert row["year"] <= 2018
    year = {row["document_id"]: row["date"] for row in papers()[0]}
    ranked = {name for name, (i, j, _) in expected.items() if i + j >= 3 and year[name] <= "2018"}
    assert {row["document_id"] for row in rows} == ranked
    assert [row["cd"] for row in rows] == sorted((row["cd"] for row in rows), reverse=True)


def test_only_the_ends_are_listed(cited: Workspace) -> None:
    everything = disruption(cited, min_citations=2, top=1000).rows()
    ends = disruption(cited, min_citations=2, top=3).rows()
    assert ends == everything[:3] + everything[-3:]


def test_fields_have_the_mean_of_their_documents(cited: Workspace) -> None:
    rows = disruption(cited, each="field", min_citations=2).rows()
    documents = {row["document_id"]: row["cd"] for row in disruption(cited, min_citations=2, top=1000).rows()}
    links = papers()[1]
    assert rows
    for row in rows:
        own = [documents[each["from_id"]] for each in links if each["to_id"] == row["field_id"]
               and each["from_id"] in documents]  # fmt: skip
        assert row["count"] == len(own)
        assert row["cd"] == pytest.approx(np.mean(own))
        assert row["cd_low"] < row["cd"] < row["cd_high"]


def test_a_field_and_a_period_choose_whose_index_is_told(cited: Workspace) -> None:
    everything = {row["document_id"]: row["cd"] for row in disruption(cited, min_citations=2, top=1000).rows()}
    some = disruption(cited, min_citations=2, top=1000, field="iotf:quantum", period="2003:2010").rows()
    assert 0 < len(some) < len(everything)
    # The index itself rests on all citations, whoever they are from.
    assert all(everything[row["document_id"]] == row["cd"] for row in some)
    assert {2003 <= row["year"] <= 2010 for row in some} == {True}


def test_without_a_window_all_later_years_count(cited: Workspace) -> None:
    rows = disruption(cited, citation_window=0, min_citations=3, top=1000).rows()
    expected = by_sets(1000)
    assert all(expected[row["document_id"]][0] == row["cited_alone"] for row in rows)
    assert max(row["year"] for row in rows) > 2018


def test_nothing_to_rank_is_told(cited: Workspace) -> None:
    with pytest.raises(DataError, match="none has references"):
        disruption(cited, min_citations=400)

"""The main path of a field, from documents and links of a workspace."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from tests.data.papers.made import SOURCE, fill, identifier, papers

from foreland.core.errors import DataError
from foreland.data.workspace import Workspace, open_workspace
from foreland.foresight import main_path


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    ws = open_workspace(tmp_path_factory.mktemp("papers") / "workspace")
    fill(ws)
    return ws


def counted(field: str | None) -> tuple[int, dict[tuple[str, str], int]]:
    """Ways from the oldest to the newest and through each citation, by walking backwards and forwards from each."""
    documents, links = papers()
    members = {row["from_id"] for row in links if row["to_id"] == field} if field else {
        row["document_id"] for row in documents
    }  # fmt: skip
    edges = {
        (row["to_id"], row["from_id"])
        for row in links
        if row["kind"] == "cites" and {row["from_id"], row["to_id"]} <= members and row["from_id"] != row["to_id"]
    }
    # The link against time goes; 90 and 96, which cite each other, are one.
    edges.discard((identifier(84), identifier(60)))
    one = {identifier(96): identifier(90)}
    edges = {(one.get(a, a), one.get(b, b)) for a, b in edges}
    edges = {(a, b) for a, b in edges if a != b}
    out, into = defaultdict(list), defaultdict(list)
    for a, b in edges:
        out[a].append(b)
        into[b].append(a)
    memory: dict[tuple[str, bool], int] = {}

    def ways(node: str, forward: bool) -> int:
        if (node, forward) not in memory:
            following = (out if forward else into)[node]
            memory[node, forward] = sum(ways(each, forward) for each in following) if following else 1
        return memory[node, forward]

    linked = {node for pair in edges for node in pair}
    total = sum(ways(node, True) for node in linked if not into[node])
    return total, {(a, b): ways(a, False) * ways(b, True) for a, b in edges}


@pytest.mark.parametrize("field", ["iotf:quantum", "iotf:ai", None])
def test_the_heaviest_citations_are_on_the_path_with_their_share(cited: Workspace, field: str | None) -> None:
    finding = main_path(cited, field=field, routes=5)
    total, through = counted(field)
    links = finding.tables["links"].to_pylist()
    heaviest = sorted(through.values(), reverse=True)[:5]
    # Documents that nothing joins to others are ways, too: of one document.
    members = int(finding.benchmark["en"].split()[0])
    joined = {node for pair in through for node in pair}
    alone = members - len(joined) - (identifier(90) in joined)
    shares = sorted((row["through"] for row in links), reverse=True)[:5]
    assert shares == pytest.approx([weight / (total + alone) for weight in heaviest])
    for row in links:
        pair = row["from_document_id"], row["to_document_id"]
        assert row["through"] == pytest.approx(through[pair] / (total + alone))


def test_the_global_path_is_one_line_from_old_to_new(cited: Workspace) -> None:
    finding = main_path(cited, field="iotf:quantum", search="global")
    rows, links = finding.rows(), finding.tables["links"].to_pylist()
    assert all(row["on_main"] for row in rows)
    assert [(a["document_id"], b["document_id"]) for a, b in pairwise(rows)] == [
        (link["from_document_id"], link["to_document_id"]) for link in links
    ]
    assert [row["year"] for row in rows] == sorted(row["year"] for row in rows)


@pytest.mark.parametrize("search", ["key_route", "global", "forward", "backward"])
@pytest.mark.parametrize("traversal", ["spc", "splc", "spnp"])
def test_every_search_gives_documents_that_cite_each_other(cited: Workspace, search: str, traversal: str) -> None:
    finding = main_path(cited, search=search, traversal=traversal)
    known = {(row["to_id"], row["from_id"]) for row in papers()[1] if row["kind"] == "cites"}
    for link in finding.tables["links"].to_pylist():
        pair = link["from_document_id"], link["to_document_id"]
        assert pair in known or identifier(90) in pair
    assert all(0 < row["through"] <= 1 for row in finding.rows())


def test_circles_loops_and_links_against_time_are_told(cited: Workspace) -> None:
    finding = main_path(cited)
    step = finding.provenance.steps[0].parameters
    assert (step["loops"], step["against"], step["circles"], step["documents"]) == ("1", "1", "1", "2")
    codes = {caveat.code for caveat in finding.caveats}
    assert {"circles", "undated", "cited_outside"} <= codes


def test_names_are_of_a_size_to_read_and_rows_apart(cited: Workspace) -> None:
    spec = main_path(cited).chart("path", "en").to_dict()  # type: ignore[attr-defined]
    sizes = [layer["mark"]["fontSize"] for layer in spec["layer"] if "fontSize" in layer["mark"]]
    assert sizes
    assert min(sizes) >= 12
    rows = next(rows for rows in spec["datasets"].values() if "words" in rows[0])
    assert spec["height"] / len(rows) >= 2 * max(sizes)
    assert spec["width"] == 1040


def test_a_period_leaves_out_documents(cited: Workspace) -> None:
    years = [row["year"] for row in main_path(cited, period="2005:2012").rows()]
    assert min(years) >= 2005
    assert max(years) <= 2012


def test_behind_a_row_stand_the_document_and_its_citations(cited: Workspace) -> None:
    finding = main_path(cited, field="iotf:quantum")
    row = finding.rows()[3]
    tables = {item.table: rows for item, rows in finding.evidence(3).tables}
    assert tables["document"]["document_id"].to_pylist() == [row["document_id"]]
    assert {row["document_id"]} == set(tables["link"]["from_id"].to_pylist())


def test_what_cannot_be_answered_is_told(cited: Workspace, tmp_path) -> None:
    with pytest.raises(DataError, match="no citations between"):
        main_path(open_workspace(tmp_path / "empty"))
    with pytest.raises(DataError, match=r"made-up-papers has no document in iotf:green"):
        main_path(cited, field="iotf:green")
    with pytest.raises(DataError, match="elsewhere has no citations"):
        main_path(cited, source="elsewhere")
    with pytest.raises(DataError, match="cites another"):
        main_path(cited, period="2000")
    assert main_path(cited, source=SOURCE).headline == main_path(cited).headline


def test_the_same_twice(cited: Workspace) -> None:
    assert main_path(cited).to_arrow().equals(main_path(cited).to_arrow())

"""From documents in a workspace to sources of terms and topics, and the command that does it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from foreland.cli.run import run
from foreland.core.errors import DataError, UsageError
from foreland.core.tables import table_spec
from foreland.data.checks import check
from foreland.data.discovery.build import DiscoveryOptions, discover
from foreland.data.discovery.topics import TopicRule
from foreland.data.workspace import Workspace, open_workspace

WORDS = {
    "grasp": "gripper finger tactile grasping hand contact friction",
    "walk": "biped walking gait humanoid leg balance terrain",
    "see": "camera segmentation pixel stereo lens calibration depth",
}
OPTIONS = DiscoveryOptions(topics=TopicRule(number=3))


def papers(number: int = 90) -> tuple[list[dict], list[dict]]:
    """SYNTHETIC papers of 2010–2018 in three topics, from CN, US or both; one without year, one repeated."""
    rng = np.random.default_rng(0)
    documents, participations = [], []
    for n in range(number):
        topic = list(WORDS)[n % 3]
        said = rng.choice(WORDS[topic].split(), 5, replace=False)
        row = {
            "document_id": f"x:{n:03d}",
            "kind": "paper",
            "title": f"A robot <i>{said[0]}</i>",
            "text": "We use the " + ", the ".join(said) + ".",
            "date": str(2010 + n // 10),
            "citations": n,
        }
        documents.append(row)
        for place in (("CN",), ("US",), ("CN", "US"))[n % 3]:
            share = 1 / (1 + (n % 3 == 2))
            participations.append(
                {"actor_id": f"unknown:{place}", "document_id": row["document_id"], "role": "author",
                 "region_id": place, "value": share, "unit": "share"}
            )  # fmt: skip
    documents[5]["date"] = None
    documents[7]["duplicate_of"] = "x:004"
    return documents, participations


def land(ws: Workspace, source: str, documents: list[dict], participations: list[dict]) -> None:
    tables = {"document": documents, "participation": participations}
    tables["source"] = [
        {"title_en": "Made up (SYNTHETIC)", "title_zh": "虚构", "licence": "CC0-1.0", "content_hash": "1"}
    ]
    with ws.staging() as staging:
        for name, rows in tables.items():
            full = [{**row, "source_id": source} for row in rows]
            staging.write(name, pa.Table.from_pylist(full, schema=table_spec(name).arrow_schema()))
        staging.commit(source, "1")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Terms, topics and topics as of 2014 of the made-up papers."""
    ws = open_workspace(tmp_path_factory.mktemp("discovery") / "workspace")
    land(ws, "papers", *papers())
    discover(ws, "papers", origins=(2014,), options=OPTIONS)
    return ws


def rows(ws: Workspace, table: str, source: str) -> list[dict]:
    expression = ws.table(table)
    return ws.to_arrow(expression.filter(expression.source_id == source)).to_pylist()


def names(ws: Workspace, scheme: str) -> dict[str, tuple[str, str]]:
    table = ws.table("field")
    told = ws.to_arrow(table.filter(table.scheme == scheme)).to_pylist()
    return {row["field_id"]: (row["name_en"], row["name_zh"]) for row in told}


def test_terms_are_counted_as_a_hand_would(found: Workspace) -> None:
    documents, participations = papers()
    said = {row["document_id"] for row in documents if "gripper" in row["title"] + row["text"]}
    kept = {row["document_id"]: row["date"] for row in documents if row["date"] and "duplicate_of" not in row}
    places: dict[str, list[str]] = {}
    for row in participations:
        places.setdefault(row["document_id"], []).append(row["region_id"])
    counted = {
        (row["region_id"], row["indicator_id"], row["period"]): row["value"]
        for row in rows(found, "observation", "terms-papers")
        if row["field_id"] == "terms-papers:gripper"
    }
    for year in map(str, range(2010, 2019)):
        there = [doc for doc in said if kept.get(doc) == year]
        assert counted.get(("agg:world", "papers", year), 0) == len(there)
        chinese = [doc for doc in there if "CN" in places[doc]]
        assert counted.get(("CN", "papers", year), 0) == len(chinese)
        share = sum(1 / len(places[doc]) for doc in chinese)
        assert counted.get(("CN", "papers_fractional", year), 0) == pytest.approx(share)
    mentions = {row["from_id"] for row in rows(found, "link", "terms-papers") if row["to_id"] == "terms-papers:gripper"}
    assert mentions == said - {"x:007"}


def test_all_documents_are_the_total(found: Workspace) -> None:
    for source in ("terms-papers", "topics-papers", "topics-papers@2014"):
        total = sum(
            row["value"]
            for row in rows(found, "observation", source)
            if (row["region_id"], row["field_id"], row["indicator_id"]) == ("agg:world", "all:total", "papers")
        )
        assert total == 88  # of 90, without the repeated one and the one without a year


@pytest.mark.parametrize("source", ["topics-papers", "topics-papers@2014"])
def test_topics_are_those_planted(found: Workspace, source: str) -> None:
    topic = {row["from_id"]: row["to_id"] for row in rows(found, "link", source)}
    groups = [{topic.get(f"x:{n:03d}") for n in range(first, 90, 3)} - {None} for first in range(3)]
    assert [len(group) for group in groups] == [1, 1, 1]
    assert len(set.union(*groups)) == 3
    named = names(found, source)
    for group, words in zip(groups, WORDS.values(), strict=True):
        (code,) = group
        assert set(named[code][0].split(", ")) <= set(words.split())


def test_topics_of_a_year_do_not_see_later_papers(found: Workspace, tmp_path: Path) -> None:
    documents, participations = papers()
    early = [row for row in documents if row["date"] and row["date"] <= "2014"]
    changed = early + [{**row, "text": "Quantum dots " * 9, "title": "Dots"} for row in documents[50:]]
    ws = open_workspace(tmp_path / "workspace")
    land(ws, "papers", changed, participations)
    discover(ws, "papers", terms=False, topics=False, origins=(2014,), options=OPTIONS)
    source = "topics-papers@2014"

    def then(of: Workspace) -> dict[str, tuple]:
        kept = [row for row in rows(of, "link", source) if row["period"] <= "2014" and row["period"]]
        return {row["from_id"]: (row["to_id"], row["weight"]) for row in kept}

    assert then(ws) == then(found)
    assert names(ws, source) == names(found, source)


def test_the_source_says_what_it_is_made_of(found: Workspace) -> None:
    row = found.source_table["topics-papers@2014"]
    assert row["licence"] == "CC0-1.0"
    assert "papers" in row["note_en"]
    assert "2014" in row["title_zh"]
    assert "3 topics" in row["note_en"]
    stability = [
        r["value"] for r in rows(found, "observation", "topics-papers") if r["indicator_id"] == "topic_stability"
    ]
    assert len(stability) == 3
    assert all(0.9 <= value <= 1 for value in stability)
    assert [problem for problem in check(found) if problem.severity == "error"] == []


def test_the_same_rows_twice(found: Workspace, tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "workspace")
    documents, participations = papers()
    land(ws, "papers", documents[::-1], participations[::-1])
    discover(ws, "papers", origins=(2014,), options=OPTIONS)
    for source in ("terms-papers", "topics-papers", "topics-papers@2014"):
        assert names(ws, source) == names(found, source)
        for table in ("link", "observation", "source"):
            assert rows(ws, table, source) == rows(found, table, source), (source, table)


def test_the_command_speaks_both_languages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "workspace"
    land(open_workspace(path), "papers", *papers())
    base = ["discover", "papers", "-w", str(path), "-k", "3"]
    assert run([*base, "--lang", "zh", "--origins", "2014"]) == 0
    told = capsys.readouterr().err
    assert "3 个主题" in told
    assert "topics-papers@2014" in told
    assert run([*base, "--lang", "en", "--no-topics"]) == 0
    assert "terms" in capsys.readouterr().err
    assert set(open_workspace(path).sources) >= {"terms-papers", "topics-papers", "topics-papers@2014"}
    for wrong in (["--origins", "soon"], ["--origins", "2018"], ["--no-terms", "--no-topics"]):
        assert run([*base, *wrong]) == 2
    assert run(["discover", "nothing", "-w", str(path)]) == 2


def test_what_can_not_be_done_is_said(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "workspace")
    documents, participations = papers()
    land(ws, "one", documents[:1], participations[:1])
    land(ws, "policy", [{**documents[0], "kind": "policy"}], [])
    land(ws, "empty", [{**row, "title": None, "text": ""} for row in documents[:30]], [])
    before = set(ws.sources)
    with pytest.raises(DataError) as error:
        discover(ws, "one", terms=False)
    assert error.value.key == "data.discovery.error.few_texts"
    with pytest.raises(DataError) as error:
        discover(ws, "policy")
    assert error.value.key == "data.discovery.error.no_documents"
    with pytest.raises(DataError) as error:
        discover(ws, "empty")
    assert error.value.key == "data.discovery.error.no_text"
    with pytest.raises(UsageError):
        discover(ws, "papers")
    assert set(ws.sources) == before
    for language in ("zh", "en"):
        assert "{" not in error.value.text(language)  # type: ignore[arg-type]


def test_who_stops_it_finds_the_workspace_as_it_was(found: Workspace) -> None:
    def files() -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in found.path.rglob("*") if file.is_file()}

    told: list[tuple[str, float]] = []

    def stop(stage: str, share: float) -> None:
        told.append((stage, share))
        if stage == "topics 2013" and share > 0.8:
            raise KeyboardInterrupt

    before = files()
    with pytest.raises(KeyboardInterrupt):
        discover(found, "papers", origins=(2012, 2013), options=DiscoveryOptions(best=5), progress=stop)
    assert files() == before
    shares = [share for _, share in told]
    assert shares == sorted(shares), "progress only ever rises"
    assert list(dict.fromkeys(stage for stage, _ in told)) == ["read", "terms", "topics", "topics 2012", "topics 2013"]


def test_origins_may_be_a_span(tmp_path: Path) -> None:
    path = tmp_path / "workspace"
    land(open_workspace(path), "papers", *papers())
    asked = ["discover", "papers", "-w", str(path), "-k", "3", "--no-terms", "--no-topics", "--origins"]
    assert run([*asked, "2013–2014, 2016"]) == 0
    made = {source for source in open_workspace(path).sources if source.startswith("topics-")}
    assert made == {f"topics-papers@{year}" for year in (2013, 2014, 2016)}
    assert run([*asked, "2014-2013"]) == 2


def test_one_document_has_terms(tmp_path: Path) -> None:
    ws = open_workspace(tmp_path / "workspace")
    documents, participations = papers()
    land(ws, "one", documents[:1], participations[:1])
    report = discover(ws, "one", topics=False)
    assert report.found[0].number > 0

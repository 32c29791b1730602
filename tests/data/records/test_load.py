"""Records land whole or not at all, each work once, and what is not taken is said with its line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from foreland.core.errors import DataError, ForelandError, UsageError
from foreland.core.settings import Settings
from foreland.data.checks import check
from foreland.data.load import load
from foreland.data.records import land, reading
from foreland.data.records.land import load_records
from foreland.data.records.pool import processes_for
from foreland.data.records.record import RecordOptions
from foreland.data.records.report import RecordReport
from foreland.data.workspace import Workspace, open_workspace

from .made import author, lines, put, work


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "ws", settings=Settings(threads=1))


def rows(ws: Workspace, table: str, *columns: str) -> list[Any]:
    found = ws.to_arrow(ws.table(table)).to_pylist()
    own = [row for row in found if row["source_id"] != "foreland:taxonomy"]
    return [tuple(row[name] for name in columns) if len(columns) > 1 else row[columns[0]] for row in own]


def loaded(ws: Workspace, folder: Path, *works: dict[str, Any] | str, name: str = "works.jsonl") -> RecordReport:
    report = load(ws, put(folder, name, lines(*works)))
    assert isinstance(report, RecordReport)
    return report


def good(number: int = 40, start: int = 100) -> list[dict[str, Any]]:
    return [work(n) for n in range(start, start + number)]


def test_a_work_becomes_document_participations_links_and_counts(ws: Workspace, tmp_path: Path) -> None:
    about = work(
        1,
        display_name="Deep-sea <i>mining</i> by robots &amp; people",
        publication_date="2015-03-04",
        language="en",
        cited_by_count=7,
        authorships=[
            author(("aa", "CN"), ("bb", "DE")),
            author(("bb", "DE")),
            {"institutions": [], "countries": ["FR"]},
            {"institutions": [], "countries": []},
        ],
        primary_location={"source": {"display_name": "Made-up Letters"}},
        abstract_inverted_index={"Solid-state": [0], "batteries": [1, 3], "and": [2]},
        referenced_works=["https://openalex.org/W2", "https://openalex.org/W999", "https://openalex.org/W1"],
        primary_topic={"id": "https://openalex.org/T10", "display_name": "Mining", "score": 0.8,
                       "subfield": {"id": "https://openalex.org/subfields/1702", "display_name": "AI"},
                       "field": {"id": "https://openalex.org/fields/17", "display_name": "Computer Science"}},
    )  # fmt: skip
    report = loaded(ws, tmp_path, about, work(2))
    [document] = [r for r in ws.to_arrow(ws.table("document")).to_pylist() if r["document_id"].endswith("made.1")]
    assert document["document_id"] == "doi:10.5555/made.1"
    assert document["title"] == "Deep-sea mining by robots & people"
    assert (document["kind"], document["date"], document["venue"]) == ("paper", "2015-03-04", "Made-up Letters")
    assert (document["citations"], document["text"]) == (7, "Solid-state batteries and batteries")
    shares = dict(rows(ws, "participation", "actor_id", "value"))
    assert shares == {"ror:aa": 0.125, "ror:bb": 0.375, "unknown:FR": 0.25}
    assert dict(rows(ws, "actor", "actor_id", "name_en"))["unknown:FR"] == "Organisation unknown (France)"
    links = rows(ws, "link", "kind", "to_id", "weight")
    assert ("cites", "doi:10.5555/made.2", None) in links, "a reference inside the load leads to the document"
    assert ("cites", "openalex:W999", None) in links
    assert ("classified", "openalex_topic:T10", 0.8) in links
    assert ("speaks_of", "iotf:deep_sea", 1.0) in links
    assert not [link for link in links if link[1] == "doi:10.5555/made.1"], "no work cites itself"
    assert ("data.records.note.self_citations", {"number": "1"}) in report.notes
    counted = {row[:3]: row[3] for row in rows(ws, "observation", "indicator_id", "field_id", "region_id", "value")}
    assert counted["papers_fractional", "openalex_subfield:1702", "DE"] == 0.375
    assert counted["papers", "openalex_field:17", "agg:world"] == 1
    assert counted["papers", "iotf:deep_sea", "FR"] == 1
    assert counted["papers", "all:total", "agg:world"] == 2
    assert check(ws) == []


def test_pages_of_the_api_arrays_and_lines_read_alike(ws: Workspace, tmp_path: Path) -> None:
    works = good(5)
    page = {"meta": {"count": 5}, "results": works}
    layouts = {
        "lines": lines(*works),
        "page": json.dumps(page),
        "pages": lines({"meta": {}, "results": works[:2]}, {"meta": {}, "results": works[2:]}),
        "pretty": json.dumps(page, indent=1),
        "array": json.dumps(works, indent=2),
        "array-of-lines": "[\n" + ",\n".join(map(json.dumps, works)) + "\n]\n",
        "one-line-array": json.dumps(works),
    }
    expected = {f"doi:10.5555/made.{n}" for n in range(100, 105)}
    for name, text in layouts.items():
        report = load(ws, put(tmp_path, f"{name}.json", text))
        assert report.layout == "openalex", name
        found = [d for d, s in rows(ws, "document", "document_id", "source_id") if s == name]
        assert set(found) == expected, name


def test_lines_of_rejects_count_in_pretty_printed_pages_too(ws: Workspace, tmp_path: Path) -> None:
    works = [*good(30), work(7, publication_year=None)]
    text = json.dumps({"meta": {}, "results": works}, indent=1)
    report = load(ws, put(tmp_path, "page.json", text))
    line = text[: text.index('"https://openalex.org/W7"')].count("\n")
    assert [item.line for item in report.examples] == [line]


def test_what_is_not_taken_is_said_with_line_reason_and_cure(ws: Workspace, tmp_path: Path) -> None:
    report = loaded(
        ws, tmp_path, *good(196), work(1, display_name=None), work(2, publication_year=None),
        work(3, publication_year=2099), "{broken", work(4, publication_year="about 1990"), work(5, id=None),
        work(6, is_retracted=True), work(8, type="paratext"),
    )  # fmt: skip
    assert report.by_reason == {
        "impossible_year": 1, "no_record_id": 1, "no_title": 1, "no_year": 1, "not_json": 1, "record_shape": 1,
    }  # fmt: skip
    assert report.left_out == {"no_work": 1, "retracted": 1}
    told = rows(ws, "reject", "line", "reason")
    assert (197, "data.reject.no_title") in told
    assert (199, "data.reject.impossible_year") in told
    assert (200, "data.reject.not_json") in told
    assert "line 197: the record has no title" in report.text("en")
    assert "第 197 行：记录没有标题" in report.text("zh")


def test_too_many_bad_records_refuse_the_load(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        loaded(ws, tmp_path, *good(10), work(1, publication_year=None))
    assert caught.value.key == "data.error.too_many_records_rejected"
    assert "line 11" in caught.value.text("en")
    assert list(ws.sources) == ["foreland:taxonomy"]


def test_records_of_one_work_are_one_document(ws: Workspace, tmp_path: Path) -> None:
    title = "The same long title of a made-up work on solid-state batteries"
    report = loaded(
        ws,
        tmp_path,
        work(1, doi=None, display_name=title, publication_year=2015),
        work(2, display_name=title.upper() + ".", publication_year=2016, language="en"),
        work(3, doi="https://doi.org/10.5555/MADE.4", publication_year=2011),
        work(4, cited_by_count=5, language="en", publication_date="2013-02-03", publication_year=2013),
        work(4, cited_by_count=4),
        work(5, referenced_works=["https://openalex.org/W1", "https://openalex.org/W2", "https://openalex.org/W3"]),
        work(6, display_name="Editorial", doi=None),
        work(7, display_name="Editorial", doi=None),
        *[work(20 + n, doi=None, display_name=f"{title}, yearly report", publication_year=2010 + n) for n in range(4)],
    )
    kept = dict(rows(ws, "document", "document_id", "date"))
    assert kept["doi:10.5555/made.2"] == "2016", "the record with more filled in stands"
    assert kept["doi:10.5555/made.4"] == "2013-02-03"
    assert {f"openalex:W{n}" for n in (6, 7, 20, 21, 22, 23)} <= kept.keys(), (
        "neither short titles nor yearly ones join"
    )
    assert len(kept) == 9
    assert report.duplicates == {"doi": 1, "id": 1, "title": 1, "year": 3}
    cites = [to for kind, to in rows(ws, "link", "kind", "to_id") if kind == "cites"]
    assert sorted(cites) == ["doi:10.5555/made.2", "doi:10.5555/made.4"], "references lead to what stands, once"
    assert check(ws) == []


def test_a_paper_of_ten_thousand_authors_counts_one(ws: Workspace, tmp_path: Path) -> None:
    many = [author((f"u{n % 300}", ("CN", "DE", "US")[n % 3])) for n in range(10_000)]
    loaded(ws, tmp_path, work(1, authorships=many))
    counted = {row[:2]: row[2] for row in rows(ws, "observation", "indicator_id", "region_id", "value")}
    assert counted["papers", "CN"] == 1
    assert sum(counted["papers_fractional", r] for r in ("CN", "DE", "US")) == pytest.approx(1)
    assert len(rows(ws, "participation", "actor_id")) == 300


def test_languages_may_be_mixed(ws: Workspace, tmp_path: Path) -> None:
    loaded(
        ws,
        tmp_path,
        work(1, display_name="面向深海采矿的机器人 Robots for 深海"),
        work(2, display_name="量子计算の研究について"),
    )
    assert dict(rows(ws, "document", "document_id", "language")) == {
        "doi:10.5555/made.1": "zh",
        "doi:10.5555/made.2": "ja",
    }


def test_abstracts_keep_their_order_where_places_are_left_out(ws: Workspace, tmp_path: Path) -> None:
    gaps = {"first": [0], "third": [5], "second": [2, 3]}
    loaded(ws, tmp_path, work(1, abstract_inverted_index=gaps), work(2, abstract_inverted_index={"far": [10**9]}),
           work(3, abstract_inverted_index={"none": []}))  # fmt: skip
    assert rows(ws, "document", "text") == ["first second second third", None, None]


@pytest.mark.parametrize(
    "said",
    [
        {"abstract_inverted_index": {"a": [0], "b": [-3]}},
        {"cited_by_count": -5},
        {"cited_by_count": 10**30},
        {"abstract_inverted_index": {"a": [10**30]}},
    ],
)
def test_counts_and_places_that_can_not_be_are_rejected(ws: Workspace, tmp_path: Path, said: dict[str, Any]) -> None:
    report = loaded(ws, tmp_path, *good(), work(1, **said))
    assert (report.rejected, report.by_reason) == (1, {"record_shape": 1})
    assert len(rows(ws, "document", "document_id")) == 40


def test_what_is_quoted_of_a_bad_line_is_its_text(ws: Workspace, tmp_path: Path) -> None:
    report = loaded(ws, tmp_path, *good(), "[1,2]", work(1, display_name=""))
    assert "line 41: this is no record of the format: Expected `object`, got `array`: [1,2];" in report.text("en")
    assert "line 42: the record has no title (openalex:W1); add one" in report.text("en")
    assert "记录没有标题（openalex:W1）；" in report.text("zh")


def test_one_document_alone_and_no_document(ws: Workspace, tmp_path: Path) -> None:
    assert loaded(ws, tmp_path, work(1)).rows["document"] == 1
    for text, layout, key in (
        ("", None, "data.error.empty_records"),
        ("\n\n", "openalex", "data.error.no_records"),
        (lines(work(1, is_retracted=True)), None, "data.error.no_records"),
    ):
        with pytest.raises(DataError) as caught:
            load(ws, put(tmp_path, "nothing.jsonl", text), layout=layout)
        assert caught.value.key == key


def test_the_same_file_gives_the_same_bytes_and_is_known_again(ws: Workspace, tmp_path: Path) -> None:
    works = [work(n, authorships=[author(("aa", "CN"))], referenced_works=[f"https://openalex.org/W{n - 1}"])
             for n in range(1, 60)]  # fmt: skip
    loaded(ws, tmp_path, *works)
    first = {name: (ws.path / item.file).read_bytes() for name, item in ws.sources["works"].tables.items()}
    again = loaded(ws, tmp_path, *works)
    assert again.unchanged
    second = {name: (ws.path / item.file).read_bytes() for name, item in ws.sources["works"].tables.items()}
    assert first == second


def test_abstracts_and_references_can_be_left_out(ws: Workspace, tmp_path: Path) -> None:
    about = work(1, abstract_inverted_index={"quantum": [0], "computing": [1]},
                 referenced_works=["https://openalex.org/W2", "https://openalex.org/W3"])  # fmt: skip
    path = put(tmp_path, "works.jsonl", lines(about, work(2)))
    load_records(ws, path, options=RecordOptions(abstracts=False, references="inside"))
    assert rows(ws, "document", "text") == [None, None]
    links = rows(ws, "link", "kind", "to_id")
    assert links == [("cites", "doi:10.5555/made.2"), ("speaks_of", "iotf:quantum")]


@pytest.mark.parametrize("damage", ["truncated", "utf16", "latin"])
def test_damaged_files_land_nothing_and_say_where(ws: Workspace, tmp_path: Path, damage: str) -> None:
    path = put(tmp_path, "works.jsonl.gz", lines(*good(500)))
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:-900])
    elif damage == "utf16":
        path = put(tmp_path, "works.jsonl", lines(*good(50)).encode("utf-16"))
    else:
        text = lines(*[work(n, display_name=f"Große Übersicht über die Lage, Teil {n}") for n in range(50)])
        path = put(tmp_path, "works.jsonl", text.encode("latin-1"))
    with pytest.raises(DataError) as caught:
        load(ws, path, layout=None if damage == "truncated" else "openalex")
    assert caught.value.where is not None
    assert caught.value.where.line is not None
    assert (
        caught.value.key
        == {
            "truncated": "data.error.gzip_broken",
            "utf16": "data.error.bad_bytes",
            "latin": "data.error.too_many_records_rejected",
        }[damage]
    )
    assert list(ws.sources) == ["foreland:taxonomy"]
    assert caught.value.cure("zh")


def test_a_load_cut_short_is_taken_up_where_it_stopped(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 20_000)
    monkeypatch.setattr(reading, "BLOCK", 5_000)
    path = put(tmp_path, "works.jsonl.gz", lines(*good(500)))
    whole = path.read_bytes()
    path.write_bytes(whole[:-500])
    with pytest.raises(DataError):
        load(ws, path)
    [parts] = ws.path.glob(".records-*")
    marks = {mark.name: mark.stat().st_mtime_ns for mark in parts.glob("*.json")}
    assert len(marks) > 2
    path.write_bytes(whole)
    with monkeypatch.context() as patch:
        patch.setattr(land.shutil, "rmtree", lambda folder, **_: None)
        load(ws, path)
    seen = {mark.name: mark.stat().st_mtime_ns for mark in parts.glob("*.json")}
    assert {name: seen[name] for name in marks} == marks, "parts that were whole were not made again"
    assert len(rows(ws, "document", "document_id")) == 500


def test_parts_of_another_content_are_not_taken_for_ones_own(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 20_000)
    monkeypatch.setattr(reading, "BLOCK", 5_000)
    path = put(tmp_path, "works.jsonl", lines(*good(300)))
    load(ws, path, dry_run=True)
    assert list(ws.path.glob(".records-*"))
    assert list(ws.sources) == ["foreland:taxonomy"]
    put(tmp_path, "works.jsonl", lines(*good(120, start=900)))
    load(ws, path)
    assert {int(d.rpartition(".")[2]) for d in rows(ws, "document", "document_id")} == set(range(900, 1020))
    assert not list(ws.path.glob(".records-*"))


def test_several_processes_give_what_one_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK", 20_000)
    monkeypatch.setattr(reading, "BLOCK", 5_000)
    works = [work(n, authorships=[author((f"u{n % 9}", "CN"))], abstract_inverted_index={"quantum computing": [0]})
             for n in range(1, 400)]  # fmt: skip
    path = put(tmp_path, "works.jsonl", lines(*works))
    found = []
    for threads in (1, 2, 4):
        ws = open_workspace(tmp_path / f"ws{threads}", settings=Settings(threads=threads, memory_limit="2GB"))
        load(ws, path)
        tables = ws.sources["works"].tables
        found.append({name: (ws.path / item.file).read_bytes() for name, item in tables.items()})
    assert found[0] == found[1] == found[2]


def test_processes_fit_the_cores_and_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 64)
    assert processes_for(0, 0) == 2, "without a bound of memory, what two take"
    assert processes_for(0, 64_000_000_000) == 8
    assert processes_for(0, 1_600_000_000) == 3
    assert processes_for(4, 64_000_000_000) == 4
    assert processes_for(1, 64_000_000_000) == 1
    assert processes_for(0, 100_000_000) == 1


KILLED = """
import sys
from foreland.data.records import land, reading
from foreland.data.workspace import open_workspace
from foreland.data.load import load
reading.CHUNK, reading.BLOCK = 20_000, 5_000
load(open_workspace(sys.argv[1]), sys.argv[2], progress=lambda stage, share: print(stage, flush=True))
"""


def test_a_killed_load_leaves_nothing(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "works.jsonl", lines(*good(20_000)))
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(ws.path), str(path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    deadline = time.monotonic() + 20
    while not list(ws.path.glob(".records-*/*.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    ws.refresh()
    assert list(ws.sources) == ["foreland:taxonomy"]
    assert check(ws) == []


def test_usage_is_checked(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "works.jsonl", lines(work(1)))
    with pytest.raises(UsageError):
        load_records(ws, path, layout="openalexx")
    with pytest.raises(ForelandError):
        load_records(ws, tmp_path / "absent.jsonl")
    load(ws, put(tmp_path, "figures.csv", "geo,year,value\nDE,2020,1\nFR,2020,2\n"), mapping=_figures())
    with pytest.raises(UsageError) as caught:
        load_records(ws, put(tmp_path, "figures.jsonl", lines(work(1))))
    assert caught.value.key == "data.error.source_of_others"
    with pytest.raises(DataError) as unknown:
        load_records(ws, put(tmp_path, "other.txt", "nothing known"))
    assert "openalex" in unknown.value.text("en")


def _figures() -> Any:
    from foreland.data.mapping import Mapping

    return Mapping.from_options(indicator="x", unit="EUR", licence="CC0")

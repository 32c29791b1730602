"""The packs that come with the package: what is in them, and how they get into a workspace."""

from __future__ import annotations

import ast
import csv
import dataclasses
import math
import re
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import foreland
from foreland.core.errors import UsageError, WorkspaceError
from foreland.core.tables import table_spec
from foreland.data.packs import install, packs
from foreland.data.packs import install as install_function
from foreland.data.reading.measures import measures
from foreland.data.taxonomy.fields import fields
from foreland.data.taxonomy.regions import regions
from foreland.data.workspace import Staging, Workspace, open_workspace

TABLES = "bea-input-output"
COUNTED = ("observation", "document", "passage", "link")
SOURCES = [source for pack in packs().values() for source in pack.sources]
FIGURES = [source for source in SOURCES if (source.folder / "observation.parquet").is_file()]
READ = [source for source in SOURCES if (source.folder / "passage.parquet").is_file()]
NATIONAL = "gov-work-reports-national"
ID = re.compile(r"[A-Za-z0-9_.:/-]+")
PROVINCES = {place.id for place in regions().values() if place.level == "province"} - {"CN-TW", "CN-HK", "CN-MO"}


def rows(source_id: str, table: str = "observation") -> list[dict]:
    source = next(source for source in SOURCES if source.id == source_id)
    return pq.read_table(source.folder / f"{table}.parquet").to_pylist()


def value(source_id: str, region: str, indicator: str, period: str, field: str = "all:total") -> float:
    key = (region, field, indicator, period)
    found = [r for r in rows(source_id) if tuple(r[c] for c in table_spec("observation").key[:4]) == key]
    assert len(found) == 1
    return found[0]["value"]


def test_three_packs_under_three_megabytes_each():
    assert set(packs()) == {"world-technology", "china-provinces", "us-input-output"}
    for pack in packs().values():
        folder = pack.sources[0].folder.parent
        assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < 3_000_000
        assert {file.name for file in folder.iterdir()} == {"pack.toml", *(source.id for source in pack.sources)}
        assert all(getattr(pack, f.name) for f in dataclasses.fields(pack))


def test_readings_cost_less_than_a_megabyte():
    assert {source.id for source in READ} == {"gov-work-reports-2026", NATIONAL}
    assert sum(file.stat().st_size for source in READ for file in source.folder.iterdir()) < 1_000_000


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
class TestSource:
    def test_tables_follow_the_schema(self, source):
        held = {"document", "passage"} if source in READ else {"indicator", "observation"}
        held |= {"link", "field"} if source.id == TABLES else set()
        assert {file.stem for file in source.folder.iterdir()} == {"source", *held}
        for file in source.folder.iterdir():
            assert pq.read_schema(file).equals(table_spec(file.stem).arrow_schema())
            assert set(pq.read_table(file, columns=["source_id"])["source_id"].to_pylist()) == {source.id}

    def test_says_where_it_comes_from(self, source):
        (row,) = rows(source.id, "source")
        assert row["content_hash"] == source.content_hash
        told = ("title_en", "title_zh", "publisher", "licence", "url", "note_en", "note_zh")
        assert all(row[name] for name in told)
        assert not re.search(r"[{}]", row["note_en"] + row["note_zh"])
        assert re.search("[一-鿿]", row["note_zh"])

    def test_says_how_many_rows_it_has(self, source):
        files = [file for file in source.folder.iterdir() if file.stem in COUNTED]
        assert sum(pq.read_metadata(file).num_rows for file in files) == source.rows > 0


@pytest.mark.parametrize("source", FIGURES, ids=lambda source: source.id)
class TestFigures:
    def test_keys_are_unique_and_ids_known(self, source):
        found = rows(source.id)
        keys = Counter(tuple(row[name] for name in table_spec("observation").key) for row in found)
        assert keys.most_common(1)[0][1] == 1
        assert {row["region_id"] for row in found} <= set(regions())
        own = {row["field_id"] for row in rows(source.id, "field")} if source.id == TABLES else set()
        assert {row["field_id"] for row in found} <= set(fields()) | own
        assert {row["indicator_id"] for row in found} == {row["indicator_id"] for row in rows(source.id, "indicator")}
        assert all((row["value"] is None) == (row["status"] == "suppressed") for row in found)

    def test_holds_ids_and_figures_only(self, source):
        table = pq.read_table(source.folder / "observation.parquet")
        for name in ("region_id", "field_id", "indicator_id", "period", "status", "source_id"):
            assert all(ID.fullmatch(text) for text in table[name].unique().to_pylist()), name


@pytest.fixture(scope="module")
def words() -> frozenset[str]:
    """The package's own words: cells of its lists, and texts in the code of its readers."""
    data = Path(foreland.__file__).parent / "data"
    found: set[str] = set()
    for folder in ("reading", "taxonomy"):
        for file in (data / folder).glob("*.csv"):
            with file.open(encoding="utf-8", newline="") as lines:
                found |= {cell.split("|")[0] for row in csv.reader(lines) for cell in row}
    for file in (data / "reading").glob("*.py"):
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        told = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        found |= told | {text.strip(" ,:()") for text in told}
    return frozenset(found | {field.partition(":")[2] for field in fields()})


@pytest.mark.parametrize("source", READ, ids=lambda source: source.id)
class TestReadings:
    """What was read in documents comes without a word of theirs."""

    def test_documents_are_told_without_their_texts(self, source):
        found = rows(source.id, "document")
        assert len({row["document_id"] for row in found}) == len(found)
        for row in found:
            assert row["text"] is None
            assert row["kind"] == "policy"
            # Official titles say nothing but what, whose and when; no sentence fits here.
            assert re.fullmatch(
                r"(\w{2,8})?20\d\d年(\w{2,9})?政府工作报告|Report on the Work of the Government 20\d\d", row["title"]
            )
            assert re.fullmatch(r"https?://[!-~]+", row["file"])
            assert re.fullmatch(r"20\d\d(-\d\d){0,2}", row["date"])
            assert re.fullmatch(r"[0-9a-f]{64}", row["content_hash"])
            assert row["region_id"] in regions()
            assert (row["language"], row["level"]) in {("zh", "province"), ("zh", "central"), ("en", "central")}
            assert row["characters"] > 9_000
            how = [row[name] for name in row if name.endswith("_from")]
            assert all(re.fullmatch("[a-z]+", text) for text in how)
            assert row["duplicate_of"] is row["similarity"] is None

    def test_passages_stand_in_order_in_documents_that_exist(self, source):
        documents = {row["document_id"]: row for row in rows(source.id, "document")}
        found = rows(source.id, "passage")
        assert len({row["passage_id"] for row in found}) == len(found)
        assert {row["document_id"] for row in found} == set(documents)
        before = ("", 0)
        for row in found:
            start, end = row["start"], row["end"]
            assert 0 <= row["sentence_start"] <= start < end <= row["sentence_end"]
            # Blanks and what was cut are not among the characters.
            assert end < 3 * documents[row["document_id"]]["characters"]
            assert row["passage_id"].startswith(f"{row['document_id']}:{start}:{end}:{row['kind']}")
            assert before <= (row["document_id"], start)
            before = (row["document_id"], start)

    def test_each_kind_says_what_it_should(self, source):
        kinds = Counter()
        for row in rows(source.id, "passage"):
            kinds[row["kind"]] += 1
            figure = ("value", "unit", "comparator", "status")
            assert all((row[name] is not None) == (row["kind"] == "quantity") for name in figure)
            assert (row["instrument"] is not None) == (row["kind"] == "instrument")
            assert row["field_id"] in fields() if row["kind"] == "field" else row["field_id"] in {None, *fields()}
            assert row["value"] is None or math.isfinite(row["value"])
            assert row["year"] is None or 1900 < row["year"] < 2150
            assert row["confidence"] is None or 0 < row["confidence"] <= 1
        assert {"field", "instrument", "definition"} <= set(kinds) <= {"field", "quantity", "instrument", "definition"}
        # Figures of the national reports may not be passed on, only counts.
        assert ("quantity" in kinds) == (source.id != NATIONAL)

    def test_no_word_of_the_source(self, source, words: frozenset[str]):
        table = pq.read_table(source.folder / "passage.parquet")
        assert table["indicator"].null_count == table.num_rows
        known = (
            words
            | set(measures())
            | {"=", ">=", "<=", "~", "achieved", "target", "field", "quantity", "instrument", "definition"}
        )
        for name in ("kind", "instrument", "measure", "unit", "comparator", "status", "code", "doubt"):
            found = set(filter(None, table[name].unique().to_pylist()))
            assert {part for text in found for part in re.split(r"[;,/]", text)} <= known, name
        # Rules of instruments are a word of the list, and why: 营商环境 (head), 合作 (general: 科技, abroad).
        for text in table["method"].unique().to_pylist():
            word, _, why = text.removesuffix(")").partition(" (")
            parts = re.split("[,:] ", why) if why else []
            parts = [piece for part in parts for piece in ([part] if part in words else part.split(" of ", 1))]
            assert {word, *parts} <= words, text
        for row in table.select(["kind", "text", "method", "field_id"]).to_pylist():
            assert row["text"] == (row["method"] if row["kind"] == "field" else None)


def test_words_of_fields_are_those_of_the_list(words: frozenset[str]):
    with (Path(foreland.__file__).parent / "data" / "taxonomy" / "terms.csv").open(encoding="utf-8") as lines:
        terms = {(row["field_id"], row["term"].split("|")[0]) for row in csv.DictReader(lines) if row["kind"] == "term"}
    for source in READ:
        found = {(row["field_id"], row["text"]) for row in rows(source.id, "passage") if row["kind"] == "field"}
        assert len(found) > 50
        assert found <= terms


def test_every_province_and_every_year_has_its_report():
    provincial = rows("gov-work-reports-2026", "document")
    assert Counter(row["region_id"] for row in provincial) == Counter(PROVINCES)
    assert {row["date"][:4] for row in provincial} == {"2026"}
    national = {(row["date"][:4], row["language"]) for row in rows(NATIONAL, "document")}
    years = {*range(2008, 2023), *range(2024, 2027)}
    assert national == {(str(year), language) for year in years for language in ("zh", "en")}


def test_every_source_of_china_has_the_31_provinces():
    assert len(PROVINCES) == 31
    for source in (source for source in packs()["china-provinces"].sources if source in FIGURES):
        by_indicator: dict[str, set[str]] = {}
        for row in rows(source.id):
            by_indicator.setdefault(row["indicator_id"], set()).add(row["region_id"])
        for indicator, places in by_indicator.items():
            if indicator not in ("key_project_funds", "key_projects_funds_known"):
                # Tibet publishes no funds from abroad.
                absent = {"CN-XZ"} if indicator == "rd_expenditure_abroad" else set()
                assert PROVINCES - absent == places - {"CN"}, indicator


def test_indicators_agree_between_sources():
    seen: dict[str, dict] = {}
    for source in FIGURES:
        for row in rows(source.id, "indicator"):
            own = {name: text for name, text in row.items() if name != "source_id"}
            assert seen.setdefault(row["indicator_id"], own) == own


def test_figures_published_elsewhere():
    """From the national bulletin on R&D of 2023, and Science and Engineering Indicators 2022 (China 49 % of 2020)."""
    assert value("most-rd", "CN", "rd_expenditure", "2023") == pytest.approx(33357.1e8, rel=1e-4)
    assert value("most-rd", "CN-ZJ", "rd_expenditure", "2023") == pytest.approx(2640.2e8, rel=1e-4)
    assert value("most-rd", "CN-ZJ", "rd_intensity", "2023") == pytest.approx(0.0320)
    china = value("ncses-patents", "CN", "patent_families", "2020")
    assert round(china / value("ncses-patents", "agg:world", "patent_families", "2020"), 2) == 0.49


def test_provinces_add_up_to_the_country_where_one_list_gives_both():
    for source_id, indicator in (("most-rd", "rd_expenditure"), ("most-hightech-industry", "hightech_revenue")):
        found = [row for row in rows(source_id) if row["indicator_id"] == indicator]
        for period in {row["period"] for row in found}:
            of = {row["region_id"]: row["value"] for row in found if row["period"] == period}
            assert sum(v for place, v in of.items() if place != "CN") == pytest.approx(of["CN"], rel=0.001)


def test_countries_stay_within_the_world():
    """US patents: what the publisher gives by country is nearly all of the world, and rounded."""
    world: Counter = Counter()
    places: Counter = Counter()
    for row in rows("ncses-patents"):
        if row["indicator_id"] == "uspto_patents":
            key = (row["field_id"], row["period"])
            if row["region_id"] == "agg:world":
                world[key] += row["value"]
            elif regions()[row["region_id"]].level == "country":
                places[key] += row["value"]
    assert len(world) == 36 * 23
    assert all(0.96 < places[key] / world[key] < 1.005 for key in world)


def test_a_project_counts_once_in_all_and_in_each_of_its_fields():
    found = [row for row in rows("most-key-projects") if row["region_id"] == "CN"]
    of = Counter()
    for row in found:
        of[row["indicator_id"], row["field_id"] == "all:total"] += row["value"]
    assert of["key_projects", True] == 2149
    assert of["key_projects_classified", True] < of["key_projects", False] < 2 * of["key_projects_classified", True]
    assert of["key_projects_funds_known", True] < of["key_projects", True]


def held(ws: Workspace) -> int:
    return sum(ws.rows(table) for table in ("observation", "document", "passage"))


class TestInstall:
    def test_lands_every_source_and_leaves_current_ones_alone(self, ws: Workspace):
        told: list[tuple[str, float]] = []
        landed = install(ws, "china-provinces", lambda stage, share: told.append((stage, share)))
        pack = packs()["china-provinces"]
        assert [item.source_id for item in landed] == [source.id for source in pack.sources]
        assert {item.state for item in landed} == {"added"}
        assert [share for _, share in told] == sorted(share for _, share in told)
        assert told[-1][1] == pytest.approx(1)
        assert pack.installed(ws)
        assert held(ws) == pack.rows
        before = ws.content_hash
        assert {item.state for item in install(ws, "china-provinces")} == {"current"}
        assert ws.content_hash == before

    def test_replaces_another_state_of_a_source(self, ws: Workspace):
        install(ws, "world-technology")
        with ws.staging() as staging:
            staging.commit("ncses-patents", "old")
        assert not packs()["world-technology"].installed(ws)
        states = {item.source_id: item.state for item in install(ws, "world-technology")}
        assert states.pop("ncses-patents") == "replaced"
        assert set(states.values()) == {"current"}

    def test_unknown_pack_is_named_with_its_neighbours(self, ws: Workspace):
        with pytest.raises(UsageError) as caught:
            install(ws, "china-province")
        for language in ("zh", "en"):
            assert "china-provinces" in caught.value.text(language)

    def test_a_fault_leaves_whole_sources_only(self, ws: Workspace, monkeypatch: pytest.MonkeyPatch):
        commit, left = Staging.commit, 2

        def fails(self: Staging, source_id: str, content_hash: str) -> bool:
            nonlocal left
            left -= 1
            if left < 0:
                raise OSError(28, "No space left on device")
            return commit(self, source_id, content_hash)

        monkeypatch.setattr(Staging, "commit", fails)
        with pytest.raises(WorkspaceError):
            install_function(ws, "china-provinces")
        monkeypatch.undo()
        again = open_workspace(ws.path)
        pack = packs()["china-provinces"]
        landed = set(again.sources) & {source.id for source in pack.sources}
        assert landed == {source.id for source in pack.sources[:2]}
        assert held(again) == sum(source.rows for source in pack.sources[:2])
        assert [item.state for item in install(again, "china-provinces")[:3]] == ["current", "current", "added"]


def test_loading_the_reports_oneself_counts_nothing_twice(ws: Workspace, shared: Path):
    """A user's copy has its text, so it stands in for that of the pack, with the very same figures."""
    from foreland.data.documents.land import load_documents

    install(ws, "china-provinces")
    own = load_documents(ws, shared / "data" / "cn_work_reports_2026" / "gwr_provincial_2026.parquet")
    assert own.repeats == ()
    hashes = {row["content_hash"] for row in rows("gov-work-reports-2026", "document")}
    documents = ws.table("document")
    loaded = ws.to_arrow(documents.filter(documents.source_id == own.source_id)).to_pylist()
    assert {row["content_hash"] for row in loaded} == hashes
    assert packs()["china-provinces"].installed(ws)
    asked = ws.ask("policy.coverage").to_pandas()
    ws.remove(own.source_id)
    pd.testing.assert_frame_equal(asked, ws.ask("policy.coverage").to_pandas())


def test_install_does_not_write_into_the_package(ws: Workspace):
    before = {file: file.stat().st_mtime_ns for file in Path(SOURCES[0].folder.parents[1]).rglob("*.parquet")}
    install(ws, "world-technology")
    assert before == {file: file.stat().st_mtime_ns for file in before}

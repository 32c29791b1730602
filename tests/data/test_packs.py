"""The packs that come with the package: what is in them, and how they get into a workspace."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from foreland.core.errors import UsageError, WorkspaceError
from foreland.core.tables import table_spec
from foreland.data.packs import install, packs
from foreland.data.packs import install as install_function
from foreland.data.taxonomy.fields import fields
from foreland.data.taxonomy.regions import regions
from foreland.data.workspace import Staging, Workspace, open_workspace

SOURCES = [source for pack in packs().values() for source in pack.sources]
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


def test_two_packs_under_three_megabytes_each():
    assert set(packs()) == {"world-technology", "china-provinces"}
    for pack in packs().values():
        folder = pack.sources[0].folder.parent
        assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < 3_000_000
        assert {file.name for file in folder.iterdir()} == {"pack.toml", *(source.id for source in pack.sources)}
        assert all(getattr(pack, f.name) for f in dataclasses.fields(pack))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
class TestSource:
    def test_tables_follow_the_schema(self, source):
        assert {file.stem for file in source.folder.iterdir()} == {"source", "indicator", "observation"}
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

    def test_keys_are_unique_and_ids_known(self, source):
        found = rows(source.id)
        assert len(found) == source.rows
        keys = Counter(tuple(row[name] for name in table_spec("observation").key) for row in found)
        assert keys.most_common(1)[0][1] == 1
        assert {row["region_id"] for row in found} <= set(regions())
        assert {row["field_id"] for row in found} <= set(fields())
        assert {row["indicator_id"] for row in found} == {row["indicator_id"] for row in rows(source.id, "indicator")}
        assert all((row["value"] is None) == (row["status"] == "suppressed") for row in found)

    def test_holds_ids_and_figures_only(self, source):
        table = pq.read_table(source.folder / "observation.parquet")
        for name in ("region_id", "field_id", "indicator_id", "period", "status", "source_id"):
            assert all(ID.fullmatch(text) for text in table[name].unique().to_pylist()), name


def test_every_source_of_china_has_the_31_provinces():
    assert len(PROVINCES) == 31
    for source in packs()["china-provinces"].sources:
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
    for source in SOURCES:
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


def test_density_is_mentions_per_10000_characters():
    of = {(r["region_id"], r["field_id"], r["indicator_id"]): r["value"] for r in rows("gov-work-reports-2026")}
    for (place, field, indicator), density in of.items():
        if indicator == "report_mention_density":
            characters = of[place, "all:total", "report_characters"]
            assert density * characters / 10_000 == pytest.approx(of[place, field, "report_mentions"])


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
        assert ws.rows("observation") == pack.rows
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
        held = set(again.sources) & {source.id for source in pack.sources}
        assert held == {source.id for source in pack.sources[:2]}
        assert again.rows("observation") == sum(source.rows for source in pack.sources[:2])
        assert [item.state for item in install(again, "china-provinces")[:3]] == ["current", "current", "added"]


def test_install_does_not_write_into_the_package(ws: Workspace):
    before = {file: file.stat().st_mtime_ns for file in Path(SOURCES[0].folder.parents[1]).rglob("*.parquet")}
    install(ws, "world-technology")
    assert before == {file: file.stat().st_mtime_ns for file in before}

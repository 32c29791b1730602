"""The builder of the packs: same bytes every time, agreement with the loader, and what is counted how."""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

TOOLS = Path(__file__).parents[2] / "tools"
sys.path[:0] = [str(TOOLS), str(TOOLS / "packs")]

import checks  # noqa: E402
import figures  # noqa: E402
import projects  # noqa: E402
import readings  # noqa: E402
import work_reports  # noqa: E402
import yearbooks  # noqa: E402

import build_packs  # noqa: E402
from foreland.core.tables import table_spec  # noqa: E402
from foreland.data.documents.passages import count_characters  # noqa: E402
from foreland.data.packs import packs  # noqa: E402


@pytest.fixture(scope="module")
def built(shared: Path) -> dict[str, list[figures.Figures]]:
    return {name: recipe.build(shared / "data") for name, recipe in build_packs.RECIPES.items()}


def source(built, source_id: str) -> figures.Figures:
    return next(each for sources in built.values() for each in sources if each.source_id == source_id)


def of(source: figures.Figures) -> dict[tuple[str, str, str, str], float | None]:
    return {key: row.value for key, row in source.observations.items()}


def test_committed_packs_are_what_the_builder_makes(built, tmp_path: Path):
    """Byte for byte. Where terms, fields or recipes have changed: ``python tools/build_packs.py``, and commit."""
    for name, sources in built.items():
        build_packs.write_pack(name, sources, tmp_path)
        folder = packs()[name].sources[0].folder.parent
        made = {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()}
        held = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        assert made.keys() == held.keys()
        assert [file for file in made if made[file] != held[file]] == []


def test_checks_pass(built):
    assert [problem for sources in built.values() for s in sources for problem in checks.problems(s)] == []


def test_yearbooks_agree_with_the_loader(built, shared: Path, tmp_path: Path):
    """Read by other code: the layout reader of the package, on the same files."""
    from foreland.data.load import load
    from foreland.data.workspace import open_workspace

    ws = open_workspace(tmp_path / "ws")
    load(ws, shared / "data" / "cn_province_hightech")
    rows = ws.to_arrow(ws.table("observation")).to_pylist()
    loaded = {tuple(row[c] for c in ("region_id", "field_id", "indicator_id", "period")): row["value"] for row in rows}
    compared = 0
    for source in built["china-provinces"]:
        for key, value in of(source).items():
            if key[2] in {k[2] for k in loaded} and source.source_id not in checks.COUNTED:
                assert loaded[key] == (None if value is None else pytest.approx(value, rel=1e-12)), key
                compared += 1
    assert compared > 15_000


def test_world_agrees_with_the_loader(built, shared: Path, tmp_path: Path):
    from foreland.data.load import load
    from foreland.data.workspace import open_workspace

    ws = open_workspace(tmp_path / "ws")
    load(ws, shared / "data" / "world_sci_tech_by_country")
    rows = ws.to_arrow(ws.table("observation")).to_pylist()
    named = {"ipf": "patent_families"}
    for row in rows:
        row["indicator_id"] = named.get(row["indicator_id"], row["indicator_id"])
    loaded = {tuple(row[c] for c in ("region_id", "field_id", "indicator_id", "period")): row["value"] for row in rows}
    ours = {key: value for source in built["world-technology"] for key, value in of(source).items()}
    assert {key for key in ours if loaded.get(key) != ours[key]} == set()
    # Left out on purpose: a group that takes in the United Kingdom twice, and fields that are parts of others.
    missing = {key for key, value in loaded.items() if key not in ours and value != 0}
    assert {key[1] for key in missing if key[0] != "agg:other-europe-2020"} == {
        "ncses_env:all",
        "ncses_env:adaptation_agriculture",
    }


@pytest.fixture(scope="module")
def spoken(built) -> dict[str, set[str]]:
    """Word of the list → provinces in whose reports it is read."""
    found: dict[str, set[str]] = {}
    for row in source(built, work_reports.PROVINCIAL).tables["passage"]:
        if row["kind"] == "field":
            found.setdefault(row["text"], set()).add(row["document_id"].rpartition(":")[2])
    return found


@pytest.mark.parametrize(("word", "expected"), checks.WORDS.items())
def test_words_of_the_reports(shared: Path, spoken: dict[str, set[str]], word: str, expected: int):
    """The regression fixtures: how many reports hold a word, by plain match; the reader finds it in the same ones.

    That a field is read in more reports than its word stands in is right where it has other words: hydrogen 绿氢,
    low altitude 无人机, space 北斗. A word is also read as part of a longer one, 量子 in 量子通信.
    """
    reports = work_reports.read(shared / "data")
    assert sum(word in report.page for report in reports) == expected
    plain = {report.region_id for report in reports if word in report.body}
    assert len(plain) == expected
    assert set().union(*(places for term, places in spoken.items() if word in term)) == plain


def test_the_report_names_the_words_that_make_more_of_a_field(built, shared: Path):
    lines = {
        line.split()[2].rstrip(":"): line for line in checks.report_words(built["china-provinces"], shared / "data")
    }
    assert set(lines) == set(checks.WORDS)
    assert not any("DIFFERS" in line for line in lines.values())
    assert "绿氢 +" in lines["氢能"]
    assert "iotf:quantum: 14" in lines["量子"]


def test_what_is_read_leaves_out_glossaries_and_pages(shared: Path):
    reports = {report.region_id: report for report in work_reports.read(shared / "data")}
    assert len(reports) == 31
    for report in reports.values():
        assert len(report.body) == len(report.page)
        lines = {line.strip() for line in report.body.split("\n")}
        assert not lines & {"注释", "名词解释", "收藏", "打印"}
    cut = {place: count_characters(r.page) - count_characters(r.body) for place, r in reports.items()}
    assert set(sorted(cut, key=lambda place: -cut[place])[:4]) == {"CN-GD", "CN-SC", "CN-HI", "CN-JX"}


def test_readings_are_those_of_the_reader_itself(built, shared: Path):
    """Fields counted by the tagger on what is left of a page, and hashes, without the loader in between."""
    from foreland.data.documents.duplicates import content_hash
    from foreland.data.taxonomy.tagger import Tagger

    read = source(built, work_reports.PROVINCIAL)
    found = checks.mentions(read)
    hashes = {row["region_id"]: row["content_hash"] for row in read.tables["document"]}
    for report in work_reports.read(shared / "data"):
        count, characters = found[report.region_id]
        assert characters == count_characters(report.body)
        assert hashes[report.region_id] == content_hash(report.body)
        plain = Tagger("iotf").count(report.body)
        # A word that a line end cuts is no word, and a sentence never holds one.
        assert sum((plain - count).values()) + sum((count - plain).values()) <= 0.02 * sum(plain.values())


def test_counts_only_of_the_national_reports(built):
    """SOURCES.md allows figures of the provincial reports to be passed on, and counts of the national ones."""
    kinds = {
        source_id: {row["kind"] for row in source(built, source_id).tables["passage"]}
        for source_id in (work_reports.PROVINCIAL, work_reports.NATIONAL)
    }
    assert kinds[work_reports.PROVINCIAL] == {"field", "quantity", "instrument", "definition"}
    assert kinds[work_reports.NATIONAL] == {"field", "instrument", "definition"}


def test_addresses_can_be_opened_by_everyone(built):
    for source_id in (work_reports.PROVINCIAL, work_reports.NATIONAL):
        for row in source(built, source_id).tables["document"]:
            assert row["file"].startswith("http")
            assert "fjlib" not in row["file"]


def test_quantum_is_promised_where_nothing_backs_it(built, shared: Path):
    """In a crude join, Henan speaks of quantum more than all but Anhui and leads none of the projects."""
    density = checks.plain_density(shared / "data", "量子")
    assert sorted(density, key=lambda place: -density[place])[:2] == ["CN-AH", "CN-HA"]
    led = figures.by_place(
        next(s for s in built["china-provinces"] if s.source_id == "most-key-projects"), "key_projects"
    )
    of_field = {place: sum(v for (f, _), v in cells.items() if f == "iotf:quantum") for place, cells in led.items()}
    assert of_field["CN-HA"] == 0
    assert of_field["CN-AH"] == 6
    assert of_field["CN"] > 40


@pytest.mark.parametrize(
    ("title", "programme", "expected"),
    [
        ("风力发电机组叶片", "可再生能源与氢能技术", {"iotf:new_energy"}),
        ("电解水制氢技术", "可再生能源与氢能技术", {"iotf:hydrogen"}),
        ("纤维素转化", "可再生能源与氢能技术", {"iotf:new_energy"}),
        ("单光子干涉", "量子调控与量子信息", {"iotf:quantum"}),
        ("量子传感器", "制造基础技术与关键部件", {"iotf:quantum", "iotf:high_end_equipment"}),
        ("水稻栽培", "粮食丰产增效科技创新", set()),
    ],
)
def test_fields_of_a_project(title: str, programme: str, expected: set[str]):
    assert set(projects.project_fields(title, programme)) == expected


def test_every_programme_has_a_rule(shared: Path):
    known = projects.programme_fields()
    assert {rule for _, rule in known.values()} == {"every", "silent", "title"}
    assert all(bool(field) == (rule != "title") for field, rule in known.values())
    assert set(projects.read_projects(shared / "data")["programme"]) == set(known)


def test_fields_checked_by_hand_are_still_those_given(shared: Path):
    """The error rate in the note was read off these; it holds while the tagger says nearly the same of them."""
    with (TOOLS / "packs" / "project_fields_checked.csv").open(encoding="utf-8", newline="") as lines:
        checked = {row["project"]: row["fields"] for row in csv.DictReader(lines)}
    rows = projects.read_projects(shared / "data")
    now = dict(zip(rows["project"], rows["fields"], strict=True))
    assert len(checked) == 120
    assert sum(" ".join(now[project]) == found for project, found in checked.items()) >= 108


def test_joint_laboratories_count_in_each_province_and_once_in_the_country(built):
    labs = figures.by_place(
        next(s for s in built["china-provinces"] if s.source_id == "most-state-key-labs"), "state_key_labs"
    )
    total = {place: cells["all:total", "2020"] for place, cells in labs.items()}
    country = total.pop("CN")
    assert country == 478
    assert country < sum(total.values()) < 509
    # 化学工程联合: Beijing, Tianjin, Shanghai, Zhejiang.
    assert all(labs[place]["skl_area:chemistry", "2020"] >= 1 for place in ("CN-BJ", "CN-TJ", "CN-SH", "CN-ZJ"))


def test_no_title_of_a_project_or_sentence_in_a_pack(shared: Path):
    """Of the reports no run of Chinese, short as it may be, that is not a word of the package's own lists."""
    titles = set(projects.read_projects(shared / "data")["title"])
    pages = "\n".join(report.page for report in work_reports.read(shared / "data"))
    words = {run for word in readings.vocabulary()[0] for run in re.findall("[一-鿿]+", word)}
    checked = 0
    for each in (each for pack in packs().values() for each in pack.sources):
        for file in each.folder.iterdir():
            table = pq.read_table(file)
            for name in table.column_names:
                texts = {text for text in table[name].unique().to_pylist() if isinstance(text, str)}
                assert not texts & titles
                # Their official titles are told.
                if each.id == work_reports.PROVINCIAL and file.stem != "source" and name != "title":
                    checked += len(texts)
                    runs = {run for text in texts for run in re.findall("[一-鿿]+", text) if run in pages}
                    assert runs - words == set(), name
    assert len(titles) > 2000
    assert checked > 10_000


class TestFigures:
    def test_refuses_two_figures_for_one_key_and_what_is_no_number(self):
        held = figures.Figures("most-rd")
        one = figures.Observation("CN", "all:total", "rd_fte", "2020", 1.0)
        held.add([one])
        with pytest.raises(ValueError, match="two figures"):
            held.add([one._replace(value=2.0)])
        with pytest.raises(ValueError, match="not a number"):
            held.add([one._replace(period="2021", value=float("nan"))])

    def test_hash_changes_with_a_figure_and_not_with_the_order(self):
        rows = [figures.Observation("CN", "all:total", "rd_fte", str(y), float(y)) for y in (2019, 2020)]
        hashes = []
        for given in (rows, rows[::-1], [rows[0], rows[1]._replace(value=1.0)]):
            held = figures.Figures("most-rd")
            held.add(given)
            hashes.append(held.content_hash())
        assert hashes[0] == hashes[1] != hashes[2]

    def test_hash_changes_with_every_column_of_what_was_read(self):
        row = passage(kind="quantity", value=3.0, unit="CNY")
        changed = [row | {"value": 4.0}, row | {"end": 9}, row | {"method": "money"}, row | {"year": 2030}]
        hashes = set()
        for rows in ([row], *([other] for other in changed)):
            held = figures.Figures("most-rd")
            held.put("passage", rows)
            hashes.add(held.content_hash())
        assert len(hashes) == 5

    def test_refuses_passages_of_one_id_and_values_that_are_no_number(self):
        held = figures.Figures("most-rd")
        with pytest.raises(ValueError, match="two rows of passage"):
            held.put("passage", [passage(), passage()])
        with pytest.raises(ValueError, match="not a number"):
            held.put("passage", [passage(value=float("inf"))])

    def test_problems_are_found(self):
        held = figures.Figures("most-rd")
        held.add([figures.Observation("CN-ZJ", "iotf:no_such", "rd_fte", "2020", -1.0)])
        told = " ".join(checks.problems(held))
        assert "iotf:no_such" in told
        assert "below zero" in told
        assert "31 provinces" in told

    def test_words_of_a_source_are_a_problem(self):
        held = figures.Figures("most-rd")
        leaks = ["打造“稻香湖”平台 (head)", "改革 (soft: 稻香湖)", "稻香湖"]
        own = ["改革 (soft: 经济)", "money", "named programme"]
        rows = [passage(kind="instrument", method=text, passage_id=text) for text in [*leaks, *own]]
        rows += [passage(passage_id=name, **{name: "稻香湖"}) for name in ("text", "indicator")]
        assert set(readings.foreign(rows)) == set(leaks)
        held.put("passage", rows)
        assert "稻香湖" in " ".join(checks.problems(held))


def passage(**told) -> dict:
    names = [column.name for column in table_spec("passage").columns]
    row = {"passage_id": "p", "document_id": "d", "start": 1, "end": 2, "kind": "field", "method": "量子"}
    return dict.fromkeys(names) | row | told


def test_amounts_as_printed():
    assert [yearbooks.amount(text) for text in ("", "—", "*")] == [None] * 3
    assert float(yearbooks.amount("-0.5")) == -0.5
    assert float(yearbooks.amount("614756578.0")) == 614756578


def test_counts_outside_the_table_are_an_error():
    with pytest.raises(ValueError, match="outside"):
        projects.full("key_projects", Counter({("CN-ZZ", "all:total", "2018"): 1}), ["all:total"], ["2018"])


def test_bound_of_an_error_rate():
    """Hand-computed: with no error in n draws the one-sided bound is 1 - 0.05^(1/n)."""
    assert projects.upper_bound(100, 0) == pytest.approx(1 - 0.05**0.01)
    assert projects.read_check(TOOLS / "packs" / "projects_checked.csv") == (100, 0)

"""Exports of databases, made up in their layouts: what each says of a record, and what is recognised as what."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from foreland.core.errors import DataError
from foreland.core.settings import Settings
from foreland.data.load import load
from foreland.data.records import formats, reading, tables
from foreland.data.records.bibtex import entries
from foreland.data.records.land import load_records
from foreland.data.records.record import Bad, Left, Record, RecordOptions
from foreland.data.workspace import Workspace, open_workspace

from .made import put

ARXIV = "".join(
    json.dumps(paper) + "\n"
    for paper in (
        {"id": "2101.00001", "submitter": "x", "title": "Robots\n  that $\\alpha$-walk", "categories": "cs.RO cs.AI",
         "abstract": "  We study\nhumanoid robots.", "doi": "10.1000/X1", "authors_parsed": [],
         "journal-ref": "J. Made Up 1 (2021)", 
         "versions": [{"version": "v1", "created": "Fri, 1 Jan 2021 12:00:00 GMT"}],
         "update_date": "2022-02-02"},
        {"id": "hep-th/9912001", "submitter": "x", "title": "Old ways", "categories": "hep-th", "abstract": "x",
         "authors_parsed": [], "update_date": "2009-11-30"},
        {"id": "2101.00002", "title": "Gone", "categories": "cs.RO", "abstract": "This paper has been withdrawn by x",
         "authors_parsed": []},
    )
)  # fmt: skip

WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Made, A
   Up, B
TI Solid-state batteries and
   their limits
SO MADE UP JOURNAL
LA English
DT Article
AB Batteries are studied.
C1 [Made, A; Up, B] Tsinghua Univ, Dept Phys, Beijing 100084, Peoples R China.
   [Up, B] MIT, Cambridge, MA 02139 USA.
   [Up, B] Univ Leeds, Leeds, England.
CR Else A, 2010, J MADE, V1, P1, DOI 10.1000/ref.1
   Else B, 2011, BOOK
TC 12
PD MAR
PY 2018
DI 10.1000/wos.1
WC Electrochemistry; Energy & Fuels
UT WOS:000000001
ER

PT J
TI Retracted thing
DT Retracted Publication
PY 2018
UT WOS:000000002
ER

PT J
TI No year here
DT Article
UT WOS:000000003
ER

EF
"""

WOS_TAB = 'PT\tAU\tTI\tSO\tDT\tC1\tTC\tPY\tDI\tUT\nJ\tMade, A\tA "quoted title on robots\tJ MADE\tArticle\t[Made, A] Univ Tokyo, Tokyo, Japan\t3\t2019\t10.1000/tab\tWOS:9\n'  # noqa: E501

SCOPUS = (
    '"Authors","Title","Year","Source title","Cited by","DOI","Link","Affiliations","Abstract","References",'
    '"Document Type","Language of Original Document","EID"\n'
    '"Made A.","Deep-sea, and ""other"" mining","2020","Made Up Letters","","10.1000/sc.1","https://x",'
    '"School of Robots, Zhejiang University, Hangzhou, China; Department of Law, KU Leuven, Leuven, Belgium",'
    '"An abstract\nover two lines.","Else, (2010), doi: 10.1000/ref.9; Other (2011)","Article",'
    '"English","2-s2.0-1"\n'
    '"Made B.","Second","2021","Made Up Letters","7","","","","[No abstract available]","","Review",'
    '"Chinese","2-s2.0-2"\n'
    '"Made C.","Third","2021","Made Up Letters","7","","","","","","Erratum","English","2-s2.0-3"\n'
)

LENS = (
    "Lens ID,Title,Date Published,Publication Year,Source Title,Abstract,Fields of Study,External URL,DOI,References,"
    "Citing Works Count\n"
    "001-002,Gene therapy,2017-05-06,2017,Made Up,Words,Biology; Genetics,https://y,10.1000/l1,003-004; 005-006,9\n"
)

LENS_PATENTS = (
    "#,Jurisdiction,Kind,Display Key,Lens ID,Publication Date,Publication Year,Title,Abstract,Applicants,URL,"
    "Cited by Patent Count,CPC Classifications,IPCR Classifications\n"
    "1,WO,A1,WO 2020/123 A1,100-200,2020-06-25,2020,Battery cell,A cell,MADE CO LTD;;UNIV OF UP,https://z,4,"
    '"H01M10/0562;;H01M10/052;;Y02E60/10",H01M10/05\n'
    "2,EP,A1,EP 1 A1,100-201,2021-06-25,2021,Walking machine,,,https://z,0,,B62D57/032;;B25J5/00\n"
)

RIS = """TY  - JOUR
TI  - Quantum computing
      in made-up words
AU  - Made, A
PY  - 2016/07/08/
DO  - https://doi.org/10.1000/RIS.1
JO  - Made Up
AB  - Abstract
LA  - eng
AD  - Univ Oslo, Oslo, Norway
ER  -\x20

TY  - JOUR
T1  - 量子计算的虚构研究
Y1  - 2019///
ER  -
"""

BIBTEX = r"""@string{jmu = "Journal of Made-Up"}
@comment{not, a = {record}}
@article{key:1,
  title = {The {GaN} Transistor of Schr{\"o}dinger},
  author = "Made, A and Up, B",
  journal = jmu # " Letters",
  year = 2015, month = mar,
  doi = {10.1000/bib.1},
  abstract = {Costs 5\% less, "quoted"},
}
@inproceedings{k2, title = "Walking, running {and} falling", booktitle = {Proc. Made Up}, year = {1999},
  eprint = {1901.00001v2}, archivePrefix = {arXiv}}
@article{broken, title = {Never closed, year = 2000
@misc(k4, title={Round brackets}, date={2020-05-06})
"""

SAMPLES = {
    "arxiv": ("arxiv.jsonl", ARXIV),
    "wos": ("savedrecs.txt", WOS),
    "scopus": ("scopus.csv", "\ufeff" + SCOPUS),
    "lens": ("lens.csv", LENS),
    "ris": ("export.ris", RIS),
    "bibtex": ("library.bib", BIBTEX),
}


def read(tmp_path: Path, layout: str, name: str, content: str | bytes) -> list[Any]:
    """What the format gives of a file."""
    path = put(tmp_path, name, content)
    folder = tmp_path / "staging"
    folder.mkdir(exist_ok=True)
    way = reading.Reading(folder, RecordOptions())
    module = formats.format_of(layout)
    fields: dict[str, Any] = {}
    found = [item for chunk in module.chunks(path, way) for item in module.parse(chunk, fields)]
    for item in found:
        if isinstance(item, Record):
            assert all(unit.field_id in fields or ":" in unit.field_id for unit in item.units)
    return found


@pytest.mark.parametrize("layout", SAMPLES)
def test_each_export_is_recognised(tmp_path: Path, layout: str) -> None:
    assert formats.detect(put(tmp_path, *SAMPLES[layout])) == layout
    assert formats.detect(put(tmp_path, SAMPLES[layout][0] + ".gz", SAMPLES[layout][1])) == layout


@pytest.mark.parametrize(
    "text",
    ["geo,year,value\nDE,2020,1\n", "title,year\nx,2020\n", "", "{}", "plain words", "@home we are\n", "PT,x\n1,2\n"],
)
def test_what_is_no_export_is_left_to_other_readers(tmp_path: Path, text: str) -> None:
    assert formats.detect(put(tmp_path, "some.csv", text)) is None


def test_arxiv(tmp_path: Path) -> None:
    one, old, gone = read(tmp_path, "arxiv", "arxiv.jsonl", ARXIV)
    assert (one.title, one.text) == ("Robots that α-walk", "We study humanoid robots.")
    assert (one.native, one.doi, one.date, one.year) == ("arxiv:2101.00001", "10.1000/x1", "2021-01-01", 2021)
    assert [(unit.field_id, unit.counted) for unit in one.units] == [("arxiv:cs.RO", True), ("arxiv:cs.AI", False)]
    assert (old.native, old.year) == ("arxiv:hep-th/9912001", 1999)
    assert gone == Left(3, "retracted")


def test_web_of_science_in_plain_text(tmp_path: Path) -> None:
    one, retracted, undated = read(tmp_path, "wos", "savedrecs.txt", WOS)
    assert one.line == 3
    assert one.title == "Solid-state batteries and their limits"
    assert (one.year, one.date, one.citations, one.language) == (2018, "2018-03", 12, "en")
    assert (one.native, one.doi, one.venue) == ("wos:000000001", "10.1000/wos.1", "Made Up Journal")
    assert [(item.name, item.region_id) for item in one.participants] == [
        ("Tsinghua Univ", "CN"), ("MIT", "US"), ("Univ Leeds", "GB"),
    ]  # fmt: skip
    assert one.references == ["doi:10.1000/ref.1"]
    assert [unit.field_id for unit in one.units] == ["wos:Electrochemistry", "wos:Energy & Fuels"]
    assert retracted == Left(25, "retracted")
    assert undated.year is None


def test_web_of_science_tab_delimited_in_any_unicode(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        [one] = read(tmp_path, "wos", f"{encoding}.txt", WOS_TAB.encode(encoding))
        assert (one.title, one.year, one.citations) == ('A "quoted title on robots', 2019, 3)
        assert [item.region_id for item in one.participants] == ["JP"]
        assert formats.detect(tmp_path / f"{encoding}.txt") == "wos"


def test_scopus(tmp_path: Path) -> None:
    one, two, erratum = read(tmp_path, "scopus", "scopus.csv", "\ufeff" + SCOPUS)
    assert one.title == 'Deep-sea, and "other" mining'
    assert one.text == "An abstract over two lines."
    assert (one.line, two.line) == (2, 4), "a line break inside quotes is counted"
    assert (one.citations, two.citations) == (0, 7), "an empty cell says that nothing cites it"
    assert [(item.name, item.region_id, item.kind) for item in one.participants] == [
        ("Zhejiang University", "CN", "university"), ("KU Leuven", "BE", "other"),
    ]  # fmt: skip
    assert one.references == ["doi:10.1000/ref.9"]
    assert (two.text, two.language) == ("", "zh")
    assert erratum == Left(5, "no_work")


@pytest.mark.parametrize("layout", ["scopus", "lens"])
@pytest.mark.parametrize("mark", [";", "\t"])
def test_tables_that_a_spreadsheet_saved_again_are_recognised(tmp_path: Path, layout: str, mark: str) -> None:
    name, text = SAMPLES[layout]
    cells = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    again = io.StringIO(newline="")
    csv.writer(again, delimiter=mark).writerows(cells)
    for encoding in ("utf-8", "utf-16"):
        content = again.getvalue().encode(encoding)
        assert formats.detect(put(tmp_path, "again.csv", content)) == layout
        assert read(tmp_path, layout, "again.csv", content) == read(tmp_path, layout, name, text)


@pytest.mark.parametrize("after", [3, 60])
def test_a_quotation_mark_that_is_not_closed_counts_every_row_it_swallows(tmp_path: Path, after: int) -> None:
    rows = [f"id-{n},A paper on robots with the number {n},2015,Journal\n" for n in range(60 + after)]
    rows.insert(60, 'id-x,"Never closed,2015,Journal\n')
    found = read(tmp_path, "scopus", "s.csv", "EID,Title,Year,Source title\n" + "".join(rows))
    assert [item.native for item in found[:60]] == [f"scopus:id-{n}" for n in range(60)]
    assert found[60:] == [Bad(62 + n, "", "", "broken_row") for n in range(after + 1)]


def test_a_quotation_mark_that_another_one_closes_swallows_no_row_unsaid(tmp_path: Path) -> None:
    rows = ['a,"Never closed,2015,J\n', 'b,"A title, quoted",2015,J\n', "c,Plain,2015,J\n"]
    found = read(tmp_path, "scopus", "s.csv", "EID,Title,Year,Source title\n" + "".join(rows))
    assert found[:2] == [Bad(2, "", "", "broken_row"), Bad(3, "", "", "broken_row")]
    assert found[2].title == "Plain"


def test_lens_works_and_patents(tmp_path: Path) -> None:
    [one] = read(tmp_path, "lens", "lens.csv", LENS)
    assert (one.native, one.citations, one.references) == ("lens:001-002", 9, ["lens:003-004", "lens:005-006"])
    assert [unit.field_id for unit in one.units] == ["lens:Biology", "lens:Genetics"]
    cell, machine = read(tmp_path, "lens", "patents.csv", LENS_PATENTS)
    assert (cell.kind, cell.native, cell.year, cell.citations) == ("patent", "patent:WO2020/123A1", 2020, 4)
    assert [item.name for item in cell.participants] == ["MADE CO LTD", "UNIV OF UP"]
    assert {item.region_id for item in cell.participants} == {None}
    assert {unit.field_id for unit in cell.units if unit.linked} == {"cpc4:H01M", "cpc4:Y02E"}
    assert {unit.field_id for unit in cell.units if not unit.linked} == {"cpc3:H01", "cpc1:H", "cpc3:Y02", "cpc1:Y"}
    assert {unit.field_id for unit in machine.units if unit.linked} == {"ipc4:B62D", "ipc4:B25J"}


def test_ris(tmp_path: Path) -> None:
    one, two = read(tmp_path, "ris", "export.ris", RIS)
    assert one.title == "Quantum computing in made-up words"
    assert (one.date, one.doi, one.venue) == ("2016-07-08", "10.1000/ris.1", "Made Up")
    assert [(item.name, item.region_id) for item in one.participants] == [("Univ Oslo", "NO")]
    assert (two.title, two.year, two.language, two.line) == ("量子计算的虚构研究", 2019, "zh", 13)


def test_bibtex(tmp_path: Path) -> None:
    one, two, broken, four = read(tmp_path, "bibtex", "library.bib", BIBTEX)
    assert one.title == "The GaN Transistor of Schrödinger"
    assert (one.venue, one.date, one.doi) == ("Journal of Made-Up Letters", "2015-03", "10.1000/bib.1")
    assert one.text == 'Costs 5% less, "quoted"'
    assert (two.title, two.native, two.year) == ("Walking, running and falling", "arxiv:1901.00001", 1999)
    assert isinstance(broken, Bad)
    assert broken.line == 13
    assert (four.title, four.date) == ("Round brackets", "2020-05-06")


def test_bibtex_entries_end_where_the_next_begins() -> None:
    keys = [key for _, _, key, _ in entries("@a{x, t={\n@b{y, t={z}}", {})]
    assert keys == ["x", "y"]


@pytest.mark.parametrize("layout", ["wos", "scopus", "ris", "bibtex", "arxiv"])
def test_chunks_cut_between_records_wherever_they_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    name, text = SAMPLES[layout]
    start = {"scopus": text.index("\n") + 1}.get(layout, 0)
    whole = text[:start] + text[start:] * 5
    expected = [getattr(item, "title", item) for item in read(tmp_path, layout, name, whole)]
    lines = [item.line for item in read(tmp_path, layout, name, whole)]
    for size in (64, 300, 1000):
        monkeypatch.setattr(reading, "CHUNK", size)
        monkeypatch.setattr(reading, "BLOCK", size // 2)
        again = read(tmp_path, layout, name, whole)
        titles = [getattr(item, "title", item) for item in again]
        assert [t for t in titles if isinstance(t, str)] == [t for t in expected if isinstance(t, str)], size
        assert [item.line for item in again] == lines, size


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("Peoples R China", "CN"), ("MA 02139 USA", "US"), ("England", "GB"), ("Viet Nam", "VN"), ("Türkiye", "TR"),
        ("South Korea", "KR"), ("Russian Federation", "RU"), ("Taiwan", "TW"), ("中国", "CN"), ("Atlantis", None),
        ("", None),
    ],
)  # fmt: skip
def test_countries_as_databases_write_them(text: str, region: str | None) -> None:
    assert tables.country(text) == region


PATENTS = {
    "g_patent": "patent_id\tpatent_type\tpatent_date\tpatent_title\n"
    '"10000001"\t"utility"\t"2018-06-19"\t"Solid-state battery"\n'
    '"10000002"\t"utility"\t"2019-06-19"\t"Walking ""machine"""\n'
    '"D900001"\t"design"\t"2019-06-20"\t"Chair"\n'
    '"10000003"\t"utility"\t\t"Undated"\n'
    + "".join(f'"{20000000 + n}"\t"utility"\t"2020-01-0{1 + n % 9}"\t"Made-up thing {n}"\n' for n in range(30)),
    "g_patent_abstract": 'patent_id\tpatent_abstract\n"10000001"\t"A cell.\nTwo lines."\n',
    "g_cpc_current": "patent_id\tcpc_sequence\tcpc_subclass\n10000001\t0\tH01M\n10000001\t1\tH01M\n10000002\t0\tB62D\n",
    "g_wipo_technology": "patent_id\twipo_field_sequence\twipo_field_id\n10000001\t0\t1\n10000002\t0\tD2\n",
    "g_us_patent_citation": "patent_id\tcitation_patent_id\n10000002\t10000001\n10000002\t9000000\n"
    "20000000\t10000001\n",
    "g_assignee_disambiguated": "patent_id\tassignee_id\tdisambig_assignee_organization\tassignee_type\tlocation_id\n"
    '10000001\ta1\t"Made Co"\t3\tl1\n10000001\ta2\t\t4\tl2\n10000002\ta1\t"Made Co"\t3\tl1\n',
    "g_location_disambiguated": "location_id\tdisambig_country\nl1\tKR\nl2\tUS\n",
}


def test_patentsview(tmp_path: Path) -> None:
    folder = tmp_path / "patents"
    folder.mkdir()
    for name, text in PATENTS.items():
        put(folder, f"{name}.tsv", text)
    ws = open_workspace(tmp_path / "ws", settings=Settings(threads=1))
    report = load(ws, folder)
    assert report.layout == "patentsview"
    assert report.left_out == {"design": 1}
    assert report.by_reason == {"no_year": 1}
    assert [item.line for item in report.examples] == [5]
    documents = {row["document_id"]: row for row in ws.to_arrow(ws.table("document")).to_pylist()}
    cell = documents["patent:US10000001"]
    assert (cell["kind"], cell["date"], cell["text"], cell["citations"]) == (
        "patent",
        "2018-06-19",
        "A cell. Two lines.",
        2,
    )
    assert documents["patent:US10000002"]["title"] == 'Walking "machine"'
    links = {(row["from_id"], row["kind"], row["to_id"]) for row in ws.to_arrow(ws.table("link")).to_pylist()}
    assert ("patent:US10000002", "cites", "patent:US10000001") in links
    assert ("patent:US10000001", "classified", "wipo35:1") in links
    assert ("patent:US10000001", "classified", "cpc4:H01M") in links
    observed = ws.table("observation")
    observed = observed.filter(observed.source_id == "patents")
    counted = {
        (row["indicator_id"], row["field_id"], row["region_id"], row["period"]): row["value"]
        for row in ws.to_arrow(observed).to_pylist()
    }
    assert counted["patents", "wipo35:1", "KR", "2018"] == 1
    assert counted["patents_fractional", "cpc4:H01M", "US", "2018"] == 0.5
    assert counted["patents", "all:total", "agg:world", "2020"] == 30


def test_patentsview_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "patents"
    folder.mkdir()
    put(folder, "g_patent.tsv", "number\ttitle\n1\tx\n")
    with pytest.raises(DataError) as caught:
        load(open_workspace(tmp_path / "ws"), folder)
    assert "patent_id" in caught.value.text("en")


def test_a_folder_without_the_table_of_patents_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_records(open_workspace(tmp_path / "ws"), put(tmp_path, "x.tsv", "a\tb\n1\t2\n"), layout="patentsview")
    assert "g_patent.tsv is missing" in caught.value.text("en")


@pytest.mark.parametrize("layout", ["scopus", "lens"])
def test_a_table_without_the_headers_of_its_format_names_them(tmp_path: Path, layout: str) -> None:
    path = put(tmp_path, "other.csv", "Name;Jahr\nx;2015\n")
    with pytest.raises(DataError) as caught:
        load_records(open_workspace(tmp_path / "ws"), path, layout=layout)
    assert caught.value.key == "data.error.layout_mismatch"
    assert "Title" in caught.value.text("en")


def test_a_parquet_table_of_something_else_names_the_columns_it_lacks(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"conf": ["x"], "year": [2015]}), tmp_path / "other.parquet")
    with pytest.raises(DataError) as caught:
        load_records(open_workspace(tmp_path / "ws"), tmp_path / "other.parquet", layout="ai_robotics_papers")
    assert "status, title" in caught.value.text("en")


@pytest.mark.parametrize("layout", ["scopus", "lens", "wos", "ris", "bibtex"])
def test_a_folder_is_no_file(tmp_path: Path, layout: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError) as caught:
        load_records(open_workspace(tmp_path / "ws"), tmp_path / "folder", layout=layout)
    assert caught.value.key == "data.error.folder_of_records"


@pytest.fixture
def conferences(shared: Path, tmp_path: Path) -> Path:
    """Some of the papers of conferences, those that were rejected among them."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(shared / "data" / "ai_robotics_papers" / "papers.parquet")
    rejected = table.filter(pc.is_in(table["status"], pa.array(["Reject", "Withdraw"])))
    path = tmp_path / "papers.parquet"
    pq.write_table(pa.concat_tables([table.slice(20_000, 400), rejected.slice(0, 50)]), path)
    return path


def test_conference_papers_leave_rejected_submissions_out(conferences: Path, tmp_path: Path) -> None:
    import pandas as pd

    ws: Workspace = open_workspace(tmp_path / "ws", settings=Settings(threads=1))
    report = load(ws, conferences)
    raw = pd.read_parquet(conferences)
    assert report.layout == "ai_robotics_papers"
    assert report.left_out == {"not_accepted": 50}
    accepted = raw[~raw.status.isin(["Reject", "Withdraw"]) & raw.title.notna()]
    observed = ws.table("observation")
    rows = ws.to_arrow(observed.filter(observed.field_id == "all:total", observed.indicator_id == "papers")).to_pylist()
    counted = {(row["region_id"], int(row["period"])): row["value"] for row in rows}
    merged = sum(report.duplicates.values()) - report.duplicates.get("year", 0)
    assert sum(n for (region, _), n in counted.items() if region == "agg:world") == len(accepted) - merged
    if not merged:
        ours = accepted[accepted.country_unique.fillna("").str.split(";").map(lambda each: "China" in each)]
        assert sum(n for (region, _), n in counted.items() if region == "CN") == len(ours)

"""Papers in the dashboard: their pages, and the list where there are many."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import _client
from foreland.data.records.land import load_records
from foreland.data.workspace import open_workspace
from foreland.i18n import LANGUAGES

PAPERS = Path(__file__).parents[1] / "library" / "papers.jsonl"
STRANGE = "10.5555/<b>&;(1)#x?y=2\"'"


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    folder = tmp_path_factory.mktemp("papers")
    work = {
        "id": "https://openalex.org/W1", "doi": f"https://doi.org/{STRANGE}", "publication_year": 2020,
        "display_name": "Made-up <script>alert(1)</script> work", "referenced_works": ["https://openalex.org/W404"],
        "authorships": [{"countries": ["CN"], "institutions": []}],
    }  # fmt: skip
    text = PAPERS.read_text(encoding="utf-8") + json.dumps(work) + "\n"
    (folder / "papers.jsonl").write_text(text, encoding="utf-8")
    load_records(open_workspace(folder / "workspace"), folder / "papers.jsonl")
    with _client(folder / "workspace") as found:
        yield found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_paper_shows_who_wrote_it_what_it_cites_and_what_cites_it(papers, lang: str) -> None:
    response = papers.get(f"/documents/doi:10.5555/made-up.papers.122?lang={lang}")
    assert response.status_code == 200
    page = response.text
    assert "Made-up Works of CN" in page
    assert {"zh": "中国", "en": "China"}[lang] in page
    assert {"zh": "量子科技", "en": "Quantum technology"}[lang] in page
    assert "/documents/doi:10.5555/made-up.papers.098" in page, "what it cites"
    assert "/documents/openalex:W9000000130" in page, "what cites it"
    assert "foreland correct" not in page


def test_the_data_of_a_paper(papers) -> None:
    found = papers.get("/documents/doi:10.5555/made-up.papers.122.json").json()
    kinds = {row["kind"] for row in found["rows"]}
    assert {"participation", "cites", "cited_by", "speaks_of", "classified"} <= kinds


def test_papers_are_listed_page_by_page_and_found_by_title(papers) -> None:
    assert "155" in papers.get("/documents?lang=en").text
    last = papers.get("/documents?kind=paper&page=4&lang=en")
    assert last.status_code == 200
    found = papers.get("/documents?q=study+122&lang=en").text
    assert found.count("<h2>") == 1


def test_strange_ids_and_titles_do_no_harm(papers) -> None:
    page = papers.get("/documents?q=alert&lang=en").text
    assert "<script>alert" not in page
    address = page.split('<h2><a href="')[1].split('"')[0]
    shown = papers.get(address.replace("&amp;", "&"))
    assert shown.status_code == 200
    assert "W404" in shown.text
    assert "<script>alert" not in shown.text

"""The brief: every number is a finding's value, every mark leads to its evidence, all languages and formats agree."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from docx import Document

from foreland.brief import Brief, compose, render_html, render_markdown, render_word, write_brief
from foreland.brief.model import Cited, Claim
from foreland.core.errors import DataError, UsageError
from foreland.data.answer import set_off
from foreland.data.workspace import Workspace
from foreland.i18n import LANGUAGES, t

PLACES = ("CN-ZJ", "CN-XZ", "CN", "KR")
PAGES = (("CN-ZJ", "zh"), ("CN", "en"))


@pytest.fixture(scope="module")
def briefs(packed: Workspace) -> dict[str, Brief]:
    return {place: compose(packed, place) for place in PLACES}


@pytest.fixture(scope="module")
def pages(packed: Workspace) -> dict[tuple[str, str], str]:
    return {(place, lang): render_html(packed, place, lang) for place, lang in PAGES}


def claims(brief: Brief) -> list[Claim]:
    return [
        *brief.messages,
        *(claim for section in brief.sections for claim in section.claims),
        *(tile.note for tile in brief.tiles),
    ]


def cited(brief: Brief) -> Iterator[tuple[Claim | None, Cited]]:
    for claim in claims(brief):
        for value in claim.values.values():
            if isinstance(value, Cited):
                yield claim, value
    for tile in brief.tiles:
        yield None, tile.value


class Page(HTMLParser):
    """Ids, links and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.text: list[str] = []
        self._hidden = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._hidden = self._hidden or tag == "style"
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if tag == "a" and name == "href":
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text.append(data)


def amount(text: str) -> float:
    return float(re.search(r"\d+(\.\d+)?", text.replace(",", ""))[0])


def plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("place", PLACES)
class TestEveryBrief:
    def test_every_number_is_the_findings(self, briefs, place: str):
        for _, value in cited(briefs[place]):
            finding, row = value.source.finding, value.source.row
            for language in LANGUAGES:
                if value.column:
                    index = finding.table.column_names.index(value.column)
                    assert row is not None
                    written = finding.written(language)[row][index]
                    if value.short:
                        assert float(re.match(r"[\d.]+", written.replace(",", ""))[0]) == amount(value.text(language))
                    else:
                        assert written in value.text(language)
                elif row is not None:
                    # A sum of two columns of the row.
                    whole = finding.rows()[row]
                    assert int(value.text(language)) == whole["key_projects"] + whole["state_key_labs"]
                elif value.text(language).endswith("%"):
                    # A share that the headline states as well.
                    assert f"{value.text(language)[:-1]}" in re.findall(r"\d+", finding.headline[language])
                elif finding.question == "policy.instruments":
                    assert int(value.text(language)) == sum(row["count"] for row in finding.rows())
                else:
                    assert 0 <= int(value.text(language)) <= len(finding)

    def test_numbers_of_a_claim_are_about_what_it_names(self, briefs, place: str):
        for claim, value in cited(briefs[place]):
            if claim is None or value.source.row is None:
                continue
            row = value.source.finding.rows()[value.source.row]
            named = [text for text in claim.values.values() if isinstance(text, dict)]
            for part in ("field_id", "indicator_id"):
                if row.get(part) is not None and any(name in claim.values for name in ("field", "indicator")):
                    label = value.source.finding.labels[row[part]]
                    about = claim.values.get("field" if part == "field_id" else "indicator")
                    if about is not None and about in named and claim.key != "brief.strengths.field":
                        assert about in (label, set_off(label))

    def test_no_claim_without_evidence(self, briefs, place: str):
        for claim in claims(briefs[place]):
            assert any(isinstance(value, Cited) for value in claim.values.values()), claim.key

    def test_both_languages_make_the_same_claims(self, briefs, place: str):
        brief = briefs[place]
        for claim in claims(brief):
            sources = [{source.key for _, source in claim.pieces(lang) if source} for lang in LANGUAGES]
            assert sources[0] == sources[1], claim.key
            named = [set(re.findall(r"{(\w+)}", t(claim.key, lang))) for lang in LANGUAGES]
            # The place need not be named twice where the language can do without it.
            assert named[0] ^ named[1] <= {"place"}, claim.key
        assert set(brief.evidence("en")) == set(brief.evidence("zh"))

    def test_sentences_are_whole(self, briefs, place: str):
        for claim in claims(briefs[place]):
            for language in LANGUAGES:
                text = claim.text(language)
                assert not re.search(r"[{}]|None|\bnan\b|\binf\b|—$|：—", text), text
                if not claim.key.startswith("brief.tile"):
                    assert text.endswith("。" if language == "zh" else "."), text
            assert not re.search(r"[\u4e00-\u9fff]", claim.text("en"))

    def test_growth_is_said_as_it_went(self, briefs, place: str):
        for claim in claims(briefs[place]):
            growth = claim.values.get("growth")
            if not isinstance(growth, Cited) or claim.key.startswith("brief.tile"):
                continue
            row = growth.source.finding.rows()[growth.source.row]
            if claim.key == "brief.position.faster":
                assert row["growth"] > max(row["growth_all"], 0)
            else:
                assert row["growth"] < row["growth_all"]
            assert (claim.key == "brief.challenges.shrank") <= (row["growth"] <= 0)
            assert (claim.key == "brief.challenges.slower") <= (row["growth"] > 0)

    def test_near_is_said_of_the_near_only(self, briefs, place: str):
        for claim in claims(briefs[place]):
            if claim.key.startswith("brief.opportunities."):
                source = claim.values["relatedness"].source
                near = source.finding.rows()[source.row]["relative_relatedness"] > 0
                assert claim.key.endswith("field" if near else "far")

    def test_the_front_says_nothing_the_rest_does_not(self, briefs, place: str):
        brief = briefs[place]
        inside = [claim for section in brief.sections for claim in section.claims]
        assert all(claim in inside for claim in brief.messages)

    def test_evidence_is_numbered_without_gaps(self, briefs, place: str):
        brief = briefs[place]
        for language in LANGUAGES:
            numbers = brief.evidence(language)
            assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))
            assert [source.key for source in brief.cited(language)] == sorted(numbers, key=numbers.__getitem__)


def test_a_thin_place_gets_fewer_claims_not_wilder_ones(briefs):
    brief = briefs["CN-XZ"]
    assert {section.key for section in brief.sections} >= {"promise", "position", "countermeasures"}
    assert not {section.key for section in brief.sections} & {"opportunities", "peers"}
    assert len(brief.missing) >= 3


@pytest.mark.parametrize(("place", "language"), PAGES)
class TestHtml:
    def test_every_mark_has_its_evidence(self, briefs, pages, place, language):
        page = Page(pages[place, language])
        inside = [link for link in page.links if link.startswith("#")]
        assert len(inside) > 20
        assert {link[1:] for link in inside} <= set(page.ids)
        anchors = [i for i in page.ids if re.fullmatch(r"e\d+", i)]
        assert anchors == [f"e{n}" for n in range(1, len(briefs[place].evidence(language)) + 1)]

    def test_needs_nothing_beside_it(self, pages, place, language):
        page = Page(pages[place, language])
        assert not page.tags & {"script", "link", "iframe", "img"}
        assert all(link.startswith("#") for link in page.links)

    def test_says_every_claim(self, briefs, pages, place, language):
        text = plain("".join(Page(pages[place, language]).text))
        for claim in claims(briefs[place]):
            assert plain(claim.text(language)) in text

    def test_is_the_same_twice(self, packed, pages, place, language):
        assert render_html(packed, place, language) == pages[place, language]


@pytest.mark.parametrize("language", LANGUAGES)
class TestFormatsAgree:
    def test_markdown(self, packed, briefs, language):
        text = render_markdown(packed, "CN-ZJ", language)
        told = plain(re.sub(r"\[\^\d+\]", "", text))
        for claim in claims(briefs["CN-ZJ"]):
            assert plain(claim.text(language)) in told
        marks, notes = set(re.findall(r"\[\^(\d+)\](?!:)", text)), re.findall(r"^\[\^(\d+)\]: ", text, re.M)
        assert marks == set(notes)
        assert notes == [str(n) for n in range(1, len(notes) + 1)]
        assert "all:total" not in text
        assert " iotf:" not in text

    def test_word(self, packed, briefs, language):
        document = Document(io.BytesIO(render_word(packed, "CN-ZJ", language)))
        parts = [p.text for p in document.paragraphs]
        parts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        told = plain(re.sub(r"\[\d+\]", "", "\n".join(parts)))
        for claim in claims(briefs["CN-ZJ"]):
            assert plain(claim.text(language)) in told
        numbers = briefs["CN-ZJ"].evidence(language).values()
        for number in numbers:
            assert sum(part.startswith(f"[{number}] ") for part in parts) == 1


class TestErrors:
    @pytest.mark.parametrize("place", ["TLC1", "CN-HK", "agg:world"])
    def test_place_without_figures(self, packed: Workspace, place: str):
        with pytest.raises(DataError) as caught:
            compose(packed, place)
        assert caught.value.key == "brief.error.nothing"
        assert caught.value.cure("zh")

    def test_unknown_place(self, packed: Workspace):
        with pytest.raises(UsageError) as caught:
            compose(packed, "CN-ZX")
        assert caught.value.key == "data.error.unknown_region"

    def test_format(self, packed: Workspace, tmp_path):
        with pytest.raises(UsageError) as caught:
            write_brief(packed, "CN-ZJ", tmp_path / "brief.pdf")
        assert ".docx" in caught.value.cure("zh")
        assert not (tmp_path / "brief.pdf").exists()

    def test_written_files(self, packed: Workspace, tmp_path):
        path = write_brief(packed, "CN-XZ", tmp_path / "new" / "brief.md", "zh")
        assert path.read_text(encoding="utf-8") == render_markdown(packed, "CN-XZ", "zh")


class TestHostileNames:
    NAME = '<script>alert("x")</script> {place} | [^1] & <b>'

    @pytest.fixture
    def ws(self, tiny) -> Workspace:
        rows = [
            (r, f"own:{f}", str(y), 50.0 + 10 * i * j + (y - 2010))
            for i, r in enumerate(("XX-H", "KR", "JP", "DE"), 1)
            for j, f in enumerate("abcd", 1)
            for y in range(2008, 2021)
        ]
        return tiny(rows, names={"XX-H": self.NAME, "own:a": self.NAME, "things": self.NAME})

    def test_html_escapes(self, ws: Workspace):
        text = render_html(ws, "XX-H", "en")
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert not Page(text).tags & {"script", "iframe"}

    def test_names_do_not_fill_placeholders(self, ws: Workspace):
        brief = compose(ws, "XX-H")
        assert brief.title("en").startswith(self.NAME)
        told = [claim.text("en") for claim in claims(brief)]
        assert told
        assert any(self.NAME in text for text in told)

    def test_markdown_and_word_hold_it_as_text(self, ws: Workspace):
        text = render_markdown(ws, "XX-H", "en")
        assert not re.search(r"(?<!\\)<script", text)
        assert not re.search(r"(?<!\\)\[\^1\] &", text)
        document = Document(io.BytesIO(render_word(ws, "XX-H", "en")))
        assert any(self.NAME in paragraph.text for paragraph in document.paragraphs)

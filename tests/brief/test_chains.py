"""Where the chain can break: the place's own table, or that of its country and said so, or nothing at all."""

from __future__ import annotations

import re

import pytest
from tests.chains.landed import land_tables, made_up, table_of

from foreland.brief import Brief, compose, render_html, render_markdown
from foreland.brief.model import Cited, Claim, Section
from foreland.core.errors import DataError
from foreland.core.registry import questions
from foreland.data.answer import name
from foreland.data.packs import install
from foreland.data.workspace import Workspace, open_workspace
from foreland.i18n import LANGUAGES

QUESTION = "chains.self_reliance"


@pytest.fixture(scope="module")
def tabled(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The figures of China's provinces, and made-up input–output tables of China of two years."""
    ws = open_workspace(tmp_path_factory.mktemp("tabled") / "workspace")
    install(ws, "china-provinces")
    years = {"2017": made_up(1), "2020": made_up(2, abroad=0.3)}
    return land_tables(ws, [table_of(year, data) for year, data in years.items()])


def section(brief: Brief, key: str = "chain") -> Section:
    return next(section for section in brief.sections if section.key == key)


def claim(brief: Brief, key: str) -> Claim:
    return next(claim for section in brief.sections for claim in section.claims if claim.key == key)


def cell(value: object) -> object:
    assert isinstance(value, Cited)
    assert value.source.row is not None
    return value.source.finding.rows()[value.source.row][value.column]


class TestOwnTable:
    def test_says_who_relies_least_on_home(self, packed: Workspace):
        brief = compose(packed, "US")
        rows = questions()[QUESTION](packed, region="US").rows()
        said = claim(brief, "brief.chain.least.since")
        assert said.values["field"] == name(packed, rows[0]["field_id"])
        assert cell(said.values["now"]) == min(row["self_reliance_chain"] for row in rows)
        assert cell(said.values["then"]) == rows[0]["share_before"]
        assert said.values["standing"] == {"en": "", "zh": ""}

    def test_one_claim_stands_on_the_front(self, packed: Workspace):
        brief = compose(packed, "US")
        assert [claim in section(brief).claims for claim in brief.messages].count(True) == 1

    def test_has_a_figure_that_can_be_read(self, packed: Workspace):
        figure = section(compose(packed, "US")).figure
        assert figure is not None
        assert len(figure.finding) <= 14

    def test_what_moved_is_told_as_it_moved(self, packed: Workspace):
        brief = compose(packed, "US")
        rows = [row for row in questions()[QUESTION](packed, region="US").rows() if row["share_change"] is not None]
        fell, rose = claim(brief, "brief.chain.fell"), claim(brief, "brief.chain.rose")
        assert cell(fell.values["now"]) - cell(fell.values["then"]) == pytest.approx(
            min(row["share_change"] for row in rows)
        )
        assert cell(rose.values["now"]) - cell(rose.values["then"]) == pytest.approx(
            max(row["share_change"] for row in rows)
        )

    def test_the_sector_to_secure_is_a_key_sector_and_less_self_reliant_than_most(self, packed: Workspace):
        brief = compose(packed, "US")
        measure = claim(brief, "brief.measures.secure")
        rows = questions()[QUESTION](packed, region="US").rows()
        shares = sorted(row["self_reliance_chain"] for row in rows)
        assert cell(measure.values["now"]) < shares[len(shares) // 2]
        assert cell(measure.values["power"]) > 1
        assert cell(measure.values["sensitivity"]) > 1

    def test_the_shares_of_imports_are_of_the_sector_named(self, packed: Workspace):
        for each in section(compose(packed, "US")).claims:
            if each.key.startswith("brief.chain.rests"):
                named = each.values["field"]
                first = each.values["first_share"]
                row = first.source.finding.rows()[first.source.row]
                label = first.source.finding.labels[row["sector_id"]]
                assert {language: text.strip("“”") for language, text in named.items()} == label
                assert row["rank"] == 1


class TestNoTable:
    def test_names_the_question_instead(self, packed: Workspace):
        brief = compose(packed, "CN-ZJ")
        assert "chain" not in {section.key for section in brief.sections}
        assert questions()[QUESTION].text in brief.missing
        # One question stands for all that need the same table.
        assert sum(questions()[f"chains.{each}"].text in brief.missing for each in ("linkages", "extraction")) == 0

    def test_a_table_of_the_country_alone_makes_no_brief(self, tabled: Workspace):
        with pytest.raises(DataError) as caught:
            compose(tabled, "CN-HK")
        assert caught.value.key == "brief.error.nothing"


@pytest.mark.parametrize("language", LANGUAGES)
class TestTableOfTheCountry:
    def test_stands_in_and_is_said_to(self, tabled: Workspace, language):
        brief = compose(tabled, "CN-ZJ")
        text = section(brief).claims[0].text(language)
        country, place = {"zh": ("中国", "浙江"), "en": ("China", "Zhejiang")}[language]
        assert re.search(f"{place}.*{country}", text)
        assert {"zh": "没有自己的投入产出表", "en": "has no input–output table of its own"}[language] in text
        assert questions()[QUESTION].text not in brief.missing

    def test_the_front_says_so_too(self, tabled: Workspace, language):
        brief = compose(tabled, "CN-ZJ")
        assert section(brief).claims[0] in brief.messages

    def test_evidence_shows_flows_in_words_and_the_largest_first(self, tabled: Workspace, language):
        text = render_markdown(tabled, "CN-ZJ", language)
        assert "flow_domestic" not in text
        flows = [line for line in text.splitlines() if line.startswith("[^") and QUESTION in line and "link: " in line]
        assert flows
        assert {"zh": "国产", "en": "made at home"}[language] in flows[0]
        assert render_html(tabled, "CN-ZJ", language).count('id="chain"') == 1

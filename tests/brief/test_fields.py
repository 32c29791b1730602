"""The brief of a field: told apart from a place, every number the finding's, nothing said that was not found."""

from __future__ import annotations

import io
import re

import pytest
from docx import Document
from tests.brief.test_brief import Page, cited, claims, plain
from tests.chains.landed import made_up, workspace

from foreland.brief import Brief, compose, field_of, near_fields, render_html, render_markdown, render_word
from foreland.brief.fields import product_chains_of, technologies
from foreland.brief.subject import country_of, subject_of
from foreland.core.errors import DataError, UsageError
from foreland.core.registry import questions
from foreland.data.taxonomy import fields as taxonomy
from foreland.data.workspace import Workspace
from foreland.i18n import LANGUAGES, t

FIELDS = ("iotf:hydrogen", "iotf:quantum", "iotf:deep_sea")


@pytest.fixture(scope="module")
def briefs(packed: Workspace) -> dict[str, Brief]:
    return {field: compose(packed, field) for field in FIELDS}


def keyed(brief: Brief) -> set[str]:
    return {claim.key for claim in claims(brief)}


class TestSubject:
    @pytest.mark.parametrize("text", ["iotf:hydrogen", "氢能", "Hydrogen energy", " hydrogen energy "])
    def test_a_field_by_id_or_name(self, packed: Workspace, text: str):
        assert subject_of(packed, text) == ("iotf:hydrogen", True)

    @pytest.mark.parametrize("text", ["CN-ZJ", "浙江", "Zhejiang"])
    def test_a_place_by_id_or_name(self, packed: Workspace, text: str):
        assert subject_of(packed, text) == ("CN-ZJ", False)

    @pytest.mark.parametrize("text", ["iotf:hydrogn", "wipo35:hydrogen", "bea71:xx"])
    def test_what_looks_like_a_field_and_is_none(self, packed: Workspace, text: str):
        with pytest.raises(UsageError) as caught:
            compose(packed, text)
        assert caught.value.key == "brief.error.unknown_field"
        assert text in caught.value.what("en")
        assert caught.value.cure("zh")

    def test_did_you_mean(self, packed: Workspace):
        with pytest.raises(UsageError) as caught:
            compose(packed, "iotf:hydrogn")
        assert "iotf:hydrogen" in caught.value.what("en")
        assert any("iotf:hydrogen" in near for near in near_fields(packed, "氢能源"))

    def test_what_is_neither_is_an_unknown_place(self, packed: Workspace):
        assert field_of(packed, "Atlantis") is None
        with pytest.raises(UsageError) as caught:
            compose(packed, "Atlantis")
        assert caught.value.key == "data.error.unknown_region"

    def test_country(self, packed: Workspace):
        assert country_of(packed, "CN-ZJ") == "CN"
        assert country_of(packed, "TLC1") == "GB"
        assert country_of(packed, "KR") == "KR"
        assert country_of(packed, "agg:world") == "agg:world"


@pytest.mark.parametrize("field", FIELDS)
class TestEveryFieldBrief:
    def test_every_number_is_the_findings(self, briefs, field: str):
        for _, value in cited(briefs[field]):
            finding, row = value.source.finding, value.source.row
            for language in LANGUAGES:
                if value.column:
                    index = finding.table.column_names.index(value.column)
                    assert row is not None
                    assert finding.written(language)[row][index] in value.text(language)
                elif row is not None:
                    whole = finding.rows()[row]
                    assert int(value.text(language)) == whole["key_projects"] + whole["state_key_labs"]
                else:
                    assert 0 <= int(value.text(language)) <= len(finding)

    def test_what_is_said_of_a_field_is_of_this_one(self, briefs, packed: Workspace, field: str):
        """Rows of findings about fields of the future are the field's own."""
        for claim, value in cited(briefs[field]):
            row = value.source.finding.rows()[value.source.row] if value.source.row is not None else {}
            if claim is not None and str(row.get("field_id") or "").startswith("iotf:"):
                assert row["field_id"] == field

    def test_both_languages_say_the_same(self, briefs, field: str):
        for claim in claims(briefs[field]):
            sources = [{source.key for _, source in claim.pieces(language) if source} for language in LANGUAGES]
            assert sources[0] == sources[1]
            named = [set(re.findall(r"{(\w+)}", t(claim.key, language))) for language in LANGUAGES]
            assert named[0] ^ named[1] <= {"place"}, claim.key
            for language in LANGUAGES:
                text = claim.text(language)
                assert not re.search(r"[{}]|None|\bnan\b|\binf\b|—$|：—", text), text
            assert not re.search(r"[\u4e00-\u9fff]", claim.text("en"))

    def test_no_claim_without_evidence_and_the_front_is_inside(self, briefs, field: str):
        brief = briefs[field]
        inside = [claim for section in brief.sections for claim in section.claims]
        assert all(claim in inside for claim in brief.messages)
        for claim in inside:
            assert brief.evidence("en").keys() >= {source.key for _, source in claim.pieces("en") if source}
            assert any(source for _, source in claim.pieces("en"))

    def test_formats_say_every_claim(self, briefs, packed: Workspace, field: str):
        html = Page(render_html(packed, field, "zh"))
        document = Document(io.BytesIO(render_word(packed, field, "zh")))
        parts = [p.text for p in document.paragraphs]
        parts += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        told = {
            "html": plain("".join(html.text)),
            "md": plain(re.sub(r"\[\^\d+\]", "", render_markdown(packed, field, "zh"))),
            "docx": plain(re.sub(r"\[\d+\]", "", "\n".join(parts))),
        }
        for claim in claims(briefs[field]):
            for text in told.values():
                assert plain(claim.text("zh")) in text
        assert {link[1:] for link in html.links if link.startswith("#")} <= set(html.ids)


class TestWhatIsSaid:
    def test_title_and_missing_are_of_a_field(self, packed: Workspace, briefs):
        brief = briefs["iotf:hydrogen"]
        assert brief.title("zh") == "氢能产业研判"
        assert t("brief.missing.field", "zh", questions="")[:-1] in render_markdown(packed, "iotf:hydrogen", "zh")

    def test_who_speaks_most(self, packed: Workspace, briefs):
        rows = questions()["policy.coverage"](packed, field="iotf:hydrogen").rows()
        most = sorted(rows, key=lambda row: -row["mention_density"])[0]
        said = next(claim for claim in claims(briefs["iotf:hydrogen"]) if claim.key == "brief.field.spoken")
        cell = said.values["a_density"]
        assert cell.source.finding.rows()[cell.source.row]["region_id"] == most["region_id"]

    def test_strong_is_said_of_the_clearly_strong_only(self, packed: Workspace, briefs):
        for field, brief in briefs.items():
            rows = questions()["capability.specialisation"](packed, field=field).rows()
            strong = [row for row in rows if row["standing"] == "strength"]
            assert ("brief.field.strengths.none" in keyed(brief)) == (not strong)
            assert ("brief.field.strength" in keyed(brief)) == bool(strong)

    def test_leads_are_of_technologies_of_the_crosswalk(self, briefs):
        assert "brief.field.leads" in keyed(briefs["iotf:hydrogen"])
        for field, brief in briefs.items():
            drawn = technologies(field)
            for claim, value in cited(brief):
                if claim is not None and claim.key in ("brief.field.leader", "brief.field.follows"):
                    row = value.source.finding.rows()[value.source.row]
                    assert row["field_id"] in drawn
                    assert (row["stage"] == "leader") == (claim.key == "brief.field.leader")

    def test_weak_links_lead_to_no_technology(self):
        weak = [c for c in taxonomy.crosswalk("iotf", "wipo35") if c.quality == "weak"]
        assert weak
        for crossing in weak:
            assert crossing.to_id not in technologies(crossing.from_id)

    def test_the_table_that_stands_in_is_named(self, packed: Workspace, briefs):
        """The packs have a table of the United States only, the documents are of China."""
        for claim in claims(briefs["iotf:hydrogen"]):
            if claim.key in ("brief.field.pull", "brief.field.imports"):
                assert claim.values["country"]["en"] == "US"
        assert "brief.field.pull" in keyed(briefs["iotf:hydrogen"])

    def test_no_product_chain_of_the_field_no_chokepoints(self, packed: Workspace, briefs):
        brief = briefs["iotf:hydrogen"]
        assert "brief.chain.chokepoints" not in keyed(brief)
        assert questions()["chains.chokepoints"].text in brief.missing
        assert product_chains_of(packed, "iotf:hydrogen") == []

    def test_a_table_alone_gives_a_brief_of_what_the_field_pulls_along(self, tmp_path):
        ws = workspace(tmp_path, {"2020": made_up(1)})
        # Nobody has said which of its sectors make the field's products.
        with pytest.raises(DataError) as caught:
            compose(ws, "iotf:hydrogen")
        assert caught.value.key == "brief.error.nothing"

"""What a place promised: the targets that matter, in the words of its documents, and only what is loaded."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from docx import Document

from foreland.brief import Brief, compose, render_html, render_markdown, render_word
from foreland.brief.promised import HEADLINES, MOST, OF_A_FIELD, OF_FIELDS
from foreland.data.documents.land import load_documents
from foreland.data.workspace import Workspace, open_workspace
from foreland.i18n import LANGUAGES, t

HTTP = "https://example.org/"
GROWTH = {"浙江": 6, "山东": 5, "河南": 7, "四川": 4, "湖北": 8, "福建": 3}
TEXT = """{place}省政府工作报告
各位代表，2026年经济社会发展主要预期目标是：地区生产总值增长{growth}%以上，全社会研发投入强度达到{rd}%。
建设量子科技重大项目，支持量子计算企业发展，设立产业基金，实施人才计划，推进首台套应用示范。
到2030年，人工智能核心产业规模突破{size}亿元，新增未来产业先导区{zones}个。
今年新建社区食堂{zones}家，人工智能、康养等领域开设老年课程{zones}门。
"""
OLD = "浙江省政府工作报告\n2021年，地区生产总值增长9%以上，力争机器人产业规模突破77亿元。\n"


def report(place: str, growth: float) -> str:
    # Sentences of its own, else one report would be taken for a copy of another.
    own = "".join(f"{place}的{'甲乙丙丁戊己庚辛'[i % 8] * (i + 1)}由{place}自己办。\n" for i in range(30))
    return TEXT.format(place=place, growth=growth, rd=2 + growth / 10, size=int(100 * growth), zones=int(growth)) + own


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with made-up reports of six provinces, one of which has an old one too."""
    folder = tmp_path_factory.mktemp("told")
    with (folder / "reports.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "title", "date", "issuer", "url", "text"])
        for place, growth in GROWTH.items():
            rows.writerow([place, f"{place}省报告", "2026-01-20", place, HTTP + place, report(place, growth)])
        rows.writerow(["old", "旧报告", "2021-01-20", "浙江", str(folder / "secret.txt"), OLD])
    ws = open_workspace(folder / "workspace")
    load_documents(ws, folder / "reports.csv")
    return ws


@pytest.fixture(scope="module")
def brief(told: Workspace) -> Brief:
    return compose(told, "CN-ZJ")


def section(brief: Brief, key: str = "promised"):
    return next(section for section in brief.sections if section.key == key)


def keys(brief: Brief) -> list[str]:
    return [claim.key.removeprefix("brief.promised.") for claim in section(brief).claims]


class TestTargets:
    def test_fields_first_then_headlines(self, brief: Brief):
        rows = section(brief).targets.rows
        about = [row.heading is not None for row in rows]
        assert about == sorted(about, reverse=True)
        assert [row.amount.text("zh") for row in rows] == ["≥600亿元", "6", "≥6%", "2.6%"]
        assert [row.year for row in rows] == ["2030", "2030", "2026", "2026"]

    def test_a_figure_beside_a_field_is_not_of_it(self, brief: Brief):
        assert not any("课程" in row.words or "食堂" in row.words for row in section(brief).targets.rows)

    def test_what_was_due_long_ago_is_left_out(self, brief: Brief):
        rows = section(brief).targets.rows
        assert not any("77" in row.quote.text or "9%" in row.quote.text for row in rows)
        assert not any(row.year == "2021" for row in rows)

    def test_ranks_are_counted(self, brief: Brief):
        ranks = {row.amount.text("zh"): row.rank for row in section(brief).targets.rows}
        higher = sum(growth > GROWTH["浙江"] for growth in GROWTH.values())
        assert ranks["≥6%"] == f"{1 + higher}/{len(GROWTH)}"

    def test_the_passage_is_the_documents(self, brief: Brief):
        whole = report("浙江", GROWTH["浙江"])
        for row in section(brief).targets.rows:
            quote = row.quote
            assert quote.text.strip("…") in whole
            assert quote.words[0].isdigit()
            assert whole.count(quote.before.removeprefix("…") + quote.words) == 1
            assert quote.where == f"浙江省报告 (2026-01-20) {HTTP}浙江"

    def test_words_of_the_document_only_in_its_language(self, brief: Brief):
        for row in section(brief).targets.rows:
            assert row.what("zh")
            foreign = re.sub("“[^”]*”", "", row.what("en"))
            assert not re.search(r"[\u4e00-\u9fff]", foreign)


class TestClaims:
    def test_first_says_how_many_and_where_it_stands(self, brief: Brief):
        first = section(brief).claims[0]
        assert first.key == "brief.promised.count.rank"
        for words in ("6%以上", "第 3 位"):
            assert words in first.text("zh")
        for words in ("at least 6%", "rank 3 of 6 places"):
            assert words in first.text("en")

    def test_the_centre_is_not_spoken_of_where_it_is_not_loaded(self, brief: Brief):
        assert not [key for key in keys(brief) if key.startswith(("centre", "emphasis"))]
        assert not [key for key in keys(brief) if key == "reuse.centre"]
        asked = [text["en"] for text in brief.missing]
        assert sum("centre" in text for text in asked) == 1

    def test_instruments_add_up(self, brief: Brief):
        claim = next(claim for claim in section(brief).claims if claim.key == "brief.promised.instruments")
        parts = [int(claim.values[side].text("en").rstrip("%")) for side in ("supply", "environment", "demand")]
        assert sum(parts) == pytest.approx(100, abs=1)

    def test_caveats_travel(self, told: Workspace):
        text = render_markdown(told, "CN-ZJ", "zh")
        assert t("policy.caveat.read_by_rule", "zh") in text


class TestWritten:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_every_format_quotes_the_passages(self, told: Workspace, brief: Brief, language):
        html = re.sub(r"<[^>]+>", "", render_html(told, "CN-ZJ", language))
        markdown = render_markdown(told, "CN-ZJ", language)
        word = Document(io.BytesIO(render_word(told, "CN-ZJ", language)))
        cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
        for row in section(brief).targets.rows:
            for written in (html, markdown):
                assert row.quote.text in written
            assert f"“{row.quote.text}”" in cells
            assert any(cell.startswith(f"{row.amount.text(language)}[") for cell in cells)
        for written in (html, markdown, "\n".join(paragraph.text for paragraph in word.paragraphs)):
            assert HTTP + "浙江" in written

    def test_no_path_and_no_key_is_shown(self, told: Workspace):
        for language in LANGUAGES:
            for text in (render_html(told, "CN-ZJ", language), render_markdown(told, "CN-ZJ", language)):
                assert "secret" not in text
                assert "doc:reports" not in text
                assert ":quantity" not in text


class TestPacks:
    """The bundled documents come without their texts."""

    def test_figures_without_words(self, packed: Workspace):
        found = section(compose(packed, "CN-SD")).targets
        assert found.rows
        assert not found.quoted
        assert all(row.named is not None for row in found.rows)
        assert len(found.documents) == 1
        for language in LANGUAGES:
            text = render_markdown(packed, "CN-SD", language)
            assert f"| {t('brief.targets.passage', language)} |" not in text
            assert found.documents[0] in text

    @pytest.mark.parametrize("place", ["CN-SD", "CN-ZJ", "CN-HA", "CN-XZ"])
    def test_few_and_sound(self, packed: Workspace, place: str):
        brief = compose(packed, place)
        found = section(brief).targets
        assert 0 < len(found.rows) <= MOST
        held = [row.heading["en"] for row in found.rows if row.heading is not None]
        assert len(held) <= OF_FIELDS
        assert all(held.count(field) <= OF_A_FIELD for field in held)
        for row in found.rows:
            cell = row.amount.source.finding.rows()[row.amount.source.row]
            assert (cell["doubt"], cell["region_id"], cell["status"]) == (None, place, "target")
            assert row.heading is not None or cell["measure_id"] in HEADLINES

    def test_the_centre_has_no_equals(self, packed: Workspace):
        found = keys(compose(packed, "CN"))
        assert "instruments.alone" in found
        assert not {"instruments", "centre"} & set(found)

    def test_shared_wording_needs_texts(self, packed: Workspace):
        assert not [key for key in keys(compose(packed, "CN-SD")) if key.startswith("reuse")]

    def test_a_place_without_documents_has_no_such_section(self, packed: Workspace):
        brief = compose(packed, "KR")
        assert all(section.key != "promised" for section in brief.sections)
        assert not any("centre" in text["en"] for text in brief.missing)


def test_an_untitled_file_is_called_by_its_source(tmp_path: Path):
    text = "今年主要预期目标是：地区生产总值增长6%以上。\n" + "今年大家一起办好许多小事。\n" * 9
    with (tmp_path / "t.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "date", "issuer", "text"])
        rows.writerow(["a", "2026", "浙江", text])
    ws = open_workspace(tmp_path / "workspace")
    load_documents(ws, tmp_path / "t.csv")
    row = section(compose(ws, "CN-ZJ")).targets.rows[0]
    assert row.quote.where == "t (2026)"

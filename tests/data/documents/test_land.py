"""Documents landed: whole or not at all, nothing read twice, every span where it is said to be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from foreland.core.errors import DataError, UsageError
from foreland.data.documents import passages, pool
from foreland.data.documents.land import load_documents
from foreland.data.documents.options import DocumentOptions
from foreland.data.documents.repeats import Compared, find_repeats
from foreland.data.workspace import Workspace, open_workspace
from foreland.i18n import LANGUAGES

from .made import BODY, ENGLISH, OTHER, plan, write_plans


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "workspace")


@pytest.fixture
def plans(tmp_path: Path) -> Path:
    return write_plans(tmp_path / "plans")


def rows(ws: Workspace, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ws.to_arrow(ws.table(table)).to_pylist()
    return found


def by_file(ws: Workspace) -> dict[str, dict[str, Any]]:
    return {row["file"]: row for row in rows(ws, "document")}


def test_a_folder_lands_with_facts_and_passages(ws: Workspace, plans: Path) -> None:
    report = load_documents(ws, plans)
    assert report.rows["document"] == 5
    found = by_file(ws)
    assert set(found) == {"杭州2026.txt", "copy.md", "繁體.txt", "uk.html", "浙江/a.docx"}
    facts = {name: (row["region_id"], row["level"], row["date"], row["language"]) for name, row in found.items()}
    assert facts == {
        "杭州2026.txt": ("CN-330100", "city", "2026-01-15", "zh"),
        "copy.md": ("CN-330100", "city", "2026-03-01", "zh"),
        "繁體.txt": ("CN-GD", "province", "2026-02-01", "zh"),
        "uk.html": ("GB", "foreign", "2023-03-03", "en"),
        "浙江/a.docx": ("CN-ZJ", "province", "2025-06-01", "zh"),
    }
    assert found["杭州2026.txt"]["region_from"] == "filename"
    assert found["浙江/a.docx"]["region_from"] == "title"
    assert report.rows["passage"] == len(rows(ws, "passage"))
    for language in LANGUAGES:
        assert "{" not in report.text(language)
    assert report.to_dict()["rows"]["document"] == 5


def test_every_passage_stands_where_it_says(ws: Workspace, plans: Path) -> None:
    load_documents(ws, plans)
    texts = {row["document_id"]: row["text"] for row in rows(ws, "document")}
    found = rows(ws, "passage")
    for row in found:
        assert texts[row["document_id"]][row["start"] : row["end"]] == row["text"]
        if row["sentence_start"] is not None:
            assert row["sentence_start"] <= row["start"] < row["end"] <= row["sentence_end"]
        assert row["field_id"] is None or row["field_id"].startswith("iotf:")
    assert len({row["passage_id"] for row in found}) == len(found)
    traditional = next(name for name, text in texts.items() if "廣東" in text)
    mine = [row for row in found if row["document_id"] == traditional]
    assert {"量子科技", "機器人"} <= {row["text"] for row in mine if row["kind"] == "field"}
    assert 3e10 in [row["value"] for row in mine if row["kind"] == "quantity"]


def test_the_same_documents_land_as_the_same_rows(ws: Workspace, plans: Path, tmp_path: Path) -> None:
    first = load_documents(ws, plans)
    before = rows(ws, "passage")
    again = load_documents(ws, plans)
    assert (first.read, first.kept, first.unchanged, first.replaced) == (5, 0, False, False)
    assert (again.read, again.kept, again.unchanged, again.replaced) == (0, 5, True, True)
    assert rows(ws, "passage") == before
    other = open_workspace(tmp_path / "other")
    load_documents(other, plans)
    assert other.sources["plans"].content_hash == ws.sources["plans"].content_hash


def test_only_what_changed_is_read(ws: Workspace, plans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_documents(ws, plans)
    (plans / "杭州2026.txt").write_text(plan(body=OTHER), encoding="utf-8")
    asked: list[str] = []
    from foreland.data.documents import gather

    extracted = gather.extracted
    monkeypatch.setattr(gather, "extracted", lambda files: extracted([asked.append(f.name) or f for f in files]))  # type: ignore[func-returns-value]
    report = load_documents(ws, plans)
    assert asked == ["杭州2026.txt"]
    assert (report.read, report.kept) == (1, 4)


def test_what_was_read_before_an_interruption_is_kept(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.txt").write_text(plan(body=f"{BODY}第{number}项。"), encoding="utf-8")
    done = []

    def interrupted(*job: Any) -> list[Any]:
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(job)
        return passages.read(*job)

    with monkeypatch.context() as patched:
        patched.setattr(pool, "read_into_cache", lambda w, key, job: _put(w, key, interrupted(*job)))
        with pytest.raises(KeyboardInterrupt):
            load_documents(ws, folder)
    assert "many" not in ws.sources
    assert not list(ws.path.glob(".load-*"))
    report = load_documents(ws, folder)
    assert (report.read, report.kept, report.rows["document"]) == (2, 4, 6)


def _put(workspace: str, key: str, content: list[Any]) -> str:
    from foreland.data.documents.cache import ReadingCache

    ReadingCache(Path(workspace)).put(key, [list(row) for row in content])
    return key


def test_worker_processes_read_what_one_process_reads(
    ws: Workspace, plans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_documents(ws, plans)
    monkeypatch.setattr(pool, "WORTH_PROCESSES", 0)
    other = open_workspace(tmp_path / "other")
    load_documents(other, plans)
    assert rows(other, "passage") == rows(ws, "passage")


def test_a_reader_that_fails_costs_one_document(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number:02}.txt").write_text(plan(body=f"{BODY}第{number}项。"), encoding="utf-8")
    read = passages.read

    def failing(text: str, *rest: Any) -> Any:
        if "第7项" in text:
            raise ZeroDivisionError
        return read(text, *rest)

    monkeypatch.setattr(passages, "read", failing)
    report = load_documents(ws, folder)
    assert (report.rows["document"], report.rejected, report.by_reason) == (29, 1, {"reading_failed": 1})
    (reject,) = rows(ws, "reject")
    assert (reject["column"], reject["reason"]) == ("07.txt", "data.reject.reading_failed")


def test_a_bad_file_costs_one_line(ws: Workspace, plans: Path) -> None:
    (plans / "bad.pdf").write_bytes(b"%PDF-1.4\nnothing")
    report = load_documents(ws, plans)
    assert report.rows["document"] == 5
    assert report.rows["reject"] == 1
    assert "bad.pdf" in report.text("en")


def test_mostly_bad_files_refuse_the_load_and_what_was_read_is_kept(ws: Workspace, plans: Path) -> None:
    (plans / "bad.pdf").write_bytes(b"%PDF-1.4\nnothing")
    (plans / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    for number in range(5):
        (plans / f"worse{number}.pdf").write_bytes(b"%PDF-1.4\nnothing")
    with pytest.raises(DataError) as error:
        load_documents(ws, plans)
    assert error.value.key == "data.error.too_many_files_rejected"
    assert "bad.pdf" in error.value.text("en")
    assert "old.doc" in error.value.text("zh")
    assert "plans" not in ws.sources
    for number in range(5):
        (plans / f"worse{number}.pdf").unlink()
    assert load_documents(ws, plans).kept == 5


def test_a_folder_of_one_table_is_that_table(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "all.csv").write_text("title,text\n浙江省计划,到2030年建成10个园区。\n", encoding="utf-8")
    assert load_documents(ws, tmp_path / "reports").rows["document"] == 1
    assert "all" in ws.sources


def test_a_dry_run_lands_nothing(ws: Workspace, plans: Path) -> None:
    report = load_documents(ws, plans, dry_run=True)
    assert report.dry_run
    assert report.rows["document"] == 5
    assert "plans" not in ws.sources


def test_what_holds_no_documents_is_said(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "figures" / "b.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="tables"):
        load_documents(ws, tmp_path / "figures")
    with pytest.raises(DataError) as error:
        load_documents(ws, tmp_path / "figures" / "a.csv")
    assert error.value.key == "data.error.no_text_column"
    assert "a, b" in error.value.text("en")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no documents"):
        load_documents(ws, tmp_path / "empty")
    with pytest.raises(UsageError, match="policy"):
        load_documents(ws, tmp_path, kind="polcy")
    with pytest.raises(UsageError, match="filename"):
        load_documents(ws, write_plans(tmp_path / "p"), options=DocumentOptions(issuer_from="filname"))


def test_documents_do_not_replace_figures(ws: Workspace, plans: Path, tmp_path: Path) -> None:
    from foreland.data.load import load

    figures = tmp_path / "plans.csv"
    figures.write_text("region,year,value\nCN-ZJ,2020,1\n")
    load(ws, figures)
    with pytest.raises(UsageError, match="figures already"):
        load_documents(ws, plans)


# Repeats ----------------------------------------------------------------------------------------


def test_repeats_are_marked_and_the_earlier_one_is_the_original(ws: Workspace, plans: Path) -> None:
    report = load_documents(ws, plans)
    found = by_file(ws)
    copy, original = found["copy.md"], found["杭州2026.txt"]
    assert copy["duplicate_of"] == original["document_id"]
    assert copy["similarity"] > 0.8
    assert original["duplicate_of"] is None
    assert [repeat.document_id for repeat in report.repeats] == [copy["document_id"]]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_repeats_across_sources_do_not_hang_on_the_order_of_loads(
    ws: Workspace, tmp_path: Path, order: tuple[int, int]
) -> None:
    days = ("2026年1月15日", "2026年3月1日")
    for number in order:
        folder = tmp_path / f"source{number}"
        folder.mkdir()
        (folder / "a.txt").write_text(plan(day=days[number]), encoding="utf-8")
        (folder / "b.txt").write_text(
            plan(place="成都市", day=days[number], body=OTHER * (number + 1)), encoding="utf-8"
        )
        load_documents(ws, folder)
    marked = {row["document_id"]: row["duplicate_of"] for row in rows(ws, "document")}
    assert marked["doc:source0:a.txt"] is None
    assert marked["doc:source1:a.txt"] == "doc:source0:a.txt"
    assert len(rows(ws, "passage")) == len({row["passage_id"] for row in rows(ws, "passage")})


def test_an_excerpt_ahead_of_its_text_repeats_it() -> None:
    texts = [BODY, BODY + OTHER * 5 + ENGLISH]
    documents = [Compared("excerpt", "2026-01-01", "a"), Compared("whole", "2026-02-01", "b")]
    assert find_repeats(documents, texts) == {"excerpt": ("whole", 1.0)}


def test_repeats_end_at_one_original() -> None:
    texts = [BODY, BODY, BODY + "一二三四五六七", OTHER]
    documents = [
        Compared("c", "2026-03", "x"),
        Compared("a", "2026-01", "x"),
        Compared("b", "2026-02", "y"),
        Compared("d", None, "z"),
    ]
    found = find_repeats(documents, texts)
    assert {name: original for name, (original, _) in found.items()} == {"b": "a", "c": "a"}


# Tables -----------------------------------------------------------------------------------------


def test_rows_of_a_table_are_documents(ws: Workspace, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(
        f'省份,标题,发布日期,正文,网址\n浙江省,某规划,2026-01-02,"{BODY}",http://a\n折江,某方案,2025,"{OTHER}",http://b\n',
        encoding="utf-8",
    )
    report = load_documents(ws, table)
    found = by_file(ws)
    assert (found["http://a"]["region_id"], found["http://a"]["region_from"]) == ("CN-ZJ", "table")
    assert found["http://b"]["region_id"] is None
    assert "折江" in report.text("zh")
    assert "CN-ZJ" in report.text("en")
    ids = {row["document_id"] for row in found.values()}
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([lines[0], lines[2], lines[1]]) + "\n", encoding="utf-8")
    load_documents(ws, table)
    assert {row["document_id"] for row in by_file(ws).values()} == ids


def test_rows_of_a_group_are_one_document_in_their_order(ws: Workspace, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    lines = ["year,zh,en"]
    for part in range(3):
        lines += [f'{year},第{part}句{year}。,"Sentence {part} of the {year} and to be."' for year in (2020, 2021)]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = DocumentOptions.from_options(group_by="year", region="中国")
    load_documents(ws, table, options=options)
    texts = {row["document_id"]: row["text"] for row in rows(ws, "document")}
    assert texts["doc:t:2020-zh"] == "第0句2020。\n第1句2020。\n第2句2020。"
    assert set(texts) == {f"doc:t:{year}-{language}" for year in (2020, 2021) for language in ("zh", "en")}
    assert {row["language"] for row in rows(ws, "document")} == {"zh", "en"}
    assert {row["level"] for row in rows(ws, "document")} == {"central"}


def test_two_documents_with_one_id_are_refused(ws: Workspace, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"doc_id,title,text\nx,A 规划,{BODY}\nx,B 规划,{OTHER}\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        load_documents(ws, table)
    assert error.value.key == "data.error.double_document"
    assert "A 规划" in error.value.text("en")
    assert "B 规划" in error.value.text("zh")
    assert "t" not in ws.sources


def test_columns_that_are_not_there_are_said(ws: Workspace, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"province,body_text\n浙江,{BODY}\n", encoding="utf-8")
    with pytest.raises(DataError, match="--text"):
        load_documents(ws, table)
    with pytest.raises(UsageError, match="Did you mean body_text"):
        load_documents(ws, table, options=DocumentOptions(text=("bodytext",)))
    with pytest.raises(UsageError, match="Did you mean province"):
        load_documents(ws, table, options=DocumentOptions(text=("body_text",), issuer_from="provinc"))
    with pytest.raises(UsageError, match="Did you mean issuer"):
        DocumentOptions.from_options(["isuer=province"])
    load_documents(ws, table, options=DocumentOptions(text=("body_text",), issuer_from="province"))
    assert rows(ws, "document")[0]["region_id"] == "CN-ZJ"


# What is not read -------------------------------------------------------------------------------


def test_marks_are_blanks_and_a_sentence_cut_by_a_page_is_whole() -> None:
    text = "本市将加快推进人工智能与实体经济深度融合发展和机\n第 3 页\n器人产业。\n目录\n一、量子\n"
    marks = [(25, 30, "furniture", "page"), (37, 45, "contents", "contents")]
    assert text[25:30] == "第 3 页"
    plain = passages.readable(text, marks)
    assert len(plain) == len(text)
    assert "\n" not in plain[:31]
    assert "量子" not in plain
    kinds = Counter(row.kind for row in passages.read(text, marks, "zh", 2026))
    assert kinds["contents"] == kinds["furniture"] == 1
    assert "quantum" not in {row.field for row in passages.read(text, marks, "zh", 2026)}


# Real reports -----------------------------------------------------------------------------------


def test_the_reports_of_all_provinces(ws: Workspace, shared: Path) -> None:
    import pandas as pd

    from foreland.data.documents.furniture import CUT, mark
    from foreland.data.taxonomy.tagger import Tagger

    file = shared / "data" / "cn_work_reports_2026" / "gwr_provincial_2026.parquet"
    report = load_documents(ws, file)
    frame = pd.read_parquet(file)
    assert report.rows["document"] == len(frame) == 31
    assert (report.regions, report.levels, report.languages) == (31, {"province": 31}, {"zh": 31})
    texts = {row["document_id"]: row["text"] for row in rows(ws, "document")}
    assert sorted(texts.values()) == sorted(frame["text"])
    found = rows(ws, "passage")
    assert all(texts[row["document_id"]][row["start"] : row["end"]] == row["text"] for row in found)
    # The words of the fields, counted line by line without any reader.
    tagger, expected = Tagger("iotf"), 0
    for text in frame["text"]:
        cut = {at for one in mark(text) if one.kind in CUT for at in range(one.start, one.end)}
        start = 0
        for line in text.split("\n"):
            expected += sum(span.start + start not in cut for span in tagger.tag(line))
            start += len(line) + 1
    assert sum(row["kind"] == "field" for row in found) == pytest.approx(expected, rel=0.002)


def test_the_national_reports_in_two_languages(ws: Workspace, shared: Path) -> None:
    import pandas as pd

    file = shared / "data" / "cn_work_reports_national_zh_en" / "gwr_national_zh_en.parquet"
    options = DocumentOptions.from_options(group_by="year", text="zh,en", region="CN", source_id="national")
    report = load_documents(ws, file, options=options)
    frame = pd.read_parquet(file)
    assert report.languages == {"en": frame.year.nunique(), "zh": frame.year.nunique()}
    found = {row["document_id"]: row for row in rows(ws, "document")}
    for year, group in frame.groupby("year"):
        assert found[f"doc:national:{year}-zh"]["text"] == "\n".join(group.zh)
        assert found[f"doc:national:{year}-en"]["text"] == "\n".join(group.en)
        assert found[f"doc:national:{year}-en"]["date"][:4] == str(year)
    assert not report.repeats


def test_a_document_that_contradicts_itself_is_marked(ws: Workspace, tmp_path: Path) -> None:
    said = [f"过去一年，全省地区生产总值增长{value}%，新建学校{int(value)}所。" for value in (5.5, 6.9)]
    text = "\n".join([*said, "今年工作安排如下。", *["我们将做好各项工作，改善民生，维护稳定。"] * 20])
    (tmp_path / "浙江省2026年政府工作报告.txt").write_text(text, encoding="utf-8")
    load_documents(ws, tmp_path)
    rows = ws.to_arrow(ws.table("passage")).to_pylist()
    assert [row["doubt"] for row in rows if row["value"] in (5.5, 6.9)] == ["conflicting_values"] * 2

"""Topics and answers as tables: round trip, paper questionnaires, bad rows."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest

from foreland.core.errors import DataError, UsageError
from foreland.data.surveys import store
from foreland.data.surveys.exchange import export_bytes, export_rows, import_answers, read_topics
from foreland.data.surveys.model import Answer
from foreland.data.workspace import Workspace, open_workspace
from foreland.i18n import use_language

from .made import answers, fill, moonlamp


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    opened = open_workspace(tmp_path / "ws")
    store.create(opened, moonlamp())
    store.open_round(opened, "moonlamp")
    return opened


def write(path: Path, rows: list[list[object]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_export_comes_back_as_it_was(tmp_path: Path, ws: Workspace, kind: str, language: str) -> None:
    first = open_workspace(tmp_path / "first")
    survey = fill(first, rounds=0)
    store.open_round(first, "moonlamp")
    names = [each.number for each in store.participants(first, "moonlamp")]
    for person, name in enumerate(names):
        store.save(first, "moonlamp", 1, name, answers(person, 1), 0)
    comments = ["=1+1", "'quoted'", "'=odd", 'two\nlines, "and" more', "-5 °C; 低温", "+", "@home"]
    hostile = {"lamp": Answer(importance=1, comment=comments[0])} | {
        topic.topic_id: Answer(comment=text) for topic, text in zip(survey.topics[1:], comments[1:5], strict=True)
    }
    store.save(first, "moonlamp", 1, names[0], hostile, 1)
    store.save(
        first, "moonlamp", 1, names[1], {"ice": Answer(comment=comments[5]), "moth": Answer(comment=comments[6])}, 1
    )
    before = export_rows(first, survey, 1)
    path = tmp_path / f"answers.{kind}"
    path.write_bytes(export_bytes(before, kind, language))  # type: ignore[arg-type]
    done = import_answers(ws, "moonlamp", path)
    assert (done.people, done.answers, done.replaced, done.repeated) == (8, len(before), (), ())
    assert export_rows(ws, store.read(ws, "moonlamp"), 1) == before
    # Into the survey it came from: everybody is found again, and nothing changes.
    again = import_answers(first, "moonlamp", path)
    assert again.replaced == ()
    assert len(store.participants(first, "moonlamp")) == 8
    assert export_rows(first, survey, 1) == before


def test_no_cell_of_an_export_is_a_formula(tmp_path: Path, ws: Workspace) -> None:
    rows = [dict.fromkeys(("participant", "round", "topic", "importance", "year", "confidence", "expertise",
                           "obstacles"), None) | {"comment": "=HYPERLINK(1)"}]  # fmt: skip
    assert b"'=HYPERLINK" in export_bytes(rows, "csv")
    path = tmp_path / "a.xlsx"
    path.write_bytes(export_bytes(rows, "xlsx"))
    assert openpyxl.load_workbook(path).active["I2"].data_type == "s"  # type: ignore[index,union-attr]


def test_paper_questionnaires_by_code_and_in_chinese(tmp_path: Path, ws: Workspace) -> None:
    path = write(
        tmp_path / "paper.csv",
        [
            ["参与者", "课题", "重要性", "实现年份", "障碍", "意见"],
            ["甲01", "月灯可照亮村庄度过月夜", 5, "2032年", "资金；人才", "尘土"],
            ["甲01", "ice", 4, "不会实现", "", ""],
            ["甲02", "lamp", "", 2040, "", ""],
        ],
        "gb18030",
    )
    done = import_answers(ws, "moonlamp", path)
    assert (done.people, done.answers, done.replaced) == (2, 3, ())
    latest = store.log(ws, "moonlamp", 1).latest
    assert dict(latest["p001"].answers) == {
        "lamp": Answer(5, 2032, None, None, ("funding", "talent"), "尘土"), "ice": Answer(4, "never"),
    }  # fmt: skip
    stored = "".join(file.read_text() for file in (ws.path / "surveys").rglob("*") if file.is_file())
    assert "甲01" not in stored, "a code may be traced to a person"
    later = write(tmp_path / "later.csv", [["participant", "topic", "importance"], ["甲01", "lamp", 1]])
    done = import_answers(ws, "moonlamp", later)
    assert done.replaced == ("甲01",)
    latest = store.log(ws, "moonlamp", 1).latest
    assert latest["p001"].answers["lamp"] == Answer(importance=1)
    assert latest["p001"].answers["ice"] == Answer(4, "never"), "topics that the file leaves out stay"
    assert len(store.participants(ws, "moonlamp")) == 2


def test_one_person_twice_in_a_file(tmp_path: Path, ws: Workspace) -> None:
    path = write(tmp_path / "a.csv", [["participant", "topic", "year"], ["A", "lamp", 2030], ["A", "lamp", 2031]])
    done = import_answers(ws, "moonlamp", path)
    assert done.repeated == (3,)
    assert store.log(ws, "moonlamp", 1).latest["p001"].answers["lamp"].year == 2031


def test_bad_rows_are_named_with_line_column_and_cure_and_nothing_lands(tmp_path: Path, ws: Workspace) -> None:
    path = write(
        tmp_path / "bad.csv",
        [
            ["participant", "round", "topic", "importance", "year", "obstacles"],
            ["A", 1, "lamp", 4, 2030, ""],
            ["A", 1, "lump", 4, 2030, ""],
            ["", 1, "ice", 9, 1999, "moths"],
            ["B", 2, "ice", 3, 2050, ""],
        ],
    )
    with pytest.raises(DataError) as caught:
        import_answers(ws, "moonlamp", path)
    error = caught.value
    assert (error.where.line, error.where.column) == (3, "topic")  # type: ignore[union-attr]
    text = error.text("en")
    assert "Cells with faults: 6" in text
    for part in ("line 3, column topic: There is no topic “lump”", "line 4, column importance: “9” is no step",
                 "line 4, column year: “1999”", "line 4, column obstacles", "line 4, column participant",
                 "line 5, column round", "ids are: lamp, ice"):  # fmt: skip
        assert part in text, part
    with use_language("zh"):
        assert "第 3 行" in error.text("zh")
    assert store.log(ws, "moonlamp", 1).latest == {}
    assert store.participants(ws, "moonlamp") == []


def test_tables_that_are_none_and_rounds_that_are_not_open(tmp_path: Path, ws: Workspace) -> None:
    lacking = write(tmp_path / "a.csv", [["who", "year"], ["A", 2030]])
    with pytest.raises(DataError, match="participant, topic"):
        import_answers(ws, "moonlamp", lacking)
    (tmp_path / "cut.xlsx").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(DataError):
        import_answers(ws, "moonlamp", tmp_path / "cut.xlsx")
    with pytest.raises(DataError, match="no file"):
        import_answers(ws, "moonlamp", tmp_path / "none.csv")
    good = write(tmp_path / "good.csv", [["participant", "topic", "year"], ["A", "lamp", 2030]])
    import_answers(ws, "moonlamp", good)
    store.close_round(ws, "moonlamp")
    with pytest.raises(UsageError, match="No round"):
        import_answers(ws, "moonlamp", good)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_headings_that_are_merged_or_stand_further_down_lose_no_answer(
    tmp_path: Path, ws: Workspace, kind: str
) -> None:
    def table(rows: list[list[object]]) -> Path:
        path = tmp_path / f"answers.{kind}"
        if kind == "csv":
            return write(path, rows)
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
        return path

    heads: list[object] = ["participant", "topic", "importance", "year", "sent by"]
    answer: list[object] = ["A", "lamp", 4, 2030, "post"]
    over_two = table([["participant", "topic", "ratings", None, None], [None, None, *heads[2:]], answer])
    with pytest.raises(DataError, match="columns D, E have cells and no heading"):
        import_answers(ws, "moonlamp", over_two)
    titled = table([["Answers on paper", None, None, None, None], heads, answer])
    with pytest.raises(DataError, match="--skip N"):
        import_answers(ws, "moonlamp", titled)
    assert store.log(ws, "moonlamp", 1).latest == {}
    assert import_answers(ws, "moonlamp", titled, skip=1).unread == ("sent by",)
    [version] = store.log(ws, "moonlamp", 1).latest.values()
    assert version.answers == {"lamp": Answer(importance=4, year=2030)}
    trailing = table([["participant", "topic", "year", None], ["A", "lamp", 2031, None]])
    assert import_answers(ws, "moonlamp", trailing).unread == ()


def test_a_folder_is_no_table(tmp_path: Path, ws: Workspace) -> None:
    with pytest.raises(DataError, match="This is a folder"):
        import_answers(ws, "moonlamp", tmp_path)


def test_topics_from_a_table(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.csv",
        [["en", "zh", "field"], ["A lamp", "灯", "iotf:quantum"], ["Only English", "", ""], ["", "只有中文", ""]],
    )
    found = read_topics(path)
    assert [(each.topic_id, each.en, each.zh, each.field_id) for each in found] == [
        ("t1", "A lamp", "灯", "iotf:quantum"), ("t2", "Only English", "Only English", ""),
        ("t3", "只有中文", "只有中文", ""),
    ]  # fmt: skip
    bad = write(
        tmp_path / "b.csv", [["id", "en", "field"], ["a b", "x", ""], ["c", "", "iotf:quantum"], ["d", "y", "moth"]]
    )
    with pytest.raises(DataError) as caught:
        read_topics(bad)
    text = caught.value.text("en")
    assert "line 2, column id" in text
    assert "line 3, column en" in text
    assert "line 4, column field" in text


def test_a_blank_row_takes_nothing_back(tmp_path: Path, ws: Workspace) -> None:
    head = ["participant", "topic", "importance", "year"]
    import_answers(ws, "moonlamp", write(tmp_path / "a.csv", [head, ["A", "lamp", 4, 2040]]))
    rows = [head, ["A", "lamp", "", " "], ["A", "moth", 2, ""], ["B", "lamp", "", ""]]
    done = import_answers(ws, "moonlamp", write(tmp_path / "b.csv", rows))
    assert (done.people, done.answers, done.blank, done.replaced) == (1, 1, 2, ())
    (only,) = store.log(ws, "moonlamp", 1).latest.values()
    assert only.answers == {"lamp": Answer(importance=4, year=2040), "moth": Answer(importance=2)}


@pytest.mark.parametrize(
    ("rows", "place", "first"),
    [
        ([["a", "One", "一"], ["b", "Two", "二"], ["a", "Three", "三"]], (4, "id"), "line 2"),
        ([["a", "One", "一"], ["b", "Two", "二"], ["c", "Two", "三"]], (4, "en"), "line 3"),
        ([["a", "", "一"], ["b", "", "一"]], (3, "zh"), "line 2"),
    ],
)
def test_topics_that_stand_twice_are_named_by_line(
    tmp_path: Path, rows: list[list[object]], place: tuple[int, str], first: str
) -> None:
    path = write(tmp_path / "topics.csv", [["id", "en", "zh"], *rows])
    with pytest.raises(DataError) as caught:
        read_topics(path)
    assert caught.value.where is not None
    assert (caught.value.where.file, caught.value.where.line, caught.value.where.column) == (path, *place)
    assert first in caught.value.what("en")


def test_excel_columns_beyond_the_headings_are_refused(tmp_path: Path, ws: Workspace) -> None:
    book = openpyxl.Workbook()
    for row in (["participant", "topic", "importance"], ["A", "lamp", 4, 2040]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError) as caught:
        import_answers(ws, "moonlamp", tmp_path / "a.xlsx")
    assert "columns D" in caught.value.what("en")

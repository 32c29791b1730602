"""What the documentation says of its made-up sentences is what the reader reads in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from foreland.data.reading.definitions import find_definitions
from foreland.data.reading.measures import measure
from foreland.data.reading.model import Context, Instrument, Mention
from foreland.data.reading.plausibility import doubts
from foreland.data.reading.reader import Reader, detect
from foreland.data.reading.stages import cells, instrument_types

ROOT = Path(__file__).parents[2]
YEAR = 2026
"""The year of the documents that the sentences of the pages stand in."""
COLUMNS = {
    "句子": "sentence", "原文": "span", "领域": "field", "数值": "value", "单位": "unit", "比较": "comparator",
    "状态": "status", "年份": "year", "指标": "indicator", "规范指标": "measure", "存疑": "doubt", "类型": "type",
    "面": "side", "环节": "stage", "形式": "form", "特征": "marks", "fields": "field",
}  # fmt: skip


def examples(page: str) -> Iterator[dict[str, str]]:
    """The rows of a page's tables of sentences, by column."""
    names: list[str] = []
    for line in (ROOT / page).read_text(encoding="utf-8").splitlines():
        written = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            names = []
        elif not names:
            names = [COLUMNS.get(cell.lower(), cell.lower()) for cell in written]
        elif names[0] == "sentence" and not line.startswith("|---"):
            yield dict(zip(names, written, strict=True))


def readings(sentence: str, span: str) -> list[dict[str, str]]:
    """All that is read at `span`, as the pages write it."""
    language = detect(sentence)
    context = Context(year=YEAR)
    reading = Reader(language).read(sentence, context)
    doubtful = doubts(reading.quantities, context, sentence)
    found = [{"field": item.field} for item in reading.fields if item.text == span]
    for item, codes in zip(reading.quantities, doubtful, strict=True):
        if item.text == span:
            told = {name: str(value) for name, value in item._asdict().items() if name != "field"}
            told["measure"] = measure(item.indicator, item.unit, language) or "none"
            found.append({**told, "doubt": ", ".join(codes)})
    for tool in reading.instruments:
        if tool.text == span:
            stages = dict.fromkeys(stage for stage, _ in cells(tool.type, sentence, language))
            kind = instrument_types()[tool.type]
            found.append({"type": tool.type, "side": kind.side, "stage": ", ".join(stages)})
    return found


def nothing_is_read(row: dict[str, str], sentence: str, span: str) -> bool:
    """Whether no field, or no instrument, as the row speaks of, touches the span."""
    reading = Reader(detect(sentence)).read(sentence, Context(year=YEAR))
    items: list[Mention] | list[Instrument] = reading.fields if "field" in row else reading.instruments
    return all(span not in item.text and item.text not in span for item in items)


@pytest.mark.parametrize("page", ["docs/reading.md", "docs/reading.zh.md"])
def test_sentences_of_the_documentation_are_read_as_it_says(page: str) -> None:
    rows = list(examples(page))
    assert len(rows) >= 20
    for row in rows:
        sentence = row.pop("sentence")
        if "form" in row:
            language = detect(sentence)
            [read] = find_definitions(sentence, Reader(language).mentions(sentence), language)
            told = {"form": read.rule, "marks": ", ".join(read.attributes), "field": ", ".join(read.fields)}
            assert told == {name: cell.replace("`", "") for name, cell in row.items()}, sentence
            continue
        span = row.pop("span")
        said = {name: re.sub(r"^无$", "none", cell) for name, cell in row.items() if cell}
        if any(re.match(r"none:|无：", cell) for cell in said.values()):
            assert span in sentence
            assert nothing_is_read(said, sentence, span), sentence
            continue
        if "value" in said:
            said["value"] = str(float(said["value"]))
        found = readings(sentence, span)
        assert any(said.items() <= read.items() for read in found), (sentence, said, found)

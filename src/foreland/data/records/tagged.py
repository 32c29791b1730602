"""Records as lines with tags: RIS, and the plain text of Web of Science."""

from __future__ import annotations

import re
from collections.abc import Iterator

Tagged = dict[str, list[str]]


def ris(text: str, line: int) -> Iterator[tuple[int, Tagged]]:
    """Records of RIS: ``TY  - JOUR`` begins one, ``ER  -`` ends it; lines without a tag go on with the last value."""
    mark = re.compile(r"\s*([A-Z][A-Z0-9])  ?-(?: (.*)|\s*)$")
    yield from _records(text, line, mark, begins="TY", joint=" ")


def wos(text: str, line: int) -> Iterator[tuple[int, Tagged]]:
    """Records of Web of Science: ``PT J`` begins one, ``ER`` ends it; indented lines are further values of a tag."""
    mark = re.compile(r"([A-Z][A-Z0-9])(?: (.*)|\s*)$")
    yield from _records(text, line, mark, begins="PT", joint="")


def _records(text: str, line: int, mark: re.Pattern[str], begins: str, joint: str) -> Iterator[tuple[int, Tagged]]:
    """Line and values by tag of each record; one that is cut off by the next is given as it is."""
    record: Tagged = {}
    start, tag = line, ""
    for number, raw in enumerate(text.split("\n"), line):
        content = raw.rstrip("\r").removeprefix("\ufeff")
        found = mark.match(content)
        if found is None:
            value = content.strip()
            if record and tag and value:
                if joint and record[tag]:
                    record[tag][-1] += joint + value
                else:
                    record[tag].append(value)
            continue
        tag, value = found[1], (found[2] or "").strip()
        if tag == "ER":
            if record:
                yield start, record
            record, tag = {}, ""
            continue
        if tag == begins:
            if record:
                yield start, record
            record, start = {}, number
        elif not record:
            continue  # what stands before the first record speaks of the file
        record.setdefault(tag, []).append(value)
    if record:
        yield start, record


def first(record: Tagged, *tags: str) -> str:
    """The first value of the first tag that has one."""
    return next((record[tag][0] for tag in tags if record.get(tag) and record[tag][0]), "")

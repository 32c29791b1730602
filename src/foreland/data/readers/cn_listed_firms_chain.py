"""Industries upstream of industries, counted from the reports of firms listed in China (ChainKnowledgeGraph, 2021).

A folder with ``industry_up.jsonl.gz`` (industry → how often each other industry is named as upstream of it),
``industry.jsonl.gz`` (codes and names) and ``industry_industry.jsonl.gz`` (what an industry is part of). A weight is
the share of a name in all names of an industry. The counts come from text: they are noisy, most edges rest on one or
two mentions. An industry that names itself is left out.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, Where
from foreland.data.chains.cycles import cycles
from foreland.data.chains.edge_list import cycle_note
from foreland.data.chains.package import ChainPackage, hashed
from foreland.data.mapping import SourceInfo
from foreland.data.package import Note

if TYPE_CHECKING:
    from foreland.data.readers import Stage

NAME = "cn_listed_firms_chain"
SCHEME = "cn_listed_industry"
PERIOD = "2021"
VERSION = "1"
UPSTREAM, INDUSTRIES, PARTS = "industry_up.jsonl.gz", "industry.jsonl.gz", "industry_industry.jsonl.gz"

SOURCE = SourceInfo(
    source_id=NAME,
    title_en="Upstream industries by reports of firms listed in China",
    title_zh="中国上市公司报告中的上游行业",
    publisher="ChainKnowledgeGraph",
    url="https://github.com/liuhuanyong/ChainKnowledgeGraph",
    published="2021",
    note_en="Counts of mentions in text, noisy: most edges rest on one or two of them. No licence is stated.",
    note_zh="文本提及次数，噪声较大：多数关联仅有一两次提及。未注明许可。",
)


def detect(path: Path) -> bool:
    """A folder with the three files."""
    return path.is_dir() and all((path / name).is_file() for name in (UPSTREAM, INDUSTRIES, PARTS))


def read(path: Path, stage: Stage) -> ChainPackage:
    """Read industries and what is upstream of them.

    Raises
    ------
    DataError
        If a file is missing or a line is not what it should be.
    """
    for name in (UPSTREAM, INDUSTRIES, PARTS):
        if not (path / name).is_file():
            raise DataError("data.error.layout_mismatch", where=Where(path), layout=NAME, missing=name)
    codes = {row["name"]: str(row["code"]) for _, row in _lines(path / INDUSTRIES, "name", "code")}
    part_of = {
        row["from_industry"]: row["to_industry"] for _, row in _lines(path / PARTS, "from_industry", "to_industry")
    }
    weights: dict[tuple[str, str], tuple[float, int]] = {}
    loops = 0
    for line, row in _lines(path / UPSTREAM, "industry", "ups"):
        industry, counts = row["industry"], row["ups"]
        good = isinstance(counts, dict) and all(
            type(number) in (int, float) and 0 <= number < float("inf") for number in counts.values()
        )
        if not good:
            raise DataError("data.error.json_line", where=Where(path / UPSTREAM, line, "ups"), detail="ups")
        own = {name: number for name, number in counts.items() if number > 0}
        loops += own.pop(industry, 0) > 0
        for name, number in own.items():
            weights[name, industry] = (number / sum(own.values()), line)
    names = dict.fromkeys([*codes, *(name for edge in weights for name in edge)])
    notes: list[Note] = [("data.note.counted_mentions", {})]
    if loops:
        notes.append(("data.note.loops_left_out", {"number": loops}))
    if found := cycles(weights):
        notes.append(cycle_note(found))
    tables: dict[str, list[dict[str, Any]]] = {
        "field": [
            {
                "field_id": _id(codes, name),
                "scheme": SCHEME,
                "code": codes.get(name, name),
                "name_en": name,
                "name_zh": name,
                "parent_id": _id(codes, part_of[name]) if part_of.get(name, name) != name else None,
            }
            for name in names
        ],
        "link": [
            {
                "from_id": _id(codes, start),
                "to_id": _id(codes, end),
                "kind": "input",
                "period": PERIOD,
                "weight": weight,
                "unit": "share",
                "line": line,
            }
            for (start, end), (weight, line) in weights.items()
        ],
    }
    content = hashed(VERSION, *((path / name).read_bytes() for name in (UPSTREAM, INDUSTRIES, PARTS)))
    return ChainPackage(SOURCE, tables, content, tuple(notes))


def _id(codes: dict[str, str], name: str) -> str:
    return f"{SCHEME}:{codes.get(name, name)}"


def _lines(path: Path, *keys: str) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a file of JSON lines, each with its line and the keys that it must have."""
    found: list[tuple[int, dict[str, Any]]] = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line, text in enumerate(file, 1):
                if not text.strip():
                    continue
                row = json.loads(text)
                if not isinstance(row, dict) or any(key not in row for key in keys):
                    raise DataError("data.error.json_line", where=Where(path, line), detail=", ".join(keys))
                found.append((line, row))
    except json.JSONDecodeError as error:
        raise DataError("data.error.json_line", where=Where(path, len(found) + 1), detail=error.msg) from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError("data.error.gzip_broken", where=Where(path), detail=error) from error
    if not found:
        raise DataError("data.error.empty_file", where=Where(path))
    return found

"""Codes and rules of the readers in words: instruments, measures, stages, marks of a definition, doubts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from foreland.i18n import Language, has, t
from foreland.i18n.bundled import bundled_rows

TABLES = {
    "instrument": ("instrument_types.csv", "type"),
    "measure": ("measures.csv", "id"),
    "stage": ("stages.csv", "code"),
    "mark": ("definitions.csv", "code"),
}
"""Vocabulary → table of the readers with its names, and its column of codes."""
OWNERS = {"web.from": ("data.documents.from",), "web.doubt": ("policy.value",)}
"""Where other packages name the codes they write; they come first."""
WORDED = re.compile(r"(?P<word>.+) \((?P<how>[a-z]+)(?:(?:: | of )(?P<what>.+))?\)", re.DOTALL)
"""A rule that names the word that matched: ``行动 (soft: 消费)``."""


@cache
def _names(vocabulary: str) -> Mapping[str, Mapping[str, str]]:
    file, key = TABLES[vocabulary]
    rows = bundled_rows("data", "reading", file)
    return {row[key]: {"en": row["name_en"], "zh": row["name_zh"]} for row in rows}


def called(vocabulary: str, code: str, language: Language) -> str:
    """The name of a code in one of the readers' vocabularies; a code without a name stays as it is."""
    names = _names(vocabulary).get(code)
    return names[language] if names else code


def said(key: str, value: Any, language: Language) -> str:
    """The text of a code, its owner's where there is one; a code without a text stays as it is."""
    for full in (*(f"{other}.{value}" for other in OWNERS.get(key, ())), f"{key}.{value}"):
        if has(full):
            return t(full, language)
    return str(value)


def doubts(codes: str, language: Language) -> str:
    """What makes a value doubtful; several codes are parted by a semicolon."""
    return "; ".join(said("web.doubt", code.strip(), language) for code in codes.split(";") if code.strip())


def served(codes: str, language: Language) -> str:
    """Cells of the chain that an instrument serves, or marks of a definition, by name."""
    found = []
    for code in filter(None, (part.strip() for part in codes.split(";"))):
        parts = [called("stage" if part in _names("stage") else "mark", part, language) for part in code.split("/")]
        found.append(" / ".join(part for part in parts if part))
    return ("；" if language == "zh" else "; ").join(found)


def _subject(what: str, language: Language) -> str:
    """What a phrase is about: a word of the text, a field or a type of instrument."""
    from foreland.data.taxonomy.fields import fields

    field = fields("iotf").get(f"iotf:{what}")
    return field.name(language) if field else called("instrument", what, language)


def rule(method: str, kind: str, language: Language) -> str:
    """What a rule does, in words; where nobody described it, what reads passages of its kind."""
    worded = WORDED.fullmatch(method)
    if worded and has(f"web.rule.{kind}.{worded['how']}"):
        how = f"web.rule.{kind}.{worded['how']}"
        what = worded["what"]
        if what and has(f"{how}.of"):
            return t(f"{how}.of", language, word=worded["word"], what=_subject(what, language))
        return t(how, language, word=worded["word"])
    name = method.removeprefix("en.").replace(" ", "_")
    if has(f"web.rule.{kind}.{name}"):
        return t(f"web.rule.{kind}.{name}", language)
    if kind == "field" and method != "term":
        return t("web.rule.field.term", language, word=method)
    return t(f"web.rule.{kind}" if has(f"web.rule.{kind}") else "web.rule.other", language)

"""Chinese and English: one catalogue of texts a package, one function to read them.

A text's key starts with the package that owns it: ``capability.specialisation.how`` stands in
``foreland/capability/texts.csv``. A room that brings its own ``texts.csv`` needs no registration.
"""

from __future__ import annotations

import locale
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from string import Formatter
from typing import Any, Literal, get_args

from foreland.i18n.bundled import bundled_rows

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

LATIN = re.compile("[A-Za-z]")
HAN = re.compile("[\u3400-\u9fff]")

_language: ContextVar[Language | None] = ContextVar("foreland_language", default=None)


def current_language() -> Language:
    """The language in use: set by :func:`use_language`, else ``FORELAND_LANG``, else the locale's."""
    chosen = _language.get()
    if chosen is not None:
        return chosen
    named = os.environ.get("FORELAND_LANG") or locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


@contextmanager
def use_language(language: Language | None) -> Iterator[None]:
    """Use ``language`` inside the block; ``None`` leaves the language as it is."""
    if language is None:
        yield
        return
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


@lru_cache
def catalogue(package: str) -> Mapping[str, Mapping[Language, str]]:
    """All texts of one package, by key. A package without ``texts.csv`` has none."""
    rows = bundled_rows(package, "texts.csv")
    return {row["key"]: {"en": row["en"], "zh": row["zh"]} for row in rows}


def has(key: str) -> bool:
    """Whether a text with this key exists."""
    return key in catalogue(key.partition(".")[0])


def t(key: str, language: Language | None = None, /, **params: Any) -> str:
    """The text of ``key`` in ``language`` (default: the current one), with ``{params}`` filled in.

    Raises
    ------
    KeyError
        If no catalogue holds the key: a missing text is a defect, found by the tests.
    """
    language = language or current_language()
    text = catalogue(key.partition(".")[0])[key][language]
    if language == "zh" and any(isinstance(value, str) and LATIN.search(value) for value in params.values()):
        return _spaced(text, params)
    return text.format(**params) if params else text


def _spaced(text: str, params: Mapping[str, Any]) -> str:
    """A Chinese text with its values filled in, a blank between a Latin name and a Chinese character."""
    filled, named = "", False
    for literal, name, form, conversion in Formatter().parse(text):
        filled += " " * (named and _meet(filled, literal)) + literal
        named = named and not literal
        if name is not None:
            field = "{" + name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "") + "}"
            value = field.format(**params)
            latin = bool(LATIN.search(value))
            filled += " " * ((latin or named) and _meet(filled, value)) + value
            named = latin
    return filled


def _meet(one: str, other: str) -> bool:
    """Whether Latin and Chinese letters stand side by side where two texts are joined."""
    ends = one[-1:], other[:1]
    return any(HAN.match(a) and not HAN.match(b) and (b.isalnum() or b in "()") for a, b in (ends, ends[::-1]))

"""Chinese and English: one catalogue of texts a package, one function to read them.

A text's key starts with the package that owns it: ``capability.specialisation.how`` stands in
``foreland/capability/texts.csv``. A room that brings its own ``texts.csv`` needs no registration.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Literal, get_args

from foreland.i18n.bundled import bundled_rows

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

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
    text = catalogue(key.partition(".")[0])[key][language or current_language()]
    return text.format(**params) if params else text

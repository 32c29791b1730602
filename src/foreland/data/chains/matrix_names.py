"""Names and codes of rows and columns: what they are called by statistical offices, and how they are told equal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache


@cache
def _rules() -> tuple[tuple[str, str, frozenset[str], re.Pattern[str]], ...]:
    from foreland.i18n.bundled import bundled_rows

    return tuple(
        (
            row["side"],
            row["role"],
            frozenset(row["codes"].split("|")),
            re.compile(row["names"], re.IGNORECASE),
        )
        for row in bundled_rows("data", "chains", "io_names.csv")
    )


def role_of(side: str, code: str, names: Iterable[str] = ()) -> str:
    """The role of a row or column by its names, else by its code; empty where neither tells.

    Names go first: P1 is output in the system of national accounts, and pay of employees in Australia.
    """
    for text in names:
        if role := _spoken(side, text):
            return role
    folded = fold(code).upper()
    spelled = {folded, re.sub(r"[ .]", "_", folded)}
    for where, role, codes, _ in _rules():
        if where == side and spelled & codes:
            return role
    return _spoken(side, code)


@lru_cache(maxsize=4096)
def _spoken(side: str, text: str) -> str:
    # "Final consumption – households" and "Exports: goods" read as they are spoken.
    plain = fold(re.sub(r"\s+[-–—]\s+|\s*[:：;]\s*", " ", text))
    for spoken in dict.fromkeys((plain, BEHIND.sub("", plain).strip())):
        for where, role, _, pattern in _rules():
            if spoken and where == side and pattern.fullmatch(spoken):
                return role
    return ""


BEHIND = re.compile(r"\s*(\[[^\]]*\]|\([^)]*\)|（[^）]*）|\b[A-Z]\.\d+[a-z]?)$")
"""What stands behind a name: its code (``Exports [EX]``, ``Exports P.6``) or a remark."""


def fold(text: str) -> str:
    """A text without the blanks and apostrophes that differ between spellings."""
    return re.sub(r"\s+", " ", text.replace("’", "'").replace("\u00a0", " ")).strip()


def key(code: str) -> str:
    """A code as rows and columns share it: without prefix, leading zeros and case."""
    plain = re.sub(r"^(CPA|TTL|DOM|IMP|NACE|ISIC)[_ ]", "", fold(code).upper())
    plain = re.sub(r"\.0$", "", plain)
    return plain.lstrip("0") or "0" if plain.isdigit() else plain.replace("-", "_")


def column_keys(heads: Sequence[str]) -> list[str]:
    """Keys of columns; a D before the digits of most of them is the OECD's (D01T02 of rows TTL_01T02)."""
    marked = sum(bool(re.match(r"D\d\d", head)) for head in heads) * 3 > len(heads)
    return [key(re.sub(r"^D(?=\d\d)", "", head) if marked else head) for head in heads]

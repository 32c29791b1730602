"""Fields of technology, science and industry in several schemes, their names, programmes and crosswalks.

All of it is data beside this module: ``schemes.csv`` and ``fields.csv`` (what there is), ``field_names.csv`` (further
spellings), ``programmes.csv`` (which plan or act names which field) and ``crosswalks.csv``. The rows of ``sic2007``
and ``sitc2`` are made by ``tools/build_fields.py``; the rest is edited by hand.
"""

from __future__ import annotations

import csv
import difflib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_LIKE = 0.6  # Ratcliff–Obershelp ratio below which a name is no help


@dataclass(frozen=True)
class Field:
    """A field of one scheme.

    Attributes
    ----------
    id
        Scheme and code: ``wipo35:8``, ``iotf:quantum``, ``sic2007:62012``.
    parent_id
        The field it is part of; ``None`` at the top.
    note_en, note_zh
        What belongs to it and what does not, where the name leaves doubt.
    """

    id: str
    scheme: str
    code: str
    name_en: str
    name_zh: str
    parent_id: str | None = None
    note_en: str = ""
    note_zh: str = ""

    def name(self, lang: str = "en") -> str:
        """Return the name in ``zh`` or ``en``."""
        return self.name_zh if lang.startswith("zh") else self.name_en

    def note(self, lang: str = "en") -> str:
        """Return the note in ``zh`` or ``en``; empty where there is none."""
        return self.note_zh if lang.startswith("zh") else self.note_en


@dataclass(frozen=True)
class Scheme:
    """A classification: who publishes it, under which licence, and where."""

    id: str
    name_en: str
    name_zh: str
    publisher: str
    licence: str
    url: str

    def name(self, lang: str = "en") -> str:
        """Return the name in ``zh`` or ``en``."""
        return self.name_zh if lang.startswith("zh") else self.name_en


@dataclass(frozen=True)
class Crossing:
    """A pair of fields of two schemes.

    Attributes
    ----------
    weight
        Share of the from-field that the to-field takes, in (0, 1]. The shares of a from-field add up to at most 1;
        what is missing belongs to no field of the other scheme. They are judgements of its editors, after the
        definitions of both schemes, to two digits at best.
    quality
        ``good``: largely the same subject matter; ``partial``: overlap, each holds much that the other does not;
        ``weak``: related through parts or applications only. Leave ``weak`` out where a total is read as a level.
    """

    from_id: str
    to_id: str
    weight: float
    quality: str
    note_en: str
    note_zh: str

    def note(self, lang: str = "en") -> str:
        """Return in ``zh`` or ``en`` what the two have in common."""
        return self.note_zh if lang.startswith("zh") else self.note_en


def _rows(name: str) -> Iterator[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@cache
def schemes() -> dict[str, Scheme]:
    """Return all schemes by id."""
    return {row["scheme"]: Scheme(*row.values()) for row in _rows("schemes.csv")}


@cache
def _by_scheme() -> dict[str, dict[str, Field]]:
    found: dict[str, dict[str, Field]] = {scheme: {} for scheme in schemes()}
    for row in _rows("fields.csv"):
        field = Field(**(row | {"parent_id": row["parent_id"] or None}))  # type: ignore[arg-type]
        found[field.scheme][field.id] = field
    return found


@cache
def _every() -> dict[str, Field]:
    return {field_id: field for group in _by_scheme().values() for field_id, field in group.items()}


def fields(scheme: str | None = None) -> dict[str, Field]:
    """Return the fields of a scheme, or of all, by id; parents stand before their children.

    Raises
    ------
    ValueError
        If there is no such scheme.
    """
    if scheme is None:
        return dict(_every())
    return dict(_by_scheme()[_known(scheme)])


def children(field_id: str) -> list[str]:
    """Return the ids right below a field, in the order of its scheme; KeyError if there is no such field."""
    _every()[field_id]
    return list(_children().get(field_id, ()))


def leaves(scheme: str) -> list[str]:
    """Return the ids of a scheme that have nothing below them; ValueError if there is no such scheme."""
    return [field_id for field_id in _by_scheme()[_known(scheme)] if field_id not in _children()]


@cache
def _children() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field in _every().values():
        if field.parent_id:
            found.setdefault(field.parent_id, []).append(field.id)
    return found


def programmes() -> dict[str, dict[str, str]]:
    """Return, by id of a programme (a field of scheme ``programme``), the fields it names and its words for them."""
    found: dict[str, dict[str, str]] = {}
    for row in _rows("programmes.csv"):
        found.setdefault(row["programme"], {})[row["field_id"]] = row["note"]
    return found


def crosswalk(from_scheme: str, to_scheme: str) -> list[Crossing]:
    """Return the pairs that lead from one scheme to another; empty where nobody has made that crosswalk.

    Raises
    ------
    ValueError
        If one of the schemes does not exist.
    """
    _known(from_scheme), _known(to_scheme)
    return list(_crossings().get((from_scheme, to_scheme), ()))


@cache
def _crossings() -> dict[tuple[str, str], list[Crossing]]:
    found: dict[tuple[str, str], list[Crossing]] = {}
    for row in _rows("crosswalks.csv"):
        pair = (row["from_id"].partition(":")[0], row["to_id"].partition(":")[0])
        found.setdefault(pair, []).append(Crossing(**(row | {"weight": float(row["weight"])})))  # type: ignore[arg-type]
    return found


def _known(scheme: str) -> str:
    if scheme not in schemes():
        raise ValueError(f"no scheme {scheme!r}; there are {', '.join(schemes())}")
    return scheme


def _fold(text: str) -> str:
    """Reduce a name to its letters and digits: no case, blanks, punctuation, width or diacritics."""
    text = unicodedata.normalize("NFKD", text.replace("&", " and ")).casefold()
    return "".join(filter(str.isalnum, text))


@cache
def _names(scheme: str) -> dict[str, str]:
    """Map each folded name to its field. A name shared by levels is read as the larger field."""
    found: dict[str, str] = {}
    for field in _by_scheme()[scheme].values():
        for name in (field.name_en, field.name_zh):
            found.setdefault(_fold(name), field.id)
    for row in _rows("field_names.csv"):
        if row["field_id"].partition(":")[0] == scheme:
            found.setdefault(_fold(row["name"]), row["field_id"])
    return found


@cache
def _codes(scheme: str) -> dict[str, str | None]:
    """Map each code, and each number without its padding, to its field; None where two would share it."""
    found: dict[str, str | None] = {}
    for field in _by_scheme()[scheme].values():
        number = field.code.lstrip("0") or "0"
        if field.code.isdigit() and number != field.code:
            found[number] = field.id if number not in found else None
    for field in _by_scheme()[scheme].values():
        found[field.code.casefold()] = field.id
    return found


def resolve(text: str, scheme: str) -> str | None:
    """Find the field of a scheme that a code or name stands for.

    Blanks, case, width, punctuation and zeros in front of a number don't matter (``' 08'`` is ``wipo35:8``, ``'1110'``
    is ``sic2007:01110``), nor does a spreadsheet's ``8.0``. A code in front of a name is read first (``62 : …``).

    Parameters
    ----------
    text
        Field id, code, or a name in Chinese or English.
    scheme
        The scheme it is looked for in.

    Returns
    -------
    str or None
        The id; ``None`` when nothing in the scheme answers to the text. A name shared by a field and its part is
        read as the larger one.

    Raises
    ------
    ValueError
        If there is no such scheme.
    """
    plain = unicodedata.normalize("NFKC", _known(scheme) and text).strip()
    if plain.casefold().startswith(scheme + ":"):
        plain = plain[len(scheme) + 1 :].strip()
    found = _code(plain, scheme) or _names(scheme).get(_fold(plain))
    if found is None and ":" in plain:
        head, _, tail = plain.partition(":")
        found = _code(head.strip(), scheme) or _names(scheme).get(_fold(tail))
    return found


def _code(text: str, scheme: str) -> str | None:
    codes = _codes(scheme)
    key = text.casefold().removesuffix(".0")
    if key in codes:
        return codes[key]
    return codes.get(key.lstrip("0")) if key.isdigit() else None


def suggest(text: str, scheme: str, n: int = 3) -> list[Field]:
    """Return up to `n` fields whose names look like the text, the likest first.

    Names are compared by the ratio of Ratcliff and Obershelp (:mod:`difflib`); a name that holds the text, or is held
    by it, counts as alike. ValueError if there is no such scheme.
    """
    key = _fold(text)
    best: dict[str, float] = {}
    for name, field_id in _names(_known(scheme)).items():
        score = difflib.SequenceMatcher(None, key, name, autojunk=False).ratio()
        if len(key) > 1 and len(name) > 1 and (key in name or name in key):
            score = max(score, _LIKE) + 0.2
        if key and score >= _LIKE:
            best[field_id] = max(score, best.get(field_id, 0.0))
    ranked = sorted(best, key=lambda field_id: (-best[field_id], field_id))
    return [_every()[field_id] for field_id in ranked[: max(n, 0)]]

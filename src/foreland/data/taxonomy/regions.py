"""The region gazetteer: places, their names in Chinese and English, codes, parents and tile positions.

``regions.csv`` has one line a place, ``region_names.csv`` its further names and codes. Both are made by
``tools/build_regions.py``. A level is a statistical layer and says nothing about the status of a place: Taiwan, Hong
Kong and Macao stand in world tables as economies (``TW``, ``HK``, ``MO``) and among the 34 province-level units of
China as ``CN-TW``, ``CN-HK``, ``CN-MO``.
"""

from __future__ import annotations

import csv
import difflib
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: From large to small. Where a name is shared by several levels, it is read as the largest.
LEVELS = ("aggregate", "country", "historic", "province", "itl1", "prefecture", "itl2")
_RANK = {level: i for i, level in enumerate(LEVELS)}

# Letters that Unicode does not take apart into a base letter and a mark.
_LETTERS = str.maketrans({"&": "and", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})
_MARK = re.compile(r"<sup>.*?</sup>|<[^<>]*>", re.DOTALL)
# A bracket is a note when it is a footnote letter or number, or says what is counted; "(North)" is part of a name.
_NOTE = re.compile(
    r"\((?:[a-h]|the|\d{1,4}|\*+|(?:note|incl|excl|see|total|provisional|estimate|含|不含|包括|不包括|注|见|截至|合计).*?)\)\s*$"
    r"|\[(?:[a-z]|\d+|note.*?)\]\s*$"
)
# No name is near this long; it bounds the work on text that is not a name.
_LONGEST = 200
_CJK = re.compile(r"[一-鿿]")


@dataclass(frozen=True)
class Region:
    """A place.

    Attributes
    ----------
    id
        ISO 3166-1 alpha-2 (``CN``), ISO 3166-2 (``CN-ZJ``), ``CN-`` and six digits of GB/T 2260 (``CN-330100``), ITL
        2021 (``TLC1``), ISO 3166-3 for what no longer exists (``YUCS``), or ``agg:`` and a slug.
    level
        One of :data:`LEVELS`.
    lat, lon
        Degrees, centroid of the largest polygon; ``None`` where no open source gives one.
    tile_row, tile_col
        Cell in the tile grid of the level (countries: world; provinces: China; ITL1, ITL2: United Kingdom).
    """

    id: str
    name_en: str
    name_zh: str
    short_en: str
    short_zh: str
    level: str
    parent_id: str | None
    lat: float | None
    lon: float | None
    tile_row: int | None
    tile_col: int | None

    def name(self, lang: str = "en") -> str:
        """Return the full name in ``zh`` or ``en``."""
        return self.name_zh if lang.startswith("zh") else self.name_en

    def short(self, lang: str = "en") -> str:
        """Return the short name in ``zh`` or ``en``, for charts."""
        return self.short_zh if lang.startswith("zh") else self.short_en


@cache
def regions() -> dict[str, Region]:
    """Return all regions by id, the large ones first."""
    with Path(__file__).with_name("regions.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["id"]: Region(
                row["id"],
                row["name_en"],
                row["name_zh"],
                row["short_en"],
                row["short_zh"],
                row["level"],
                row["parent_id"] or None,
                float(row["lat"]) if row["lat"] else None,
                float(row["lon"]) if row["lon"] else None,
                int(row["tile_row"]) if row["tile_row"] else None,
                int(row["tile_col"]) if row["tile_col"] else None,
            )
            for row in csv.DictReader(file)
        }


@cache
def _aliases() -> tuple[tuple[str, str, str], ...]:
    with Path(__file__).with_name("region_names.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["region_id"], row["name"], row["kind"]) for row in csv.DictReader(file))


def aliases(region_id: str) -> list[tuple[str, str]]:
    """Return the further names of a region as pairs of name and kind (``code``, ``official``, ``historic``, …)."""
    return [(name, kind) for region, name, kind in _aliases() if region == region_id]


def ancestors(region_id: str) -> list[str]:
    """Return the ids above a region, the nearest first.

    Raises
    ------
    KeyError
        If there is no such region.
    """
    return list(_ancestors(region_id))


@cache
def _ancestors(region_id: str) -> tuple[str, ...]:
    parent = regions()[region_id].parent_id
    return (parent, *_ancestors(parent)) if parent else ()


def children(region_id: str) -> list[str]:
    """Return the ids right below a region, in the order of the gazetteer.

    Raises
    ------
    KeyError
        If there is no such region.
    """
    regions()[region_id]
    return list(_children().get(region_id, ()))


@cache
def _children() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for region in regions().values():
        if region.parent_id:
            found.setdefault(region.parent_id, []).append(region.id)
    return found


def _fold(text: str) -> str:
    """Reduce a name to its letters and digits: no case, blanks, punctuation, width or diacritics."""
    if text.isascii():
        return "".join(filter(str.isalnum, text.replace("&", "and"))).lower()
    text = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return "".join(filter(str.isalnum, text))


def _plain(text: str) -> str:
    """Drop HTML: entities are read, footnote marks and other tags removed."""
    if "&" in text:
        text = html.unescape(text)
    return _MARK.sub("", text) if "<" in text else text


def _named() -> Iterator[tuple[str, str, bool]]:
    """Yield region, name and whether it is a code."""
    for region in regions().values():
        yield region.id, region.id, True
        for name in dict.fromkeys((region.name_en, region.name_zh, region.short_en, region.short_zh)):
            yield region.id, name, False
    for region_id, name, kind in _aliases():
        yield region_id, name, kind in ("code", "abbreviation")


@cache
def _index() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return two maps from folded text to region ids: by any name or code, and by name alone."""
    every: dict[str, dict[str, None]] = {}
    names: dict[str, dict[str, None]] = {}
    for region_id, name, is_code in _named():
        keys = [_fold(name)]
        if not is_code and name.isascii() and regions()[region_id].level in ("aggregate", "country", "historic"):
            keys += [_fold(re.sub(r"\bthe\b", "", name, flags=re.IGNORECASE)), "the" + keys[0]]
        for key in keys:
            every.setdefault(key, {})[region_id] = None
            if not is_code:
                names.setdefault(key, {})[region_id] = None
    order = {region_id: i for i, region_id in enumerate(regions())}
    every_sorted = {key: tuple(sorted(ids, key=order.__getitem__)) for key, ids in every.items()}
    return every_sorted, {key: tuple(sorted(ids, key=order.__getitem__)) for key, ids in names.items()}


@cache
def _prefixes() -> dict[str, str]:
    """Return the Chinese names that may stand before a smaller place: 浙江省杭州市, 中国浙江."""
    found = {"中国": "CN", "中华人民共和国": "CN"}
    for region_id, name, is_code in _named():
        if regions()[region_id].level == "province" and not is_code and _CJK.match(name):
            found[_fold(name)] = region_id
    return found


def _lookup(text: str) -> tuple[str, ...]:
    """Return the ids that a text may mean: by its name or code, else without notes, turned round, or by its parts."""
    if len(text) > _LONGEST:
        return ()
    text = _plain(text)
    every, names = _index()
    key = _fold(text)
    found = every.get(key)
    if found or not key:
        return found or ()
    if text.endswith((")", "）", "]", "］", " ", "　")):
        short = _NOTE.sub("", unicodedata.normalize("NFKC", text))
        found = names.get(_fold(short))
        if found:
            return found
    if key[-1].isdigit():
        # A footnote number. Not after codes and initials (UKC9 is no UKC) or groups (European Union 15 is another).
        bare = key.rstrip("0123456789")
        if 0 < len(key) - len(bare) <= 2 and (len(bare) > 3 or _CJK.match(bare)):
            return tuple(i for i in names.get(bare, ()) if regions()[i].level != "aggregate")
    if "," in text or "，" in text:
        return _in_parts(text)
    if not key.isascii():
        for length in range(min(len(key) - 1, 9), 1, -1):
            whole = _prefixes().get(key[:length])
            if whole:
                return tuple(i for i in _lookup(key[length:]) if whole in _ancestors(i))
    return ()


def _in_parts(text: str) -> tuple[str, ...]:
    """Read ``Korea, Republic of`` as ``Republic of Korea`` and ``Suzhou, Jiangsu`` as the Suzhou in Jiangsu."""
    first, *rest = (part.strip() for part in re.split("[,，]", text))
    found = _index()[1].get(_fold(" ".join([*reversed(rest), first])))
    if found:
        return found
    wholes = [set(_lookup(part)) for part in rest]
    return tuple(i for i in _lookup(first) if all(whole & set(_ancestors(i)) for whole in wholes))


def _matches(text: str, level: str | None, within: str | None) -> tuple[str, ...]:
    if level is not None and level not in _RANK:
        raise ValueError(f"no region level {level!r}; there are {', '.join(LEVELS)}")
    if within is not None and within not in regions():
        raise ValueError(f"no region {within!r}")
    found = _lookup(text)
    if level:
        found = tuple(i for i in found if regions()[i].level == level)
    if within:
        found = tuple(i for i in found if i == within or within in _ancestors(i))
    return found


def resolve(text: str, *, level: str | None = None, within: str | None = None) -> str | None:
    """Find the region a name or code stands for.

    Case, blanks (also inside: ``浙 江``), width, punctuation, diacritics and HTML footnote marks don't matter; a part
    in the usual place is read (``浙江省杭州市``, ``Suzhou, Jiangsu``, ``Bahamas, The``).

    Parameters
    ----------
    text
        A name in Chinese or English, or a code (ISO 3166, GB/T 2260, ITL, NUTS0; ISO numbers with three digits).
    level
        Only regions of this level, see :data:`LEVELS`.
    within
        Only this region and what lies in it.

    Returns
    -------
    str or None
        The id; ``None`` when nothing matches, or when several regions of the same level do (see :func:`candidates`).
        A name shared by levels is read as the largest: 海南 is the province, not the prefecture in Qinghai.

    Raises
    ------
    ValueError
        If ``level`` or ``within`` does not exist.
    """
    found = _matches(text, level, within)
    if len(found) > 1 and regions()[found[0]].level == regions()[found[1]].level:
        return None
    return found[0] if found else None


def candidates(text: str, *, level: str | None = None, within: str | None = None) -> list[Region]:
    """Return every region that a name or code may stand for, the large ones first. Parameters as in :func:`resolve`."""
    return [regions()[i] for i in _matches(text, level, within)]


def suggest(text: str, n: int = 3) -> list[Region]:
    """Return up to ``n`` regions whose names look or sound like the text: 折江 → 浙江, Zhejang → Zhejiang.

    Latin text is compared by the ratio of Ratcliff and Obershelp (:mod:`difflib`), Chinese by edit distance, where a
    character that sounds alike costs less than any other.
    """
    key = _fold(_plain(text[:_LONGEST]))
    if not key or n < 1:
        return []
    chinese = not key.isascii()
    best: dict[str, float] = {}
    for name, ids in _index()[1].items():
        if name.isascii() == chinese:
            continue
        score = _chinese_likeness(key, name) if chinese else _latin_likeness(key, name)
        if score >= (0.5 if chinese else 0.7):
            for region_id in ids:
                best[region_id] = max(score, best.get(region_id, 0.0))
    ranked = sorted(best, key=lambda i: (-best[i], _RANK[regions()[i].level], i))
    return [regions()[i] for i in ranked[:n]]


def _latin_likeness(a: str, b: str) -> float:
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= 0.7 and matcher.quick_ratio() >= 0.7 else 0.0


def _chinese_likeness(a: str, b: str) -> float:
    if abs(len(a) - len(b)) * 2 > max(len(a), len(b)):
        return 0.0
    row = [float(j) for j in range(len(b) + 1)]
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], float(i)
        for j, y in enumerate(b, 1):
            change = diagonal + _difference(x, y)
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, change)
    return 1 - row[-1] / max(len(a), len(b))


@cache
def _difference(x: str, y: str) -> float:
    """Return the cost of reading one character for another, from 0.4 for neighbours in the order of pinyin to 1.

    The 3,755 common characters of GB 2312 (rows 16 to 55) stand in the order of their pinyin, so a small distance
    between their numbers means the same or nearly the same sound. A syllable has some ten to fifty of them.
    """
    if x == y:
        return 0.0
    a, b = (c.encode("gb2312", "ignore") for c in (x, y))
    if len(a) != 2 or len(b) != 2 or max(a[0], b[0]) > 0xD7 or min(a[0], b[0]) < 0xB0:
        return 1.0
    return min(1.0, 0.4 + abs((a[0] - b[0]) * 94 + a[1] - b[1]) / 100)

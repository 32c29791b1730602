"""Who issued a document: the place and the level, read from a name, a title or the head of the text.

Names come from the gazetteer (:mod:`foreland.data.taxonomy.regions`), bodies that carry no place in their name (国务院,
European Commission) from ``issuing_bodies.csv``. At each position the longest name is taken. What a title is about is
not who issued it, so a place behind 支持 or 同意 does not count, and a central body in front of a place does.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from foreland.data.taxonomy import regions
from foreland.i18n.bundled import bundled_rows

LEVELS = ("central", "province", "city", "county", "foreign")
"""Levels of an issuer."""

HEAD = 2_500
"""Characters of a text in which its issuer is looked for; what follows speaks of others."""
TAIL = 400
"""Characters at the end in which it may have signed."""

_SPECIAL = {"HK": "CN-HK", "MO": "CN-MO", "TW": "CN-TW"}
_COMMON_WORDS = frozenset(
    re.findall(
        "..",
        "阿里海北兴安和田白银安康大同日照百色来宾朝阳中山东方巴中广安海西海东红河文山资阳",
    )
)
"""Short names of prefectures that are also words or names of other things; their full names (白银市) still count."""
_SHORT_CODES = {"USA": "US", "US": "US", "U.S.": "US", "UK": "GB", "EU": "agg:eu27", "UAE": "AE", "PRC": "CN"}
_COMPASS = re.compile(r"\b(?:East|West|North|South|Midlands|Humber)\b")

_ABOUT = re.compile(r"(?:支持|同意|批复|推动|助力|赴|对口|援建|学习|借鉴|服务)$")
_NO_COUNTY = re.compile(
    r"(?:自治|开发|示范|试验|园|地|特|先导|社|湾|库|景|山|片|高新|经开|技术|产业|保税|经济|试点|先行|合作|功能|集聚|核心|矿|牧|林)区$"
)
_COUNTY = re.compile(r"[一-鿿]{1,7}?(?:自治县|自治旗|林区|特区|县|旗|区)")
_GOVERNMENT = r"(?:人民政府|政府|人民代表大会|人大|委员会|省委|市委|区委|县委|党委)"
_SITS = re.compile(
    rf"第?[一二三四五六七八九十〇零○\d]*届?{_GOVERNMENT}|(?:人民政府)?(?:代?省长|代?市长|主席|州长|盟长|县长|区长)"
)
_SPEAKS_BEFORE = re.compile(
    r"代表$|第[一二三四五六七八九十\d]{1,3}届$|"
    r"\b(?:behalf of|Premier of|Session of) (?:the )?(?:\w+ )?$",
    re.IGNORECASE,
)
_SPEAKS_BEHIND = re.compile(r"\s*(?:办公[厅室])?\s*(?:关于|印发|总理|文件|公报|令|等|\n|$)")
_NUMBER = re.compile(
    r"(?P<who>国|[京津沪渝冀豫云滇辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵黔粤青藏川琼])(?:政|府|发|办|政办|府办|工信|科|发改)[^\s〔［\[]{0,6}[〔［\[]\s?20\d\d"
)


_ENGLISH_GOVERNMENT = re.compile(
    r"Government of (?:the )?\||"
    r"\|(?:'s|’s)? ?(?:Provincial |Municipal |Province |City )?(?:People['’]s )?(?:Government|Congress)"
)


class Issuer(NamedTuple):
    """A place that issued something; ``region_id`` is None where only the level is known."""

    region_id: str | None
    level: str
    start: int
    end: int


class _Name(NamedTuple):
    ids: tuple[str, ...]
    level: str | None
    latin: bool


def in_title(text: str) -> Issuer | None:
    """The issuer that a title names: 「浙江省杭州市人民政府关于印发…」, "UK Innovation Strategy"."""
    return _first(text, _matches(text))


def in_name(text: str) -> Issuer | None:
    """The issuer that the name of a file or folder tells: ``浙江2026``, ``CN-ZJ_plan``, ``zhejiang-report``."""
    for code in re.findall(r"(?<![A-Za-z0-9])CN-[A-Z]{2}(?![A-Za-z0-9])", text):
        if code in regions.regions():
            return Issuer(code, "province", text.index(code), text.index(code) + len(code))
    plain = re.sub(r"[_\-.+]+", lambda mark: " " * len(mark[0]), text)
    if found := _first(plain, _matches(plain)):
        return found
    # Names of files are often in small letters throughout.
    titled = re.sub(r"(?<![A-Za-z])(?:(?:usa|uk|eu)(?![a-z])|[a-z])", lambda part: part[0].upper(), plain)
    return _first(titled, _matches(titled)) if titled != plain else None


def in_text(text: str) -> Issuer | None:
    """The issuer that the head of a text names as one who speaks (我代表浙江省人民政府), or that signed its end."""
    head = text[:HEAD]
    places = _matches(head)
    for place in places:
        if place[2].level:
            if _speaks(head, *place[:2]):
                return Issuer(place[2].ids[0], place[2].level, place[0], place[1])
            continue
        found = _chain(head, places, place)
        if found and _SITS.match(head, found.end):
            return found
    if number := _NUMBER.search(head):
        region = "CN" if number["who"] == "国" else regions.resolve(number["who"])
        if region:
            return Issuer(region, "central" if region == "CN" else "province", number.start(), number.end())
    if english := _english_government(head):
        return english
    offset = max(len(text) - TAIL, 0)
    tail = text[offset:]
    for place in reversed(places := _matches(tail)):
        found = _chain(tail, places, place)
        line_start = tail.rfind("\n", 0, place[0]) + 1
        if (
            found
            and not tail[line_start : found.start].strip()
            and re.match(r"人民政府(?:办公厅|办公室)?\s*(?:\n|$)", tail[found.end :])
        ):
            return Issuer(found.region_id, found.level, found.start + offset, found.end + offset)
    # English texts name few bodies but their own.
    bodies = ((start, end, name) for start, end, name in _matches(head) if name.level and name.latin)
    return next((Issuer(name.ids[0], name.level or "", start, end) for start, end, name in bodies), None)


def level_of(region_id: str) -> str:
    """The level of an issuer from its place: central for China, foreign for other countries."""
    if region_id == "CN":
        return "central"
    place = regions.regions().get(region_id)
    if place is None or not region_id.startswith("CN-"):
        return "foreign"
    return "city" if place.level == "prefecture" else "province"


def known_region(text: str) -> str | None:
    """The place an id or name stands for, Hong Kong, Macao and Taiwan as units of China."""
    found = text if text in regions.regions() else regions.resolve(text)
    if found is None and text.startswith("中国"):
        found = regions.resolve(text.removeprefix("中国"))
    return _SPECIAL.get(found, found) if found else None


def _speaks(head: str, start: int, end: int) -> bool:
    """Whether a body without a place speaks itself, and is not just named (在党中央、国务院领导下)."""
    line_start = head.rfind("\n", 0, start) + 1
    if _SPEAKS_BEFORE.search(head[line_start:start]):
        return True
    return not head[line_start:start].strip(" 　—-·《") and bool(_SPEAKS_BEHIND.match(head[end:]))


# How names are matched --------------------------------------------------------------------------


def _first(text: str, places: list[tuple[int, int, _Name]]) -> Issuer | None:
    if county := _county_alone(text, places):
        return county
    for place in places:
        if place[2].level:
            return Issuer(place[2].ids[0], place[2].level, place[0], place[1])
        if _ABOUT.search(text[: place[0]]):
            continue
        if found := _chain(text, places, place):
            return found
    return None


def _chain(text: str, places: list[tuple[int, int, _Name]], first: tuple[int, int, _Name]) -> Issuer | None:
    """A place with the smaller places written right behind it: 浙江省杭州市余杭区."""
    at = places.index(first)
    start, end, name = first
    region = _one(name.ids, [other for place in places for other in place[2].ids])
    if region is None:
        return None
    for other_start, other_end, other in places[at + 1 :]:
        if len(text[end:other_start].strip("（）() 　·-")) or other_start - end > 2:
            break
        inside = [one for one in other.ids if region in regions.ancestors(one)]
        if len(inside) != 1:
            break
        region, end = inside[0], other_end
    level = level_of(region)
    county = _COUNTY.match(text, end) if region.startswith("CN-") else None
    if county and not _NO_COUNTY.search(county[0]) and (county[0][:1] not in "省市的和与" or len(county[0]) > 3):
        behind = text[county.end() :]
        if level == "city" or re.match(rf"{_GOVERNMENT}|第|关于|20|\d|国民|政|[“《\s_]|$", behind):
            return Issuer(region, "county", start, county.end())
    return Issuer(region, level, start, end)


def _county_alone(text: str, places: list[tuple[int, int, _Name]]) -> Issuer | None:
    """A county named without its province, which the gazetteer does not hold: the level is known, the place is not."""
    found = re.match(rf"\W*(?P<name>[一-鿿]{{1,6}}?(?:自治县|县|旗|区))(?={_GOVERNMENT})", text)
    if not found or _NO_COUNTY.search(found["name"]) or any(start < found.end() for start, _, _ in places):
        return None
    return Issuer(None, "county", found.start("name"), found.end("name"))


def _one(ids: tuple[str, ...], others: list[str]) -> str | None:
    """Of several places with one name the one whose province is named too; by rank the larger."""
    if len(ids) == 1:
        return ids[0]
    known = regions.regions()
    if known[ids[0]].level != known[ids[1]].level:
        return ids[0]
    inside = [one for one in ids if set(regions.ancestors(one)) & (set(others) - {"CN"})]
    return inside[0] if len(inside) == 1 else None


def _english_government(head: str) -> Issuer | None:
    for start, end, name in _matches(head):
        if not name.latin or name.level:
            continue
        around = head[max(start - 40, 0) : start] + "|" + head[end : end + 40]
        if _ENGLISH_GOVERNMENT.search(around):
            region = _one(name.ids, [])
            if region:
                return Issuer(region, level_of(region), start, end)
    return None


def _matches(text: str) -> list[tuple[int, int, _Name]]:
    """Names in a text, from the left and the longest first, Latin ones only as whole words."""
    search, names = _vocabulary()
    found = []
    reached = 0
    for index, start, end in sorted(
        search.find_matches_as_indexes(text, overlapping=True), key=lambda m: (m[1], -m[2])
    ):
        name = names[index]
        if start < reached or (name.latin and not _is_word(text, start, end)):
            continue
        found.append((start, end, name))
        reached = end
    return found


def _is_word(text: str, start: int, end: int) -> bool:
    before, behind = text[start - 1 : start], text[end : end + 1]
    return not (before.isascii() and before.isalnum()) and not (behind.isascii() and behind.isalpha())


@cache
def _vocabulary() -> tuple[AhoCorasick, list[_Name]]:
    known = regions.regions()
    wanted = ("country", "province", "prefecture")
    by_text: dict[str, dict[str, None]] = {}
    for place in known.values():
        nation = place.level == "itl1" and not _COMPASS.search(place.name_en)
        if place.level not in wanted and place.id not in _SHORT_CODES.values() and not nation:
            continue
        region_id = _SPECIAL.get(place.id, place.id)
        names = {place.name_en, place.name_zh, place.short_en, place.short_zh}
        names |= {name for name, kind in regions.aliases(place.id) if kind in ("alias", "official")}
        for name in names:
            long_enough = len(name) >= 4 if name.isascii() else len(name) >= 2
            if long_enough and not (place.level == "prefecture" and name in _COMMON_WORDS):
                by_text.setdefault(name, {})[region_id] = None
    for code, region_id in _SHORT_CODES.items():
        by_text[code] = {region_id: None}
    rank = {region_id: index for index, region_id in enumerate(known)}
    entries = {
        text: _Name(tuple(sorted(ids, key=rank.__getitem__)), None, text.isascii()) for text, ids in by_text.items()
    }
    for row in bundled_rows("data", "documents", "issuing_bodies.csv"):
        entries[row["name"]] = _Name((row["region_id"],), row["level"], row["name"][0].isascii())
    texts = list(entries)
    return AhoCorasick(texts, matchkind=MatchKind.Standard), [entries[text] for text in texts]

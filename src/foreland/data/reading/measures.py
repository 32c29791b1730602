"""The vocabulary of measures: what planners compare between places, whatever words a text has for it.

``measures.csv`` holds one measure a line, the specific before the general, with a pattern for each language. A
Chinese indicator is stripped of what only places and dates it ("全省", "到2030年", "达到") and must then be the
measure's name as a whole, so that the growth of one industry is not taken for that of the economy; an English one,
which is a clause, must name it behind its last comma. The unit has to agree. Where nothing fits there is no measure: a
wrong one would compare what cannot be compared.

Two kinds have siblings: of a growth rate there is an annual average over several years (``gdp_growth_average``), and
of a stock of things what is added to it (``enterprises_high_tech_new``).
"""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

Kind = Literal["level", "flow", "growth", "share", "rank"]


class Measure(NamedTuple):
    """One entry of the vocabulary."""

    id: str
    name_zh: str
    name_en: str
    units: tuple[str, ...]
    kind: Kind


_MACROS = {
    "gdp": r"(?:(?:地区|国内|区域|全省|全市|全区|省|市|本?地)?生产总值|GDP|经济总量)",
    "up": r"(?:\(?(?:按|同比|比上年|较上年|年均|平均|预期|预计|名义|实际|现价|可比口径|按可比价格|累计|力争|稳定"
    r"|保持)*(?:增长|增速|增幅|涨幅|上涨|提升|提高|增加|回升)(?:率|幅度|速度|目标|预期)?)",
    "share": r"(?:(?:所)?(?:占比|比重|比例|占.{1,12}(?:的)?(?:比重|比例|比率)?)(?:提高|提升|达到|稳定|保持|由|从"
    r"|上升|重)*)",
    "of": r"(?:{gs}工业(?:增加值|总产值|产值)?|{gdp}|全[省市区国]|的)*",
    "gs": r"(?:规模以上|规模上|规上|规模)?",
    "gs0": r"(?:规模以上|规模上|规上|规模)",
    "revenue": r"(?:营业收入|营业总收入|营收|主营业务收入|业务收入|销售收入|经营收入|总收入)",
    "grow": r"\b(?:gr[eo]w\w*|growth|increas\w+|rise[sn]?|rose|risen|rising|up|expand\w*|decreas\w+|declin\w+"
    r"|drop\w*|fell|fall\w*)\b",
}
_PLACES = (
    "北京|天津|河北|山西|内蒙古|辽宁|吉林|黑龙江|上海|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|重庆|四川|贵州|云南"
    "|西藏|陕西|甘肃|青海|宁夏|新疆"
)
_HEAD = re.compile(
    rf"(?:[\s、，,；;：:]|以及|同时|其中|和|与|及|且|并|使|全国(?!重点|一流|性)|全省|全市|全区|全自治区|全疆|全域"
    rf"|我[省市区]|本[省市区]|省内|市域|区内|(?:{_PLACES})[省市]?|去年|今年|全年"
    r"|[到至]?20\d\d年(?:底|末)?|年末|年底|累计建成|预计|预期|力争|确保|争取|努力|推动|促进|引导|支持|我们"
    r"|[“\"]?十[四五][五”\"]*(?:期间|以来|时期)?|期间|[五5]年(?:来|累计|间)?|累计|实现|完成"
    r"|达到|拥有|现有|共有|总计|共计|综合考虑|主要是|主要指标|目标|超过|超额|圆满|比20\d\d年|每年|年)+"
)
_TAIL = re.compile(
    r"(?:[\s、，,]|达到|达|为|是|突破|超过|超|稳定|保持|维持|控制|提高|提升|增加|增至|扩大|在|到|至|由|从|左右"
    r"|总量|总数|数量|总数量|数|家数|预期|目标|分别|均|再|也|共|总计|累计|约|再次|持续|首次|迈上|跨越|跃上|居全国|有望"
    r"|力争|成功|新|大关|台阶|关口|万亿级?|全省|全国)+$"
)
_NEW = re.compile(
    r"(?:当年|每年)?(?:新增|净增|新培育|新认定|新获批|新入选|新备案|新布局|新组建|新创建|新打造|新建成?|新设立?"
    r"|新登记|新引进|新发展|再新增|新投用|培育|认定|新晋|新招引|力争新增|培育认定|新增认定|梯度培育"
    r"|获批|入选|获评|推动|支持|新建和改造(?:提升)?|新建及?改造(?:提升)?|建设|改造(?:提升)?|再建)+"
)
_MORE = re.compile(r"(?:再?净?增加|再?新增)$")
_AVERAGE_ZH, _AVERAGE_EN = (
    re.compile("年均|平均"),
    re.compile(r"\baverage annual|annual average|average rate|per year on average\b"),
)
_NEW_EN = re.compile(r"\b(?:new|newly|additional|another|more|add(?:ed|ing)?|launch\w*|introduc\w*)\b")
_LAST_EN = re.compile(r"[,;:]\s+|--|\.\s+")
_CHANGED_EN = re.compile(r"\b(?:increas\w+|decreas\w+|cut|reduc\w+|rose|grew|drop\w*|fell|exceeded the)\b[^,]{0,24}$")
_SIGNS = str.maketrans("", "", "“”\"'‘’《》「」*")
_COUNTED = ("count", "person", "kW", "FLOPS", "m2", "km")


@cache
def measures() -> dict[str, Measure]:
    """Every measure of the vocabulary, siblings included, by id."""
    known: dict[str, Measure] = {}
    for row in _rows():
        kind = row["kind"]
        units = tuple(row["unit"].split("|"))
        known[row["id"]] = Measure(row["id"], row["name_zh"], row["name_en"], units, kind)  # type: ignore[arg-type]
        if kind == "growth":
            names = f"{row['name_zh']}（年均）", f"{row['name_en']}, annual average"
            known[f"{row['id']}_average"] = Measure(f"{row['id']}_average", *names, units, "growth")
        elif kind == "level" and set(units) & set(_COUNTED):
            names = f"新增{row['name_zh'].removesuffix('数')}", f"{row['name_en']} added"
            known[f"{row['id']}_new"] = Measure(f"{row['id']}_new", *names, units, "flow")
    return known


@lru_cache(maxsize=65536)
def measure(indicator: str, unit: str, language: str) -> str | None:
    """Name the measure that an indicator speaks of.

    Parameters
    ----------
    indicator
        The words of a text that name what is measured, as in ``Quantity.indicator``.
    unit
        Base unit of the value: the measure's own unit must be the same.
    language
        ``zh`` or ``en``.

    Returns
    -------
    str or None
        Id of the most specific measure that fits; None where none does.
    """
    pattern = _patterns(language).get(unit)
    if pattern is None or not indicator:
        return None
    if language == "zh":
        return _chinese(indicator, unit, pattern)
    text = _LAST_EN.split(" ".join(indicator.lower().split()))[-1]
    hit = pattern.search(text)
    best = None
    while hit:  # the specific stands before the general: of all that occur, the first of the list
        number = int((hit.lastgroup or "m0")[1:])
        best = number if best is None else min(best, number)
        hit = pattern.search(text, hit.start() + 1)
    if best is None:
        return None
    row = _rows()[best]
    if row["kind"] == "growth" and _AVERAGE_EN.search(text):
        return f"{row['id']}_average"
    if row["kind"] == "level" and _CHANGED_EN.search(text):
        return None  # "increased by" and "increased to" look the same here
    if f"{row['id']}_new" in measures() and _NEW_EN.search(text.split(row["name_en"].split()[0])[0]):
        return f"{row['id']}_new"
    return str(row["id"])


def _chinese(indicator: str, unit: str, pattern: re.Pattern[str]) -> str | None:
    text = indicator.translate(_SIGNS).replace("（", "(").replace("）", ")")
    new = False
    for _ in range(3):
        before = text
        if hit := _HEAD.match(text):
            text = text[hit.end() :]
        if hit := _NEW.match(text):
            new, text = True, text[hit.end() :]
        if text == before:
            break
    if hit := _MORE.search(text):
        new, text = True, text[: hit.start()]
    found = pattern.fullmatch(text) or pattern.fullmatch(_TAIL.sub("", text))
    if not found:
        return None
    row = _rows()[int((found.lastgroup or "m0")[1:])]
    if row["kind"] == "growth" and _AVERAGE_ZH.search(indicator):
        return f"{row['id']}_average"
    if new and row["kind"] == "share":
        return None  # the share in what is added is not the share in all there is
    if new and row["kind"] == "level":
        return f"{row['id']}_new" if f"{row['id']}_new" in measures() else None
    return str(row["id"])


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with (Path(__file__).parent / "measures.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


@cache
def _patterns(language: str) -> dict[str, re.Pattern[str]]:
    """One alternation a unit, in the order of the list, each alternative a group ``m<row>``."""
    written: dict[str, list[str]] = {}
    for number, row in enumerate(_rows()):
        pattern = row[language]
        if not pattern:
            continue
        for _ in range(2):  # macros may hold macros
            for name, meaning in _MACROS.items():
                pattern = pattern.replace(f"{{{name}}}", meaning)
        for unit in row["unit"].split("|"):
            written.setdefault(unit, []).append(f"(?P<m{number}>{pattern})")
    return {unit: re.compile("|".join(patterns)) for unit, patterns in written.items()}

"""Locate the lead institution of a Chinese research project in a province.

The list of national key R&D projects 2018–2020 names the lead institution but not where it sits. Four
methods are tried in order, and each answer carries the name of the method that gave it:

``list``        the state key lab and shared-facility lists of the ministry (institution → province), by majority;
``correction``  a gazetteer row that contradicts those lists, which hold wrong provinces for some bodies;
``gazetteer``   the hand-written ``institution_provinces.csv``;
``parent``      a hospital, branch or graduate school of a university or academy located by the above;
``place``       a province, prefecture or county inside the name;
``outside``     a body in Hong Kong, Macao or Taiwan, which the province tables do not hold;
``none``        nothing found.

An institution with several sites is placed where its head office worked in 2018–2020; where it was registered
elsewhere the gazetteer says so. A branch named as such is placed at the branch.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

HERE = Path(__file__).parent
GAZETTEER = HERE / "institution_provinces.csv"

_UNITS = """
11 BJ 北京; 12 TJ 天津; 13 HE 河北; 14 SX 山西; 15 NM 内蒙古; 21 LN 辽宁;
22 JL 吉林; 23 HL 黑龙江; 31 SH 上海; 32 JS 江苏; 33 ZJ 浙江; 34 AH 安徽;
35 FJ 福建; 36 JX 江西; 37 SD 山东; 41 HA 河南; 42 HB 湖北; 43 HN 湖南;
44 GD 广东; 45 GX 广西; 46 HI 海南; 50 CQ 重庆; 51 SC 四川; 52 GZ 贵州;
53 YN 云南; 54 XZ 西藏; 61 SN 陕西; 62 GS 甘肃; 63 QH 青海; 64 NX 宁夏;
65 XJ 新疆
"""
_ROWS = [unit.split() for unit in _UNITS.split(";")]
#: Two-digit code of GB/T 2260 → letters of ISO 3166-2.
LETTERS = {code: letters for code, letters, _ in _ROWS}
PROVINCES = {name: f"CN-{letters}" for _, letters, name in _ROWS}
OUTSIDE = {"香港": "CN-HK", "澳门": "CN-MO", "台湾": "CN-TW"}
#: Academies whose institutes are spread over the country: their own seat says nothing about an institute.
NATIONWIDE = frozenset(["中国科学院", "中国农业科学院", "中国地质科学院", "中国林业科学研究院"])
#: Place names that are also common words, surnames or parts of other names: 复旦大学附属中山医院, 阿里巴巴, 广安门.
_COMMON = """
中山 广安 阿里 朝阳 白银 安康 大同 三明 吉安 海东 海北 长治 玉林 大理 来宾 北海 兴安 山南
黄山 河源 和田 平安 东方 新星 双河 白杨 昆玉 东阳 永康 永安 长安 东兴 宁安 海城 大安 武安
安国 海安 启东 东港 兴化 华阴 定安 临高 白沙 昌江 长海 吉水 新安 华安 泰安 信丰 大丰 金华
安达 南安 建安 天长 海林 长乐 高安 德安 吉利 通河 红河 凤凰 大方 长顺 平和 安宁
"""
AMBIGUOUS = frozenset(_COMMON.split())
BODY = re.compile(r"(大学|学院|研究院|研究总院|研究所|公司|集团|中心|医院|博物馆|厂)$")
ALIAS = re.compile(r"\(([^()]*(?:所|中心|医院|研究院|实验室|气象台))\)$")
LEGAL = re.compile(r"(集团)?(股份)?有限(责任)?公司$")
PARENT = re.compile(r"(大学|学院|科学院|研究中心)$")
BRANCH = re.compile(r"(医院|眼科中心|研究生院|分所|分院|医学院)$")
HOST = re.compile(r"(大学|学院|科学院|总院|集团|公司)$")


class Located(NamedTuple):
    """Province of an institution (ISO 3166-2, or None), the method that gave it, and on what evidence."""

    province_id: str | None
    method: str
    evidence: str


def normalise(name: str) -> str:
    """One spelling of a name: half-width brackets, no blanks, 硏 → 研, every round zero → 〇."""
    text = unicodedata.normalize("NFKC", name)
    return re.sub(r"\s", "", text).replace("硏", "研").translate(str.maketrans("○◯", "〇〇"))


def spellings(name: str) -> list[str]:
    """Names under which an entry may be known, the closest first.

    The lists break long names with a stray 、 (``研究、所``), name several bodies in one cell, and append an
    alias in brackets; a firm made of an institute keeps the institute's name before 有限公司.
    """
    whole = normalise(name)
    found = [whole]
    if parts := [part for part in re.split(r"[、,;/]", whole) if part]:
        found.append("".join(parts))
        if BODY.search(parts[0]) and parts[0] not in NATIONWIDE:
            found.append(parts[0])
    for spelled in list(found):
        short = ALIAS.sub("", spelled)
        stem = LEGAL.sub("", short)
        found += [short, stem] if stem.endswith(("院", "所")) else [short]
    return list(dict.fromkeys(found))


def funds_cny(text: str | None) -> int | None:
    """Funds in yuan from a cell in 万元; None where blank, withheld (``*``) or a range."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:万元?)?\s*", text or "")
    return int(Decimal(found[1]) * 10_000) if found else None


def duration_years(text: str | None) -> float | None:
    """Years from ``3``, ``3.5年`` or ``3. 5 年``; None where blank."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)年?", re.sub(r"\s", "", text or ""))
    return float(found[1]) if found else None


class Programme(NamedTuple):
    """A special programme: its name, the part of it the call was for, and whether projects were assigned (定向)."""

    name: str
    part: str | None
    directed: bool


def programme(text: str) -> Programme:
    """Clean a programme cell: quotation marks, 重点专项, 定向 marks, one typing error and one variant."""
    whole = re.sub(r"[“”\"\s]|重点专项", "", text).replace("预誓", "预警").replace("制造与智能", "制造和智能")
    bare = re.sub(r"(\((?:第二批)?定向\)|（(?:第二批)?定向）|(?:第二批)?定向(?:项目)?)$", "", whole)
    found = re.fullmatch(r"(.*?)[（(]含?(.*?专题)(?:任务)?[）)]", bare)
    return Programme(found[1] if found else bare, found[2] if found else None, bare != whole)


@dataclass(frozen=True)
class Locator:
    """The three sources: list counts per spelling, gazetteer rows, and place names (counties apart)."""

    lists: dict[str, Counter[str]]
    gazetteer: dict[str, tuple[str, str]]
    places: dict[str, str]
    counties: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Path, gazetteer: Path = GAZETTEER) -> Locator:
        """Read the lists and the administrative divisions below ``data``, and the gazetteer."""
        places, counties = read_places(data / "cn_admin_divisions" / "areacity_level3_pinyin.csv")
        lists = read_lists(data / "cn_province_hightech")
        return cls(lists, read_gazetteer(gazetteer), places, counties)

    def locate(self, institution: str) -> Located:
        """Province of an institution by the first method that knows it."""
        names = spellings(institution)
        found = self._known(names) or self._parent(names[-1]) or self._place(names[0])
        return found or Located(None, "none", "")

    def _known(self, names: Iterable[str]) -> Located | None:
        for name in names:
            row, counts = self.gazetteer.get(name), self.lists.get(name)
            top = majority(counts) if counts else None
            if row and counts and top != row[0]:
                return Located(row[0], "correction", f"{row[1]}; lists: {tally(counts)}")
            if top and counts:
                return Located(top, "list", f"{name}: {tally(counts)}")
            if row:
                return Located(row[0], "gazetteer", f"{name}; {row[1]}".rstrip("; "))
        return None

    def _parent(self, name: str) -> Located | None:
        for end in range(len(name) - 1, 3, -1):
            head, tail = name[:end], name[end:]
            if head in NATIONWIDE or not (PARENT.search(head) and BRANCH.search(tail)) or self._tokens(tail):
                continue
            if found := self._known([head]):
                return Located(found.province_id, "parent", head)
        return None

    def _place(self, name: str) -> Located | None:
        for inside in re.findall(r"\(([^()]+)\)", name):
            if hits := self._tokens(inside, bracket=True):
                return self._at(hits[0])
        hits = self._tokens(name)
        if not hits:
            return None
        start = hits[-1][0]
        # 北京航空航天大学杭州研究院 sits in Hangzhou, 浙江清华长三角研究院 in Zhejiang.
        return self._at(hits[-1] if HOST.search(name[:start]) else hits[0])

    def _at(self, hit: tuple[int, str, str]) -> Located:
        _, place, province = hit
        inside = province not in OUTSIDE.values()
        return Located(province if inside else None, "place" if inside else "outside", f"{place} in {province}")

    def _tokens(self, text: str, *, bracket: bool = False) -> list[tuple[int, str, str]]:
        """Places in a text from left to right, longest first, without overlap."""
        hits, start = [], 0
        while start < len(text):
            for size in range(min(8, len(text) - start), 1, -1):
                word = text[start : start + size]
                province = self.places.get(word)
                named = bracket or word[-1] in "市县区" or (start == 0 and word + "市" in self.counties)
                if province is None and named:
                    province = self.counties.get(word)
                if province:
                    hits.append((start, word, province))
                    start += size
                    break
            else:
                start += 1
        return hits


def tally(counts: Counter[str]) -> str:
    """Counts as text: ``CN-SD 7, CN-BJ 1``."""
    return ", ".join(f"{province} {n}" for province, n in counts.most_common())


def majority(counts: Counter[str]) -> str | None:
    """The most frequent province; None at a tie."""
    ranked = counts.most_common(2)
    return ranked[0][0] if len(ranked) == 1 or ranked[0][1] > ranked[1][1] else None


def read_gazetteer(path: Path) -> dict[str, tuple[str, str]]:
    """Institution → (province id, note); names are normalised."""
    with path.open(encoding="utf-8", newline="") as lines:
        return {normalise(r["institution"]): (r["province_id"], r["note"]) for r in csv.DictReader(lines)}


def read_lists(folder: Path) -> dict[str, Counter[str]]:
    """Rows per province for each spelling in the key-lab and shared-facility lists."""
    import pandas as pd

    lists: dict[str, Counter[str]] = {}
    for file in ("PubSKLMost", "PubOpenShare"):
        rows = pd.read_csv(folder / f"{file}.csv.gz", dtype=str).dropna(subset=["institution", "province"])
        for name, province in zip(rows["institution"], rows["province"], strict=True):
            for spelled in spellings(name):
                lists.setdefault(spelled, Counter())[PROVINCES[normalise(province)]] += 1
    return lists


def read_places(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Names of provinces and prefectures, and of counties that occur in one province only → province id."""
    import pandas as pd

    rows = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    rows["province"] = rows["id"].str[:2].map(LETTERS)
    rows = rows.dropna(subset=["province"])
    found: tuple[dict[str, set[str]], dict[str, set[str]]] = ({}, {})
    for deep, name, full, letters in rows[["deep", "name", "ext_name", "province"]].itertuples(index=False):
        level = found[int(deep == "2")]
        full_only = deep == "2" and not full.endswith(("市", "县", "区"))
        for word in {full} if full_only else {name, full}:
            if len(word) > 1 and word not in AMBIGUOUS:
                level.setdefault(word, set()).add(f"CN-{letters}")
    upper, lower = ({word: ids.pop() for word, ids in level.items() if len(ids) == 1} for level in found)
    upper |= PROVINCES | OUTSIDE  # 海南 is the province before it is the prefecture in Qinghai
    return upper, {word: ids for word, ids in lower.items() if word not in upper}


def shared_data() -> Path:
    """The folder of shared data beside the project, or below ``FORELAND_SHARED``."""
    return Path(os.environ.get("FORELAND_SHARED", HERE.parents[2] / "shared")) / "data"


@cache
def locator(data: Path) -> Locator:
    """The locator over one data folder, read once."""
    return Locator.read(data)


def locate(institution: str) -> Located:
    """Province of a lead institution; see the module for the methods."""
    return locator(shared_data()).locate(institution)


def read_projects(path: Path) -> pd.DataFrame:
    """Projects as listed, plus cleaned number, funds, duration and programme.

    Added columns: ``project`` (number without the trailing ``*``), ``number_kind`` (``project`` or
    ``application`` for SQ numbers), ``repeated`` (the number occurred in an earlier list), ``funds_cny``,
    ``funds_status`` (``given``, ``blank``, ``withheld``), ``duration_years``, ``programme``,
    ``programme_part``, ``directed``. Funds are blank in every list published after 2019 and in five
    programmes of 2018, so sums by province hold for the 2018 programmes that give them and no further.
    """
    import pandas as pd

    rows = pd.read_csv(path / "PubNKRDP.csv.gz", dtype=str, keep_default_na=False)
    rows["project"] = rows["NO"].str.strip().str.rstrip("*")
    rows["number_kind"] = rows["NO"].str.startswith("SQ").map({True: "application", False: "project"})
    order = rows["date"].argsort(kind="stable")
    rows["repeated"] = rows.iloc[order].duplicated("project").sort_index()
    rows["funds_cny"] = pd.array([funds_cny(text) for text in rows["funds"]], dtype="Int64")
    rows["funds_status"] = rows["funds"].str.strip().map({"": "blank", "*": "withheld"}).fillna("given")
    rows["duration_years"] = pd.array([duration_years(text) for text in rows["duration"]], dtype="Float64")
    cleaned = [programme(text) for text in rows["type"]]
    rows["programme"] = [p.name for p in cleaned]
    rows["programme_part"] = [p.part for p in cleaned]
    rows["directed"] = [p.directed for p in cleaned]
    return rows


def locate_all(path: Path) -> pa.Table:
    """All project rows with ``province_id``, ``method`` and ``evidence``, and the cleaned columns.

    ``path`` is the folder ``cn_province_hightech``; the administrative divisions are read beside it.
    Project numbers repeat: drop rows with ``repeated`` before counting projects.
    """
    import pyarrow as pa

    rows = read_projects(path)
    known = locator(path.parent)
    found = [known.locate(name) for name in rows["institution"]]
    rows["province_id"] = [f.province_id for f in found]
    rows["method"] = [f.method for f in found]
    rows["evidence"] = [f.evidence for f in found]
    return pa.Table.from_pandas(rows, preserve_index=False)


def contradictions(known: Locator) -> list[tuple[str, str, str]]:
    """List entries to distrust: (institution, rows per province, place in the name) where these disagree."""
    found = []
    for name, counts in known.lists.items():
        place = known._place(name)
        if len(counts) > 1 or (place and place.province_id not in counts):
            found.append((name, tally(counts), place.evidence if place else ""))
    return found


def main() -> None:
    """Print coverage by method and what stays unlocated."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=shared_data())
    rows = locate_all(parser.parse_args().data / "cn_province_hightech").to_pandas()
    once = rows[~rows["repeated"]]
    for label, part in (("rows", rows), ("projects", once)):
        print(f"{label}: {len(part)}, located {part['province_id'].notna().mean():.2%}")
        print(part["method"].value_counts().to_string())
    print("unlocated:", sorted(set(rows.loc[rows["province_id"].isna(), "institution"])))


if __name__ == "__main__":
    main()

"""Build the region gazetteer: ``regions.csv`` and ``region_names.csv`` of ``foreland.data.taxonomy``.

Where the facts come from (see docs/data-notes/regions.md):

- country codes and names: ``country-codes`` (Open Knowledge, public domain), after ISO 3166-1, UN M49, UNTERM, CLDR;
- grouping of countries: the regions of the NCSES Science & Engineering Indicators tables (US government work);
- Chinese divisions: modood/Administrative-divisions-of-China (WTFPL) for codes and official names,
  xiangyuecn/AreaCity-JsSpider-StatsGov (MIT) for short names and pinyin;
- centroids: Natural Earth (public domain), computed here: centroid of the largest polygon;
- ``tools/regions/``: written by hand for this project: names in the other language, irregular romanisation, renamed
  places, misprints seen in data with their reading, UK regions (ONS codes, ITL 2021), and the tile layouts.

Usage: ``python tools/build_regions.py SHARED_DATA_FOLDER``
"""

from __future__ import annotations

import csv
import gzip
import html
import itertools
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "regions"
TARGET = Path(__file__).parents[1] / "src/foreland/data/taxonomy"
LEVELS = ("aggregate", "country", "historic", "province", "itl1", "prefecture", "itl2")


@dataclass
class Row:
    """One line of ``regions.csv``."""

    id: str
    name_en: str
    name_zh: str
    short_en: str = ""
    short_zh: str = ""
    level: str = ""
    parent_id: str = ""
    lat: str = ""
    lon: str = ""
    tile_row: str = ""
    tile_col: str = ""


@dataclass
class Gazetteer:
    """The rows and aliases gathered so far."""

    rows: dict[str, Row] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Add a region; short names default to the full ones."""
        if row.id in self.rows:
            raise ValueError(f"{row.id}: twice")
        row.short_en = row.short_en or row.name_en
        row.short_zh = row.short_zh or row.name_zh
        self.rows[row.id] = row

    def alias(self, region: str, kind: str, names: Iterable[str]) -> None:
        """Add names of a region, leaving out those its row already has."""
        if region not in self.rows:
            raise ValueError(f"alias of the unknown region {region}")
        row = self.rows[region]
        for name in (n.strip() for n in names):
            if name and name not in (row.id, row.name_en, row.name_zh, row.short_en, row.short_zh):
                self.names.setdefault((region, name), kind)


def table(path: Path) -> list[dict[str, str]]:
    """Read a (gzipped) CSV; a line with too many or too few cells is an error."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if None in row or None in row.values():
            raise ValueError(f"{path.name}: ragged line {row}")
    return rows


def tiles(name: str) -> Iterator[tuple[str, int, int]]:
    """Yield code, row, column of a layout drawn in text."""
    for i, line in enumerate((HERE / name).read_text().splitlines()):
        for j, code in enumerate(line.split()):
            if code != ".":
                yield code, i, j


# --- centroids -------------------------------------------------------------------------------------------------


def ring_centroid(ring: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Return area, longitude and latitude of a closed ring (shoelace formula, in degrees)."""
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in itertools.pairwise(ring):
        cross = x0 * y1 - x1 * y0
        area += cross / 2
        x += (x0 + x1) * cross / 6
        y += (y0 + y1) * cross / 6
    return abs(area), x / area, y / area


def topology(path: Path, layer: str) -> Iterator[tuple[dict[str, Any], float, float]]:
    """Yield each TopoJSON geometry with the latitude and longitude of its largest polygon's centroid."""
    with gzip.open(path) as file:
        topo = json.load(file)
    (sx, sy), (tx, ty) = topo["transform"]["scale"], topo["transform"]["translate"]
    arcs: list[list[tuple[float, float]]] = []
    for arc in topo["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        arcs.append(points)
    for shape in topo["objects"][layer]["geometries"]:
        polygons = {"Polygon": [shape.get("arcs")], "MultiPolygon": shape.get("arcs")}.get(shape["type"], [])
        best = (0.0, 0.0, 0.0)
        for polygon in polygons:
            ring: list[tuple[float, float]] = []
            for index in polygon[0]:
                piece = arcs[index] if index >= 0 else arcs[~index][::-1]
                ring += piece[1:] if ring else piece
            if len(set(ring)) > 2:
                best = max(best, ring_centroid(ring))
        if best[0]:
            yield shape, best[2], best[1]


# --- the world -------------------------------------------------------------------------------------------------


def add_world(gaz: Gazetteer, data: Path) -> None:
    """Add aggregates, historic entities and the countries of ISO 3166-1."""
    for row in table(HERE / "others.csv"):
        aliases = [a.split(":", 1) for a in row.pop("aliases").split("|") if a]
        gaz.add(Row(**row))
        for kind, name in aliases:
            gaz.alias(row["id"], kind, [name])

    ours = {r["id"]: r for r in table(HERE / "countries.csv")}
    codes = {r["ISO3166-1-Alpha-2"]: r for r in table(data / "geo_world/country-codes.csv.gz")}
    for code in sorted(codes.keys() | ours.keys()):
        own, iso = ours.get(code, {}), codes.get(code, {})
        clean = {k: re.sub(r"\s*(\(the\))?\s*\*{0,2}$", "", v) for k, v in iso.items()}
        gaz.add(
            Row(
                code,
                own.get("name_en") or clean["official_name_en"],
                own.get("name_zh") or clean["UNTERM Chinese Short"] or clean["official_name_cn"],
                own.get("short_en", ""),
                own.get("short_zh", ""),
                "country",
            )
        )
        gaz.alias(
            code, "code", [iso.get("ISO3166-1-Alpha-3", ""), iso.get("ISO3166-1-numeric", "").zfill(3)] if iso else []
        )
        gaz.alias(code, "alias", own.get("aliases", "").split("|"))
        for kind, column in (
            ("official", "UNTERM English Formal"),
            ("official", "UNTERM Chinese Formal"),
            ("official", "official_name_en"),
            ("official", "official_name_cn"),
            ("alias", "UNTERM English Short"),
            ("alias", "UNTERM Chinese Short"),
            ("alias", "CLDR display name"),
        ):
            name = clean.get(column, "")
            gaz.alias(code, kind, [name, name.replace("Saint ", "St. ").replace(" and ", " & ")])
    group(gaz, data, codes)


def group(gaz: Gazetteer, data: Path, codes: dict[str, dict[str, str]]) -> None:
    """Set the parent of each country: the NCSES region, or for places without data that of the UN region."""
    import pandas as pd

    folded = {re.sub(r"\W", "", n.lower()): i for i, n in all_names(gaz)}

    def find(name: str) -> str | None:
        return folded.get(re.sub(r"\W", "", re.sub(r"<sup>.*?</sup>", "", html.unescape(name)).lower()))

    indicators = pd.read_parquet(data / "world_sci_tech_by_country/country_field_year.parquet", columns=["region_path"])
    parents: dict[str, set[str]] = {}
    for path in indicators["region_path"].unique():
        steps = [find(s) for s in path.split(" -> ")]
        # One table has paths like "World -> Qatar -> Ghana": only steps through aggregates are a grouping.
        if all(s and s.startswith("agg:") for s in steps[:-1]) and steps[-1] in gaz.rows:
            place = str(steps[-1])
            if gaz.rows[place].level == "country" and steps[-2] != "agg:world":
                parents.setdefault(place, set()).add(str(steps[-2]))
    by_un = {
        "Africa": "agg:africa",
        "Asia": "agg:asia",
        "Europe": "agg:other-europe",
        "Oceania": "agg:oceania",
        "South America": "agg:south-america",
        "Caribbean": "agg:central-america-caribbean",
        "Central America": "agg:central-america-caribbean",
        "Northern America": "agg:north-america",
    }
    for row in gaz.rows.values():
        if row.level != "country":
            continue
        # Gaza and the West Bank are listed there instead of Palestine.
        found = {"agg:middle-east"} if row.id == "PS" else parents.get(row.id, set())
        if len(found) > 1:
            raise ValueError(f"{row.id} stands in {found}")
        iso = codes.get(row.id, {})
        un = [iso.get(k, "") for k in ("Intermediate Region Name", "Sub-region Name", "Region Name")]
        row.parent_id = next(iter(found), next((by_un[u] for u in un if u in by_un), "agg:world"))


def all_names(gaz: Gazetteer) -> Iterator[tuple[str, str]]:
    """Yield every region with every of its names."""
    for row in gaz.rows.values():
        for name in (row.name_en, row.name_zh, row.short_en, row.short_zh):
            yield row.id, name
    for region, name in gaz.names:
        yield region, name


# --- China -----------------------------------------------------------------------------------------------------

AUTONOMOUS = {"15": "", "45": " Zhuang", "54": "", "64": " Hui", "65": " Uygur"}
PEOPLES = {
    "朝鲜族": "Korean",
    "土家族": "Tujia",
    "苗族": "Miao",
    "藏族": "Tibetan",
    "羌族": "Qiang",
    "彝族": "Yi",
    "布依族": "Buyei",
    "侗族": "Dong",
    "哈尼族": "Hani",
    "壮族": "Zhuang",
    "傣族": "Dai",
    "白族": "Bai",
    "景颇族": "Jingpo",
    "傈僳族": "Lisu",
    "回族": "Hui",
    "蒙古族": "Mongol",
    "蒙古": "Mongol",
    "柯尔克孜": "Kirgiz",
    "哈萨克": "Kazakh",
}
# Until they were dissolved these were other places than the cities of the same name.
NOT_THE_CITY = {"柳州地区", "南宁地区", "梧州地区"}


def pinyin(syllables: str) -> str:
    """Join syllables as GB/T 16159 has it: ``xi an`` → ``Xi'an``, ``hang zhou`` → ``Hangzhou``."""
    first, *rest = syllables.split()
    return (first + "".join(f"'{s}" if s[0] in "aoe" else s for s in rest)).capitalize()


def plain_pinyin(area: dict[str, str]) -> str:
    """Return the syllables of a short name, without the 市 that AreaCity leaves on 吉林市."""
    return area["pinyin"].removesuffix(" shi") if area["name"].endswith("市") else area["pinyin"]


def add_china(gaz: Gazetteer, data: Path) -> None:
    """Add the 34 province-level units and the 333 prefecture-level divisions."""
    area = {r["id"]: r for r in table(data / "cn_admin_divisions/areacity_level3_pinyin.csv")}
    provinces = {r["gb"]: r for r in table(HERE / "provinces.csv")}
    for gb, own in provinces.items():
        full, short = area[gb]["ext_name"], area[gb]["name"]
        gaz.add(Row(own["id"], own["name_en"], full, own["short_en"], short, "province", "CN"))
        gaz.alias(own["id"], "abbreviation", own["abbreviations"].split("|"))
        gaz.alias(own["id"], "code", [gb, gb + "0000", gb + "0" * 10, f"CN-{gb}"])
        en = own["name_en"]
        if full.endswith("市"):
            gaz.alias(own["id"], "alias", [f"{short}直辖市", f"{en} Municipality", f"{en} City", f"{en} Shi"])
            # Tables of cities carry the districts of a municipality under the code of its only prefecture.
            gaz.alias(own["id"], "code", [gb + "01", gb + "0100", gb + "01" + "0" * 8])
        elif gb in AUTONOMOUS:
            gaz.alias(own["id"], "official", [f"{en}{AUTONOMOUS[gb]} Autonomous Region"])
            gaz.alias(own["id"], "alias", [f"{short}自治区", f"{short}区", full.removesuffix("自治区")])
            gaz.alias(own["id"], "alias", [f"{en} Autonomous Region"])
        elif full.endswith("特别行政区"):
            gaz.alias(own["id"], "official", [f"{en} Special Administrative Region"])
            gaz.alias(own["id"], "alias", [f"{short}特区", f"{en} SAR"])
        else:
            gaz.alias(own["id"], "alias", [f"{en} Province", f"{en} Sheng"])
        gaz.alias(own["id"], "pinyin", [] if gb in ("15", "54", "61", "81", "82") else [pinyin(area[gb]["pinyin"])])

    irregular = {r["gb"]: r for r in table(HERE / "prefectures.csv")}
    listed = table(data / "cn_admin_divisions/modood_cities.csv")
    cities = [r for r in listed if not re.fullmatch(r"市辖区|县|.*直辖县级行政区划", r["name"])]
    short_en = {}
    for row in cities:
        syllables = plain_pinyin(area[row["code"]])
        short_en[row["code"]] = irregular.get(row["code"], {}).get("short_en") or pinyin(syllables)
    count = Counter(short_en.values())
    for row in cities:
        gb, full, en = row["code"], row["name"], short_en[row["code"]]
        province = provinces[row["provinceCode"]]
        short = area[gb]["name"].removesuffix("市")
        stem, kind = full.removesuffix("市"), "City"
        if full.endswith("自治州"):
            peoples = re.findall("|".join(PEOPLES), full.removeprefix(short).removesuffix("自治州"))
            name, kind = f"{en} {' and '.join(PEOPLES[p] for p in peoples)} Autonomous Prefecture", "Prefecture"
            variants = [f"{short}州", f"{short}自治州"]
        elif full.endswith("地区"):
            name, kind, variants = f"{en} Prefecture", "Prefecture", []
        elif full.endswith("盟"):
            name, kind, variants = f"{en} League", "League", []
        else:
            name = en if count[en] == 1 else f"{en}, {province['short_en']}"
            variants = [f"{stem}地区"] if f"{stem}地区" not in NOT_THE_CITY else []
        region = f"CN-{gb}00"
        gaz.add(Row(region, name, full, en, short, "prefecture", province["id"]))
        gaz.alias(region, "code", [gb, gb + "00", gb + "0" * 8])
        variants += [f"{en} {kind}", f"{en} Shi"] if full.endswith("市") else [f"{en} {kind}"]
        gaz.alias(region, "alias", [*variants, *irregular.get(gb, {}).get("aliases", "").split("|")])
        gaz.alias(region, "pinyin", [pinyin(plain_pinyin(area[gb]))])


def add_uk(gaz: Gazetteer) -> None:
    """Add ITL1 and ITL2 (the 2021 version), with their former NUTS codes."""
    for row in table(HERE / "uk.csv"):
        aliases = row.pop("aliases").split("|")
        code = row["id"]
        parent, level = ("GB", "itl1") if len(code) == 3 else (code[:3], "itl2")
        gaz.add(Row(**row, parent_id=parent, level=level))
        gaz.alias(code, "code", [f"UK{code[2:]}", *(a for a in aliases if re.fullmatch(r"[A-Z]\d{8}", a))])
        gaz.alias(code, "alias", [a for a in aliases if not re.fullmatch(r"[A-Z]\d{8}", a)])


# --- positions -------------------------------------------------------------------------------------------------


def place(gaz: Gazetteer, data: Path) -> None:
    """Set centroids and tile positions."""
    numeric = {
        name: region for (region, name), kind in gaz.names.items() if kind == "code" and re.fullmatch(r"\d{3}", name)
    }
    spots = [
        (numeric.get(str(s.get("id"))), lat, lon)
        for s, lat, lon in topology(data / "geo_world/countries-50m.json.gz", "countries")
    ]
    admin = topology(data / "geo_world/ne_10m_admin_1_all_countries.topojson.gz", "ne_10m_admin_1_states_provinces")
    spots += [(s["properties"]["iso_3166_2"], lat, lon) for s, lat, lon in admin]
    for region, lat, lon in spots:
        if region in gaz.rows and gaz.rows[region].level in ("country", "province"):
            gaz.rows[region].lat, gaz.rows[region].lon = f"{lat:.2f}", f"{lon:.2f}"
    twin, island = gaz.rows["CN-TW"], gaz.rows["TW"]
    twin.lat, twin.lon = island.lat, island.lon

    layouts = (("tiles_world.txt", ""), ("tiles_cn.txt", "CN-"), ("tiles_itl1.txt", "TL"), ("tiles_itl2.txt", "TL"))
    for layout, prefix in layouts:
        for code, i, j in tiles(layout):
            row = gaz.rows[prefix + code]
            if row.tile_row:
                raise ValueError(f"{row.id}: two tiles in {layout}")
            row.tile_row, row.tile_col = str(i), str(j)


def main(data: Path) -> None:
    """Build both files."""
    gaz = Gazetteer()
    add_world(gaz, data)
    add_china(gaz, data)
    add_uk(gaz)
    for extra in table(HERE / "extra_names.csv"):
        gaz.alias(extra["region_id"], extra["kind"], [extra["name"]])
    place(gaz, data)
    rows = sorted(gaz.rows.values(), key=lambda r: (LEVELS.index(r.level), r.id))
    order = {r.id: i for i, r in enumerate(rows)}
    with (TARGET / "regions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(r) for r in rows)
    with (TARGET / "region_names.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["region_id", "name", "kind"])
        lines = [(region, name, kind) for (region, name), kind in gaz.names.items()]
        writer.writerows(sorted(lines, key=lambda x: (order[x[0]], x[2], x[1])))
    print(f"{len(rows)} regions, {len(gaz.names)} names", Counter(r.level for r in rows), file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""The gazetteer: every place named in the real tables resolves, and nothing else does."""

from __future__ import annotations

import itertools
import random
import re
import string
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreland.data.taxonomy import regions as gazetteer
from foreland.data.taxonomy.regions import (
    LEVELS,
    aliases,
    ancestors,
    candidates,
    children,
    regions,
    resolve,
    suggest,
)

NAMES = [(r.id, n) for r in regions().values() for n in (r.id, r.name_en, r.name_zh, r.short_en, r.short_zh)]
NAMES += [(i, name) for i in regions() for name, _ in aliases(i)]
BLANKS = " \t　\u00a0\u2009"


# --- the tables themselves ---------------------------------------------------------------------------------------


def test_levels_have_the_published_number_of_members() -> None:
    # ISO 3166-1: 249 and Kosovo. China: 34 and 333. ITL 2021: 12 and 41.
    count = Counter(r.level for r in regions().values())
    assert {k: count[k] for k in LEVELS[1:]} == {
        "country": 250,
        "historic": 7,
        "province": 34,
        "itl1": 12,
        "prefecture": 333,
        "itl2": 41,
    }


def test_every_row_has_names_in_both_languages_and_a_parent() -> None:
    for region in regions().values():
        assert region.name("en") == region.name_en
        assert re.search("[一-鿿]", region.name("zh")), region
        assert re.search("[一-鿿]", region.short("zh")), region
        assert not re.search("[一-鿿]", region.name_en + region.short_en), region
        assert region.level in LEVELS
        assert len(region.short_en) <= len(region.name_en), region
        assert (region.parent_id is None) == (region.id == "agg:world")


def test_hierarchy_ends_in_the_world_and_children_are_its_inverse() -> None:
    for region in regions().values():
        assert [region.id, *ancestors(region.id)][-1] == "agg:world"
        if region.parent_id:
            assert region.id in children(region.parent_id)
    assert sum(len(children(i)) for i in regions()) == len(regions()) - 1
    assert ancestors("CN-330100") == ["CN-ZJ", "CN", "agg:asia", "agg:world"]
    assert children("GB") == [f"TL{c}" for c in "CDEFGHIJKLMN"]
    assert len(children("agg:eu27")) == 27
    with pytest.raises(KeyError):
        children("nowhere")


def test_gb_codes_and_chinese_ids_are_one_to_one() -> None:
    seen = {}
    for region in regions().values():
        if region.level not in ("province", "prefecture"):
            continue
        codes = {n for n, kind in aliases(region.id) if kind == "code" and re.fullmatch(r"\d{6}", n) and n[2:4] != "01"}
        codes |= {n for n, kind in aliases(region.id) if region.level == "prefecture" and re.fullmatch(r"\d{6}", n)}
        assert len(codes) == 1, region.id
        code = codes.pop()
        assert code not in seen
        seen[code] = region.id
        assert resolve(code) == resolve(f"{code}000000") == region.id
        if region.level == "prefecture":
            assert region.id == f"CN-{code}"
            assert resolve(code[:2]) == region.parent_id
    assert len(seen) == 34 + 333


def test_prefectures_are_those_of_the_statistics_bureau(shared: Path) -> None:
    listed = pd.read_csv(shared / "data/cn_admin_divisions/modood_cities.csv", dtype=str)
    listed = listed[~listed["name"].str.contains("直辖县级|^市辖区$|^县$")]
    ours = {r.id: r.name_zh for r in regions().values() if r.level == "prefecture"}
    assert ours == dict(zip("CN-" + listed["code"] + "00", listed["name"], strict=True))


def test_romanised_names_have_a_syllable_for_each_character(shared: Path) -> None:
    area = pd.read_csv(shared / "data/cn_admin_divisions/areacity_level3_pinyin.csv", dtype=str).set_index("id")
    short = {r.id: r.short_zh for r in regions().values() if r.level == "prefecture"}
    for region_id, name in short.items():
        syllables = area.loc[region_id[3:7], "pinyin"].split()[: len(name)]
        assert len(syllables) == len(name)
        assert region_id in {r.id for r in candidates("".join(syllables), level="prefecture")}


@pytest.mark.parametrize(("level", "size"), [("province", 34), ("itl1", 12), ("itl2", 41), ("country", 205)])
def test_tiles_do_not_overlap(level: str, size: int) -> None:
    tiles = [(r.tile_row, r.tile_col) for r in regions().values() if r.level == level and r.tile_row is not None]
    assert len(set(tiles)) == len(tiles) >= size
    assert all(row is not None and col is not None and row >= 0 and col >= 0 for row, col in tiles)


def test_tiles_keep_the_geography() -> None:
    """Tile rows follow latitude and columns longitude (rank correlation), for the world and for China."""
    for level, least in (("province", 0.85), ("country", 0.85)):
        rows = [r for r in regions().values() if r.level == level and r.tile_row is not None and r.lat is not None]
        frame = pd.DataFrame(rows)
        # The islands beyond the date line are drawn at the right edge.
        frame["lon"] = frame["lon"].where(frame["lon"] > -135, frame["lon"] + 360)
        assert -frame["tile_row"].corr(frame["lat"], method="spearman") > least
        assert frame["tile_col"].corr(frame["lon"], method="spearman") > least


def test_every_sovereign_state_has_a_tile(shared: Path) -> None:
    codes = pd.read_csv(shared / "data/geo_world/country-codes.csv.gz", dtype=str, keep_default_na=False)
    states = codes.loc[codes["is_independent"] == "Yes", "ISO3166-1-Alpha-2"]
    assert len(states) > 190
    assert [i for i in [*states, "TW", "HK", "MO"] if regions()[i].tile_row is None] == []


def test_centroids_lie_where_they_should() -> None:
    # Inside the known bounding boxes of the places (degrees).
    boxes = {"CN": (18, 54, 73, 135), "US": (24, 50, -125, -66), "GB": (49, 61, -9, 2), "CN-ZJ": (27, 31.5, 118, 123)}
    boxes |= {
        "CN-XJ": (34, 49.5, 73, 97),
        "BR": (-34, 6, -74, -34),
        "NZ": (-48, -34, 166, 179),
        "CN-TW": (21, 26, 119, 123),
    }
    for region_id, (south, north, west, east) in boxes.items():
        region = regions()[region_id]
        assert region.lat is not None
        assert region.lon is not None
        assert south < region.lat < north
        assert west < region.lon < east


# --- names in real tables ----------------------------------------------------------------------------------------


def test_all_trade_codes_resolve(shared: Path) -> None:
    codes = pd.read_csv(
        shared / "data/world_trade_1998_2000/world_trade_1998_2000_countries.csv", keep_default_na=False
    )
    iso = pd.read_csv(shared / "data/geo_world/country-codes.csv.gz", dtype=str, keep_default_na=False)
    expected = dict(zip(iso["ISO3166-1-Alpha-3"].str.lower(), iso["ISO3166-1-Alpha-2"], strict=True))
    expected |= {"rom": "RO", "ant": "ANHH", "scg": "CSXX"}
    assert len(codes) == 226
    assert {c: resolve(c) for c in codes["country"]} == {c: expected[c] for c in codes["country"]}
    assert [resolve(c) for c in ("yug", "tmp", "zar")] == ["YUCS", "TL", "CD"]


def test_all_iso_codes_resolve(shared: Path) -> None:
    iso = pd.read_csv(shared / "data/geo_world/country-codes.csv.gz", dtype=str, keep_default_na=False)
    for two, three, number, name in zip(
        iso["ISO3166-1-Alpha-2"],
        iso["ISO3166-1-Alpha-3"],
        iso["ISO3166-1-numeric"].str.zfill(3),
        iso["official_name_en"],
        strict=True,
    ):
        assert [resolve(x) for x in (two, three, number, name)] == [two] * 4


def test_all_places_of_the_science_indicators_resolve(shared: Path) -> None:
    path = shared / "data/world_sci_tech_by_country/country_field_year.parquet"
    names = pd.read_parquet(path, columns=["region"])["region"].unique()
    assert len(names) == 230
    found = {name: resolve(name) for name in names}
    assert [n for n, i in found.items() if i is None] == []
    # Spellings of one place meet, different places don't: 230 spellings are 213 places.
    groups: dict[str | None, set[str]] = {}
    for name, region_id in found.items():
        groups.setdefault(region_id, set()).add(name)
    assert groups["agg:eu27-uk"] == {n for n in names if n.startswith("EU-27") and ("UK" in n or "United" in n)}
    assert groups["CI"] == {n for n in names if "Ivoire" in n}
    merged = {i: g for i, g in groups.items() if len(g) > 1}
    assert set(merged) == {
        "agg:eu27-uk",
        "agg:other-europe",
        "agg:oceania",
        "agg:unclassified",
        "agg:gaza-strip",
        "agg:west-bank",
        "CI",
        "GB",
    }


def test_all_provinces_of_the_high_tech_tables_resolve(shared: Path) -> None:
    spellings: set[str] = set()
    for path in (shared / "data/cn_province_hightech").glob("*.csv.gz"):
        columns = pd.read_csv(path, nrows=0).columns
        if "province" in columns:
            spellings |= set(pd.read_csv(path, usecols=["province"], dtype=str)["province"].dropna())
    assert len(spellings) > 100
    found = {s: resolve(s) for s in spellings}
    assert [s for s, i in found.items() if i is None] == []
    assert {resolve(s, level="province") for s in spellings if resolve(s, level="province")} == set(children("CN")) - {
        "CN-TW",
        "CN-HK",
        "CN-MO",
    } - {i for i in children("CN") if i.startswith("agg:")}
    assert {s for s, i in found.items() if i == "CN"} == {"全国", "全   国"}


def test_uk_codes_and_names_resolve(shared: Path) -> None:
    frame = pd.read_parquet(shared / "data/uk_employment_gva/itl2_gva_to2022_plusBRES_jobs_to2022.parquet")
    pairs = frame[["ITL_code", "Region_name"]].drop_duplicates()
    assert len(pairs) == 40
    for code, name in pairs.itertuples(index=False):
        assert resolve(code) == resolve("UK" + code[2:]) == resolve(name, level="itl2") == code
        assert ancestors(code)[:2] == [code[:3], "GB"]


def test_countries_of_other_sources_resolve(shared: Path) -> None:
    survey = pd.read_csv(shared / "data/eu_business_survey/data_esi_countries.csv", keep_default_na=False)
    for code, three, name in zip(survey["country"], survey["iso3"], survey["country_en"], strict=True):
        assert resolve(code) == resolve(name) is not None
        if three not in ("", "NA"):
            assert resolve(three) == resolve(code)
    codes = pd.read_csv(shared / "data/openalex_country_coauthorship/ISO2codes.csv", sep=";", keep_default_na=False)
    wrong = {(c, n): resolve(n) for c, n in zip(codes["code"], codes["name"], strict=True) if resolve(n) != c}
    # That list still has the Netherlands Antilles, dissolved in 2010, and a slip of the pen.
    assert wrong == {("AN", "Netherlands Antilles"): "ANHH", ("HM", "Heard Island and McDonald Mcdonald Islands"): None}


# --- reading ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("浙江省", "CN-ZJ"),
        ("浙", "CN-ZJ"),
        ("ZHEJIANG", "CN-ZJ"),
        ("浙　江", "CN-ZJ"),
        ("浙江省杭州市", "CN-330100"),
        ("中国浙江", "CN-ZJ"),
        ("浙江（含宁波）", "CN-ZJ"),
        ("广西自治区", "CN-GX"),
        ("Xinjiang Uyghur Autonomous Region", "CN-XJ"),
        ("Shanxi", "CN-SX"),
        ("Shaanxi", "CN-SN"),
        ("Tibet", "CN-XZ"),
        ("Xizang", "CN-XZ"),
        ("Urumqi", "CN-650100"),
        ("Wulumuqi", "CN-650100"),
        ("Hohhot", "CN-150100"),
        ("Xi'an", "CN-610100"),
        ("Xian", "CN-610100"),
        ("Enshi", "CN-422800"),
        ("Jilin Shi", "CN-220200"),
        ("Lüliang", "CN-141100"),
        ("海南", "CN-HI"),
        ("海南州", "CN-632500"),
        ("吉林", "CN-JL"),
        ("吉林市", "CN-220200"),
        ("吉林省吉林市", "CN-220200"),
        ("延边州", "CN-222400"),
        ("襄樊", "CN-420600"),
        ("柳州地区", "CN-451300"),
        ("Suzhou, Jiangsu", "CN-320500"),
        ("Suzhou, Anhui, China", "CN-341300"),
        ("110100", "CN-BJ"),
        ("台湾", "TW"),
        ("台湾省", "CN-TW"),
        ("Chinese Taipei", "TW"),
        ("香港", "HK"),
        ("香港特别行政区", "CN-HK"),
        ("Hong Kong SAR, China", "HK"),
        ("Korea, Republic of", "KR"),
        ("Korea, Dem. People's Rep.", "KP"),
        ("韩国", "KR"),
        ("大韩民国", "KR"),
        ("Turkiye", "TR"),
        ("The Bahamas", "BS"),
        ("Bahamas, The", "BS"),
        ("United States of America (the)", "US"),
        ("St. Vincent & the Grenadines", "VC"),
        ("Serbia<sup>c</sup>", "RS"),
        ("Serbia (c)", "RS"),
        ("Germany 1)", "DE"),
        ("C&#244;te d&#8217;Ivoire", "CI"),
        ("EL", "GR"),
        ("UK", "GB"),
        ("EU", "agg:eu27"),
        ("EU28", "agg:eu27-uk"),
        ("UKC", "TLC"),
        ("West Midlands", "TLG"),
    ],
)
def test_resolve(text: str, expected: str) -> None:
    assert resolve(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "nowhere",
        "苏州省",
        "黑龙江市",
        "Korea (N)",
        "Georgia, US",
        "浙江省苏州市",
        "European Union 15",
        "EU-15",
        "UKC9",
        "江",
        "<sup>a</sup>",
        "中国" * 5000,
        "a," * 5000,
    ],
)
def test_does_not_guess(text: str) -> None:
    assert resolve(text) is None


def test_ambiguous_names_are_listed() -> None:
    for text, ids in {
        "Suzhou": ["CN-320500", "CN-341300"],
        "Taizhou": ["CN-321200", "CN-331000"],
        "Virgin Islands": ["VG", "VI"],
        "刚果": None,
        "CS": ["CSHH", "CSXX"],
    }.items():
        if ids is None:
            assert resolve(text) == "CG"
            continue
        assert resolve(text) is None
        assert [r.id for r in candidates(text)] == ids
    assert resolve("Suzhou", within="CN-AH") == "CN-341300"
    assert [r.id for r in candidates("海南")] == ["CN-HI", "CN-632500"]


def test_level_and_within_narrow() -> None:
    assert resolve("海南", level="prefecture") == "CN-632500"
    assert resolve("West Midlands", level="itl2") == "TLG3"
    assert resolve("台湾", level="province") == resolve("Taiwan", within="CN") == "CN-TW"
    assert resolve("浙江", level="country") is None
    assert resolve("浙江", within="CN-JS") is None
    with pytest.raises(ValueError, match="level"):
        resolve("浙江", level="state")
    with pytest.raises(ValueError, match="nowhere"):
        resolve("浙江", within="nowhere")


def test_nuts_codes_are_not_taken_for_something_else() -> None:
    """Country letters with one or two further signs mean a NUTS region, or nothing."""
    countries = ["AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT"]
    countries += ["LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "UK", "NO", "CH", "TR", "RS", "ME", "MK"]
    known = {i.replace("TL", "UK", 1): i for i, r in regions().items() if r.level in ("itl1", "itl2")}
    signs = string.digits + string.ascii_uppercase
    codes = [c + d for c in countries for d in string.digits]
    codes += [c + a + d for c in countries for a in signs for d in string.digits]
    assert {c: resolve(c) for c in codes if resolve(c) or c in known} == {
        c: i for c, i in known.items() if c[-1].isdigit()
    }
    # NUTS1 codes of three letters in use (2021).
    for code in [
        "DEA",
        "DEB",
        "DEC",
        "DED",
        "DEE",
        "DEF",
        "DEG",
        "FRB",
        "FRK",
        "FRY",
        "ITC",
        "ITF",
        "ITG",
        "ITH",
        "TRA",
    ]:
        assert resolve(code) is None, code


@given(st.sampled_from(NAMES), st.randoms(use_true_random=False))
@settings(max_examples=400)
def test_inner_blanks_and_case_do_not_matter(named: tuple[str, str], rng: random.Random) -> None:
    region_id, name = named
    text = "".join(c + rng.choice(BLANKS) * rng.choice([0, 0, 1, 3]) for c in name)
    text = rng.choice([text, text.upper(), text.lower()])
    assert resolve(text) == resolve(name)
    assert region_id in {r.id for r in candidates(text)}


def test_every_name_finds_its_region() -> None:
    for region_id, name in NAMES:
        ids = [r.id for r in candidates(name, level=regions()[region_id].level)]
        assert region_id in ids, (region_id, name)


@given(st.text(max_size=30))
def test_any_text_is_taken(text: str) -> None:
    found = resolve(text)
    assert found is None or found in regions()
    assert found is None or found in {r.id for r in candidates(text)}
    assert all(r.id in regions() for r in suggest(text))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("折江", "CN-ZJ"),
        ("Zhejang", "CN-ZJ"),
        ("四传", "CN-SC"),
        ("上害", "CN-SH"),
        ("黑龙", "CN-HL"),
        ("杭洲", "CN-330100"),
        ("山溪", "CN-SX"),
        ("guandong", "CN-GD"),
        ("Germny", "DE"),
        ("Untied Kingdom", "GB"),
        ("Korea (N)", "KR"),
    ],
)
def test_suggest(typed: str, meant: str) -> None:
    assert resolve(typed) is None
    assert suggest(typed)[0].id == meant
    assert len(suggest(typed, 1)) == 1


def test_suggest_knows_when_to_be_silent() -> None:
    assert suggest("") == []
    assert suggest("qqqqxxxx") == []
    assert suggest("浙江", 0) == []


def test_a_hundred_thousand_texts_in_two_seconds() -> None:
    rng = random.Random(1)
    pool = [name for _, name in NAMES]
    blanks = itertools.cycle(["", " ", "  ", "　", " 1)", " x", "、", "县"])
    texts = {f"{rng.choice(pool)}{next(blanks)}{i}" if i % 2 else f" {i} {rng.choice(pool)}" for i in range(50_000)}
    texts |= {
        "".join(c + " " * rng.randint(0, 2) for c in rng.choice(pool)) + " " * i for i in range(50) for _ in range(1100)
    }
    work = sorted(texts)[:100_000]
    assert len(work) == 100_000
    resolve("warm")
    started = time.perf_counter()
    for text in work:
        resolve(text)
    assert time.perf_counter() - started < 2


def test_the_module_needs_only_the_standard_library() -> None:
    source = Path(gazetteer.__file__).read_text(encoding="utf-8")
    imported = set(re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE))
    assert imported <= {
        "__future__",
        "csv",
        "dataclasses",
        "difflib",
        "functools",
        "html",
        "pathlib",
        "re",
        "unicodedata",
        "collections",
    }

"""The field schemes: complete in both languages, consistent, and able to read every spelling in the shared data."""

from __future__ import annotations

import csv
import gzip
import math
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import foreland.data.taxonomy as package
from foreland.data.taxonomy.fields import (
    children,
    crosswalk,
    fields,
    leaves,
    programmes,
    resolve,
    schemes,
    suggest,
)

NAMED = [field for field in fields().values() if field.scheme not in {"sitc2", "sic2007"}]
CROSSED = ("iotf", "wipo35", "openalex_field")


def test_every_field_has_both_names_and_a_standing_parent() -> None:
    seen: set[str] = set()
    for field in fields().values():
        assert field.name_en.strip()
        assert field.name_zh.strip()
        assert field.id == f"{field.scheme}:{field.code}"
        assert bool(field.note_en) == bool(field.note_zh)
        if field.parent_id:
            assert field.parent_id in seen
            assert field.parent_id.startswith(field.scheme + ":")
            assert field.id in children(field.parent_id)
        seen.add(field.id)


@pytest.mark.parametrize(
    ("scheme", "all_", "ends"),
    [
        ("iotf", 31, 24),
        ("wipo35", 40, 35),
        ("ncses_se", 15, 14),
        ("ncses_env", 13, 12),
        ("openalex_field", 30, 26),
        ("sic2007", 21 + 88 + 729, 729),
        ("sitc2", 10 + 69 + 239 + 785, 785),
        ("skl_area", 14, 14),
        ("all", 1, 1),
    ],
)
def test_schemes_are_whole(scheme: str, all_: int, ends: int) -> None:
    assert len(fields(scheme)) == all_
    assert len(leaves(scheme)) == ends


def test_names_by_language() -> None:
    field = fields("wipo35")["wipo35:8"]
    assert (field.name("en"), field.name("zh")) == ("Semiconductors", "半导体")
    assert schemes()["sic2007"].licence == "Open Government Licence v3.0"
    assert all(scheme.name("zh") and scheme.name("en") and scheme.publisher for scheme in schemes().values())


def test_names_are_unique_where_they_are_ours() -> None:
    by_name = defaultdict(set)
    for field in NAMED:
        by_name[field.scheme, field.name_en].add(field.id)
        by_name[field.scheme, field.name_zh].add(field.id)
    assert [ids for ids in by_name.values() if len(ids) > 1] == []


@pytest.mark.parametrize(
    ("text", "scheme", "field_id"),
    [
        ("8", "wipo35", "wipo35:8"),
        (" 08 ", "wipo35", "wipo35:8"),
        ("8.0", "wipo35", "wipo35:8"),
        ("８", "wipo35", "wipo35:8"),
        ("wipo35:8", "wipo35", "wipo35:8"),
        ("SEMI conductors", "wipo35", "wipo35:8"),
        ("半 导 体", "wipo35", "wipo35:8"),
        ("1110", "sic2007", "sic2007:01110"),
        ("62 : Computer programming", "sic2007", "sic2007:62"),
        ("C (10-33)", "sic2007", "sic2007:C"),
        ("c", "sic2007", "sic2007:C"),
        ("Real estate activities", "sic2007", "sic2007:L"),
        ("11", "sitc2", "sitc2:11"),
        ("0011", "sitc2", "sitc2:0011"),
        ("fields/17", "openalex_field", "openalex_field:17"),
        ("脑机接口", "iotf", "iotf:brain_inspired"),
        ("Quantum", "iotf", "iotf:quantum"),
        ("合 计", "all", "all:total"),
        ("", "iotf", None),
        ("potatoes", "iotf", None),
        ("36", "wipo35", None),
    ],
)
def test_resolve(text: str, scheme: str, field_id: str | None) -> None:
    assert resolve(text, scheme) == field_id


@given(st.sampled_from(NAMED), st.sampled_from(["", " ", "　"]), st.booleans())
def test_resolve_finds_every_name_however_it_is_set(field, blank, loud) -> None:  # type: ignore[no-untyped-def]
    for name in (field.name_en, field.name_zh, field.id, field.code):
        text = blank + (name.upper() if loud else name) + blank
        if name in (field.name_en, field.name_zh):
            text = text.replace(" ", blank or " ")
        assert resolve(text, field.scheme) == field.id


def test_aliases_lead_to_one_standing_field() -> None:
    with Path(package.__path__[0], "field_names.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            scheme = row["field_id"].partition(":")[0]
            assert resolve(row["name"], scheme) == row["field_id"], row


@pytest.mark.parametrize(
    ("text", "scheme", "first"),
    [
        ("semiconducters", "wipo35", "wipo35:8"),
        ("Robotik", "iotf", "iotf:robotics"),
        ("氢能原", "iotf", "iotf:hydrogen"),
        ("人工智慧", "iotf", "iotf:ai"),
        ("Computer Sciense", "openalex_field", "openalex_field:17"),
    ],
)
def test_suggest(text: str, scheme: str, first: str) -> None:
    assert suggest(text, scheme)[0].id == first


def test_suggest_keeps_to_its_number() -> None:
    assert suggest("xqzv", "wipo35") == []
    assert len(suggest("machines", "wipo35", 2)) == 2
    assert suggest("machines", "wipo35", 0) == []


def test_unknown_scheme_is_told() -> None:
    for call in (lambda: fields("nace"), lambda: resolve("1", "nace"), lambda: crosswalk("iotf", "nace")):
        with pytest.raises(ValueError, match="no scheme 'nace'"):
            call()
    with pytest.raises(KeyError):
        children("iotf:nothing")


@pytest.mark.parametrize(("source", "target"), [(a, b) for a in CROSSED for b in CROSSED if a != b])
def test_crosswalk_weights_are_shares_of_the_from_field(source: str, target: str) -> None:
    pairs = crosswalk(source, target)
    sums: defaultdict[str, float] = defaultdict(float)
    for pair in pairs:
        assert pair.from_id in fields(source)
        assert pair.to_id in fields(target)
        assert 0 < pair.weight <= 1
        assert pair.quality in {"good", "partial", "weak"}
        assert pair.note("en")
        assert pair.note("zh")
        sums[pair.from_id] += pair.weight
    assert pairs
    assert max(sums.values()) <= 1 + 1e-9
    assert len({(pair.from_id, pair.to_id) for pair in pairs}) == len(pairs)


def test_crosswalk_covers_every_field_with_a_subject() -> None:
    subjects = {i for i in leaves("iotf") if not i.endswith("_generic")}
    for target in ("wipo35", "openalex_field"):
        pairs = crosswalk("iotf", target)
        assert {pair.from_id for pair in pairs} == subjects
        for subject in subjects:
            assert math.isclose(sum(pair.weight for pair in pairs if pair.from_id == subject), 1)
    assert {pair.from_id for pair in crosswalk("wipo35", "openalex_field")} == set(leaves("wipo35"))


def test_crosswalk_pairs_stand_in_both_directions() -> None:
    forth = {(pair.from_id, pair.to_id) for pair in crosswalk("iotf", "wipo35")}
    back = {(pair.to_id, pair.from_id) for pair in crosswalk("wipo35", "iotf")}
    assert back <= forth
    assert crosswalk("iotf", "sitc2") == []


def test_programmes_name_fields() -> None:
    found = programmes()
    assert set(found) == set(fields("programme"))
    assert all(set(named) <= set(leaves("iotf")) for named in found.values())
    # The six of the outline of 2021; it counts deep sea with space and hydrogen with storage.
    assert len(set(found["programme:cn_future_2021"].values())) == 6
    assert len(set(found["programme:cn_sei_2021"].values())) == 9
    assert {"iotf:ai", "iotf:quantum", "iotf:future_networks"} <= set(found["programme:us_future_2020"])


def test_reads_fields_of_patents_and_articles(shared: Path) -> None:
    pd = pytest.importorskip("pandas")
    table = pd.read_parquet(shared / "data/world_sci_tech_by_country/country_field_year.parquet")
    pairs = table[["measure", "field"]].drop_duplicates()
    found = defaultdict(set)
    for measure, name in pairs.itertuples(index=False):
        scheme_of = {"art_whole": ["ncses_se"], "art_frac": ["ncses_se"], "ai_art": ["iotf"]}
        tried = scheme_of.get(measure, ["wipo35", "ncses_env", "all"])
        hits = [hit for scheme in tried if (hit := resolve(name, scheme))]
        assert len(hits) == 1, (measure, name, hits)
        found[hits[0].partition(":")[0]].add(hits[0])
    assert found["wipo35"] == set(leaves("wipo35"))
    assert found["ncses_env"] == set(fields("ncses_env"))
    assert found["ncses_se"] == set(fields("ncses_se"))


def test_reads_fields_of_topics(shared: Path) -> None:
    pd = pytest.importorskip("pandas")
    topics = pd.read_parquet(shared / "data/openalex_topics/topics.parquet")
    for row in topics[["field", "id_field", "domain", "id_domain"]].drop_duplicates().itertuples():
        field_id = resolve(row.field, "openalex_field")
        assert field_id is not None
        assert field_id == resolve(row.id_field, "openalex_field")
        domain = fields()[field_id].parent_id
        assert domain == resolve(row.id_domain, "openalex_field")
        assert fields()[domain].name_en.removesuffix(" (domain)") == row.domain


def test_reads_industries(shared: Path) -> None:
    pd = pytest.importorskip("pandas")
    folder = shared / "data/uk_employment_gva"
    for level, length in (("2digit", 2), ("5digit", 5)):
        table = pd.read_parquet(folder / f"ITL2_Employment_countandpercent{level}SIC_BRESopen15to21.parquet")
        for name, code in table[["INDUSTRY_NAME", "INDUSTRY_CODE"]].drop_duplicates().itertuples(index=False):
            assert resolve(name, "sic2007") == resolve(str(code), "sic2007") == f"sic2007:{str(code).zfill(length)}"
    table = pd.read_parquet(folder / "itl2_gva_to2022_plusBRES_jobs_to2022.parquet")
    for name, code in table[["SIC07_description", "SIC07_code"]].drop_duplicates().itertuples(index=False):
        assert resolve(name, "sic2007") in fields("sic2007")
        if "(" in code:
            assert resolve(code, "sic2007") == resolve(name, "sic2007") == f"sic2007:{code[0]}"


def test_reads_products_and_laboratory_areas(shared: Path) -> None:
    with gzip.open(shared / "data/world_trade_1998_2000/world_trade_avg_1998_2000.csv.gz", "rt") as lines:
        codes = {row["product"] for row in csv.DictReader(lines)}
    assert {resolve(code, "sitc2") for code in codes} == set(leaves("sitc2"))
    with gzip.open(shared / "data/cn_province_hightech/PubSKLMost.csv.gz", "rt", encoding="utf-8") as lines:
        areas = {row["area"] for row in csv.DictReader(lines)} - {"", "NA"}
    assert {resolve(area, "skl_area") for area in areas} == set(fields("skl_area"))

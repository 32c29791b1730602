"""Readers of known layouts, on the publishers' own files and on small ones made for the purpose."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foreland.core.errors import DataError
from foreland.data import readers
from foreland.data.checks import check
from foreland.data.indicators import bundled_indicators
from foreland.data.load import load
from foreland.data.mapping import Mapping
from foreland.data.units import find_unit
from foreland.data.workspace import Workspace
from foreland.i18n.bundled import bundled_rows

from .helpers import put, rows

LAYOUTS = {
    "bea_input_output",
    "china_input_output",
    "chip_explorer",
    "cn_listed_firms_chain",
    "cn_province_hightech",
    "eurostat",
    "iotables",
    "oecd_input_output",
    "uk_employment_gva",
    "world_sci_tech",
    "world_trade_1998_2000",
}


def observations(ws: Workspace, where: str) -> list[tuple]:
    files = [str(file) for file in ws.files("observation")]
    return duckdb.sql(
        f"SELECT region_id, field_id, indicator_id, period, value FROM read_parquet({files}) WHERE {where} ORDER BY ALL"
    ).fetchall()


def one(ws: Workspace, where: str) -> float:
    found = observations(ws, where)
    assert len(found) == 1, found
    return found[0][4]


def test_layouts_are_found() -> None:
    assert set(readers.layouts()) == LAYOUTS


def test_detection_is_exclusive(shared: Path) -> None:
    places = {
        "bea_input_output": shared / "data/us_input_output",
        "china_input_output": shared / "data/cn_input_output",
        "iotables": shared / "data/textbook_input_output/germany_1995.csv.gz",
        "oecd_input_output": shared / "data/cn_input_output/OECD21ed_CHN_1995to2018.csv.gz",
        "cn_province_hightech": shared / "data/cn_province_hightech",
        "uk_employment_gva": shared / "data/uk_employment_gva",
        "world_sci_tech": shared / "data/world_sci_tech_by_country",
        "world_trade_1998_2000": shared / "data/world_trade_1998_2000",
    }
    for name, path in places.items():
        assert [key for key, reader in readers.layouts().items() if reader.detect(path)] == [name]


def test_bundled_indicators_are_sound() -> None:
    for item in bundled_indicators().values():
        unit = find_unit(item.unit)
        assert unit is not None
        assert unit.base == item.unit
        assert item.kind in ("flow", "stock", "index", "share")
        assert item.aggregation in ("sum", "mean", "none")
        assert item.name_en
        assert any("\u4e00" <= character <= "\u9fff" for character in item.name_zh)


def test_variables_of_provinces_have_indicators_and_units() -> None:
    listed = bundled_rows("data", "readers", "cn_province_hightech.csv")
    assert len({row["variable"] for row in listed}) == len(listed) == len({row["indicator_id"] for row in listed})
    for row in listed:
        unit = find_unit(row["unit"])
        assert unit is not None
        assert unit.base == bundled_indicators()[row["indicator_id"]].unit


# World science and technology -------------------------------------------------------------------


def test_world_sci_tech(ws: Workspace, shared: Path) -> None:
    folder = shared / "data/world_sci_tech_by_country"
    report = load(ws, folder)
    assert report.layout == "world_sci_tech"
    assert report.rejected == 0
    raw = f"read_parquet('{folder}/country_field_year.parquet')"
    kept = duckdb.sql(f"SELECT count(*) FROM {raw} WHERE measure NOT LIKE 'art_%' OR table_id::INT > 9900").fetchall()[
        0
    ]
    assert report.rows["observation"] == kept[0] == 233_245
    china = one(
        ws, "region_id = 'CN' AND field_id = 'all:total' AND indicator_id = 'articles_whole' AND period = '2022'"
    )
    assert china == 976_141
    assert not observations(ws, "indicator_id = 'articles_whole' AND period < '2003'")


def test_world_totals_equal_the_published_ones(ws: Workspace, shared: Path) -> None:
    folder = shared / "data/world_sci_tech_by_country"
    load(ws, folder)
    published = duckdb.sql(
        f"SELECT field, year::VARCHAR, value FROM '{folder}/country_field_year.parquet' "
        "WHERE measure = 'ipf' AND region = 'World' ORDER BY value"
    ).fetchall()
    landed = observations(ws, "indicator_id = 'ipf' AND region_id = 'agg:world' AND field_id <> 'all:total'")
    assert sorted((row[3], row[4]) for row in landed) == sorted((row[1], row[2]) for row in published)
    assert len({row[1] for row in landed}) == 35


def test_world_regions_are_never_countries(ws: Workspace, shared: Path) -> None:
    load(ws, shared / "data/world_sci_tech_by_country")
    region = {row["region_id"]: row for row in ws.to_arrow(ws.table("region")).to_pylist()}
    seen = {row[0] for row in observations(ws, "true")}
    levels = {region[item]["level"] for item in seen}
    assert levels <= {"aggregate", "country", "historic"}
    aggregates = {item for item in seen if region[item]["level"] == "aggregate"}
    assert {"agg:world", "agg:asia", "agg:other-europe", "agg:other-europe-2020"} <= aggregates
    assert [item for item in check(ws) if item.severity == "error"] == []


# Chinese provinces ------------------------------------------------------------------------------


def test_cn_province_hightech(ws: Workspace, shared: Path) -> None:
    report = load(ws, shared / "data/cn_province_hightech")
    assert report.layout == "cn_province_hightech"
    assert report.rejected == 0
    assert report.covers["indicators"] == 66
    provinces = {row[0] for row in observations(ws, "region_id LIKE 'CN-%'")}
    assert len(provinces) == 31
    # 33,357.1 and 2,947.1 hundred million yuan; 1,052 firms; 85,369,394 ten thousand yuan of contracts sold.
    assert one(ws, "region_id = 'CN' AND indicator_id = 'rd_investment' AND period = '2023'") == 3_335_710_000_000
    assert one(ws, "region_id = 'CN-BJ' AND indicator_id = 'hightech_firms' AND period = '2023'") == 1052
    assert one(ws, "region_id = 'CN-BJ' AND indicator_id = 'contracts_sold' AND period = '2023'") == 853_693_940_000
    intensity = observations(ws, "indicator_id = 'rd_intensity'")
    assert 0 < min(row[4] for row in intensity) < max(row[4] for row in intensity) < 0.1
    assert {row[2] for row in observations(ws, "value < 0")} == {"hightech_profit"}


def test_every_province_has_one_value_a_year_in_spite_of_spellings(ws: Workspace, shared: Path) -> None:
    load(ws, shared / "data/cn_province_hightech")
    for indicator in ("rd_fte", "patents_granted", "invention_patents_in_force", "rd_expenditure_government"):
        found = observations(ws, f"indicator_id = '{indicator}' AND region_id LIKE 'CN%'")
        assert len(found) == 32 * 14, indicator


def test_units_misstated_in_one_year_follow_the_variable(ws: Workspace, shared: Path) -> None:
    load(ws, shared / "data/cn_province_hightech")
    series = {row[3]: row[4] for row in observations(ws, "region_id = 'CN' AND indicator_id = 'hightech_rd_fte'")}
    # 2020 says 万元 for persons; taken at its word it would be ten thousand times its neighbours.
    assert series["2019"] < series["2020"] < series["2021"] < 1.3e6


# United Kingdom and trade -----------------------------------------------------------------------


def test_uk_employment_gva(ws: Workspace, shared: Path) -> None:
    folder = shared / "data/uk_employment_gva"
    report = load(ws, folder)
    assert report.by_reason == {"no_region": 980}
    assert report.rows["observation"] == 204_120 * 2 + 24_640 + 18_620
    name = "ITL2_Employment_countandpercent5digitSIC_BRESopen15to21.parquet"
    published = duckdb.sql(f"SELECT sum(COUNT) FROM '{folder}/{name}' WHERE DATE = 2021").fetchall()[0]
    landed = duckdb.sql(
        f"SELECT sum(value) FROM read_parquet({[str(f) for f in ws.files('observation')]}) WHERE period = '2021' "
        "AND indicator_id = 'employment' AND length(split_part(field_id, ':', 2)) = 5"
    ).fetchall()[0]
    assert published == landed
    durham = "region_id = 'TLC1' AND period = '2015'"
    assert one(ws, f"{durham} AND field_id = 'sic2007:01' AND indicator_id = 'employment'") == 5000
    assert one(ws, f"{durham} AND field_id = 'sic2007_accounts:2-3'") == 10_000_000


def test_world_trade_by_layout_and_by_mapping_agree(ws: Workspace, shared: Path) -> None:
    folder = shared / "data/world_trade_1998_2000"
    report = load(ws, folder)
    assert (report.rows["observation"], report.rejected) == (124_336, 0)
    mapping = Mapping.from_options(
        ["region=country", "field=product", "value=value"],
        scheme="sitc2",
        indicator="exports",
        unit="USD",
        period="1998-2000",
        source_id="mapped",
    )
    load(ws, folder / "world_trade_avg_1998_2000.csv.gz", mapping=mapping)
    assert observations(ws, "source_id = 'mapped'") == observations(ws, f"source_id = '{report.source_id}'")
    raw = duckdb.sql(
        "SELECT sum(value), count(DISTINCT country), count(DISTINCT product) "
        f"FROM '{folder}/world_trade_avg_1998_2000.csv.gz'"
    ).fetchall()[0]
    landed = duckdb.sql(
        f"SELECT sum(value), count(DISTINCT region_id), count(DISTINCT field_id) FROM "
        f"read_parquet({[str(f) for f in ws.files('observation')]}) WHERE source_id = 'mapped'"
    ).fetchall()[0]
    assert landed[1:] == raw[1:]
    assert landed[0] == pytest.approx(raw[0], rel=1e-12)


# Eurostat ---------------------------------------------------------------------------------------

EUROSTAT = (
    "freq,unit,nace_r2,geo\\TIME_PERIOD\t2019 \t2020 \t2021 \n"
    "A,THS_PER,C,DE\t123.4 \t120.1 e\t: \n"
    "A,THS_PER,C,FR\t: c\t99.5 p\t10 b\n"
    "A,PC,TOTAL,EL\t12.5 \t: z\t11 \n"
    "A,THS_PER,C,ITC1\t1 \t2 s\t3 \n"
)


@pytest.mark.parametrize("name", ["estat_nama_10r.tsv", "nama_10r.tsv.gz"])
def test_eurostat(ws: Workspace, tmp_path: Path, name: str) -> None:
    content = EUROSTAT.encode()
    report = load(ws, put(tmp_path, name, gzip.compress(content) if name.endswith(".gz") else content))
    assert (report.layout, report.source_id, report.suppressed) == ("eurostat", "eurostat:nama_10r", 3)
    landed = {
        (row["region_id"], row["field_id"], row["indicator_id"], row["period"]): (
            row["value"],
            row["status"],
            row["line"],
        )
        for row in rows(ws, "eurostat:nama_10r")
    }
    persons, percent = "nama_10r:THS_PER", "nama_10r:PC"
    assert landed == {
        ("DE", "nace_r2:C", persons, "2019"): (123_400, "observed", 2),
        ("DE", "nace_r2:C", persons, "2020"): (120_100, "estimated", 2),
        ("DE", "nace_r2:C", persons, "2021"): (None, "suppressed", 2),
        ("FR", "nace_r2:C", persons, "2019"): (None, "suppressed", 3),
        ("FR", "nace_r2:C", persons, "2020"): (99_500, "observed", 3),
        ("FR", "nace_r2:C", persons, "2021"): (10_000, "observed", 3),
        ("GR", "all:total", percent, "2019"): (0.125, "observed", 4),
        ("GR", "all:total", percent, "2020"): (None, "suppressed", 4),
        ("GR", "all:total", percent, "2021"): (0.11, "observed", 4),
        ("ITC1", "nace_r2:C", persons, "2019"): (1000, "observed", 5),
        ("ITC1", "nace_r2:C", persons, "2020"): (2000, "estimated", 5),
        ("ITC1", "nace_r2:C", persons, "2021"): (3000, "observed", 5),
    }
    nuts = rows(ws, "eurostat:nama_10r", "region")
    assert [(row["region_id"], row["parent_id"]) for row in nuts] == [("ITC1", "IT")]


def test_layout_that_does_not_fit(ws: Workspace, tmp_path: Path) -> None:
    pq.write_table(pa.table({"measure": ["ipf"]}), tmp_path / "country_field_year.parquet")
    for layout in sorted(LAYOUTS - {"eurostat"}):
        with pytest.raises(DataError) as caught:
            load(ws, tmp_path, layout=layout)
        assert caught.value.key == "data.error.layout_mismatch"
        assert caught.value.cure("zh")

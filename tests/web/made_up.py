"""A workspace of SYNTHETIC figures: small, the same every time, with every kind of thing pages show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from foreland.core.tables import table_spec
from foreland.data.taxonomy.fields import fields
from foreland.data.taxonomy.regions import regions
from foreland.data.workspace import Workspace, open_workspace

SOURCE = "made-up"
HOSTILE = '<script>alert("x")</script>=HYPERLINK'
COUNTRIES = [
    "CN", "US", "GB", "KR", "JP", "DE", "FR", "IN", "BR", "CA",
    "AU", "IT", "ES", "NL", "SE", "CH", "IL", "SG", "FI", "DK",
]  # fmt: skip
INDICATORS = (
    # id, English, Chinese, unit, kind, aggregation
    ("patent_families", "Patents (SYNTHETIC)", "专利（虚构）", "count", "flow", "sum"),
    ("key_projects", "National key R&D projects (SYNTHETIC)", "国家重点研发计划项目（虚构）", "count", "flow", "sum"),
    ("state_key_labs", "State key laboratories (SYNTHETIC)", "国家重点实验室（虚构）", "count", "stock", "sum"),
    ("rd_expenditure", "R&D expenditure (SYNTHETIC)", "R&D 经费（虚构）", "CNY", "flow", "sum"),
    ("hightech_revenue", "High-tech revenue (SYNTHETIC)", "高技术产业营业收入（虚构）", "CNY", "flow", "sum"),
)


def make_up(path: Path) -> Workspace:
    """Create the workspace at ``path``."""
    ws = open_workspace(path)
    gazetteer = regions()
    provinces = sorted(i for i, place in gazetteer.items() if place.level == "province" and i[:3] == "CN-")[:34]
    provinces = [i for i in provinces if i not in {"CN-HK", "CN-MO", "CN-TW"}]
    places = ["CN", *COUNTRIES[1:], *provinces]
    rows: dict[str, list[dict[str, Any]]] = {
        "region": [_region(gazetteer[i]) for i in places]
        + [{"region_id": "XX-H", "name_en": HOSTILE, "name_zh": HOSTILE, "level": "country"}],
        "field": [
            {
                "field_id": field.id, "scheme": field.id.split(":")[0], "code": field.id.split(":")[1],
                "name_en": field.name_en, "name_zh": field.name_zh, "parent_id": field.parent_id,
            }
            for field in _fields()
        ],
        "indicator": [
            dict(zip(("indicator_id", "name_en", "name_zh", "unit", "kind", "aggregation"), each, strict=True))
            for each in INDICATORS
        ],
        "observation": list(_observations([*COUNTRIES, "XX-H"], provinces)),
        "document": [_document(place) for place in provinces],
        "passage": list(_passages(provinces)),
        "source": [
            {
                "source_id": SOURCE, "title_en": "SYNTHETIC figures", "title_zh": "虚构数据（仅供测试）",
                "publisher": "Foreland tests", "licence": "CC0-1.0", "url": "https://example.org/made-up",
                "published": "2026-01-01", "retrieved": "2026-01-02", "content_hash": "f" * 64,
                "note_en": "Drawn at random for tests.", "note_zh": "为测试随机生成。",
            }
        ],
    }  # fmt: skip
    with ws.staging() as staging:
        for table, content in rows.items():
            schema = table_spec(table).arrow_schema()
            full = [{name: {"source_id": SOURCE, **row}.get(name) for name in schema.names} for row in content]
            staging.write(table, pa.Table.from_pylist(full, schema=schema))
        staging.commit(SOURCE, "f" * 64)
    return ws


def _fields() -> list[Any]:
    chosen = [field for field in fields("wipo35").values() if field.parent_id]
    return [fields()["all:total"], *chosen, *(field for field in fields("iotf").values() if field.parent_id)]


def _region(place: Any) -> dict[str, Any]:
    names = ("name_en", "name_zh", "level", "parent_id", "lat", "lon", "tile_row", "tile_col")
    return {"region_id": place.id, **{name: getattr(place, name) for name in names}}


def _observations(countries: list[str], provinces: list[str]) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng(20)
    wipo = [field.id for field in _fields() if field.id.startswith("wipo35:")]
    iotf = [field.id for field in _fields() if field.id.startswith("iotf:")]
    base, taste = rng.lognormal(5, 1.4, len(countries)), rng.lognormal(0, 1, (len(countries), len(wipo)))
    for year in range(2004, 2021):
        for c, country in enumerate(countries):
            for f, field in enumerate(wipo):
                rise = (1.12 if country == "CN" else 1.03) ** (year - 2004)
                yield _row(
                    country, field, "patent_families", year, float(rng.poisson(base[c] * taste[c, f] * rise / 9))
                )
    size, bent = rng.lognormal(1, 0.9, len(provinces)), rng.lognormal(0, 1.2, (len(provinces), len(iotf)))
    for year in (2018, 2019, 2020):
        for p, place in enumerate(provinces):
            for f, field in enumerate(iotf):
                yield _row(place, field, "key_projects", year, float(rng.poisson(size[p] * bent[p, f] / 5)))
    for p, place in enumerate(provinces):
        for f, field in enumerate(iotf):
            yield _row(place, field, "state_key_labs", 2020, float(rng.poisson(size[p] * bent[p, f] / 12)))
        for year in range(2010, 2024):
            for indicator, unit in (("rd_expenditure", 4e9), ("hightech_revenue", 6e10)):
                value = float(size[p] * unit * 1.09 ** (year - 2010) * rng.lognormal(0, 0.06))
                yield _row(place, "all:total", indicator, year, value)


def _document(place: str) -> dict[str, Any]:
    """A report of a province as a pack holds it: without its text."""
    return {
        "document_id": f"doc:made-up:{place}", "kind": "policy", "title": "虚构工作报告（SYNTHETIC）", "date": "2026",
        "language": "zh", "region_id": place, "level": "province", "file": "https://example.org/made-up",
        "characters": 20_000, "content_hash": place.ljust(64, "0"),
    }  # fmt: skip


def _passages(provinces: list[str]) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng(26)
    iotf = [field.id for field in _fields() if field.id.startswith("iotf:")]
    for place in provinces:
        said = np.repeat(iotf, rng.poisson(rng.gamma(0.6, 4, len(iotf))))
        for at, field in enumerate(said):
            start = 40 * at
            yield {
                "passage_id": f"doc:made-up:{place}:{start}:{start + 4}:field", "document_id": f"doc:made-up:{place}",
                "start": start, "end": start + 4, "sentence_start": start, "sentence_end": start + 30,
                "kind": "field", "field_id": str(field), "method": "虚构",
            }  # fmt: skip


def _row(place: str, field: str, indicator: str, year: int, value: float) -> dict[str, Any]:
    return {
        "region_id": place, "field_id": field, "indicator_id": indicator, "period": str(year),
        "value": value, "status": "observed", "line": 2,
    }  # fmt: skip

"""The bundled taxonomy as a source of a workspace: regions, fields and crosswalks."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from foreland.core.errors import WorkspaceError
from foreland.core.tables import TAXONOMY, table_spec
from foreland.data.taxonomy import fields, regions

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

FILES = ("regions.csv", "fields.csv", "crosswalks.csv", "schemes.csv")


@cache
def taxonomy_hash() -> str:
    """SHA-256 of the files the taxonomy is made of."""
    digest = hashlib.sha256()
    folder = resources.files("foreland").joinpath("data", "taxonomy")
    for name in FILES:
        digest.update(folder.joinpath(name).read_bytes())
    return digest.hexdigest()


def taxonomy_rows() -> dict[str, list[dict[str, Any]]]:
    """Rows of the tables ``region``, ``field``, ``crosswalk`` and ``source``."""
    region = [
        {
            "region_id": item.id,
            **{
                name: getattr(item, name)
                for name in ("name_en", "name_zh", "level", "parent_id", "lat", "lon", "tile_row", "tile_col")
            },
        }
        for item in regions.regions().values()
    ]
    field = [
        {
            "field_id": item.id,
            **{name: getattr(item, name) for name in ("scheme", "code", "name_en", "name_zh", "parent_id")},
        }
        for item in fields.fields().values()
    ]
    schemes = list(fields.schemes())
    crosswalk = [
        {name: getattr(item, name) for name in ("from_id", "to_id", "weight", "quality", "note_en", "note_zh")}
        for a in schemes
        for b in schemes
        for item in fields.crosswalk(a, b)
    ]
    source = {
        "title_en": "Foreland taxonomy: regions, fields and crosswalks",
        "title_zh": "Foreland 分类库：地区、领域与对应表",
        "publisher": "Foreland",
        "licence": "Apache-2.0",
        "content_hash": taxonomy_hash(),
    }
    tables = {"region": region, "field": field, "crosswalk": crosswalk, "source": [source]}
    return {name: [{**row, "source_id": TAXONOMY} for row in rows] for name, rows in tables.items()}


def land_taxonomy(ws: Workspace) -> bool:
    """Land the taxonomy where the workspace has none, or an other version of it.

    Returns
    -------
    bool
        Whether it was landed.

    Raises
    ------
    WorkspaceError
        If the workspace has none and can't be written. One with an older taxonomy stays readable as it is.
    """
    found = ws.sources.get(TAXONOMY)
    if found is not None and found.content_hash == taxonomy_hash():
        return False
    import pyarrow as pa

    try:
        with ws.staging() as staging:
            for table, rows in taxonomy_rows().items():
                staging.write(table, pa.Table.from_pylist(rows, schema=table_spec(table).arrow_schema()))
            staging.commit(TAXONOMY, taxonomy_hash())
    except WorkspaceError:
        if found is None:
            raise
        return False
    return True

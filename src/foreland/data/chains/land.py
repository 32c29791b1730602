"""Chains and input–output tables land: their rows checked, keyed, and written in one transaction."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, UsageError
from foreland.core.tables import table_spec
from foreland.data.chains.package import ChainPackage
from foreland.data.indicators import bundled_indicators
from foreland.i18n.bundled import bundled_rows

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.load import Progress
    from foreland.data.workspace import Staging, Workspace

TABLES = ("region", "field", "actor", "indicator", "observation", "link", "crosswalk")


def land(
    ws: Workspace, staging: Staging, package: ChainPackage, layout: str, *, dry_run: bool, tell: Progress
) -> dict[str, Any]:
    """Land the rows of a chain as the one and only content of its source.

    Returns
    -------
    dict
        What :class:`~foreland.data.load.LoadReport` says, but for the file and the time.

    Raises
    ------
    DataError
        If a row lacks what its table requires, two rows have one key, a number is none, or there are no links. The
        workspace is then as it was.
    """
    source_id = package.source.source_id
    if source_id.startswith("foreland:"):
        raise UsageError("data.error.reserved_source", source=source_id)
    tell("check", 0.4)
    tables = {name: _table(name, package.tables[name], source_id) for name in TABLES if package.tables.get(name)}
    if "field" in tables:
        tables["field"] = _named(tables["field"])
    if "link" not in tables and "observation" not in tables:
        raise DataError("data.error.no_links", source=source_id)
    tables.setdefault("indicator", _indicators(tables, source_id))
    for name, rows in tables.items():
        _check(name, rows, source_id)
    tell("write", 0.7)
    written = {name: rows for name, rows in tables.items() if rows.num_rows}
    for name, rows in written.items():
        staging.write(name, rows)
    staging.write("source", _table("source", [{**vars(package.source), "content_hash": package.content}], source_id))
    before = ws.sources.get(source_id)
    if not dry_run:
        staging.commit(source_id, package.content)
    tell("write", 1.0)
    return {
        "source_id": source_id,
        "layout": layout,
        "rows": {"observation": 0, **{name: rows.num_rows for name, rows in written.items()}, "source": 1},
        "rejected": 0,
        "by_reason": {},
        "examples": (),
        "replaced": before is not None,
        "unchanged": before is not None and before.content_hash == package.content,
        "dry_run": dry_run,
        "unresolved": (),
        "notes": package.notes,
        "covers": _covers(written),
        "suppressed": 0,
    }


def _table(name: str, rows: Any, source_id: str) -> pa.Table:
    import pyarrow as pa

    schema = table_spec(name).arrow_schema()
    if not isinstance(rows, pa.Table):
        known = set(schema.names)
        if strange := {key for row in rows for key in row} - known:
            raise ValueError(f"{name} has no columns {sorted(strange)}")
        rows = pa.Table.from_pylist(
            [{key: None if value == "" else value for key, value in row.items()} for row in rows], schema=schema
        )
    columns = {
        item.name: rows[item.name] if item.name in rows.column_names else pa.nulls(rows.num_rows, item.type)
        for item in schema
    }
    columns["source_id"] = pa.array([source_id] * rows.num_rows, pa.string())
    return pa.table(columns).cast(schema)


@cache
def _sector_names() -> dict[str, str]:
    """Sectors of known classifications → name in Chinese; those of commodities are called like the industries."""
    found = {}
    for row in bundled_rows("data", "chains/sector_names.csv"):
        found[f"{row['scheme']}:{row['code']}"] = found[f"{row['scheme']}c:{row['code']}"] = row["zh"]
    return found


def _named(fields: pa.Table) -> pa.Table:
    """Fields with a name in Chinese where the source has it in English only."""
    import pyarrow as pa

    known = _sector_names()
    columns = (fields[name].to_pylist() for name in ("field_id", "name_en", "name_zh"))
    names = [known.get(code, zh or en) if zh in (None, "", en) else zh for code, en, zh in zip(*columns, strict=True)]
    return fields.set_column(fields.column_names.index("name_zh"), "name_zh", pa.array(names, pa.string()))


def _indicators(tables: dict[str, pa.Table], source_id: str) -> pa.Table:
    """Definitions of the indicators that the observations use."""
    import pyarrow.compute as pc

    known = bundled_indicators()
    used = sorted(pc.unique(tables["observation"]["indicator_id"]).to_pylist()) if "observation" in tables else []
    return _table("indicator", [{**vars(known[code])} for code in used if code in known], source_id)


def _check(name: str, rows: pa.Table, source_id: str) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    spec = table_spec(name)
    for column in spec.columns:
        if column.required and rows[column.name].null_count:
            raise ValueError(f"{source_id}: {name} without {column.name}")
        if pa.types.is_floating(rows.schema.field(column.name).type):
            finite = pc.fill_null(pc.is_finite(rows[column.name]), True)
            if not pc.all(finite).as_py():
                raise ValueError(f"{source_id}: {name}.{column.name} is not finite")
    key = [column for column in spec.key if column != "source_id"]
    counted = rows.select(key).group_by(key).aggregate([([], "count_all")])
    if counted.num_rows < rows.num_rows:
        twice = counted.filter(pc.greater(counted["count_all"], 1)).sort_by([(column, "ascending") for column in key])
        first = twice.slice(0, 1).to_pylist()[0]
        raise DataError(
            "data.error.twice_in_chain",
            source=source_id,
            table=name,
            number=twice.num_rows,
            key=" × ".join(str(first[column]) for column in key if first[column] is not None),
        )


def _covers(tables: dict[str, pa.Table]) -> dict[str, Any]:
    import pyarrow.compute as pc

    def distinct(column: str, names: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        for name in names:
            if name in tables and column in tables[name].column_names:
                found.update(value for value in pc.unique(tables[name][column]).to_pylist() if value is not None)
        return found

    periods = sorted(distinct("period", ("observation", "link")))
    kinds = Counter(tables["link"]["kind"].to_pylist()) if "link" in tables else Counter()
    first, last = (periods[0], periods[-1]) if periods else ("—", "—")
    return {
        "regions": len(distinct("region_id", ("observation", "link", "actor"))),
        "fields": len(distinct("field_id", ("field",))),
        "indicators": len(distinct("indicator_id", ("observation",))),
        "periods": len(periods),
        "first": first,
        "last": last,
        "span": first if first == last else f"{first} – {last}",
        "links": ", ".join(f"{kind} {number:,}" for kind, number in sorted(kinds.items())),
    }

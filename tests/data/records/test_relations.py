"""Matrices and collaboration against loops over the rows."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import combinations
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreland.core.tables import table_spec
from foreland.data.records.relations import places_by_field, together

Rows = list[dict[str, Any]]


def table(name: str, rows: Rows) -> ibis.Table:
    """A table of the schema; what is not said is empty."""
    schema = table_spec(name).arrow_schema()
    made = pa.Table.from_pylist([{**dict.fromkeys(schema.names), **row} for row in rows], schema=schema)
    duckdb().con.register(name, made)
    return duckdb().table(name)


def answered(expression: ibis.Table) -> Rows:
    connection = duckdb()
    # ibis asks DuckDB 2 for a method it no longer has, so the query is run as the engine runs it.
    return connection.con.sql(connection.compile(expression)).to_arrow_table().to_pylist()


@cache
def duckdb() -> Any:
    return ibis.duckdb.connect()


members = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(["ror:a", "ror:b", "ror:c", "ror:d", "unknown:CN"]),
        st.sampled_from(["CN", "DE", "FR", None]),
        st.sampled_from([0.25, 0.5, None]),
    ),
    max_size=30,
    unique_by=lambda row: row[:3],
)


def participations(rows: list[tuple[Any, ...]]) -> Rows:
    return [dict(zip(("document_id", "actor_id", "region_id", "value"), (f"d{row[0]}", *row[1:]), strict=True))
            for row in rows]  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(members, st.integers(2, 4))
def test_pairs_are_those_of_a_loop_over_documents(rows: list[tuple[Any, ...]], most: int) -> None:
    part = participations(rows)
    documents = [{"document_id": f"d{n}", "date": f"{2000 + n % 3}-05"} for n in range(6)]
    for by in ("region_id", "actor_id"):
        whole: dict[tuple[str, ...], int] = defaultdict(int)
        fraction: dict[tuple[str, ...], float] = defaultdict(float)
        for document in documents:
            own = sorted({row[by] for row in part if row["document_id"] == document["document_id"]} - {None})
            own = [name for name in own if not name.startswith("unknown:")]
            if len(own) > most:
                continue
            for one, other in combinations(own, 2):
                whole[one, other, document["date"][:4]] += 1
                fraction[one, other, document["date"][:4]] += 1 / (len(own) - 1)
        found = answered(together(table("participation", part), table("document", documents), by, most))  # type: ignore[arg-type]
        keys = [(row["one"], row["other"], row["period"]) for row in found]
        assert len(keys) == len(set(keys)), "each pair of a year once"
        assert {key: row["documents"] for key, row in zip(keys, found, strict=True)} == whole
        assert {key: row["fraction"] for key, row in zip(keys, found, strict=True)} == pytest.approx(fraction)


@settings(deadline=None, max_examples=25)
@given(members, st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["t:1", "t:2", "t:3"])), unique=True))
def test_matrix_is_that_of_a_loop_over_documents(rows: list[tuple[Any, ...]], filed: list[tuple[int, str]]) -> None:
    part = participations(rows)
    links = [
        {"from_id": f"d{n}", "to_id": field, "kind": "classified", "period": str(2000 + n % 3)} for n, field in filed
    ]
    links += [{"from_id": "d0", "to_id": "t:1", "kind": "speaks_of", "period": "2000"}]
    parents = {"t:1": "s:1", "t:2": "s:1", "t:3": None}
    fields = [{"field_id": field, "parent_id": parent} for field, parent in parents.items()]
    for field in (None, table("field", fields)):
        cells: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0, 0.0])
        for document in range(6):
            own = {target for n, target in filed if n == document}
            if field is not None:
                own = {parent for target in own if (parent := parents[target])}
            shares: dict[str, float] = defaultdict(float)
            for row in part:
                if row["document_id"] == f"d{document}" and row["region_id"]:
                    shares[row["region_id"]] += row["value"] or 0
            for place, share in shares.items():
                for target in own:
                    cells[place, target, str(2000 + document % 3)][0] += 1
                    cells[place, target, str(2000 + document % 3)][1] += share
        found = answered(places_by_field(table("participation", part), table("link", links), field))
        got = {(row["region_id"], row["field_id"], row["period"]): [row["documents"], row["fraction"]] for row in found}
        assert len(got) == len(found)
        assert {key: value[0] for key, value in got.items()} == {key: value[0] for key, value in cells.items()}
        assert {key: value[1] for key, value in got.items()} == pytest.approx({k: v[1] for k, v in cells.items()})

"""Parts become the tables of a source: records of one work merged, references resolved, years counted.

Records are one work where they have one id, one DOI, or one title (but for case, accents and punctuation) within a year
of each other. Titles too short to tell works apart join nothing, and where like titles go on over more years, as those
of yearly reports do, only those of one year are joined. Of joined records the one with most filled in stands, and of
equals the first; references to the others lead to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.tables import table_spec
from foreland.data.records.counts import PLURAL, Relations, counts_sql
from foreland.data.records.stage import part_file
from foreland.data.tabular import sql_text

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

MOST_CELLS = 200_000
"""A classification with more cells of field, place and year is counted for the world alone."""


@dataclass
class Merged:
    """What came of the records."""

    documents: int = 0
    duplicates: dict[str, int] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    inside: int = 0
    self_citations: int = 0
    placed: int = 0
    cited: int = 0
    spoken: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    years: tuple[int, int] = (0, 0)
    world_only: list[str] = field(default_factory=list)


class Merge:
    """The parts of one load, on their way into the staging folder.

    Parameters
    ----------
    connection
        DuckDB with bounded memory.
    parts
        Folder of the parts.
    numbers
        The parts of this load.
    source_id
        Source of all rows.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, parts: Path, numbers: list[int], source_id: str) -> None:
        self.connection, self.parts, self.numbers, self.source_id = connection, parts, numbers, source_id
        self.merged = Merged()
        for name in ("document", "participation", "unit", "actor", "field", "reject"):
            files = ", ".join(sql_text(str(part_file(parts, number, name))) for number in numbers)
            connection.execute(f"CREATE OR REPLACE TEMP VIEW part_{name} AS SELECT * FROM read_parquet([{files}])")

    # One work ----------------------------------------------------------------------------------

    def find_duplicates(self) -> None:
        """Fill ``loser`` (records that another one stands for) and ``alias`` (id → document)."""
        run = self.connection.execute
        fullest = "first_value(doc) OVER (PARTITION BY {key} ORDER BY filled DESC, doc)"
        run(
            "CREATE OR REPLACE TEMP TABLE record AS SELECT doc, year, native_key, doi_key, title_key, filled "
            "FROM part_document"
        )
        run("CREATE OR REPLACE TEMP TABLE stands (doc BIGINT, winner BIGINT, rule VARCHAR)")
        for rule, key in (("id", "native_key"), ("doi", "doi_key"), ("title", "(title_key, era)")):
            run(
                f"""
                INSERT INTO stands
                WITH open AS (SELECT * FROM record ANTI JOIN stands USING (doc)),
                era AS (
                    SELECT title_key, max(year) - min(year) > 1 AS long FROM open WHERE title_key IS NOT NULL
                    GROUP BY title_key HAVING count(*) > 1
                ),
                candidate AS (
                    SELECT o.*, CASE WHEN long THEN year ELSE 0 END AS era FROM open o LEFT JOIN era USING (title_key)
                    WHERE {key.strip("()").split(",")[0]} IS NOT NULL
                ),
                twice AS (SELECT *, {fullest.format(key=key)} AS winner FROM candidate)
                SELECT doc, winner, '{rule}' FROM twice WHERE winner <> doc
                """
            )
        # Who stands for a record may itself be stood for by a later rule; there are three, so two steps reach the end.
        run(
            """
            CREATE OR REPLACE TEMP TABLE loser AS
            SELECT s.doc, coalesce(b.winner, a.winner, s.winner) AS winner, s.rule FROM stands s
            LEFT JOIN stands a ON a.doc = s.winner LEFT JOIN stands b ON b.doc = a.winner
            """
        )
        rows = run("SELECT rule, count(*) FROM loser GROUP BY ALL ORDER BY 1").fetchall()
        self.merged.duplicates = dict(rows)
        other = run(
            "SELECT count(*) FROM loser l JOIN record a ON a.doc = l.doc JOIN record b ON b.doc = l.winner "
            "WHERE a.year <> b.year"
        ).fetchone()
        if other and other[0]:
            self.merged.duplicates["year"] = other[0]
        run("CREATE OR REPLACE TEMP TABLE kept AS SELECT doc FROM record ANTI JOIN loser USING (doc)")

    def aliases(self) -> tuple[np.ndarray, pa.Array, np.ndarray]:
        """Keys in order, the document each stands for, and whether it is another's that was merged into it."""
        rows = self.connection.sql(
            """
            WITH name AS (
                SELECT doc, native_key AS key FROM record UNION ALL
                SELECT doc, doi_key FROM record WHERE doi_key IS NOT NULL
            )
            SELECT key, min(d.document_id) AS document_id, bool_or(l.doc IS NOT NULL) AS moved
            FROM name n LEFT JOIN loser l USING (doc) JOIN part_document d ON d.doc = coalesce(l.winner, n.doc)
            GROUP BY key ORDER BY key
            """
        ).to_arrow_table()
        keys = rows["key"].to_numpy()
        return keys, rows["document_id"].combine_chunks(), rows["moved"].to_numpy()

    # Tables ------------------------------------------------------------------------------------

    def write_documents(self, target: Path) -> None:
        """The records that stand, in the order of the file."""
        self.merged.documents = self._stream("document", target, lambda table, number: table)

    def write_participations(self, target: Path) -> None:
        """Who took part in them, from where."""
        self._stream("participation", target, lambda table, number: table)

    def write_links(self, target: Path, references: str) -> None:
        """What they cite and speak of, and what they are filed under; references lead to the records that stand."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        keys, names, moved = self.aliases()
        counts: dict[str, int] = {}

        def resolved(table: pa.Table, number: int) -> pa.Table:
            to_key = table["to_key"]
            cites = np.asarray(pc.is_valid(to_key))
            wanted = pc.fill_null(to_key, 0).to_numpy()
            at = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
            found = cites & (keys[at] == wanted) if len(keys) else np.zeros(len(wanted), bool)
            known = names.take(pa.array(np.where(found, at, 0)))
            target_id = pc.if_else(pa.array(found), known, table["to_id"].combine_chunks())
            table = table.set_column(table.column_names.index("to_id"), "to_id", target_id)
            itself = np.asarray(pc.equal(table["to_id"], table["from_id"])) & cites
            self.merged.self_citations += int(itself.sum())
            keep = ~itself if references == "all" else ~itself & (found | ~cites)
            again = found & moved[at] if len(keys) else found
            if again.any():
                keep &= ~_repeated(table, found & np.isin(table["doc"].to_numpy(), table["doc"].to_numpy()[again]))
            self.merged.inside += int((found & keep).sum())
            table = table.filter(pa.array(keep))
            for kind in pc.value_counts(table["kind"]).to_pylist():
                counts[kind["values"]] = counts.get(kind["values"], 0) + kind["counts"]
            return table

        self._stream("link", target, resolved)
        self.merged.links = dict(sorted(counts.items()))

    def _stream(self, name: str, target: Path, change: Any) -> int:
        """Write a table part by part without the records that others stand for; gives the number of rows."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        gone = np.sort(self.connection.execute("SELECT doc FROM loser").fetchnumpy()["doc"])
        schema = table_spec(name).arrow_schema()
        rows = 0
        with pq.ParquetWriter(target, schema, compression="zstd", compression_level=1) as writer:
            for number in self.numbers:
                table = pq.read_table(part_file(self.parts, number, name))
                if len(gone):
                    table = table.filter(pa.array(~np.isin(table["doc"].to_numpy(), gone)))
                table = change(table, number)
                source = pa.array([self.source_id]).take(pa.array(np.zeros(table.num_rows, np.int64)))
                table = table.append_column("source_id", source).select(schema.names).cast(schema)
                rows += table.num_rows
                if table.num_rows:
                    writer.write_table(table)
        if not rows:
            target.unlink()
        self.merged.rows[name] = rows
        return rows

    def write_small(self, paths: dict[str, Path]) -> None:
        """Organisations, fields and rejects, each once."""
        source = sql_text(self.source_id)
        queries = {
            "actor": "SELECT DISTINCT ON (actor_id) * FROM part_actor ORDER BY actor_id, name_en, kind, region_id",
            "field": "SELECT DISTINCT ON (field_id) * FROM part_field ORDER BY field_id, name_en",
            "reject": 'SELECT * FROM part_reject ORDER BY line, "column"',
        }
        for name, query in queries.items():
            columns = ", ".join(
                f"{source} AS source_id" if item.name == "source_id" else f'"{item.name}"'
                for item in table_spec(name).columns
            )
            self._copy(name, f"SELECT {columns} FROM ({query})", paths[name])

    def _copy(self, name: str, query: str, target: Path) -> None:
        rows = self.connection.execute(
            f"COPY ({query}) TO {sql_text(str(target))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        ).fetchone()
        self.merged.rows[name] = int(rows[0]) if rows else 0
        if not self.merged.rows[name]:
            target.unlink(missing_ok=True)

    # Counts ------------------------------------------------------------------------------------

    def write_counts(self, target: Path) -> None:
        """Yearly counts of every kind of document, by place and unit."""
        run = self.connection.execute
        run(
            "CREATE OR REPLACE TEMP TABLE counted AS SELECT doc, year, citations, kind FROM part_document "
            "SEMI JOIN kept USING (doc)"
        )
        run(
            "CREATE OR REPLACE TEMP TABLE placed AS SELECT doc, region_id, value AS share FROM part_participation "
            "SEMI JOIN kept USING (doc) WHERE region_id IS NOT NULL"
        )
        run(
            "CREATE OR REPLACE TEMP TABLE filed AS SELECT doc, field_id, split_part(field_id, ':', 1) AS scheme "
            "FROM part_unit SEMI JOIN kept USING (doc)"
        )
        wide = run(
            f"""
            SELECT scheme FROM (
                SELECT DISTINCT scheme, field_id, region_id, year FROM filed JOIN placed USING (doc)
                JOIN counted USING (doc)
            ) GROUP BY scheme HAVING count(*) > {MOST_CELLS} ORDER BY scheme
            """
        ).fetchall()
        self.merged.world_only = [row[0] for row in wide]
        listed = ", ".join(map(sql_text, self.merged.world_only)) or "''"
        run(f"CREATE OR REPLACE TEMP VIEW near AS SELECT doc, field_id FROM filed WHERE scheme NOT IN ({listed})")
        run(f"CREATE OR REPLACE TEMP VIEW far AS SELECT doc, field_id FROM filed WHERE scheme IN ({listed})")
        kinds = run("SELECT kind, count(*) FROM counted GROUP BY ALL ORDER BY 1").fetchall()
        self.merged.kinds = {kind: number for kind, number in kinds if kind in PLURAL}
        counts = []
        for kind in self.merged.kinds:
            run(f"CREATE OR REPLACE TEMP VIEW of_{kind} AS SELECT * FROM counted WHERE kind = '{kind}'")
            counts.append(f"SELECT * FROM ({counts_sql(Relations(f'of_{kind}', 'placed', 'near', 'far'), kind)})")  # type: ignore[arg-type]
        self._copy(
            "observation",
            "SELECT region_id, field_id, indicator_id, period, sum(value) AS value, 'observed' AS status, "
            f"{sql_text(self.source_id)} AS source_id, NULL::BIGINT AS line FROM ({' UNION ALL '.join(counts)}) "
            "GROUP BY ALL ORDER BY indicator_id, field_id, region_id, period",
            target,
        )
        self._describe()

    def _describe(self) -> None:
        run = self.connection.execute
        row = run("SELECT min(year), max(year), count(citations) FROM counted").fetchone()
        if row and row[0] is not None:
            self.merged.years, self.merged.cited = (row[0], row[1]), row[2]
        for name, query in (
            ("placed", "SELECT count(DISTINCT doc) FROM placed"),
            ("spoken", "SELECT count(DISTINCT doc) FROM filed WHERE scheme = 'iotf'"),
        ):
            found = run(query).fetchone()
            setattr(self.merged, name, found[0] if found else 0)

    def regions(self) -> Iterator[str]:
        """Places that documents come from."""
        yield from (row[0] for row in self.connection.execute("SELECT DISTINCT region_id FROM placed").fetchall())


def _repeated(table: pa.Table, among: np.ndarray) -> np.ndarray:
    """Rows of `among` whose two ends stand in an earlier row of it already."""
    import numpy as np

    seen: set[tuple[str, str]] = set()
    repeated = np.zeros(table.num_rows, bool)
    places = np.flatnonzero(among)
    part = table.take(places)
    for place, pair in zip(
        places, zip(part["from_id"].to_pylist(), part["to_id"].to_pylist(), strict=True), strict=True
    ):
        repeated[place] = pair in seen
        seen.add(pair)
    return repeated

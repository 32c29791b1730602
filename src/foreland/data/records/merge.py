"""Parts become the tables of a source: records of one work merged, references resolved, years counted.

Records are one work where they have one id, one DOI, or one title (but for case, accents and punctuation) within a year
of each other. Titles too short to tell works apart join nothing, and where like titles go on over more years, as those
of yearly reports do, only those of one year are joined. Of joined records the one with most filled in stands, and of
equals the first; references to the others lead to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from foreland.core.tables import table_spec
from foreland.data.records.counts import PLURAL, places_sql, rated_sql, seen_sql, sums_sql, world_sql
from foreland.data.records.stage import SPAN, part_file
from foreland.data.tabular import sql_text

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

Change = Callable[["pa.Table", int, "np.ndarray"], "pa.Table"]

MOST_CELLS = 200_000
"""A classification with more cells of field, place and year is counted for the world alone."""
TOGETHER = 500_000
"""Records whose places are counted at once: enough that starting costs nothing, few enough to need no disk."""


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
    records
        The parts of this load, and how many records each has.
    source_id
        Source of all rows.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, parts: Path, records: dict[int, int], source_id: str
    ) -> None:
        self.connection, self.parts, self.records, self.source_id = connection, parts, records, source_id
        self.merged = Merged()
        for name in ("document", "participation", "link", "unit", "actor", "field", "reject"):
            connection.execute(f"CREATE OR REPLACE TEMP VIEW part_{name} AS {self._reading(name, list(records))}")

    def _reading(self, name: str, numbers: list[int]) -> str:
        files = ", ".join(sql_text(str(part_file(self.parts, number, name))) for number in numbers)
        return f"SELECT * FROM read_parquet([{files}], file_row_number = {str(name == 'link').lower()})"

    def _groups(self) -> Iterator[list[int]]:
        """Parts that are looked at together."""
        group: list[int] = []
        size = 0
        for number, records in self.records.items():
            group.append(number)
            size += records
            if size >= TOGETHER:
                yield group
                group, size = [], 0
        if group:
            yield group

    # One work ----------------------------------------------------------------------------------

    def find_duplicates(self) -> None:
        """Fill ``loser`` (records that another one stands for), and say how many there are by each rule."""
        run = self.connection.execute
        fullest = "first_value(doc) OVER (PARTITION BY {key} ORDER BY filled DESC, doc)"
        run(
            "CREATE OR REPLACE TEMP VIEW record AS SELECT doc, year, native_key, doi_key, title_key, filled "
            "FROM part_document"
        )
        run("CREATE OR REPLACE TEMP TABLE stands (doc BIGINT, winner BIGINT, rule VARCHAR)")
        # Few records have a key that stands twice, so those are found first: the others need not be put in order.
        for rule, key in (("id", "native_key"), ("doi", "doi_key"), ("title", "title_key")):
            era = ", CASE WHEN long THEN year ELSE 0 END" if rule == "title" else ""
            run(
                f"""
                INSERT INTO stands
                WITH open AS (SELECT * FROM record ANTI JOIN stands USING (doc) WHERE {key} IS NOT NULL),
                twice AS (
                    SELECT {key}, max(year) - min(year) > 1 AS long FROM open GROUP BY {key} HAVING count(*) > 1
                ),
                best AS (
                    SELECT doc, {fullest.format(key=key + era)} AS winner FROM open JOIN twice USING ({key})
                )
                SELECT doc, winner, '{rule}' FROM best WHERE winner <> doc
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

    def _aliases(self) -> None:
        """Fill ``alias``: ids as numbers, the record each stands for, and whether that is another's it went into."""
        self.connection.execute(
            """
            CREATE OR REPLACE TEMP TABLE alias AS
            WITH name AS (
                SELECT doc, native_key AS key FROM record UNION ALL
                SELECT doc, doi_key FROM record WHERE doi_key IS NOT NULL
            )
            SELECT key, min(coalesce(winner, doc)) AS doc, bool_or(winner IS NOT NULL) AS moved
            FROM name LEFT JOIN loser USING (doc) GROUP BY key
            """
        )

    def _targets(self) -> Iterator[pa.RecordBatch]:
        """References that lead to records of the load, in the order of the parts: part, row of it, document, moved."""
        query = f"""
            SELECT l.doc // {SPAN} AS part, l.file_row_number AS row, d.document_id, a.moved
            FROM part_link l JOIN alias a ON a.key = l.to_key JOIN part_document d ON d.doc = a.doc
            ORDER BY part, row
        """
        yield from self.connection.sql(query).to_arrow_reader(100_000)

    # Tables ------------------------------------------------------------------------------------

    def write_documents(self, target: Path) -> None:
        """The records that stand, in the order of the file."""
        self.merged.documents = self._stream("document", target, _kept)

    def write_participations(self, target: Path) -> None:
        """Who took part in them, from where."""
        self._stream("participation", target, _kept)

    def write_links(self, target: Path, references: str) -> None:
        """What they cite and speak of, and what they are filed under; references lead to the records that stand."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        self._aliases()
        inside = _Ordered(self._targets())
        counts: dict[str, int] = {}

        def resolved(table: pa.Table, number: int, kept: np.ndarray) -> pa.Table:
            cites = np.asarray(pc.is_valid(table["to_key"]))
            rows, names, moves = inside.of(number)
            found = np.zeros(len(cites), bool)
            found[rows] = True
            again = np.zeros(len(cites), bool)
            again[rows] = moves
            to_id = pc.replace_with_mask(table["to_id"].combine_chunks(), pa.array(found), names)
            table = table.set_column(table.column_names.index("to_id"), "to_id", to_id)
            itself = np.asarray(pc.equal(to_id, table["from_id"])) & cites & kept
            self.merged.self_citations += int(itself.sum())
            keep = kept & ~itself
            if references != "all":
                keep &= found | ~cites
            again &= kept
            if again.any():
                doc = table["doc"].to_numpy()
                keep &= ~_repeated(table, kept & found & np.isin(doc, doc[again]))
            self.merged.inside += int((found & keep).sum())
            table = table.filter(pa.array(keep))
            for kind in pc.value_counts(table["kind"]).to_pylist():
                counts[kind["values"]] = counts.get(kind["values"], 0) + kind["counts"]
            return table

        self._stream("link", target, resolved)
        self.merged.links = dict(sorted(counts.items()))

    def _stream(self, name: str, target: Path, change: Change) -> int:
        """Write a table part by part; gives the number of rows.

        Each part is given to `change` with its number and a mark on the rows of records that stand.
        """
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        gone = np.sort(self.connection.execute("SELECT doc FROM loser").fetchnumpy()["doc"])
        schema = table_spec(name).arrow_schema()
        rows = 0
        with pq.ParquetWriter(target, schema, compression="zstd", compression_level=1) as writer:
            for number in self.records:
                table = pq.read_table(part_file(self.parts, number, name))
                own = gone[slice(*np.searchsorted(gone, (number * SPAN, (number + 1) * SPAN)))]
                table = change(table, number, ~np.isin(table["doc"].to_numpy(), own))
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
            "actor": "SELECT DISTINCT ON (actor_id) * FROM (SELECT DISTINCT * FROM part_actor) "
            "ORDER BY actor_id, name_en, kind, region_id",
            "field": "SELECT DISTINCT ON (field_id) * FROM (SELECT DISTINCT * FROM part_field) "
            "ORDER BY field_id, name_en",
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
        self._views("", list(self.records))
        kinds = run("SELECT kind, count(*) FROM counted GROUP BY ALL ORDER BY 1").fetchall()
        self.merged.kinds = {kind: number for kind, number in kinds if kind in PLURAL}
        self.merged.world_only = self._wide()
        listed = ", ".join(map(sql_text, self.merged.world_only)) or "''"
        sums = []
        for kind in self.merged.kinds:
            run(f"CREATE OR REPLACE TEMP TABLE seen AS {seen_sql(_of_kind('filed', kind))}")
            run(f"CREATE OR REPLACE TEMP TABLE rated AS {rated_sql('seen')}")
            run(f"CREATE OR REPLACE TEMP TABLE sums_{kind} AS {world_sql('seen', 'rated')}")
            near = f"(SELECT * FROM {_of_kind('g_filed', kind)} WHERE scheme NOT IN ({listed}))"
            run(f"CREATE OR REPLACE TEMP TABLE near AS SELECT * FROM rated WHERE scheme_of(field_id) NOT IN ({listed})")
            for group in self._groups():
                self._views("g_", group)
                run(f"INSERT INTO sums_{kind} {places_sql(near, 'g_placed', 'near')}")
            sums.append(f"SELECT * FROM ({sums_sql(f'sums_{kind}', kind)})")  # type: ignore[arg-type]
        self._copy(
            "observation",
            "SELECT region_id, field_id, indicator_id, period, sum(value) AS value, 'observed' AS status, "
            f"{sql_text(self.source_id)} AS source_id, NULL::BIGINT AS line FROM ({' UNION ALL '.join(sums)}) "
            "GROUP BY ALL ORDER BY indicator_id, field_id, region_id, period",
            target,
        )
        self._describe()

    def _views(self, prefix: str, numbers: list[int]) -> None:
        """Views of some parts, without the records that others stand for: what is counted, where from, and by what."""
        run = self.connection.execute
        run("CREATE OR REPLACE TEMP MACRO scheme_of(field_id) AS split_part(field_id, ':', 1)")
        columns = {
            "counted": ("document", "doc, year, citations, kind"),
            "placed": ("participation", "doc, region_id, value AS share"),
            "filed": ("unit", "*, scheme_of(field_id) AS scheme"),
        }
        for name, (part, what) in columns.items():
            run(
                f"CREATE OR REPLACE TEMP VIEW {prefix}{name} AS SELECT {what} FROM ({self._reading(part, numbers)}) "
                f"ANTI JOIN loser USING (doc){' WHERE region_id IS NOT NULL' if name == 'placed' else ''}"
            )

    def _wide(self) -> list[str]:
        """Classifications with more cells than are counted by place."""
        run = self.connection.execute
        run("CREATE OR REPLACE TEMP TABLE cell (scheme VARCHAR, field_id VARCHAR, region_id VARCHAR, year INT)")
        wide: list[str] = []
        for group in self._groups():
            self._views("g_", group)
            listed = ", ".join(map(sql_text, wide)) or "''"
            run(
                f"""
                INSERT INTO cell
                SELECT DISTINCT scheme, field_id, region_id, year FROM g_filed JOIN g_placed USING (doc)
                WHERE scheme NOT IN ('all', {listed})
                EXCEPT SELECT * FROM cell
                """
            )
            query = f"SELECT scheme FROM cell GROUP BY scheme HAVING count(*) > {MOST_CELLS} ORDER BY scheme"
            for (scheme,) in run(query).fetchall():
                wide.append(scheme)
                run("DELETE FROM cell WHERE scheme = ?", [scheme])
        return sorted(wide)

    def _describe(self) -> None:
        run = self.connection.execute
        row = run("SELECT min(year), max(year), count(citations) FROM counted").fetchone()
        if row and row[0] is not None:
            self.merged.years, self.merged.cited = (row[0], row[1]), row[2]
        for name, query in (
            ("placed", "SELECT count(DISTINCT doc) FROM g_placed"),
            ("spoken", "SELECT count(DISTINCT doc) FROM g_filed WHERE scheme = 'iotf'"),
        ):
            for group in self._groups():
                self._views("g_", group)
                found = run(query).fetchone()
                setattr(self.merged, name, getattr(self.merged, name) + (found[0] if found else 0))

    def regions(self) -> Iterator[str]:
        """Places that documents come from."""
        yield from (row[0] for row in self.connection.execute("SELECT DISTINCT region_id FROM placed").fetchall())


class _Ordered:
    """Rows that come in the order of parts, a part at a time."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self.batches = batches
        self.waiting: list[pa.RecordBatch] = []

    def of(self, number: int) -> tuple[np.ndarray, pa.Array, np.ndarray]:
        """Row, document and whether it was moved, of each reference of a part. Parts are asked for in their order."""
        import numpy as np
        import pyarrow as pa

        own = []
        while True:
            batch = self.waiting.pop() if self.waiting else next(self.batches, None)
            if batch is None:
                break
            first, end = np.searchsorted(batch["part"].to_numpy(), (number, number + 1))
            own.append(batch.slice(first, end - first))
            if end < batch.num_rows:
                self.waiting.append(batch.slice(end))
                break
        if not own:
            return np.zeros(0, np.int64), pa.array([], pa.string()), np.zeros(0, bool)
        table = pa.Table.from_batches(own)
        moved = np.asarray(table["moved"])
        return table["row"].to_numpy(), table["document_id"].combine_chunks(), moved


def _kept(table: pa.Table, number: int, kept: np.ndarray) -> pa.Table:
    import pyarrow as pa

    return table if kept.all() else table.filter(pa.array(kept))


def _of_kind(filed: str, kind: str) -> str:
    return f"(SELECT * FROM {filed} WHERE kind = '{kind}')"


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

"""From raw tables to the tables of the model: numbers read, rows checked, duplicates found, Parquet written.

All of it is SQL in DuckDB over the staged raw tables, so that memory stays within the connection's limit
however long the file is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError
from foreland.core.tables import table_spec
from foreland.data.connection import number_sql
from foreland.data.names import Names
from foreland.data.package import Package, Part
from foreland.data.tabular import duckdb_error, sql_text

if TYPE_CHECKING:
    import duckdb

EXAMPLES = 5

REASONS = (
    "no_region",
    "unknown_region",
    "no_field",
    "unknown_field",
    "bad_period",
    "not_a_number",
    "negative",
)
"""Why a row is rejected; each has a text ``data.reject.<reason>``."""


@dataclass(frozen=True)
class Reject:
    """A row that was not taken."""

    line: int
    column: str
    text: str
    reason: str
    file: str = ""


@dataclass(frozen=True)
class Counts:
    """What came of the rows."""

    rows: int
    rejected: int
    by_reason: dict[str, int]
    notes: int
    suppressed: int
    estimated: int
    examples: tuple[Reject, ...]


class Landing:
    """The rows of a package, resolved, as views of one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, package: Package, source_id: str) -> None:
        self.connection = connection
        self.package = package
        self.source_id = source_id
        parts = [part.sql(number) for number, part in enumerate(package.parts)]
        connection.execute(f"CREATE OR REPLACE TEMP VIEW long AS {' UNION ALL '.join(parts)}")

    def write(self, observation: Path, reject: Path) -> Counts:
        """Check every row, write the sound ones and, if there are any, the rejects."""
        taken = self._copy(
            "SELECT region_id, field_id, indicator_id, period, value, status, "
            f"{sql_text(self.source_id)} AS source_id, line FROM checked WHERE reason IS NULL",
            observation,
        )
        total = self._run("SELECT count(*) FROM long")[0][0]
        by_reason: dict[str, int] = {}
        if taken < total:
            by_reason = dict(
                self._run("SELECT reason, count(*) FROM checked WHERE reason IS NOT NULL GROUP BY ALL ORDER BY ALL")
            )
        # A wide table says a note once a column; what counts is its line.
        if notes := by_reason.pop("note", 0):
            notes = self._run("SELECT count(DISTINCT (part, line)) FROM checked WHERE reason = 'note'")[0][0]
        rejected = sum(by_reason.values())
        if rejected:
            columns = ", ".join(f'"{column.name}"' for column in table_spec("reject").columns)
            self._copy(
                f"SELECT {columns} FROM (SELECT {sql_text(self.source_id)} AS source_id, line, "
                f"{self._reject_column()} AS column, left({REJECT_TEXT}, 500) AS text, "
                "'data.reject.' || reason AS reason FROM checked "
                "WHERE reason IS NOT NULL AND reason <> 'note' ORDER BY part, line, value_column)",
                reject,
            )
        statuses: dict[str, int] = dict(
            self._run(f"SELECT status, count(*) FROM read_parquet({sql_text(str(observation))}) GROUP BY ALL")
        )
        return Counts(
            taken,
            rejected,
            by_reason,
            notes,
            statuses.get("suppressed", 0),
            statuses.get("estimated", 0),
            self._examples() if rejected else (),
        )

    def _create_view(self) -> None:
        """The views ``joined`` (rows with their ids) and ``checked`` (with value, status and reason)."""
        number = self._number()
        roles = ("region", "field", "period", "indicator", "unit")
        filled = " + ".join(f"({role}_text <> '')::INT" for role in roles)
        constant = " + ".join(self._constants(role) for role in roles)
        columns, joins = [], []
        for role in ("region", "field", "period", "status", "indicator"):
            column, join = self._join(role)
            columns.append(column)
            joins.append(join)
        texts = ", ".join(f"l.{role} AS {role}_text" for role in (*roles, "value"))
        self.connection.execute(
            f"""
            CREATE OR REPLACE TEMP VIEW joined AS
            SELECT l.part, l.line, l.value_column, {texts}, {", ".join(columns)} FROM long l {" ".join(joins)};
            CREATE OR REPLACE TEMP VIEW numbered AS
            SELECT *, {number} AS number FROM joined;
            CREATE OR REPLACE TEMP VIEW valued AS
            SELECT * EXCLUDE (number),
                   CASE WHEN flag <> 'suppressed' THEN number * multiply / divide END AS value,
                   status_of(value_text, number, flag) AS status
            FROM numbered;
            CREATE OR REPLACE TEMP VIEW checked AS
            SELECT *,
                   CASE
                     WHEN (region_id IS NULL OR period IS NULL) AND value IS NULL
                          AND {filled} - ({constant}) + (value_text IS NOT NULL)::INT <= 1 THEN 'note'
                     WHEN region_id IS NULL AND region_text = '' THEN 'no_region'
                     WHEN region_id IS NULL THEN 'unknown_region'
                     WHEN field_id IS NULL AND field_text = '' THEN 'no_field'
                     WHEN field_id IS NULL THEN 'unknown_field'
                     WHEN period IS NULL THEN 'bad_period'
                     WHEN value IS NULL AND status <> 'suppressed' THEN 'not_a_number'
                     WHEN value < 0 AND NOT signed THEN 'negative'
                   END AS reason
            FROM valued
            """
        )

    def _number(self) -> str:
        """SQL of the number a value reads as.

        The full grammar costs ten times a plain cast, and DuckDB works common parts of it out for every
        row even behind a COALESCE. So it is used only where some value needs it.
        """
        decimals = [part.decimal for part in self.package.parts]
        if set(decimals) == {"."}:
            irregular = "plain(value) IS NULL AND NOT is_suppressed(value)"
            if not self._run(f"SELECT 1 FROM long WHERE {irregular} LIMIT 1"):
                return "plain(value_text)"
        if len(set(decimals)) == 1:
            return number_sql("value_text", decimals[0])
        cases = " ".join(f"WHEN {n} THEN {number_sql('value_text', mark)}" for n, mark in enumerate(decimals))
        return f"CASE part {cases} END"

    def _join(self, role: str) -> tuple[str, str]:
        """Columns and join of a role; a role of one text needs no join, only its values."""
        names = {
            "status": (("id", "flag"),),
            "indicator": (("id", "indicator_id"), *((c, c) for c in ("multiply", "divide", "signed"))),
            "period": (("id", "period"),),
        }.get(role, (("id", f"{role}_id"),))
        ranked = () if role == "status" else (("n", f"{role}_n"),)
        rows = self._run(f"SELECT {', '.join(c for c, _ in (*names, *ranked))} FROM map_{role} LIMIT 2")
        texts = "SELECT DISTINCT part, indicator, unit" if role == "indicator" else f"SELECT DISTINCT part, {role}"
        if len(rows) == 1 and len(self._run(f"SELECT * FROM ({texts} FROM long) LIMIT 2")) == 1:
            pairs = zip(rows[0], (*names, *ranked), strict=True)
            return ", ".join(f"{_literal(value)} AS {name}" for value, (_, name) in pairs), ""
        alias = f"m_{role}"
        on = [f"{alias}.text = l.{role}"]
        if len(self.package.parts) > 1:
            on.append(f"{alias}.part = l.part")
        if role == "indicator":
            on.append(f"{alias}.unit = l.unit")
        columns = ", ".join(f"{alias}.{column} AS {name}" for column, name in (*names, *ranked))
        return columns, f"LEFT JOIN map_{role} {alias} ON {' AND '.join(on)}"

    def _constants(self, role: str) -> str:
        """SQL: 1 where a role is a constant of the part (so that its text says nothing of the row), else 0."""
        constant = [str(n) for n, part in enumerate(self.package.parts) if self._is_constant(part, role)]
        return f"(part IN ({', '.join(constant)}))::INT" if constant else "0"

    @staticmethod
    def _is_constant(part: Part, role: str) -> bool:
        return role == part.wide_role or (role in part.roles and role not in part.headers)

    def _examples(self) -> tuple[Reject, ...]:
        rows = self._run(
            f"SELECT part, min(line), {self._reject_column()} AS header, {REJECT_TEXT} AS text, reason FROM checked "
            "WHERE reason IS NOT NULL AND reason <> 'note' GROUP BY ALL "
            f"ORDER BY part, min(line), header LIMIT {EXAMPLES}"
        )
        return tuple(
            Reject(line, column, text or "", reason, self.package.parts[part].raw.file.name)
            for part, line, column, text, reason in rows
        )

    def unnamed(self) -> set[str]:
        """The texts that should name a place or a field and don't; those of notes left out."""
        names = "reason IN ('unknown_region', 'unknown_field')"
        return {row[0] for row in self._run(f"SELECT DISTINCT {REJECT_TEXT} FROM checked WHERE {names}")}

    def _reject_column(self) -> str:
        """SQL of the column a reject stands in; with its file in front where the source has several."""
        cases = []
        for number, part in enumerate(self.package.parts):
            label = f"{part.label}:" if part.label else ""
            for reason, role in (
                ("no_region", "region"),
                ("unknown_region", "region"),
                ("no_field", "field"),
                ("unknown_field", "field"),
                ("bad_period", "period"),
            ):
                header = sql_text(label + part.header(role))
                cases.append(f"WHEN part = {number} AND reason = '{reason}' THEN {header}")
            cases.append(f"WHEN part = {number} THEN {sql_text(label)} || value_column")
        return f"CASE {' '.join(cases)} END"

    def find_duplicates(self) -> None:
        """Refuse keys that stand twice, whether or not the values of both are sound.

        Needs the tables of :func:`~foreland.data.names.write_names`, and comes before :meth:`write`.

        Raises
        ------
        DataError
            With the first such key and the lines it stands in.
        """
        self._create_view()
        sizes = [
            self._run(f"SELECT coalesce(max(n), 0) + 1 FROM map_{role}")[0][0]
            for role in ("region", "field", "indicator", "period")
        ]
        product = 1
        for size in sizes:
            product *= size
        if product < 2**62:
            key = f"region_n + {sizes[0]} * (field_n + {sizes[1]} * (indicator_n + {sizes[2]} * period_n))"
        else:
            key = "(region_n, field_n, indicator_n, period_n)"
        whole = "region_id IS NOT NULL AND field_id IS NOT NULL AND period IS NOT NULL"
        twice = f"SELECT {key} AS k FROM joined WHERE {whole} GROUP BY k HAVING count(*) > 1"
        number = self._run(f"SELECT count(*) FROM ({twice})")[0][0]
        if not number:
            return
        rows = self._run(
            "SELECT part, line, region_id, field_id, indicator_id, period, region_text, field_text, value_text "
            f"FROM joined WHERE {whole} AND {key} = (SELECT min(k) FROM ({twice})) ORDER BY part, line LIMIT 5"
        )
        first = rows[0]
        part = self.package.parts[first[0]]
        used = set(part.headers.values()) | {item.header for item in part.wide}
        unused = [header for header in part.raw.headers if header not in used and header]
        raise DataError(
            "data.error.duplicate_keys",
            where=part.raw.where(rows[1][1]),
            number=number,
            key=" × ".join(map(str, first[2:6])),
            lines=", ".join(
                f"{row[1]}"
                if len({item[0] for item in rows}) == 1
                else f"{self.package.parts[row[0]].raw.file.name}:{row[1]}"
                for row in rows
            ),
            texts="; ".join(" ".join(filter(None, (row[6], row[7], str(row[8])))) for row in rows[:2]),
            unused=", ".join(unused[:12]) or "–",
        )

    def _copy(self, query: str, target: Path) -> int:
        rows = self._run(
            f"COPY ({query}) TO {sql_text(str(target))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
        )
        return int(rows[0][0])

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        import duckdb

        try:
            rows: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise duckdb_error(error, self.package.file.file) from error
        return rows


REJECT_TEXT = (
    "CASE WHEN reason IN ('no_region', 'unknown_region') THEN region_text "
    "WHEN reason IN ('no_field', 'unknown_field') THEN field_text "
    "WHEN reason = 'bad_period' THEN period_text ELSE value_text END"
)


def _literal(value: Any) -> str:
    """A value as an SQL literal of its type."""
    if isinstance(value, bool):
        return str(value).upper()
    return (
        sql_text(value) if isinstance(value, str) else f"{value!r}::{'BIGINT' if isinstance(value, int) else 'DOUBLE'}"
    )


def definitions(names: Names, source: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Rows of the small tables: what the source defines, and the source itself."""
    source_id = source["source_id"]
    used = {field_id for _, _, field_id in names.field}
    tables = {
        "source": [source],
        "indicator": [{**vars(item), "source_id": source_id} for _, item in sorted(names.indicators.items())],
        "region": [{**row, "source_id": source_id} for _, row in sorted(names.own_regions.items())],
        "field": [
            {**row, "source_id": source_id} for field_id, row in sorted(names.own_fields.items()) if field_id in used
        ],
    }
    return {table: rows for table, rows in tables.items() if rows}

"""The connection of a load, and how it reads published numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.data.marks import SUPPRESSED
from foreland.data.tabular import sql_text

if TYPE_CHECKING:
    import duckdb

BLANKS = r"[\s\x{00a0}\x{2007}\x{2009}\x{202f}\x{3000}]"
FULL_WIDTH = "'０１２３４５６７８９，．－＋％（）−', '0123456789,.-+%()-'"

LARGEST = 1e100
"""A number this large measures nothing, and sums and squares of such numbers overflow."""


def loading_connection(
    spill: Path, memory_limit: str = "", threads: int = 0, max_disk: str = ""
) -> duckdb.DuckDBPyConnection:
    """The DuckDB connection of a load: bounded memory, spilling into the load's own folder, no network.

    Parameters
    ----------
    spill
        Folder for what does not fit in memory; it goes with the load.
    memory_limit
        As DuckDB writes it. The default, with Python and Arrow around it, keeps a load under 1 GB.
    threads
        0 for all cores, but at most 4: each thread of the CSV reader holds buffers of its own.
    max_disk
        Most that may be spilled.
    """
    import os

    import duckdb

    config: dict[str, Any] = {
        "memory_limit": memory_limit or "512MB",
        "threads": threads or min(os.cpu_count() or 1, 4),
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if max_disk:
        config["max_temp_directory_size"] = max_disk
    connection = duckdb.connect(config=config)
    connection.execute("SET enable_progress_bar = false")
    _macros(connection)
    return connection


def _macros(connection: duckdb.DuckDBPyConnection) -> None:
    marks = ", ".join(sql_text(mark) for mark in sorted(SUPPRESSED))
    # A number as it may be published: blanks, full-width digits, thousands separators, brackets for
    # negative. `point` and `comma` are the two decimal marks; both refuse what is ambiguous.
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP MACRO is_suppressed(v) AS
            v IS NULL OR lower(trim(v)) IN ({marks});
        CREATE OR REPLACE TEMP MACRO tidy(v) AS
            regexp_replace(translate(v, {FULL_WIDTH}), '^{BLANKS}+|{BLANKS}+$', '', 'g');
        CREATE OR REPLACE TEMP MACRO status_of(v, number, flag) AS
            CASE WHEN number IS NULL AND is_suppressed(v) THEN 'suppressed' ELSE flag END;
        CREATE OR REPLACE TEMP MACRO finite(x) AS CASE WHEN abs(x) < {LARGEST} THEN x END;
        CREATE OR REPLACE TEMP MACRO plain(v) AS
            CASE WHEN NOT contains(v, '_') THEN finite(TRY_CAST(v AS DOUBLE)) END;
        CREATE OR REPLACE TEMP MACRO unbracket(v) AS
            regexp_replace(v, '^[(](.+)[)]$', '-\\1');
        CREATE OR REPLACE TEMP MACRO point(v) AS plain(
            CASE WHEN regexp_full_match(v, '[-+]?[0-9]{{1,3}}(([,''’]|{BLANKS})[0-9]{{3}})+([.][0-9]+)?')
                   OR regexp_full_match(v, '[-+]?[0-9]{{1,4}}(,[0-9]{{4}})+([.][0-9]+)?')
                 THEN regexp_replace(v, '[,''’]|{BLANKS}', '', 'g') ELSE v END);
        CREATE OR REPLACE TEMP MACRO comma(v) AS plain(
            CASE WHEN regexp_full_match(v, '[-+]?[0-9]{{1,3}}(([.''’]|{BLANKS})[0-9]{{3}})+(,[0-9]+)?')
                   OR regexp_full_match(v, '[-+]?[0-9]*(,[0-9]+)?')
                 THEN replace(regexp_replace(v, '[.''’]|{BLANKS}', '', 'g'), ',', '.') END);
        """
    )


def number_sql(value: str, decimal: str = ".") -> str:
    """SQL that reads a published number, NULL where it is none."""
    tidy = f"unbracket(tidy({value}))"
    percent = f"regexp_replace({tidy}, '%$', '')"
    if decimal == ",":
        return f"comma({percent})"
    return f"coalesce(plain({value}), point({percent}))"

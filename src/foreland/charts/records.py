"""A finding's table as CSV, JSON and Parquet, each with caveats, sources and the finding's id."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

from foreland.core.finding import Finding
from foreland.i18n import Language

NAMED = {"region", "field", "indicator", "source"}


def csv_bytes(finding: Finding, language: Language) -> bytes:
    """CSV in UTF-8 with a byte order mark, so that spreadsheets read Chinese.

    After every column of ids stands one of names. A text that a spreadsheet would run as a formula
    gets an apostrophe before it.
    """
    specs = finding.columns
    header: list[str] = []
    for spec in specs:
        header.append(spec.name)
        if spec.format in NAMED:
            header.append(name_column(spec.name))
    caveats = "; ".join(f"{caveat.label(language)}: {caveat.text(language)}" for caveat in finding.caveats)
    tail = [caveats, finding.source_line(language), finding.id]
    out = io.StringIO(newline="")
    write = csv.writer(out)
    write.writerow([*header, "caveats", "sources", "finding_id"])
    for row in finding.rows():
        cells: list[Any] = []
        for spec in specs:
            cells.append(row[spec.name])
            if spec.format in NAMED:
                cells.append(None if row[spec.name] is None else finding.name(row[spec.name], language))
        write.writerow([harmless(cell) for cell in [*cells, *tail]])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def name_column(name: str) -> str:
    """``region_id`` → ``region_name``."""
    return f"{name.removesuffix('_id')}_name"


def harmless(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return "'" + cell
    return cell


def json_bytes(finding: Finding, language: Language) -> bytes:
    """Everything the finding knows, as JSON."""
    return json.dumps(finite(finding.to_dict(language)), ensure_ascii=False, default=str, allow_nan=False).encode()


def finite(value: Any) -> Any:
    """The value with ``None`` for what JSON can't say."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def parquet_bytes(finding: Finding, language: Language) -> bytes:
    """Parquet; everything but the rows stands in the schema's metadata under ``foreland``."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    about = {key: value for key, value in finding.to_dict(language).items() if key != "rows"}
    content = json.dumps(finite(about), ensure_ascii=False, default=str).encode()
    table = finding.table.replace_schema_metadata({**(finding.table.schema.metadata or {}), b"foreland": content})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())

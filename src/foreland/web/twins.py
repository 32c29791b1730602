"""Plain pages as data: the rows a page lists, as JSON, CSV or Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Response

from foreland.charts.records import harmless
from foreland.web.openapi import FORMATS
from foreland.web.site import json_response

SUFFIXES = ("json", "csv", "md")
"""Twins of every page that lists something."""

Rows = Sequence[Mapping[str, Any]]


def parted(name: str) -> tuple[str, str]:
    """A name in an address without its suffix, and the suffix where it is one of :data:`SUFFIXES`."""
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if stem and suffix in SUFFIXES else (name, "")


def twin(suffix: str, title: str, rows: Rows, about: Mapping[str, Any] | None = None) -> Response:
    """The twin of a page.

    Parameters
    ----------
    suffix
        One of :data:`SUFFIXES`.
    title
        What the page is called.
    rows
        What it lists, all with the same keys.
    about
        What else it says; JSON then holds it with the rows under ``rows``, without it JSON is the rows.
    """
    if suffix == "json":
        return json_response({**about, "rows": list(rows)} if about is not None else list(rows))
    columns = list(rows[0]) if rows else []
    if suffix == "csv":
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows([harmless(row[name]) for name in columns] for row in rows)
        return Response(("\ufeff" + out.getvalue()).encode(), media_type=FORMATS["csv"])
    lines = [f"# {_cell(title)}", ""]
    lines += [f"- {key}: {_cell(value)}" for key, value in (about or {}).items()]
    if rows:
        lines += ["", _line(columns), _line(["---"] * len(columns))]
        lines += [_line([_cell(row[name]) for name in columns]) for row in rows]
    return Response("\n".join([*lines, ""]).encode(), media_type=FORMATS["md"])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any) -> str:
    text = "" if value is None else " ".join(str(value).split())
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\\", "\\\\").replace("|", "\\|")

"""The brief of a place or a field: what can be sent to a minister, with the evidence in the same file."""

from __future__ import annotations

from foreland.brief.compose import compose
from foreland.brief.model import Brief
from foreland.brief.subject import field_of, fields_called, near_fields
from foreland.brief.write import render_html, render_markdown, render_word, write_brief

__all__ = [
    "Brief",
    "compose",
    "field_of",
    "fields_called",
    "near_fields",
    "render_html",
    "render_markdown",
    "render_word",
    "write_brief",
]

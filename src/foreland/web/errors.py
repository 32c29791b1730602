"""Errors as pages and as JSON: what, where and the cure, with the right status; never a traceback."""

from __future__ import annotations

from typing import Any

from foreland.core.errors import DataError, ForelandError, UsageError, WorkspaceError
from foreland.i18n import Language

NOT_FOUND = {
    "brief.error.unknown_field",
    "core.error.unknown_question",
    "core.error.unknown_format",
    "core.error.no_such_row",
    "web.error.no_page",
    "web.error.no_such_page",
    "web.error.no_document",
    "web.error.no_passage",
    "web.error.no_pair",
    "web.error.no_invitation",
}


def status_of(error: ForelandError) -> int:
    """404 for what does not exist, 400 for a wrong call, 422 where the data lack what it takes."""
    if error.key in NOT_FOUND or error.key.endswith((".unknown_region", ".unknown_chart")):
        return 404
    if isinstance(error, DataError):
        return 422
    if isinstance(error, UsageError):
        return 400
    return 503 if isinstance(error, WorkspaceError) else 500


def as_dict(error: ForelandError, language: Language) -> dict[str, Any]:
    """The error for programs."""
    return {
        "error": {
            "code": error.key,
            "status": status_of(error),
            "what": error.what(language),
            "where": error.where.text(language) if error.where else None,
            "cure": error.cure(language),
        }
    }

"""The API described from the register of questions: ``/openapi.json`` and the page ``/api``."""

from __future__ import annotations

from typing import Any

import foreland
from foreland.core.registry import Parameter, Question, questions
from foreland.i18n import Language, t

FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "parquet": "application/vnd.apache.parquet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""Twins of a question's page."""

_TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}


def document(language: Language) -> dict[str, Any]:
    """The OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Foreland",
            "version": foreland.__version__,
            "description": t("web.api.lead", language),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {f"/api/v1/{q.room}/{q.name}": {"get": _operation(q, language)} for q in questions().values()},
        "components": {"schemas": {"Finding": _FINDING, "Error": _ERROR}},
    }


def _operation(question: Question, language: Language) -> dict[str, Any]:
    scope = [
        {
            "name": name,
            "in": "query",
            "required": name in question.needs,
            "description": t(f"core.scope.{name}.help", language),
            "schema": {"type": "string"},
            **({"example": question.example[name]} if name in question.example else {}),
        }
        for name in question.uses
    ]
    own = [_parameter(parameter, language) for parameter in question.parameters]
    lang = {"name": "lang", "in": "query", "required": False, "schema": {"type": "string", "enum": ["zh", "en"]}}
    errors = {
        str(status): {"description": t(f"web.api.status.{status}", language), "content": _json("Error")}
        for status in (400, 404, 422)
    }
    return {
        "operationId": question.id.replace(".", "_"),
        "tags": [question.room],
        "summary": question.text[language],
        "description": question.how(language),
        "parameters": [*scope, *own, {**lang, "description": t("core.scope.language.help", language)}],
        "responses": {"200": {"description": t("web.api.status.200", language), "content": _json("Finding")}, **errors},
    }


def _parameter(parameter: Parameter, language: Language) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _TYPES.get(parameter.type, "string")}
    if parameter.default is not None:
        schema["default"] = parameter.default
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if parameter.minimum is not None:
        schema["minimum"] = parameter.minimum
    if parameter.maximum is not None:
        schema["maximum"] = parameter.maximum
    return {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": f"{parameter.label(language)}. {parameter.help(language)}",
        "schema": schema,
    }


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


_TEXT = {"type": "string"}
_FINDING = _object(
    {
        "id": {"type": "string", "description": "The same input and call give the same id."},
        "question": _TEXT,
        "text": _TEXT,
        "headline": _TEXT,
        "benchmark": _TEXT,
        "scope": {"type": "object"},
        "columns": {
            "type": "array",
            "items": _object({"name": _TEXT, "unit": _TEXT, "format": _TEXT, "label": _TEXT}, ["name", "format"]),
        },
        "rows": {"type": "array", "items": {"type": "object"}},
        "labels": {"type": "object", "additionalProperties": _TEXT},
        "caveats": {
            "type": "array",
            "items": _object({"code": _TEXT, "severity": _TEXT, "text": _TEXT}, ["code", "severity", "text"]),
        },
        "provenance": {"type": "object"},
        "sources": {"type": "array", "items": {"type": "object"}},
        "charts": {"type": "array", "items": _TEXT},
        "how_to_read": _TEXT,
        "citation": _TEXT,
    },
    ["id", "question", "headline", "benchmark", "columns", "rows", "caveats", "provenance"],
)
_ERROR = _object(
    {"error": _object({"code": _TEXT, "status": {"type": "integer"}, "what": _TEXT, "cure": _TEXT}, ["what"])},
    ["error"],
)

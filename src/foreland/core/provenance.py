"""Where a number came from: the rows that went in, what was done to them, by which version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from foreland.i18n import Language, current_language, t

Severity = Literal["note", "warning", "serious"]


@dataclass(frozen=True)
class Input:
    """Rows of one table that went into a finding.

    Parameters
    ----------
    table
        Table of the data model.
    filter
        Column → value or values the rows were chosen by.
    rows
        How many rows that gave.
    sources
        Source → content hash of the sources the rows come from.
    match
        Column of the finding → column of this table: how one row of the finding finds the input
        rows behind it.
    within
        Conditions as in `filter` that narrow the rows behind one row further: the periods that were
        pooled, where others went in as well.
    """

    table: str
    filter: Mapping[str, Any]
    rows: int
    sources: Mapping[str, str]
    match: Mapping[str, str] = field(default_factory=dict)
    within: Mapping[str, Any] = field(default_factory=dict)

    def concerns(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of the finding may rest on these rows: it names no other indicator or source."""
        return all(
            row.get(name) in (None, value)
            for name, value in self.filter.items()
            if name not in self.match.values() and isinstance(value, str)
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "filter": {key: list(v) if isinstance(v, tuple) else v for key, v in self.filter.items()},
            "rows": self.rows,
            "sources": dict(self.sources),
            "content_hash": _hash([self.table, dict(self.filter), dict(self.sources)]),
        }


@dataclass(frozen=True)
class Step:
    """One thing that was done, as a text with its parameters: ``Step("capability.step.lq", …)``.

    A parameter may itself be a text in every language, here and in a caveat.
    """

    key: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: Language | None = None) -> str:
        return t(self.key, language, **_in(language, self.parameters))

    def to_dict(self) -> dict[str, Any]:
        return {"step": self.key, "parameters": dict(self.parameters)}


@dataclass(frozen=True)
class Caveat:
    """What a reader must know before believing a number.

    The text stands under ``<key>``, the few words on its chip under ``<key>.label``.
    """

    key: str
    severity: Severity = "warning"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.key.rpartition(".")[2]

    def text(self, language: Language | None = None) -> str:
        return t(self.key, language, **_in(language, self.parameters))

    def label(self, language: Language | None = None) -> str:
        return t(f"{self.key}.label", language)

    def to_dict(self, language: Language | None = None) -> dict[str, Any]:
        return {
            "code": self.code,
            "severity": self.severity,
            "text": self.text(language),
            "parameters": dict(self.parameters),
        }


@dataclass(frozen=True)
class Provenance:
    """How a finding came about. The same input and call give the same id."""

    question: str
    parameters: Mapping[str, Any]
    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]
    version: str

    @cached_property
    def id(self) -> str:
        """Deterministic id of the finding."""
        return _hash(self._content())[:16]

    @property
    def sources(self) -> dict[str, str]:
        """Source → content hash over all inputs, in order of id."""
        return dict(sorted({k: v for item in self.inputs for k, v in item.sources.items()}.items()))

    def _content(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "parameters": dict(self.parameters),
            "inputs": [item.to_dict() for item in self.inputs],
            "steps": [step.to_dict() for step in self.steps],
            "version": self.version,
        }

    def to_dict(self) -> dict[str, Any]:
        return {"id": self.id, **self._content()}


def _in(language: Language | None, parameters: Mapping[str, Any]) -> dict[str, Any]:
    chosen = language or current_language()
    return {key: value[chosen] if isinstance(value, Mapping) else value for key, value in parameters.items()}


def _hash(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

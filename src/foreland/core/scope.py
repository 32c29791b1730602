"""What most questions share: which places, which classification, when, compared with whom."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from foreland.core.errors import UsageError
from foreland.i18n import LANGUAGES, Language


@dataclass(frozen=True)
class Scope:
    """The part of the data a question looks at. What is left out is chosen by the question and stated.

    Parameters
    ----------
    region
        Places in focus, the first being the one the answer is about.
    level
        Level of the places compared: ``country``, ``province``, ``itl2`` …
    scheme
        Classification of the fields: ``wipo35``, ``iotf``, ``sic2007`` …
    field
        Fields in focus.
    indicator
        What is measured.
    period
        A period (``2020``) or a range of them (``2016:2020``).
    benchmark
        Place to compare with; by default all places of the level together.
    source
        Source to read, where several have the same figures.
    language
        Language of what is shown.
    """

    region: tuple[str, ...] = ()
    level: str | None = None
    scheme: str | None = None
    field: tuple[str, ...] = ()
    indicator: str | None = None
    period: str | None = None
    benchmark: str | None = None
    source: str | None = None
    language: Language | None = None

    @classmethod
    def of(cls, **values: Any) -> Scope:
        """A scope from loose values: ``region`` and ``field`` may be one id, several, or "a,b"."""
        for name in ("region", "field"):
            value = values.get(name)
            if value is None:
                values.pop(name, None)
            elif isinstance(value, str):
                values[name] = tuple(part.strip() for part in value.split(",") if part.strip())
            else:
                values[name] = tuple(value)
        chosen: dict[str, Any] = {name: None if value == "" else value for name, value in values.items()}
        scope = cls(**chosen)
        if scope.language is not None and scope.language not in LANGUAGES:
            raise UsageError("core.error.unknown_language", name=scope.language)
        if scope.period is not None:
            first, _, last = scope.period.partition(":")
            if last and last < first:
                raise UsageError("core.error.period_backwards", period=scope.period)
        return scope

    @property
    def focus(self) -> str | None:
        """The place the answer is about."""
        return self.region[0] if self.region else None

    @property
    def period_range(self) -> tuple[str, str] | None:
        """First and last period asked for, both included."""
        if self.period is None:
            return None
        first, _, last = self.period.partition(":")
        return first, last or first

    def replace(self, **values: Any) -> Scope:
        """A scope with some values changed."""
        return replace(self, **values)

    def to_dict(self) -> dict[str, Any]:
        """What was set, as plain values, in the order of the fields (the language left out)."""
        chosen = {}
        for spec in fields(self):
            value = getattr(self, spec.name)
            if value and spec.name != "language":
                chosen[spec.name] = ",".join(value) if isinstance(value, tuple) else value
        return chosen


SCOPE_FIELDS = tuple(spec.name for spec in fields(Scope))

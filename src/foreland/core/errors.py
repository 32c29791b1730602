"""Errors a person reads: what happened, where, and the cure, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foreland.i18n import Language, current_language, has, t, use_language


@dataclass(frozen=True)
class Where:
    """A place in a file: line and column count from 1, as editors do."""

    file: Path | str
    line: int | None = None
    column: str | None = None

    def text(self, language: Language | None = None) -> str:
        parts = [str(self.file)]
        if self.line is not None:
            parts.append(t("core.where.line", language, line=self.line))
        if self.column is not None:
            parts.append(t("core.where.column", language, column=self.column))
        return ", ".join(parts) if (language or current_language()) == "en" else "，".join(parts)


class ForelandError(Exception):
    """Base of every error meant for a person.

    Parameters
    ----------
    key
        Key of the text that says what happened (``data.error.missing_column``). The text under
        ``<key>.cure`` says what to do about it.
    where
        The place in a file, if there is one.
    **params
        Values named in the texts.
    """

    exit_code = 1

    def __init__(self, key: str, /, *, where: Where | None = None, **params: Any) -> None:
        self.key = key
        self.where = where
        self.params = params
        super().__init__(key)

    def what(self, language: Language | None = None) -> str:
        """What happened."""
        with use_language(language):
            return t(self.key, **self.params)

    def cure(self, language: Language | None = None) -> str:
        """What to do about it; empty where nothing can be said."""
        key = f"{self.key}.cure"
        with use_language(language):
            return t(key, **self.params) if has(key) else ""

    def text(self, language: Language | None = None) -> str:
        """What, where and the cure, in one string of a line each."""
        place = self.where.text(language) if self.where else ""
        return "\n".join(part for part in (self.what(language), place, self.cure(language)) if part)

    def __str__(self) -> str:
        return self.text()


class UsageError(ForelandError):
    """The call was wrong: an unknown question, region, field or parameter."""

    exit_code = 2


class DataError(ForelandError):
    """Data failed a check, or the data a question needs are not there."""

    exit_code = 3


class WorkspaceError(ForelandError):
    """The workspace can't be opened, read or written."""


def did_you_mean(suggestions: list[str], language: Language | None = None) -> str:
    """The suggestions as a sentence, or nothing where there are none."""
    if not suggestions:
        return ""
    zh = (language or current_language()) == "zh"
    return t("core.did_you_mean", language, names=("、" if zh else ", ").join(suggestions))


class DidYouMean:
    """Suggestions that read in the language of the message they stand in."""

    def __init__(self, suggestions: Iterable[str]) -> None:
        self.suggestions = list(suggestions)

    def __str__(self) -> str:
        return did_you_mean(self.suggestions)

    def __format__(self, _: str) -> str:
        return str(self)


class Worded:
    """A text in every language that reads in the language of the message it stands in."""

    def __init__(self, text: Mapping[Language, str]) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text[current_language()]

    def __format__(self, _: str) -> str:
        return str(self)

"""The address of a page is its whole state: what was asked, how it is shown, in which language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

from foreland.core.errors import UsageError
from foreland.core.scope import SCOPE_FIELDS
from foreland.i18n import LANGUAGES, Language

if TYPE_CHECKING:
    from foreland.core.registry import Question

SHOWN = ("chart", "view", "sort", "rows", "row")
"""What a page adds to the arguments of a question: how the answer is shown."""
PLACES = ("region", "benchmark")


@dataclass(frozen=True)
class State:
    """What an address says.

    Parameters
    ----------
    path
        Without query.
    language
        Language of the page.
    arguments
        Parts of the scope and parameters of the question, as they stand in the address, defaults left out.
    shown
        How the answer is shown, defaults left out.
    said_language
        Whether the address names the language; else the browser's was taken.
    """

    path: str
    language: Language
    arguments: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    said_language: bool = False

    def query(self, *, language: bool | None = None) -> str:
        """The query in its one order."""
        pairs = {**self.arguments, **self.shown}
        if self.said_language if language is None else language:
            pairs["lang"] = self.language
        return urlencode(pairs, safe=",:")

    def url(self, path: str | None = None, **changes: str | None) -> str:
        """The address of this state with some values changed (``None`` takes one out)."""
        state = self
        for name, value in changes.items():
            state = state.put(name, value)
        query = state.query()
        path = quoted(self.path if path is None else path)
        return f"{path}?{query}" if query else path

    def put(self, name: str, value: str | None) -> State:
        """This state with one value changed."""
        if name == "lang":
            return replace(self, language=cast(Language, value or self.language), said_language=value is not None)
        chosen = self.shown if name in SHOWN else self.arguments
        values = {key: text for key, text in chosen.items() if key != name}
        if value:
            values[name] = value
        return replace(self, shown=values) if name in SHOWN else replace(self, arguments=values)

    def elsewhere(self, path: str, **arguments: str | None) -> str:
        """The address of another page in the same language."""
        pairs = {name: value for name, value in arguments.items() if value}
        if self.said_language:
            pairs["lang"] = self.language
        path = quoted(path)
        return f"{path}?{urlencode(pairs, safe=',:')}" if pairs else path


def quoted(path: str) -> str:
    """A path as it stands in an address: ids of places come from data and may hold any character."""
    return quote(path, safe="/:,")


def read_language(query: Mapping[str, str], accepts: str) -> tuple[Language, bool]:
    """The language of a page, and whether the address names it.

    Raises
    ------
    UsageError
        If the address names a language there is none of.
    """
    named = query.get("lang")
    if named:
        if named not in LANGUAGES:
            raise UsageError("core.error.unknown_language", name=named)
        return named, True
    return preferred(accepts), False


def preferred(accepts: str) -> Language:
    """The language a browser likes best of those there are."""
    best, weight = "en", 0.0
    for part in accepts.split(","):
        name, _, rest = part.strip().partition(";")
        try:
            quality = float(rest.partition("=")[2] or 1)
        except ValueError:
            quality = 0.0
        code = name.lower().partition("-")[0]
        if code in LANGUAGES and quality > weight:
            best, weight = code, quality
    return cast(Language, best)


def read_state(path: str, pairs: Iterable[tuple[str, str]], accepts: str, question: Question | None = None) -> State:
    """What an address says, defaults left out.

    Raises
    ------
    UsageError
        If a parameter is unknown or can't take the value.
    """
    found: dict[str, str] = {}
    for name, value in pairs:
        value = value.strip()
        # A place or field named twice means both; anything else named twice means the last.
        found[name] = f"{found[name]},{value}" if name in ("region", "field") and found.get(name) else value
    language, said = read_language(found, accepts)
    found.pop("lang", None)
    shown = {name: found.pop(name) for name in SHOWN if name in found}
    arguments = {name: value for name, value in found.items() if value != ""}
    if question is not None:
        arguments = _arguments(question, arguments)
    return State(path, language, arguments, {k: v for k, v in shown.items() if v}, said)


def _arguments(question: Question, given: Mapping[str, str]) -> dict[str, str]:
    """Arguments in the question's order, parsed and written in their one way, defaults left out."""
    known = {parameter.name: parameter for parameter in question.parameters}
    unknown = [name for name in given if name not in known and name not in SCOPE_FIELDS]
    if unknown:
        _refuse(question, unknown[0])
    order = [*SCOPE_FIELDS, *known]
    arguments = {}
    for name in sorted(given, key=order.index):
        if name in SCOPE_FIELDS and name not in question.uses:
            # It would change nothing; an address that says it would mislead.
            continue
        if name in PLACES:
            arguments[name] = ",".join(place_id(part) for part in given[name].split(",") if part.strip())
        elif name in known:
            value = known[name].parse(given[name])
            if value != known[name].default:
                arguments[name] = written(value)
        else:
            arguments[name] = given[name]
    return arguments


def _refuse(question: Question, name: str) -> None:
    import difflib

    from foreland.core.errors import did_you_mean

    known = [*question.uses, *(parameter.name for parameter in question.parameters)]
    near = did_you_mean(difflib.get_close_matches(name, known, 3))
    raise UsageError("core.error.unknown_parameter", name=name, question=question.id, near=near, known=", ".join(known))


def place_id(text: str) -> str:
    """The id of a place given by id or name; what no gazetteer knows stays as it is."""
    from foreland.data.taxonomy.regions import regions, resolve

    text = text.strip()
    if text in regions():
        return text
    return resolve(text) or text


def written(value: Any) -> str:
    """A parameter's value as it stands in an address."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)

"""The register of questions, charts and exports. Command line, pages, API and docs read it.

A room registers by being there: every package under ``foreland`` with a ``questions.py`` is a room.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import importlib.util
import inspect
import math
import pkgutil
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal

from foreland.core.errors import DidYouMean, UsageError
from foreland.core.scope import SCOPE_FIELDS, Scope
from foreland.i18n import Language, catalogue, current_language, t, use_language

if TYPE_CHECKING:
    from foreland.core.finding import Finding
    from foreland.data.workspace import Workspace

ROOMS = (
    "foresight", "policy", "capability", "clusters", "networks", "chains", "elements", "monitor", "layout",
)  # fmt: skip
"""The planner's nine questions in their order. A room that is not built yet is not shown."""

Exporter = Callable[["Finding", str | None, Language], bytes]

_questions: dict[str, Question] = {}
_charts: dict[str, dict[str, Callable[[Finding], Any]]] = {}
_exporters: dict[str, Exporter] = {}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question, as its signature declares it."""

    name: str
    type: type
    default: Any
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    group: str = ""
    maximum: float | None = None

    def label(self, language: Language | None = None) -> str:
        return t(f"core.parameter.{self.name}", language)

    def help(self, language: Language | None = None) -> str:
        return t(f"core.parameter.{self.name}.help", language)

    def choice_label(self, choice: str, language: Language | None = None) -> str:
        return t(f"core.parameter.{self.name}.{choice}", language)

    def parse(self, value: Any) -> Any:
        """The value in the parameter's type; strings come from addresses and command lines."""
        try:
            if self.type is bool and isinstance(value, str):
                parsed: Any = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False,
                               "no": False, "off": False, "": False}[value.lower()]  # fmt: skip
            else:
                parsed = self.type(value)
        except (ValueError, TypeError, KeyError) as error:
            raise UsageError(
                "core.error.bad_parameter", name=self.name, value=value, type=self.type.__name__
            ) from error
        if self.choices and parsed not in self.choices:
            raise UsageError("core.error.bad_choice", name=self.name, value=value, choices=", ".join(self.choices))
        if isinstance(parsed, float) and not math.isfinite(parsed):
            raise UsageError("core.error.bad_parameter", name=self.name, value=value, type=self.type.__name__)
        if self.minimum is not None and parsed < self.minimum:
            raise UsageError("core.error.too_small", name=self.name, value=value, minimum=self.minimum)
        if self.maximum is not None and parsed > self.maximum:
            raise UsageError("core.error.too_large", name=self.name, value=value, maximum=self.maximum)
        return parsed


@dataclass(frozen=True, eq=False)
class Question:
    """A registered question; calling it answers it."""

    id: str
    text: Mapping[Language, str]
    function: Callable[..., Finding]
    example: Mapping[str, Any]
    uses: tuple[str, ...]
    needs: tuple[str, ...] = field(default=())
    beyond_packs: bool = False

    @property
    def room(self) -> str:
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        return self.id.partition(".")[2]

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The question's own parameters, after workspace and scope.

        A parameter that is a dataclass stands for its fields: questions that share choices share the class.
        """
        # The workspace stands above this layer, so its name means nothing here.
        hints = typing.get_type_hints(self.function, localns={"Workspace": object}, include_extras=True)
        found: list[Parameter] = []
        for spec in list(inspect.signature(self.function).parameters.values())[2:]:
            hint = hints[spec.name]
            if dataclasses.is_dataclass(hint):
                inner = typing.get_type_hints(hint, include_extras=True)
                found += (_parameter(f.name, inner[f.name], f.default, spec.name) for f in dataclasses.fields(hint))
            else:
                found.append(_parameter(spec.name, hint, spec.default))
        return tuple(found)

    def how(self, language: Language | None = None) -> str:
        """How to read the answer."""
        return t(f"{self.id}.how", language)

    def __call__(self, ws: Workspace, scope: Scope | None = None, /, **arguments: Any) -> Finding:
        """Answer the question.

        Parameters
        ----------
        ws
            The workspace to ask.
        scope
            What to look at; or give its parts by name (``region="CN-ZJ"``).
        **arguments
            Parts of the scope, and parameters of the question.

        Raises
        ------
        UsageError
            On an unknown argument or a value it can't take.
        DataError
            If the workspace lacks the data; the message says what is missing and what would fill it.
        """
        parts = {name: arguments.pop(name) for name in SCOPE_FIELDS if name in arguments}
        if scope is None:
            scope = Scope.of(**parts)
        elif parts:
            scope = Scope.of(**{**{n: getattr(scope, n) for n in SCOPE_FIELDS}, **parts})
        known = {parameter.name: parameter for parameter in self.parameters}
        values = {}
        for name, value in arguments.items():
            if name not in known:
                near = difflib.get_close_matches(name, [*known, *self.uses], 3)
                raise UsageError(
                    "core.error.unknown_parameter", name=name, question=self.id, near=DidYouMean(near),
                    known=", ".join([*self.uses, *known]),
                )  # fmt: skip
            values[name] = known[name].parse(value)
        for group in {parameter.group for parameter in self.parameters if parameter.group}:
            own = {p.name: values.pop(p.name) for p in self.parameters if p.group == group and p.name in values}
            default = inspect.signature(self.function).parameters[group].default
            values[group] = dataclasses.replace(default, **own)
        with use_language(scope.language):
            return self.function(ws, scope, **values)


@dataclass(frozen=True)
class AtLeast:
    """The least value a parameter takes: ``Annotated[int, AtLeast(0)]``."""

    value: float


@dataclass(frozen=True)
class Between:
    """The range of a parameter that pages draw as a slider: ``Annotated[float, Between(0, 100)]``."""

    least: float
    most: float


def _parameter(name: str, hint: Any, default: Any, group: str = "") -> Parameter:
    minimum = maximum = None
    if typing.get_origin(hint) is typing.Annotated:
        hint, *extras = typing.get_args(hint)
        for extra in extras:
            if isinstance(extra, AtLeast):
                minimum = extra.value
            elif isinstance(extra, Between):
                minimum, maximum = extra.least, extra.most
    choices = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
    return Parameter(name, str if choices else hint, default, choices, minimum, group, maximum)


def question(
    identifier: str,
    *,
    zh: str,
    en: str,
    example: Mapping[str, Any],
    uses: tuple[str, ...] = ("region", "level", "scheme", "indicator", "period", "benchmark", "source"),
    needs: tuple[str, ...] = (),
    beyond_packs: bool = False,
) -> Callable[[Callable[..., Finding]], Question]:
    """Register a question.

    Parameters
    ----------
    identifier
        ``room.name``.
    zh, en
        The question as a planner would ask it.
    example
        Arguments that answer it on the bundled figures.
    uses
        Parts of the scope that change the answer; pages draw controls for these.
    needs
        Parts of the scope without which there is no answer (``("region",)``).
    beyond_packs
        Whether it reads what the bundled packs don't hold: texts of documents, a product chain, a network of firms.
    """

    def register(function: Callable[..., Finding]) -> Question:
        if identifier in _questions and _questions[identifier].function.__module__ != function.__module__:
            raise ValueError(f"question registered twice: {identifier}")
        registered = Question(identifier, {"zh": zh, "en": en}, function, example, uses, needs, beyond_packs)
        registered.__dict__["__doc__"] = function.__doc__
        _questions[identifier] = registered
        return registered

    return register


def chart(identifier: str, name: str) -> Callable[[Callable[[Finding], Any]], Callable[[Finding], Any]]:
    """Register a chart of a question: a function from finding to Altair chart.

    Its title stands under ``<question>.chart.<name>``; the order of the titles is the order of the charts.
    """

    def register(function: Callable[[Finding], Any]) -> Callable[[Finding], Any]:
        _charts.setdefault(identifier, {})[name] = function
        return function

    return register


def export(suffix: str) -> Callable[[Exporter], Exporter]:
    """Register how findings are written in a format."""

    def register(function: Exporter) -> Exporter:
        _exporters[suffix] = function
        return function

    return register


@cache
def room_names() -> tuple[str, ...]:
    """The rooms that are built, in the planner's order, without the wait for their questions."""
    import foreland

    # Looked for in the folders, because asking for a module within a package imports the package.
    found = {
        package.name
        for package in pkgutil.iter_modules(foreland.__path__)
        if package.ispkg
        and any(
            inner.name == "questions"
            for inner in pkgutil.iter_modules([f"{folder}/{package.name}" for folder in foreland.__path__])
        )
    }
    return tuple(room for room in ROOMS if room in found) + tuple(sorted(found - set(ROOMS)))


def rooms() -> tuple[str, ...]:
    """The rooms that are built, in the planner's order, their questions registered."""
    for room in room_names():
        importlib.import_module(f"foreland.{room}.questions")
    return room_names()


def questions(room: str | None = None) -> dict[str, Question]:
    """The registered questions, of one room or of all, in the order of the rooms."""
    order = {name: position for position, name in enumerate(rooms())}
    found = sorted(_questions.values(), key=lambda q: order[q.room])
    return {q.id: q for q in found if room is None or q.room == room}


def find_question(identifier: str) -> Question:
    """The question with an id.

    Raises
    ------
    UsageError
        If there is none, with the nearest ones.
    """
    if identifier not in _questions:
        # Only the room in question is imported, so that one answer does not wait for nine rooms.
        room = identifier.partition(".")[0]
        if room in room_names():
            importlib.import_module(f"foreland.{room}.questions")
    if identifier not in _questions:
        near = difflib.get_close_matches(identifier, list(questions()), 3, 0.4)
        raise UsageError("core.error.unknown_question", name=identifier, near=DidYouMean(near))
    return _questions[identifier]


def chart_names(identifier: str) -> tuple[str, ...]:
    """The charts of a question, the one to show first: those that the room's texts give a title.

    Read from the texts, because importing what draws them takes longer than most answers.
    """
    opening = f"{identifier}.chart."
    texts = catalogue(identifier.partition(".")[0])
    return tuple(key.removeprefix(opening) for key in texts if key.startswith(opening))


def draw(finding: Finding, name: str | None, language: Language | None) -> Any:
    """Draw a finding.

    Raises
    ------
    UsageError
        If the question has no such chart.
    """
    names = chart_names(finding.question)
    name = name or (names[0] if names else "")
    if name not in names:
        raise UsageError("core.error.unknown_chart", name=name, question=finding.question, known=", ".join(names))
    importlib.import_module("foreland.charts.theme")
    _load_charts(finding.question)
    with use_language(language or current_language()):
        return _charts[finding.question][name](finding)


def exporter(suffix: str) -> Exporter:
    """How findings are written in a format."""
    importlib.import_module("foreland.charts.export")
    if suffix not in _exporters:
        known = ", ".join(sorted(s for s in _exporters if s != "fragment"))
        raise UsageError("core.error.unknown_format", name=suffix, known=known)
    return _exporters[suffix]


def _load_charts(identifier: str) -> None:
    module = f"foreland.{identifier.partition('.')[0]}.charts"
    if importlib.util.find_spec(module):
        importlib.import_module(module)

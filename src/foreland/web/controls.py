"""The controls of a question, from what it uses and what the workspace has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from foreland.core.registry import Parameter, Question
from foreland.data.answer import names, scheme_name
from foreland.data.coverage import Coverage, coverage, places_covered, region_levels
from foreland.i18n import Language, has, t
from foreland.web.state import written

if TYPE_CHECKING:
    from foreland.core.finding import Finding
    from foreland.data.workspace import Workspace
    from foreland.web.state import State

LEVELS = ("province", "country", "prefecture", "itl1", "itl2", "other", "aggregate")


@dataclass(frozen=True)
class Choice:
    """One choice of a control."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True)
class Control:
    """One control: a list of choices in groups, a number, a slider where it has a range, or words."""

    name: str
    label: str
    help: str
    groups: tuple[tuple[str, tuple[Choice, ...]], ...] = ()
    value: str = ""
    placeholder: str = ""
    minimum: float | None = None
    step: str = "1"
    words: bool = False
    maximum: float | None = None

    @property
    def kind(self) -> str:
        if self.groups:
            return "select"
        return "text" if self.words else "number" if self.maximum is None else "range"


def controls(
    ws: Workspace, question: Question, state: State, finding: Finding | None
) -> tuple[list[Control], list[Control]]:
    """The controls of what is looked at, and those of how it is measured.

    Parameters
    ----------
    finding
        The answer, whose scope tells what was chosen where nothing was asked for.
    """
    language = state.language
    looked = [_scope_control(ws, name, question, state, finding) for name in question.uses]
    own = [_parameter_control(parameter, state, language) for parameter in question.parameters]
    # Sliders are there to be moved, so they stand in sight.
    sliders = [control for control in own if control.kind == "range"]
    measured = [control for control in own if control.kind != "range"]
    return [*(control for control in looked if control is not None), *sliders], measured


def places(ws: Workspace, language: Language) -> list[tuple[str, str, str]]:
    """Level, id and name of every place there are figures of, by level and name."""

    def read() -> list[tuple[str, str, str]]:
        levels = region_levels(ws)
        known = places_covered(ws)
        called = names(ws, known)
        return sorted(
            ((levels[r], r, called[r][language] if r in called else r) for r in known),
            key=lambda place: (*level_order(place[0]), place[2].casefold(), place[1]),
        )

    found: list[tuple[str, str, str]] = ws.cache.remember(f"web:places:{language}", read)
    return found


def level_order(level: str) -> tuple[int, str]:
    """Where a level stands in lists; levels of the user's own come last."""
    return (LEVELS.index(level) if level in LEVELS else len(LEVELS), level)


def level_label(level: str, language: Language) -> str:
    """The name of a level; a level of the user's own keeps its code."""
    key = f"core.level.{level}"
    return t(key, language) if has(key) else level


def _scope_control(
    ws: Workspace, name: str, question: Question, state: State, finding: Finding | None
) -> Control | None:
    language = state.language
    asked = state.arguments.get(name, "")
    chosen = getattr(finding.scope, name) if finding is not None else None
    if isinstance(chosen, tuple):
        chosen = ",".join(chosen)
    groups = _choices(ws, name, question, state, finding)
    if not any(choices for _, choices in groups) or (name == "source" and len(groups[0][1]) < 2 and not asked):
        return None
    known = {choice.value for _, choices in groups for choice in choices}
    if asked and asked not in known:
        groups.insert(0, ("", (Choice(asked, _several(ws, asked, language)),)))
    automatic = _automatic(ws, name, question, None if asked else chosen, language)
    marked = tuple(
        (label, tuple(Choice(c.value, c.label, c.value == asked) for c in choices)) for label, choices in groups
    )
    if automatic is not None:
        marked = (("", (Choice("", automatic, not asked),)), *marked)
    return Control(name, t(f"core.scope.{name}", language), t(f"core.scope.{name}.help", language), marked)


def _several(ws: Workspace, asked: str, language: Language) -> str:
    called = names(ws, asked.split(","))
    joiner = "、" if language == "zh" else ", "
    return joiner.join(called[part][language] if part in called else part for part in asked.split(","))


def _automatic(ws: Workspace, name: str, question: Question, chosen: Any, language: Language) -> str | None:
    """What the choice of leaving it open is called; None where it can't be left open."""
    if name in question.needs:
        return None if chosen else t("web.choose", language)
    if name == "benchmark":
        return t("web.benchmark_all", language)
    if name == "region":
        return t("web.all_places", language)
    if name == "field":
        if chosen:  # the question looks at some by itself, as at the sector that is hit
            return t("web.automatic_chosen", language, chosen=_several(ws, chosen, language))
        return t("web.all_fields", language)
    if not chosen:
        return t("web.automatic", language)
    label = level_label(chosen, language) if name == "level" else _labels(ws, name, [chosen], language)[chosen]
    return t("web.automatic_chosen", language, chosen=label)


def _labels(ws: Workspace, name: str, values: Iterable[str], language: Language) -> dict[str, str]:
    values = list(values)
    if name == "level":
        return {value: level_label(value, language) for value in values}
    if name == "scheme":
        return {value: scheme_label(value, language) for value in values}
    called = names(ws, values) if name != "period" else {}
    return {value: called[value][language] if value in called else value for value in values}


def scheme_label(scheme: str, language: Language) -> str:
    """The name of a classification."""
    return scheme_name(scheme)[language]


def _choices(
    ws: Workspace, name: str, question: Question, state: State, finding: Finding | None
) -> list[tuple[str, tuple[Choice, ...]]]:
    language = state.language
    if name in ("region", "benchmark"):
        found: dict[str, list[Choice]] = {}
        level = finding.scope.level if finding is not None and name == "benchmark" else None
        for its, region, label in places(ws, language):
            # A benchmark is a place of the same level, or one that holds them.
            if level is None or its in (level, "country", "aggregate"):
                found.setdefault(level_label(its, language), []).append(Choice(region, label))
        return [(label, tuple(choices)) for label, choices in found.items()]
    if name == "field":
        return [("", tuple(_field_choices(ws, finding, language)))]
    if name == "period":
        return [("", tuple(Choice(period, period) for period in _periods(ws, finding)))]
    attribute = {"indicator": "indicator_id", "source": "source_id"}.get(name, name)
    values = sorted({getattr(entry, attribute) for entry in _fitting(ws, name, question, state, finding)})
    labels = _labels(ws, name, values, language)
    return [("", tuple(Choice(value, labels[value]) for value in sorted(values, key=lambda v: labels[v])))]


def _fitting(ws: Workspace, name: str, question: Question, state: State, finding: Finding | None) -> list[Coverage]:
    """Figures that go with everything else that was asked for, and with what the question is always about."""
    asked = {key: value for key, value in state.arguments.items() if key != name}
    focus = asked.get("region", "").partition(",")[0]
    level = asked.get("level") or (region_levels(ws).get(focus) if focus else None)
    if level is None and finding is not None and name != "level":
        level = finding.scope.level
    if finding is not None and finding.scope.indicator and "indicator" not in question.uses:
        asked["indicator"] = finding.scope.indicator
    return [
        entry
        for entry in coverage(ws)
        if (level is None or name == "level" or entry.level == level)
        and asked.get("scheme") in (None, entry.scheme)
        and asked.get("indicator") in (None, entry.indicator_id)
        and asked.get("source") in (None, entry.source_id)
    ]


def _field_choices(ws: Workspace, finding: Finding | None, language: Language) -> list[Choice]:
    scheme = finding.scope.scheme if finding is not None else None

    def read() -> list[str]:
        observation = ws.table("observation")
        rows = observation.filter(observation.field_id.startswith(f"{scheme}:")) if scheme else observation
        return sorted(ws.to_arrow(rows.select("field_id").distinct())["field_id"].to_pylist())

    fields = ws.cache.remember(f"web:fields:{scheme}", read)
    called = names(ws, fields)
    choices = [Choice(field, called[field][language] if field in called else field) for field in fields]
    return sorted(choices, key=lambda choice: choice.label.casefold())


def _periods(ws: Workspace, finding: Finding | None) -> list[str]:
    """Periods of the indicator that was chosen, the last first."""
    indicator = finding.scope.indicator if finding is not None else None

    def read() -> list[str]:
        observation = ws.table("observation")
        rows = observation.filter(observation.indicator_id == indicator) if indicator else observation
        return sorted(ws.to_arrow(rows.select("period").distinct())["period"].to_pylist(), reverse=True)

    periods: list[str] = ws.cache.remember(f"web:periods:{indicator}", read)
    return periods


def _parameter_control(parameter: Parameter, state: State, language: Language) -> Control:
    asked = state.arguments.get(parameter.name)
    label, explained = parameter.label(language), parameter.help(language)
    default = "" if parameter.default is None else written(parameter.default)
    if parameter.type is bool or parameter.choices:
        if parameter.choices:
            options = [(choice, parameter.choice_label(choice, language)) for choice in parameter.choices]
        else:
            options = [("true", t("core.yes", language)), ("false", t("core.no", language))]
        choices = tuple(
            Choice("" if value == default else value, text, value == (asked or default)) for value, text in options
        )
        return Control(parameter.name, label, explained, (("", choices),))
    if parameter.type is str:
        return Control(parameter.name, label, explained, (), asked or "", default, words=True)
    step = "1" if parameter.type is int else "any"
    if parameter.maximum is not None and parameter.minimum is not None:
        if parameter.type is float:
            step = f"{(parameter.maximum - parameter.minimum) / 100:g}"
        return Control(
            parameter.name, label, explained, (), asked or default, default, parameter.minimum, step,
            maximum=parameter.maximum,
        )  # fmt: skip
    return Control(parameter.name, label, explained, (), asked or "", default, parameter.minimum, step)

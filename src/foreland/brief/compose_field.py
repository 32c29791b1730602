"""Compose the brief of a field: who speaks of it, who backs it, who can, what it pulls along, where it can break."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from foreland.brief import chains, fields, promised, rules
from foreland.brief.asked import Asked
from foreland.brief.model import Brief, Section
from foreland.brief.parts import figure, front, period
from foreland.brief.subject import country_of
from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding, Text
from foreland.core.registry import questions
from foreland.data.answer import name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

OF_THE_FIELD = {
    "coverage": "policy.coverage",
    "targets": "policy.targets",
    "promise": "policy.promise",
    "specialisation": "capability.specialisation",
    "concentration": "capability.concentration",
}
"""Asked of the field in all places."""
TOLD = ("coverage", "promise", "specialisation", "catch_up", "pull", "chokepoints")
"""Questions to name where they have no answer; without the texts of documents the others have none either."""


def compose_field(ws: Workspace, field: str) -> Brief:
    """The brief of a field.

    Parameters
    ----------
    ws
        The workspace to ask.
    field
        Id of the field.

    Raises
    ------
    DataError
        If no question can be answered for it.
    """
    found: dict[str, Finding] = {}
    missing: list[Text] = []

    def ask(short: str, question: str, *ways: dict[str, Any]) -> None:
        """Ask one way after the other, until there is an answer."""
        answers = (_ask(ws, question, **way) for way in ways if question in questions())
        finding = next((answer for answer in answers if answer is not None and len(answer)), None)
        if finding is not None:
            found[short] = finding
        elif short in TOLD and question in questions():
            missing.append(questions()[question].text)

    for short, question in OF_THE_FIELD.items():
        ask(short, question, {"field": field})
    home = _home(ws, found)
    here = {"region": home} if home else {}
    ask("definitions", "policy.definitions", {})
    ask("attention", "policy.attention", {**here, "field": field})
    ask("catch_up", "foresight.catch_up", {**here, "scheme": fields.scheme_of_technologies(field)})
    # The table of another country says more than none; the sentences name it.
    ask("pull", "chains.pull", {**here, "field": field}, {"field": field})
    if "pull" in found:
        table = found["pull"].scope
        same = {"region": chains.country_of_table(found["pull"]), "scheme": table.scheme, "source": table.source}
        ask("fields", "chains.pull", {**same, "period": table.period})
        ask("self_reliance", "chains.self_reliance", same)
    own_chains = [{**here, "source": of} for of in fields.product_chains_of(ws, field)]
    ask("chokepoints", "chains.chokepoints", *own_chains)
    if home:
        ask("dependence", "chains.dependence", *own_chains)
    asked = Asked(ws, home, name(ws, home), found, field)
    sections = [section for section in _sections(asked) if section.claims]
    if not sections:
        raise DataError("brief.error.nothing", region=name(ws, field)["en"])
    return Brief(
        subject=field,
        name=name(ws, field),
        tiles=tuple(fields.tiles(asked)),
        lead=figure(found, "promise", "quadrant") or figure(found, "coverage", "bars") or figure(found, "pull"),
        messages=front(sections, FRONT),
        sections=tuple(sections),
        findings=tuple(asked.findings.values()),
        missing=tuple(missing),
        period=period(found),
        of_field=True,
    )


def _ask(ws: Workspace, question: str, **arguments: Any) -> Finding | None:
    """The answer; None where the data have none, or the question knows nothing of the field."""
    try:
        return questions()[question](ws, **arguments)
    except (DataError, UsageError):
        return None


def _home(ws: Workspace, found: dict[str, Finding]) -> str:
    """The country of most places that the answers compare; nothing where they compare none."""
    for short in ("coverage", "promise", "specialisation"):
        if short in found:
            countries = Counter(country_of(ws, row["region_id"]) for row in found[short].rows())
            return min(countries, key=lambda country: (-countries[country], country))
    return ""


def _sections(asked: Asked) -> list[Section]:
    found = asked.found
    targets = promised.targets_of_field(asked)
    return [
        Section("field_spoken", tuple(fields.spoken(asked)), figure(found, "coverage"), found.get("coverage")),
        Section("field_targets", tuple(fields.aims(asked)), targets=targets),
        Section(
            "promise",
            (*fields.held(asked), *rules.promise(asked)),
            figure(found, "promise", "quadrant"),
            found.get("promise"),
        ),
        Section(
            "field_strengths",
            tuple(fields.strengths(asked)),
            figure(found, "specialisation", "map"),
            found.get("specialisation"),
        ),
        Section("field_leads", tuple(fields.leads(asked))),
        Section("field_pull", tuple(fields.pulled(asked)), figure(found, "pull", "sectors"), found.get("pull")),
        Section(
            "chain",
            tuple(fields.chain(asked)),
            figure(found, "chokepoints") or figure(found, "pull", "imports"),
            found.get("chokepoints"),
        ),
        Section("countermeasures", tuple(fields.countermeasures(asked))),
    ]


FRONT = {
    "field_spoken": 1,
    "field_targets": 1,
    "promise": 3,
    "field_strengths": 1,
    "field_leads": 1,
    "field_pull": 1,
    "chain": 2,
    "countermeasures": 2,
}
"""How many claims of each section stand on the front page, which is one sheet."""

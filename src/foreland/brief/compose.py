"""Compose a brief: ask the questions, then let each rule say what its finding supports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foreland.brief import advice, chains, coming, promised, rules
from foreland.brief.asked import Asked
from foreland.brief.compose_field import compose_field
from foreland.brief.model import Brief, Section
from foreland.brief.parts import figure, front, period
from foreland.brief.subject import country_of, subject_of
from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding, Text
from foreland.core.registry import questions
from foreland.data.answer import name

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

ASKED = {
    "promise": "policy.promise",
    "position": "capability.position",
    "specialisation": "capability.specialisation",
    "opportunities": "capability.opportunities",
    "growth": "capability.growth",
    "similar": "capability.similar",
    "structure": "capability.structure",
    "catch_up": "foresight.catch_up",
}
PROMISED = {
    "targets": "policy.targets",
    "instruments": "policy.instruments",
    "chain": "policy.chain",
    "definitions": "policy.definitions",
    "alignment": "policy.alignment",
    "emphasis": "policy.emphasis",
    "duplication": "policy.duplication",
    "reuse": "policy.reuse",
}
"""Questions about documents; where none is loaded, only the first is named among those without an answer."""
CHAINS = {
    "self_reliance": "chains.self_reliance",
    "linkages": "chains.linkages",
    "extraction": "chains.extraction",
    "systemic": "chains.systemic",
    "chokepoints": "chains.chokepoints",
    "dependence": "chains.dependence",
}
"""Questions about chains. Of those that need an input–output table only the first is named where there is none. A
country's table stands in for those of its provinces, which see product chains as their country does."""
SUPPLIERS = {"extraction": {"loss": "forward"}}
"""What breaks a chain is a supplier that is gone; a customer that is gone, such as building, leaves it whole."""
OF_THE_NEWEST = ("instruments", "chain")
"""Questions that would otherwise add up all years of a place; the others choose the years themselves."""


def compose(ws: Workspace, subject: str) -> Brief:
    """The brief of a place or a field, remembered until some source changes.

    Parameters
    ----------
    ws
        The workspace to ask.
    subject
        Id or name of the place or the field.

    Raises
    ------
    UsageError
        If the workspace does not know it.
    DataError
        If no question can be answered for it.
    """
    if not subject:
        # No place at all would be read as all places.
        raise UsageError("data.error.unknown_region", name=subject, near="")
    identifier, of_field = subject_of(ws, subject)
    made = compose_field if of_field else _compose
    brief: Brief = ws.cache.remember(("brief", identifier), lambda: made(ws, identifier))
    return brief


def _compose(ws: Workspace, region: str) -> Brief:
    found: dict[str, Finding] = {}
    missing: list[Text] = []
    newest = _newest(ws, region)
    for short, question in {**ASKED, **PROMISED}.items():
        if question not in questions():
            continue
        finding = _ask(ws, question, region, **(newest if short in OF_THE_NEWEST else {}))
        if finding is None and (short in ASKED or _told(short, found)):
            missing.append(questions()[question].text)
        elif finding is not None and len(finding):
            found[short] = finding
    found |= _of_chains(ws, region, missing)
    if all(short in CHAINS and chains.country_of_table(finding) != region for short, finding in found.items()):
        # The table of its country alone says nothing of a place; nor would its foresight.
        raise DataError("brief.error.nothing", region=region)
    found |= coming.ask(ws, region)
    asked = Asked(ws, region, name(ws, region), found)
    sections = [section for section in _sections(asked) if section.claims]
    return Brief(
        subject=region,
        name=asked.place,
        tiles=tuple(rules.tiles(asked)),
        lead=figure(found, "promise") or figure(found, "catch_up", "ratio") or figure(found, "specialisation"),
        messages=front(sections, FRONT),
        sections=tuple(sections),
        findings=tuple(asked.findings.values()),
        missing=tuple(missing),
        period=period(found),
    )


def _of_chains(ws: Workspace, region: str, missing: list[Text]) -> dict[str, Finding]:
    """What is found about chains, all of it from the one table."""
    found: dict[str, Finding] = {}
    for short, question in CHAINS.items():
        if question not in questions():
            continue
        same: dict[str, str] = {}
        if "self_reliance" in found:
            scope = found["self_reliance"].scope
            same = {
                "scheme": scope.scheme or "",
                "source": scope.source or "",
                "period": (scope.period_range or ("",))[-1],
            }
        if short in ("chokepoints", "dependence"):
            finding = _ask(ws, question, country_of(ws, region))
        else:
            finding = _ask(ws, question, region, **same, **SUPPLIERS.get(short, {}))
        if finding is not None and len(finding):
            found[short] = finding
        elif short in ("self_reliance", "chokepoints"):
            missing.append(questions()[question].text)
    return found


def _newest(ws: Workspace, region: str) -> dict[str, str]:
    """The year of the newest policy document of a place, as an argument; nothing where all are of one year."""
    table = ws.table("document")
    rows = table.filter((table.region_id == region) & (table.kind == "policy") & table.date.notnull())
    years = {row["date"][:4] for row in ws.to_arrow(rows.select("date")).to_pylist()}
    return {"period": max(years)} if len(years) > 1 else {}


def _ask(ws: Workspace, question: str, region: str, **arguments: str) -> Finding | None:
    """The answer about a place; None where the data have none.

    Raises
    ------
    UsageError
        If the workspace does not know the place.
    """
    try:
        return questions()[question](ws, region=region, **arguments)
    except DataError:
        return None
    except UsageError as error:
        # A question about provinces has nothing to say of a country; an unknown place is an error.
        if error.key == "data.error.unknown_region":
            raise
        return None


def _told(short: str, found: dict[str, Finding]) -> bool:
    """Whether a question about documents is worth naming among those without an answer: what was promised, where what
    is spoken of is known, and how a place below the centre stands to the centre, where its targets are."""
    if short == "alignment":
        return "targets" in found and found["targets"].scope.level not in ("central", "foreign")
    return short == "targets" and "promise" in found


def _sections(asked: Asked) -> list[Section]:
    found = asked.found
    targets = promised.targets(asked)
    return [
        Section(
            "promised",
            tuple(promised.promised(asked, targets)),
            figure(found, "instruments", "bars"),
            targets=targets,
        ),
        Section("promise", tuple(rules.promise(asked)), figure(found, "promise", "bars"), found.get("promise")),
        Section("position", tuple(rules.position(asked)), None, found.get("position"), 16),
        Section(
            "strengths",
            tuple(rules.strengths(asked)),
            figure(found, "specialisation"),
            found.get("specialisation"),
        ),
        Section(
            "opportunities",
            tuple(rules.opportunities(asked)),
            figure(found, "opportunities"),
            found.get("opportunities"),
        ),
        Section(
            "coming",
            tuple(coming.coming(asked)),
            figure(found, "emerging"),
            found.get("emerging"),
        ),
        Section("catch_up", tuple(rules.catch_up(asked)), figure(found, "catch_up"), found.get("catch_up")),
        Section(
            "chain",
            tuple(chains.chain(asked)),
            chains.bars(asked) or figure(found, "chokepoints"),
            found.get("self_reliance") or found.get("chokepoints"),
        ),
        Section("challenges", tuple(advice.challenges(asked))),
        Section("peers", tuple(advice.peers(asked)), figure(found, "similar"), found.get("similar"), 6),
        Section("countermeasures", tuple(advice.countermeasures(asked))),
    ]


FRONT = {
    "promised": 1,
    "promise": 3,
    "position": 1,
    "strengths": 1,
    "coming": 1,
    "catch_up": 1,
    "opportunities": 1,
    "chain": 1,
    "challenges": 1,
    "countermeasures": 3,
}
"""How many claims of each section stand on the front page, which is one sheet."""

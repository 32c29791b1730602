"""The rules of the brief. Each reads one finding and says what it supports; none says more.

A rule returns claims, the most important first, and nothing where the finding has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from foreland.brief.model import Cited, Claim, Source, Tile
from foreland.core.errors import ForelandError
from foreland.core.finding import Finding, Text
from foreland.core.registry import questions
from foreland.data.answer import listed, name
from foreland.data.coverage import HEADLINE

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

Row = dict[str, Any]


@dataclass
class Asked:
    """What was asked and found for one place; further questions are asked through it and remembered."""

    ws: Workspace
    region: str
    place: Text
    found: dict[str, Finding]
    findings: dict[str, Finding] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.findings = {finding.id: finding for finding in self.found.values()}

    def ask(self, question: str, **arguments: Any) -> Finding | None:
        """Ask a further question; None where the data can't say."""
        try:
            finding = questions()[question](self.ws, **arguments)
        except ForelandError:
            return None
        return self.findings.setdefault(finding.id, finding)

    def rows(self, short: str) -> Iterator[tuple[int, Row]]:
        """The rows of a finding with their positions; none where it was not found."""
        finding = self.found.get(short)
        return enumerate(finding.rows() if finding is not None else [])

    def cite(self, short: str, row: int | None, column: str = "", plain: Any = None, unit: str = "") -> Cited:
        """A value of a finding with its evidence."""
        return Cited(Source(self.found[short], row), column, plain, unit)

    def field(self, row: Row) -> Text:
        return name(self.ws, row["field_id"])


def tiles(asked: Asked, most: int = 6) -> list[Tile]:
    """Headline numbers: the indicators a reader looks for first, then the best ranks."""
    rows = list(asked.rows("position"))
    order = {indicator: i for i, indicator in enumerate(HEADLINE)}
    rows.sort(key=lambda pair: (order.get(pair[1]["indicator_id"], len(order)), pair[1]["rank"]))
    return [
        Tile(
            label=name(asked.ws, row["indicator_id"]),
            value=asked.cite("position", i, "value", unit=row["unit"]),
            note=Claim(
                "brief.tile.note" if row["growth"] is None else "brief.tile.note.growth",
                {
                    "rank": asked.cite("position", i, "rank"),
                    "of": str(row["of"]),
                    "period": row["period"],
                    "growth": asked.cite("position", i, "growth"),
                },
            ),
        )
        for i, row in rows[:most]
    ]


def promise(asked: Asked) -> Iterator[Claim]:
    """What the work report speaks of against what backs it."""
    rows = list(asked.rows("promise"))
    over = [pair for pair in rows if pair[1]["stance"] == "over_promised"]
    over.sort(key=lambda pair: (not pair[1]["clear"], -pair[1]["attention"]))
    quiet, backed = (
        sorted(
            (pair for pair in rows if pair[1]["stance"] == stance and pair[1]["clear"]),
            key=lambda pair: -pair[1]["backing"],
        )
        for stance in ("quiet_strength", "backed")
    )
    # One of each first, so that the front page shows all three sides.
    for group in zip_longest(over[:3], quiet[:2], backed[:2]):
        for pair, stance in zip(group, ("over", "quiet_strength", "backed"), strict=True):
            if pair is not None:
                i, row = pair
                yield Claim(_promise_key(stance, row), _promise_values(asked, i, row))


def _promise_key(stance: str, row: Row) -> str:
    if stance != "over":
        return f"brief.promise.{stance}"
    nothing = row["key_projects"] + row["state_key_labs"] == 0
    return "brief.promise.over" + (".nothing" if nothing else "") + ("" if row["clear"] else ".unclear")


def _promise_values(asked: Asked, i: int, row: Row) -> dict[str, Cited | Text | str]:
    return {
        "place": asked.place,
        "field": asked.field(row),
        "attention": asked.cite("promise", i, "attention"),
        "rank": asked.cite("promise", i, "attention_rank"),
        "projects": asked.cite("promise", i, "key_projects"),
        "labs": asked.cite("promise", i, "state_key_labs"),
        "national": asked.cite("promise", i, "backing_national"),
        "backing": asked.cite("promise", i, "backing"),
    }


def position(asked: Asked) -> Iterator[Claim]:
    """Where the place stands among all of its level."""
    rows = list(asked.rows("position"))
    if not rows:
        return
    top = sum(row["rank"] <= 5 for _, row in rows)
    yield Claim(
        "brief.position.top",
        {
            "place": asked.place,
            "top": asked.cite("position", None, plain=top),
            "count": str(len(rows)),
            "of": str(max(row["of"] for _, row in rows)),
        },
    )
    for i, row in rows[:3]:
        yield Claim(
            "brief.position.rank" if row["share"] is not None else "brief.position.rank.unshared",
            {
                "indicator": name(asked.ws, row["indicator_id"]),
                "value": asked.cite("position", i, "value", unit=row["unit"]),
                "rank": asked.cite("position", i, "rank"),
                "share": asked.cite("position", i, "share"),
                "period": row["period"],
            },
        )
    ahead = [(i, row) for i, row in rows if _gap(row) is not None and (_gap(row) or 0) > 0]
    for i, row in sorted(ahead, key=lambda pair: -(_gap(pair[1]) or 0))[:2]:
        yield Claim("brief.position.faster", _growth_values(asked, i, row))


def _gap(row: Row) -> float | None:
    if row["growth"] is None or row["growth_all"] is None:
        return None
    return float(row["growth"] - row["growth_all"])


def _slow(asked: Asked) -> list[tuple[int, Row]]:
    """Indicators that grow more slowly than elsewhere: those a reader looks for first, then the widest gaps."""
    slow = [(i, row) for i, row in asked.rows("position") if (_gap(row) or 0) < -0.005]
    return sorted(slow, key=lambda pair: (pair[1]["indicator_id"] not in HEADLINE, _gap(pair[1]) or 0))


def _growth_values(asked: Asked, i: int, row: Row) -> dict[str, Cited | Text | str]:
    return {
        "place": asked.place,
        "indicator": name(asked.ws, row["indicator_id"]),
        "growth": asked.cite("position", i, "growth"),
        "all": asked.cite("position", i, "growth_all"),
        "from": row["from_period"],
        "to": row["period"],
    }


def strengths(asked: Asked) -> Iterator[Claim]:
    """Fields the place is clearly strong in."""
    rows = list(asked.rows("specialisation"))
    strong = [(i, row) for i, row in rows if row["standing"] == "strength"]
    if not rows:
        return
    indicator = name(asked.ws, asked.found["specialisation"].scope.indicator)
    if not strong:
        yield Claim(
            "brief.strengths.none",
            {"place": asked.place, "of": asked.cite("specialisation", None, plain=len(rows)), "indicator": indicator},
        )
    for i, row in strong[:4]:
        yield Claim(
            "brief.strengths.field",
            {
                "field": asked.field(row),
                "indicator": indicator,
                "value": asked.cite("specialisation", i, "value"),
                "times": asked.cite("specialisation", i, "specialisation"),
                "rank": asked.cite("specialisation", i, "rank"),
            },
        )


def opportunities(asked: Asked) -> Iterator[Claim]:
    """Fields that are near and worth having."""
    for i, row in list(asked.rows("opportunities"))[:3]:
        yield Claim(
            "brief.opportunities.field",
            {
                "field": asked.field(row),
                "relatedness": asked.cite("opportunities", i, "relatedness"),
                "times": asked.cite("opportunities", i, "specialisation"),
                "score": asked.cite("opportunities", i, "score"),
            },
        )


def catch_up(asked: Asked) -> Iterator[Claim]:
    """Where the country leads, and where it nearly does."""
    rows = list(asked.rows("catch_up"))
    if not rows:
        return
    leads = [row for _, row in rows if row["stage"] == "leader"]
    rivals = [(i, row) for i, row in rows if row["stage"] == "rival"]
    yield Claim(
        "brief.catch_up.count",
        {
            "place": asked.place,
            "leads": asked.cite("catch_up", None, plain=len(leads)),
            "rivals": asked.cite("catch_up", None, plain=len(rivals)),
            "of": str(len(rows)),
        },
    )
    moved = [(i, row) for i, row in rows if row["leader_since"]]
    for i, row in sorted(moved, key=lambda pair: pair[1]["leader_since"], reverse=True)[:2]:
        yield Claim(
            "brief.catch_up.took_lead",
            {
                "field": asked.field(row),
                "since": asked.cite("catch_up", i, "leader_since"),
                "share": asked.cite("catch_up", i, "share"),
                "before": asked.cite("catch_up", i, "share_before"),
            },
        )
    for i, row in rivals[:2]:
        yield Claim(
            "brief.catch_up.rival",
            {
                "field": asked.field(row),
                "leader": name(asked.ws, row["leader_id"]),
                "ratio": asked.cite("catch_up", i, "lead_ratio"),
                "share": asked.cite("catch_up", i, "share"),
            },
        )


def challenges(asked: Asked) -> Iterator[Claim]:
    """Thin backing, slow growth, weak spots, concentration."""
    rows = [(i, row) for i, row in asked.rows("promise") if row["stance"] == "over_promised"]
    if rows:
        clear = sum(row["clear"] for _, row in rows)
        yield Claim(
            "brief.challenges.thin",
            {
                "count": asked.cite("promise", None, plain=len(rows)),
                "clear": asked.cite("promise", None, plain=clear),
                "fields": listed(asked.ws, [row["field_id"] for _, row in rows[:4]]),
            },
        )
    for i, row in _slow(asked)[:3]:
        yield Claim("brief.challenges.slower", _growth_values(asked, i, row))
    weak = [(i, row) for i, row in asked.rows("specialisation") if row["standing"] == "weakness"]
    for i, row in weak[::-1][:3]:
        yield Claim(
            "brief.challenges.weak",
            {
                "field": asked.field(row),
                "value": asked.cite("specialisation", i, "value"),
                "times": asked.cite("specialisation", i, "specialisation"),
                "indicator": name(asked.ws, asked.found["specialisation"].scope.indicator),
            },
        )
    behind = [(i, row) for i, row in asked.rows("catch_up") if row["stage"] == "follower"]
    for i, row in behind[::-1][:2]:
        yield Claim(
            "brief.challenges.follower",
            {
                "field": asked.field(row),
                "share": asked.cite("catch_up", i, "share"),
                "leader": name(asked.ws, row["leader_id"]),
                "ratio": asked.cite("catch_up", i, "lead_ratio"),
            },
        )
    here = next(((i, row) for i, row in asked.rows("structure") if row["region_id"] == asked.region), None)
    count = len(asked.found["structure"]) if "structure" in asked.found else 0
    if here and here[1]["rank"] <= max(count // 5, 1):
        yield Claim(
            "brief.challenges.concentrated",
            {
                "place": asked.place,
                "krugman": asked.cite("structure", here[0], "krugman"),
                "rank": asked.cite("structure", here[0], "rank"),
                "of": str(count),
            },
        )


def peers(asked: Asked) -> Iterator[Claim]:
    """What the places made up most alike do."""
    rows = list(asked.rows("similar"))
    own = {row["field_id"]: row for _, row in asked.rows("promise")}
    for i, row in rows[:3]:
        other = name(asked.ws, row["region_id"])
        yield Claim(
            "brief.peers.similar",
            {
                "other": other,
                "similarity": asked.cite("similar", i, "similarity"),
                "shared": asked.cite("similar", i, "shared_strengths"),
            },
        )
        theirs = asked.ask("policy.promise", region=row["region_id"]) if own else None
        if theirs is None:
            continue
        ahead = [
            (j, that)
            for j, that in enumerate(theirs.rows())
            if that["stance"] == "backed"
            and that["field_id"] in own
            and own[that["field_id"]]["stance"] in ("quiet", "over_promised")
        ]
        for j, that in sorted(ahead, key=lambda pair: -pair[1]["backing"])[:1]:
            source = Source(theirs, j)
            yield Claim(
                "brief.peers.backs",
                {
                    "other": other,
                    "place": asked.place,
                    "field": name(asked.ws, that["field_id"]),
                    "projects": Cited(source, "key_projects"),
                    "labs": Cited(source, "state_key_labs"),
                },
            )


def countermeasures(asked: Asked) -> Iterator[Claim]:
    """What follows: each measure rests on the finding it cites."""
    promised = list(asked.rows("promise"))
    over = [(i, row) for i, row in promised if row["stance"] == "over_promised"]
    over.sort(key=lambda pair: (not pair[1]["clear"], -pair[1]["attention"]))
    for i, row in over[:1]:
        claim = _partners(asked, i, row)
        if claim is not None:
            yield claim
    quiet = [(i, row) for i, row in promised if row["stance"] == "quiet_strength" and row["clear"]]
    for i, row in sorted(quiet, key=lambda pair: -pair[1]["backing"])[:1]:
        yield Claim(
            "brief.measures.speak",
            {
                "field": asked.field(row),
                "backing": asked.cite("promise", i, "backing"),
                "attention": asked.cite("promise", i, "attention"),
            },
        )
    for i, row in list(asked.rows("opportunities"))[:1]:
        yield Claim(
            "brief.measures.enter",
            {
                "field": asked.field(row),
                "score": asked.cite("opportunities", i, "score"),
                "times": asked.cite("opportunities", i, "specialisation"),
            },
        )
    for i, row in _slow(asked)[:1]:
        yield Claim("brief.measures.pace", _growth_values(asked, i, row))
    strong = [(i, row) for i, row in asked.rows("specialisation") if row["standing"] == "strength"]
    for i, row in strong[:1]:
        yield Claim(
            "brief.measures.build_on",
            {"field": asked.field(row), "times": asked.cite("specialisation", i, "specialisation")},
        )
    rivals = [(i, row) for i, row in asked.rows("catch_up") if row["stage"] == "rival"]
    for i, row in rivals[:1]:
        yield Claim(
            "brief.measures.close_gap",
            {
                "field": asked.field(row),
                "leader": name(asked.ws, row["leader_id"]),
                "ratio": asked.cite("catch_up", i, "lead_ratio"),
            },
        )


def _partners(asked: Asked, i: int, row: Row) -> Claim | None:
    """Who has most of what the place promises: partners to seek before promising more."""
    national = asked.ask("policy.promise", field=row["field_id"])
    if national is None:
        return None
    weight: Callable[[Row], tuple[float, str]] = lambda r: (-(r["key_projects"] + r["state_key_labs"]), r["region_id"])  # noqa: E731
    rows = [(j, other) for j, other in enumerate(national.rows()) if other["region_id"] != asked.region]
    best = sorted(rows, key=lambda pair: weight(pair[1]))[:2]
    if len(best) < 2 or weight(best[0][1])[0] == 0:
        return None
    return Claim(
        "brief.measures.partner",
        {
            "field": asked.field(row),
            "own": asked.cite("promise", i, plain=row["key_projects"] + row["state_key_labs"]),
            "a": name(asked.ws, best[0][1]["region_id"]),
            "a_count": Cited(
                Source(national, best[0][0]), plain=best[0][1]["key_projects"] + best[0][1]["state_key_labs"]
            ),
            "b": name(asked.ws, best[1][1]["region_id"]),
            "b_count": Cited(
                Source(national, best[1][0]), plain=best[1][1]["key_projects"] + best[1][1]["state_key_labs"]
            ),
        },
    )

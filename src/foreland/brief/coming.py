"""What is coming, and what of it the place can do.

As in :mod:`foreland.brief.rules`, each claim rests on the finding it cites. A place without figures by field gets the
fields that emerge in its country, and the sentence says so; what drives fields is told of the place itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from foreland.brief.asked import Asked, Row
from foreland.brief.model import Cited, Claim
from foreland.brief.subject import country_of
from foreland.core.errors import DataError, UsageError
from foreland.core.finding import Finding, Text
from foreland.core.registry import questions
from foreland.data.answer import name, within

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

QUESTIONS = {
    "emerging": "foresight.emerging",
    "drivers": "foresight.drivers",
    "directions": "foresight.directions",
    "scorecard": "foresight.scorecard",
}
NAMED = 3
"""Fields of one sentence."""
STRONG = 1.0
"""Quotient from which the place does more in a field than others do."""
PARTS = ("part_momentum", "part_growth", "part_attention", "part_experts")
"""What a direction is weighed by."""
GAP = 20.0
"""Points by which one driver has to be ahead of another to be spoken of without it."""
HORIZON = 3
"""Years after which a call is looked at."""


def ask(ws: Workspace, region: str) -> dict[str, Finding]:
    """What is found about what is coming: for the place, else for its country."""
    found: dict[str, Finding] = {}
    country = country_of(ws, region)
    for short, question in QUESTIONS.items():
        ways: list[dict[str, Any]] = [{"region": region}]
        if short == "emerging" and country != region:
            ways.append({"region": country})
        if short == "scorecard":
            ways = [_same(found["emerging"])] if "emerging" in found else []
        for way in ways if question in questions() else ():
            try:
                finding = questions()[question](ws, **way)
            except (DataError, UsageError):
                continue
            if len(finding):
                found[short] = finding
                break
    return found


def _same(finding: Finding) -> dict[str, str | None]:
    """The same figures, so that the record is that of the calls beside it."""
    scope = finding.scope
    return {"scheme": scope.scheme, "indicator": scope.indicator, "source": scope.source}


def coming(asked: Asked) -> Iterator[Claim]:
    """What emerges and who can, what drives it, and how often such calls came true."""
    yield from _emerging(asked)
    yield from _can(asked)
    yield from _directions(asked)
    yield from _drivers(asked)
    yield from _record(asked)


def _emerging(asked: Asked) -> Iterator[Claim]:
    rows = [(i, row) for i, row in asked.rows("emerging") if row["course"] == "emerging"]
    if not rows:
        return
    finding = asked.found["emerging"]
    (i, first), *others = rows[:NAMED]
    yield Claim(
        "brief.coming.emerging" if others else "brief.coming.emerging.one",
        {
            "country": name(asked.ws, finding.scope.focus),
            "indicator": within(asked.ws, finding.scope.indicator),
            "field": asked.field(first),
            "excess": asked.cite("emerging", i, "excess"),
            "low": asked.cite("emerging", i, "excess_low"),
            "high": asked.cite("emerging", i, "excess_high"),
            "others": _listed([asked.field(row) for _, row in others]),
            "count": asked.cite("emerging", None, plain=len(rows)),
            "of": str(len(finding)),
        },
    )


def _can(asked: Asked) -> Iterator[Claim]:
    """Of the fields that emerge, those the place is already strong in, and the one it lacks most."""
    emerging, strong = asked.found.get("emerging"), asked.found.get("specialisation")
    if emerging is None or strong is None or emerging.scope.scheme != strong.scope.scheme:
        return
    quotient = {row["field_id"]: (i, row) for i, row in asked.rows("specialisation")}
    both = [
        (row, *quotient[row["field_id"]])
        for _, row in asked.rows("emerging")
        if row["course"] == "emerging" and row["field_id"] in quotient
    ]
    told = [(row, i, other) for row, i, other in both if other["specialisation"] is not None]
    has = [item for item in told if item[2]["specialisation"] >= STRONG]
    lacks = [item for item in told if item[2]["specialisation"] < STRONG]
    for key, items in (("can", has), ("cannot", lacks)):
        for row, i, _ in items[:1]:
            yield Claim(
                f"brief.coming.{key}" if len(told) > 1 else f"brief.coming.{key}.one",
                {
                    "place": asked.place,
                    "count": asked.cite("emerging", None, plain=len(items)),
                    "of": str(len(told)),
                    "field": asked.field(row),
                    "times": asked.cite("specialisation", i, "specialisation"),
                },
            )


def _directions(asked: Asked) -> Iterator[Claim]:
    """The first directions, with the ranks they keep under other weights."""
    rows = list(asked.rows("directions"))[:NAMED]
    if len(rows) < NAMED or rows[0][1]["rank"] is None or sum(rows[0][1][part] is not None for part in PARTS) < 2:
        return  # one kind of evidence alone weighs nothing against anything
    values: dict[str, Cited | Text | str] = {"chance": asked.cite("directions", rows[0][0], "top_chance")}
    for letter, (i, row) in zip("abc", rows, strict=True):
        values |= {
            letter: asked.field(row),
            f"{letter}_low": asked.cite("directions", i, "rank_low"),
            f"{letter}_high": asked.cite("directions", i, "rank_high"),
        }
    yield Claim("brief.coming.directions", values)


def _drivers(asked: Asked) -> Iterator[Claim]:
    """A field that technology and policy drive alike, one that policy drives far more, and one that technology does."""
    rows = [(i, row) for i, row in asked.rows("drivers") if None not in (row["technology"], row["policy"])]
    for key, fits in (
        ("driven", lambda row: row["driver_type"] in ("balanced", "technology_policy")),
        ("policy", lambda row: row["driver_type"] == "policy" and row["policy"] - row["technology"] >= GAP),
        ("technology", lambda row: row["driver_type"] == "technology" and row["technology"] - row["policy"] >= GAP),
    ):
        for i, row in [pair for pair in rows if fits(pair[1])][:1]:
            yield Claim(f"brief.coming.{key}", _indices(asked, i, row))


def _indices(asked: Asked, i: int, row: Row) -> dict[str, Cited | Text | str]:
    return {
        "field": asked.field(row),
        "technology": asked.cite("drivers", i, "technology"),
        "policy": asked.cite("drivers", i, "policy"),
    }


def _record(asked: Asked) -> Iterator[Claim]:
    """How often calls of the kind came true."""
    for i, row in asked.rows("scorecard"):
        if row["makes_calls"] and row["horizon"] == HORIZON:
            yield Claim(
                "brief.coming.record",
                {
                    "called": asked.cite("scorecard", i, "called"),
                    "years": str(HORIZON),
                    "precision": asked.cite("scorecard", i, "precision"),
                    "low": asked.cite("scorecard", i, "precision_low"),
                    "high": asked.cite("scorecard", i, "precision_high"),
                    "base": asked.cite("scorecard", i, "base_rate"),
                },
            )


def _listed(texts: list[Text]) -> Text:
    return {"en": " and ".join(text["en"] for text in texts), "zh": "、".join(text["zh"] for text in texts)}

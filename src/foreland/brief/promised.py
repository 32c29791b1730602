"""What a place promised: its targets with their passages, its instruments, and how both stand to those of others.

As in :mod:`foreland.brief.rules`, each claim rests on the finding it cites; where no document is loaded, none is made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from foreland.brief.asked import Asked, Row
from foreland.brief.model import Cited, Claim, Source, Target, Targets
from foreland.brief.passages import Quote, quotes
from foreland.core.finding import Text, of_documents
from foreland.data.answer import listed, name
from foreland.data.reading.stages import SIDES
from foreland.i18n import LANGUAGES, t

if TYPE_CHECKING:
    from foreland.data.taxonomy.tagger import Tagger

SCHEME = "iotf"

HEADLINES = (
    "gdp_growth", "rd_intensity", "rd_spending_growth", "rd_spending_growth_average", "gdp_growth_average",
    "high_tech_value_added_growth", "industrial_value_added_growth", "emerging_value_added_share",
    "digital_core_value_added_share", "technology_contracts", "enterprises_high_tech", "enterprises_high_tech_new",
    "fiscal_revenue_growth", "investment_growth", "retail_growth", "trade_growth", "urban_jobs", "unemployment",
)  # fmt: skip
"""Measures of no one field that a reader looks for, the first first."""
VAGUE = ("output_value", "revenue", "industry_size", "value_added", "fund_size", "exports_growth_product",
         "output_units_growth")  # fmt: skip
"""Measures that say nothing without what they are of."""
FUTURE = f"{SCHEME}:future_industry_generic"
SPOKEN = {"≥": "least", "≤": "most", "≈": "about"}
MOST = 12
"""Targets in the table."""
OF_FIELDS = 6
"""Of these, most about fields of the future."""
OF_A_FIELD = 2
FASHION = 3.0
"""Two layouts stand together beyond the popularity of fields from so many standard deviations on, as a place has some
thirty pairs: by chance one in 700 does."""


def targets(asked: Asked) -> Targets:
    """The targets that matter: those about fields of the future first, then the headline measures."""
    sound = _sound(asked)
    fields = _first_of_each(_of_fields(sound), "field_id", OF_FIELDS)
    return _shown(asked, [*fields, *_headlines(sound)[: MOST - len(fields)]], "field_id")


def targets_of_field(asked: Asked) -> Targets:
    """The targets that places have for one field."""
    return _shown(asked, _first_of_each(_of_fields(_sound(asked)), "region_id", MOST), "region_id")


def _sound(asked: Asked) -> list[tuple[int, Row]]:
    return [(i, row) for i, row in standing(asked) if row["doubt"] is None and row["unit"] != "other"]


def _shown(asked: Asked, chosen: list[tuple[int, Row]], heading: str) -> Targets:
    """Targets with their passages, each under the field or the place it is of."""
    rows = standing(asked)
    found = quotes(asked.ws, [row["passage_id"] for _, row in chosen])
    return Targets(
        tuple(_target(asked, i, heading, found.get(row["passage_id"], Quote())) for i, row in chosen),
        standing=len(rows),
        doubtful=sum(row["doubt"] is not None for _, row in rows),
    )


def standing(asked: Asked) -> list[tuple[int, Row]]:
    """Targets that were not due before the newest document was issued; those without a year only from that year."""
    rows = list(asked.rows("targets"))
    years = _years(asked, [row["passage_id"] for _, row in rows])
    if not years:
        return []
    newest = max(years.values())
    return [(i, row) for i, row in rows if (row["year"] or years.get(row["passage_id"], newest)) >= newest]


def _years(asked: Asked, passages: list[str]) -> dict[str, int]:
    """Year of the document of each passage."""
    table = of_documents(asked.ws, "passage")
    found: dict[str, int] = {}
    for first in range(0, len(passages), 900):
        some = table.filter(table.passage_id.isin(passages[first : first + 900]))
        for row in asked.ws.to_arrow(some.select("passage_id", "document_year")).to_pylist():
            if row["document_year"] is not None:
                found[row["passage_id"]] = row["document_year"]
    return found


def _of_fields(rows: list[tuple[int, Row]]) -> list[tuple[int, Row]]:
    about = [(i, row) for i, row in rows if row["field_id"] and (row["measure_id"] or _names_it(row))]
    # What has a measure is known for what it is; sizes and shares say more than numbers of things.
    about.sort(
        key=lambda pair: (
            not pair[1]["measure_id"] and pair[1]["field_id"] != FUTURE,
            pair[1]["unit"] == "count",
            pair[1]["rank"] is None,
            pair[0],
        )
    )
    return about


def _first_of_each(rows: list[tuple[int, Row]], column: str, most: int) -> list[tuple[int, Row]]:
    """The first rows of each field or place, side by side."""
    held: Counter[str] = Counter()
    chosen = []
    for i, row in rows:
        held[row[column]] += 1
        if held[row[column]] <= OF_A_FIELD:
            chosen.append((i, row))
    chosen = chosen[:most]
    order = list(dict.fromkeys(row[column] for _, row in chosen))
    return sorted(chosen, key=lambda pair: order.index(pair[1][column]))


def _names_it(row: Row) -> bool:
    """Whether the words that name the figure speak of the field itself, not of it among others or only around them."""
    words = row["indicator"] or ""
    own = [found for found in _tagger().tag(words) if found.field_id == row["field_id"]]
    return bool(own) and not re.search("[、等]", words[own[-1].end :])


@cache
def _tagger() -> Tagger:
    from foreland.data.taxonomy.tagger import Tagger

    return Tagger(SCHEME)


def _headlines(rows: list[tuple[int, Row]]) -> list[tuple[int, Row]]:
    """The first of each headline measure for each year."""
    first: dict[tuple[str, Any], tuple[int, Row]] = {}
    for i, row in rows:
        if row["measure_id"] in HEADLINES and row["field_id"] is None:
            first.setdefault((row["measure_id"], row["year"]), (i, row))
    return sorted(
        first.values(), key=lambda pair: (HEADLINES.index(pair[1]["measure_id"]), pair[1]["year"] or 9999, pair[0])
    )


def _target(asked: Asked, i: int, heading: str, quote: Quote) -> Target:
    row = asked.found["targets"].rows()[i]
    measure = row["measure_id"]
    vague = measure is None or (measure.startswith(VAGUE) and row["field_id"] is None)
    return Target(
        heading=name(asked.ws, row[heading]) if row[heading] else None,
        named=None if vague else name(asked.ws, measure),
        words=row["indicator"] or "",
        amount=_amount(asked, i, row),
        year=str(row["year"] or ""),
        rank=f"{row['rank']}/{row['of']}" if row["rank"] else "",
        quote=quote,
    )


def _amount(asked: Asked, i: int, row: Row, in_words: bool = False) -> Cited:
    """What is aimed at, with a sign that says whether it is a least or a most, or with words."""
    sign = row["comparator"] if row["comparator"] in SPOKEN else ""
    sign = f"brief.sign.{SPOKEN[sign]}" if sign and in_words else sign
    return Cited(Source(asked.found["targets"], i), "value", unit=row["unit"], sign=sign, short=True)


# Claims ---------------------------------------------------------------------------------------------


def promised(asked: Asked, shown: Targets) -> Iterator[Claim]:
    """What the place promised, by what means, and how this stands to the centre and to other places."""
    yield from _targets(asked, shown)
    yield from _instruments(asked)
    yield from _chain(asked)
    yield from _definitions(asked)
    yield from _centre(asked)
    yield from _duplication(asked)
    yield from _reuse(asked)


def _targets(asked: Asked, shown: Targets) -> Iterator[Claim]:
    rows = standing(asked)
    if not rows:
        return
    values: dict[str, Cited | Text | str] = {
        "place": asked.place,
        "count": asked.cite("targets", None, plain=len(rows)),
        "fields": asked.cite("targets", None, plain=sum(row["field_id"] is not None for _, row in rows)),
    }
    first = next(((i, row) for i, row in _headlines([pair for pair in rows if not pair[1]["doubt"]])), None)
    if first is None or first[1]["year"] is None:
        yield Claim("brief.promised.count", values)
        return
    i, row = first
    values |= {
        "measure": name(asked.ws, row["measure_id"]),
        "value": _amount(asked, i, row, True),
        "by": str(row["year"]),
    }
    if row["rank"] is None:
        yield Claim("brief.promised.count.aim", values)
        return
    values |= {"rank": asked.cite("targets", i, "rank"), "of": str(row["of"])}
    yield Claim("brief.promised.count.rank", values)


def _alone(asked: Asked, short: str) -> bool:
    """Whether no other place is there to compare with: the centre has no equals."""
    return asked.found[short].scope.level == "central"


def _instruments(asked: Asked) -> Iterator[Claim]:
    rows = list(asked.rows("instruments"))
    if not rows:
        return

    def share(column: str, side: str) -> Cited:
        whole = sum(row[column] for _, row in rows if row["side"] == side)
        return asked.cite("instruments", None, plain=f"{100 * whole:.0f}%")

    alone = _alone(asked, "instruments")
    yield Claim(
        "brief.promised.instruments.alone" if alone else "brief.promised.instruments",
        {
            "count": asked.cite("instruments", None, plain=sum(row["count"] for _, row in rows)),
            **{side: share("share", side) for side in SIDES},
            **({} if alone else {f"{side}_all": share("share_all", side) for side in SIDES}),
        },
    )
    for which, sign in (("above", -1), ("below", 1)):
        found = [(i, row) for i, row in rows if row["emphasis"] == which]
        if found:
            i, row = min(found, key=lambda pair: (sign * (pair[1]["share"] - pair[1]["share_all"]), pair[0]))
            yield Claim(
                f"brief.promised.instruments.{which}",
                {
                    "place": asked.place,
                    "instrument": name(asked.ws, row["instrument_id"]),
                    "share": asked.cite("instruments", i, "share"),
                    "all": asked.cite("instruments", i, "share_all"),
                },
            )


def _chain(asked: Asked) -> Iterator[Claim]:
    rows = list(asked.rows("chain"))
    if not rows:
        return
    covered = sum(row["cover"] == "covered" for _, row in rows)
    gaps = sorted(
        ((i, row) for i, row in rows if row["cover"] == "gap"), key=lambda pair: (-pair[1]["places"], pair[0])
    )
    values: dict[str, Cited | Text | str] = {
        "place": asked.place,
        "count": asked.cite("chain", None, plain=covered),
        "of": str(len(rows)),
    }
    if not gaps:
        yield Claim("brief.promised.chain.alone" if _alone(asked, "chain") else "brief.promised.chain", values)
        return
    i, row = gaps[0]
    values |= {"cell": _cell(row), "places": asked.cite("chain", i, "places"), "total": str(row["of"])}
    if len(gaps) == 1:
        yield Claim("brief.promised.chain.gap", values)
        return
    joint: Text = {"en": ", ", "zh": "、"}
    more = [_cell(row) for _, row in gaps[1:4]]
    cells: Text = {language: joint[language].join(cell[language] for cell in more) for language in LANGUAGES}
    yield Claim("brief.promised.chain.gaps", {**values, "cells": cells})


def _cell(row: Row) -> Text:
    """A stage of the chain in a domain of policy."""
    return {
        language: f"{t('policy.value.' + row['stage'], language)} × {t('policy.value.' + row['domain'], language)}"
        for language in LANGUAGES
    }


def _definitions(asked: Asked) -> Iterator[Claim]:
    fields = list(dict.fromkeys(row["field_id"] for _, row in asked.rows("definitions") if row["field_id"]))
    if fields:
        yield Claim(
            "brief.promised.definitions",
            {
                "place": asked.place,
                "count": asked.cite("definitions", None, plain=len(fields)),
                "fields": listed(asked.ws, fields[:8]),
            },
        )


def _centre(asked: Asked) -> Iterator[Claim]:
    own = next(((i, row) for i, row in asked.rows("alignment") if row["region_id"] == asked.region), None)
    # The centre is like itself.
    if own is None or own[1]["others"] is None:
        return
    i = own[0]
    yield Claim(
        "brief.promised.centre",
        {
            "place": asked.place,
            "similarity": asked.cite("alignment", i, "similarity"),
            "others": asked.cite("alignment", i, "others"),
            "covered": asked.cite("alignment", i, "covered"),
        },
    )
    rows = list(asked.rows("emphasis"))
    more = next(((i, row) for i, row in rows if row["change"] == "stressed"), None)
    less = next(((i, row) for i, row in rows[::-1] if row["change"] == "played_down"), None)
    values: dict[str, Cited | Text | str] = {}
    for which, pair in (("more", more), ("less", less)):
        if pair is not None:
            values |= {which: asked.field(pair[1])}
            values |= {f"{which}_ratio": asked.cite("emphasis", pair[0], "ratio")}
            end = "low" if which == "more" else "high"
            values |= {f"{which}_end": asked.cite("emphasis", pair[0], end)}
    if values:
        which = "both" if more and less else "more" if more else "less"
        yield Claim(f"brief.promised.emphasis.{which}", {"place": asked.place, **values})


def _duplication(asked: Asked) -> Iterator[Claim]:
    rows = [(i, row) for i, row in asked.rows("duplication") if row["overlap"] > 0 and row["field_id"]]
    if not rows:
        return
    i, row = rows[0]
    values: dict[str, Cited | Text | str] = {
        "place": asked.place,
        "other": name(asked.ws, row["other_id"]),
        "overlap": asked.cite("duplication", i, "overlap"),
        "expected": asked.cite("duplication", i, "expected"),
        "field": asked.field(row),
        "clear": asked.cite("duplication", None, plain=sum(bool(row["clear"]) for _, row in rows)),
        "of": str(len(asked.found["duplication"])),
    }
    yield Claim("brief.promised.duplication", values)
    popular = [(i, row) for i, row in rows if (row["z_popular"] or 0) >= FASHION]
    if not popular:
        if row["z_popular"] is None:
            return
        yield Claim(
            "brief.promised.fashion",
            {"place": asked.place, "z": asked.cite("duplication", i, "z_popular"), "other": values["other"]},
        )
        return
    i, row = max(popular, key=lambda pair: (pair[1]["z_popular"], -pair[0]))
    yield Claim(
        "brief.promised.beyond_fashion",
        {
            "place": asked.place,
            "count": asked.cite("duplication", None, plain=len(popular)),
            "other": name(asked.ws, row["other_id"]),
            "shared": asked.cite("duplication", i, "fields_shared"),
            "z": asked.cite("duplication", i, "z_popular"),
        },
    )


def _reuse(asked: Asked) -> Iterator[Claim]:
    rows = list(asked.rows("reuse"))
    if not rows:
        return
    i, row = rows[0]
    # Wording of the centre is only known, and left out, where its documents are loaded.
    known = any(step.key == "policy.step.boilerplate_centre" for step in asked.found["reuse"].provenance.steps)
    yield Claim(
        "brief.promised.reuse.centre" if known else "brief.promised.reuse",
        {
            "place": asked.place,
            "count": asked.cite("reuse", None, plain=len({row["other_id"] for _, row in rows})),
            "other": name(asked.ws, row["other_id"]),
            "passages": asked.cite("reuse", i, "passages"),
            "characters": asked.cite("reuse", i, "characters"),
        },
    )

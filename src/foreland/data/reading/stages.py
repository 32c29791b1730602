"""Place policy instruments on the whole chain: stage of innovation × domain of policy.

Chen, Feng, Kang and Yang (2023, Bulletin of the Chinese Academy of Sciences; ChinaXiv 202312.00024, section 4.1)
observe that science and technology, education, industrial, fiscal and financial policies have not been laid out over
the entire chain of technology breakthrough, transfer and application. The chain here starts with research, which
their section 5.1 names first ("from basic research to applied research and development trials"). The words of each
stage and domain and the reason for them stand in ``stages.csv``, what a type of instrument tells by itself in
``instrument_types.csv``.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from foreland.data.reading.model import INSTRUMENTS

STAGES = ("research", "breakthrough", "transfer", "application")
DOMAINS = ("science_technology", "education", "industry", "fiscal", "finance")
SIDES = ("supply", "environment", "demand")


class InstrumentType(NamedTuple):
    """A type of instrument; `side` is that of Rothwell and Zegveld (1985, Reindustrialization and Technology)."""

    type: str
    name_en: str
    name_zh: str
    side: str
    stage: str
    """The stage it serves by itself; empty where only the sentence can tell."""
    domain: str
    """The domain it belongs to by itself; empty where only the sentence can tell."""
    description_en: str
    description_zh: str


class _Axis(NamedTuple):
    axis: str
    code: str
    pattern: re.Pattern[str]


@cache
def instrument_types() -> dict[str, InstrumentType]:
    """The types of instrument by code; ValueError if the list and the contract in ``model`` differ."""
    with Path(__file__).with_name("instrument_types.csv").open(encoding="utf-8", newline="") as lines:
        found = {row["type"]: InstrumentType(**row) for row in csv.DictReader(lines)}
    if tuple(found) != INSTRUMENTS:
        raise ValueError("instrument_types.csv does not list the types of instrument in their order")
    return found


@cache
def _axes(language: str) -> tuple[_Axis, ...]:
    with Path(__file__).with_name("stages.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["lang"] == language]
    edge = r"(?<![a-z])" if language == "en" else ""
    return tuple(
        _Axis(
            row["axis"], row["code"], re.compile(edge + "(?:" + "|".join(map(re.escape, row["words"].split("|"))) + ")")
        )
        for row in rows
    )


def named(axis: str, text: str, language: str) -> list[str]:
    """Codes of the stages (`axis` "stage") or domains ("domain") that `text` names, in the order of the chain."""
    if language == "en":
        text = text.lower()
    return [entry.code for entry in _axes(language) if entry.axis == axis and entry.pattern.search(text)]


def cells(type_: str, text: str, language: str) -> list[tuple[str, str]]:
    """Cells of the whole chain that an instrument of one type serves.

    A stage that the text names counts; where it names none, the stage that the type serves by itself. The domain is
    that of the type; types without one (law, projects, coordination, opening) take the domains that the text names.

    Parameters
    ----------
    type_ : str
        Type of the instrument, one of ``INSTRUMENTS``.
    text : str
        The sentence, or a clause of it, that names the instrument.
    language : {"zh", "en"}
        Its language.

    Returns
    -------
    list of (stage, domain)
        Empty where nothing tells a stage, or nothing a domain.

    Raises
    ------
    KeyError
        For an unknown type.

    Examples
    --------
    >>> cells("platform", "建设中试平台", "zh")
    [('transfer', 'science_technology')]
    """
    known = instrument_types()[type_]
    stages = named("stage", text, language) or [known.stage]
    domains = [known.domain] if known.domain else named("domain", text, language)
    return [(stage, domain) for stage in stages if stage for domain in domains]

"""What a brief is about: a place or a field, by id or by name."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from foreland.core.errors import DidYouMean, UsageError
from foreland.data.coverage import definitions, lineage, region_levels
from foreland.data.taxonomy import fields, regions
from foreland.i18n import Language, current_language

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

SCHEME = "iotf"
"""Fields are looked for here first: a name that other schemes share stands for the industry of the future."""


def subject_of(ws: Workspace, text: str) -> tuple[str, bool]:
    """The id of a place or field, and whether it is a field.

    Parameters
    ----------
    ws
        The workspace.
    text
        Id or name, in Chinese or English. A place goes before a field of the same name; what is neither is taken for
        the id of a place, for the questions to say that they don't know it.

    Raises
    ------
    UsageError
        If it looks like the id of a field and there is no such field, or several fields have the name.
    """
    text = text.strip()
    if text in region_levels(ws):
        return text, False
    place = regions.resolve(text)
    if place in region_levels(ws):
        return str(place), False
    field = field_of(ws, text)
    return (text, False) if field is None else (field, True)


def field_of(ws: Workspace, text: str) -> str | None:
    """The id of a field given by id or name; None where nothing says that a field is meant."""
    known = known_fields(ws)
    if text in known:
        return text
    scheme = text.partition(":")[0]
    if scheme in {each.partition(":")[0] for each in known} and ":" in text:
        raise UsageError("brief.error.unknown_field", name=text, near=DidYouMean(near_fields(ws, text)))
    found = fields.resolve(text, SCHEME) if text else None
    if found is not None:
        return found
    named = sorted(each for each, names in known.items() if text.casefold() in (name.casefold() for name in names))
    if len(named) > 1:
        raise UsageError("brief.error.ambiguous_field", name=text, names=", ".join(named[:8]))
    return named[0] if named else None


def near_fields(ws: Workspace, text: str, most: int = 3) -> list[str]:
    """Fields that are called alike, as a person would be told of them."""
    scheme, _, code = text.rpartition(":")
    known = known_fields(ws)
    found = [field.id for field in fields.suggest(code, scheme if scheme in fields.schemes() else SCHEME, most)]
    found += difflib.get_close_matches(text, known, most, 0.7)
    at = 1 if current_language() == "zh" else 0
    return [f"{known[each][at]} ({each})" for each in dict.fromkeys(found) if each in known][:most]


def fields_called(ws: Workspace, text: str, language: Language) -> list[tuple[str, str]]:
    """Industries of the future whose names hold a text, as ids and names; briefs can be had of them."""
    wanted = text.casefold().strip()
    own = [(each, names) for each, names in known_fields(ws).items() if each.startswith(f"{SCHEME}:")]
    found = fields.resolve(text, SCHEME) if wanted else None
    at = 1 if language == "zh" else 0
    return [
        (each, names[at])
        for each, names in own
        if wanted and (each == found or any(wanted in called.casefold() for called in (*names, each)))
    ]


def known_fields(ws: Workspace) -> dict[str, tuple[str, str]]:
    """Field → names, of the industries of the future and of all that the workspace has rows about."""

    def read() -> dict[str, tuple[str, str]]:
        known = {field.id: (field.name_en, field.name_zh) for field in fields.fields(SCHEME).values()}
        for row in definitions(ws, "field").select(["field_id", "name_en", "name_zh"]).to_pylist():
            known.setdefault(row["field_id"], (row["name_en"] or "", row["name_zh"] or ""))
        return known

    found: dict[str, tuple[str, str]] = ws.cache.remember("brief.fields", read)
    return found


def country_of(ws: Workspace, region: str) -> str:
    """The country a place lies in; the place itself where none is known."""
    levels = region_levels(ws)
    return next((above for above in lineage(ws, region) if levels.get(above) == "country"), region)

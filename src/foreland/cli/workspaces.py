"""The workspace a command works in, and the names people type for what is in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foreland.core.address import Address
from foreland.core.errors import DataError, UsageError, WorkspaceError, did_you_mean
from foreland.i18n import current_language

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

DEFAULT = Address(Path("foreland-workspace"))

WorkspaceOption = Annotated[
    Address,
    typer.Option(
        "--workspace",
        "-w",
        envvar="FORELAND_WORKSPACE",
        parser=Address.parse,
        metavar="DIR",
        show_default=str(DEFAULT),
    ),
]

WorkspaceArgument = Annotated[
    Address,
    typer.Argument(envvar="FORELAND_WORKSPACE", parser=Address.parse, metavar="[DIR]", show_default=str(DEFAULT)),
]


def open_existing(address: Address) -> Workspace:
    """Open a workspace that must be there; the error says how to get one."""
    from foreland.data.workspace import open_workspace

    path = address.folder
    if not (path / "settings.toml").is_file() and not path.is_file() and (not path.exists() or not any(path.iterdir())):
        demo = Path("demo/workspace")
        key = "cli.error.no_workspace_but_demo" if (demo / "settings.toml").is_file() else "cli.error.no_workspace"
        raise WorkspaceError(key, path=path, demo=demo)
    return open_workspace(address, create=False)


def workspace_words(address: Address) -> tuple[str, ...]:
    """The option that names a workspace in a suggested command; none for the default."""
    return () if address == DEFAULT else ("--workspace", str(address))


def region_ids(ws: Workspace, texts: Sequence[str], level: str | None = None) -> tuple[str, ...]:
    """Region ids from ids or names, each text one place or several with commas between."""
    found: list[str] = []
    for text in texts:
        whole = _region_id(ws, text, level)
        found += [whole] if whole else [region_id(ws, part, level) for part in _parts(text)]
    return tuple(dict.fromkeys(found))


def region_id(ws: Workspace, text: str, level: str | None = None) -> str:
    """The region an id or a name stands for.

    Raises
    ------
    UsageError
        If no region or several have that name; names the nearest ones.
    DataError
        If the region is known but the workspace has nothing about it.
    """
    found = _region_id(ws, text, level)
    if found:
        return found
    from foreland.data.taxonomy import regions

    several = regions.candidates(text)
    if several:
        names = ", ".join(f"{place.id} ({place.name(current_language())})" for place in several[:8])
        raise UsageError("cli.error.ambiguous", name=text, names=names)
    own = {row["name_en"]: row["region_id"] for row in _named(ws, "region")}
    near = near_regions(text)
    near = near or [f"{name} ({own[name]})" for name in difflib.get_close_matches(text, own, 3)]
    raise UsageError("data.error.unknown_region", name=text, near=did_you_mean(near))


def near_regions(text: str) -> list[str]:
    """Places of the gazetteer that are called alike, as a person would be told of them."""
    from foreland.data.taxonomy import regions

    return [f"{place.short(current_language())} ({place.id})" for place in regions.suggest(text)]


def _region_id(ws: Workspace, text: str, level: str | None) -> str | None:
    from foreland.data.coverage import region_levels
    from foreland.data.taxonomy import regions

    text = text.strip()
    levels = region_levels(ws)
    if text in levels:
        return text
    for row in _named(ws, "region"):
        if text in (row["name_en"], row["name_zh"], row["region_id"].removeprefix("own:")):
            return str(row["region_id"])
    hint = level if level in regions.LEVELS else None
    found = regions.resolve(text, level=hint) if text else None
    if found and found not in levels:
        place = regions.regions()[found].name(current_language())
        raise DataError("cli.error.region_without_data", place=place, id=found, workspace=ws.path)
    return found


def field_ids(ws: Workspace, texts: Sequence[str], scheme: str | None = None) -> tuple[str, ...]:
    """Field ids from ids, codes or names, each text one field or several with commas between."""
    found: list[str] = []
    for text in texts:
        whole = _field_matches(ws, text, scheme)
        found += [_only(text, whole)] if whole else [_field_id(ws, part, scheme) for part in _parts(text)]
    return tuple(dict.fromkeys(found))


def _field_id(ws: Workspace, text: str, scheme: str | None) -> str:
    matches = _field_matches(ws, text, scheme)
    if matches:
        return _only(text, matches)
    known = [row for row in _named(ws, "field") if scheme in (None, row["scheme"])]
    name = "name_zh" if current_language() == "zh" else "name_en"
    by_name = {str(row[n]).casefold(): row for row in known for n in ("name_en", "name_zh", "field_id")}
    near = difflib.get_close_matches(text.casefold(), by_name, 6, 0.5)
    near += [key for key in by_name if text.casefold() in key and key not in near]
    shown = dict.fromkeys(f"{by_name[key][name]} ({by_name[key]['field_id']})" for key in near)
    raise UsageError("cli.error.unknown_field", name=text, near=did_you_mean(list(shown)[:3]))


def _field_matches(ws: Workspace, text: str, scheme: str | None) -> list[str]:
    from foreland.data.taxonomy import fields

    text = text.strip()
    known = {str(row["field_id"]): row for row in _named(ws, "field")}
    if text in known:
        return [text]
    folded = text.casefold()
    found = {
        field_id
        for field_id, row in known.items()
        if scheme in (None, row["scheme"])
        and folded in (row["name_en"].casefold(), row["name_zh"].casefold(), row["code"].casefold())
    }
    schemes = [scheme] if scheme else sorted({row["scheme"] for row in known.values()})
    for each in schemes:
        if each in fields.schemes() and (match := fields.resolve(text, each)) in known:
            found.add(str(match))
    return sorted(found)


def indicator_id(ws: Workspace, text: str) -> str:
    """The indicator an id or a name stands for; what is not known is left for the question to report."""
    folded = text.strip().casefold()
    for row in _named(ws, "indicator"):
        if folded in (row["name_en"].casefold(), row["name_zh"].casefold()):
            return str(row["indicator_id"])
    return text


def _only(text: str, matches: Sequence[str]) -> str:
    if len(matches) > 1:
        raise UsageError("cli.error.ambiguous", name=text, names=", ".join(matches))
    return matches[0]


def _parts(text: str) -> Iterable[str]:
    return [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]


def _named(ws: Workspace, table: str) -> list[dict[str, str]]:
    """Ids and names of a table of definitions."""
    from foreland.data.coverage import definitions

    def read() -> list[dict[str, str]]:
        extra = {"field": ["scheme", "code"]}.get(table, [])
        rows: list[dict[str, str]] = (
            definitions(ws, table).select([f"{table}_id", "name_en", "name_zh", *extra]).to_pylist()
        )
        return rows

    found: list[dict[str, str]] = ws.cache.remember(f"cli:{table}", read)
    return found

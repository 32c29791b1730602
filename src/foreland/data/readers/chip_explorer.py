"""Supply chain of advanced semiconductors (CSET Emerging Technology Observatory, Supply Chain Explorer).

A folder of five tables: ``inputs`` (products, tools, materials and steps), ``stages``, ``sequence`` (what goes into
what and what is a type of what), ``providers`` (countries and organisations) and ``provision`` (who supplies what, with
the share of the world market in per cent, blank for minor ones).

Countries come as ISO 3166 codes of three letters. What is supplied by "Various countries" or "Various companies" has no
supplier that could be named: it stays unattributed. A share of a product that is blank stands for a supplier that is
known and whose share is not; by the technical notes of the source that is 2 % or less where other shares are given.
The sequence has no year; its edges stand in the last year of the shares.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreland.core.errors import DataError, Where
from foreland.data.chains.cycles import cycles
from foreland.data.chains.edge_cells import REST, ROUNDING, Row, Sheet, near_names, place, shares, sheet_of
from foreland.data.chains.edge_list import cycle_note, period_of, some
from foreland.data.chains.package import ChainPackage, hashed
from foreland.data.mapping import SourceInfo
from foreland.data.package import Note, missing_column
from foreland.data.taxonomy import regions

if TYPE_CHECKING:
    from foreland.data.readers import Stage

NAME = "chip_explorer"
SCHEME = "chips"
VERSION = "1"
"""Part of the hash: raised when the same files come to be read into other rows."""

TABLES: dict[str, dict[str, str]] = {
    "inputs": {"product": "input_id", "name": "input_name", "stage": "stage_id"},
    "sequence": {"from": "input_id", "to": "goes_into_id", "type_of": "is_type_of_id"},
    "providers": {"provider": "provider_id", "name": "provider_name", "alias": "alias", "type": "provider_type",
                  "country": "country"},
    "provision": {"provider": "provider_id", "product": "provided_id", "share": "share_provided", "period": "year"},
    "stages": {"stage": "stage_id", "name": "stage_name"},
}  # fmt: skip
"""Table → role → column."""

SOURCE = SourceInfo(
    source_id=NAME,
    title_en="Supply chain of advanced semiconductors",
    title_zh="先进半导体供应链",
    publisher="Emerging Technology Observatory, Center for Security and Emerging Technology, Georgetown University",
    licence="CC BY-NC 4.0",
    url="https://eto.tech/dataset-docs/chipexplorer",
    note_en="Not for commercial use. A blank share is a supplier of known name and unknown, mostly negligible share.",
    note_zh="不得用于商业用途。份额为空表示供应方已知而份额未知，多数可忽略不计。",
)


def detect(path: Path) -> bool:
    """A folder with the five tables."""
    return path.is_dir() and all((path / f"{name}.csv").is_file() for name in TABLES)


def read(path: Path, stage: Stage) -> ChainPackage:
    """Read the five tables.

    Raises
    ------
    DataError
        If a table or column is missing, or an id that a table uses stands in no other.
    """
    sheets = {}
    for name, columns in TABLES.items():
        if not (path / f"{name}.csv").is_file():
            raise DataError("data.error.layout_mismatch", where=Where(path), layout=NAME, missing=f"{name}.csv")
        raw = stage(path / f"{name}.csv")
        for role, column in columns.items():
            if column not in raw.headers:
                raise missing_column(raw, role, column)
        sheets[name] = sheet_of(raw, {role: raw.headers.index(column) for role, column in columns.items()}, ".")
    content = hashed(VERSION, *(sheet.raw.content_hash for sheet in sheets.values()))
    share, _ = shares(sheets["provision"], "share", "%")
    years = [period_of(sheets["provision"], row) for row in sheets["provision"].rows]
    links, notes = _links(sheets, max(years, default=""))
    fields = _fields(sheets, links)
    actors = _actors(sheets["providers"])
    supply, observations, further = _supply(sheets, share, {row["field_id"] for row in fields})
    tables = {"field": fields, "actor": actors, "link": links + supply, "observation": observations}
    return ChainPackage(SOURCE, tables, content, (*notes, *further))


def _id(code: str) -> str:
    return f"{SCHEME}:{code}"


def _links(sheets: dict[str, Sheet], period: str) -> tuple[list[dict[str, Any]], list[Note]]:
    known = [row["product"] for row in sheets["inputs"].rows]
    there = set(known)
    sheet = sheets["sequence"]
    links: list[dict[str, Any]] = []
    for row in sheet.rows:
        for role, kind in (("to", "input"), ("type_of", "type_of")):
            if not row[role]:
                continue
            for end in ("from", role):
                if row[end] not in there:
                    raise _unknown(sheet, row, end, known)
            if row["from"] == row[role]:
                raise DataError("data.error.edge_loop", where=sheet.where(row.line, role), name=row[role])
            links.append(
                {"from_id": _id(row["from"]), "to_id": _id(row[role]), "kind": kind, "period": period, "line": row.line}
            )
    notes: list[Note] = [("data.note.edges_undated", {"period": period})]
    if found := cycles((link["from_id"], link["to_id"]) for link in links if link["kind"] == "input"):
        notes.append(cycle_note(found))
    return links, notes


def _unknown(sheet: Sheet, row: Row, role: str, known: list[str]) -> DataError:
    return DataError(
        "data.error.product_in_no_edge",
        where=sheet.where(row.line, role),
        name=row[role],
        suggestions=near_names(row[role], known),
    )


def _fields(sheets: dict[str, Sheet], links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Products below what they are a type of, else below the stage of the first steps they go into."""
    own = {_id(row["product"]): _id(row["stage"]) for row in sheets["inputs"].rows if row["stage"]}
    type_of: dict[str, list[str]] = defaultdict(list)
    into: dict[str, list[str]] = defaultdict(list)
    for link in links:
        (type_of if link["kind"] == "type_of" else into)[link["from_id"]].append(link["to_id"])

    def stages(product: str, seen: frozenset[str]) -> set[str]:
        if product in own:
            return {own[product]}
        return {
            stage
            for step in (*into[product], *type_of[product])
            if step not in seen
            for stage in stages(step, seen | {product})
        }

    rows = [_field(row["stage"], row["name"], None) for row in sheets["stages"].rows]
    for row in sheets["inputs"].rows:
        product = _id(row["product"])
        of_stage = sorted(stages(product, frozenset()))
        parents = sorted(type_of[product]) or (of_stage if len(of_stage) == 1 else [])
        rows.append(_field(row["product"], row["name"], parents[0] if parents else None))
    return rows


def _field(code: str, name: str, parent: str | None) -> dict[str, Any]:
    return {
        "field_id": _id(code), "scheme": SCHEME, "code": code, "name_en": name, "name_zh": name, "parent_id": parent
    }  # fmt: skip


def _actors(sheet: Sheet) -> list[dict[str, Any]]:
    countries = {row["name"]: row for row in sheet.rows if row["type"] == "country"}
    actors: dict[str, dict[str, Any]] = {}
    for row in sheet.rows:
        if row["type"] != "organization" or REST.fullmatch(row["name"]):
            continue
        country = countries.get(row["country"])
        region = _country(sheet, country) if country else place(sheet, row, "country")
        actor = {
            "actor_id": _id(row["provider"]), "name_en": row["name"], "name_zh": row["name"], "kind": "firm",
            "region_id": region,
        }  # fmt: skip
        # An organisation has a row for each of its names; where they give several countries none is its own.
        if actors.setdefault(row["provider"], actor)["region_id"] != region:
            actors[row["provider"]]["region_id"] = None
    return list(actors.values())


def _supply(
    sheets: dict[str, Sheet], share: dict[int, float | None], fields: set[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Note]]:
    """Supply by organisations as links, by countries as figures, and what has no supplier by name."""
    providers = {row["provider"]: row for row in sheets["providers"].rows}
    sheet = sheets["provision"]
    links, observations = [], []
    total: dict[tuple[str, str, str], float] = defaultdict(float)
    rest: list[str] = []
    names = {row["product"]: row["name"] for row in sheets["inputs"].rows}
    for row in sheet.rows:
        provider = providers.get(row["provider"])
        if provider is None:
            raise DataError(
                "data.error.unknown_supplier",
                where=sheet.where(row.line, "provider"),
                name=row["provider"],
                suggestions=near_names(row["provider"], list(providers)),
            )
        product, value, period = _id(row["product"]), share[row.line], period_of(sheet, row)
        if product not in fields:
            raise _unknown(sheet, row, "product", list(names))
        reached = total[product, provider["type"], period] = total[product, provider["type"], period] + (value or 0.0)
        if reached > ROUNDING + 1e-9:
            raise DataError(
                "data.error.shares_above_one",
                where=sheet.where(row.line, "share"),
                product=names.get(row["product"], row["product"]),
                total=f"{100 * reached:.4g}",
                limit=f"{100 * ROUNDING:g}",
            )
        if REST.fullmatch(provider["name"]):
            if provider["type"] == "country":
                rest.append(names.get(row["product"], row["product"]))
        elif provider["type"] == "country":
            observations.append(
                {
                    "region_id": _country(sheets["providers"], provider),
                    "field_id": product,
                    "indicator_id": "market_share",
                    "period": period,
                    "value": value,
                    "status": "suppressed" if value is None else "observed",
                    "line": row.line,
                }
            )
        else:
            links.append(
                {
                    "from_id": _id(row["provider"]),
                    "to_id": product,
                    "kind": "supply",
                    "period": period,
                    "weight": value,
                    "unit": None if value is None else "share",
                    "line": row.line,
                }
            )
    notes: list[Note] = []
    rounded = sorted({names.get(key[0].split(":")[1], key[0]) for key, sum_ in total.items() if sum_ > 1 + 1e-6})
    if rounded:
        notes.append(
            ("data.note.shares_rounded", {"number": len(rounded), "limit": f"{100 * ROUNDING:g}", **some(rounded)})
        )
    if rest:
        notes.append(("data.note.unattributed", {"number": len(rest), **some(sorted(set(rest)))}))
    return links, observations, notes


def _country(sheet: Sheet, row: Row) -> str | None:
    """The place of a country: its code is its name, and its name the alias."""
    return regions.resolve(row["name"], level="country") or place(sheet, row, "alias" if row["alias"] else "name")

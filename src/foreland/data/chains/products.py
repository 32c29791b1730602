"""A chain of products from the tables of an edge list, with who supplies the products."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foreland.core.errors import DataError, Where
from foreland.data.chains.cycles import cycles
from foreland.data.chains.edge_cells import REST, ROUNDING, Row, Sheet, alike, near_names, place, shares
from foreland.data.chains.edge_list import UNDATED, Names, cycle_note, described, guessed, period_of, some
from foreland.data.chains.options import EdgeOptions
from foreland.data.chains.package import ChainPackage
from foreland.data.package import Note


@dataclass
class _Supply:
    """One row of a supply."""

    product: str
    share: float | None
    sheet: Sheet
    row: Row
    period: str
    supplier: str
    region: str | None


def product_chain(path: Path, sheets: list[Sheet], options: EdgeOptions) -> ChainPackage:
    """The chain of products in the tables of an edge list."""
    source, content = described(path, sheets, options)
    chain = _Chain(options, options.scheme or source.source_id)
    for sheet in sheets:
        if not (sheet.has("from", "to") or sheet.has("product")):
            raise _lacking(sheet)
        if sheet.has("product") and not any(
            map(sheet.has, ("to", "type_of", "stage", "country", "supplier", "name_en"))
        ):
            raise _lacking(sheet)
        chain.edges(sheet)
    if not chain.links:
        raise _lacking(sheets[0])
    for sheet in sheets:
        chain.attributes(sheet)
        if sheet.has("country") or sheet.has("supplier"):
            chain.supplies(sheet)
    chain.divide_amounts()
    tables = chain.tables()
    notes = [note for sheet in sheets for note in sheet.raw.notes] + [guessed(sheets, options)] + chain.notes
    if not source.licence:
        notes.append(("data.note.no_licence", {}))
    return ChainPackage(source, tables, content, tuple(notes))


def _lacking(sheet: Sheet) -> DataError:
    role = next((role for role in ("from", "to") if role not in sheet.columns), "to")
    return DataError(
        "data.error.edge_columns", where=sheet.where(), role=role, columns=", ".join(sheet.raw.headers[:40])
    )


class _Chain:
    """A product chain while it is read."""

    def __init__(self, options: EdgeOptions, scheme: str) -> None:
        self.options = options
        self.scheme = scheme
        self.name = Names()
        self.links: dict[tuple[str, str, str, str], tuple[float | None, int]] = {}
        self.stands: dict[tuple[str, str], Where] = {}
        self.said: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        self.supply: list[_Supply] = []
        self.weights_are_shares: set[str] = set()
        self.notes: list[Note] = []
        self.repeated = 0

    # Reading ------------------------------------------------------------------------------------

    def edges(self, sheet: Sheet) -> None:
        """Edges and types of one table."""
        weights: dict[int, float | None] = {}
        if sheet.has("weight"):
            read = list(sheet.numbers("weight"))
            alike(sheet, "weight", read)
            percent = any(sign for *_, sign in read) or "%" in sheet.header("weight")
            weights = {row.line: None if value is None else value / (100 if percent else 1) for row, value, _ in read}
        for row in sheet.rows:
            period = period_of(sheet, row)
            start, end = row["from"], row["to"]
            if start and end:
                self._link(sheet, row, (start, end, "input", period), weights.get(row.line))
            elif (start or end) and not row["type_of"] and not row["product"]:
                lacks = "to" if start else "from"
                raise DataError("data.error.edge_end", where=sheet.where(row.line, lacks), name=start or end)
            subject = row["product"] or start
            if row["type_of"]:
                if not subject:
                    raise DataError("data.error.edge_end", where=sheet.where(row.line, "product"), name=row["type_of"])
                self._link(sheet, row, (subject, row["type_of"], "type_of", period), None)

    def _link(self, sheet: Sheet, row: Row, edge: tuple[str, str, str, str], weight: float | None) -> None:
        start, end, kind, period = self.name(edge[0]), self.name(edge[1]), edge[2], edge[3]
        if start == end:
            raise DataError("data.error.edge_loop", where=sheet.where(row.line), name=start)
        key = (start, end, kind, period)
        before = self.links.get(key)
        if before is None:
            self.links[key] = (weight, row.line)
            if kind == "type_of":
                self.stands[start, end] = sheet.where(row.line, "type_of")
            return
        if before[0] != weight:
            raise DataError(
                "data.error.edge_twice",
                where=sheet.where(row.line),
                start=start,
                end=end,
                line=before[1],
                first="—" if before[0] is None else f"{before[0]:g}",
                second="—" if weight is None else f"{weight:g}",
            )
        if not (row["country"] or row["supplier"] or kind == "type_of"):
            self.repeated += 1

    def attributes(self, sheet: Sheet) -> None:
        """Stages and names of the products of one table."""
        for row in sheet.rows:
            subject = row["product"] or row["from"]
            for role in ("stage", "name_en", "name_zh"):
                if subject and row[role]:
                    self.said[self._in_chain(sheet, row, subject), role].setdefault(row[role], str(row.line))

    def _in_chain(self, sheet: Sheet, row: Row, product: str) -> str:
        if not self.name.known(product):
            raise DataError(
                "data.error.product_in_no_edge",
                where=sheet.where(row.line, "product" if sheet.has("product") else "from"),
                name=product,
                suggestions=near_names(product, list(self.name.spelled.values())),
            )
        return self.name(product)

    def supplies(self, sheet: Sheet) -> None:
        """Who supplies the products of one table, and how much of them."""
        share, percent = shares(sheet, "share", self.options.unit) if sheet.has("share") else ({}, False)
        if share:
            self.notes.append(
                ("data.note.shares_percent" if percent else "data.note.shares_plain", {"column": sheet.header("share")})
            )
        for row in sheet.rows:
            subject = row["product"] or row["from"]
            if not subject or not (row["country"] or row["supplier"] or share.get(row.line) is not None):
                continue
            supplier = "" if REST.fullmatch(row["supplier"]) else row["supplier"]
            self.supply.append(
                _Supply(
                    self._in_chain(sheet, row, subject),
                    share.get(row.line),
                    sheet,
                    row,
                    period_of(sheet, row),
                    supplier,
                    place(sheet, row, "country"),
                )
            )

    # Checks -------------------------------------------------------------------------------------

    def divide_amounts(self) -> None:
        """Weights into a product as shares of its inputs: amounts are divided by their sum."""
        into: dict[tuple[str, str], float] = defaultdict(float)
        for (_, end, kind, period), (weight, _) in self.links.items():
            if kind == "input" and weight is not None:
                into[end, period] += weight
        if not any(total > ROUNDING for total in into.values()):
            return
        for key, (weight, line) in self.links.items():
            if key[2] == "input" and weight is not None:
                total = into[key[1], key[3]]
                self.links[key] = (weight / total if total else None, line)
        self.notes.append(("data.note.weights_divided", {}))

    def _checked_sums(self) -> None:
        """Shares of a product must not contradict each other: by places, and by suppliers."""
        seen: dict[tuple[str, ...], int] = {}
        total: dict[tuple[str, str, str], float] = defaultdict(float)
        for item in self.supply:
            by = "supplier" if item.row["supplier"] else "country"
            text = item.supplier or item.region or ""
            if text:
                key = (item.product, item.period, by, text)
                if key in seen:
                    raise DataError(
                        "data.error.share_twice",
                        where=item.sheet.where(item.row.line, by),
                        product=item.product,
                        name=item.row[by],
                        line=seen[key],
                    )
                seen[key] = item.row.line
            total[item.product, item.period, by] += item.share or 0.0
            if (reached := total[item.product, item.period, by]) > ROUNDING + 1e-9:
                whole = sum(
                    other.share or 0.0
                    for other in self.supply
                    if (other.product, other.period) == (item.product, item.period)
                    and bool(other.row["supplier"]) == (by == "supplier")
                )
                raise DataError(
                    "data.error.shares_above_one",
                    where=item.sheet.where(item.row.line, "share"),
                    product=item.product,
                    total=f"{100 * max(whole, reached):.4g}",
                    limit=f"{100 * ROUNDING:g}",
                )
        rounded = sorted({product for (product, _, _), value in total.items() if value > 1 + 1e-6})
        if rounded:
            self.notes.append(
                ("data.note.shares_rounded", {"number": len(rounded), "limit": f"{100 * ROUNDING:g}", **some(rounded)})
            )

    def _types_end(self) -> None:
        found = cycles((start, end) for start, end, kind, _ in self.links if kind == "type_of")
        if found:
            where = next(place for edge, place in self.stands.items() if edge[:2] == tuple(found[0][:2]))
            raise DataError("data.error.type_of_itself", where=where, cycle=" → ".join(found[0]))

    # Tables -------------------------------------------------------------------------------------

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Rows of the tables, checked."""
        self._checked_sums()
        self._types_end()
        period = self._default_period()
        if found := cycles((start, end) for start, end, kind, _ in self.links if kind == "input"):
            self.notes.append(cycle_note(found))
        if self.repeated:
            self.notes.append(("data.note.edges_repeated", {"number": self.repeated}))
        links = [
            {
                "from_id": self._id(start),
                "to_id": self._id(end),
                "kind": kind,
                "period": said or period,
                "weight": weight,
                "unit": "share" if weight is not None else None,
                "line": line,
            }
            for (start, end, kind, said), (weight, line) in self.links.items()
        ]
        supply, observations, actors = self._supply(period)
        return {
            "link": links + supply,
            "observation": observations,
            "actor": actors,
            "field": self._fields(),
        }

    def _default_period(self) -> str:
        told = [item.period for item in self.supply if item.period] + [key[3] for key in self.links if key[3]]
        period = self.options.period or max(told, default="")
        everywhere = all(item.period for item in self.supply) and all(key[3] for key in self.links)
        if not period:
            self.notes.append(("data.note.undated", {"period": UNDATED}))
        elif not everywhere and not self.options.period:
            self.notes.append(("data.note.latest_period", {"period": period}))
        return period or UNDATED

    def _id(self, product: str) -> str:
        return f"{self.scheme}:{product}"

    def _one(self, product: str, role: str) -> str:
        return next(iter(self.said.get((product, role), ())), "")

    def _fields(self) -> list[dict[str, Any]]:
        parents = {self.name(start): end for start, end, kind, _ in reversed(list(self.links)) if kind == "type_of"}
        products = list(self.name.spelled.values())
        stages = {stage: f"stage:{stage}" for product in products if (stage := self._one(product, "stage"))}
        rows = [self._field(code, stage, stage, "") for stage, code in stages.items()]
        for product in products:
            stage = self._one(product, "stage")
            parent = parents.get(product) or (stages[stage] if stage else "")
            english, chinese = self._one(product, "name_en"), self._one(product, "name_zh")
            rows.append(self._field(product, english or chinese or product, chinese or english or product, parent))
        return rows

    def _field(self, code: str, english: str, chinese: str, parent: str) -> dict[str, Any]:
        return {
            "field_id": f"{self.scheme}:{code}",
            "scheme": self.scheme,
            "code": code,
            "name_en": english,
            "name_zh": chinese,
            "parent_id": f"{self.scheme}:{parent}" if parent else None,
        }

    def _supply(self, period: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
        actors: dict[str, dict[str, Any]] = {}
        links: list[dict[str, Any]] = []
        of_place: dict[tuple[str, str, str], dict[str, Any]] = {}
        summed: dict[tuple[str, str, str], list[_Supply]] = defaultdict(list)
        rest: list[_Supply] = []
        for item in self.supply:
            when = item.period or period
            if item.supplier:
                actor = actors.setdefault(item.supplier, _actor(self.scheme, item.supplier))
                actor["region_id"] = actor["region_id"] or item.region
                links.append(_supply_link(actor["actor_id"], self._id(item.product), when, item))
                if item.region:
                    summed[item.product, item.region, when].append(item)
            elif item.region and not item.row["supplier"]:
                of_place[item.product, item.region, when] = self._share(item, when, item.share, "observed")
            else:
                rest.append(item)
        told = {(product, when) for product, _, when in of_place}
        for (product, region, when), items in summed.items():
            known = [item.share for item in items if item.share is not None]
            if (product, when) not in told:
                total = sum(known) if known else None
                of_place[product, region, when] = self._share(items[0], when, total, "estimated")
        if len(of_place) > sum(not item.row["supplier"] for item in self.supply if item.region):
            self.notes.append(("data.note.places_from_suppliers", {}))
        if rest:
            self.notes.append(
                ("data.note.unattributed", {"number": len(rest), **some(sorted({item.product for item in rest}))})
            )
        return links, list(of_place.values()), list(actors.values())

    def _share(self, item: _Supply, when: str, value: float | None, status: str) -> dict[str, Any]:
        return {
            "region_id": item.region,
            "field_id": self._id(item.product),
            "indicator_id": "market_share",
            "period": when,
            "value": value,
            "status": "suppressed" if value is None else status,
            "line": item.row.line,
        }


def _actor(scheme: str, name: str) -> dict[str, Any]:
    return {"actor_id": f"{scheme}:{name}", "name_en": name, "name_zh": name, "kind": "firm", "region_id": None}


def _supply_link(actor: str, product: str, when: str, item: _Supply) -> dict[str, Any]:
    return {
        "from_id": actor,
        "to_id": product,
        "kind": "supply",
        "period": when,
        "weight": item.share,
        "unit": None if item.share is None else "share",
        "line": item.row.line,
    }

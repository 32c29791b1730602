"""A list of who sells to whom as a network of firms: one table of trades, and where there is one, one of the firms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from foreland.core.errors import DataError
from foreland.data.chains.cycles import cycles
from foreland.data.chains.edge_cells import Sheet, near_names, place
from foreland.data.chains.edge_list import UNDATED, Names, described, period_of
from foreland.data.chains.options import EdgeOptions
from foreland.data.chains.package import ChainPackage
from foreland.data.package import Note
from foreland.data.units import parse_unit, split_header


def supplier_network(path: Path, sheets: list[Sheet], options: EdgeOptions) -> ChainPackage:
    """The network of firms in the tables of an edge list.

    Firms are actors, trades are links ``trade`` from the firm that sells to the one that buys. A firm's sector is a
    link ``supply`` without weight from the firm to the field of the sector.

    Raises
    ------
    DataError
        If a column is missing, a row lacks an end, an amount is no number or below zero, a place is not known, a firm
        has two sectors, or a firm that trades is not in the table of firms.
    """
    source, content = described(path, sheets, options)
    network = _Network(options, options.scheme or source.source_id)
    trades = [sheet for sheet in sheets if sheet.has("supplier", "customer")]
    firms = [sheet for sheet in sheets if sheet.has("firm") and sheet not in trades]
    for sheet in sheets:
        if sheet not in trades and sheet not in firms:
            raise _lacking(sheet)
    if not trades:
        raise _lacking(sheets[0])
    for sheet in firms:
        network.firms(sheet)
    for sheet in trades:
        network.trades(sheet, bool(firms))
    if not network.sold:
        raise DataError("data.error.no_trades", where=trades[0].where())
    notes = [note for sheet in sheets for note in sheet.raw.notes] + network.notes
    if not source.licence:
        notes.append(("data.note.no_licence", {}))
    return ChainPackage(source, network.tables(), content, (*notes, *network.later))


def _lacking(sheet: Sheet) -> DataError:
    role = next((role for role in ("supplier", "customer") if role not in sheet.columns), "firm")
    return DataError(
        "data.error.trade_columns", where=sheet.where(), role=role, columns=", ".join(sheet.raw.headers[:40])
    )


class _Network:
    """A network of firms while it is read."""

    def __init__(self, options: EdgeOptions, scheme: str) -> None:
        self.options = options
        self.scheme = scheme
        self.name = Names()
        self.facts: dict[tuple[str, str], tuple[str, int]] = {}
        self.sold: dict[tuple[str, str, str], tuple[float | None, str | None, int]] = {}
        self.notes: list[Note] = []
        self.later: list[Note] = []
        self.loops = self.summed = 0

    def firms(self, sheet: Sheet) -> None:
        """A table of firms."""
        for row in sheet.rows:
            if not row["firm"]:
                raise DataError("data.error.edge_end", where=sheet.where(row.line, "firm"), name="")
            firm = self.name(row["firm"])
            for role in ("sector", "name_en", "name_zh"):
                self._fact(sheet, row.line, firm, role, row[role])
            self._fact(sheet, row.line, firm, "region", place(sheet, row, "region") or "")

    def trades(self, sheet: Sheet, closed: bool) -> None:
        """A table of trades; where there is a table of firms it must have all of them."""
        unit = parse_unit(self._unit(sheet)) if self._unit(sheet) else None
        factor = unit.factor if unit else 1.0
        amounts = {row.line: value for row, value, _ in sheet.numbers("amount")} if sheet.has("amount") else {}
        for row in sheet.rows:
            ends = []
            for role in ("supplier", "customer"):
                if not row[role]:
                    raise DataError(
                        "data.error.edge_end",
                        where=sheet.where(row.line, role),
                        name=row["customer" if role == "supplier" else "supplier"],
                    )
                if closed and not self.name.known(row[role]):
                    raise DataError(
                        "data.error.unknown_firm",
                        where=sheet.where(row.line, role),
                        name=row[role],
                        suggestions=near_names(row[role], list(self.name.spelled.values())),
                    )
                firm = self.name(row[role])
                ends.append(firm)
                alone = "sector" if role == "supplier" and not sheet.has("supplier_sector") else f"{role}_sector"
                self._fact(sheet, row.line, firm, "sector", row[alone], alone)
                where = "region" if role == "supplier" and not sheet.has("supplier_region") else f"{role}_region"
                self._fact(sheet, row.line, firm, "region", place(sheet, row, where) or "", where)
            if ends[0] == ends[1]:
                self.loops += 1
                continue
            key = (ends[0], ends[1], period_of(sheet, row))
            amount = amounts.get(row.line)
            before = self.sold.get(key)
            if before is not None:
                self.summed += 1
                both = (before[0] or 0.0) + (amount or 0.0) * factor
                known = before[0] is not None or amount is not None
                self.sold[key] = (both if known else None, before[1] or (unit.base if unit else None), before[2])
                continue
            self.sold[key] = (
                None if amount is None else amount * factor,
                unit.base if unit and amount is not None else None,
                row.line,
            )

    def _unit(self, sheet: Sheet) -> str:
        said = split_header(sheet.header("amount"))[1] if sheet.has("amount") else None
        return self.options.unit or said or ""

    def _fact(self, sheet: Sheet, line: int, firm: str, role: str, text: str, column: str = "") -> None:
        if not text:
            return
        before = self.facts.setdefault((firm, role), (text, line))
        if before[0] != text and role == "sector":
            raise DataError(
                "data.error.two_sectors",
                where=sheet.where(line, column or role),
                name=firm,
                first=before[0],
                second=text,
                line=before[1],
            )

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Rows of the tables."""
        period = self.options.period or max((key[2] for key in self.sold), default="") or UNDATED
        if period == UNDATED:
            self.later.append(("data.note.undated", {"period": UNDATED}))
        for number, key in ((self.loops, "data.note.loops_left_out"), (self.summed, "data.note.trades_summed")):
            if number:
                self.later.append((key, {"number": number}))
        if found := cycles((start, end) for start, end, _ in self.sold):
            self.later.append(("data.note.firms_in_cycles", {"number": len(found)}))
        sectors = {text: f"{self.scheme}:{text}" for (_, role), (text, _) in self.facts.items() if role == "sector"}
        links: list[dict[str, Any]] = [
            {
                "from_id": self._id(start),
                "to_id": self._id(end),
                "kind": "trade",
                "period": said or period,
                "weight": amount,
                "unit": unit,
                "line": line,
            }
            for (start, end, said), (amount, unit, line) in self.sold.items()
        ]
        links += [
            {
                "from_id": self._id(firm),
                "to_id": sectors[text],
                "kind": "supply",
                "period": period,
                "line": line,
            }
            for (firm, role), (text, line) in self.facts.items()
            if role == "sector"
        ]
        return {
            "link": links,
            "actor": [self._actor(firm) for firm in self.name.spelled.values()],
            "field": [
                {"field_id": code, "scheme": self.scheme, "code": text, "name_en": text, "name_zh": text}
                for text, code in sectors.items()
            ],
        }

    def _id(self, firm: str) -> str:
        return f"{self.scheme}:firm:{firm}"

    def _actor(self, firm: str) -> dict[str, Any]:
        def said(role: str) -> str:
            return self.facts.get((firm, role), ("", 0))[0]

        return {
            "actor_id": self._id(firm),
            "name_en": said("name_en") or said("name_zh") or firm,
            "name_zh": said("name_zh") or said("name_en") or firm,
            "kind": "firm",
            "region_id": said("region") or None,
        }

"""An input–output table of one place and period, and the rows of the data model that it lands as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

FINAL_USES = (
    "household_consumption",
    "government_consumption",
    "final_consumption",
    "fixed_investment",
    "inventory_change",
    "exports",
    "other_final_use",
)
"""Final uses. ``final_consumption`` is that which a table does not divide between households and government."""

VALUE_ADDED = ("compensation", "production_taxes", "depreciation", "operating_surplus")
"""Parts of value added, where a table has them."""


@dataclass(frozen=True)
class Sectors:
    """Sectors of one classification.

    Parameters
    ----------
    scheme
        The classification (``cnio42_2017``).
    codes
        Codes of the sectors.
    names
        Language → names; a language that is absent gets the other's, or the codes.
    """

    scheme: str
    codes: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the fields."""
        return tuple(f"{self.scheme}:{code}" for code in self.codes)

    def rows(self) -> list[dict[str, Any]]:
        """Rows of the table ``field``."""
        english = self.names.get("en") or self.names.get("zh") or self.codes
        chinese = self.names.get("zh") or self.names.get("en") or self.codes
        return [
            {
                "field_id": f"{self.scheme}:{code}",
                "scheme": self.scheme,
                "code": code,
                "name_en": en or zh or code,
                "name_zh": zh or en or code,
            }
            for code, en, zh in zip(self.codes, english, chinese, strict=True)
        ]


@dataclass(frozen=True)
class Flow:
    """Uses, or products made: one kind of link. ``values`` is from × to; ``lines`` of the rows in the file."""

    kind: str
    origin: Sectors
    target: Sectors
    values: NDArray[np.float64]
    lines: NDArray[np.int64]


@dataclass(frozen=True)
class Vector:
    """Values of the sectors for one indicator."""

    indicator: str
    sectors: Sectors
    values: NDArray[np.float64]
    lines: NDArray[np.int64]


@dataclass(frozen=True)
class SectorTable:
    """An input–output table of a place in a period, in units of the file.

    Parameters
    ----------
    file, region, period, unit
        Where it was read, whose it is, when, and the base unit of its values.
    factor
        Base units in one unit of the file, as multiplier and divisor.
    flows, vectors
        Uses by kind, and values by indicator (without ``io_``).
    """

    file: Path
    region: str
    period: str
    unit: str
    factor: tuple[float, float]
    flows: tuple[Flow, ...]
    vectors: tuple[Vector, ...]

    def vector(self, indicator: str, sectors: Sectors) -> NDArray[np.float64]:
        """The values of an indicator for sectors, zero where the table has none."""
        for item in self.vectors:
            if item.indicator == indicator and item.sectors is sectors:
                return item.values
        return np.zeros(len(sectors.codes))

    def has(self, indicator: str, sectors: Sectors) -> bool:
        """Whether the table has an indicator for sectors."""
        return any(item.indicator == indicator and item.sectors is sectors for item in self.vectors)

    @property
    def sectors(self) -> tuple[Sectors, ...]:
        """The classifications of its flows, each once."""
        found: list[Sectors] = []
        for flow in self.flows:
            for sectors in (flow.origin, flow.target):
                if not any(sectors is other for other in found):
                    found.append(sectors)
        return tuple(found)


def landed(tables: Iterable[SectorTable]) -> dict[str, Any]:
    """The rows of ``link``, ``observation`` and ``field`` that tables land as, without zeros."""
    import pyarrow as pa

    tables = list(tables)
    links = [_links(table, flow) for table in tables for flow in table.flows]
    observations = [_observations(table, vector) for table in tables for vector in table.vectors]
    fields: dict[str, dict[str, Any]] = {}
    for table in tables:
        for sectors in table.sectors:
            for row in sectors.rows():
                fields.setdefault(row["field_id"], row)
    return {
        "link": pa.concat_tables(links),
        "observation": pa.concat_tables(observations),
        "field": list(fields.values()),
    }


def _scaled(values: NDArray[np.float64], factor: tuple[float, float]) -> NDArray[np.float64]:
    return np.asarray(values * factor[0] / factor[1])


def _constant(text: str, count: int) -> pa.Array:
    import pyarrow as pa

    indices = pa.array(np.zeros(count, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(indices, pa.array([text])).cast(pa.string())


def _picked(ids: Sequence[str], index: NDArray[np.intp]) -> pa.Array:
    import pyarrow as pa

    return pa.array(ids, pa.string()).take(pa.array(index))


def _links(table: SectorTable, flow: Flow) -> pa.Table:
    import pyarrow as pa

    origin, target = np.nonzero(flow.values)
    count = len(origin)
    return pa.table(
        {
            "from_id": _picked(flow.origin.ids, origin),
            "to_id": _picked(flow.target.ids, target),
            "kind": _constant(flow.kind, count),
            "period": _constant(table.period, count),
            "region_id": _constant(table.region, count),
            "weight": pa.array(_scaled(flow.values[origin, target], table.factor)),
            "unit": _constant(table.unit, count),
            "line": pa.array(flow.lines[origin]),
        }
    )


def _observations(table: SectorTable, vector: Vector) -> pa.Table:
    """Values of an indicator; outputs of zero are kept, as they say that a sector makes nothing."""
    import pyarrow as pa

    kept = np.arange(len(vector.values)) if vector.indicator == "output" else np.nonzero(vector.values)[0]
    count = len(kept)
    factor = (1.0, 1.0) if vector.indicator == "employment" else table.factor
    return pa.table(
        {
            "region_id": _constant(table.region, count),
            "field_id": _picked(vector.sectors.ids, kept),
            "indicator_id": _constant(f"io_{vector.indicator}", count),
            "period": _constant(table.period, count),
            "value": pa.array(_scaled(vector.values[kept], factor)),
            "status": _constant("observed", count),
            "line": pa.array(vector.lines[kept]),
        }
    )

"""In which documents a place took part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Text
from foreland.core.provenance import Caveat, Input
from foreland.data.answer import listed
from foreland.data.coverage import region_levels

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

FEWEST = 20
"""Documents a place took part in from which anything is told of it."""


@dataclass(frozen=True, eq=False)
class Part:
    """Who took part in documents.

    Parameters
    ----------
    own
        Shape (D,): whether the places asked about took part.
    known
        Shape (D,): whether any place is known.
    places
        The places asked about and all beneath them.
    """

    regions: tuple[str, ...]
    own: np.ndarray
    known: np.ndarray
    places: tuple[str, ...]
    inputs: tuple[Input, ...]

    def named(self, ws: Workspace) -> Text:
        return listed(ws, self.regions)


def beneath(ws: Workspace, regions: Sequence[str]) -> tuple[str, ...]:
    """Places and all that lie in them, in the order of their ids.

    Raises
    ------
    UsageError
        If the workspace does not know a place; names the nearest ones.
    """
    for region in regions:
        region_levels(ws, region)
    rows = ws.table("region")
    under: dict[str, list[str]] = {}
    for row in ws.to_arrow(rows.filter(rows.parent_id.notnull()).select("region_id", "parent_id")).to_pylist():
        under.setdefault(row["parent_id"], []).append(row["region_id"])
    found = dict.fromkeys(regions)
    queue = list(found)
    for each in queue:
        new = [child for child in under.get(each, ()) if child not in found]
        found.update(dict.fromkeys(new))
        queue += new
    return tuple(sorted(found))


def taking_part(ws: Workspace, regions: Sequence[str], documents: pa.Array) -> Part:
    """In which of some documents places took part, whole: one participant from there is enough.

    Parameters
    ----------
    documents
        Ids, shape (D,).
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    places = beneath(ws, regions)
    rows = ws.table("participation")
    rows = rows.filter(rows.region_id.notnull()).select("document_id", "region_id", "source_id").distinct()
    table = ws.to_arrow(rows)
    own = table.filter(pc.is_in(table["region_id"], value_set=pa.array(places, pa.string())))
    among = [pc.is_in(documents, value_set=part["document_id"].combine_chunks()).to_numpy(zero_copy_only=False)
             for part in (own, table)]  # fmt: skip
    hashes = {each: ws.sources[each].content_hash for each in sorted(set(own["source_id"].to_pylist()))}
    kept: dict[str, Any] = {"region_id": list(places)}
    inputs = (Input("participation", kept, own.num_rows, hashes, {"document_id": "document_id"}),)
    return Part(tuple(regions), among[0], among[1], places, inputs if hashes else ())


def enough(ws: Workspace, part: Part, inside: np.ndarray, fewest: int = FEWEST) -> int:
    """How many of the documents inside the places took part in.

    Raises
    ------
    DataError
        If they are fewer than can be told from chance; says how many there are, and whether places are known at all.
    """
    own = int((part.own & inside).sum())
    if not (part.known & inside).any():
        raise DataError("foresight.error.no_places", documents=f"{int(inside.sum()):,}")
    if own < fewest:
        raise DataError(
            "foresight.error.few_of_place", place=", ".join(part.regions), count=f"{own:,}", minimum=fewest,
            documents=f"{int(inside.sum()):,}",
        )  # fmt: skip
    return own


def unplaced(part: Part, inside: np.ndarray) -> list[Caveat]:
    """That the place of some documents is not known, and how a document of several places counts."""
    count, of = int((inside & ~part.known).sum()), int(inside.sum())
    words = {"share": f"{count / of:.0%}", "count": f"{count:,}"}
    found = [Caveat("foresight.caveat.unplaced", "warning" if count > 0.2 * of else "note", words)] if count else []
    return [*found, Caveat("foresight.caveat.took_part", "note")]

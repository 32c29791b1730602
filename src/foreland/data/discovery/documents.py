"""The papers, patents and projects of a source."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from foreland.core.errors import DataError, DidYouMean, UsageError
from foreland.data.records.counts import PLURAL

if TYPE_CHECKING:
    import pyarrow as pa

    from foreland.data.workspace import Workspace

Array = NDArray[Any]
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, eq=False)
class Documents:
    """Documents of a source in the order of their ids: year 0 where none is known."""

    ids: pa.ChunkedArray
    years: Array
    kinds: Array
    table: pa.Table

    def until(self, year: int | None) -> Array:
        """Whether each is of a year up to this one, shape (D,); all of them, without a year as well, for None."""
        return np.ones(len(self.years), bool) if year is None else (self.years > 0) & (self.years <= year)

    def texts(self) -> Iterator[str]:
        """Title and text of each."""
        for batch in self.table.select(["title", "text"]).to_batches(max_chunksize=4096):
            for title, text in zip(batch["title"].to_pylist(), batch["text"].to_pylist(), strict=True):
                yield f"{title or ''}.\n{text or ''}"


def read_documents(ws: Workspace, source_id: str) -> Documents:
    """The papers, patents and projects of a source, in the order of their ids, repeated ones left out."""
    if source_id not in ws.sources:
        known = [name for name, loaded in ws.sources.items() if "document" in loaded.tables]
        near = DidYouMean(difflib.get_close_matches(source_id, known, 3, 0.3))
        raise UsageError("data.error.unknown_source", name=source_id, near=near, known=", ".join(known) or "–")
    table = ws.table("document")
    columns = [name for name in ("document_id", "kind", "title", "date", "text", "citations") if name in table.columns]
    chosen = table.filter(table.source_id == source_id, table.kind.isin(list(PLURAL)), table.duplicate_of.isnull())
    rows = ws.to_arrow(chosen.select(*columns).order_by("document_id"))
    if not rows.num_rows:
        raise DataError("data.discovery.error.no_documents", source=source_id)
    dates = rows["date"].to_pylist()
    years = np.array([int(date[:4]) if date and _YEAR.match(date) else 0 for date in dates], np.int64)
    return Documents(rows["document_id"], years, np.array(rows["kind"].to_pylist(), object), rows)

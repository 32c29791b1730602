"""Whether a collection of documents took in other venues as it went on."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from foreland.core.provenance import Caveat
from foreland.data.answer import span
from foreland.foresight.questions.series import Series

if TYPE_CHECKING:
    from foreland.data.workspace import Workspace

NEW = 0.2
"""Share of the documents of the last years from venues not there before that has to be told."""
LATE = 3
"""Last years, where the question has no window."""


def new_venues(ws: Workspace, series: Series, window: int = LATE) -> list[Caveat]:
    """That many documents of the last years are of venues none before is of: what grows may be what was let in.

    Nothing is known of documents without a venue; they are left out.
    """
    # Terms and topics are figures of their own, counted in the documents of the source they are named after.
    source = re.sub(r"^(terms|topics)-|@\d{4}$", "", series.cube.coverage.source_id)
    rows = ws.table("document")
    rows = rows.filter(rows.source_id == source, rows.venue.notnull(), rows.date.notnull(), rows.duplicate_of.isnull())
    counted = rows.group_by("venue", year=rows.date.substr(0, 4)).agg(documents=rows.count())
    first, last = series.periods[-window:][0], series.periods[-1]
    before: set[str] = set()
    late: Counter[str] = Counter()
    for row in ws.to_arrow(counted).to_pylist():
        if row["year"] < first:
            before.add(row["venue"])
        elif row["year"] <= last:
            late[row["venue"]] += row["documents"]
    come = sum(documents for venue, documents in late.items() if venue not in before)
    if not before or not come or come < NEW * late.total():
        return []
    told = {"share": f"{come / late.total():.0%}", "years": span(first, last), "count": len(late.keys() - before)}
    return [Caveat("foresight.caveat.new_venues", "note", told)]

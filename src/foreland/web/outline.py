"""Where in a document things are spoken of: a strip for each field and each kind of mark, drawn on the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

if TYPE_CHECKING:
    import pyarrow as pa

CELLS = 200
"""Cells of a strip."""
WIDTH, HEIGHT = 600, 16
FIELDS = 8
"""Fields that have a strip at once; the others are folded."""


@dataclass(frozen=True)
class Strip:
    """A row of the outline.

    Parameters
    ----------
    kind, field
        Kind of the marks, and the field where it is one's own strip.
    count
        How many marks.
    first
        Id of the first passage.
    picture
        The strip.
    """

    kind: str
    field: str
    count: int
    first: str
    picture: Markup


def outline(places: pa.Table, length: int, shown: tuple[int, int], chosen: int | None = None) -> list[Strip]:
    """The strips of a document: kinds of marks, then the fields by how often they are spoken of.

    Parameters
    ----------
    places
        Columns passage_id, start, kind and field_id, in the order of the text.
    length
        Characters of the text.
    shown
        First and last character of the page that is shown.
    chosen
        Where the mark stands that is looked at.
    """
    if not places.num_rows or length <= 0:
        return []
    starts = places["start"].to_numpy()
    kinds = np.asarray(places["kind"].to_pylist(), dtype=object)
    fields = np.asarray([value or "" for value in places["field_id"].to_pylist()], dtype=object)

    def strip(kind: str, field: str, own: np.ndarray) -> Strip:
        found = np.flatnonzero(own)
        first = str(places["passage_id"][int(found[0])].as_py()) if found.size else ""
        return Strip(kind, field, int(found.size), first, draw(starts[found], length, shown, kind, chosen))

    strips = [strip(kind, "", kinds == kind) for kind in ("quantity", "instrument", "definition")]
    mentions = (kinds == "field") & (fields != "")
    codes, counts = np.unique(fields[mentions].astype(str), return_counts=True)
    strips += [strip("field", str(codes[k]), mentions & (fields == codes[k])) for k in np.lexsort((codes, -counts))]
    return [each for each in strips if each.count]


def draw(starts: np.ndarray, length: int, shown: tuple[int, int], kind: str, chosen: int | None = None) -> Markup:
    """A strip: a tick for each cell that holds marks, higher where it holds more; the page that is shown on grey.

    It says nothing that the words beside it don't, so it is no picture to those who listen.
    """
    cells = np.bincount(np.clip(starts * CELLS // length, 0, CELLS - 1).astype(int), minlength=CELLS)
    scale = WIDTH / length
    parts = []
    if shown[1] - shown[0] < length:
        wide = max(shown[1] - shown[0], 1) * scale
        parts.append(f'<rect class="here" x="{shown[0] * scale:.1f}" y="0" width="{wide:.1f}" height="{HEIGHT}"/>')
    most = max(int(cells.max(initial=0)), 1)
    wide = WIDTH / CELLS
    path = "".join(
        f"M{k * wide:.1f} {HEIGHT}v-{4 + (HEIGHT - 5) * int(cells[k]) / most:.1f}h{wide - 0.6:.1f}V{HEIGHT}z"
        for k in np.flatnonzero(cells)
    )
    parts.append(f'<path class="s-{kind}" d="{path}"/>')
    if chosen is not None:
        parts.append(f'<path class="now" d="M{chosen * scale:.1f} 0v{HEIGHT}"/>')
    return Markup(
        f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true" '
        f'focusable="false">{"".join(parts)}</svg>'
    )

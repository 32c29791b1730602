"""Fields that grow together in the documents of a place, set against those of the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from foreland.core.errors import DataError
from foreland.core.finding import Text
from foreland.core.intervals import rate_ratio
from foreland.core.provenance import Caveat
from foreland.data.answer import both, name
from foreland.foresight import convergence as method
from foreland.foresight.questions.fields_of import Classified
from foreland.foresight.questions.places import FEWEST, Part, enough, unplaced

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from foreland.data.workspace import Workspace


def of_place(ws: Workspace, part: Part, window: np.ndarray) -> np.ndarray:
    """Windows with the documents of the place alone; shape (U,).

    Raises
    ------
    DataError
        If either window has too few of them.
    """
    enough(ws, part, window >= 0)
    own = np.where(part.own, window, -1)
    sizes = [int((own == w).sum()) for w in (0, 1)]
    if min(sizes) < FEWEST:
        raise DataError(
            "foresight.error.few_in_window", place=", ".join(part.regions), early=sizes[0], late=sizes[1],
            minimum=FEWEST,
        )  # fmt: skip
    return own


@dataclass(frozen=True, eq=False)
class World:
    """The same fields in the documents of all places.

    Parameters
    ----------
    counts, own
        Shape (2, F, F): co-occurrences of all documents, and of those of the place.
    documents, own_documents
        Shape (2,).
    links, own_links
        Those of all documents, and those of the place.
    """

    counts: np.ndarray
    documents: np.ndarray
    own: np.ndarray
    own_documents: np.ndarray
    links: method.Links
    own_links: method.Links

    @classmethod
    def of(
        cls, table: csr_matrix, window: np.ndarray, own: np.ndarray, own_documents: np.ndarray, own_links: method.Links
    ) -> World:
        counts = method.together(table, window, 2)
        documents = np.bincount(window[window >= 0], minlength=2)
        return cls(counts, documents, own, own_documents, method.links(counts, documents), own_links)

    def beside(
        self, rows: list[dict[str, Any]], fields: list[str], world: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Pairs of the place with the world's state and strength; last, those new in the world and not linked here."""
        at = {field: n for n, field in enumerate(fields)}
        theirs = {_pair(row): row for row in world}
        known = {_pair(row) for row in rows}
        more = [row for row in world if row["link_state"] == "link_new" and _pair(row) not in known]
        apart = method.distance(self.own[0])
        pairs = apart[np.triu_indices(len(apart), 1)]
        limit = float(np.quantile(pairs, 0.5))
        rows = [*rows, *(self._unlinked(row, at, apart, limit) for row in more)]
        ends = np.array([[at[row["field_id"]], at[row["second_field_id"]]] for row in rows], dtype=np.int64)
        ends = ends.reshape(-1, 2)
        rest, rest_documents = self.counts - self.own, self.documents - self.own_documents
        one, other = ends.T
        lift = (self.counts[1] + method.PRIOR) / (method.expectation(self.counts[1], self.documents[1]) + method.PRIOR)
        # No prior here: drawing the few of a place towards independence would make it surely weaker than the world.
        counted = [part[1][one, other].astype(float) for part in (self.own, rest)]
        expected = [
            method.expectation(part[1], many[1])[one, other]
            for part, many in ((self.own, self.own_documents), (rest, rest_documents))
        ]
        low, high = rate_ratio(counted[0], expected[0], counted[1], expected[1])
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = counted[0] / expected[0] / (counted[1] / expected[1])
        out = []
        for n, row in enumerate(rows):
            told = theirs.get(_pair(row))
            out.append(
                {
                    **row,
                    "rank": n + 1,
                    "world_link_state": told["link_state"] if told else "link_apart",
                    "world_together_now": int(self.counts[1][one[n], other[n]]),
                    "world_lift": float(lift[one[n], other[n]]),
                    "against_world": _known(ratio[n]),
                    "against_world_low": _known(low[n]),
                    "against_world_high": None if np.isnan(high[n]) else float(high[n]),
                }
            )
        return out

    def _unlinked(self, row: dict[str, Any], at: dict[str, int], apart: np.ndarray, limit: float) -> dict[str, Any]:
        """What the place's documents say of a pair that is not linked in them."""
        i, j = at[row["field_id"]], at[row["second_field_id"]]
        met = (self.own_links.one == min(i, j)) & (self.own_links.other == max(i, j))
        counted = self.own[:, i, j].astype(float)
        expected = np.array([method.expectation(self.own[w], self.own_documents[w])[i, j] for w in (0, 1)])
        lift = (counted + method.PRIOR) / (expected + method.PRIOR)
        growth = method.growth_of((counted + method.PRIOR)[:, None], (expected + method.PRIOR)[:, None])
        median, low, high = (float(part[0]) for part in growth)
        return {
            **row,
            "link_state": "link_apart",
            "far": bool(apart[i, j] >= limit),
            "together_before": int(counted[0]),
            "together_now": int(counted[1]),
            "lift_before": float(lift[0]),
            "lift": float(lift[1]),
            "link_growth": median,
            "link_growth_low": low,
            "link_growth_high": high,
            "field_distance": float(apart[i, j]),
            "false_discovery": float(self.own_links.q[met][0]) if met.any() else 1.0,
        }

    def benchmark(self, read: Classified, own: np.ndarray) -> Text:
        assert read.part is not None
        return both(
            f"foresight.convergence.benchmark.place_{'sentences' if read.sentences else 'documents'}",
            early=f"{self.documents[0]:,}",
            late=f"{self.documents[1]:,}",
            own_early=f"{own[0]:,}",
            own_late=f"{own[1]:,}",
        )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _pair(row: dict[str, Any]) -> frozenset[str]:
    return frozenset((row["field_id"], row["second_field_id"]))


def headline_of_place(ws: Workspace, read: Classified, rows: list[dict[str, Any]], words: dict[str, Any]) -> Text:
    """How many pairs are new in the place, how many of them in the world, and which of the world's it lacks."""
    assert read.part is not None
    new = [row for row in rows if row["link_state"] == "link_new"]
    world = [row for row in rows if row["world_link_state"] == "link_new"]
    told = {
        **words,
        "place": read.part.named(ws),
        "count": len(new),
        "shared": sum(row["world_link_state"] == "link_new" for row in new),
        "earlier": sum(row["world_link_state"] in ("link_stronger", "link_steady", "link_weaker") for row in new),
        "world": len(world),
        "missing": sum(row["link_state"] == "link_apart" for row in world),
        "weaker": sum(row["link_state"] == "link_apart" and (row["against_world_high"] or 1) < 1 for row in world),
    }
    if not new:
        linked = sum(row["link_state"] in ("link_stronger", "link_steady") for row in rows)
        return both("foresight.convergence.headline.place_no_new", **told, linked=linked)
    first = new[0]
    return both(
        "foresight.convergence.headline.place_new",
        **told,
        one=name(ws, first["field_id"]),
        other=name(ws, first["second_field_id"]),
        before=f"{first['together_before']:,}",
        now=f"{first['together_now']:,}",
        lift=f"{first['lift']:.1f}",
        world_lift=f"{first['world_lift']:.1f}",
    )


def of_place_caveats(read: Classified, window: np.ndarray) -> list[Caveat]:
    """That fewer documents show fewer links, and of how many the place is not known."""
    assert read.part is not None
    placed = [] if read.sentences else unplaced(read.part, window >= 0)
    return [Caveat("foresight.caveat.links_of_place", "warning"), *placed]

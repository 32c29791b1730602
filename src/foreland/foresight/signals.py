"""Signals of emergence of every unit at one year, from what was known by then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from foreland.foresight.diversity import effective_number, rao_stirling, same_kind
from foreland.foresight.shrinkage import Floats, Shrunk, shrink

SIGNALS = (
    "novelty", "vitality", "growth", "acceleration", "diffusion", "diffusion_change", "concentration",
    "breadth", "breadth_change", "impact", "top_cited", "coherence",
)  # fmt: skip
"""The signals a score can be made of."""
CITATION_VARIANCE = float(np.expm1(1.3))
"""Variance of a document's citations over the mean of its field and year: lognormal with σ² = 1.3 (Radicchi et al.
2008)."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of the units beside their counts. All of it is optional; T, U as in the counts.

    Parameters
    ----------
    places
        Documents by place, shape (T, R, U).
    fields, distance
        Documents by unit and field, shape (T, U, F), and how far fields lie apart, shape (F, F), between 0 and 1;
        without distances all fields are equally far.
    cited, expected
        Citations received by the documents of a year and unit, and how many documents of that year (and of the
        broader field) receive on average; shape (T, U), or (T, 1) for the same in all units.
    top_cited
        Documents among the tenth of their year that is cited most, shape (T, U).
    inside, links
        Links of the unit's documents to documents of the same unit, and all their links; shape (T, U).
    """

    places: Floats | None = None
    fields: Floats | None = None
    distance: Floats | None = None
    cited: Floats | None = None
    expected: Floats | None = None
    top_cited: Floats | None = None
    inside: Floats | None = None
    links: Floats | None = None


@dataclass(frozen=True, eq=False)
class Signals:
    """Signals of U units at one year; shapes (U,), NaN where a signal can't be told."""

    count: Floats
    """Documents of the last window."""
    share: Floats
    """Of all documents of the window."""
    first: np.ndarray
    """Row in which the documents so far first reach the threshold; −1 where they have not."""
    novelty: Floats
    """Share of the unit's documents so far that are of the last window, shrunk."""
    vitality: Floats
    """Mean of 1/(age + 1) over the unit's documents so far, shrunk."""
    growth: Floats
    """Growth a year beyond that of all documents, shrunk: 0.1 for ten per cent a year more."""
    growth_low: Floats
    growth_high: Floats
    growth_raw: Floats
    """As counted, without shrinkage."""
    growth_own: Floats
    """Growth a year of the unit itself, from the shrunk figure."""
    acceleration: Floats
    """Growth of the last window less that of the one before, per year, shrunk."""
    diffusion: Floats
    """Effective number of places."""
    diffusion_change: Floats
    """Its logarithm now less that of the window before."""
    concentration: Floats
    """Probability that two documents are of the same place."""
    breadth: Floats
    """Rao–Stirling diversity of fields."""
    breadth_change: Floats
    impact: Floats
    """Citations over what is expected of their year, shrunk to the mean; 1 is average."""
    top_cited: Floats
    """Share of the documents of the window among the tenth cited most, shrunk."""
    coherence: Floats
    """Share of links that stay within the unit, shrunk."""
    sure: Mapping[str, Floats] = field(default_factory=dict)
    """Lower bounds of the signals that are estimates, by name, shape (U,): what few documents say is less sure."""

    def known(self) -> tuple[str, ...]:
        """The signals that at least one unit has."""
        return tuple(name for name in SIGNALS if np.isfinite(getattr(self, name)).any())

    def array(self, names: Sequence[str] = SIGNALS, *, sure: bool = False) -> Floats:
        """The signals as columns, shape (U, len(names)); lower bounds, where there are such, if `sure`."""
        bounds = self.sure if sure else {}
        return np.stack([bounds.get(name, getattr(self, name)) for name in names], axis=1)


def signals(
    counts: Floats,
    totals: Floats,
    *,
    at: int,
    window: int = 3,
    evidence: Evidence | None = None,
    threshold: float = 10.0,
    level: float = 0.9,
) -> Signals:
    """Signals of every unit at a year; rows after it are not looked at.

    Emergence is told by novelty, fast growth, coherence, impact and uncertainty (Rotolo, Hicks & Martin 2015).

    Parameters
    ----------
    counts, totals
        Documents by year and unit, shape (T, U), and all documents by year, shape (T,); not negative.
    at
        Row of the year.
    window
        Years summed; growth compares the last window with the one before.
    evidence
        What else is known.
    threshold
        Documents from which on a unit is there.
    level
        Probability of the intervals; lower bounds are those of them.

    Raises
    ------
    ValueError
        If the shapes don't fit, a value is negative or missing, or `at` is no row.
    """
    evidence = evidence or Evidence()
    _check(counts, totals, at, window, evidence)
    x, n = np.asarray(counts[: at + 1], dtype=float), np.asarray(totals[: at + 1], dtype=float)
    now = x[-window:].sum(axis=0)
    everything = n[-window:].sum()
    reached = np.cumsum(x, axis=0) >= threshold
    growth, raw, drift = _growth(x, n, window, level)
    places, breadth = _windows(evidence.places, at, window), _windows(evidence.fields, at, window)
    by_place = [p.T for p in places]
    effective = [effective_number(p) for p in by_place]
    spread = [rao_stirling(f, evidence.distance) for f in breadth]
    nothing = np.full(x.shape[1], np.nan)
    estimates = {
        "novelty": _novelty(x, n, window, level),
        "vitality": _vitality(x, n, level),
        "acceleration": _acceleration(x, n, window, level),
        "impact": _impact(x, evidence, (at, window, level)),
        "top_cited": _share(evidence.top_cited, x, (at, window, level)),
        "coherence": _share(evidence.inside, evidence.links, (at, window, level)),
    }
    told = {name: nothing if found is None else found.mean for name, found in estimates.items()}
    sure = {name: found.low for name, found in estimates.items() if found is not None}
    return Signals(
        count=now,
        share=now / everything if everything > 0 else nothing,
        first=np.where(reached.any(axis=0), reached.argmax(axis=0), -1),
        growth=np.expm1(growth[0] / window),
        growth_low=np.expm1(growth[1] / window),
        growth_high=np.expm1(growth[2] / window),
        growth_raw=np.expm1(raw / window),
        growth_own=np.expm1((growth[0] + drift) / window),
        diffusion=effective[0] if effective else nothing,
        diffusion_change=np.log(effective[0] / effective[1]) if len(effective) > 1 else nothing,
        concentration=same_kind(by_place[0]) if by_place else nothing,
        breadth=spread[0] if spread else nothing,
        breadth_change=spread[0] - spread[1] if len(spread) > 1 else nothing,
        sure={"growth": np.expm1(growth[1] / window), **sure},
        **told,
    )


def vitality(counts: Floats) -> Floats:
    """Mean of 1/(age + 1) over all documents up to the last row, shape (U,): "current vitality" (Klavans, Boyack &
    Murdick 2020; Boyack & Klavans 2022, the baseline to beat). NaN without documents."""
    age = np.arange(len(counts))[::-1]
    weighted, size = (counts / (age + 1.0)[:, None]).sum(axis=0), counts.sum(axis=0)
    return np.divide(weighted, size, out=np.full(size.shape, np.nan), where=size > 0)


def log_growth(now: Floats, before: Floats, all_now: float, all_before: float) -> tuple[Floats, Floats]:
    """Logarithm of the ratio of two rates, and its variance: ln (n₁ + ½)/(n₀ + ½) − ln N₁/N₀, 1/(n₁ + ½) + 1/(n₀ + ½).

    The half keeps zeros finite and the bias small (Haldane 1956; Anscombe 1956). Shapes (U,); NaN where a unit has no
    document in either window, or there are none at all in one.
    """
    there = (now + before > 0) & (all_now > 0) & (all_before > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = np.log((now + 0.5) / (before + 0.5)) - np.log(all_now / all_before)
    return np.where(there, estimate, np.nan), 1 / (now + 0.5) + 1 / (before + 0.5)


def unrest(counts: Floats, totals: Floats) -> float:
    """Variance of a year's logarithm of share about its trend, beyond that of counting: large fields have good and bad
    years too, and their growth is not as sure as their counts alone would make it.

    From second differences, which a steady trend leaves at 0: d = y_t − 2 y_{t−1} + y_{t−2} of y = ln (n + ½)/N has
    variance v + 6σ² with v = 1/(n_t + ½) + 4/(n_{t−1} + ½) + 1/(n_{t−2} + ½). Moments with weights 1/v over all units;
    0 for less than three years.
    """
    full = totals > 0
    x, n = counts[full], totals[full]
    if len(x) < 3 or not x.any():
        return 0.0
    x = x[:, x.any(axis=0)]
    d = np.diff(np.log((x + 0.5) / n[:, None]), n=2, axis=0)
    v = 1 / (x[2:] + 0.5) + 4 / (x[1:-1] + 0.5) + 1 / (x[:-2] + 0.5)
    return max(float(((d**2 - v) / v).sum() / (6 / v).sum()), 0.0)


def _check(counts: Floats, totals: Floats, at: int, window: int, evidence: Evidence) -> None:
    if counts.ndim != 2 or totals.shape != counts.shape[:1]:
        raise ValueError("counts are (years, units) and totals (years,)")
    if not 0 <= at < len(counts):
        raise ValueError(f"there is no row {at}")
    if window < 1:
        raise ValueError("a window has at least one year")
    seen = (counts[: at + 1], totals[: at + 1])
    if not all(np.isfinite(v).all() and (v >= 0).all() for v in seen):
        raise ValueError("counts must be finite and not negative")
    T, U = counts.shape
    for name in ("places", "fields", "cited", "expected", "top_cited", "inside", "links"):
        value = getattr(evidence, name)
        if value is None:
            continue
        units = value.shape[1] if name == "fields" else value.shape[-1]
        if len(value) != T or (units != U and not (name == "expected" and units == 1)):
            raise ValueError(f"{name} has another shape than the counts")


def _windows(values: Floats | None, at: int, window: int) -> list[Floats]:
    """Sums over the last window and, where the years reach, the one before."""
    if values is None:
        return []
    found = [np.nansum(values[max(at + 1 - window, 0) : at + 1], axis=0)]
    if at + 1 >= 2 * window:
        found.append(np.nansum(values[at + 1 - 2 * window : at + 1 - window], axis=0))
    return found


def _growth(x: Floats, n: Floats, window: int, level: float) -> tuple[tuple[Floats, Floats, Floats], Floats, float]:
    """Shrunk logarithm of growth over a window with bounds, as counted, and that of all documents."""
    nothing = np.full(x.shape[1], np.nan)
    if len(x) < 2 * window:
        return (nothing, nothing, nothing), nothing, np.nan
    all_now, all_before = n[-window:].sum(), n[-2 * window : -window].sum()
    raw, variance = log_growth(x[-window:].sum(axis=0), x[-2 * window : -window].sum(axis=0), all_now, all_before)
    found = shrink(raw, variance + 2 * unrest(x, n) / window, level)
    drift = float(np.log(all_now / all_before)) if all_now > 0 and all_before > 0 else np.nan
    return (found.mean, found.low, found.high), raw, drift


def _acceleration(x: Floats, n: Floats, window: int, level: float) -> Shrunk | None:
    if len(x) < 3 * window:
        return None
    a, b, c = (x[len(x) - k * window : len(x) - (k - 1) * window].sum(axis=0) for k in (1, 2, 3))
    na, nb, nc = (n[len(x) - k * window : len(x) - (k - 1) * window].sum() for k in (1, 2, 3))
    change = log_growth(a, b, na, nb)[0] - log_growth(b, c, nb, nc)[0]
    # The middle window stands in both rates, so its error counts twice.
    variance = 1 / (a + 0.5) + 4 / (b + 0.5) + 1 / (c + 0.5) + 6 * unrest(x, n) / window
    found = shrink(change, variance, level)
    return found.scaled(1 / window**2)


def _novelty(x: Floats, n: Floats, window: int, level: float) -> Shrunk | None:
    """Share of documents that are recent; not told before there is anything older."""
    so_far, recent = x.sum(axis=0), n[-window:].sum()
    whole = n.sum()
    if not 0 < recent < whole:
        return None
    common = recent / whole
    size = np.where(so_far > 0, so_far, np.nan)
    share = x[-window:].sum(axis=0) / size
    return shrink(share, common * (1 - common) / size, level, spread=0.2)


def _vitality(x: Floats, n: Floats, level: float) -> Shrunk | None:
    weight = 1 / (np.arange(len(x))[::-1] + 1.0)
    whole = n.sum()
    if whole <= 0:
        return None
    common = weight @ n / whole
    variance = (weight**2 @ n) / whole - common**2
    if variance <= 1e-15:
        return None
    size = x.sum(axis=0)
    return shrink(vitality(x), variance / np.where(size > 0, size, np.nan), level, spread=0.2)


def _impact(x: Floats, evidence: Evidence, look: tuple[int, int, float]) -> Shrunk | None:
    """Mean normalised citations (Waltman et al. 2011), shrunk with the spread of Radicchi et al. (2008)."""
    if evidence.cited is None or evidence.expected is None:
        return None
    at, window, level = look
    rows = slice(max(at + 1 - window, 0), at + 1)
    cited, expected = evidence.cited[rows], np.broadcast_to(evidence.expected[rows], evidence.cited[rows].shape)
    known = np.isfinite(cited) & np.isfinite(expected) & (expected > 0)
    size = np.where(known, x[rows], 0.0).sum(axis=0)
    received = np.divide(cited, expected, out=np.zeros(cited.shape), where=known).sum(axis=0)
    size = np.where(size > 0, size, np.nan)
    return shrink(received / size - 1, CITATION_VARIANCE / size, level, spread=0.5).moved(1.0)


def _share(part: Floats | None, whole: Floats | None, look: tuple[int, int, float]) -> Shrunk | None:
    """Share of the window's documents (or links) of a kind, shrunk to that of all."""
    if part is None or whole is None:
        return None
    at, window, level = look
    rows = slice(max(at + 1 - window, 0), at + 1)
    above, below = np.nansum(part[rows], axis=0), np.nansum(whole[rows], axis=0)
    size = np.where(below > 0, below, np.nan)
    # With none or all of them everywhere the shares are alike: a small variance keeps them so.
    common = min(max(above.sum(), 0.5), max(below.sum() - 0.5, 0.5)) / max(below.sum(), 1.0)
    return shrink(above / size, common * (1 - common) / size, level, spread=0.2)

"""Shocks running through a network of firms: many at a time, by whole arrays or by lists of firms.

Step t passes losses on to the direct customers and suppliers of firms whose losses have grown: whole arrays treat all
firms, to the letter of the paper; lists follow only firms that are hit. See `foreland.chains.firm_risk` for the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from foreland.chains.firm_network import FirmNetwork, Floats, Ints

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Propagation:
    """How far shocks run.

    Attributes
    ----------
    epsilon
        A shock has ended once no firm's loss grows by more in one step, as a share of its output (Diem et al.: 0.01).
    prune
        A firm passes its loss on once so much has gathered that it has not passed on yet, as a share of its output;
        only where not all shocks can be followed exactly. 0: all are.
    replaceable
        Whether customers turn to the rest of the sector: losses are passed downstream times the market share. None:
        where sectors are known.
    max_steps
        After so many steps a shock is left as it is.
    """

    epsilon: float = 1e-2
    prune: float = 1e-3
    replaceable: bool | None = None
    max_steps: int = 1000

    def __post_init__(self) -> None:
        if not (0 <= self.epsilon < 1 and 0 <= self.prune < 1 and self.max_steps >= 1):
            raise ValueError(f"epsilon and prune in [0, 1), max_steps >= 1: {self}")

    def by_market_share(self, network: FirmNetwork) -> bool:
        if self.replaceable and network.sector is None:
            raise ValueError("market shares need sectors")
        return network.sector is not None and self.replaceable is not False


@dataclass
class Losses:
    """Losses of a batch of b shocks as shares of output: sums weighted by output, shape (b,), and steps taken."""

    total: Floats
    downstream: Floats
    upstream: Floats
    hit: Ints
    steps: Ints


def market_shares(output: Floats, market: Floats) -> Floats:
    """σ = min(1, output / what is left of the market): nobody replaces a firm that is all that's left."""
    share = np.ones(np.broadcast_shapes(output.shape, market.shape))
    np.divide(output, market, out=share, where=market > 0)
    return np.minimum(share, 1.0, out=share)


def first_losses(network: FirmNetwork, settings: Propagation) -> Floats:
    """Largest loss that each firm's failure brings to another in the first step, shape (n,)."""
    down, up = (matrix.max(axis=1).toarray().ravel() for matrix in (network.downstream, network.upstream))
    if settings.by_market_share(network):
        assert network.sector is not None
        market = np.bincount(network.sector, network.output)[network.sector]
        down = down * market_shares(network.output, market - network.output)
    return np.maximum(down, up)


# Whole arrays ------------------------------------------------------------------------------------


class Whole:
    """Propagation of b shocks in arrays of shape (n, b)."""

    def __init__(self, network: FirmNetwork, settings: Propagation) -> None:
        self.network, self.settings, net = network, settings, network
        self.up = net.upstream.T.tocsr()
        # Slots as layers, the first slot of all buyers, then the second …, buyers with most slots first: the maximum
        # over a buyer's slots is then one over layers, which are slices.
        buyers, first, slots = np.unique(net.slot_firm, return_index=True, return_counts=True)
        most_first = np.argsort(-slots, kind="stable")
        self.buyers = buyers[most_first]
        place = np.empty(len(buyers), np.int64)
        place[most_first] = np.arange(len(buyers))
        layer = np.arange(len(net.slot_firm)) - np.repeat(first, slots)
        self.down = net.downstream.T.tocsr()[np.lexsort((np.repeat(place, slots), layer))]
        self.layers = np.cumsum(np.r_[0, np.bincount(layer)])
        self.shares = self.settings.by_market_share(net)
        if self.shares:
            assert net.sector is not None
            shape = (int(net.sector.max()) + 1, net.firms)
            self.members = sparse.csr_array((net.output, (net.sector, np.arange(net.firms))), shape=shape)
            self.market = np.asarray(self.members.sum(axis=1))

    def run(self, shock: Floats) -> tuple[Floats, Floats, Ints]:
        """Losses downstream and upstream, shape (n, b), and steps, shape (b,), after initial losses `shock`."""
        count = shock.shape[1]
        final_down, final_up, steps = shock.copy(), shock.copy(), np.zeros(count, np.int64)
        live, down, up = np.arange(count), shock.copy(), shock.copy()
        for step in range(1, self.settings.max_steps + 1):
            new_down, new_up = self._downstream(down), self._upstream(up)
            grown = np.maximum((new_down - down).max(axis=0), (new_up - up).max(axis=0))
            down, up = new_down, new_up
            on = grown > self.settings.epsilon
            steps[live] = step
            if not on.all():
                ended = live[~on]
                final_down[:, ended], final_up[:, ended] = down[:, ~on], up[:, ~on]
                live, down, up = live[on], down[:, on], up[:, on]
                if not len(live):
                    break
        else:
            final_down[:, live], final_up[:, live] = down, up
        return final_down, final_up, steps

    # Losses never shrink, so the maximum with the last step's keeps firms that failed at the start where they are,
    # and rounding from undoing anything.

    def _downstream(self, down: Floats) -> Floats:
        told = down
        if self.shares:
            left = (self.market[:, None] - self.members @ down)[self.network.sector]
            told = market_shares(self.network.output[:, None], left) * down
        slots = self.down @ told
        worst = slots[: len(self.buyers)]
        for start, end in pairwise(self.layers[1:].tolist()):
            part = worst[: end - start]
            np.maximum(part, slots[start:end], out=part)
        new = down.copy()
        new[self.buyers] = np.maximum(down[self.buyers], np.minimum(worst, 1.0))
        return new

    def _upstream(self, up: Floats) -> Floats:
        return np.maximum(np.minimum(self.up @ up, 1.0), up)

    def batch(self, sources: Ints) -> Losses:
        """Failures of single firms."""
        shock = np.zeros((self.network.firms, len(sources)))
        shock[sources, np.arange(len(sources))] = 1.0
        down, up, steps = self.run(shock)
        weight = self.network.own_share
        either = np.maximum(down, up)
        return Losses(weight @ either, weight @ down, weight @ up, (either > 0).sum(axis=0) - 1, steps)


# Lists of firms ----------------------------------------------------------------------------------


class Lists:
    """Propagation of b single failures at once, by lists of the (shock, firm) pairs that are hit.

    The state is dense, one row a shock, and reset through the lists, so that a step costs what it touches.
    """

    def __init__(self, network: FirmNetwork, settings: Propagation, size: int, work: float) -> None:
        self.network, self.settings, self.size, self.work = network, settings, size, work
        n, slots = network.firms, len(network.slot_firm)
        self.n, self.slots = n, slots
        self.down, self.told, self.up, self.pending = (np.zeros(size * n) for _ in range(4))
        self.slot = np.zeros(size * slots)
        self.mark = np.zeros(size * n, np.int32)
        self.shares = settings.by_market_share(network)
        self.weight = network.own_share
        self.fan_down = np.diff(network.downstream.indptr)
        self.fan_up = np.diff(network.upstream.indptr)
        if self.shares:
            assert network.sector is not None
            self.kinds = int(network.sector.max()) + 1
            self.market = np.bincount(network.sector, network.output, minlength=self.kinds)

    def batch(self, sources: Ints) -> tuple[Losses, Bools]:
        """Failures of single firms, and which of them pass more links in a step than `work`: these aren't finished."""
        b, n, prune = len(sources), self.n, self.settings.prune
        start = np.arange(b) * n + sources
        self.down[start] = self.up[start] = self.pending[start] = 1.0
        hit_down, hit_up, hit_slots = [start], [start], []
        able, front = start, start
        on, heavy = np.ones(b, bool), np.zeros(b, bool)
        steps = np.zeros(b, np.int64)
        if self.shares:
            assert self.network.sector is not None
            self.lost = np.zeros(b * self.kinds)
            self.lost[np.arange(b) * self.kinds + self.network.sector[sources]] = self.network.output[sources]
        for step in range(1, self.settings.max_steps + 1):
            passed, amount = self._told(able[on[able // n]])
            front = front[on[front // n]]
            links = np.bincount(passed // n, self.fan_down[passed % n], b) + np.bincount(
                front // n, self.fan_up[front % n], b
            )
            heavy |= links > self.work
            on &= ~heavy
            light = on[passed // n]
            passed, amount, front = passed[light], amount[light], front[on[front // n]]
            self.told[passed] += amount
            steps[on] = step
            grown = np.zeros(b)

            pairs, gain, fresh = self._downstream(passed, amount, b)
            hit_slots.append(fresh)
            np.maximum.at(grown, pairs // n, gain)
            after = self.down[pairs]
            before = after - gain
            hit_down.append(pairs[before <= 0])
            able = np.concatenate([able, pairs[(after >= prune) & ((before < prune) | (before <= 0))]])

            delta = self.pending[front]
            self.pending[front] = 0.0
            pairs, gain = _spread(front, delta, b, self.network.upstream)
            others = pairs != start[pairs // n]
            pairs, gain = pairs[others], gain[others]
            before = self.up[pairs]
            self.up[pairs] = before + gain
            hit_up.append(pairs[before == 0])
            waiting = self.pending[pairs] + gain
            self.pending[pairs] = waiting
            front = pairs[waiting >= prune]
            np.maximum.at(grown, pairs // n, gain)

            on &= grown > self.settings.epsilon
            if not on.any():
                break
        losses = self._sums(np.concatenate(hit_down), np.concatenate(hit_up), b)
        losses.steps = steps
        self._reset(np.concatenate(hit_down), np.concatenate(hit_up), np.concatenate(hit_slots))
        return losses, heavy

    def _told(self, pairs: Ints) -> tuple[Ints, Floats]:
        """Pairs that pass something on downstream, and how much."""
        value = self.down[pairs]
        if self.shares:
            assert self.network.sector is not None
            firm = pairs % self.n
            kind = self.network.sector[firm]
            left = self.market[kind] - self.lost[pairs // self.n * self.kinds + kind]
            value = value * market_shares(self.network.output[firm], left)
        amount = value - self.told[pairs]
        told = (amount >= self.settings.prune) & (amount > 0)
        return pairs[told], amount[told]

    def _downstream(self, passed: Ints, amount: Floats, b: int) -> tuple[Ints, Floats, Ints]:
        """Pairs whose loss grows, by how much, and the slots that are hit for the first time."""
        cells, more = _spread(passed, amount, b, self.network.downstream)
        before = self.slot[cells]
        value = before + more
        self.slot[cells] = value
        fresh = cells[before == 0]
        np.minimum(value, 1.0, out=value)
        row, slot = np.divmod(cells, self.slots)
        pairs = row * self.n + self.network.slot_firm[slot]
        old = self.down[pairs]
        worse = value > old
        pairs, value, old = pairs[worse], value[worse], old[worse]
        np.maximum.at(self.down, pairs, value)
        # A firm short of several products at once is listed once.
        place = np.arange(len(pairs), dtype=np.int32)
        self.mark[pairs] = place
        once = self.mark[pairs] == place
        pairs, gain = pairs[once], self.down[pairs[once]] - old[once]
        if self.shares:
            assert self.network.sector is not None
            firm = pairs % self.n
            np.add.at(
                self.lost, pairs // self.n * self.kinds + self.network.sector[firm], gain * self.network.output[firm]
            )
        return pairs, gain, fresh

    def _sums(self, hit_down: Ints, hit_up: Ints, b: int) -> Losses:
        """max(d, u) = d + what u adds to it."""
        n, weight = self.n, self.weight
        up, down_there = np.minimum(self.up[hit_up], 1.0), self.down[hit_up]
        w = weight[hit_up % n]
        downstream = _sum(hit_down // n, weight[hit_down % n] * self.down[hit_down], b)
        more = _sum(hit_up // n, w * np.maximum(up - down_there, 0.0), b)
        hit = np.bincount(hit_down // n, minlength=b) + np.bincount(hit_up[down_there == 0] // n, minlength=b) - 1
        return Losses(downstream + more, downstream, _sum(hit_up // n, w * up, b), hit, np.zeros(b, np.int64))

    def _reset(self, hit_down: Ints, hit_up: Ints, hit_slots: Ints) -> None:
        self.down[hit_down] = self.told[hit_down] = 0.0
        self.up[hit_up] = self.pending[hit_up] = 0.0
        self.slot[hit_slots] = 0.0


def _sum(row: Ints, amount: Floats, b: int) -> Floats:
    return np.bincount(row, amount, b).astype(float)


def _spread(pairs: Ints, amount: Floats, b: int, matrix: Any) -> tuple[Ints, Floats]:
    """What reaches the columns of `matrix` from (shock, row) pairs: (shock, column) pairs, each once, and how much."""
    n, width = matrix.shape
    row = pairs // n
    order = np.argsort(row.astype(np.uint16), kind="stable")  # a radix sort
    indptr = np.zeros(b + 1, np.int32)
    np.cumsum(np.bincount(row, minlength=b), out=indptr[1:])
    change = sparse.csr_array((amount[order], (pairs % n)[order].astype(np.int32), indptr), shape=(b, n))
    reached = change @ matrix
    counts = np.diff(reached.indptr)
    return np.repeat(np.arange(b) * width, counts) + reached.indices, reached.data

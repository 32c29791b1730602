r"""Systemic risk of single firms in a supply network (Diem, Borsos, Reisch, Kertész & Thurner 2022).

Firm f fails: its output falls to nothing and stays there. The loss of output :math:`d = 1 - h^d` runs to customers,
:math:`u = 1 - h^u` to suppliers, apart from each other, step by step from :math:`d_f = u_f = 1`, others 0:

.. math::

   d_i(t+1) = \max\Big[\max_{k\ \text{essential}} \sum_{j: p_j = k} \sigma_j(t)\, \Lambda^d_{ji}\, d_j(t),\;
              \sum_{j\ \text{non-essential}} \sigma_j(t)\, \Lambda^d_{ji}\, d_j(t)\Big], \qquad
   u_i(t+1) = \sum_j \Lambda^u_{ji}\, u_j(t),

   \sigma_j(t) = \min\Big[1, x_j \Big/ \sum_{l: p_l = p_j} x_l (1 - d_l(t))\Big],

with the impact matrices of `firm_network`. It ends when no loss grows by more than ε in a step. A firm loses the larger
of the two, and :math:`\mathrm{ESRI}_f = \sum_i x_i \max(d_i, u_i) / \sum_i x_i` is the share of all output lost.

All firms of a large network are reached in a few steps, by losses of no account; to follow every shock through all of
them takes hours. So in large networks every shock is first followed with pruning: a firm passes on its loss only once
that much of it has gathered. Shocks that spread widely all the same, and those that turn out largest, are then
computed to the letter. What pruning leaves out is loss: the index of the other firms is on the low side.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

import numpy as np
from numpy.typing import ArrayLike

from foreland.chains.firm_network import FirmNetwork, Floats, Ints, firm_network
from foreland.chains.firm_propagation import Bools, Lists, Losses, Propagation, Whole, first_losses

__all__ = ["Cascade", "FirmNetwork", "FirmRisk", "Propagation", "cascade", "firm_network", "systemic_risk"]

# Numbers in the state of all batches under way: 0.8 GB.
STATE = 100_000_000
LARGEST_BATCH = 256
WHOLE_BATCH = 32
# A step through lists costs about so many times as much a link as one through whole arrays.
LISTS_ARE_DEARER = 10
# Shocks × links that whole arrays take about a quarter of a minute for.
EXACT_WORK = 1e8


@dataclass(frozen=True)
class FirmRisk:
    """Economic systemic risk by failing firm, shape (k,) each.

    Attributes
    ----------
    esri
        Share of all output lost when the firm fails, from its own share to 1.
    downstream, upstream
        The same from losses that run to customers only, to suppliers only.
    own_share
        The firm's own share of all output.
    hit
        Other firms with a loss.
    steps
        Steps until the shock had ended.
    exact
        Whether the shock was followed to the letter, without pruning.
    """

    firm: Ints
    esri: Floats
    downstream: Floats
    upstream: Floats
    own_share: Floats
    hit: Ints
    steps: Ints
    exact: Bools


@dataclass(frozen=True)
class Cascade:
    """What happens when firms fail: losses as shares of each firm's output, shape (n,).

    Attributes
    ----------
    loss
        The larger of `downstream` and `upstream`.
    order
        Other firms with a loss, the largest loss of output first (ties: the lower number).
    total
        Share of all output lost.
    """

    loss: Floats
    downstream: Floats
    upstream: Floats
    order: Ints
    total: float
    steps: int


def cascade(network: FirmNetwork, failing: ArrayLike, settings: Propagation | None = None) -> Cascade:
    """Follow the failure of a firm, or of several at the same time, to each of the others.

    Parameters
    ----------
    failing
        Firm number or numbers.
    settings
        ε and replaceability; nothing is pruned.

    Raises
    ------
    ValueError
        No such firm.
    """
    firms = _known(network, np.atleast_1d(np.asarray(failing)))
    shock = np.zeros((network.firms, 1))
    shock[firms] = 1.0
    down, up, steps = Whole(network, settings or Propagation()).run(shock)
    loss = np.maximum(down[:, 0], up[:, 0])
    others = np.setdiff1d(np.flatnonzero(loss), firms)
    order = others[np.lexsort((others, -(loss * network.output)[others]))]
    total = float(network.own_share @ loss)
    return Cascade(loss, down[:, 0], up[:, 0], order, total, int(steps[0]))


def systemic_risk(
    network: FirmNetwork,
    firms: ArrayLike | None = None,
    settings: Propagation | None = None,
    refine: int = 128,
    workers: int = 2,
) -> FirmRisk:
    """Economic systemic risk index of `firms` (all where None), each failing alone.

    Where nearly every failure brings down much of a large network (all inputs essential, nobody replaceable), nothing
    can be pruned: that takes about 0.12 CPU seconds a firm with a million links, so ask for some of the firms.

    Parameters
    ----------
    settings
        Without: ε of the paper, pruned at a tenth of it where the network is large (shocks × links above 10⁸).
    refine
        How many of the largest among the pruned are computed to the letter.
    workers
        Threads; the answer doesn't depend on them.

    Raises
    ------
    ValueError
        No such firm, or less than one worker.
    """
    settings = settings or Propagation()
    if workers < 1:
        raise ValueError(f"workers: {workers}")
    asked = _known(network, np.arange(network.firms) if firms is None else np.asarray(firms))
    answer = np.zeros((5, len(asked)))

    def keep(places: Ints, losses: Losses) -> None:
        answer[:, places] = losses.total, losses.downstream, losses.upstream, losses.hit, losses.steps

    if settings.prune > 0 and len(asked) * network.links > EXACT_WORK:
        exact = _by_lists(network, settings, asked, workers, keep)
        largest = np.argsort(np.where(exact, 1.0, -answer[0]), kind="stable")
        exact[largest[:refine]] = True
    else:
        exact = np.ones(len(asked), bool)
    left = np.flatnonzero(exact)
    whole = Whole(network, settings)
    parts = [left[at : at + WHOLE_BATCH] for at in range(0, len(left), WHOLE_BATCH)]
    with ThreadPoolExecutor(workers) as pool:
        for part, losses in zip(parts, pool.map(lambda part: whole.batch(asked[part]), parts), strict=True):
            keep(part, losses)
    total, down, up, hit, steps = answer
    shares = network.own_share[asked]
    return FirmRisk(asked, total, down, up, shares, hit.astype(np.int64), steps.astype(np.int64), exact)


def _by_lists(
    network: FirmNetwork, settings: Propagation, asked: Ints, workers: int, keep: Callable[[Ints, Losses], None]
) -> Bools:
    """Shocks followed with pruning, told to `keep`; which of them spread too widely for it, shape of `asked`."""
    room = STATE / workers / (len(network.slot_firm) + 5 * network.firms)
    size = int(np.clip(room, 1, LARGEST_BATCH))
    work = network.links / LISTS_ARE_DEARER
    free: SimpleQueue[Lists] = SimpleQueue()
    for _ in range(workers):
        free.put(Lists(network, settings, size, work))

    def solve(part: Ints) -> tuple[Losses, Bools]:
        lists = free.get()
        try:
            return lists.batch(asked[part])
        finally:
            free.put(lists)

    # Shocks of a batch go on until the longest has ended, so long ones are put together.
    order = np.argsort(-first_losses(network, settings)[asked], kind="stable")
    parts = [order[at : at + size] for at in range(0, len(asked), size)]
    wide = np.zeros(len(asked), bool)
    with ThreadPoolExecutor(workers) as pool:
        for part, (losses, unfinished) in zip(parts, pool.map(solve, parts), strict=True):
            keep(part, losses)
            wide[part] = unfinished
    return wide


def _known(network: FirmNetwork, firms: ArrayLike) -> Ints:
    array = np.asarray(firms)
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"firms: integers, not {array.dtype} of shape {array.shape}")
    if array.size and (array.min() < 0 or array.max() >= network.firms):
        raise ValueError(f"no such firm: numbers are 0 to {network.firms - 1}")
    return array.astype(np.int64)

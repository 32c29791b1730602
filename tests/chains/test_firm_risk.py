"""Systemic risk of firms: the formulas of the paper written out, small networks by hand, and what always holds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreland.chains import firm_risk
from foreland.chains.errors import ChainError
from foreland.chains.firm_propagation import Lists
from foreland.chains.firm_risk import Propagation, cascade, firm_network, systemic_risk

TO_THE_END = Propagation(epsilon=0.0, prune=0.0, replaceable=False, max_steps=400)


def literal(W: np.ndarray, x: np.ndarray, p: np.ndarray, importance: np.ndarray, psi: np.ndarray, how: Propagation):
    """Equations of Diem et al. (2022), firm by firm, in what is left of production: h = 1 − loss.

    With ``how.prune``, a firm's suppliers and customers know of its loss only what has gathered to that.
    """
    n = len(W)
    hd, hu = psi.copy(), psi.copy()
    told_d, told_u = np.zeros(n), np.zeros(n)
    steps = 0
    for steps in range(1, how.max_steps + 1):  # noqa: B007
        sigma = np.ones(n)
        if how.replaceable is not False:
            for j in range(n):
                market = sum(x[k] * hd[k] for k in range(n) if p[k] == p[j])
                sigma[j] = min(x[j] / market, 1.0) if market > 0 else 1.0
        for j in range(n):
            for told, value in ((told_d, sigma[j] * (1 - hd[j])), (told_u, 1 - hu[j])):
                if value - told[j] >= how.prune:
                    told[j] = value
        new_d, new_u = psi.copy(), psi.copy()
        for i in range(n):
            left: dict[int, float] = {}
            other = 1.0
            for j in range(n):
                if W[j, i] > 0 and importance[p[j], p[i]] == 2:
                    whole = sum(W[k, i] for k in range(n) if p[k] == p[j])
                    left[p[j]] = left.get(p[j], 1.0) - told_d[j] * W[j, i] / whole
                elif W[j, i] > 0 and importance[p[j], p[i]] == 1:
                    other -= told_d[j] * W[j, i] / W[:, i].sum()
            new_d[i] = min([psi[i], other, *left.values()])
            new_u[i] = min(psi[i], 1 - sum(W[i, j] / x[i] * told_u[j] for j in range(n) if W[i, j] > 0))
        change = max((hd - new_d).max(), (hu - new_u).max())
        hd, hu = new_d, new_u
        if change <= how.epsilon:
            break
    return 1 - hd, 1 - hu, steps


def drawn(seed: int) -> tuple[dict[str, Any], np.ndarray, np.ndarray, np.ndarray]:
    """Arguments of a network with loops, repeated rows and zero weights; its matrix, output and importance."""
    rng = np.random.default_rng(seed)
    n, rows, kinds = int(rng.integers(3, 11)), int(rng.integers(4, 35)), 3
    supplier, customer = rng.integers(n, size=rows), rng.integers(n, size=rows)
    supplier[0], customer[0] = 0, 1
    weight = rng.choice([0.0, 1.0, 2.0, 5.5], size=rows)
    weight[0] = 1.0
    sector = rng.integers(kinds, size=n)
    W = np.zeros((n, n))
    np.add.at(W, (supplier, customer), weight)
    np.fill_diagonal(W, 0)
    x = W.sum(axis=1)
    given: dict[str, Any] = {"supplier": supplier, "customer": customer, "weight": weight, "sector": sector}
    production = ("generalised", "linear", "leontief")[seed % 3]
    importance = np.full((kinds, kinds), 1 if production == "linear" else 2)
    if production == "generalised":
        importance = rng.integers(0, 3, size=(kinds, kinds))
        given["importance"] = importance
    if seed % 2:
        x = x + rng.random(n)
        given["output"] = x
    return {**given, "production": production}, W, x, importance


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=40, deadline=None)
def test_equals_the_formulas(seed: int, replaceable: bool) -> None:
    given_, W, x, importance = drawn(seed)
    network = firm_network(**given_)
    how = Propagation(prune=0.0, replaceable=replaceable)
    found = systemic_risk(network, settings=how)
    assert found.exact.all()
    for f in range(len(W)):
        psi = np.ones(len(W))
        psi[f] = 0.0
        d, u, steps = literal(W, x, given_["sector"], importance, psi, how)
        share = x / x.sum()
        assert found.esri[f] == pytest.approx(share @ np.maximum(d, u), abs=1e-12)
        assert found.downstream[f] == pytest.approx(share @ d, abs=1e-12)
        assert found.upstream[f] == pytest.approx(share @ u, abs=1e-12)
        assert found.steps[f] == steps
        assert found.hit[f] == (np.maximum(d, u) > 1e-15).sum() - 1
        one = cascade(network, f, how)
        np.testing.assert_allclose(one.downstream, d, atol=1e-12)
        np.testing.assert_allclose(one.upstream, u, atol=1e-12)
        assert one.total == pytest.approx(found.esri[f])


@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([0.0, 0.00317, 0.0291, 0.1713]))
@settings(max_examples=40, deadline=None)
def test_lists_equal_the_formulas_with_and_without_pruning(seed: int, replaceable: bool, prune: float) -> None:
    given_, W, x, importance = drawn(seed)
    network = firm_network(**given_)
    how = Propagation(prune=prune, replaceable=replaceable)
    firms = np.random.default_rng(seed).permutation(len(W))
    lists = Lists(network, how, len(W), np.inf)
    for _ in range(2):  # what a batch leaves behind must not be felt by the next
        found, heavy = lists.batch(firms)
        assert not heavy.any()
        for at, f in enumerate(firms):
            psi = np.ones(len(W))
            psi[f] = 0.0
            d, u, steps = literal(W, x, given_["sector"], importance, psi, how)
            assert found.total[at] == pytest.approx(x @ np.maximum(d, u) / x.sum(), abs=1e-12)
            assert found.downstream[at] == pytest.approx(x @ d / x.sum(), abs=1e-12)
            assert found.upstream[at] == pytest.approx(x @ u / x.sum(), abs=1e-12)
            assert found.steps[at] == steps
            assert found.hit[at] == (np.maximum(d, u) > 1e-15).sum() - 1


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_what_holds_in_any_network(seed: int) -> None:
    """Bounds; the order of firms and rows, the unit of weights and the number of threads don't matter."""
    given_, W, _, _ = drawn(seed)
    rng = np.random.default_rng(seed)
    network = firm_network(**given_)
    found = systemic_risk(network)
    assert (found.esri >= network.own_share - 1e-12).all()
    assert (found.esri <= 1 + 1e-12).all()
    assert (found.esri >= np.maximum(found.downstream, found.upstream) - 1e-12).all()
    assert (found.esri <= found.downstream + found.upstream - found.own_share + 1e-12).all()

    names, rows = rng.permutation(len(W)), rng.permutation(len(given_["supplier"]))
    old = np.argsort(names)
    again = dict(given_)
    again |= {k: names[given_[k]][rows] for k in ("supplier", "customer")}
    again |= {"weight": 1e6 * given_["weight"][rows], "sector": given_["sector"][old]}
    if "output" in given_:
        again["output"] = 1e6 * given_["output"][old]
    other = systemic_risk(firm_network(**again), names, workers=1)
    np.testing.assert_allclose(other.esri, found.esri, atol=1e-12)
    np.testing.assert_array_equal(other.firm, names)


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_more_is_lost_the_more_fail_the_more_matters_and_the_longer_it_runs(seed: int) -> None:
    given_, W, _, _ = drawn(seed)
    network = firm_network(**given_)
    # Shocks of different length can't be compared at the paper's ε: both are run for the same number of steps.
    how = Propagation(epsilon=0.0, prune=0.0, max_steps=40)
    one, two = cascade(network, 0, how), cascade(network, [0, 1], how)
    assert (two.loss >= one.loss - 1e-12).all()
    fixed = cascade(network, 0, Propagation(epsilon=0.0, replaceable=False, max_steps=40))
    assert (fixed.loss >= one.loss - 1e-12).all()
    short = systemic_risk(network, settings=Propagation(prune=0.0))
    assert (systemic_risk(network, settings=Propagation(epsilon=1e-9, prune=0.0)).esri >= short.esri - 1e-12).all()
    with_stock = {**given_, "output": W.sum(axis=1) * 2}
    assert (
        cascade(firm_network(**with_stock), 0, TO_THE_END).upstream <= cascade(network, 0, TO_THE_END).upstream + 1e-9
    ).all()


def test_chain() -> None:
    """0 → 1 → 2: without the middle nothing is sold or bought; who sells nothing has no output to lose."""
    network = firm_network([0, 1], [1, 2], [10.0, 30.0])
    found = systemic_risk(network, settings=TO_THE_END)
    np.testing.assert_allclose(found.esri, [1, 1, 1])
    np.testing.assert_allclose(found.downstream, [1, 0.75, 0])
    np.testing.assert_allclose(found.upstream, [0.25, 1, 1])
    np.testing.assert_allclose(found.own_share, [0.25, 0.75, 0])
    np.testing.assert_array_equal(found.steps, [3, 2, 3])
    gone = cascade(network, 0)
    np.testing.assert_allclose(gone.loss, [1, 1, 1])
    np.testing.assert_array_equal(gone.order, [1, 2])


def test_star() -> None:
    """A hub sells to four, half of it to the first; each of them loses all, the hub the customer's share."""
    network = firm_network([0] * 4, [1, 2, 3, 4], [4.0, 2.0, 1.0, 1.0])
    np.testing.assert_allclose(cascade(network, 0).loss, 1)
    one = cascade(network, 1)
    np.testing.assert_allclose(one.upstream, [0.5, 1, 0, 0, 0])
    np.testing.assert_allclose(one.downstream, [0, 1, 0, 0, 0])
    assert one.total == pytest.approx(0.5)
    assert cascade(network, [1, 2]).total == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("production", "replaceable", "lost"),
    [("linear", False, 0.75), ("leontief", False, 0.75), ("linear", True, 0.75), ("leontief", True, 0.75)],
)
def test_two_suppliers_of_one_product(production: Any, replaceable: bool, lost: float) -> None:
    """Who fails with 75 % of the market can't be replaced by the rest of it; who fails with 25 % can, to a third."""
    network = firm_network([0, 1], [2, 2], [3.0, 1.0], sector=[0, 0, 1], production=production)
    how = Propagation(epsilon=0.0, replaceable=replaceable)
    assert cascade(network, 0, how).downstream[2] == pytest.approx(lost)
    small = cascade(network, 1, how).downstream[2]
    # σ = 1 / 3 of what is left of the market, times a quarter of the input.
    assert small == pytest.approx(0.25 / 3 if replaceable else 0.25)


def test_two_products() -> None:
    """Supplier 0 delivers a quarter of all inputs, all of its product: felt in full where it is essential."""
    edges: dict[str, Any] = {"supplier": [0, 1], "customer": [2, 2], "weight": [1.0, 3.0], "sector": [0, 1, 2]}

    def loss(**more: Any) -> float:
        return float(cascade(firm_network(**edges, **more), 0).downstream[2])

    assert loss() == pytest.approx(0.25)
    assert loss(production="leontief") == pytest.approx(1.0)
    importance = np.ones((3, 3), int)
    importance[0, 2] = 2
    assert loss(production="generalised", importance=importance) == pytest.approx(1.0)
    assert loss(production="generalised", importance=[1, 2, 1]) == pytest.approx(0.25)
    assert loss(production="generalised", importance=[0, 2, 1]) == 0
    assert cascade(firm_network([0, 1], [2, 2], production="leontief"), 1).downstream[2] == 1


def test_final_demand_does_not_fail() -> None:
    network = firm_network([0], [1], [10.0], output=[40.0, 60.0])
    assert cascade(network, 1).upstream[0] == pytest.approx(0.25)
    np.testing.assert_allclose(systemic_risk(network).esri, [1.0, 0.7])


def test_rows_that_are_no_links_are_told() -> None:
    """A loop, a repeated row and a row without weight change nothing but these counts."""
    plain = firm_network([0, 1], [1, 2], [5.0, 2.0])
    untidy = firm_network([0, 0, 1, 1, 2], [1, 1, 2, 1, 0], [2.0, 3.0, 2.0, 9.0, 0.0])
    assert (untidy.self_loops, untidy.repeated, untidy.without_weight, untidy.links) == (1, 1, 1, 2)
    assert (plain.self_loops, plain.repeated, plain.without_weight, plain.links) == (0, 0, 0, 2)
    np.testing.assert_allclose(systemic_risk(untidy).esri, systemic_risk(plain).esri)
    np.testing.assert_allclose(untidy.sales, [5, 2, 0])
    np.testing.assert_allclose(firm_network([0, 0, 1], [1, 1, 2]).sales, [2, 1, 0])


def test_firms_without_links() -> None:
    network = firm_network([0], [1], sector=[0, 1, 1])
    found = systemic_risk(network)
    np.testing.assert_allclose(found.esri, [1, 1, 0])
    assert cascade(network, 2).order.size == 0


def test_large_network_is_pruned_and_its_largest_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    n, m = 800, 5000
    size = rng.random(n) ** -0.7
    edges = [rng.choice(n, m, p=size / size.sum()) for _ in range(2)]
    network = firm_network(*edges, rng.lognormal(0, 1.5, m), sector=rng.integers(30, size=n), production="leontief")
    exact = systemic_risk(network)
    assert exact.exact.all()
    monkeypatch.setattr(firm_risk, "EXACT_WORK", 0)
    monkeypatch.setattr(firm_risk, "LARGEST_BATCH", 64)
    pruned = systemic_risk(network, refine=40)
    assert 40 <= pruned.exact.sum() < n
    np.testing.assert_allclose(pruned.esri[pruned.exact], exact.esri[pruned.exact], atol=1e-12)
    np.testing.assert_array_equal(np.argsort(-pruned.esri)[:20], np.argsort(-exact.esri)[:20])
    other = ~pruned.exact
    assert other.any()
    assert np.abs(pruned.esri - exact.esri)[other].max() < 0.01
    assert np.abs(pruned.esri - exact.esri)[other].max() > 0
    finest = systemic_risk(network, settings=Propagation(prune=1e-9), refine=0)
    np.testing.assert_allclose(finest.esri, exact.esri, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("firm_weights", {"weight": [1.0, -1.0]}),
        ("firm_weights", {"weight": [1.0, np.nan]}),
        ("firm_no_links", {"weight": [0.0, 0.0]}),
        ("firm_output", {"weight": [1.0, 3.0], "output": [1.0, 2.0, 0.0]}),
    ],
)
def test_what_is_refused(kind: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ChainError) as caught:
        firm_network([0, 1], [1, 2], **arguments)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    "arguments",
    [
        {"production": "generalised"},
        {"production": "linear", "importance": [1, 1]},
        {"production": "generalised", "sector": [0, 1, 2], "importance": [1, 1]},
        {"production": "generalised", "sector": [0, 1, 0], "importance": [1, 3]},
        {"sector": [0, 1]},
        {"sector": [0.5, 1, 1]},
        {"weight": [1.0]},
    ],
)
def test_arguments_that_do_not_fit(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        firm_network([0, 1], [1, 2], **arguments)


def test_settings_and_firms_that_do_not_fit() -> None:
    network = firm_network([0, 1], [1, 2])
    with pytest.raises(ValueError, match="sectors"):
        systemic_risk(network, settings=Propagation(replaceable=True))
    with pytest.raises(ValueError, match="no such firm"):
        cascade(network, 3)
    with pytest.raises(ValueError, match="no such firm"):
        systemic_risk(network, [-1])
    with pytest.raises(ValueError, match="epsilon"):
        Propagation(prune=1.0)

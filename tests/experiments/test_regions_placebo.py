"""Placebo inference: the closed form against loops, and that p-value and interval never disagree."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import optimize

from channelopt.experiments.placebo import accepted, least_p, placebo
from channelopt.experiments.regions_control import contrasts, did_weights, synthetic_weights
from channelopt.experiments.regions_draw import draw, least_regions, treated_of


def example(seed=1, n=8, lift=0.3, noise=0.1):
    rng = np.random.default_rng(seed)
    base = np.exp(rng.normal(3, 1, n))
    now = base * 1.2 * np.exp(rng.normal(0, noise, n))
    masks = np.array([[i in c for i in range(n)] for c in itertools.combinations(range(n), n // 2)])
    own = masks[int(rng.integers(len(masks)))]
    return base, np.where(own, now * (1 + lift), now), masks, own


def did(base, now, mask):
    """The statistic by loops."""
    up = sum(y for y, m in zip(now, mask, strict=True) if m) / sum(
        p for p, m in zip(base, mask, strict=True) if m
    )
    down = sum(y for y, m in zip(now, mask, strict=True) if not m)
    return up - down / sum(p for p, m in zip(base, mask, strict=True) if not m)


def brute_p(base, now, masks, own, phi):
    undone = np.where(own, now * phi, now)
    real = abs(did(base, undone, own))
    return np.mean([abs(did(base, undone, m)) >= real - 1e-9 for m in masks])


def answer(base, now, masks, own, alpha=0.05):
    rows = np.concatenate([own[None], masks])
    contrast = contrasts(did_weights(base, rows), base, rows)
    a, b = contrast @ np.where(own, 0, now), contrast @ np.where(own, now, 0)
    return placebo((a[0], b[0]), (a[1:], b[1:]), alpha)


@pytest.mark.parametrize("seed", range(6))
def test_p_and_interval_against_loops(seed):
    base, now, masks, own = example(seed)
    got = answer(base, now, masks, own, 0.1)
    assert got.pvalue == pytest.approx(brute_p(base, now, masks, own, 1.0))
    up = sum(now[own]) / sum(base[own])
    down = sum(now[~own]) / sum(base[~own])
    assert got.rel_effect_size == pytest.approx(up / down - 1)
    inside = np.linspace(float(got.phi_low), float(got.phi_high), 25)[1:-1]
    assert all(brute_p(base, now, masks, own, phi) > 0.1 for phi in inside)
    assert brute_p(base, now, masks, own, float(got.phi_low) - 1e-4) <= 0.1
    assert brute_p(base, now, masks, own, float(got.phi_high) + 1e-4) <= 0.1


def test_p_at_alpha_is_exactly_when_the_interval_leaves_one_out():
    for seed in range(60):
        base, now, masks, own = example(seed, lift=0.1, noise=0.08)
        for alpha in (0.05, 0.1, 0.2):
            got = answer(base, now, masks, own, alpha)
            assert (got.pvalue <= alpha) == (not got.phi_low <= 1 <= got.phi_high)


def test_an_assignment_that_moves_more_than_the_real_one_accepts_everything():
    low, high = accepted((np.array(-1.0), np.array(1.0)), (np.array([-0.5]), np.array([2.0])))
    assert low[0] == -np.inf and high[0] == np.inf


def test_nothing_to_compare_and_no_treated_outcome_are_nan():
    empty = placebo((np.array(-1.0), np.array(1.0)), (np.zeros(0), np.zeros(0)), 0.05)
    assert empty.assignments == 0 and np.isnan(empty.pvalue) and np.isnan(empty.rel_ci_low)
    zero = placebo((np.array(-1.0), np.array(0.0)), (np.array([-1.0, 0.5]), np.array([0.0, 0.1])), 0.05)
    assert np.isnan(zero.pvalue) and np.isnan(zero.phi)


def test_many_at_once_are_each_on_its_own():
    rng = np.random.default_rng(3)
    a, b = rng.normal(-1, 0.1, (4, 50)), rng.normal(0, 0.2, (4, 50))
    a[:, 0], b[:, 0] = -1.0, 1.1
    got = placebo((a[:, 0], b[:, 0]), (a, b), 0.1)
    for k in range(4):
        one = placebo((a[k, 0], b[k, 0]), (a[k], b[k]), 0.1)
        assert (got.pvalue[k], got.phi_low[k], got.phi_high[k]) == (one.pvalue, one.phi_low, one.phi_high)


def test_least_p():
    assert least_p(70, True) == pytest.approx(2 / 70)
    assert least_p(35, False) == pytest.approx(1 / 35)
    assert least_p(0, False) == 1.0


@pytest.mark.parametrize("ridge", [1.0, 0.1])
def test_synthetic_weights_against_scipy(ridge):
    rng = np.random.default_rng(5)
    size = 100 * np.exp(rng.normal(0, 0.8, 10))
    series = size * (1 + rng.normal(0, 0.1, (16, 2)) @ rng.random((2, 10))) + rng.normal(0, 3, (16, 10))
    masks = np.array([rng.permutation(10) < 4 for _ in range(30)])
    weights = synthetic_weights(series, size, masks, ridge)
    assert weights.sum(axis=1) == pytest.approx(1) and (weights >= 0).all() and not weights[masks].any()
    shape = series / series.mean(axis=0) - 1
    flat = did_weights(size, masks)
    goal = did_weights(size, ~masks)
    misses = [np.sum((shape @ (f - g)) ** 2) for f, g in zip(flat, goal, strict=True)]
    for k in range(5):
        free = np.flatnonzero(~masks[k])

        def loss(w, k=k, free=free):
            gap = shape @ goal[k] - shape[:, free] @ w
            return np.sum(gap**2) + ridge * np.mean(misses) * np.sum(w * np.log(w / flat[k, free]))

        best = optimize.minimize(
            loss, flat[k, free], method="SLSQP", bounds=[(1e-9, 1)] * len(free), options={"ftol": 1e-13},
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        )  # fmt: skip
        assert loss(weights[k, free]) == pytest.approx(best.fun, rel=1e-5)
        assert weights[k, free] == pytest.approx(best.x, abs=2e-3)


def test_a_large_penalty_is_difference_in_differences_and_a_twin_is_found_with_a_small_one():
    rng = np.random.default_rng(6)
    size = np.array([50.0, 60.0, 70.0, 80.0])
    swing = rng.normal(0, 0.2, (20, 4))
    swing[:, 1] = swing[:, 0]  # the second region is the first one's twin
    series, mask = size * (1 + swing), np.array([[True, False, False, False]])
    assert synthetic_weights(series, size, mask, 1e9) == pytest.approx(did_weights(size, mask), abs=1e-6)
    assert synthetic_weights(series, size, mask, 1e-3)[0, 1] > 0.9


def test_regions_without_outcome_get_no_weight_and_nothing_breaks():
    size, mask = np.array([5.0, 0.0, 3.0, 4.0]), np.array([[True, False, False, False]])
    series = np.outer(np.arange(1, 9), size)
    weights = synthetic_weights(series, size, mask, 1.0)
    assert weights[0, 1] == 0 and weights.sum() == pytest.approx(1)
    assert np.isfinite(contrasts(weights, size, mask)).all()


def test_the_draw_keeps_balanced_splits_and_is_repeatable():
    rng = np.random.default_rng(7)
    series = np.exp(rng.normal(3, 1, 20)) * np.exp(rng.normal(0, 0.1, (16, 20)))
    masks, own = draw(series, 10, 1)
    again, same = draw(series, 10, 1)
    other, _ = draw(series, 10, 2)
    assert (masks == again).all() and own == same and not (masks[:50] == other[:50]).all()
    assert masks.shape == (1000, 20) and (masks.sum(axis=1) == 10).all()
    assert len({m.tobytes() for m in masks}) == 1000
    share = masks @ series.mean(0) / series.mean(0).sum()
    loose = np.array([rng.permutation(20) < 10 for _ in range(1000)]) @ series.mean(0) / series.mean(0).sum()
    assert share.std() < 0.7 * loose.std()
    few, _ = draw(series[:, :6], 3, 1)
    assert len(few) == 20


def test_fewest_regions():
    assert least_regions(0.5, None, 0.05) == 7  # C(7, 4) = 35
    assert least_regions(0.5, 1, 0.05) == 20
    assert treated_of(1, 0.5, None) == 0 and treated_of(2, 0.01, None) == 1 and treated_of(2, 0.99, None) == 1


def test_null_p_values_are_uniform():
    p = []
    for world in range(400):
        rng = np.random.default_rng([9, world])
        base = np.exp(rng.normal(3, 1.5, 12))
        series = base * np.exp(rng.normal(0, 0.2, (8, 12)))
        masks, own = draw(series, 6, world)
        now = base * np.exp(rng.normal(0, 0.3, 12))
        p.append(float(answer(series.mean(0), now, masks, masks[own]).pvalue))
    shares = [np.mean(np.array(p) <= level) for level in (0.05, 0.1, 0.25, 0.5, 0.75)]
    for level, share in zip((0.05, 0.1, 0.25, 0.5, 0.75), shares, strict=True):
        assert abs(share - level) < 3.5 * np.sqrt(level * (1 - level) / 400)

"""Persons, several variants, splits and the Bayesian view: corners and simulations with known truth."""

from __future__ import annotations

import numpy as np
import pytest

from channelopt import experiments as ex
from channelopt.errors import InputError


def test_ratio_per_person_covers_and_one_interval_agrees_with_the_other():
    rng = np.random.default_rng(7)
    held = wrong = 0
    for _ in range(600):
        clicks = 1 + rng.poisson(1.0, size=(2, 400))
        spend = clicks * rng.lognormal(0, 0.5, size=clicks.shape)
        got = ex.ratio_test((spend[0], clicks[0]), (spend[1], clicks[1]))
        held += got.ci_low <= 0 <= got.ci_high
        wrong += (got.ci_low <= 0 <= got.ci_high) != (got.rel_ci_low <= 0 <= got.rel_ci_high)
    assert 0.93 <= held / 600 <= 0.97
    assert wrong == 0


def test_cuped_finds_more_with_the_same_people():
    rng = np.random.default_rng(8)
    plain = helped = 0
    for _ in range(300):
        before = rng.normal(10, 3, size=(2, 200))
        after = before + rng.normal(0, 1.5, size=before.shape)
        after[1] += 0.5
        plain += ex.welch_test(after[0], after[1]).pvalue < 0.05
        helped += ex.cuped_test((after[0], before[0]), (after[1], before[1])).pvalue < 0.05
    assert helped > 2 * plain


def test_corners_of_persons():
    assert ex.welch_test([], []).status == "few_units"
    assert ex.welch_test([1.0], [2.0, 3.0]).status == "few_units"
    assert ex.welch_test([2.0, 2.0], [3.0, 3.0]).status == "no_variation"
    assert ex.ratio_test(([1.0, 2], [0.0, 0]), ([1.0, 2], [1.0, 1])).status == "no_denominator"
    assert ex.welch_test([1.0, np.nan, 2.0], [3.0, 5.0]).n == 4
    assert ex.cuped_test(([1.0, 2, 4], [5.0, 5, 5]), ([2.0, 3, 9], [5.0, 5, 5])).status == "ok"
    with pytest.raises(InputError):
        ex.ratio_test(([1.0], [1.0, 2.0]), ([1.0], [1.0]))


def test_corrections_count_what_was_tried():
    p = np.array([0.01, np.nan, 0.04, 0.03])
    assert ex.adjust(p, "bonferroni")[[0, 2]].tolist() == pytest.approx([0.03, 0.12])
    assert np.isnan(ex.adjust(p)[1])
    assert ex.adjust([]).size == 0
    with pytest.raises(InputError):
        ex.adjust([0.5], "none")
    with pytest.raises(InputError):
        ex.adjust([1.5])


def test_shrinking_takes_the_luck_out_of_the_winner():
    rng = np.random.default_rng(9)
    bias = raw = 0.0
    for _ in range(600):
        truth = rng.normal(0, 0.05, 12)
        seen = truth + rng.normal(0, 0.1, 12)
        best = int(np.argmax(seen))
        raw += seen[best] - truth[best]
        bias += ex.shrink(seen, np.full(12, 0.1))[0][best] - truth[best]
    assert raw / 600 > 0.1
    assert abs(bias / 600) < 0.02
    assert np.isnan(ex.shrink([np.nan], [0.1])[0]).all()
    assert ex.shrink([0.05], [0.1])[0][0] == 0.0  # one lift within its noise: nothing is left


def test_split_and_strata_corners():
    assert np.isnan(ex.split_test([0, 0], [1, 1]).pvalue)
    assert ex.split_test([6000, 4000], [1, 1]).pvalue < 1e-50
    with pytest.raises(InputError):
        ex.split_test([1, 2, 3], [1, 1])
    with pytest.raises(InputError):
        ex.split_test([1, 2], [0, 1])
    kidney = ex.stratified_test([[[81, 6], [234, 36]], [[192, 71], [55, 25]]])
    assert kidney.reversed
    empty = ex.stratified_test([[[0, 0], [3, 4]]])
    assert np.isnan(empty.test.pvalue)
    with pytest.raises(InputError):
        ex.stratified_test([[1, 2], [3, 4]])


def test_one_huge_order_is_one_order():
    assert ex.effective_orders([100.0] * 40) == pytest.approx(40)
    assert ex.effective_orders([1.0] * 40 + [1e6]) == pytest.approx(1, abs=1e-3)
    assert ex.effective_orders([]) == 0


def test_chance_to_win_by_drawing():
    rng = np.random.default_rng(10)
    draws = rng.beta(41, 961, 400_000) < rng.beta(56, 946, 400_000)
    assert ex.beta_chance_to_win(40, 1000, 55, 1000) == pytest.approx(draws.mean(), abs=0.002)
    assert ex.posterior((0.0, 0.0, 50), (0.1, 0.01, 50)) is None
    cheaper = ex.posterior((20.0, 1.0, 30), (17.0, 1.0, 30), lower_is_better=True)
    dearer = ex.posterior((20.0, 1.0, 30), (17.0, 1.0, 30))
    assert cheaper.chance_to_win == pytest.approx(1 - dearer.chance_to_win)
    assert cheaper.loss_if_shipped < 0.01 < cheaper.loss_if_kept


def test_sizes_and_power_close_the_circle():
    n = ex.n_for_shares(0.04, 0.044)
    assert ex.power_for_shares(0.04, 0.004, n) == pytest.approx(0.8, abs=1e-4)
    d = ex.n_for_means(0.2, ratio=0.5)
    assert ex.power_for_means(0.2, d, ratio=0.5) == pytest.approx(0.8, abs=1e-6)
    for bad in ((0.04, 0.04), (0.0, 0.1), (1.2, 0.1)):
        with pytest.raises(InputError):
            ex.n_for_shares(*bad)
    with pytest.raises(InputError):
        ex.n_for_means(0.0)

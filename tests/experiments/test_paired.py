"""The day-paired ratio test: right under every kind of day noise, one answer, an answer for every corner."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from channelopt import experiments as ex
from channelopt.errors import InputError


def naive(nc, dc, nt, dt):
    """One experiment, written as a loop."""
    days = len(nc)
    rc, rt = sum(nc) / sum(dc), sum(nt) / sum(dt)
    gaps = [
        (nt[k] - rt * dt[k]) / (sum(dt) / days) - (nc[k] - rc * dc[k]) / (sum(dc) / days) for k in range(days)
    ]
    se = np.sqrt(sum(g * g for g in gaps) / (days * (days - 1)))
    t = (rt - rc) / se
    return t, 2 * stats.t.sf(abs(t), days - 1)


def test_agrees_with_a_loop():
    rng = np.random.default_rng(1)
    d = rng.poisson(400, size=(2, 6, 14)).astype(float)
    n = rng.binomial(d.astype(int), 0.04).astype(float)
    got = ex.paired_ratio_test(n[0], d[0], n[1], d[1])
    for k in range(6):
        t, p = naive(n[0, k], d[0, k], n[1, k], d[1, k])
        assert got.statistic[k] == pytest.approx(t, rel=1e-10)
        assert got.pvalue[k] == pytest.approx(p, rel=1e-9)


def test_equal_denominators_are_a_plain_paired_t_test():
    rng = np.random.default_rng(2)
    c, t = rng.normal(10, 2, 12), rng.normal(11, 2, 12)
    ones = np.full(12, 3.0)
    got, want = ex.paired_ratio_test(c, ones, t, ones), stats.ttest_rel(t, c)
    assert got.statistic == pytest.approx(want.statistic, rel=1e-10)
    assert got.pvalue == pytest.approx(want.pvalue, rel=1e-10)


@pytest.mark.parametrize("days", [7, 30])
@pytest.mark.parametrize(("noise", "shared"), [(0.0, False), (0.3, False), (0.3, True)])
@pytest.mark.parametrize("metric", ["cvr", "cpl"])
def test_false_positives_stay_at_five_percent(days, noise, shared, metric):
    rng = np.random.default_rng(days + 10 * shared)
    size = (8000, days)
    clicks = rng.poisson(400, size=(2, *size))
    sigma = np.sqrt(np.log1p(noise**2))
    factors = np.exp(rng.normal(-(sigma**2) / 2, sigma, size=(2, *size)))
    if shared:
        factors[1] = factors[0]
    leads = rng.binomial(clicks, np.minimum(0.04 * factors, 1))
    top, bottom = (leads, clicks) if metric == "cvr" else (clicks * 2.0, leads)
    got = ex.paired_ratio_test(top[0], bottom[0], top[1], bottom[1])
    wrong = np.nanmean(got.pvalue < 0.05)
    assert 0.04 <= wrong <= 0.06
    agree = (got.ci_low > 0) | (got.ci_high < 0)
    assert (agree == ((got.rel_ci_low > 0) | (got.rel_ci_high < 0)))[got.status == "ok"].all()
    assert (agree == (got.pvalue < 0.05))[got.status == "ok"].all()


def test_corners_say_why():
    ok = np.array([3.0, 4, 5, 6])
    test = ex.paired_ratio_test
    assert test(ok[:1], ok[:1], ok[:1], ok[:1]).status == "few_days"
    assert test(ok, np.zeros(4), ok, ok).status == "no_denominator"
    assert test(ok, ok, ok, ok).status == "no_variation"
    assert test(np.zeros(4), ok, np.zeros(4), ok).status == "no_variation"
    gap = np.array([3.0, np.nan, 5, 6, 2])
    assert test(gap, np.ones(5), np.ones(5) * 2, np.ones(5)).n == 4
    zero = test(np.zeros(5), np.ones(5) * 9, np.array([1.0, 0, 2, 1, 0]), np.ones(5) * 9)
    assert zero.status == "ok" and np.isnan(zero.rel_effect_size)
    for one in (test(ok, np.zeros(4), ok, ok), test(ok, ok, ok, ok)):
        assert np.isnan(one.pvalue) and np.isnan(one.ci_low) and np.isnan(one.rel_ci_high)


def test_one_sided_and_bad_settings():
    rng = np.random.default_rng(4)
    sides = rng.uniform(1, 2, (4, 9))
    two, more, less = (ex.paired_ratio_test(*sides, alternative=a) for a in ("two-sided", "greater", "less"))
    assert more.pvalue + less.pvalue == pytest.approx(1)
    assert min(more.pvalue, less.pvalue) * 2 == pytest.approx(two.pvalue)
    assert more.ci_high == np.inf and less.ci_low == -np.inf
    with pytest.raises(InputError):
        ex.paired_ratio_test(*sides, alternative="up")
    with pytest.raises(InputError):
        ex.paired_ratio_test(*sides, alpha=5)
    with pytest.raises(InputError):
        ex.paired_ratio_test(sides[0], sides[1], sides[2], sides[3][:4])

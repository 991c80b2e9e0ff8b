"""Shares: the score interval against the likelihood itself, and every corner has an answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from channelopt import experiments as ex
from channelopt.errors import InputError

CORNERS = [
    (0, 50, 0, 50),
    (0, 50, 4, 50),
    (30, 30, 30, 30),
    (30, 30, 0, 30),
    (1, 3, 2, 3),
    (0, 1, 1, 1),
    (5, 10, 0, 9000),
]


def score_z(x_c, n_c, x_t, n_t, diff):
    """The score statistic with the restricted shares found by maximising the likelihood."""

    def loss(p):
        return -stats.binom.logpmf(x_c, n_c, p) - stats.binom.logpmf(x_t, n_t, p + diff)

    low, high = max(0.0, -diff) + 1e-12, min(1.0, 1 - diff) - 1e-12
    c = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-13}).x
    t = c + diff
    variance = (c * (1 - c) / n_c + t * (1 - t) / n_t) * (n_c + n_t) / (n_c + n_t - 1)
    return (x_t / n_t - x_c / n_c - diff) / np.sqrt(variance)


@pytest.mark.parametrize(
    "counts", [(200, 5000, 240, 5000), (3, 40, 9, 45), (56, 70, 48, 80), (20, 50, 24, 900)]
)
def test_score_interval_ends_where_the_likelihood_says(counts):
    z = stats.norm.isf(0.025)
    low, high = ex.miettinen_nurminen_interval(*counts)
    assert score_z(*counts, low) == pytest.approx(z, rel=1e-6)
    assert score_z(*counts, high) == pytest.approx(-z, rel=1e-6)
    swapped = ex.miettinen_nurminen_interval(counts[2], counts[3], counts[0], counts[1])
    assert swapped == pytest.approx((-high, -low), abs=1e-10)


@pytest.mark.parametrize("counts", CORNERS)
def test_corners_have_an_interval_and_never_an_exception(counts):
    diff = counts[2] / counts[3] - counts[0] / counts[1]
    for interval in (ex.newcombe_interval, ex.miettinen_nurminen_interval):
        low, high = interval(*counts)
        assert -1 <= low <= diff + 1e-12 and diff - 1e-12 <= high <= 1
        assert high > low
    assert 0 < ex.fisher_exact(*counts).pvalue <= 1
    ex.two_proportion_test(*counts)
    ex.risk_ratio_interval(*counts)
    ex.non_inferiority_test(*counts, 0.02)
    ex.equivalence_test(*counts, -0.02, 0.02)


def test_nobody_at_all():
    assert ex.wilson_interval(0, 0) == (0.0, 1.0)
    assert ex.newcombe_interval(0, 0, 3, 10) == (-1.0, 1.0)
    assert np.isnan(ex.two_proportion_test(0, 0, 0, 0).pvalue)
    assert np.isnan(ex.rate_ratio_test(0, 10.0, 0, 10.0).pvalue)


@pytest.mark.parametrize("counts", [(5, 4, 1, 10), (-1, 4, 1, 10), (float("nan"), 4, 1, 10)])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(InputError):
        ex.two_proportion_test(*counts)


def test_newcombe_covers():
    rng = np.random.default_rng(5)
    for n, p_c, p_t in ((100, 0.04, 0.05), (500, 0.04, 0.05)):
        draws = rng.binomial(n, [p_c, p_t], size=(1500, 2))
        held = [
            low <= p_t - p_c <= high
            for low, high in (ex.newcombe_interval(c, n, t, n) for c, t in draws.tolist())
        ]
        assert 0.93 <= np.mean(held) <= 0.98

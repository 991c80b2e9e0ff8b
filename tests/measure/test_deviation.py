"""A channel against the others: by loops, by integration and by statsmodels."""

import numpy as np
import pytest
from scipy import integrate, stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from channelopt.measure.deviation import APART, TAUS, USUAL, WIDE, deviations, holm


def rates(rng, channels=9, count=3, tau=0.3, v=0.01):
    return [
        (rng.normal(-3, np.sqrt(tau**2 + v), channels), rng.uniform(v / 2, 2 * v, channels))
        for _ in range(count)
    ]


def log_like(y, v, tau):
    """Restricted log likelihood, term by term."""
    weights = [1 / (one + tau**2) for one in v]
    mean = sum(w * a for w, a in zip(weights, y, strict=True)) / sum(weights)
    loss = sum(w * (a - mean) ** 2 for w, a in zip(weights, y, strict=True))
    return -0.5 * (sum(np.log(1 / w) for w in weights) + np.log(sum(weights)) + loss), mean, 1 / sum(weights)


def by_loops(given, which, channel):
    """The predictive chance, summed over beliefs and spreads one by one."""
    y, v = given[which]
    others = [i for i in range(len(y)) if i != channel]
    total = below = 0.0
    for middle in np.linspace(-2.5, 2.5, 11) * WIDE:
        for apart in APART:
            odds = np.array(
                [np.exp(-0.5 * ((np.log(t / USUAL) - middle) / apart) ** 2) + 1e-12 for t in TAUS]
            )
            odds /= odds.sum()
            chance = np.exp(-0.5 * (middle / WIDE) ** 2)
            for at, (other_y, other_v) in enumerate(given):
                if at != which:
                    chance *= sum(
                        o * np.exp(log_like(other_y, other_v, t)[0]) for o, t in zip(odds, TAUS, strict=True)
                    )
            for o, t in zip(odds, TAUS, strict=True):
                like, mean, error = log_like(y[others], v[others], t)
                z = (y[channel] - mean) / np.sqrt(v[channel] + t**2 + error)
                weight = chance * o * np.exp(like)
                total, below = total + weight, below + weight * stats.norm.cdf(z)
    return below / total


def test_the_same_as_loops():
    given = rates(np.random.default_rng(1))
    found = deviations(given)
    for which, channel in ((0, 0), (1, 4), (2, 8)):
        assert found[which].p_low[channel] == pytest.approx(by_loops(given, which, channel), rel=1e-6)


def test_the_restricted_likelihood_is_the_others_middle_integrated_out():
    y, v = rates(np.random.default_rng(2), count=1)[0]

    def gap(tau):
        def product(m):
            return np.prod(stats.norm.pdf(y, m, np.sqrt(v + tau**2)))

        return np.log(integrate.quad(product, -8, 2, points=[-3.5, -3, -2.5])[0])

    wanted = gap(0.3) - gap(0.1)
    assert log_like(y, v, 0.3)[0] - log_like(y, v, 0.1)[0] == pytest.approx(wanted, abs=1e-6)


def test_the_spread_and_the_middle_agree_with_paule_and_mandel():
    rng = np.random.default_rng(3)
    y, v = rng.normal(-3, 0.4, 200), rng.uniform(0.005, 0.02, 200)
    found = deviations([(y, v)])[0]
    other = combine_effects(y[1:], v[1:], method_re="iterated")
    assert found.tau[0] == pytest.approx(np.sqrt(other.tau2), rel=0.04)
    assert found.others[0] == pytest.approx(other.mean_effect_re, abs=0.01)


def test_an_outlier_does_not_excuse_itself_and_the_others_are_not_accused_for_it():
    y, v = np.full(8, -3.0) + np.linspace(-0.05, 0.05, 8), np.full(8, 0.002)
    y[0] -= 1.5
    found = deviations([(y, v)])[0]
    assert found.z[0] < -4 and (found.z[1:] > -1.5).all()
    assert found.tau[0] < 0.2 < found.tau[1]


def test_unknown_rates_are_left_out():
    y = np.array([np.nan, -3.0, -3.1, -2.9])
    found = deviations([(y, np.full(4, 0.01)), (y, np.array([0.1, np.nan, np.nan, 0.1]))])
    assert np.isnan(found[0].z[0]) and np.isfinite(found[0].z[1:]).all()
    assert np.isnan(found[1].z).all() and np.isnan(found[1].others).all()


def test_holm_agrees_with_statsmodels():
    p = np.random.default_rng(5).uniform(0, 0.2, 40) ** 2
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])
    with_gaps = np.r_[np.nan, p, np.nan]
    np.testing.assert_allclose(holm(with_gaps)[1:-1], holm(p))
    assert np.isnan(holm(with_gaps)[[0, -1]]).all() and holm(np.array([np.nan])).shape == (1,)

"""Borrowing across channels: a second road, coverage with known truth, and who stays where they are."""

import numpy as np
import pytest
from scipy import integrate

from channelopt.measure.borrow import LIMIT, TAUS, USUAL, borrow


def test_value_and_variance_agree_with_integration_over_tau():
    """The grid against numerical integration of the same posterior, channel by channel."""
    a, s2 = np.array([0.0, 0.4, -0.3, 0.2]), np.array([0.04, 0.02, 0.09, 0.05])

    def height(tau):
        whole = np.diag(s2 + tau**2)
        inverse = np.linalg.inv(whole)
        one = np.ones(4)
        middle = one @ inverse @ a / (one @ inverse @ one)
        like = np.exp(-0.5 * (a - middle) @ inverse @ (a - middle)) / np.sqrt(
            np.linalg.det(whole) * (one @ inverse @ one)
        )
        return like * np.exp(-0.5 * (tau / USUAL) ** 2), middle

    def given(tau):
        keep = tau**2 / (tau**2 + s2[0])
        return keep * a[0] + (1 - keep) * height(tau)[1]

    total = integrate.quad(lambda tau: height(tau)[0], 0.005, 1.3)[0]
    want = integrate.quad(lambda tau: height(tau)[0] * given(tau), 0.005, 1.3)[0] / total
    assert borrow(a, s2).value[0] == pytest.approx(want, abs=0.01)


@pytest.mark.parametrize(("tau", "noise"), [(0.0, 0.3), (0.2, 0.1), (0.2, 0.3), (0.4, 0.3)])
def test_ranges_still_hold_the_truth_and_are_shorter(tau, noise):
    rng = np.random.default_rng(7)
    inside, shorter = [], []
    for _ in range(300):
        truth = rng.normal(0, tau, 8) if tau else np.zeros(8)
        found = borrow(truth + rng.normal(0, noise, 8), np.full(8, noise**2))
        inside.append(np.abs(found.value - truth) <= 1.645 * np.sqrt(found.variance))
        shorter.append(found.variance / noise**2)
    assert 0.86 <= np.mean(inside) <= 0.985
    assert np.mean(shorter) < 0.95


def test_one_channel_borrows_nothing_and_unknown_stays_unknown():
    found = borrow(np.array([0.5]), np.array([0.1]))
    assert found.value[0] == 0.5 and found.variance[0] == 0.1 and np.isnan(found.tau)
    found = borrow(np.array([0.5, np.nan, 0.4, 1.0]), np.array([0.1, 0.1, np.inf, 0.1]))
    assert np.isnan(found.value[1]) and found.value[2] == 0.4 and found.value[3] != 1.0


def test_a_channel_that_stands_apart_moves_at_most_one_standard_error():
    measured = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0])
    variance = np.full(7, 0.09)
    found = borrow(measured, variance)
    assert 3.0 - found.value[6] <= LIMIT * 0.3 + 1e-12
    assert found.tau > TAUS[4]


def test_equal_channels_lend_each_other_most_of_their_data():
    found = borrow(np.zeros(10), np.full(10, 0.04))
    assert (found.variance < 0.5 * 0.04).all()
    assert found.value == pytest.approx(np.zeros(10))

"""Borrowing across channels: a second road, coverage with known truth, and who stays where they are."""

import numpy as np
import pytest
from scipy import integrate

from channelopt.measure.borrow import LIMIT, TAUS, USUAL, borrow, borrow_ratios


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


def orders(rng, channels=8, counts=5.0, spread=0.25, tail=1.2):
    """Money, leads and squared errors of channels whose true worth per lead is known."""
    truth = 100 * np.exp(rng.normal(0, spread, channels))
    leads = rng.poisson(20 * counts, channels) + 1
    money, missed = np.empty(channels), np.empty(channels)
    for c in range(channels):
        sold = rng.random(leads[c]) < 0.05
        value = np.where(sold, rng.lognormal(np.log(20 * truth[c]) - tail**2 / 2, tail, leads[c]), 0.0)
        money[c], missed[c] = value.sum(), ((value - value.mean()) ** 2).sum()
    return truth, money, leads.astype(float), missed


def test_ratios_of_a_few_heavy_orders_are_right_on_average():
    """Worth per lead from 5 orders of log-sd 1.2 a channel: bias, error and coverage with known truth."""
    rng = np.random.default_rng(8)
    bias, near, plain, inside = [], [], [], []
    for _ in range(400):
        truth, money, leads, missed = orders(rng)
        found = borrow_ratios(money, leads, missed)
        sd = np.sqrt(found.variance)
        bias.append(np.mean(np.exp(found.value + found.variance / 2) / truth))
        near.append(found.value - np.log(truth))
        plain.append(np.log(np.maximum(money, 1.0) / leads) - np.log(truth))
        inside.append(np.abs(found.value - np.log(truth)) < 1.645 * sd)
    assert np.mean(bias) == pytest.approx(1.0, abs=0.08)
    assert np.sqrt(np.mean(np.square(near))) < 0.6 * np.sqrt(np.mean(np.square(plain)))
    assert 0.84 <= np.mean(inside) <= 0.95


def test_ratios_agree_with_integration_over_tau():
    sums, counts, missed = np.array([90.0, 300.0, 40.0]), np.array([50.0, 200.0, 60.0]), np.full(3, 900.0)
    pooled = sums.sum() / counts.sum()
    a, s2 = sums / counts / pooled, missed.sum() / (pooled**2 * counts.sum()) / counts

    def height(tau):
        return np.prod(np.exp(-0.5 * (a - 1) ** 2 / (s2 + tau**2)) / np.sqrt(s2 + tau**2)) * np.exp(
            -0.5 * (tau / USUAL) ** 2
        )

    total = integrate.quad(height, 0.005, 1.3)[0]
    want = 1 + (a - 1) * [
        integrate.quad(lambda t, c=c: height(t) * t**2 / (t**2 + s2[c]), 0.005, 1.3)[0] / total
        for c in range(3)
    ]
    found = borrow_ratios(sums, counts, missed)
    assert np.allclose(np.exp(found.value + found.variance / 2) / pooled, want, atol=0.01)


@pytest.mark.parametrize(
    ("sums", "counts"),
    [([0.0, 0.0], [5.0, 3.0]), ([0.0, 0.0], [0.0, 0.0]), ([5.0, 1.0], [0.0, 0.0])],
)  # fmt: skip
def test_ratios_of_nothing_are_unknown(sums, counts):
    found = borrow_ratios(np.array(sums), np.array(counts), np.array([np.nan, np.nan]))
    assert np.isnan(found.value).all() and np.isnan(found.variance).all()


def test_a_channel_without_an_order_is_lent_one():
    found = borrow_ratios(np.array([0.0, 500.0, 450.0]), np.array([4.0, 500.0, 500.0]), np.full(3, 4000.0))
    assert np.isfinite(found.value).all()
    assert 0.3 < np.exp(found.value[0]) < 1.0 and found.variance[0] > 3 * found.variance[1]


def test_equal_ratios_stay_and_enormous_ones_are_numbers():
    found = borrow_ratios(np.full(3, 1e12), np.full(3, 1e9), np.full(3, 1.0))
    assert np.allclose(np.exp(found.value), 1000.0, rtol=1e-3) and (found.variance < 1e-3).all()
    one = borrow_ratios(np.array([50.0]), np.array([10.0]), np.array([8.0]))
    assert np.exp(one.value[0]) == pytest.approx(5.0)

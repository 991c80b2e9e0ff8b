"""The inner mathematics by a second road: dense algebra, brute force, scipy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from channelopt.response.aggregate import Series, TotalFit, TotalProblem
from channelopt.response.attributed import Curvature, Fit, Problem, _step, fit_attributed, marginal
from channelopt.response.demand import common_factor, demand_of
from channelopt.response.grid import Grid, grid_of
from channelopt.response.judged import own_movement
from channelopt.response.model import STEP, log_likelihood, log_shape, log_shape_slopes
from channelopt.response.panel import panel_of, rows_of
from channelopt.response.prior import Prior, learn, start
from channelopt.response.sampling import _sample
from tests.response.simple import account


@pytest.fixture(scope="module")
def fitted() -> tuple[Problem, Fit]:
    daily, _ = account(days=70, channels=3)
    panel = panel_of(rows_of(daily, ("leads", "customers", "revenue")), "revenue")
    return fit_attributed(panel, demand_of(panel.grid), Prior())


def dense(at: Curvature) -> np.ndarray:
    """The whole arrow as one matrix."""
    width, size = at.gradient.shape
    q = len(at.demand)
    out = np.zeros((width * size + q, width * size + q))
    for c in range(width):
        part = slice(c * size, (c + 1) * size)
        out[part, part] = at.own[c]
        out[part, width * size :] = at.cross[c]
        out[width * size :, part] = at.cross[c].T
    out[width * size :, width * size :] = at.demand
    return out


def test_newton_step_and_covariances_by_one_dense_matrix(fitted) -> None:
    problem, fit = fitted
    at = problem.curvature(replace(fit, u=fit.u + 0.1))
    whole = dense(at)
    gradient = np.r_[at.gradient.ravel(), at.demand_gradient]
    du, dw = _step(at, 0.0)
    assert np.allclose(np.r_[du.ravel(), dw], np.clip(np.linalg.solve(whole, gradient), -1.5, 1.5))
    inverse = np.linalg.inv(whole)
    covariance, _, demand = marginal(at)
    for c in range(3):
        assert np.allclose(covariance[c], inverse[c * 5 : c * 5 + 5, c * 5 : c * 5 + 5])
    assert np.allclose(demand, inverse[15:, 15:])


def test_the_mode_is_a_mode(fitted) -> None:
    problem, fit = fitted
    at = problem.curvature(fit)
    inside = np.abs(fit.u - fit.shared.centre) < 4.9 * fit.shared.spread
    assert np.abs(at.gradient[inside]).max() < 0.5 and np.abs(at.demand_gradient).max() < 0.5
    rng = np.random.default_rng(0)
    for _ in range(20):
        near = replace(fit, u=fit.u + rng.normal(0, 0.2, fit.u.shape))
        assert problem.curvature(near).height < at.height + 1e-2


def test_gradient_by_differences(fitted) -> None:
    problem, fit = fitted
    off = replace(fit, u=fit.u + 0.15, weights=fit.weights + 0.01)
    at = problem.curvature(off)
    for c, j in ((0, 0), (1, 1), (2, 2), (0, 3), (1, 4)):
        ends = []
        for step in (1e-4, -1e-4):
            u = off.u.copy()
            u[c, j] += step
            ends.append(problem.curvature(replace(off, u=u)).height)
        assert at.gradient[c, j] == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-2, abs=0.05)


def test_gradient_of_the_total_by_differences() -> None:
    daily, _ = account(days=60, channels=2)
    rows = rows_of(daily, ())
    total = daily.groupby("day")["revenue"].sum().to_numpy() / 500
    demand = demand_of(rows.grid)
    series = Series(rows.spend, rows.spend.mean(axis=0), total, np.ones(60), 500.0, True, demand)
    problem = TotalProblem(series, Prior())
    rng = np.random.default_rng(1)
    x = np.r_[
        problem.middle + rng.normal(0, 0.2, len(problem.middle)), rng.normal(0, 0.02, len(demand.centre))
    ]
    fit = TotalFit(x, 0.05, 1.0, 0.15, total)
    gradient, _, _ = problem.curvature(fit)
    for j in range(len(problem.middle) + 3):
        ends = []
        for step in (1e-4, -1e-4):
            moved = x.copy()
            moved[j] += step
            ends.append(problem.curvature(replace(fit, x=moved))[2])
        assert gradient[j] == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-2, abs=0.05)


def test_slopes_of_the_curve_by_differences() -> None:
    rng = np.random.default_rng(3)
    u = rng.normal([0.0, 0.2, 0.0, 0.0, -2.0], 0.5, (4, 5))
    stock = rng.uniform(0, 3, (20, 4))
    value, slopes = log_shape_slopes(stock, stock, u)
    assert np.allclose(value, log_shape(stock, u))
    for j in (1, 2, 4):
        moved, back = u.copy(), u.copy()
        moved[:, j] += 1e-5
        back[:, j] -= 1e-5
        right = (log_shape(stock, moved) - log_shape(stock, back)) / 2e-5
        assert np.allclose(slopes[..., j], right, atol=20 * STEP)
    assert np.allclose(log_shape(np.ones((1, 4)), u), 0.0)  # the return is that at the reference
    share = 1 / (1 + np.exp(-u[:, 4]))
    assert np.allclose(log_shape(np.zeros((1, 4)), u)[0], np.log(share), atol=1e-2)  # only organic is left


def test_likelihood_is_the_negative_binomial() -> None:
    counts, k = np.array([0.0, 3.0, 40.0]), 7.0
    for mean in (2.0, 11.0):
        ours = log_likelihood(counts, np.log(mean), np.array(k)) - log_likelihood(
            counts, np.log(5.0), np.array(k)
        )
        right = stats.nbinom.logpmf(counts, k, k / (k + mean)) - stats.nbinom.logpmf(counts, k, k / (k + 5.0))
        assert np.allclose(ours, right)


def test_draws_have_the_mean_and_covariance_of_a_known_target() -> None:
    rng = np.random.default_rng(4)
    root = np.tril(rng.normal(0, 0.3, (5, 5))) + np.eye(5)
    mean, right = np.arange(5.0), root @ root.T
    inverse = np.linalg.inv(right)

    def target(u: np.ndarray) -> np.ndarray:
        return -0.5 * np.einsum("si,ij,sj->s", u - mean, inverse, u - mean)

    drawn = _sample(target, mean + 0.5, 0.5 * right, 4000, rng)  # type: ignore[arg-type]
    sd = np.sqrt(np.diag(right))
    assert np.abs((drawn.mean(axis=0) - mean) / sd).max() < 0.12
    assert np.abs(np.cov(drawn.T) / np.outer(sd, sd) - right / np.outer(sd, sd)).max() < 0.15


def test_channels_that_agree_lend_more_than_channels_that_differ() -> None:
    rng = np.random.default_rng(5)
    prior = Prior()
    before = start(prior, 1.0)
    variance = np.full((12, 5), 0.05)
    alike = learn(prior, 1.0, before.centre + 0.5 + rng.normal(0, 0.1, (12, 5)), variance, before)
    apart = learn(prior, 1.0, before.centre + 0.5 + rng.normal(0, 1.5, (12, 5)), variance, before)
    assert (alike.spread < apart.spread).all()
    assert (alike.centre > before.centre).all()
    fixed = replace(prior, centre_sd=(0, 0, 0, 0, 0), spread_sd=(0, 0, 0, 0, 0))
    same = learn(fixed, 1.0, before.centre + 0.5, variance, start(fixed, 1.0))
    assert np.allclose(same.centre, before.centre) and np.allclose(same.spread, prior.spread)


def days(*dates: str) -> Grid:
    day = pd.Series(pd.to_datetime(list(dates)))
    return grid_of(day, pd.Series("a", index=day.index))


def test_periods_are_found() -> None:
    daily = days("2026-01-01", "2026-01-02", "2026-01-05")
    assert list(daily.days) == [1.0] * 5 and list(daily.seen) == [True, True, False, False, True]
    weekly = days("2026-01-05", "2026-01-12", "2026-01-19", "2026-02-09", "2026-02-16")
    assert list(weekly.days) == [7.0, 7.0, 7.0, 14.0, 7.0, 7.0]
    assert list(weekly.seen) == [True, True, True, False, True, True]
    monthly = days("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")
    assert list(monthly.days) == [31.0, 28.0, 31.0, 31.0]
    assert days("2026-01-01").step == 1.0


def test_a_weekly_channel_among_daily_ones_makes_weeks() -> None:
    day = pd.Series(
        [*pd.date_range("2026-01-05", periods=70), *pd.date_range("2026-01-05", periods=10, freq="7D")]
    )
    grid = grid_of(day, pd.Series(["a"] * 70 + ["b"] * 10))
    assert (grid.days == 7).all() and len(grid.start) == 10


def test_common_movement_of_spend() -> None:
    rng = np.random.default_rng(6)
    common = np.sin(np.arange(100) / 9)
    spend = np.exp(common[:, None] + rng.normal(0, 0.1, (100, 6)) + np.arange(6))
    spend[:20, 2] = 0.0
    factor = common_factor(spend)
    assert factor is not None and factor.shape == (100, 1) and factor.std() == pytest.approx(1)
    assert np.corrcoef(factor[:, 0], common)[0, 1] > 0.97
    assert common_factor(spend[:, :2]) is None  # it would be the channels' own
    assert common_factor(np.ones((50, 5))) is None


def test_own_movement_of_budgets() -> None:
    rng = np.random.default_rng(7)
    together = 1 + 0.4 * np.sin(np.arange(60) / 5)
    own = rng.normal(0, [0.05, 0.1, 0.2, 0.1, 0.1], (60, 5))
    spend = together[:, None] * (1 + own) * [1, 10, 100, 1000, 10000]
    assert own_movement(spend) == pytest.approx([0.07, 0.1, 0.18, 0.1, 0.1], abs=0.03)
    flights = np.full((60, 4), 100.0)
    flights[:, 0] = 200.0 * (np.arange(60) % 2)
    assert own_movement(flights)[0] == pytest.approx(0.87, abs=0.02)  # a quarter of it is in the mean of all
    assert own_movement(flights[:, :1])[0] == pytest.approx(1.01, abs=0.01)  # nothing to take off
    assert own_movement(spend[:1]).tolist() == [0.0] * 5
    assert own_movement(np.zeros((60, 3))).tolist() == [0.0] * 3
    assert own_movement(np.ones((60, 3))).tolist() == [0.0] * 3
    assert own_movement(spend * 1e9) == pytest.approx(own_movement(spend))

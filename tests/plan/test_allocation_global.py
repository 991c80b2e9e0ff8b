"""The best split there is, also for S-shaped curves: grids, a dynamic programme, random search."""

from __future__ import annotations

import numpy as np
import pytest

import channelopt as co
from channelopt.plan.goods import goods
from channelopt.plan.meancurves import mean_curves
from channelopt.plan.optimum import Region, best_split
from channelopt.plan.polish import polish
from channelopt.policy import Policy

STEPS = 240


def mean_on(curves, channel, spend):
    z = (np.asarray(spend, float)[:, None] / curves.half[:, channel]) ** curves.slope[:, channel]
    return (curves.top[:, channel] * z / (1 + z)).mean(axis=1)


def dynamic_programme(curves, amount, steps=STEPS, low=None, high=None):
    """The best value over all splits on a grid of ``amount / steps``."""
    n = len(curves.channels)
    grid = np.linspace(0, amount, steps + 1)
    best = np.full(steps + 1, -np.inf)
    best[0] = 0.0
    for c in range(n):
        value = mean_on(curves, c, grid)
        if low is not None:
            value = np.where((grid >= low[c] - 1e-9) & (grid <= high[c] + 1e-9), value, -np.inf)
        best = np.array([max(best[k - j] + value[j] for j in range(k + 1)) for k in range(steps + 1)])
    return best[-1]


@pytest.mark.parametrize("seed", range(12))
def test_s_shaped_against_a_dynamic_programme(world, seed):
    n = 2 + seed % 7
    curves = world(seed, n=n, draws=12, noise=0.2, slope=(1.2, 4.0))
    amount = round(float(curves.today.sum()) * (0.3 + 0.15 * (seed % 6)), 2)
    plan = co.allocate(curves, budget=round(amount * 28, 2), step_limit=None, caution=False)
    mine = sum(mean_on(curves, c, [x])[0] for c, x in enumerate(plan.spend))
    theirs = dynamic_programme(curves, amount)
    assert mine >= theirs * (1 - 1e-6)
    assert plan.gap < 1e-3


@pytest.mark.parametrize("seed", range(6))
def test_three_s_shaped_channels_against_a_fine_grid(world, seed):
    curves = world(seed + 50, n=3, draws=5, noise=0.3, slope=(2.0, 5.0))
    amount = float(curves.today.sum()) * 0.6
    plan = co.allocate(curves, budget=round(amount * 28, 2), step_limit=None, caution=False)
    grid = np.linspace(0, amount, 601)
    a, b = np.meshgrid(grid, grid, indexing="ij")
    c = amount - a - b
    fits = c >= -1e-9
    value = sum(mean_on(curves, k, x[fits]) for k, x in enumerate((a, b, np.maximum(c, 0))))
    mine = sum(mean_on(curves, k, [x])[0] for k, x in enumerate(plan.spend))
    assert mine >= value.max() * (1 - 1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_bounds_and_s_shapes_against_a_dynamic_programme(world, seed):
    curves = world(seed + 20, n=5, draws=8, noise=0.2, slope=(1.5, 3.5))
    amount = float(curves.today.sum())
    unit = amount / STEPS
    low = np.array([0, 10, 0, 20, 5]) * unit
    high = np.array([80, 60, 240, 100, 90]) * unit
    bounds = {name: (low[c], high[c]) for c, name in enumerate(curves.channels)}
    plan = co.allocate(curves, budget=round(amount * 28, 2), bounds=bounds, caution=False)
    mine = sum(mean_on(curves, c, [x])[0] for c, x in enumerate(plan.spend))
    assert mine >= dynamic_programme(curves, amount, low=low, high=high) * (1 - 1e-6)


def test_groups_against_a_grid(world):
    for seed in range(4):
        curves = world(seed + 70, n=3, draws=6, slope=(0.7, 3.0))
        amount = float(curves.today.sum())
        group = (["ch0", "ch1"], 0.3 * amount, 0.45 * amount)
        plan = co.allocate(
            curves, budget=round(amount * 28, 2), step_limit=None, groups={"g": group}, caution=False
        )
        grid = np.linspace(0, amount, 801)
        a, b = np.meshgrid(grid, grid, indexing="ij")
        fits = (a + b >= group[1]) & (a + b <= group[2])
        value = sum(mean_on(curves, k, x[fits]) for k, x in enumerate((a, b, amount - a - b)))
        mine = sum(mean_on(curves, k, [x])[0] for k, x in enumerate(plan.spend))
        assert mine >= value.max() * (1 - 1e-5)
        assert group[1] - 1e-3 <= plan.spend[["ch0", "ch1"]].sum() <= group[2] + 1e-3


def test_no_random_split_is_better(world):
    curves = world(9, n=12, draws=50, slope=(0.6, 2.5))
    amount = float(curves.today.sum())
    plan = co.allocate(curves, budget=round(amount * 28, 2), step_limit=None, caution=False)
    mine = curves.outcome_draws(plan.spend.to_numpy()).sum(axis=1).mean()
    rng = np.random.default_rng(1)
    tried = rng.dirichlet(np.full(12, 0.7), 2000) * amount
    near = np.abs(plan.spend.to_numpy() * rng.lognormal(0, 0.1, (2000, 12)))
    near *= amount / near.sum(axis=1, keepdims=True)
    values = [curves.outcome_draws(x).sum(axis=1).mean() for x in (*tried, *near)]
    assert mine >= max(values)


def test_the_table_of_the_mean_agrees_with_the_draws(world):
    for slope in ((0.4, 0.9), (1.0, 1.0), (1.5, 4.0)):
        curves = world(2, n=4, draws=50, slope=slope)
        what = goods(curves, "revenue", 28, Policy())
        table = mean_curves(what, 5 * curves.today.to_numpy())[0]
        share = np.linspace(0.01, 1, 300)
        spend = 5 * curves.today.to_numpy()[:, None] * share
        for k in range(300):
            draws = what.drawn(spend[:, k]).mean(axis=0)
            np.testing.assert_allclose(table.value(spend)[:, k], draws, rtol=2e-5)
            np.testing.assert_allclose(
                table.slope(spend)[:, k], what.marginal(spend[:, k]).mean(axis=0), rtol=2e-3, atol=1e-6
            )


def test_the_second_derivative_is_that_of_the_slope(world):
    curves = world(2, n=4, draws=20, slope=(0.5, 3.0))
    what = goods(curves, "revenue", 28, Policy())
    x = curves.today.to_numpy()
    step = 1e-4 * x
    by_hand = (what.marginal(x + step) - what.marginal(x - step)) / (2 * step)
    np.testing.assert_allclose(what.bend(x), by_hand, rtol=1e-4, atol=1e-9)


def test_the_polish_never_makes_it_worse(world):
    curves = world(3, n=6, draws=30, slope=(0.6, 2.5))
    what = goods(curves, "revenue", 28, Policy())
    amount = float(curves.today.sum())
    region = Region(np.zeros(6), np.full(6, amount))
    rng = np.random.default_rng(2)
    for _ in range(20):
        start = rng.dirichlet(np.ones(6)) * amount
        end = polish(what, region, start)
        assert what.drawn(end).sum(axis=-1).mean() >= what.drawn(start).sum(axis=-1).mean()
        assert end.sum() == pytest.approx(amount) and (end >= 0).all()


def test_straight_lines_fill_up_in_order():
    class Lines:
        def value(self, spend):
            return np.array([[3.0], [2.0], [1.0]]) * spend

        def slope(self, spend):
            return np.array([[3.0], [2.0], [1.0]]) + 0 * spend

    region = Region(np.array([0.0, 0.0, 5.0]), np.array([40.0, 30.0, 100.0]))
    split = best_split(Lines(), region, 60.0)
    np.testing.assert_allclose(split.spend, [40, 15, 5], atol=1e-6)
    assert split.value == pytest.approx(155) and split.gap == 0

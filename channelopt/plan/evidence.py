r"""The numbers behind a verdict: the return with late customers, and the chance it is below the bar.

For each channel, over the days whose revenue and cost are both known, with ``R`` the return
as seen, ``M`` the visible share of its cohorts and ``v`` the variances of their logs:

    roi = R / M,   v = v_R + v_M,   z = (log(floor) - log(roi)) / sqrt(v),
    p_below_floor = Phi(z' / c),

``z'`` being the normal quantile of Student's t at ``z`` and ``c`` the price of weekly looks
(``looks.py``). Below ``min_customers`` orders or ``min_days`` days ``roi`` has no range and
the orders are counted instead: with ``mu`` the orders that a channel at the floor should
have shown (``floor * cost * M / order value``, orders taken to be ``BIGGER`` times as large as
known ones), ``z' = Phi^-1(1 - P(Poisson(mu) <= orders))``, and only a drop can follow.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from channelopt.measure.economics import RATIOS, order_count, orders_behind, ratios
from channelopt.measure.grid import Grid, lay_out
from channelopt.measure.maturity import Delays, visible_days
from channelopt.measure.ordervalues import single_orders
from channelopt.measure.ratios import spread
from channelopt.plan.lent import lend
from channelopt.plan.looks import boundary, looked_at_weekly
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]

#: Orders of a channel with hardly any are taken to be at most this many times the usual size.
BIGGER = 1.5
#: Days that say what today's pace is.
PACE_DAYS = 28
#: Longer than this is "not decided within a year".
LONGEST = 365.0
#: Days over which a decision pays: a quarter.
HORIZON = 91
#: Share of a channel's variance that other channels can take off at most.
MOST_LENT = 0.7
#: A tail guessed too short makes returns too low and looks too sure at once, so against a drop the
#: variance of the maturity counts once more and this many times again.
DOUBT = 2.0
_ROI = next(spec for spec in RATIOS if spec.name == "roi")


def gather(
    daily: pd.DataFrame,
    delays: Delays | None,
    policy: Policy,
    *,
    orders: pd.DataFrame | None = None,
    alone: bool = False,
    credit_var: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """The evidence on every channel.

    Args:
        daily: day, channel, spend and what else is known.
        delays: the conversion delays, None when lead dates are unknown.
        policy: floor, confidence, interval and least evidence.
        orders: single orders (channel, revenue), where they are known; leads without a sale
            may be among them.
        alone: judge every channel by its own rows only; nothing is borrowed.
        credit_var: channel → variance of the log of its outcomes that attribution leaves open.

    Returns:
        One row per channel, sorted by channel: channel, roi_as_seen, roi, roi_low, roi_high,
        log_var (of roi), maturity, p_below_floor, orders, cost_days (days with cost and
        known revenue), matched_cost, matched_revenue, enough (enough orders and days for a
        range), expected (orders expected at the floor), pace (cost per day lately),
        extra_cost and extra_days (more of both to decide; NaN not within a year), risk
        (expected return missed against the floor meanwhile), worth (expected gain of knowing the
        verdict over the next ``HORIZON`` days at today's pace), lent (share of the channel's own
        variance that other channels took off). Unknown is NaN.
    """
    grid = lay_out(daily, ["channel"])
    visible = _visible(grid, delays)
    single = None if orders is None else single_orders(orders, list(grid.groups["channel"]))
    found = ratios(grid, _ROI, policy, visible, single)
    table = grid.groups.copy()
    table["roi_as_seen"] = found.value
    table["matched_revenue"], table["matched_cost"] = found.top, found.bottom
    revenue, cost = grid.pair("revenue", "cost")
    table["orders"] = order_count(revenue, orders_behind(grid))
    table["cost_days"] = (np.nan_to_num(cost) > 0).sum(axis=1)
    table["maturity"], maturity_var = _maturity(grid, cost, delays)
    share = table["maturity"].fillna(1.0 if delays is None else np.nan).to_numpy()
    table["roi"] = found.value / share
    lent = lend(grid, share, visible, single)
    shift = found.shift + (0.0 if alone else lent.shift)
    own = found.log_var - (0.0 if alone else np.minimum(lent.saved, MOST_LENT * found.log_var))
    open_credit = [(credit_var or {}).get(str(channel), 0.0) for channel in table["channel"]]
    table["log_var"] = own + maturity_var + np.array(open_credit, dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        table["lent"] = np.where(table["log_var"] > 0, 1 - own / found.log_var, np.nan)
    table["enough"] = (table["orders"] >= policy.min_customers) & (table["cost_days"] >= policy.min_days)
    low, high = spread(table["roi"].to_numpy(), table["log_var"].to_numpy(), found.df, policy.interval, shift)
    table["roi_low"] = np.where(table["enough"], low, np.nan)
    table["roi_high"] = np.where(table["enough"], high, np.nan)
    z = _evidence(table, found.df, shift, DOUBT * maturity_var, policy)
    few, table["expected"] = _few_orders(table, share, policy)
    weeks = table["cost_days"].to_numpy() / 7
    table["p_below_floor"] = looked_at_weekly(np.where(table["enough"], z, few), policy.confidence, weeks)
    table["pace"] = _pace(grid)
    _what_would_decide(table, shift, policy)
    return table


def _visible(grid: Grid, delays: Delays | None) -> Array | None:
    """Share of each channel's and day's customers that can be seen yet, (channels, days)."""
    if delays is None or not len(grid.days):
        return None
    return visible_days(delays, [str(channel) for channel in grid.groups["channel"]], grid.days)


def _maturity(grid: Grid, cost: Array, delays: Delays | None) -> tuple[Array, Array]:
    """Visible share per channel over the days that count, and the variance of its log.

    The share is ``M exp(v_M / 2)``: dividing by a share that is itself uncertain would give returns
    that are too high on average (Jensen).
    """
    share, variance = np.full(len(grid.groups), np.nan), np.zeros(len(grid.groups))
    if delays is None:
        return share, variance
    leads = np.where(np.isfinite(cost), np.nan_to_num(grid.sums(grid.column("leads"))), 0.0)
    ages = (delays.as_of - grid.days).days.to_numpy()
    for at, channel in enumerate(grid.groups["channel"]):
        weights = leads[at] if leads[at].sum() > 0 else np.nan_to_num(cost[at])
        share[at], variance[at] = delays.curve(str(channel)).visible(ages, weights)
    return np.minimum(share * np.exp(variance / 2), 1.0), variance


def _evidence(table: pd.DataFrame, df: Array, shift: Array, doubt: Array, policy: Policy) -> Array:
    """How many normal standard errors the return lies below the floor; ``doubt`` speaks against a drop."""
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log(policy.roi_floor) - np.log(table["roi"].to_numpy()) - shift
        spread_ = np.sqrt(table["log_var"].to_numpy() + np.where(gap > 0, doubt, 0.0))
        z = np.where(spread_ > 0, gap / spread_, np.sign(gap) * 40.0)
    z = np.where(np.isfinite(gap) & np.isfinite(spread_), z, np.nan)
    below = stats.norm.isf(np.clip(stats.t.sf(np.abs(z), df), 1e-300, 0.5))
    return np.where(z < 0, -below, below)


def _few_orders(table: pd.DataFrame, share: Array, policy: Policy) -> tuple[Array, Array]:
    """Evidence of a drop from orders that did not come, and the orders a channel at the floor shows."""
    orders, revenue = table["orders"].to_numpy(), table["matched_revenue"].to_numpy()
    usual = revenue.sum() / orders.sum() if orders.sum() >= policy.min_customers else np.nan
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        own = np.where(orders > 0, revenue / orders, np.nan)
        expected = policy.roi_floor * table["matched_cost"].to_numpy() * share / np.fmax(usual, own)
        expected = np.where(np.isfinite(expected), expected, np.nan)
        mu = expected / BIGGER
        chance = stats.poisson.cdf(orders, mu)
        z = stats.norm.isf(np.clip(chance, 1e-300, 1.0))
    known = np.isfinite(mu) & np.isfinite(table["roi"]) & np.isfinite(usual)
    return np.where(known & (z > 0), z, np.nan), expected


def _pace(grid: Grid) -> Array:
    """Cost per day over the last four weeks of the table, or since the channel began."""
    cost = np.nan_to_num(grid.sums(grid.column("cost")))[:, -PACE_DAYS:]
    running = cost.shape[1] - np.argmax(cost > 0, axis=1) if cost.size else 1
    return cost.sum(axis=1) / np.maximum(1, running)


def _what_would_decide(table: pd.DataFrame, shift: Array, policy: Policy) -> None:
    """Add extra_cost, extra_days, risk and worth: what decides it if the return stays where it is."""
    roi, variance = table["roi"].to_numpy() * np.exp(shift), table["log_var"].to_numpy()
    cost, orders = table["matched_cost"].to_numpy(), table["orders"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        gap = np.log(policy.roi_floor) - np.log(roi)
        times = boundary(policy.confidence) ** 2 * variance / gap**2
        by_orders = policy.min_customers / orders
        by_days = policy.min_days / table["cost_days"].to_numpy()
        more = np.fmax(np.fmax(times, by_orders), by_days) - 1
        extra = np.where(np.isfinite(roi) & np.isfinite(variance), np.maximum(more, 0.0) * cost, np.nan)
        days = np.where(table["pace"] > 0, extra / table["pace"].to_numpy(), np.nan)
    sure = table["p_below_floor"].to_numpy()
    decided = np.where(table["enough"], np.maximum(sure, 1 - sure), sure) >= policy.confidence
    extra, days = np.where(decided, 0.0, extra), np.where(decided, 0.0, days)
    within = np.isfinite(days) & (days <= LONGEST)
    table["extra_cost"], table["extra_days"] = np.where(within, extra, np.nan), np.where(within, days, np.nan)
    below, above = _expected_gaps(roi, variance, policy.roi_floor)
    table["risk"] = table["extra_cost"] * below
    table["worth"] = np.where(decided, 0.0, np.minimum(below, above) * table["pace"].to_numpy() * HORIZON)


def _expected_gaps(roi: Array, variance: Array, floor: float) -> tuple[Array, Array]:
    """E[max(floor - ROI, 0)] and E[max(ROI - floor, 0)] of a log-normal ROI with median ``roi``.

    Whoever must act now acts on the larger one; the smaller one is what knowing would gain per
    unit of cost (the expected value of perfect information).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.sqrt(variance)
        d = (np.log(floor) - np.log(roi)) / s
        mean = roi * np.exp(variance / 2)
        below = floor * stats.norm.cdf(d) - mean * stats.norm.cdf(d - s)
        return np.asarray(below), np.asarray(mean - floor + below)

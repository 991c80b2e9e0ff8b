"""What a click, a lead, a customer cost and what came back, per group, each with its interval.

Every ratio is sum/sum over the rows on which both sides are known, so a day whose outcome
is unknown counts neither as cost nor as a zero. A ratio without a denominator is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import require_columns
from channelopt.fields import DAILY_METRICS
from channelopt.measure.grid import Array, Grid, lay_out
from channelopt.measure.ordervalues import SingleOrders
from channelopt.measure.ratios import CountSide, Ratios, ratio_of_sums
from channelopt.policy import Policy


@dataclass(frozen=True)
class RatioSpec:
    """One metric: numerator over denominator.

    Attributes:
        name: as in DESIGN's list of words.
        top: numerator column.
        bottom: denominator column.
        count: which side counts events.
        scale: factor on the value (1000 for cpm).
    """

    name: str
    top: str
    bottom: str
    count: CountSide
    scale: float = 1.0


RATIOS: tuple[RatioSpec, ...] = (
    RatioSpec("cpm", "spend", "impressions", "denominator", 1000.0),
    RatioSpec("ctr", "clicks", "impressions", "numerator"),
    RatioSpec("cpc", "spend", "clicks", "denominator"),
    RatioSpec("cvr", "leads", "clicks", "numerator"),
    RatioSpec("cpl", "spend", "leads", "denominator"),
    RatioSpec("cpvl", "spend", "valid_leads", "denominator"),
    RatioSpec("cac", "spend", "customers", "denominator"),
    RatioSpec("roas", "revenue", "spend", "none"),
    RatioSpec("roi", "revenue", "cost", "none"),
)


def economics(
    daily: pd.DataFrame, by: str | Sequence[str] = "channel", policy: Policy | None = None
) -> pd.DataFrame:
    """The economics of each group.

    Args:
        daily: columns "day", the ``by`` columns, and any of ``fields.DAILY_METRICS``; missing
            metrics are unknown, a missing ``cost`` is the spend. NaN is unknown, 0 is zero.
        by: one or more columns to group by.
        policy: ``interval``, ``min_customers`` and ``min_days`` are used; the default one
            when left out.

    Returns:
        One row per group, sorted by it: the ``by`` columns, ``days`` (with spend), the sums
        (NaN when never known), ``spend_share``, ``cost_share``, and for each of cpm, ctr,
        cpc, cvr, cpl, cpvl, cac, roas, roi the value, ``_low`` and ``_high``. Money in the
        table's currency, roas and roi as multiples. With 0 events a cost per event is NaN,
        its ``_low`` is "at least" and its ``_high`` NaN. The ends of roas and roi are NaN
        below ``policy.min_customers`` orders or ``policy.min_days`` days with cost.

    Raises:
        InputError: ``common.missing_columns`` when ``by`` or ``spend`` is not there.
    """
    rules = policy or Policy()
    keys = [by] if isinstance(by, str) else list(by)
    require_columns(daily, (*keys, "spend"))
    grid = lay_out(daily, keys)
    table = _sums(grid)
    for spec in RATIOS:
        found = ratios(grid, spec, rules)
        low, high = found.low, found.high
        if spec.count == "none":
            low, high = _only_with_enough(grid, spec, found, rules)
        table[spec.name] = found.value * spec.scale
        table[spec.name + "_low"], table[spec.name + "_high"] = low * spec.scale, high * spec.scale
    return table


def ratios(
    grid: Grid,
    spec: RatioSpec,
    policy: Policy,
    visible: Array | None = None,
    single: SingleOrders | None = None,
) -> Ratios:
    """One metric for every group of a grid, with all its evidence.

    Args:
        grid: the daily rows.
        spec: the metric.
        policy: ``interval`` is used.
        visible: (groups, days), share of each day's revenue that can be seen yet.
        single: the groups' single orders, where they are known.
    """
    top, bottom = grid.pair(spec.top, spec.bottom)
    if spec.count != "none":
        return ratio_of_sums(top, bottom, level=policy.interval, count=spec.count)
    return ratio_of_sums(
        top, bottom, level=policy.interval, orders=orders_behind(grid, spec.bottom), visible=visible
    )


def orders_behind(grid: Grid, cost: str = "cost") -> Array:
    """Customers as (groups, days) over the rows where revenue and cost are known; NaN unknown."""
    known = np.isfinite(grid.column("revenue")) & np.isfinite(grid.column(cost))
    return grid.sums(np.where(known, grid.column("customers"), np.nan))


def order_count(revenue: Array, orders: Array) -> Array:
    """Orders per group; without a customer count, the days with revenue (a lower bound)."""
    counted = np.isfinite(orders).any(axis=1)
    days = (np.nan_to_num(revenue) > 0).sum(axis=1).astype("float64")
    return np.where(counted, np.nansum(orders, axis=1), days)


def _sums(grid: Grid) -> pd.DataFrame:
    table = grid.groups.copy()
    spend = grid.sums(grid.column("spend"))
    table["days"] = (np.nan_to_num(spend) > 0).sum(axis=1) if len(table) else np.zeros(0, dtype="int64")
    for name in DAILY_METRICS:
        cells = grid.sums(grid.column(name))
        known = np.isfinite(cells).any(axis=1)
        table[name] = np.where(known, np.nansum(cells, axis=1), np.nan)
    for name in ("spend", "cost"):
        total = table[name].sum()
        table[name + "_share"] = table[name] / total if total > 0 else np.nan
    return table


def _only_with_enough(grid: Grid, spec: RatioSpec, found: Ratios, policy: Policy) -> tuple[Array, Array]:
    """The interval of a return, where there are enough orders and days; else NaN."""
    top, bottom = grid.pair(spec.top, spec.bottom)
    orders = order_count(top, orders_behind(grid, spec.bottom))
    days = (np.nan_to_num(bottom) > 0).sum(axis=1)
    enough = (orders >= policy.min_customers) & (days >= policy.min_days)
    return np.where(enough, found.low, np.nan), np.where(enough, found.high, np.nan)

r"""How much more one channel or one period costs or brings than another, with its interval.

The comparison is the ratio of two ratios of sums, ``A / B``, reported as ``A / B - 1``. Between channels the
days' influences on log A and log B are subtracted day by day before their noise is judged, so what
moves both alike (a holiday, the shared landing page) cancels. Two periods share no day: their
variances add, with Welch's degrees of freedom. With fewer than ``FEW`` events on either side of a count the
events of one side, given those of both, are binomial, and Jeffreys' interval of that share is
turned into one of the ratio.

Source: Deng, Knoblich & Lu (2018), arXiv 1803.06336; Welch (1947), Biometrika 34; Przyborowski &
Wilenski (1940), Biometrika 31 (two counts given their sum). Measured coverage: docs/methods.md.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import InputError, require_columns
from channelopt.measure.counts import jeffreys_share
from channelopt.measure.daynoise import DayNoise, day_noise
from channelopt.measure.economics import RATIOS, RatioSpec, order_count, orders_behind
from channelopt.measure.grid import Array, Grid, lay_out
from channelopt.measure.ordervalues import OrderNoise, order_noise
from channelopt.measure.ratios import FEW, Influence, Ratios, influence, ratio_of_sums, spread
from channelopt.policy import Policy

Period = tuple[dt.date, dt.date]


@dataclass(frozen=True)
class _Side:
    """One side of a comparison: the ratio, and what it is made of, one entry per group."""

    ratio: Ratios
    seen: Influence
    values: OrderNoise  # zeros where no order values are summed
    events: Array
    enough: npt.NDArray[np.bool_]


def between_periods(
    daily: pd.DataFrame,
    metric: str,
    before: Period,
    after: Period,
    by: str = "channel",
    policy: Policy | None = None,
) -> pd.DataFrame:
    """Each group's change of a metric from one period to another.

    Args:
        daily: as for ``economics``.
        metric: cpm, ctr, cpc, cvr, cpl, cpvl, cac, roas or roi.
        before: first and last day, inclusive.
        after: the same; must not overlap ``before``.
        by: column to group by.
        policy: ``interval``, ``min_customers`` and ``min_days`` are used.

    Returns:
        One row per group, sorted: ``by``, before, after (values of the metric), change
        (after / before - 1, 0.12 is 12% more), low, high. NaN where it cannot be said.

    Raises:
        InputError: a column is missing; ``common.bad_setting`` for an unknown metric or
            periods that overlap.
    """
    rules, spec = policy or Policy(), _spec(metric)
    require_columns(daily, (by, "day", "spend"))
    if max(before[0], after[0]) <= min(before[1], after[1]):
        raise InputError("common.bad_setting", name="after", value=after[0], wanted="days outside before")
    grid = lay_out(daily, [by])
    one, two = (_side(grid, spec, _window(grid, period), rules) for period in (before, after))
    a, b = two.ratio, one.ratio
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = a.log_var + b.log_var
        df = np.clip(scale**2 / (a.log_var**2 / a.df + b.log_var**2 / b.df), 4.5, None)
    table = _compared(grid.groups[[by]], two, one, scale, df, spec, rules)
    return table.rename(columns={"one": "after", "other": "before"})[
        [by, "before", "after", "change", "low", "high"]
    ]


def between_channels(
    daily: pd.DataFrame, metric: str, one: str, other: str, policy: Policy | None = None
) -> pd.Series:
    """How much a metric of one channel differs from another's, over the days both know.

    Args:
        daily: as for ``economics``, with "channel".
        metric: as for ``between_periods``.
        one: channel key.
        other: channel key it is held against.
        policy: as for ``between_periods``.

    Returns:
        one, other (values over the common days), change (one / other - 1), low, high.

    Raises:
        InputError: as for ``between_periods``; ``common.bad_setting`` for an unknown channel.
    """
    rules, spec = policy or Policy(), _spec(metric)
    require_columns(daily, ("channel", "day", "spend"))
    grid = lay_out(daily[daily["channel"].isin([one, other])], ["channel"])
    place = {str(channel): at for at, channel in enumerate(grid.groups["channel"])}
    for name in (one, other):
        if name not in place or one == other:
            wanted = "two channels of the data"
            raise InputError("common.bad_setting", name="channel", value=name, wanted=wanted)
    top, bottom = grid.pair(spec.top, spec.bottom)
    common = (np.isfinite(top) & np.isfinite(bottom) & ((top != 0) | (bottom != 0))).all(axis=0)
    sides = _side(grid, spec, common, rules)
    first, second = (_only(sides, place[name]) for name in (one, other))
    noise = _joint(first, second)
    scale, df = noise.as_t()
    table = _compared(pd.DataFrame({"channel": [one]}), first, second, scale, df, spec, rules)
    return table.iloc[0][["one", "other", "change", "low", "high"]].astype("float64")


def _spec(metric: str) -> RatioSpec:
    for spec in RATIOS:
        if spec.name == metric:
            return spec
    raise InputError(
        "common.bad_setting", name="metric", value=metric, wanted=", ".join(s.name for s in RATIOS)
    )


def _window(grid: Grid, period: Period) -> np.ndarray:
    first, last = (pd.Timestamp(day) for day in period)
    return np.asarray((grid.days >= first) & (grid.days <= last))


def _side(grid: Grid, spec: RatioSpec, days: np.ndarray, policy: Policy) -> _Side:
    top, bottom = (np.where(days, side, np.nan) for side in grid.pair(spec.top, spec.bottom))
    orders = np.where(days, orders_behind(grid, spec.bottom), np.nan)
    counted = spec.count != "none"
    nothing = np.zeros(len(grid.groups))
    behind = None if counted else orders
    ratio = ratio_of_sums(top, bottom, level=policy.interval, count=spec.count, orders=behind)
    if counted:
        events = ratio.top if spec.count == "numerator" else ratio.bottom
        return _Side(ratio, influence(top, bottom), OrderNoise(nothing, nothing), events, nothing == 0)
    events = order_count(top, orders)
    enough = (events >= policy.min_customers) & (ratio.days >= policy.min_days)
    if not np.isfinite(orders).any():
        return _Side(ratio, influence(top, bottom), OrderNoise(nothing, nothing), events, enough)
    seen = influence(np.where(np.isfinite(top), orders, np.nan), bottom)
    return _Side(ratio, seen, order_noise(top, orders), events, enough)


def _only(side: _Side, at: int) -> _Side:
    ratio = Ratios(*(getattr(side.ratio, name)[at : at + 1] for name in Ratios.__dataclass_fields__))
    seen = Influence(*(getattr(side.seen, name)[at : at + 1] for name in Influence.__dataclass_fields__))
    part = slice(at, at + 1)
    values = OrderNoise(side.values.mean[part], side.values.spread[part])
    return _Side(ratio, seen, values, side.events[part], side.enough[part])


def _joint(one: _Side, other: _Side) -> DayNoise:
    """Noise of log(one / other) with the days of both paired."""
    shares = np.sqrt(one.seen.shares**2 + other.seen.shares**2)
    floor = 1 / np.maximum(one.events, 1.0) + 1 / np.maximum(other.events, 1.0)
    noise = day_noise(one.seen.days - other.seen.days, shares, one.seen.known & other.seen.known, floor)
    mean, spread_ = (getattr(one.values, n) + getattr(other.values, n) for n in ("mean", "spread"))
    return noise.with_more(np.nan_to_num(mean), np.nan_to_num(spread_))


def _compared(
    groups: pd.DataFrame, one: _Side, other: _Side, scale: Array, df: Array, spec: RatioSpec, policy: Policy
) -> pd.DataFrame:
    a, b = one.ratio, other.ratio
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(b.value > 0, a.value / b.value, np.nan)
    low, high = spread(ratio, scale, df, policy.interval, a.shift - b.shift)
    if spec.count != "none":
        low, high = _when_few(one, other, low, high, scale, df, spec, policy)
    sure = one.enough & other.enough
    low, high = np.where(sure, low, np.nan), np.where(sure, high, np.nan)
    table = groups.reset_index(drop=True).copy()
    table["one"], table["other"] = a.value * spec.scale, b.value * spec.scale
    table["change"], table["low"], table["high"] = ratio - 1, low - 1, high - 1
    return table


def _when_few(
    one: _Side,
    other: _Side,
    low: Array,
    high: Array,
    scale: Array,
    df: Array,
    spec: RatioSpec,
    policy: Policy,
) -> tuple[Array, Array]:
    """The ratio from the share of one side's events in both, where either side has few."""
    a, b = one.events, other.events
    side = "bottom" if spec.count == "numerator" else "top"
    base = getattr(one.ratio, side), getattr(other.ratio, side)
    few = (np.minimum(a, b) < FEW) & (a + b > 0) & (base[0] > 0) & (base[1] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = scale * df / (df - 2)
        dispersion = np.where(np.isfinite(variance), variance / (1 / np.fmax(a, 1) + 1 / np.fmax(b, 1)), 1.0)
        dispersion = np.fmax(dispersion, 1.0)
        part, whole = np.where(few, a / dispersion, 0.0), np.where(few, (a + b) / dispersion, 1.0)
        least, most = jeffreys_share(part, whole, policy.interval)
        exposure = base[1] / base[0]
        ends = [exposure * share / (1 - share) for share in (least, most)]
        if spec.count == "denominator":
            ends = [1 / ends[1], 1 / ends[0]]
    ends = [np.where(np.isfinite(end), end, np.nan) for end in ends]
    return np.where(few, ends[0], low), np.where(few, ends[1], high)

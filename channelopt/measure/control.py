r"""A control chart of the price of a click: its usual range, the days outside it, and why.

With ``y_t = log(spend / clicks)`` less its weekday's usual difference, day ``t`` is held against the
``WINDOW`` days before it (the first ``FIRST`` days against themselves):

    centre_t = median(y),   sd_t = 1.4826 median(|y - centre|),
    limits = centre_t +- LIMIT (1 + SHORT / days) sqrt(sd_t**2 + c_t),

``c_t`` being what counting adds on a day of fewer clicks than usual, ``1 / clicks_t - 1 / usual clicks``.
Days that follow each other are alike; a spread taken from their differences would be too small, one
taken around the median of many weeks is not. The past alone sets the limits, so a day judged once is
not judged otherwise later. ``LIMIT`` was chosen so that at most 1 of 100 days of a price that only
fluctuates is called out of range. With fewer than ``DAILY_CLICKS`` clicks on a usual day, weeks are drawn.

Source: Montgomery, Introduction to Statistical Quality Control, ch. 6 and 10 (individuals chart,
autocorrelated data); the median and its deviations instead of moving ranges. Measured rates: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.measure.grid import Array, lay_out
from channelopt.measure.outreasons import Day, Mix, reasons

#: Days before a day that say what is usual, the least of them, and those of the start.
WINDOW, LEAST, FIRST = 56, 21, 28
#: The same in weeks, for channels with few clicks.
WEEKS, LEAST_WEEKS, FIRST_WEEKS = 16, 8, 10
#: Limits in robust standard deviations and how much wider a short history makes them, for days and for weeks.
LIMIT, SHORT = 2.9, 9.0
WEEK_LIMIT, SHORT_WEEKS = 3.5, 1.5
#: Clicks of a usual day below which weeks are drawn.
DAILY_CLICKS = 20.0
#: Days from which the weekday pattern is taken out.
WEEKDAYS_FROM = 28
#: Smallest spread of a log price; exports round prices.
LEAST_SD = 0.01
COLUMNS = ("channel", "unit", "day", "cpc", "centre", "low", "high", "out", "reason", "reasons")


@dataclass(frozen=True)
class PriceChart:
    """The control chart of every channel's price.

    Attributes:
        frame: one row per channel and day (or week, by its first day) with a price: channel,
            unit ("day" or "week"), day, cpc, centre, low, high (money per click, the usual and its
            limits), out (outside them), reason (code of the first reason, "" inside), reasons
            (tuple of findings). Limits are NaN while too little past is known.
    """

    frame: pd.DataFrame

    def of(self, channel: str) -> pd.DataFrame:
        """One channel's rows, in order."""
        return self.frame[self.frame["channel"] == channel].reset_index(drop=True)


def cpc_control(daily: pd.DataFrame, campaigns: pd.DataFrame | None = None) -> PriceChart:
    """The price of a click day by day with its limits, and reasons for the days outside.

    Args:
        daily: day, channel, spend, and clicks (and impressions) where known.
        campaigns: the same by campaign, where known; it tells a shift between dear and cheap ones.

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("day", "channel", "spend"))
    grid = lay_out(daily, ["channel"])
    names = ("spend", "clicks", "impressions")
    sums = {name: grid.sums(grid.column(name)) for name in names}
    spend, clicks = grid.pair("spend", "clicks")
    usual = np.array(
        [np.median(row[row > 0]) if (row > 0).any() else np.nan for row in np.nan_to_num(clicks)]
    )
    frames = []
    for unit, chosen in (("day", usual >= DAILY_CLICKS), ("week", usual < DAILY_CLICKS)):
        at = np.flatnonzero(chosen)
        if not len(at):
            continue
        days, parts = grid.days, [part[at] for part in (spend, clicks, *sums.values())]
        if unit == "week":
            days, parts = _weeks(days, parts)
        money, number, *rest = parts
        charted = _charted(money, number, days, unit)
        known = dict(zip(names, rest, strict=True))
        channels = [str(c) for c in grid.groups["channel"].iloc[at]]
        mixes = Mix.of(campaigns, days, unit) if campaigns is not None else None
        frames += [_frame(c, k, unit, days, charted, known, mixes) for k, c in enumerate(channels)]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
    return PriceChart(table)


@dataclass(frozen=True)
class _Charted:
    """Prices and limits, (channels, days), NaN unknown."""

    price: Array
    centre: Array
    low: Array
    high: Array


def _weeks(days: pd.DatetimeIndex, parts: list[Array]) -> tuple[pd.DatetimeIndex, list[Array]]:
    """Whole weeks that end on the last day; a week with an unknown day sums the others."""
    n = len(days) // 7
    start = len(days) - 7 * n
    cut = [part[:, start:].reshape(len(part), n, 7) for part in parts]
    known = [np.isfinite(part).any(axis=2) for part in cut]
    sums = [np.where(k, np.nansum(part, axis=2), np.nan) for k, part in zip(known, cut, strict=True)]
    return days[start::7], sums


def _charted(money: Array, clicks: Array, days: pd.DatetimeIndex, unit: str) -> _Charted:
    with np.errstate(divide="ignore", invalid="ignore"):
        price = np.where((money > 0) & (clicks > 0), money / clicks, np.nan)
        log, noise = np.log(price), np.where(clicks > 0, 1 / clicks, np.nan)
    daily = unit == "day"
    pattern = _weekdays(log, days) if daily else np.zeros_like(log)
    level = log - pattern
    window, least, first = (WINDOW, LEAST, FIRST) if daily else (WEEKS, LEAST_WEEKS, FIRST_WEEKS)
    centre = _before(level, window, least, first)
    sd = 1.4826 * _before(np.abs(level - centre), window, least, first)
    more = np.maximum(noise - _before(noise, window, least, first), 0.0)
    limit = LIMIT * (1 + SHORT / len(days)) if daily else WEEK_LIMIT * (1 + SHORT_WEEKS / max(1, len(days)))
    reach = limit * np.sqrt(np.maximum(sd, LEAST_SD) ** 2 + more)
    middle = centre + pattern
    return _Charted(price, np.exp(middle), np.exp(middle - reach), np.exp(middle + reach))


def _before(values: Array, window: int, least: int, first: int) -> Array:
    """Median of the ``window`` entries before each; the first ones take that of the start."""
    frame = pd.DataFrame(values.T)
    past = frame.rolling(window, min_periods=least).median().shift(1)
    start = frame.head(first)
    enough = start.notna().sum() >= min(least, first)
    opening = start.median().where(enough)
    early = np.arange(len(frame)) < first
    past[early] = np.nan
    return np.asarray(past.fillna(opening).to_numpy(dtype="float64").T)


def _weekdays(log: Array, days: pd.DatetimeIndex) -> Array:
    """Usual difference of each weekday from its week, (channels, days); 0 with too few days."""
    if log.shape[1] < WEEKDAYS_FROM:
        return np.zeros_like(log)
    frame = pd.DataFrame(log.T)
    around = frame.rolling(7, center=True, min_periods=5).mean()
    usual = (frame - around).groupby(days.day_of_week.to_numpy()).median().reindex(range(7)).fillna(0.0)
    usual -= usual.mean()
    return np.asarray(usual.to_numpy()[days.day_of_week].T)


def _frame(
    channel: str, at: int, unit: str, days: pd.DatetimeIndex, charted: _Charted,
    known: dict[str, Array], mixes: Mix | None,
) -> pd.DataFrame:  # fmt: skip
    price, centre = charted.price[at], charted.centre[at]
    low, high = charted.low[at], charted.high[at]
    with np.errstate(invalid="ignore"):
        out = (price < low) | (price > high)
    told: list[tuple[Finding, ...]] = [()] * len(price)
    for place in np.flatnonzero(out):
        series = {name: values[at] for name, values in known.items()}
        told[place] = reasons(Day(channel, days, int(place), float(centre[place]), series, unit, mixes))
    frame = pd.DataFrame(
        {
            "channel": channel, "unit": unit, "day": days, "cpc": price, "centre": centre, "low": low,
            "high": high, "out": out,
            "reason": [found[0].code.removeprefix("measure.out_") if found else "" for found in told],
        }
    )  # fmt: skip
    frame["reasons"] = pd.Series(told, dtype="object")
    return frame[np.isfinite(price)][list(COLUMNS)]

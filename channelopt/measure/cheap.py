r"""Suspiciously cheap clicks: against the market, the channel's own past, or the other channels.

A price is called cheap when two things hold: it lies below its reference beyond doubt (one-sided
Student's t on the log ratio), and a fall of more than ``policy.cheap_click_gap`` is well possible
(the estimate lies below the limit, or less than ``NEAR`` standard errors above it).
Against the market the error of the log price is that of ``ratio_of_sums`` over the last
``PAST_WEEKS + RECENT_WEEKS`` weeks. Against the past the unit is the week, which carries the weekday pattern
and most of the autocorrelation: the log price of the last four whole weeks (mean) against the
median of up to 13 weeks before,

    se**2 = s**2 (1 / n_recent + pi / 2 / n_before),   df = n_recent + n_before - 2,

with s**2 pooled from both sides and never below the counts' 1 / clicks.

Source: Welch (1947), Biometrika 34; pi / 2 is the variance of a median against a mean. Measured
error rate and power: docs/methods.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from channelopt.errors import Finding
from channelopt.measure.doubts import LEAST_VISITS, Doubt, others_median, spread_doubt
from channelopt.measure.grid import Array, Grid
from channelopt.measure.ratios import ratio_of_sums, spread
from channelopt.policy import Policy

RECENT_WEEKS, PAST_WEEKS, LEAST_PAST = 4, 13, 4
#: Chance that a price that never fell is called fallen, per channel and quarter.
ALPHA = 0.04
NEAR = 1.64
#: Beside the other channels, cheap clicks are suspicious when they convert this badly.
POOR_CONVERSION = 0.5


def cheap_clicks(grid: Grid, policy: Policy, bounced: set[str]) -> list[Doubt]:
    """Every doubt about a price, at most one per channel: the market first, then the past.

    Args:
        grid: daily rows by channel.
        policy: ``market_cpc``, ``cheap_click_gap``.
        bounced: channels whose visits bounce beyond the limit.
    """
    spend, clicks = grid.pair("spend", "clicks")
    if not np.isfinite(clicks).any():
        return []
    money, known = np.nan_to_num(spend), np.isfinite(spend) & np.isfinite(clicks)
    channels = [str(c) for c in grid.groups["channel"]]
    price, said = _prices(spend, clicks, policy), set()
    found = []
    for at, params in _below_market(channels, price, policy):
        said.add(at)
        code = Finding("warning", "measure.cheap_clicks", params)
        found.append(spread_doubt(grid, at, "cheap", code, money[at] * known[at]))
    for at, params in _below_past(spend, clicks, policy):
        if at not in said and channels[at] not in (policy.market_cpc or {}):
            said.add(at)
            recent = np.arange(spend.shape[1]) >= spend.shape[1] - 7 * RECENT_WEEKS
            code = Finding("warning", "measure.cheap_clicks_history", params)
            found.append(spread_doubt(grid, at, "cheap", code, money[at] * recent * known[at]))
    for at, params in _below_others(grid, price, policy):
        poor = params.pop("poor") or channels[at] in bounced
        if poor and at not in said and channels[at] not in (policy.market_cpc or {}):
            code = Finding("warning", "measure.cheap_clicks_others", params)
            found.append(spread_doubt(grid, at, "cheap", code, money[at] * known[at]))
    return found


def _prices(spend: Array, clicks: Array, policy: Policy) -> Any:
    last = slice(max(0, spend.shape[1] - 7 * (PAST_WEEKS + RECENT_WEEKS)), None)
    return ratio_of_sums(spend[:, last], clicks[:, last], level=policy.interval, count="denominator")


def clearly_cheap(log_ratio: Array, error: Array, df: Array, gap: float) -> np.ndarray:
    """Whether prices are below their reference beyond doubt, and by more than ``gap`` perhaps.

    Args:
        log_ratio: log(price / reference).
        error: its standard error.
        df: its degrees of freedom.
        gap: the policy's limit, a share of the reference.
    """
    with np.errstate(invalid="ignore"):
        real = log_ratio < -stats.t.ppf(1 - ALPHA, df) * error
        far = log_ratio < np.log1p(-gap) + NEAR * error if gap < 1 else np.zeros(len(df), dtype=bool)
    return np.asarray(real & far)


def _params(price: float, reference: float, error: float, df: float, level: float) -> dict[str, Any]:
    ends = spread(np.array([price / reference]), np.array([error**2]), np.array([df]), level)
    low, high = (float(end[0]) for end in ends)
    return {
        "cpc": price, "reference": reference, "gap": 1 - price / reference,
        "gap_low": max(0.0, 1 - high), "gap_high": 1 - low,
    }  # fmt: skip


def _below_market(channels: list[str], price: Any, policy: Policy) -> list[tuple[int, dict[str, Any]]]:
    market = policy.market_cpc or {}
    reference = np.array([market.get(c, np.nan) for c in channels], dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(price.value / reference)
    error = np.sqrt(price.log_var)
    flagged = clearly_cheap(ratio, error, price.df, policy.cheap_click_gap) & (price.bottom >= LEAST_VISITS)
    return [
        (int(at), _params(price.value[at], reference[at], error[at], price.df[at], policy.interval))
        for at in np.flatnonzero(flagged)
    ]


def _below_past(spend: Array, clicks: Array, policy: Policy) -> list[tuple[int, dict[str, Any]]]:
    weeks = min(spend.shape[1] // 7, RECENT_WEEKS + PAST_WEEKS)
    if weeks < RECENT_WEEKS + LEAST_PAST:
        return []
    both = np.isfinite(spend) & np.isfinite(clicks)
    shape = (len(spend), weeks, 7)
    top, bottom = (
        np.where(both, side, 0.0)[:, -7 * weeks :].reshape(shape).sum(axis=2) for side in (spend, clicks)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        weekly = np.where((top > 0) & (bottom > 0), np.log(top / bottom), np.nan)
    past, recent = weekly[:, :-RECENT_WEEKS], weekly[:, -RECENT_WEEKS:]
    n_past, n_recent = np.isfinite(past).sum(axis=1), np.isfinite(recent).sum(axis=1)
    enough = (
        (n_past >= LEAST_PAST) & (n_recent >= 3) & (bottom[:, -RECENT_WEEKS:].sum(axis=1) >= LEAST_VISITS)
    )
    rows = np.flatnonzero(enough)
    if not len(rows):
        return []
    past, recent, n_past, n_recent = past[rows], recent[rows], n_past[rows], n_recent[rows]
    middle, mean = np.nanmedian(past, axis=1), np.nanmean(recent, axis=1)
    square = np.nansum((past - np.nanmean(past, axis=1)[:, None]) ** 2, axis=1)
    square += np.nansum((recent - mean[:, None]) ** 2, axis=1)
    df = (n_past + n_recent - 2).astype("float64")
    per_week = bottom[rows].sum(axis=1) / weeks
    error = np.sqrt(np.maximum(square / df, 1 / per_week) * (1 / n_recent + np.pi / 2 / n_past))
    flagged = clearly_cheap(mean - middle, error, df, policy.cheap_click_gap)
    return [
        (int(rows[k]), _params(np.exp(mean[k]), np.exp(middle[k]), error[k], df[k], policy.interval))
        for k in np.flatnonzero(flagged)
    ]


def _below_others(grid: Grid, price: Any, policy: Policy) -> list[tuple[int, dict[str, Any]]]:
    """Channels differ in price by nature, so this counts only with clicks that also convert badly."""
    cpc = np.where(price.bottom >= LEAST_VISITS, price.value, np.nan)
    usual = others_median(cpc)
    cvr = ratio_of_sums(*grid.pair("leads", "clicks"), level=1 - 2 * ALPHA, count="numerator")
    poor = cvr.high < POOR_CONVERSION * others_median(np.where(cvr.bottom >= LEAST_VISITS, cvr.value, np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = 1 - cpc / usual
    error = np.sqrt(price.log_var)
    return [
        (int(at), _params(cpc[at], usual[at], error[at], price.df[at], policy.interval) | {"poor": poor[at]})
        for at in np.flatnonzero(gap > policy.cheap_click_gap)
    ]

r"""Lift tests as evidence: what an experiment found about a channel's effect pulls its curve.

A test gave extra money d per day for n days on top of x and found L more outcome, give or take s. The
curve says ``q = n |f(x + d) - f(x)|``. On the log scale ``log L ~ N(log q, (s / L)**2)``. The level of a
curve is known only up to a correction e (attribution, worth of a count), normal with mean m and
variance v. So a draw of the curve's shape weighs by the density of log L with variance ``v + (s/L)**2``
and, given the shape, e is normal with precision ``1/v + sum 1/(s/L)**2``. With v = 0 only the weights remain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from channelopt.errors import Finding, require_columns
from channelopt.response.grid import days_of
from channelopt.response.model import HALF, ORGANIC, ROI, SLOPE

Array = npt.NDArray[np.float64]

#: Two-sided 90%: half the interval is this many standard deviations.
Z90 = 1.6448536269514722
#: Relative error of a test that tells none; the smallest and the largest that is believed.
UNTOLD, LEAST, MOST = 0.5, 0.02, 1.5


@dataclass(frozen=True)
class Lift:
    """One test.

    Attributes:
        channel: place of the channel.
        spend: money per day without the extra money.
        extra: extra money per day; below 0 for a holdout.
        log_effect: log of the outcome gained (or lost) in all days.
        error: its standard deviation.
        days: how many.
    """

    channel: int
    spend: float
    extra: float
    log_effect: float
    error: float
    days: float

    def log_told(self, u: Array, reference: float) -> Array:
        """What curves say: log of ``days |f(spend + extra) - f(spend)|``; u (..., 5)."""
        slope = np.exp(u[..., SLOPE])
        top = u[..., ROI] - np.logaddexp(0.0, u[..., ORGANIC]) + np.log(reference)
        top = top + np.logaddexp(0.0, slope * u[..., HALF])
        points = np.maximum(np.array([self.spend, self.spend + self.extra]) / reference, 1e-12)
        levels = expit(slope[..., None] * (np.log(points) - u[..., HALF, None]))
        rise = np.abs(levels[..., 1] - levels[..., 0])
        return np.asarray(top + np.log(np.maximum(rise, 1e-12)) + np.log(self.days))


def lifts_of(
    table: pd.DataFrame | None, channels: tuple[str, ...], start: pd.DatetimeIndex, spend: Array, today: Array
) -> tuple[tuple[Lift, ...], list[Finding]]:
    """Read the table of tests.

    Args:
        table: channel, start, end, spend (extra money in all), incremental; perhaps low, high (90%).
        channels: names in order.
        start: first day of each period.
        spend: (P, C) money per day.
        today: (C,) money per day, held by tests outside these days.

    Raises:
        InputError: a column is missing.
    """
    if table is None or not len(table):
        return (), []
    require_columns(table, ("channel", "start", "end", "spend", "incremental"))
    lifts: list[Lift] = []
    findings: list[Finding] = []
    for row in table.to_dict("records"):
        name = str(row["channel"])
        read = None if name not in channels else _lift(row, channels.index(name), start, spend, today)
        if read is None:
            findings.append(Finding("warning", "response.lift_not_used", {"channel": name}))
        else:
            lifts.append(read)
    return tuple(lifts), findings


def _lift(row: dict, channel: int, start: pd.DatetimeIndex, spend: Array, today: Array) -> Lift | None:
    """One row; None when it tells nothing."""
    first, last = days_of(pd.Series([row["start"]])).iloc[0], days_of(pd.Series([row["end"]])).iloc[0]
    numbers = pd.to_numeric(pd.Series([row["spend"], row["incremental"], row.get("low"), row.get("high")]),
                            errors="coerce").to_numpy(dtype=float)  # fmt: skip
    if (
        pd.isna(first)
        or pd.isna(last)
        or last < first
        or not np.isfinite(numbers[:2]).all()
        or numbers[0] == 0
    ):
        return None
    days = float((last - first).days + 1)
    extra, effect = numbers[0] / days, numbers[1] * np.sign(numbers[0])
    inside = np.asarray((start >= first) & (start <= last))
    without = float(today[channel])
    if inside.any():
        without = max(float(spend[inside, channel].mean()) - extra, 0.0)
    spread = (numbers[3] - numbers[2]) / 2 / Z90
    if not (np.isfinite(spread) and spread > 0):
        spread = UNTOLD * abs(effect)
    # an effect near or below 0 says: small, and how small
    size = max(effect, 0.5 * spread)
    if not size > 0:
        return None
    return Lift(
        channel, without, extra, float(np.log(size)), float(np.clip(spread / size, LEAST, MOST)), days
    )


def corrected(
    lifts: tuple[Lift, ...],
    u: Array,
    reference: Array,
    mean: Array,
    variance: Array,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Draws of shapes and corrections after the tests.

    Args:
        lifts: the tests.
        u: (draws, C, 5).
        reference: (C,).
        mean: (draws, C) of the correction on the log of the return.
        variance: (C,) of it.
        rng: for resampling and drawing.

    Returns:
        u and the corrections, (draws, C).
    """
    u, mean = u.copy(), mean.copy()
    draws, width = mean.shape
    noise = rng.standard_normal((draws, width))
    out = mean + noise * np.sqrt(variance)
    for c in sorted({lift.channel for lift in lifts}):
        own = [lift for lift in lifts if lift.channel == c]
        error = np.array([lift.error for lift in own]) ** 2
        missing = np.column_stack([lift.log_effect - lift.log_told(u[:, c], reference[c]) for lift in own])
        missing -= mean[:, c, None]
        cover = np.diag(error) + variance[c]
        height = -0.5 * np.einsum("si,ij,sj->s", missing, np.linalg.inv(cover), missing)
        weight = np.exp(height - height.max())
        weight /= weight.sum()
        rows = np.searchsorted(np.cumsum(weight), (np.arange(draws) + rng.random()) / draws)
        rows = rng.permutation(np.minimum(rows, draws - 1))
        u[:, c], missing, base = u[rows, c], missing[rows], mean[rows, c]
        if variance[c] > 0:
            precision = 1 / variance[c] + (1 / error).sum()
            shift = (missing / error).sum(axis=1) / precision
            out[:, c] = base + shift + noise[:, c] / np.sqrt(precision)
        else:
            out[:, c] = base
    return u, out

r"""What the coming days bring at a given spend: the curves, joined to the rows, and all that varies beside.

With ``I_t = sum_c f_c(adstock_ct)`` the curves' outcome of a day at usual demand and ``y_t`` the outcome
seen, each draw is joined to the rows by ``k = sum y / sum I`` over the history, so that attribution and the
level of the curves fall out; the forecast of h days is ``F = sum_t k I_t demand_t``. What the curves do not
know is learned from the weekly ratios ``w_j = log(sum y / sum k I)`` of the history, a Gaussian process with
unknown
mean: a level that wanders and falls back with the relaxation time L, and noise of the week,

    cov(w_i, w_j) = a^2 exp(-7 |i - j| / L) + [i = j] b^2.

Over h days ahead, given the weeks seen, this process has a mean and a variance (kriging with unknown mean),
to which the noise adds ``b^2 7 / h``. a, b and L are averaged over a grid by their likelihood and a weak
prior, as a mixture of normals, whose tails are heavier than one normal's. The curves' own outlook, which
knows seasons but not these weeks, counts as much as the process: half of the mixture is centred on each, the
forecast on the middle.

Source: Rasmussen & Williams (2006), Gaussian Processes for Machine Learning, 2.7 (unknown mean).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr

from channelopt.errors import require_columns
from channelopt.plan.goods import coming_demand
from channelopt.plan.history import column_of
from channelopt.plan.planned import Band
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

#: Grid of a and b with the log-normal prior of each (median, log-sd), and of L in days.
GRID = np.geomspace(0.02, 0.8, 9)
PRIOR_LEVEL, PRIOR_NOISE, PRIOR_SD = 0.2, 0.12, 1.0
RELAX = (20.0, 40.0, 120.0)
#: Weight of the process beside the outlook of the curves.
TRUST = 0.5
#: Weeks of history that are looked at.
WEEKS = 104
#: Quantiles that stand for the noise of one draw.
NOISE_POINTS = 41


@dataclass(frozen=True)
class Rows:
    """Daily rows as arrays.

    Attributes:
        days: the calendar, without gaps.
        spend: (days, channels), money per day; a row of a week or a month is spread over its days.
        outcome: (days,), sum over channels; NaN where no row is.
        step: days a row stands for.
    """

    days: pd.DatetimeIndex
    spend: Array
    outcome: Array
    step: int


def rows_of(daily: pd.DataFrame, channels: Sequence[str], outcome: str, coarse: float = 1.0) -> Rows:
    """Arrays of the channels' rows.

    Args:
        daily: day, channel, spend and the outcome.
        channels: their order.
        outcome: its column.
        coarse: rows that are usually further apart than so many days stand for the days up to the next.

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("day", "channel", "spend", outcome))
    kept = daily[daily["channel"].isin(list(channels))]
    days = pd.to_datetime(kept["day"]).dt.normalize()
    spend = kept.assign(day=days).pivot_table(index="day", columns="channel", values="spend", aggfunc="sum")
    seen = kept.assign(day=days).groupby("day")[outcome].sum(min_count=1)
    if not len(spend):
        return Rows(pd.DatetimeIndex([]), np.zeros((0, len(channels))), np.zeros(0), 1)
    gaps = np.diff(spend.index.to_numpy()).astype("timedelta64[D]").astype(int)
    step = int(np.median(gaps)) if len(gaps) else 1
    step = step if step > coarse else 1
    calendar = pd.date_range(spend.index[0], spend.index[-1] + pd.Timedelta(days=step - 1))
    spread = spend.reindex(columns=list(channels)).reindex(calendar)
    values = seen.reindex(calendar)
    if step > 1:
        spread, values = spread.ffill(limit=step - 1) / step, values.ffill(limit=step - 1) / step
    return Rows(calendar, spread.fillna(0.0).to_numpy("float64"), values.to_numpy("float64"), step)


def implied(curves: ResponseCurves, spend: Array) -> Array:
    """(draws, days): curves' outcome at usual demand for a daily spend (days, channels).

    Before the first day the mean of the first week was held.
    """
    stock = np.broadcast_to(spend[:7].mean(axis=0), curves.keep.shape).astype("float64")
    half, total = np.log(curves.half), np.empty((curves.draws, len(spend)))
    for t, x in enumerate(spend):
        stock = (1 - curves.keep) * x + curves.keep * stock
        with np.errstate(divide="ignore", over="ignore"):
            level = 1 / (1 + np.exp(-curves.slope * (np.log(stock) - half)))
        total[:, t] = (curves.top * level).sum(axis=1)
    return total


@dataclass(frozen=True)
class Noise:
    """What the curves do not know, for each horizon a mixture of normals.

    Attributes:
        means: (points, horizons), log level of the days ahead against the mean of the history.
        sds: (points, horizons), standard deviation of the log error.
        weight: (points,), how likely each is.
        weeks: how many weeks it was learned from.
    """

    means: Array
    sds: Array
    weight: Array
    weeks: int

    def mean(self, horizon: int) -> float:
        """Expected log level of the horizon's number."""
        return float(self.weight @ self.means[:, horizon])

    def quantiles(self, horizon: int, outlook: float) -> tuple[float, Array]:
        """Middle and evenly spaced quantiles of the log of the true sum over the sum at usual demand.

        Args:
            horizon: its number.
            outlook: what the curves' own outlook says; it counts as much as the process does.
        """
        sd = np.concatenate([self.sds[:, horizon]] * 2)
        mean = np.concatenate([self.means[:, horizon], np.full(len(self.weight), outlook)])
        weight = np.concatenate([TRUST * self.weight, (1 - TRUST) * self.weight])
        middle = float(weight @ mean)
        wide = float((np.abs(mean - middle) + 4 * sd).max())
        at = np.linspace(middle - wide, middle + wide, 801)
        share = weight @ ndtr((at - mean[:, None]) / sd[:, None])
        return middle, np.interp((np.arange(NOISE_POINTS) + 0.5) / NOISE_POINTS, share, at)


def learn_noise(seen: Array, expected: Array, horizons: Sequence[int]) -> Noise:
    """Level and noise from a history, and what they mean for sums of days ahead.

    Args:
        seen: (days,), outcome; NaN where unknown.
        expected: (days,), what the curves say, at usual demand.
        horizons: days ahead.
    """
    ago, ratio = _weekly(seen, expected)
    means, sds, logs = [], [], []
    for relax in RELAX:
        lag = np.exp(-np.abs(ago[:, None] - ago) / relax)
        ahead = [np.arange(h) + 0.5 for h in horizons]
        cross = np.array([np.exp(-(ago[:, None] + t) / relax).mean(axis=1) for t in ahead]).T
        own = np.array([np.exp(-np.abs(t[:, None] - t) / relax).mean() for t in ahead])
        for a in GRID:
            for b in GRID:
                cov = a**2 * lag + b**2 * np.eye(len(ago))
                log, mean, left = _kriged(ratio, cov, a**2 * cross, a**2 * own)
                prior = np.log(a / PRIOR_LEVEL) ** 2 + np.log(b / PRIOR_NOISE) ** 2
                logs.append(log - prior / (2 * PRIOR_SD**2))
                means.append(mean)
                sds.append(np.sqrt(left + b**2 * 7 / np.asarray(horizons)))
    weight = np.exp(np.array(logs) - max(logs))
    return Noise(np.array(means), np.array(sds), weight / weight.sum(), len(ratio))


def _kriged(ratio: Array, cov: Array, cross: Array, own: Array) -> tuple[float, Array, Array]:
    """Log likelihood with the mean integrated out; mean and variance left of each horizon's level."""
    if len(ratio) < 2:
        return 0.0, 0 * own, 2 * own
    root = np.linalg.cholesky(cov)
    white = np.linalg.solve(root, np.column_stack([ratio, np.ones(len(ratio)), cross]))
    y, one, k = white[:, 0], white[:, 1], white[:, 2:]
    size = float(one @ one)
    usual = float(one @ y) / size
    rest = y - one * usual
    log = -np.log(np.diag(root)).sum() - 0.5 * np.log(size) - 0.5 * rest @ rest
    left = own - (k**2).sum(axis=0) + (1 - one @ k) ** 2 / size
    return float(log), usual + rest @ k, np.maximum(left, 0.0)


def _weekly(seen: Array, expected: Array) -> tuple[Array, Array]:
    """Days ago and log ratio of whole weeks, counted from the last day; weeks without outcome left out."""
    weeks = min(len(seen) // 7, WEEKS)
    if not weeks:
        return np.zeros(0), np.zeros(0)
    top = seen[len(seen) - 7 * weeks :].reshape(weeks, 7)
    bottom = expected[len(seen) - 7 * weeks :].reshape(weeks, 7)
    total, base = np.nansum(top, axis=1), np.where(np.isfinite(top), bottom, 0.0).sum(axis=1)
    known = (total > 0) & (base > 0)
    ago = 7.0 * np.arange(weeks)[::-1] + 3.5
    return ago[known], np.log(total[known] / base[known])


@dataclass(frozen=True)
class Forecast:
    """What coming days bring.

    Attributes:
        horizons: days.
        bands: one per horizon: outcome of the first so many days, as attribution counts it.
        noise: what the curves do not know.
    """

    horizons: tuple[int, ...]
    bands: tuple[Band, ...]
    noise: Noise


def forecast(
    curves: ResponseCurves,
    history: pd.DataFrame,
    spend: Array,
    horizons: Sequence[int],
    interval: float = 0.9,
) -> Forecast:
    """Outcome of the coming days.

    Args:
        curves: learned from the history.
        history: day, channel, spend and the outcome the curves count (revenue for profit, and then of
            revenue), up to yesterday.
        spend: (days, channels), money of each coming day, at least as many as the longest horizon.
        horizons: days, from 1.
        interval: coverage of the bands.
    """
    rows = rows_of(history, curves.channels, column_of(curves.outcome))
    drawn = implied(curves, np.vstack([rows.spend, spend[: max(horizons)]]))
    past, ahead = drawn[:, : len(rows.spend)], drawn[:, len(rows.spend) :]
    known = np.isfinite(rows.outcome)
    k = np.nansum(rows.outcome) / np.maximum(past[:, known].sum(axis=1), 1e-300)
    noise = learn_noise(rows.outcome, k.mean() * past.mean(axis=0), horizons)
    demand = coming_demand(curves, 0, max(*horizons, 7))
    sums = np.cumsum(k[:, None] * ahead * demand[: ahead.shape[1]], axis=1)
    bands = []
    for i, h in enumerate(horizons):
        outlook = float(np.log(demand[: max(h, 7)].mean()))
        middle, noise_at = noise.quantiles(i, outlook)
        bands.append(_band(sums[:, h - 1] * np.exp(middle - outlook), noise_at - middle, interval))
    return Forecast(tuple(horizons), tuple(bands), noise)


def _band(sums: Array, noise: Array, interval: float) -> Band:
    """Interval of a sum with noise on its logarithm; the middle is the mean without it."""
    tail = (1 - interval) / 2
    low, high = np.quantile(sums[:, None] * np.exp(noise), [tail, 1 - tail])
    return Band(float(low), float(sums.mean()), float(high))

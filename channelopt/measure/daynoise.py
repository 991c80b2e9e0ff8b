r"""How much day-to-day noise a sum over days carries: its long-run variance, with what few days cannot tell.

For a ratio ``R = sum(x) / sum(y)`` take the influence of each day on log R, ``u_t = e_t / sum(x)`` with
``e = x - R y``. Their sum has the variance wanted. It has two parts: what counting alone implies
(``floor``, 1 / events for a count) and days that differ by a factor of coefficient of variation
``cv`` whose logs follow an AR(1) with coefficient ``phi``. With ``w_t`` the day's share of the total,
the discrete cosine coefficient ``k`` of ``u`` has the variance

    S_k = floor + cv**2 * sum(w**2) * f_k(phi),        f_k the spectrum of the AR(1) over n days,

and the sum itself ``V = floor + cv**2 * sum(w**2) * a(phi)``, ``a = 1 + 2 sum((1 - j/n) phi**j)``. A few
weeks can hardly tell cv and phi, so neither is estimated: both are averaged over a grid, weighted
by their likelihood (Whittle's, from the squared coefficients) and by a prior that says what days
of advertising look like. A weekday pattern is no noise: from three weeks on each weekday's mean is
taken out, and multiples of the week are left out of the likelihood. The prior was chosen so that the
nominal 90% covers as evenly as can be between steady days (cv 0) and days of cv 30% with
autocorrelation 0.5, from two weeks to three months.

The mixture is handed on as a Student's t with the same variance and kurtosis.

Source: Whittle (1953), Ark. Mat. 2; Müller (2007), J. Econometrics 141, and Lazarus, Lewis, Stock & Watson
(2018), JBES 36 (long-run variance from low-frequency cosines). Measured coverage: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: The grid of daily coefficients of variation, 0 and then 2% to about 10, a quarter more each.
CVS = np.r_[0.0, 0.02 * 1.25 ** np.arange(29)]
#: The grid of autocorrelations of the day factor's log.
PHIS = np.array([0.0, 0.2, 0.7])
#: Prior odds of steady days, and of day factors around this cv with this spread of its log.
STEADY, USUAL_CV, LOG_SD = 0.3, 0.38, 1.05
#: Prior odds of each autocorrelation.
PHI_ODDS = np.array([0.6, 0.025, 0.375])
#: Single frequencies kept apart before they are taken in bands.
_SINGLE = 12
#: Longer series use the limit of the AR(1) spectrum instead of the exact one.
_LONG = 120
#: From this many days on the weekday pattern is taken out.
_WEEKS = 21


@dataclass(frozen=True)
class DayNoise:
    """The variance of log(sum) per channel.

    Attributes:
        mean: expected variance.
        spread: its variance over what is not known.
    """

    mean: Array
    spread: Array

    def with_more(self, mean: Array, spread: Array) -> DayNoise:
        """Together with an independent part that has an expected variance and a spread of it."""
        return DayNoise(self.mean + mean, self.spread + spread)

    def as_t(self) -> tuple[Array, Array]:
        """Squared scale and degrees of freedom of a Student's t with this variance and kurtosis."""
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = np.fmax(self.spread / self.mean**2, 1e-7)
            df = np.clip((4 * excess + 2) / excess, 4.5, 1e6)
        return self.mean * (df - 2) / df, df


@dataclass(frozen=True)
class _Basis:
    cosines: Array  # (days, frequencies)
    starts: npt.NDArray[np.intp]  # first frequency of each band
    size: Array  # (bands,)
    spectrum: Array  # (phis, bands)
    total: Array  # (phis,), a(phi)


@lru_cache(maxsize=512)
def _basis(days: int) -> _Basis:
    k = np.arange(1, days)
    if days >= 14:
        k = k[np.min(np.abs(k[:, None] - 2 * days / 7 * np.arange(1, 4)), axis=1) >= 0.75]
    cosines = np.sqrt(2) * np.cos(np.pi * np.outer(np.arange(days) + 0.5, k) / days)
    starts = [0] if len(k) else []
    while starts and starts[-1] + _width(starts[-1]) < len(k):
        starts.append(starts[-1] + _width(starts[-1]))
    size = np.diff([*starts, len(k)]).astype("float64") if starts else np.zeros(0)
    lag = np.arange(days)
    spectrum, total = [], []
    for phi in PHIS:
        if days <= _LONG:
            alike = phi ** np.abs(lag[:, None] - lag[None, :])
            power = (cosines * (alike @ cosines)).sum(axis=0) / days
        else:
            power = (1 - phi**2) / (1 + phi**2 - 2 * phi * np.cos(np.pi * k / days))
        spectrum.append(np.add.reduceat(power, starts) / size if starts else np.zeros(0))
        total.append(1 + 2 * ((1 - lag[1:] / days) * phi ** lag[1:]).sum())
    return _Basis(cosines, np.array(starts, dtype="intp"), size, np.array(spectrum), np.array(total))


def _width(at: int) -> int:
    return 1 if at < _SINGLE else max(1, at // 4)


def day_noise(influence: Array, shares: Array, known: npt.NDArray[np.bool_], floor: Array) -> DayNoise:
    """The variance of log(sum) from each channel's days.

    Args:
        influence: (channels, calendar days), ``u`` above; 0 where unknown.
        shares: same shape, each day's share of the total; 0 where unknown.
        known: same shape.
        floor: (channels,), the variance that counting alone implies, above 0.

    Returns:
        One entry per channel; NaN without a known day or where ``floor`` is not above 0.
    """
    days = known.sum(axis=1)
    mean, spread = np.full(len(days), np.nan), np.full(len(days), np.nan)
    usable = (days > 0) & (floor > 0) & np.isfinite(floor)
    width = known.shape[1]
    weekday = np.broadcast_to(np.arange(width) % 7, known.shape)
    for n in np.unique(days[usable]):
        at = np.flatnonzero(usable & (days == n))
        rows, weights, day = influence[at], shares[at], weekday[at]
        if n < width:
            inside = known[at]
            rows, weights = rows[inside].reshape(len(at), n), weights[inside].reshape(len(at), n)
            day = day[inside].reshape(len(at), n)
        if n >= _WEEKS:
            rows = _without_weekdays(rows, day)
        mean[at], spread[at] = _posterior(rows, (weights**2).sum(axis=1), floor[at])
    return DayNoise(mean, spread)


def _without_weekdays(rows: Array, weekday: npt.NDArray[np.intp]) -> Array:
    """Rows less the mean of their weekday, scaled back to the power that noise had."""
    left, n = rows.copy(), rows.shape[1]
    for day in range(7):
        here = weekday == day
        count = np.maximum(here.sum(axis=1, keepdims=True), 1)
        left -= here * (np.where(here, rows, 0.0).sum(axis=1, keepdims=True) / count)
    return left * np.sqrt((n - 4) / (n - 7))


def _log_prior() -> Array:
    """Log prior odds over the grid, cv slowest."""
    factor = np.exp(-0.5 * (np.log(CVS[1:] / USUAL_CV) / LOG_SD) ** 2)
    odds = np.r_[STEADY, factor / factor.sum()]
    return np.asarray(np.log(odds[:, None] * PHI_ODDS[None, :]).ravel())


def _posterior(rows: Array, squared: Array, floor: Array) -> tuple[Array, Array]:
    """Mean and variance of V; rows (channels, days) without gaps."""
    basis = _basis(rows.shape[1])
    log_prior = _log_prior()
    cv2 = np.repeat(CVS**2, len(PHIS))
    ratio = squared / floor  # day noise of cv 1 in units of the floor
    log_like = np.zeros((len(rows), len(cv2)))
    if len(basis.size):
        power = np.add.reduceat((rows @ basis.cosines) ** 2, basis.starts, axis=1) / floor[:, None]
        shape = np.tile(basis.spectrum, (len(CVS), 1)) * cv2[:, None]  # (grid, bands)
        for band, size in enumerate(basis.size):
            level = 1 + ratio[:, None] * shape[:, band]
            log_like -= 0.5 * (size * np.log(level) + power[:, band, None] / level)
    weight = log_like + log_prior
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    value = 1 + ratio[:, None] * (cv2 * np.tile(basis.total, len(CVS)))
    mean = (weight * value).sum(axis=1)
    spread = (weight * value**2).sum(axis=1) - mean**2
    return mean * floor, np.maximum(spread, 0.0) * floor**2

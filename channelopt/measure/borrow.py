r"""Strength borrowed across channels: a small channel learns from the others as far as they are alike.

A quantity of each channel, measured on the log scale as ``a_i`` with variance ``s_i**2``, is taken to
scatter around a common middle with the standard deviation ``tau``. ``tau`` is not estimated but
averaged over a grid by its likelihood (the middle integrated out) and a half-normal prior of scale
``USUAL``, for a handful of channels hardly tells it. Given ``tau`` the channel's value is

    B a_i + (1 - B) m,   B = tau**2 / (tau**2 + s_i**2),   variance B s_i**2 + (1 - B)**2 var(m),

``m`` being the precision-weighted middle. Channels that are all alike lend each other almost all
their data, channels that differ hardly any. No channel is moved by more than ``LIMIT`` of its
own standard errors, so that one that truly stands apart is not talked out of it.

Source: DerSimonian & Laird (1986), Controlled Clinical Trials 7 (the model); Gelman (2006), Bayesian
Analysis 1 (prior of tau); Efron & Morris (1972), JASA 67 (limited translation). Measured: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: The grid of tau, and the scale of its prior.
TAUS = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.27, 0.35, 0.45, 0.6, 0.8, 1.1])
USUAL = 0.5
#: Furthest move, in the channel's own standard errors.
LIMIT = 1.0
#: Ratios: squared relative error of one count at least, counts of a channel without any, and the least share
#: of the common ratio that a channel can fall to.
LEAST_TAIL, FEWEST, LEAST_SHARE = 1e-6, 1e-3, 0.02


@dataclass(frozen=True)
class Borrowed:
    """The channels' values with what the others lend.

    Attributes:
        value: (channels,), log scale; as measured where nothing could be borrowed.
        variance: (channels,), its variance.
        tau: expected spread between channels; NaN with fewer than two.
    """

    value: Array
    variance: Array
    tau: float


def borrow(measured: Array, variance: Array) -> Borrowed:
    """Shrink every channel towards the others as far as they are alike.

    Args:
        measured: (channels,), log scale, NaN unknown.
        variance: (channels,), of ``measured``; not finite or not above 0 means unknown.
    """
    known = np.isfinite(measured) & np.isfinite(variance) & (variance > 0)
    if known.sum() < 2:
        return Borrowed(measured.copy(), variance.copy(), float("nan"))
    a, s2 = measured[known], variance[known]
    precision = 1 / (s2[None, :] + TAUS[:, None] ** 2)
    whole = precision.sum(axis=1)
    middle = (precision @ a) / whole
    misfit = (precision * (a[None, :] - middle[:, None]) ** 2).sum(axis=1)
    weight = _weights(misfit + np.log(whole), precision)
    own = TAUS[:, None] ** 2 * precision  # B, (taus, channels)
    each = own * a[None, :] + (1 - own) * middle[:, None]
    spread = own * s2[None, :] + (1 - own) ** 2 / whole[:, None]
    mean, var = _averaged(weight, each, spread)
    reach = LIMIT * np.sqrt(s2)
    value, out = measured.copy(), variance.copy()
    value[known] = np.clip(mean, a - reach, a + reach)
    out[known] = np.minimum(var, s2)
    return Borrowed(value, out, float(weight @ TAUS))


def borrow_ratios(sums: Array, counts: Array, missed: Array) -> Borrowed:
    """Shrink ratios of sums, such as money per lead, towards the ratio of all channels' sums.

    As ``borrow`` with the middle known, but on the scale of the ratio itself: where a few heavy orders make
    up a sum its log is too low on average, and that of a channel without an order yet is not a number.

    Args:
        sums: (channels,), such as money.
        counts: (channels,), what brought it, such as leads.
        missed: (channels,), squared errors of a channel's parts around its own ratio, NaN without counts.

    Returns:
        Log of the ratios, lowered by half their variance so that its mean is right, and its variance.
    """
    if not (sums.sum() > 0 and counts.sum() > 0):
        unknown = np.full(len(sums), np.nan)
        return Borrowed(unknown, unknown.copy(), float("nan"))
    pooled = float(sums.sum() / counts.sum())
    tail = max(float(np.nansum(missed) / (pooled**2 * counts.sum())), LEAST_TAIL)
    a = np.where(counts > 0, sums / np.where(counts > 0, counts, 1.0) / pooled, 1.0)
    s2 = tail / np.maximum(counts, FEWEST)
    if len(a) < 2:
        return Borrowed(np.log(pooled * a), s2, float("nan"))
    precision = 1 / (s2[None, :] + TAUS[:, None] ** 2)
    weight = _weights((precision * (a[None, :] - 1) ** 2).sum(axis=1), precision)
    own = TAUS[:, None] ** 2 * precision
    each = 1 + own * (a - 1)[None, :]
    spread = own * s2[None, :] + (1 - own) ** 2 * tail / counts.sum()
    mean, var = _averaged(weight, each, spread)
    mean = np.maximum(mean, LEAST_SHARE)
    log_var = np.log1p(np.maximum(var, 0.0) / mean**2)
    return Borrowed(np.log(pooled * mean) - log_var / 2, log_var, float(weight @ TAUS))


def _weights(misfit: Array, precision: Array) -> Array:
    """(taus,) posterior weights of the grid; misfit (taus,), precision (taus, channels)."""
    height = -0.5 * (misfit - np.log(precision).sum(axis=1) + (TAUS / USUAL) ** 2)
    weight = np.gradient(TAUS) * np.exp(height - height.max())
    return np.asarray(weight / weight.sum())


def _averaged(weight: Array, each: Array, spread: Array) -> tuple[Array, Array]:
    """(channels,) mean and variance over the grid of means and variances (taus, channels)."""
    mean = weight @ each
    return mean, weight @ (spread + each**2) - mean**2

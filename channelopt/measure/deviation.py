r"""Which channel's rate lies further from the others' than channels differ by nature; corrected for looks.

For one rate, ``y_i`` is channel ``i``'s log rate and ``v_i`` its error variance. Channels differ by
nature with a spread ``tau`` (sd of the log), which nobody knows, so it is averaged over a grid,
weighted by its prior and by the restricted likelihood of the *other* channels. With ``w = 1 / (v + tau**2)``
and sums over the others,

    m = sum(w y) / sum(w),   log L(tau) = -1/2 (sum(log(v + tau**2)) + log(sum(w)) + sum(w (y - m)**2)),
    z(tau) = (y_i - m) / sqrt(v_i + tau**2 + 1 / sum(w)),   p_i = sum over tau of post(tau) Phi(z(tau)),

the predictive chance that a channel like the others is that low. Leaving the channel itself out keeps
an outlier from excusing itself. Ten channels tell tau poorly, so the rates lend each other strength: the
log tau of a rate is normal around ``mu`` with sd ``s``, both unknown and weighted over a grid by the
likelihood of the *other* rates; ``USUAL`` and ``WIDE`` are what is believed of ``mu`` before. The p of all
channels and rates are corrected together by Holm's steps.

Source: Higgins, Thompson & Spiegelhalter (2009), JRSS A 172 (predictive distribution with unknown spread);
Smyth (2004), SAGMB 3 (spreads that lend each other strength); Holm (1979), Scand. J. Stat. 6. Measured error
rate and power: docs/methods.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from channelopt.measure.grid import Array

#: Grid of natural spreads: sd of a log rate between channels, 0.02 to 2.3.
TAUS = 0.02 * 1.12 ** np.arange(43)
#: Natural spread believed before any data, and the sd of the log of that belief.
USUAL, WIDE = 0.3, 1.0
#: Grid of how far the rates differ in their log tau.
APART = (0.2, 0.4, 0.8)


@dataclass(frozen=True)
class Deviation:
    """Each channel of one rate against the others; arrays with one entry per channel, NaN unknown.

    Attributes:
        others: what the others are around, as a log.
        p_low: chance that a channel like the others lies as low.
        z: the same as a normal quantile, below 0 when lower than the others.
        tau: expected natural spread of the others.
    """

    others: Array
    p_low: Array
    z: Array
    tau: Array


@dataclass(frozen=True)
class _Rate:
    """One rate on the grid of spreads; arrays (channels known, taus) unless said otherwise."""

    known: npt.NDArray[np.bool_]  # (channels,)
    middle: float
    mean: Array  # of the others
    z: Array
    of_others: Array  # log likelihood
    of_all: Array  # (taus,)


def deviations(rates: Sequence[tuple[Array, Array]]) -> list[Deviation]:
    """Compare each channel with the others, for several rates at once.

    Args:
        rates: for each rate the channels' logs and their error variances, NaN unknown.

    Returns:
        One Deviation per rate; all NaN where fewer than two channels are known.
    """
    laid = [_lay_out(y, v) for y, v in rates]
    belief, grid = _beliefs()
    told = np.array([_log_mean(belief, one.of_all) for one in laid])  # (rates, beliefs)
    before = -0.5 * (grid / WIDE) ** 2
    found = []
    for (y, _), one, own in zip(rates, laid, told, strict=True):
        weight = before + told.sum(axis=0) - own
        weight = np.exp(weight - weight.max())
        found.append(_compared(len(y), one, np.log((weight / weight.sum()) @ belief)))
    return found


def holm(p: Array) -> Array:
    """Holm's corrected p values; NaN stay NaN and count as no look.

    Args:
        p: any number of p values.
    """
    found = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    if len(order):
        steps = p[order] * np.arange(len(order), 0, -1)
        found[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return found


def _beliefs() -> tuple[Array, Array]:
    """Distributions over ``TAUS``, (beliefs, taus), and each one's middle less the usual log tau."""
    shift = np.linspace(-2.5, 2.5, 11) * WIDE
    middle, apart = (part.ravel() for part in np.meshgrid(shift, APART, indexing="ij"))
    odds = np.exp(-0.5 * ((np.log(TAUS / USUAL) - middle[:, None]) / apart[:, None]) ** 2) + 1e-12
    return odds / odds.sum(axis=1, keepdims=True), middle


def _lay_out(y: Array, v: Array) -> _Rate:
    known = np.isfinite(y) & np.isfinite(v) & (v > 0)
    if known.sum() < 2:
        none = np.zeros((0, len(TAUS)))
        return _Rate(np.zeros(len(y), dtype=bool), 0.0, none, none, none, np.zeros(len(TAUS)))
    middle = float(np.median(y[known]))
    at, own = y[known][:, None] - middle, v[known][:, None] + TAUS**2
    weight = 1 / own
    parts = [weight, weight * at, weight * at**2, np.log(own)]
    whole = [part.sum(axis=0) for part in parts]
    others = [total - part for total, part in zip(whole, parts, strict=True)]
    mean = others[1] / others[0]
    z = (at - mean) / np.sqrt(own + 1 / others[0])
    return _Rate(known, middle, mean, z, _log_likelihood(others), _log_likelihood(whole))


def _log_likelihood(sums: list[Array]) -> Array:
    """Restricted log likelihood from the sums of w, w y, w y**2 and log(v + tau**2)."""
    s0, s1, s2, logs = sums
    return np.asarray(-0.5 * (logs + np.log(s0) + np.maximum(s2 - s1**2 / s0, 0.0)))


def _log_mean(belief: Array, log_like: Array) -> Array:
    """Log of the likelihood averaged over each belief."""
    top = log_like.max()
    return np.asarray(np.log(belief @ np.exp(log_like - top)) + top)


def _compared(channels: int, one: _Rate, log_prior: Array) -> Deviation:
    others, p_low, z, tau = (np.full(channels, np.nan) for _ in range(4))
    if one.known.any():
        post = one.of_others + log_prior
        post = np.exp(post - post.max(axis=1, keepdims=True))
        post /= post.sum(axis=1, keepdims=True)
        low, high = ((post * special.ndtr(sign * one.z)).sum(axis=1) for sign in (1.0, -1.0))
        others[one.known] = (post * one.mean).sum(axis=1) + one.middle
        p_low[one.known] = low
        tail = special.ndtri(np.clip(np.minimum(low, high), 1e-300, 0.5))
        z[one.known] = np.where(low <= high, tail, -tail)
        tau[one.known] = (post * TAUS).sum(axis=1)
    return Deviation(others, p_low, z, tau)

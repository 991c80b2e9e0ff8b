r"""Looks that are paid for: planned (Lan–DeMets) and always-valid (mixture confidence sequences).

Planned looks spend :math:`\alpha\,t^{\rho}` of the error by the share t of the planned time that has passed
(calendar), while the correlation between looks follows the information gathered. So a test that gathers
more or less than planned keeps its error rate; at the last planned look everything is spent.

Sources: Lan & DeMets (1983), Biometrika 70:659; Kim & DeMets (1987) for the power family; Armitage, McPherson
& Rowe (1969) for the recursion; Robbins (1970), Howard et al. (2021) and Waudby-Smith et al. (2024) for the
mixture; Johari et al. (2022) for the mixture SPRT.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from channelopt.errors import InputError
from channelopt.experiments.effect import Array

#: Points of the Gauss–Legendre rule between two bounds.
NODES = 201
#: A bound no statistic crosses: nothing was spent at that look.
NEVER = 8.0


def look_bounds(
    information: npt.ArrayLike,
    alpha: float = 0.05,
    rho: float = 2.0,
    time: npt.ArrayLike | None = None,
) -> Array:
    """Two-sided bounds of \\|z\\| at each planned look.

    Args:
        information: gathered at each look (people, days, 1 / variance), increasing, any unit, shape (looks,).
        alpha: error of all looks together.
        rho: power of the spending; 2 spends little early, 1 evenly.
        time: share of the planned time at each look, increasing, last 1 for a test at its end; without
            it the information as a share of its last value.

    Returns:
        Shape (looks,).

    Raises:
        InputError: ``common.bad_setting`` unless both increase and time lies in (0, 1].
    """
    gathered = np.asarray(information, dtype="float64")
    passed = gathered / gathered[-1] if time is None else np.asarray(time, dtype="float64")
    right = gathered.ndim == 1 and gathered.shape == passed.shape and len(gathered) > 0
    if not right or gathered[0] <= 0 or passed[0] <= 0 or passed[-1] > 1 + 1e-12:
        raise InputError("common.bad_setting", name="time", value=passed, wanted="rising shares, 0 < t <= 1")
    if (np.diff(gathered) <= 0).any() or (np.diff(passed) <= 0).any():
        raise InputError("common.bad_setting", name="information", value=gathered, wanted="rising numbers")
    return np.array(_bounds(tuple((gathered / gathered[-1]).tolist()), tuple(passed.tolist()), alpha, rho))


@lru_cache(maxsize=256)
def _bounds(
    information: tuple[float, ...], time: tuple[float, ...], alpha: float, rho: float
) -> tuple[float, ...]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    spent = alpha * np.minimum(np.array(time), 1.0) ** rho
    bounds: list[float] = []
    at = density = None
    for k, info in enumerate(information):
        todo = spent[k] - (spent[k - 1] if k else 0.0)
        if at is None or density is None:
            bound = float(-special.ndtri(todo / 2))
            step = np.sqrt(info)
        else:
            step = np.sqrt(info - information[k - 1])
            bound = _next(at, density, step, np.sqrt(info), todo)
        bounds.append(bound)
        edge = bound * np.sqrt(info)
        here, share = edge * nodes, edge * weights
        if at is None or density is None:
            density = share * _phi(here / step) / step
        else:
            density = share * ((_phi((here[:, None] - at) / step) / step) @ density)
        at = here
    return tuple(bounds)


def _next(at: Array, density: Array, step: float, scale: float, todo: float) -> float:
    """Bound on z that is crossed now, and not before, with probability ``todo``."""

    def over(z: float) -> float:
        up, down = special.ndtr((at - z * scale) / step), special.ndtr((-z * scale - at) / step)
        return float(density @ (up + down) - todo)

    return NEVER if over(NEVER) >= 0 else float(optimize.brentq(over, 0.0, NEVER, xtol=1e-10))


def _phi(z: Array) -> Array:
    return np.asarray(np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi))


def peeking_error(looks: npt.ArrayLike, alpha: float = 0.05) -> float:
    """Chance that a plain test at ``alpha`` wins falsely at any of these looks (information, rising)."""
    gathered = np.asarray(looks, dtype="float64")
    if gathered.ndim != 1 or not len(gathered) or gathered[0] <= 0 or (np.diff(gathered) <= 0).any():
        raise InputError("common.bad_setting", name="looks", value=gathered, wanted="rising numbers")
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    bound = float(-special.ndtri(alpha / 2))
    info = gathered / gathered[-1]
    edge = bound * np.sqrt(info[0])
    at, density = edge * nodes, edge * weights * _phi(edge * nodes / np.sqrt(info[0])) / np.sqrt(info[0])
    for before, now in pairwise(info.tolist()):
        step, edge = np.sqrt(now - before), bound * np.sqrt(now)
        here = edge * nodes
        density = edge * weights * ((_phi((here[:, None] - at) / step) / step) @ density)
        at = here
    return float(1 - density.sum())


def look_power(information: npt.ArrayLike, bounds: npt.ArrayLike, drift: float) -> float:
    """Chance that a test crosses its bounds at one of its looks.

    Args:
        information: gathered at each look, increasing, shape (looks,).
        bounds: of \\|z\\| at each look, same shape.
        drift: true effect over its standard error at the last look.
    """
    gathered, edges = np.asarray(information, dtype="float64"), np.asarray(bounds, dtype="float64")
    if gathered.shape != edges.shape or not len(gathered) or (np.diff(gathered, prepend=0) <= 0).any():
        raise InputError("common.bad_setting", name="information", value=gathered, wanted="rising numbers")
    info = gathered / gathered[-1]
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    at, density, before = np.zeros(1), np.ones(1), 0.0
    for now, bound in zip(info.tolist(), edges.tolist(), strict=True):
        step, edge = np.sqrt(now - before), min(bound, NEVER + abs(drift)) * np.sqrt(now)
        here, moved = edge * nodes, at + drift * (now - before)
        density = edge * weights * ((_phi((here[:, None] - moved) / step) / step) @ density)
        at, before = here, now
    return float(np.clip(1 - density.sum(), 0.0, 1.0))


def mixture_precision(best_at: float, alpha: float = 0.05) -> float:
    """Precision of the normal mixture whose boundary is tightest at the intrinsic time ``best_at``."""
    return float(best_at / (-special.lambertw(-(alpha**2) / np.e, -1).real - 1))


def mixture_bound(
    v: npt.ArrayLike, alpha: float = 0.05, best_at: float = 1000.0, precision: float | None = None
) -> Array:
    """Boundary no centred sum of variance ``v`` ever leaves, with chance 1 - alpha, whenever one looks.

    Args:
        v: variance gathered so far.
        alpha: chance that it is left at any time.
        best_at: the variance at which it is tightest, by the closed form of Howard et al. (2021).
        precision: of the mixture, instead of that closed form.
    """
    at, log = np.asarray(v, dtype="float64"), -2 * np.log(alpha)
    rho = best_at / (log + np.log1p(log)) if precision is None else precision
    return np.asarray(np.sqrt((at + rho) * (log + np.log((at + rho) / rho))))


def confidence_sequence(x: npt.ArrayLike, alpha: float = 0.05, best_at: float = 100.0) -> tuple[Array, Array]:
    """Interval of a mean after each value, right at all times together for many values.

    Args:
        x: values in the order they came, shape (n,).
        alpha: 1 - coverage at all times together.
        best_at: number of values at which it is tightest.

    Returns:
        Lower and upper ends, shape (n,); infinite before the second value.
    """
    values = np.asarray(x, dtype="float64")
    n = np.arange(1, len(values) + 1)
    mean = np.cumsum(values) / n
    middle = values.mean() if len(values) else 0.0
    spread = np.cumsum((values - middle) ** 2) - n * (mean - middle) ** 2
    spread /= np.maximum(n - 1, 1)
    half = (
        np.sqrt(np.maximum(spread, 0))
        * mixture_bound(n, alpha, precision=mixture_precision(best_at, alpha))
        / n
    )
    half[:1] = np.inf
    return mean - half, mean + half


def mixture_sprt(
    x: npt.ArrayLike, null: float = 0.0, sigma: float = 1.0, tau: float = 1.0
) -> tuple[Array, Array]:
    """E-value and always-valid p-value of a mean after each value, variance known.

    Args:
        x: values in the order they came, shape (n,).
        null: the mean under the null.
        sigma: standard deviation of one value.
        tau: standard deviation of the effects mixed over.

    Returns:
        Both of shape (n,); the p-value never rises.
    """
    values = np.asarray(x, dtype="float64")
    n = np.arange(1, len(values) + 1)
    total = np.cumsum(values - null)
    whole = sigma**2 + n * tau**2
    e = np.sqrt(sigma**2 / whole) * np.exp(tau**2 * total**2 / (2 * sigma**2 * whole))
    return e, np.minimum(1.0, np.minimum.accumulate(1 / e))


def anytime_bounds(information: npt.ArrayLike, planned: float, alpha: float = 0.05) -> Array:
    """Bounds of \\|z\\| that hold at all times together, whenever and however often one looks.

    Args:
        information: gathered so far (people, days), above 0, any shape.
        planned: the information at which they are to be tightest.
        alpha: error at all times together.
    """
    log = -2 * np.log(alpha)
    grown = np.asarray(information, dtype="float64") * (log + np.log(log + 1)) / planned + 1
    return np.asarray(np.sqrt(2 * grown / (grown - 1) * np.log(np.sqrt(grown) / alpha)))


def always_valid(
    size: float, se: float, n: float, planned: float, alpha: float = 0.05
) -> tuple[float, float, float]:
    """Interval and p-value of an effect that may be read at any time, any number of times.

    Args:
        size: effect.
        se: its standard error now.
        n: people or days so far, both arms.
        planned: the n at which the interval is to be tightest.
        alpha: 1 - coverage at all times together.

    Returns:
        Low, high, p-value; NaN without a standard error.
    """
    if not (se > 0 and n > 0 and planned > 0):
        return float("nan"), float("nan"), float("nan")
    log = -2 * np.log(alpha)
    mixed = (log + np.log(log + 1)) / planned
    grown = n * mixed + 1
    variance = se**2 * n
    half = se * float(anytime_bounds(n, planned, alpha))
    e = np.exp(min(mixed * n * n * size**2 / variance / (2 * grown), 700.0)) / np.sqrt(grown)
    return float(size - half), float(size + half), float(min(1.0, 1 / e))

r"""How much of a day's outcome a platform has reported by now, learned from days that came in twice.

Where no lead list tells when customers came, successive exports of the same day do: what an export of
age :math:`a_1` knew of a day is the part :math:`G(a_1)/G(a_2)` of what a later one of age
:math:`a_2` knew. G is a part that is there at once and a Weibull delay for the rest,

.. math:: G(a) = \pi + (1 - \pi)\,\bigl(1 - 2^{-((a + 1)/m)^k}\bigr),

weighed on a grid of :math:`(\pi, m, k)` by the quasi-binomial likelihood of all pairs and a weak prior. Its
dispersion is Pearson's: money comes in orders, and days differ. Each channel's pairs are joined by
``BORROWED`` pairs' worth of the others'. The share is the mean over the grid, the variance of its log
what the grid leaves open. A platform that books outcomes on the day they happen shows no growth and G = 1.

Source: Mack (1993), ASTIN Bulletin 23 (development of cohorts); McCullagh & Nelder (1989), Generalized
Linear Models, ch. 9 (quasi-likelihood).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import require_columns
from channelopt.measure.maturity import LEAST_VISIBLE, DelayCurve, Delays

Array = npt.NDArray[np.float64]

#: Pairs of exports of one day needed to learn anything, and how many of other channels are lent.
LEAST_PAIRS, BORROWED = 14, 30.0
#: What is learned from, the first that is reported.
FIELDS = ("revenue", "customers", "leads")
LONGEST = 120
AT_ONCE = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0])
MEDIANS = np.exp(np.linspace(np.log(0.7), np.log(40.0), 21))
SHAPES = np.array([0.6, 0.8, 1.0, 1.4])
#: Prior of the log median of what comes late.
LOG_MEDIAN = (np.log(4.0), 1.0)


@dataclass(frozen=True)
class FilledIn(DelayCurve):
    """A curve averaged over the grid, which also tells how surely a mix of days is known.

    Attributes:
        weight: of every curve of the grid, adds up to 1.
    """

    weight: Array = field(default_factory=lambda: np.ones(1), repr=False)

    def visible(self, ages: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[float, float]:
        """As ``DelayCurve.visible``: every curve of the grid sees its own share of the mix."""
        age, volume = np.asarray(ages, dtype="int64"), np.asarray(weights, dtype="float64")
        if not volume.sum() > 0:
            return float("nan"), float("nan")
        told = age >= 0
        mix = np.bincount(np.minimum(age[told], LONGEST - 1), weights=volume[told], minlength=LONGEST)
        seen = _grid()[0] @ (mix / volume.sum())
        mean = float(self.weight @ seen)
        if mean < LEAST_VISIBLE:
            return float("nan"), float("nan")
        level = np.log(np.maximum(seen, 1e-12))
        return min(mean, 1.0), float(self.weight @ (level - self.weight @ level) ** 2)


def learn_backfill(pairs: pd.DataFrame, as_of: dt.date | pd.Timestamp) -> Delays | None:
    """Learn how recent days fill in.

    Args:
        pairs: channel, age_from, age_to (days), and for one of ``FIELDS`` the earlier sum
            (``revenue_from`` …) and the later one.
        as_of: the last day the newest export knows of.

    Returns:
        Curves of the reported share by age, or None below ``LEAST_PAIRS`` usable pairs.

    Raises:
        InputError: a column is missing.
    """
    require_columns(pairs, ("channel", "age_from", "age_to"))
    name = next(
        (f for f in FIELDS if {f, f"{f}_from"} <= set(pairs) and (pairs[f].fillna(0) > 0).any()), None
    )
    if name is None:
        return None
    usable = (pairs[name] > 0) & pairs[f"{name}_from"].notna() & (pairs["age_to"] > pairs["age_from"])
    used = pairs[usable & (pairs["age_from"] >= 0)]
    if len(used) < LEAST_PAIRS:
        return None
    ages = used[["age_from", "age_to"]].clip(upper=LONGEST - 1).to_numpy("int64")
    after = used[name].to_numpy("float64")
    before = np.clip(used[f"{name}_from"].to_numpy("float64"), 0.0, after)
    fit, dispersion = _per_pair(ages, before, after)
    pooled = _curve(fit.sum(axis=1) / dispersion, len(used))
    curves = {}
    channel = used["channel"].astype("str").to_numpy()
    for one in sorted(set(channel)):
        mine = channel == one
        others = fit[:, ~mine].sum(axis=1) * min(1.0, BORROWED / max((~mine).sum(), 1))
        curves[one] = _curve((fit[:, mine].sum(axis=1) + others) / dispersion, int(mine.sum()))
    return Delays(pd.Timestamp(as_of).normalize(), pooled, curves)


@lru_cache(maxsize=1)
def _grid() -> tuple[Array, Array]:
    """Reported share by age of every curve, (grid, ages), and its log prior."""
    once, median, shape = (g.ravel() for g in np.meshgrid(AT_ONCE, MEDIANS, SHAPES, indexing="ij"))
    reach = (np.arange(LONGEST) + 1.0)[None, :] / median[:, None]
    share = once[:, None] + (1 - once[:, None]) * -np.expm1(-np.log(2) * reach ** shape[:, None])
    prior = -0.5 * ((np.log(median) - LOG_MEDIAN[0]) / LOG_MEDIAN[1]) ** 2 - 0.5 * (np.log(shape) / 0.35) ** 2
    return share, prior


def _per_pair(ages: npt.NDArray[np.int64], before: Array, after: Array) -> tuple[Array, float]:
    """Log-likelihood of every pair under every curve, (grid, pairs), and the dispersion."""
    share, prior = _grid()
    part = np.clip(share[:, ages[:, 0]] / share[:, ages[:, 1]], 1e-9, 1 - 1e-9)
    fit = before * np.log(part) + (after - before) * np.log1p(-part)
    best = part[np.argmax(fit.sum(axis=1) + prior)]
    misses, expected = ((before - best * after) ** 2).sum(), (after * best * (1 - best)).sum()
    return fit, float(max(misses / max(expected, 1e-12) * len(after) / max(len(after) - 3, 1), 1.0))


def _curve(fit: Array, pairs: int) -> DelayCurve:
    share, prior = _grid()
    weight = np.exp(fit + prior - (fit + prior).max())
    weight /= weight.sum()
    mean = weight @ share
    level = np.log(np.maximum(share, 1e-12))
    log_var = weight @ (level - weight @ level) ** 2
    return FilledIn(np.asarray(mean), np.asarray(log_var), 0.0, pairs, weight)

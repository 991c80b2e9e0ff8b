r"""A trial of something new: how much money tells good from bad, with weekly looks, error rates kept exactly.

Orders of return r from money E are a Poisson count of mean :math:`r E / (v \varphi)`, v being what an order
is worth and :math:`\varphi` how much more than a count the money varies (order values and days;
quasi-Poisson: money / (v phi) is taken as the count). At look k of K, keep when the count reaches
:math:`a_k`, drop when it is at most :math:`d_k`. The bounds spend the errors by the share :math:`t_k` of the
exposure,

.. math:: P_{bad}(\text{kept by look } k) \le \alpha\, t_k^2, \qquad
          P_{good}(\text{dropped by look } k) \le \beta\, t_k^2,

found look by look from the exact distribution of the count among what goes on. At the last look everything is
decided: keep from :math:`a_K` on, else drop. The least money is that at which this drops a good one in at
most :math:`\beta` of cases.

Source: Wald (1947), Sequential Analysis; Lan & DeMets (1983), Biometrika 70:659 (spending); Armitage,
McPherson & Rowe (1969), JRSS A 132 (recursion over looks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal, stats

from channelopt.plan.goods import refuse

Array = npt.NDArray[np.float64]

#: Power of the spending: little early, when little is known.
RHO = 2.0
#: Steps in which the least money is searched, as shares.
FINE = 0.02
#: Beyond this many expected orders a trial is not planned exactly.
MOST_EVENTS = 20_000.0


@dataclass(frozen=True)
class Bounds:
    """Bounds of a trial, in counts of order values (money / (v phi)).

    Attributes:
        exposure: (looks,), counts expected per unit of return by each look; rising.
        keep: (looks,), least count that keeps; infinite where none does.
        drop: (looks,), largest count that drops; -1 where none does.
    """

    exposure: Array
    keep: Array
    drop: Array

    def __post_init__(self) -> None:
        if len(self.exposure) == 0 or (np.diff(self.exposure, prepend=0.0) < 0).any():
            refuse("exposure", self.exposure, "rising numbers")

    @property
    def decides(self) -> bool:
        """Whether nothing is open after the last look."""
        return bool(self.keep[-1] <= self.drop[-1] + 1)

    def outcome(self, roi: float) -> tuple[Array, Array]:
        """Chances to be kept and dropped at each look when the true return is ``roi``, (looks,) each."""
        kept, dropped = np.zeros(len(self.exposure)), np.zeros(len(self.exposure))
        alive, before = np.ones(1), 0.0
        for k, now in enumerate(self.exposure):
            alive = _grown(alive, roi * (now - before))
            at, before = np.arange(len(alive)), now
            kept[k], dropped[k] = alive[at >= self.keep[k]].sum(), alive[at <= self.drop[k]].sum()
            alive = np.where((at >= self.keep[k]) | (at <= self.drop[k]), 0.0, alive)
        return kept, dropped


def trial_bounds(exposure: npt.ArrayLike, bad: float, good: float, alpha: float, beta: float) -> Bounds:
    """Bounds at each look.

    Args:
        exposure: (looks,), counts expected per unit of return by each look, rising.
        bad: return that must not be kept, above 0.
        good: return that must not be dropped, above bad.
        alpha: chance that a bad one is kept.
        beta: chance that a good one is dropped before the last look.

    Raises:
        PlanError: ``plan.bad_option``.
    """
    _check(bad, good, alpha, beta)
    seen = np.asarray(exposure, dtype="float64")
    keep, drop = np.full(len(seen), np.inf), np.full(len(seen), -1.0)
    worse, better = np.ones(1), np.ones(1)
    spent_keep = spent_drop = before = 0.0
    for k, now in enumerate(seen):
        worse, better = _grown(worse, bad * (now - before)), _grown(better, good * (now - before))
        before = now
        share = (now / seen[-1]) ** RHO
        above = np.cumsum(worse[::-1])[::-1]
        low = np.flatnonzero(spent_keep + above <= alpha * share)
        keep[k] = float(low[0]) if len(low) else float(len(worse))
        below = np.cumsum(better)
        high = np.flatnonzero(spent_drop + below <= beta * share)
        drop[k] = min(float(high[-1]) if len(high) else -1.0, keep[k] - 1)
        spent_keep += float(worse[int(keep[k]) :].sum())
        spent_drop += float(better[: int(drop[k]) + 1].sum())
        worse, better = (_open(p, keep[k], drop[k]) for p in (worse, better))
    return Bounds(seen, keep, drop)


def least_exposure(shares: Sequence[float], bad: float, good: float, alpha: float, beta: float) -> float:
    """The least total exposure (counts per unit of return) with which everything is decided at the last look.

    Args:
        shares: (looks,), share of the exposure by each look, rising to 1.
        bad, good, alpha, beta: as for ``trial_bounds``.

    Returns:
        Counts per unit of return.

    Raises:
        PlanError: ``plan.bad_option``, also when good and bad are so close that it takes more than
            ``MOST_EVENTS`` orders.
    """
    _check(bad, good, alpha, beta)
    part = np.asarray(shares, dtype="float64")

    def decides(total: float) -> bool:
        return trial_bounds(part * total, bad, good, alpha, beta).decides

    z = stats.norm.isf(alpha) * np.sqrt(bad) + stats.norm.isf(beta) * np.sqrt(good)
    guess = float((z / (good - bad)) ** 2)
    if guess * good > MOST_EVENTS:
        refuse("good", good, "further from bad: telling them apart would take too many orders")
    total = guess / 2
    while not decides(total):
        total *= 1.3
    low = total / 1.3
    while total / low > 1 + FINE:  # counts are whole, so this is a least one nearby, not the least
        middle = (low * total) ** 0.5
        low, total = (low, middle) if decides(middle) else (middle, total)
    return total


def _check(bad: float, good: float, alpha: float, beta: float) -> None:
    if not 0 < bad < np.inf:
        refuse("bad", bad, "a return above 0")
    if not bad < good < np.inf:
        refuse("good", good, "a return above the bad one")
    for name, error in (("alpha", alpha), ("beta", beta)):
        if not 0 < error < 0.5:
            refuse(name, error, "above 0 and below 0.5")


def _grown(alive: Array, mean: float) -> Array:
    """The distribution of the count after so many more are expected."""
    if mean <= 0:
        return alive
    most = int(stats.poisson.isf(1e-13, mean)) + 1
    more = stats.poisson.pmf(np.arange(most + 1), mean)
    both = signal.fftconvolve(alive, more) if len(alive) * most > 10_000 else np.convolve(alive, more)
    return np.maximum(both, 0.0)


def _open(alive: Array, keep: float, drop: float) -> Array:
    at = np.arange(len(alive))
    return np.where((at >= keep) | (at <= drop), 0.0, alive)


def kill_money(rate: float, events: Sequence[int], error: float) -> Array:
    """Money after which fewer than so many events mean stop, exact Poisson, for all rows together.

    Each row has its part of the error: with ``mean`` the count expected from the money at the good rate,
    ``P(Poisson(mean) < events) = error / rows``.

    Args:
        rate: events per unit of money when it is good, above 0.
        events: counts to look at, from 1.
        error: chance that a good one is stopped by any of the rows.

    Returns:
        (rows,), money.
    """
    many = np.asarray(events, dtype="int64")
    if not rate > 0 or not len(many) or (many < 1).any() or not 0 < error < 1:
        refuse("events", events, "whole numbers from 1, with a rate above 0")
    # P(N < y) = error  <=>  mean is the upper quantile of a gamma with shape y
    return np.asarray(stats.gamma.isf(error / len(many), many) / rate)

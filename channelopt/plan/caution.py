r"""How far to move, and what to promise.

**Caution.** With the reference r (today's mix) and the best split x, the plan is ``r + t (x - r)`` with the
largest t in [0, 1] for which at least ``confidence`` of the posterior draws gain something (how many are
asked for a chance: ``chances.py``). A second
direction, with the channels held back whose curves the data do not know, is tried as well; the better one
wins.

**Promise.** A split chosen because it looks best on some draws looks better on them than it is. Each fold of
the draws judges the plan that the other folds chose (cross-fitting):

    uplift = trust * sum_k w_k gain_k(plan_{-k}) / outcome(r).

``trust`` says how much of that came true in simulated accounts whose curves had to be learned
(docs/methods.md), more than all of it where only the total is known; curves of one draw, which know no
doubt, are taken at their word.

Source: Smith & Winkler (2006), The optimizer's curse, Management Science 52; Chernozhukov et al. (2018)
for cross-fitting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from channelopt.plan.goods import Goods
from channelopt.plan.meancurves import MeanCurves, together
from channelopt.plan.optimum import Region, best_split
from channelopt.plan.polish import polish

Array = npt.NDArray[np.float64]

#: Steps from the reference to the best split that are looked at.
STEPS = 21
#: A possible gain below this share of the outcome is not worth a test; below the second it is rounding.
NOTHING, ROUNDING = 1e-4, 1e-9
SHARPEN = 12


@dataclass(frozen=True)
class Move:
    """How far the plan goes.

    Attributes:
        spend: (channels,), money per day, before rounding.
        best: (channels,), the best split without caution.
        step: share of the way to its target, 0..1.
        chance: share of draws that gain at ``spend``; NaN where nothing moves.
        state: "moved", "partial" (held back), "best" (nothing better than today's mix), "test_first".
        held: (channels,) whether a channel was held because its curve is not known.
    """

    spend: Array
    best: Array
    step: float
    chance: float
    state: str
    held: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Nearness:
    """Least change: an objective whose best split is the nearest to a mix, relative to its size."""

    to: Array

    def value(self, spend: Array) -> Array:
        return -((spend - self.to[:, None]) ** 2) / (2 * self._size())

    def slope(self, spend: Array) -> Array:
        return -(spend - self.to[:, None]) / self._size()

    def _size(self) -> Array:
        return np.maximum(self.to, 1e-3 * max(float(self.to.sum()), 1e-9))[:, None]


def reference_mix(today: Array, region: Region, daily: float) -> Array:
    """Today's mix at a budget, as near as a region allows; an even split when nothing is spent today."""
    total = float(today.sum())
    scaled = today * (daily / total) if total > 0 else np.full(len(today), daily / len(today))
    if region.holds(scaled, 1e-12):
        return scaled
    return best_split(_Nearness(scaled), region, daily).spend


def gain_draws(goods: Goods, spend: Array, reference: Array) -> Array:
    """(draws, ...): objective per day above the reference's; spend (..., channels)."""
    return np.asarray(goods.drawn(spend).sum(axis=-1) - _per_draw(goods, reference, np.ndim(spend)))


def _per_draw(goods: Goods, reference: Array, ndim: int) -> Array:
    base = goods.drawn(reference).sum(axis=-1)
    return base.reshape(base.shape + (1,) * (ndim - 1))


def cautious_move(
    goods: Goods, mean: MeanCurves, region: Region, reference: Array, confidence: float
) -> Move:
    """Move from the reference towards the best split as far as it surely gains.

    Args:
        goods: the curves.
        mean: their mean.
        region: holds the reference.
        reference: (channels,), money per day.
        confidence: share of draws that must gain; 0 goes all the way.
    """
    amount = float(reference.sum())
    best = polish(goods, region, best_split(mean, region, amount).spend)
    nobody = np.zeros(len(reference), dtype=bool)
    base = float(goods.drawn(reference).sum(axis=-1).mean())
    if not gain_draws(goods, best, reference).mean() > ROUNDING * abs(base):
        return Move(reference, reference, 0.0, float("nan"), "best", nobody)
    tried = [(best, nobody)]
    known = goods.curves.identified.reindex(list(goods.curves.channels)).to_numpy() != "no"
    if confidence > 0 and 1 < known.sum() < len(known):
        held = Region(
            np.where(known, region.low, reference), np.where(known, region.high, reference), region.groups
        )
        tried.append((polish(goods, held, best_split(mean, held, amount).spend), ~known))
    found = None
    for target, kept in tried:
        step, chance = largest_step(goods, reference, target, confidence)
        gain = float(gain_draws(goods, reference + step * (target - reference), reference).mean())
        if step > 0 and (found is None or gain > found[0] * (1 + 1e-9)):
            found = (gain, step, chance, target, kept)
        if step >= 1:
            break
    if found is None or found[0] <= ROUNDING * abs(base):
        weak = gain_draws(goods, best, reference).mean() <= NOTHING * abs(base)
        return Move(reference, best, 0.0, float("nan"), "best" if weak else "test_first", nobody)
    _, step, chance, target, kept = found
    whole = step >= 1 and not kept.any()
    return Move(
        reference + step * (target - reference), best, step, chance, "moved" if whole else "partial", kept
    )


def largest_step(goods: Goods, reference: Array, target: Array, confidence: float) -> tuple[float, float]:
    """The largest share of the way at which enough draws gain, and how many do; (0, NaN) for none."""

    def chances(shares: Array) -> Array:
        at = reference + shares[:, None] * (target - reference)
        return np.asarray((gain_draws(goods, at, reference) > 0).mean(axis=0))

    if confidence <= 0:
        return 1.0, float(chances(np.ones(1))[0])
    shares = np.linspace(0, 1, STEPS)[1:]
    chance = chances(shares)
    enough = np.flatnonzero(chance >= confidence)
    if not len(enough):
        shares = shares[0] * 0.5 ** np.arange(1.0, 6.0)
        chance = chances(shares)
        enough = np.flatnonzero(chance >= confidence)[:1]
        return (float(shares[enough[0]]), float(chance[enough[0]])) if len(enough) else (0.0, float("nan"))
    last = int(enough[-1])
    if last == len(shares) - 1:
        return 1.0, float(chance[last])
    low, high, best = float(shares[last]), float(shares[last + 1]), float(chance[last])
    for _ in range(SHARPEN):
        middle = (low + high) / 2
        here = float(chances(np.array([middle]))[0])
        if here >= confidence:
            low, best = middle, here
        else:
            high = middle
    return low, best


def crossfit_gain(
    goods: Goods, parts: Sequence[MeanCurves], region: Region, reference: Array, confidence: float
) -> float:
    """Mean gain per day of moves that each fold's other draws chose, step and all.

    Args:
        goods: the curves.
        parts: one table per fold (draw number modulo the number of folds).
        region: where splits may lie.
        reference: (channels,), money per day.
        confidence: as in ``cautious_move``.
    """
    folds, draws = len(parts), goods.top.shape[0]
    sizes = [len(range(k, draws, folds)) for k in range(folds)]
    gain = 0.0
    for k in range(folds):
        others = [i for i in range(folds) if i != k]
        mean = together([parts[i] for i in others], [sizes[i] for i in others])
        mine = np.arange(draws) % folds == k
        chosen = cautious_move(goods.only(~mine), mean, region, reference, confidence).spend
        gain += float(gain_draws(goods.only(mine), chosen, reference).sum()) / draws
    return gain

"""Is this an experiment at all? Split as planned, one answer in every segment, enough orders to judge money.

Sources: Fabijan et al. (KDD 2019) for sample ratio mismatch; Mantel & Haenszel (1959); Breslow & Day
(1980) for homogeneity; Kish (1965) for the effective number of orders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from channelopt.errors import InputError
from channelopt.experiments.effect import Array
from channelopt.experiments.proportions import Statistic

#: Below this a split is called broken: rare enough that a sound test is hardly ever accused.
SPLIT_ALPHA = 0.0005
#: Effective orders per arm below which no return is judged: at 40 a nominal 95% interval covered 83%.
ENOUGH_ORDERS = 160


def split_test(observed: npt.ArrayLike, weights: npt.ArrayLike) -> Statistic:
    """Sample ratio mismatch: were people split as planned? Exact for two arms with few people.

    Args:
        observed: people per variant, shape (variants,).
        weights: planned shares, any scale, same shape.

    Raises:
        InputError: ``common.bad_setting`` for shapes that do not fit or weights that are not above 0.
    """
    seen, planned = _pair(observed, weights)
    if len(seen) < 2 or not seen.sum() > 0:
        return Statistic(float("nan"), float("nan"))
    want = seen.sum() * planned / planned.sum()
    chi2 = float(((seen - want) ** 2 / want).sum())
    return Statistic(chi2, float(special.chdtrc(len(seen) - 1, chi2)), float(len(seen) - 1))


def split_test_exact(observed: npt.ArrayLike, weights: npt.ArrayLike) -> Statistic:
    """The same for two variants, exactly (binomial): right for a handful of people."""
    seen, planned = _pair(observed, weights)
    if len(seen) != 2:
        raise InputError("common.bad_setting", name="observed", value=len(seen), wanted="two variants")
    if not seen.sum() > 0:
        return Statistic(float("nan"), float("nan"))
    got = stats.binomtest(int(seen[0]), int(seen.sum()), float(planned[0] / planned.sum()))
    return Statistic(float("nan"), float(got.pvalue))


def _pair(observed: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[Array, Array]:
    seen, planned = np.asarray(observed, dtype="float64"), np.asarray(weights, dtype="float64")
    if seen.shape != planned.shape or seen.ndim != 1:
        raise InputError("common.bad_setting", name="weights", value=planned.shape, wanted="one per variant")
    if not (np.isfinite(seen) & (seen >= 0)).all() or not (planned > 0).all():
        raise InputError(
            "common.bad_setting", name="weights", value=planned, wanted="counts, weights above 0"
        )
    return seen, planned


@dataclass(frozen=True)
class Strata:
    """Does the answer hold inside the segments?

    Attributes:
        odds_ratio: Mantel–Haenszel odds of conversion, first row against second, inside segments.
        crude_odds_ratio: the same with all segments thrown together.
        test: Cochran–Mantel–Haenszel test of odds ratio 1.
        homogeneity: Breslow–Day test that it is the same in every segment.
    """

    odds_ratio: float
    crude_odds_ratio: float
    test: Statistic
    homogeneity: Statistic

    @property
    def reversed(self) -> bool:
        """Simpson's paradox: together it points one way, inside the segments the other."""
        return (self.odds_ratio - 1) * (self.crude_odds_ratio - 1) < 0


def stratified_test(tables: npt.ArrayLike) -> Strata:
    """Mantel–Haenszel over segments.

    Args:
        tables: shape (segments, 2, 2): treatment and control by success and failure. Segments without
            people on one side say nothing and are left out.

    Raises:
        InputError: ``common.bad_setting`` for another shape or negative counts.
    """
    t = np.asarray(tables, dtype="float64")
    if t.ndim != 3 or t.shape[1:] != (2, 2) or not (t >= 0).all():
        raise InputError("common.bad_setting", name="tables", value=t.shape, wanted="(segments, 2, 2) counts")
    whole = t.sum(axis=0)
    t = t[(t.sum(axis=2) > 0).all(axis=1)]
    undefined = Statistic(float("nan"), float("nan"))
    a, b, c, d = t[:, 0, 0], t[:, 0, 1], t[:, 1, 0], t[:, 1, 1]
    n = t.sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = float((a * d / n).sum() / (b * c / n).sum())
        crude = float(whole[0, 0] * whole[1, 1] / (whole[0, 1] * whole[1, 0]))
    spread = (a + b) * (c + d) * (a + c) * (b + d) / (n**2 * np.maximum(n - 1, 1))
    if not spread.sum() > 0:
        return Strata(float("nan"), crude, undefined, undefined)
    chi2 = float((a - (a + b) * (a + c) / n).sum() ** 2 / spread.sum())
    main = Statistic(chi2, float(special.chdtrc(1, chi2)), 1.0)
    return Strata(odds, crude, main, _homogeneity(t[spread > 0], odds))


def _homogeneity(t: Array, odds: float) -> Statistic:
    if len(t) < 2 or not (np.isfinite(odds) and odds > 0):
        return Statistic(float("nan"), float("nan"))
    chi2 = 0.0
    for (a, b), (c, d) in t:
        row, col, n = a + b, a + c, a + b + c + d

        def gap(x: float, row: float = row, col: float = col, n: float = n) -> float:
            return float(x * (n - row - col + x) - odds * (row - x) * (col - x))

        low, high = max(0.0, row + col - n), min(row, col)
        x = float(optimize.brentq(gap, low, high, xtol=1e-12))
        cells = np.array([x, row - x, col - x, n - row - col + x])
        chi2 += (a - x) ** 2 * float((1 / cells).sum())
    return Statistic(float(chi2), float(special.chdtrc(len(t) - 1, chi2)), float(len(t) - 1))


def effective_orders(values: npt.ArrayLike) -> float:
    """How many equal orders these are worth: (sum)² / sum of squares. One huge order is worth one."""
    v = np.asarray(values, dtype="float64")
    v = v[np.isfinite(v) & (v > 0)]
    return float(v.sum() ** 2 / (v @ v)) if len(v) else 0.0

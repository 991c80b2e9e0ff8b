r"""How well a score ranks and how true its chances are: AUC, lift by tenths, calibration, Brier.

The AUC is the chance that a customer scores above somebody who is none, ties counting one half. With
:math:`V_i` the share of the others that customer i scores above and :math:`W_j` the share of customers that
score above other j,

.. math:: AUC = \bar V,\quad var = s^2_V / m + s^2_W / n,

and two scores of the same leads differ by ``AUC_1 - AUC_2`` with the variance of the differences of V and W.
The interval is taken on the logit scale.

Source: DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44; Pepe (2003) for the logit scale; Brier (1950).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from channelopt.measure.counts import jeffreys_share

Array = npt.NDArray[np.float64]
#: Parts of the lift table and at most of the calibration curve.
TENTHS = 10
#: Customers a point of the calibration curve should hold on average.
PER_POINT = 10


@dataclass(frozen=True)
class Auc:
    """How well a score ranks.

    Attributes:
        value: chance that a customer scores above somebody who is none, 0 to 1; NaN when all leads are alike.
        low, high: its interval; NaN with fewer than two of either.
        se: standard error, NaN likewise.
    """

    value: float
    low: float
    high: float
    se: float


NOTHING = Auc(float("nan"), float("nan"), float("nan"), float("nan"))


def placements(score: npt.ArrayLike, bought: npt.ArrayLike) -> tuple[Array, Array]:
    """Share of the others each customer scores above, and share of customers above each other."""
    s, y = np.asarray(score, dtype="float64"), np.asarray(bought, dtype=bool)
    m, n = int(y.sum()), int((~y).sum())
    if not m or not n:
        return np.empty(0), np.empty(0)
    whole = stats.rankdata(s)
    own, others = stats.rankdata(s[y]), stats.rankdata(s[~y])
    return (whole[y] - own) / n, 1 - (whole[~y] - others) / m


def auc(score: npt.ArrayLike, bought: npt.ArrayLike, level: float = 0.9) -> Auc:
    """The AUC with its interval.

    Args:
        score: (leads,), higher is better; finite.
        bought: (leads,), whether a customer.
        level: nominal coverage.
    """
    above, below = placements(score, bought)
    if not len(above):
        return NOTHING
    value = float(above.mean())
    if len(above) < 2 or len(below) < 2:
        return Auc(value, float("nan"), float("nan"), float("nan"))
    se = float(np.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below)))
    inside = min(max(value, 0.5 / len(above)), 1 - 0.5 / len(above))  # all or none: half a customer off
    spread = max(se, float(np.sqrt(inside * (1 - inside) / len(above) / 3)) if se == 0 else se)
    logit = np.log(inside / (1 - inside))
    half = stats.norm.isf((1 - level) / 2) * spread / (inside * (1 - inside))
    low, high = 1 / (1 + np.exp(-(logit - half))), 1 / (1 + np.exp(-(logit + half)))
    return Auc(value, float(low), float(high), se)


def auc_difference(first: npt.ArrayLike, second: npt.ArrayLike, bought: npt.ArrayLike) -> tuple[float, float]:
    """AUC of the first score minus that of the second, and its standard error; NaN when not known."""
    a, c = placements(first, bought)
    b, d = placements(second, bought)
    if len(a) < 2 or len(c) < 2:
        return float("nan"), float("nan")
    variance = (a - b).var(ddof=1) / len(a) + (c - d).var(ddof=1) / len(c)
    return float((a - b).mean()), float(np.sqrt(variance))


def brier(chance: npt.ArrayLike, bought: npt.ArrayLike) -> float:
    """Mean squared distance of the chance from what came; NaN without leads."""
    p, y = np.asarray(chance, dtype="float64"), np.asarray(bought, dtype="float64")
    return float(np.mean((p - y) ** 2)) if len(p) else float("nan")


def lift_table(score: npt.ArrayLike, bought: npt.ArrayLike, level: float = 0.9) -> pd.DataFrame:
    """Customers by tenths of the leads, the best first.

    Leads of the same score share their customers evenly, so that the order of the rows does not matter.

    Returns:
        decile (1 is the best), leads, customers, rate, low, high (of the rate), lift (rate / rate of
        all; NaN without customers), caught (share of all customers in this and the better tenths).
    """
    s, y = np.asarray(score, dtype="float64"), np.asarray(bought, dtype="float64")
    ranks = pd.Series(y).groupby(s).transform("mean").to_numpy() if len(y) else y
    order = np.argsort(-s, kind="stable")
    parts = np.array_split(order, TENTHS)
    leads = np.array([float(len(part)) for part in parts])
    customers = np.array([float(ranks[part].sum()) for part in parts])
    total = float(y.sum())
    low, high = jeffreys_share(customers, leads, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(leads > 0, customers / leads, np.nan)
        lift = rate / (total / len(y)) if total > 0 else np.full(TENTHS, np.nan)
        caught = np.cumsum(customers) / total if total > 0 else np.full(TENTHS, np.nan)
    return pd.DataFrame(
        {
            "decile": np.arange(1, TENTHS + 1), "leads": leads, "customers": customers, "rate": rate,
            "low": low, "high": high, "lift": lift, "caught": caught,
        }
    )  # fmt: skip


def calibration_curve(chance: npt.ArrayLike, bought: npt.ArrayLike, level: float = 0.9) -> pd.DataFrame:
    """Chances said against what came, in equal groups by the chance.

    Returns:
        leads, said (mean chance), customers, seen (their share), low, high (of ``seen``); lowest chance
        first. As many groups as hold ``PER_POINT`` customers on average, two to ten.
    """
    p, y = np.asarray(chance, dtype="float64"), np.asarray(bought, dtype="float64")
    groups = int(np.clip(y.sum() // PER_POINT, 2, TENTHS))
    parts = [part for part in np.array_split(np.argsort(p, kind="stable"), groups) if len(part)]
    leads = np.array([float(len(part)) for part in parts])
    customers = np.array([float(y[part].sum()) for part in parts])
    low, high = jeffreys_share(customers, leads, level)
    said = np.array([float(p[part].mean()) for part in parts])
    return pd.DataFrame(
        {
            "leads": leads, "said": said, "customers": customers, "seen": customers / np.maximum(leads, 1),
            "low": low, "high": high,
        }
    )  # fmt: skip

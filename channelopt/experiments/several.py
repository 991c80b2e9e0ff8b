"""Many variants, many metrics: corrected p-values, and what a winner's lift shrinks to.

Sources: Holm (1979); Benjamini & Hochberg (1995); Efron & Morris (1975) and Lee & Shen (2018) for the
winner's curse.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from channelopt.errors import InputError
from channelopt.experiments.effect import Array

METHODS = ("holm", "bonferroni", "bh")


def adjust(pvalues: npt.ArrayLike, method: str = "holm") -> Array:
    """P-values that count how many were tried; unknown ones (NaN) stay unknown and are not counted.

    Args:
        pvalues: shape (tests,).
        method: "holm" or "bonferroni" keep the chance of any false winner, "bh" the share of false ones.

    Raises:
        InputError: ``common.bad_setting`` for an unknown method or p-values outside 0..1.
    """
    p = np.asarray(pvalues, dtype="float64")
    known = np.isfinite(p)
    if ((p[known] < 0) | (p[known] > 1)).any():
        raise InputError("common.bad_setting", name="pvalues", value=p, wanted="between 0 and 1")
    if method not in METHODS:
        raise InputError("common.bad_setting", name="method", value=method, wanted=", ".join(METHODS))
    out = np.full(p.shape, np.nan)
    out[known] = _adjusted(p[known], method)
    return out


def _adjusted(p: Array, method: str) -> Array:
    m = len(p)
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, m + 1)
    if method == "bonferroni":
        return np.minimum(p * m, 1.0)
    if method == "holm":
        sorted_ = np.maximum.accumulate(p[order] * (m - rank + 1))
    else:
        sorted_ = np.minimum.accumulate((p[order] * m / rank)[::-1])[::-1]
    out = np.empty(m)
    out[order] = np.minimum(sorted_, 1.0)
    return out


def shrink(sizes: npt.ArrayLike, ses: npt.ArrayLike) -> tuple[Array, Array]:
    """What each lift is likely to be once its luck is taken out: normal empirical Bayes.

    The best of many is best partly by luck. Lifts are taken as scattered round a common mean with a
    variance learned from them (DerSimonian & Laird's moment estimate); each moves towards that mean by
    the share of its variance that is noise.

    Args:
        sizes: effects, shape (variants,); unknown ones (NaN) stay unknown.
        ses: their standard errors.

    Returns:
        Shrunk effects and their standard errors. With fewer than three known effects the common mean is
        0 (no effect) and the scatter is learned round 0.
    """
    y, s = np.asarray(sizes, dtype="float64"), np.asarray(ses, dtype="float64")
    known = np.isfinite(y) & np.isfinite(s) & (s > 0)
    out, se = np.full(y.shape, np.nan), np.full(y.shape, np.nan)
    if not known.any():
        return out, se
    e, v = y[known], s[known] ** 2
    w = 1 / v
    centre = float((w * e).sum() / w.sum()) if len(e) >= 3 else 0.0
    freedom = len(e) - 1 if len(e) >= 3 else len(e)
    q = float((w * (e - centre) ** 2).sum())
    lost = float((w**2).sum() / w.sum()) if len(e) >= 3 else 0.0
    tau2 = max(0.0, (q - freedom) / (w.sum() - lost))
    if len(e) >= 3 and tau2 > 0:
        centre = float((e / (v + tau2)).sum() / (1 / (v + tau2)).sum())
    keep = tau2 / (tau2 + v)
    out[known], se[known] = centre + keep * (e - centre), np.sqrt(keep * v)
    return out, se

"""Shares: conversions out of people, from the z-test to the exact one, each with an interval that fits.

Sources: Wilson (1927); Newcombe (1998), Stat. Med. 17:873, method 10; Miettinen & Nurminen (1985); Katz et
al. (1978) for the ratio; Schuirmann (1987) for equivalence; Fisher (1935).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

from channelopt.errors import InputError
from channelopt.experiments.effect import check


@dataclass(frozen=True)
class Statistic:
    """A statistic with its p-value; NaN where it is undefined.

    Attributes:
        statistic: z or chi-squared; NaN for exact tests.
        pvalue: 0..1.
        df: degrees of freedom of a chi-squared, else NaN.
    """

    statistic: float
    pvalue: float
    df: float = float("nan")


def _counts(*pairs: tuple[float, float]) -> None:
    for x, n in pairs:
        if not (np.isfinite(x) and np.isfinite(n) and 0 <= x <= n):
            raise InputError(
                "common.bad_setting", name="conversions", value=f"{x} / {n}", wanted="0 <= conversions <= n"
            )


def _tail(z: float, alternative: str) -> float:
    if alternative == "greater":
        return float(special.ndtr(-z))
    if alternative == "less":
        return float(special.ndtr(z))
    return float(2 * special.ndtr(-abs(z)))


def two_proportion_test(x_c: int, n_c: int, x_t: int, n_t: int, alternative: str = "two-sided") -> Statistic:
    """Pooled z-test of two shares; its square is Pearson's chi-squared without correction.

    Args:
        x_c: conversions of the control.
        n_c: people of the control.
        x_t: conversions of the treatment.
        n_t: people of the treatment.
        alternative: "two-sided", "greater" or "less" (of the treatment).

    Raises:
        InputError: ``common.bad_setting`` for counts that are no counts.
    """
    check(alternative, 0.05)
    _counts((x_c, n_c), (x_t, n_t))
    if not n_c or not n_t or not 0 < x_c + x_t < n_c + n_t:
        return Statistic(float("nan"), float("nan"))
    pooled = (x_c + x_t) / (n_c + n_t)
    z = (x_t / n_t - x_c / n_c) / np.sqrt(pooled * (1 - pooled) * (1 / n_c + 1 / n_t))
    return Statistic(float(z), _tail(float(z), alternative))


def k_proportions_test(conversions: npt.ArrayLike, n: npt.ArrayLike) -> Statistic:
    """Pearson's chi-squared that several shares are equal, without continuity correction."""
    x, total = np.asarray(conversions, dtype="float64"), np.asarray(n, dtype="float64")
    _counts(*zip(x.tolist(), total.tolist(), strict=True))
    x, total = x[total > 0], total[total > 0]
    if len(x) < 2 or not 0 < x.sum() < total.sum():
        return Statistic(float("nan"), float("nan"), float("nan"))
    share = x.sum() / total.sum()
    chi2 = float(((x - total * share) ** 2 / (total * share * (1 - share))).sum())
    return Statistic(chi2, float(special.chdtrc(len(x) - 1, chi2)), float(len(x) - 1))


def fisher_exact(x_c: int, n_c: int, x_t: int, n_t: int) -> Statistic:
    """Fisher's exact test, two-sided: right however few conversions there are."""
    _counts((x_c, n_c), (x_t, n_t))
    table = [[x_t, n_t - x_t], [x_c, n_c - x_c]]
    return Statistic(float("nan"), float(stats.fisher_exact(table)[1]))


def wilson_interval(x: float, n: float, alpha: float = 0.05) -> tuple[float, float]:
    """Wilson's score interval of one share; (0, 1) without anybody."""
    _counts((x, n))
    if not n:
        return 0.0, 1.0
    z = -special.ndtri(alpha / 2)
    share, scale = x / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    low = 0.0 if x == 0 else float(middle - half)
    return low, 1.0 if x == n else float(middle + half)


def newcombe_interval(x_c: int, n_c: int, x_t: int, n_t: int, alpha: float = 0.05) -> tuple[float, float]:
    """Newcombe's interval of the difference treatment - control, from both Wilson intervals."""
    (lc, uc), (lt, ut) = wilson_interval(x_c, n_c, alpha), wilson_interval(x_t, n_t, alpha)
    if not n_c or not n_t:
        return -1.0, 1.0
    c, t = x_c / n_c, x_t / n_t
    return float(t - c - np.hypot(t - lt, uc - c)), float(t - c + np.hypot(ut - t, c - lc))


def _restricted(x_c: int, n_c: int, x_t: int, n_t: int, diff: float) -> tuple[float, float]:
    """Shares that fit best when treatment - control is ``diff`` (closed form of the cubic)."""
    n = a3 = n_c + n_t
    a2 = (n_t + 2 * n_c) * diff - n - (x_c + x_t)
    a1 = (n_c * diff - n - 2 * x_c) * diff + x_c + x_t
    a0 = x_c * diff * (1 - diff)
    q = a2**3 / (27 * a3**3) - a1 * a2 / (6 * a3**2) + a0 / (2 * a3)
    root = a2**2 / (9 * a3**2) - a1 / (3 * a3)
    size = np.copysign(np.sqrt(max(root, 0.0)), q)
    angle = (np.pi + np.arccos(np.clip(q / size**3 if size else 0.0, -1, 1))) / 3
    control = float(np.clip(2 * size * np.cos(angle) - a2 / (3 * a3), max(0, -diff), min(1, 1 - diff)))
    return control, control + diff


def miettinen_nurminen_interval(
    x_c: int, n_c: int, x_t: int, n_t: int, alpha: float = 0.05
) -> tuple[float, float]:
    """Score interval of the difference treatment - control, with the N / (N - 1) correction."""
    _counts((x_c, n_c), (x_t, n_t))
    if not n_c or not n_t:
        return -1.0, 1.0
    n, seen = n_c + n_t, x_t / n_t - x_c / n_c
    z2 = special.ndtri(alpha / 2) ** 2

    def beyond(diff: float) -> float:
        c, t = _restricted(x_c, n_c, x_t, n_t, diff)
        variance = (c * (1 - c) / n_c + t * (1 - t) / n_t) * n / (n - 1)
        return float((seen - diff) ** 2 - z2 * variance)

    ends = []
    for edge in (-1.0, 1.0):
        inside = seen + np.clip(edge - seen, -1e-9, 1e-9)  # next to what was seen the variance is above 0
        if abs(edge - seen) < 1e-9 or beyond(edge) <= 0:
            ends.append(edge)
        else:
            ends.append(float(optimize.brentq(beyond, inside, edge, xtol=1e-14, rtol=1e-13)))
    return ends[0], ends[1]


def risk_ratio_interval(
    x_c: int, n_c: int, x_t: int, n_t: int, alpha: float = 0.05
) -> tuple[float, float, float]:
    """Ratio treatment / control with Katz's log interval; NaN while either side has no conversion."""
    _counts((x_c, n_c), (x_t, n_t))
    if not x_c or not x_t:
        return float("nan"), float("nan"), float("nan")
    ratio = (x_t / n_t) / (x_c / n_c)
    half = -special.ndtri(alpha / 2) * np.sqrt(1 / x_c - 1 / n_c + 1 / x_t - 1 / n_t)
    return float(ratio), float(ratio * np.exp(-half)), float(ratio * np.exp(half))


def non_inferiority_test(x_c: int, n_c: int, x_t: int, n_t: int, margin: float) -> Statistic:
    """Wald test that the treatment's share is not worse than the control's by ``margin`` or more."""
    _counts((x_c, n_c), (x_t, n_t))
    se = _wald(x_c, n_c, x_t, n_t)
    if not se > 0:
        return Statistic(float("nan"), float("nan"))
    z = (x_t / n_t - x_c / n_c + margin) / se
    return Statistic(float(z), _tail(float(z), "greater"))


def equivalence_test(x_c: int, n_c: int, x_t: int, n_t: int, low: float, high: float) -> Statistic:
    """Two one-sided Wald tests that the difference lies between ``low`` and ``high``."""
    _counts((x_c, n_c), (x_t, n_t))
    se = _wald(x_c, n_c, x_t, n_t)
    if not se > 0:
        return Statistic(float("nan"), float("nan"))
    diff = x_t / n_t - x_c / n_c
    over, under = (diff - low) / se, (diff - high) / se
    worse = max(_tail(over, "greater"), _tail(under, "less"))
    return Statistic(float(over if _tail(over, "greater") == worse else under), worse)


def _wald(x_c: int, n_c: int, x_t: int, n_t: int) -> float:
    if not n_c or not n_t:
        return float("nan")
    c, t = x_c / n_c, x_t / n_t
    return float(np.sqrt(c * (1 - c) / n_c + t * (1 - t) / n_t))


def rate_ratio_test(count_c: float, exposure_c: float, count_t: float, exposure_t: float) -> Statistic:
    """Score test that two Poisson rates (leads per 1 spent) are equal, given their sum.

    Source: Gu, Ng, Tang & Schucany (2008), Biometrical Journal 50:283, statistic W2.
    """
    if not (exposure_c > 0 and exposure_t > 0) or count_c + count_t <= 0:
        return Statistic(float("nan"), float("nan"))
    ratio = exposure_t / exposure_c
    z = (count_t - count_c * ratio) / np.sqrt((count_c + count_t) * ratio)
    return Statistic(float(z), _tail(float(z), "two-sided"))

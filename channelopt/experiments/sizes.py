r"""How many are needed: sample sizes, power and the smallest effect a test can see.

Two shares: :math:`n = (z_{1-\alpha/2}\,\sigma_0 + z_{power}\,\sigma_1)^2 / \delta^2`, the variance
under the null pooled; the arcsine form is Cohen's h. Sources: Fleiss, Levin & Paik (2003) ch. 4; Cohen
(1988); Miller (evanmiller.org, sample size).
"""

from __future__ import annotations

import numpy as np
from scipy import optimize, special, stats

from channelopt.errors import InputError


def _z(alpha: float, power: float) -> tuple[float, float]:
    for name, value in (("alpha", alpha), ("power", power)):
        if not 0 < value < 1:
            raise InputError("common.bad_setting", name=name, value=value, wanted="between 0 and 1")
    return float(-special.ndtri(alpha / 2)), float(special.ndtri(power))


def _share(*values: float) -> None:
    for value in values:
        if not 0 < value < 1:
            raise InputError("common.bad_setting", name="share", value=value, wanted="between 0 and 1")


def _spreads(p_c: float, p_t: float, ratio: float) -> tuple[float, float]:
    """Standard deviations of the difference, per square root of the control's n, under null and effect."""
    pooled = (p_c + ratio * p_t) / (1 + ratio)
    null = np.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    return float(null), float(np.sqrt(p_c * (1 - p_c) + p_t * (1 - p_t) / ratio))


def n_for_shares(
    p_c: float, p_t: float, alpha: float = 0.05, power: float = 0.8, ratio: float = 1.0
) -> float:
    """People of the control to see ``p_t`` against ``p_c``; the treatment needs ``ratio`` times as many.

    Raises:
        InputError: ``common.bad_setting`` for shares outside 0..1 or equal ones.
    """
    _share(p_c, p_t)
    za, zb = _z(alpha, power)
    if p_c == p_t or ratio <= 0:
        raise InputError("common.bad_setting", name="effect", value=p_t - p_c, wanted="other than 0")
    null, alt = _spreads(p_c, p_t, ratio)
    return float(((za * null + zb * alt) / (p_t - p_c)) ** 2)


def n_for_shares_control_null(p_c: float, mde: float, alpha: float = 0.05, power: float = 0.8) -> float:
    """The same, the null's variance taken from the control alone (the calculator many marketers know)."""
    p_t = p_c + mde
    _share(p_c, p_t)
    za, zb = _z(alpha, power)
    null = np.sqrt(2 * p_c * (1 - p_c))
    return float(((za * null + zb * np.sqrt(p_c * (1 - p_c) + p_t * (1 - p_t))) / mde) ** 2)


def n_for_shares_arcsine(
    p_c: float, p_t: float, alpha: float = 0.05, power: float = 0.8, ratio: float = 1.0
) -> float:
    """The same by Cohen's h, which stays right for shares near 0 or 1."""
    _share(p_c, p_t)
    za, zb = _z(alpha, power)
    h = 2 * (np.arcsin(np.sqrt(p_t)) - np.arcsin(np.sqrt(p_c)))
    if not h:
        raise InputError("common.bad_setting", name="effect", value=0, wanted="other than 0")

    def short(size: float) -> float:  # both tails count
        return float(special.ndtr(size - za) + special.ndtr(-size - za) - power)

    size = optimize.brentq(short, 0.0, za + max(zb, 0.0) + 1.0, xtol=1e-14) if power > alpha else 0.0
    return float(size**2 * (1 + 1 / ratio) / h**2)


def power_for_shares(p_c: float, diff: float, n: float, alpha: float = 0.05, ratio: float = 1.0) -> float:
    """Chance that a pooled z-test with ``n`` people in the control sees a true difference ``diff``."""
    p_t = p_c + diff
    _share(p_c, p_t)
    za, _ = _z(alpha, 0.5)
    null, alt = _spreads(p_c, p_t, ratio)
    shift, edge = diff * np.sqrt(n) / alt, za * null / alt
    return float(special.ndtr(shift - edge) + special.ndtr(-edge - shift))


def power_for_means(d: float, n: float, alpha: float = 0.05, ratio: float = 1.0) -> float:
    """Chance that a t-test sees a true difference of ``d`` standard deviations; noncentral t."""
    df, shift = n * (1 + ratio) - 2, abs(d) * np.sqrt(n * ratio / (1 + ratio))
    edge = special.stdtrit(df, 1 - alpha / 2)
    return float(stats.nct.sf(edge, df, shift) + stats.nct.cdf(-edge, df, shift))


def n_for_means(d: float, alpha: float = 0.05, power: float = 0.8, ratio: float = 1.0) -> float:
    """People of the control to see a difference of ``d`` standard deviations by a t-test.

    Raises:
        InputError: ``common.bad_setting`` for an effect of 0.
    """
    za, zb = _z(alpha, power)
    if not d or not np.isfinite(d):
        raise InputError("common.bad_setting", name="effect", value=d, wanted="other than 0")
    guess = (za + zb) ** 2 * (1 + 1 / ratio) / d**2
    low, high = max(2.0, guess * 0.5), guess * 2 + 20
    if power_for_means(d, low, alpha, ratio) >= power:
        return low
    return float(optimize.brentq(lambda n: power_for_means(d, n, alpha, ratio) - power, low, high, xtol=1e-8))

r"""Rows per person: Welch for means, the delta method for ratios, CUPED where there is a history.

Ratio of means with one row per person i: :math:`R = \bar y / \bar x`,
:math:`\mathrm{var}(R) = \frac{1}{n \bar x^2}(s_y^2 - 2 R s_{xy} + R^2 s_x^2)`; the two arms are compared by
Welch's t with Satterthwaite's degrees of freedom.

Sources: Welch (1947); Deng, Knoblich & Lu (2018), arXiv 1803.06336; Deng, Xu, Kohavi & Walker (2013)
for CUPED.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from channelopt.errors import InputError
from channelopt.experiments.effect import Array, Effect, effect

#: Mean, variance of the mean, and how many, of one arm.
Arm = tuple[float, float, int]


def compare_arms(control: Arm, treatment: Arm, alternative: str = "two-sided", alpha: float = 0.05) -> Effect:
    """Welch's test of two arms given as (mean, variance of that mean, n)."""
    (mean_c, var_c, n_c), (mean_t, var_t, n_t) = control, treatment
    total = var_c + var_t
    status, df = "ok", float("nan")
    if min(n_c, n_t) < 2:
        status = "few_units"
    elif not (np.isfinite(mean_c) and np.isfinite(mean_t)):
        status = "no_denominator"
    elif not total > 1e-24 * (mean_c**2 + mean_t**2):
        status = "no_variation"
    else:
        df = total**2 / (var_c**2 / (n_c - 1) + var_t**2 / (n_t - 1))
    se = np.sqrt(total) if total >= 0 else float("nan")
    return effect((mean_c, mean_t), se, df, n_c + n_t, status, alternative, alpha)


def welch_test(
    control: npt.ArrayLike, treatment: npt.ArrayLike, alternative: str = "two-sided", alpha: float = 0.05
) -> Effect:
    """Welch's t-test of two means, one value per person; unknown values (NaN) are left out."""
    return compare_arms(_mean(_known(control)[0]), _mean(_known(treatment)[0]), alternative, alpha)


def ratio_test(
    control: tuple[npt.ArrayLike, npt.ArrayLike],
    treatment: tuple[npt.ArrayLike, npt.ArrayLike],
    alternative: str = "two-sided",
    alpha: float = 0.05,
) -> Effect:
    """Delta-method test of a ratio of sums, one (numerator, denominator) row per person.

    Args:
        control: numerator and denominator, shape (persons,) each.
        treatment: the same of the treatment.
        alternative: "two-sided", "greater" or "less".
        alpha: 1 - coverage.

    Raises:
        InputError: ``common.bad_setting`` for shapes that do not fit.
    """
    return compare_arms(ratio_arm(*control), ratio_arm(*treatment), alternative, alpha)


def ratio_arm(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> Arm:
    """Ratio of sums of one arm, its delta-method variance and its number of rows."""
    y, x = _known(numerator, denominator)
    n = len(y)
    if n < 2 or x.sum() == 0:
        return float("nan"), float("nan"), n
    ratio = float(y.sum() / x.sum())
    rest = y - ratio * x
    return ratio, float(rest @ rest / (n - 1) / (n * x.mean() ** 2)), n


def log_ratio_interval(control: Arm, treatment: Arm, alpha: float = 0.05) -> tuple[float, float]:
    """Relative effect by the delta method on the log: an interval of its own, which the page does not use.

    It may exclude 0 where the absolute interval holds it; :func:`compare_arms` never disagrees with
    itself. Kept as the reference other tools print.
    """
    (mean_c, var_c, n_c), (mean_t, var_t, n_t) = control, treatment
    if not (mean_c > 0 and mean_t > 0):
        return float("nan"), float("nan")
    parts = var_c / mean_c**2, var_t / mean_t**2
    if not sum(parts) > 0:
        return float("nan"), float("nan")
    df = sum(parts) ** 2 / (parts[0] ** 2 / (n_c - 1) + parts[1] ** 2 / (n_t - 1))
    half = special.stdtrit(df, 1 - alpha / 2) * np.sqrt(sum(parts))
    ratio = mean_t / mean_c
    return float(ratio * np.exp(-half) - 1), float(ratio * np.exp(half) - 1)


def linear_lift(control: Arm, treatment: Arm) -> tuple[float, float]:
    """Relative effect and its variance by the delta method on the plain scale; NaN at a control of 0."""
    (mean_c, var_c, _), (mean_t, var_t, _) = control, treatment
    if not mean_c:
        return float("nan"), float("nan")
    return mean_t / mean_c - 1, var_t / mean_c**2 + mean_t**2 * var_c / mean_c**4


def lift_test(control: Arm, treatment: Arm, alpha: float = 0.05) -> Effect:
    """Welch's t of the relative effect on the plain scale: the reference other tools print.

    The entry's control is 0 and its treatment and effect_size are treatment / control - 1.
    """
    lift, variance = linear_lift(control, treatment)
    known = np.isfinite(lift) and variance > 0 and min(control[2], treatment[2]) > 1
    df = float("nan")
    if known:
        parts = control[1] ** 2 / (control[2] - 1) + treatment[1] ** 2 / (treatment[2] - 1)
        df = (control[1] + treatment[1]) ** 2 / parts
    n = control[2] + treatment[2]
    status = "ok" if known else "no_variation"
    return effect((0.0, lift), np.sqrt(variance), df, n, status, "two-sided", alpha)


def cuped_test(
    control: tuple[npt.ArrayLike, npt.ArrayLike],
    treatment: tuple[npt.ArrayLike, npt.ArrayLike],
    alternative: str = "two-sided",
    alpha: float = 0.05,
) -> Effect:
    """Welch's test after taking out what each person's own past explains.

    Args:
        control: (value, the same value before the test), shape (persons,) each.
        treatment: the same of the treatment.
        alternative: "two-sided", "greater" or "less".
        alpha: 1 - coverage.

    Raises:
        InputError: ``common.bad_setting`` for shapes that do not fit.
    """
    arms = [_known(*control), _known(*treatment)]
    value, before = (np.concatenate([arm[k] for arm in arms]) for k in (0, 1))
    spread = before - before.mean() if len(before) else before
    theta = float(spread @ value / (spread @ spread)) if len(before) > 2 and spread.any() else 0.0
    middle = before.mean() if len(before) else 0.0
    fixed = [_mean(y - theta * (x - middle)) for y, x in arms]
    return compare_arms(fixed[0], fixed[1], alternative, alpha)


def _mean(values: Array) -> Arm:
    n = len(values)
    if n < 2:
        return float(values.mean()) if n else float("nan"), float("nan"), n
    return float(values.mean()), float(values.var(ddof=1) / n), n


def _known(*sides: npt.ArrayLike) -> list[Array]:
    arrays = [np.asarray(side, dtype="float64") for side in sides]
    if len({a.shape for a in arrays}) != 1 or arrays[0].ndim != 1:
        shapes = ", ".join(str(a.shape) for a in arrays)
        raise InputError("common.bad_setting", name="shape", value=shapes, wanted="equal shapes (persons,)")
    keep = np.logical_and.reduce([np.isfinite(a) for a in arrays])
    return [a[keep] for a in arrays]

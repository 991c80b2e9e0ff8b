"""One effect, one test: the p-value and both intervals, absolute and relative, from the same t."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from channelopt.errors import InputError

Array = npt.NDArray[np.float64]

ALTERNATIVES = ("two-sided", "greater", "less")


@dataclass(frozen=True)
class Effect:
    """What a treatment did against a control; one entry per experiment (arrays of one shape, or scalars).

    Attributes:
        pvalue: NaN where it cannot be tested; ``status`` says why.
        statistic: Student's t, or z where df is infinite.
        df: degrees of freedom.
        control: the metric of the control; NaN without a denominator.
        treatment: the same of the treatment.
        effect_size: treatment - control, in the metric's unit.
        ci_low: its interval at 1 - alpha, -inf for a one-sided "less".
        ci_high: +inf for a one-sided "greater".
        rel_effect_size: treatment / control - 1; NaN unless both are above 0.
        rel_ci_low: the same interval seen relatively: it holds 0 exactly when the absolute one does.
        rel_ci_high: the same.
        se: standard error of effect_size.
        n: units or days used, both sides together.
        status: "ok", or why there is no answer yet: "few_units", "few_days", "no_denominator",
            "no_variation".
    """

    pvalue: Array
    statistic: Array
    df: Array
    control: Array
    treatment: Array
    effect_size: Array
    ci_low: Array
    ci_high: Array
    rel_effect_size: Array
    rel_ci_low: Array
    rel_ci_high: Array
    se: Array
    n: Array
    status: npt.NDArray[np.str_]


def check(alternative: str, alpha: float) -> None:
    """Refuse an unknown alternative or an alpha that is no probability.

    Raises:
        InputError: ``common.bad_setting``.
    """
    if alternative not in ALTERNATIVES:
        wanted = ", ".join(ALTERNATIVES)
        raise InputError("common.bad_setting", name="alternative", value=alternative, wanted=wanted)
    if not 0 < alpha < 1:
        raise InputError("common.bad_setting", name="alpha", value=alpha, wanted="between 0 and 1")


def effect(
    sides: tuple[npt.ArrayLike, npt.ArrayLike],
    se: npt.ArrayLike,
    df: npt.ArrayLike,
    n: npt.ArrayLike,
    status: npt.ArrayLike,
    alternative: str,
    alpha: float,
) -> Effect:
    """The effect of ``sides`` (control, treatment) with standard error ``se``; NaN where status is not ok."""
    check(alternative, alpha)
    control, treatment = (np.asarray(side, dtype="float64") for side in sides)
    status, df = np.asarray(status), np.asarray(df, dtype="float64")
    se = np.where(status == "ok", np.asarray(se, dtype="float64"), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = treatment - control
        statistic = size / se
    low, high = _interval(size, se, df, alternative, alpha)
    relative, rel_low, rel_high = _relative((control, treatment), se, df, alternative, alpha)
    return Effect(
        _p(statistic, df, alternative), statistic, df, control, treatment, size, low, high,
        relative, rel_low, rel_high, se, np.asarray(n, dtype="float64"), status,
    )  # fmt: skip


def _cdf(df: Array, t: Array) -> Array:
    return np.asarray(special.stdtr(df, t))


def _p(statistic: Array, df: Array, alternative: str) -> Array:
    if alternative == "greater":
        return _cdf(df, -statistic)
    if alternative == "less":
        return _cdf(df, statistic)
    return 2 * _cdf(df, -np.abs(statistic))


def reach(df: Array, alternative: str, alpha: float) -> Array:
    """Standard errors from the effect to the end of its interval."""
    tail = alpha / 2 if alternative == "two-sided" else alpha
    finite = np.where(np.isfinite(df), df, 1.0)
    return np.where(np.isinf(df), -special.ndtri(tail), special.stdtrit(finite, 1 - tail))


def _interval(size: Array, se: Array, df: Array, alternative: str, alpha: float) -> tuple[Array, Array]:
    half = reach(df, alternative, alpha) * se
    known = np.isfinite(half) & np.isfinite(size)
    with np.errstate(invalid="ignore"):
        low = np.where(alternative == "less", -np.inf, size - half)
        high = np.where(alternative == "greater", np.inf, size + half)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _relative(
    sides: tuple[Array, Array], se: Array, df: Array, alternative: str, alpha: float
) -> tuple[Array, Array, Array]:
    """The same test seen relatively: the log ratio with the standard error that gives the same t."""
    control, treatment = sides
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where((control > 0) & (treatment > 0), np.log(treatment / control), np.nan)
        middle = np.where(log == 0, control, (treatment - control) / log)  # their logarithmic mean
        log_se = se / middle
    low, high = _interval(log, log_se, df, alternative, alpha)
    with np.errstate(over="ignore"):
        return np.expm1(log), np.expm1(low), np.expm1(high)

r"""The day-paired ratio test: two variants' day rows, as ad platforms export them, compared day by day.

Both variants live through the same days, so a weekday, a holiday or a news event moves both. With
numerators n and denominators d per day, D days and :math:`R = \sum n / \sum d` of each variant, a day's
linearised residual is :math:`u_t = (n_t - R\,d_t) / \bar d`. The test is Student's t with D - 1 degrees of
freedom on the paired differences of those residuals,

.. math:: e = R_T - R_C, \quad s^2 = \frac{1}{D(D-1)} \sum_t w_t^2, \quad w_t = u^T_t - u^C_t.

What both variants share on a day cancels; what each has on its own is in w. The p-value and both
intervals come from the same t: the relative one is the log ratio with the standard error that gives the
same t, so it holds 0 exactly when the absolute one does.

Source: Deng, Knoblich & Lu (2018), arXiv 1803.06336 (linearisation of ratios); Student (1908) for the
pairing. Measured false-positive rates: docs/methods.md.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from channelopt.errors import InputError
from channelopt.experiments.effect import Array, Effect, check, effect

#: Paired days below which there is nothing to judge.
LEAST_DAYS = 3


def paired_ratio_test(
    num_c: npt.ArrayLike,
    den_c: npt.ArrayLike,
    num_t: npt.ArrayLike,
    den_t: npt.ArrayLike,
    alternative: str = "two-sided",
    alpha: float = 0.05,
) -> Effect:
    """Test whether a ratio of sums differs between two variants that ran on the same days.

    Args:
        num_c: numerator of the control per day (leads, revenue, spend …), shape (..., days).
        den_c: denominator of the control (clicks, spend, leads …), same shape.
        num_t: numerator of the treatment.
        den_t: denominator of the treatment.
        alternative: "two-sided", "greater" (the treatment's ratio is higher) or "less".
        alpha: 1 - coverage of the intervals.

    Returns:
        One entry per experiment; ``n`` are days. Days with an unknown value (NaN) on either side, and
        days on which nothing happened on both, are left out. Undefined is NaN with a status, never 0.

    Raises:
        InputError: ``common.bad_setting`` for an unknown alternative, an alpha outside 0..1 or shapes
            that do not fit.
    """
    check(alternative, alpha)
    nc, dc, nt, dt = _same_shape(num_c, den_c, num_t, den_t)
    used = np.isfinite(nc) & np.isfinite(dc) & np.isfinite(nt) & np.isfinite(dt)
    used &= (nc != 0) | (dc != 0) | (nt != 0) | (dt != 0)
    nc, dc, nt, dt = (np.where(used, side, 0.0) for side in (nc, dc, nt, dt))
    days = used.sum(axis=-1).astype("float64")
    sum_nc, sum_dc, sum_nt, sum_dt = (side.sum(axis=-1) for side in (nc, dc, nt, dt))
    with np.errstate(divide="ignore", invalid="ignore"):
        control, treatment = sum_nc / sum_dc, sum_nt / sum_dt
        paired = _residuals(nt, dt, treatment, sum_dt, days) - _residuals(nc, dc, control, sum_dc, days)
        # the residuals add up to 0 by construction
        variance = (np.where(used, paired, 0.0) ** 2).sum(axis=-1) / (days * (days - 1))
        nothing = variance <= 1e-24 * (control**2 + treatment**2)  # rounding only
    status = np.full(days.shape, "ok", dtype="<U16")
    status[~(variance > 0) | nothing] = "no_variation"
    status[~((sum_dc > 0) & (sum_dt > 0))] = "no_denominator"
    status[days < LEAST_DAYS] = "few_days"
    df = np.where(days > 1, days - 1, np.nan)
    with np.errstate(invalid="ignore"):
        se = np.sqrt(variance)
    return effect((control, treatment), se, df, days, status, alternative, alpha)


def _same_shape(*sides: npt.ArrayLike) -> list[Array]:
    arrays = [np.asarray(side, dtype="float64") for side in sides]
    if len({a.shape for a in arrays}) != 1 or not arrays[0].ndim:
        shapes = ", ".join(str(a.shape) for a in arrays)
        wanted = "four equal shapes (..., days)"
        raise InputError("common.bad_setting", name="shape", value=shapes, wanted=wanted)
    return arrays


def _residuals(top: Array, bottom: Array, ratio: Array, total: Array, days: Array) -> Array:
    return np.asarray((top - ratio[..., None] * bottom) * (days / total)[..., None])

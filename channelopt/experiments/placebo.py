r"""Placebo inference: what would the figure have been had chance treated others?

A treatment that multiplies an outcome by :math:`1 + \tau` is undone by multiplying the treated values by
:math:`\varphi = 1 / (1 + \tau)`. A statistic that is linear in the values is then linear in :math:`\varphi`:
:math:`D = A + B \varphi` of the real assignment, :math:`D_s = A_s + B_s \varphi` of every other one the
draw could have given. The p-value of :math:`\varphi` is the share of assignments with
:math:`|D_s| \ge |D|`, the real one counted. Squared, that is one quadratic per assignment, so each accepts an
interval of :math:`\varphi` that holds :math:`\hat\varphi = -A / B`, and the ends of the confidence interval
are order statistics of those intervals' ends: test inversion without a search. An assignment that moves
more with :math:`\varphi` than the real one accepts everything (which errs on the wide side).

The p-value is at or below alpha exactly when the interval at 1 - alpha does not hold :math:`\varphi = 1`.
For an assignment drawn from the list with equal chances it is exact, whatever the noise.

Source: Fisher (1935); Rosenbaum (2002), Observational Studies, ch. 2 (inversion).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from channelopt.experiments.effect import Array

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Placebo:
    """What placebo assignments say about a multiplier; one entry per outcome (arrays of one shape).

    Attributes:
        pvalue: of no effect; NaN where nothing can be compared.
        phi: multiplier that undoes the effect, 1 without one; NaN without any treated outcome.
        phi_low: end of its interval, at least 0.
        phi_high: the same; infinite where the assignments are too few or too noisy to bound it.
        assignments: how many were compared, the real one counted.
    """

    pvalue: Array
    phi: Array
    phi_low: Array
    phi_high: Array
    assignments: int

    @property
    def rel_effect_size(self) -> Array:
        """Treated over untreated outcome - 1."""
        return _effect_of(self.phi)

    @property
    def rel_ci_low(self) -> Array:
        """Lower end of the relative effect; -1 where nothing bounds it."""
        return _effect_of(self.phi_high)

    @property
    def rel_ci_high(self) -> Array:
        """Upper end of the relative effect; NaN where nothing bounds it."""
        return _effect_of(self.phi_low)


def _effect_of(phi: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(phi > 0, 1 / phi - 1, np.nan))


def placebo(own: tuple[Array, Array], others: tuple[Array, Array], alpha: float) -> Placebo:
    """Test and interval of a linear statistic.

    Args:
        own: A and B of the real assignment, shape (...).
        others: A and B of every assignment the draw could have given, the real one among them,
            shape (..., assignments).
        alpha: 1 - coverage.
    """
    a, b = (np.asarray(side, dtype="float64") for side in own)
    low, high = accepted((a, b), others)
    n = low.shape[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = np.where(b > 0, -a / b, np.nan)
    known = np.isfinite(phi) & (n > 0)
    if not n:
        nothing = np.full(phi.shape, np.nan)
        return Placebo(nothing, nothing, nothing, nothing, 0)
    k = min(int(alpha * n + _ROUNDING), n - 1)
    p = ((low <= 1) & (high >= 1)).mean(axis=-1)
    return Placebo(
        np.where(known, p, np.nan),
        np.where(known, phi, np.nan),
        np.where(known, np.maximum(np.sort(low, axis=-1)[..., k], 0.0), np.nan),
        np.where(known, np.sort(high, axis=-1)[..., n - 1 - k], np.nan),
        n,
    )


def accepted(own: tuple[Array, Array], others: tuple[Array, Array]) -> tuple[Array, Array]:
    """The multipliers each assignment accepts: two ends, shape (..., assignments)."""
    a, b = (np.asarray(side, dtype="float64")[..., None] for side in own)
    a_s, b_s = (np.asarray(side, dtype="float64") for side in others)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two = -(a - a_s) / (b - b_s), -(a + a_s) / (b + b_s)
        everything = ~(b * b - b_s * b_s > _ROUNDING * b * b) | ~np.isfinite(one) | ~np.isfinite(two)
    low = np.where(everything, -np.inf, np.fmin(one, two) - _ROUNDING)
    high = np.where(everything, np.inf, np.fmax(one, two) + _ROUNDING)
    return low, high


def least_p(assignments: int, mirrored: bool) -> float:
    """The smallest p-value that so many assignments can give; a mirrored one always ties with its twin."""
    return (2.0 if mirrored else 1.0) / assignments if assignments else 1.0

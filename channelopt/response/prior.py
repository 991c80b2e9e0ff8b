r"""What is believed before the data speak, in relative units, and what channels learn from each other.

Every unknown of a channel is normal around a centre that all channels share: ``u_j ~ N(m_j, tau_j**2)``.
Centre and spread are learned across channels (empirical Bayes): given what each channel's data alone
say, ``a_c`` with variance ``s_c**2``, tau is averaged over a grid by its marginal likelihood and prior,
and m has the precision-weighted mean as its value. Half-saturation is relative to the spend that was
held, the return is pooled on the log scale around the account's own, so money has no unit here.

Source: Efron & Morris (1975), JASA 70 (empirical Bayes); Gelman (2006), Bayesian Analysis 1 (spread).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

GRID = np.linspace(-2.0, 2.0, 9)
#: A variance this large means the data say nothing.
SILENT = 1e6


@dataclass(frozen=True)
class Prior:
    """Beliefs about a channel: log return, log half / reference, log slope, logit keep, logit organic share.

    Attributes:
        centre: (5,) where the channels' common centre is expected; the first is added to the log of
            the account's return.
        centre_sd: (5,) how well that is known; 0 fixes it.
        spread: (5,) usual spread of channels around their centre.
        spread_sd: (5,) how well that is known, on the log scale; 0 fixes it.
        attribution: standard deviation of the log of attributed over incremental return, beyond the
            organic share: leads lost, swapped or claimed.
        shrunk_as: the standard deviation that returns are shrunk by towards each other for it: smaller,
            for shrinking costs more where attribution is good than it gains where it is bad.
        credited: its mean; below 0 when attribution loses more than it claims.
        absolute: the first centre is a log return itself, not relative to the account's.
    """

    centre: tuple[float, ...] = (0.0, 0.2, 0.05, -0.5, -2.75)
    centre_sd: tuple[float, ...] = (0.7, 0.4, 0.15, 0.5, 0.5)
    spread: tuple[float, ...] = (0.6, 0.7, 0.25, 0.9, 0.8)
    spread_sd: tuple[float, ...] = (0.5, 0.3, 0.2, 0.3, 0.2)
    attribution: float = 0.25
    shrunk_as: float = 0.1
    credited: float = -0.06
    absolute: bool = False


@dataclass(frozen=True)
class Shared:
    """What the channels have in common.

    Attributes:
        centre: (5,) common centre.
        centre_var: (5,) its variance.
        spread: (5,) standard deviation of channels around it.
    """

    centre: Array
    centre_var: Array
    spread: Array

    def precision(self) -> Array:
        """(5,) of a channel's unknowns around the centre."""
        return np.asarray(1 / self.spread**2)


def start(prior: Prior, account: float) -> Shared:
    """Before any channel has spoken. ``account``: log of the account's outcome per money."""
    centre = np.array(prior.centre)
    centre[0] += 0.0 if prior.absolute else account
    return Shared(centre, np.array(prior.centre_sd) ** 2, np.array(prior.spread))


def learn(prior: Prior, account: float, mean: Array, variance: Array, shared: Shared) -> Shared:
    """Centre and spread of every unknown from the channels' posteriors.

    Args:
        prior: beliefs.
        account: log of the account's outcome per money.
        mean: (C, 5) posterior means under ``shared``.
        variance: (C, 5) posterior variances under ``shared``.
        shared: what was held common while these were found.
    """
    held = shared.spread**2
    own = 1 / np.minimum(variance, held) - 1 / held
    alone = np.where(own > 1 / SILENT, 1 / np.maximum(own, 1 / SILENT), SILENT)
    value = alone * (mean / np.minimum(variance, held) - shared.centre / held)
    centre, var, spread = np.empty(5), np.empty(5), np.empty(5)
    expected = np.array(prior.centre)
    expected[0] += 0.0 if prior.absolute else account
    for j in range(5):
        centre[j], var[j], spread[j] = _pool(
            value[:, j], alone[:, j], (expected[j], prior.centre_sd[j]), (prior.spread[j], prior.spread_sd[j])
        )
    return Shared(centre, var, spread)


def _pool(
    a: Array, s2: Array, centre: tuple[float, float], spread: tuple[float, float]
) -> tuple[float, float, float]:
    """Centre, its variance and the spread of one unknown."""
    taus = spread[0] * np.exp(spread[1] * GRID)
    precision = 1 / (s2[None, :] + taus[:, None] ** 2)
    if centre[1] == 0:
        middle, left = np.full(len(taus), centre[0]), np.zeros(len(taus))
        misfit, volume = np.zeros(len(taus)), np.zeros(len(taus))
    else:
        known = 1 / centre[1] ** 2
        whole = precision.sum(axis=1) + known
        middle = (precision @ a + centre[0] * known) / whole
        left, misfit, volume = 1 / whole, known * (middle - centre[0]) ** 2, np.log(whole)
    misfit = misfit + (precision * (a[None, :] - middle[:, None]) ** 2).sum(axis=1)
    height = -0.5 * (misfit - np.log(precision).sum(axis=1) + volume + GRID**2)
    weight = np.exp(height - height.max())
    weight /= weight.sum()
    mean = float(weight @ middle)
    var = float(weight @ (left + middle**2) - mean**2)
    return mean, max(var, 0.0), float(np.sqrt(weight @ taus**2))

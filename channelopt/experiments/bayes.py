"""The Bayesian view beside the test: chance to win and expected loss. It promises nothing about peeking.

Stopping as soon as the chance to win passes 95% picks a false winner far more often than 5%; the measured
figure stands in docs/methods.md.

Sources: Miller (2015), Formulas for Bayesian A/B Testing; the normal posterior is the conjugate update of the
relative effect by the delta method.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import integrate, special, stats

from channelopt.errors import InputError
from channelopt.experiments.users import Arm, linear_lift


def beta_chance_to_win(
    x_c: int, n_c: int, x_t: int, n_t: int, prior: tuple[float, float] = (1.0, 1.0)
) -> float:
    """Chance that the treatment's share is higher, with a beta prior on both.

    Raises:
        InputError: ``common.bad_setting`` for a prior that is not above 0.
    """
    if min(prior) <= 0:
        raise InputError("common.bad_setting", name="prior", value=prior, wanted="two numbers above 0")
    a_c, b_c = prior[0] + x_c, prior[1] + n_c - x_c
    a_t, b_t = prior[0] + x_t, prior[1] + n_t - x_t
    law, other = stats.beta(a_t, b_t), stats.beta(a_c, b_c)
    edges = np.unique(
        [0.0, *law.ppf([1e-14, 0.01, 0.5, 0.99, 1 - 1e-14]), *other.ppf([0.01, 0.5, 0.99]), 1.0]
    )
    got = 0.0
    for low, high in pairwise(edges.tolist()):
        got += integrate.quad(
            lambda x: float(law.pdf(x) * other.cdf(x)), low, high, epsabs=1e-13, epsrel=1e-11, limit=200
        )[0]
    return float(min(max(got, 0.0), 1.0))


@dataclass(frozen=True)
class Posterior:
    """Relative effect after the data.

    Attributes:
        expected: its mean.
        sd: its standard deviation.
        chance_to_win: chance that it is above 0 (below 0 where lower is better).
        loss_if_kept: expected relative loss of keeping the control.
        loss_if_shipped: expected relative loss of shipping the treatment.
        ci_low: central interval.
        ci_high: the same.
    """

    expected: float
    sd: float
    chance_to_win: float
    loss_if_kept: float
    loss_if_shipped: float
    ci_low: float
    ci_high: float


def posterior(
    control: Arm,
    treatment: Arm,
    prior_sd: float = float("inf"),
    prior_mean: float = 0.0,
    alpha: float = 0.05,
    lower_is_better: bool = False,
) -> Posterior | None:
    """Normal posterior of the relative effect; None while there is nothing to learn from.

    Args:
        control: (mean, variance of the mean, n).
        treatment: the same.
        prior_sd: of the relative effect; infinite is flat.
        prior_mean: of the relative effect.
        alpha: 1 - content of the interval.
        lower_is_better: a cost: below 0 wins.
    """
    lift, variance = linear_lift(control, treatment)
    if not (np.isfinite(lift) and variance > 0):
        return None
    weight = 1 / variance, 1 / prior_sd**2 if prior_sd > 0 else np.inf
    mean = (weight[0] * lift + weight[1] * prior_mean) / sum(weight)
    sd = float(1 / np.sqrt(sum(weight)))
    sign = -1.0 if lower_is_better else 1.0
    z = sign * mean / sd
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    win = float(special.ndtr(z))
    half = -special.ndtri(alpha / 2) * sd
    kept = sd * (density + z * win)
    return Posterior(
        float(mean), sd, win, float(kept), float(kept - sign * mean), float(mean - half), float(mean + half)
    )

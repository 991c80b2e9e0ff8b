r"""What looking every week costs: boundaries that hold over a quarter of looks.

Whoever judges accumulating data at every weekly look is wrong far more often than one look
would be. With ``S_k / sqrt(k)`` the standardised evidence at look ``k`` of a process with equal
information per look, the boundaries are ``b_k = C * EARLY_k``, C solving

    P(S_k / sqrt(k) >= b_k at any k <= 13) = 1 - confidence,

found by carrying the density of ``S_k`` from look to look on a grid. The first three weeks ask for
more: little can be decided then, and what they would use up is worth more later. The fourth asks for
less: with the month a stage of the plan ends and money is moved. From the fifth on the boundary is
constant, as Pocock's. A verdict needs ``z >= b_k`` where one look would need ``z_confidence``; the
probability shown is ``Phi(z / c_k)`` with ``c_k = b_k / z_confidence``, so that it reaches
``confidence`` exactly where the boundary is crossed.
Each side (wrong drop, wrong keep) has its own 1 - confidence.

Source: Pocock (1977), Biometrika 64; Armitage, McPherson & Rowe (1969), JRSS A 132 (recursion); Haybittle
(1971), British Journal of Radiology 44 (stricter early looks).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

#: Weekly looks in a quarter.
LOOKS = 13
#: What the looks of the first month ask for, in units of the later ones.
EARLY = (1.6, 1.35, 1.2, 0.9)
#: Confidence → lowest and highest share of simulated worlds in which a channel exactly at the
#: bar was dropped at any of the looks (docs/methods.md).
MEASURED = {0.9: (0.074, 0.111)}
#: Confidence → how often the plain rule, looked at weekly, drops a channel at 1.5 times the bar within a
#: quarter (many leads a day, few leads a day), and how often this rule does.
TRADE = {0.9: (0.01, 0.53, 0.01)}
_POINTS = 801
_REACH = 6.0


@cache
def _steps(looks: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The grid of ``S_k`` and the transition from one look to the next."""
    edge = _REACH * np.sqrt(looks)
    at = np.linspace(-edge, edge, _POINTS)
    return at, stats.norm.pdf(at[:, None] - at[None, :]) * (at[1] - at[0])


def crossing_probability(boundaries: npt.ArrayLike) -> float:
    """Chance that pure noise crosses a one-sided boundary at any look.

    Args:
        boundaries: (looks,), in standard errors, one per equally informative look.
    """
    bounds = np.atleast_1d(np.asarray(boundaries, dtype="float64"))
    at, step = _steps(len(bounds))
    width = at[1] - at[0]
    density = stats.norm.pdf(at)
    stays = 1.0
    for look, bound in enumerate(bounds, start=1):
        if look > 1:
            density = step @ density
        density = density * np.clip((bound * np.sqrt(look) - at) / width + 0.5, 0.0, 1.0)
        stays = float(density.sum() * width)
    return 1 - stays


def _shape(looks: int) -> npt.NDArray[np.float64]:
    """Each look's boundary in units of the last one's."""
    shape = np.ones(looks)
    early = min(len(EARLY), looks - 1)
    shape[:early] = EARLY[:early]
    return shape


@cache
def boundary(confidence: float, looks: int = LOOKS) -> float:
    """The boundary of the later looks; with the earlier ones noise crosses it with 1 - confidence.

    Args:
        confidence: in 0.5..1.
        looks: equally informative looks.
    """
    start, shape = float(stats.norm.ppf(confidence)), _shape(looks)

    def excess(b: float) -> float:
        return crossing_probability(b * shape) - (1 - confidence)

    return float(optimize.brentq(excess, start - 0.1, start + 3.0, xtol=1e-3))


def stretch(confidence: float, weeks: npt.ArrayLike = LOOKS) -> npt.NDArray[np.float64]:
    """How many times wider the evidence must be than for a single look, ``c_k`` above.

    Args:
        confidence: in 0.5..1.
        weeks: weeks of data so far; beyond a quarter the last boundary stays.
    """
    at = np.clip(np.round(np.asarray(weeks, dtype="float64")), 1, LOOKS).astype("int64") - 1
    return np.asarray(boundary(confidence) * _shape(LOOKS)[at] / stats.norm.ppf(confidence))


def looked_at_weekly(
    z: npt.ArrayLike, confidence: float, weeks: npt.ArrayLike = LOOKS
) -> npt.NDArray[np.float64]:
    """Probability that goes with evidence ``z`` (standard errors) after so many weekly looks."""
    return np.asarray(stats.norm.cdf(np.asarray(z, dtype="float64") / stretch(confidence, weeks)))

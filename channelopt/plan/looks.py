r"""What looking every week costs: a boundary that holds over a quarter of looks.

Whoever judges accumulating data at every weekly look is wrong far more often than one look
would be. With ``S_k / sqrt(k)`` the standardised evidence at look ``k`` of a process with equal
information per look, the constant boundary ``b`` solves

    P(S_k / sqrt(k) >= b at any k <= 13) = 1 - confidence,

found by carrying the density of ``S_k`` from look to look on a grid. A verdict needs
``z >= b`` where one look would need ``z_confidence``; the probability shown is
``Phi(z / c)`` with ``c = b / z_confidence``, so that it reaches ``confidence`` exactly where
the boundary is crossed. Each side (wrong drop, wrong keep) has its own 1 - confidence.

Source: Pocock (1977), Biometrika 64; Armitage, McPherson & Rowe (1969), JRSS A 132 (recursion).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

#: Weekly looks in a quarter.
LOOKS = 13
#: Confidence → lowest and highest share of simulated worlds in which a channel exactly at the
#: bar was dropped at any of the looks (docs/methods.md).
MEASURED = {0.9: (0.068, 0.13)}
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


def crossing_probability(boundary: float, looks: int = LOOKS) -> float:
    """Chance that pure noise crosses a constant one-sided boundary at any look.

    Args:
        boundary: in standard errors.
        looks: equally informative looks.
    """
    at, step = _steps(looks)
    width = at[1] - at[0]
    density = stats.norm.pdf(at)
    stays = 1.0
    for look in range(1, looks + 1):
        if look > 1:
            density = step @ density
        density = density * np.clip((boundary * np.sqrt(look) - at) / width + 0.5, 0.0, 1.0)
        stays = float(density.sum() * width)
    return 1 - stays


@cache
def boundary(confidence: float, looks: int = LOOKS) -> float:
    """The constant boundary crossed by noise with chance 1 - confidence over all looks.

    Args:
        confidence: in 0.5..1.
        looks: equally informative looks.
    """
    start = float(stats.norm.ppf(confidence))

    def excess(b: float) -> float:
        return crossing_probability(b, looks) - (1 - confidence)

    return float(optimize.brentq(excess, start - 0.1, start + 3.0, xtol=1e-3))


@cache
def stretch(confidence: float, looks: int = LOOKS) -> float:
    """How many times wider the evidence must be than for a single look, ``c`` above."""
    return boundary(confidence, looks) / float(stats.norm.ppf(confidence))


def looked_at_weekly(z: npt.ArrayLike, confidence: float) -> npt.NDArray[np.float64]:
    """Probability that goes with evidence ``z`` (standard errors), allowing for the looks."""
    return np.asarray(stats.norm.cdf(np.asarray(z, dtype="float64") / stretch(confidence)))

r"""What a share of the posterior draws is worth as a chance.

Where budgets hardly moved on their own, draws are surer than they should be: movements that follow demand,
and customers whom attribution gives to the wrong channel, look like the shape of a curve, and no own movement
speaks against it. With s, how much the channels' budgets moved on their own from week to week, the chance
that a share p of the draws stands for is

.. math:: \Phi(\Phi^{-1}(p) / c), \quad c = \min(\max(0.16 / s, 1), 1.4),

so at s = 10% a chance of 90% is asked of 96% of the draws. It leaves 50% where it is and keeps
P(A beats B) + P(B beats A) = 1. The figures were set in simulated accounts (docs/methods.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

if TYPE_CHECKING:
    from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

#: A difference below this share of the outcome is none: whole units of money do not hit a spend exactly.
SAME = 0.0005
#: Own movement of budgets below which draws are too sure, and the most that counts for.
STEADY, MOST = 0.16, 1.4


def chance_of(share: npt.ArrayLike, curves: ResponseCurves) -> Array:
    """(...,) chance, 0..1, of what a share (...,) of the draws of these curves says."""
    p, c = np.asarray(share, dtype="float64"), stretch(curves)
    return np.asarray(ndtr(ndtri(p) / c)) if c > 1 else p


def beats(gain: npt.ArrayLike, outcome: float, curves: ResponseCurves) -> float:
    """Chance, 0..1, that a spend brings more: gain (draws,) over another one whose mean outcome is this.

    One half where nearly every draw is the same to ``SAME`` of that outcome; draws that tie count half.
    """
    if same(gain, outcome):
        return 0.5
    more = np.asarray(gain, dtype="float64")
    return float(chance_of((more > 0).mean() + (more == 0).mean() / 2, curves))


def same(gain: npt.ArrayLike, outcome: float) -> bool:
    """Whether nearly every draw of a gain is none, against an outcome."""
    return bool(np.quantile(np.abs(np.asarray(gain, dtype="float64")), 0.95) <= SAME * abs(outcome))


def share_for(chance: float, curves: ResponseCurves) -> float:
    """Share of the draws that this chance asks for; 0 stays 0 (nothing is asked)."""
    c = stretch(curves)
    return float(ndtr(ndtri(chance) * c)) if c > 1 and chance > 0 else chance


def stretch(curves: ResponseCurves) -> float:
    """c, 1..1.4; 1 where nothing is spent today."""
    moved = own_movement(curves)
    return float(np.clip(STEADY / max(moved, 1e-9), 1.0, MOST)) if moved == moved else 1.0


def own_movement(curves: ResponseCurves) -> float:
    """s: ``sources["moved"]``, by today's spend; NaN where nothing is spent."""
    today = curves.today.reindex(list(curves.channels)).to_numpy("float64")
    moved = curves.sources["moved"].reindex(list(curves.channels)).to_numpy("float64")
    return float(np.average(moved, weights=today)) if today.sum() > 0 else float("nan")

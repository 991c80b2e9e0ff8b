r"""From scores to chances: a line in log odds, bent where enough customers show that it bends.

.. math:: P = \operatorname{expit}(a + b s)

by logistic regression (Platt). From ``BENT_FROM`` customers on, the leads are cut by their score into bands
of equally many customers, the bands' shares are made to rise (pool adjacent violators), each mixed with
``LENT`` leads' worth of the line, and the log odds run straight from band to band and level beyond the last
ones. Either way a is moved until the chances add up to the customers there were.

Source: Platt (1999); Zadrozny & Elkan (2002); Ayer et al. (1955) for pooling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from channelopt.measure.logistic import logistic

Array = npt.NDArray[np.float64]
BENT_FROM = 100
#: Customers of a band, and bands at most.
PER_BAND, MOST_BANDS = 20, 20
LENT = 10.0
#: Chances are kept this far from 0 and 1.
EDGE = 1e-6


@dataclass(frozen=True)
class Calibration:
    """Scores to chances.

    Attributes:
        a, b: the line in log odds.
        at: scores of the bands; empty without a bend.
        odds: log odds there.
    """

    a: float
    b: float
    at: tuple[float, ...] = ()
    odds: tuple[float, ...] = ()

    def chance(self, score: Array) -> Array:
        """Chance by score."""
        line = np.interp(score, self.at, self.odds) if self.at else self.b * score
        return np.asarray(1 / (1 + np.exp(-np.clip(self.a + line, -700, 700))))


def calibrate(foretold: Array, bought: Array, own: Array, customers: float) -> Calibration:
    """Learn chances.

    Args:
        foretold: scores of leads by models that had not seen them; NaN for leads without.
        bought: (leads,), 0 or 1.
        own: scores of the leads whose level is wanted, by the final model.
        customers: how many of those bought.
    """
    seen = np.isfinite(foretold)
    score, y = foretold[seen], bought[seen]
    if not 0 < y.sum() < len(y) or not score.std() > 0:
        return _levelled(Calibration(0.0, 0.0), own, customers)
    a, b = (float(x) for x in logistic(score[:, None], y))
    line = Calibration(a, b)
    if y.sum() >= BENT_FROM and b > 0:
        at, odds = _bands(score, y, line)
        line = Calibration(0.0, b, at, odds) if len(at) > 2 else line
    return _levelled(line, own, customers)


def _bands(score: Array, y: Array, line: Calibration) -> tuple[tuple[float, ...], tuple[float, ...]]:
    order = np.argsort(score, kind="stable")
    s, won = score[order], y[order]
    number = int(min(won.sum() // PER_BAND, MOST_BANDS))
    band = np.minimum(np.floor(np.cumsum(won) / won.sum() * number - 1e-9).clip(0), number - 1).astype(int)
    _, first = np.unique(s, return_index=True)
    band = band[first][np.searchsorted(s[first], s)]  # equal scores share a band
    _, band = np.unique(band, return_inverse=True)
    leads = np.bincount(band).astype("float64")
    share = (np.bincount(band, won) + LENT * np.bincount(band, line.chance(s)) / leads) / (leads + LENT)
    risen = np.clip(rising(share, leads), EDGE, 1 - EDGE)
    middle = np.bincount(band, s) / leads
    return tuple(middle.tolist()), tuple(np.log(risen / (1 - risen)).tolist())


def rising(values: npt.ArrayLike, weights: npt.ArrayLike) -> Array:
    """The rising sequence closest to the values in weighted squares (pool adjacent violators)."""
    level: list[list[float]] = []
    for value, weight in zip(np.asarray(values).tolist(), np.asarray(weights).tolist(), strict=True):
        level.append([value, weight, 1])
        while len(level) > 1 and level[-2][0] > level[-1][0]:
            (v, w, n), (u, x, m) = level.pop(), level.pop()
            level.append([(v * w + u * x) / (w + x), w + x, n + m])
    return np.repeat([v for v, _, _ in level], [int(n) for _, _, n in level])


def _levelled(line: Calibration, score: Array, customers: float) -> Calibration:
    """The same with a moved so that the chances add up to the customers."""
    low, high = -60.0, 60.0
    base = line.a
    for _ in range(100):
        middle = (low + high) / 2
        moved = Calibration(base + middle, line.b, line.at, line.odds)
        low, high = (low, middle) if moved.chance(score).sum() > customers else (middle, high)
    return Calibration(base + (low + high) / 2, line.b, line.at, line.odds)

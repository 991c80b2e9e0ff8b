"""What a geo test can see, tried on the history itself: windows of the planned length with an effect put in.

Each window lies somewhere in the history, with the days before it as its base, and splits of its own drawn
from those days alone: splits picked on the window itself would look calmer there than they will be in the
test. Without an effect the spread of the contrast over the splits is the error of the method; the method, its
base and its penalty are those with the smallest mean square. For the power, every tenth split is taken as
the real one, the treated outcome of the window is multiplied, and the test is done against all splits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from channelopt.experiments.effect import Array
from channelopt.experiments.regions_control import contrast_of, weights_of
from channelopt.experiments.regions_draw import draw
from channelopt.experiments.regions_panel import Flags, blocks

#: Methods tried, with their penalty.
METHODS: tuple[tuple[str, float], ...] = (("did", 0.0), ("synthetic", 1.0), ("synthetic", 0.1))
WINDOWS = 8
_COMPARED = 200
_LARGEST = 5.0


@dataclass(frozen=True)
class Method:
    """How the treated regions' counterfactual is made.

    Attributes:
        name: "did" or "synthetic".
        base_rows: rows before the start that give the regions' level.
        ridge: penalty of the synthetic control.
        error: root mean square of the relative error over windows and splits; NaN where not tried.
    """

    name: str
    base_rows: int
    ridge: float
    error: float


@dataclass(frozen=True)
class Window:
    """A stretch of the history that plays the test.

    Attributes:
        before: outcome before it, shape (rows, regions).
        mean: the regions' mean outcome within it.
        masks: splits drawn from the days before.
    """

    before: Array
    mean: Array
    masks: Flags


def windows(outcome: Array, length: int, n_treated: int, step: int, seed: int) -> list[Window]:
    """Up to eight windows, the newest at the end; each has at least its own length before it."""
    rows = len(outcome)
    if length < 1 or rows < 2 * length:
        return []
    starts = np.linspace(rows - length, length, num=min(WINDOWS, rows - 2 * length + 1))
    return [
        Window(
            outcome[:start],
            outcome[start : start + length].mean(axis=0),
            draw(blocks(outcome[:start], step), n_treated, seed)[0],
        )
        for start in sorted({round(s) for s in starts})
    ]


def best_method(tried: list[Window], length: int, rows: int, step: int) -> Method:
    """The method whose error was smallest in the windows; plain differences without any."""
    found: list[Method] = []
    some = [Window(w.before, w.mean, w.masks[:_COMPARED]) for w in tried]
    for name, ridge in METHODS if tried else ():
        weights = [weights_of(name, w.before, w.masks, ridge, step) for w in some]
        for base in sorted({length, min(2 * length, rows), rows}):
            errors = [
                contrast_of(w.before, base, w.masks, own) @ w.mean
                for w, own in zip(some, weights, strict=True)
            ]
            found.append(Method(name, base, ridge, float(np.sqrt(np.mean([np.mean(e**2) for e in errors])))))
    return min(found, key=lambda m: m.error) if found else Method("did", max(length, 1), 0.0, float("nan"))


class History:
    """The windows, ready for any effect.

    Args:
        tried: windows.
        method: as chosen.
        step: days between rows.
    """

    def __init__(self, tried: list[Window], method: Method, step: int) -> None:
        self._parts: list[tuple[Array, Array, Flags]] = []
        for window in tried:
            every = max(1, len(window.masks) // 100)
            weights = weights_of(method.name, window.before, window.masks, method.ridge, step)
            contrast = contrast_of(window.before, method.base_rows, window.masks, weights)
            own = window.masks[::every]
            mine = np.arange(len(window.masks))[:, None] == np.arange(0, len(window.masks), every)
            self._parts.append((contrast @ window.mean, contrast @ (window.mean * own).T, mine))

    def power(self, effect: float, alpha: float) -> float:
        """Chance that the placebo test finds a relative effect; NaN without a window."""
        found = []
        for still, moved, mine in self._parts:
            size = np.abs(still[:, None] + effect * moved)
            real = (size * mine).sum(axis=0)
            found.append(float(np.mean((size >= real * (1 - 1e-9)).mean(axis=0) <= alpha)))
        return float(np.mean(found)) if found else float("nan")

    def mde(self, sign: float, alpha: float, power: float) -> float:
        """Smallest relative effect in the direction of ``sign`` that is found with the power asked for."""
        top = _LARGEST if sign > 0 else 0.999
        if not self.power(sign * top, alpha) >= power:
            return float("nan")

        def short(effect: float) -> float:
            return self.power(sign * effect, alpha) - power

        return float(optimize.bisect(short, 0.0, top, xtol=1e-4)) if short(0.0) < 0 else 0.0

"""Ticks of an axis in the reader's own large numbers: 15万, 150K.

Plotly writes large ticks with SI letters (``~s``: 150k, 2G, 500m), which nobody says of money. It takes
other words for labels it would have written, so every label an axis could need is told with its word.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor, log10

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

#: The format of axes whose labels are replaced.
SI = "~s"
#: An axis is cut into at most so many steps, each 1, 2 or 5 times a power of ten.
STEPS, MANTISSAS = 12, (1, 2, 5)
_LETTERS = {-6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}


def say_ticks(figure: go.Figure, said: Callable[[float], str]) -> go.Figure:
    """Write the ``~s`` ticks of a figure, in place, as ``said`` does, behind the prefix of their axis.

    Args:
        figure: its axes do not zoom.
        said: an amount → its text, without a unit.
    """
    for letter, each in (("x", figure.for_each_xaxis), ("y", figure.for_each_yaxis)):
        spans = _spans(figure, letter)

        def tell(axis: go.layout.XAxis, letter: str = letter, spans: dict[str, list[float]] = spans) -> None:
            if axis.tickformat == SI:
                ends = spans.get(axis.plotly_name.replace("axis", ""), []) + list(axis.range or ())
                axis.labelalias = _words(ends, axis.tickprefix or "", said)

        each(tell)
    return figure


def _spans(figure: go.Figure, letter: str) -> dict[str, list[float]]:
    """Axis ("x", "x2" …) → least and most of what its traces show."""
    found: dict[str, list[float]] = {}
    for trace in figure.data:
        values = _numbers(getattr(trace, letter, None))
        if values.size:
            name = getattr(trace, f"{letter}axis", None) or letter
            found.setdefault(name, []).extend((float(values.min()), float(values.max())))
    return found


def _numbers(values: object) -> npt.NDArray[np.float64]:
    try:
        read = np.asarray([] if values is None else values, dtype=float)
    except (TypeError, ValueError):
        return np.empty(0)
    return read[np.isfinite(read)]


def _words(ends: list[float], prefix: str, said: Callable[[float], str]) -> dict[str, str]:
    """Label as Plotly writes it → as it is said, for an axis from 0 and one that holds the ends only."""
    told = _between(min([0.0, *ends]), max([0.0, *ends]), prefix, said)
    if ends and not min(ends) <= 0.0 <= max(ends):
        told |= _between(min(ends), max(ends), prefix, said)
    return told


def _between(low: float, high: float, prefix: str, said: Callable[[float], str]) -> dict[str, str]:
    """The same for every tick between two ends and a bit beyond."""
    span = high - low
    if not 0 < span < 1e14:
        return {}
    first = floor(log10(span / STEPS))
    told: dict[str, str] = {}
    for power in range(first, first + 3):
        for mantissa in MANTISSAS:
            step = mantissa * 10.0**power
            if not span / STEPS <= step <= span:
                continue
            for place in range(int((low - span / 3) // step), int((high + span / 3) // step) + 2):
                value = round(place * step, 9)
                sign = "−" if value < 0 else ""
                label, word = _si(abs(value)), said(abs(value))
                if label != word or sign:
                    told[f"{prefix}{sign}{label}"] = f"{sign}{prefix}{word}"
    return told


def _si(value: float) -> str:
    """A number from 0 up as d3's ``~s`` writes it."""
    if value == 0:
        return "0"
    power = min(12, max(-6, 3 * floor(log10(value) / 3 + 1e-9)))
    return f"{float(f'{value / 10.0**power:.6g}'):g}{_LETTERS[power]}"

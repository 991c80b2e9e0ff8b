"""Sudden jumps of a channel: days on which spend, clicks, price, leads or conversion left their level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from channelopt.errors import Finding, Severity
from channelopt.measure.doubts import FALSE_RATE, Doubt, spread_doubt
from channelopt.measure.grid import Array, Grid
from channelopt.measure.scan import Jump, scan

#: metric → (numerator, denominator); what a jump of it follows from, when that moved alike.
METRICS: Mapping[str, tuple[str, str | None]] = {
    "spend": ("spend", None),
    "clicks": ("clicks", None),
    "cpc": ("spend", "clicks"),
    "leads": ("leads", None),
    "cvr": ("leads", "clicks"),
}
FOLLOWS: Mapping[str, tuple[str, ...]] = {"clicks": ("spend",), "leads": ("clicks", "spend")}
#: Smallest change of level worth a word, as a factor; leads a day below which days are too few to say.
LEAST_FACTOR, LEAST_LEADS_A_DAY = 1.25, 3.0
#: Jumps of one series that start closer together are one.
NEAR_DAYS = 7
#: Direction that deserves a warning; the other one is told.
ADVERSE = {"cpc": (-1, 1), "cvr": (-1,), "leads": (-1,), "clicks": (1, -1), "spend": ()}


def jumps(grid: Grid) -> list[Doubt]:
    """Every jump of every channel, with its day, size and the money that moved.

    ``FALSE_RATE`` is divided by the channels times the metrics searched, and inside a series by
    its windows (``scan``): the chance of any jump at all where nothing jumped stays below it.
    A jump of clicks that spend explains, or of leads that clicks explain, is told once.

    Args:
        grid: daily rows by channel.
    """
    channels = grid.shape[0]
    series = {name: _series(grid, *sides) for name, sides in METRICS.items()}
    searched = max(1, sum(int(_enough(name, top).sum()) for name, (top, _) in series.items()))
    found: dict[tuple[int, str], list[tuple[Jump, float]]] = {}
    for name, (top, bottom) in series.items():
        logs = _logs(name, top, bottom)
        logs[~_enough(name, top)] = np.nan
        for jump in scan(logs, FALSE_RATE / searched):
            found.setdefault((jump.series, name), []).append((jump, 0.0))
    for (at, name), listed in found.items():
        apart = _apart([_from_step(jump, len(grid.days)) for jump, _ in listed])
        sized = [(jump, _factor(*series[name], jump)) for jump in apart]
        found[at, name] = [(j, f) for j, f in sized if f >= LEAST_FACTOR or f <= 1 / LEAST_FACTOR]
    spend = np.nan_to_num(grid.sums(grid.column("spend")))
    told = []
    for at in range(channels):
        for name in METRICS:
            for jump, factor in found.get((at, name), []):
                if not _explained(series, name, jump, factor):
                    told.append(_doubt(grid, name, jump, factor, spend[at]))
    return told


def _series(grid: Grid, top: str, bottom: str | None) -> tuple[Array, Array | None]:
    if bottom is None:
        return grid.sums(grid.column(top)), None
    return grid.pair(top, bottom)


def _enough(name: str, top: Array) -> np.ndarray:
    known = np.isfinite(top).any(axis=1)
    if name not in ("leads", "cvr"):
        return np.asarray(known)
    days = np.maximum(np.isfinite(top).sum(axis=1), 1)
    return np.asarray(known & (np.nansum(top, axis=1) / days >= LEAST_LEADS_A_DAY))


def _logs(name: str, top: Array, bottom: Array | None) -> Array:
    """Logs of daily values; half an event is added to counts, a day without spend is unknown."""
    more = 0.5 if name in ("clicks", "leads", "cvr") else 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        if bottom is None:
            usable = top + more > 0
            return np.where(usable, np.log(top + more), np.nan)
        below = bottom + (0.5 if name == "cpc" else 0.0)
        return np.where((top + more > 0) & (bottom > 0), np.log((top + more) / below), np.nan)


def _from_step(jump: Jump, days: int) -> Jump:
    """A window at the very start of the data is a step where it ends."""
    if jump.start >= NEAR_DAYS or jump.lasting:
        return jump
    return replace(jump, start=jump.stop, stop=days, lasting=True, t=-jump.t)


def _apart(listed: list[Jump]) -> list[Jump]:
    """The clearest of those that start within a week, each ending where the next one starts."""
    kept: list[Jump] = []
    for jump in sorted(listed, key=lambda j: -abs(j.t)):
        if all(abs(jump.start - other.start) >= NEAR_DAYS for other in kept):
            kept.append(jump)
    kept.sort(key=lambda j: j.start)
    ends = [*[j.start for j in kept[1:]], 10**9]
    return [replace(j, stop=min(j.stop, end)) for j, end in zip(kept, ends, strict=True)]


def _factor(top: Array, bottom: Array | None, jump: Jump) -> float:
    """Level of the jump's days (four weeks at most) over that of the two weeks before; sum/sum."""
    inside = slice(jump.start, min(jump.stop, jump.start + 28))
    before = slice(max(0, jump.start - 14), jump.start)
    x = top[jump.series]
    y = np.ones_like(x) if bottom is None else bottom[jump.series]
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.where(np.isfinite(x), y, np.nan)
        now, usual = (np.nansum(x[part]) / np.nansum(below[part]) for part in (inside, before))
        return float(now / usual) if usual > 0 else float("nan")


def _explained(
    series: Mapping[str, tuple[Array, Array | None]], name: str, jump: Jump, factor: float
) -> bool:
    """Whether what it follows from moved alike in the same days: at least half as far, on the log scale."""
    for cause in FOLLOWS.get(name, ()):
        top, bottom = series[cause]
        if np.isfinite(top[jump.series]).any():
            moved = _factor(top, bottom, jump)
            return bool(moved > 0 and factor > 0 and np.log(moved) / np.log(factor) >= 0.5)
    return False


def _doubt(grid: Grid, name: str, jump: Jump, factor: float, spend: Array) -> Doubt:
    at, window = jump.series, slice(jump.start, jump.stop)
    up = factor > 1
    money = np.zeros(len(spend))
    money[window] = spend[window] * _moved(name, factor)
    severity: Severity = "warning" if (1 if up else -1) in ADVERSE[name] else "info"
    params: dict[str, Any] = {
        "day": grid.days[jump.start].date(),
        "last": grid.days[jump.stop - 1].date(),
        "change": abs(factor - 1),
        "factor": factor,
        "days": jump.stop - jump.start,
    }
    code = f"measure.jump_{name}_{'up' if up else 'down'}"
    doubt = spread_doubt(grid, at, "jump", Finding(severity, code, params), money)
    if doubt.stake > 0:
        return doubt
    return Doubt(
        doubt.channel, "jump", doubt.finding, doubt.stake, params["day"], params["last"], doubt.daily
    )


def _moved(name: str, factor: float) -> float:
    """The part of the window's spend that the jump concerns."""
    if name == "spend":
        return 1 - 1 / factor if factor > 1 else 0.0
    if name == "cpc":  # paid beyond the usual, or all of it when it is below
        return 1 - 1 / factor if factor > 1 else 1.0
    return 1.0 if factor > 1 else 1 - factor

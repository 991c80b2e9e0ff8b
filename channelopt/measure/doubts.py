"""A doubt about traffic: the finding, the days it concerns, and the money of each of those days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.measure.grid import Array, Grid

Kind = Literal["invalid", "cheap", "delivery", "jump"]
#: Chance that any of the compared shares, prices or days of a workspace without a fault is called one.
FALSE_RATE = 0.05
#: Sessions, clicks or opened forms below which nothing is said about them.
LEAST_VISITS = 100


@dataclass(frozen=True)
class Doubt:
    """One finding about one channel.

    Attributes:
        channel: its key.
        kind: "invalid" (traffic that was nobody), "cheap", "delivery" (paid and not delivered)
            or "jump". Jumps state the money that moved; it is not counted as wrong.
        finding: the sentence; its ``stake`` is the money below, NaN when no price is known.
        stake: money, summed over the days.
        first: first day concerned.
        last: last day concerned.
        daily: the money of each calendar day of the grid.
    """

    channel: str
    kind: Kind
    finding: Finding
    stake: float
    first: dt.date
    last: dt.date
    daily: Array = field(repr=False)


def spread_doubt(grid: Grid, at: int, kind: Kind, finding: Finding, money: Array) -> Doubt:
    """A doubt whose money stands on the days of the grid; ``stake`` is added to the finding.

    Args:
        grid: the daily table.
        at: row of the channel.
        kind: of the doubt.
        finding: without its stake.
        money: (days,), 0 outside the days concerned.
    """
    days = np.flatnonzero(money > 0)
    first, last = (days[0], days[-1]) if len(days) else (0, len(grid.days) - 1)
    stake = float(money.sum())
    return Doubt(
        channel=str(grid.groups["channel"].iloc[at]),
        kind=kind,
        finding=Finding(finding.severity, finding.code, {**finding.params, "stake": stake}),
        stake=stake,
        first=grid.days[first].date(),
        last=grid.days[last].date(),
        daily=money,
    )


def at_stake(doubts: Iterable[Doubt], channels: pd.Series, kinds: tuple[Kind, ...]) -> Array:
    """Money in doubt per channel, no day's money counted twice.

    Doubts overlap in ways the data cannot tell apart (a bounced visit may also have been a
    cheap click). Of each day the largest doubt counts, so the sum is what is in doubt at least;
    adding the doubts up would count the same money several times.

    Args:
        doubts: of any channels, on one grid.
        channels: the channels wanted, in order.
        kinds: which doubts count.
    """
    most: dict[str, Array] = {}
    for doubt in doubts:
        if doubt.kind in kinds:
            known = most.get(doubt.channel)
            most[doubt.channel] = doubt.daily if known is None else np.maximum(known, doubt.daily)
    return np.array([float(most[c].sum()) if c in most else 0.0 for c in channels], dtype="float64")


def others_median(values: Array, least: int = 2) -> Array:
    """For each channel the median of the other channels' values.

    Args:
        values: one per channel, NaN unknown.
        least: others that must be known; NaN below that.
    """
    known = np.isfinite(values)
    order = np.argsort(values[known], kind="stable")
    ranked, n = values[known][order], int(known.sum())
    found = np.full(len(values), np.nan)
    if n >= least:
        found[~known] = np.median(ranked)
    if n - 1 < least:
        return found
    rank = np.empty(n, dtype="int64")
    rank[order] = np.arange(n)
    low, high = (n - 2) // 2, (n - 1) // 2
    found[known] = (ranked[low + (low >= rank)] + ranked[high + (high >= rank)]) / 2
    return found

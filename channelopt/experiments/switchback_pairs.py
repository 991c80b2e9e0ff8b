r"""Pairs of neighbouring blocks and their score, which is linear in the effect.

Per pair k, the outcome y (numerator, or denominator where the metric is a cost) and its base d of both
sides. Were B's outcome :math:`\varphi y_B`, the pooled ratio would be
:math:`R = (\sum y_A + \varphi \sum y_B) / \sum d`, and the pair's difference of linearised residuals

.. math:: z_k = (\varphi y_{B,k} - R\,d_{B,k}) - (y_{A,k} - R\,d_{A,k}).

Its sum is 0 at :math:`\varphi = R_A / R_B`. Turning a pair round changes its sign only, so all outcomes
of the coins are sign flips; over them the sum orders as Student's t on the pairs does.

Source: Bojinov, Simchi-Levi & Zhao (2023), switchback design; Fisher (1935), sign flips.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from channelopt.experiments.effect import Array
from channelopt.experiments.messages import ExperimentError
from channelopt.experiments.metrics import Metric

#: All sign flips where there are no more than so many, else as many drawn ones.
DRAWN = 4096


class Pairs(NamedTuple):
    """Outcome and base of both sides, one entry per pair."""

    top_a: Array
    base_a: Array
    top_b: Array
    base_b: Array


def day_series(rows: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """One row per calendar day: numerator, denominator, and spend and customers if any.

    Days without a row, or with an unknown value, hold 0 in every column: they add nothing to either.

    Raises:
        ExperimentError: ``experiments.no_column``.
    """
    for name in ("day", metric.numerator, metric.denominator):
        if name not in rows.columns:
            raise ExperimentError("experiments.no_column", name=name)
    pair = [metric.numerator, metric.denominator]
    columns = list(dict.fromkeys([*pair, *(c for c in ("spend", "customers") if c in rows.columns)]))
    table = pd.DataFrame({c: pd.to_numeric(rows[c], errors="coerce") for c in columns}, index=rows.index)
    table = table.astype("float64").replace([np.inf, -np.inf], np.nan)
    table["day"] = pd.to_datetime(rows["day"], errors="coerce").dt.normalize()
    table = table[table["day"].notna() & table[pair].notna().all(axis=1)].fillna(0.0)
    sums = table.groupby("day")[columns].sum()
    return sums.asfreq("D").fillna(0.0) if len(sums) else sums


def sides_of(metric: Metric) -> tuple[str, str]:
    """Columns of the outcome (more is better) and of its base."""
    if metric.lower_is_better:
        return metric.denominator, metric.numerator
    return metric.numerator, metric.denominator


def sliding_pairs(days: pd.DataFrame, metric: Metric, block_days: int, washout_days: int) -> Pairs:
    """Every stretch of two blocks in the history, wherever it begins, that has a base on both sides."""
    width = 2 * block_days
    if len(days) < width:
        nothing = np.zeros(0)
        return Pairs(nothing, nothing, nothing, nothing)
    sides = [days[name].to_numpy("float64") for name in sides_of(metric)]
    top, base = (np.lib.stride_tricks.sliding_window_view(side, width) for side in sides)
    one, two = slice(washout_days, block_days), slice(block_days + washout_days, width)
    sums = [view[:, part].sum(axis=1) for part in (one, two) for view in (top, base)]
    held = (sums[1] > 0) & (sums[3] > 0)
    return Pairs(*(side[held] for side in sums))


def scores(pairs: Pairs) -> tuple[Array, Array]:
    """The two coefficients of each pair's score in phi, shape (..., pairs)."""
    ta, ba, tb, bb = pairs
    total = (ba + bb).sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate_a, rate_b = ta.sum(-1, keepdims=True) / total, tb.sum(-1, keepdims=True) / total
    return -ta - rate_a * (bb - ba), tb - rate_b * (bb - ba)


@lru_cache(maxsize=64)
def flips(count: int, seed: int, most: int = DRAWN) -> Array:
    """Signs of the pairs: all outcomes of the coins or ``most`` drawn ones; the real one (all +1) first."""
    if 2**count <= most:
        return np.array(list(itertools.product((1.0, -1.0), repeat=count)))
    drawn = np.where(np.random.default_rng(seed).random((most, count)) < 0.5, 1.0, -1.0)
    drawn[0] = 1.0
    return drawn

"""A plan: a split of a budget with its receipts, what it brings, and what is doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.goods import Goods
from channelopt.plan.variation import Variation
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]


class Band(NamedTuple):
    """A figure with its interval: low, mid (the mean), high."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True)
class Plan:
    """A split of a budget.

    Attributes:
        spend: channel → money per day; times ``days`` it adds up to ``budget``.
        totals: channel → money over all days, in whole units.
        budget: money over all days.
        days: length of the plan.
        objective: what is counted: "revenue", "profit", "leads", "valid_leads" or "customers".
        receipts: one row per channel, see ``receipts.receipts``.
        expected: objective over the days that this spend brings, with its interval.
        expected_today: the same for today's mix at the same budget, as far as the limits allow it.
        in_window: what of ``expected`` is seen by the last day, when spend changes tomorrow and what
            today's spend left behind counts.
        uplift: gain over ``expected_today``, a share of it, corrected for the optimiser's curse; NaN
            when today's mix brings nothing.
        naive_uplift: the same without the correction.
        step: share of the way to ``full`` that is gone, 1 without caution.
        chance: that the plan beats today's mix (``chances.py``); NaN where nothing moves.
        roi: revenue / spend of the plan; NaN when money is not known or nothing is spent.
        mroi: what the next unit of money would bring at the plan, in units of the objective (profit: before
            it is taken off); NaN when every channel is at a limit.
        reference: channel → money per day of today's mix at this budget.
        full: channel → money per day of the best split, without caution.
        gap: how much better any other split could be, share of the outcome; 0 for concave curves.
        variation: the test to run first, when the data cannot tell; else None.
        findings: what is doubtful.
    """

    spend: pd.Series
    totals: pd.Series
    budget: float
    days: int
    objective: str
    receipts: pd.DataFrame
    expected: Band
    expected_today: Band
    in_window: Band
    uplift: float
    naive_uplift: float
    step: float
    chance: float
    roi: Band
    mroi: float
    reference: pd.Series
    full: pd.Series
    gap: float
    variation: Variation | None
    findings: tuple[Finding, ...]
    curves: ResponseCurves = field(repr=False)
    policy: Policy = field(repr=False)


def band(draws: Array, interval: float) -> Band:
    """Mean and central interval of draws, which may be empty (NaN)."""
    if not draws.size or not np.isfinite(draws).all():
        return Band(float("nan"), float("nan"), float("nan"))
    tail = (1 - interval) / 2
    low, high = np.quantile(draws, [tail, 1 - tail])
    return Band(float(low), float(draws.mean()), float(high))


def roi_band(what: Goods, spend: Array, policy: Policy) -> Band:
    """Revenue / spend with its interval; NaN without spend or money."""
    if not spend.sum() > 0:
        return band(np.empty(0), policy.interval)
    return band((what.drawn(spend) * what.money).sum(axis=-1) / spend.sum(), policy.interval)

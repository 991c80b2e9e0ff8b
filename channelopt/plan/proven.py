r"""What experiments proved about a channel: finished geo tests as lifts that its curve has to agree with.

A geo test on the spend of one channel found L more of its outcome for d more money in its days. For curves
of the same outcome the lift is taken as it is. For curves of revenue a lift in leads is worth what a lead
brought in the same account, :math:`L \cdot \sum revenue / \sum leads`; for other outcomes it says nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from channelopt.experiments.record import Recorded
from channelopt.experiments.regions import RegionReading

LIFT_COLUMNS = ("channel", "start", "end", "spend", "incremental", "low", "high")


def proven_lifts(tests: Sequence[Recorded], daily: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Finished geo tests as a table of lifts.

    Args:
        tests: ``experiments.record.recorded``.
        daily: day, channel and outcomes, for what a lead is worth.
        outcome: of the curves.

    Returns:
        Columns ``LIFT_COLUMNS``: start and end are days, spend is extra money in all, incremental, low and
        high are units of the outcome. Without such tests no rows.
    """
    rows = []
    for one in tests:
        if one.source != "regions" or not one.channel or not isinstance(one.reading, RegionReading):
            continue
        row = one.reading.table.iloc[0]
        price = _price(daily, one.metric, outcome)
        figures = [float(row[c]) * price for c in ("effect_size", "ci_low", "ci_high")]
        spend = float(row["extra_spend"])
        if one.reading.status != "ok" or not np.isfinite([*figures, spend]).all() or spend == 0:
            continue
        end = one.start + dt.timedelta(days=one.days - 1)
        rows.append((one.channel, one.start, end, spend, *figures))
    return pd.DataFrame(rows, columns=list(LIFT_COLUMNS))


def _price(daily: pd.DataFrame, metric: str, outcome: str) -> float:
    """Units of the curves' outcome per unit of the test's; NaN where one says nothing of the other."""
    if metric == outcome or {metric, outcome} == {"revenue", "profit"}:
        return 1.0
    if outcome in ("revenue", "profit") and metric in ("leads", "valid_leads", "customers"):
        counted = float(daily[metric].sum()) if metric in daily else 0.0
        money = float(daily["revenue"].sum()) if "revenue" in daily else 0.0
        return money / counted if counted > 0 and money > 0 else float("nan")
    return float("nan")

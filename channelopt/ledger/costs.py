"""From media spend to full cost: explicit, hidden and opportunity costs shared out to channels and days.

Explicit costs are what somebody bills beside the media (fees, performance fees), hidden ones what
nobody bills per channel (tools, reserves), opportunity costs what the money would have earned
elsewhere (money tied up, margin given up). A cost of one channel is spread over its month by
spend, evenly where it spent nothing. A cost of all channels is shared out by its rule over the
channels that ran in its month: by spend, by leads, by customers, or evenly. Nothing is lost: the
parts of a month add up to its costs, or the cost waits and is reported.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from channelopt.policy import COST_KINDS, Policy

#: The parts of the full cost beside the media spend; columns of the daily frame.
PARTS = ("explicit", "hidden", "opportunity")


def with_cost(frame: pd.DataFrame, costs: pd.DataFrame, policy: Policy) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add ``explicit``, ``hidden``, ``opportunity`` and ``cost``, their sum with the spend.

    Args:
        frame: day, channel, spend, and leads, customers, revenue where known.
        costs: month (first day), channel ("" for all), amount, kind, rule.
        policy: ``opportunity_rate`` (yearly; a month's worth is added) and ``cost_rates``.

    Returns:
        The frame, and the costs that found no day to stand on and wait for spend. ``cost``
        is NaN where the spend is unknown and no cost stands on the row.
    """
    frame = frame.reset_index(drop=True)
    spend = frame["spend"].fillna(0.0).to_numpy(dtype="float64")
    parts = {name: np.zeros(len(frame)) for name in PARTS}
    parts["opportunity"] += spend * policy.opportunity_rate / 12
    for rate in policy.cost_rates:
        base = spend if rate.of == "spend" else _numbers(frame, "revenue")
        inside = (frame["channel"] == rate.channel).to_numpy() if rate.channel else np.ones(len(frame), bool)
        inside = inside & frame["spend"].notna().to_numpy()
        parts[COST_KINDS[rate.kind]] += np.where(inside, rate.share * np.maximum(base, 0.0), 0.0)
    stands = frame["spend"].notna().to_numpy()
    waiting = []
    if len(frame) and not costs.empty:
        month = frame["day"].dt.to_period("M")
        spending = set(frame.loc[frame["spend"].notna(), "channel"])
        for at, row in enumerate(costs.itertuples()):
            inside = (month == pd.Period(row.month, "M")).to_numpy()
            weight = _weight(frame, inside, spend, str(row.channel), str(row.rule), spending)
            total = weight.sum()
            if total > 0:
                parts[COST_KINDS[str(row.kind)]] += float(row.amount) * weight / total
                stands = stands | (weight > 0)
            else:
                waiting.append(at)
    whole = spend + sum(parts.values())
    made = {name: np.where(stands, part, np.nan) for name, part in parts.items()}
    return frame.assign(**made, cost=np.where(stands, whole, np.nan)), costs.iloc[waiting]


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    if name not in frame.columns:
        return np.zeros(len(frame))
    return frame[name].fillna(0.0).to_numpy(dtype="float64")


def _weight(
    frame: pd.DataFrame, inside: np.ndarray, spend: np.ndarray, channel: str, rule: str, spending: set[str]
) -> np.ndarray:
    """How much of one cost each row carries, in any unit."""
    known = frame["spend"].notna().to_numpy()
    if channel:
        inside = inside & (frame["channel"] == channel).to_numpy()
    if not channel or channel in spending:
        inside = inside & known
    by_spend = np.where(inside, spend, 0.0)
    if by_spend.sum() <= 0:
        by_spend = inside.astype("float64")
    if channel or rule == "spend":
        return by_spend
    of_channel = pd.Series(by_spend).groupby(frame["channel"].to_numpy()).transform("sum").to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        within = np.where(of_channel > 0, by_spend / of_channel, 0.0)
    if rule == "even":
        return within
    asked = pd.Series(np.where(inside, _numbers(frame, rule), 0.0))
    share = asked.groupby(frame["channel"].to_numpy()).transform("sum").to_numpy() * within
    return share if share.sum() > 0 else by_spend


def structure(frame: pd.DataFrame) -> pd.DataFrame:
    """What the full cost of each channel consists of.

    Args:
        frame: as ``with_cost`` gives it.

    Returns:
        One row per channel, largest cost first: channel, spend, explicit, hidden,
        opportunity, cost, revenue; money of all days, NaN unknown.
    """
    names = ["spend", *PARTS, "cost", "revenue"]
    sums = frame.groupby("channel", sort=True)[names].sum(min_count=1).reset_index()
    return sums.sort_values(["cost", "channel"], ascending=[False, True], ignore_index=True)

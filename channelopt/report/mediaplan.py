"""A plan as a media plan: what to book per channel, and what to set in which week or the coming one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from channelopt.plan.planned import Plan

WEEK = 7


def media_plan(plan: Plan, start: dt.date, names: Mapping[str, str]) -> pd.DataFrame:
    """One row per channel; its totals add up to the budget.

    Args:
        plan: the plan.
        start: first day.
        names: channel → name.

    Returns:
        channel, name, first_day, last_day, today_per_day, plan_per_day, change (share of today's; NaN from
        0), total, mroi (objective of the next unit of money).
    """
    table = plan.receipts.set_index("channel")
    today = table["today"].astype("float64")
    return pd.DataFrame(
        {
            "channel": table.index,
            "name": [names.get(str(c), str(c)) for c in table.index],
            "first_day": start,
            "last_day": start + dt.timedelta(days=plan.days - 1),
            "today_per_day": today.round(2).to_numpy(),
            "plan_per_day": plan.spend.reindex(table.index).round(2).to_numpy(),
            "change": (plan.spend.reindex(table.index) / today.where(today > 0) - 1).to_numpy(),
            "total": plan.totals.reindex(table.index).to_numpy(),
            "mroi": table["mroi"].to_numpy(),
        }
    )


def weekly_plan(steps: pd.DataFrame, days: int, start: dt.date, names: Mapping[str, str]) -> pd.DataFrame:
    """What to set in which week: the ladder up to the plan, then the plan until its last day.

    Args:
        steps: as ``plan.ladder.ladder`` gives them.
        days: length of the plan.
        start: first day.
        names: channel → name.

    Returns:
        One row per week and channel: week, first_day, last_day, channel, name, per_day, total (money),
        stop_roi, back_roi, stop_cost, back_cost (see ``ladder``; NaN once the plan is reached).
    """
    triggers = ["stop_roi", "back_roi", "stop_cost", "back_cost"]
    last = int(steps["week"].max())
    parts = []
    for week in range(1, -(-days // WEEK) + 1):
        part = steps[steps["week"] == min(week, last)]
        length = min(WEEK, days - WEEK * (week - 1))
        first = start + dt.timedelta(days=WEEK * (week - 1))
        told = part[triggers] if week <= last else part[triggers] * float("nan")
        parts.append(
            pd.DataFrame(
                {
                    "week": week, "first_day": first, "last_day": first + dt.timedelta(days=length - 1),
                    "channel": part["channel"], "name": [names.get(c, c) for c in part["channel"]],
                    "per_day": part["spend"].round(2), "total": (part["spend"] * length).round(2), **told,
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def week_settings(steps: pd.DataFrame, last_day: dt.date, names: Mapping[str, str]) -> pd.DataFrame:
    """What to set for the week after the data.

    Args:
        steps: ``plan.weekly.WeeklySteps.table``.
        last_day: last day of the data.
        names: channel → name.

    Returns:
        One row per channel: channel, name, first_day, last_day, today_per_day, week_per_day (money), change
        (share of today's; NaN from 0), total (money of the week), bid_factor (multiply bids by it), mroi,
        chance_above (that the next unit brings more than the account's average), verdict.
    """
    per_day = steps["next"].astype("float64").round(2)
    return pd.DataFrame(
        {
            "channel": steps["channel"],
            "name": [names.get(str(c), str(c)) for c in steps["channel"]],
            "first_day": last_day + dt.timedelta(days=1),
            "last_day": last_day + dt.timedelta(days=WEEK),
            "today_per_day": steps["today"].astype("float64").round(2),
            "week_per_day": per_day,
            "change": steps["change"].round(4),
            "total": (per_day * WEEK).round(2),
            "bid_factor": steps["bid_factor"].round(4),
            "mroi": steps["mroi"].round(3),
            "chance_above": steps["chance_above"],
            "verdict": steps["verdict"],
        }
    )

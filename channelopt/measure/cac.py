r"""The cost of a customer this quarter against the quarter before, customers still to come allowed for.

A day's leads have shown only the share G of their customers yet, so the day's spend counts with that share:
``cac = sum(spend * G) / sum(customers)``, the chain ladder's exposure. Days of which less than ``RIPE`` is
visible are left out. The change and its interval are those of ``compare.between_periods``; an alert needs the
lower end above the tolerance.

Source: Mack (1993), ASTIN Bulletin 23 (exposure by what has developed); see ``compare.py``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.measure.compare import between_periods
from channelopt.measure.maturity import Delays, visible_days
from channelopt.policy import Policy

#: Days of a quarter.
QUARTER = 91
#: Visible share below which a day's customers are too much guesswork.
RIPE = 0.5
STATUSES = ("above", "drifting", "within", "below", "unknown")


@dataclass(frozen=True)
class CacTrend:
    """Cost of a customer, quarter on quarter.

    Attributes:
        table: one row per channel: channel, before, now (money per customer), change (0.2 is 20% more), low,
            high, status: "above" (surely beyond the tolerance), "drifting" (dearer, not surely beyond it),
            "below" (surely cheaper), "within", "unknown" (NaN).
        before: first and last day of the baseline; None without enough days.
        now: first and last day of the quarter; None without enough days.
        left_out: days at the end that are too young.
        findings: alerts, and what is doubtful.
    """

    table: pd.DataFrame
    before: tuple[dt.date, dt.date] | None
    now: tuple[dt.date, dt.date] | None
    left_out: int
    findings: tuple[Finding, ...] = ()


def cac_trend(
    daily: pd.DataFrame, policy: Policy | None = None, delays: Delays | None = None, days: int = QUARTER
) -> CacTrend:
    """The cost of a customer over the last quarter against the one before.

    Args:
        daily: day, channel, spend, customers.
        policy: ``cac_tolerance``, interval.
        delays: from ``maturity.learn_delays``; without them late customers are not allowed for.
        days: length of either period.

    Raises:
        InputError: a column is missing.
    """
    rules = policy or Policy()
    require_columns(daily, ("day", "channel", "spend", "customers"))
    frame = daily[["day", "channel", "spend", "customers"]].copy()
    frame["day"] = pd.to_datetime(frame["day"]).dt.normalize()
    columns = ["channel", "before", "now", "change", "low", "high", "status"]
    frame, left_out = _ripe(frame, delays)
    found: list[Finding] = []
    if left_out:
        found.append(Finding("info", "measure.cac_young", {"days": left_out}))
    span = (frame["day"].max() - frame["day"].min()).days + 1 if len(frame) else 0
    if span < 2 * days:
        found.append(Finding("info", "measure.cac_short", {"days": span}))
        return CacTrend(pd.DataFrame(columns=columns), None, None, left_out, tuple(found))
    last = frame["day"].max()
    now = ((last - pd.Timedelta(days=days - 1)).date(), last.date())
    before = (now[0] - dt.timedelta(days=days), now[0] - dt.timedelta(days=1))
    table = between_periods(frame, "cac", before, now, policy=rules).rename(columns={"after": "now"})
    limit = rules.cac_tolerance - 1
    low, high, change = (table[c].to_numpy(dtype="float64") for c in ("low", "high", "change"))
    table["status"] = np.select(
        [~np.isfinite(low) | ~np.isfinite(high), low > limit, high < 0, change > limit],
        ["unknown", "above", "below", "drifting"], "within",
    )  # fmt: skip
    found += _said(table, limit)
    return CacTrend(table[columns], before, now, left_out, tuple(found))


def _ripe(frame: pd.DataFrame, delays: Delays | None) -> tuple[pd.DataFrame, int]:
    """Spend as far as its customers can be seen, without the days that are too young."""
    if delays is None or frame.empty:
        return frame, 0
    days = pd.DatetimeIndex(sorted(frame["day"].unique()))
    channels = sorted(frame["channel"].astype("str").unique())
    seen = visible_days(delays, channels, days)
    old = (seen >= RIPE).all(axis=0)
    end = days[old].max() if old.any() else days.min() - pd.Timedelta(days=1)
    kept = frame[frame["day"] <= end].copy()
    row = pd.Series(range(len(channels)), index=channels)[kept["channel"].astype("str")].to_numpy()
    kept["spend"] = kept["spend"] * seen[row, days.get_indexer(kept["day"])]
    return kept, int((days.max() - end).days)


def _said(table: pd.DataFrame, limit: float) -> list[Finding]:
    found = []
    for row in table.to_dict("records"):
        if row["status"] not in ("above", "drifting"):
            continue
        names = ("channel", "now", "before", "change", "low", "high")
        params = {name: row[name] for name in names} | {"limit": limit}
        severity = "warning" if row["status"] == "above" else "info"
        found.append(Finding(severity, f"measure.cac_{row['status']}", params))  # type: ignore[arg-type]
    return found

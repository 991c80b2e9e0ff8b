"""How a figure of a channel came about: the two sums, the days they run over, what was left out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import InputError, require_columns
from channelopt.measure.economics import RATIOS, RatioSpec

#: The steps of the funnel and what visits did, as ratios of two sums as well.
STEPS: tuple[RatioSpec, ...] = (
    RatioSpec("visit_rate", "sessions", "clicks", "numerator"),
    RatioSpec("form_rate", "form_starts", "sessions", "numerator"),
    RatioSpec("lead_rate", "leads", "sessions", "numerator"),
    RatioSpec("sent_rate", "leads", "form_starts", "numerator"),
    RatioSpec("valid_rate", "valid_leads", "leads", "numerator"),
    RatioSpec("qualified_rate", "qualified_leads", "valid_leads", "numerator"),
    RatioSpec("customer_rate", "customers", "qualified_leads", "numerator"),
    RatioSpec("bounce_rate", "bounces", "sessions", "numerator"),
    RatioSpec("dwell", "dwell_seconds", "sessions", "numerator"),
)
_ALL = (*RATIOS, *STEPS)
#: Every figure that can be traced.
TRACED = tuple(spec.name for spec in _ALL)


@dataclass(frozen=True)
class Trace:
    """One figure taken apart: ``value = scale * top_sum / bottom_sum / visible``.

    Attributes:
        metric: its name.
        value: the figure; NaN when the bottom is 0 or unknown.
        top: field that is summed above the line.
        top_sum: its sum over the days that count.
        bottom: field that is summed below the line.
        bottom_sum: its sum.
        scale: 1000 for cpm, else 1.
        visible: share of the eventual customers visible yet; 1 for what does not mature.
        days: days that count: both sides known, not both 0.
        first: first of them, None without any.
        last: last of them.
        left_out: days that know only one side, which are left out.
        daily: the days that count: day, top, bottom.
    """

    metric: str
    value: float
    top: str
    top_sum: float
    bottom: str
    bottom_sum: float
    scale: float
    visible: float
    days: int
    first: dt.date | None
    last: dt.date | None
    left_out: int
    daily: pd.DataFrame


def trace(daily: pd.DataFrame, channel: str, metric: str, visible: float = 1.0) -> Trace:
    """Take a figure apart.

    Args:
        daily: as for ``economics``, one row per day and channel.
        channel: channel key.
        metric: one of ``TRACED``.
        visible: maturity of the channel; NaN counts as 1. Used for roas and roi only.

    Raises:
        InputError: a column is missing; ``common.bad_setting`` for an unknown metric.
    """
    require_columns(daily, ("day", "channel", "spend"))
    spec = next((s for s in _ALL if s.name == metric), None)
    if spec is None:
        raise InputError("common.bad_setting", name="metric", value=metric, wanted=", ".join(TRACED))
    part = daily[(daily["channel"] == channel) & daily["day"].notna()]
    if "cost" not in part.columns:
        part = part.assign(cost=part["spend"])
    part = part.reindex(columns=["day", spec.top, spec.bottom]).sort_values("day", ignore_index=True)
    known = part[[spec.top, spec.bottom]].notna()
    counts = known.all(axis=1)
    rows = part[counts & (part[[spec.top, spec.bottom]] != 0).any(axis=1)].reset_index(drop=True)
    top, bottom = float(part.loc[counts, spec.top].sum()), float(part.loc[counts, spec.bottom].sum())
    share = visible if spec.count == "none" and np.isfinite(visible) else 1.0
    value = spec.scale * top / bottom / share if bottom > 0 else float("nan")
    return Trace(
        metric, value, spec.top, top, spec.bottom, bottom, spec.scale, share, len(rows),
        rows["day"].iloc[0].date() if len(rows) else None,
        rows["day"].iloc[-1].date() if len(rows) else None,
        int((known.any(axis=1) & ~counts).sum()), rows,
    )  # fmt: skip

"""Is the traffic worth its price: bounces, clicks that are too cheap, rejected leads, concentration."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.measure.grid import lay_out
from channelopt.policy import Policy

#: Sessions or clicks below which nothing is said about them.
LEAST_VISITS = 100
#: Rejected leads are mentioned from this share on, and from this many leads.
REJECTED_LIMIT, LEAST_LEADS = 0.3, 20
#: Days compared with the channel's own past.
RECENT_DAYS = 28
#: Without a market price, cheap clicks are suspicious when they convert this badly.
POOR_CONVERSION = 0.5


Row = Mapping[Hashable, Any]


@dataclass(frozen=True)
class Concentration:
    """How much of the cost hangs on one channel.

    Attributes:
        channel: the largest one; "" without cost.
        share: its share of the cost, NaN without cost.
        hhi: sum of squared shares, 1/n .. 1; NaN without cost.
    """

    channel: str
    share: float
    hhi: float


def concentration(table: pd.DataFrame) -> Concentration:
    """Concentration of the cost.

    Args:
        table: "channel" and "cost_share", as ``economics`` gives them.
    """
    shares = table.set_index("channel")["cost_share"].dropna()
    if shares.empty:
        return Concentration("", float("nan"), float("nan"))
    return Concentration(str(shares.idxmax()), float(shares.max()), float((shares**2).sum()))


def concentration_findings(table: pd.DataFrame, policy: Policy) -> tuple[Finding, ...]:
    """A warning when one of several channels takes more than ``policy.concentration_limit``."""
    found = concentration(table)
    if len(table) < 2 or not found.share > policy.concentration_limit:
        return ()
    return (
        Finding(
            "warning",
            "measure.concentration",
            {"channel": found.channel, "share": found.share, "limit": policy.concentration_limit},
        ),
    )


def cpc_range(daily: pd.DataFrame) -> pd.DataFrame:
    """How far the price of a click moves: the weekly CPC (sum/sum), 10th to 90th percentile.

    Args:
        daily: day, channel, spend, clicks. Weeks are counted back from the last day; only
            whole weeks count.

    Returns:
        channel, cpc_p10, cpc_p90 (NaN below three weeks), weeks.
    """
    require_columns(daily, ("day", "channel", "spend"))
    grid = lay_out(daily, ["channel"])
    spend, clicks = (np.nan_to_num(side) for side in grid.pair("spend", "clicks"))
    weeks = spend.shape[1] // 7
    table = grid.groups.copy()
    table["cpc_p10"] = table["cpc_p90"] = np.full(len(table), np.nan)
    table["weeks"] = 0
    if weeks == 0 or table.empty:
        return table
    shape = (len(table), weeks, 7)
    first = spend.shape[1] - 7 * weeks
    top, bottom = (side[:, first:].reshape(shape).sum(axis=2) for side in (spend, clicks))
    with np.errstate(divide="ignore", invalid="ignore"):
        weekly = np.where(bottom > 0, top / bottom, np.nan)
    table["weeks"] = np.isfinite(weekly).sum(axis=1)
    for at in np.flatnonzero(table["weeks"] >= 3):
        low, high = np.nanpercentile(weekly[at], [10, 90])
        table.loc[at, ["cpc_p10", "cpc_p90"]] = low, high
    return table


def traffic_quality(daily: pd.DataFrame, policy: Policy | None = None) -> pd.DataFrame:
    """The figures behind the quality findings, per channel.

    Args:
        daily: day, channel, spend and any of clicks, sessions, bounces, leads, valid_leads.
        policy: ``market_cpc`` and ``cheap_click_gap`` are used.

    Returns:
        channel, sessions, bounce_share, spend, clicks, cpc, cvr, cpl, cpvl, leads,
        rejected_share, reference (CPC it is held against), reference_kind ("market",
        "others" or ""), cpc_recent, cpc_before (last 28 days and all before); NaN unknown.
    """
    require_columns(daily, ("day", "channel", "spend"))
    rules = policy or Policy()
    grid = lay_out(daily, ["channel"])

    def ratio(top: str, bottom: str, days: slice = slice(None)) -> np.ndarray:
        x, y = (np.nansum(side[:, days], axis=1) for side in grid.pair(top, bottom))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(y > 0, x / y, np.nan)

    table = grid.groups.copy()
    for name in ("sessions", "clicks", "leads", "spend"):
        table[name] = np.nansum(grid.sums(grid.column(name)), axis=1)
    table["bounce_share"] = ratio("bounces", "sessions")
    table["cpc"], table["cvr"] = ratio("spend", "clicks"), ratio("leads", "clicks")
    table["cpl"], table["cpvl"] = ratio("spend", "leads"), ratio("spend", "valid_leads")
    table["rejected_share"] = 1 - ratio("valid_leads", "leads")
    table["cpc_recent"] = ratio("spend", "clicks", slice(-RECENT_DAYS, None))
    table["cpc_before"] = ratio("spend", "clicks", slice(None, -RECENT_DAYS))
    table["reference"], table["reference_kind"] = _references(table, rules)
    return table


def _references(table: pd.DataFrame, policy: Policy) -> tuple[np.ndarray, list[str]]:
    market = dict(policy.market_cpc or {})
    prices, kinds = np.full(len(table), np.nan), [""] * len(table)
    for at, channel in enumerate(table["channel"]):
        if channel in market:
            prices[at], kinds[at] = market[channel], "market"
            continue
        others = table["cpc"].drop(index=at).dropna()
        if len(others) >= 2:
            prices[at], kinds[at] = others.median(), "others"
    return prices, kinds


def quality_findings(table: pd.DataFrame, policy: Policy | None = None) -> dict[str, tuple[Finding, ...]]:
    """What is doubtful about each channel's traffic, with the money at stake.

    Channels differ in price by nature, so without a market price cheap clicks are only
    mentioned when they also bounce above the limit or convert less than half as often as
    the others.

    Args:
        table: as ``traffic_quality`` gives it.
        policy: thresholds.

    Returns:
        channel → findings; channels without any are left out.
    """
    rules = policy or Policy()
    usual_cvr = {c: table.loc[table["channel"] != c, "cvr"].median() for c in table["channel"]}
    found = {}
    for row in table.to_dict("records"):
        notes = [
            _bounces(row, rules),
            _cheap(row, rules, usual_cvr[row["channel"]]),
            _cheaper_than_before(row, rules),
            _rejected(row),
        ]
        kept = tuple(note for note in notes if note is not None)
        if kept:
            found[str(row["channel"])] = kept
    return found


def _bounces(row: Row, policy: Policy) -> Finding | None:
    if row["sessions"] < LEAST_VISITS or not row["bounce_share"] > policy.bounce_limit:
        return None
    stake = row["spend"] * row["bounce_share"]
    params = {"share": row["bounce_share"], "limit": policy.bounce_limit, "stake": stake}
    return Finding("warning", "measure.bounces", params)


def _cheap(row: Row, policy: Policy, usual_cvr: float) -> Finding | None:
    gap = 1 - row["cpc"] / row["reference"] if row["reference"] > 0 else float("nan")
    if row["clicks"] < LEAST_VISITS or not gap > policy.cheap_click_gap:
        return None
    params = {"cpc": row["cpc"], "gap": gap, "reference": row["reference"], "stake": row["spend"]}
    if row["reference_kind"] == "market":
        return Finding("warning", "measure.cheap_clicks", params)
    bad = row["bounce_share"] > policy.bounce_limit or row["cvr"] < POOR_CONVERSION * usual_cvr
    return Finding("warning", "measure.cheap_clicks_others", params) if bad else None


def _cheaper_than_before(row: Row, policy: Policy) -> Finding | None:
    before, now = row["cpc_before"], row["cpc_recent"]
    if row["clicks"] < LEAST_VISITS or not (before > 0 and 1 - now / before > policy.cheap_click_gap):
        return None
    stake = row["spend"]
    params = {"cpc": now, "gap": 1 - now / before, "reference": before, "stake": stake}
    return Finding("warning", "measure.cheap_clicks_history", params)


def _rejected(row: Row) -> Finding | None:
    if row["leads"] < LEAST_LEADS or not row["rejected_share"] > REJECTED_LIMIT:
        return None
    stake = row["spend"] * row["rejected_share"]
    params = {"share": row["rejected_share"], "cpl": row["cpl"], "cpvl": row["cpvl"], "stake": stake}
    return Finding("warning", "measure.rejected_leads", params)

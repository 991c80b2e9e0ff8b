"""Is the traffic worth its price: all doubts about it, what leads truly cost, and concentration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.measure.cheap import cheap_clicks
from channelopt.measure.delivery import delivery, delivery_doubts
from channelopt.measure.doubts import Doubt, Kind, at_stake
from channelopt.measure.grid import Array, Grid, lay_out
from channelopt.measure.invalid import invalid_traffic
from channelopt.measure.jumps import jumps
from channelopt.measure.ratios import ratio_of_sums
from channelopt.policy import Policy

#: Doubts whose money counts as wrong; a jump only says that something moved.
WRONG: tuple[Kind, ...] = ("invalid", "cheap", "delivery")
#: Doubts about visits; rejected leads are in the effective price already.
OF_VISITS = ("measure.bounces", "measure.short_dwell", "measure.arrivals", "measure.form_drops")
#: What the checks look at.
NEEDED = ("clicks", "sessions", "bounces", "form_starts", "leads", "valid_leads")
#: Words for the sum of squared shares: the US merger guidelines of 2023 call 0.18 and more concentrated.
MODERATE_HHI, HIGH_HHI = 0.10, 0.18


@dataclass(frozen=True)
class Concentration:
    """How much of the cost hangs on one channel.

    Attributes:
        channel: the largest one; "" without cost.
        share: its share of the cost, NaN without cost.
        hhi: sum of squared shares, 1/n .. 1; NaN without cost.
        channels: 1 / hhi, the number of equal channels that would be as concentrated.
        level: "spread", "moderate" or "high"; "" without cost.
    """

    channel: str
    share: float
    hhi: float
    channels: float = float("nan")
    level: str = ""


def concentration(table: pd.DataFrame) -> Concentration:
    """Concentration of the cost.

    Args:
        table: "channel" and "cost_share", as ``economics`` gives them.

    Source: Hirschman (1964), American Economic Review 54.
    """
    shares = table.set_index("channel")["cost_share"].dropna()
    if shares.empty:
        return Concentration("", float("nan"), float("nan"))
    hhi = float((shares**2).sum())
    level = "high" if hhi >= HIGH_HHI else "moderate" if hhi >= MODERATE_HHI else "spread"
    return Concentration(str(shares.idxmax()), float(shares.max()), hhi, 1 / hhi, level)


def concentration_findings(table: pd.DataFrame, policy: Policy) -> tuple[Finding, ...]:
    """A warning when one of several channels takes more than ``policy.concentration_limit``."""
    found = concentration(table)
    if len(table) < 2 or not found.share > policy.concentration_limit:
        return ()
    return (
        Finding(
            "warning",
            "measure.concentration",
            {
                "channel": found.channel,
                "share": found.share,
                "limit": policy.concentration_limit,
                "hhi": found.hhi,
                "channels": found.channels,
            },
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


@dataclass(frozen=True)
class Traffic:
    """What is doubtful about the traffic of every channel.

    Attributes:
        table: one row per channel, most money in doubt first: channel, spend, at_stake (money in
            doubt, no day's money twice, see ``doubts.at_stake``), stake_share (of the spend), cpl
            (nominal: spend / leads), cpvl (effective: spend / valid leads, those that came from
            people who could be reached), both with _low and _high; clean_cpl (the part of the effective one
            that paid for real visits: cpvl * (1 - share of visits that were nobody)) and
            wasted_cpl (the rest of it).
        doubts: every finding, most money first.
        delivery: contracts against what came, as ``delivery`` gives it.
        concentration: of the cost.
        unknown: those of ``NEEDED`` that no row knows, so that nothing was looked for in them.
    """

    table: pd.DataFrame
    doubts: tuple[Doubt, ...]
    delivery: pd.DataFrame
    concentration: Concentration
    unknown: tuple[str, ...] = ()

    @property
    def spend(self) -> float:
        """All spend."""
        return float(self.table["spend"].sum())

    @property
    def at_stake(self) -> float:
        """All money in doubt."""
        return float(self.table["at_stake"].sum())


def traffic_quality(
    daily: pd.DataFrame, policy: Policy | None = None, contracts: pd.DataFrame | None = None
) -> Traffic:
    """Everything doubtful about the traffic, with the money at stake.

    Args:
        daily: day, channel, spend and any of clicks, sessions, bounces, dwell_seconds, form_starts,
            platform_leads, leads, valid_leads, impressions.
        policy: thresholds; the default ones when left out.
        contracts: as ``Ledger.contracts`` gives them.

    Raises:
        InputError: day, channel or spend is missing.
    """
    require_columns(daily, ("day", "channel", "spend"))
    rules = policy or Policy()
    grid = lay_out(daily, ["channel"])
    if grid.groups.empty:
        return Traffic(_costs(grid, [], rules), (), delivery(grid, _no_contracts()), _of_cost(grid))
    invalid = invalid_traffic(grid, rules)
    bounced = {d.channel for d in invalid if d.finding.code == "measure.bounces"}
    due = delivery(grid, _no_contracts() if contracts is None else contracts)
    doubts = [
        *invalid,
        *cheap_clicks(grid, rules, bounced),
        *delivery_doubts(grid, due, rules),
        *jumps(grid),
    ]
    ranked = sorted(doubts, key=lambda d: (d.kind == "jump", -np.nan_to_num(d.stake), d.channel))
    unknown = tuple(name for name in NEEDED if not np.isfinite(grid.column(name)).any())
    return Traffic(_costs(grid, ranked, rules), tuple(ranked), due, _of_cost(grid), unknown)


def _no_contracts() -> pd.DataFrame:
    return pd.DataFrame({"contract_id": [], "channel": [], "impressions": [], "clicks": []})


def _of_cost(grid: Grid) -> Concentration:
    cost = np.nansum(grid.sums(grid.column("cost")), axis=1) if len(grid.groups) else np.zeros(0)
    share = cost / cost.sum() if cost.sum() > 0 else np.full(len(cost), np.nan)
    return concentration(pd.DataFrame({"channel": grid.groups["channel"], "cost_share": share}))


def _costs(grid: Grid, doubts: list[Doubt], policy: Policy) -> pd.DataFrame:
    table = grid.groups.copy()
    table["spend"] = _total(grid, "spend")
    table["at_stake"] = at_stake(doubts, table["channel"], WRONG)
    with np.errstate(divide="ignore", invalid="ignore"):
        table["stake_share"] = table["at_stake"] / table["spend"].where(table["spend"] > 0)
        visits = [d for d in doubts if d.finding.code.startswith(OF_VISITS)]
        empty = at_stake(visits, table["channel"], ("invalid",)) / table["spend"].to_numpy()
    for name, bottom in (("cpl", "leads"), ("cpvl", "valid_leads")):
        if grid.groups.empty:
            table[[name, f"{name}_low", f"{name}_high"]] = np.nan
            continue
        found = ratio_of_sums(*grid.pair("spend", bottom), level=policy.interval, count="denominator")
        table[name], table[f"{name}_low"], table[f"{name}_high"] = found.value, found.low, found.high
    table["clean_cpl"] = table["cpvl"] * (1 - np.nan_to_num(empty))
    table["wasted_cpl"] = table["cpvl"] - table["clean_cpl"]
    order = ["at_stake", "spend", "channel"]
    return table.sort_values(order, ascending=[False, False, True], ignore_index=True)


def _total(grid: Grid, name: str) -> Array:
    if grid.groups.empty:
        return np.zeros(0)
    return np.nansum(grid.sums(grid.column(name)), axis=1)


def quality_findings(traffic: Traffic, *, most: int = 3) -> dict[str, tuple[Finding, ...]]:
    """What is doubtful about each channel's traffic, for a card: the costliest first.

    Args:
        traffic: as ``traffic_quality`` gives it.
        most: findings per channel.

    Returns:
        channel → findings; channels without any are left out. Jumps that only inform are too.
    """
    found: dict[str, tuple[Finding, ...]] = {}
    for doubt in traffic.doubts:
        told = found.get(doubt.channel, ())
        if len(told) < most and doubt.finding.severity != "info":
            found[doubt.channel] = (*told, doubt.finding)
    return found

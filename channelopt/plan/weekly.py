r"""Weekly steps of budgets and bids: as far as one is sure, and never further than the step limit.

With :math:`m_{dc}` the marginal return of channel c in draw d of the curves, :math:`q_{dc}` how much more its
leads of late are worth than before (tiers of ``measure.tiers``; revenue will only show it weeks later), and
:math:`\lambda_d` the mean of :math:`m_{dc} q_{dc}` weighted by spend,

.. math:: budget:\ s (2 P(m_{dc} q_{dc} > \lambda_d) - 1) + \mu, \qquad bid:\ b (2 P(q_{dc} > 1) - 1)

with the step limits s and b of the policy; μ keeps the total, and no budget moves by more than s. A channel
that is dropped goes down a whole step, one of which nothing is known stays.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.focus import marginal_draws
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

#: Days that are "of late", and leads needed on either side to compare.
LATELY, LEAST_LEADS = 28, 20
#: Standard deviation of how the worth of a channel's leads usually changes, log scale.
USUAL_CHANGE = 0.15
#: A budget that changes by less than this share stays where it is.
STILL = 0.005
#: A bid is not touched for less than this share.
LEAST_BID = 0.01
SEED = 2026
STEP_COLUMNS = (
    "channel", "today", "next", "change", "bid_factor", "chance_above", "mroi", "quality", "verdict",
    "reason", "bid_reason",
)  # fmt: skip


@dataclass(frozen=True)
class WeeklySteps:
    """What to set for the coming week.

    Attributes:
        table: one row per channel of the curves; columns ``STEP_COLUMNS``. today, next: money per day;
            change: share of today's, NaN from 0; bid_factor: multiply the bid by it, NaN where none is set;
            chance_above: that its
            next unit brings more than the account's average; mroi: mean marginal return; quality: worth of
            its leads of late / before, drawn back, 1 where it is not known; reason, bid_reason: findings.
        total: money per day, the same before and after unless dropped channels leave no room.
        findings: what to know.
    """

    table: pd.DataFrame
    total: float
    findings: tuple[Finding, ...]

    @property
    def by_move(self) -> pd.DataFrame:
        """The table, what gains most money first, what loses most last."""
        moved = self.table["next"] - self.table["today"]
        return self.table.loc[moved.sort_values(ascending=False, kind="stable").index]

    @property
    def largest(self) -> tuple[str, str]:
        """The channels whose money goes up and down most; "" where none moves by half a per cent."""
        table = self.table.set_index("channel")
        moved = (table["next"] - table["today"])[table["change"].abs() >= STILL]
        up, down = moved[moved > 0], moved[moved < 0]
        return str(up.idxmax()) if len(up) else "", str(down.idxmin()) if len(down) else ""


def lead_quality(listed: pd.DataFrame, days: int = LATELY) -> pd.DataFrame:
    """How much more the leads of late are worth than those before.

    Args:
        listed: ``tiers(…, open_only=False).table``: created_at, channel, expected_value (or probability
            where no value is known).
        days: how many of the last days are "of late".

    Returns:
        Index channel: leads, recent (leads of late), log_change (log of the ratio of mean worths, drawn
        back by what is usual) and its sd. Channels with fewer than ``LEAST_LEADS`` on either side, or leads
        that are not scored, are left out.

    Raises:
        InputError: a column is missing.
    """
    require_columns(listed, ("created_at", "channel", "expected_value", "probability"))
    known = listed["expected_value"].notna().any()
    worth = listed["expected_value" if known else "probability"].astype("float64")
    created = pd.to_datetime(listed["created_at"])
    rows = pd.DataFrame({"channel": listed["channel"].astype("str"), "worth": worth, "late": False})
    rows["late"] = (created > created.max() - pd.Timedelta(days=days)).to_numpy()
    rows = rows[rows["worth"].notna()]
    found = {}
    for channel, own in rows.groupby("channel"):
        new, old = (own.loc[own["late"] == side, "worth"].to_numpy() for side in (True, False))
        if min(len(new), len(old)) < LEAST_LEADS or not min(new.mean(), old.mean()) > 0:
            continue
        variance = sum(float(x.var(ddof=1)) / len(x) / float(x.mean()) ** 2 for x in (new, old))
        keep = USUAL_CHANGE**2 / (USUAL_CHANGE**2 + variance)
        change = keep * float(np.log(new.mean() / old.mean()))
        found[str(channel)] = (len(own), len(new), change, float(np.sqrt(keep * variance)))
    columns = ["leads", "recent", "log_change", "sd"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns).rename_axis("channel")


def weekly_steps(
    curves: ResponseCurves,
    diagnosis: Diagnosis | None = None,
    quality: pd.DataFrame | None = None,
    policy: Policy | None = None,
    seed: int = SEED,
    bidding: Collection[str] | None = None,
) -> WeeklySteps:
    """Budgets and bids of the coming week.

    Args:
        curves: what spend brings.
        diagnosis: verdicts; without it no channel is dropped.
        quality: ``lead_quality``; without it bids stay.
        policy: ``budget_step`` and ``bid_step``; the diagnosis' own when left out.
        seed: same data and seed, same steps.
        bidding: channels whose clicks or views are bought at a bid; None takes every channel for one.
    """
    rules = policy or (diagnosis.policy if diagnosis is not None else Policy())
    names = list(curves.channels)
    today = curves.today.reindex(names).to_numpy(dtype="float64")
    margin, _ = marginal_draws(curves)
    better = _quality_draws(names, quality, len(margin), seed)
    worth = margin * better
    weight = today / today.sum() if today.sum() > 0 else np.full(len(names), 1 / len(names))
    above = worth > (worth @ weight)[:, None]
    level = np.isclose(worth, (worth @ weight)[:, None], rtol=1e-9)
    chance = np.where(level, 0.5, above).mean(axis=0)
    known = {} if diagnosis is None else diagnosis.verdicts.set_index("channel")["verdict"].to_dict()
    verdict = np.array([str(known.get(name, "unknown" if known else "test")) for name in names])
    planned, short = _budgets(today, chance, verdict, rules.budget_step)
    bid = rules.bid_step * (2 * np.where(better == 1, 0.5, better > 1).mean(axis=0) - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(today > 0, planned / today - 1, np.nan)
    table = pd.DataFrame(
        {
            "channel": names, "today": today, "next": planned, "change": change,
            "bid_factor": 1 + np.where(np.abs(bid) < LEAST_BID, 0.0, bid), "chance_above": chance,
            "mroi": margin.mean(axis=0), "quality": np.exp(np.log(better).mean(axis=0)), "verdict": verdict,
        }
    )  # fmt: skip
    table.loc[table["verdict"] == "drop", "bid_factor"] = 1 - rules.bid_step
    if bidding is not None:
        table.loc[~table["channel"].isin(list(bidding)), "bid_factor"] = np.nan
    scored = set() if quality is None else set(quality.index)
    table["reason"] = [_reason(row) for row in table.to_dict("records")]
    table["bid_reason"] = [_bid_reason(row, row["channel"] in scored) for row in table.to_dict("records")]
    return WeeklySteps(table[list(STEP_COLUMNS)], float(planned.sum()), _told(table, quality, short))


def _quality_draws(names: list[str], quality: pd.DataFrame | None, draws: int, seed: int) -> Array:
    """(draws, channels), worth of the leads of late / before; 1 where it is not known."""
    out = np.ones((draws, len(names)))
    if quality is None:
        return out
    require_columns(quality, ("log_change", "sd"))
    for c, name in enumerate(names):
        if name in quality.index:
            noise = np.random.default_rng([seed, c]).standard_normal(draws)
            row = quality.loc[name]
            out[:, c] = np.exp(float(row["log_change"]) + float(row["sd"]) * noise)
    return out


def _budgets(today: Array, chance: Array, verdict: npt.NDArray[Any], step: float) -> tuple[Array, float]:
    """Money per day of the coming week to the cent, and what of the total finds no room."""
    free = (verdict != "drop") & (verdict != "unknown")
    wish = np.where(free, step * (2 * chance - 1), np.where(verdict == "drop", -step, 0.0))
    low, high = -2 * step, 2 * step
    total = float(today.sum())
    for _ in range(100):
        shift = (low + high) / 2
        planned = today * (1 + np.where(free, np.clip(wish + shift, -step, step), wish))
        low, high = (low, shift) if planned.sum() > total else (shift, high)
    cents = np.round(planned, 2)
    room = np.flatnonzero(free & (today > 0) & (np.abs(planned - today) < step * today * 0.999))
    short = total - float(planned.sum())
    if len(room) and abs(short) < 1e-6 * max(total, 1.0):
        cents[room[np.argmax(today[room])]] += round(total - float(cents.sum()), 2)
    return cents, max(short, 0.0) if short > 1e-6 * max(total, 1.0) else 0.0


def _reason(row: dict[Any, Any]) -> Finding:
    params = {
        "channel": row["channel"], "chance": row["chance_above"], "mroi": row["mroi"],
        "quality": row["quality"] - 1,
    }  # fmt: skip
    if row["verdict"] == "drop":
        code = "drop"
    elif row["verdict"] == "unknown":
        code = "unknown"
    elif not row["today"] > 0:
        code = "paused"
    else:
        moved = row["next"] - row["today"]
        still = abs(moved) < STILL * row["today"]
        with_it = (row["chance_above"] - 0.5) * moved > 0
        code = "hold" if still else "balance" if not with_it else "up" if moved > 0 else "down"
    return Finding("info", f"plan.week_{code}", params)


def _bid_reason(row: dict[Any, Any], scored: bool) -> Finding:
    moved = row["bid_factor"] - 1
    if moved != moved:
        code = "none"
    elif row["verdict"] == "drop":
        code = "drop"
    elif not scored:
        code = "unknown"
    else:
        code = "same" if moved == 0 else "up" if moved > 0 else "down"
    params = {"channel": row["channel"], "change": abs(row["quality"] - 1)}
    return Finding("info", f"plan.week_bid_{code}", params)


def _told(table: pd.DataFrame, quality: pd.DataFrame | None, short: float) -> tuple[Finding, ...]:
    found = []
    if short > 0:
        found.append(Finding("info", "plan.week_less", {"amount": short}))
    if quality is None or not table["channel"].isin(quality.index).any():
        found.append(Finding("info", "plan.week_no_quality"))
    return tuple(found)

"""Next week's split of each channel's money among its hooks, where no test of them is running.

Hooks of one channel compete for the same money, so the exposure of ``rotation`` is money here and an event is
a lead (a valid one where the lead list names the campaigns): the split follows the chance to have the lowest
cost per lead. Campaigns fill up, so only ``policy.budget_step`` of a channel's money changes hands in a week
(what that costs: docs/methods.md). A channel with a running test is left
alone, because a split that moves ends a test.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.experiments.rows import variant_rows
from channelopt.plan.hooks import Hooks
from channelopt.plan.rotation import Rotation, rotation, towards
from channelopt.policy import Policy

#: Weeks of history that are looked at; older ones would count less than a tenth.
WEEKS = 26
#: Leads per hook below which a split is mostly luck.
FEW = 20
HOOK_ROTATION_COLUMNS = (
    "channel", "hook", "now", "next", "aim", "chance_best", "cpl", "cpl_low", "cpl_high", "leads",
    "spend", "counted",
)  # fmt: skip


@dataclass(frozen=True)
class HookRotation:
    """Next week's split.

    Attributes:
        table: one row per hook, by channel, the largest share first; columns ``HOOK_ROTATION_COLUMNS``. now:
            share of the channel's money in the last week; next: share of the coming one; aim: the share the
            steps lead to; all three add up to 1 in a channel. chance_best: to have the lowest cost per lead;
            cpl…: money per lead with the policy's interval, older weeks counting less; leads, spend: sums of
            the weeks looked at, as they are; counted: "valid_leads", "leads" or "platform_leads".
        floors: channel → least share of a hook.
        notes: channel → what to know about its split.
        findings: which channels are left out, and why.
    """

    table: pd.DataFrame
    floors: Mapping[str, float]
    notes: Mapping[str, tuple[Finding, ...]]
    findings: tuple[Finding, ...]


def hook_rotation(
    daily: pd.DataFrame,
    hooks: Hooks,
    testing: Collection[str] = (),
    policy: Policy | None = None,
) -> HookRotation:
    """Split the coming week's money among the hooks of each channel.

    Args:
        daily: ``Ledger.daily(by=("day", "channel", "campaign"))``.
        hooks: name → (channel, campaigns).
        testing: channels in which a test is running.
        policy: ``explore_floor``, ``rotation_memory``, ``budget_step``, ``interval``, ``confidence``.

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("day", "channel", "campaign", "spend", "clicks"))
    rules = policy or Policy()
    parts, floors, notes = [], {}, {}
    out: dict[str, list[str]] = {"testing": [], "uncounted": []}
    last = pd.to_datetime(daily["day"]).max() if len(daily) else pd.NaT
    for channel in dict.fromkeys(channel for channel, _ in hooks.values()):
        own = {name: list(campaigns) for name, (where, campaigns) in hooks.items() if where == channel}
        weeks, counted = _weeks(daily, channel, own, last)
        running = weeks[(weeks["week"] == 0) & (weeks["exposure"] > 0)]
        if len(running) < 2:
            continue
        reason = "testing" if channel in testing else "" if weeks["events"].sum() > 0 else "uncounted"
        if reason:
            out[reason].append(channel)
            continue
        found = rotation(weeks[weeks["arm"].isin(running["arm"])], rules)
        parts.append(_described(channel, found, weeks, counted, rules.budget_step))
        floors[channel] = found.floor
        notes[channel] = (*found.findings, *_few(parts[-1]))
    findings = [
        Finding("info", f"plan.rotation_{code}", {"channels": ", ".join(names)})
        for code, names in out.items()
        if names
    ]
    if not parts:
        findings.insert(0, Finding("info", "plan.rotation_nobody"))
    empty = pd.DataFrame(columns=list(HOOK_ROTATION_COLUMNS))
    table = pd.concat(parts, ignore_index=True) if parts else empty
    return HookRotation(table, floors, notes, tuple(findings))


def _weeks(
    daily: pd.DataFrame, channel: str, own: Mapping[str, list[str]], last: pd.Timestamp
) -> tuple[pd.DataFrame, str]:
    """Rows of ``rotation`` by week (0 is the last one, going back from the last day), and what is counted."""
    needed = daily.assign(**{c: 0.0 for c in ("leads", "platform_leads") if c not in daily.columns})
    made = variant_rows(needed, channel, own)
    frame = made.frame
    counted = "platform_leads" if made.findings else "leads"
    if not made.findings and "valid_leads" in frame.columns and frame["valid_leads"].sum() > 0:
        counted = "valid_leads"
    events = frame[counted if counted == "valid_leads" else "leads"].fillna(0.0).astype("float64")
    rows = pd.DataFrame(
        {
            "week": -((last - pd.to_datetime(frame["day"])).dt.days // 7), "arm": frame["variant"],
            "exposure": frame["spend"].fillna(0.0).astype("float64"), "events": events,
        }
    )  # fmt: skip
    rows = rows[rows["week"] > -WEEKS]
    return rows.groupby(["week", "arm"], as_index=False)[["exposure", "events"]].sum(), counted


def _described(channel: str, found: Rotation, weeks: pd.DataFrame, counted: str, step: float) -> pd.DataFrame:
    split = found.table
    sums = weeks.groupby("arm")[["exposure", "events"]].sum().reindex(split["arm"])
    lately = weeks[weeks["week"] == 0].set_index("arm")["exposure"].reindex(split["arm"])
    now = (lately / lately.sum()).to_numpy("float64")
    table: dict[str, Any] = {
        "channel": channel, "hook": split["arm"], "now": now,
        "next": towards(split["share"].to_numpy("float64"), now, step, found.floor), "aim": split["share"],
        "chance_best": split["chance_best"], "cpl": 1 / split["rate"],
        "cpl_low": 1 / split["rate_high"], "cpl_high": 1 / split["rate_low"],
        "leads": sums["events"].to_numpy(), "spend": sums["exposure"].to_numpy(), "counted": counted,
    }  # fmt: skip
    return pd.DataFrame(table)[list(HOOK_ROTATION_COLUMNS)]


def _few(table: pd.DataFrame) -> tuple[Finding, ...]:
    leads = float(table["leads"].sum())
    if leads >= FEW * len(table):
        return ()
    return (Finding("warning", "plan.rotation_few", {"n": leads, "need": FEW * len(table)}),)

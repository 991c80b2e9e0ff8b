r"""Hooks: what makes people leave their contact, how well each does it, and what its tests say.

A hook (free sample, trial package, expert answers …) is one campaign or several. Its capture rate is the
leads per click of these campaigns, with the interval of ``measure.economics``: a comparison, because nobody
drew who saw which hook. A test tells more: its lift is drawn back by what hooks usually do
(``experiments.luck``), so that a winner that was found early or among many does not promise its luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.experiments.abtest import Reading
from channelopt.experiments.design import TestPlan
from channelopt.experiments.luck import without_luck
from channelopt.experiments.record import Recorded
from channelopt.experiments.rows import variant_rows
from channelopt.measure.economics import economics
from channelopt.plan.goods import refuse
from channelopt.policy import Policy

#: Kinds of tests that are about what people are offered.
HOOK_KINDS = ("hook", "page", "creative")
#: hook → (channel, its campaigns).
Hooks = Mapping[str, tuple[str, Sequence[str]]]

HOOK_COLUMNS = (
    "hook", "channel", "campaigns", "spend", "clicks", "leads", "capture", "capture_low", "capture_high",
    "cpl", "cpl_low", "cpl_high", "against_others", "counted_by",
)  # fmt: skip
_CAPTURED = ["capture", "capture_low", "capture_high", "cpl", "cpl_low", "cpl_high"]
TEST_COLUMNS = (
    "number", "name", "kind", "state", "channel", "outcome", "variant", "lift", "lift_low", "lift_high",
    "expected_lift", "log_mean", "log_sd", "share", "next_look_on", "readable", "metric", "effect",
    "expected_effect", "gain", "gain_low", "gain_high",
)  # fmt: skip


@dataclass(frozen=True)
class HookBoard:
    """The hooks and their tests.

    Attributes:
        hooks: one row per hook, the best capture rate of each channel first; columns ``HOOK_COLUMNS``.
            capture is leads / clicks with the policy's interval, NaN without clicks; cpl is spend / leads;
            against_others is the capture rate of the channel's other hooks together, NaN without any;
            counted_by: "crm" or "platform" (no lead of the list names one of the campaigns).
        tests: one row per test of a hook, page or creative, newest first; columns ``TEST_COLUMNS``. lift
            and its ends are relative and as seen (above 0 is good); expected_lift is drawn back, log_mean and
            log_sd the same on the log scale; effect and expected_effect have the metric's own sign; gain and
            its ends are the money a month of the expected effect if shipped; share is what the treatment
            gets while it runs; figures are NaN until they may be read.
        findings: what is doubtful.
    """

    hooks: pd.DataFrame
    tests: pd.DataFrame
    findings: tuple[Finding, ...]


def hook_board(
    daily: pd.DataFrame,
    hooks: Hooks,
    tests: Sequence[Recorded] = (),
    channels: Mapping[int, str] | None = None,
    policy: Policy | None = None,
) -> HookBoard:
    """How well each hook captures, and what the tests say.

    Args:
        daily: ``Ledger.daily(by=("day", "channel", "campaign"))``.
        hooks: name → (channel, campaigns); a campaign belongs to one hook only.
        tests: ``experiments.record.recorded``.
        channels: test number → channel, see ``channels_of``.
        policy: ``interval`` and ``usual_lift``.

    Raises:
        InputError: a column is missing.
        PlanError: ``plan.bad_option`` for a campaign in two hooks.
    """
    rules = policy or Policy()
    require_columns(daily, ("day", "channel", "campaign", "spend", "clicks"))
    _check(hooks)
    used = dict.fromkeys(channel for channel, _ in hooks.values())
    rows = [_captured(daily, channel, hooks, rules) for channel in used]
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(HOOK_COLUMNS))
    found: list[Finding] = []
    empty = table[table["clicks"].fillna(0) <= 0]
    if len(empty):
        found.append(Finding("warning", "plan.hook_no_clicks", {"names": ", ".join(empty["hook"])}))
    if (table["counted_by"] == "platform").any():
        names = ", ".join(table.loc[table["counted_by"] == "platform", "hook"])
        found.append(Finding("info", "plan.hook_platform_leads", {"names": names}))
    if len(table):
        found.append(Finding("info", "plan.hook_comparison"))
    return HookBoard(table[list(HOOK_COLUMNS)], rows_of_tests(tests, channels or {}, rules), tuple(found))


def channels_of(experiments: pd.DataFrame) -> dict[int, str]:
    """Test number → channel, from ``Ledger.experiments``; tests of files of rows name none."""
    pairs = zip(experiments["experiment_id"], experiments["settings"], strict=True)
    return {int(number): str(given["channel"]) for number, given in pairs if given.get("channel")}


def _check(hooks: Hooks) -> None:
    seen: dict[tuple[str, str], str] = {}
    for name, (channel, campaigns) in hooks.items():
        for campaign in campaigns:
            if (channel, campaign) in seen:
                both = f"{seen[channel, campaign]} and {name}"
                refuse("hooks", campaign, f"one hook per campaign, not both {both}")
            seen[channel, campaign] = name


def _captured(daily: pd.DataFrame, channel: str, hooks: Hooks, policy: Policy) -> pd.DataFrame:
    own = {name: list(campaigns) for name, (where, campaigns) in hooks.items() if where == channel}
    needed = daily.assign(**{c: np.nan for c in ("leads", "platform_leads") if c not in daily.columns})
    made = variant_rows(needed, channel, own)
    frame = made.frame
    figures = economics(frame, by="variant", policy=policy).set_index("variant").reindex(list(own))
    names = [", ".join(campaigns) for campaigns in own.values()]
    table = pd.DataFrame({"hook": list(own), "channel": channel, "campaigns": names})
    for name, column in (("capture", "cvr"), ("cpl", "cpl")):
        for end in ("", "_low", "_high"):
            table[name + end] = figures[column + end].to_numpy(dtype="float64")
    for name in ("spend", "clicks", "leads"):
        table[name] = figures[name].to_numpy(dtype="float64")
    counted = table["leads"].sum() > 0
    if not counted:  # nobody counts leads by campaign here: unknown, not 0
        table[["leads", *_CAPTURED]] = np.nan
    clicks, leads = table["clicks"].fillna(0), table["leads"].fillna(0)
    others = clicks.sum() - clicks
    table["against_others"] = ((leads.sum() - leads) / others.where(counted & (others > 0))).astype("float64")
    table["counted_by"] = "platform" if made.findings else "crm"
    return table.sort_values("capture", ascending=False, ignore_index=True, na_position="last")


def rows_of_tests(tests: Sequence[Recorded], channels: Mapping[int, str], policy: Policy) -> pd.DataFrame:
    """Tests of hooks, pages and creatives as rows; see ``HookBoard.tests``."""
    rows = [
        _tested(one, channels.get(one.number, ""), policy)
        for one in tests
        if one.kind in HOOK_KINDS and isinstance(one.reading, Reading) and isinstance(one.plan, TestPlan)
    ]
    return pd.DataFrame(rows, columns=list(TEST_COLUMNS))


def _tested(one: Recorded, channel: str, policy: Policy) -> dict[str, Any]:
    names = (
        "lift",
        "lift_low",
        "lift_high",
        "expected_lift",
        "log_mean",
        "log_sd",
        "effect",
        "expected_effect",
    )
    nothing = dict.fromkeys((*names, "gain", "gain_low", "gain_high"), np.nan)
    row: dict[str, Any] = {
        "number": one.number, "name": one.name, "kind": one.kind, "state": one.state, "channel": channel,
        "outcome": one.reading.outcome, "variant": "", **nothing, "share": 0.0,
        "next_look_on": one.next_look_on, "readable": False, "metric": one.metric,
    }  # fmt: skip
    if not len(one.shown) or not isinstance(one.plan, TestPlan):
        return row
    best = one.effect
    if best["variant"] not in set(one.shown["variant"]):
        best = one.shown.iloc[0]
    lower = one.plan.metric.lower_is_better
    ends = [_good(float(best[f"rel_{name}"]), lower) for name in ("effect_size", "ci_low", "ci_high")]
    left = without_luck(best, one.plan, policy.usual_lift, policy.interval)
    share = one.plan.shares[one.plan.variants.index(str(best["variant"]))] if one.state == "running" else 0.0
    return row | {
        "variant": str(best["variant"]), "lift": ends[0], "lift_low": min(ends[1:]),
        "lift_high": max(ends[1:]), "expected_lift": left.lift, "log_mean": left.log_mean,
        "log_sd": left.log_sd, "share": float(share), "readable": bool(np.isfinite(left.log_mean)),
        "effect": float(best["rel_effect_size"]), "expected_effect": left.effect, "gain": left.gain,
        "gain_low": left.gain_low, "gain_high": left.gain_high,
    }  # fmt: skip


def _good(relative: float, lower_is_better: bool) -> float:
    """A relative effect as a lift, above 0 good: half the cost per lead is twice the leads."""
    if not lower_is_better or relative != relative:
        return relative
    return float(np.inf) if relative <= -1 else 1 / (1 + relative) - 1

"""Stage 1: a verdict per channel — keep, test, drop or unknown — with the evidence and the reasons.

``drop`` when the chance that the return lies below the floor reaches ``policy.confidence``,
``keep`` when the chance that it does not reaches it, else ``test``; ``unknown`` without cost or
outcome. The chance allows for late customers and for looking every week (``evidence.py``).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.measure.backfill import FilledIn, learn_backfill
from channelopt.measure.economics import economics
from channelopt.measure.funnel import Funnel, funnel, weak_step_findings
from channelopt.measure.maturity import Delays, learn_delays
from channelopt.measure.quality import (
    Traffic,
    concentration_findings,
    cpc_range,
    quality_findings,
    traffic_quality,
)
from channelopt.plan.credit import credit_in_force
from channelopt.plan.evidence import gather
from channelopt.plan.looks import LOOKS, MEASURED, TRADE
from channelopt.plan.reasons import main_sentence, other_reasons
from channelopt.policy import Policy

#: From this many drops with this share of the spend on, the page proposes steps, not a cliff.
MANY_DROPS, MUCH_SPEND = 2, 0.25
#: Share of a day's outcome from which on it counts as filled in.
RIPE = 0.95

#: What is unknown of every channel while no revenue is known.
_RETURNS = ("roi", "roi_low", "roi_high", "roi_as_seen", "p_below_floor")

VERDICT_COLUMNS = (
    "channel", "verdict", "plain_verdict", "roi", "roi_low", "roi_high", "roi_as_seen",
    "p_below_floor", "maturity", "spend", "cost", "spend_share", "cost_share", "cpc", "cpc_low",
    "cpc_high", "cpc_p10", "cpc_p90", "cpl", "cpvl", "cac", "leads", "valid_leads", "customers",
    "revenue", "loss", "drop_rank", "spend_to_decide", "days_to_decide", "worth", "matched_share", "reasons",
)  # fmt: skip


class Source(Protocol):
    """What a diagnosis needs of a ledger."""

    @property
    def policy(self) -> Policy:
        """The rules in force."""

    @property
    def as_of(self) -> dt.date | None:
        """Newest moment the lead data know of."""

    def daily(self) -> pd.DataFrame:
        """Sums by day and channel."""

    def leads(self) -> pd.DataFrame:
        """One row per lead of record."""

    def findings(self) -> tuple[Finding, ...]:
        """Open doubts of the whole ledger."""


@runtime_checkable
class Contracted(Protocol):
    """A source that also knows what was contracted."""

    def contracts(self) -> pd.DataFrame:
        """Contracts in force."""


class _Grown(Protocol):
    """Days that came in more than once."""

    pairs: pd.DataFrame
    as_of: dt.date | None


@runtime_checkable
class Refilled(Protocol):
    """A source that also knows how later uploads of the same days grew."""

    def regrowth(self) -> _Grown:
        """Days that several exports hold, and how their outcomes grew."""


@dataclass(frozen=True)
class Diagnosis:
    """The verdicts of stage 1.

    Attributes:
        verdicts: one row per channel, largest cost first, columns ``VERDICT_COLUMNS``.
            Money in the workspace currency; roi… are multiples (revenue / cost), matured
            except ``roi_as_seen``; ``maturity`` is NaN when lead dates are unknown; ``loss``
            is cost minus matured revenue, at least 0; ``drop_rank`` is 1 for the drop to
            make first; ``spend_to_decide`` and ``days_to_decide`` are 0 when decided, NaN
            when a year would not do, ``worth`` what deciding is expected to gain over a
            quarter; ``cpc_p10``/``cpc_p90`` is the weekly fluctuation;
            ``matched_share`` is the share of cost whose outcome is known; ``reasons`` is a
            tuple of findings, the card's sentence first.
        findings: what concerns the whole.
        policy: the rules used.
        day_first: first day of the data, None without any.
        day_last: last day.
        as_of: the moment the lead data know of, None without lead dates.
        immature_from: first day whose leads show less than 90% of their eventual customers;
            None when the delay is unknown.
        traffic: what is doubtful about the traffic, with the money at stake.
        funnel: the steps and the behaviour of every channel against the others.
    """

    verdicts: pd.DataFrame
    findings: tuple[Finding, ...]
    policy: Policy
    day_first: dt.date | None
    day_last: dt.date | None
    as_of: dt.date | None = None
    immature_from: pd.Timestamp | None = None
    delays: Delays | None = field(default=None, repr=False)
    traffic: Traffic | None = field(default=None, repr=False)
    funnel: Funnel | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Facts:
    """What a source knows, and every channel judged by it, without the reasons.

    ``bought`` are its daily figures, ``daily`` the same with outcomes credited by the model in force.
    """

    table: pd.DataFrame
    daily: pd.DataFrame
    bought: pd.DataFrame
    policy: Policy
    known: tuple[Finding, ...] = ()
    as_of: dt.date | None = None
    delays: Delays | None = None
    contracts: pd.DataFrame | None = None


def diagnose(source: pd.DataFrame | Source, policy: Policy | None = None) -> Diagnosis:
    """Judge every channel.

    Args:
        source: a daily table (day, channel, spend, and any of ``fields.DAILY_METRICS``), or
            a ledger, whose lead dates then tell how many customers are still to come.
        policy: the rules; the ledger's own, or the default ones, when left out.

    Raises:
        InputError: the table lacks day, channel or spend.
    """
    facts = _facts(source, policy)
    table, rules, delays = facts.table, facts.policy, facts.delays
    traffic = traffic_quality(facts.bought, rules, facts.contracts)
    steps = funnel(facts.bought, delays, rules)
    reasons = _reasons(table, steps, rules, quality_findings(traffic))
    table["reasons"] = pd.Series(reasons, index=table.index, dtype="object")
    days = pd.to_datetime(facts.daily["day"])
    return Diagnosis(
        verdicts=table[list(VERDICT_COLUMNS)],
        findings=(*facts.known, *_whole(table, delays, rules)),
        policy=rules,
        day_first=days.min().date() if len(days) else None,
        day_last=days.max().date() if len(days) else None,
        as_of=facts.as_of,
        immature_from=delays.immature_from() if delays else None,
        delays=delays,
        traffic=traffic,
        funnel=steps,
    )


def verdicts(source: pd.DataFrame | Source, policy: Policy | None = None) -> pd.DataFrame:
    """``Diagnosis.verdicts`` without the reasons, for those who judge the same data many times.

    Raises:
        InputError: as ``diagnose``.
    """
    return _facts(source, policy).table[[name for name in VERDICT_COLUMNS if name != "reasons"]]


def judged(
    source: pd.DataFrame | Source, policy: Policy | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, Delays | None]:
    """Verdicts as ``verdicts`` gives them, with what a plan goes on from.

    Returns:
        Verdicts; the daily rows, outcomes credited by the model in force; how late customers come, None when
        that is not known.

    Raises:
        InputError: as ``diagnose``.
    """
    facts = _facts(source, policy)
    kept = [name for name in VERDICT_COLUMNS if name != "reasons"]
    return facts.table[kept], facts.daily, facts.delays


def _facts(source: pd.DataFrame | Source, policy: Policy | None) -> _Facts:
    if isinstance(source, pd.DataFrame):
        rules = policy or Policy()
        require_columns(source, ("day", "channel", "spend"))
        return _Facts(_judged(source, gather(source, None, rules), rules), source, source, rules)
    bought, as_of, rules = source.daily(), source.as_of, policy or source.policy
    require_columns(bought, ("day", "channel", "spend"))
    credit = credit_in_force(source, bought, rules)
    leads = source.leads()
    delays = learn_delays(leads, as_of) if as_of is not None and len(leads) else None
    if not len(leads):
        delays = _from_uploads(source)
    evidence = gather(credit.daily, delays, rules, orders=_sold(leads), credit_var=credit.log_var)
    if delays is None and leads["customer_at"].notna().any():
        # customers carry dates, but too few to know how late the others come
        evidence = evidence.assign(p_below_floor=np.nan, roi_low=np.nan, roi_high=np.nan, enough=False)
    return _Facts(
        table=_judged(credit.daily, evidence, rules),
        daily=credit.daily,
        bought=bought,
        policy=rules,
        known=(*source.findings(), *credit.findings),
        as_of=as_of,
        delays=delays,
        contracts=source.contracts() if isinstance(source, Contracted) else None,
    )


def _from_uploads(source: Source) -> Delays | None:
    """Without a lead list: how recent days fill in, from days that came in more than once."""
    grown = source.regrowth() if isinstance(source, Refilled) else None
    return None if grown is None or grown.as_of is None else learn_backfill(grown.pairs, grown.as_of)


def _sold(leads: pd.DataFrame) -> pd.DataFrame | None:
    """The leads with what they were worth, where the lead list says it."""
    return leads if "revenue" in leads.columns else None


def _judged(daily: pd.DataFrame, evidence: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    table = economics(daily, policy=policy).drop(columns=["roi", "roi_low", "roi_high"])
    table = table.merge(evidence, on="channel", how="left")
    table = table.merge(cpc_range(daily).drop(columns="weeks"), on="channel", how="left")
    if _worthless(table).any() and not table["matched_revenue"].any():
        table[list(_RETURNS)] = np.nan  # nothing earned anywhere: no return of 0 that means unknown
    table["verdict"] = _verdicts(table, policy)
    seen = table["roi_as_seen"].mask(_worthless(table))
    plain = np.where(seen < policy.roi_floor, "drop", "keep")
    table["plain_verdict"] = np.where(seen.isna(), "unknown", plain)
    with np.errstate(invalid="ignore"):
        table["matched_share"] = table["matched_cost"] / table["cost"].where(table["cost"] > 0)
    table["loss"] = (table["matched_cost"] * (1 - table["roi"])).clip(lower=0)
    table["spend_to_decide"], table["days_to_decide"] = table["extra_cost"], table["extra_days"]
    table["drop_rank"] = _drop_order(table, policy)
    return table.sort_values(["cost", "channel"], ascending=[False, True], ignore_index=True)


def _verdicts(table: pd.DataFrame, policy: Policy) -> np.ndarray:
    p, enough = table["p_below_floor"], table["enough"].astype(bool)
    known = table["roi_as_seen"].notna() & ~_worthless(table)
    drop = known & (p >= policy.confidence)
    keep = known & enough & (1 - p >= policy.confidence)
    return np.select([~known, drop, keep], ["unknown", "drop", "keep"], "test")


def _worthless(table: pd.DataFrame) -> pd.Series:
    """Customers, but every one of them with a revenue of 0: the revenue is missing, not zero."""
    return (table["customers"] > 0) & (table["matched_revenue"] == 0)


def _drop_order(table: pd.DataFrame, policy: Policy) -> pd.Series:
    """1, 2, … over the drops: below break-even first, then by what they miss against the bar."""
    drops = table[table["verdict"] == "drop"]
    missed = drops["matched_cost"] * (policy.roi_floor - drops["roi"])
    order = pd.DataFrame({"above": drops["roi"] >= policy.break_even, "missed": -missed})
    ranked = order.sort_values(["above", "missed"]).index
    return pd.Series(np.arange(1.0, len(ranked) + 1), index=ranked).reindex(table.index)


def _reasons(
    table: pd.DataFrame, steps: Funnel, policy: Policy, doubts: dict[str, tuple[Finding, ...]]
) -> list[tuple[Finding, ...]]:
    weak = weak_step_findings(steps.steps)
    cheapest = {
        name: str(table["channel"].iloc[int(table[name].argmin())])
        for name in ("cpl", "cpc")
        if table[name].notna().sum() >= 3
    }
    found = []
    for row in table.to_dict("records"):
        quality = doubts.get(row["channel"], ())
        if row["verdict"] in ("test", "drop") and row["channel"] in weak:
            quality = (*quality, weak[row["channel"]])
        found.append((main_sentence(row, policy), *other_reasons(row, policy, cheapest, quality)))
    return found


def _whole(table: pd.DataFrame, delays: Delays | None, policy: Policy) -> list[Finding]:
    found: list[Finding] = list(concentration_findings(table, policy))
    drops = table[table["verdict"] == "drop"].sort_values("drop_rank")
    if len(drops) >= MANY_DROPS and drops["spend_share"].sum() >= MUCH_SPEND:
        params = {"n": len(drops), "share": float(drops["spend_share"].sum())}
        found.append(Finding("warning", "plan.many_below", params | {"channel": drops["channel"].iloc[0]}))
    if len(table) and (table["verdict"] == "unknown").all():
        bought = bool(table["customers"].sum() > 0)
        found.append(Finding("warning", "plan.no_revenue" if bought else "plan.nothing_known"))
    else:
        if delays is None:
            found.append(Finding("info", "plan.no_delay"))
        elif isinstance(delays.pooled, FilledIn):
            found.append(_filling_in(delays.pooled))
        found.append(_weekly_looks(policy))
        found += _trade(policy)
    return found


def _filling_in(curve: FilledIn) -> Finding:
    """How fast the platforms fill in a day."""
    ripe = np.flatnonzero(curve.share >= RIPE)
    days = int(ripe[0]) if len(ripe) else len(curve.share)
    params = {"share": float(curve.share[0]), "ripe": RIPE, "days": days, "n": curve.customers}
    return Finding("info", "plan.filling_in", params)


def _trade(policy: Policy) -> list[Finding]:
    """What this rule gives up and gains against the plain one, where it was measured."""
    if policy.confidence not in TRADE:
        return []
    high_volume, low_volume, rule = TRADE[policy.confidence]
    params = {"plain_low": high_volume, "plain_high": low_volume, "rule": rule}
    return [Finding("info", "plan.trade", params)]


def _weekly_looks(policy: Policy) -> Finding:
    """What looking every week costs: aimed at, and measured where it was."""
    params = {"looks": LOOKS, "error": 1 - policy.confidence}
    if policy.confidence not in MEASURED:
        return Finding("info", "plan.weekly_looks", params)
    low, high = MEASURED[policy.confidence]
    return Finding("info", "plan.weekly_looks_measured", {**params, "low": low, "high": high})

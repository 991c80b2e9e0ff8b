r"""Stage 2: the TOP N channels by what their next unit of money brings, and the way to put the money there.

With :math:`m_{dc}` what the next unit of money brings on channel c at today's spend in draw d of the
posterior (money, where the worth of an outcome is known), channels are ranked by the mean over d. Only
those qualify that are not dropped, of which something is known (curves of overall results say something of
every channel), and whose next unit is expected to come back. The chance to be among the best N is the share
of draws in which at most N - 1 of the others bring more, those whose next unit hardly comes back among them:

.. math:: P_c = \frac1D \sum_d 1\{\#\{k : m_{dk} > m_{dc}\} < N\}.

The others keep ``policy.keep_alive`` of today's spend, dropped ones nothing; ``allocate`` splits the rest
among the chosen, and ``ladder`` says how to get there in equal weekly steps, none of them more than
``policy.budget_step`` of a channel's spend of today.

Source: Bechhofer (1954), Annals of Mathematical Statistics 25, for selecting the best; Dorfman & Steiner
(1954).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.allocation import allocate
from channelopt.plan.chances import beats, same
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.goods import MONEY, refuse
from channelopt.plan.ladder import ladder
from channelopt.plan.limits import START
from channelopt.plan.planned import Band, Plan, band
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

FOCUS_COLUMNS = (
    "channel", "rank", "chosen", "p_best_n", "mroi", "mroi_low", "mroi_high", "verdict", "today", "planned",
    "change", "identified", "reason",
)  # fmt: skip
#: Verdicts that keep a channel out; where no channel is credited with anything, none has a verdict.
OUT, OUT_OF_TOTAL = ("drop", "unknown"), ("drop",)


@dataclass(frozen=True)
class Focus:
    """Where the money goes now.

    Attributes:
        table: one row per channel, the chosen first, then the others that qualify, then the rest; columns
            ``FOCUS_COLUMNS``. rank: 1, 2, … by expected marginal value, NaN where it does not qualify;
            p_best_n: chance to be among the best ``n`` of those not kept out, NaN likewise; mroi…: what
            the next unit of money brings (money per money; units of the outcome where their worth is not
            known) with the policy's interval, NaN without a curve; today, planned, change: money per day,
            NaN without a plan; reason: a finding, why it is chosen or not.
        chosen: the channels in focus, best first; at most ``n``.
        n: how many were wanted.
        plan: today's money put there; None when no channel qualifies or nothing is spent.
        ladder: the weekly steps, see ``ladder``; empty without a plan.
        in_money: whether mroi is money per money.
        gain: what the focus brings over the days more than today's mix at the same budget, at average
            demand; NaN without a plan.
        chance: that it brings more (``chances.py``); NaN likewise.
        findings: what is doubtful, the plan's own included.
        policy: the rules used.
    """

    table: pd.DataFrame
    chosen: tuple[str, ...]
    n: int
    plan: Plan | None
    ladder: pd.DataFrame
    in_money: bool
    gain: Band
    chance: float
    findings: tuple[Finding, ...]
    policy: Policy = field(repr=False)

    @property
    def sure(self) -> bool:
        """Whether the plan is a gain with the policy's confidence, by returns that the data tell."""
        own = self.table.loc[self.table["chosen"].astype(bool), "identified"]
        known = bool((own != "no").any())
        return known and self.gain.mid > 0 and bool(self.chance >= self.policy.confidence)


def focus(
    curves: ResponseCurves,
    diagnosis: Diagnosis,
    policy: Policy | None = None,
    *,
    n: int | None = None,
    budget: float | None = None,
    days: int = 28,
) -> Focus:
    """Choose the TOP N and plan the move.

    Args:
        curves: what spend brings (``fit_response``).
        diagnosis: the verdicts of stage 1.
        policy: ``top_n``, ``keep_alive``, ``break_even``, ``confidence``; the diagnosis' own when left out.
        n: how many channels; ``policy.top_n`` when left out.
        budget: money over all ``days``; today's when left out.
        days: length of the plan.

    Raises:
        PlanError: ``plan.bad_option``; others as ``allocate``.
    """
    rules = policy or diagnosis.policy
    wanted = rules.top_n if n is None else n
    if int(wanted) != wanted or wanted < 1:
        refuse("n", n, "a whole number from 1")
    draws, in_money = marginal_draws(curves)
    table = _ranked(curves, diagnosis, draws, rules, int(wanted), in_money)
    chosen = tuple(str(name) for name in table.loc[table["chosen"], "channel"])
    plan = _plan(curves, table, chosen, rules, budget, days)
    gain, chance = _gain(curves, plan, rules)
    table["reason"] = [
        _reason(row, int(wanted), rules, curves.attributed) for row in table.to_dict("records")
    ]
    if plan is not None:
        table["planned"] = table["channel"].map(plan.spend).astype("float64")
        table["change"] = table["planned"] - table["today"]
    steps = ladder(plan, weeks_to(plan, rules.budget_step)) if plan is not None else pd.DataFrame()
    told = _findings(table, int(wanted), rules, curves)
    outcome = curves.outcome if curves.outcome in MONEY or not in_money else "revenue"
    told = (*told, *_worth_it(gain, chance, rules, days, outcome), *_within(plan))
    shown = table[list(FOCUS_COLUMNS)]
    return Focus(shown, chosen, int(wanted), plan, steps, in_money, gain, chance, told, rules)


def marginal_draws(curves: ResponseCurves) -> tuple[Array, bool]:
    """What the next unit of money brings at today's spend, (draws, channels), and whether that is money.

    A channel without spend today is taken at the small share of today's total that it could start with.
    """
    today = curves.today.reindex(list(curves.channels)).to_numpy(dtype="float64")
    at = np.where(today > 0, today, START * today.sum())
    slopes = curves.slope_draws(at)
    known = bool(np.isfinite(curves.value).all())
    return (slopes * curves.value if known else slopes), known


def weeks_to(plan: Plan, step: float) -> int:
    """Weeks of equal steps of which none is more than a share ``step`` of a channel's spend of today."""
    today = plan.curves.today.reindex(plan.spend.index).to_numpy(dtype="float64")
    old = today > 0
    change = np.abs(plan.spend.to_numpy(dtype="float64") - today)[old] / today[old]
    return max(int(np.ceil(change.max(initial=0.0) / step - 1e-9)), 1)


def chance_of_best(draws: Array, n: int) -> Array:
    """Share of draws in which each column is among the n largest; equal ones are taken in order.

    Args:
        draws: (draws, channels).
        n: how many.
    """
    order = np.argsort(-draws, axis=1, kind="stable")
    found = np.zeros(draws.shape[1])
    np.add.at(found, order[:, :n].ravel(), 1.0)
    return found / max(len(draws), 1)


def chance_of_set(curves: ResponseCurves, found: Focus) -> float:
    """Chance that the chosen channels together are the best of those that may be; NaN without a choice.

    Args:
        curves: what the choice was made from.
        found: the choice.
    """
    may = found.table["channel"].isin(curves.channels) & ~found.table["verdict"].isin(_out(curves))
    able = [str(c) for c in found.table.loc[may, "channel"]]
    if not found.chosen:
        return float("nan")
    draws, _ = marginal_draws(curves)
    own = draws[:, [curves.channels.index(name) for name in able]]
    inside = np.isin(able, found.chosen)
    if inside.all():
        return 1.0
    return float((own[:, inside].min(axis=1) > own[:, ~inside].max(axis=1)).mean())


def _ranked(
    curves: ResponseCurves, diagnosis: Diagnosis, draws: Array, policy: Policy, n: int, in_money: bool
) -> pd.DataFrame:
    names = [*curves.channels, *(c for c in diagnosis.verdicts["channel"] if c not in curves.channels)]
    table = pd.DataFrame({"channel": names})
    verdict = diagnosis.verdicts.set_index("channel")["verdict"].astype("str")
    table["verdict"] = [str(verdict.get(name, "unknown")) for name in names]
    has = table["channel"].isin(list(curves.channels)).to_numpy()
    tail = (1 - policy.interval) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    for name, values in (("mroi", draws.mean(axis=0)), ("mroi_low", low), ("mroi_high", high)):
        table[name] = np.r_[values, np.full(len(names) - len(values), np.nan)]
    table["today"] = table["channel"].map(curves.today).astype("float64")
    table["identified"] = table["channel"].map(curves.identified).astype("object").fillna("no")
    bar = policy.break_even if in_money else -np.inf
    pays = table["mroi"].to_numpy() >= bar
    may = has & ~table["verdict"].isin(_out(curves)).to_numpy()
    ok = may & pays
    at = [curves.channels.index(name) for name in table.loc[may, "channel"]]
    table["p_best_n"] = np.nan
    table.loc[may, "p_best_n"] = chance_of_best(draws[:, at], n)
    table["p_best_n"] = table["p_best_n"].where(ok)
    table["rank"] = table["mroi"].where(ok).rank(ascending=False, method="first")
    table["chosen"] = (table["rank"] <= n).to_numpy(dtype=bool)
    table["has_curve"] = has
    table[["planned", "change"]] = np.nan
    return table.sort_values(["rank", "mroi"], ascending=[True, False], ignore_index=True, kind="stable")


def _out(curves: ResponseCurves) -> tuple[str, ...]:
    """The verdicts that keep a channel out."""
    return OUT if curves.attributed else OUT_OF_TOTAL


def _plan(
    curves: ResponseCurves, table: pd.DataFrame, chosen: tuple[str, ...], policy: Policy,
    budget: float | None, days: int,
) -> Plan | None:  # fmt: skip
    total = float(curves.today.sum())
    if not chosen or not total > 0:
        return None
    verdict = table.set_index("channel")["verdict"]
    bounds: dict[str, tuple[float | None, float | None]] = {}
    for name in curves.channels:
        if name not in chosen:
            kept = 0.0 if verdict[name] == "drop" else policy.keep_alive * float(curves.today[name])
            bounds[name] = (kept, kept)
    objective = "profit" if curves.outcome == "profit" else "revenue"
    money = total * days if budget is None else budget
    return allocate(curves, budget=money, days=days, bounds=bounds, objective=objective, policy=policy)


def _gain(curves: ResponseCurves, plan: Plan | None, policy: Policy) -> tuple[Band, float]:
    """What the focus brings more than today's mix at the same budget, and how surely."""
    if plan is None:
        return band(np.empty(0), policy.interval), float("nan")
    today = curves.today.reindex(list(curves.channels)).to_numpy(dtype="float64")
    held = today * (plan.budget / plan.days / today.sum())
    worth = curves.value if np.isfinite(curves.value).all() else np.ones_like(curves.value)
    both = curves.outcome_draws(np.array([plan.spend.to_numpy(dtype="float64"), held])) * worth[:, None]
    more = (both[:, 0] - both[:, 1]).sum(axis=1) * plan.days
    level = float(both[:, 1].sum(axis=1).mean()) * plan.days
    return band(more, policy.interval), float("nan") if same(more, level) else beats(more, level, curves)


def _worth_it(gain: Band, chance: float, policy: Policy, days: int, outcome: str) -> list[Finding]:
    """Whether the focus is expected to bring more than today's mix."""
    if chance != chance:  # nothing to compare, or the same
        return []
    params = {
        "gain": gain.mid, "low": gain.low, "high": gain.high, "chance": chance, "days": days,
        "outcome": outcome,
    }  # fmt: skip
    if not gain.mid > 0:
        return [Finding("warning", "plan.focus_loses", params)]
    sure = chance >= policy.confidence
    return [Finding("info" if sure else "warning", f"plan.focus_gains{'' if sure else '_unsure'}", params)]


def _within(plan: Plan | None) -> list[Finding]:
    """The plan's findings; what they say of today's mix is true of the chosen channels only."""
    if plan is None:
        return []
    even = {"plan.test_first", "plan.already_best"}
    told = [Finding("info", "plan.focus_even") if f.code in even else f for f in plan.findings]
    return [f for f in told if f.code not in ("plan.promise", "plan.full_step", "plan.partial_step")]


def _reason(row: dict[Any, Any], n: int, policy: Policy, credited: bool) -> Finding:
    """Why a channel is in focus or not: a code of ``plan.focus_…``; ``credited``: whether channels are."""
    params = {
        "channel": row["channel"], "rank": row["rank"], "n": n, "chance": row["p_best_n"],
        "mroi": row["mroi"], "low": row["mroi_low"], "high": row["mroi_high"], "bar": policy.break_even,
    }  # fmt: skip
    params = {name: value for name, value in params.items() if value == value}
    if row["verdict"] == "drop":
        code = "drop"
    elif row["verdict"] == "unknown" and (credited or not row["has_curve"]):
        code = "unknown"
    elif not row["has_curve"]:
        code = "no_curve"
    elif row["rank"] != row["rank"]:
        code = "does_not_pay"
    elif not row["chosen"]:
        code = "behind" if row["p_best_n"] <= 1 - policy.confidence else "close"
    else:
        code = "in" if row["p_best_n"] >= policy.confidence else "in_unsure"
    return Finding("info", f"plan.focus_{code}", params)


def _findings(table: pd.DataFrame, n: int, policy: Policy, curves: ResponseCurves) -> tuple[Finding, ...]:
    """What concerns the choice as a whole."""
    able, chosen = int(table["rank"].notna().sum()), table[table["chosen"]]
    found: list[Finding] = []
    if not able:
        found.append(Finding("warning", "plan.focus_none", {"n": n}))
    elif able < n:
        found.append(Finding("warning", "plan.focus_fewer", {"able": able, "n": n}))
    elif able > n:
        last, first_out = chosen.iloc[-1], table[table["rank"] == n + 1].iloc[0]
        if last["p_best_n"] < policy.confidence:
            params = {"one": last["channel"], "other": first_out["channel"], "chance": last["p_best_n"]}
            found.append(Finding("warning", "plan.focus_tie", params | {"n": n}))
    if able and not curves.today.sum() > 0:
        found.append(Finding("warning", "plan.no_today"))
    unsure = chosen[chosen["identified"] == "no"]
    if len(unsure):
        params = {"names": ", ".join(unsure["channel"]), "n": len(unsure)}
        found.append(Finding("warning", "plan.focus_unidentified", params))
    return tuple(found)

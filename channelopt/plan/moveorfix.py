r"""Move money or fix the hook? Both in money a month, on one scale, with the chance that one beats the other.

**Move.** Taking ``amount`` a month from channel s to channel t, δ a day over D days, brings

.. math:: D \big( f_t(x_t + \delta) - f_t(x_t) - f_s(x_s) + f_s(x_s - \delta) \big)

in every draw of the curves. **Hook.** Where a channel brings V over the same days and a share w of its people
see the winning hook already, giving it to all brings :math:`V (1 - w) r / (1 + w r)`, with the lift r drawn
from what its test says once its luck is taken out (``hooks.py``). Both are for average demand and for money
that is spent as today otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.focus import OUT
from channelopt.plan.goods import refuse
from channelopt.plan.messages import PlanError
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

AMOUNT = 10_000.0
MONTH = 30
SEED = 2026
CHOICE_COLUMNS = (
    "action", "what", "channel", "from_channel", "value", "low", "high", "chance_to_gain", "beats_move",
    "chance_best", "ready", "outcome", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """Moving money beside rolling out hooks.

    Attributes:
        table: one row per action, the most expected money first; columns ``CHOICE_COLUMNS``. action: "move"
            or "hook"; value, low, high: money over ``days`` days with the policy's interval (units of the
            outcome where their worth is not known); chance_to_gain: that it brings anything; beats_move: that
            it brings more than the move (NaN for the move and without one); chance_best: that it is the best
            of all that are ready, doing nothing among them; ready: may be done today;
            outcome: of the hook's test, "undecided" when it is over without a verdict, "" for the move.
        amount: money that is moved over the days; less than asked for where no channel spends as much.
        days: over how many days.
        in_money: whether the values are money.
        findings: the answer first, then what is doubtful.
    """

    table: pd.DataFrame
    amount: float
    days: int
    in_money: bool
    findings: tuple[Finding, ...]


def move_or_fix(
    curves: ResponseCurves,
    tests: pd.DataFrame,
    diagnosis: Diagnosis | None = None,
    policy: Policy | None = None,
    *,
    amount: float = AMOUNT,
    pair: tuple[str, str] | None = None,
    days: int = MONTH,
) -> Choice:
    """Value of shifting an amount beside the value of rolling out each winning hook.

    Args:
        curves: what spend brings.
        tests: ``HookBoard.tests``.
        diagnosis: with it no money is moved to a channel that is dropped or unknown.
        policy: ``interval`` and ``confidence``.
        amount: money over ``days`` days.
        pair: (from, to); the most promising pair when left out.
        days: length of a month.

    Raises:
        PlanError: ``plan.bad_option``, ``plan.unknown_channels``.
    """
    rules = policy or Policy()
    if not 0 < amount < np.inf:
        refuse("amount", amount, "money above 0")
    if int(days) != days or days < 1:
        refuse("days", days, "a whole number from 1")
    known = bool(np.isfinite(curves.value).all())
    worth = curves.value if known else np.ones_like(curves.value)
    source, target, moved = _pair(curves, worth, diagnosis, amount / days, pair)
    options: list[tuple[dict[str, Any], Array]] = []
    if moved > 0:
        drawn = _move_draws(curves, worth, source, target, moved) * days
        row = {"action": "move", "what": "", "channel": curves.channels[target], "ready": True, "outcome": ""}
        options.append((row | {"from_channel": curves.channels[source]}, drawn))
    options += _hooks(curves, worth, tests, days)
    table = _table(options, rules, moved * days)
    told = [*_answer(table, rules, moved * days, days), *_doubts(tests, curves, moved * days, amount)]
    if not known:
        told.append(Finding("warning", "plan.choice_no_worth", {"outcome": curves.outcome}))
    return Choice(table, moved * days, int(days), known, tuple(told))


def _pair(
    curves: ResponseCurves, worth: Array, diagnosis: Diagnosis | None, step: float,
    pair: tuple[str, str] | None,
) -> tuple[int, int, float]:  # fmt: skip
    """From, to, and how much money a day; 0 without a pair."""
    names, today = curves.channels, curves.today.reindex(list(curves.channels)).to_numpy(dtype="float64")
    if pair is not None:
        unknown = [name for name in pair if name not in names]
        if unknown:
            raise PlanError("plan.unknown_channels", names=", ".join(unknown), known=", ".join(names))
        if pair[0] == pair[1]:
            refuse("pair", pair[0], "two different channels")
        source, target = (names.index(name) for name in pair)
        return source, target, float(min(step, today[source]))
    verdict = {} if diagnosis is None else diagnosis.verdicts.set_index("channel")["verdict"].to_dict()
    able = [c for c, name in enumerate(names) if diagnosis is None or verdict.get(name, "unknown") not in OUT]
    best, found = -np.inf, (0, 0, 0.0)
    for source in np.flatnonzero(today > 0).tolist():
        size = float(min(step, today[source]))
        for target in (c for c in able if c != source):
            gain = float(_move_draws(curves, worth, source, target, size).mean())
            if gain > best:
                best, found = gain, (source, target, size)
    return found


def _move_draws(curves: ResponseCurves, worth: Array, source: int, target: int, size: float) -> Array:
    """(draws,), what moving ``size`` a day brings a day."""
    before = curves.today.reindex(list(curves.channels)).to_numpy(dtype="float64")
    after = before.copy()
    after[source] -= size
    after[target] += size
    change = (curves.outcome_draws(after) - curves.outcome_draws(before)) * worth
    return np.asarray(change.sum(axis=1))


def _hooks(
    curves: ResponseCurves, worth: Array, tests: pd.DataFrame, days: int
) -> list[tuple[dict[str, Any], Array]]:
    """What giving each tested hook to a whole channel brings."""
    monthly = curves.outcome_draws(curves.money_per_day(None)) * worth * days
    found = []
    for row in tests.sort_values("number").to_dict("records"):
        if not row["readable"] or row["channel"] not in curves.channels:
            continue
        rng = np.random.default_rng([SEED, int(row["number"])])
        lift = np.expm1(row["log_mean"] + row["log_sd"] * rng.standard_normal(curves.draws))
        value = monthly[:, curves.channels.index(row["channel"])]
        gain = value * (1 - row["share"]) * lift / (1 + row["share"] * lift)
        over = row["outcome"] == "keep_running" and row["state"] == "ended"
        outcome = "undecided" if over else row["outcome"]
        told = {"action": "hook", "what": row["name"], "channel": row["channel"], "from_channel": ""}
        found.append((told | {"ready": row["outcome"] == "winner", "outcome": outcome}, gain))
    return found


def _table(options: list[tuple[dict[str, Any], Array]], policy: Policy, amount: float) -> pd.DataFrame:
    if not options:
        return pd.DataFrame(columns=list(CHOICE_COLUMNS))
    draws = np.array([drawn for _, drawn in options])
    ready = np.array([told["ready"] for told, _ in options])
    best = np.where(ready[:, None], draws, -np.inf)
    most = np.maximum(best.max(axis=0), 0.0)  # doing nothing brings 0
    tail = (1 - policy.interval) / 2
    move = next((drawn for told, drawn in options if told["action"] == "move"), None)
    rows = []
    for at, (told, drawn) in enumerate(options):
        low, high = np.quantile(drawn, [tail, 1 - tail])
        row = {
            **told, "value": float(drawn.mean()), "low": float(low), "high": float(high),
            "chance_to_gain": float((drawn > 0).mean()),
            "beats_move": float((drawn > move).mean())
            if move is not None and told["action"] == "hook" else float("nan"),
            "chance_best": float(((best[at] >= most) & (best[at] > 0)).mean()),
        }  # fmt: skip
        rows.append(row | {"reason": _reason(row, amount)})
    order = sorted(rows, key=lambda row: (-row["value"], row["action"], row["what"]))
    return pd.DataFrame(order, columns=list(CHOICE_COLUMNS))


def _reason(row: dict[str, Any], amount: float) -> Finding:
    params = {
        "channel": row["channel"], "value": row["value"], "low": row["low"], "high": row["high"],
        "name": row["what"], "source": row["from_channel"], "amount": amount,
    }  # fmt: skip
    if row["action"] == "move":
        return Finding("info", "plan.move_value", params)
    codes = {"winner": "value", "loser": "lost", "equivalent": "even", "undecided": "undecided"}
    return Finding("info", f"plan.hook_{codes.get(row['outcome'], 'open')}", params)


def _answer(table: pd.DataFrame, policy: Policy, amount: float, days: int) -> list[Finding]:
    """Move, fix, or neither."""
    ready = table[table["ready"].astype(bool)] if len(table) else table
    if not len(ready):
        return [Finding("info", "plan.nothing_to_choose")]
    first = ready.iloc[0]
    params = {
        "channel": first["channel"], "source": first["from_channel"], "name": first["what"], "amount": amount,
        "value": first["value"], "low": first["low"], "high": first["high"], "days": days,
        "chance": first["chance_best"],
    }  # fmt: skip
    if not first["value"] > 0:
        return [Finding("info", "plan.neither", {**params, "loss": -first["value"]})]
    code = "move_money" if first["action"] == "move" else "fix_hook"
    sure = first["chance_best"] >= policy.confidence
    found = [Finding("info", f"plan.{code}", params)]
    return found if sure else [*found, Finding("warning", "plan.choice_unsure", params)]


def _doubts(tests: pd.DataFrame, curves: ResponseCurves, moved: float, amount: float) -> list[Finding]:
    found: list[Finding] = []
    if 0 < moved < amount * (1 - 1e-9):
        found.append(Finding("info", "plan.move_less", {"amount": moved, "asked": amount}))
    if not moved > 0:
        found.append(Finding("info", "plan.no_move"))
    lost = tests[tests["readable"].astype(bool) & ~tests["channel"].isin(list(curves.channels))]
    if len(lost):
        found.append(Finding("info", "plan.hook_no_channel", {"names": ", ".join(lost["name"])}))
    if (tests["readable"].astype(bool) & tests["channel"].isin(list(curves.channels))).any():
        found.append(Finding("info", "plan.hook_everywhere"))
    return found

"""Gates between the stages: what must be true, with evidence, before the next one opens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from channelopt.plan.diagnosis import Diagnosis
from channelopt.policy import Policy

#: Draws behind the chance that the account reaches its target.
_DRAWS, _SEED = 4000, 2026


@dataclass(frozen=True)
class Check:
    """One condition of a gate.

    Attributes:
        code: "data_days", "outcomes", "tested", "decided", "keepers", "chosen", "hook_test", "tiers",
            "target" or "margin".
        have: what there is.
        need: what it takes; the check is passed when ``have >= need``.
        params: what else the sentence tells, such as a probability.
    """

    code: str
    have: float
    need: float
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the condition holds; an unknown figure does not."""
        return bool(self.have >= self.need)


@dataclass(frozen=True)
class Work:
    """What the team has done that a gate asks for.

    Attributes:
        paid_tests: undecided channels whose remaining test was accepted.
        fewer: why fewer channels than usual are tested; "" without a reason.
        hook_tests: finished tests of hooks or landing pages.
        chosen: channels chosen for the focus.
        p_best: chance that they are the best ones; NaN when unknown.
        tiers: whether intent tiers are in use.
        mroi: return of the next unit over the running channels; NaN when unknown.
        p_margin: chance that it is above the floor.
    """

    paid_tests: frozenset[str] = frozenset()
    fewer: str = ""
    hook_tests: int = 0
    chosen: tuple[str, ...] = ()
    p_best: float = float("nan")
    tiers: bool = False
    mroi: float = float("nan")
    p_margin: float = float("nan")


def gate_of(stage: int, diagnosis: Diagnosis, work: Work | None = None) -> tuple[Check, ...]:
    """The conditions for leaving a stage (of staying in it, for the last one).

    Args:
        stage: 1 diagnosis, 2 focus, 3 scaling.
        diagnosis: today's diagnosis.
        work: what the team has done.
    """
    done = work or Work()
    if stage == 1:
        return diagnosis_gate(diagnosis, work=done)
    if stage == 2:
        return focus_gate(diagnosis, done)
    return scaling_gate(diagnosis.policy, done)


def diagnosis_gate(diagnosis: Diagnosis, days: int = 28, work: Work | None = None) -> tuple[Check, ...]:
    """What stage 1 asks before the focus stage may open.

    Args:
        diagnosis: today's diagnosis.
        days: days of spend that the plan gives the stage.
        work: tests that are paid for, and why fewer channels are tested.

    Returns:
        Days of data, channels with outcomes, channels tested, channels decided (keep, drop, or their
        remaining test accepted), and at least one channel to keep. Channels that cost nothing, such as
        organic search, are not counted: there is nothing to stop or to test.
    """
    done = work or Work()
    verdicts = diagnosis.verdicts[diagnosis.verdicts["cost"] > 0]
    total = len(verdicts)
    first, last = diagnosis.day_first, diagnosis.day_last
    span = (last - first).days + 1 if first is not None and last is not None else 0
    come = (verdicts[["leads", "customers", "revenue"]] > 0).any(axis=1)
    known = int((come | (verdicts["verdict"] != "unknown")).sum())
    wanted = diagnosis.policy.channels_tested
    paid = verdicts["verdict"].isin(["test", "unknown"]) & verdicts["channel"].isin(done.paid_tests)
    decided = int((verdicts["verdict"].isin(["keep", "drop"]) | paid).sum())
    return (
        Check("data_days", span, days),
        Check("outcomes", known, total),
        Check("tested", total, 1 if done.fewer else wanted, {"wanted": wanted, "why": done.fewer}),
        Check("decided", decided, total, {"paid": int(paid.sum())}),
        Check("keepers", int((verdicts["verdict"] == "keep").sum()), 1),
    )


def focus_gate(diagnosis: Diagnosis, work: Work) -> tuple[Check, ...]:
    """What stage 2 asks: the best channels chosen, a hook test over, tiers in use, the return on target."""
    policy = diagnosis.policy
    keepers = int((diagnosis.verdicts["verdict"] == "keep").sum())
    roi, chance = return_on_target(diagnosis, work.chosen)
    low = policy.target_roi[0]
    return (
        Check("chosen", len(work.chosen), max(1, min(policy.top_n, keepers)), {"chance": work.p_best}),
        Check("hook_test", work.hook_tests, 1),
        Check("tiers", int(work.tiers), 1),
        Check("target", roi, low, {"chance": chance}),
    )


def scaling_gate(policy: Policy, work: Work) -> tuple[Check, ...]:
    """What stage 3 asks: the next unit of money still returns more than the floor."""
    return (Check("margin", work.mroi, policy.roi_floor, {"chance": work.p_margin}),)


def return_on_target(diagnosis: Diagnosis, channels: tuple[str, ...] = ()) -> tuple[float, float]:
    """Matured return of some channels together, and the chance that it reaches the target.

    Each channel's log return is taken as normal with the spread its interval says; channels err on their own.

    Args:
        diagnosis: today's diagnosis.
        channels: which; without any all that are not to be dropped.

    Returns:
        Return (a multiple) and chance; NaN without a channel whose return is known.
    """
    table = diagnosis.verdicts
    own = table[table["channel"].isin(channels)] if channels else table[table["verdict"] != "drop"]
    own = own[own["roi"].gt(0) & own["cost"].gt(0)]
    if own.empty:
        return float("nan"), float("nan")
    cost = own["cost"].to_numpy("float64")
    roi = float((own["roi"] * own["cost"]).sum() / cost.sum())
    reach = float(special.ndtri((1 + diagnosis.policy.interval) / 2))
    low = own["roi_low"].where(own["roi_low"] > 0)
    wide = np.log(own["roi_high"] / low).to_numpy("float64") / (2 * reach)
    if not np.isfinite(wide).all():
        return roi, float("nan")
    rng = np.random.default_rng(_SEED)
    drawn = np.log(own["roi"].to_numpy("float64")) + wide * rng.standard_normal((_DRAWS, len(own)))
    share = (np.exp(drawn) * cost).sum(axis=1) / cost.sum()
    return roi, float((share >= diagnosis.policy.target_roi[0]).mean())


def in_order(verdicts: pd.DataFrame) -> list[str]:
    """Channel keys in the order they ask for attention.

    Args:
        verdicts: ``Diagnosis.verdicts``.

    Returns:
        Drops (the one to make first leads), then undecided ones, then those nothing can be
        said of, then keeps, each by spend.
    """
    rank = verdicts["verdict"].map({"drop": 0, "test": 1, "unknown": 2, "keep": 3})
    frame = verdicts.assign(rank=rank, less=-verdicts["spend"].fillna(0.0))
    return [str(c) for c in frame.sort_values(["rank", "drop_rank", "less"])["channel"]]


def decide_today(verdicts: pd.DataFrame, floor: float, limit: int = 3) -> list[str]:
    """The channels that need a decision first.

    Args:
        verdicts: ``Diagnosis.verdicts``.
        floor: the bar, a multiple.
        limit: how many.

    Returns:
        Channel keys: the costliest drop, the undecided one nearest to the bar, the largest
        keep, then the others in order.
    """
    tests = verdicts[verdicts["verdict"] == "test"]
    nearest = tests.iloc[(tests["roi"] - floor).abs().argsort()]
    drops = verdicts[verdicts["verdict"] == "drop"].sort_values("loss", ascending=False)
    keeps = verdicts[verdicts["verdict"] == "keep"].sort_values("spend", ascending=False)
    first = [str(group["channel"].iloc[0]) for group in (drops, nearest, keeps) if len(group)]
    return (first + [c for c in in_order(verdicts) if c not in first])[:limit]

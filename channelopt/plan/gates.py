"""Gates between the stages: what must be true, with evidence, before the next one opens."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from channelopt.plan.diagnosis import Diagnosis


@dataclass(frozen=True)
class Check:
    """One condition of a gate.

    Attributes:
        code: "data_days", "outcomes", "decided" or "keepers".
        have: what there is.
        need: what it takes; the check is passed when ``have >= need``.
    """

    code: str
    have: int
    need: int

    @property
    def passed(self) -> bool:
        """Whether the condition holds."""
        return self.have >= self.need


def diagnosis_gate(diagnosis: Diagnosis, days: int = 28) -> tuple[Check, ...]:
    """What stage 1 asks before the focus stage may open.

    Args:
        diagnosis: today's diagnosis.
        days: days of spend that the plan gives the stage.

    Returns:
        Days of data, channels with outcomes, channels decided (keep or drop), and at least
        one channel to keep.
    """
    verdicts = diagnosis.verdicts
    total = len(verdicts)
    first, last = diagnosis.day_first, diagnosis.day_last
    span = (last - first).days + 1 if first is not None and last is not None else 0
    return (
        Check("data_days", span, days),
        Check("outcomes", int((verdicts["verdict"] != "unknown").sum()), total),
        Check("decided", int(verdicts["verdict"].isin(["keep", "drop"]).sum()), total),
        Check("keepers", int((verdicts["verdict"] == "keep").sum()), 1),
    )


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

"""A/A replay: how often would this plan have found a false winner on the user's own history?

Within each past day the two variants' rows change places at random, so there is no effect by
construction while every day keeps its real volume and noise. The plan is then read at its own looks.
What the shuffle cannot show is noise that carries over from one day to the next within a variant.

Source: Fisher (1935), randomisation; Kohavi, Tang & Xu (2020), ch. 19, for A/A tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from channelopt.experiments.design import TestPlan
from channelopt.experiments.messages import ExperimentError
from channelopt.experiments.paired import paired_ratio_test
from channelopt.experiments.rows import Variants, campaigns_of, history_of, plan_from, variant_rows


@dataclass(frozen=True)
class Replay:
    """What came of it.

    Attributes:
        false_winners: share of replays with a winner or loser at any planned look.
        plain: the same had one looked every day from the third on with a plain test.
        low: end of the 95% interval of ``false_winners``.
        high: the same.
        days: days of history each replay ran over.
        worlds: replays.
    """

    false_winners: float
    plain: float
    low: float
    high: float
    days: int
    worlds: int


def aa_replay(rows: pd.DataFrame, plan: TestPlan, worlds: int = 1000, seed: int = 2026) -> Replay | None:
    """Replay a plan on days without an effect.

    Args:
        rows: day, variant and the metric's columns, as ``variant_rows`` gives them; the first treatment and
            the control are used.
        plan: the plan.
        worlds: replays.
        seed: same seed, same answer.

    Returns:
        None with fewer days of both sides than the first look needs.
    """
    top, bottom = plan.metric.numerator, plan.metric.denominator
    sides = [rows[rows["variant"] == name].groupby("day")[[top, bottom]].sum() for name in plan.variants[:2]]
    both = pd.concat(sides, axis=1, join="inner").sort_index().dropna().tail(plan.days)
    looks = [look for look in plan.looks if look <= len(both)]
    if not looks:
        return None
    days = looks[-1]
    pair = both.tail(days).to_numpy("float64")  # num_c, den_c, num_t, den_t
    swap = np.random.default_rng(seed).random((worlds, days)) < 0.5
    nc, nt = (np.where(swap, pair[:, b], pair[:, a]) for a, b in ((0, 2), (2, 0)))
    dc, dt = (np.where(swap, pair[:, b], pair[:, a]) for a, b in ((1, 3), (3, 1)))
    bounds = dict(zip(plan.looks, plan.bounds(), strict=True))
    won, plain = np.zeros(worlds, dtype=bool), np.zeros(worlds, dtype=bool)
    for day in range(3, days + 1):
        p = paired_ratio_test(nc[:, :day], dc[:, :day], nt[:, :day], dt[:, :day]).pvalue
        p = np.nan_to_num(p, nan=1.0)
        plain |= p < plan.alpha
        if day in looks:
            won |= -special.ndtri(p / 2) > bounds[day]
    share, z = float(won.mean()), 1.959964
    middle = (share + z * z / (2 * worlds)) / (1 + z * z / worlds)
    half = z * np.sqrt(share * (1 - share) / worlds + z * z / (4 * worlds**2)) / (1 + z * z / worlds)
    return Replay(share, float(plain.mean()), float(middle - half), float(middle + half), days, worlds)


@dataclass(frozen=True)
class Replayed:
    """A replay of one channel's two largest campaigns.

    Attributes:
        channel: key of the channel.
        metric: what it was judged by.
        replay: what came of it.
    """

    channel: str
    metric: str
    replay: Replay


def own_replays(daily: pd.DataFrame, days: int = 28) -> list[Replayed]:
    """The replay on every channel with two campaigns, by cost per lead, or per click without leads.

    Args:
        daily: ``Ledger.daily(by=("day", "channel", "campaign"))``.
        days: length of the plan that is replayed.
    """
    found = []
    for channel in sorted(daily["channel"].unique()):
        two = campaigns_of(daily, channel)[:2]
        if len(two) < 2:
            continue
        rows = variant_rows(daily, channel, {"A": two[:1], "B": two[1:]})
        for metric in ("cpl", "cpc"):
            replay = _replayed(rows, metric, days)
            if replay is not None:
                found.append(Replayed(channel, metric, replay))
                break
    return found


def _replayed(rows: Variants, metric: str, days: int) -> Replay | None:
    try:
        plan = plan_from(history_of(rows, metric), metric, smallest=0.2, days=days)
    except ExperimentError:
        return None
    return None if plan is None else aa_replay(rows.frame, plan)

"""Whether the ranges of K and of the referral forecast hold what they say, and what the reward rule loses.

Run ``python benchmarks/referral.py [--worlds N] [--seed S]``. Worlds: a share of customers invite, geometric
numbers of invitations, each accepted with the world's chance, Gamma weeks from becoming a customer to
bringing one. ``k``: coverage of K's range from the rows of a list. ``forecast``: coverage of the weekly range
of referred customers 1, 8 and 26 weeks ahead, drawn person by person, with and without a finite audience.
``reward``: acceptance logistic in the reward (and once a step, which the model does not know), three rewards
tried on 400 invitations each: money lost against the best reward, share of it that picking the best tried
one loses, wrong calls of "pays" and "none_pays".
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.measure.referral import Referrals, referral, referrals_from  # noqa: E402
from channelopt.measure.reward import best_reward  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "referral.json"
NOW = pd.Timestamp("2026-06-30")
CYCLE, CYCLE_CV = 24.0, 0.7


def brought(people: int, rate: float, each: float, accept: float, rng: np.random.Generator) -> np.ndarray:
    """Invitations per customer, (people,)."""
    return np.where(rng.random(people) < rate, rng.geometric(1 / each, people), 0)


def a_list(people: int, rate: float, each: float, accept: float, rng: np.random.Generator) -> pd.DataFrame:
    """A list of invitations sent over half a year."""
    many = brought(people, rate, each, accept, rng)
    who = np.repeat(np.arange(people), many)
    sent = NOW - pd.to_timedelta(rng.integers(0, 180, len(who)), unit="D")
    ordered = sent + pd.to_timedelta(rng.integers(1, 20, len(who)), unit="D")
    taken = rng.random(len(who)) < accept
    ordered = pd.Series(ordered).where(pd.Series(taken))
    return pd.DataFrame(
        {
            "inviter_key": who.astype(str), "invited_key": [f"i{n}" for n in range(len(who))],
            "day": sent, "ordered_day": ordered.where(ordered <= NOW).to_numpy(),
        }
    )  # fmt: skip


def k_range(worlds: int, seed: int) -> dict[str, float]:
    """Coverage of K; invitations too young to be answered are known not to count."""
    rng, inside = np.random.default_rng([seed, 1]), []
    for _ in range(worlds):
        people = int(rng.integers(300, 5000))
        rate, each, accept = rng.uniform(0.03, 0.3), rng.uniform(1.2, 5), rng.uniform(0.05, 0.4)
        known = referrals_from(a_list(people, rate, each, accept, rng), people, NOW)
        truth = rate * each * accept * 150 / 180  # those sent in the last 30 days are left out
        found = referral(known, 10, weeks=1).k
        inside.append(found.low <= truth <= found.high)
    return {"worlds": worlds, "covered": float(np.mean(inside))}


def future(
    k_parts: tuple[float, float, float], paid: int, weeks: int, pool: float | None, rng: np.random.Generator
) -> np.ndarray:
    """Referred customers per coming week, person by person, (weeks,)."""
    rate, each, accept = k_parts
    past = 40
    came = np.zeros(past + weeks)
    rest = 1.0
    for w in range(past + weeks):
        here = came[w]
        if w >= past and pool is not None:
            here = min(here, np.floor(pool * rest))
            rest = max(rest - (here + paid) / pool, 0.0)
        came[w] = here
        joined = int(paid + here)
        sent = int(brought(joined, rate, each, accept, rng).sum())
        takes = rng.random(sent) < accept * (rest if pool else 1.0)
        shape = 1 / CYCLE_CV**2
        week = np.ceil(rng.gamma(shape, CYCLE / shape, int(takes.sum())) / 7).astype(int)
        at = w + np.maximum(week, 1)
        np.add.at(came, at[at < past + weeks], 1)
    return came[past:]


def forecast(worlds: int, seed: int, pool: float | None) -> dict[str, float]:
    """Coverage of the weekly range."""
    rng = np.random.default_rng([seed, 2, int(pool or 0)])
    inside, ratio = [], []
    for _ in range(worlds):
        parts = rng.uniform(0.05, 0.3), rng.uniform(1.2, 4), rng.uniform(0.1, 0.4)
        people = 3000
        many = brought(people, *parts, rng)
        taken = rng.binomial(many.sum(), parts[2])
        mean = many.mean()
        known = Referrals(
            people, int((many > 0).sum()), int(many.sum()), int(taken), CYCLE, CYCLE_CV,
            max(many.var() / mean, 1.0),
        )  # fmt: skip
        told = referral(known, 60, weeks=26, pool=pool).weekly
        truth = future(parts, 60, 26, pool, rng)
        at = [0, 7, 25]
        low, high = told["referred_low"].to_numpy()[at], told["referred_high"].to_numpy()[at]
        inside.append((low <= truth[at]) & (truth[at] <= high))
        ratio.append((told["referred"].sum(), truth.sum()))
    share = np.mean(inside, axis=0)
    sums = np.sum(ratio, axis=0)
    return {"week 1": share[0], "week 8": share[1], "week 26": share[2], "bias": sums[0] / sums[1] - 1}


def reward(worlds: int, seed: int, step: bool) -> dict[str, float]:
    """What the rule loses per 100 invitations, as a share of what the best reward brings."""
    rng = np.random.default_rng([seed, 3, int(step)])
    lost, simple, best_sum, called, wrong = 0.0, 0.0, 0.0, 0, 0
    for _ in range(worlds):
        margin, top = rng.uniform(100, 400), 120.0
        level, slope, edge = rng.normal(-2, 0.6), abs(rng.normal(0, 1.2)), rng.uniform(0.2, 0.8)

        def accept(x: np.ndarray, level=level, slope=slope, edge=edge) -> np.ndarray:
            shape = np.where(x / 120.0 >= edge, 1.0, 0.0) if step else x / 120.0
            return expit(level + slope * shape)

        tried = np.array([0.0, top / 2, top])
        taken = rng.binomial(400, accept(tried))
        found = best_reward(
            pd.DataFrame({"reward": tried, "invited": 400, "accepted": taken}), margin, seed=1
        )  # fmt: skip
        grid = np.linspace(0, top, 201)
        net = accept(grid) * (margin - grid)
        mine = float(accept(np.array([found.best]))[0] * (margin - found.best))
        naive = tried[np.argmax(taken * (margin - tried))]
        best_sum += net.max()
        lost += net.max() - mine
        simple += net.max() - float(accept(np.array([naive]))[0] * (margin - naive))
        if found.status in ("pays", "none_pays"):
            called += 1
            wrong += (mine <= net[0]) if found.status == "pays" else (net.max() > net[0] * 1.001)
    return {
        "lost": lost / best_sum, "lost_by_best_tried": simple / best_sum,
        "called": called / worlds, "wrong": wrong / max(called, 1),
    }  # fmt: skip


def run(worlds: int, seed: int) -> dict[str, dict[str, float]]:
    """All parts."""
    return {
        "k": k_range(worlds, seed),
        "forecast": forecast(worlds, seed, None),
        "forecast, audience of 5,000": forecast(worlds, seed, 5000.0),
        "reward": reward(worlds, seed, False),
        "reward, step": reward(worlds, seed, True),
    }


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--worlds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    result = run(asked.worlds, asked.seed)
    for name, figures in result.items():
        print(f"{name:28}" + "".join(f"  {k} {v:.3f}" for k, v in figures.items()))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()

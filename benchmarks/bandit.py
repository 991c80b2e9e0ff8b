"""Rotation against fixed splits over 26 weeks: how much of the possible outcome each loses.

Run ``python benchmarks/bandit.py [--worlds N] [--seed S] [--arms K] [--clicks N]``. Every week the same
clicks are split among the arms; an arm's conversions are Poisson, 45, 30, 15 and 10% of them are seen in
the week itself and the three after it. Rates are 2%, log-normal with sd 0.25 among the arms, and

- ``still``: stay as they are;
- ``drift``: walk, sd 0.08 of the log a week;
- ``wear``: whichever arm is shown most wears out: its log rate falls by 0.06 times its share of the week;
- ``break``: the best arm loses 40% in week 13.

Regret is the share of the conversions that always knowing the best arm would have brought (of ``wear``: the
arm best at that moment, under each rule's own history). Rules: equal shares; equal shares for 4 weeks, then
the best for good; always the best so far; the rotation of the product (``plan.rotation``) with several
memories and floors. Every rule sees only what is visible. Writes ``benchmarks/out/bandit.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.plan.rotation import chance_best, floor_of, shares, towards  # noqa: E402
from channelopt.policy import Policy  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "bandit.json"
WEEKS = 26
SEEN = np.array([0.45, 0.30, 0.15, 0.10])
WORLDS = ("still", "drift", "wear", "break")
Array = np.ndarray
#: (events by week, exposure by week, visible share by week, rng) → shares
Rule = Callable[[Array, Array, Array, np.random.Generator], Array]


def thompson(memory: float, floor: float, draws: int = 400, plain: bool = False) -> Rule:
    """The rotation of the product, for many worlds at once; plain Thompson sampling for comparison."""

    def rule(events: Array, exposure: Array, visible: Array, rng: np.random.Generator) -> Array:
        weight = memory ** np.arange(len(events))[::-1]
        n = np.einsum("t,twk->wk", weight, events)
        e = np.einsum("t,twk->wk", weight * visible, exposure)
        chance, least = chance_best(n, e, rng, draws=draws), floor_of(n.shape[-1], floor)
        return least + (1 - n.shape[-1] * least) * chance if plain else shares(chance, least)

    return rule


def stepped(step: float) -> Rule:
    """The rotation of the product when only a share of the money may change hands in a week."""
    free = thompson(Policy().rotation_memory, Policy().explore_floor)

    def rule(events: Array, exposure: Array, visible: Array, rng: np.random.Generator) -> Array:
        aim = free(events, exposure, visible, rng)
        if not len(exposure):
            return aim
        now = exposure[-1] / exposure[-1].sum(axis=-1, keepdims=True)
        return towards(aim, now, step, floor_of(aim.shape[-1], Policy().explore_floor))

    return rule


def equal(events: Array, exposure: Array, visible: Array, rng: np.random.Generator) -> Array:
    """The same for every arm."""
    return np.full(events.shape[1:], 1 / events.shape[-1])


def best_so_far(events: Array, exposure: Array, visible: Array) -> Array:
    """All to the arm with the best rate seen; equal shares while nothing is seen."""
    e = np.einsum("t,twk->wk", visible, exposure)
    rate = events.sum(axis=0) / np.maximum(e, 1e-9)
    out = np.zeros(rate.shape)
    np.put_along_axis(out, rate.argmax(axis=-1)[:, None], 1.0, axis=-1)
    return out


def explore_then_commit(weeks: int) -> Rule:
    """Equal shares for some weeks, then the best of them for good."""

    def rule(events: Array, exposure: Array, visible: Array, rng: np.random.Generator) -> Array:
        if len(events) < weeks:
            return equal(events, exposure, visible, rng)
        first = slice(0, weeks)
        return best_so_far(events[first], exposure[first], visible[first])

    return rule


def greedy(events: Array, exposure: Array, visible: Array, rng: np.random.Generator) -> Array:
    """Equal shares in the first week, then the best so far."""
    return best_so_far(events, exposure, visible) if len(events) else equal(events, exposure, visible, rng)


RULES: dict[str, Rule] = {
    "equal": equal,
    "4 weeks, then the best": explore_then_commit(4),
    "the best so far": greedy,
    "plain Thompson": thompson(1.0, 0.0, plain=True),
    "rotation (the product)": thompson(Policy().rotation_memory, Policy().explore_floor),
    "rotation, 20% a week": stepped(Policy().budget_step),
    "rotation, memory 1": thompson(1.0, 0.02),
    "rotation, memory 0.8": thompson(0.8, 0.02),
    "rotation, no floor": thompson(0.9, 0.0),
    "rotation, floor 5%": thompson(0.9, 0.05),
    "rotation, floor 10%": thompson(0.9, 0.10),
}


def regret(rule: Rule, kind: str, worlds: int, arms: int, clicks: float, seed: int) -> Array:
    """(worlds,), share of the possible conversions lost."""
    rng, own = np.random.default_rng([seed, WORLDS.index(kind)]), np.random.default_rng([seed, 99])
    log = np.log(0.02) + 0.25 * rng.standard_normal((worlds, arms))
    walk = 0.08 * rng.standard_normal((WEEKS, worlds, arms))
    came = np.zeros((WEEKS, len(SEEN), worlds, arms))
    shown = np.zeros((WEEKS, worlds, arms))
    lost, most = np.zeros(worlds), np.zeros(worlds)
    committed: Array | None = None
    for week in range(WEEKS):
        ages = np.arange(week)[::-1]
        visible = np.cumsum(SEEN)[np.minimum(ages, len(SEEN) - 1)]
        events = np.array([came[t, : week - t].sum(axis=0) for t in range(week)]).reshape(week, worlds, arms)
        if committed is not None:
            split = committed
        else:
            split = rule(events, shown[:week], visible, own)
            if rule is RULES["4 weeks, then the best"] and week >= 4:
                committed = split
        rate = np.exp(log)
        most += rate.max(axis=-1)
        lost += rate.max(axis=-1) - (split * rate).sum(axis=-1)
        shown[week] = split * clicks
        for age, share in enumerate(SEEN):
            came[week, age] = rng.poisson(shown[week] * rate * share)
        if kind == "drift":
            log = log + walk[week]
        elif kind == "wear":
            log = log - 0.06 * split
        elif kind == "break" and week == 12:
            top = log.argmax(axis=-1)[:, None]
            np.put_along_axis(log, top, log.max(axis=-1)[:, None] + np.log(0.6), axis=-1)
    return lost / most


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--arms", type=int, default=4)
    parser.add_argument("--clicks", type=float, default=3000)
    args = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    own = Policy()
    print(f"{args.worlds} worlds, {args.arms} arms, {args.clicks:g} clicks a week; product: memory "
          f"{own.rotation_memory}, floor {own.explore_floor}")  # fmt: skip
    print(f"{'':26}" + "".join(f"{kind:>18}" for kind in WORLDS))
    for name, rule in RULES.items():
        found[name] = {}
        for kind in WORLDS:
            lost = regret(rule, kind, args.worlds, args.arms, args.clicks, args.seed)
            found[name][kind] = float(lost.mean())
            found[name][kind + " p90"] = float(np.quantile(lost, 0.9))
        row = "".join(f"{found[name][k]:10.2%} ({found[name][k + ' p90']:5.1%})" for k in WORLDS)
        print(f"{name:26}{row}", flush=True)
    OUT.parent.mkdir(exist_ok=True)
    known = json.loads(OUT.read_text()) if OUT.exists() else {}
    OUT.write_text(json.dumps(known | {f"{args.arms} arms, {args.clicks:g} clicks": found}, indent=1))


if __name__ == "__main__":
    main()

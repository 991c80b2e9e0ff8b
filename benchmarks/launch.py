"""How often a launch trial drops a good platform or keeps a bad one, and what it costs, in simulations.

Run ``python benchmarks/launch.py [--worlds N] [--seed S]``. A platform truly brings 1:1, 1:1.5, 1:2 or 1:3;
orders are counts with weekly noise, their values log-normal, leads come at once and orders either too or two
weeks later on average. Rules: the kit's (weekly looks, kill rule on leads) and the plain one (from the second
week on drop whenever the return seen is below the bar, keep at the end). Worlds: ``kit`` is as the kit
assumes; ``rough`` has twice the variance of order values and much more between weeks.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.plan.launch import LaunchKit, launch_kit  # noqa: E402
from channelopt.response import ResponseCurves  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "launch.json"
VALUE, LEADS, DELAY, WEEKS = 500.0, 5.0, 2.0, 10
RETURNS = (1.0, 1.5, 2.0, 3.0)
#: World → (squared coefficient of variation of an order's value, of a week).
NOISE = {"kit": (0.8, 0.02), "rough": (1.6, 0.15)}
#: Share of an order's week visible at the end of weeks 1, 2, …: orders come exponentially late.
VISIBLE = [1 - DELAY * (np.exp(-k / DELAY) * (np.exp(1 / DELAY) - 1)) for k in range(1, WEEKS + 1)]


def kit(late: bool = True) -> LaunchKit:
    """The kit that is tried."""
    curves = ResponseCurves.from_parameters([[9e4, 2e4]], [[1e4, 3e3]], today=[1e4, 4e3], channels=["a", "b"])
    return launch_kit(
        curves, "new", VALUE, similar=["a", "b"], value_cv2=0.8, leads_per_order=LEADS,
        visible=VISIBLE if late else None,
    )  # fmt: skip


def launches(
    roi: float, plan: LaunchKit, worlds: int, kind: str, rng: np.random.Generator, late: bool
) -> dict:
    """Money seen and leads by each look, (worlds, looks)."""
    value_cv2, week_cv2 = NOISE[kind]
    size = (worlds, plan.weeks)
    mean = roi * plan.weekly / VALUE * rng.gamma(1 / week_cv2, week_cv2, size)
    orders, leads = rng.poisson(mean), rng.poisson(mean * LEADS)
    money = np.zeros(size)
    sigma = np.sqrt(np.log1p(value_cv2))
    world, week = np.nonzero(orders)
    who = np.repeat(world, orders[world, week])
    made = np.repeat(week, orders[world, week]) + (rng.random(len(who)) if late else 0.0)
    seen = np.ceil(made + (rng.exponential(DELAY, len(who)) if late else 1.0) - 1e-12).astype(int) - 1
    worth = rng.lognormal(np.log(VALUE) - sigma**2 / 2, sigma, len(who))
    kept = seen < plan.weeks
    np.add.at(money, (who[kept], seen[kept]), worth[kept])
    return {"money": money.cumsum(axis=1), "leads": leads.cumsum(axis=1)}


def judged(plan: LaunchKit, seen: dict) -> tuple[np.ndarray, np.ndarray]:
    """Whether each launch is kept, and after how many weeks it is decided."""
    kept, weeks = [], []
    for money, leads in zip(seen["money"], seen["leads"], strict=True):
        for k in range(1, plan.weeks + 1):
            said = plan.verdict(k, money[k - 1], plan.weekly * k, leads[k - 1])
            if said != "go_on":
                break
        kept.append(said == "keep")
        weeks.append(k)
    return np.array(kept), np.array(weeks)


def plainly(plan: LaunchKit, seen: dict, floor: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """The plain rule: drop at the first look from the second on whose return is below the bar."""
    spend = plan.weekly * np.arange(1, plan.weeks + 1)
    below = (seen["money"] / spend < floor)[:, 1:]
    out = below.any(axis=1)
    return ~out, np.where(out, below.argmax(axis=1) + 2, plan.weeks)


def run(worlds: int, seed: int, late: bool = True) -> dict:
    """All returns, worlds and rules."""
    plan = kit(late)
    result: dict = {"weekly": plan.weekly, "budget": plan.budget}
    for kind in NOISE:
        for roi in RETURNS:
            rng = np.random.default_rng([seed, int(10 * roi), list(NOISE).index(kind)])
            seen = launches(roi, plan, worlds, kind, rng, late)
            for name, rule in (("kit", judged), ("plain", plainly)):
                kept, weeks = rule(plan, seen)
                result[f"{kind}/{name}/{roi}"] = {
                    "kept": float(kept.mean()), "weeks": float(weeks.mean()),
                    "money": float(weeks.mean() * plan.weekly),
                }  # fmt: skip
    return result


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--worlds", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    result = {"late": run(asked.worlds, asked.seed), "at once": run(asked.worlds, asked.seed, late=False)}
    for when, table in result.items():
        print(f"orders {when}: {table['weekly']:.0f} a week, {table['budget']:.0f} at most")
        for name, row in table.items():
            if isinstance(row, dict):
                kept, weeks, money = row["kept"], row["weeks"], row["money"]
                print(f"  {name:16}  kept {kept:.3f}  weeks {weeks:.1f}  money {money:.0f}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""What plans made from fitted curves lose in the worlds of a second simulator, unlike ``media_worlds.py``.

Run ``python benchmarks/other_worlds.py [--worlds N] [--only NAME …] [--seed S] [--again]``. Budgets drift
daily or come in flights, 120 days ran before the first row, a lead's worth differs by channel; in ``total``
only spend and all revenue are known. A plan gives each channel 0–3 times today's spend (mean of 56 days) at
the same total. **Pooled regret** is lost over available gain: 0 is the oracle, 1 is leaving all as it is;
``regret_free`` is without caution, ``by_roi`` is of money in proportion to observed ROI. Also printed: share
of worlds below today's mix by more than 1e-4 (``worse``) and 2% (``badly``), of plans that stayed, promised
over delivered gain, coverage of 90% intervals of ROI, and CPU seconds of fit and plan.

With weekly rows or missing days the product cannot know that mean: ``worse``, ``badly``, ``stayed`` and
``promised`` then count from its own idea of today's mix (``curves.today``) scaled to the same budget, so that
a plan that stays is not worse. A run in ``benchmarks/out/other_worlds.json`` is redone with ``--again``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.signal import lfilter

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import channelopt as co  # noqa: E402

Array = np.ndarray
Rng = np.random.Generator
Curve = Callable[[Array], Array]
OUT = ROOT / "benchmarks" / "out" / "other_worlds.json"
#: BEFORE: days before the first row; NOISE: variation of a day; PEAKS: days of the year, and their widths.
CAP, UNITS, DAYS, BEFORE, NOISE, PEAKS = 3.0, 300, 28, 120, 0.12, ((315, 4), (350, 7), (170, 4))
#: Shares of a channel's leads that are lost, swapped, organic; standard deviation of the log of its credit.
CREDIT = {
    "clean": ((0, 0.1), 0.03, (0, 0.06), 0.08), "usual": ((0.05, 0.2), 0.08, (0.02, 0.2), 0.2),
    "poor": ((0.1, 0.4), 0.15, (0.05, 0.35), 0.4),
}  # fmt: skip
#: Other curves: range of what bends them, and height by spend, level, scale and bend.
FAMILIES: dict[str, tuple[tuple[float, float] | tuple[()], Callable[..., Array]]] = {
    "weibull": ((0.6, 1.8), lambda x, level, scale, bend: 1 - np.exp(-((x / scale) ** bend))),
    "tanh": ((), lambda x, level, scale: np.tanh(x / (1.5 * scale))),
    "log": ((), lambda x, level, scale: np.log1p(x / scale)),
    "power": ((0.35, 0.85), lambda x, level, scale, bend: x**bend),
    "gompertz": ((1.5, 4), lambda x, level, scale, b: np.exp(-b * np.exp(-x / scale)) - np.exp(-b)),
    "threshold": ((0, 0.4), lambda x, level, scale, b: (y := np.maximum(x - b * level, 0)) / (y + scale)),
}


@dataclass(frozen=True)
class Scenario:
    """What a world is like.

    Attributes:
        traits: clean or poor (attribution, alone), or words: total (no attribution), other (families), steep
            (S-shaped), flights (budgets on and off), peaks (of demand), late (half start late), brand (half
            of the first channel's credit is organic), revenue (rows have no funnel), weekly (rows).
        days, leads, close, tail: ranges of length, leads a day, close rate, deviation of log order value.
        sway, latent: standard deviations of log spend and of log demand; follow: pull of demand on spend.
        missing: share of days without rows, beside a gap of two weeks; 0 is no gap either.
    """

    traits: str = ""
    days: tuple[int, int] = (60, 730)
    leads: tuple[float, float] = (200, 2000)
    close: tuple[float, float] = (0.05, 0.35)
    tail: tuple[float, float] = (0.5, 1.2)
    sway: float = 0.3
    latent: float = 0.12
    follow: float = 0.5
    missing: float = 0.0


SCENARIOS = {
    "clean-credit": Scenario("clean"), "usual-credit": Scenario(), "poor-credit": Scenario("poor"),
    "other-families": Scenario("other"), "s-shaped": Scenario("steep"), "flights": Scenario("flights"),
    "constant-spend": Scenario(sway=0.03, follow=0.0), "b2b": Scenario(leads=(1, 10)),
    "confounded": Scenario(sway=0.1, follow=1.5, latent=0.2), "revenue-only": Scenario("revenue"),
    "b2b-heavy": Scenario(leads=(1, 10), tail=(1.5, 1.8), close=(0.05, 0.15)),
    "revenue-only-b2b": Scenario("revenue", leads=(3, 10)), "late-start": Scenario("late"),
    "short": Scenario(days=(60, 75), leads=(20, 60)), "missing-days": Scenario(missing=0.2),
    "peaks": Scenario("peaks", follow=1.0, days=(200, 730)), "organic-brand": Scenario("brand"),
    "total": Scenario("total"), "total-weekly": Scenario("total weekly"),
    "total-other-families": Scenario("total other"), "total-flights": Scenario("total flights"),
    "total-peaks": Scenario("total peaks", follow=1.0, days=(200, 730)),
    "total-missing-days": Scenario("total", missing=0.15),
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """One advertiser.

    Attributes:
        daily, total: what the product sees of the channels; revenue of all orders, organic ones too.
        names, today, observed: of the channels: name, mean spend of the last 56 days, credited ROI.
        curves: per channel the true steady revenue per day at a held spend.
    """

    daily: pd.DataFrame
    total: pd.DataFrame
    names: list[str]
    today: Array
    observed: Array
    curves: list[Curve]

    def outcome(self, spend: Array) -> Array:
        """True steady revenue per day of each channel; spend (..., channels)."""
        return np.stack([f(spend[..., c]) for c, f in enumerate(self.curves)], axis=-1)

    def by_roi(self) -> Array:
        """Today's total in proportion to today's spend times observed ROI, under the cap."""
        wish, most = self.today * (self.observed if self.observed.any() else 1.0), CAP * self.today
        full = np.r_[0.0, np.sort(most[wish > 0] / wish[wish > 0])]
        spent = np.minimum(full[:, None] * wish, most).sum(axis=1)
        return np.minimum(np.interp(self.today.sum(), spent, full) * wish, most)

    def best(self) -> float:
        """The most today's total can bring, on a lattice, exactly, by dynamic programming."""
        row, budget = np.arange(UNITS + 1), self.today.sum()
        value = self.outcome(np.repeat((row * budget / UNITS)[:, None], len(self.today), axis=1))
        best = np.where(row == 0, 0.0, -np.inf)
        for c, held in enumerate(self.today):
            most = min(int(CAP * held / budget * UNITS + 1e-9), UNITS)
            left = row - row[: most + 1, None]
            best = (np.where(left >= 0, best[left], -np.inf) + value[: most + 1, c, None]).max(axis=0)
        return float(best[-1])


def make_world(like: Scenario, seed: int) -> World:
    """One world; the same arguments give the same world."""
    rng = np.random.default_rng([seed, 77])
    width, days = int(rng.integers(5, 13)), int(rng.integers(like.days[0], like.days[1] + 1))
    dates = pd.date_range("2022-09-03", periods=days + BEFORE) + pd.Timedelta(days=int(rng.integers(0, 365)))
    of_year, log = dates.day_of_year.to_numpy(), like.latent * _drift(rng, len(dates), 0.95, 1.0, 0.0)
    log += rng.uniform(0, 0.3) * np.cos(2 * np.pi * (of_year - rng.integers(0, 365)) / 365.25)
    for middle, wide in PEAKS if "peaks" in like.traits else ():
        log += np.log(3) * np.exp(-0.5 * ((of_year - middle) / wide) ** 2)
    demand, week = np.exp(log) / np.exp(log)[BEFORE:].mean(), np.exp(rng.normal(0, 0.15, 7))
    level = demand * (week / week.mean())[dates.day_of_week]
    spend = _spend(rng, like, demand, width)
    curves, revenue = _effects(rng, like, spend)
    dates, spend, revenue, level = (of[BEFORE:] for of in (dates, spend, revenue * level[:, None], level))
    names = [f"{'brand' if 'brand' in like.traits and c == 0 else 'k'}{c}" for c in range(width)]
    cells, money = _funnel(rng, like, spend, revenue, level)
    daily = pd.DataFrame({"day": np.repeat(dates, width), "channel": np.tile(names, days)})
    daily = daily.assign(**{column: table.ravel().round(2) for column, table in cells.items()})
    daily, total = _shown(rng, like, daily, pd.DataFrame({"day": dates, "revenue": money.round(2)}))
    return World(daily, total, names, spend[-56:].mean(0), cells["revenue"].sum(0) / spend.sum(0), curves)


def _drift(rng: Rng, length: int, keep: float, sd: float, start: float) -> Array:
    """A path that keeps so much of itself a day; it starts at ``start`` times a draw."""
    step = rng.normal(0, 1, length)
    return lfilter([1.0], [1.0, -keep], np.append(start * step[0], sd * np.sqrt(1 - keep**2) * step[1:]))


def _spend(rng: Rng, like: Scenario, demand: Array, width: int) -> Array:
    """Spend (days, channels); flights take one to four weeks, in seven of ten channels."""
    share, length = np.maximum(rng.dirichlet(np.full(width, 1.2)), 0.01), len(demand)
    level, spend = share / share.sum() * rng.lognormal(np.log(8000), 1.0), np.empty((length, width))
    for c in range(width):
        if "flights" in like.traits:
            on: list[bool] = []
            while len(on) < length:
                on += [not (on and on[-1])] * (7 * int(rng.integers(1, 5)))
            pulsed = rng.random() < 0.7
            log = rng.normal(0, 0.1 if pulsed else like.sway, length)
            log[~np.array(on[:length]) & pulsed] = -np.inf
        else:
            log = _drift(rng, length, np.exp(-1 / rng.uniform(15, 60)), like.sway, like.sway)
        follow = max(like.follow * (1 + 0.4 * rng.normal()), 0)
        money = np.exp(log + rng.normal(0, 0.08, length)) * demand**follow
        spend[:, c] = money / money[BEFORE:].mean() * level[c]
    for c in range(width):
        if rng.random() < 0.5 * ("late" in like.traits) and c > 0:
            spend[: BEFORE + int(rng.uniform(0.3, 0.7) * (length - BEFORE)), c] = 0
        rng.random()  # Not used: kept so that a seed stays the same world.
    return spend


def _effects(rng: Rng, like: Scenario, spend: Array) -> tuple[list, Array]:
    """The channels' true curves at held spend, and what spend brings (days, channels) at demand 1."""
    width, curves, brought = spend.shape[1], [], []
    roi = rng.lognormal(np.log(2.5), 0.5) * np.exp(rng.normal(0, 0.5, width))
    for c, kernel in enumerate([_kernel(rng, like) for _ in range(width)]):
        usual, stock = spend[BEFORE:, c][spend[BEFORE:, c] > 0].mean(), kernel.sum()
        shape = _shape(rng, like, usual * stock)
        worth = roi[c] * usual / shape(usual * stock)
        curves.append(lambda x, f=shape, s=stock, w=worth: w * f(np.maximum(x, 0) * s))
        brought.append(worth * shape(np.convolve(spend[:, c], kernel)[: len(spend)]))
    return curves, np.column_stack(brought)


def _shape(rng: Rng, like: Scenario, level: float) -> Curve:
    """A curve that bends around the level: Hill, or of another family."""
    if "other" not in like.traits:
        slope = rng.uniform(2.0, 3.0) if "steep" in like.traits else np.exp(rng.normal(0, 0.3))
        half = level * np.exp(rng.normal(0, 0.6))
        return lambda x: x**slope / (x**slope + half**slope + 1e-300)
    wanted, height = FAMILIES[str(rng.choice(list(FAMILIES)))]
    scale, bend = level * np.exp(rng.normal(0, 0.6)), [rng.uniform(*wanted)] if wanted else []
    return lambda x: height(x, level, scale, *bend)


def _kernel(rng: Rng, like: Scenario) -> Array:
    """Weights of spend on its own and the coming days; only those of other families add up to 1."""
    lag, other = np.arange(BEFORE), "other" in like.traits
    family = ("geometric", "late", "weibull", "hyperbolic")[rng.choice(4) if other else 0]
    if family == "geometric":
        weights = rng.beta(2.0, 3.0) ** lag
    elif family == "late":
        far = (lag - rng.integers(1, 6)) ** 2
        weights = rng.uniform(0.5, 0.85) ** far
    elif family == "weibull":
        age, power = (lag + 0.5) / rng.uniform(2, 12), rng.uniform(0.8, 2)
        weights = age ** (power - 1) * np.exp(-(age**power))
    else:
        weights = 1 / (1 + lag) ** rng.uniform(1.3, 2.5)
    return weights / weights.sum() if other else weights


def _orders(rng: Rng, like: Scenario, counts: Array, value: Array | float) -> Array:
    """Money of so many orders, with a tail."""
    sd, cell = rng.uniform(*like.tail), np.repeat(np.arange(counts.size), counts.ravel())
    money = np.exp(rng.normal(-sd * sd / 2, sd, len(cell))) * np.broadcast_to(value, counts.shape).flat[cell]
    return np.bincount(cell, weights=money, minlength=counts.size).reshape(counts.shape)


def _funnel(rng: Rng, like: Scenario, spend: Array, revenue: Array, level: Array) -> tuple[dict, Array]:
    """Columns (days, channels) as attribution tells them, and the revenue (days,) that really came in."""
    lost, swap, claims, sd = CREDIT[like.traits if like.traits in CREDIT else "usual"]
    mean, width = revenue.mean(axis=0), spend.shape[1]
    leads_a_day = np.exp(rng.uniform(*np.log(like.leads)))
    close = np.minimum(np.exp(rng.normal(0, 0.175, width)) * rng.uniform(*like.close), 0.9)
    value = np.exp(rng.normal(0, 0.175, width))
    value = value * mean.sum() / (leads_a_day * np.average(close * value, weights=mean + 1e-9))
    leads = revenue / (close * value) * rng.gamma(1 / NOISE**2, NOISE**2, spend.shape)
    kept = leads * (1 - rng.uniform(*lost, width)) * np.exp(rng.normal(-(sd**2) / 2, sd, width))
    kept = kept * (1 - swap) + (kept * swap) @ rng.dirichlet(np.full(width, 0.7), width)
    organic = np.where(np.arange(width) < ("brand" in like.traits), 0.5, rng.uniform(*claims, width))
    base = (share := rng.uniform(0.2, 0.6)) / (1 - share) * leads.mean(axis=0).sum()
    seen = rng.poisson(kept + organic / (1 - organic) * kept.mean(axis=0) * level[:, None] * (spend > 0))
    customers = rng.binomial(seen, close)
    money = _orders(rng, like, customers, value)
    others = rng.binomial(rng.poisson(base * level * rng.gamma(60, 1 / 60, len(spend))), close.mean())
    rest = _orders(rng, like, others, value.mean())
    total = _orders(rng, like, rng.binomial(rng.poisson(leads), close), value).sum(axis=1) + rest
    clicks = rng.poisson(seen * 15 + 3 * (spend > 0))
    return dict(spend=spend, clicks=clicks, leads=seen, customers=customers, revenue=money), total


def _shown(rng: Rng, like: Scenario, daily: pd.DataFrame, total: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
    """What the product sees; in half of the worlds rows without spend and leads are left out."""
    daily = daily[(daily["spend"] > 0) | (daily["leads"] > 0) | (rng.random() < 0.5)]
    if "weekly" in like.traits:
        daily, total = (t.assign(day=t["day"].dt.to_period("W").dt.start_time) for t in (daily, total))
        daily = daily.groupby(["day", "channel"], as_index=False).sum()
        total = total.groupby("day", as_index=False).sum()
    if like.missing:
        gone, gap = rng.random(len(total)) < like.missing, int(rng.integers(5, max(len(total) - 25, 6)))
        gone[gap : gap + 14] = True
        daily = daily[~daily["day"].isin(total["day"][gone])]
    hidden = list(daily)[3 : 7 if "total" in like.traits else 6 if "revenue" in like.traits else 3]
    return daily.drop(columns=hidden).reset_index(drop=True), total


def one(like: Scenario, seed: int) -> dict:
    """Fit, plan and score one world; gains are shares of today's outcome."""
    world = make_world(like, seed)
    start, today, budget = time.process_time(), world.today, float(world.today.sum())
    curves = co.fit_response(world.daily, total=world.total if "total" in like.traits else None, seed=seed)
    mine = [world.names.index(name) for name in curves.channels]
    bounds = {world.names[c]: (0.0, CAP * today[c]) for c in mine}
    plan = co.allocate(curves, budget=budget * DAYS, days=DAYS, bounds=bounds)
    cpu = time.process_time() - start
    free = co.allocate(curves, budget=budget * DAYS, days=DAYS, bounds=bounds, caution=False)
    spend, freely, own = (s.reindex(world.names).fillna(0.0).to_numpy()
                          for s in (plan.spend, free.spend, curves.today))  # fmt: skip
    held = own * budget / own.sum() if "weekly" in like.traits or like.missing else today
    mixes = np.stack([spend, freely, world.by_roi(), held, today])
    gets, gets_free, gets_by_roi, holds, brings = world.outcome(mixes).sum(axis=1)
    low, high = np.quantile(curves.outcome_draws(today[mine]), [0.05, 0.95], axis=0)
    truth, delivered = world.outcome(today)[mine], gets / holds - 1
    return {
        "gain": gets / brings - 1, "free": gets_free / brings - 1, "by_roi": gets_by_roi / brings - 1,
        "available": max(world.best(), gets, brings) / brings - 1, "promised": plan.uplift, "cpu": cpu,
        "delivered": delivered, "worse": delivered < -1e-4, "badly": delivered < -0.02,
        "stayed": np.abs(spend - held).sum() < 0.01 * budget,
        "coverage": ((low <= truth) & (truth <= high))[today[mine] > 0].mean(),
    }  # fmt: skip


def run(like: Scenario, worlds: int, seed: int) -> dict:
    """One line of the table."""
    mean = pd.DataFrame([one(like, number) for number in range(seed, seed + worlds)]).mean().to_dict()
    regret, free, by_roi = (1 - mean[gain] / mean["available"] for gain in ("gain", "free", "by_roi"))
    regrets = {"regret": regret, "regret_free": free, "by_roi": np.nan if "total" in like.traits else by_roi}
    return {**mean, **regrets, "promised": mean["promised"] / max(mean["delivered"], 1e-9)}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--only", nargs="+", default=list(SCENARIOS), choices=SCENARIOS, metavar="NAME")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--again", action="store_true")
    args = parser.parse_args()
    done = json.loads(OUT.read_text()) if OUT.exists() else {}
    keys = ("regret", "regret_free", "by_roi", "worse", "badly", "stayed", "promised", "coverage", "cpu")
    print(f"{'':22}" + "".join(f"{key:>12}" for key in keys))
    for name in args.only:
        run_key = f"{name}/{args.worlds}/{args.seed}"
        if args.again or run_key not in done:
            done[run_key] = run(SCENARIOS[name], args.worlds, args.seed)
            OUT.parent.mkdir(exist_ok=True)
            OUT.write_text(json.dumps(done, indent=1))
        print(f"{name:22}" + "".join(f"{done[run_key][key]:12.3f}" for key in keys), flush=True)


if __name__ == "__main__":
    main()

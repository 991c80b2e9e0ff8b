"""Simulated brands whose spend reacts to the plan: what following the tool is worth, against four others.

A brand has 4–9 channels with true curves, carry-over, season, weekdays and lossy attribution as in
``media_worlds.py`` (kind 1: Hill; kind 2: other families), of quality so different that some lie below 1:2;
leads that become customers days later, who place orders of heavy-tailed value; and 60–120 days of its own
history. Then come 26 weeks in which the money is

- ``tool``: what ``channelopt.plan.follow.week_plan`` says, from what is known on that day;
- ``start``: the mix of the last 28 days of the history, held;
- ``plain``: every four weeks channels below 1:2 as seen are dropped and the money goes to the TOP 3 of the
  rest by seen return, equally, at once; ``plain_steps`` is the same under the step limits of the tool;
- ``oracle``: the true curves, under the step limits of the tool; ``free`` is the same without them.

The total is the same for all on every day, so that the gain of profit is ``MARGIN`` times the gain of true
(expected) revenue; attribution, noise and lateness only stand between the tool and what it sees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from media_worlds import PRESETS, START, _curve, _demand, _kernel, _noise, _spend

from channelopt.plan.follow import week_plan
from channelopt.plan.optimum import Region, best_split
from channelopt.plan.weekplan import Following, WeekPlan
from channelopt.policy import Policy

Array = np.ndarray
MARGIN, WEEKS, JITTER = 0.5, 26, 0.06
#: Centre and spread of the log of a brand's return and of its channels' around it.
BRAND_ROI, SPREAD_BRAND, SPREAD_ROI = 2.5, 0.35, 0.6
POLICY = Policy()


@dataclass(frozen=True)
class Brand:
    """One brand: what is true, and everything random about its days.

    Attributes:
        names: channels.
        history: days before following begins.
        curves: per channel true steady revenue per day.
        kernels: per channel the weights of spend on the coming days.
        demand: (days,), season, weekday and level together.
        noise: (days, channels), factors of a day.
        past: (history, channels), spend of the history.
        jitter: (days, channels), spend against plan.
        funnel: per channel close rate, order value, credit, claim; tail, delay (median days, log-sd), swap.
    """

    seed: int
    preset: str
    names: tuple[str, ...]
    history: int
    curves: tuple
    kernels: tuple
    demand: Array
    noise: Array
    past: Array
    jitter: Array
    funnel: dict = field(repr=False)

    @property
    def start(self) -> Array:
        """The mix following begins with."""
        return self.past[-28:].mean(axis=0)

    def steady(self, spend: Array) -> float:
        """True revenue per day of a held spend, at usual demand."""
        return float(sum(f(np.asarray(spend)[c]) for c, f in enumerate(self.curves)))

    def true(self, spend: Array) -> Array:
        """(days, channels), expected true revenue of a spend path from the first day on."""
        out = np.empty_like(spend)
        for c, (curve, kernel) in enumerate(zip(self.curves, self.kernels, strict=True)):
            before = np.full(len(kernel), self.past[:7, c].mean())
            stock = np.convolve(np.r_[before, spend[:, c]], kernel)[len(kernel) : len(kernel) + len(spend)]
            out[:, c] = curve(stock)
        return out * self.demand[: len(spend), None]


def make_brand(preset: str, kind: int, seed: int, weeks: int = WEEKS) -> Brand:
    """One brand; the same arguments give the same brand."""
    rng = np.random.default_rng([seed, kind, list(PRESETS).index(preset), 77])
    p = PRESETS[preset]
    width, history = int(rng.integers(4, 10)), int(rng.integers(60, 121))
    length = history + 7 * weeks
    demand, season = _demand(rng, length, p.latent)
    past, level = _spend(rng, p, demand[:history], history, width)
    past, level = past / 10, level / 10  # brands of hundreds to thousands a day
    roi = rng.lognormal(np.log(BRAND_ROI), SPREAD_BRAND) * rng.lognormal(0, SPREAD_ROI, width)
    curves = tuple(_curve(rng, kind, level[c], roi[c] * level[c]) for c in range(width))
    funnel = _funnel(rng, p, float((roi * level).sum()), width)
    return Brand(
        seed=seed,
        preset=preset,
        names=tuple(f"ch{c:02d}" for c in range(width)),
        history=history,
        curves=curves,
        kernels=tuple(_kernel(rng, kind) for _ in range(width)),
        demand=demand * season,
        noise=_noise(rng, kind, p.day_cv, (length, width)),
        past=past,
        jitter=np.exp(rng.normal(0, JITTER, (length, width))),
        funnel=funnel,
    )


def _funnel(rng, p, revenue: float, width: int) -> dict:
    """Leads and orders: 60 to 400 leads a day, close rates and order values that differ by channel."""
    close = rng.uniform(0.08, 0.3) * np.exp(rng.normal(0, 0.25, width))
    leads = float(np.clip(rng.lognormal(np.log(150), 0.6), 60, 400))
    order = revenue / (leads * float(close.mean())) * np.exp(rng.normal(0, 0.3, width))
    return {
        "close": np.clip(close, 0.03, 0.5), "order": order, "tail": rng.uniform(0.5, 1.2),
        "delay": (rng.uniform(2, 14), rng.uniform(0.6, 1.0)),
        "credit": rng.lognormal(-(p.attribution**2) / 2, p.attribution, width) * (1 - p.lost),
        "swap": p.swap, "claim": p.claimed / (1 - p.claimed) * rng.uniform(0.3, 1.7, width),
    }  # fmt: skip


class Run:
    """A brand under one way of spending, day by day, and what its lead list knows."""

    def __init__(self, brand: Brand) -> None:
        self.brand = brand
        self.spend = np.zeros((len(brand.demand), len(brand.names)))
        self.leads = np.zeros(self.spend.shape)
        self.sold: list[Array] = []
        self.day = 0
        self.policy = POLICY
        f = brand.funnel
        per_lead = f["close"] * f["order"]
        typical = brand.true(brand.past)[: brand.history].mean(axis=0) / per_lead
        self.share = typical / typical.sum()
        self.claim = f["claim"] * typical
        self.advance(brand.past)

    def advance(self, spend: Array, seen: bool = True) -> None:
        """Spend some days; ``seen`` says whether anybody needs the leads."""
        b, first, upto = self.brand, self.day, self.day + len(spend)
        self.spend[first:upto] = spend
        self.day = upto
        if not seen:
            return
        f = b.funnel
        true = b.true(self.spend[:upto])[first:] * b.noise[first:upto] / (f["close"] * f["order"])
        mixed = true * (1 - f["swap"]) * f["credit"] + (true * f["swap"]).sum(axis=1)[:, None] * self.share
        rng = np.random.default_rng([b.seed, first, 3])
        leads = rng.poisson(mixed + self.claim * b.demand[first:upto, None])
        self.leads[first:upto] = leads
        bought = rng.binomial(leads, f["close"])
        day, channel = np.divmod(np.repeat(np.arange(bought.size), bought.ravel()), len(b.names))
        median, sd = f["delay"]
        late = np.floor(rng.lognormal(np.log(median), sd, len(day)))
        value = rng.lognormal(np.log(f["order"])[channel] - f["tail"] ** 2 / 2, f["tail"])
        self.sold.append(np.column_stack([day + first, channel, day + first + late, value]))

    def week(self, plan: Array, seen: bool = True, days: int = 7) -> None:
        """Spend a plan as accounts do: about."""
        jitter = self.brand.jitter[self.day : self.day + days]
        paid = plan * jitter
        total = paid.sum(axis=1, keepdims=True)
        self.advance(paid * np.divide(plan.sum(), total, out=np.ones_like(total), where=total > 0), seen)

    # -- as much of a ledger as a plan reads -------------------------------------------------------------
    @property
    def as_of(self):
        """The last day that is over."""
        return (START + pd.Timedelta(days=self.day - 1)).date()

    def daily(self) -> pd.DataFrame:
        """What is known by the morning after the last day."""
        width, sold = len(self.brand.names), np.concatenate(self.sold)
        known = sold[sold[:, 2] < self.day]
        at = (known[:, 0] * width + known[:, 1]).astype("int64")
        size = self.day * width
        return pd.DataFrame({
            "day": np.repeat(pd.date_range(START, periods=self.day), width),
            "channel": np.tile(self.brand.names, self.day), "spend": self.spend[: self.day].ravel(),
            "leads": self.leads[: self.day].ravel(),
            "customers": np.bincount(at, minlength=size).astype(float),
            "revenue": np.bincount(at, weights=known[:, 3], minlength=size),
        })  # fmt: skip

    def lead_list(self, until: int | None = None) -> pd.DataFrame:
        """Leads that became customers, as far as that is known (the others do not matter to anything)."""
        sold = np.concatenate(self.sold)
        known = sold[sold[:, 2] < (self.day if until is None else until)]
        names = np.array(self.brand.names)
        return pd.DataFrame({
            "channel": names[known[:, 1].astype(int)],
            "created_at": START + pd.to_timedelta(known[:, 0], unit="D"),
            "customer_at": START + pd.to_timedelta(known[:, 2], unit="D"),
            "revenue": known[:, 3],
        })  # fmt: skip


class Book:
    """A run as a diagnosis reads a ledger."""

    def __init__(self, run: Run) -> None:
        self._daily, self._leads, self.policy, self.as_of = run.daily(), run.lead_list(), POLICY, run.as_of

    def daily(self) -> pd.DataFrame:
        """Sums by day and channel."""
        return self._daily

    def leads(self) -> pd.DataFrame:
        """The leads."""
        return self._leads

    def findings(self) -> tuple[()]:
        """No doubts."""
        return ()


# -- the ways of spending ---------------------------------------------------------------------------------
@dataclass
class Followed:
    """A run of the tool, with what it promised week by week."""

    run: Run
    plans: list[WeekPlan]


def follow(brand: Brand, weeks: int, rules: Following | None = None, every: int = 1) -> Followed:
    """Follow the tool."""
    run, plans = Run(brand), []
    last: WeekPlan | None = None
    for week in range(weeks):
        if week % every == 0:
            last = week_plan(Book(run), POLICY, last, float(brand.start.sum()), 7 * every, rules)
            plans.append(last)
        assert last is not None
        run.week(last.spend.reindex(list(brand.names)).to_numpy("float64"))
    return Followed(run, plans)


def held(brand: Brand, weeks: int, seen: bool = False) -> Run:
    """The starting mix."""
    run = Run(brand)
    for _ in range(weeks):
        run.week(brand.start, seen)
    return run


def plain(brand: Brand, weeks: int, step: float | None) -> Run:
    """Drop what is below 1:2 as seen, the rest of the money to the TOP 3 equally."""
    run, mix, aim = Run(brand), brand.start, brand.start
    for week in range(weeks):
        if week % 4 == 0:
            sums = run.daily().groupby("channel")[["spend", "revenue"]].sum()
            roi = (sums["revenue"] / sums["spend"]).reindex(list(brand.names)).fillna(0.0).to_numpy()
            good = [c for c in np.argsort(-roi)[: POLICY.top_n] if roi[c] >= POLICY.roi_floor]
            aim = np.zeros(len(mix))
            aim[good or [int(np.argmax(roi))]] = mix.sum() / max(len(good), 1)
        mix = aim if step is None else stepped(mix, aim, step)
        run.week(mix)
    return run


def stepped(mix: Array, aim: Array, step: float, first: Array | None = None) -> Array:
    """As near to an aim as a week's steps allow, at the same total."""
    high = np.where(mix > 0, mix * (1 + step), 0.05 * mix.sum())
    low = (
        mix * (1 - step) if first is None else np.maximum(np.minimum(mix * (1 - step), mix - 0.25 * first), 0)
    )
    below, above = -1.0, 1.0
    weight = np.maximum(mix, 1e-3 * mix.sum())
    lean = lambda k: np.clip(aim + k * weight, low, high)  # noqa: E731
    below, above = -1e3, 1e3
    for _ in range(80):
        middle = (below + above) / 2
        below, above = (middle, above) if lean(middle).sum() < mix.sum() else (below, middle)
    return lean(above)


@dataclass(frozen=True)
class _True:
    """The true curves as the search for the best split reads them."""

    curves: tuple

    def value(self, spend: Array) -> Array:
        return np.array([f(spend[c]) for c, f in enumerate(self.curves)])

    def slope(self, spend: Array) -> Array:
        h = np.maximum(1e-4 * spend, 1e-6)
        return (self.value(spend + h) - self.value(np.maximum(spend - h, 0))) / (
            spend + h - np.maximum(spend - h, 0)
        )


def oracle(brand: Brand, weeks: int, step: float = 0.2) -> tuple[Run, Run]:
    """The best by the true curves: within the steps (the better of two ways), and at once."""
    start, true = brand.start, _True(brand.curves)
    total = float(start.sum())
    best = best_split(true, Region(np.zeros(len(start)), np.full(len(start), total)), total).spend
    ways: list[Callable[[Array], Array]] = [
        lambda mix: stepped(mix, best, step, start),
        lambda mix: (
            best_split(
                true,
                Region(np.maximum(np.minimum(mix * (1 - step), mix - 0.25 * start), 0), mix * (1 + step)),
                float(mix.sum()),
            ).spend
        ),
    ]
    runs = []
    for way in ways:
        run, mix = Run(brand), start
        for _ in range(weeks):
            mix = way(mix)
            run.week(mix, seen=False)
        runs.append(run)
    bound = max(runs, key=worth)
    free = Run(brand)
    for _ in range(weeks):
        free.week(best, seen=False)
    return bound, free


def worth(run: Run) -> float:
    """True profit of the weeks after the history; the spend is the same for all and left in."""
    true = run.brand.true(run.spend[: run.day])[run.brand.history :].sum()
    return float(MARGIN * true - run.spend[run.brand.history : run.day].sum())


def weekly(run: Run) -> Array:
    """(weeks,), the same week by week."""
    days = slice(run.brand.history, run.day)
    net = MARGIN * run.brand.true(run.spend[: run.day])[days].sum(axis=1) - run.spend[days].sum(axis=1)
    return net.reshape(-1, 7).sum(axis=1)

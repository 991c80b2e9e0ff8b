"""Simulated advertisers with known truth: spend, demand, funnel, attribution, and the curves behind them.

A world has 5–12 channels and 60–730 days. Budgets move in steps of two to five weeks; some follow
demand, a latent level with a yearly season. Spend works through adstock and a curve on leads, which
become customers, who place orders of heavy-tailed value. Attribution loses leads, swaps them between
channels and claims organic ones. What the sizes are is told by ``PRESETS`` and ``GENERATOR``.

Kind 1: geometric adstock and Hill curves. Kind 2: other families (log, power, logistic S, Michaelis–Menten
behind a threshold, straight pieces), other kernels (late peak, Weibull, two rates), other noise (negative
binomial, Student t, autocorrelated).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import expit

Array = np.ndarray
Curve = Callable[[Array], Array]


@dataclass(frozen=True)
class Preset:
    """How hard a world is.

    Attributes:
        step: standard deviation of the log of a budget step.
        follow: how strongly log spend follows log demand.
        swap, lost, claimed: shares of leads swapped, lost, and of a channel's leads that are organic.
        attribution: standard deviation of the log of the attribution factor of a channel.
        day_cv: coefficient of variation of a day's noise.
        latent: standard deviation of the log of latent demand.
    """

    step: float
    follow: float
    swap: float
    lost: float
    claimed: float
    attribution: float
    day_cv: float
    latent: float


PRESETS = {
    "easy": Preset(0.6, 0.1, 0.02, 0.05, 0.03, 0.08, 0.06, 0.03),
    "medium": Preset(0.3, 0.5, 0.06, 0.10, 0.08, 0.20, 0.15, 0.10),
    "hard": Preset(0.10, 1.0, 0.12, 0.20, 0.15, 0.40, 0.30, 0.20),
}
#: Centre and spread of the generator's own parameters, on the scale they are normal on: log ROI around
#: the world's own, log of half-saturation relative to mean spend, log slope, logit keep.
GENERATOR = {"roi": 0.5, "half": (0.25, 0.7), "slope": (0.1, 0.25), "keep": (-0.6, 0.8)}
START = pd.Timestamp("2024-01-01")
FAMILIES = ("log", "power", "logistic", "threshold", "pieces")
KERNELS = ("geometric", "late", "weibull", "two_rate")
NOISES = ("negative_binomial", "t", "autocorrelated")


@dataclass(frozen=True)
class World:
    """One advertiser.

    Attributes:
        daily: day, channel, spend, clicks, leads, customers, revenue, as attribution tells it.
        total: day and revenue of all orders, organic ones too.
        today: (channels,), mean spend of the last 56 days.
        curves: per channel the true steady revenue per day at a held spend.
        facts: what the generator drew.
    """

    daily: pd.DataFrame
    total: pd.DataFrame
    today: Array
    curves: tuple[Curve, ...]
    facts: dict = field(default_factory=dict)

    def outcome(self, spend: Array) -> Array:
        """True steady revenue per day, summed over channels; spend (..., channels)."""
        return sum(f(np.asarray(spend)[..., c]) for c, f in enumerate(self.curves))

    def roi(self) -> Array:
        """True incremental revenue per unit of today's spend, (channels,)."""
        x = self.today
        return np.array([float(f(np.asarray(x[c]))) / x[c] for c, f in enumerate(self.curves)])


def make_world(
    preset: str, kind: int, seed: int, days: int | None = None, channels: int | None = None
) -> World:
    """One world; the same arguments give the same world."""
    rng = np.random.default_rng([seed, kind, list(PRESETS).index(preset)])
    p = PRESETS[preset]
    width = channels or int(rng.integers(5, 13))
    length = days or int(rng.integers(60, 731))
    demand, season = _demand(rng, length, p.latent)
    spend, level = _spend(rng, p, demand, length, width)
    world_roi = rng.lognormal(np.log(3), 0.4)
    roi = world_roi * rng.lognormal(0, GENERATOR["roi"], width)
    curves = tuple(_curve(rng, kind, level[c], roi[c] * level[c]) for c in range(width))
    kernels = [_kernel(rng, kind) for _ in range(width)]
    stock = np.column_stack([_adstock(spend[:, c], kernels[c]) for c in range(width)])
    true = np.column_stack([curves[c](stock[:, c]) for c in range(width)]) * (demand * season)[:, None]
    noise = _noise(rng, kind, p.day_cv, (length, width))
    money = _Money(rng, float(true.mean(axis=0).sum()))
    daily, total = _observed(rng, p, spend, true * noise, demand * season, money)
    facts = {"world_roi": world_roi, "level": level, "days": length}
    return World(daily, total, spend[-56:].mean(axis=0), curves, facts)


def _demand(rng: np.random.Generator, length: int, sd: float) -> tuple[Array, Array]:
    """Latent demand with a year, mean about 1, and the season of the week."""
    log = np.empty(length)
    log[0] = rng.normal(0, sd)
    for t in range(1, length):
        log[t] = 0.97 * log[t - 1] + rng.normal(0, sd * np.sqrt(1 - 0.97**2))
    day = np.arange(length) + rng.integers(0, 365)
    log += rng.uniform(0.0, 0.25) * np.sin(2 * np.pi * day / 365.25)
    week = np.exp(rng.normal(0, 0.12, 7))
    return np.exp(log - log.mean()), (week / week.mean())[np.arange(length) % 7]


def _spend(rng, p: Preset, demand: Array, length: int, width: int) -> tuple[Array, Array]:
    """Spend (days, channels) that moves in steps, and its mean level by channel."""
    share = np.maximum(rng.dirichlet(np.full(width, 1.5)), 0.01)
    level = rng.lognormal(np.log(20000), 0.7) * share / share.sum()
    spend = np.empty((length, width))
    for c in range(width):
        log, t = np.empty(length), 0
        while t < length:
            held = int(rng.integers(14, 36))
            log[t : t + held] = rng.normal(0, p.step)
            t += held
        spend[:, c] = np.exp(log + rng.normal(0, 0.06, length)) * demand ** (p.follow * rng.uniform(0.5, 1.2))
        if rng.random() < 0.1 * (p.step > 0.2):
            off = int(rng.integers(0, length - 14))
            spend[off : off + 14, c] = 0.0
    return spend / spend.mean(axis=0) * level, level


def _curve(rng, kind: int, level: float, worth: float) -> Curve:
    """A curve that brings ``worth`` at ``level``."""
    if kind == 1:
        half = level * rng.lognormal(*GENERATOR["half"])
        slope = rng.lognormal(*GENERATOR["slope"])
        shape: Curve = lambda x: expit(slope * (np.log(np.maximum(x, 1e-300)) - np.log(half)))  # noqa: E731
    else:
        shape = _other(rng, str(rng.choice(FAMILIES)), level)
    high = float(shape(np.asarray(level)))
    return lambda x: worth / high * shape(np.asarray(x, dtype=float))


def _other(rng, family: str, level: float) -> Curve:
    """A curve of another family."""
    k = level * rng.lognormal(0, 0.7)
    if family == "log":
        return lambda x: np.log1p(x / k)
    if family == "power":
        power = rng.uniform(0.3, 0.9)
        return lambda x: x**power
    if family == "logistic":
        steep = rng.uniform(1.0, 2.5)
        middle = rng.uniform(0.2, 1.0) * level
        low = expit(-steep * middle / level)
        return lambda x: expit(steep * (x - middle) / level) - low
    if family == "threshold":
        bar = rng.uniform(0, 0.3) * level
        return lambda x: np.maximum(x - bar, 0) / (np.maximum(x - bar, 0) + k)
    knots = np.r_[0.0, np.sort(rng.uniform(0.3, 2.5, 2)) * level, 100 * level]
    pace = np.sort(rng.uniform(0.05, 1.0, 3))[::-1]
    heights = np.r_[0.0, np.cumsum(pace * np.diff(knots))]
    return lambda x: np.interp(x, knots, heights)


def _kernel(rng, kind: int) -> Array:
    """Weights of today's spend on the coming 60 days; they add up to 1."""
    lag = np.arange(60.0)
    name = "geometric" if kind == 1 else str(rng.choice(KERNELS))
    if name == "geometric":
        weights = expit(rng.normal(*GENERATOR["keep"])) ** lag
    elif name == "late":
        weights = (lag + 1) ** rng.uniform(1, 2) * np.exp(-lag / rng.uniform(1.0, 3.0))
    elif name == "weibull":
        weights = np.exp(-((lag / rng.uniform(1, 6)) ** rng.uniform(0.6, 1.8)))
    else:
        weights = 0.8 * rng.uniform(0, 0.4) ** lag + 0.2 * rng.uniform(0.8, 0.93) ** lag
    return weights / weights.sum()


def _adstock(spend: Array, kernel: Array) -> Array:
    """Spend spread over the days it works on; before the first day it was as in the first week."""
    before = np.full(len(kernel), spend[:7].mean())
    return np.convolve(np.r_[before, spend], kernel)[len(kernel) : len(kernel) + len(spend)]


def _noise(rng, kind: int, cv: float, shape: tuple[int, int]) -> Array:
    """Factors of the days with mean about 1."""
    name = "negative_binomial" if kind == 1 else str(rng.choice(NOISES))
    if name == "negative_binomial":
        return rng.gamma(1 / cv**2, cv**2, shape)
    if name == "t":
        return np.maximum(1 + cv * rng.standard_t(3, shape) / np.sqrt(3) * 1.2, 0.05)
    log = rng.normal(0, cv, shape)
    for t in range(1, shape[0]):
        log[t] = 0.6 * log[t - 1] + np.sqrt(1 - 0.36) * log[t]
    return np.exp(log - cv**2 / 2)


class _Money:
    """Close rate, order value and its tail; sized so that a world has about 200 to 5000 leads a day."""

    def __init__(self, rng, revenue_per_day: float) -> None:
        self.close = rng.uniform(0.08, 0.3)
        self.leads = rng.lognormal(np.log(1000), 0.8)
        self.order = revenue_per_day / (self.leads * self.close)
        self.tail = rng.uniform(0.5, 1.2)


def _observed(rng, p: Preset, spend: Array, true: Array, demand: Array, money: _Money):
    """The daily table as attribution tells it, and the total that really came in."""
    length, width = spend.shape
    per_lead = money.order * money.close
    leads = rng.poisson(true / per_lead)
    organic_share = rng.uniform(0.2, 0.5)
    base = organic_share / (1 - organic_share) * (true / per_lead).mean(axis=0).sum() * demand
    organic = rng.poisson(base * rng.gamma(100, 0.01, length))
    factor = rng.lognormal(-(p.attribution**2) / 2, p.attribution, width) * (1 - p.lost)
    share = leads.mean(axis=0) / leads.mean(axis=0).sum()
    mixed = true / per_lead * (1 - p.swap) * factor + (true / per_lead * p.swap).sum(axis=1)[:, None] * share
    claim = (
        p.claimed
        / (1 - p.claimed)
        * share
        * (true / per_lead).mean(axis=0).sum()
        * rng.uniform(0.3, 1.7, width)
    )
    seen = rng.poisson(mixed + claim * demand[:, None])
    customers = rng.binomial(seen, money.close)
    sold = rng.binomial(leads.sum(axis=1) + organic, money.close)
    days = pd.date_range(START, periods=length)
    daily = pd.DataFrame({
        "day": np.repeat(days, width), "channel": np.tile([f"ch{c:02d}" for c in range(width)], length),
        "spend": spend.ravel(), "clicks": rng.poisson(seen.ravel() * 20.0 + 1), "leads": seen.ravel(),
        "customers": customers.ravel(), "revenue": _orders(rng, customers.ravel(), money),
    })  # fmt: skip
    promo = np.where(rng.random(length) < 0.01, 1.6, 1.0)
    return daily, pd.DataFrame({"day": days, "revenue": _orders(rng, sold, money) * promo})


def _orders(rng, counts: Array, money: _Money) -> Array:
    """Money of so many orders each."""
    value = rng.lognormal(np.log(money.order) - money.tail**2 / 2, money.tail, counts.sum())
    return np.bincount(np.repeat(np.arange(counts.size), counts), weights=value, minlength=counts.size)

"""Drawn futures of customers: money month by month from the models of repeat orders and of their value.

Of a large cohort ``MOST_FOLLOWED`` customers are followed, other ones in every draw, spread evenly from the
least to the most promising. The mean of so few varies more than that of the whole cohort: the spread of the
draws is brought to that of the parameters (from the formulas for the expected orders, ``repeat.py``) plus the
chance of as many customers as there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.measure.ordersize import OrderSize
from channelopt.measure.repeat import RepeatModel

Array = npt.NDArray[np.float64]

WEEKS_PER_MONTH = 365.25 / 12 / 7
#: Customers of a cohort that are followed one by one in a draw.
MOST_FOLLOWED = 500
#: Customers whose expected orders stand for the cohort's.
STAND_FOR = 60
#: Orders a month of one customer beyond which nothing real is meant.
MOST_ORDERS = 1e4


@dataclass(frozen=True)
class _People:
    """Histories, one entry per customer. ``value`` is 0 where it is not known."""

    x: Array
    t_x: Array
    watched: Array
    value: Array

    @classmethod
    def of(cls, part: pd.DataFrame) -> _People:
        """From a table of ``purchases.purchases``."""
        x, t_x, watched, value = (part[c].to_numpy(dtype="float64") for c in ("x", "t_x", "watched", "value"))
        return cls(x, t_x, watched, np.where((x > 0) & (value > 0), value, 0.0))

    def only(self, chosen: npt.NDArray[np.int64]) -> _People:
        """Some of them."""
        return _People(*(getattr(self, n)[chosen] for n in ("x", "t_x", "watched", "value")))

    def known(self) -> Array:
        """Repeat orders of known value."""
        return np.where(self.value > 0, self.x, 0.0)

    def __len__(self) -> int:
        return len(self.x)


def futures(
    part: pd.DataFrame,
    spent: Array,
    models: tuple[RepeatModel, OrderSize],
    ahead: int,
    rng: np.random.Generator,
    scale: Array,
) -> tuple[Array, Array]:
    """Money per customer of a cohort.

    Args:
        part: its customers (``purchases.purchases``), at least one.
        spent: (customers, months of age), money until now.
        models: of repeat orders and their value.
        ahead: months.
        rng: for the draws.
        scale: (draws,), what a unit of revenue counts in each draw.

    Returns:
        Until the end of each month of age (draws, months of age + 1), and in each coming month (draws,
        months); NaN when a model is not fitted.
    """
    orders, sizes = models
    people, draws = _People.of(part), len(scale)
    width = max(int(people.watched.max() / WEEKS_PER_MONTH + ahead + 0.5), spent.shape[1]) + 1
    if not (orders.fitted and sizes.fitted):
        return np.full((draws, width), np.nan), np.full((draws, ahead), np.nan)
    come, later = np.zeros((draws, width)), np.zeros((draws, ahead))
    rank, drawn = _ranked(people, orders, sizes), (orders.draws(draws, rng), sizes.draws(draws, rng))
    many, chance = min(len(people), MOST_FOLLOWED), 0.0
    for at in range(draws):
        one = people.only(_spread(rank, many, rng))
        money = scale[at] * _one_future(one, drawn[0][at], drawn[1][at], ahead, rng)
        later[at] = money.mean(axis=0)
        month = (one.watched[:, None] / WEEKS_PER_MONTH + np.arange(ahead) + 0.5).astype("int64")
        np.add.at(come[at], month.ravel(), money.ravel() / many)
        chance += float(money.sum(axis=1).var()) / draws
    if many < len(people):
        own = _of_parameters(people.only(_spread(rank, STAND_FOR, None)), drawn, ahead, scale)
        whole = float(later.sum(axis=1).var())
        less = np.sqrt(min((own + chance / len(people)) / whole, 1.0)) if whole > 0 else 1.0
        come, later = (side.mean(axis=0) + (side - side.mean(axis=0)) * less for side in (come, later))
    come[:, : spent.shape[1]] += spent.sum(axis=0) / len(people)
    return np.cumsum(come, axis=1), later


def _ranked(people: _People, orders: RepeatModel, sizes: OrderSize) -> npt.NDArray[np.int64]:
    """Customers from the least to the most promising."""
    pace = (orders.r + people.x) / (orders.alpha + people.watched)
    there = orders.alive(people.x, people.t_x, people.watched)
    return np.asarray(np.argsort(pace * there * sizes.expected(people.known(), people.value), kind="stable"))


def _spread(rank: npt.NDArray[np.int64], many: int, rng: np.random.Generator | None) -> npt.NDArray[np.int64]:
    """So many of them, evenly along the ranks from a random start (the middle without ``rng``)."""
    if many >= len(rank):
        return rank
    start = 0.5 if rng is None else rng.random()
    return rank[((np.arange(many) + start) * len(rank) / many).astype("int64")]


def _of_parameters(people: _People, drawn: tuple[Array, Array], ahead: int, scale: Array) -> float:
    """Variance of the expected money per customer that the parameters leave open."""
    expected = []
    for of_orders, of_sizes, unit in zip(*drawn, scale, strict=True):
        model = _model(of_orders)
        many = model.expected(ahead * WEEKS_PER_MONTH, people.x, people.t_x, people.watched)
        p, q, gamma = of_sizes
        known = people.known()
        each = p * (gamma + known * people.value) / (p * known + q - 1)
        expected.append(unit * float((many * each).mean()))
    return float(np.var(expected))


def _model(of_orders: Array) -> RepeatModel:
    r, alpha, a, b = (float(v) for v in of_orders)
    return RepeatModel(r, alpha, a, b, float("nan"), np.zeros((4, 4)), 0, 0)


def _one_future(
    one: _People, of_orders: Array, of_sizes: Array, ahead: int, rng: np.random.Generator
) -> Array:
    """Revenue of each customer in each coming month, (customers, months), under one set of parameters."""
    r, alpha, a, b = of_orders
    p, q, gamma = of_sizes
    there = rng.random(len(one)) < _model(of_orders).alive(one.x, one.t_x, one.watched)
    rate = rng.gamma(r + one.x) / (alpha + one.watched) * WEEKS_PER_MONTH
    lost = np.maximum(rng.beta(a, b + one.x), 1e-9)
    wanted = rng.poisson(np.minimum(rate, MOST_ORDERS)[:, None], (len(one), ahead)).cumsum(axis=1)
    until = np.minimum(wanted, rng.geometric(lost)[:, None]) * there[:, None]
    bought = np.diff(until, axis=1, prepend=0)
    known = one.known()
    nu = np.maximum(rng.gamma(q + p * known) / (gamma + known * one.value), 1e-300)
    return np.where(bought > 0, rng.gamma(np.maximum(p * bought, 1e-12)), 0.0) / nu[:, None]

"""How much of a cohort's eventual customers can be seen yet, learned from lead timestamps.

A lead of age ``T`` days can show a customer only when its delay ``X`` (created → customer) is
at most ``T``: the delays are right-truncated. The share of customers that need at most ``x``
days is the product limit in reversed time (the chain ladder of insurance),

    G(x) = product over u > x of (1 - d_u / R_u),
    d_u = customers with X = u,   R_u = customers with X <= u <= T,

as far as ``R_u`` reaches ``ENOUGH`` customers; beyond that age delays fitted to the same
truncated data give the tail (``tail.py``). Its variance is Greenwood's in reversed time plus that of
the tail by the delta method. Each channel's table is mixed with ``BORROWED`` customers' worth
of the table of all channels, so a small channel borrows the common delay. A cohort mix with
weights ``w`` (leads per age) is visible to the share ``M = sum(w G(age)) / sum(w)`` and its
matured revenue is seen / M.

Source: Lynden-Bell (1971), MNRAS 155; Kalbfleisch & Lawless (1989), JASA 84 (truncated
delays); Mack (1993), ASTIN Bulletin 23 (chain ladder).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import require_columns
from channelopt.measure.tail import Tail, fit_tail

Array = npt.NDArray[np.float64]

#: Customers at risk below which the product limit hands over to the fitted tail.
ENOUGH = 20.0
#: Customers' worth of the pooled table mixed into each channel's.
BORROWED = 30.0
#: Own customers from which a channel gets a tail of its own.
OWN_TAIL = 100
#: Below this visible share a matured value would be guesswork.
LEAST_VISIBLE = 0.1
#: Customers needed to learn any delay.
LEAST_CUSTOMERS = 10
#: Delays are told apart up to this many days; longer ones count as this long.
LONGEST = 400


@dataclass(frozen=True)
class DelayCurve:
    """Share of eventual customers visible by cohort age.

    Attributes:
        share: G(age) for age 0, 1, … days.
        log_var: variance of log G(age) without the tail's part.
        tail_log_var: variance of the log of the tail factor, common to all ages.
        customers: own customers behind it.
    """

    share: Array
    log_var: Array
    tail_log_var: float
    customers: int

    def median(self) -> float:
        """Days until half of the eventual customers are visible; NaN when never reached."""
        reached = np.flatnonzero(self.share >= 0.5)
        return float(reached[0]) if len(reached) else float("nan")

    def visible(self, ages: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[float, float]:
        """Visible share of a mix of cohorts.

        Args:
            ages: cohort ages in days at the moment of the data; negative ones count as unseen.
            weights: leads (or any expected volume) per cohort.

        Returns:
            Share in 0..1 and the variance of its log; NaN without weight or below
            ``LEAST_VISIBLE``.
        """
        age, weight = np.asarray(ages, dtype="int64"), np.asarray(weights, dtype="float64")
        last = len(self.share) - 1
        total = weight.sum()
        if not total > 0:
            return float("nan"), float("nan")
        at = np.clip(age, 0, last)
        per_age = np.bincount(at[age >= 0], weights=weight[age >= 0], minlength=last + 1) / total
        part = per_age * self.share
        seen = float(part.sum())
        if seen < LEAST_VISIBLE:
            return float("nan"), float("nan")
        squares = np.cumsum(part) ** 2  # two cohorts share the uncertainty of the older one
        variance = float(np.diff(squares, prepend=0.0) @ self.log_var) / seen**2
        return min(seen, 1.0), variance + self.tail_log_var


@dataclass(frozen=True)
class Delays:
    """The delay of all channels together, and of each.

    Attributes:
        as_of: the moment the lead data know of.
        pooled: the curve of all channels.
        by_channel: the curves of the channels that have customers.
    """

    as_of: pd.Timestamp
    pooled: DelayCurve
    by_channel: Mapping[str, DelayCurve] = field(default_factory=dict)

    def curve(self, channel: str) -> DelayCurve:
        """The channel's curve; the pooled one when it has no customers."""
        return self.by_channel.get(channel, self.pooled)

    def immature_from(self, share: float = 0.9) -> pd.Timestamp:
        """First day whose cohort shows less than ``share`` of its eventual customers."""
        ripe = np.flatnonzero(self.pooled.share >= share)
        age = int(ripe[0]) if len(ripe) else len(self.pooled.share)
        return self.as_of - pd.Timedelta(days=age - 1)


def learn_delays(leads: pd.DataFrame, as_of: dt.date | pd.Timestamp) -> Delays | None:
    """Learn the delay from created to customer.

    Args:
        leads: one row per lead with channel, created_at, customer_at (NaT when not one yet).
        as_of: last day the lead data know of.

    Returns:
        The curves, or None below ``LEAST_CUSTOMERS`` customers with both dates.

    Raises:
        InputError: a column is missing.
    """
    require_columns(leads, ("channel", "created_at", "customer_at"))
    now = pd.Timestamp(as_of).normalize()
    created = pd.to_datetime(leads["created_at"]).dt.normalize()
    bought = pd.to_datetime(leads["customer_at"]).dt.normalize()
    age, delay = (now - created).dt.days, (bought - created).dt.days
    usable = delay.notna() & age.notna() & (delay >= 0) & (delay <= age)
    if usable.sum() < LEAST_CUSTOMERS:
        return None
    age, delay = age.clip(upper=LONGEST), delay.clip(upper=LONGEST)
    reach = int(age[age.notna()].max())
    channel = leads.loc[usable, "channel"].astype("str")
    row, column = age[usable].to_numpy("int64"), delay[usable].to_numpy("int64")
    pooled_table = _table(row, column, reach)
    tail = fit_tail(pooled_table)
    pooled = _curve(pooled_table, tail, int(usable.sum()))
    curves = {}
    for name, at in channel.groupby(channel).indices.items():
        mixed = _table(row[at], column[at], reach) + pooled_table * (BORROWED / pooled_table.sum())
        own = fit_tail(mixed) if len(at) >= OWN_TAIL else tail
        curves[str(name)] = _curve(mixed, own, len(at))
    return Delays(now, pooled, curves)


def visible_days(delays: Delays, channels: list[str], days: pd.DatetimeIndex) -> Array:
    """Share of each channel's and day's customers that can be seen yet.

    Args:
        delays: as ``learn_delays`` gives them.
        channels: their keys.
        days: cohorts by the day of their leads.

    Returns:
        (channels, days), 0 for days after ``delays.as_of``.
    """
    ages = (delays.as_of - days).days.to_numpy()
    curves = [delays.curve(channel).share for channel in channels]
    return np.array([np.where(ages >= 0, share[np.clip(ages, 0, len(share) - 1)], 0.0) for share in curves])


def visible_weeks(delays: Delays, channels: Sequence[str] = (), most: int = 52) -> list[float]:
    """Share of the orders of one week's spend that can be seen at the end of weeks 1, 2, …

    Args:
        delays: as ``learn_delays`` gives them.
        channels: whose delay, all alike; that of all channels together when empty.
        most: weeks.

    Returns:
        Rising shares; money is spent evenly over the week's days.
    """
    curves = [delays.curve(name) for name in channels] or [delays.pooled]
    ages = np.arange(7 * most)
    days = np.mean([curve.share[np.minimum(ages, len(curve.share) - 1)] for curve in curves], axis=0)
    weeks = np.maximum.accumulate(np.clip(days.reshape(most, 7).mean(axis=1), 0.0, 1.0))
    return [float(share) for share in weeks]


def _table(age: npt.NDArray[Any], delay: npt.NDArray[Any], reach: int) -> Array:
    """Customers by age at the data's moment (rows) and delay (columns)."""
    size = reach + 1
    return np.bincount(age * size + delay, minlength=size * size).reshape(size, size).astype("float64")


def product_limit(table: Array) -> tuple[Array, Array, Array]:
    """The reversed-time product limit of a table of customers by age and delay.

    Returns:
        G(x) given that the delay is at most the largest age, the variance of its log, and
        the customers at risk ``R_u``; one entry per day of delay.
    """
    events = table.sum(axis=0)
    within = np.cumsum(table, axis=1)
    at_risk = np.triu(within.T).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        stay = np.where(at_risk > 0, 1 - events / at_risk, 1.0)
        step = np.where((at_risk > events) & (events > 0), events / at_risk / (at_risk - events), 0.0)
    share = np.r_[np.cumprod(stay[::-1])[::-1][1:], 1.0]
    return share, np.r_[np.cumsum(step[::-1])[::-1][1:], 0.0], at_risk


def _curve(table: Array, tail: Tail, customers: int) -> DelayCurve:
    ages = np.arange(len(table))
    _, _, at_risk = product_limit(table)
    solid = np.flatnonzero(at_risk >= ENOUGH)
    cut = int(solid[-1]) if len(solid) else 0
    inner = table[:, : cut + 1].copy()
    inner_share, inner_var, _ = product_limit(_capped(inner, cut))
    factor = float(tail.share(cut))
    share, log_var = tail.share(ages), np.zeros(len(table))
    share[: cut + 1] = inner_share * factor
    log_var[: cut + 1] = inner_var
    return DelayCurve(share, log_var, tail.log_variance(cut), customers)


def _capped(table: Array, cut: int) -> Array:
    """Customers with a delay up to ``cut``; older ages have all seen that much."""
    square = table[: cut + 1].copy()
    square[cut] += table[cut + 1 :].sum(axis=0)
    return square

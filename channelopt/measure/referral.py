r"""Old customers bring new ones (老客带新客): how many, how fast, and where it ends.

A customer sends i invitations, a share a of which become customers: :math:`K = i\,a` new ones per customer.
Counts are what is known: invitations per customer are Gamma (their number divided by how much more than a
count it varies, ``dispersion``), acceptance is Beta, both with Jeffreys' prior; K is their product. For K < 1
a customer becomes :math:`1 / (1 - K)` in the end. For K >= 1 the number grows by itself, doubling every
:math:`\ln 2 / \rho` weeks with :math:`K \sum_j g_j e^{-\rho j} = 1` (Euler–Lotka, g the weeks from becoming a
customer to bringing one), until the audience is used up.

With paid customers :math:`n_w` a week and c the share of today's audience that is left, the week's referred
customers are a draw (Poisson, or as much wider as the part of one customer's invitations that falls into one
week varies more) of mean

.. math:: R_w = K\,c_w \sum_{j \ge 1} g_j (n_{w-j} + R_{w-j}), \qquad
          c_w = \max\Big(0, 1 - \sum_{u < w} (n_u + R_u) / pool\Big).

Source: Fisher (1930), The Genetical Theory of Natural Selection (Euler–Lotka); Bass (1969), Management
Science 15 (what is left of the audience); Brown, Cai & DasGupta (2001),
Statistical Science 16, and (2003), Statistica Sinica 13 (Jeffreys).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special

from channelopt.errors import Finding, InputError, require_columns
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]

DRAWS = 2000
MOST_WEEKS = 260
#: Weeks after which no invitation of a customer is waited for.
CYCLE_WEEKS = 52
#: Customers brought below which a range is called wide.
FEW = 20
STATUSES = ("ends", "may_grow", "grows", "none")


class Range(NamedTuple):
    """A figure with its interval; NaN where it cannot be said."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True)
class Referrals:
    """What is known of referral: counts.

    Attributes:
        customers: who could invite, above 0.
        inviters: of them, who did.
        invites: invitations sent.
        accepted: of them, who became customers.
        cycle_days: mean days from becoming a customer to bringing one; above 0.
        cycle_cv: its coefficient of variation; above 0.
        dispersion: variance over mean of invitations per customer, at least 1.
        young: invitations left out because those invited have not had time.
        young_days: how much time they are given.
    """

    customers: int
    inviters: int
    invites: int
    accepted: int
    cycle_days: float = 21.0
    cycle_cv: float = 0.7
    dispersion: float = 1.0
    young: int = 0
    young_days: int = 0

    def __post_init__(self) -> None:
        rules = {
            "customers": (self.customers > 0, "above 0"),
            "inviters": (0 <= self.inviters <= self.customers, "from 0 to the number of customers"),
            "invites": (self.invites >= self.inviters, "at least one per inviter"),
            "accepted": (0 <= self.accepted <= self.invites, "from 0 to the number of invitations"),
            "cycle_days": (0 < self.cycle_days < 3650, "days above 0"),
            "cycle_cv": (0 < self.cycle_cv < 10, "above 0"),
            "dispersion": (1 <= self.dispersion < 1e6, "at least 1"),
        }
        for name, (right, wanted) in rules.items():
            if not right:
                raise InputError("common.bad_setting", name=name, value=getattr(self, name), wanted=wanted)
        if self.inviters == 0 and self.invites > 0:
            wanted = "0 without inviters"
            raise InputError("common.bad_setting", name="invites", value=self.invites, wanted=wanted)

    def k_draws(self, n: int, rng: np.random.Generator) -> Array:
        """What K may be, (n,)."""
        per = rng.gamma(self.invites / self.dispersion + 0.5, self.dispersion / self.customers, n)
        return np.asarray(per * rng.beta(self.accepted + 0.5, self.invites - self.accepted + 0.5, n))

    def cycle(self) -> Array:
        """(CYCLE_WEEKS,), share of those a customer brings who come in weeks 1, 2, … after it; sums to 1."""
        shape = 1 / self.cycle_cv**2
        edges = np.arange(CYCLE_WEEKS + 1) * 7.0
        share = np.diff(special.gammainc(shape, edges * shape / self.cycle_days))
        whole = float(share.sum())
        return np.asarray(share / whole) if whole > 0 else np.eye(1, CYCLE_WEEKS, CYCLE_WEEKS - 1)[0]


@dataclass(frozen=True)
class Referral:
    """Referral and its forecast.

    Attributes:
        k: customers that one customer brings.
        invites_per_customer, acceptance: its two parts; acceptance is NaN without invitations.
        amplification: customers that one paid customer becomes in the end; NaN at an end that is K >= 1.
        doubling_weeks: in how many weeks the number doubles by itself at the middle K; NaN for K <= 1.
        status: "none" (no invitation), "ends" (surely K < 1), "may_grow", "grows" (surely K >= 1).
        weekly: one row per week: week (from 1), paid, referred_low, referred, referred_high, total (mean of
            all customers until then), left (mean share of today's audience left at its end; 1 without
            a pool).
        cost: rewards of all weeks, in money; NaN without a reward.
        findings: what to do, and what is doubtful.
    """

    k: Range
    invites_per_customer: Range
    acceptance: Range
    amplification: Range
    doubling_weeks: float
    status: str
    weekly: pd.DataFrame
    cost: Range
    findings: tuple[Finding, ...] = ()


def referrals_from(
    rows: pd.DataFrame,
    customers: int,
    as_of: dt.date | pd.Timestamp,
    became: pd.Series | None = None,
    answer_days: int = 30,
) -> Referrals:
    """Counts from a list of invitations.

    Args:
        rows: inviter_key, invited_key, day (sent), ordered_day (became a customer; NaT when not); a person
            invited several times counts once, with the first invitation.
        customers: who could invite, inviters among them.
        as_of: last day the rows know of.
        became: inviter_key → day that one became a customer, for the cycle; without it the cycle runs from
            the invitation.
        answer_days: days that people are given to answer; younger invitations are left out.

    Raises:
        InputError: a column is missing; ``common.bad_setting`` for counts that cannot be.
    """
    require_columns(rows, ("inviter_key", "invited_key", "day", "ordered_day"))
    now = pd.Timestamp(as_of).normalize()
    frame = rows[["inviter_key", "invited_key"]].astype("str")
    frame["day"] = pd.to_datetime(rows["day"]).dt.normalize()
    frame["ordered"] = pd.to_datetime(rows["ordered_day"]).dt.normalize()
    frame = frame[frame["day"].notna() & (frame["day"] <= now)].sort_values("day", kind="stable")
    frame = frame.drop_duplicates("invited_key")
    old = frame["day"] <= now - pd.Timedelta(days=answer_days)
    ripe = frame[old]
    limit = ripe["day"] + pd.Timedelta(days=answer_days)
    taken = ripe["ordered"].notna() & (ripe["ordered"] >= ripe["day"]) & (ripe["ordered"] <= limit)
    per = ripe.groupby("inviter_key").size().to_numpy(dtype="float64")
    start = ripe["day"] if became is None else ripe["inviter_key"].map(became).fillna(ripe["day"])
    gap = (ripe["ordered"] - pd.to_datetime(start)).dt.days[taken].clip(lower=1).to_numpy(dtype="float64")
    many = {} if len(gap) < 2 else {
        "cycle_days": float(gap.mean()), "cycle_cv": float(np.clip(gap.std(ddof=1) / gap.mean(), 0.05, 5.0)),
    }  # fmt: skip
    return Referrals(
        customers, len(per), len(ripe), int(taken.sum()), dispersion=_dispersion(per, customers),
        young=int((~old).sum()), young_days=int(answer_days), **many,
    )  # fmt: skip


def _dispersion(per: Array, customers: int) -> float:
    """Variance over mean of invitations per customer, those without any included; at least 1."""
    if customers < 2 or not per.sum() > 0:
        return 1.0
    mean = per.sum() / customers
    variance = ((per**2).sum() - customers * mean**2) / (customers - 1)
    return float(max(variance / mean, 1.0))


def referral(
    known: Referrals,
    weekly: float | Sequence[float],
    weeks: int = 26,
    pool: float | None = None,
    reward: float | None = None,
    policy: Policy | None = None,
    seed: int = 20260702,
) -> Referral:
    """What referral brings over the coming weeks.

    Args:
        known: counts so far.
        weekly: paid customers per week: one number, which also held in the past, or one per coming week
            (the first then stands for the past).
        weeks: how far ahead.
        pool: people of the audience who are not customers yet; None does not slow down.
        reward: money per invited person who becomes a customer.
        policy: interval, confidence.
        seed: the same seed gives the same answer.

    Raises:
        InputError: ``common.bad_setting``.
    """
    rules = policy or Policy()
    paid = _weekly(weekly, weeks)
    if pool is not None and not 0 < pool < np.inf:
        raise InputError("common.bad_setting", name="pool", value=pool, wanted="people above 0, or nothing")
    if reward is not None and not 0 <= reward < np.inf:
        raise InputError("common.bad_setting", name="reward", value=reward, wanted="money from 0")
    rng = np.random.default_rng(seed)
    k = known.k_draws(DRAWS, rng)
    came, left = _forecast(k, known, paid, pool, rng)
    tail = (1 - rules.interval) / 2
    ends = [tail, 1 - tail]
    low, high = np.quantile(came, ends, axis=0)
    table = pd.DataFrame(
        {
            "week": np.arange(1, weeks + 1), "paid": paid, "referred_low": low,
            "referred": came.mean(axis=0), "referred_high": high,
            "total": (paid + came).mean(axis=0).cumsum(), "left": left.mean(axis=0),
        }
    )  # fmt: skip
    middle = known.accepted / known.customers
    k_range = Range(*_around(k, middle, ends))
    if known.accepted == 0:
        k_range = k_range._replace(low=0.0, high=float(np.quantile(k, rules.interval)))
    status = _status(known, k, rules)
    doubling = _doubling(known.cycle(), middle) if middle > 1 else float("nan")
    cost = Range(*_around(came.sum(axis=1) * reward, None, ends)) if reward is not None else Range(*_NONE)
    found = Referral(
        k_range, *_parts(known, ends), _amplified(k_range), doubling, status, table, cost,
        _said(known, k_range, doubling, status, table, pool),
    )  # fmt: skip
    return found


_NONE = (float("nan"),) * 3


def _weekly(weekly: float | Sequence[float], weeks: int) -> Array:
    if int(weeks) != weeks or not 1 <= weeks <= MOST_WEEKS:
        raise InputError("common.bad_setting", name="weeks", value=weeks, wanted=f"whole, 1 to {MOST_WEEKS}")
    given = np.asarray(weekly, dtype="float64")
    if given.ndim == 0:
        given = np.full(weeks, float(given))
    if given.shape != (weeks,) or not (np.isfinite(given).all() and (given >= 0).all()):
        raise InputError("common.bad_setting", name="weekly", value=weekly, wanted="customers, one per week")
    return given


def _forecast(
    k: Array, known: Referrals, paid: Array, pool: float | None, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Referred customers and the share of the audience left, (draws, weeks) each."""
    share, weeks, many = known.cycle(), len(paid), len(k)
    past = min(len(share), 4 + int(6 * known.cycle_days / 7))
    # before today: paid customers as in the first week, and those they brought, as far as K < 1
    before = paid[0] / (1 - np.minimum(k, 0.9))
    everyone = np.concatenate([np.repeat(before[:, None], past, axis=1), np.zeros((many, weeks))], axis=1)
    came, left = np.zeros((many, weeks)), np.ones((many, weeks))
    rest = np.ones(many)
    in_one_week = known.accepted / max(known.invites, 1) * float(share @ share)
    wider = 1 + (known.dispersion - 1) * in_one_week
    for w in range(weeks):
        at = past + w
        reach = min(at, len(share))
        due = everyone[:, at - reach : at][:, ::-1] @ share[:reach]
        mean = np.minimum(k * rest * due, 1e15)
        came[:, w] = _count(mean, wider, rng)
        if pool is not None:
            came[:, w] = np.minimum(came[:, w], pool * rest)
            rest = np.maximum(rest - (came[:, w] + paid[w]) / pool, 0.0)
        everyone[:, at] = paid[w] + came[:, w]
        left[:, w] = rest
    return came, left


def _count(mean: Array, dispersion: float, rng: np.random.Generator) -> Array:
    """Counts of a mean and of variance over mean ``dispersion``."""
    if dispersion > 1:
        mean = rng.gamma(np.maximum(mean / (dispersion - 1), 1e-12)) * (dispersion - 1)
    many = np.minimum(mean, 1e15)
    return np.where(many > 1e9, many, rng.poisson(np.minimum(many, 1e9)))


def _around(draws: Array, middle: float | None, ends: list[float]) -> tuple[float, float, float]:
    low, high = np.quantile(draws, ends)
    at = float(draws.mean()) if middle is None else middle
    return float(min(low, at)), at, float(max(high, at))


def _parts(known: Referrals, ends: list[float]) -> tuple[Range, Range]:
    """Invitations per customer and acceptance."""
    shape, scale = known.invites / known.dispersion + 0.5, known.dispersion / known.customers
    low, high = (float(special.gammaincinv(shape, end)) * scale for end in ends)
    per = Range(low if known.invites else 0.0, known.invites / known.customers, high)
    if known.invites == 0:
        return per, Range(*_NONE)
    a, b = known.accepted + 0.5, known.invites - known.accepted + 0.5
    low, high = (float(special.betaincinv(a, b, end)) for end in ends)
    return per, Range(low if known.accepted else 0.0, known.accepted / known.invites, high)


def _amplified(k: Range) -> Range:
    return Range(*(1 / (1 - end) if end < 1 else float("nan") for end in k))


def _status(known: Referrals, k: Array, rules: Policy) -> str:
    if known.invites == 0:
        return "none"
    below = float((k < 1).mean())
    return "ends" if below >= rules.confidence else "grows" if below <= 1 - rules.confidence else "may_grow"


def _doubling(share: Array, k: float) -> float:
    """Weeks in which the number doubles by itself, k > 1."""
    week = np.arange(1, len(share) + 1)

    def excess(rho: float) -> float:
        return float(np.log(k) + special.logsumexp(-rho * week, b=share))

    return float(np.log(2) / optimize.brentq(excess, 1e-12, np.log(k) + 1.0))


def _said(
    known: Referrals, k: Range, doubling: float, status: str, table: pd.DataFrame, pool: float | None
) -> tuple[Finding, ...]:
    found = []
    if status == "none":
        found.append(Finding("info", "measure.referral_none", {"high": k.high}))
    elif known.accepted < FEW:
        found.append(Finding("info", "measure.referral_few", {"n": known.accepted}))
    if status == "grows":
        params = {"k": k.mid, "low": k.low, "high": k.high, "weeks": doubling}
        found.append(Finding("warning", "measure.referral_grows", params))
    elif status == "may_grow":
        found.append(Finding("warning", "measure.referral_may_grow", {"high": k.high}))
    half = table.loc[table["left"] <= 0.5, "week"]
    if len(half):
        found.append(Finding("warning", "measure.referral_used_up", {"week": int(half.iloc[0])}))
    if pool is None and status in ("grows", "may_grow"):
        found.append(Finding("warning", "measure.referral_no_pool", {}))
    if known.young:
        found.append(Finding("info", "measure.referral_young", {"n": known.young, "days": known.young_days}))
    return tuple(found)

r"""What customers bring over their life, by cohort, and when they have paid back what they cost.

Of each customer the future is drawn from the models of repeat orders and of their value: still there with the
chance of ``repeat.py``; then a purchase rate :math:`\Gamma(r + x, \alpha + T)`, a chance to be lost
:math:`B(a, b + x)`, orders until lost or the horizon ends; each order worth :math:`\Gamma(p, \nu)` with
:math:`\nu \sim \Gamma(q + px, \gamma + x m)`. Every draw has its own parameters from their uncertainty, and
a factor :math:`\exp(N(-\tau^2/2, \tau))` common to all cohorts for how far the model was off when tried on
the past (``repeat_check.py``), so a band holds what a cohort will really bring, chance included. Later margin
is worth :math:`(1 + i)^{-months/12}` of today's. Months are of 365.25 / 12 days since the first order.

Source: Fader, Hardie & Lee (2005), Journal of Marketing Research 42 (RFM and CLV: value from these two
models); Gupta, Lehmann & Stuart (2004), Journal of Marketing Research 41 (discounting).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding, InputError, require_columns
from channelopt.measure.futures import WEEKS_PER_MONTH, futures
from channelopt.measure.ordersize import OrderSize, fit_order_size
from channelopt.measure.purchases import purchases
from channelopt.measure.repeat import RepeatModel, fit_repeat
from channelopt.measure.repeat_check import RepeatCheck, check_repeat
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]

DRAWS = 300
#: How far the model must have been off for it to be told.
TOLD = 0.05
PAYBACK = ("paid", "within", "unsure", "not_within", "unknown")


@dataclass(frozen=True)
class Lifetime:
    """Value of customers by cohort. Money is margin where a margin is known, else revenue.

    Attributes:
        table: one row per cohort: the columns of ``by``, customers, alive (expected share still there),
            seen (money per customer until now), ahead_low, ahead, ahead_high (over the coming months,
            discounted to today; mean and interval), value_low, value, value_high (seen and ahead together).
            NaN where the models could not be learned.
        by: the columns cohorts are told apart by.
        months: how far ahead.
        margin: fraction of revenue; NaN when the money is revenue.
        orders: how often customers come back.
        sizes: what an order is worth.
        check: how the model of repeat orders did on the last weeks; widens the intervals.
        paths: per row of the table (draws, months of age + 1): money per customer until the end of
            that month since the first order, not discounted.
        ages: per row of the table: months since the first order of its youngest customer.
        findings: what is doubtful.
    """

    table: pd.DataFrame
    by: tuple[str, ...]
    months: int
    margin: float
    orders: RepeatModel
    sizes: OrderSize
    check: RepeatCheck
    paths: tuple[Array, ...] = field(repr=False)
    ages: tuple[int, ...] = field(repr=False)
    findings: tuple[Finding, ...] = ()


def lifetime(
    orders: pd.DataFrame,
    as_of: dt.date | pd.Timestamp,
    by: Sequence[str] = ("cohort",),
    months: int | None = None,
    policy: Policy | None = None,
    seed: int = 20260702,
    draws: int = DRAWS,
) -> Lifetime:
    """What the customers of each cohort bring.

    Args:
        orders: as for ``purchases.purchases``.
        as_of: last day the orders know of.
        by: of "cohort" (month of the first order) and "channel"; the models are common to all.
        months: how far ahead; ``policy.payback_months`` when left out.
        policy: margin, ``discount_rate``, ``min_repeaters``, ``payback_months``, the interval.
        seed: the same seed gives the same answer.
        draws: futures that are drawn, at least 20.

    Raises:
        InputError: a column is missing; ``common.bad_setting``.
    """
    rules = policy or Policy()
    ahead = rules.payback_months if months is None else months
    if int(ahead) != ahead or not 1 <= ahead <= 120:
        raise InputError("common.bad_setting", name="months", value=ahead, wanted="a whole number, 1 to 120")
    if not by or not set(by) <= {"cohort", "channel"}:
        raise InputError("common.bad_setting", name="by", value=by, wanted="cohort, channel or both")
    people = purchases(orders, as_of)
    models = fit_repeat(people, rules), fit_order_size(people, rules)
    money = _money_by_age(orders, people, as_of)
    check = check_repeat(orders, as_of, rules)
    rng = np.random.default_rng(seed)
    off = np.exp(check.off * rng.standard_normal(max(int(draws), 20)) - check.off**2 / 2)
    scale = off * (1.0 if rules.margin is None else rules.margin)
    rows, paths, ages = [], [], []
    for key, part in people.groupby(list(by), sort=True):
        spent = money.reindex(part.index).to_numpy(dtype="float64") * (rules.margin or 1.0)
        path, later = futures(part, spent, models, int(ahead), rng, scale)
        names = dict(zip(by, key, strict=True))
        rows.append(names | _row(part, spent, later, models[0], rules))
        paths.append(path)
        ages.append(int(part["watched"].min() / WEEKS_PER_MONTH))
    columns = [*by, *_FIGURES]
    found = [*models[0].findings, *models[1].findings]
    if check.off > TOLD:
        told = {"weeks": check.weeks, "expected": check.expected, "came": check.came}
        found.append(Finding("warning", "measure.lifetime_missed", told))
    if rules.margin is None:
        found.append(Finding("info", "measure.lifetime_revenue", {}))
    return Lifetime(
        pd.DataFrame(rows, columns=columns), tuple(by), int(ahead), rules.margin or float("nan"),
        *models, check, tuple(paths), tuple(ages), tuple(found),
    )  # fmt: skip


_FIGURES = (
    "customers", "alive", "seen", "ahead_low", "ahead", "ahead_high", "value_low", "value", "value_high",
)  # fmt: skip


def _money_by_age(orders: pd.DataFrame, people: pd.DataFrame, as_of: dt.date | pd.Timestamp) -> pd.DataFrame:
    """Revenue of each customer (rows of ``people``) by month since the first order (columns from 0)."""
    place = pd.Series(people.index, index=people["person_key"])
    who = place.reindex(orders["person_key"].astype("str")).to_numpy(dtype="float64")
    day = pd.to_datetime(orders["day"]).dt.normalize()
    kept = np.isfinite(who) & (day <= pd.Timestamp(as_of).normalize()).to_numpy()
    who, day = who[kept].astype("int64"), day[kept]
    since = (day.reset_index(drop=True) - people["first_day"].iloc[who].reset_index(drop=True)).dt.days
    age = np.maximum(since.to_numpy() / 7 / WEEKS_PER_MONTH, 0).astype("int64")
    width = 1 + int(people["watched"].max() / WEEKS_PER_MONTH) if len(people) else 1
    table = np.zeros((len(people), width))
    money = pd.to_numeric(orders["revenue"])[kept].fillna(0.0).to_numpy(dtype="float64")
    np.add.at(table, (who, np.minimum(age, width - 1)), money)
    return pd.DataFrame(table, index=people.index)


def _row(
    part: pd.DataFrame, spent: Array, later: Array, model: RepeatModel, rules: Policy
) -> dict[str, float]:
    less = (1 + rules.discount_rate) ** (-(np.arange(later.shape[1]) + 0.5) / 12)
    worth = later @ less
    seen = float(spent.sum() / len(part))
    tail = (1 - rules.interval) / 2
    low, high = np.quantile(worth, [tail, 1 - tail])
    middle = float(worth.mean())
    alive = float(model.alive(part["x"], part["t_x"], part["watched"]).mean())
    figures = (len(part), alive, seen, low, middle, high, seen + low, seen + middle, seen + high)
    return dict(zip(_FIGURES, map(float, figures), strict=True))


def payback(
    value: Lifetime, costs: pd.DataFrame, policy: Policy | None = None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """After how many months a cohort's customers have paid back what they cost.

    Args:
        value: from ``lifetime``, with a margin.
        costs: the columns of ``value.by`` and spend (money that acquired the cohort).
        policy: ``payback_months``, confidence, interval.

    Returns:
        One row per row of ``value.table``: its names, customers, spend, cac (spend per customer), months_low,
        months, months_high (months since the first order at whose end the money is back; middle and
        interval of the draws; NaN beyond ``payback_months``), chance (of being back within
        ``payback_months``), status: "paid" (already), "within" or "not_within" (both with the policy's
        confidence), "unsure", "unknown" (no cost, or no value); and the findings.

    Raises:
        InputError: a column is missing, or costs that are none.
    """
    rules = policy or Policy()
    require_columns(costs, (*value.by, "spend"))
    given = costs.groupby(list(value.by))["spend"].sum(min_count=1)
    if (given < 0).any():
        raise InputError("common.bad_setting", name="spend", value=float(given.min()), wanted="from 0")
    rows, found = [], []
    for at, row in enumerate(value.table.to_dict("records")):
        key = tuple(row[name] for name in value.by)
        spend = float(given.get(key if len(key) > 1 else key[0], np.nan))
        cac = spend / row["customers"] if row["customers"] > 0 else float("nan")
        line = _back(value.paths[at], value.ages[at], cac, rules)
        rows.append({n: row[n] for n in (*value.by, "customers")} | {"spend": spend, "cac": cac} | line)
        found += _said(rows[-1], value.by, rules)
    names = ("customers", "spend", "cac", "months_low", "months", "months_high", "chance", "status")
    if not np.isfinite(value.margin):
        found.insert(0, Finding("warning", "measure.payback_revenue", {}))
    return pd.DataFrame(rows, columns=[*value.by, *names]), tuple(found)


def _back(path: Array, age: int, cac: float, rules: Policy) -> dict[str, object]:
    nothing = dict.fromkeys(("months_low", "months", "months_high", "chance"), float("nan"))
    if not (np.isfinite(cac) and np.isfinite(path).all()):
        return nothing | {"status": "unknown"}
    last = min(rules.payback_months, path.shape[1])
    over = path[:, :last] >= cac
    month = np.where(over.any(axis=1), over.argmax(axis=1) + 1.0, np.inf)
    tail = (1 - rules.interval) / 2
    low, middle, high = np.quantile(month, [tail, 0.5, 1 - tail], method="higher")
    chance = float(np.isfinite(month).mean())
    status = "unsure"
    if age > 0 and (month <= age).all():
        status = "paid"
    elif chance >= rules.confidence:
        status = "within"
    elif chance <= 1 - rules.confidence:
        status = "not_within"
    low, middle, high = (float(m) if np.isfinite(m) else float("nan") for m in (low, middle, high))
    return {"months_low": low, "months": middle, "months_high": high, "chance": chance, "status": status}


def _said(row: dict, by: tuple[str, ...], rules: Policy) -> list[Finding]:
    """A finding on every cohort that is not surely back in time."""
    if row["status"] not in ("unsure", "not_within"):
        return []
    name = " ".join(f"{row[n]:%Y-%m}" if n == "cohort" else str(row[n]) for n in by)
    params = {"name": name, "cac": row["cac"], "months": rules.payback_months, "chance": row["chance"]}
    severity = "warning" if row["status"] == "not_within" else "info"
    return [Finding(severity, f"measure.payback_{row['status']}", params)]  # type: ignore[arg-type]

r"""High, medium and low: leads by what a call is expected to bring, with two reasons each.

A lead of age t that has not bought yet, with chance P to buy at all and G(t) of its channel's customers done,
buys still with

.. math:: P_t = \frac{P (1 - G(t))}{1 - P\, G(t)},

and is worth ``P_t`` times what a customer of its channel brings. **high**: worth at least
``policy.intent_high`` average new leads, or, where the calls that can be made are known, so much that as
many new leads a day reach it. **low**: worth less than ``policy.intent_low`` average new leads, or less
than a call costs.
**medium**: the others. Limits come from the leads the score was learned from, so that a tier does not
depend on who else is in the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding, InputError, require_columns
from channelopt.measure.counts import jeffreys_count, jeffreys_share
from channelopt.measure.intent import IntentModel, decided_leads
from channelopt.measure.leadfeatures import COLUMNS, NUMBERS

Array = npt.NDArray[np.float64]
Value = float | Mapping[str, float] | None

TIERS = ("high", "medium", "low")
UNSCORED = "unscored"
#: Reasons told of each lead.
REASONS = 2
#: A feature that moves the log odds less than this is no reason.
TELLS = 0.1
#: Features whose words are part of the sentence.
WORDED = ("daypart", "weekend", "returning")
#: What is said of a feature that is not known; of the others that no visit was seen.
UNKNOWN_AS = {name: name for name in ("page_views", "dwell_seconds", "gap_hours", "campaign")}
LIST_COLUMNS = (
    "lead_key", "created_at", "channel", "tier", "probability", "expected_value", "reasons",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """Where the tiers begin.

    Attributes:
        high: a lead worth at least this is high; money, or chance where no value is known.
        low: a lead worth less than this is low; the same unit.
        average: what an average new lead is worth.
        in_money: whether the limits are money.
        rule: "average", "capacity" (calls a day) for the upper limit.
    """

    high: float
    low: float
    average: float
    in_money: bool
    rule: str


@dataclass(frozen=True)
class Tiered:
    """Leads in order of what a call is expected to bring.

    Attributes:
        table: columns ``LIST_COLUMNS``, the most worth first. probability: chance to buy (still to buy);
            expected_value: money, NaN where no order has a value; reasons: tuple of findings, what speaks
            most for the tier. Without a score tier is "unscored" and the numbers NaN.
        limits: where the tiers begin; None without a score.
        findings: the model's, and what is doubtful about the list.
    """

    table: pd.DataFrame
    limits: Limits | None
    findings: tuple[Finding, ...]


def tiers(
    model: IntentModel,
    features: pd.DataFrame,
    value: Value = None,
    calls_per_day: float | None = None,
    *,
    open_only: bool = True,
) -> Tiered:
    """Put leads into tiers.

    Args:
        model: the score.
        features: as ``lead_features`` gives them.
        value: money per customer, one number or by channel; what past customers brought when left out.
        calls_per_day: leads the salespeople can call a day; then so many new leads a day are high.
        open_only: only leads that have not bought and were not rejected, by what is still to come of
            them; False takes all, as new as on the day they came in.

    Raises:
        InputError: a column is missing, or a value or capacity is not above 0.
    """
    require_columns(features, COLUMNS)
    if calls_per_day is not None and not 0 < calls_per_day < np.inf:
        raise InputError("common.bad_setting", name="calls_per_day", value=calls_per_day, wanted="above 0")
    rows = features
    if open_only:
        rows = features[features["customer_at"].isna() & features["valid"].astype(bool)]
    rows = rows.reset_index(drop=True)
    money, known = _money(model, rows, value)
    table = rows[["lead_key", "created_at", "channel"]].assign(
        tier=UNSCORED, probability=np.nan, expected_value=np.nan
    )
    table["reasons"] = pd.Series([()] * len(rows), index=table.index, dtype="object")
    if not model.scores:
        return Tiered(table[list(LIST_COLUMNS)], None, model.findings)
    chance = model.chance(rows)
    if open_only:
        done = model.visible(rows, _age(rows))
        chance = chance * (1 - done) / np.maximum(1 - chance * done, 1e-12)
    worth = chance * money if known else chance
    limits = tier_limits(model, features, value, calls_per_day)
    table["tier"] = tier_of(worth, limits)
    table["probability"] = chance
    table["expected_value"] = chance * money if known else np.nan
    table["reasons"] = pd.Series(_reasons(model, rows, table["tier"]), index=table.index, dtype="object")
    order = np.lexsort((table["lead_key"], -model.score(rows), -worth))
    return Tiered(table.iloc[order].reset_index(drop=True)[list(LIST_COLUMNS)], limits, model.findings)


def tier_of(worth: Array, limits: Limits) -> Array:
    """The tier of each worth."""
    return np.select([worth >= limits.high, worth < limits.low], ["high", "low"], "medium")


def tier_limits(
    model: IntentModel, features: pd.DataFrame, value: Value = None, calls_per_day: float | None = None
) -> Limits:
    """The limits, from the decided leads among ``features`` (all of them where none has decided).

    Args:
        model: a score that may be used.
        features: leads.
        value: as in ``tiers``.
        calls_per_day: as in ``tiers``.
    """
    rows = features
    if model.delays is not None and len(features):
        decided, _, _ = decided_leads(features, model.delays, pd.Timestamp(features["as_of"].max()))
        rows = decided if len(decided) else features
    money, known = _money(model, rows, value)
    worth = model.chance(rows) * money if known else model.chance(rows)
    average = float(worth.mean()) if len(worth) else float("nan")
    rules = model.policy
    high, rule = rules.intent_high * average, "average"
    if calls_per_day is not None and len(worth) and model.leads_per_day > 0:
        share = min(calls_per_day / model.leads_per_day, 1.0)
        high, rule = float(np.quantile(worth, 1 - share)), "capacity"
    low = rules.intent_low * average
    if known and rules.call_cost is not None:
        low = rules.call_cost / (rules.margin or 1.0)
    return Limits(max(high, low), low, average, known, rule)


def _money(model: IntentModel, rows: pd.DataFrame, value: Value) -> tuple[Array, bool]:
    """Money per customer of each lead's channel, and whether it is known."""
    channel = rows["channel"].astype("str")
    if value is None:
        found = channel.map(dict(model.values)).fillna(model.usual_value)
    elif isinstance(value, Mapping):
        found = channel.map(dict(value)).fillna(model.usual_value)
    else:
        found = pd.Series(float(value), index=rows.index)
    money = found.to_numpy(dtype="float64")
    given = [value] if isinstance(value, int | float) else list((value or {}).values())
    if not all(0 < float(one) < np.inf for one in given):
        raise InputError("common.bad_setting", name="value", value=value, wanted="money above 0")
    return money, bool(np.isfinite(money).all())


def _age(rows: pd.DataFrame) -> Array:
    created = pd.to_datetime(rows["created_at"]).dt.normalize()
    return np.maximum((pd.to_datetime(rows["as_of"]) - created).dt.days.to_numpy(dtype="float64"), 0.0)


def _reasons(model: IntentModel, rows: pd.DataFrame, tier: pd.Series) -> list[tuple[Finding, ...]]:
    """What speaks most for each lead's tier: for high what raises, for low what lowers it."""
    parts = model.parts(rows)
    names, values = list(parts.columns), parts.to_numpy(dtype="float64")
    if not names:
        return [()] * len(rows)
    kind = tier.to_numpy()[:, None]
    weight = np.where(kind == "high", values, np.where(kind == "low", -values, np.abs(values)))
    best = np.argsort(-weight, axis=1, kind="stable")[:, :REASONS]
    columns = {name: rows[name].to_numpy() for name in names}
    found = []
    for i, picked in enumerate(best):
        chosen = [k for k in picked if weight[i, k] >= TELLS]
        found.append(tuple(_reason(names[k], columns[names[k]][i], values[i, k]) for k in chosen))
    return found


def _reason(name: str, value: object, part: float) -> Finding:
    way = "up" if part > 0 else "down"
    if value == "" or (name in NUMBERS and value != value):
        return Finding("info", f"measure.why_no_{UNKNOWN_AS.get(name, 'visits')}_{way}")
    if name in WORDED:
        return Finding("info", f"measure.why_{name}_{value}_{way}")
    shown = float(value) if name in NUMBERS else str(value)  # type: ignore[arg-type]
    return Finding("info", f"measure.why_{name}_{way}", {"value": shown})


def tier_economics(
    model: IntentModel,
    features: pd.DataFrame,
    daily: pd.DataFrame,
    value: Value = None,
    calls_per_day: float | None = None,
) -> pd.DataFrame:
    """What each channel's leads are worth by tier, and what one of high intent costs.

    Args:
        model: the score.
        features: the leads of a period; each counts as it was when it came in.
        daily: day, channel, spend; days between the first and the last of these leads count.
        value: as in ``tiers``.
        calls_per_day: as in ``tiers``.

    Returns:
        One row per channel of the leads, by channel: channel, leads, high, medium, low, high_share,
        high_share_low, high_share_high, spend, cost_per_lead, cost_per_high, cost_per_high_low,
        cost_per_high_high (NaN at no high lead: no upper end), expected_revenue, expected_per_lead,
        expected_roi (expected revenue / spend). Money; NaN is unknown, without a score all but leads,
        spend and cost_per_lead.

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("day", "channel", "spend"))
    listed = tiers(model, features, value, calls_per_day, open_only=False).table
    channel = listed["channel"].astype("str")
    table = pd.DataFrame({"leads": listed.groupby(channel).size()}).astype("float64").sort_index()
    for name in TIERS:
        counted = (listed["tier"] == name).groupby(channel).sum().astype("float64")
        table[name] = counted.reindex(table.index) if model.scores else np.nan
    table["high_share"] = table["high"] / table["leads"]
    level = model.policy.interval
    low, high = jeffreys_share(table["high"].fillna(0), table["leads"], level)
    table["high_share_low"] = np.where(model.scores, low, np.nan)
    table["high_share_high"] = np.where(model.scores, high, np.nan)
    table["spend"] = _spend(daily, listed).reindex(table.index)
    table["cost_per_lead"] = table["spend"] / table["leads"]
    few, many = jeffreys_count(table["high"].fillna(0), level)
    with np.errstate(divide="ignore", invalid="ignore"):
        spend = table["spend"].to_numpy(dtype="float64")
        some = (table["high"] > 0).to_numpy()
        table["cost_per_high"] = np.where(some, spend / table["high"].to_numpy(dtype="float64"), np.nan)
        table["cost_per_high_low"] = np.where(model.scores, spend / many, np.nan)
        table["cost_per_high_high"] = np.where(some, spend / few, np.nan)
        expected = listed["expected_value"].groupby(channel).sum(min_count=1)
        table["expected_revenue"] = expected.reindex(table.index)
        table["expected_per_lead"] = table["expected_revenue"] / table["leads"]
        table["expected_roi"] = np.where(spend > 0, table["expected_revenue"] / spend, np.nan)
    return table.rename_axis("channel").reset_index()


def _spend(daily: pd.DataFrame, listed: pd.DataFrame) -> pd.Series:
    """Spend per channel over the days of the leads; unknown stays unknown."""
    created = pd.to_datetime(listed["created_at"]).dt.normalize()
    day = pd.to_datetime(daily["day"]).dt.normalize()
    inside = daily[(day >= created.min()) & (day <= created.max())] if len(listed) else daily.head(0)
    return inside.groupby(inside["channel"].astype("str"))["spend"].sum(min_count=1)

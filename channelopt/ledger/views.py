"""Daily figures as pages read them: spend of record, outcomes of record, full cost."""

from __future__ import annotations

import datetime as dt

import duckdb
import pandas as pd

from channelopt.errors import InputError
from channelopt.fields import DAILY_METRICS

KEYS = ("day", "channel", "platform", "account", "campaign")
OUTCOMES = ("leads", "valid_leads", "qualified_leads", "customers", "revenue")
_MONEY = "sum(d.spend * r.rate)::DOUBLE AS spend"
_COUNTS = (
    "impressions",
    "clicks",
    "sessions",
    "bounces",
    "dwell_seconds",
    "form_starts",
    "leads",
    "customers",
)
_SPEND = f"""
    SELECT d.day, d.channel, {{keys}} {_MONEY},
        {", ".join(f"sum(d.{c}) AS {c}" for c in _COUNTS)}, sum(d.revenue * r.rate)::DOUBLE AS revenue
    FROM daily_spend d JOIN current_rates r ON r.currency = d.currency
    WHERE d.kind = 'spend' GROUP BY ALL ORDER BY ALL"""
_SITE = """
    SELECT day, channel, sum(sessions) AS sessions, sum(bounces) AS bounces,
        sum(dwell_seconds) AS dwell_seconds
    FROM daily_spend WHERE kind = 'site' GROUP BY ALL ORDER BY ALL"""
_LEADS = """
    SELECT CAST(created_at AS DATE) AS day, coalesce(nullif(channel, ''), 'unassigned') AS channel, {keys}
        count(*)::DOUBLE AS leads,
        count(*) FILTER (WHERE valid)::DOUBLE AS valid_leads,
        count(qualified_at)::DOUBLE AS qualified_leads, count(customer_at)::DOUBLE AS customers,
        coalesce(sum(revenue), 0)::DOUBLE AS revenue
    FROM lead_records WHERE created_at IS NOT NULL GROUP BY ALL ORDER BY ALL"""
_SPANS = """
    SELECT r.channel, min(i.day_first) AS first, max(i.day_last) AS last FROM records r
    JOIN imports i USING (import_id) WHERE r.kind = 'spend' GROUP BY r.channel"""


def checked_keys(by: tuple[str, ...]) -> tuple[str, ...]:
    """The grouping columns.

    Raises:
        InputError: ``common.bad_setting`` for an unknown column.
    """
    for key in by:
        if key not in KEYS:
            raise InputError("common.bad_setting", name="by", value=key, wanted=", ".join(KEYS))
    return by


def base(cursor: duckdb.DuckDBPyConnection, extra: tuple[str, ...], as_of: dt.date | None) -> pd.DataFrame:
    """One row per day, channel and ``extra`` with all metrics except cost.

    Outcomes come from the lead list where the workspace has one: 0 on its days for the
    channels it knows, unknown elsewhere. Without a lead list the platform's own count.
    """
    keys = "".join(f"d.{k}, " for k in extra)
    frame = cursor.execute(_SPEND.format(keys=keys)).df()
    frame["platform_leads"] = frame["leads"]
    on = ["day", "channel"]
    if "campaign" not in extra:
        frame = _with_site(frame, cursor.execute(_SITE).df(), extra)
    has_leads = bool(cursor.execute("SELECT count(*) FROM lead_records").fetchone()[0])  # type: ignore[index]
    if not has_leads:
        return frame.assign(valid_leads=float("nan"), qualified_leads=float("nan"))
    frame = frame.drop(columns=["leads", "customers", "revenue"])
    if set(extra) - {"campaign", "platform"}:
        return frame.assign(**{name: float("nan") for name in OUTCOMES})
    lead_keys = "campaign, " if "campaign" in extra else ""
    leads = cursor.execute(_LEADS.format(keys=lead_keys)).df()
    if "campaign" in extra:
        on = [*on, "campaign"]
    frame = frame.merge(leads, on=on, how="outer")
    _fill_outcomes(frame, leads, as_of)
    _fill_spend(frame, cursor.execute(_SPANS).df())
    if "platform" in extra:
        frame["platform"] = frame["platform"].fillna(frame["channel"])
    return frame.sort_values(on, ignore_index=True)


def _with_site(frame: pd.DataFrame, site: pd.DataFrame, extra: tuple[str, ...]) -> pd.DataFrame:
    if site.empty or extra:
        return frame
    both = frame.merge(site, on=["day", "channel"], how="left", suffixes=("", "_site"))
    for name in ("sessions", "bounces", "dwell_seconds"):
        both[name] = both[f"{name}_site"].fillna(both[name])
    return both.drop(columns=[f"{n}_site" for n in ("sessions", "bounces", "dwell_seconds")])


def _fill_outcomes(frame: pd.DataFrame, leads: pd.DataFrame, as_of: dt.date | None) -> None:
    known = frame["channel"].isin(set(leads["channel"]))
    last = pd.Timestamp(as_of) if as_of else leads["day"].max()
    inside = known & frame["day"].between(leads["day"].min(), last)
    for name in OUTCOMES:
        frame.loc[inside, name] = frame.loc[inside, name].fillna(0.0)


def _fill_spend(frame: pd.DataFrame, spans: pd.DataFrame) -> None:
    """A day inside a channel's files but without a row of its own cost nothing."""
    span = frame[["channel"]].merge(spans, on="channel", how="left")
    inside = (frame["day"] >= span["first"]) & (frame["day"] <= span["last"])
    frame.loc[inside & frame["spend"].isna(), "spend"] = 0.0


def with_cost(frame: pd.DataFrame, costs: pd.DataFrame, opportunity_rate: float) -> pd.DataFrame:
    """Add ``cost``: spend, its share of the other costs, and the cost of money tied up.

    A channel's own cost is spread over its month by spend, evenly where it spent nothing;
    a cost of all channels is spread over all spend of the month.

    Args:
        frame: day, channel, spend (and finer keys).
        costs: month (first day), channel ("" for all), amount.
        opportunity_rate: yearly, as a fraction of spend; a month's worth is added.
    """
    frame = frame.assign(cost=frame["spend"] * (1 + opportunity_rate / 12))
    if costs.empty or frame.empty:
        return frame
    month = frame["day"].dt.to_period("M")
    spend = frame["spend"].fillna(0.0)
    for row in costs.itertuples():
        inside = month == pd.Period(row.month, "M")
        if row.channel:
            inside &= frame["channel"] == row.channel
        inside &= frame["spend"].notna()
        weight = spend.where(inside, 0.0)
        total = weight.sum()
        if total <= 0 and inside.any():
            weight, total = inside.astype(float), float(inside.sum())
        if total > 0:
            frame["cost"] += float(row.amount) * weight / total
    return frame


def grouped(frame: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Sums by the given columns; unknown stays unknown.

    ``cost`` and outcomes are summed on their own; whoever divides them must match the days
    that know both (``measure.economics`` on daily rows does).
    """
    metrics = list(DAILY_METRICS)
    for name in metrics:
        if name not in frame:
            frame[name] = float("nan")
    sums = frame.groupby(list(by), sort=True, dropna=False)[metrics].sum(min_count=1)
    return sums.astype("float64").reset_index()

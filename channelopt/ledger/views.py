"""Daily figures as pages read them: spend of record, outcomes of record, full cost."""

from __future__ import annotations

import datetime as dt

import duckdb
import numpy as np
import pandas as pd

from channelopt.errors import Finding, InputError
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
_OVERALL = """
    SELECT d.day, nullif(d.day_end, d.day) AS day_end,
        sum(d.leads) FILTER (d.kind = 'overall_leads') AS leads,
        sum(d.customers) FILTER (d.kind = 'overall_customers') AS customers,
        (sum(d.revenue * r.rate) FILTER (d.kind = 'overall_revenue'))::DOUBLE AS revenue
    FROM daily_spend d LEFT JOIN current_rates r ON r.currency = d.currency
    WHERE d.kind LIKE 'overall%' GROUP BY ALL ORDER BY d.day, day_end"""
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


def base(
    cursor: duckdb.DuckDBPyConnection, extra: tuple[str, ...], as_of: dt.date | None, costs: pd.DataFrame
) -> pd.DataFrame:
    """One row per day, channel and ``extra`` with all metrics except cost.

    Outcomes come from the lead list where the workspace has one: 0 on its days for the
    channels it knows, unknown elsewhere. Without a lead list the platform's own count. Revenue is
    unknown where nothing states any.
    Costs of a channel without spend in their month get rows to stand on.
    """
    keys = "".join(f"d.{k}, " for k in extra)
    frame = cursor.execute(_SPEND.format(keys=keys)).df()
    frame["platform_leads"] = frame["leads"]
    on = ["day", "channel"]
    if "campaign" not in extra:
        frame = _with_site(frame, cursor.execute(_SITE).df(), extra)
    if not extra:
        _fill_spend(frame, cursor.execute(_SPANS).df())
    n_leads, noted = cursor.execute("SELECT count(*), count(revenue) FROM lead_records").fetchone()  # type: ignore[misc]
    if not n_leads:
        _unknown_revenue(frame, noted=True)
        frame = _with_cost_days(frame, costs, extra)
        return frame.assign(valid_leads=float("nan"), qualified_leads=float("nan"))
    frame = frame.drop(columns=["leads", "customers", "revenue"])
    if set(extra) - {"campaign", "platform"}:
        frame = _with_cost_days(frame, costs, extra)
        return frame.assign(**{name: float("nan") for name in OUTCOMES})
    lead_keys = "campaign, " if "campaign" in extra else ""
    leads = cursor.execute(_LEADS.format(keys=lead_keys)).df()
    if "campaign" in extra:
        on = [*on, "campaign"]
    frame = frame.sort_values([*on, *extra], ignore_index=True).merge(leads, on=on, how="outer")
    frame.loc[frame.duplicated(on), list(OUTCOMES)] = float("nan")  # one platform of the channel carries them
    frame = _with_cost_days(frame, costs, extra)
    _fill_outcomes(frame, leads, as_of)
    _unknown_revenue(frame, noted=noted > 0)
    _fill_spend(frame, cursor.execute(_SPANS).df())
    if "platform" in extra:
        frame["platform"] = frame["platform"].fillna(frame["channel"])
    return frame.sort_values([*on, *extra], ignore_index=True)


def _with_cost_days(frame: pd.DataFrame, costs: pd.DataFrame, extra: tuple[str, ...]) -> pd.DataFrame:
    """Add the days of a month in which a channel has costs of its own but no spend.

    A channel that pauses between two files spent 0 on those days. A channel without any
    spend at all lives on its other costs. Where a channel's spend is only not known yet
    (its file is still to come), its costs wait, for they would make the return look high.
    """
    own = costs.loc[costs["channel"] != "", ["channel", "month"]].drop_duplicates()
    if frame.empty or own.empty:
        return frame
    known = frame.loc[frame["spend"].notna(), ["channel", "day"]]
    spent = known.groupby("channel")["day"].agg(["min", "max"])
    months = set(zip(known["channel"], known["day"].to_numpy().astype("datetime64[M]"), strict=True))
    made = [frame]
    for channel, month in own.sort_values(["channel", "month"]).itertuples(index=False):
        start = pd.Timestamp(month)
        days = pd.date_range(start, start + pd.offsets.MonthEnd(0))
        if (channel, np.datetime64(start, "M")) in months or days[-1] < frame["day"].min():
            continue
        mine = frame[(frame["channel"] == channel) & frame["day"].isin(days)]
        paused = channel in spent.index
        low, high = spent.loc[channel] if paused else (start, frame["day"].max())
        days = days[(days >= low) & (days <= high)].difference(mine["day"])
        keys = {key: channel if key == "platform" else "" for key in extra}
        rows = {"day": days, "channel": channel, **keys, "spend": 0.0 if paused else np.nan}
        made.append(pd.DataFrame(rows))
    return pd.concat(made, ignore_index=True) if len(made) > 1 else frame


def _with_site(frame: pd.DataFrame, site: pd.DataFrame, extra: tuple[str, ...]) -> pd.DataFrame:
    """Put the visits of the site beside the spend; a day without spend rows keeps its visits."""
    if site.empty or extra:
        return frame
    site = site[site["channel"].isin(set(frame["channel"]))]
    both = frame.merge(site, on=["day", "channel"], how="outer", suffixes=("", "_site"))
    for name in ("sessions", "bounces", "dwell_seconds"):
        both[name] = both[f"{name}_site"].fillna(both[name])
    return both.drop(columns=[f"{n}_site" for n in ("sessions", "bounces", "dwell_seconds")])


def _fill_outcomes(frame: pd.DataFrame, leads: pd.DataFrame, as_of: dt.date | None) -> None:
    known = frame["channel"].isin(set(leads["channel"]))
    last = pd.Timestamp(as_of) if as_of else leads["day"].max()
    inside = known & frame["day"].between(leads["day"].min(), last)
    for name in OUTCOMES:
        frame.loc[inside, name] = frame.loc[inside, name].fillna(0.0)


def _unknown_revenue(frame: pd.DataFrame, *, noted: bool) -> None:
    """Revenue that is 0 everywhere is missing, not zero: of customers, or when no lead states any."""
    if not frame["revenue"].any() and (frame["customers"].sum() > 0 or not noted):
        frame["revenue"] = float("nan")


def _fill_spend(frame: pd.DataFrame, spans: pd.DataFrame) -> None:
    """A day inside a channel's files but without a row of its own cost nothing."""
    span = frame[["channel"]].merge(spans, on="channel", how="left")
    inside = (frame["day"] >= span["first"]) & (frame["day"] <= span["last"])
    frame.loc[inside & frame["spend"].isna(), "spend"] = 0.0


def overall(cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Results of the whole business by day or period: day, day_end, leads, customers, revenue."""
    results = ("leads", "customers", "revenue")
    return cursor.execute(_OVERALL).df().astype(dict.fromkeys(results, "float64"))


def overall_apart(cursor: duckdb.DuckDBPyConnection) -> list[Finding]:
    """That no day of overall results has spend; empty where some has, or either lacks."""
    row = cursor.execute(
        """SELECT o.first, o.last FROM
            (SELECT min(day) AS first, max(day_end) AS last FROM daily_spend WHERE kind LIKE 'overall%') o,
            (SELECT min(day) AS first, max(day_end) AS last FROM daily_spend WHERE kind = 'spend') s
            WHERE o.last < s.first OR o.first > s.last"""
    ).fetchone()
    if row is None:
        return []
    return [Finding("warning", "ledger.overall_apart", {"first": row[0], "last": row[1]})]


def unmatched_visits(cursor: duckdb.DuckDBPyConnection) -> list[tuple[str, float, int]]:
    """Channels the site reports visits of, but no spend file speaks of: channel, sessions, days."""
    rows = cursor.execute(
        """SELECT channel, sum(sessions), count(DISTINCT day) FROM daily_spend
           WHERE kind = 'site' AND sessions > 0
             AND channel NOT IN (SELECT channel FROM daily_spend WHERE kind = 'spend')
           GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    return [(str(channel), float(sessions), int(days)) for channel, sessions, days in rows]


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

"""Features of leads: what was known of each one shortly after it came in, and what became of it."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.ledger.touches import TouchSummary
from channelopt.policy import Policy

#: Numbers a score may use; missing is allowed.
NUMBERS = ("page_views", "dwell_seconds", "visits", "channels_met", "gap_hours", "forms")
#: Words a score may use.
TRAITS = ("channel", "campaign", "daypart", "weekend", "returning")
FEATURES = (*NUMBERS, *TRAITS)
#: What is known of the outcome; no score may see it.
OUTCOMES = ("valid", "customer_at", "revenue", "as_of")
COLUMNS = ("lead_key", "created_at", *FEATURES, *OUTCOMES)

#: A lead list in which more leads than this share came in at midnight has days, not moments.
MIDNIGHT = 0.9
#: Of leads in several lists, the share that may have grown before a count is not believed.
GREW = 0.01
_DAYPARTS = ((0, "night"), (8, "morning"), (12, "afternoon"), (18, "evening"))


class Source(Protocol):
    """What the features need of a ledger."""

    @property
    def policy(self) -> Policy:
        """The rules in force."""

    @property
    def as_of(self) -> dt.date | None:
        """Newest day the lead data know of."""

    def leads(self, start: dt.date | None = None, end: dt.date | None = None) -> pd.DataFrame:
        """One row per lead of record."""

    def lead_behaviour(
        self, window_hours: float = 24.0, lookback_days: int = 30, until: dt.date | None = None
    ) -> pd.DataFrame:
        """What was known of every lead shortly after it came in."""

    def touch_summary(self) -> TouchSummary:
        """How many people the touch logs hold."""


def lead_features(source: Source, as_of: dt.date | None = None) -> pd.DataFrame:
    """One row per lead: what was known shortly after it came in, and what became of it.

    Nothing that happened more than ``policy.intent_hours`` after the lead came in, or after its first order,
    is among the features; status, validity and later stages are not features at all. Page views and
    dwell time come from the first list that knew the lead. Where later lists say more for the same people,
    the CRM keeps counting after the lead came in: such a column tells the future and is left empty.

    Args:
        source: the ledger.
        as_of: a day in the past to go back to; later leads, touches and orders are not seen. The newest
            day of the lead data when left out.

    Returns:
        Columns ``COLUMNS``, oldest first. page_views, visits, channels_met, forms are counts,
        dwell_seconds seconds, gap_hours hours since the visit before; NaN is unknown. channel,
        campaign, daypart (night 0–8, morning, afternoon 12–18, evening), weekend, returning are words, ""
        is unknown. customer_at is NaT until an order is known on ``as_of``; revenue (money) NaN likewise.
    """
    last = pd.Timestamp(as_of or source.as_of or dt.date(1970, 1, 1)).normalize()
    rules = source.policy
    leads = source.leads(end=last.date())
    seen = source.lead_behaviour(rules.intent_hours, rules.lookback_days, last.date())
    leads = leads[leads["created_at"].notna()].drop(columns=["page_views", "dwell_seconds"])
    table = leads.merge(seen, on="lead_key", how="left").sort_values(
        ["created_at", "lead_key"], ignore_index=True
    )
    table[_growing(table)] = np.nan
    if not table["dwell_seconds"].notna().any():
        table["dwell_seconds"] = table["touch_dwell"]
    for name in NUMBERS:
        table[name] = pd.to_numeric(table[name], errors="coerce").astype("float64")
    table["channel"] = table["channel"].where(table["channel"] != "", "unassigned")
    own = table["channel"].astype("str") + " / " + table["campaign"].astype("str")
    table["campaign"] = own.where(table["campaign"] != "", "")
    table["daypart"], table["weekend"] = _moment(pd.to_datetime(table["created_at"]))
    table["returning"] = table["returning"].map({1.0: "yes", 0.0: "no"}).fillna("").astype("str")
    bought = pd.to_datetime(table["customer_at"])
    known = bought.dt.normalize() <= last
    table["customer_at"] = bought.where(known)
    table["revenue"] = pd.to_numeric(table["revenue"], errors="coerce").astype("float64").where(known)
    table["as_of"] = last
    return table[list(COLUMNS)]


def feature_doubts(source: Source) -> tuple[Finding, ...]:
    """What keeps features from being used: counts that grow, people the touch log names differently."""
    seen = source.lead_behaviour(source.policy.intent_hours, source.policy.lookback_days)
    found = [Finding("warning", "measure.intent_growing", {"field": name}) for name in _growing(seen)]
    once = seen[["page_views", "dwell_seconds"]].notna().any(axis=None) and not (seen["lists"] >= 2).any()
    if once:
        found.append(Finding("info", "measure.intent_one_list"))
    if len(seen) and source.touch_summary().persons and not seen["visits"].notna().any():
        found.append(Finding("info", "measure.intent_no_match"))
    return tuple(found)


def _growing(seen: pd.DataFrame) -> list[str]:
    """The columns that a CRM keeps counting on after the lead came in."""
    twice = seen["lists"].fillna(0) >= 2
    pairs = (("page_views", "pages_grew"), ("dwell_seconds", "dwell_grew"))
    return [name for name, grew in pairs if twice.any() and seen.loc[twice, grew].fillna(False).mean() > GREW]


def _moment(created: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Part of the day and weekend, in words."""
    weekend = (created.dt.day_of_week >= 5).map({True: "yes", False: "no"}).astype("str")
    if not len(created) or (created == created.dt.normalize()).mean() > MIDNIGHT:
        return pd.Series("", index=created.index, dtype="str"), weekend
    starts = [start for start, _ in _DAYPARTS]
    at = np.searchsorted(starts, created.dt.hour.to_numpy(), side="right") - 1
    words = pd.Series([_DAYPARTS[i][1] for i in at], index=created.index, dtype="str")
    return words, weekend

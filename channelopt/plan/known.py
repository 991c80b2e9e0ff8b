"""What was known on a past day: the rows until then, without the customers that came later."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.policy import Policy

#: Columns a lead list needs for its late customers to be taken back.
DATED = ("channel", "created_at", "customer_at")
#: Outcome of a day → the lead's date that makes it known.
LATE = {"customers": "customer_at", "qualified_leads": "qualified_at"}


class Then:
    """A workspace as it was on a past morning; a ``diagnosis.Source``."""

    def __init__(
        self, daily: pd.DataFrame, leads: pd.DataFrame, policy: Policy, as_of: dt.date | None
    ) -> None:
        """Keep what was known."""
        self._daily, self._leads, self._policy, self._as_of = daily, leads, policy, as_of

    @property
    def policy(self) -> Policy:
        """The rules in force."""
        return self._policy

    @property
    def as_of(self) -> dt.date | None:
        """Last day the lead list knows of."""
        return self._as_of

    def daily(self) -> pd.DataFrame:
        """Sums by day and channel, as seen then."""
        return self._daily

    def leads(self) -> pd.DataFrame:
        """Leads that had come, with the customers known then."""
        return self._leads

    def findings(self) -> tuple[Finding, ...]:
        """No doubts of the whole."""
        return ()


def dated(leads: pd.DataFrame | None) -> bool:
    """Whether a lead list says when leads came and when they became customers."""
    if leads is None or any(name not in leads.columns for name in DATED):
        return False
    return bool(leads["customer_at"].notna().any())


def known_before(
    daily: pd.DataFrame, leads: pd.DataFrame | None, day: pd.Timestamp, policy: Policy
) -> Then | pd.DataFrame:
    """What was known on the morning of a day.

    Args:
        daily: day, channel, spend and outcomes as they are today; ``day`` without times.
        leads: one row per lead; without dates of customers late outcomes cannot be told and stay in.
        day: the first day that is not known yet.
        policy: the rules.

    Returns:
        A source for ``diagnose``; the daily rows alone when lead dates are not known.
    """
    past = daily[daily["day"] < day]
    if leads is None or not dated(leads):
        return past
    came = leads[pd.to_datetime(leads["created_at"]) < day].copy()
    past = past.copy()
    place = pd.MultiIndex.from_arrays([past["day"], past["channel"].astype(str)])
    for outcome, column in LATE.items():
        if outcome not in past.columns or column not in came.columns:
            continue
        late = (pd.to_datetime(came[column]) >= day).to_numpy()
        _take_back(past, place, came[late], outcome, None)
        if outcome == "customers" and {"revenue"} <= set(past.columns) & set(came.columns):
            _take_back(past, place, came[late], "revenue", "revenue")
            came.loc[late, "revenue"] = np.nan
        came.loc[late, column] = pd.NaT
    return Then(past, came, policy, (day - pd.Timedelta(days=1)).date())


def _take_back(
    past: pd.DataFrame, place: pd.MultiIndex, late: pd.DataFrame, name: str, value: str | None
) -> None:
    """Take late outcomes off the day and channel of their lead."""
    if not len(late):
        return
    keys = [pd.to_datetime(late["created_at"]).dt.normalize(), late["channel"].astype(str)]
    amount = pd.Series(1.0, index=late.index) if value is None else late[value].astype("float64")
    sums = amount.groupby(keys).sum()
    first = ~place.duplicated()
    off = np.where(first, sums.reindex(place).fillna(0.0).to_numpy("float64"), 0.0)
    past[name] = (past[name].astype("float64") - off).clip(lower=0.0)

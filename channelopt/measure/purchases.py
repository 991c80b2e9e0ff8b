"""From single orders to what is known of each customer: first order, repeats, the last one, their value."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from channelopt.errors import InputError, require_columns

DAYS_PER_WEEK = 7.0
COLUMNS = ("person_key", "channel", "cohort", "first_day", "x", "t_x", "watched", "value", "first_value")


def purchases(orders: pd.DataFrame, as_of: dt.date | pd.Timestamp) -> pd.DataFrame:
    """One row per customer.

    Args:
        orders: person_key, day, revenue; optional channel (that of the first order counts). Orders of a
            person on one day are one; money that goes back (revenue below 0) is left out, and so are
            orders after ``as_of``.
        as_of: last day the orders know of.

    Returns:
        person_key, channel ("" when not known), cohort (first day of the month of the first order),
        first_day, x (repeat orders), t_x (weeks from the first to the last order, 0 without a repeat),
        watched (weeks since the first order), value (mean revenue of a repeat order; NaN when not known),
        first_value (revenue of the first order; NaN when not known). Sorted by person.

    Raises:
        InputError: a column is missing; ``common.bad_setting`` for a day that is none.
    """
    require_columns(orders, ("person_key", "day", "revenue"))
    now = pd.Timestamp(as_of).normalize()
    if now is pd.NaT:
        raise InputError("common.bad_setting", name="as_of", value=as_of, wanted="a day")
    frame = pd.DataFrame(
        {
            "person_key": orders["person_key"].astype("str"),
            "channel": orders["channel"].astype("str") if "channel" in orders else "",
            "day": pd.to_datetime(orders["day"]).dt.normalize(),
            "revenue": pd.to_numeric(orders["revenue"]).astype("float64"),
        }
    )
    kept = frame["day"].notna() & (frame["day"] <= now) & ~(frame["revenue"] < 0)
    frame = frame[kept & orders["person_key"].notna().to_numpy()]
    frame = frame.sort_values(["person_key", "day"], kind="stable")
    days = frame.drop_duplicates(["person_key", "day"]).set_index(["person_key", "day"])
    days["revenue"] = frame.groupby(["person_key", "day"])["revenue"].sum(min_count=1)
    return _per_person(days.reset_index(), now)


def _per_person(days: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """``days``: one row per person and day with an order, sorted."""
    first = ~days["person_key"].duplicated()
    repeats = days[~first].groupby("person_key")
    table = days[first].rename(columns={"day": "first_day", "revenue": "first_value"}).set_index("person_key")
    table["x"] = repeats.size().reindex(table.index).fillna(0).astype("int64")
    last = repeats["day"].max().reindex(table.index).fillna(table["first_day"])
    table["t_x"] = (last - table["first_day"]).dt.days / DAYS_PER_WEEK
    table["watched"] = (now - table["first_day"]).dt.days / DAYS_PER_WEEK
    table["value"] = repeats["revenue"].mean().reindex(table.index).astype("float64")
    table["cohort"] = table["first_day"].dt.to_period("M").dt.to_timestamp()
    return table.reset_index()[list(COLUMNS)]

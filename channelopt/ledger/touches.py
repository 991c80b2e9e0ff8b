"""Conversion paths from the touch logs: who met which channels before a lead or an order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd

from channelopt.errors import InputError
from channelopt.ledger.store import Store

#: What a path can lead to, as intake writes it into ``event``.
GOALS = ("lead", "order")
#: Events of a person on one channel that are no further apart than this are one visit.
VISIT_MINUTES = 30
#: Visits kept of a longer path: the last ones.
LONGEST = 50
NOBODY = "unassigned"
COLUMNS = ("path", "ages", "persons", "conversions", "value")

_USED = """touch_facts f JOIN imports i USING (import_id) WHERE i.status = 'active'"""
#: Per person: the first conversion, what it was worth, and the end of the journey.
_PERSONS = f"""
    CREATE TEMP TABLE journeys AS
    SELECT row_number() OVER () AS person, person_key, won, coalesce(won, last) AS ends, value FROM (
        SELECT f.person_key, min(f."at") FILTER (f.event = $goal) AS won, max(f."at") AS last,
            arg_min(f.value, f."at") FILTER (f.event = $goal) AS value
        FROM {_USED} AND f.person_key <> '' GROUP BY f.person_key)"""
#: Visits: events in time order, those of one channel close to each other taken together.
_NAMED = f"coalesce(nullif(f.channel, ''), '{NOBODY}')"
_VISITS = f"""
    CREATE TEMP TABLE visits AS
    SELECT person, channel, "at", ends - "at" AS age FROM (
        SELECT j.person, c.code AS channel, f."at", j.ends,
            lag(f."at") OVER one AS before, lag(c.code) OVER one AS channel_before
        FROM journeys j JOIN touch_facts f ON f.person_key = j.person_key
        JOIN imports i USING (import_id) JOIN touched c ON c.name = {_NAMED}
        WHERE i.status = 'active' AND f."at" <= j.ends
          AND f."at" >= j.ends - to_days($days::INTEGER) AND (f.channel <> '' OR f.event = 'touch')
        WINDOW one AS (PARTITION BY j.person ORDER BY f."at", c.code))
    WHERE before IS NULL OR channel_before <> channel OR "at" - before > INTERVAL {VISIT_MINUTES} MINUTE"""


@dataclass(frozen=True)
class TouchSummary:
    """What the touch logs hold.

    Attributes:
        touches: rows that count.
        persons: people in them.
        leads: rows that are a lead.
        orders: rows that are an order.
        nameless: rows without a person, in no path.
        first: first day, None without rows.
        last: last day.
    """

    touches: int
    persons: int
    leads: int
    orders: int
    nameless: int
    first: dt.date | None
    last: dt.date | None


class Touched:
    """Conversion paths of a workspace; mixed into the ledger."""

    _store: Store

    def touch_summary(self) -> TouchSummary:
        """How many touches, people, leads and orders the touch logs in use hold."""
        with self._store.cursor() as cursor:
            row = cursor.execute(
                f"""SELECT count(*), count(DISTINCT nullif(f.person_key, '')),
                    count(*) FILTER (f.event = 'lead'), count(*) FILTER (f.event = 'order'),
                    count(*) FILTER (f.person_key = ''), min(CAST(f."at" AS DATE)), max(CAST(f."at" AS DATE))
                    FROM {_USED}"""
            ).fetchone()
        return TouchSummary(*(row or (0, 0, 0, 0, 0, None, None)))

    def orders(self) -> pd.DataFrame:
        """Orders of the touch logs in use, oldest first: person_key, day, channel ("" when not known),
        revenue (money; NaN where the log says none). Orders of one person on one day add up.
        """
        with self._store.cursor() as cursor:
            return cursor.execute(
                f"""SELECT f.person_key, CAST(CAST(f."at" AS DATE) AS TIMESTAMP) AS day,
                    arg_min(f.channel, f."at") AS channel, sum(f.value)::DOUBLE AS revenue
                FROM (SELECT DISTINCT f.person_key, f."at", f.channel, f.event, f.value FROM {_USED}
                      AND f.event = 'order' AND f.person_key <> '') f
                GROUP BY 1, 2 ORDER BY 2, 1"""
            ).df()

    def paths(self, goal: str | None = None, lookback_days: int = 30) -> pd.DataFrame:
        """Every distinct path of channels, and how many people took it.

        A journey ends with the person's first conversion, later ones do not count; of a person
        without one it ends with the last event. Visits of the ``lookback_days`` before the end belong to
        it, of more than ``LONGEST`` the last ones. Events of one channel at most ``VISIT_MINUTES`` minutes
        apart are one visit, so that rows which two exports both hold count once. The conversion itself is
        a visit of the channel it names, if it names one.

        Args:
            goal: "lead" or "order"; None takes leads, or orders where no lead was logged.
            lookback_days: how long before the end a visit still counts, from 1.

        Returns:
            path (tuple of channel keys in time order), ages (tuple, days before the end; the mean over
            those who converted on that path, 0 without any), persons, conversions (of these persons),
            value (money of these conversions, 0 where the log says none). Most people first.

        Raises:
            InputError: ``common.bad_setting`` for another goal or a lookback below one day.
        """
        if goal is not None and goal not in GOALS:
            raise InputError("common.bad_setting", name="goal", value=goal, wanted=", ".join(GOALS))
        if not lookback_days >= 1:
            wanted = "1 or more"
            raise InputError("common.bad_setting", name="lookback_days", value=lookback_days, wanted=wanted)
        with self._store.cursor() as cursor:
            try:
                return _paths(cursor, goal or _usual_goal(cursor), lookback_days)
            finally:
                for table in ("journeys", "visits", "touched", "walks"):
                    cursor.execute(f"DROP TABLE IF EXISTS temp.{table}")


def _usual_goal(cursor: Any) -> str:
    found = cursor.execute(f"SELECT count(*) FROM {_USED} AND f.event = 'lead'").fetchone()
    return "lead" if found and found[0] else "order"


def _paths(cursor: Any, goal: str, days: int) -> pd.DataFrame:
    cursor.execute(
        f"""CREATE TEMP TABLE touched AS SELECT name, (row_number() OVER (ORDER BY name))::USMALLINT AS code
        FROM (SELECT DISTINCT {_NAMED} AS name FROM {_USED}
              UNION SELECT '{NOBODY}')"""
    )
    cursor.execute(_PERSONS, {"goal": goal})
    cursor.execute(_VISITS, {"days": days})
    cursor.execute(
        f"""CREATE TEMP TABLE walks AS
        SELECT j.won IS NOT NULL AS won, coalesce(j.value, 0)::DOUBLE AS value,
            coalesce(v.path, [n.code]) AS path, coalesce(v.ages, [0.0]) AS ages
        FROM journeys j CROSS JOIN (SELECT code FROM touched WHERE name = '{NOBODY}') n LEFT JOIN (
            SELECT person, list(channel ORDER BY "at", channel)[-{LONGEST}:] AS path,
                list(epoch(age) / 86400.0 ORDER BY "at", channel)[-{LONGEST}:] AS ages
            FROM visits GROUP BY person) v USING (person)"""
    )
    frame = cursor.execute(
        """SELECT path, count(*) AS persons, count(*) FILTER (won) AS conversions,
            coalesce(sum(value) FILTER (won), 0) AS value
        FROM walks GROUP BY path ORDER BY persons DESC, path"""
    ).df()
    ages = cursor.execute(
        """SELECT path, list(age ORDER BY place) AS ages FROM (
            SELECT path, place, avg(age) AS age FROM (
                SELECT path, unnest(ages) AS age, unnest(range(len(ages))) AS place FROM walks WHERE won)
            GROUP BY path, place) GROUP BY path"""
    ).fetchall()
    names = dict(cursor.execute("SELECT code, name FROM touched").fetchall())
    known = {tuple(path): tuple(mean) for path, mean in ages}
    codes = [tuple(path.tolist()) for path in frame["path"]]
    return pd.DataFrame(
        {
            "path": pd.Series([tuple(names[c] for c in path) for path in codes], dtype="object"),
            "ages": pd.Series([known.get(path, (0.0,) * len(path)) for path in codes], dtype="object"),
            "persons": frame["persons"].astype("int64"),
            "conversions": frame["conversions"].astype("int64"),
            "value": frame["value"].astype("float64"),
        }
    )

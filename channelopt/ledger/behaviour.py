"""What a person did before and shortly after becoming a lead, from the lead lists and the touch logs."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from channelopt.errors import InputError
from channelopt.ledger.store import Store
from channelopt.ledger.touches import VISIT_MINUTES

#: The first list that knew a lead says what was known of it earliest; later lists may count on.
_FIRST = """
    SELECT f.lead_key, arg_min(f.page_views, i.evidence) AS page_views,
        arg_min(f.dwell_seconds, i.evidence) AS dwell_seconds, count(DISTINCT i.import_id) AS lists,
        coalesce(max(f.page_views) > arg_min(f.page_views, i.evidence), FALSE) AS pages_grew,
        coalesce(max(f.dwell_seconds) > arg_min(f.dwell_seconds, i.evidence), FALSE) AS dwell_grew
    FROM lead_facts f JOIN imports i USING (import_id) WHERE i.status = 'active' GROUP BY f.lead_key"""
#: Touches that were known ``$hours`` hours after the lead came in, and before the first order.
_KNOWN = """
    SELECT DISTINCT l.lead_key, l.created_at, f."at", f.channel, f.event, f.dwell_seconds
    FROM lead_records l JOIN touch_facts f ON f.person_key = l.lead_key JOIN imports i
      ON i.import_id = f.import_id
    WHERE i.status = 'active' AND l.lead_key <> '' AND f.event <> 'order'
      AND f."at" >= l.created_at - to_days($days::INTEGER)
      AND f."at" <= l.created_at + to_seconds($hours * 3600)
      AND ($until IS NULL OR f."at" < CAST($until AS DATE) + INTERVAL 1 DAY)
      AND (l.customer_at IS NULL OR f."at" < l.customer_at)"""
_VISITS = f"""
    SELECT lead_key, count(*) FILTER (fresh) AS visits, count(DISTINCT nullif(channel, '')) AS channels_met,
        min(epoch(created_at - "at") / 3600) FILTER ("at" < created_at - INTERVAL {VISIT_MINUTES} MINUTE)
            AS gap_hours,
        count(DISTINCT CAST("at" AS DATE)) FILTER (CAST("at" AS DATE) < CAST(created_at AS DATE)) > 0
            AS returning,
        count(*) FILTER (event = 'lead') AS forms, sum(dwell_seconds) AS touch_dwell
    FROM (SELECT *, coalesce("at" - lag("at") OVER (PARTITION BY lead_key ORDER BY "at")
            > INTERVAL {VISIT_MINUTES} MINUTE, TRUE) AS fresh FROM ({_KNOWN}))
    GROUP BY lead_key"""


class Behaved:
    """Behaviour of the leads of a workspace; mixed into the ledger."""

    _store: Store

    def lead_behaviour(
        self, window_hours: float = 24.0, lookback_days: int = 30, until: dt.date | None = None
    ) -> pd.DataFrame:
        """What was known of every lead shortly after it came in.

        Touches count from ``lookback_days`` before the lead until ``window_hours`` after it, never from
        the first order on; a touch belongs to a lead when both files name the person by the same phone,
        e-mail or id. Page views and dwell time are those of the first list that knew the lead.

        Args:
            window_hours: hours after the lead that still count, from 0.
            lookback_days: days before it that count, from 1.
            until: last day whose touches are known.

        Returns:
            One row per lead of record, by lead_key: page_views, dwell_seconds, lists (that hold it),
            pages_grew, dwell_grew (a later list says more), visits (events no further apart than 30 minutes
            are one), channels_met, gap_hours (since the visit before; NaN without one), returning (came on
            an earlier day), forms (sent), touch_dwell (seconds). Without a touch the last six are NaN.

        Raises:
            InputError: ``common.bad_setting``.
        """
        for name, value, least in (("window_hours", window_hours, 0), ("lookback_days", lookback_days, 1)):
            if not value >= least:
                raise InputError("common.bad_setting", name=name, value=value, wanted=f"{least} or more")
        with self._store.cursor() as cursor:
            return cursor.execute(
                f"""SELECT l.lead_key, b.page_views, b.dwell_seconds, b.lists, b.pages_grew, b.dwell_grew,
                    v.visits::DOUBLE AS visits, v.channels_met::DOUBLE AS channels_met,
                    v.gap_hours, v.returning::INTEGER::DOUBLE AS returning, v.forms::DOUBLE AS forms,
                    v.touch_dwell
                FROM lead_records l LEFT JOIN ({_FIRST}) b USING (lead_key)
                LEFT JOIN ({_VISITS}) v USING (lead_key) ORDER BY l.lead_key""",
                {"days": lookback_days, "hours": float(window_hours), "until": until},
            ).df()

"""What a workspace knows, for reading: daily sums, people, doubts, and the data they rest on."""

from __future__ import annotations

import datetime as dt
import threading

import pandas as pd

from channelopt.errors import Finding
from channelopt.ledger import costs as full_cost
from channelopt.ledger import jsons, views
from channelopt.ledger.behaviour import Behaved
from channelopt.ledger.contracts import Contracts
from channelopt.ledger.currency import Currencies
from channelopt.ledger.decisions import Decided
from channelopt.ledger.experiments import Experiments
from channelopt.ledger.imports import Imports
from channelopt.ledger.regrowth import Regrown
from channelopt.ledger.results import Passport
from channelopt.ledger.scenarios import Scenarios
from channelopt.ledger.stages import Staged
from channelopt.ledger.touches import Touched
from channelopt.ledger.trace import Traced
from channelopt.ledger.variants import Tested


class Figures(
    Behaved, Imports, Contracts, Currencies, Decided, Experiments, Regrown, Scenarios, Staged, Tested,
    Touched, Traced,
):  # fmt: skip
    """The figures of a workspace; mixed into the ledger."""

    def __init__(self) -> None:
        self._cache: dict[object, pd.DataFrame] = {}
        self._cache_version = -1
        self._cache_lock = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the brand."""
        return str(self._store.meta("name"))

    @property
    def version(self) -> int:
        """Grows with every change; caches key on it."""
        return int(self._store.meta("version") or 0)

    def daily(
        self,
        by: tuple[str, ...] = ("day", "channel"),
        start: dt.date | None = None,
        end: dt.date | None = None,
    ) -> pd.DataFrame:
        """Sums of record.

        Args:
            by: columns from day, channel, platform, account, campaign.
            start: first day, inclusive.
            end: last day, inclusive.

        Returns:
            The ``by`` columns, then ``fields.DAILY_METRICS`` as float64; NaN is unknown.
            Money in the workspace currency; outcomes on the day the lead came in.

        Raises:
            InputError: unknown column in ``by``.
        """
        views.checked_keys(by)
        frame = self._base(tuple(k for k in by if k not in ("day", "channel")))
        if start is not None:
            frame = frame[frame["day"] >= pd.Timestamp(start)]
        if end is not None:
            frame = frame[frame["day"] <= pd.Timestamp(end)]
        return views.grouped(frame.copy(), by)

    def _base(self, extra: tuple[str, ...]) -> pd.DataFrame:
        version = self.version
        with self._cache_lock:
            if version != self._cache_version:
                self._cache, self._cache_version = {}, version
            if extra not in self._cache:
                costs = self.other_costs()
                with self._store.cursor() as cursor:
                    frame = views.base(cursor, extra, self.as_of, costs)
                frame, waiting = full_cost.with_cost(frame, costs, self.policy)
                self._cache[extra], self._cache["waiting"] = frame, waiting
            return self._cache[extra]

    def _waiting(self) -> list[Finding]:
        """Costs of months in which nothing of theirs was spent yet, as far as is known."""
        last = self._base(())["day"].max()
        waiting = self._cache["waiting"].groupby(["channel", "month"], as_index=False)["amount"].sum()
        found = []
        for row in waiting.itertuples():
            ahead = pd.isna(last) or pd.Timestamp(row.month) > last
            params = {"month": pd.Timestamp(row.month).date(), "amount": float(row.amount)}
            if row.channel:
                params["channel"] = row.channel
            code = "ledger.cost_waits" if row.channel else "ledger.cost_of_all_waits"
            found.append(Finding("info" if ahead else "warning", code, params))
        return found

    def overall(self) -> pd.DataFrame:
        """What the whole business took in, whoever brought it; never part of ``daily``.

        Returns:
            One row per day or period, first day first: day, day_end (NaT for a single day), leads, customers,
            revenue (workspace currency). NaN where no file says it.
        """
        with self._store.cursor() as cursor:
            return views.overall(cursor)

    def cost_structure(self) -> pd.DataFrame:
        """Full cost per channel: spend, explicit, hidden, opportunity, cost, revenue; largest first."""
        return full_cost.structure(self._base(()))

    def leads(self, start: dt.date | None = None, end: dt.date | None = None) -> pd.DataFrame:
        """One row per person of record; the columns of ``fields.LEAD_COLUMNS``. Days inclusive."""
        with self._store.cursor() as cursor:
            frame = cursor.execute(
                "SELECT * EXCLUDE (import_id) REPLACE (revenue::DOUBLE AS revenue) FROM lead_records"
                " ORDER BY created_at, lead_key"
            ).df()
        day = frame["created_at"].dt.normalize()
        if start is not None:
            frame = frame[day >= pd.Timestamp(start)]
        if end is not None:
            frame = frame[day.loc[frame.index] <= pd.Timestamp(end)]
        return frame.reset_index(drop=True)

    @property
    def as_of(self) -> dt.date | None:
        """The last day the lead lists know of; None without one."""
        with self._store.cursor() as cursor:
            found = cursor.execute(
                """SELECT greatest((SELECT max(CAST(greatest(created_at, qualified_at, customer_at) AS DATE))
                       FROM lead_records),
                   (SELECT max(CAST(evidence - INTERVAL 1 DAY AS DATE)) FROM imports
                       WHERE kind = 'leads' AND status = 'active'))"""
            ).fetchone()
        return found[0] if found else None

    def findings(self) -> tuple[Finding, ...]:
        """Open doubts about the whole ledger."""
        with self._store.cursor() as cursor:
            rows = cursor.execute(
                "SELECT severity, code, params FROM ledger_findings ORDER BY ALL"
            ).fetchall()
            visits = views.unmatched_visits(cursor)
            apart = views.overall_apart(cursor)
            lacking = cursor.execute(
                """SELECT currency, sum(money)::DOUBLE FROM (SELECT currency,
                       CASE kind WHEN 'spend' THEN spend WHEN 'overall_revenue' THEN revenue END AS money
                       FROM daily_spend) WHERE money > 0
                   AND currency NOT IN (SELECT currency FROM current_rates) GROUP BY 1 ORDER BY 1"""
            ).fetchall()
        found = [Finding(severity, code, jsons.load(params)) for severity, code, params in rows]
        found += [Finding("question", "ledger.no_rate", {"currency": c, "spend": s}) for c, s in lacking]
        found += [
            Finding("info", "ledger.visits_without_spend", {"channel": c, "sessions": n, "days": d})
            for c, n, d in visits
        ]
        return tuple(found + apart + self._waiting())

    def passport(self) -> Passport:
        """Which data everything rests on."""
        frame = self.imports()
        used = frame[frame["status"] == "active"]
        if used.empty:
            return Passport(0, 0, 0, None, None, self.currency)
        first, last = used["day_first"].min(), used["day_last"].max()
        return Passport(
            files=len(used),
            rows_used=int(used["rows"].sum()),
            rows_left_out=int(used["rejected"].sum()),
            day_first=None if pd.isna(first) else pd.Timestamp(first).date(),
            day_last=None if pd.isna(last) else pd.Timestamp(last).date(),
            currency=self.currency,
        )

"""The stage of the plan a workspace is in, what the team typed in for its models, and the last visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from channelopt.ledger import jsons
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.settings import event, now
from channelopt.ledger.store import Store

STAGES = (1, 2, 3)
#: Days of a stage by default: a month.
STAGE_DAYS = 30


@dataclass(frozen=True)
class Stage:
    """The stage the team is in.

    Attributes:
        stage: 1 diagnosis, 2 focus, 3 scaling.
        start: first day; None where nobody has started one: stage 1 began with the data.
        days: how long it is to take.
        why: the written reason, where a gate was passed without being met.
        by: who began it.
    """

    stage: int
    start: dt.date | None
    days: int
    why: str = ""
    by: str = ""


class Staged:
    """Stages, inputs and visits of a workspace; mixed into the ledger."""

    _store: Store

    def _changed(self) -> None:
        raise AssertionError("the ledger says what a change means")

    def stage(self) -> Stage:
        """The stage the team is in; stage 1 until another one is begun."""
        history = self.stage_history()
        if history.empty:
            return Stage(1, None, STAGE_DAYS)
        last = history.iloc[-1]
        return Stage(
            int(last["stage"]), last["start"].date(), int(last["days"]), str(last["why"]), str(last["by"])
        )

    def stage_history(self) -> pd.DataFrame:
        """Every change of stage, oldest first: stage, start, days, why, evidence (dict), at, by."""
        with self._store.cursor() as cursor:
            frame = cursor.execute(
                """SELECT stage, "start", days, why, evidence, "at", "by" FROM stages ORDER BY "at", stage"""
            ).df()
        frame["evidence"] = pd.Series([dict(jsons.load(t)) for t in frame["evidence"]], dtype="object")
        return frame

    def begin_stage(
        self,
        stage: int,
        start: dt.date,
        *,
        by: str,
        evidence: Mapping[str, Any],
        met: bool,
        days: int = STAGE_DAYS,
        why: str = "",
    ) -> None:
        """Begin a stage; the history keeps the evidence of the day.

        Args:
            stage: 1, 2 or 3: the next one, the same again, or an earlier one.
            start: first day.
            by: who begins it.
            evidence: the conditions of the gate as they stand, JSON values.
            met: whether the gate is met.
            days: how long it is to take, from 7.
            why: needed where the gate is not met, or to go back.

        Raises:
            LedgerError: ``ledger.stage_skipped`` for a stage further on than the next;
                ``ledger.bad_stage`` for an unknown one, a shorter one, or without a needed reason.
        """
        now_in = self.stage().stage
        if stage in STAGES and stage > now_in + 1:
            raise LedgerError("ledger.stage_skipped", stage=stage, now=now_in)
        reason = (stage == now_in + 1 and met) or bool(why.strip())
        if stage not in STAGES or days < 7 or not reason:
            raise LedgerError("ledger.bad_stage")
        with self._store.write() as cursor:
            cursor.execute(
                "INSERT INTO stages VALUES (?, ?, ?, ?, ?, ?, ?)",
                [stage, start, days, why.strip(), jsons.dump(dict(evidence)), now(), by],
            )
            event(cursor, by, "stage begun", stage=stage, met=met, why=why.strip())
        self._changed()

    def inputs(self, what: str) -> dict[str, Any]:
        """The newest figures typed in for a model; empty when there are none."""
        with self._store.cursor() as cursor:
            row = cursor.execute(
                "SELECT settings FROM inputs WHERE what = ? ORDER BY version DESC LIMIT 1", [what]
            ).fetchone()
        return dict(jsons.load(row[0])) if row else {}

    def set_inputs(self, what: str, settings: Mapping[str, Any], by: str) -> None:
        """Keep another version of the figures typed in for a model."""
        with self._store.write() as cursor:
            found = cursor.execute(
                "SELECT coalesce(max(version), 0) + 1 FROM inputs WHERE what = ?", [what]
            ).fetchone()
            version = int(found[0]) if found else 1
            cursor.execute(
                "INSERT INTO inputs VALUES (?, ?, ?, ?, ?)",
                [what, version, jsons.dump(dict(settings)), now(), by],
            )
            event(cursor, by, "inputs", model=what, version=version)
        self._changed()

    def note_seen(self, page: str, day: dt.date, version: int, by: str) -> None:
        """Keep that a page was looked at, at most once a page and day; figures do not change by it."""
        with self._store.write() as cursor:
            cursor.execute(
                """INSERT INTO seen SELECT $page, $day, $version, $at, $by WHERE NOT EXISTS (
                    FROM seen WHERE page = $page AND day = $day)""",
                {"page": page, "day": day, "version": version, "at": now(), "by": by},
            )

    def last_seen(self, page: str, before: dt.date) -> dt.datetime | None:
        """When the page was last looked at on an earlier day; None for the first time."""
        with self._store.cursor() as cursor:
            row = cursor.execute(
                """SELECT max("at") FROM seen WHERE page = ? AND day < ?""", [page, before]
            ).fetchone()
        return row[0] if row and row[0] is not None else None

    def events_since(self, moment: dt.datetime) -> pd.DataFrame:
        """What was done after a moment, newest first: at, by, what, detail (dict)."""
        with self._store.cursor() as cursor:
            frame = cursor.execute(
                """SELECT "at", "by", what, detail FROM events WHERE "at" > ? ORDER BY "at" DESC""", [moment]
            ).df()
        frame["detail"] = pd.Series([dict(jsons.load(t)) for t in frame["detail"]], dtype="object")
        return frame

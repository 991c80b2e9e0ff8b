"""Experiments as planned: every version is kept; what was promised is not moved after the start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from channelopt.errors import InputError
from channelopt.ledger import jsons
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.settings import event, now
from channelopt.ledger.store import Store

#: Parts of the settings that may change after the start: none of them touches the verdict.
LOOSE = ("note",)
STATES = ("running", "ended")


class Experiments:
    """The experiments of a workspace; mixed into the ledger."""

    _store: Store

    def _changed(self) -> None:
        raise AssertionError("the ledger says what a change means")

    def experiments(self) -> pd.DataFrame:
        """Experiments as they stand: experiment_id, name, state, start (day), settings (dict), why, at, by,
        planned_at (of the first version); oldest first.
        """
        history = self.experiment_history()
        first = history.drop_duplicates("experiment_id")[["experiment_id", "at"]]
        last = history.drop_duplicates("experiment_id", keep="last").drop(columns="version")
        return last.merge(first.rename(columns={"at": "planned_at"}), on="experiment_id")

    def experiment_history(self) -> pd.DataFrame:
        """Every version ever written, oldest first: as ``experiments``, with version."""
        with self._store.cursor() as cursor:
            frame = cursor.execute(
                """SELECT experiment_id, version, name, state, "start", settings, why, "at", "by"
                   FROM experiments ORDER BY experiment_id, version"""
            ).df()
        frame["settings"] = [dict(jsons.load(text)) for text in frame["settings"]]
        return frame

    def add_experiment(
        self,
        name: str,
        settings: Mapping[str, Any],
        start: dt.date,
        by: str,
        *,
        planned_at: dt.datetime | None = None,
    ) -> int:
        """Note a test before its data; returns its number.

        Args:
            name: what is tested.
            settings: the plan, JSON values.
            start: first day.
            by: who plans it.
            planned_at: when it was written down elsewhere, in UTC without a zone: for the demo, and to
                restore what another workspace noted. Without it the moment of this call. Whether a test is
                one rests on this moment, so the history keeps the moment of the call beside it.

        Raises:
            LedgerError: ``ledger.bad_experiment`` without a name or a plan.
            InputError: ``common.bad_setting`` for a ``planned_at`` with a zone.
        """
        if not name.strip() or not settings:
            raise LedgerError("ledger.bad_experiment")
        if planned_at is not None and planned_at.tzinfo is not None:
            wanted = "a moment in UTC, without a zone"
            raise InputError("common.bad_setting", name="planned_at", value=planned_at, wanted=wanted)
        with self._store.write() as cursor:
            found = cursor.execute("SELECT coalesce(max(experiment_id), 0) + 1 FROM experiments").fetchone()
            number = int(found[0]) if found else 1
            self._write(
                cursor, (number, 1, name.strip()[:80], "running", start, settings, ""), by, planned_at
            )
        self._changed()
        return number

    def change_experiment(
        self,
        experiment_id: int,
        *,
        by: str,
        why: str,
        name: str | None = None,
        state: str | None = None,
        settings: Mapping[str, Any] | None = None,
        today: dt.date | None = None,
    ) -> None:
        """Write another version; the earlier ones stay.

        Args:
            experiment_id: its number.
            by: who changes it.
            why: the reason, which is kept.
            name: another name.
            state: "running" or "ended".
            settings: another plan; from the first day on only a note may differ.
            today: the day it is changed on; the clock's without it.

        Raises:
            LedgerError: ``ledger.no_experiment``; ``ledger.experiment_fixed`` when the plan would change
                after the start; ``ledger.bad_experiment`` without a reason or with an unknown state.
        """
        history = self.experiment_history()
        own = history[history["experiment_id"] == experiment_id]
        if own.empty:
            raise LedgerError("ledger.no_experiment", experiment_id=experiment_id)
        last = own.iloc[-1]
        if not why.strip() or (state is not None and state not in STATES):
            raise LedgerError("ledger.bad_experiment")
        if settings is not None and (today or dt.date.today()) >= last["start"].date():
            kept = {k: v for k, v in last["settings"].items() if k not in LOOSE}
            if kept != {k: v for k, v in settings.items() if k not in LOOSE}:
                raise LedgerError("ledger.experiment_fixed", name=last["name"])
        day = last["start"].date()
        row = (
            experiment_id, int(last["version"]) + 1, (name or last["name"]).strip()[:80],
            state or last["state"], day, last["settings"] if settings is None else settings, why.strip(),
        )  # fmt: skip
        with self._store.write() as cursor:
            self._write(cursor, row, by)
        self._changed()

    def note_visit(self, experiment_id: int, day: dt.date, by: str) -> None:
        """Note that somebody looked at a test on a day; one note per test and day is kept.

        What counts does not change, so neither does ``version``: kept figures stay good.

        Args:
            experiment_id: its number.
            day: the day of the look.
            by: who looked.

        Raises:
            LedgerError: ``ledger.no_experiment``.
        """
        with self._store.cursor() as cursor:
            known, noted = cursor.execute(
                """SELECT EXISTS (FROM experiments WHERE experiment_id = $test),
                    EXISTS (FROM experiment_visits WHERE experiment_id = $test AND day = $day)""",
                {"test": experiment_id, "day": day},
            ).fetchone() or (False, False)
        if not known:
            raise LedgerError("ledger.no_experiment", experiment_id=experiment_id)
        if noted:
            return
        with self._store.write() as cursor:
            cursor.execute(
                """INSERT INTO experiment_visits SELECT $test, $day, $at, $by WHERE NOT EXISTS (
                    FROM experiment_visits WHERE experiment_id = $test AND day = $day)""",
                {"test": experiment_id, "day": day, "at": now(), "by": by},
            )

    def visits(self, experiment_id: int | None = None) -> pd.DataFrame:
        """Days on which tests were looked at, or one test: experiment_id, day (datetime64)."""
        with self._store.cursor() as cursor:
            return cursor.execute(
                """SELECT experiment_id, day FROM experiment_visits
                   WHERE $test IS NULL OR experiment_id = $test ORDER BY ALL""",
                {"test": experiment_id},
            ).df()

    @staticmethod
    def _write(cursor: Any, row: tuple[Any, ...], by: str, at: dt.datetime | None = None) -> None:
        number, version, name, state, start, settings, why = row
        cursor.execute(
            "INSERT INTO experiments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [number, version, name, state, start, jsons.dump(dict(settings)), why, at or now(), by],
        )
        what = "experiment planned" if version == 1 else "experiment changed"
        told = {"experiment_id": number, "version": version, "name": name, "state": state, "why": why}
        event(cursor, by, what, **told, **({"planned_at": at.isoformat()} if at else {}))

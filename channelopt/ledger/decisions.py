"""What was advised, what the team decided, and the evidence of that day; every version is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from channelopt.ledger import jsons
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.settings import event, now
from channelopt.ledger.store import Store

ANSWERS = ("accepted", "changed", "refused")
KINDS = ("verdict", "plan", "focus", "ship", "launch", "tiers", "stage", "claim", "data")


class Decided:
    """The decisions of a workspace; mixed into the ledger."""

    _store: Store

    def _changed(self) -> None:
        raise AssertionError("the ledger says what a change means")

    def decisions(self) -> pd.DataFrame:
        """Decisions as they stand: decision_id, kind, subject, answer, advice (dict), choice (dict), why, due
        (day it can be scored on), at (of the last version), by, decided_at (of the first); oldest first.
        """
        history = self.decision_history()
        first = history.drop_duplicates("decision_id")[["decision_id", "at"]]
        last = history.drop_duplicates("decision_id", keep="last").drop(columns="version")
        return last.merge(first.rename(columns={"at": "decided_at"}), on="decision_id")

    def decision_history(self) -> pd.DataFrame:
        """Every version ever written, oldest first: as ``decisions``, with version."""
        with self._store.cursor() as cursor:
            frame = cursor.execute(
                """SELECT decision_id, version, kind, subject, answer, advice, choice, why, due, "at", "by"
                   FROM decisions ORDER BY decision_id, version"""
            ).df()
        for name in ("advice", "choice"):
            frame[name] = pd.Series([dict(jsons.load(t)) for t in frame[name]], dtype="object")
        return frame

    def decide(
        self,
        kind: str,
        subject: str,
        answer: str,
        *,
        by: str,
        advice: Mapping[str, Any],
        choice: Mapping[str, Any] | None = None,
        why: str = "",
        due: dt.date | None = None,
        decided_at: dt.datetime | None = None,
    ) -> int:
        """Keep a decision with what was known that day; returns its number.

        Args:
            kind: one of ``KINDS``.
            subject: what it is about: a channel, a test, a scenario.
            answer: "accepted", "changed" or "refused".
            by: who decides.
            advice: what was recommended, with its evidence, probability and predicted gain, JSON values.
            choice: what is done instead.
            why: the reason; needed unless it is accepted.
            due: the day on which later data can score it.
            decided_at: when, for decisions made elsewhere before; now without it.

        Raises:
            LedgerError: ``ledger.bad_decision``.
        """
        fine = kind in KINDS and answer in ANSWERS and subject.strip() and advice
        if not fine or (answer != "accepted" and not why.strip()):
            raise LedgerError("ledger.bad_decision")
        with self._store.write() as cursor:
            found = cursor.execute("SELECT coalesce(max(decision_id), 0) + 1 FROM decisions").fetchone()
            number = int(found[0]) if found else 1
            row = (number, 1, kind, subject.strip()[:120], answer, advice, choice or {}, why.strip(), due)
            self._keep(cursor, row, by, decided_at)
        self._changed()
        return number

    def change_decision(self, decision_id: int, answer: str, *, by: str, why: str) -> None:
        """Decide otherwise; the earlier version stays.

        Raises:
            LedgerError: ``ledger.no_decision``, ``ledger.bad_decision``.
        """
        history = self.decision_history()
        own = history[history["decision_id"] == decision_id]
        if own.empty:
            raise LedgerError("ledger.no_decision", decision_id=decision_id)
        if answer not in ANSWERS or not why.strip():
            raise LedgerError("ledger.bad_decision")
        last = own.iloc[-1]
        due = None if pd.isna(last["due"]) else last["due"].date()
        row = (
            decision_id, int(last["version"]) + 1, last["kind"], last["subject"], answer, last["advice"],
            last["choice"], why.strip(), due,
        )  # fmt: skip
        with self._store.write() as cursor:
            self._keep(cursor, row, by, None)
        self._changed()

    @staticmethod
    def _keep(cursor: Any, row: tuple[Any, ...], by: str, at: dt.datetime | None) -> None:
        number, version, kind, subject, answer, advice, choice, why, due = row
        cursor.execute(
            "INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [number, version, kind, subject, answer, jsons.dump(dict(advice)), jsons.dump(dict(choice)), why,
             due, at or now(), by],
        )  # fmt: skip
        event(cursor, by, "decided", decision_id=number, kind=kind, subject=subject, answer=answer, why=why)

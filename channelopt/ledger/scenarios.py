"""Scenarios: what-if plans with the evidence of the day; every version is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from channelopt.ledger import jsons
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.settings import event, now
from channelopt.ledger.store import Store

STATES = ("draft", "chosen", "dropped")


class Scenarios:
    """The scenarios of a workspace; mixed into the ledger."""

    _store: Store

    def _changed(self) -> None:
        raise AssertionError("the ledger says what a change means")

    def scenarios(self) -> pd.DataFrame:
        """Scenarios as they stand: scenario_id, name, state, settings (dict), evidence (dict), why, at, by,
        made_at (of the first version); oldest first.
        """
        history = self.scenario_history()
        first = history.drop_duplicates("scenario_id")[["scenario_id", "at"]]
        last = history.drop_duplicates("scenario_id", keep="last").drop(columns="version")
        return last.merge(first.rename(columns={"at": "made_at"}), on="scenario_id")

    def scenario_history(self) -> pd.DataFrame:
        """Every version ever written, oldest first: as ``scenarios``, with version."""
        with self._store.cursor() as cursor:
            frame = cursor.execute(
                """SELECT scenario_id, version, name, state, settings, evidence, why, "at", "by"
                   FROM scenarios ORDER BY scenario_id, version"""
            ).df()
        for name in ("settings", "evidence"):
            frame[name] = pd.Series([dict(jsons.load(text)) for text in frame[name]], dtype="object")
        return frame

    def add_scenario(
        self, name: str, settings: Mapping[str, Any], evidence: Mapping[str, Any], by: str
    ) -> int:
        """Keep a scenario as a draft; returns its number.

        Args:
            name: what it is called.
            settings: the plan, JSON values.
            evidence: what was known and promised that day, JSON values.
            by: who makes it.

        Raises:
            LedgerError: ``ledger.bad_scenario`` without a name or a plan.
        """
        if not name.strip() or not settings:
            raise LedgerError("ledger.bad_scenario")
        with self._store.write() as cursor:
            found = cursor.execute("SELECT coalesce(max(scenario_id), 0) + 1 FROM scenarios").fetchone()
            number = int(found[0]) if found else 1
            self._note(cursor, (number, 1, name.strip()[:80], "draft", settings, evidence, ""), by)
        self._changed()
        return number

    def change_scenario(
        self,
        scenario_id: int,
        by: str,
        why: str,
        name: str | None = None,
        state: str | None = None,
        settings: Mapping[str, Any] | None = None,
        evidence: Mapping[str, Any] | None = None,
    ) -> None:
        """Write another version; the earlier ones stay.

        Args:
            scenario_id: its number.
            by: who changes it.
            why: the reason, which is kept.
            name: another name.
            state: "draft", "chosen" or "dropped".
            settings: another plan.
            evidence: what is known now.

        Raises:
            LedgerError: ``ledger.no_scenario``; ``ledger.bad_scenario`` without a reason, with an empty
                name or plan, or with an unknown state.
        """
        history = self.scenario_history()
        own = history[history["scenario_id"] == scenario_id]
        if own.empty:
            raise LedgerError("ledger.no_scenario", scenario_id=scenario_id)
        last = own.iloc[-1]
        called = str(last["name"]) if name is None else name.strip()[:80]
        plan = last["settings"] if settings is None else settings
        if not why.strip() or not called or not plan or (state is not None and state not in STATES):
            raise LedgerError("ledger.bad_scenario")
        row = (
            scenario_id, int(last["version"]) + 1, called, state or last["state"], plan,
            last["evidence"] if evidence is None else evidence, why.strip(),
        )  # fmt: skip
        with self._store.write() as cursor:
            self._note(cursor, row, by)
        self._changed()

    @staticmethod
    def _note(cursor: Any, row: tuple[Any, ...], by: str) -> None:
        number, version, name, state, settings, evidence, why = row
        cursor.execute(
            "INSERT INTO scenarios VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [number, version, name, state, jsons.dump(dict(settings)), jsons.dump(dict(evidence)), why,
             now(), by],
        )  # fmt: skip
        what = "scenario made" if version == 1 else "scenario changed"
        event(cursor, by, what, scenario_id=number, version=version, name=name, state=state, why=why)

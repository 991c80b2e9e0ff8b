"""What the team sets: policy, other costs, channel names, remembered answers; all with history."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pandas as pd

from channelopt.errors import InputError
from channelopt.ledger import jsons
from channelopt.ledger.change import compare
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.results import Commit
from channelopt.ledger.rollup import (
    accounts_of,
    all_channels,
    note_channels,
    refresh_spend,
    spend_by_day,
)
from channelopt.ledger.store import Store
from channelopt.policy import COST_KINDS, COST_RULES, Policy


def now() -> dt.datetime:
    """The moment of a change, in UTC without a zone."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def event(cursor: duckdb.DuckDBPyConnection, by: str, what: str, **detail: Any) -> None:
    """Append to the history: who did what, and when."""
    cursor.execute("INSERT INTO events VALUES (?, ?, ?, ?)", [now(), by, what, jsons.dump(detail)])


def bump(cursor: duckdb.DuckDBPyConnection) -> None:
    """Another version of the workspace: whoever keeps figures must read them again."""
    cursor.execute(
        "UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS VARCHAR) WHERE key = 'version'"
    )


class Settings:
    """The settings of a workspace; mixed into the ledger."""

    _store: Store

    def _changed(self) -> None:
        raise AssertionError("the ledger says what a change means")

    def _frame(self, sql: str) -> pd.DataFrame:
        with self._store.cursor() as cursor:
            return cursor.execute(sql).df()

    @property
    def policy(self) -> Policy:
        """The policy in force: the newest version, or the defaults."""
        frame = self._frame("SELECT settings FROM policies ORDER BY version DESC LIMIT 1")
        return Policy() if frame.empty else Policy.from_dict(jsons.load(frame["settings"].iloc[0]))

    def save_policy(self, policy: Policy, by: str) -> None:
        """Put a policy in force as a new version; earlier versions stay."""
        with self._store.write() as cursor:
            cursor.execute(
                "INSERT INTO policies SELECT coalesce(max(version), 0) + 1, ?, ?, ? FROM policies",
                [now(), by, jsons.dump(policy.to_dict())],
            )
            refresh_spend(cursor, all_channels(cursor), policy.spend_explained)
            event(cursor, by, "policy", **policy.to_dict())
        self._changed()

    def policies(self) -> pd.DataFrame:
        """All versions: version, at, by, settings (JSON)."""
        return self._frame("SELECT * FROM policies ORDER BY version")

    def other_costs(self) -> pd.DataFrame:
        """Costs beside the media spend, by month.

        cost_id, month, channel ("" for all), what, amount, kind, rule (how a cost of all channels
        is shared out), at, by.
        """
        return self._frame(
            'SELECT cost_id, month, channel, what, amount::DOUBLE AS amount, kind, rule, "at", "by"'
            " FROM other_costs ORDER BY month, cost_id"
        )

    def add_other_cost(
        self,
        month: dt.date,
        amount: float,
        what: str,
        channel: str = "",
        *,
        kind: str = "fee",
        rule: str = "spend",
        by: str,
    ) -> int:
        """Add a fee, a tool or a reserve; returns its number.

        Args:
            month: any day of it.
            amount: in the workspace's currency.
            what: what it is for.
            channel: whom it belongs to; "" for all channels.
            kind: a key of ``policy.COST_KINDS``.
            rule: how a cost of all channels is shared out, one of ``policy.COST_RULES``.
            by: who says so.

        Raises:
            LedgerError: ``ledger.bad_month`` when the amount or the purpose is missing.
            InputError: ``common.bad_setting`` for an unknown kind or rule.
        """
        if not amount > 0 or not what.strip():
            raise LedgerError("ledger.bad_month")
        if kind not in COST_KINDS:
            raise InputError("common.bad_setting", name="kind", value=kind, wanted=", ".join(COST_KINDS))
        if rule not in COST_RULES:
            raise InputError("common.bad_setting", name="rule", value=rule, wanted=", ".join(COST_RULES))
        with self._store.write() as cursor:
            found = cursor.execute("SELECT coalesce(max(cost_id), 0) + 1 FROM other_costs").fetchone()
            number = int(found[0]) if found else 1
            cursor.execute(
                'INSERT INTO other_costs (cost_id, month, channel, what, amount, "at", "by", kind, rule)'
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [number, month.replace(day=1), channel, what.strip(), amount, now(), by, kind, rule],
            )
            note_channels(cursor)
            event(cursor, by, "cost added", cost_id=number, month=month, amount=amount, channel=channel)
        self._changed()
        return number

    def remove_other_cost(self, cost_id: int, by: str) -> None:
        """Take a cost out; the history keeps that it was there."""
        with self._store.write() as cursor:
            cursor.execute("DELETE FROM other_costs WHERE cost_id = ?", [cost_id])
            event(cursor, by, "cost removed", cost_id=cost_id)
        self._changed()

    def channels(self) -> pd.DataFrame:
        """Channels seen: channel, label ("" when never renamed), palette (index, fixed at first sight)."""
        return self._frame("SELECT channel, label, palette FROM channels ORDER BY palette")

    def rename_channel(self, channel: str, label: str, by: str) -> None:
        """Show a channel under another name; "" goes back to the default."""
        with self._store.write() as cursor:
            cursor.execute("UPDATE channels SET label = ? WHERE channel = ?", [label, channel])
            event(cursor, by, "renamed", channel=channel, label=label)
        self._changed()

    def answer_accounts(self, channel: str, one: str, other: str, same: bool, by: str) -> Commit:
        """Answer ``ledger.same_money``: whether two account names of a channel are one account.

        Args:
            channel: the channel.
            one: a name as a file gives it.
            other: another name.
            same: True for one account under two names, whose money counts once; False for two
                accounts, which add up.
            by: who says so.

        Returns:
            What it changes in the channel's spend; status "answered".

        Raises:
            LedgerError: ``ledger.no_account`` when no file of the channel names that account.
        """
        return self._answer(channel, one, other, same, by)

    def forget_accounts(self, channel: str, one: str, other: str, by: str) -> Commit:
        """Take back what ``answer_accounts`` said; the history keeps it.

        Raises:
            LedgerError: ``ledger.no_account``.
        """
        return self._answer(channel, one, other, None, by)

    def account_answers(self) -> pd.DataFrame:
        """Every answer about account names, oldest first: channel, one, other, same, at, by.

        ``same`` is missing where an answer was taken back; the last answer of a pair holds.
        """
        return self._frame(
            'SELECT channel, one, other, same, "at", "by" FROM account_answers ORDER BY answer_id'
        )

    def _answer(self, channel: str, one: str, other: str, same: bool | None, by: str) -> Commit:
        one, other = sorted((one, other))
        explained = self.policy.spend_explained
        with self._store.write() as cursor:
            known = accounts_of(cursor, channel)
            for name in (one, other):
                if name not in known or one == other:
                    raise LedgerError("ledger.no_account", channel=channel, account=name)
            before = spend_by_day(cursor, [channel])
            cursor.execute(
                "INSERT INTO account_answers SELECT coalesce(max(answer_id), 0) + 1, ?, ?, ?, ?, ?, ?"
                " FROM account_answers",
                [channel, one, other, same, now(), by],
            )
            refresh_spend(cursor, [channel], explained)
            event(cursor, by, "accounts", channel=channel, one=one, other=other, same=same)
            bump(cursor)
            change = compare(cursor, [channel], before)
        return change.as_commit(None, "answered", change.findings)

    def answers(self, fingerprint: str) -> dict[str, Any]:
        """What was answered about files with these headers."""
        with self._store.cursor() as cursor:
            found = cursor.execute(
                "SELECT answers FROM answers WHERE fingerprint = ?", [fingerprint]
            ).fetchone()
        return dict(jsons.load(found[0])) if found else {}

    def remembered(self) -> pd.DataFrame:
        """All answers kept: fingerprint, answers (JSON), name of the newest such file, at, by."""
        return self._frame(
            """SELECT a.fingerprint, a.answers, i.name, a."at", a."by" FROM answers a LEFT JOIN (
                   SELECT details ->> '$.fingerprint' AS fingerprint, arg_max(name, import_id) AS name
                   FROM imports GROUP BY 1) i USING (fingerprint) ORDER BY a."at", a.fingerprint"""
        )

    def remember(self, fingerprint: str, answers: dict[str, Any], by: str) -> None:
        """Keep answers for the next file with these headers; empty answers are not kept."""
        if not answers:
            return
        with self._store.write() as cursor:
            cursor.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)",
                [fingerprint, jsons.dump(answers), now(), by],
            )

    def forget(self, fingerprint: str) -> None:
        """Ask again next time."""
        with self._store.write() as cursor:
            cursor.execute("DELETE FROM answers WHERE fingerprint = ?", [fingerprint])

"""The ledger: the one door to a workspace's durable, de-duplicated facts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from channelopt.errors import Cancelled, Finding
from channelopt.fields import DAILY_KINDS, PEOPLE_KINDS
from channelopt.intake import LargeRead, read_export
from channelopt.intake.privacy import key_id
from channelopt.intake.result import Read
from channelopt.ledger import doctor, imports, jsons
from channelopt.ledger.change import Change, measure_change, snapshot, standing
from channelopt.ledger.details import Details
from channelopt.ledger.figures import Figures
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.originals import Originals
from channelopt.ledger.people import check_key, people_key
from channelopt.ledger.results import Commit
from channelopt.ledger.rollup import all_channels, channels_of, note_channels, refresh_leads, refresh_spend
from channelopt.ledger.settings import bump, event, now
from channelopt.ledger.store import acquire, release

OnStep = Callable[[int, int], None]
#: Passing files of large exports; whatever a killed process left there is swept at the next opening.
INCOMING = "incoming"


def _no_rate(cursor: duckdb.DuckDBPyConnection, read: Read) -> tuple[Finding, ...]:
    """A file in a currency without an exchange rate is kept, but its money does not count yet."""
    money = {"spend": "spend", "overall": "revenue"}.get(read.kind)
    if money is None or not read.currency or not read.rows[money].sum() > 0:
        return ()
    known = cursor.execute("SELECT 1 FROM current_rates WHERE currency = ?", [read.currency]).fetchone()
    params = {"currency": read.currency, "spend": float(read.rows[money].sum())}
    return () if known else (Finding("warning", "ledger.no_rate", params),)


def _read_alike(read: Read, details: str) -> bool:
    """Whether a stored file was read with the same answers; corrected ones replace it."""
    return jsons.dump(jsons.load(details).get("answers") or {}) == jsons.dump(dict(read.answers))


class Ledger(Figures):
    """A workspace: what came in, what counts, and what the team set. Open with ``Ledger.open``.

    The six laws: the same money never counts twice; nothing is lost; a file's total row is
    a check figure; a newer file replaces exactly what it covers; guesses stay visible; all
    or nothing.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._store = acquire(where)
        self._originals = Originals(self._store.where)
        self._rows = Details(self._store.where)
        self._closed = False
        super().__init__()

    @classmethod
    def open(cls, where: str | Path, *, name: str | None = None, currency: str | None = None) -> Ledger:
        """Open a workspace folder, made if it is not there; ":memory:" for a passing one.

        Args:
            where: the folder.
            name: name of the brand, for a new workspace.
            currency: ISO code of the workspace, for a new one; "CNY" without.

        Raises:
            LedgerError: ``ledger.locked``, ``ledger.cannot_open``, ``ledger.newer_format``.
        """
        ledger = cls(str(where))
        with ledger._store.lock:
            if ledger._store.users == 1:
                ledger._sweep()
            if ledger._store.meta("currency") is None:
                ledger._found(name or Path(str(where)).name, currency or "CNY")
            ledger._choose_anew()
        return ledger

    def _choose_anew(self) -> None:
        """After a migration that changed the rules: choose again what counts."""
        if self._store.meta("stale") is None:
            return
        explained = self.policy.spend_explained
        with self._store.write() as cursor:
            refresh_spend(cursor, all_channels(cursor), explained)
            cursor.execute("DELETE FROM meta WHERE key = 'stale'")
            bump(cursor)

    def _sweep(self) -> None:
        """Remove what a killed process left; only the one owner of the workspace gets here."""
        if self._store.where != ":memory:":
            shutil.rmtree(Path(self._store.where) / INCOMING, ignore_errors=True)

    def _found(self, name: str, currency: str) -> None:
        with self._store.write() as cursor:
            for key, value in (("name", name), ("currency", currency), ("version", "1")):
                cursor.execute("INSERT INTO meta VALUES (?, ?)", [key, value])
            cursor.execute("INSERT INTO rates VALUES (?, 1, ?, '')", [currency, now()])

    def close(self) -> None:
        """Give the workspace back, once; the last user of the process closes the file."""
        closed, self._closed = self._closed, True
        if not closed:
            release(self._store)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def hash_key(self) -> bytes:
        """The key that turns people into codes; kept beside the ledger, made once.

        Raises:
            LedgerError: ``ledger.cannot_write``, ``ledger.key_missing``, ``ledger.key_changed``.
        """
        return people_key(self._store)

    @property
    def hash_key_id(self) -> str:
        """Which key codes the people of this workspace, as ``Read.hash_key_id`` says it."""
        return key_id(self.hash_key)

    def _changed(self) -> None:
        with self._store.lock:
            self._store.set_meta("version", str(self.version + 1))

    def read(
        self,
        source: str | Path | bytes,
        name: str | None = None,
        *,
        answers: Mapping[str, Any] | None = None,
        on_step: OnStep | None = None,
    ) -> Read:
        """Read a file with this workspace's key and what was answered about such files before.

        Raises:
            IntakeError: the file cannot be used as it is.
        """
        stage = None if self._store.where == ":memory:" else Path(self._store.where) / INCOMING
        return read_export(
            source, name, hash_key=self.hash_key, answers=answers, on_step=on_step, stage=stage,
            remembered=self.answers,
        )  # fmt: skip

    def _check(self, read: Read) -> None:
        """Refuse what may not be stored, before anything of it is written."""
        if read.questions:
            raise LedgerError("ledger.unanswered", findings=read.questions, name=read.name)
        if read.kind in PEOPLE_KINDS or read.hash_key_id is not None:
            if read.hash_key_id != self.hash_key_id:
                raise LedgerError("ledger.other_key", name=read.name)
            check_key(self._store)

    def preview(
        self, read: Read, *, account: str | None = None, accept_partial: bool = False, prefer: bool = False
    ) -> Commit:
        """What ``commit`` would do: the same work in a transaction that is rolled back.

        Raises:
            LedgerError: as ``commit``.
        """
        self._check(read)
        return self._take_in(read, "preview", account, accept_partial, prefer, keep=False)

    def commit(
        self,
        read: Read,
        by: str,
        *,
        account: str | None = None,
        accept_partial: bool = False,
        prefer: bool = False,
        on_step: OnStep | None = None,
    ) -> Commit:
        """Store a file: its original, its rows, and what now counts. All of it, or nothing.

        Args:
            read: what ``read`` gave.
            by: who does it.
            account: name of the ad account, where the file names none.
            accept_partial: let a file count whose rows explain too little of its own total.
            prefer: let this file count wherever it has rows, whatever else is there.
            on_step: called with (done, total); what it raises before it is done leaves nothing stored.

        Raises:
            LedgerError: ``ledger.unanswered``, ``ledger.other_key``, ``ledger.key_missing``,
                ``ledger.key_changed``, ``ledger.cannot_write``.
        """
        step = on_step or (lambda done, total: None)
        step(0, 100)
        self._check(read)
        if isinstance(read, LargeRead):
            self._originals.put_file(read.sha256, read.source, read.name, lambda s: step(int(80 * s), 100))
            self._rows.put(read.sha256, read.detail)
        else:
            self._originals.put(read.sha256, read.content)
        step(80, 100)
        commit = self._take_in(read, by, account, accept_partial, prefer, keep=True)
        with suppress(Cancelled):  # it is stored: too late to cancel
            step(100, 100)
        return commit

    def _take_in(
        self, read: Read, by: str, account: str | None, partial: bool, prefer: bool, *, keep: bool
    ) -> Commit:
        with self._store.write(keep=keep) as cursor:
            found = cursor.execute(
                "SELECT import_id, status, partial_ok, preferred, details FROM imports WHERE sha256 = ?",
                [read.sha256],
            ).fetchone()
            insisted = account or partial or prefer
            if found and found[1] == "active" and not insisted and _read_alike(read, found[4]):
                spend = standing(cursor, int(found[0]), read.kind)
                return Commit(int(found[0]), "unchanged", 0, 0, 0, spend, spend, Change.empty())
            before: list[str] = []
            number = None
            if found:
                number = int(found[0])
                partial, prefer = partial or bool(found[2]), prefer or bool(found[3])
                account = account or jsons.load(found[4]).get("account")
                before = channels_of(cursor, number) if read.kind in DAILY_KINDS else []
                self._forget(cursor, number)
            number = imports.insert(cursor, read, by, account, partial, number)
            cursor.execute("UPDATE imports SET preferred = ? WHERE import_id = ?", [prefer, number])
            change = self._apply(cursor, number, read.kind, before)
            event(cursor, by, "import", import_id=number, name=read.name, sha256=read.sha256)
            if keep:
                bump(cursor)
            findings = change.findings + self._partial(cursor, read, partial) + _no_rate(cursor, read)
        return change.as_commit(number if keep else None, "committed" if keep else "preview", findings)

    def _partial(self, cursor: duckdb.DuckDBPyConnection, read: Read, accepted: bool) -> tuple[Finding, ...]:
        if accepted or read.kind not in DAILY_KINDS or not read.explained < self.policy.spend_explained:
            return ()
        return (Finding("warning", "ledger.partial", {"name": read.name, "explained": read.explained}),)

    @staticmethod
    def _forget(cursor: duckdb.DuckDBPyConnection, import_id: int) -> None:
        facts = ("spend_facts", "lead_facts", "touch_facts", "variant_facts")
        for table in (*facts, "rejected_rows", "imports"):
            cursor.execute(f"DELETE FROM {table} WHERE import_id = ?", [import_id])

    def _apply(
        self, cursor: duckdb.DuckDBPyConnection, import_id: int, kind: str, also: list[str] | None = None
    ) -> Change:
        """Make what counts again, for what this import touches, and measure the difference."""
        daily = kind in DAILY_KINDS
        channels = sorted({*channels_of(cursor, import_id), *(also or [])}) if daily else []
        before = snapshot(cursor, channels, kind)
        if kind == "leads":
            refresh_leads(cursor)
        elif daily:
            refresh_spend(cursor, channels, self.policy.spend_explained)
        note_channels(cursor)
        return measure_change(cursor, import_id, kind, channels, before)

    def undo(self, import_id: int, by: str) -> Commit:
        """Take an import out: everything is as if the file had never come in. Its rows stay stored.

        Raises:
            LedgerError: ``ledger.no_import``.
        """
        return self._set_status(import_id, "undone", by)

    def redo(self, import_id: int, by: str) -> Commit:
        """Bring an undone import back.

        Raises:
            LedgerError: ``ledger.no_import``, ``ledger.other_key``.
        """
        return self._set_status(import_id, "active", by)

    def _set_status(self, import_id: int, status: str, by: str) -> Commit:
        with self._store.write() as cursor:
            kind = imports.kind_of(cursor, import_id)
            if status == "active":
                self._check_coded(import_id, kind)
            cursor.execute("UPDATE imports SET status = ? WHERE import_id = ?", [status, import_id])
            change = self._apply(cursor, import_id, kind)
            event(cursor, by, status, import_id=import_id)
            bump(cursor)
        return change.as_commit(import_id, "undone" if status == "undone" else "redone", change.findings)

    def _check_coded(self, import_id: int, kind: str) -> None:
        """A list of people comes back only if its people were coded with the key in use."""
        coded = self._details(import_id).get("hash_key_id")
        if (coded or kind in PEOPLE_KINDS) and coded != self.hash_key_id:
            raise LedgerError("ledger.other_key", name=f"#{import_id}")

    def doctor(self) -> tuple[Finding, ...]:
        """Check every original against its hash and the daily figures against the stored rows."""
        return doctor.examine(self._store, self._originals, self.policy.spend_explained)

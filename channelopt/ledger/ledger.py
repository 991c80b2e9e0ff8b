"""The ledger: the one door to a workspace's durable, de-duplicated facts."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from channelopt.errors import Cancelled, Finding
from channelopt.intake import LargeRead, read_export
from channelopt.intake.privacy import key_id
from channelopt.intake.result import Read
from channelopt.ledger import doctor, imports, jsons, views
from channelopt.ledger.change import Change, measure_change, snapshot, standing
from channelopt.ledger.details import Details
from channelopt.ledger.imports import Imports
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.originals import Originals
from channelopt.ledger.results import Commit, Passport
from channelopt.ledger.rollup import channels_of, note_channels, refresh_leads, refresh_spend
from channelopt.ledger.settings import Settings, bump, event, now
from channelopt.ledger.store import acquire, release

OnStep = Callable[[int, int], None]
KEY_FILE = "people.key"
#: Passing files of large exports; whatever a killed process left there is swept at the next opening.
INCOMING = "incoming"


def _no_rate(cursor: duckdb.DuckDBPyConnection, read: Read) -> tuple[Finding, ...]:
    """A file in a currency without an exchange rate is kept, but its money does not count yet."""
    if read.kind != "spend" or not read.currency:
        return ()
    known = cursor.execute("SELECT 1 FROM current_rates WHERE currency = ?", [read.currency]).fetchone()
    params = {"currency": read.currency, "spend": float(read.rows["spend"].sum())}
    return () if known else (Finding("warning", "ledger.no_rate", params),)


def _read_alike(read: Read, details: str) -> bool:
    """Whether a stored file was read with the same answers; corrected ones replace it."""
    return jsons.dump(jsons.load(details).get("answers") or {}) == jsons.dump(dict(read.answers))


def _check_answered(read: Read) -> None:
    if read.questions:
        raise LedgerError("ledger.unanswered", findings=read.questions, name=read.name)


class Ledger(Imports, Settings):
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
        self._cache: dict[Any, pd.DataFrame] = {}
        self._cache_version = -1
        self._cache_lock = threading.Lock()
        self._closed = False

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
        return ledger

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
    def name(self) -> str:
        """Name of the brand."""
        return str(self._store.meta("name"))

    @property
    def currency(self) -> str:
        """ISO code all amounts are shown in."""
        return str(self._store.meta("currency"))

    @property
    def version(self) -> int:
        """Grows with every change; caches key on it."""
        return int(self._store.meta("version") or 0)

    @property
    def hash_key(self) -> bytes:
        """The key that turns people into codes; kept beside the ledger, made once."""
        if self._store.where == ":memory:":
            found = self._store.meta("people_key")
            if found is None:
                found = secrets.token_hex(32)
                self._store.set_meta("people_key", found)
            return bytes.fromhex(found)
        path = Path(self._store.where) / KEY_FILE
        with self._store.lock:
            if not path.is_file():
                aside = path.with_suffix(".new")
                aside.touch(mode=0o600)
                aside.write_text(secrets.token_hex(32), encoding="ascii")
                aside.replace(path)
        return bytes.fromhex(path.read_text(encoding="ascii").strip())

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

    def preview(
        self, read: Read, *, account: str | None = None, accept_partial: bool = False, prefer: bool = False
    ) -> Commit:
        """What ``commit`` would do: the same work in a transaction that is rolled back.

        Raises:
            LedgerError: as ``commit``.
        """
        _check_answered(read)
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
            LedgerError: ``ledger.unanswered``, ``ledger.other_key``, ``ledger.cannot_write``.
        """
        step = on_step or (lambda done, total: None)
        step(0, 100)
        _check_answered(read)
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
        if read.kind == "leads" and read.hash_key_id != self.hash_key_id:
            raise LedgerError("ledger.other_key", name=read.name)
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
                before = [] if read.kind == "leads" else channels_of(cursor, number)
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
        if accepted or not read.explained < self.policy.spend_explained:
            return ()
        return (Finding("warning", "ledger.partial", {"name": read.name, "explained": read.explained}),)

    @staticmethod
    def _forget(cursor: duckdb.DuckDBPyConnection, import_id: int) -> None:
        for table in ("spend_facts", "lead_facts", "rejected_rows", "imports"):
            cursor.execute(f"DELETE FROM {table} WHERE import_id = ?", [import_id])

    def _apply(
        self, cursor: duckdb.DuckDBPyConnection, import_id: int, kind: str, also: list[str] | None = None
    ) -> Change:
        """Make what counts again, for what this import touches, and measure the difference."""
        channels = [] if kind == "leads" else sorted({*channels_of(cursor, import_id), *(also or [])})
        before = snapshot(cursor, channels, kind)
        if kind == "leads":
            refresh_leads(cursor)
        else:
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
            LedgerError: ``ledger.no_import``.
        """
        return self._set_status(import_id, "active", by)

    def _set_status(self, import_id: int, status: str, by: str) -> Commit:
        with self._store.write() as cursor:
            kind = imports.kind_of(cursor, import_id)
            cursor.execute("UPDATE imports SET status = ? WHERE import_id = ?", [status, import_id])
            change = self._apply(cursor, import_id, kind)
            event(cursor, by, status, import_id=import_id)
            bump(cursor)
        return change.as_commit(import_id, "undone" if status == "undone" else "redone", change.findings)

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
                self._cache[extra] = views.with_cost(frame, costs, self.policy.opportunity_rate)
            return self._cache[extra]

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
            lacking = cursor.execute(
                """SELECT currency, sum(spend)::DOUBLE FROM daily_spend WHERE kind = 'spend' AND spend > 0
                   AND currency NOT IN (SELECT currency FROM current_rates) GROUP BY 1 ORDER BY 1"""
            ).fetchall()
        found = [Finding(severity, code, jsons.load(params)) for severity, code, params in rows]
        found += [Finding("question", "ledger.no_rate", {"currency": c, "spend": s}) for c, s in lacking]
        return tuple(found)

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

    def doctor(self) -> tuple[Finding, ...]:
        """Check every original against its hash and the daily figures against the stored rows."""
        return doctor.examine(self._store, self._originals, self.policy.spend_explained)

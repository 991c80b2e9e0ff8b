"""One DuckDB file per workspace: opened once per process, one writer, a cursor per call."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from channelopt.ledger.messages import LedgerError
from channelopt.ledger.migrations import copy_aside, migrate
from channelopt.ledger.originals import FOLDER as ORIGINALS
from channelopt.ledger.schema import FORMAT_VERSION, TABLES

FILE = "ledger.duckdb"
#: What the database raises when its file is not what it wrote.
_DAMAGE = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.InternalException,
    duckdb.SerializationException,
)
_open: dict[str, Store] = {}
_registry = threading.Lock()


class Store:
    """A connection shared by all threads of the process, with one lock for writing.

    DuckDB connections must not be used by two threads at once, so every call works on its
    own cursor, and every change happens in one transaction under the lock.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.lock = threading.RLock()
        self.users = 0
        self._stopped = False
        self._connection = self._connect()
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _connect(self) -> duckdb.DuckDBPyConnection:
        target = ":memory:" if self.where == ":memory:" else str(Path(self.where) / FILE)
        try:
            if target != ":memory:":
                Path(self.where).mkdir(parents=True, exist_ok=True)
                _check_there(Path(target))
            return duckdb.connect(target)
        except (OSError, duckdb.Error) as error:
            code = "ledger.damaged" if isinstance(error, _DAMAGE) else "ledger.cannot_open"
            if isinstance(error, duckdb.IOException):
                code = _why(error)
            raise LedgerError(code, where=self.where, detail=_first_line(error)) from error

    def _prepare(self) -> None:
        with self.cursor() as cursor:
            known = cursor.execute(
                "SELECT 1 FROM information_schema.tables WHERE table_name = 'meta'"
            ).fetchone()
        if not known and self.where != ":memory:" and any(Path(self.where, ORIGINALS).glob("*.zst")):
            raise LedgerError("ledger.damaged", where=self.where, detail=f"{FILE} has no tables")
        if not known:
            with self.write() as cursor:
                for statement in TABLES:
                    cursor.execute(statement)
                cursor.execute("INSERT INTO meta VALUES ('format_version', ?)", [str(FORMAT_VERSION)])
            return
        found = int(self.meta("format_version") or 0)
        if found > FORMAT_VERSION:
            raise LedgerError("ledger.newer_format", found=found, known=FORMAT_VERSION)
        if found < FORMAT_VERSION:
            self._migrate(found)

    def _migrate(self, found: int) -> None:
        """Keep a copy of the file, then bring it to today's format."""
        self._connection.close()
        copy_aside(Path(self.where) / FILE, found)
        self._connection = self._connect()
        with self.cursor() as cursor:
            migrate(cursor, found, FORMAT_VERSION)

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for reading; never shared between threads.

        Raises:
            LedgerError: ``ledger.damaged`` when the file cannot be read.
        """
        if self._stopped:
            self._start_again()
        cursor = self._connection.cursor()
        try:
            yield cursor
        except _DAMAGE as error:
            self._stopped = self._stopped or isinstance(error, duckdb.FatalException)
            raise LedgerError("ledger.damaged", where=self.where, detail=_first_line(error)) from error
        finally:
            cursor.close()

    def _start_again(self) -> None:
        """Open the file anew after the database stopped at a disk error; a restart brings it back."""
        with self.lock:
            if self._stopped:
                self._connection.close()
                self._connection = self._connect()
                self._stopped = False

    @contextmanager
    def write(self, *, keep: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction: all of it, or nothing. ``keep=False`` always rolls back (a rehearsal).

        Raises:
            LedgerError: ``ledger.cannot_write`` when the disk refuses; nothing was changed.
        """
        with self.lock, self.cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                yield cursor
            except BaseException as error:
                _roll_back(cursor)
                self._stopped = self._stopped or isinstance(error, duckdb.FatalException)
                if isinstance(error, duckdb.IOException | duckdb.FatalException | OSError):
                    raise LedgerError("ledger.cannot_write", detail=_first_line(error)) from error
                raise
            try:
                cursor.execute("COMMIT" if keep else "ROLLBACK")
            except duckdb.Error as error:
                _roll_back(cursor)
                self._stopped = self._stopped or isinstance(error, duckdb.FatalException)
                raise LedgerError("ledger.cannot_write", detail=_first_line(error)) from error

    def meta(self, key: str) -> str | None:
        """A note about the workspace."""
        with self.cursor() as cursor:
            found = cursor.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
        return None if found is None else str(found[0])

    def set_meta(self, key: str, value: str) -> None:
        """Write a note about the workspace."""
        with self.write() as cursor:
            cursor.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    """End a transaction that may have ended already: a full disk ends it by itself."""
    with suppress(duckdb.Error):
        cursor.execute("ROLLBACK")


def _check_there(file: Path) -> None:
    """A file that is gone or empty beside stored originals is a loss, not a new workspace.

    Raises:
        LedgerError: ``ledger.damaged``.
    """
    wal = file.with_name(f"{file.name}.wal")
    empty = not any(p.is_file() and p.stat().st_size for p in (file, wal))
    if empty and any((file.parent / ORIGINALS).glob("*.zst")):
        raise LedgerError("ledger.damaged", where=str(file.parent), detail=f"{file.name} is empty or gone")


def _why(error: BaseException) -> str:
    if _held_elsewhere(error):
        return "ledger.locked"
    text = str(error).lower()
    access = ("permission denied", "read-only", "cannot open file", "no space left", "no such file")
    return "ledger.cannot_open" if any(words in text for words in access) else "ledger.damaged"


def _held_elsewhere(error: BaseException) -> bool:
    """Whether another program has the file; a "block" or a folder called "clocks" does not count."""
    text = str(error).lower()
    return any(words in text for words in ("could not set lock", "conflicting lock", "being used by another"))


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__


def acquire(where: str) -> Store:
    """The store of a folder: the same object for everybody in this process."""
    if where == ":memory:":
        store = Store(where)
        store.users = 1
        return store
    key = str(Path(where).resolve())
    with _registry:
        if key not in _open:
            _open[key] = Store(key)
        _open[key].users += 1
        return _open[key]


def release(store: Store) -> None:
    """Give a store back; the last one closes the file."""
    with _registry:
        store.users -= 1
        if store.users <= 0:
            _open.pop(store.where, None)
            store.close()

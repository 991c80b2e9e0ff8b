"""Watch an inbox: take files that have come to rest, and try waiting ones again with answers."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from channelopt.errors import Cancelled, Finding
from channelopt.fields import PEOPLE_KINDS
from channelopt.files import How, Taken, Tell, silent, take
from channelopt.inbox.messages import InboxError
from channelopt.inbox.shelf import (
    FOLDER,
    WAITING,
    incoming,
    move_to_done,
    names_people,
    put_away,
    stamp,
    waiting_files,
    write_reason,
)
from channelopt.ledger import Ledger

#: Reasons that pass by themselves: the file stays where it is and is tried again.
_PASSING = (
    "ledger.locked",
    "ledger.cannot_write",
    "ledger.cannot_open",
    "intake.no_room",
    "common.cancelled",
)
#: Seconds until such a file is tried again.
_PAUSE = 60.0
LOG = logging.getLogger("channelopt")
_turns: dict[str, threading.Lock] = {}
_turns_lock = threading.Lock()


def _turn(folder: Path) -> threading.Lock:
    """One at a time in this process; other processes are kept out by the ledger's own lock."""
    with _turns_lock:
        return _turns.setdefault(str(folder.resolve()), threading.Lock())


class Inbox:
    """Watches one inbox. A file is taken when its size and time stayed the same over two looks."""

    def __init__(self, workspace: Path) -> None:
        self.folder = workspace / FOLDER
        self._seen: dict[str, tuple[int, int]] = {}
        self._paused: dict[str, tuple[tuple[int, int], float]] = {}
        self._tidied = -1
        self._hashes: dict[Path, tuple[tuple[int, int], str]] = {}
        self.problems: dict[str, Finding] = {}

    def look(self, now: float = 0.0) -> list[Path]:
        """Files that have not changed since the last look.

        Args:
            now: seconds on any clock; a file that could not be taken is offered again
                a minute later, or at once when it has changed.
        """
        seen = {path.name: stamp(path) for path in incoming(self.folder)}
        settled = [
            self.folder / name
            for name, mark in sorted(seen.items())
            if mark is not None and self._seen.get(name) == mark and not self._resting(name, mark, now)
        ]
        self._seen = {name: mark for name, mark in seen.items() if mark is not None}
        self.problems = {name: found for name, found in self.problems.items() if name in seen}
        self._paused = {name: rest for name, rest in self._paused.items() if name in seen}
        return settled

    def _resting(self, name: str, mark: tuple[int, int], now: float) -> bool:
        rest = self._paused.get(name)
        return rest is not None and rest[0] == mark and now < rest[1]

    def take(
        self, ledger: Ledger, files: Sequence[Path], by: str = "inbox", tell: Tell = silent, now: float = 0.0
    ) -> Iterator[Taken]:
        """Read, store and move files; what needs an answer goes to ``waiting/`` with the reason.

        Args:
            ledger: the workspace's ledger.
            files: what ``look`` gave.
            by: who does it, for the history.
            tell: told of every step; a ``Cancelled`` it raises ends the work, the file stays.
            now: as for ``look``.

        Yields:
            What became of each file.
        """
        how = How(by, hold=True)
        with _turn(self.folder):
            for path in files:
                before = stamp(path)
                if before is None:
                    continue
                try:
                    taken = _whole(list(take(ledger, path, path.name, how, tell)))
                except Cancelled as error:
                    yield Taken(path.name, "cancelled", error=error)
                    return
                except Exception as error:
                    taken = _broke(path.name, error)
                if stamp(path) == before:  # else it grew meanwhile, and is taken again when it is whole
                    yield self._put_away(path, taken, now)

    def tidy(self, ledger: Ledger) -> list[str]:
        """Move waiting files to ``done/`` that were stored meanwhile on another way; gives their names."""
        if ledger.version == self._tidied:
            return []
        self._tidied = ledger.version
        waiting = waiting_files(self.folder)
        if not waiting:
            return []
        imports = ledger.imports()
        active = imports[imports["status"] == "active"].set_index("sha256")["import_id"].to_dict()
        moved = []
        with _turn(self.folder):
            for path in waiting:
                try:
                    number = active.get(self._hash(path))
                    if number is not None:
                        move_to_done(self.folder, path, int(number), _personal(ledger, int(number)))
                        moved.append(path.name)
                except OSError as error:
                    LOG.warning("inbox: %s stays in waiting: %s", path.name, error)
        return moved

    def _hash(self, path: Path) -> str:
        mark = stamp(path)
        known = self._hashes.get(path)
        if mark is None:
            return ""
        if known is None or known[0] != mark:
            with path.open("rb") as file:
                known = (mark, hashlib.file_digest(file, "sha256").hexdigest())
            self._hashes[path] = known
        return known[1]

    def _put_away(self, path: Path, taken: Taken, now: float) -> Taken:
        self.problems.pop(path.name, None)
        error = taken.error
        if error is None or error.code not in _PASSING:
            try:
                put_away(self.folder, path, taken)
                return taken
            except OSError as refused:
                detail = refused.strerror or str(refused)
                error = InboxError("inbox.stuck", name=path.name, detail=detail)
        LOG.warning("inbox: %s", error)
        self.problems[path.name] = Finding("error", error.code, dict(error.params))
        self._paused[path.name] = (stamp(path) or (0, 0), now + _PAUSE)
        return replace(taken, outcome="refused", error=error)


def answer_waiting(ledger: Ledger, name: str, how: How, tell: Tell = silent) -> Taken:
    """Try a waiting file again with answers; it goes to ``done/``, or waits on with the new reason.

    Args:
        ledger: the workspace's ledger.
        name: file name in ``inbox/waiting/``.
        how: the answers.
        tell: told of every step.

    Raises:
        Cancelled: ``tell`` raised it; the file waits on.
        OSError: the file cannot be moved; it is stored all the same.
    """
    folder = Path(ledger.where) / FOLDER
    path = folder / WAITING / Path(name).name
    with _turn(folder):
        taken = _whole(list(take(ledger, path, path.name, how, tell)))
        if taken.error is None:
            put_away(folder, path, taken)
        elif path.is_file() and taken.error.code not in _PASSING:
            write_reason(path, taken.error)
        return taken


def stored_by_hand(ledger: Ledger, name: str, personal: bool) -> None:
    """Move a waiting file to ``done/`` whose tables were all stored on another way.

    Raises:
        OSError: it cannot be moved; it waits on.
    """
    folder = Path(ledger.where) / FOLDER
    path = folder / WAITING / Path(name).name
    last = int(ledger.imports()["import_id"].max())
    with _turn(folder):
        if path.is_file():
            move_to_done(folder, path, last, personal)


def _personal(ledger: Ledger, import_id: int) -> bool:
    """Whether an import names people."""
    kind = ledger.imports().set_index("import_id").loc[import_id, "kind"]
    mapping = ledger.import_mapping(import_id)
    return kind in PEOPLE_KINDS or ("reason" in mapping and (mapping["reason"] == "personal").any())


def _whole(tables: list[Taken]) -> Taken:
    """What became of a file that holds several tables: refused when any is, else one that names people."""
    people = (one for one in tables if one.read is not None and names_people(one.read))
    return next((one for one in tables if one.error is not None), next(people, tables[-1]))


def _broke(name: str, error: Exception) -> Taken:
    number = uuid4().hex[:8]
    LOG.error("bug %s", number, exc_info=error)
    return Taken(name, "refused", error=InboxError("inbox.broke", name=name, number=number))

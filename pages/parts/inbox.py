"""The inboxes of all workspaces, watched in a thread while the dashboard runs."""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path

from channelopt.errors import Cancelled, ChannelOptError, Finding
from channelopt.inbox import FOLDER, Inbox, InboxState
from channelopt.inbox import inbox_state as lying_in
from channelopt.ledger import Ledger
from channelopt.ledger.store import FILE
from pages.parts import api
from pages.parts.state import home

LOG = logging.getLogger("channelopt")
SECONDS = 3.0
BY = "inbox"
_inboxes: dict[str, Inbox] = {}


def poll_seconds() -> float:
    """Seconds between two looks (``CHANNELOPT_INBOX_SECONDS``); 0 watches nothing."""
    try:
        return max(float(os.environ.get("CHANNELOPT_INBOX_SECONDS") or SECONDS), 0.0)
    except ValueError:
        return SECONDS


def inbox_state(folder: str | Path) -> InboxState:
    """What lies in the inbox of a workspace: incoming, waiting with reasons, done."""
    watched = _inboxes.get(str(Path(folder).resolve()))
    return lying_in(folder, dict(watched.problems) if watched else {})


class Watcher:
    """Looks into every inbox every few seconds; one file at a time, in one thread."""

    def __init__(self) -> None:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="channelopt-inbox", daemon=True)
        self._ledgers: dict[str, Ledger] = {}

    def start(self) -> None:
        """Begin to watch."""
        if poll_seconds():
            self._thread.start()

    def stop(self) -> None:
        """End at the next step; the file at hand stays where it is."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(timeout=15)
        if not self._thread.is_alive():  # else it is in the middle of storing, which ends with the process
            for ledger in self._ledgers.values():
                ledger.close()

    def _run(self) -> None:
        while not self._end.wait(poll_seconds() or SECONDS):
            for folder in self._folders():
                try:
                    self.look(folder)
                except Exception as error:
                    LOG.error("inbox of %s", folder, exc_info=error)

    @staticmethod
    def _folders() -> list[Path]:
        try:
            return sorted(p for p in home().iterdir() if (p / FOLDER).is_dir() and (p / FILE).is_file())
        except OSError:
            return []

    def look(self, folder: Path) -> None:
        """Take what is new in one inbox."""
        key = str(folder.resolve())
        inbox = _inboxes.setdefault(key, Inbox(folder))
        now = time.monotonic()
        files = inbox.look(now)
        if key in self._ledgers:
            inbox.tidy(self._ledgers[key])
        if not files:
            return
        try:
            with api.turn():
                for taken in inbox.take(self._ledger(key), files, BY, self._step, now):
                    LOG.info("inbox: %s %s", taken.name, taken.outcome)
        except ChannelOptError as error:
            for path in files:
                inbox.problems[path.name] = Finding("error", error.code, dict(error.params))
            LOG.warning("inbox of %s: %s", folder.name, error)

    def _ledger(self, key: str) -> Ledger:
        if key not in self._ledgers:
            self._ledgers[key] = Ledger.open(key)
            api.opened(key)
        return self._ledgers[key]

    def _step(self, name: str, phase: str, done: int, total: int) -> None:
        if self._end.is_set():
            raise Cancelled()

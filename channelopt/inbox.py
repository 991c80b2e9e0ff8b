"""The inbox of a workspace: files put there are read, stored and moved away, or wait with a reason."""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from channelopt.errors import PLAIN, Cancelled, ChannelOptError, Finding
from channelopt.files import How, Taken, Tell, is_ready_name, silent, take
from channelopt.intake.messages import MESSAGES as INTAKE
from channelopt.ledger import Ledger, jsons
from channelopt.ledger.messages import MESSAGES as LEDGER

FOLDER, DONE, WAITING = "inbox", "done", "waiting"
REASON: Final = ".why.json"
RECORD: Final = "record.jsonl"
#: What the record keeps; older lines are dropped.
_KEPT = 1000
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

MESSAGES: dict[str, str] = {
    "inbox.broke": "{name} could not be read because of a bug in channelopt. Report {number} is in the log.",
    "inbox.no_reason": "Why {name} waits is not known any more. Put it back into the inbox to try again.",
    "inbox.stuck": "{name} could not be moved: {detail}. Check the permissions of the folder.",
}


class InboxError(ChannelOptError):
    """A file of the inbox that cannot be dealt with."""

    templates = MESSAGES


@dataclass(frozen=True)
class Waiting:
    """A file that waits for an answer or for another export.

    Attributes:
        name: file name in ``inbox/waiting/``.
        at: since when, UTC.
        reason: why, as a finding of severity "error".
        findings: what led to it: the questions to answer.
    """

    name: str
    at: dt.datetime | None
    reason: Finding
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Arrival:
    """A file that was taken.

    Attributes:
        name: file name in ``inbox/done/``.
        at: when, UTC.
        status: "committed" or "unchanged".
        import_id: its number in the ledger.
    """

    name: str
    at: dt.datetime
    status: str
    import_id: int


@dataclass(frozen=True)
class InboxState:
    """What lies in an inbox.

    Attributes:
        folder: the inbox folder.
        incoming: names of files not taken yet.
        problems: incoming name → why it could not be taken so far.
        waiting: files with a question or a refusal, newest first.
        done: the last files taken, newest first.
    """

    folder: Path
    incoming: tuple[str, ...]
    problems: Mapping[str, Finding]
    waiting: tuple[Waiting, ...]
    done: tuple[Arrival, ...]


def inbox_folder(workspace: Path | str) -> Path:
    """The inbox of a workspace, made when it is not there."""
    folder = Path(workspace) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


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
        self.problems: dict[str, Finding] = {}

    def look(self, now: float = 0.0) -> list[Path]:
        """Files that have not changed since the last look.

        Args:
            now: seconds on any clock; a file that could not be taken is offered again
                a minute later, or at once when it has changed.
        """
        seen = {path.name: _stamp(path) for path in _incoming(self.folder)}
        settled = [
            self.folder / name
            for name, stamp in sorted(seen.items())
            if stamp is not None and self._seen.get(name) == stamp and not self._resting(name, stamp, now)
        ]
        self._seen = {name: stamp for name, stamp in seen.items() if stamp is not None}
        self.problems = {name: found for name, found in self.problems.items() if name in seen}
        self._paused = {name: rest for name, rest in self._paused.items() if name in seen}
        return settled

    def _resting(self, name: str, stamp: tuple[int, int], now: float) -> bool:
        rest = self._paused.get(name)
        return rest is not None and rest[0] == stamp and now < rest[1]

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
                before = _stamp(path)
                if before is None:
                    continue
                try:
                    taken = _whole(list(take(ledger, path, path.name, how, tell)))
                except Cancelled as error:
                    yield Taken(path.name, "cancelled", error=error)
                    return
                except Exception as error:
                    taken = _broke(path.name, error)
                if _stamp(path) == before:  # else it grew meanwhile, and is taken again when it is whole
                    yield self._put_away(path, taken, now)

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
        self._paused[path.name] = (_stamp(path) or (0, 0), now + _PAUSE)
        return replace(taken, outcome="refused", error=error)


def put_away(folder: Path, path: Path, taken: Taken) -> Path:
    """Move a file to where it belongs now, and note it in the record.

    Raises:
        OSError: it cannot be moved; then it still stands where it was.
    """
    done = taken.error is None
    target = _free(folder / (DONE if done else WAITING), path.name)
    if taken.error is not None:
        _write_reason(target, taken.error)
    path.rename(target)
    _old_reason(path)
    entry: dict[str, Any] = {"at": _now(), "name": target.name, "status": taken.outcome}
    if taken.commit is not None:
        entry["import_id"] = taken.commit.id
    if taken.error is not None:
        entry["code"] = taken.error.code
    with suppress(OSError):
        _note(folder / RECORD, entry)
    return target


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
            _write_reason(path, taken.error)
        return taken


def inbox_state(workspace: Path | str, problems: Mapping[str, Finding] | None = None) -> InboxState:
    """What lies in the inbox of a workspace; nothing is made or moved."""
    folder = Path(workspace) / FOLDER
    there = {p.name: p for p in _files(folder / WAITING) if not p.name.startswith(".")}
    beside = {name + REASON for name in there}
    entries = [_waiting(path) for name, path in there.items() if name not in beside]
    entries.sort(key=lambda w: (w.at or dt.datetime.min, w.name), reverse=True)
    return InboxState(
        folder=folder,
        incoming=tuple(sorted(p.name for p in _incoming(folder))),
        problems=dict(problems or {}),
        waiting=tuple(entries),
        done=tuple(_arrivals(folder / RECORD)),
    )


def _files(folder: Path) -> list[Path]:
    try:
        return [p for p in folder.iterdir() if p.is_file() and not p.is_symlink()]
    except OSError:
        return []


def _incoming(folder: Path) -> list[Path]:
    return [p for p in _files(folder) if p.name != RECORD and is_ready_name(p.name)]


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _whole(tables: list[Taken]) -> Taken:
    """What became of a file that holds several tables: refused when any of them is."""
    return next((one for one in tables if one.error is not None), tables[-1])


def _broke(name: str, error: Exception) -> Taken:
    number = uuid4().hex[:8]
    LOG.error("bug %s", number, exc_info=error)
    return Taken(name, "refused", error=InboxError("inbox.broke", name=name, number=number))


def _free(folder: Path, name: str) -> Path:
    """A name in a folder that nothing has: "name (2).csv" when "name.csv" is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    path, count = folder / name, 2
    while path.exists() or path.is_symlink():
        path = folder / f"{Path(name).stem} ({count}){Path(name).suffix}"
        count += 1
    return path


def _now() -> str:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat(timespec="seconds")


def _reason_path(path: Path) -> Path:
    return path.with_name(path.name + REASON)


def _old_reason(path: Path) -> None:
    _reason_path(path).unlink(missing_ok=True)


def _write_reason(path: Path, error: ChannelOptError) -> None:
    """Why a file waits, beside it; written aside first. Samples of its cells stay out of it."""
    params = {key: value for key, value in error.params.items() if key != "columns"}
    told = {
        "at": _now(),
        "why": str(error),
        "code": error.code,
        "params": params,
        "findings": jsons.dump_findings(error.findings),
        "questions": [_sentence(f) for f in error.findings],
    }
    aside = path.with_name(f".{path.name}{REASON}")
    aside.write_text(json.dumps(json.loads(jsons.dump(told)), ensure_ascii=False, indent=2), encoding="utf-8")
    aside.replace(_reason_path(path))


def _sentence(finding: Finding) -> str:
    text = {**INTAKE, **LEDGER}.get(finding.code, finding.code)
    return PLAIN.vformat(text, (), dict(finding.params))


def _waiting(path: Path) -> Waiting:
    try:
        told = jsons.load(_reason_path(path).read_text(encoding="utf-8"))
        reason = Finding("error", str(told["code"]), dict(told["params"]))
        return Waiting(
            path.name, dt.datetime.fromisoformat(told["at"]), reason, jsons.load_findings(told["findings"])
        )
    except (OSError, ValueError, TypeError, KeyError):
        return Waiting(path.name, None, Finding("error", "inbox.no_reason", {"name": path.name}), ())


def _note(path: Path, entry: Mapping[str, Any]) -> None:
    """Add to the record; a long one is cut, whole or not at all."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > 2 * _KEPT:
        aside = path.with_name(f".{path.name}")
        aside.write_text("\n".join(lines[-_KEPT:]) + "\n", encoding="utf-8")
        aside.replace(path)


def _arrivals(path: Path, most: int = 50) -> Iterator[Arrival]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    found = 0
    for line in reversed(lines):
        try:
            told = json.loads(line)
            if told["status"] not in ("committed", "unchanged"):
                continue
            at = dt.datetime.fromisoformat(told["at"])
            yield Arrival(str(told["name"]), at, str(told["status"]), int(told["import_id"]))
        except (ValueError, TypeError, KeyError):
            continue
        found += 1
        if found == most:
            return

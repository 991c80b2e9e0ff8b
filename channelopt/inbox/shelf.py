"""What lies in an inbox: done files, waiting ones with their reasons, and the record of both."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from channelopt.errors import PLAIN, ChannelOptError, Finding
from channelopt.fields import PEOPLE_KINDS
from channelopt.files import Taken, is_ready_name
from channelopt.intake.messages import MESSAGES as INTAKE
from channelopt.intake.result import Read
from channelopt.ledger import jsons
from channelopt.ledger.messages import MESSAGES as LEDGER

FOLDER, DONE, WAITING = "inbox", "done", "waiting"
REASON: Final = ".why.json"
RECORD: Final = "record.jsonl"
#: What the record keeps; older lines are dropped.
_KEPT = 1000


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


def put_away(folder: Path, path: Path, taken: Taken) -> None:
    """Move a file to where it belongs now, and note it in the record.

    Raises:
        OSError: it cannot be moved; then it still stands where it was.
    """
    entry: dict[str, Any] = {"status": taken.outcome}
    if taken.commit is not None:
        entry["import_id"] = taken.commit.id
    if taken.error is not None:
        entry["code"] = taken.error.code
        target = _free(folder / WAITING, path.name)
        write_reason(target, taken.error)
    else:
        _done(folder, path, taken.read is not None and names_people(taken.read), entry)
        return
    _move(folder, path, target, entry)


def move_to_done(folder: Path, path: Path, import_id: int, personal: bool) -> None:
    """Move a waiting file that was stored on another way.

    Args:
        folder: the inbox.
        path: the file.
        import_id: its number in the ledger.
        personal: whether it names people.

    Raises:
        OSError: it cannot be moved.
    """
    _done(folder, path, personal, {"status": "unchanged", "import_id": import_id})


def names_people(read: Read) -> bool:
    """Whether a file holds columns about people: its raw form must not stay."""
    return read.kind in PEOPLE_KINDS or any(column.reason == "personal" for column in read.mapping)


def _done(folder: Path, path: Path, personal: bool, entry: dict[str, Any]) -> None:
    """A stored file goes to ``done/``; one that names people goes altogether, the ledger keeps it coded."""
    if not personal:
        _move(folder, path, _free(folder / DONE, path.name), entry)
        return
    path.unlink()
    _reason_path(path).unlink(missing_ok=True)
    with suppress(OSError):
        _note(folder / RECORD, {"at": _now(), "name": path.name, **entry})


def _move(folder: Path, path: Path, target: Path, entry: dict[str, Any]) -> None:
    path.rename(target)
    _reason_path(path).unlink(missing_ok=True)
    with suppress(OSError):
        _note(folder / RECORD, {"at": _now(), "name": target.name, **entry})


def waiting_files(folder: Path) -> list[Path]:
    """The files in ``waiting/``, without the reasons beside them."""
    there = {p.name: p for p in files_in(folder / WAITING) if not p.name.startswith(".")}
    beside = {name + REASON for name in there}
    return [path for name, path in sorted(there.items()) if name not in beside]


def inbox_state(workspace: Path | str, problems: Mapping[str, Finding] | None = None) -> InboxState:
    """What lies in the inbox of a workspace; nothing is made or moved."""
    folder = Path(workspace) / FOLDER
    entries = [_waiting(path) for path in waiting_files(folder)]
    entries.sort(key=lambda w: (w.at or dt.datetime.min, w.name), reverse=True)
    return InboxState(
        folder=folder,
        incoming=tuple(sorted(p.name for p in incoming(folder))),
        problems=dict(problems or {}),
        waiting=tuple(entries),
        done=tuple(_arrivals(folder / RECORD)),
    )


def files_in(folder: Path) -> list[Path]:
    """The regular files of a folder."""
    try:
        return [p for p in folder.iterdir() if p.is_file() and not p.is_symlink()]
    except OSError:
        return []


def incoming(folder: Path) -> list[Path]:
    """The files to take: no folders, links, hidden files or half downloads."""
    return [p for p in files_in(folder) if p.name != RECORD and is_ready_name(p.name)]


def stamp(path: Path) -> tuple[int, int] | None:
    """Size and time of a file; None when it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


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


def write_reason(path: Path, error: ChannelOptError) -> None:
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

"""Bring files in: find the ones that are named, read each, store it, and say what became of it."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from channelopt.errors import Cancelled, ChannelOptError
from channelopt.intake import IntakeError, Piece, Read, unpack
from channelopt.intake.answers import rememberable
from channelopt.intake.spool import is_large
from channelopt.ledger import Commit, Ledger
from channelopt.ledger.messages import LedgerError

#: Called with (file name, "reading" or "storing", done, total); what it raises stops the work.
Tell = Callable[[str, str, int, int], None]
Outcome = Literal["committed", "unchanged", "refused", "cancelled", "skipped"]

#: Files that are still being written, or that no platform made.
_UNREADY = (".part", ".partial", ".crdownload", ".download", ".tmp", ".filepart")
_HIDDEN = (".", "~$")
#: What a read says of a file from which it took one table only.
OTHERS = "intake.other_tables"
#: Warnings that a file's money does not count: worth a question where nobody sits and reads them.
_HOLDS = ("ledger.partial", "ledger.kept_fuller")

MESSAGES: dict[str, str] = {
    "files.empty_folder": "There is no file in the folder {name}.",
    "files.unreadable": "{name} cannot be read: {detail}. Check the file and its permissions.",
}


class FilesError(ChannelOptError):
    """A file that cannot be got at."""

    templates = MESSAGES


@dataclass(frozen=True)
class How:
    """How files are to be taken in.

    Attributes:
        by: who does it, for the history.
        answers: answers to the intake's questions, as ``Ledger.read`` takes them.
        account: name of the ad account, where the file names none.
        accept_partial: let a file count whose rows explain too little of its own total.
        prefer: let a file count wherever it has rows.
        hold: store nothing while storing it would raise a question.
    """

    by: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    account: str | None = None
    accept_partial: bool = False
    prefer: bool = False
    hold: bool = False

    def storing(self) -> dict[str, Any]:
        """What ``Ledger.commit`` and ``preview`` are told."""
        return {"account": self.account, "accept_partial": self.accept_partial, "prefer": self.prefer}


@dataclass(frozen=True)
class Taken:
    """What became of one file.

    Attributes:
        name: as the user knows it.
        outcome: "committed", "unchanged" (it was in already), "refused" (see ``error``),
            "cancelled", or "skipped" (its turn never came).
        read: how it was read; None when it was not.
        commit: what storing it did; None when it was not stored.
        error: why not.
    """

    name: str
    outcome: Outcome
    read: Read | None = None
    commit: Commit | None = None
    error: ChannelOptError | None = None


def silent(name: str, phase: str, done: int, total: int) -> None:
    """Tell nobody."""


def is_ready_name(name: str) -> bool:
    """Whether a file of this name is meant to be read: not hidden, no half download."""
    return not name.startswith(_HIDDEN) and not name.lower().endswith(_UNREADY)


def find_files(named: Sequence[str | Path], base: Path) -> list[tuple[Path, str]]:
    """The files meant by what was named: a folder means its files, ``*`` and ``?`` are filled in.

    Args:
        named: paths and patterns, relative to ``base`` or absolute.
        base: where relative ones start.

    Returns:
        (path, what to call it), each file once, in the order named. What is not there
        stays in the list, so that it is refused by name.
    """
    found: dict[Path, str] = {}
    for one in map(str, named):
        path = base / one
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and is_ready_name(p.name))
            entries = [(p, str(Path(one) / p.name)) for p in inside] or [(path, one)]
        elif not path.exists() and glob.has_magic(one):
            matches = sorted(Path(p) for p in glob.glob(one, root_dir=base) if (base / p).is_file())
            entries = [(base / p, str(p)) for p in matches] or [(path, one)]
        else:
            entries = [(path, one)]
        for entry, shown in entries:
            found.setdefault(entry, shown)
    return list(found.items())


def take_all(
    ledger: Ledger, files: Sequence[tuple[Path, str]], how: How, tell: Tell = silent
) -> Iterator[Taken]:
    """Read and store files one by one; one that is refused does not stop the others.

    Args:
        ledger: where to.
        files: (path, what to call it).
        how: see ``How``.
        tell: told of every step; a ``Cancelled`` it raises ends the work.

    Yields:
        One ``Taken`` per file and table; after a cancel the rest as "skipped".
    """
    stopped = False
    for path, shown in files:
        if stopped:
            yield Taken(shown, "skipped")
            continue
        try:
            yield from take(ledger, path, shown, how, tell)
        except Cancelled as error:
            stopped = True
            yield Taken(shown, "cancelled", error=error)


def take(ledger: Ledger, path: Path, shown: str, how: How, tell: Tell = silent) -> Iterator[Taken]:
    """Read and store one file: each of its tables on its own, when it holds several.

    Raises:
        Cancelled: ``tell`` raised it, or the user interrupted; nothing of the table at hand is stored.
    """
    if path.is_dir():
        yield Taken(shown, "refused", error=FilesError("files.empty_folder", name=shown))
        return
    first = _take_one(ledger, path, path.name, shown, how, tell)
    pieces = _pieces(path, first, how)
    if len(pieces) < 2:
        yield first
        return
    known = None if first.read is None else first.read.sha256
    for piece in pieces:
        inside = f"{shown} › {piece.name}" if piece.name != path.name else shown
        inside = f"{inside} › {piece.table}" if piece.table else inside
        one = replace(how, answers={**how.answers, "table": piece.table}) if piece.table else how
        taken = _take_one(ledger, piece.content, piece.name, inside, one, tell)
        same = taken.read is not None and taken.read.sha256 == known
        yield _alone(replace(first, name=inside) if same else taken)


def _pieces(path: Path, first: Taken, how: How) -> tuple[Piece, ...]:
    """The tables of a file that holds several, or may: one that says so, or was refused as a whole."""
    several = first.read is None or any(f.code == OTHERS for f in first.read.findings)
    if not several or how.answers.get("table") or not path.is_file() or is_large(path):
        return ()
    try:
        return unpack(path)
    except IntakeError:  # the refusal as a whole says why
        return ()


def _alone(taken: Taken) -> Taken:
    """Without the warning that only one table was read: the others are taken as well."""
    if taken.read is None:
        return taken
    return replace(
        taken, read=replace(taken.read, findings=tuple(f for f in taken.read.findings if f.code != OTHERS))
    )


def _take_one(ledger: Ledger, source: Path | bytes, name: str, shown: str, how: How, tell: Tell) -> Taken:
    before, read = ledger.version, None
    try:
        read = ledger.read(
            source, name, answers=how.answers or None, on_step=lambda a, b: tell(shown, "reading", a, b)
        )
        if how.hold:
            _hold(ledger, read, how)
        commit = ledger.commit(
            read, how.by, **how.storing(), on_step=lambda a, b: tell(shown, "storing", a, b)
        )
        if kept := rememberable(read.answers):
            ledger.remember(read.fingerprint, kept, how.by)
    except BaseException as error:
        if isinstance(error, Cancelled):
            raise
        if not (isinstance(error, KeyboardInterrupt) or _asked_to_stop(tell, shown)):
            return Taken(shown, "refused", read, error=_refusal(error, shown))
        if read is None or ledger.version == before:
            raise Cancelled() from None
        commit = ledger.commit(read, how.by)  # it was stored a moment before: this only says its number
    outcome: Outcome = "unchanged" if commit.status == "unchanged" else "committed"
    return Taken(shown, outcome, read, commit)


def _refusal(error: BaseException, shown: str) -> ChannelOptError:
    """The error as a refusal; a bug is raised again."""
    if isinstance(error, ChannelOptError):
        return error
    if isinstance(error, OSError):
        return FilesError("files.unreadable", name=shown, detail=error.strerror or type(error).__name__)
    raise error


def _asked_to_stop(tell: Tell, shown: str) -> bool:
    """Whether the user interrupted: the engine reports that as an error of its own."""
    try:
        tell(shown, "stopping", 0, 1)
    except Cancelled:
        return True
    return False


def _hold(ledger: Ledger, read: Read, how: How) -> None:
    """Refuse a file while storing it would raise a question or leave its money out.

    Raises:
        LedgerError: ``ledger.unanswered`` with the questions.
    """
    found = read.questions or tuple(
        f
        for f in ledger.preview(read, **how.storing()).findings
        if f.severity == "question" or f.code in _HOLDS
    )
    if found:
        raise LedgerError("ledger.unanswered", findings=found, name=read.name)

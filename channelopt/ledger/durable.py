"""Files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final
from uuid import uuid4

from channelopt.ledger.messages import LedgerError

_HALF: Final = re.compile(r"\..+\.[0-9a-f]{32}")
#: Files this process is writing right now.
_writing: set[Path] = set()


def aside_of(path: Path) -> Path:
    """A name of its own for a file that is not complete yet."""
    return path.with_name(f".{path.name}.{uuid4().hex}")


def sweep(folder: Path) -> int:
    """Remove what killed processes left half-written in a folder, and count it.

    Only for the one process that has the workspace open; what it is writing itself stays.
    """
    if not folder.is_dir():
        return 0
    halves = [p for p in folder.iterdir() if _HALF.fullmatch(p.name) and p.is_file() and p not in _writing]
    with said():
        for half in halves:
            half.unlink(missing_ok=True)
    return len(halves)


@contextmanager
def passing(path: Path) -> Iterator[Path]:
    """The name under which a file is written until it is complete; nothing of it stays behind."""
    aside = aside_of(path)
    _writing.add(aside)
    try:
        yield aside
    finally:
        aside.unlink(missing_ok=True)
        _writing.discard(aside)


@contextmanager
def whole(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Write a file aside, and give it its name when it is complete and on the disk.

    Args:
        path: its name; an earlier file of that name stays until then.
        mode: permissions of the new file.

    Raises:
        LedgerError: ``ledger.cannot_write``; nothing of it stays.
    """
    with said(), passing(path) as aside:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        keep(aside, path)


def keep(aside: Path, path: Path) -> None:
    """Give a complete file its name, so that a power cut does not take the name away."""
    aside.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


@contextmanager
def said() -> Iterator[None]:
    """Whatever the disk refuses becomes one sentence.

    Raises:
        LedgerError: ``ledger.cannot_write``.
    """
    try:
        yield
    except OSError as error:
        raise LedgerError("ledger.cannot_write", detail=str(error)) from error

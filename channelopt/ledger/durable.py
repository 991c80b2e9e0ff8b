"""Files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from channelopt.ledger.messages import LedgerError


@contextmanager
def whole(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Write a file aside, and give it its name when it is complete and on the disk.

    Args:
        path: its name; an earlier file of that name stays until then.
        mode: permissions of the new file.

    Raises:
        LedgerError: ``ledger.cannot_write``; nothing of it stays.
    """
    aside = path.with_name(f".{path.name}.{uuid4().hex}")
    with said():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode), "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            keep(aside, path)
        finally:
            aside.unlink(missing_ok=True)


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

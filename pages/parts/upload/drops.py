"""What is on the upload page: files dropped now and files of the inbox, cut into the tables they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from channelopt.errors import ChannelOptError, Finding
from channelopt.intake.spool import is_large
from channelopt.intake.unpack import JOIN
from pages.parts import cache


@dataclass(frozen=True)
class Drop:
    """One table to look at.

    Attributes:
        upload: number of the upload, or the inbox file.
        name: file name; inside an archive with its folders.
        table: key of the table in that file; None when it is the only one.
        content: gives the bytes, or the path of a file on disk.
        findings: what was left out of the archive; told once.
        waiting: name in the inbox, None for a file dropped now.
    """

    upload: str
    name: str
    table: str | None
    content: Callable[[], bytes | Path]
    findings: tuple[Finding, ...] = ()
    waiting: str | None = None

    @property
    def label(self) -> str:
        """The name with its table: what answers are kept under."""
        return f"{self.name}{JOIN}{self.table}" if self.table else self.name

    @property
    def key(self) -> str:
        """Tells this table from every other on the page."""
        return f"{self.upload}/{self.label}"


def dropped(files: Sequence[Any]) -> list[Drop]:
    """The tables of the files in the uploader."""
    return [drop for file in files for drop in _cut(file.file_id, str(file.name), file.getvalue, None)]


def from_inbox(folder: Path, names: Iterable[str]) -> list[Drop]:
    """The tables of files that wait in the inbox and were opened on the page."""
    found = []
    for name in names:
        path = folder / name
        if path.is_file():
            found += _cut(f"{name}@{path.stat().st_mtime_ns}", name, partial(_same, path), name)
    return found


def _same(content: Any) -> Any:
    return content


def _cut(upload: str, name: str, content: Callable[[], Any], waiting: str | None) -> list[Drop]:
    """One drop per table; a file that cannot be opened stays whole, for reading it says why."""
    whole = [Drop(upload, name, None, content, (), waiting)]
    if is_large(content()):
        return whole
    try:
        found = cache.tables(upload, name, content)
    except ChannelOptError:
        return whole
    told = found.findings
    drops = []
    for piece in found.pieces:
        drops.append(Drop(upload, piece.name, piece.table, partial(_same, piece.content), told, waiting))
        told = ()
    return drops or whole

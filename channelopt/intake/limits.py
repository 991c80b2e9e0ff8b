"""How much a packed file may hold: counted while it is unpacked, never trusted beforehand."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from channelopt.intake.messages import IntakeError

#: Bytes a file may unpack to in memory.
MOST_BYTES = 600_000_000
#: Unpacked bytes per packed byte, beyond the first ``FREE_BYTES``.
MOST_RATIO, FREE_BYTES = 300, 50_000_000
MOST_MEMBERS = 5_000
#: Cells of a sheet, its empty area included; columns of a text file; bytes of one line.
MOST_CELLS = 20_000_000
MOST_COLUMNS = 16_384
MOST_LINE = 1_000_000
_CHUNK = 1 << 20
BROKEN = (
    zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError, NotImplementedError, RuntimeError, ValueError,
    OSError, KeyError,
)  # fmt: skip


class Budget:
    """What is left of the bytes one packed file may unpack to."""

    def __init__(self, packed: int, name: str) -> None:
        self.name, self.packed, self.used = name, max(packed, 1), 0

    def spend(self, size: int) -> None:
        """Count ``size`` bytes.

        Raises:
            IntakeError: ``intake.too_big_inside``.
        """
        self.used += size
        if self.used > MOST_BYTES or (self.used > FREE_BYTES and self.used > MOST_RATIO * self.packed):
            raise IntakeError("intake.too_big_inside", name=self.name, size=self.used / 1e6)


def chunks(stream: IO[bytes], budget: Budget) -> Iterator[bytes]:
    """The bytes of an unpacked stream, piece by piece, counted."""
    while block := stream.read(_CHUNK):
        budget.spend(len(block))
        yield block


def gunzip(data: bytes, name: str) -> bytes:
    """The file inside a gzip.

    Raises:
        IntakeError: damaged, cut off, or unreasonably big inside.
    """
    budget, out = Budget(len(data), name), io.BytesIO()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            for block in chunks(stream, budget):  # type: ignore[arg-type]
                out.write(block)
    except BROKEN as error:
        raise IntakeError("intake.broken_file", name=name) from error
    return out.getvalue()


def open_archive(data: bytes, name: str) -> zipfile.ZipFile:
    """A zip whose list of members is within bounds.

    Raises:
        IntakeError: damaged, too many members, declared too big, or locked by a password.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except BROKEN as error:
        raise IntakeError("intake.broken_file", name=name) from error
    entries = archive.infolist()
    if len(entries) > MOST_MEMBERS:
        raise IntakeError("intake.too_many_inside", name=name, n=len(entries), most=MOST_MEMBERS)
    Budget(len(data), name).spend(sum(e.file_size for e in entries))
    if any(e.flag_bits & 1 for e in entries):
        raise IntakeError("intake.password", name=name)
    return archive


def member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> Iterator[bytes]:
    """The bytes of one member, piece by piece.

    Raises:
        IntakeError: damaged, or unreasonably big.
    """
    try:
        with archive.open(entry) as stream:
            yield from chunks(stream, budget)
    except BROKEN as error:
        raise IntakeError("intake.broken_file", name=budget.name) from error


def check_lines(data: bytes, name: str) -> None:
    """Refuse a text with a line no export has, before it is decoded or cut.

    Raises:
        IntakeError: ``intake.line_too_long``.
    """
    for at in range(0, len(data) - MOST_LINE, MOST_LINE):
        if data.find(b"\n", at, at + MOST_LINE) < 0 and data.find(b"\r", at, at + MOST_LINE) < 0:
            raise IntakeError("intake.line_too_long", name=name, size=MOST_LINE / 1e6)

"""A large text file on disk: hashed, counted and made plain UTF-8 without holding it in memory."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import re
import shutil
import tempfile
import weakref
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from channelopt.intake.decode import decode
from channelopt.intake.limits import MOST_BYTES, MOST_LINE, MOST_RATIO
from channelopt.intake.messages import IntakeError

#: From this size on a text file is read by the database engine instead of line by line.
LARGE = 32_000_000
#: A packed file this big may be large inside.
_PACKED = LARGE // 8
#: Nothing bigger than this is unpacked.
_MOST = 20_000_000_000
_CHUNK = 1 << 22
_HEAD = 1 << 20
_BINARY = (b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF", b"\x89PNG", b"\xff\xd8\xff")
_BLANK = re.compile(rb"\n(?=\r?\n)")
Tell = Callable[[float], None]


class Stage:
    """A folder for passing files; it goes when the last one who holds it goes."""

    def __init__(self, parent: Path | None) -> None:
        try:
            if parent is not None:
                parent.mkdir(parents=True, exist_ok=True)
            self.folder = Path(tempfile.mkdtemp(prefix="reading-", dir=parent))
        except OSError as error:
            raise IntakeError("intake.no_room", detail=str(error)) from error
        self._end = weakref.finalize(self, shutil.rmtree, self.folder, True)

    def close(self) -> None:
        """Remove the folder now."""
        self._end()


@dataclass(frozen=True)
class Spooled:
    """A large file, ready to be scanned.

    Attributes:
        original: the bytes as they came (unpacked), on disk.
        path: the same as UTF-8 text.
        head: the beginning of the text as UTF-8 bytes, cut at a line end.
        sha256: hex digest of the original.
        encoding: codec it was written in.
        lines: line ends in the text, and one for an unfinished last line.
        blank: numbers of the lines with nothing in them.
        size: bytes of the text.
        guessed: whether some bytes made no sense in that codec.
    """

    original: Path
    path: Path
    head: bytes
    sha256: str
    encoding: str
    lines: int
    blank: array[int]
    size: int
    guessed: bool


def is_large(source: str | Path | bytes) -> bool:
    """Whether a file is to be read by the database engine: big, and text (or text in gzip or zip)."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        size, head = len(source), bytes(source[:8])
    else:
        path = Path(source)
        if not path.is_file():
            return False
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
    if head.startswith(b"\x1f\x8b"):
        return size >= _PACKED
    if head.startswith(b"PK"):
        return (
            size >= _PACKED and not isinstance(source, (bytes, bytearray)) and _lone_text(source) is not None
        )
    return size >= LARGE and not head.startswith(_BINARY)


def _lone_text(source: str | Path | bytes | memoryview) -> zipfile.ZipInfo | None:
    """The only member of a zip when it is a large text file."""
    try:
        with zipfile.ZipFile(str(source)) as archive:
            members = [
                e for e in archive.infolist() if not e.is_dir() and not e.filename.startswith("__MACOSX")
            ]
    except (zipfile.BadZipFile, OSError):
        return None
    if len(members) != 1 or not members[0].filename.lower().endswith((".csv", ".tsv", ".txt")):
        return None
    return members[0] if members[0].file_size >= LARGE and not members[0].flag_bits & 1 else None


@contextmanager
def _unpacked(source: str | Path | bytes) -> Iterator[IO[bytes] | None]:
    """The stream inside a packed file; None when it is not packed."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield None
        return
    head = b""
    with Path(source).open("rb") as file:
        head = file.read(2)
    if head == b"\x1f\x8b":
        with gzip.open(source, "rb") as packed:
            yield packed  # type: ignore[misc]
    elif head == b"PK" and (member := _lone_text(source)) is not None:
        with zipfile.ZipFile(source) as archive, archive.open(member) as packed:
            yield packed
    else:
        yield None


def spool(source: str | Path | bytes, name: str, stage: Stage, tell: Tell) -> Spooled:
    """Bring a large file to disk as UTF-8 text.

    Args:
        source: a path (left where it is) or bytes.
        name: as the user knows it.
        stage: folder for what must be written.
        tell: called with the share done, 0 to 1.

    Raises:
        IntakeError: no text, damaged, or no room on the disk.
    """
    try:
        original = _on_disk(source, name, stage)
        head = _head(original)
        text = decode(head, name)
        with original.open("rb") as file:
            count = _count(file, original.stat().st_size, name, text.encoding, tell)
        encoding, path = text.encoding, original
        if encoding in ("utf-8", "utf-8-sig") and count.bad_at is not None:
            encoding = _encoding_at(original, count.bad_at, name)
        lines, blank, guessed = count.lines, count.blank, False
        if encoding not in ("utf-8", "utf-8-sig"):
            path = stage.folder / "text.csv"
            lines, blank, guessed = _transcode(original, path, encoding)
        return Spooled(
            original, path, _head(path), count.sha256, encoding, lines, blank, path.stat().st_size, guessed
        )
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise IntakeError("intake.broken_file", name=name) from error
    except OSError as error:
        raise IntakeError("intake.no_room", detail=str(error)) from error


def _on_disk(source: str | Path | bytes, name: str, stage: Stage) -> Path:
    kept = stage.folder / "original"
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
        if data.startswith(b"\x1f\x8b"):
            aside = stage.folder / "packed"
            aside.write_bytes(data)
            return _on_disk(aside, name, stage)
        kept.write_bytes(data)
        return kept
    with _unpacked(source) as packed:
        if packed is None:
            return Path(source).resolve()
        size, packed_size = 0, Path(source).stat().st_size
        with kept.open("wb") as out:
            while block := packed.read(_CHUNK):
                size += len(block)
                if size > _MOST or (size > MOST_BYTES and size > MOST_RATIO * packed_size):
                    raise IntakeError("intake.too_big_inside", name=name, size=size / 1e6)
                out.write(block)
    return kept


def _head(path: Path) -> bytes:
    """The first lines; cut at a line end so that no letter is cut in two."""
    with path.open("rb") as file:
        data = file.read(_HEAD)
    if len(data) < _HEAD:
        return data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:4000].count(0) > 400:
        return data[: len(data) // 2 * 2]
    return data[: data.rfind(b"\n") + 1] or data


@dataclass(frozen=True)
class _Count:
    sha256: str
    lines: int
    blank: array[int]
    bad_at: int | None


def _count(file: IO[bytes], size: int, name: str, encoding: str, tell: Tell) -> _Count:
    """One pass over the bytes: hash, lines, and the first place that is no UTF-8."""
    digest, lines, at, bad = hashlib.sha256(), 0, 0, None
    blank = array("Q")
    check = codecs.getincrementaldecoder("utf-8")()
    wide, last = encoding.startswith("utf-16"), b""
    while block := file.read(_CHUNK):
        digest.update(block)
        if len(block) > MOST_LINE and b"\n" not in block and b"\r" not in block:
            raise IntakeError("intake.line_too_long", name=name, size=MOST_LINE / 1e6)
        blank.extend(_blanks(block, last in (b"\n", b""), lines))
        lines += block.count(b"\n")
        if not wide and b"\x00" in block:
            raise IntakeError("intake.nul_bytes", name=name, n=block.count(b"\x00"))
        if bad is None and not wide and not (block.isascii() and not check.getstate()[0]):
            try:
                check.decode(block)
            except UnicodeDecodeError:
                bad = at
        at += len(block)
        last = block[-1:]
        tell(at / max(size, 1))
    return _Count(digest.hexdigest(), lines + (last not in (b"\n", b"")), blank, bad)


def _blanks(block: bytes, at_start: bool, before: int) -> list[int]:
    """Numbers of the empty lines of a piece of text.

    Args:
        block: the piece.
        at_start: whether it begins a line.
        before: line ends before it.
    """
    found = [before + 1] if at_start and block.startswith((b"\n", b"\r\n")) else []
    if b"\n\n" in block or b"\n\r\n" in block:
        line, seen = before, 0
        for match in _BLANK.finditer(block):
            line += block.count(b"\n", seen, match.end())
            seen = match.end()
            found.append(line + 1)
    return found


def _encoding_at(path: Path, at: int, name: str) -> str:
    """The codec of a file whose beginning is plain, judged where it stops being so."""
    with path.open("rb") as file:
        file.seek(at)
        window = file.read(_CHUNK + 100)
    place = next((i for i, byte in enumerate(window) if byte > 127), 0)
    start = window.rfind(b"\n", 0, place) + 1
    return decode(window[start : start + _HEAD], name).encoding


def _transcode(source: Path, target: Path, encoding: str) -> tuple[int, array[int], bool]:
    """Write the file as UTF-8; lines, blank lines, and whether some bytes made no sense."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    lines, guessed, last = 0, False, b""
    blank = array("Q")
    with source.open("rb") as file, target.open("wb") as out:
        while True:
            block = file.read(_CHUNK)
            text = decoder.decode(block, final=not block)
            guessed = guessed or "\ufffd" in text
            piece = text.encode()
            blank.extend(_blanks(piece, last in (b"\n", b""), lines))
            lines += piece.count(b"\n")
            last = piece[-1:] or last
            out.write(piece)
            if not block:
                break
    return lines + (last not in (b"\n", b"")), blank, guessed

"""The files as they came in: compressed, named by their hash, written before anything counts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection
from pathlib import Path

import zstandard

from channelopt.ledger.durable import said, whole
from channelopt.ledger.messages import LedgerError

FOLDER = "originals"
#: A large file is packed at the speed it is read.
_FAST = 1
_CHUNK = 1 << 22


class Originals:
    """A folder of originals; in memory for a workspace that is in memory."""

    def __init__(self, where: str) -> None:
        self._folder = None if where == ":memory:" else Path(where) / FOLDER
        self._kept: dict[str, bytes] = {}

    def put(self, sha256: str, content: bytes) -> None:
        """Store a file; written aside and renamed, so that a killed process leaves no half file.

        The compressed bytes carry their own hash: personal columns of a lead list were
        replaced before they came here, so the content is not always what was uploaded.

        Raises:
            LedgerError: ``ledger.cannot_write``.
        """
        packed = hashlib.sha256(content).digest() + zstandard.compress(content, 10)
        if self._folder is None:
            self._kept[sha256] = packed
            return
        with whole(self._folder / f"{sha256}.zst") as file:
            file.write(packed)

    def put_file(self, sha256: str, path: Path, name: str, tell: Callable[[float], None]) -> None:
        """Store a large file, piece by piece; its bytes must still have the hash they were read with.

        Args:
            sha256: the hash it was read with.
            path: where it is.
            name: as the user knows it.
            tell: called with the share done; what it raises stops the work.

        Raises:
            LedgerError: ``ledger.cannot_write``, ``ledger.file_changed``.
        """
        if self._folder is None:
            self.put(sha256, path.read_bytes())
            return
        digest, seen = hashlib.sha256(), 0
        with said(), path.open("rb") as source, whole(self._folder / f"{sha256}.zst") as file:
            size = os.fstat(source.fileno()).st_size
            file.write(bytes.fromhex(sha256))
            with zstandard.ZstdCompressor(_FAST).stream_writer(file, closefd=False) as packed:
                while block := source.read(_CHUNK):
                    digest.update(block)
                    packed.write(block)
                    seen += len(block)
                    tell(seen / max(size, 1))
            if digest.hexdigest() != sha256:
                raise LedgerError("ledger.file_changed", name=name)

    def strangers(self, known: Collection[str]) -> int:
        """How many originals no import speaks of."""
        if self._folder is None:
            return 0
        return sum(1 for p in self._folder.glob("*.zst") if p.stem not in known)

    def check(self, sha256: str, name: str) -> None:
        """Compare a stored file with its hash, without holding it in memory.

        Raises:
            LedgerError: ``ledger.original_missing`` or ``ledger.original_changed``.
        """
        if self._folder is None:
            self.get(sha256, name)
            return
        path = self._folder / f"{sha256}.zst"
        if not path.is_file():
            raise LedgerError("ledger.original_missing", name=name)
        digest = hashlib.sha256()
        with path.open("rb") as file:
            wanted = file.read(32)
            try:
                with zstandard.ZstdDecompressor().stream_reader(file) as packed:
                    while block := packed.read(_CHUNK):
                        digest.update(block)
            except zstandard.ZstdError as error:
                raise LedgerError("ledger.original_changed", name=name) from error
        if digest.digest() != wanted:
            raise LedgerError("ledger.original_changed", name=name)

    def get(self, sha256: str, name: str) -> bytes:
        """The file as it was stored.

        Raises:
            LedgerError: ``ledger.original_missing`` or ``ledger.original_changed``.
        """
        if self._folder is None:
            packed = self._kept.get(sha256)
        else:
            path = self._folder / f"{sha256}.zst"
            packed = path.read_bytes() if path.is_file() else None
        if packed is None:
            raise LedgerError("ledger.original_missing", name=name)
        try:
            content = zstandard.ZstdDecompressor().decompressobj().decompress(packed[32:])
        except zstandard.ZstdError as error:
            raise LedgerError("ledger.original_changed", name=name) from error
        if hashlib.sha256(content).digest() != packed[:32]:
            raise LedgerError("ledger.original_changed", name=name)
        return content

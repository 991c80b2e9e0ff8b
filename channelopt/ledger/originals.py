"""The files as they came in: compressed, named by their hash, written before anything counts."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from uuid import uuid4

import zstandard

from channelopt.ledger.messages import LedgerError

FOLDER = "originals"


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
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            aside = self._folder / f".{sha256}.{uuid4().hex}"
            try:
                with aside.open("wb") as file:
                    file.write(packed)
                    file.flush()
                    os.fsync(file.fileno())
                aside.replace(self._folder / f"{sha256}.zst")
            finally:
                aside.unlink(missing_ok=True)
        except OSError as error:
            raise LedgerError("ledger.cannot_write", detail=str(error)) from error

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
            content = zstandard.decompress(packed[32:])
        except zstandard.ZstdError as error:
            raise LedgerError("ledger.original_changed", name=name) from error
        if hashlib.sha256(content).digest() != packed[:32]:
            raise LedgerError("ledger.original_changed", name=name)
        return content

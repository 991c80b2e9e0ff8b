"""One file that holds a whole workspace, and a workspace made from it again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import duckdb

from channelopt.ledger import details, originals
from channelopt.ledger.durable import keep
from channelopt.ledger.ledger import Ledger
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.people import KEY_FILE
from channelopt.ledger.schema import FORMAT_VERSION
from channelopt.ledger.store import FILE

MANIFEST: Final = "channelopt-backup.json"
_NAMES = re.compile(
    rf"{re.escape(FILE)}|{re.escape(KEY_FILE)}|{originals.FOLDER}/[0-9a-f]{{64}}\.zst"
    rf"|{details.FOLDER}/[0-9a-f]{{64}}\.parquet"
)
_CHUNK = 1 << 22
_HUGE = 1 << 50
OnStep = Callable[[int, int], None]


@dataclass(frozen=True)
class Backup:
    """What a backup holds.

    Attributes:
        path: the archive, or the workspace made from it.
        name: of the brand.
        made_at: when it was made, UTC.
        format: version of the workspace's format.
        files: how many files it holds.
        size: their bytes.
    """

    path: Path
    name: str
    made_at: dt.datetime
    format: int
    files: int
    size: int


def backup(ledger: Ledger, target: Path, on_step: OnStep | None = None) -> Backup:
    """Write a workspace into one file while it may be in use.

    The ledger is copied by the database itself in one transaction, so that a write at the
    same time is either wholly in or not; the originals it names were there before it.

    Args:
        ledger: an open workspace folder.
        target: the archive; an existing file is replaced only when the new one is complete.
        on_step: called with (done, total) bytes; what it raises leaves no archive behind.

    Raises:
        LedgerError: ``ledger.no_folder`` for a workspace in memory, ``ledger.cannot_write``,
            ``ledger.original_missing``.
    """
    step = on_step or (lambda done, total: None)
    if ledger.where == ":memory:":
        raise LedgerError("ledger.no_folder")
    folder = Path(ledger.where)
    aside = target.with_name(f".{target.name}.{os.getpid()}.new")
    with _said(), tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as passing:
        try:
            members = _members(ledger, folder, _copy_ledger(ledger, Path(passing)))
            total, done = sum(p.stat().st_size for p in members.values()), 0
            hashes: dict[str, str] = {}
            with zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
                for name, path in members.items():
                    with archive.open(name, "w", force_zip64=True) as out, path.open("rb") as file:
                        digest = hashlib.sha256()
                        while block := file.read(_CHUNK):
                            digest.update(block)
                            out.write(block)
                            done += len(block)
                            step(done, max(total, 1))
                    hashes[name] = digest.hexdigest()
                made = dt.datetime.now(dt.UTC).replace(microsecond=0)
                facts = {"brand": ledger.name, "made_at": made.isoformat(), "format": FORMAT_VERSION}
                archive.writestr(MANIFEST, json.dumps({**facts, "files": hashes}, indent=1))
            with aside.open("rb+") as file:
                os.fsync(file.fileno())
            keep(aside, target)
        finally:
            aside.unlink(missing_ok=True)
    return Backup(target, ledger.name, made, FORMAT_VERSION, len(members), total)


@contextmanager
def _said() -> Iterator[None]:
    """Whatever the disk refuses becomes one sentence."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise LedgerError("ledger.cannot_write", detail=str(error).splitlines()[0]) from error


def _copy_ledger(ledger: Ledger, passing: Path) -> Path:
    """A copy made by the database: opening its file beside it would take its lock away."""
    copy = passing / FILE
    with ledger._store.cursor() as cursor:
        here = str(cursor.execute("SELECT current_database()").fetchall()[0][0])
        cursor.execute(f"ATTACH '{str(copy).replace(chr(39), chr(39) * 2)}' AS backup_copy")
        try:
            cursor.execute(f'COPY FROM DATABASE "{here}" TO backup_copy')
        finally:
            cursor.execute("DETACH backup_copy")
    return copy


def _members(ledger: Ledger, folder: Path, copy: Path) -> dict[str, Path]:
    """Every file the copied ledger needs, by its name in the archive."""
    _ = ledger.hash_key  # the key is made on first use; a backup without it could not match people
    connection = duckdb.connect(str(copy), read_only=True)
    try:
        rows = connection.execute("SELECT sha256, name FROM imports ORDER BY import_id").fetchall()
    finally:
        connection.close()
    members = {FILE: copy, KEY_FILE: folder / KEY_FILE}
    for sha256, name in rows:
        original = folder / originals.FOLDER / f"{sha256}.zst"
        if not original.is_file():
            raise LedgerError("ledger.original_missing", name=name)
        members[f"{originals.FOLDER}/{sha256}.zst"] = original
        rows_file = folder / details.FOLDER / f"{sha256}.parquet"
        if rows_file.is_file():
            members[f"{details.FOLDER}/{sha256}.parquet"] = rows_file
    return members


def restore(source: Path, folder: Path, on_step: OnStep | None = None) -> Backup:
    """Make a workspace from a backup.

    Args:
        source: the archive.
        folder: the new workspace; it must not exist, or be empty.
        on_step: called with (done, total) bytes; what it raises leaves nothing behind.

    Raises:
        LedgerError: ``ledger.folder_taken``, ``ledger.not_a_backup``, ``ledger.backup_damaged``,
            ``ledger.newer_format``, ``ledger.cannot_write``.
    """
    step = on_step or (lambda done, total: None)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise LedgerError("ledger.folder_taken", where=str(folder))
    if not source.is_file():
        raise LedgerError("ledger.not_a_backup", name=source.name)
    with _said():
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".restore-"))
        try:
            facts, size = _unpack(source, aside, step)
            if folder.exists():
                folder.rmdir()
            keep(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    made = dt.datetime.fromisoformat(str(facts["made_at"]))
    return Backup(folder, str(facts["brand"]), made, int(facts["format"]), len(facts["files"]), size)


def _unpack(source: Path, target: Path, step: OnStep) -> tuple[dict[str, Any], int]:
    """Write every file of the archive and compare it with its hash."""
    try:
        with zipfile.ZipFile(source) as archive:
            facts = _facts(archive, source.name)
            sizes = {name: archive.getinfo(name).file_size for name in facts["files"]}
            total, done = sum(sizes.values()), 0
            if total > shutil.disk_usage(target).free or total > _HUGE:
                raise LedgerError("ledger.cannot_write", detail=f"{total / 1e6:,.0f} MB do not fit")
            for name, wanted in facts["files"].items():
                path = target / name
                path.parent.mkdir(exist_ok=True)
                mode = 0o600 if name == KEY_FILE else 0o644
                with (
                    archive.open(name) as packed,
                    open(os.open(path, os.O_CREAT | os.O_WRONLY, mode), "wb") as out,
                ):
                    digest = hashlib.sha256()
                    for block in _blocks(packed):
                        digest.update(block)
                        out.write(block)
                        done += len(block)
                        step(done, max(total, 1))
                    out.flush()
                    os.fsync(out.fileno())
                if digest.hexdigest() != wanted:
                    raise LedgerError("ledger.backup_damaged", name=source.name, file=name)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise LedgerError("ledger.backup_damaged", name=source.name, file=str(error)[:80]) from error
    return facts, total


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_CHUNK):
        yield block


def _facts(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    """The manifest, checked: only the files a workspace has, and a format this version knows."""
    if MANIFEST not in archive.namelist():
        raise LedgerError("ledger.not_a_backup", name=name)
    try:
        facts: dict[str, Any] = json.loads(archive.read(MANIFEST))
        files, version = dict(facts["files"]), int(facts["format"])
        dt.datetime.fromisoformat(str(facts["made_at"]))
    except (ValueError, TypeError, KeyError) as error:
        raise LedgerError("ledger.not_a_backup", name=name) from error
    if FILE not in files or not all(_NAMES.fullmatch(str(n)) for n in files):
        raise LedgerError("ledger.not_a_backup", name=name)
    if version > FORMAT_VERSION:
        raise LedgerError("ledger.newer_format", found=version, known=FORMAT_VERSION)
    return facts

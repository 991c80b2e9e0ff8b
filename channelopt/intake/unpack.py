"""What a file holds: the files inside a gz or zip, and the tables inside each of them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from channelopt.errors import Finding
from channelopt.intake.header import find_tables
from channelopt.intake.limits import Budget, gunzip, member, open_archive
from channelopt.intake.messages import IntakeError
from channelopt.intake.spool import is_large
from channelopt.intake.tables import open_tables
from channelopt.intake.workbook import OLE

_GZIP, _ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")
_PACKED = (".zip", ".gz", ".tgz", ".rar", ".7z", ".tar", ".bz2", ".xz")
_NOISE = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
#: Texts with several tables come from web analytics and are small; reading a bigger one still says
#: when it holds more than was read.
_SEVERAL = 4_000_000
#: Stands between a file of an archive and its table in ``answers["table"]``.
JOIN = " › "


@dataclass(frozen=True)
class Piece:
    """One table to import: ``read_export(content, name, answers={"table": table})`` reads it.

    Attributes:
        name: file name; inside a zip with its folders.
        content: the unpacked file the table is in.
        table: key of the table in that file; None when it is the only one.
    """

    name: str
    content: bytes
    table: str | None


@dataclass(frozen=True)
class Unpacked:
    """All tables of one file, and what was left out.

    Attributes:
        pieces: in the order of the file.
        findings: members of an archive that are no tables.
    """

    pieces: tuple[Piece, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """The one file of an archive that is read.

    Attributes:
        name: its name.
        content: its bytes, unpacked.
        table: key of the table in it, None for the best.
        findings: what else the archive holds.
    """

    name: str
    content: bytes
    table: str | None
    findings: tuple[Finding, ...] = ()


def unpack(source: str | Path | bytes, name: str | None = None) -> tuple[Piece, ...]:
    """Every table of a file, each of which ``read_export`` reads on its own.

    Args:
        source: a path, or the bytes: text, workbook, or gz or zip of those.
        name: file name to show; taken from the path when there is one.

    Raises:
        IntakeError: empty, locked, damaged, nested or unreasonably big archive, or none at all.
    """
    return look_inside(source, name).pieces


def look_inside(source: str | Path | bytes, name: str | None = None) -> Unpacked:
    """As ``unpack``, with what was left out."""
    data, shown = load(source, name)
    files, findings = _files(data, shown)
    return Unpacked(tuple(p for n, content in files for p in _pieces(n, content)), findings)


def choose(data: bytes, name: str, table: str | None = None) -> Chosen:
    """The file to read of a gz or zip: the one named, else the one whose headers are best known.

    Args:
        data: the bytes as they came.
        name: file name.
        table: member of a zip, with its table after ``JOIN``; or the table of the only file.

    Raises:
        IntakeError: as ``unpack``; ``intake.no_such_table``.
    """
    files, findings = _files(data, name)
    if len(files) == 1:
        only, content = files[0]
        inner = table.removeprefix(only + JOIN) if table else None
        return Chosen(only, content, None if inner == only else inner, findings)
    names = [n for n, _ in files]
    if table is None:
        at = _best(files)
        others = ", ".join(n for k, n in enumerate(names) if k != at)
        told = Finding("warning", "intake.other_tables", {"table": names[at], "others": others})
        return Chosen(*files[at], None, (*findings, told))
    for member_name, content in files:
        if table == member_name or table.startswith(member_name + JOIN):
            inner = table[len(member_name) + len(JOIN) :]
            return Chosen(member_name, content, inner or None, findings)
    raise IntakeError("intake.no_such_table", name=name, table=table, tables=", ".join(names))


def load(source: str | Path | bytes, name: str | None) -> tuple[bytes, str]:
    """The bytes of a source, and the name to show.

    Raises:
        IntakeError: ``intake.not_found``, ``intake.is_folder``, ``intake.cannot_open``.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), name or "upload"
    path = Path(source)
    if path.is_dir():
        raise IntakeError("intake.is_folder", name=path.name)
    try:
        return path.read_bytes(), name or path.name
    except FileNotFoundError as error:
        raise IntakeError("intake.not_found", name=path.name) from error
    except OSError as error:
        raise IntakeError("intake.cannot_open", name=path.name, detail=error.strerror or "") from error


def _pieces(name: str, content: bytes) -> list[Piece]:
    whole = [Piece(name, content, None)]
    if is_large(content) or (len(content) > _SEVERAL and not content.startswith((*_ZIP, OLE))):
        return whole
    try:
        sheets = open_tables(content, name)
    except IntakeError:  # reading the piece says why
        return whole
    keys = [sheets[f.index].key for f in find_tables(sheets) if f.data]
    return [Piece(name, content, key) for key in keys] if len(keys) > 1 else whole


def _best(files: Sequence[tuple[str, bytes]]) -> int:
    """The file whose headers are best known; the first of equals."""
    scores = []
    for name, content in files:
        try:
            found = find_tables(open_tables(content, name))
        except IntakeError:  # not readable, so not the best; the piece itself says why
            found = []
        scores.append(max((f.score for f in found if f.data), default=-1.0))
    return scores.index(max(scores))


def _files(data: bytes, name: str) -> tuple[list[tuple[str, bytes]], tuple[Finding, ...]]:
    """Names and bytes of the files inside; the file itself when it is not packed."""
    if data.startswith(_GZIP):
        inner = gunzip(data, name)
        if inner.startswith(_GZIP) or (inner.startswith(_ZIP) and not _is_office(inner, name)):
            raise IntakeError("intake.nested", name=name, inner=_without_gz(name))
        return [(_without_gz(name), inner)], ()
    if data.startswith(_ZIP) and not _is_office(data, name):
        return _members(data, name)
    return [(name, data)], ()


def _without_gz(name: str) -> str:
    lower = name.lower()
    return name[:-3] if lower.endswith(".gz") else name[:-4] + ".tar" if lower.endswith(".tgz") else name


def _is_office(data: bytes, name: str) -> bool:
    """Whether a zip is a document of an office program, not an archive of files."""
    with open_archive(data, name) as archive:
        names = set(archive.namelist())
    return bool(names & {"[Content_Types].xml", "content.xml", "xl/workbook.xml", "xl/workbook.bin"}) or any(
        n.startswith(("xl/", "word/", "ppt/")) for n in names
    )


def _members(data: bytes, name: str) -> tuple[list[tuple[str, bytes]], tuple[Finding, ...]]:
    files: list[tuple[str, bytes]] = []
    skipped: list[str] = []
    with open_archive(data, name) as archive:
        budget = Budget(len(data), name)
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            shown = _shown(entry)
            lower = shown.lower()
            if any(part in _NOISE for part in shown.split("/")):
                skipped.append(shown)
            elif lower.endswith(_PACKED):
                raise IntakeError("intake.nested", name=name, inner=shown)
            elif lower.endswith(_TABLES):
                files.append((shown, _content(archive, entry, budget, name, shown)))
            else:
                skipped.append(shown)
    if not files:
        raise IntakeError("intake.no_tables_inside", name=name, members=", ".join(skipped[:5]) or "–")
    told = Finding("info", "intake.skipped_members", {"n": len(skipped), "members": ", ".join(skipped[:10])})
    return _distinct(files), (told,) if skipped else ()


def _content(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget, name: str, shown: str
) -> bytes:
    content = b"".join(member(archive, entry, budget))
    if content.startswith(_GZIP) or (content.startswith(_ZIP) and not _is_office(content, shown)):
        raise IntakeError("intake.nested", name=name, inner=shown)
    return content


def _shown(entry: zipfile.ZipInfo) -> str:
    """A member's name without steps up or to the root; old archives write Chinese names in GBK."""
    text = entry.filename
    if not entry.flag_bits & 0x800:
        raw = text.encode("cp437", errors="replace")
        for codec in ("utf-8", "gb18030"):
            try:
                text = raw.decode(codec)
                break
            except UnicodeDecodeError:
                continue
    parts = PurePosixPath(text.replace("\\", "/")).parts
    return "/".join(p for p in parts if p not in ("/", "..", ".") and not p.endswith(":")) or "table.csv"


def _distinct(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    seen: dict[str, int] = {}
    found = []
    for name, content in files:
        seen[name] = seen.get(name, 0) + 1
        found.append((name if seen[name] == 1 else f"{name} ({seen[name]})", content))
    return found

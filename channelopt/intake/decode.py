"""Bytes of a text file to text: byte order marks, UTF-8, UTF-16, GB 18030, Windows-1252."""

from __future__ import annotations

import re
from dataclasses import dataclass

from channelopt.errors import Finding
from channelopt.intake.messages import IntakeError

_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "old Excel or Word (.xls, .doc)", "XLSX or CSV"),
    (b"%PDF", "PDF", "XLSX or CSV"),
    (b"\x89PNG", "picture", "XLSX or CSV"),
    (b"\xff\xd8\xff", "picture", "XLSX or CSV"),
    (b"GIF8", "picture", "XLSX or CSV"),
    (b"RIFF", "media", "XLSX or CSV"),
    (b"{\\rtf", "rich text", "XLSX or CSV"),
    (b"\x1f\x8b", "gzip", "an unpacked CSV or XLSX"),
    (b"Rar!", "RAR", "an unpacked CSV or XLSX"),
    (b"7z\xbc\xaf", "7-Zip", "an unpacked CSV or XLSX"),
    (b"PAR1", "Parquet", "XLSX or CSV"),
    (b"SQLite format", "SQLite", "XLSX or CSV"),
)


@dataclass(frozen=True)
class Text:
    """Decoded text, how it was decoded, and the separator its first line may name."""

    text: str
    encoding: str
    separator: str | None
    findings: tuple[Finding, ...] = ()


def refuse_other_formats(data: bytes, name: str) -> None:
    """Say which format to export when the bytes are not text and not a spreadsheet.

    Raises:
        IntakeError: ``intake.empty``, ``intake.wrong_format``.
    """
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise IntakeError("intake.empty", name=name)
    for magic, what, wanted in _MAGIC:
        if data.startswith(magic):
            raise IntakeError("intake.wrong_format", name=name, format=what, wanted=wanted)
    head = data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise IntakeError("intake.wrong_format", name=name, format="web page", wanted="XLSX or CSV")
    if head.startswith((b"{", b"[{")):
        raise IntakeError("intake.wrong_format", name=name, format="JSON", wanted="XLSX or CSV")


def decode(data: bytes, name: str) -> Text:
    """Decode the bytes of a CSV or TSV file.

    Raises:
        IntakeError: the bytes are another kind of file, or no text.
    """
    refuse_other_formats(data, name)
    text, encoding = _decoded(data)
    if text.count("\x00") > 0:
        raise IntakeError("intake.not_a_table", name=name)
    findings: tuple[Finding, ...] = ()
    if encoding == "cp1252":
        findings = (Finding("warning", "intake.encoding_guessed", {"encoding": "Windows-1252"}),)
    text = text.removeprefix("\ufeff")
    separator = None
    match = re.match(r'"?sep=(.)"?[ ,;\t]*\r?\n', text, re.IGNORECASE)
    if match:
        separator = match.group(1)
    return Text(text, encoding, separator, findings)


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", errors="replace"), "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), "utf-16"
    bare = _utf16_without_mark(data)
    if bare:
        return data.decode(bare, errors="replace"), bare
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "cp1252"
    return (
        (text, "gb18030") if _reads_as_chinese(text) else (data.decode("cp1252", errors="replace"), "cp1252")
    )


def _utf16_without_mark(data: bytes) -> str | None:
    """Every other byte of Latin text in UTF-16 is zero."""
    sample = data[:4000]
    odd, even = sample[1::2].count(0), sample[0::2].count(0)
    half = max(len(sample) // 2, 1)
    if odd > 0.3 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _reads_as_chinese(text: str) -> bool:
    """Whether the non-ASCII letters are everyday Chinese, not accidents of a Western file."""
    letters = [c for c in text[:200_000] if ord(c) > 127]
    everyday = sum(1 for c in letters if _in_gb2312(c))
    return bool(letters) and everyday >= 0.9 * len(letters)


def _in_gb2312(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return letter in "¥€—～·"
    return True

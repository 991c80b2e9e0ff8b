"""Bytes of a text file to text: byte order marks, UTF-8, UTF-16, GB 18030, Windows-1252."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from channelopt.errors import Finding
from channelopt.intake.messages import IntakeError

_PLAIN = bytes([9, 10, 11, 12, 13, 26, *range(32, 256)])
_MARKUP: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"<!doctype html|<html|<table|<meta|<head|<body"), "web page"),
    (re.compile(rb"<\?xml|<!doctype"), "XML"),
    (re.compile(rb"\{\s*[\"}]|\[\s*[{\[\"]"), "JSON"),
)
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "old Excel or Word (.xls, .doc)", "XLSX or CSV"),
    (b"%PDF", "PDF", "XLSX or CSV"),
    (b"\x89PNG", "picture", "XLSX or CSV"),
    (b"\xff\xd8\xff", "picture", "XLSX or CSV"),
    (b"GIF8", "picture", "XLSX or CSV"),
    (b"BM", "picture", "XLSX or CSV"),
    (b"II*\x00", "picture", "XLSX or CSV"),
    (b"MM\x00*", "picture", "XLSX or CSV"),
    (b"RIFF", "media", "XLSX or CSV"),
    (b"{\\rtf", "rich text", "XLSX or CSV"),
    (b"\x1f\x8b", "gzip", "an unpacked CSV or XLSX"),
    (b"Rar!", "RAR", "an unpacked CSV or XLSX"),
    (b"7z\xbc\xaf", "7-Zip", "an unpacked CSV or XLSX"),
    (b"BZh", "bzip2", "an unpacked CSV or XLSX"),
    (b"\xfd7zXZ", "xz", "an unpacked CSV or XLSX"),
    (b"(\xb5/\xfd", "Zstandard", "an unpacked CSV or XLSX"),
    (b"PAR1", "Parquet", "XLSX or CSV"),
    (b"PK\x07\x08", "zip in several parts", "an unpacked CSV or XLSX"),
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
        raise IntakeError("intake.blank" if data else "intake.empty", name=name)
    for magic, what, wanted in _MAGIC:
        if data.startswith(magic) and (len(magic) > 2 or _is_binary(data)):
            raise IntakeError("intake.wrong_format", name=name, format=what, wanted=wanted)
    if data[4:8] == b"ftyp":
        raise IntakeError("intake.wrong_format", name=name, format="picture", wanted="XLSX or CSV")
    if data[257:262] == b"ustar":
        raise IntakeError("intake.wrong_format", name=name, format="tar", wanted="an unpacked CSV or XLSX")
    head = data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    for start, what in _MARKUP:
        if start.match(head):
            raise IntakeError("intake.wrong_format", name=name, format=what, wanted="XLSX or CSV")


def _is_binary(data: bytes) -> bool:
    """Whether the beginning holds bytes that no text has."""
    return data[:2000].translate(None, _PLAIN) != b""


def decode(data: bytes, name: str) -> Text:
    """Decode the bytes of a CSV or TSV file.

    Raises:
        IntakeError: the bytes are another kind of file, cut off in the middle of a letter, or
            no text.
    """
    refuse_other_formats(data, name)
    text, encoding = _decoded(data, name)
    if "\x00" in text:
        raise IntakeError("intake.nul_bytes", name=name, n=text.count("\x00"))
    if encoding == "cp1252" and _is_binary(data):
        raise IntakeError("intake.no_text", name=name)
    findings: tuple[Finding, ...] = ()
    if encoding == "cp1252":
        findings = (Finding("warning", "intake.encoding_guessed", {"encoding": "Windows-1252"}),)
    text = text.removeprefix("\ufeff")
    separator = None
    match = re.match(r'"?sep=(.)"?[ ,;\t]*\r?\n', text, re.IGNORECASE)
    if match:
        separator = match.group(1)
    return Text(text, encoding, separator, findings)


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    if data.startswith(b"\xef\xbb\xbf"):
        return _whole(data, "utf-8-sig", name) or data.decode("utf-8-sig", errors="replace"), "utf-8-sig"
    wide = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else _utf16_without_mark(data)
    if wide:
        return _whole(data, wide, name) or data.decode(wide, errors="replace"), wide
    for codec in ("utf-8", "gb18030"):
        text = _whole(data, codec, name)
        if text is not None and (codec == "utf-8" or _reads_as_chinese(text)):
            return text, codec
    return data.decode("cp1252", errors="replace"), "cp1252"


def _whole(data: bytes, codec: str, name: str) -> str | None:
    """The text in one codec; None when it is another one.

    Raises:
        IntakeError: ``intake.cut_off`` when only the last letter is not complete.
    """
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        text = decoder.decode(data)
    except UnicodeDecodeError:
        return None
    try:
        return text + decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        pass
    sure = codec.startswith(("utf-16", "utf-8-sig"))
    if sure or (codec == "utf-8" and not text.isascii()) or (codec == "gb18030" and _reads_as_chinese(text)):
        raise IntakeError("intake.cut_off", name=name)
    return None


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

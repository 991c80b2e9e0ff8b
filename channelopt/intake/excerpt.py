"""One table of a file that holds several: its own identity, and what of the file may be stored with it."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence

from channelopt.errors import Finding
from channelopt.intake.header import Located
from channelopt.intake.names import normalise
from channelopt.intake.platforms import platforms
from channelopt.intake.steps import Source
from channelopt.intake.table import Sheet, as_text

_PERSON = re.compile(
    r"[\w.+-]+@[\w-]+\.\w+"
    r"|(?<!\d)(?<!\d\.)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)(?!\.\d)"
)
_PERSONAL = ("phone", "email", "name")


def with_table(file: Source, located: Located, sheets: Sequence[Sheet]) -> tuple[Source, list[Finding]]:
    """The file as the source of one of its tables.

    The hash is the file's own when no other table in it holds data, else that of the file and
    the table's key. The bytes are the file's own, unless another table names people: then
    only a copy of this table is kept.
    """
    sha256 = file.sha256
    if located.others:
        sha256 = hashlib.sha256(f"{sha256}\x1f{located.sheet.key}".encode()).hexdigest()
    others = [s for s in sheets if s is not located.sheet and s.lines]
    if any(_names_people(s) for s in others):
        told = [Finding("info", "intake.only_this_kept", {})]
        return Source(file.name, sha256, _copy(located.sheet)), told
    return Source(file.name, sha256, file.content), []


def _names_people(sheet: Sheet) -> bool:
    """Whether a table holds a phone number, an e-mail address, or a column for names of people."""
    headers = {
        h for h, roles in platforms()["crm"].vocabulary.items() for r in roles
        if r.role == "personal" or r.field in _PERSONAL
    }  # fmt: skip
    first = sheet.lines[:40]
    if any(isinstance(c, str) and normalise(c) in headers for line in first for c in line):
        return True
    return any(_PERSON.search(as_text(c)) for line in sheet.lines for c in line if c != "")


def _copy(sheet: Sheet) -> bytes:
    """A table as UTF-8 CSV, line by line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([text] for text in sheet.above)
    writer.writerows([as_text(c) for c in line] for line in sheet.lines)
    return out.getvalue().encode()

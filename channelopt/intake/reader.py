"""Read one export: bytes in, canonical rows and findings out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from channelopt.errors import Finding
from channelopt.intake.answers import Answers, read_answers
from channelopt.intake.body import Body, make_body
from channelopt.intake.columns import Mapped, map_columns
from channelopt.intake.header import Located, locate
from channelopt.intake.leads import assemble_leads
from channelopt.intake.messages import IntakeError
from channelopt.intake.parts import Assembled, column_maps
from channelopt.intake.platforms import Platform, platforms, recognise
from channelopt.intake.privacy import PROCESS_KEY, key_id
from channelopt.intake.result import Layout, Read, ReadKind
from channelopt.intake.spend import assemble, visits_platform
from channelopt.intake.table import open_tables
from channelopt.intake.work import Work

OnStep = Callable[[int, int], None]
_STEPS = 5


@dataclass(frozen=True)
class _Source:
    data: bytes
    name: str


def read_export(
    source: str | Path | bytes,
    name: str | None = None,
    mapping: Mapping[str, str | None] | None = None,
    currency: str | None = None,
    on_step: OnStep | None = None,
    *,
    hash_key: bytes | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Read:
    """Read a CSV, TSV or XLSX export of any platform, or a CRM lead list.

    Args:
        source: a path, or the bytes themselves.
        name: file name to show; taken from the path when there is one.
        mapping: header in the file to canonical field, or None for "not used".
        currency: ISO code, where the file does not say.
        on_step: called with (done, total) as the work goes on.
        hash_key: HMAC key for lead keys; without it a random one of this process is used.
        answers: "mapping", "currency", "date_order", "decimal_mark", "platform", "channel",
            "account", "kind", "period" as the reader gave them earlier.

    Returns:
        A :class:`Read`. Money in ``currency``, dates as the account's own days.

    Raises:
        IntakeError: the file is empty, no table, or lacks a column that nobody should guess.
    """
    step = on_step or (lambda done, total: None)
    file = _load(source, name)
    given = read_answers(answers, mapping, currency)
    located = locate(open_tables(file.data, file.name), file.name)
    step(1, _STEPS)
    platform, unsure = _platform(located, file.name, given)
    body = make_body(located)
    mapped, platform = _map(located, body, platform, given)
    step(2, _STEPS)
    work = Work(located, body, mapped, platform, given, file.name)
    work.findings += [*located.sheet.findings, *_told(located, unsure), *mapped.findings]
    key = hash_key or PROCESS_KEY
    made = assemble_leads(work, key) if platform.kind == "leads" else assemble(work)
    step(4, _STEPS)
    read = _finish(file, work, made, key)
    step(_STEPS, _STEPS)
    return read


def _load(source: str | Path | bytes, name: str | None) -> _Source:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _Source(bytes(source), name or "upload")
    path = Path(source)
    if not path.is_file():
        raise IntakeError("intake.not_found", name=path.name)
    return _Source(path.read_bytes(), name or path.name)


def _platform(located: Located, name: str, given: Answers) -> tuple[Platform, tuple[str, str] | None]:
    known = platforms()
    if given.platform:
        chosen = known[given.platform]
        return (known["generic"] if chosen.key == "offline" else chosen), None
    kinds = {"leads": "crm", "site": "site"}
    if given.kind in kinds:
        return known[kinds[given.kind]], None
    found, unsure = recognise(located.normal, located.preamble, name)
    if given.kind == "spend" and found.kind != "spend":
        return known["generic"], None
    return found, unsure


def _map(located: Located, body: Body, platform: Platform, given: Answers) -> tuple[Mapped, Platform]:
    def same(a: int, b: int) -> bool:
        return body.columns[a] == body.columns[b]

    mapped = map_columns(located.headers, platform, given.mapping, same)
    visits = visits_platform(platform, mapped)
    if visits is not platform:
        return map_columns(located.headers, visits, given.mapping, same), visits
    return mapped, platform


def _told(located: Located, unsure: tuple[str, str] | None) -> list[Finding]:
    found = []
    if unsure:
        found.append(Finding("warning", "intake.platform_unsure", {"first": unsure[0], "second": unsure[1]}))
    if located.unread:
        params = {"sheet": located.sheet.sheet, "others": ", ".join(located.unread)}
        found.append(Finding("info", "intake.other_sheets", params))
    return found


def _finish(file: _Source, work: Work, made: Assembled, key: bytes) -> Read:
    sheet, leads = work.located.sheet, work.platform.kind == "leads"
    if not len(made.rows):
        raise IntakeError("intake.no_rows", name=file.name, findings=tuple(made.findings))
    layout = Layout(
        sheet.container, sheet.encoding, sheet.delimiter, sheet.sheet, sheet.numbers[work.located.at],
        made.decimal_mark, made.date_order,
    )  # fmt: skip
    return Read(
        name=file.name,
        sha256=hashlib.sha256(file.data).hexdigest(),
        content=file.data if made.content is None else made.content,
        platform=_key(work, made),
        kind=cast(ReadKind, work.platform.kind),
        rows=made.rows,
        mapping=column_maps(work.located, work.body, work.mapped, leads),
        layout=layout,
        lines=work.body.count(work.located),
        totals=made.totals,
        explained=made.explained,
        rejected=made.rejected,
        findings=tuple(made.findings),
        currency=made.currency,
        day_first=made.day_first,
        day_last=made.day_last,
        generated_at=work.located.facts.generated_at,
        level=made.level,
        fingerprint=work.located.fingerprint,
        hash_key_id=key_id(key) if leads else None,
        answers=work.answers.given,
    )


def _key(work: Work, made: Assembled) -> str:
    """The platform of the file; a hand-kept table of offline spend is "offline"."""
    offline = work.platform.key == "generic" and len(made.rows) and (made.rows["channel"] == "offline").all()
    return "offline" if offline else work.platform.key

"""Read one export: bytes in, canonical rows and findings out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from channelopt.intake.answers import Answers, merge_answers, read_answers
from channelopt.intake.excerpt import with_table
from channelopt.intake.header import locate
from channelopt.intake.large import read_large
from channelopt.intake.leads import assemble_leads
from channelopt.intake.privacy import PROCESS_KEY
from channelopt.intake.result import Read
from channelopt.intake.sanity import refuse_page_insights
from channelopt.intake.scrub import hide_people, leave_people_out
from channelopt.intake.spend import assemble
from channelopt.intake.spool import is_large
from channelopt.intake.steps import Source, finish, understand
from channelopt.intake.tables import open_tables
from channelopt.intake.touchlog import assemble_touches
from channelopt.intake.unpack import Chosen, choose, load
from channelopt.intake.variants import assemble_variants

OnStep = Callable[[int, int], None]
_STEPS = 5


def read_export(
    source: str | Path | bytes,
    name: str | None = None,
    mapping: Mapping[str, str | None] | None = None,
    currency: str | None = None,
    on_step: OnStep | None = None,
    *,
    hash_key: bytes | None = None,
    answers: Mapping[str, Any] | None = None,
    stage: Path | None = None,
    remembered: Callable[[str], Mapping[str, Any]] | None = None,
) -> Read:
    """Read one table of an export of any platform, or a CRM lead list: text, workbook, gz or zip.

    Args:
        source: a path, or the bytes themselves.
        name: file name to show; taken from the path when there is one.
        mapping: header in the file to canonical field, or None for "not used".
        currency: ISO code, where the file does not say.
        on_step: called with (done, total) as the work goes on.
        hash_key: HMAC key for lead keys; without it a random one of this process is used.
        answers: "mapping", "currency", "date_order", "decimal_mark", "platform", "channel",
            "account", "kind", "experiment", "period" as the reader gave them earlier; "table" is the key of
            one table of a file with several, "accept" the codes of doubts that are right.
        remembered: what was answered before for a header fingerprint; ``answers`` come first.
        stage: folder for the passing files of a large export; the system's own without it.

    Returns:
        A :class:`Read`. Money in ``currency``, dates as the account's own days. A spend
        export of 32 MB and more comes as a ``LargeRead``: sums by day and campaign.

    Raises:
        IntakeError: the file is empty, no table, or lacks a column that nobody should guess.
    """
    step = on_step or (lambda done, total: None)

    def given_for(fingerprint: str) -> Answers:
        known = remembered(fingerprint) if remembered else {}
        return read_answers(merge_answers(known, answers or {}), mapping, currency)

    def large(source: str | Path | bytes, shown: str) -> Read | None:
        return read_large(source, shown, given_for, hash_key or PROCESS_KEY, step, stage)

    if is_large(source):
        read = large(source, name or ("upload" if isinstance(source, bytes) else Path(source).name))
        if read is not None:
            return read
    data, shown = load(source, name)
    chosen = choose(data, shown, (answers or {}).get("table"))
    answers = {**(answers or {}), "table": chosen.table}
    if chosen.content is not data and is_large(chosen.content):
        read = large(chosen.content, chosen.name)
        if read is not None:
            return read
    named = bool(mapping or answers.get("mapping"))
    return _by_line(chosen, given_for, named, hash_key or PROCESS_KEY, step)


def _by_line(
    chosen: Chosen, given_for: Callable[[str], Answers], named: bool, key: bytes, step: OnStep
) -> Read:
    """Read a file in memory; ``named`` says that the reader has named columns."""
    sheets = open_tables(chosen.content, chosen.name)
    located = locate(sheets, chosen.name, chosen.table)
    if not named:
        refuse_page_insights(located, chosen.name)
    file = Source(chosen.name, hashlib.sha256(chosen.content).hexdigest(), chosen.content)
    step(1, _STEPS)
    work = understand(located, file.name, given_for(located.fingerprint))
    work.findings += chosen.findings
    step(2, _STEPS)
    if work.platform.kind == "leads":
        made = assemble_leads(work, key)
    elif work.platform.kind == "touches":
        made = assemble_touches(work, key)
    elif work.platform.kind == "variants":
        made = assemble_variants(work, key)
    else:
        people = hide_people(work)
        made = assemble(work)
        leave_people_out(work, made, people)
    file, told = with_table(file, located, sheets)
    made.findings += told
    step(4, _STEPS)
    read = finish(file, work, made, key)
    step(_STEPS, _STEPS)
    return read

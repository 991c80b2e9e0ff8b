"""A large spend export: its head tells what it is, the engine sums it, the usual reader judges the sums."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from channelopt.errors import Finding
from channelopt.intake import scan as engine
from channelopt.intake import totals
from channelopt.intake.answers import Answers
from channelopt.intake.body import Body, make_body
from channelopt.intake.columns import Mapped
from channelopt.intake.header import Located, locate
from channelopt.intake.messages import IntakeError
from channelopt.intake.parts import column_maps
from channelopt.intake.proof import PROOFS, settle
from channelopt.intake.required import require
from channelopt.intake.result import Read
from channelopt.intake.scan import Plan, Scanned
from channelopt.intake.scrub import hide_people
from channelopt.intake.spend import assemble, numeric_columns, read_metrics
from channelopt.intake.spool import Spooled, Stage, spool
from channelopt.intake.steps import Source, finish, understand
from channelopt.intake.table import Cell, Sheet
from channelopt.intake.tables import open_tables
from channelopt.intake.work import Work

#: Texts that make groups; rows alike in all of them are summed.
_KEYS = (
    "day", "day_end", "channel", "account", "account_id", "campaign", "campaign_id", "currency",
)  # fmt: skip
#: Texts that only say how fine the rows are.
_FINER = ("ad_group", "ad_group_id", "ad", "ad_id")
_NAMES = ("channel", "campaign", "campaign_id", "ad_group", "ad_group_id", "ad", "ad_id")
_RATES = ("bounce_rate", "engaged_sessions", "engagement_rate", "dwell_average")
#: Above this size a file that must be read line by line is refused.
_BY_LINE = 300_000_000
_STEPS = 100
OnStep = Callable[[int, int], None]
GivenFor = Callable[[str], Answers]


class TooIrregularError(IntakeError):
    """The engine cannot read this file, but line by line it may work."""


@dataclass(frozen=True)
class LargeRead(Read):
    """One large file, read.

    ``rows`` are sums by day, account and campaign (with ``n_rows``, how many rows of the
    file each stands for); the single rows stand in ``detail``, a Parquet file.

    Attributes:
        source: the original on disk; ``content`` is empty.
        detail: Parquet file with row_no, texts and numbers of every row.
        stage: folder of passing files, gone with this object.
    """

    source: Path = Path()
    detail: Path = Path()
    stage: Stage | None = None


def read_large(
    source: str | Path | bytes,
    name: str,
    given_for: GivenFor,
    key: bytes,
    on_step: OnStep,
    folder: Path | None,
) -> Read | None:
    """Read a large spend export.

    Args:
        source: a path or bytes.
        name: as the user knows it.
        given_for: checked answers for a header fingerprint.
        key: HMAC key, for the shared steps.
        on_step: called with (done, 100); what it raises stops the reading.
        folder: where passing files may stand.

    Returns:
        The file, read; None when it must be read line by line (a lead list, visits).

    Raises:
        IntakeError: as ``read_export``; ``intake.too_large`` for a large file of another kind.
    """
    stage = Stage(folder)
    try:
        return _read(source, name, given_for, key, on_step, stage)
    except TooIrregularError:
        stage.close()
        return None
    except BaseException:
        stage.close()
        raise


def _read(
    source: str | Path | bytes, name: str, given_for: GivenFor, key: bytes, on_step: OnStep, stage: Stage
) -> Read:
    def tell(low: float, high: float) -> Callable[[float], None]:
        return lambda share: on_step(int(low + (high - low) * min(share, 1.0)), _STEPS)

    file = spool(source, name, stage, tell(0, 15))
    sample = _sample(file, name, given_for)
    _suits(sample, file, name)
    plan = _plan(sample)
    detail = stage.folder / "rows.parquet"
    found = _scanned(file, plan, detail, name, tell(15, 90))
    if engine.swallowed(found.refused, plan.delimiter):
        plan = replace(plan, quote="")
        found = _scanned(file, plan, detail, name, tell(15, 90))
        sample.findings.append(Finding("warning", "intake.broken_quotes", {}))
    work = _work(sample, plan, found, file)
    made = assemble(work)
    on_step(95, _STEPS)
    made.findings += _told(sample, plan, found, file, work)
    n_rows = np.array(work.body.weights, dtype=np.int64)[work.body.open()]
    made.rows = made.rows.assign(n_rows=n_rows, ad_group="", ad="", breakdown="")
    if _campaigns_gone(plan, found):
        made.rows["campaign"] = ""
    read = finish(Source(name, file.sha256, b""), work, made, key)
    values = {k: getattr(read, k) for k in Read.__dataclass_fields__}
    values["mapping"] = column_maps(sample.located, sample.body, sample.mapped, False)
    blank = _blank_below(plan, sample, found, file)
    values["lines"] = replace(read.lines, lines=read.lines.lines + blank, blank=read.lines.blank + blank)
    on_step(_STEPS, _STEPS)
    return LargeRead(**values, source=file.original, detail=detail, stage=stage)


def _scanned(file: Spooled, plan: Plan, detail: Path, name: str, tell: Callable[[float], None]) -> Scanned:
    try:
        return engine.scan(file.path, plan, detail, name, tell)
    except IntakeError as error:
        if error.code == "intake.too_irregular" and file.size <= _BY_LINE:
            raise TooIrregularError(error.code, **error.params) from error
        raise


def _sample(file: Spooled, name: str, given_for: GivenFor) -> Work:
    """Recognise the file by its head, as a small file would be."""
    tables = open_tables(file.head, name)
    wide = any(table.unpivoted for table in tables)
    if (len(tables) > 1 or wide) and file.size <= _BY_LINE:
        raise TooIrregularError("intake.too_irregular", name=name)
    if wide:
        raise IntakeError("intake.too_large", name=name, size=file.size / 1e6)
    located = locate(tables, name)
    given = given_for(located.fingerprint)
    sheet = replace(located.sheet, encoding=file.encoding)
    findings = sheet.findings
    if file.guessed or file.encoding == "cp1252":
        told = Finding("warning", "intake.encoding_guessed", {"encoding": file.encoding})
        findings = (*(f for f in findings if f.code != told.code), told)
    return understand(replace(located, sheet=replace(sheet, findings=findings)), name, given)


def _suits(sample: Work, file: Spooled, name: str) -> None:
    """Only spend tables whose values add up go through the engine."""
    rates = any(c.role == "field" and c.field in _RATES for c in sample.mapped.columns)
    if people := hide_people(sample):
        if file.size > _BY_LINE:
            headers = ", ".join(c.header.strip() for c in sample.mapped.columns if c.index in people)
            raise IntakeError("intake.large_people", name=name, headers=headers)
        raise TooIrregularError("intake.large_people", name=name, headers="")
    if sample.platform.kind == "spend" and not rates:
        before = list(sample.findings)
        require(sample)
        sample.findings = before
        return
    if file.size > _BY_LINE:
        raise IntakeError("intake.too_large", name=name, size=file.size / 1e6)
    raise TooIrregularError("intake.too_large", name=name, size=file.size / 1e6)


def _plan(sample: Work) -> Plan:
    """What the engine must read; decimal marks as the head shows them."""
    read_metrics(sample)
    settle(sample)
    located, mapped = sample.located, sample.mapped
    sheet = located.sheet
    widths = [len(line) for line in sheet.lines[located.at + 1 :][:2000] if any(line)]
    width = max(len(located.headers), max(set(widths), key=widths.count) if widths else 0)
    columns = [*_text_columns(mapped), *_number_columns(sample)]
    apart = {c.index for c in columns if c.mark or c.key == "sum"}
    apart |= {c.index for c in mapped.columns if c.role == "derived"}
    day = mapped.of("day")
    days = [c for c in (sample.body.columns[day.index] if day else []) if isinstance(c, str) and c.strip()]
    usual = sum(c.strip()[0].isdigit() for c in days) >= 0.9 * len(days)
    names = [c.index for name in _NAMES if (c := mapped.of(name)) is not None]
    return Plan(
        delimiter=sheet.delimiter or ",",
        quote="" if any(f.code == "intake.broken_quotes" for f in sheet.findings) else '"',
        skip=_next_line(sheet, located.at) - 1,
        width=width,
        columns=tuple(columns),
        names=tuple(i for i in names if _nearly_filled(sample.body, i)),
        watched=tuple(i for i in range(width) if i not in apart),
        day=day.index if day else None,
        day_digits=bool(days) and usual,
        totals=_total_pattern(sample),
    )


def _total_pattern(sample: Work) -> str:
    patterns = [f"^(?:{totals.WORDS.pattern})$", *(p.pattern for p in sample.platform.totals)]
    return "(?i)" + "|".join(f"(?:{p})" for p in patterns)


def _nearly_filled(body: Body, index: int) -> bool:
    cells = [c for c, fate in zip(body.columns[index], body.fate, strict=True) if not fate]
    return bool(cells) and sum(1 for c in cells if c != "") >= 0.9 * len(cells)


def _next_line(sheet: Sheet, at: int) -> int:
    """1-based number of the line after the header."""
    if at + 1 < len(sheet.numbers):
        return sheet.numbers[at] + 1 + sum(c.count("\n") for c in sheet.lines[at] if isinstance(c, str))
    return sheet.numbers[at] + 1


def _text_columns(mapped: Mapped) -> list[engine.Column]:
    found = []
    for name in (*_KEYS, *_FINER):
        column = mapped.of(name)
        if column is not None:
            found.append(engine.Column(column.index, name, key="sum" if name in _KEYS else "presence"))
    for column in mapped.with_role("indicator")[:1]:
        found.append(engine.Column(column.index, "indicator", key="sum"))
    for column in mapped.with_role("breakdown"):
        found.append(engine.Column(column.index, f"breakdown_{column.index}", key="presence"))
    return found


def _number_columns(sample: Work) -> list[engine.Column]:
    found = []
    for column in numeric_columns(sample):
        if column.role == "derived":
            continue
        single = column.role == "field"
        name = column.field if single else f"number_{column.index}"
        found.append(engine.Column(column.index, name, mark=sample.marks.of[column.index]))
    return found


def _work(sample: Work, plan: Plan, found: Scanned, file: Spooled) -> Work:
    """The sums and the odd lines as one table, in the order of the file."""
    located = sample.located
    above = located.sheet.lines[: located.at + 1]
    lines: list[list[Cell]] = list(above)
    numbers = located.sheet.numbers[: located.at + 1]
    weights = [1] * len(lines)
    for number, weight, cells in sorted(_below(plan, found, file.blank), key=lambda entry: entry[0]):
        lines.append(cells)
        numbers.append(number)
        weights.append(weight)
    sheet = Sheet(
        "csv", file.encoding, plan.delimiter, None, lines, numbers, located.sheet.findings, tuple(weights)
    )
    whole = Located(
        sheet, located.at, located.headers, located.preamble, located.facts, located.unread, located.normal
    )
    work = Work(whole, make_body(whole), sample.mapped, sample.platform, sample.answers, sample.name)
    work.findings = list(sample.findings)
    work.marks = sample.marks
    work.decided = True
    return work


def _below(plan: Plan, found: Scanned, blank: Sequence[int]) -> list[tuple[int, int, list[Cell]]]:
    """(line, how many rows it stands for, cells) of everything below the header."""
    where = {c.name: c.index for c in plan.columns}
    passed = sorted([*(line for line, _ in found.refused), *(line for line in blank if line > plan.skip)])
    entries: list[tuple[int, int, list[Cell]]] = []
    for group in found.groups:
        told = dict(zip(found.fields, group, strict=True))
        cells: list[Cell] = [""] * plan.width
        for name, index in where.items():
            value = told.get(name)
            if value is not None:
                cells[index] = value if isinstance(value, str) else float(value)
        entries.append((_line(plan.skip, int(told["row_no"]), passed), int(told["n"]), cells))
    for row, line in found.odd:
        entries.append((_line(plan.skip, row, passed), 1, [c or "" for c in line]))
    for number, text in found.refused:
        entries.append((number, 1, list(engine.cells_of(text, plan))))
    return entries


def _line(skip: int, row: int, passed: list[int]) -> int:
    """The line a row stands on: lines the parser refused or passed over count as well."""
    line = skip + row
    while True:
        moved = skip + row + bisect.bisect_right(passed, line)
        if moved == line:
            return line
        line = moved


def _blank_below(plan: Plan, sample: Work, found: Scanned, file: Spooled) -> int:
    """Empty lines below the header: those the parser passed over, and rows without a filled cell."""
    above = sum(1 for line in sample.located.sheet.lines[: sample.located.at] if not line)
    return max(len(file.blank) - above, 0) + found.blank


def _campaigns_gone(plan: Plan, found: Scanned) -> bool:
    return any(c.name.startswith("campaign") and c.name not in found.keys for c in plan.columns)


def _told(sample: Work, plan: Plan, found: Scanned, file: Spooled, work: Work) -> list[Finding]:
    """What the head of the file proves, and what summing leaves out."""
    checked = Work(
        sample.located, make_body(sample.located), sample.mapped, sample.platform, sample.answers, sample.name
    )
    proofs = [f for f in assemble(checked).findings if f.code in PROOFS]
    told = [Finding("info", "intake.large_file", {"n": found.rows, "groups": len(found.groups)})]
    if _campaigns_gone(plan, found):
        told.append(Finding("info", "intake.campaigns_summed", {}))
    lost = file.lines - plan.skip - sum(work.body.weights) - _blank_below(plan, sample, found, file)
    if lost:
        lost -= engine.breaks(file.path, plan)
    if lost:
        told.append(Finding("warning", "intake.lines_unaccounted", {"n": abs(lost)}))
    return [*proofs, *told]

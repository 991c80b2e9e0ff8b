"""A table of spend, visits or overall results to canonical rows."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.fields import METRICS
from channelopt.intake.checks import check_repeats, check_unit, check_views, compare_totals, reconcile
from channelopt.intake.columns import Column
from channelopt.intake.dates import inclusive, own_days, period_of, read_dates, with_period
from channelopt.intake.ids import clean_ids, damaged_id
from channelopt.intake.merged import fill_merged
from channelopt.intake.messages import IntakeError
from channelopt.intake.money import Currency, as_share, decide_currency, decide_marks, with_headers
from channelopt.intake.names import currency_of
from channelopt.intake.overall import OVERALL, RESULTS, main_result
from channelopt.intake.parts import Assembled
from channelopt.intake.proof import prove, settle
from channelopt.intake.ratios import FORMULAS
from channelopt.intake.required import paid_column, require
from channelopt.intake.rows import make_rows
from channelopt.intake.table import as_text
from channelopt.intake.totals import Evidence, find_totals, totals_frame
from channelopt.intake.units import scaled
from channelopt.intake.values import clean_text, read_numbers
from channelopt.intake.work import Work
from channelopt.intake.yearless import yearless

_FILLED = 0.95
_STATED = re.compile(
    r"(?:币种|货币(?:单位)?|currency(?: code)?)\s*[:：]\s*\W?([A-Za-z]{3}|元|人民币|[¥$€£₹])", re.IGNORECASE
)
_LEVELS = ("campaign", "ad_group", "ad")
_RATES = (
    "spend_micros",
    "spend_cents",
    "bounce_rate",
    "engaged_sessions",
    "engagement_rate",
    "dwell_average",
)


def assemble(work: Work) -> Assembled:
    """Rows, totals and findings of a table of spend, visits or overall results.

    Raises:
        IntakeError: no column for spend (or sessions, or a result), or no day, that can be trusted.
    """
    require(work)
    read_metrics(work)
    settle(work)
    _read_names(work)
    _read_days(work)
    _find_totals(work)
    fill_merged(work)
    _reject(work)
    kept = np.array(work.body.open(), dtype=int)
    currency = _currency(work, kept)
    rows = make_rows(work, kept, currency)
    stated = {m: v for m, v in work.metrics.items() if m in METRICS}
    totals = totals_frame(work.body, stated, work.marks.file)
    explained, told = _against_totals(work, rows, totals)
    work.findings += told
    _check(work, kept, rows, currency.code)
    first, last = _covered(work, rows, kept)
    if work.located.facts.incomplete and last:
        work.findings.append(Finding("warning", "intake.incomplete_day", {"day": last}))
    level = next((x for x in reversed(_LEVELS) if len(rows) and (rows[x] != "").any()), "account")
    return Assembled(
        rows, totals, work.body.rejected_frame(), explained, work.findings, currency.code, first, last,
        work.marks.file, work.day.order if work.day else None, level,
    )  # fmt: skip


def _against_totals(work: Work, rows: pd.DataFrame, totals: pd.DataFrame) -> tuple[float, list[Finding]]:
    """The rows against the file's own totals: by spend, or by the results of a table that has none."""
    if work.platform.kind == OVERALL:
        return compare_totals(rows, totals, [name for name in RESULTS if name in work.metrics])
    spend = float(np.nansum(rows["spend"].to_numpy())) if len(rows) else 0.0
    return reconcile(spend, totals, work.platform)


def numeric_columns(work: Work) -> list[Column]:
    """The columns whose cells must be read as numbers."""
    fields = {*METRICS, *_RATES}
    others = set(work.platform.alternatives.get("clicks", ()))
    rivals = {c.index for columns in work.mapped.rivals.values() for c in columns}
    return [
        c
        for c in work.mapped.columns
        if (c.role in ("field", "sum") and c.field in fields)
        or (c.role == "derived" and c.field in FORMULAS)
        or c.normal in others
        or (c.index in rivals and {r.field for r in c.roles} & fields)
    ]


def read_metrics(work: Work) -> None:
    """Numbers of every column that counts, one decimal mark per column."""
    columns = numeric_columns(work)
    paid = {"spend", "revenue"}
    money = frozenset(
        c.index for c in columns if c.field in paid or (not c.field and {r.field for r in c.roles} & paid)
    )
    cells = {c.index: work.body.columns[c.index] for c in columns}
    if not work.decided:
        work.marks = decide_marks(
            cells, work.located.headers, money, work.located.sheet.delimiter, work.answers.decimal_mark
        )
        work.findings += work.marks.findings
    for column in columns:
        read = read_numbers(cells[column.index], work.marks.of[column.index])
        read = scaled(work, column, read, column.field in paid)
        work.numbers[column.index] = read
    for column in columns:
        if column.role == "field" and column.field in METRICS:
            work.metrics[column.field] = work.numbers[column.index].values
    for name in {c.field for c in work.mapped.with_role("sum")}:
        terms = np.vstack([work.numbers[c.index].values for c in work.mapped.terms(name)])
        work.metrics[name] = np.where(np.isnan(terms).all(axis=0), np.nan, np.nansum(terms, axis=0))
    _from_rates(work)
    order = ["spend", *[m for m in METRICS if m != "spend"]]
    work.metrics = {m: work.metrics[m] for m in order if m in work.metrics}


def _rate(work: Work, name: str) -> np.ndarray | None:
    column = work.mapped.of(name)
    if column is None:
        return None
    values = work.numbers[column.index].values
    return as_share(values, work.body.columns[column.index]) if name.endswith("_rate") else values


def _from_rates(work: Work) -> None:
    """Sums that a file states as a rate: bounces = sessions x bounce rate; spend in micros or cents."""
    for name, parts in (("spend_micros", 1e6), ("spend_cents", 1e2)):
        small = _rate(work, name)
        if small is not None and "spend" not in work.metrics:
            work.metrics["spend"] = small / parts
    sessions = work.metrics.get("sessions")
    if sessions is None:
        return
    bounce, engaged, engagement = (
        _rate(work, n) for n in ("bounce_rate", "engaged_sessions", "engagement_rate")
    )
    if "bounces" not in work.metrics:
        if bounce is not None:
            work.metrics["bounces"] = sessions * bounce
        elif engaged is not None:
            work.metrics["bounces"] = sessions - engaged
        elif engagement is not None:
            work.metrics["bounces"] = sessions * (1 - engagement)
    average = _rate(work, "dwell_average")
    if average is not None and "dwell_seconds" not in work.metrics:
        work.metrics["dwell_seconds"] = sessions * average


def _read_names(work: Work) -> None:
    for name in ("channel", "account", "campaign", "ad_group", "ad", "currency"):
        column, id_column = work.mapped.of(name), work.mapped.of(f"{name}_id")
        texts = clean_text(work.body.columns[column.index]) if column else None
        if id_column:
            ids = _ids(work, id_column)
            texts = ids if texts is None else [t or i for t, i in zip(texts, ids, strict=True)]
        if texts is not None:
            work.names[name] = texts


def _ids(work: Work, column: Column) -> list[str]:
    """Ids as text; ids a spreadsheet rounded are worth nothing."""
    cells = work.body.columns[column.index]
    ids = clean_ids(cells)
    cut = damaged_id(cells, ids)
    if cut is None:
        return ids
    params = {"header": column.header.strip(), "example": cut}
    work.findings.append(Finding("warning", "intake.damaged_ids", params))
    return ["" for _ in ids]


def _read_days(work: Work) -> None:
    hint, likely = work.platform.date_order or None, "dmy" if work.marks.file == "," else None
    for name in ("day", "day_end"):
        column = work.mapped.of(name)
        if column is None:
            continue
        read = read_dates(work.body.columns[column.index], work.answers.date_order, hint, work.period, likely)
        header = column.header.strip()
        if name == "day" and not work.period and np.isnat(read.start).all():
            example = yearless(work.body.columns[column.index])
            if example:
                raise IntakeError("intake.which_year", name=work.name, header=header, example=example)
        if name == "day" and read.clash:
            params = {"header": header, "dmy": read.clash[0], "mdy": read.clash[1]}
            work.findings.append(Finding("question", "intake.date_clash", params))
        elif name == "day" and read.ambiguous:
            params = {"header": header, "example": read.ambiguous}
            work.findings.append(Finding("question", "intake.date_order", params))
        read = own_days(read) if work.platform.timezone == "account_utc" else read
        if name == "day_end" and work.day is not None:
            read = inclusive(read, work.day)
        unit = period_of(column.normal) if name == "day" and not work.mapped.of("day_end") else None
        setattr(work, name, with_period(read, unit, work.period) if unit else read)


def _find_totals(work: Work) -> None:
    ranged = work.day is not None and work.day_end is not None
    day = None if work.day is None or ranged else work.day.start
    span = None
    if work.day is not None and work.day_end is not None:
        span = (work.day_end.start - work.day.start).astype("timedelta64[D]").astype(float)
    texts = [v for k, v in work.names.items() if k not in ("account", "currency")]
    other = [clean_text(work.body.columns[c.index]) for c in work.mapped.with_role("breakdown")]
    if not texts:
        other += [
            clean_text(work.body.columns[c.index]) for c in work.mapped.columns if c.role in ("unused", "")
        ]
    if "account" in work.names:
        (other if texts else texts).append(work.names["account"])
    when = work.day.start if work.day else None
    seen = Evidence(day, texts, work.metrics, span, when, other, work.answers.totals)
    work.findings += find_totals(work.body, work.platform, seen)


def _reject(work: Work) -> None:
    """Lines without a usable day or spend are set aside with the reason."""
    body = work.body
    if work.platform.kind == OVERALL:
        main = main_result(work.mapped)
    else:
        main = paid_column(work.mapped) or work.mapped.of("sessions")
    numbers = work.numbers[main.index] if main else None
    day_column = work.mapped.of("day")
    wanted = _always_filled(work)
    work.findings += body.reject_cut()
    for i in body.open():
        if _swallows(work, i):
            body.reject(i, "swallowed_lines")
        elif body.extra(i):
            body.reject(i, "too_many_cells")
        elif len(body.lines[i]) <= wanted or (main and len(body.lines[i]) <= main.index):
            body.reject(i, "too_few_cells")
        elif work.day is not None and day_column and np.isnat(work.day.start[i]):
            value = as_text(body.columns[day_column.index][i]).strip()
            body.reject(i, "bad_date", value=value) if work.day.bad[i] else body.reject(i, "no_day")
        elif numbers is not None and main and numbers.bad[i]:
            value = as_text(body.columns[main.index][i]).strip()
            body.reject(i, "bad_number", value=value, header=main.header.strip())
    if body.reasons:
        work.findings.append(Finding("warning", "intake.rejected", {"n": len(body.reasons)}))
    kept = body.open()
    short = sum(len(body.lines[i]) < body.width for i in kept)
    if short:
        work.findings.append(Finding("warning", "intake.short_lines", {"n": short}))
    for column in numeric_columns(work):
        bad = [i for i in kept if work.numbers[column.index].bad[i]] if column.role != "derived" else []
        if bad:
            example = as_text(body.columns[column.index][bad[0]]).strip()
            params = {"n": len(bad), "header": column.header.strip(), "example": example}
            work.findings.append(Finding("warning", "intake.unreadable_numbers", params))


def _swallows(work: Work, i: int) -> bool:
    """Whether a stray quotation mark made one cell of several lines."""
    body, mark = work.body, work.located.sheet.delimiter
    following = body.numbers[i + 1] if i + 1 < len(body.numbers) else None
    if mark is None or following == body.numbers[i] + 1:
        return False
    cells = [c for c in body.lines[i] if isinstance(c, str) and "\n" in c and 2 * c.count(mark) >= body.width]
    return any(piece.strip()[:1].isdigit() for c in cells for piece in c.replace("\n", mark).split(mark))


def _always_filled(work: Work) -> int:
    """The last counted column that nearly every whole line fills: a line that ends before it lost a cell."""
    body = work.body
    whole = [i for i in body.open() if len(body.lines[i]) >= body.width]
    short = any(len(body.lines[i]) < body.width for i in body.open())
    if not short:
        return -1
    if not whole:
        longest = max(len(body.lines[i]) for i in body.open())
        raise IntakeError("intake.narrow_lines", name=work.name, header=body.width, cells=longest)
    columns = [c.index for c in numeric_columns(work)]
    filled = [c for c in columns if sum(body.columns[c][i] != "" for i in whole) >= _FILLED * len(whole)]
    return max(filled, default=-1)


def _currency(work: Work, kept: np.ndarray) -> Currency:
    platform = work.platform
    overall = platform.kind == OVERALL
    column = work.mapped.of("revenue" if overall else "spend")
    if platform.kind == "site" or (overall and column is None):
        return Currency([""] * len(kept), None)
    signs = work.numbers[column.index].codes if column else frozenset()
    found = decide_currency(
        kept.tolist(), work.names.get("currency"), _bracket(work, column), signs,
        platform.currency, work.answers.currency, platform.labels["en"],
    )  # fmt: skip
    if overall or work.located.sheet.unpivoted:
        found = with_headers(found, work.located.headers)
    work.findings += found.findings
    return found


def _bracket(work: Work, column: Column | None) -> str | None:
    """The currency of the spend header, else the one its prices or the lines above name."""
    if column is not None and column.currency:
        return column.currency
    others = [c for c in work.mapped.with_role("derived") if c.field in ("cpc", "cpm", "cpl")]
    revenue = work.mapped.of("revenue")
    codes = {c.currency for c in [*others, *([revenue] if revenue else [])] if c.currency}
    if not codes:
        stated = (_STATED.search(line) for line in work.located.preamble)
        codes = {code for match in stated if match and (code := currency_of(match[1]))}
    return codes.pop() if len(codes) == 1 else None


def _check(work: Work, kept: np.ndarray, rows: pd.DataFrame, currency: str | None) -> None:
    clicks = work.mapped.of("clicks")
    others = _other_clicks(work)
    findings = prove(work, kept) if len(kept) else []
    if others and clicks:
        params = {"used": clicks.header.strip(), "others": ", ".join(others)}
        findings.append(Finding("info", "intake.clicks_choice", params))
    if not any(f.code.startswith("intake.spend_") for f in findings):
        paid = paid_column(work.mapped)
        answered = paid is not None and (paid.found == "answer" or paid.field != "spend")
        spend = rows["spend"].to_numpy()
        unit = check_unit(spend, rows["clicks"].to_numpy(), currency, answered)
        if not unit and not answered and paid and paid.normal in work.platform.hides:
            unit = check_views(spend, rows["impressions"].to_numpy(), currency)
        findings += unit
    work.findings += findings
    work.findings += check_repeats(work.body, kept.tolist())
    if work.located.facts.device:
        work.findings.append(Finding("info", "intake.device_only", {"device": work.located.facts.device}))


def _other_clicks(work: Work) -> list[str]:
    wanted = work.platform.alternatives.get("clicks", ())
    return [c.header.strip() for c in work.mapped.columns if c.normal in wanted]


def _covered(work: Work, rows: pd.DataFrame, kept: np.ndarray) -> tuple[dt.date | None, dt.date | None]:
    """First and last day of the file: as it states, else as its rows say."""
    days = [d.date() for d in (rows["day"].min(), rows["day"].max(), rows["day_end"].max()) if not pd.isna(d)]
    facts = work.located.facts
    if work.answers.period or (facts.first and facts.last):
        assert work.period
        return min([work.period[0], *days]), max([work.period[1], *days])
    return (min(days), max(days)) if days else (None, None)

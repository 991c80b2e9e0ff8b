"""The rows of a test to canonical rows: by day and variant, by person, by day and region, or by variant."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.fields import VARIANT_COLUMNS, VARIANT_METRICS
from channelopt.intake.checks import check_repeats, compare_totals
from channelopt.intake.dates import read_dates
from channelopt.intake.flags import read_flags
from channelopt.intake.header import period_in_name
from channelopt.intake.kinds import OUTCOMES
from channelopt.intake.messages import IntakeError
from channelopt.intake.money import Currency, decide_currency, decide_marks, with_headers
from channelopt.intake.parts import Assembled, day_of, refuse
from channelopt.intake.privacy import keyed_hash
from channelopt.intake.redact import (
    hash_columns,
    open_columns,
    private_columns,
    redacted,
    shifted_lines,
    shown_date,
    shown_value,
)
from channelopt.intake.scrub import hide_people, leave_people_out
from channelopt.intake.table import as_text
from channelopt.intake.testname import day_in_name, name_of_test
from channelopt.intake.totals import Evidence, find_totals, totals_frame
from channelopt.intake.units import scaled
from channelopt.intake.values import clean_text, read_numbers
from channelopt.intake.work import Work
from channelopt.intake.yearless import yearless

_IDS = ("phone", "email", "lead_id")
_TEXTS = ("experiment", "variant", "region", "segment")
_MONEY = {"spend": 1.0, "revenue": 1.0, "spend_micros": 1e-6, "spend_cents": 1e-2}
_COUNTS = tuple(m for m in VARIANT_METRICS if m not in _MONEY)
#: Columns that may say yes or no instead of a number.
_FLAGS = ("converted", "leads", "valid_leads", "customers")
_USED = frozenset({*VARIANT_COLUMNS, *_IDS, *_MONEY, "converted", "currency"})
#: Visitors of one day are others' visitors too: a total of them need not be their sum.
_NO_SUM = ("people", "before")
_ALL = re.compile(
    r"(?:all|overall)(?: (?:variants?|variations?|groups?|users?|visitors?|regions?|devices?|segments?))?"
    r"|全部|所有|整体|总体|全体|全国|不限|大盘",
    re.IGNORECASE,
)
_BARE_IDS = frozenset({"id", "编号"})


def assemble_variants(work: Work, key: bytes) -> Assembled:
    """Rows of a test; every person becomes a keyed hash, the same one as in a lead list.

    Args:
        work: the file on the bench.
        key: HMAC key of the workspace.

    Raises:
        IntakeError: ``intake.which_variant`` without variants or regions, ``intake.no_outcome`` without
            anything that came of the test.
    """
    _set_aside(work)
    persons = any(work.mapped.of(name) for name in _IDS)
    hidden = frozenset() if persons else hide_people(work)
    _require(work, persons or bool(hidden))
    _numbers(work)
    _read_day(work, persons)
    _read_names(work)
    _find_totals(work, persons)
    blur = shifted_lines(work) if persons else frozenset()
    _reject(work, blur, persons)
    hashes: dict[str, list[str]] = {}
    if persons:
        blur |= shifted_lines(work)
        hashes = hash_columns(work, key)
    kept = np.array(work.body.open(), dtype=int)
    rows = _rows(work, kept, _keys(work, kept, hashes, key) if persons else None)
    currency = _currency(work, rows)
    work.findings += check_repeats(work.body, work.body.open())
    totals = totals_frame(work.body, work.metrics, work.marks.file)
    explained, told = compare_totals(rows, totals, [m for m in work.metrics if m not in _NO_SUM])
    work.findings += told
    rejected = work.body.rejected_frame(private_columns(work) if persons else frozenset(), blur)
    first, last = _covered(work, rows)
    made = Assembled(
        rows, totals, rejected, explained, work.findings, currency.code, first, last, work.marks.file,
        work.day.order if work.day else None, made_at=_made_at(work, last), people=persons,
    )  # fmt: skip
    if persons:
        work.findings.append(Finding("info", "intake.redacted", {}))
        made.content = redacted(work, hashes, blur)
    leave_people_out(work, made, hidden)
    return made


def variant_summary(rows: pd.DataFrame) -> pd.DataFrame:
    """What the rows of tests hold, one line per test and variant.

    Args:
        rows: ``VARIANT_COLUMNS``.

    Returns:
        experiment, variant, n_rows, people (NaN where not counted), days, regions; by name.
    """
    frame = rows.assign(region=rows["region"].replace("", pd.NA), people=rows["people"].astype("float64"))
    found = frame.groupby(["experiment", "variant"], sort=True).agg(
        n_rows=("variant", "size"),
        people=("people", lambda one: one.sum(min_count=1)),
        days=("day", "nunique"),
        regions=("region", "nunique"),
    )
    return found.reset_index()


def _set_aside(work: Work) -> None:
    """Columns that mean something in other files only are not used; a bare ID is a person among flags."""
    for column in work.mapped.columns:
        if column.role == "field" and column.field not in _USED:
            column.role, column.field = "unused", ""
    known = ("people", "impressions", "clicks", "spend", *_IDS)
    bare = [c for c in work.mapped.columns if c.normal in _BARE_IDS and c.role in ("", "unused")]
    if len(bare) == 1 and bare[0].found != "answer" and not any(work.mapped.of(name) for name in known):
        bare[0].role, bare[0].field = "field", "lead_id"


def _require(work: Work, private: bool) -> None:
    mapped = work.mapped
    if not mapped.of("variant") and not mapped.of("region"):
        raise refuse("intake.which_variant", work.located, work.body, mapped, private=private)
    if not any(mapped.of(name) or mapped.terms(name) for name in OUTCOMES):
        raise refuse("intake.no_outcome", work.located, work.body, mapped, private=private)


def _numbers(work: Work) -> None:
    """Numbers of every column that counts, yes and no as 1 and 0."""
    wanted = {*_MONEY, *_COUNTS, "converted"}
    columns = [c for c in work.mapped.columns if c.role in ("field", "sum") and c.field in wanted]
    cells = {c.index: work.body.columns[c.index] for c in columns}
    money = frozenset(c.index for c in columns if c.field in _MONEY)
    forced = work.answers.decimal_mark
    work.marks = decide_marks(cells, work.located.headers, money, work.located.sheet.delimiter, forced)
    work.findings += work.marks.findings
    for column in columns:
        read = read_numbers(cells[column.index], work.marks.of[column.index])
        if column.field in _FLAGS:
            read = read_flags(cells[column.index], read)
        work.numbers[column.index] = scaled(work, column, read, column.field in ("spend", "revenue"))
    found = {c.field: work.numbers[c.index].values for c in columns if c.role == "field"}
    for name in {c.field for c in work.mapped.with_role("sum")} & wanted:
        terms = np.vstack([work.numbers[c.index].values for c in work.mapped.terms(name)])
        found[name] = np.where(np.isnan(terms).all(axis=0), np.nan, np.nansum(terms, axis=0))
    for name in ("spend_micros", "spend_cents"):
        if name in found and "spend" not in found:
            found["spend"] = found[name] * _MONEY[name]
    if "converted" in found and "leads" not in found:
        found["leads"] = found["converted"]
    _tell_leads(work)
    work.metrics = {m: found[m] for m in VARIANT_METRICS if m in found}


def _tell_leads(work: Work) -> None:
    """Say what was counted as leads where the header does not."""
    column = work.mapped.of("leads") or work.mapped.of("converted")
    loose = column is not None and (column.field == "converted" or any(r.tier for r in column.roles))
    if column is not None and loose and column.found != "answer":
        params = {"header": column.header.strip()}
        work.findings.append(Finding("info", "intake.conversions_as_leads", params))


def _read_day(work: Work, persons: bool) -> None:
    facts = work.located.facts
    stated = (facts.first, facts.last) if facts.first and facts.last else None
    work.period = work.answers.period or stated or period_in_name(work.name)
    column = work.mapped.of("day")
    if column is None and not persons:
        work.findings.append(Finding("info", "intake.test_without_day", {}))
    if column is None:
        return
    cells, likely = work.body.columns[column.index], "dmy" if work.marks.file == "," else None
    read = read_dates(cells, work.answers.date_order, None, work.period, likely)
    header = column.header.strip()
    if not work.period and np.isnat(read.start).all() and (example := yearless(cells)):
        raise IntakeError("intake.which_year", name=work.name, header=header, example=example)
    work.day, work.unread[column.index] = read, read.bad
    if read.clash:
        params = {"header": header, "dmy": read.clash[0], "mdy": read.clash[1]}
        work.findings.append(Finding("question", "intake.date_clash", params))
    elif read.ambiguous:
        params = {"header": header, "example": read.ambiguous}
        work.findings.append(Finding("question", "intake.date_order", params))


def _read_names(work: Work) -> None:
    for name in (*_TEXTS, *_IDS, "currency"):
        column = work.mapped.of(name)
        if column is not None:
            work.names[name] = clean_text(work.body.columns[column.index])


def _find_totals(work: Work, persons: bool) -> None:
    start = None if work.day is None else work.day.start
    names = [work.names[n] for n in ("variant", "region", "segment", *_IDS) if n in work.names]
    other = [work.names[n] for n in ("experiment",) if n in work.names]
    added = {m: v for m, v in work.metrics.items() if m not in _NO_SUM}
    answer = work.answers.totals
    seen = Evidence(start, names, added, None, start, other, answer, ask=not persons, levels=False)
    work.findings += find_totals(work.body, work.platform, seen)
    if not persons:
        _leave_out_all(work)


def _leave_out_all(work: Work) -> None:
    """Rows of "All" beside rows of each variant, region or segment: they hold the others once more."""
    for name in ("variant", "region", "segment"):
        texts = work.names.get(name, [])
        whole = [i for i in work.body.open() if texts and _ALL.fullmatch(texts[i])]
        if len(whole) < sum(bool(texts[i]) for i in work.body.open() if texts):
            for i in whole:
                work.body.fate[i], work.body.labels[i] = "total", texts[i]


def _reject(work: Work, blur: frozenset[int], persons: bool) -> None:
    """Lines without a variant, a usable day or readable numbers are set aside with the reason."""
    body = work.body
    work.findings += body.reject_cut()
    last = max(work.numbers, default=-1)
    for i in body.open():
        if body.extra(i):
            body.reject(i, "too_many_cells")
        elif i in blur:
            body.reject(i, "too_few_cells" if len(body.lines[i]) < body.width else "broken_line")
        elif not persons and len(body.lines[i]) < body.width and len(body.lines[i]) <= last:
            body.reject(i, "too_few_cells")
        elif not any(work.names[n][i] for n in ("variant", "region") if n in work.names):
            body.reject(i, "no_variant")
        else:
            _reject_values(work, i, persons)
    if body.reasons:
        work.findings.append(Finding("warning", "intake.rejected", {"n": len(body.reasons)}))


def _reject_values(work: Work, i: int, persons: bool) -> None:
    """A line with a day or a number that cannot be read."""
    column = work.mapped.of("day")
    if column is not None and work.day is not None and np.isnat(work.day.start[i]):
        value = as_text(work.body.columns[column.index][i]).strip()
        if work.day.bad[i]:
            work.body.reject(i, "bad_date", value=shown_date(value) if persons else value)
            return
        if not persons:  # a person who never joined has no day, and counts all the same
            work.body.reject(i, "no_day")
            return
    for index, numbers in work.numbers.items():
        if numbers.bad[i]:
            value = as_text(work.body.columns[index][i]).strip()
            header = work.mapped.columns[index].header.strip()
            shown = shown_value(value, "number") if persons else value
            work.body.reject(i, "bad_number", value=shown, header=header)
            return


def _keys(work: Work, kept: np.ndarray, hashes: dict[str, list[str]], key: bytes) -> list[str]:
    """One keyed hash per person: by phone, else e-mail, else ID, else the line itself."""
    blank = [""] * len(work.body.lines)
    phones, emails, ids = (hashes.get(n, blank) for n in _IDS)
    seen: dict[str, int] = {}
    shown = sorted(open_columns(work))
    keys, nameless = [], 0
    for i in kept:
        person = phones[i] or emails[i] or ids[i]
        if not person:
            raw = "\t".join(as_text(work.body.columns[c][i]) for c in shown)
            seen[raw] = seen.get(raw, 0) + 1
            person, nameless = keyed_hash("line", f"{raw}#{seen[raw]}", key), nameless + 1
        keys.append(person)
    if nameless:
        work.findings.append(Finding("warning", "intake.test_without_person", {"n": nameless}))
    return keys


def _rows(work: Work, kept: np.ndarray, keys: Sequence[str] | None) -> pd.DataFrame:
    n = len(kept)
    texts = {name: [work.names[name][i] for i in kept] for name in _TEXTS if name in work.names}
    day = np.full(n, np.datetime64("NaT", "D")) if work.day is None else work.day.start[kept]
    data: dict[str, object] = {name: texts.get(name, [""] * n) for name in _TEXTS}
    data |= {"day": day.astype("datetime64[D]").astype("datetime64[s]"), "person_key": keys or [""] * n}
    data |= {m: work.metrics.get(m, np.full(len(work.body.lines), np.nan))[kept] for m in VARIANT_METRICS}
    rows = pd.DataFrame({c: data[c] for c in VARIANT_COLUMNS})
    fallback = work.answers.experiment or name_of_test(work.name)
    if work.answers.experiment:
        rows["experiment"] = fallback
    elif n and (rows["experiment"] == "").any():
        rows["experiment"] = [e or fallback for e in rows["experiment"]]
        work.findings.append(Finding("info", "intake.test_name", {"experiment": fallback}))
    columns = [*_TEXTS, "person_key"]
    rows[columns] = rows[columns].astype("str")
    if keys is not None and rows["people"].isna().all():
        again = rows.duplicated(["experiment", "variant", "person_key"])
        rows["people"] = np.where(again, 0.0, 1.0)
    rows["row_no"] = np.array(work.body.numbers, dtype=np.int64)[kept]
    return rows


def _currency(work: Work, rows: pd.DataFrame) -> Currency:
    found = [c for c in work.mapped.columns if c.role in ("field", "sum") and c.field in _MONEY]
    if not found or not rows[["spend", "revenue"]].notna().any(axis=None):
        return Currency([], work.answers.currency)
    position = {number: i for i, number in enumerate(work.body.numbers)}
    kept = [position[n] for n in rows["row_no"]]
    brackets = {c.currency for c in found if c.currency}
    signs = frozenset(code for c in found for code in work.numbers[c.index].codes)
    bracket = brackets.pop() if len(brackets) == 1 else None
    answer = work.answers.currency
    if brackets and not answer:
        shown = ", ".join(sorted({c.currency for c in found if c.currency}))
        decided = Currency([], None, [Finding("question", "intake.mixed_currency", {"codes": shown})])
    else:
        decided = decide_currency(kept, work.names.get("currency"), bracket, signs, "", answer, "")
    decided = with_headers(decided, work.located.headers)
    work.findings += decided.findings
    return decided


def _covered(work: Work, rows: pd.DataFrame) -> tuple[dt.date | None, dt.date | None]:
    """First and last day: as the file states, else as its rows say."""
    days = rows["day"].to_numpy(dtype="datetime64[us]")
    days = days[~np.isnat(days)]
    seen = [day_of(days.min()), day_of(days.max())] if len(days) else []
    stated = list(work.period or ()) if work.answers.period or not seen else []
    known = [d for d in (*stated, *seen) if d is not None]
    return (min(known), max(known)) if known else (None, None)


def _made_at(work: Work, last: dt.date | None) -> dt.datetime | None:
    """The end of the day in the file's name, unless its rows go further."""
    named = day_in_name(work.name)
    if named is None or (last is not None and named < last):
        return None
    return dt.datetime.combine(named, dt.time()) + dt.timedelta(days=1)

"""A CRM lead list to canonical rows, without anybody's name, phone or e-mail."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.fields import LEAD_COLUMNS
from channelopt.intake.checks import check_repeats
from channelopt.intake.dates import DateColumn, read_dates
from channelopt.intake.money import Currency, decide_currency, decide_marks, with_headers
from channelopt.intake.parts import Assembled, day_of, refuse
from channelopt.intake.platforms import channel_of
from channelopt.intake.privacy import keyed_hash
from channelopt.intake.redact import (
    hash_columns,
    open_columns,
    private_columns,
    redacted,
    shifted_lines,
    shown_date,
)
from channelopt.intake.table import as_text
from channelopt.intake.totals import Evidence, find_totals, totals_frame
from channelopt.intake.values import clean_text, read_numbers
from channelopt.intake.work import Work

_INVALID = re.compile(
    r"无效|空号|重复|黑名单|虚假|停机|错号|垃圾|非目标|同行|reject|invalid|duplicate|black ?list"
    r"|junk|spam|\blost\b|unqualified|disqualified|bad (lead|number)|fake",
    re.IGNORECASE,
)
_CUSTOMER = re.compile(
    r"成交|已签约|签约|已付款|已购买|^客户$|/ 客户$|\bcustomer|closed.?won|\bwon\b", re.IGNORECASE
)
_NOT_YET = re.compile(
    r"未成交|未签约|未付款|未购买|待成交|待签约|潜在|意向客户|potential|prospect|not a customer",
    re.IGNORECASE,
)
#: A sale that did not come, or was taken back.
_LOST = re.compile(
    r"\blost\b|输单|丢单|战败|流失|退款|退单|退货|已取消|作废|cancell?ed|refunded|无效|invalid|重复|duplicate",
    re.IGNORECASE,
)
#: Headers of a day that open deals carry as well: the day they are expected to close.
_EXPECTED = frozenset(
    ["close date", "closed date", "expected close date", "预计成交日期", "预计成交时间", "预计签约日期"]
)
_QUALIFIED = re.compile(
    r"(?<!un)(?<!dis)qualified|\bmql\b|\bsql\b|opportunity|商机|意向|已到店|到店|已预约|已转化|converted|有效线索",
    re.IGNORECASE,
)
_NOT_QUALIFIED = re.compile(r"无意向|未到店|未预约|未转化|not converted", re.IGNORECASE)
_YES = frozenset({"是", "yes", "y", "true", "1", "有效", "valid", "t", "√", "ok"})
_NO = frozenset({"否", "no", "n", "false", "0", "无效", "invalid", "f", "×", "x"})
_METRICS = ("revenue", "page_views", "dwell_seconds")


def assemble_leads(work: Work, key: bytes) -> Assembled:
    """Rows of a lead list; every person becomes a keyed hash.

    Args:
        work: the file on the bench.
        key: HMAC key of the workspace.

    Raises:
        IntakeError: ``intake.which_created`` without a column for the lead's moment.
    """
    if not work.mapped.of("created_at"):
        raise refuse("intake.which_created", work.located, work.body, work.mapped, private=True)
    _numbers(work)
    moments = {
        n: m for n in ("created_at", "qualified_at", "customer_at", "modified_at") if (m := _moments(work, n))
    }
    created = moments["created_at"]
    names = _names(work)
    work.findings += find_totals(
        work.body, work.platform, Evidence(created.start, list(names.values()), work.metrics, ask=False)
    )
    blur = shifted_lines(work)
    _reject(work, created, blur)
    blur |= shifted_lines(work)
    hashes = hash_columns(work, key)
    kept = np.array(work.body.open(), dtype=int)
    rows = _rows(work, kept, names, moments, _keys(work, kept, hashes, key))
    rows = _one_per_lead(work, rows)
    bought = int(rows["customer_at"].notna().sum())
    if bought and not rows["revenue"].any():
        work.findings.append(Finding("warning", "intake.no_revenue", {"n": bought}))
    currency = _currency(work, rows, names.get("currency"))
    work.findings += check_repeats(work.body, work.body.open())
    totals = totals_frame(
        work.body, {"revenue": work.metrics["revenue"]} if "revenue" in work.metrics else {}, work.marks.file
    )
    if len(totals):
        work.findings.append(Finding("info", "intake.lead_totals_left_out", {"n": len(totals)}))
    work.findings.append(Finding("info", "intake.redacted", {}))
    start = rows["created_at"].to_numpy(dtype="datetime64[us]")
    first, last = (day_of(start.min()), day_of(start.max())) if len(rows) else (None, None)
    return Assembled(
        rows, totals, work.body.rejected_frame(private_columns(work), blur), float("nan"), work.findings,
        currency.code, first, last,
        work.marks.file, created.order, "campaign" if (rows["campaign"] != "").any() else "account",
        redacted(work, hashes, blur),
    )  # fmt: skip


def _numbers(work: Work) -> None:
    columns = [c for c in (work.mapped.of(m) for m in _METRICS) if c]
    cells = {c.index: work.body.columns[c.index] for c in columns}
    money = frozenset(c.index for c in columns if c.field == "revenue")
    forced = work.answers.decimal_mark
    work.marks = decide_marks(cells, work.located.headers, money, work.located.sheet.delimiter, forced)
    work.findings += work.marks.findings
    for column in columns:
        work.numbers[column.index] = read_numbers(cells[column.index], work.marks.of[column.index])
        work.metrics[column.field] = work.numbers[column.index].values


def _moments(work: Work, name: str) -> DateColumn | None:
    column = work.mapped.of(name)
    if column is None:
        return None
    likely = "dmy" if work.marks.file == "," else None
    cells = work.body.columns[column.index]
    read = read_dates(cells, work.answers.date_order, None, work.period, likely)
    work.unread[column.index] = read.bad
    header = column.header.strip()
    if read.clash:
        params = {"header": header, "dmy": read.clash[0], "mdy": read.clash[1]}
        work.findings.append(Finding("question", "intake.date_clash", params))
    elif read.ambiguous:
        params = {"header": header, "example": read.ambiguous}
        work.findings.append(Finding("question", "intake.date_order", params))
    return read


def _names(work: Work) -> dict[str, list[str]]:
    wanted = (
        "channel",
        "campaign",
        "status",
        "stage",
        "valid",
        "converted",
        "currency",
        "phone",
        "email",
        "lead_id",
    )
    columns = ((n, work.mapped.of(n)) for n in wanted)
    return {n: clean_text(work.body.columns[c.index]) for n, c in columns if c}


def _reject(work: Work, created: DateColumn, blur: frozenset[int]) -> None:
    column = work.mapped.of("created_at")
    work.findings += work.body.reject_cut()
    for i in work.body.open():
        if work.body.extra(i):
            work.body.reject(i, "too_many_cells")
        elif i in blur:
            short = len(work.body.lines[i]) < work.body.width
            work.body.reject(i, "too_few_cells" if short else "broken_line")
        elif np.isnat(created.start[i]) and column:
            value = shown_date(as_text(work.body.columns[column.index][i]).strip())
            work.body.reject(i, "bad_date", value=value) if created.bad[i] else work.body.reject(i, "no_day")
    if work.body.reasons:
        work.findings.append(Finding("warning", "intake.rejected", {"n": len(work.body.reasons)}))


def _keys(work: Work, kept: np.ndarray, hashes: dict[str, list[str]], key: bytes) -> list[str]:
    """One keyed hash per person: by phone, else e-mail, else record id, else the line itself."""
    blank = [""] * len(work.body.lines)
    phones, emails, ids = (hashes.get(n, blank) for n in ("phone", "email", "lead_id"))
    if not hashes:
        work.findings.append(Finding("warning", "intake.leads_without_id", {}))
    seen: dict[str, int] = {}
    shown = sorted(open_columns(work))
    keys = []
    for i in kept:
        person = phones[i] or emails[i] or ids[i]
        if not person:
            raw = "\t".join(as_text(work.body.columns[c][i]) for c in shown)
            seen[raw] = seen.get(raw, 0) + 1
            person = keyed_hash("line", f"{raw}#{seen[raw]}", key)
        keys.append(person)
    return keys


def _is_valid(status: str, flag: str) -> bool:
    return flag.casefold() not in _NO and not _INVALID.search(status)


def _rows(
    work: Work, kept: np.ndarray, names: dict[str, list[str]], moments: dict[str, DateColumn], keys: list[str]
) -> pd.DataFrame:
    n = len(kept)
    blank = [""] * len(work.body.lines)
    pick = {
        name: [names.get(name, blank)[i] for i in kept]
        for name in ("channel", "campaign", "status", "stage", "valid", "converted")
    }
    status = [s or g for s, g in zip(pick["status"], pick["stage"], strict=True)]
    seen = [" / ".join(filter(None, p)) for p in zip(pick["status"], pick["stage"], strict=True)]
    known = {pair: channel_of(*pair) for pair in set(zip(pick["channel"], pick["campaign"], strict=True))}
    channel = [
        known[p] or work.answers.channel or "" for p in zip(pick["channel"], pick["campaign"], strict=True)
    ]
    valid = [_is_valid(s, f) for s, f in zip(seen, pick["valid"], strict=True)]
    created, qualified, customer = _funnel(work, kept, seen, pick["converted"], valid, moments)
    data = {
        "lead_key": keys, "created_at": created, "channel": channel,
        "campaign": pick["campaign"], "status": status, "valid": np.array(valid, dtype=bool),
        "qualified_at": qualified, "customer_at": customer,
    }  # fmt: skip
    rows = pd.DataFrame({c: data.get(c, np.full(n, np.nan)) for c in LEAD_COLUMNS})
    for metric in _METRICS:
        rows[metric] = work.metrics[metric][kept] if metric in work.metrics else np.full(n, np.nan)
    texts = ["lead_key", "channel", "campaign", "status"]
    rows[texts] = rows[texts].astype("str")
    rows["row_no"] = np.array(work.body.numbers, dtype=np.int64)[kept]
    return rows


def _funnel(
    work: Work, kept: np.ndarray, seen: Sequence[str], converted: Sequence[str], valid: Sequence[bool],
    moments: dict[str, DateColumn],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Moments of creation, qualification and purchase; a stage without a date takes the last known one."""
    nat = np.full(len(kept), np.datetime64("NaT", "us"))
    at = {n: m.start[kept] for n, m in moments.items()}
    created = at["created_at"]
    last = np.where(np.isnat(at.get("modified_at", nat)), created, at.get("modified_at", nat))
    revenue = work.metrics["revenue"][kept] if "revenue" in work.metrics else np.full(len(kept), np.nan)
    won = np.array([bool(_CUSTOMER.search(s)) and not _NOT_YET.search(s) for s in seen], dtype=bool)
    flag = np.array([c.casefold() in _YES for c in converted], dtype=bool)
    won |= flag & (np.nan_to_num(revenue) > 0)
    good = np.array([bool(_QUALIFIED.search(s)) and not _NOT_QUALIFIED.search(s) for s in seen], dtype=bool)
    good = (good | flag | won) & np.array(valid, dtype=bool)
    customer = _without_unsold(work, kept, seen, won, at.get("customer_at", nat))
    guessed = won & np.isnat(customer) & np.array(valid, dtype=bool)
    customer = np.where(guessed, last, customer)
    if guessed.any():
        work.findings.append(Finding("warning", "intake.customer_date_guessed", {"n": int(guessed.sum())}))
    qualified = at.get("qualified_at", nat)
    qualified = np.where(good & np.isnat(qualified), last, qualified)
    return created, qualified, customer


def _without_unsold(
    work: Work, kept: np.ndarray, seen: Sequence[str], won: np.ndarray, customer: np.ndarray
) -> np.ndarray:
    """Days of purchase without those of lost and still open deals; their amounts are no revenue either."""
    column = work.mapped.of("customer_at")
    lost = np.array([bool(_LOST.search(s)) for s in seen], dtype=bool)
    if column is not None and column.normal in _EXPECTED:
        lost |= np.array([bool(s) for s in seen], dtype=bool) & ~won
    lost &= ~won
    revenue = work.metrics.get("revenue")
    paid = np.nan_to_num(revenue[kept]) > 0 if revenue is not None else np.zeros(len(kept), dtype=bool)
    unsold = lost & (~np.isnat(customer) | paid)
    if not unsold.any():
        return customer
    if revenue is not None:
        work.metrics["revenue"] = revenue.copy()
        work.metrics["revenue"][kept[unsold]] = np.nan
    work.findings.append(Finding("info", "intake.not_sold", {"n": int(unsold.sum())}))
    return np.where(unsold, np.datetime64("NaT", "us"), customer)


def _one_per_lead(work: Work, rows: pd.DataFrame) -> pd.DataFrame:
    """The furthest, then latest, line of each lead; the others are rejected as repeats."""
    if rows["lead_key"].is_unique:
        return rows
    rank = rows["customer_at"].notna() * 4 + rows["qualified_at"].notna() * 2 + rows["valid"].astype(int)
    order = rows.assign(_rank=rank).sort_values(
        ["_rank", "created_at", "row_no"], ascending=False, kind="stable"
    )
    best = order.drop_duplicates("lead_key").set_index("lead_key")["row_no"]
    keep = rows["row_no"] == rows["lead_key"].map(best)
    position = {number: i for i, number in enumerate(work.body.numbers)}
    for number, lead in rows.loc[~keep, ["row_no", "lead_key"]].itertuples(index=False):
        work.body.reject(position[number], "duplicate_lead", line=int(best[lead]))
    work.findings.append(Finding("info", "intake.duplicate_leads", {"n": int((~keep).sum())}))
    return _with_further_sales(work, rows, rows[keep].reset_index(drop=True))


def _with_further_sales(work: Work, rows: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Sales of the same person on other days, as lists of deals have them, added to the kept line.

    Lines of one person and one day are versions of one sale; the largest of them counts.
    """
    sold = rows[rows["customer_at"].notna() & (rows["revenue"] > 0)]
    days = sold.assign(day=sold["customer_at"].dt.normalize()).groupby(["lead_key", "day"])["revenue"].max()
    several = days.groupby("lead_key").filter(lambda one: len(one) > 1)
    if several.empty:
        return kept
    total = several.groupby("lead_key").sum()
    first = sold.groupby("lead_key")[["created_at", "customer_at"]].min()
    more = kept["lead_key"].isin(total.index)
    person = kept.loc[more, "lead_key"]
    kept.loc[more, "revenue"] = person.map(total)
    for name in ("created_at", "customer_at"):
        kept.loc[more, name] = person.map(first[name])
    params = {"n": len(several) - len(total), "people": len(total)}
    work.findings.append(Finding("info", "intake.repeat_sales", params))
    return kept


def _currency(work: Work, rows: pd.DataFrame, column: list[str] | None) -> Currency:
    revenue = work.mapped.of("revenue")
    if revenue is None or not rows["revenue"].notna().any():
        return Currency([], work.answers.currency)
    position = {number: i for i, number in enumerate(work.body.numbers)}
    kept = [position[n] for n in rows["row_no"]]
    codes = work.numbers[revenue.index].codes
    answer = work.answers.currency
    found = decide_currency(kept, column, revenue.currency, codes, "", answer, "")
    found = with_headers(found, work.located.headers)
    work.findings += found.findings
    return found

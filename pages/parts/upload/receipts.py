"""One receipt per uploaded file: what was recognised, the check figure, doubts, what will change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.inbox import names_people, stored_by_hand
from channelopt.intake import platforms
from channelopt.intake.answers import rememberable
from channelopt.intake.result import Read
from channelopt.ledger import Commit
from pages.parts import cache, state
from pages.parts.escape import md
from pages.parts.language import UNKNOWN_CURRENCY, count, current_currency, day, language, percent, t
from pages.parts.progress import Progress
from pages.parts.say import say
from pages.parts.trouble import show_refusal
from pages.parts.upload.drops import Drop
from pages.parts.upload.questions import ask
from pages.parts.upload.rejects import rejected_lines
from pages.parts.upload.testrows import show_variants, variant_sums
from pages.parts.widgets import done, finding_lines

#: Told on the receipt although nothing is wrong with it.
TOLD = (
    "intake.taken_as_overall",
    "intake.overall_left",
    "intake.read_as_periods",
    "intake.wide_table",
    "intake.wide_table_left",
    "intake.mapping_proved",
    "intake.totals_left_out",
    "intake.lead_totals_left_out",
    "intake.price_evidence",
    "intake.test_name",
    "intake.test_without_day",
    "intake.conversions_as_leads",
    "intake.settled_by_proof",
    "ledger.replaced",
)
#: Another file counts although this one says something else: the reader may insist on this one.
BEATEN = (
    "ledger.kept_fuller", "ledger.test_kept_fuller", "ledger.test_by_person", "ledger.test_by_day",
    "ledger.test_arms_hidden",
)  # fmt: skip


@dataclass(frozen=True)
class Receipt:
    """A file on the page.

    Attributes:
        drop: the table and where it came from.
        read: how it was read; None when it was refused.
        plan: what storing it would change; None when it may not be stored yet.
        options: answers that belong to storing, not to reading.
        asks: whether an answer makes it ready.
    """

    drop: Drop
    read: Read | None
    plan: Commit | None
    options: dict[str, Any]
    asks: bool = False

    @property
    def ready(self) -> bool:
        """Whether it may be stored as it is."""
        return self.plan is not None and self.plan.status != "unchanged"


def file_receipts(drops: Sequence[Drop]) -> list[Receipt]:
    """Read and show every table dropped; one stored before keeps its place as a single line."""
    stored, receipts = state.stored_drops(), []
    for at, drop in enumerate(drops):
        if drop.key in stored:
            with st.container(border=True, gap="small"):
                _headline(":material/check_circle:", drop.label, t("stored"))
        else:
            receipts.append(_receipt(at, drop))
    return receipts


def _receipt(at: int, drop: Drop) -> Receipt:
    name = drop.label
    answers, options = state.upload_answers(name)
    told = {**answers, "table": drop.table} if drop.table else answers
    with st.container(border=True, gap="small"):
        progress = Progress(t("Reading {name}", name=name), f"cancel_{at}", state.next_upload_round)
        try:
            read = cache.read_upload(drop.upload, drop.name, drop.content, told, progress.step)
        except ChannelOptError as error:
            progress.end()
            _headline(":material/error:", name, t("cannot be used yet"))
            show_refusal(error)
            asks = bool(error.params.get("columns"))
            if asks:
                ask(at, name, [error.code], error.params["columns"], answers)
            return Receipt(drop, None, None, options, asks)
        progress.end()
        return _readable(at, drop, read, answers, {**options, **_insist(at)})


def _readable(at: int, drop: Drop, read: Read, answers: dict[str, Any], options: dict[str, Any]) -> Receipt:
    name = drop.label
    plan = None if read.questions else cache.preview(read, options)
    findings = (*drop.findings, *read.findings, *(plan.findings if plan else ()))
    if drop.table:  # the other tables of the file have receipts of their own
        findings = tuple(f for f in findings if f.code != "intake.other_tables")
    asked = [f.code for f in findings if f.severity == "question"]
    _headline(":material/contact_support:" if asked else ":material/check_circle:", name, _platform(read))
    st.markdown(_sums(read))
    if read.kind == "variants":
        show_variants(read)
    if plan and plan.status == "unchanged":
        st.caption(t("This very file is already in. Storing it again changes nothing."))
    elif plan:
        st.caption(_change(plan, read))
    loud = [f for f in findings if f.severity != "info" or f.code in TOLD]
    finding_lines((f for f in loud if f in read.findings), _currency(read))
    finding_lines(f for f in loud if f not in read.findings)
    for one in drop.findings:
        st.caption(say(one))
    if plan:
        _offer_to_insist(at, plan)
    if asked:
        ask(at, name, asked, _columns(read), answers)
    with st.expander(t("How it was read")):
        _details(read)
        if not asked:
            ask(at, name, [], _columns(read), answers)
    return Receipt(drop, read, plan, options, plan is None)


def _insist(at: int) -> dict[str, bool]:
    """What the user insists on for this file: count it though partial, prefer it to a fuller one."""
    keys = {"accept_partial": state.insist_key("partial", at), "prefer": state.insist_key("prefer", at)}
    return {option: True for option, key in keys.items() if st.session_state.get(key)}


def _offer_to_insist(at: int, plan: Commit) -> None:
    codes = {f.code for f in plan.findings}
    insisted = _insist(at)
    if "ledger.partial" in codes or "accept_partial" in insisted:
        st.checkbox(t("Count it all the same"), key=state.insist_key("partial", at))
    if not codes.isdisjoint(BEATEN) or "prefer" in insisted:
        st.checkbox(t("This file is right: let it count"), key=state.insist_key("prefer", at))


def _headline(icon: str, name: str, kind: str) -> None:
    st.markdown(f"{icon} **{md(name)}** · {md(kind)}")


def _platform(read: Read) -> str:
    known = platforms().get(read.platform)
    return known.labels.get(language(), read.platform) if known else read.platform


def _sums(read: Read) -> str:
    rows = read.rows
    n_rows = int(rows["n_rows"].sum()) if "n_rows" in rows else len(rows)
    if read.kind == "leads":
        return t(
            "{n:count} {n:plural:lead|leads}, {c:count} {c:plural:customer|customers},"
            " {first:date} to {last:date}",
            n=len(rows),
            c=int(rows["customer_at"].notna().sum()),
            first=read.day_first,
            last=read.day_last,
        )
    if read.kind == "touches":
        return t(
            "{n:count} {n:plural:event|events} of {people:count} {people:plural:person|people},"
            " {leads:count} {leads:plural:lead|leads}, {first:date} to {last:date}",
            n=len(rows),
            people=int(rows["person_key"].replace("", pd.NA).nunique()),
            leads=int((rows["event"] == "lead").sum()),
            first=read.day_first,
            last=read.day_last,
        )
    if read.kind == "variants":
        return variant_sums(read) + _explained(read)
    if read.kind == "overall":
        return _overall_sums(read) + _explained(read)
    if read.kind == "site":
        return t(
            "{n:count} {n:plural:visit|visits}, {first:date} to {last:date}",
            n=rows["sessions"].sum(),
            first=read.day_first,
            last=read.day_last,
        )
    text = t(
        "{n:count} {n:plural:row|rows}, spend {spend:money}, {first:date} to {last:date}",
        n=n_rows,
        spend=float(rows["spend"].sum()),
        first=read.day_first,
        last=read.day_last,
        currency=_currency(read),
    )
    return text + _explained(read)


def _overall_sums(read: Read) -> str:
    """Results of the whole business: how many days or periods, and what they add up to."""
    sums = read.rows[["revenue", "customers", "leads"]].sum(min_count=1)
    names = {"customers": t("Customers"), "leads": t("Leads")}
    parts = []
    if sums["revenue"] == sums["revenue"]:
        parts.append(t("revenue {revenue:money}", revenue=float(sums["revenue"]), currency=_currency(read)))
    parts += [f"{name} {count(sums[key])}" for key, name in names.items() if sums[key] == sums[key]]
    text = t(
        "{n:count} {n:plural:row|rows} of all channels together, {first:date} to {last:date}",
        n=len(read.rows),
        first=read.day_first,
        last=read.day_last,
    )
    return " · ".join([text, *parts])


def _explained(read: Read) -> str:
    """The check figure as a line of its own; nothing where the file states no total."""
    if read.explained != read.explained:
        return ""
    tick = ":blue[:material/check:]" if abs(read.explained - 1) < 0.001 else ":orange[:material/close:]"
    return f"  \n{tick} " + t("our sum is {share} of the file's own total", share=percent(read.explained, 1))


def _currency(read: Read) -> str:
    """The currency of a file's amounts; a cost table that names none has none until it is told."""
    unknown = UNKNOWN_CURRENCY if read.kind in ("spend", "overall") else current_currency()
    return read.currency or unknown


def _change(plan: Commit, read: Read) -> str:
    if read.kind != "spend":
        return t(
            "Adds {added:count}, replaces {replaced:count}, leaves {same:count} as they are.",
            added=plan.added,
            replaced=plan.replaced,
            same=plan.unchanged,
        )
    return t(
        "Adds {added:count} {added:plural:row|rows}, replaces {replaced:count}."
        " Spend of these days: {before:money} → {after:money}.",
        added=plan.added,
        replaced=plan.replaced,
        before=plan.spend_before,
        after=plan.spend_after,
    )


def _columns(read: Read) -> list[dict[str, Any]]:
    return [
        {"header": column.header, "sample": list(column.sample), "field": column.field}
        for column in read.mapping
    ]


def _details(read: Read) -> None:
    layout, lines = read.layout, read.lines
    facts = [
        (t("Encoding"), layout.encoding),
        (t("Delimiter"), {"\t": "TAB"}.get(layout.delimiter or "", layout.delimiter)),
        (t("Sheet"), layout.sheet),
        (t("Header line"), count(layout.header_line)),
        (t("Decimal mark"), layout.decimal_mark),
        (t("Date order"), layout.date_order),
        (t("Currency"), read.currency),
        (t("Total rows left out"), count(lines.totals)),
        (t("Rows rejected"), count(lines.rejected)),
        (t("Dates"), f"{day(read.day_first)} – {day(read.day_last)}"),
    ]
    st.caption(" · ".join(f"{name}: {md(value)}" for name, value in facts if value))
    used = [c for c in read.mapping if c.field]
    st.dataframe(
        {
            t("Column in the file"): [c.header for c in used],
            t("Read as"): [c.field for c in used],
            t("How sure"): [percent(c.confidence) for c in used],
            t("First values"): [", ".join(c.sample) for c in used],
        },
        hide_index=True,
        height=min(300, 38 + 35 * len(used)),
    )
    finding_lines((f for f in read.findings if f.severity == "info"), _currency(read))
    if len(read.rejected):
        st.caption(t("Rows left out ({n:count})", n=len(read.rejected)))
        st.dataframe(rejected_lines(read.rejected), hide_index=True, height=200)
    if len(read.totals):
        shown = [c for c in read.totals.columns if read.totals[c].notna().any()]
        st.caption(t("The file's own total rows (check figures, never data)"))
        st.dataframe(read.totals[shown].head(12), hide_index=True)


def store_button(receipts: list[Receipt]) -> None:
    """Store every file that is ready, with progress."""
    if not receipts:
        return
    ready = [r for r in receipts if r.ready]
    waiting = sum(r.plan is None for r in receipts)
    if waiting:
        st.caption(t("Not ready yet, see above: {n:count}. The others can be stored now.", n=waiting))
    if st.button(
        t("Looks right: store {n:count} {n:plural:file|files}", n=len(ready)),
        type="primary",
        disabled=not ready,
    ):
        _store(ready, receipts)


def _put_away(ready: list[Receipt], all_: list[Receipt]) -> None:
    """Inbox files whose tables are all stored leave the inbox."""
    left = {r.drop.waiting for r in all_ if r.plan is None}
    for name in sorted({r.drop.waiting or "" for r in ready} - left - {""}):
        reads = [r.read for r in ready if r.drop.waiting == name and r.read is not None]
        stored_by_hand(cache.ledger(), name, any(map(names_people, reads)))
        state.turn_waiting(name)


def _store(ready: list[Receipt], receipts: list[Receipt]) -> None:
    ledger = cache.ledger()
    progress = Progress(t("Storing"), "cancel_store")
    for at, receipt in enumerate(ready):
        if receipt.read is not None:
            ledger.remember(receipt.read.fingerprint, rememberable(receipt.read.answers), state.USER)

            def step(done: int, total: int, before: int = at) -> None:
                progress.step(100 * before + 100 * done // total, 100 * len(ready))

            ledger.commit(receipt.read, state.USER, **receipt.options, on_step=step)
        cache.forget_upload(receipt.drop.upload)
    _put_away(ready, receipts)
    progress.end()
    _next_round(ready, receipts)
    said = t("Stored {n:count} {n:plural:file|files}. The verdicts on Overview are up to date.", n=len(ready))
    asking = sum(r.asks for r in receipts)
    if asking:
        said += " " + t("{n:count} {n:plural:file still waits|files still wait} for an answer.", n=asking)
    done(said)


def _next_round(ready: list[Receipt], receipts: list[Receipt]) -> None:
    """Empty the uploader, unless a file in it could not be stored yet: it stays with its answers."""
    if any(r.plan is None and r.drop.waiting is None for r in receipts):
        state.keep_stored_drops(r.drop.key for r in ready if r.drop.waiting is None)
    else:
        state.next_upload_round()

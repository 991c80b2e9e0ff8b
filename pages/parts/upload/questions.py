"""Questions about an uploaded file, answered on the page and remembered for that kind of file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from channelopt.intake import mappable_fields
from channelopt.intake.answers import ACCEPTABLE
from pages.parts import state
from pages.parts.language import t
from pages.parts.say import field_names

#: Question → the answers it needs; the others are offered folded away.
NEEDS: dict[str, tuple[str, ...]] = {
    "intake.which_spend": ("mapping", "channel"),
    "intake.channel_columns": ("mapping",),
    "intake.only_outcomes": ("kind", "mapping", "channel"),
    "intake.none_usable": ("mapping", "date_order", "period"),
    "intake.no_result": ("mapping", "kind"),
    "intake.which_day": ("mapping", "period"),
    "intake.which_year": ("period",),
    "intake.which_created": ("mapping",),
    "intake.which_moment": ("mapping",),
    "intake.which_person": ("mapping",),
    "intake.which_variant": ("mapping", "kind"),
    "intake.no_outcome": ("mapping", "kind"),
    "intake.which_kind": ("kind",),
    "intake.no_sessions": ("mapping",),
    "intake.two_columns": ("mapping",),
    "intake.which_currency": ("currency",),
    "intake.mixed_currency": ("currency",),
    "intake.date_order": ("date_order",),
    "intake.date_clash": ("date_order",),
    "intake.decimal_mark": ("decimal_mark",),
    "intake.which_period": ("period",),
    "intake.which_channel": ("channel",),
    "intake.spend_in_cents": ("mapping",),
    "intake.spend_in_micros": ("mapping",),
    "intake.spend_unit": ("mapping",),
    "intake.odd_click_price": ("mapping",),
    "intake.odd_view_price": ("mapping",),
    "intake.future_days": ("date_order", "accept"),
    "intake.mostly_negative": ("mapping", "accept"),
    "intake.maybe_total": ("totals",),
    "intake.total_not_confirmed": ("totals",),
    "ledger.same_account": ("account",),
    "ledger.unlike_files": ("account",),
    "ledger.days_disagree": ("account",),
    "ledger.overall_disagree": ("account",),
}
ANSWERS = (
    "kind", "mapping", "currency", "date_order", "decimal_mark", "period", "totals", "channel", "account",
    "experiment", "accept",
)  # fmt: skip
#: Fields that only the rows of a test have.
OF_A_TEST = frozenset({"variant", "experiment", "region", "people", "before"})
#: Questions that the reader may answer with "it is what you took it for".
CONFIRMS = (
    "intake.spend_in_cents", "intake.spend_in_micros", "intake.spend_unit", "intake.odd_click_price",
    "intake.odd_view_price",
)  # fmt: skip


def ask(
    at: int,
    name: str,
    codes: Iterable[str],
    columns: Sequence[dict[str, Any]] | None,
    answers: dict[str, Any],
) -> None:
    """Let the user answer what the reader could not know, and correct what it guessed.

    Args:
        at: place of the file on the page.
        name: its name.
        codes: the questions to answer; none when there is only something to correct.
        columns: header, sample and field of each column, when there is a table.
        answers: what was answered before.
    """
    asked = set(codes)
    needed = [a for a in ANSWERS if any(a in NEEDS.get(code, ()) for code in asked)]
    test = answers.get("kind") == "variants" or "intake.which_variant" in asked
    test = test or not OF_A_TEST.isdisjoint(str(c.get("field")) for c in columns or [])
    drawn = _drawers(at, columns or [], answers, not asked.isdisjoint(CONFIRMS), test)
    drawn["accept"] = lambda: _accepted(at, asked, answers)
    given: dict[str, Any] = dict(answers)
    with st.form(f"ask_{at}_{state.upload_round()}", border=bool(needed)):
        for answer in needed:
            given[answer] = drawn[answer]()
        with st.expander(t("Correct how it was read") if not needed else t("More answers")):
            for answer in ANSWERS:
                if answer not in needed and answer in drawn and answer != "accept":
                    given[answer] = drawn[answer]()
        label = t("Read it again with these answers")
        if st.form_submit_button(label, type="primary" if needed else "secondary"):
            account = given.pop("account")
            state.answer_upload(name, given, {"account": account})
            st.rerun()


def _accepted(at: int, asked: set[str], answers: dict[str, Any]) -> list[str]:
    """The doubts that the reader says are right as they are."""
    open_ = sorted(asked & set(ACCEPTABLE))
    kept = [code for code in answers.get("accept") or [] if code not in open_]
    return [*kept, *open_] if st.checkbox(t("It is right as it is"), key=f"accept_{at}") else kept


def _drawers(
    at: int, columns: Sequence[dict[str, Any]], answers: dict[str, Any], confirm: bool, test: bool
) -> dict[str, Callable[[], Any]]:
    orders = {
        "": t("as recognised"),
        "dmy": t("day/month/year"),
        "mdy": t("month/day/year"),
        "ymd": t("year/month/day"),
    }
    marks = {"": t("as recognised"), ".": "1,234.50", ",": "1.234,50"}
    totals = {"": t("as recognised"), "leave_out": t("totals: leave them out"), "keep": t("data: keep them")}

    kinds = {
        "": t("as recognised"),
        "spend": t("Spend export"),
        "leads": t("Lead list"),
        "site": t("Site visits"),
        "overall": t("Results of all channels together"),
        "touches": t("Touch log"),
        "variants": t("Rows of a test"),
    }

    def text(key: str, label: str, size: int) -> Callable[[], str]:
        return lambda: st.text_input(
            label, answers.get(key) or "", max_chars=size, key=f"{key}_{at}", width=320
        ).strip()

    def choice(key: str, label: str, names: dict[str, str]) -> Callable[[], str]:
        return lambda: st.selectbox(
            label, list(names), format_func=lambda one: names[one], key=f"{key}_{at}", width=320
        )

    currency = text("currency", t("Currency code, such as USD"), 3)
    drawn: dict[str, Callable[[], Any]] = {
        "kind": choice("kind", t("Kind of file"), kinds),
        "mapping": lambda: _mapping(at, columns, answers, confirm, test),
        "currency": lambda: currency().upper(),
        "date_order": choice("date_order", t("Order of dates"), orders),
        "decimal_mark": choice("decimal_mark", t("How numbers are written"), marks),
        "period": text("period", t("First and last day it covers, such as 2026-03-01/2026-03-31"), 21),
        "totals": choice("totals", t("Lines that may be totals"), totals),
        "channel": text("channel", t("Channel of the whole file"), 40),
        "account": text("account", t("Name of the ad account"), 60),
    }
    if test:
        drawn["experiment"] = text("experiment", t("Name of the test"), 80)
    return drawn


def _mapping(
    at: int, columns: Sequence[dict[str, Any]], answers: dict[str, Any], confirm: bool, test: bool
) -> dict[str, str | None]:
    """What changed against the columns as recognised, on top of earlier answers.

    With ``confirm`` the column of what was paid is an answer even when it stays.
    """
    chosen: dict[str, str | None] = dict(answers.get("mapping") or {})
    if not columns:
        return chosen
    headers = [""] + [str(c["header"]) for c in columns]
    samples = {str(c["header"]): ", ".join(map(str, c.get("sample") or [])) for c in columns}
    present = {c.get("field"): str(c["header"]) for c in columns if c.get("field")}
    st.caption(t("Which column is which? Empty means: not in this file."))
    with st.grid(4, gap="small"):
        for field, label in _offered(present, test).items():
            before = present.get(field, "")
            header = st.selectbox(
                label,
                headers,
                index=headers.index(before) if before in headers else 0,
                key=f"map_{at}_{field}",
                format_func=lambda h: f"{h}  ({samples[h][:30]})" if h else "–",
            )
            if header == before and not (confirm and header and field == "spend"):
                continue
            if before and header != before:
                chosen[before] = None
            if header:
                chosen[header] = field
    return chosen


def _offered(present: dict[str | None, str], test: bool) -> dict[str, str]:
    """The fields worth asking for: of a test, a list of people or a visit log, else of a cost table."""
    kind = "leads" if {"created_at", "status", "valid"} & set(present) else "spend"
    kind = "touches" if {"at", "event"} & set(present) else kind
    kind = "variants" if test else kind
    allowed = mappable_fields(kind)
    return {field: label for field, label in field_names().items() if field in allowed}

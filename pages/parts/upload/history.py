"""The history of imports: what came in, what was left out, and undo."""

from __future__ import annotations

import streamlit as st

from channelopt.errors import Finding
from channelopt.ledger import Ledger
from channelopt.report.tables import to_csv
from pages.parts import state
from pages.parts.foreign import without_rate
from pages.parts.language import count, day, money, percent, t
from pages.parts.later import later
from pages.parts.upload.rejects import rejected_lines
from pages.parts.widgets import done, finding_lines


def import_history(ledger: Ledger) -> None:
    """All imports, newest first, with undo and the rejected rows."""
    frame = ledger.imports()
    if frame.empty:
        return
    found = ledger.findings()
    without_rate(found)
    finding_lines(f for f in found if f.code not in ("ledger.same_money", "ledger.no_rate"))
    for at, one in enumerate(f for f in found if f.code == "ledger.same_money"):
        _ask_accounts(ledger, at, one)
    st.subheader(t("What is in"), anchor=False)
    shown = frame.sort_values("import_id", ascending=False)
    words = {"active": t("in use"), "undone": t("undone")}
    st.dataframe(
        {
            t("File"): list(shown["name"]),
            t("Rows"): [count(v) for v in shown["rows"]],
            t("Left out"): [count(v) for v in shown["rejected"]],
            t("Spend"): [money(float(r.spend), r.currency or ledger.currency) for r in shown.itertuples()],
            t("Of the file's total"): [percent(float(v), 1) for v in shown["explained"]],
            t("Dates"): [f"{day(r.day_first)} – {day(r.day_last)}" for r in shown.itertuples()],
            t("State"): [words.get(str(v), str(v)) for v in shown["status"]],
        },
        hide_index=True,
        key="imports",
        alt=t("What is in"),
    )
    names = {int(r.import_id): f"{r.name} ({words.get(str(r.status), '')})" for r in shown.itertuples()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            t("One file"), list(names), format_func=lambda key: names[key], key=state.UNDO, width=420
        )
        _undo_or_redo(ledger, chosen, str(shown.set_index("import_id").loc[chosen, "status"]))
        rejected = ledger.rejected(chosen)
        if len(rejected):
            st.download_button(
                t("Rows left out ({n:count})", n=len(rejected)),
                later(lambda: to_csv(rejected_lines(rejected))),
                file_name="left-out.csv",
                mime="text/csv",
                on_click="ignore",
                icon=":material/download:",
            )


def _ask_accounts(ledger: Ledger, at: int, doubt: Finding) -> None:
    """One account under two names, or two accounts? Until answered, the money counts once."""

    def answer(same: bool) -> None:
        told = doubt.params
        ledger.answer_accounts(str(told["channel"]), str(told["one"]), str(told["other"]), same, state.USER)

    with st.container(border=True):
        finding_lines([doubt])
        with st.container(horizontal=True):
            st.button(t("One account, count it once"), key=f"same_{at}", on_click=answer, args=(True,))
            st.button(t("Two accounts, add them up"), key=f"two_{at}", on_click=answer, args=(False,))


def _undo_or_redo(ledger: Ledger, import_id: int, status: str) -> None:
    if status == "active":
        if st.button(t("Undo this import"), icon=":material/undo:"):
            ledger.undo(import_id, state.USER)
            done(t("Undone. Everything is as if the file had never come in."))
    elif st.button(t("Bring it back"), icon=":material/redo:"):
        ledger.redo(import_id, state.USER)
        done(t("It is back."))

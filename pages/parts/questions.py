"""Questions about an uploaded file, answered on the page and remembered for that kind of file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from channelopt.intake.result import Read
from pages.parts import state
from pages.parts.language import t
from pages.parts.say import field_names


def ask(
    at: int,
    name: str,
    columns: Sequence[dict[str, Any]] | None,
    answers: dict[str, Any],
    read: Read | None = None,
) -> None:
    """Let the user say what a column means, the currency, the date order, the account."""
    with st.form(f"ask_{at}_{state.upload_round()}", border=False):
        mapping = _mapping(at, columns or [], answers)
        one, two, three, four = st.columns(4)
        currency = one.text_input(
            t("Currency code, such as USD"), answers.get("currency") or "", max_chars=3, key=f"currency_{at}"
        )
        orders = {
            "": t("as recognised"),
            "dmy": t("day/month/year"),
            "mdy": t("month/day/year"),
            "ymd": t("year/month/day"),
        }
        order = two.selectbox(
            t("Order of dates"), list(orders), format_func=lambda key: orders[key], key=f"order_{at}"
        )
        account = three.text_input(t("Name of the ad account"), max_chars=60, key=f"account_{at}")
        channel = four.text_input(
            t("Channel of the whole file"), answers.get("channel") or "", max_chars=40, key=f"channel_{at}"
        )
        if st.form_submit_button(t("Read it again with these answers"), type="primary"):
            given = {
                "mapping": mapping,
                "currency": currency.strip().upper(),
                "date_order": order,
                "channel": channel.strip(),
            }
            state.answer_upload(name, given, {"account": account.strip()})
            st.rerun()


def _mapping(at: int, columns: Sequence[dict[str, Any]], answers: dict[str, Any]) -> dict[str, str]:
    if not columns:
        return dict(answers.get("mapping") or {})
    headers = [""] + [str(c["header"]) for c in columns]
    samples = {str(c["header"]): ", ".join(map(str, c.get("samples") or [])) for c in columns}
    present = {c.get("field"): str(c["header"]) for c in columns if c.get("field")}
    st.caption(t("Which column is which? Empty means: not in this file."))
    chosen: dict[str, str] = {}
    with st.grid(4, gap="small"):
        for field, label in field_names().items():
            start = present.get(field, "")
            header = st.selectbox(
                label,
                headers,
                index=headers.index(start) if start in headers else 0,
                key=f"map_{at}_{field}",
                format_func=lambda h: f"{h}  ({samples[h][:30]})" if h else "–",
            )
            if header:
                chosen[header] = field
    return chosen

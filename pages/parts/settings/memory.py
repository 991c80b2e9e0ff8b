"""What was answered about files before, in words, and the button that forgets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from channelopt.ledger import Ledger, jsons
from pages.parts.escape import md
from pages.parts.labels import by_whom
from pages.parts.language import day, t
from pages.parts.say import field_names
from pages.parts.widgets import done


def remembered_answers(ledger: Ledger) -> None:
    """One line per kind of file: what is taken as given for the next one with the same headers."""
    frame = ledger.remembered()
    st.markdown(t("Answers about a file are used again for every file with the same headers."))
    if frame.empty:
        st.caption(t("Nothing is remembered yet."))
        return
    for row in frame.itertuples():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            name = str(row.name) if isinstance(row.name, str) else t("a file that was not stored")
            told = " · ".join(_told(jsons.load(str(row.answers))))
            st.markdown(f"**{md(name)}**  \n{told}  \n:small[{day(row.at)} · {md(by_whom(str(row.by)))}]")
            if st.button(t("Forget"), key=f"forget_{row.fingerprint}", icon=":material/delete:"):
                ledger.forget(str(row.fingerprint))
                done(t("Forgotten. The next such file is asked about again."))


def _told(answers: Mapping[str, Any]) -> list[str]:
    """Answers in the reader's words."""
    names, found = field_names(), []
    for header, field in (answers.get("mapping") or {}).items():
        meaning = names.get(str(field), str(field)) if field else t("not used")
        found.append(f"{md(str(header))} → {md(meaning)}")
    labels = {
        "currency": t("Currency"),
        "date_order": t("Order of dates"),
        "decimal_mark": t("How numbers are written"),
        "totals": t("Lines that may be totals"),
        "channel": t("Channel"),
        "account": t("Name of the ad account"),
        "platform": t("Platform"),
        "kind": t("Kind of file"),
        "experiment": t("Name of the test"),
    }
    return [
        *found,
        *(f"{label}: {md(str(answers[key]))}" for key, label in labels.items() if answers.get(key)),
    ]

"""Upload: did my files arrive right, and what did they change?"""

from __future__ import annotations

import streamlit as st

from channelopt.inbox import WAITING
from pages.parts import cache, state
from pages.parts.inbox import inbox_state
from pages.parts.language import t
from pages.parts.upload.drops import dropped, from_inbox
from pages.parts.upload.history import import_history
from pages.parts.upload.receipts import file_receipts, store_button
from pages.parts.upload.waiting import inbox_section
from pages.parts.widgets import title

passport = cache.ledger().passport()
title(
    t("Drop your raw exports here.")
    if passport.files == 0
    else t("{n:count} {n:plural:file|files} in; drop newer ones any time.", n=passport.files)
)
st.markdown(
    t(
        "Ad platform reports, an offline cost table and your CRM lead list or total sales, exactly as"
        " exported (CSV, TSV, XLSX, XLS, or a zip of them). Nothing leaves this machine."
    )
)
files = st.file_uploader(
    t("Files"),
    accept_multiple_files=True,
    key=state.uploader_key(),
    label_visibility="collapsed",
)
inbox = inbox_state(cache.ledger().where)
receipts = file_receipts([*dropped(files or []), *from_inbox(inbox.folder / WAITING, state.opened_waiting())])
store_button(receipts)
inbox_section(inbox)
import_history(cache.ledger())

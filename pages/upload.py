"""Upload: did my files arrive right, and what did they change?"""

from __future__ import annotations

import streamlit as st

from pages.parts import cache, state
from pages.parts.history import import_history
from pages.parts.language import t
from pages.parts.receipts import file_receipts, store_button
from pages.parts.widgets import title

passport = cache.ledger().passport()
title(
    t("Drop your raw exports here.")
    if passport.files == 0
    else t("{n:count} {n:plural:file|files} in; drop newer ones any time.", n=passport.files)
)
st.markdown(
    t(
        "Ad platform reports, an offline cost table and your CRM lead list, exactly as exported"
        " (CSV, TSV or XLSX). Nothing leaves this machine."
    )
)
files = st.file_uploader(
    t("Files"),
    accept_multiple_files=True,
    key=state.uploader_key(),
    label_visibility="collapsed",
)
receipts = file_receipts(files or [])
store_button(receipts)
import_history(cache.ledger())

"""A progress bar that appears when work takes long, with a way to stop it."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from pages.parts.language import t

#: Work shorter than this shows nothing.
PATIENCE_S = 0.6


class Progress:
    """Hand ``step`` to work that tells how far it is; clicking Cancel stops the work.

    Streamlit ends a running script when the reader clicks: the next ``step`` raises, and
    work that is all or nothing leaves nothing behind.
    """

    def __init__(self, text: str, key: str, on_cancel: Callable[[], None] | None = None) -> None:
        self._text, self._key, self._on_cancel = text, key, on_cancel
        self._place = st.empty()
        self._bar: st.delta_generator.DeltaGenerator | None = None
        self._start = time.monotonic()

    def step(self, done: int, total: int) -> None:
        """Show how far the work is."""
        if self._bar is None:
            if time.monotonic() - self._start < PATIENCE_S:
                return
            with self._place.container(horizontal=True, vertical_alignment="center"):
                self._bar = st.progress(0.0, self._text)
                if self._on_cancel:
                    st.button(t("Cancel"), key=self._key, on_click=self._on_cancel, icon=":material/close:")
        self._bar.progress(min(done / max(total, 1), 1.0), self._text)

    def end(self) -> None:
        """Take the bar away."""
        self._place.empty()

"""Files made on a click: Streamlit makes them outside of any session, so what they are made for is kept."""

from __future__ import annotations

from collections.abc import Callable

from pages.parts import state
from pages.parts.language import current_currency, language


def later(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """The same file, made in the language, currency and workspace of the page that offers it."""
    held = {
        state.LANGUAGE: language(),
        state.CURRENCY: current_currency(),
        state.WORKSPACE: state.current_workspace(),
    }

    def made() -> bytes:
        with state.hold(held):
            return make()

    return made

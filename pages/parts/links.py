"""Choices kept in the address by their key, so that a link means the same in every language.

Streamlit's own binding writes the label a choice is shown under, which changes with the
language; here the key itself stands in the address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.parts import state
from pages.parts.language import t


def from_address(key: str, options: Sequence[str], default: str) -> None:
    """Before the widget is drawn: take its value from the address when that has changed."""
    seen = state.address_seen()
    given = st.query_params.get(key)
    if given is not None and given != seen.get(key) and given in options:
        st.session_state[key] = given
    if st.session_state.get(key) not in options:
        st.session_state[key] = default


def to_address(key: str) -> None:
    """After the widget is drawn: keep its value in the address."""
    value = str(st.session_state[key])
    if st.query_params.get(key) != value:
        st.query_params[key] = value
    state.address_seen()[key] = value


def view_switch(key: str, names: Mapping[str, str], default: str | None = None) -> str:
    """The switch between the views of a page, kept in the address.

    Args:
        key: session key of the choice, and its name in the address.
        names: view → its name in the reader's language, in the order shown.
        default: the view of a fresh visit; the first one when left out.

    Returns:
        The view that is shown.
    """
    views = tuple(names)
    from_address(key, views, default or views[0])
    view = st.segmented_control(
        t("View"),
        views,
        required=True,
        format_func=lambda one: names[one],
        key=key,
        label_visibility="collapsed",
    )
    to_address(key)
    return str(view)

"""What the reader sees when something fails: a sentence with what to do, never a stack trace."""

from __future__ import annotations

import logging
import uuid

import streamlit as st

from channelopt.errors import ChannelOptError
from pages.parts.language import t
from pages.parts.say import say, say_error

LOG = logging.getLogger("channelopt")


def show_error(error: Exception) -> bool:
    """Show a refusal in the reader's words, anything else as a numbered bug report."""
    if isinstance(error, ChannelOptError):
        LOG.warning("refused: %s", error)
        show_refusal(error)
        return True
    number = uuid.uuid4().hex[:8]
    LOG.error("bug %s", number, exc_info=error)
    st.error(
        t(
            "Something broke on our side; your data is as it was. Reload the page. If it happens"
            " again, send report {number} with the log to whoever runs this dashboard.",
            number=number,
        ),
        icon=":material/bug_report:",
    )
    return True


def show_refusal(error: ChannelOptError) -> None:
    """A refusal as one sentence, with the findings that led to it."""
    st.error(say_error(error), icon=":material/error:")
    for finding in error.findings:
        st.caption(say(finding))

"""What changed since the last visit: files, tests, decisions and levels of channels, in one line each."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import streamlit as st

from pages.parts import cache, state
from pages.parts.language import day, language, t

PAGE = "overview"


def since_last_visit() -> None:
    """Lines of what came since the page was last looked at on an earlier day; nothing on the first visit."""
    today = dt.date.today()
    ledger = cache.ledger()
    last: dt.datetime | None = cache.made(
        ("last_seen", today.isoformat()), lambda: ledger.last_seen(PAGE, today)
    )
    cache.made(
        ("seen", today.isoformat()), lambda: ledger.note_seen(PAGE, today, ledger.version, by=state.USER)
    )
    if last is None:
        return
    lines: list[str] = cache.made(("since", last.isoformat(), language()), lambda: _lines(last))
    heading = t("Since your last visit on {when}", when=day(last))
    with st.expander(f"{heading}: {lines[0]}" if lines else f"{heading}: {t('nothing changed')}"):
        for line in lines:
            st.markdown("- " + line)


def _lines(last: dt.datetime) -> list[str]:
    events = cache.ledger().events_since(last)
    counts = Counter(str(what) for what in events["what"])
    found = []
    if counts["import"]:
        found.append(t("{n:count} {n:plural:file|files} came in", n=counts["import"]))
    if counts["undone"]:
        found.append(t("{n:count} {n:plural:import was|imports were} undone", n=counts["undone"]))
    if counts["experiment planned"] + counts["experiment changed"]:
        n = counts["experiment planned"] + counts["experiment changed"]
        found.append(t("{n:count} {n:plural:test was|tests were} planned or changed", n=n))
    if counts["decided"]:
        found.append(t("{n:count} {n:plural:decision|decisions} taken", n=counts["decided"]))
    if counts["scenario made"] + counts["scenario changed"]:
        n = counts["scenario made"] + counts["scenario changed"]
        found.append(t("{n:count} {n:plural:scenario was|scenarios were} saved or changed", n=n))
    if counts["stage begun"]:
        found.append(t("a new stage began"))
    if counts["policy"] + counts["cost added"] + counts["cost removed"] + counts["rate"]:
        found.append(t("settings were changed"))
    return found

"""Next week's share of every hook: the split, how sure it is, the floor, and where nothing is rotated."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from channelopt.plan.hooknames import hooks_named
from channelopt.plan.hookrotation import HookRotation, hook_rotation
from channelopt.plan.hooks import channels_of
from channelopt.report.tables import to_csv
from pages.parts import cache
from pages.parts.escape import md
from pages.parts.experiments.tests import tests
from pages.parts.language import count, current_currency, language, money, percent, t
from pages.parts.later import later
from pages.parts.say import say
from pages.parts.widgets import ICONS, finding_lines


def _rotated() -> HookRotation:
    ledger = cache.ledger()
    daily = cache.daily("day", "channel", "campaign")
    hooks = hooks_named(daily, ledger.inputs("hooks").get("of", {}), cache.labels())
    of = channels_of(ledger.experiments())
    running = {of.get(one.number, "") for one in tests() if one.state == "running"}
    return hook_rotation(daily, hooks, running, ledger.policy)


def rotation_box() -> None:
    """The split of the coming week, by channel."""
    found: HookRotation = cache.made(("hook_rotation", language()), _rotated)
    st.markdown("**" + t("Next week's split among the hooks of a channel") + "**")
    if len(found.table):
        table = cache.made(("rotation_table", language()), lambda: _table(found))
        st.table(table, hide_index=True, border="horizontal")
        st.markdown(cache.made(("rotation_notes", language()), lambda: _notes(found)))
    finding_lines(found.findings)
    if not len(found.table):
        return
    policy = cache.ledger().policy
    st.caption(
        t(
            "By cost per lead, not by what leads buy; older weeks count less. A hook keeps at least {floor}"
            " of its channel's money, so that a change is noticed, and at most {step} of it changes hands in"
            " a week. A campaign that cannot take more, such as brand search, keeps what it uses.",
            floor=percent(max(found.floors.values())),
            step=percent(policy.budget_step),
        )
    )
    st.download_button(
        t("Next week's split as CSV"),
        later(lambda: to_csv(found.table)),
        file_name="channelopt-hooks.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _notes(found: HookRotation) -> str:
    """One line per channel: who leads, how surely, and where the steps lead."""
    labels, lines = cache.labels(), []
    for channel, notes in found.notes.items():
        for note in notes:
            icon = "" if note.severity == "info" else ICONS[note.severity] + " "
            lines.append(f"- {icon}**{md(labels.get(channel, channel))}**: {say(note)}")
    return "\n".join(lines)


def _table(found: HookRotation) -> pd.DataFrame:
    labels, currency = cache.labels(), current_currency()
    valid = bool((found.table["counted"] == "valid_leads").all())
    rows = [
        (
            md(labels.get(r.channel, r.channel)), "**" + md(r.hook) + "**", percent(r.now),
            f"{_way(r.next - r.now)}**{percent(r.next)}**", percent(r.chance_best),
            md(money(r.cpl, currency, whole=True)),
            md(f"{money(r.cpl_low, currency, whole=True)} – {money(r.cpl_high, currency, whole=True)}"),
            count(r.leads) if valid or r.counted != "valid_leads" else t("{n} valid", n=count(r.leads)),
        )
        for r in found.table.itertuples()
    ]  # fmt: skip
    names = [
        t("Channel"), t("Hook"), t("Share now"), t("Share next week"), t("Chance to be the best"),
        t("Cost per valid lead") if valid else t("Cost per lead"), t("Likely range"),
        t("Valid leads") if valid else t("Leads"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _way(change: float) -> str:
    """Up, down or level, as a sign."""
    sign = "=" if abs(change) < 0.005 else "▲" if change > 0 else "▼"
    return sign + "\u00a0"

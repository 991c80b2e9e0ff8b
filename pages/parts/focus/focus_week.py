"""The coming week: each channel's step of budget and bid, with its reason, as a list to carry out."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from channelopt.measure.tiers import tiers
from channelopt.plan.weekly import WeeklySteps, lead_quality, weekly_steps
from channelopt.report.mediaplan import week_settings
from channelopt.report.tables import to_csv, to_xlsx
from pages.parts import cache
from pages.parts.escape import literal, md
from pages.parts.focus.focus_leads import features, intent
from pages.parts.focus.focus_views import curves, missing
from pages.parts.language import current_currency, language, money, percent, roi, signed, t
from pages.parts.later import later
from pages.parts.say import say
from pages.parts.widgets import empty_state, finding_lines, page_path


def _steps() -> WeeklySteps | None:
    """The steps of the coming week; None where no curve can be learned."""
    known = curves()
    if known is None:
        return None
    with st.spinner(t("Working out this week's steps …")):
        found: WeeklySteps = cache.made(
            ("week_steps",),
            lambda: weekly_steps(
                known, cache.diagnosis(), _quality(), cache.ledger().policy, bidding=_bidding()
            ),
        )
    return found


def _bidding() -> set[str]:
    """Channels with clicks: the others, such as stands and leaflets, have no bid."""
    daily = cache.daily("day", "channel")
    clicks = daily.groupby("channel", observed=True)["clicks"].sum()
    return {str(name) for name in clicks.index[clicks > 0]}


def _quality() -> pd.DataFrame | None:
    """How the worth of each channel's leads changed; None while leads are not scored."""
    model = intent()
    return lead_quality(tiers(model, features(), open_only=False).table) if model.scores else None


def week_title() -> str:
    """The largest step up and the largest step down, as a sentence."""
    steps = _steps()
    if steps is None:
        return t("What to set this week?")
    up, down = steps.largest
    labels = cache.labels()
    names = {"up": labels.get(up, up), "down": labels.get(down, down)}
    if up and down:
        return t("This week: raise {up} most, take most from {down}.", **names)
    if up or down:
        return (
            t("This week: raise {up} most.", **names) if up else t("This week: lower {down} most.", **names)
        )
    return t("This week no budget is worth moving.")


def week_view() -> None:
    """The list, what limits it, and the file for whoever sets it."""
    steps = _steps()
    if steps is None:
        empty_state(
            t("Too little to step by"), missing(t("Steps appear when the data say what each channel brings."))
        )
        return
    policy, currency = cache.ledger().policy, current_currency()
    last = cache.diagnosis().day_last or dt.date.today()
    st.markdown(
        t(
            "For the week after your data, which end on {last:date}: {total} a day in all. In a week no"
            " budget moves by more than {budget} and no bid by more than {bid}.",
            last=last,
            total=money(steps.total, currency, whole=True),
            budget=percent(policy.budget_step),
            bid=percent(policy.bid_step),
        )
    )
    st.table(
        cache.made(("week_table", language()), lambda: _table(steps)), hide_index=True, border="horizontal"
    )
    finding_lines(steps.findings)
    _exports(steps, last)
    st.caption(
        t(
            "Two ways to move budgets: take one, not both. These steps keep every channel that pays and"
            " answer to each week's data. The way under “Where the money goes” leads to the chosen channels"
            " only. Bids go with either."
        )
    )


def _table(steps: WeeklySteps) -> pd.DataFrame:
    labels, currency = cache.labels(), current_currency()
    rows = [
        (
            "**" + md(labels.get(r.channel, r.channel)) + "**", md(money(r.today, currency, whole=True)),
            md(money(r.next, currency, whole=True)),
            _arrow(r.change), _arrow(r.bid_factor - 1), roi(r.mroi),
            f"{say(r.reason)} {say(r.bid_reason)}",
        )
        for r in steps.by_move.itertuples()
    ]  # fmt: skip
    names = [
        t("Channel"), t("A day now"), t("A day next week"), t("Budget"), t("Bid"),
        t("Next unit brings"), t("Why"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _arrow(change: float) -> str:
    """A change with its direction as a sign: never colour alone."""
    if change != change:
        return "–"
    if abs(change) < 0.005:
        return "=\u00a0" + percent(0.0)
    return ("▲\u00a0" if change > 0 else "▼\u00a0") + signed(change, 0).replace("-", "\u2212")


def _exports(steps: WeeklySteps, last: dt.date) -> None:
    """The steps as CSV and Excel, to be carried out elsewhere."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            t("This week as Excel"),
            later(lambda: to_xlsx({"week": _sheet(steps, last)})),
            file_name="channelopt-week.xlsx",
            icon=":material/download:",
            on_click="ignore",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        st.download_button(
            t("This week as CSV"),
            later(lambda: to_csv(_sheet(steps, last))),
            file_name="channelopt-week.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.page_link(page_path("settings"), label=t("Change the step limits"), icon=":material/tune:")


def _sheet(steps: WeeklySteps, last: dt.date) -> pd.DataFrame:
    table = week_settings(steps.table, last, cache.labels())
    return table.assign(
        why=[literal(say(f)) for f in steps.table["reason"]],
        why_bid=[literal(say(f)) for f in steps.table["bid_reason"]],
    )

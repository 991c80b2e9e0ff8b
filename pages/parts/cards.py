"""Cards: the five numbers of the account, and one card per verdict."""

from __future__ import annotations

from typing import Any

import streamlit as st

from channelopt.plan.diagnosis import Diagnosis
from channelopt.watch import Summary, Whole
from pages.parts import cache, state
from pages.parts.escape import md
from pages.parts.labels import VERDICTS, verdict_word
from pages.parts.language import current_currency, money, percent, roi, t
from pages.parts.say import say
from pages.parts.trace import trace_button
from pages.parts.widgets import page_path


def _card(label: str, value: str, weekly: Any, **more: Any) -> None:
    points = [round(float(v), 4) for v in weekly if v == v]
    st.metric(label, value, border=True, height="stretch", chart_data=points or None, **more)


def _delta(summary: Summary, name: str, colour: str) -> dict[str, Any]:
    change = summary.delta[name]
    if change != change:
        return {}
    return {
        "delta": 0 if abs(change) < 0.005 else ("+" if change > 0 else "") + percent(change),
        "delta_color": colour,
        "delta_description": t("28 days"),
    }


def _free(summary: Summary, currency: str) -> dict[str, Any]:
    """How much of the revenue cost nothing: the ROI leaves it out, so revenue ÷ spend is more."""
    if not summary.free_revenue > 0:
        return {}
    part = money(summary.free_revenue, currency, compact=True)
    return {
        "delta": t("{part} from channels without cost", part=part),
        "delta_color": "off",
        "delta_arrow": "off",
        "help": t("The ROI counts only channels that cost something; this part is not in it."),
    }


def kpi_row(summary: Summary, immature_from: Any, business: Whole | None = None) -> None:
    """Spend, revenue, ROI, CPC and CPL, each with its weeks and what it is compared with.

    The weeks of revenue and ROI end where leads are still becoming customers. Where only overall results are
    known, they stand in place of both.
    """
    currency, weeks = current_currency(), summary.weekly
    mature = weeks if immature_from is None else weeks[weeks["week"] < immature_from]
    with st.grid(5, min_column_width=150, gap="small"):
        _card(
            t("Spend"),
            money(summary.spend, currency, compact=True),
            weeks["spend"],
            **_delta(summary, "spend", "off"),
        )
        if business is not None and business.only:
            _business_cards(business, currency)
        else:
            _return_cards(summary, mature, currency)
        _card(
            t("Cost per click"),
            money(summary.cpc, currency),
            weeks["cpc"],
            **_delta(summary, "cpc", "inverse"),
        )
        _card(
            t("Cost per lead"),
            money(summary.cpl, currency),
            weeks["cpl"],
            **_delta(summary, "cpl", "inverse"),
        )


def _return_cards(summary: Summary, mature: Any, currency: str) -> None:
    """Revenue and ROI as channels are credited."""
    _card(
        t("Revenue so far"),
        money(summary.revenue, currency, compact=True),
        mature["revenue"],
        **_free(summary, currency),
    )
    _card(
        t("ROI"),
        roi(summary.roi),
        mature["roi"],
        help=t(
            "Revenue per 1 of full cost, with the customers still to come."
            " Seen so far: {seen}. ROMI is ROI minus 1.",
            seen=roi(summary.roi_as_seen),
        ),
    )


def _business_cards(business: Whole, currency: str) -> None:
    """Revenue of all channels together, and what it is per 1 of spend."""
    quiet: dict[str, Any] = {"delta_color": "off", "delta_arrow": "off"}
    weeks = business.weekly
    _card(
        t("Revenue of all channels"),
        money(business.revenue, currency, compact=True),
        weeks["revenue"],
        delta=t("paid or not"),
        **quiet,
    )
    _card(
        t("Revenue per 1 spent"),
        roi(business.blended),
        weeks["blended"],
        delta=t("all over all"),
        help=t(
            "All revenue over all spend (blended ROI, MER). Part of it would have come without ads, so it is"
            " not what the ads return."
        ),
        **quiet,
    )


def verdict_cards(diagnosis: Diagnosis, channels: list[str], columns: int) -> None:
    """One card per channel, in the order given."""
    rows = {str(row.channel): row for row in diagnosis.verdicts.itertuples()}
    with st.grid(columns, min_column_width=256, gap="small") as grid:
        for channel in channels:
            with grid.cell(), st.container(border=True, height="stretch", gap="small"):
                _verdict_card(rows[channel])


def verdict_badge(verdict: str) -> None:
    """The verdict as word, icon and colour."""
    look = VERDICTS[verdict]
    st.badge(verdict_word(verdict), icon=look.icon, color=look.badge)


def _verdict_card(row: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        verdict_badge(row.verdict)
        st.markdown(f"**{md(cache.labels().get(row.channel, row.channel))}**")
    if row.roi == row.roi and row.verdict != "unknown":
        st.markdown(f"### {md(roi(row.roi))}")
    main, *others = row.reasons
    st.markdown(say(main))
    if row.spend > 0:
        st.caption(
            t(
                "{spend:money} spent, {share:percent} of all."
                " Plain rule (seen so far, no doubt counted): {plain}.",
                spend=row.spend,
                share=row.spend_share,
                plain=verdict_word(row.plain_verdict),
            )
        )
    if others:
        with st.expander(t("Evidence and what would change this")):
            for reason in others:
                st.markdown("- " + say(reason))
    trace_button(row.channel, f"trace_{row.channel}")
    st.page_link(
        page_path("diagnosis"),
        label=t("See it step by step"),
        icon=":material/arrow_forward:",
        query_params=state.for_address(view="why", channel=row.channel),
    )

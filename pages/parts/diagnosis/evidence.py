"""The evidence behind a verdict: the table of all channels, and one channel step by step."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.gates import in_order
from channelopt.report.tables import to_csv, to_xlsx
from channelopt.watch import rolling
from pages.parts import cache, state
from pages.parts.labels import verdict_word
from pages.parts.language import count, current_currency, language, money, percent, roi, t
from pages.parts.later import later
from pages.parts.links import view_switch
from pages.parts.say import say
from pages.parts.trace import trace_panel


def _names() -> dict[str, str]:
    return {
        "channel": t("Channel"),
        "verdict": t("Verdict"),
        "roi": t("ROI"),
        "range": t("Likely range"),
        "roi_trend": t("ROI, weekly"),
        "spend": t("Spend"),
        "trend": t("Spend, weekly"),
        "cpc": t("Cost per click"),
        "cpc_range": t("Its weekly range"),
        "cpl": t("Cost per lead"),
        "cpvl": t("Cost per valid lead"),
        "cac": t("Cost per customer"),
        "spend_share": t("Share of spend"),
        "leads": t("Leads"),
        "customers": t("Customers"),
    }


def _table(diagnosis: Diagnosis) -> pd.DataFrame:
    currency, names = current_currency(), _names()
    daily = cache.daily("day", "channel")
    series = {
        metric: {
            c: p["value"].dropna().round(3).tolist()[::7]
            for c, p in rolling(daily, metric).groupby("channel")
        }
        for metric in ("spend", "roi")
    }
    found = {str(row.channel): row for row in diagnosis.verdicts.itertuples()}
    rows = [_table_row(found[key], currency, series) for key in in_order(diagnosis.verdicts)]
    return pd.DataFrame(rows, columns=list(names))


def _span(low: str, high: str) -> str:
    """From … to; one dash where neither is known."""
    return "–" if low == high == "–" else f"{low} – {high}"


def _table_row(row: Any, currency: str, series: dict[str, dict[str, list[float]]]) -> dict[str, Any]:
    return {
        "channel": cache.labels().get(row.channel, row.channel),
        "verdict": verdict_word(row.verdict),
        "roi": roi(row.roi),
        "range": _span(roi(row.roi_low), roi(row.roi_high)),
        "spend": money(row.spend, currency, compact=True),
        "spend_share": percent(row.spend_share),
        "cpc": money(row.cpc, currency),
        "cpc_range": _span(money(row.cpc_p10, currency), money(row.cpc_p90, currency)),
        "cpl": money(row.cpl, currency),
        "cpvl": money(row.cpvl, currency),
        "cac": money(row.cac, currency),
        "leads": count(row.leads),
        "customers": count(row.customers),
        "trend": series["spend"].get(row.channel, []),
        "roi_trend": series["roi"].get(row.channel, []),
    }


def verdict_table(diagnosis: Diagnosis) -> None:
    """All channels in one table with sparklines, and its download."""
    names = _names()
    config: dict[str, Any] = {key: st.column_config.TextColumn(name) for key, name in names.items()}
    config["channel"] = st.column_config.TextColumn(names["channel"], pinned=True)
    config["trend"] = st.column_config.BarChartColumn(names["trend"], y_min=0)
    config["roi_trend"] = st.column_config.LineChartColumn(names["roi_trend"], y_min=0)
    frame = cache.made(("table", language()), lambda: _table(diagnosis))
    event = st.dataframe(
        frame,
        column_config=config,
        hide_index=True,
        key="verdicts",
        alt=t("Verdicts"),
        on_select="rerun",
        selection_mode="single-row",
    )
    st.caption(t("Select a row to see where its numbers come from."))
    for place in event["selection"]["rows"]:
        with st.container(border=True):
            trace_panel(in_order(diagnosis.verdicts)[place])
    with st.container(horizontal=True):
        st.download_button(
            t("Download CSV"),
            later(lambda: to_csv(export_frame(diagnosis))),
            file_name="channelopt-verdicts.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            t("Download Excel"),
            later(lambda: to_xlsx(_sheets(diagnosis))),
            file_name="channelopt-verdicts.xlsx",
            icon=":material/download:",
            on_click="ignore",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )


def _sheets(diagnosis: Diagnosis) -> dict[str, pd.DataFrame]:
    return {"verdicts": export_frame(diagnosis), "daily": cache.daily("day", "channel")}


def export_frame(diagnosis: Diagnosis) -> pd.DataFrame:
    """The verdicts with plain numbers, and the reasons as sentences in the reader's language."""
    frame = diagnosis.verdicts.copy()
    frame.insert(1, "name", [cache.labels().get(c, c) for c in frame["channel"]])
    frame["reasons"] = [" ".join(_unescaped(say(reason)) for reason in found) for found in frame["reasons"]]
    return frame


def _unescaped(text: str) -> str:
    return text.replace("\\", "").replace("\u2060", "")


def diagnosis_view() -> str:
    """Which view of the diagnosis is shown."""
    names = {
        "cards": t("Verdicts"),
        "why": t("Why: one channel step by step"),
        "steps": t("Steps and prices"),
        "traffic": t("Traffic"),
        "paths": t("Paths"),
        "costs": t("Costs"),
        "table": t("Table"),
    }
    return view_switch(state.VIEW, names)

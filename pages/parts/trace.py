"""Where a number comes from: its formula with the numbers put in, the files and the rows behind it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from channelopt.measure.trace import STEPS, Trace, trace
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.gates import in_order
from channelopt.report.tables import to_csv
from pages.parts import cache
from pages.parts.escape import md
from pages.parts.labels import model_names
from pages.parts.language import count, current_currency, day, money, percent, roi, t
from pages.parts.later import later
from pages.parts.say import field_names
from pages.parts.widgets import page_path

MONEY_FIELDS = ("spend", "cost", "revenue")
SHOWN_ROWS = 200
#: Figures that are shares of their bottom.
SHARES = ("ctr", "cvr", *(spec.name for spec in STEPS if spec.name != "dwell"))


def metric_names() -> dict[str, str]:
    """The figures that can be traced, in the reader's words, the one asked for most first."""
    return {
        "roi": t("ROI (1:N)"),
        "roas": t("Return on media"),
        "cpc": t("Cost per click"),
        "cpl": t("Cost per lead"),
        "cpvl": t("Cost per valid lead"),
        "cac": t("Cost per customer"),
        "cvr": t("Leads per click"),
        "ctr": t("Clicks per impression"),
        "cpm": t("Cost per 1,000 impressions"),
        "visit_rate": t("Visits per click"),
        "form_rate": t("Forms opened per visit"),
        "lead_rate": t("Leads per visit"),
        "sent_rate": t("Leads per form opened"),
        "valid_rate": t("Share of valid leads"),
        "qualified_rate": t("Qualified per valid lead"),
        "customer_rate": t("Customers per qualified lead, as seen"),
        "bounce_rate": t("Share of visits that leave at once"),
        "dwell": t("Time per visit"),
    }


def trace_button(channel: str, key: str) -> None:
    """A button that opens the way back from a channel's numbers to the files."""
    if st.button(
        t("Where do these numbers come from?"), icon=":material/account_tree:", key=key, type="tertiary"
    ):
        name = cache.labels().get(channel, channel)
        st.dialog(t("{channel}: where the numbers come from", channel=name), width="large")(trace_panel)(
            channel
        )


def trace_any(diagnosis: Diagnosis, key: str) -> None:
    """A choice of channel beside the button, for views of all channels."""
    channels = in_order(diagnosis.verdicts)
    labels = cache.labels()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        channel = st.selectbox(
            t("Numbers of"),
            channels,
            format_func=lambda c: labels.get(c, c),
            key=f"trace_of_{key}",
            width=240,
        )
        trace_button(channel, f"trace_any_{key}")


def trace_panel(channel: str) -> None:
    """Formula, files and rows of one channel's numbers."""
    names = metric_names()
    known = [metric for metric in names if _traced(channel, metric).value == _traced(channel, metric).value]
    if not known:
        st.caption(t("No number of this channel can be worked out yet."))
    else:
        metric = st.selectbox(
            t("Number"), known, format_func=names.__getitem__, key=f"trace_metric_{channel}"
        )
        _formula(channel, _traced(channel, metric), names[metric])
        model = cache.ledger().policy.attribution
        if model != "recorded":
            st.caption(
                t(
                    "Leads and revenue are shared by the model in force ({model}), so they differ from the"
                    " rows below, which stand where your lead list puts them.",
                    model=model_names()[model],
                )
            )
    _files(channel)
    _rows(channel)


def _traced(channel: str, metric: str) -> Trace:
    def make() -> Trace:
        row = cache.diagnosis().verdicts.set_index("channel").loc[channel]
        return trace(cache.daily("day", "channel"), channel, metric, float(row["maturity"]))

    found: Trace = cache.made(("trace", channel, metric), make)
    return found


def _amount(field: str, value: float) -> str:
    return money(value, current_currency()) if field in MONEY_FIELDS else count(value)


def _value(found: Trace) -> str:
    if found.metric in ("roi", "roas"):
        return roi(found.value)
    if found.metric == "dwell":
        return t("{n:count} s", n=found.value)
    if found.metric in SHARES:
        return percent(found.value, 2)
    return money(found.value, current_currency())


def _field(name: str) -> str:
    return {**field_names(), "spend": t("Media spend"), "cost": t("Full cost")}.get(name, name)


def _formula(channel: str, found: Trace, name: str) -> None:
    """The figure as its sums, then the days they run over."""
    steps = f"{_field(found.top)} {_amount(found.top, found.top_sum)}"
    steps += f" ÷ {_field(found.bottom)} {_amount(found.bottom, found.bottom_sum)}"
    if found.scale != 1:
        steps += f" × {count(found.scale)}"
    if found.visible != 1:
        steps += " ÷ " + t("share of customers visible yet") + f" {percent(found.visible, 1)}"
    with st.container(border=True):
        st.markdown(f"**{md(name)} {md(_value(found))}**")
        st.markdown(f"= {md(steps, 300)}")
        if found.first is not None:
            st.caption(
                t(
                    "Sums over {n:count} {n:plural:day|days} from {first:date} to {last:date};"
                    " {left:count} {left:plural:day|days} that know only one side are left out.",
                    n=found.days,
                    first=found.first,
                    last=found.last,
                    left=found.left_out,
                )
            )
        if found.bottom == "cost":
            _cost_parts(channel)


def _cost_parts(channel: str) -> None:
    table = cache.made(("cost_structure",), lambda: cache.ledger().cost_structure()).set_index("channel")
    if channel in table.index:
        row = table.loc[channel]
        st.caption(
            t(
                "Full cost: {spend:money} media, {explicit:money} explicit, {hidden:money} hidden and"
                " {opportunity:money} opportunity costs.",
                **{name: float(row[name]) for name in ("spend", "explicit", "hidden", "opportunity")},
            )
        )


def _files(channel: str) -> None:
    kinds = {"spend": t("Spend export"), "site": t("Site visits"), "leads": t("Lead list")}
    files: pd.DataFrame = cache.made(("behind", channel), lambda: cache.ledger().behind(channel))
    shown = {
        t("File"): [str(r.name_) for r in files.rename(columns={"name": "name_"}).itertuples()],
        t("Kind"): [kinds.get(str(kind), str(kind)) for kind in files["kind"]],
        t("Rows that count"): [
            t("{n:count} of {all:count}", n=float(r.rows), all=float(r.file_rows)) for r in files.itertuples()
        ],
        t("Spend or revenue"): [money(float(v), current_currency()) for v in files["money"]],
        t("Days"): [f"{day(r.first, year=False)} – {day(r.last)}" for r in files.itertuples()],
    }
    st.markdown("**" + t("Files behind them") + "**")
    st.dataframe(shown, hide_index=True, key=f"trace_files_{channel}", height=min(260, 38 + 35 * len(files)))
    st.page_link(
        page_path("upload"), label=t("See the imports on the Upload page"), icon=":material/arrow_forward:"
    )


def _rows(channel: str) -> None:
    kinds = {"spend": t("Rows of spend"), "leads": t("Rows of leads")}
    st.markdown("**" + t("Rows behind them") + "**")
    kind = st.segmented_control(
        t("Rows behind them"), list(kinds), default="spend", required=True, format_func=kinds.__getitem__,
        key=f"trace_kind_{channel}", label_visibility="collapsed",
    )  # fmt: skip
    rows: pd.DataFrame = cache.made(
        ("rows_behind", channel, str(kind)), lambda: cache.ledger().rows_behind(channel, str(kind))
    )
    if rows.empty:
        st.caption(t("None."))
        return
    shown = rows.head(SHOWN_ROWS)
    shown = shown.loc[
        :, [not (shown[name].isna() | (shown[name].astype("str") == "")).all() for name in shown]
    ]
    st.dataframe(
        shown.rename(columns=_column_names()),
        hide_index=True,
        key=f"trace_rows_{channel}_{kind}",
        height=240,
        column_config={name: st.column_config.DateColumn(format="YYYY-MM-DD") for name in _days()},
    )
    st.download_button(
        t("Download all {n:count} rows as CSV", n=len(rows)),
        later(lambda: to_csv(rows)),
        file_name=f"channelopt-rows-{kind}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"trace_download_{channel}_{kind}",
    )


def _days() -> tuple[str, ...]:
    names = _column_names()
    return tuple(str(names[key]) for key in ("day", "day_end", "created_at", "qualified_at", "customer_at"))


def _column_names() -> dict[str, Any]:
    return {
        **field_names(),
        "spend": t("Media spend"),
        "file": t("File"),
        "line": t("Line"),
        "account": t("Account"),
        "currency": t("Currency"),
        "ad_group": t("Ad group"),
        "ad": t("Ad"),
        "lines": t("Lines summed"),
        "day_end": t("Until"),
        "qualified_at": t("Qualified at"),
        "person": t("Person (code)"),
    }

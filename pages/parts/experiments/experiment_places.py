"""Inputs of a test by region or by weeks in turn."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from channelopt.experiments.record import region_settings, weeks_settings
from channelopt.experiments.regions_design import plan_regions
from channelopt.experiments.rows import Variants, campaign_rows, campaigns_of, history_of
from channelopt.experiments.switchback_design import plan_switchback
from pages.parts import cache
from pages.parts.experiments.experiment_card import Draft
from pages.parts.experiments.tests import metric_names
from pages.parts.language import current_currency, t

OUTCOMES = ("revenue", "customers", "valid_leads", "leads")
WEEK_METRICS = ("cpl", "cpvl", "cpc", "ctr", "cvr")
#: Days a test by region may take.
LENGTHS = (14, 21, 28, 42, 56)


def regions_draft(kind: str) -> Draft | None:
    """Spend is changed in some regions, drawn by lot; the others show what would have been."""
    tables: pd.DataFrame = cache.made(("variant_tables",), cache.ledger().variant_tables)
    known = [str(x) for x in tables.loc[tables["regions"].map(len) >= 2, "experiment"]]
    if not known:
        st.info(
            t(
                "Upload the history of your regions first: one row per day and region with spend and leads,"
                " customers or revenue, three months or more."
            ),
            icon=":material/upload_file:",
        )
        return None
    labels = metric_names()
    left, right = st.columns(2)
    table = left.selectbox(t("Regions of"), known, key="regions_of")
    frame: pd.DataFrame = cache.made(("variant_facts", table), lambda: cache.ledger().variant_rows(table))
    outcomes = [c for c in OUTCOMES if frame[c].fillna(0).sum() > 0]
    if not outcomes:
        st.caption(t("These rows have no figures to judge by."))
        return None
    outcome = right.selectbox(t("Judged by"), outcomes, format_func=lambda m: labels[m], key="region_outcome")
    names = cache.labels()
    several = ["", *names]
    channel = left.selectbox(
        t("Whose spend is changed"), several, key="region_channel",
        format_func=lambda c: names.get(c, t("several, or none of these")),
        help=t("The result then pulls the response curve of this channel."),
    )  # fmt: skip
    change = left.slider(t("Change of spend in the chosen regions"), -100, 200, -100, 10, format="%d%%")
    share = right.slider(t("Share of the regions that get it"), 10, 50, 50, 5, format="%d%%")
    days = left.selectbox(t("Length"), LENGTHS, 2, format_func=lambda d: t("{n:count} days", n=d))
    small = right.slider(
        t("Smallest effect worth acting on"), 2, 60, 10, 1, format="%d%%", key="region_small"
    )
    value = 1.0
    if outcome != "revenue":
        value = left.number_input(
            t("What one is worth, {currency}", currency=current_currency()), 0.0, None, 0.0, 10.0
        )
    if change == 0:
        st.caption(t("Without a change of spend there is nothing to test."))
        return None
    asked = (table, outcome, change, share, days, small, value)
    plan = cache.made(
        ("region_plan", *asked),
        lambda: plan_regions(
            frame, outcome, smallest=small / 100, share=share / 100, days=int(days), change=change / 100,
            value_per_unit=float(value),
        ),
    )  # fmt: skip
    return Draft(plan, region_settings(plan, str(table), kind, str(channel)))


def weeks_draft(kind: str) -> Draft | None:
    """One channel, the old way and the new way in turns."""
    daily = cache.daily("day", "channel", "campaign")
    labels, names = cache.labels(), metric_names()
    left, right = st.columns(2)
    channel = left.selectbox(t("Channel"), list(labels), format_func=lambda c: labels[c], key="week_channel")
    metric = right.selectbox(t("Judged by"), WEEK_METRICS, format_func=lambda m: names[m], key="week_metric")
    campaigns = left.multiselect(t("Campaigns (none: the whole channel)"), campaigns_of(daily, channel),
                                 placeholder=t("choose"))  # fmt: skip
    small = right.slider(t("Smallest effect worth acting on"), 5, 60, 20, 5, format="%d%%", key="week_small")
    block = left.selectbox(t("One turn"), [7, 14, 3], format_func=lambda d: t("{n:count} days", n=d))
    wash = right.selectbox(t("Days left out after a switch"), [1, 0, 2])
    rows = campaign_rows(daily, channel, campaigns)
    history = history_of(Variants(rows.assign(variant="A")), metric)
    if not history.events_per_day > 0:
        st.caption(t("These campaigns have no such figures yet; choose another metric."))
        return None
    asked = (channel, metric, str(campaigns), small, block, wash)
    plan = cache.made(
        ("weeks_plan", *asked),
        lambda: plan_switchback(
            rows, metric, smallest=small / 100, block_days=int(block), washout_days=int(wash),
            value_per_day=history.value_per_day,
        ),
    )  # fmt: skip
    return Draft(plan, weeks_settings(plan, channel, list(campaigns), kind), None, history.value_per_day)

"""The charts of plans: data from the library, words in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.moves import Bar, MoveWords, bands_chart, moves_chart
from channelopt.charts.response import CurvePanels, FrontierWords, curve_panels, frontier_chart
from channelopt.plan.frontier import Frontier
from channelopt.plan.planned import Band
from pages.parts import cache
from pages.parts.escape import literal
from pages.parts.labels import channel_colours
from pages.parts.language import current_currency, money, roi, t
from pages.parts.say import outcome_word
from pages.parts.scenarios.plan_words import amount, cash, floor_text, next_unit, sign, span


def moves_figure(table: pd.DataFrame, receipts: pd.DataFrame) -> go.Figure:
    """Today and proposed, the largest spend on top."""
    words = MoveWords(
        today=t("today"),
        plan=t("proposed"),
        seen=t("spent so far"),
        numbers={row.channel: f"{cash(row.today)} → {cash(row.spend)}" for row in receipts.itertuples()},
        prefix=sign(),
    )
    return moves_chart(table.sort_values("today", ascending=False), cache.labels(), words)


def bands_figure(objective: str, rows: Sequence[tuple[str, Band]]) -> go.Figure:
    """Outcomes of a few spends with their ranges."""
    bars = [
        Bar(name, band.low, band.mid, band.high, f"{amount(objective, band.mid)} ({span(objective, band)})")
        for name, band in rows
    ]
    return bands_chart(bars, sign(objective))


def curves_figure(
    points: pd.DataFrame, marks: pd.DataFrame, objective: str, order: Sequence[str]
) -> go.Figure:
    """One panel per channel."""
    hover = {
        str(row.channel): (
            literal(t("today {spend}: next {next}", spend=cash(row.today),
                      next=next_unit(objective, row.mroi_today))),
            literal(t("proposed {spend}: next {next}", spend=cash(row.plan),
                      next=next_unit(objective, row.mroi_plan))),
        )
        for row in marks.itertuples()
    }  # fmt: skip
    panels = CurvePanels(
        cache.labels(), channel_colours(cache.channels()), order, hover, sign(), sign(objective)
    )
    return curve_panels(points, marks, panels)


def frontier_figure(found: Frontier, objective: str) -> go.Figure:
    """Budget against the best outcome."""
    currency = current_currency()
    hover = [
        t(
            "{budget}: {outcome}, ROI {roi}, last unit {last}",
            budget=money(row.budget, currency, compact=True),
            outcome=amount(objective, row.outcome),
            roi=roi(row.roi),
            last=roi(row.mroi) if row.roi == row.roi else next_unit(objective, row.mroi),
        )
        for row in found.table.itertuples()
    ]
    words = FrontierWords(
        budget=t("Budget over these days"),
        outcome=outcome_word(objective).capitalize(),
        today=t("today"),
        floor=literal(t("last unit still brings {floor}", floor=floor_text())),
        hover=[literal(text) for text in hover],
        prefix=sign(),
        outcome_prefix=sign(objective),
    )
    return frontier_chart(found.table, found.today_budget, found.floor_budget, words)

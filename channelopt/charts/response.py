"""What more or less money on a channel brings, and what the best use of a whole budget brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from channelopt.charts.style import BAND, FAINT, GREY, plain, quiet

ACCENT = "#0072B2"


@dataclass(frozen=True)
class CurvePanels:
    """How the panels are drawn.

    Attributes:
        labels: channel → name.
        colours: channel → hex colour.
        order: channels in drawing order.
        hover: channel → text at today's point and at the proposed one.
        prefix: currency sign before spend.
        outcome_prefix: currency sign before the outcome; empty for counts.
    """

    labels: Mapping[str, str]
    colours: Mapping[str, str]
    order: Sequence[str]
    hover: Mapping[str, tuple[str, str]]
    prefix: str = ""
    outcome_prefix: str = ""


def curve_panels(
    points: pd.DataFrame, marks: pd.DataFrame, panels: CurvePanels, columns: int = 3
) -> go.Figure:
    """One panel per channel: the curve with its band, spend seen so far shaded, today and the proposal.

    Args:
        points: as ``plan.points.curve_points``.
        marks: as ``plan.points.marks``.
        panels: how it is drawn.
        columns: panels side by side.
    """
    rows = max(1, -(-len(panels.order) // columns))
    figure = make_subplots(
        rows=rows, cols=columns, vertical_spacing=0.28 / rows, horizontal_spacing=0.07,
        subplot_titles=[plain(panels.labels.get(c, c), 24) for c in panels.order],
    )  # fmt: skip
    at_mark = marks.set_index("channel")
    for at, channel in enumerate(panels.order):
        place = {"row": at // columns + 1, "col": at % columns + 1}
        part = points[points["channel"] == channel]
        mark = at_mark.loc[channel]
        colour = panels.colours.get(channel, GREY)
        for name, fill in (("outcome_high", None), ("outcome_low", "tonexty")):
            figure.add_scatter(
                x=part["spend"].round(2), y=part[name].round(3), mode="lines", line={"width": 0},
                hoverinfo="skip", fill=fill, fillcolor=_pale(colour), **place,
            )  # fmt: skip
        figure.add_scatter(
            x=part["spend"].round(2), y=part["outcome"].round(3), mode="lines", hoverinfo="skip",
            line={"width": 2.2, "color": colour}, **place,
        )  # fmt: skip
        texts = panels.hover.get(channel, ("", ""))
        for x, y, text, look, dot in (
            ("today", "outcome_today", texts[0], "circle", GREY),
            ("plan", "outcome_plan", texts[1], "diamond", ACCENT),
        ):
            figure.add_scatter(
                x=[mark[x]], y=[mark[y]], mode="markers", hoverinfo="text", hovertext=[plain(text, 120)],
                marker={"color": dot, "size": 11, "symbol": look, "line": {"width": 1.5, "color": "white"}},
                **place,
            )  # fmt: skip
        if mark["seen_high"] > mark["seen_low"]:
            figure.add_vrect(
                x0=mark["seen_low"], x1=mark["seen_high"], fillcolor=FAINT, line_width=0, layer="below",
                opacity=0.5, **place,
            )  # fmt: skip
    quiet(figure, 60 + 205 * rows)
    figure.update_xaxes(tickprefix=panels.prefix, tickformat="~s", nticks=5, rangemode="tozero")
    figure.update_yaxes(tickprefix=panels.outcome_prefix, tickformat="~s", nticks=4, rangemode="tozero")
    return figure


def _pale(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.16)"


@dataclass(frozen=True)
class FrontierWords:
    """The words on the chart, already in the reader's language.

    Attributes:
        budget: title of the budget axis.
        outcome: title of the outcome axis.
        today: at today's budget.
        floor: at the largest budget whose last unit still meets the bar.
        hover: one text per row.
        prefix: currency sign before budgets.
        outcome_prefix: currency sign before outcomes; empty for counts.
    """

    budget: str
    outcome: str
    today: str
    floor: str
    hover: Sequence[str]
    prefix: str = ""
    outcome_prefix: str = ""


def frontier_chart(
    table: pd.DataFrame, today_budget: float, floor_budget: float, words: FrontierWords
) -> go.Figure:
    """The best outcome of each budget with its band; budgets whose last unit misses the bar are grey.

    Args:
        table: budget, outcome_low, outcome, outcome_high, above_floor (see ``plan.frontier``).
        today_budget: money over the days.
        floor_budget: NaN when there is none.
        words: the chart's words.
    """
    known = table["outcome"].notna().to_numpy()
    shown, texts = table[known], [plain(h, 160) for h, k in zip(words.hover, known, strict=True) if k]
    figure = go.Figure()
    for name, fill in (("outcome_high", None), ("outcome_low", "tonexty")):
        figure.add_scatter(
            x=shown["budget"], y=shown[name], mode="lines", line={"width": 0}, hoverinfo="skip", fill=fill,
            fillcolor=BAND,
        )  # fmt: skip
    colours = [ACCENT if good else GREY for good in shown["above_floor"]]
    figure.add_scatter(
        x=shown["budget"], y=shown["outcome"], mode="lines+markers", hoverinfo="text", hovertext=texts,
        line={"width": 2.2, "color": ACCENT}, marker={"size": 9, "color": colours},
    )  # fmt: skip
    lines = [(today_budget, words.today, GREY, "bottom right")]
    if floor_budget == floor_budget:
        lines.append((floor_budget, words.floor, ACCENT, "top left"))
    for x, text, colour, where in lines:
        figure.add_vline(
            x=x, line={"width": 1.5, "color": colour, "dash": "dot"}, annotation_text=plain(text),
            annotation_position=where, annotation_font_color=colour,
        )  # fmt: skip
    quiet(figure, 320)
    figure.update_xaxes(title=words.budget, tickprefix=words.prefix, tickformat="~s", nticks=7)
    figure.update_yaxes(title=words.outcome, tickprefix=words.outcome_prefix, tickformat="~s", nticks=5)
    return figure

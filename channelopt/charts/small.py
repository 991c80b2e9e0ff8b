"""Small multiples: one panel per channel, the metric as a line, spend as pale bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from channelopt.charts.style import BAND, FAINT, GREY, plain, quiet

#: Share of a panel that the text of a mark may take, and the height of its line in pixels.
WIDE, LINE = 0.24, 14


@dataclass(frozen=True)
class Panel:
    """How the panels are drawn.

    Attributes:
        labels: channel key → name.
        colours: channel key → hex colour.
        order: channel keys in drawing order.
        band: (low, high) of the target, in the metric's unit; None without one.
        immature_from: first day whose outcomes are still growing; None when all are in.
        marks: (channel, day) → text of a dated change.
        tickformat: d3 format of the value axis.
        tickprefix: text before each tick.
        dateformat: d3 format of the day axis.
    """

    labels: Mapping[str, str]
    colours: Mapping[str, str]
    order: Sequence[str]
    band: tuple[float, float] | None = None
    immature_from: pd.Timestamp | None = None
    marks: Mapping[tuple[str, pd.Timestamp], str] = field(default_factory=dict)
    tickformat: str = "~s"
    tickprefix: str = ""
    dateformat: str = "%b"


def small_multiples(series: pd.DataFrame, panel: Panel, columns: int = 2) -> go.Figure:
    """One panel per channel over shared days.

    Args:
        series: columns day, channel, value (line), spend (bars).
        panel: how it is drawn.
        columns: panels side by side.

    Returns:
        One figure.
    """
    rows = max(1, -(-len(panel.order) // columns))
    figure = make_subplots(
        rows=rows,
        cols=columns,
        shared_xaxes=True,
        vertical_spacing=0.28 / rows / 1.6,
        horizontal_spacing=0.06,
        specs=[[{"secondary_y": True}] * columns] * rows,
        subplot_titles=[plain(panel.labels.get(c, c)) for c in panel.order],
    )
    for at, channel in enumerate(panel.order):
        part = series[series["channel"] == channel]
        place = {"row": at // columns + 1, "col": at % columns + 1}
        figure.add_bar(
            x=part["day"],
            y=part["spend"].round(2),
            marker_color=FAINT,
            hoverinfo="skip",
            secondary_y=True,
            **place,
        )
        figure.add_scatter(
            x=part["day"],
            y=part["value"].astype("float64").round(3),
            mode="lines",
            line={"color": panel.colours.get(channel, GREY), "width": 2.2},
            secondary_y=False,
            hovertemplate="%{x|%Y-%m-%d}  " + panel.tickprefix + "%{y:.4~g}<extra></extra>",
            **place,
        )
        _dress(figure, channel, panel, part, place)
    quiet(figure, 70 + 165 * rows)
    figure.update_yaxes(
        tickformat=panel.tickformat,
        tickprefix=panel.tickprefix,
        nticks=4,
        rangemode="tozero",
        secondary_y=False,
    )
    figure.update_yaxes(visible=False, rangemode="tozero", secondary_y=True)
    figure.update_xaxes(tickformat=panel.dateformat, nticks=7)
    for at in range(max(0, len(panel.order) - columns), len(panel.order)):
        figure.update_xaxes(showticklabels=True, row=at // columns + 1, col=at % columns + 1)
    figure.update_annotations(font_size=13)
    figure.update_layout(bargap=0)
    return figure


def _dress(figure: go.Figure, channel: str, panel: Panel, part: pd.DataFrame, place: dict[str, int]) -> None:
    if panel.band:
        figure.add_hrect(y0=panel.band[0], y1=panel.band[1], fillcolor=BAND, line_width=0, **place)
    if panel.immature_from is not None and len(part):
        figure.add_vrect(x0=panel.immature_from, x1=part["day"].max(), fillcolor=FAINT, line_width=0, **place)
    days = sorted(day for marked, day in panel.marks if marked == channel)
    for day, line, left in _beside(days, part["day"]):
        figure.add_vline(x=day, line={"color": GREY, "width": 1.2, "dash": "dot"}, **place)
        figure.add_annotation(
            x=day,
            y=1.0,
            yref="y domain",
            text=plain(panel.marks[channel, day]),
            showarrow=False,
            xanchor="right" if left else "left",
            xshift=-3 if left else 3,
            yanchor="top",
            yshift=-LINE * line,
            font={"size": 11},
            **place,
        )


def _beside(days: Sequence[pd.Timestamp], shown: pd.Series) -> list[tuple[pd.Timestamp, int, bool]]:
    """Each marked day with the line its text stands on, and whether it stands to its left: none overlap."""
    span = (shown.max() - shown.min()) / pd.Timedelta(days=1) if len(shown) else 0.0
    ends: list[float] = []  # of the last text on each line, as a share of the panel
    out = []
    for day in days:
        at = (day - shown.min()) / pd.Timedelta(days=1) / span if span > 0 else 0.0
        left = at > 1 - WIDE
        begin = at - WIDE if left else at
        line = next((k for k, end in enumerate(ends) if begin >= end), len(ends))
        ends[line : line + 1] = [begin + WIDE]
        out.append((day, line, left))
    return out

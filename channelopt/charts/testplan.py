"""A test before its data: what it can see, and on which days one may look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import BAND, FAINT, GREY, plain, quiet

LINE = "#0072B2"
OTHER = "#E69F00"


@dataclass(frozen=True)
class PowerWords:
    """The words on the chart, already in the reader's language.

    Attributes:
        effect: title of the effect axis.
        smallest: at the smallest effect worth acting on.
        hover: one text per row of the curve.
    """

    effect: str
    smallest: str
    hover: Sequence[str]


def power_chart(curve: pd.DataFrame, smallest: float, wanted: float, words: PowerWords) -> go.Figure:
    """Chance to see an effect against its size; the chance asked for and the smallest effect are marked.

    Args:
        curve: effect, power.
        smallest: smallest effect worth acting on, in the sign of the curve's effects.
        wanted: chance asked for.
        words: the chart's words.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=curve["effect"], y=curve["power"], mode="lines", line={"width": 2.5, "color": LINE}, fill="tozeroy",
        fillcolor=BAND, hoverinfo="text", hovertext=[plain(text, 160) for text in words.hover],
    )  # fmt: skip
    figure.add_hline(y=wanted, line={"width": 1, "color": GREY, "dash": "dot"})
    figure.add_vline(
        x=smallest, line={"width": 1.5, "color": OTHER}, annotation_text=plain(words.smallest),
        annotation_position="bottom right" if smallest > 0 else "bottom left", annotation_font_color=OTHER,
    )  # fmt: skip
    quiet(figure, 190)
    figure.update_xaxes(tickformat="+.0%", title=words.effect, nticks=6)
    figure.update_yaxes(tickformat=".0%", range=[0, 1.05], dtick=0.5, showgrid=True)
    return figure


@dataclass(frozen=True)
class Stretch:
    """A stretch of days of the calendar.

    Attributes:
        first: first day.
        last: last day.
        label: what it is, in the reader's words.
        second: whether the second variant runs; None where there are no turns.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    label: str
    second: bool | None = None


def calendar_chart(
    stretches: Sequence[Stretch], looks: Sequence[pd.Timestamp], hover: Sequence[str]
) -> go.Figure:
    """The days of a test as a bar, its looks as marks; the last look is filled.

    Args:
        stretches: one after the other.
        looks: days on which one may look.
        hover: one text per look.
    """
    figure = go.Figure()
    for one in stretches:
        colour = FAINT if one.second is None else (OTHER if one.second else LINE)
        marker = {"color": colour, "line": {"width": 1, "color": "rgba(138,143,152,0.35)"}}
        figure.add_bar(
            x=[((one.last - one.first).days + 1) * 86_400_000], base=[one.first], y=[0], orientation="h",
            width=[0.5], marker=marker, hoverinfo="text", hovertext=plain(one.label, 120),
            opacity=1 if one.second is None else 0.75,
        )  # fmt: skip
    figure.add_scatter(
        x=list(looks), y=[0] * len(looks), mode="markers", hoverinfo="text",
        hovertext=[plain(text, 120) for text in hover],
        marker={
            "size": 13, "color": LINE, "line": {"width": 2, "color": LINE},
            "symbol": ["circle-open"] * (len(looks) - 1) + ["circle"],
        },
    )  # fmt: skip
    quiet(figure, 90)
    figure.update_layout(bargap=0, barmode="overlay", margin={"l": 8, "r": 8, "t": 8, "b": 8})
    figure.update_xaxes(type="date", tickformat="%-m/%-d", nticks=7)
    figure.update_yaxes(visible=False, range=[-0.6, 0.6])
    return figure

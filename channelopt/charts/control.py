"""The price of a click day by day, its usual range, and the days outside with their reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import BAND, GREY, plain, quiet

DEARER, CHEAPER = "#D55E00", "#0072B2"


@dataclass(frozen=True)
class ControlWords:
    """The words on the chart, already in the reader's language.

    Attributes:
        hover: one text per row of the frame; days out of range with their reason.
        prefix: currency sign before each tick.
        dateformat: d3 format of the day axis.
    """

    hover: Sequence[str]
    prefix: str = ""
    dateformat: str = "%b"


def control_chart(frame: pd.DataFrame, colour: str, words: ControlWords) -> go.Figure:
    """One channel's price with its band; days outside are marked, dearer ▲ and cheaper ▼.

    Args:
        frame: day, cpc, centre, low, high (money), out; one channel.
        colour: of the channel.
        words: the chart's words.

    Returns:
        One figure.
    """
    figure = go.Figure()
    for name, fill in (("high", None), ("low", "tonexty")):
        figure.add_scatter(
            x=frame["day"], y=frame[name], mode="lines", line={"width": 0}, hoverinfo="skip", fill=fill,
            fillcolor=BAND,
        )  # fmt: skip
    figure.add_scatter(
        x=frame["day"], y=frame["centre"], mode="lines", hoverinfo="skip",
        line={"width": 1.2, "color": GREY, "dash": "dot"},
    )  # fmt: skip
    texts = [plain(text, 160) for text in words.hover]
    figure.add_scatter(
        x=frame["day"], y=frame["cpc"], mode="lines", line={"width": 1.8, "color": colour},
        hoverinfo="text", hovertext=texts,
    )  # fmt: skip
    for symbol, fill, side in (
        ("triangle-up", DEARER, frame["cpc"] > frame["high"]),
        ("triangle-down", CHEAPER, frame["cpc"] < frame["low"]),
    ):
        here = (frame["out"] & side).to_numpy(dtype=bool)
        figure.add_scatter(
            x=frame["day"][here], y=frame["cpc"][here], mode="markers", hoverinfo="text",
            hovertext=[text for text, is_out in zip(texts, here, strict=True) if is_out],
            marker={"size": 12, "symbol": symbol, "color": fill, "line": {"width": 1, "color": "white"}},
        )  # fmt: skip
    quiet(figure, 260)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8})
    figure.update_yaxes(tickprefix=words.prefix, tickformat=",.3~r", nticks=5, showgrid=True)
    figure.update_xaxes(tickformat=words.dateformat, nticks=8)
    return figure

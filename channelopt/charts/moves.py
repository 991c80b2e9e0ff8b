"""Today's spend and the proposed one side by side, and what whole scenarios bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import FAINT, GREY, plain, quiet

ACCENT = "#0072B2"
OWN = "#D55E00"
CLEAR = "rgba(0,0,0,0)"
#: Looks of the scenarios in order: grey circle now, diamond proposed, square for the own mix, then others.
LOOKS = ((GREY, "circle"), (ACCENT, "diamond"), (OWN, "square"), ("#009E73", "triangle-up"))


@dataclass(frozen=True)
class MoveWords:
    """The words on the chart, already in the reader's language.

    Attributes:
        today: name of today's spend.
        plan: name of the proposed spend.
        seen: name of the bar of spend seen so far.
        numbers: channel → both as text.
        prefix: currency sign before each tick.
    """

    today: str
    plan: str
    seen: str
    numbers: Mapping[str, str]
    prefix: str = ""


def moves_chart(table: pd.DataFrame, labels: Mapping[str, str], words: MoveWords) -> go.Figure:
    """Money per day of each channel: grey circle today, diamond proposed, pale bar what was ever held.

    Args:
        table: channel, today, plan, seen_low, seen_high (money per day), in drawing order from the top.
        labels: channel → name.
        words: the chart's words.
    """
    shown = table.iloc[::-1]
    names = [plain(labels.get(c, c), 24) for c in shown["channel"]]
    texts = [
        f"{n} · {plain(words.numbers.get(c, ''), 80)}" for n, c in zip(names, shown["channel"], strict=True)
    ]
    figure = go.Figure()
    _lines(figure, shown[["seen_low", "seen_high"]], names, {"color": FAINT, "width": 10})
    _lines(figure, shown[["today", "plan"]], names, {"color": ACCENT, "width": 2})
    for column, word, look in (("today", words.today, LOOKS[0]), ("plan", words.plan, LOOKS[1])):
        figure.add_scatter(
            x=shown[column].round(2), y=names, mode="markers", name=plain(word), hoverinfo="text",
            hovertext=texts, marker={"color": look[0], "size": 11, "symbol": look[1]},
        )  # fmt: skip
    quiet(figure, 64 + 30 * max(1, len(names)))
    figure.update_layout(margin={"l": 8, "r": 12, "t": 8, "b": 8})
    figure.update_xaxes(rangemode="tozero", tickprefix=words.prefix, tickformat="~s", nticks=6)
    figure.update_yaxes(showgrid=False)
    return figure


def _lines(figure: go.Figure, ends: pd.DataFrame, names: list[str], line: dict[str, object]) -> None:
    """One trace with a line from the first to the second column of every row."""
    x, y = [], []
    for (low, high), name in zip(ends.to_numpy("float64"), names, strict=True):
        x += [round(float(low), 2), round(float(high), 2), None]
        y += [name, name, None]
    figure.add_scatter(x=x, y=y, mode="lines", hoverinfo="skip", line=line)


@dataclass(frozen=True)
class Bar:
    """One scenario's outcome.

    Attributes:
        name: in the reader's language.
        low: lower end.
        mid: mean.
        high: upper end.
        text: the numbers, for the right edge and the pointer.
    """

    name: str
    low: float
    mid: float
    high: float
    text: str


def bands_chart(bars: Sequence[Bar], prefix: str = "") -> go.Figure:
    """Outcomes of scenarios as dots with their ranges, the first one on top; its dot is grey.

    Args:
        bars: at most four. (The figure is built in one piece, with a template that holds next to nothing: it
            is drawn and sent anew on every move of a slider.)
        prefix: currency sign before each tick; empty for counts.
    """
    names = [plain(bar.name, 28) for bar in bars]
    looks = [LOOKS[at % len(LOOKS)] for at in range(len(bars))]
    texts = [plain(bar.text, 60) for bar in bars]
    colours = [colour for colour, _ in looks]
    ranges = {
        "type": "bar", "orientation": "h", "y": names, "base": [bar.low for bar in bars],
        "x": [bar.high - bar.low for bar in bars], "width": 0.14, "hoverinfo": "skip",
        "marker": {"color": colours, "opacity": 0.4},
    }  # fmt: skip
    dots = {
        "type": "scatter", "mode": "markers+text", "x": [bar.mid for bar in bars], "y": names,
        "text": texts, "textposition": "top center", "hoverinfo": "text", "hovertext": texts,
        "cliponaxis": False,
        "marker": {"color": colours, "size": 13, "symbol": [symbol for _, symbol in looks]},
    }  # fmt: skip
    low = min((bar.low for bar in bars), default=0.0)
    high = max((bar.high for bar in bars), default=1.0)
    room = max(high - low, 0.05 * abs(high), 1e-9)
    x_axis = {
        "range": [low - 0.15 * room, high + 0.15 * room], "tickprefix": prefix, "tickformat": "~s",
        "nticks": 6, "fixedrange": True, "showgrid": False, "zeroline": False,
    }  # fmt: skip
    y_axis = {
        "range": [len(bars) - 0.6, -0.8], "fixedrange": True, "showgrid": False, "zeroline": False,
    }  # fmt: skip
    layout = {
        "height": 50 + 52 * max(1, len(bars)), "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "showlegend": False, "hovermode": "closest", "paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR,
        "dragmode": False, "xaxis": x_axis, "yaxis": y_axis, "template": {"layout": {"hovermode": "closest"}},
    }  # fmt: skip
    return go.Figure(data=[ranges, dots], layout=layout)

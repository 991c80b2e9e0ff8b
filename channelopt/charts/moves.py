"""Today's spend and the proposed one side by side, and what whole scenarios bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import FAINT, GREY, plain, quiet

ACCENT = "#0072B2"
OWN = "#D55E00"
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
        bars: at most four.
        prefix: currency sign before each tick; empty for counts.
    """
    figure = go.Figure()
    names = [plain(bar.name, 28) for bar in bars]
    for at, (bar, name) in enumerate(zip(bars, names, strict=True)):
        colour, symbol = LOOKS[at % len(LOOKS)]
        figure.add_scatter(
            x=[bar.low, bar.high], y=[name, name], mode="lines", hoverinfo="skip",
            line={"color": colour, "width": 7}, opacity=0.4,
        )  # fmt: skip
        figure.add_scatter(
            x=[bar.mid], y=[name], mode="markers", hoverinfo="text", hovertext=[plain(bar.text, 120)],
            marker={"color": colour, "size": 13, "symbol": symbol},
        )  # fmt: skip
        figure.add_annotation(
            x=bar.mid, y=name, text=plain(bar.text, 60), showarrow=False, yanchor="bottom", yshift=9,
        )  # fmt: skip
    quiet(figure, 50 + 52 * max(1, len(bars)))
    low = min((bar.low for bar in bars), default=0.0)
    high = max((bar.high for bar in bars), default=1.0)
    room = max(high - low, 0.05 * abs(high), 1e-9)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8})
    figure.update_xaxes(
        range=[low - 0.15 * room, high + 0.15 * room], tickprefix=prefix, tickformat="~s", nticks=6
    )
    figure.update_yaxes(showgrid=False, range=[len(bars) - 0.6, -0.8])
    return figure

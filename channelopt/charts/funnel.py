"""The steps of all channels as a matrix coloured by how they compare, and one channel's chain as a funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import FAINT, GREY, plain, quiet

WORSE, BETTER = "#D55E00", "#0072B2"
#: A deviation of this many standard errors has the full colour.
FULL = 3.5
#: Opacity of a full cell: text stays readable on light and on dark ground.
DEEPEST = 0.42


@dataclass(frozen=True)
class StepWords:
    """The words on the charts, already in the reader's language.

    Attributes:
        columns: column key → its name; keys in drawing order.
        cells: (channel, column key) → what the cell says, e.g. "3.1%".
        hover: (channel, column key) → the sentence on hover.
        worst: (channel, column key) of the cells that are surely worse.
    """

    columns: Mapping[str, str]
    cells: Mapping[tuple[str, str], str]
    hover: Mapping[tuple[str, str], str]
    worst: frozenset[tuple[str, str]] = frozenset()


def step_matrix(
    cells: pd.DataFrame, order: Sequence[str], labels: Mapping[str, str], words: StepWords
) -> go.Figure:
    """Channels as rows, steps as columns: each cell the rate, its colour how it compares.

    Args:
        cells: channel, column (key), z (standard errors from the other channels, natural differences
            included; below 0 is worse, NaN when there is nothing to compare with).
        order: channel keys from top to bottom.
        labels: channel key → name.
        words: the chart's words; a cell that is surely worse gets a frame and "▼".

    Returns:
        One figure.
    """
    place = {channel: at for at, channel in enumerate(order)}
    column = {key: at for at, key in enumerate(words.columns)}
    figure = go.Figure()
    for row in cells.itertuples():
        key = (str(row.channel), str(row.column))
        if key[0] not in place or key[1] not in column:
            continue
        x, y, worst = column[key[1]], place[key[0]], key in words.worst
        figure.add_shape(
            type="rect", x0=x - 0.47, x1=x + 0.47, y0=y - 0.42, y1=y + 0.42, layer="below",
            fillcolor=_colour(float(row.z)), line={"width": 2.5 if worst else 0, "color": WORSE},
        )  # fmt: skip
        text = ("▼ " if worst else "") + plain(words.cells.get(key, ""))
        figure.add_annotation(
            x=x, y=y, text=f"<b>{text}</b>" if worst else text, showarrow=False, font_size=13
        )
    shown = [k for k in words.hover if k[0] in place and k[1] in column]
    figure.add_scatter(
        x=[column[key] for _, key in shown], y=[place[channel] for channel, _ in shown], mode="markers",
        hoverinfo="text", hovertext=[plain(words.hover[key], 160) for key in shown],
        marker={"size": 30, "opacity": 0, "symbol": "square"},
    )  # fmt: skip
    quiet(figure, 84 + 34 * max(1, len(order)))
    figure.update_layout(margin={"l": 8, "r": 8, "t": 74, "b": 4})
    figure.update_xaxes(
        tickvals=list(column.values()), ticktext=[_broken(name) for name in words.columns.values()],
        side="top", range=[-0.5, len(column) - 0.5], tickangle=0, tickfont_size=12,
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(place.values()), ticktext=[plain(labels.get(c, c), 24) for c in order],
        range=[len(order) - 0.5, -0.5], showgrid=False, tickfont_size=13,
    )  # fmt: skip
    return figure


def _broken(name: str) -> str:
    """A step's name broken after its arrow and between words, so that narrow columns hold it."""
    return "→<br>".join(plain(part).replace(" ", "<br>") for part in name.split("→"))


def _colour(z: float) -> str:
    if not np.isfinite(z):
        return "rgba(138,143,152,0.10)"
    depth = DEEPEST * min(max(abs(z) - 0.5, 0.0) / (FULL - 0.5), 1.0)
    red, green, blue = (int((WORSE if z < 0 else BETTER)[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{depth + 0.03:.2f})"


def channel_funnel(
    stages: Sequence[str], counts: Sequence[float], texts: Sequence[str], rates: Sequence[str],
    colour: str, worst: int | None = None,
) -> go.Figure:  # fmt: skip
    """One channel's chain as bars, widths on a log scale so that customers stay visible.

    Args:
        stages: names, first to last.
        counts: people at each stage.
        texts: the counts as text.
        rates: between two stages each, what the step passes on; one fewer than stages.
        colour: of the channel.
        worst: number of the step (0 is the first one) that is surely worse; None without one.

    Returns:
        One figure.
    """
    names = [plain(stage) for stage in stages]
    width = np.log10(np.maximum(np.nan_to_num(np.asarray(counts, dtype="float64")), 0.0) + 1) + 0.15
    top = float(width.max()) if len(width) else 1.0
    places = list(range(len(names)))
    figure = go.Figure()
    figure.add_bar(
        x=width / top, y=places, orientation="h", marker_color=colour, opacity=0.75, width=0.56,
        hoverinfo="text", hovertext=[f"{n} {plain(t)}" for n, t in zip(names, texts, strict=True)],
    )  # fmt: skip
    for at, (wide, text) in enumerate(zip(width / top, texts, strict=True)):
        figure.add_annotation(
            x=float(wide), y=at, text=plain(text), showarrow=False, xanchor="left", xshift=6, font_size=13
        )
    for at, rate in enumerate(rates):
        bad = at == worst
        figure.add_annotation(
            x=0, y=at + 0.5, text=("<b>▼ " if bad else "↓ ") + plain(rate) + ("</b>" if bad else ""),
            showarrow=False, xanchor="left", xshift=6, font={"size": 12, "color": WORSE if bad else GREY},
        )  # fmt: skip
    quiet(figure, 30 + 52 * max(1, len(names)))
    figure.update_layout(margin={"l": 8, "r": 8, "t": 4, "b": 4})
    figure.update_xaxes(visible=False, range=[0, 1.5])
    figure.update_yaxes(
        tickvals=places, ticktext=names, range=[len(names) - 0.5, -0.5], showgrid=False, linecolor=FAINT
    )
    return figure

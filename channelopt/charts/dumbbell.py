"""Two prices per channel joined by a line: what a lead costs on paper, and what a usable one costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import GREY, plain, quiet

NOMINAL, EFFECTIVE, WRONG = "#56B4E9", "#0072B2", "#D55E00"


@dataclass(frozen=True)
class DumbbellWords:
    """The words on the chart, already in the reader's language.

    Attributes:
        nominal: name of the price per lead.
        effective: name of the price per valid lead.
        numbers: channel key → both prices as text.
        prefix: currency sign before each tick.
    """

    nominal: str
    effective: str
    numbers: Mapping[str, str]
    prefix: str = ""


def lead_prices(table: pd.DataFrame, labels: Mapping[str, str], words: DumbbellWords) -> go.Figure:
    """Nominal and effective price of a lead per channel, the cheapest effective one on top.

    Args:
        table: channel, cpl, cpl_low, cpl_high, cpvl, cpvl_low, cpvl_high (money, NaN unknown),
            at_stake (channels with money in doubt are drawn in orange).
        labels: channel key → name.
        words: the chart's words.

    Returns:
        One figure; channels without any lead price are left out.
    """
    order = table["cpvl"].fillna(table["cpl"])
    shown = table.assign(order=order)[order.notna()].sort_values("order", ascending=False, ignore_index=True)
    names = [plain(labels.get(c, c), 24) for c in shown["channel"]]
    ends = shown[["cpl", "cpl_high", "cpvl", "cpvl_high"]].to_numpy("float64")
    finite = ends[np.isfinite(ends)]
    top = float(min(finite.max(), 2.5 * np.nanmax(ends[:, [0, 2]]))) * 1.08 if len(finite) else 1.0
    colours = np.where(shown["at_stake"] > 0, WRONG, EFFECTIVE)
    figure = go.Figure()
    for low, high, colour in (("cpl_low", "cpl_high", None), ("cpvl_low", "cpvl_high", colours)):
        _ranges(figure, shown[[low, high]].to_numpy("float64"), names, colour, top)
    _joins(figure, shown[["cpl", "cpvl"]].to_numpy("float64"), names)
    looks = (
        ("cpl", words.nominal, NOMINAL, "circle-open"),
        ("cpvl", words.effective, list(colours), "circle"),
    )
    for name, word, fill, symbol in looks:
        figure.add_scatter(
            x=shown[name],
            y=names,
            mode="markers",
            name=plain(word),
            hoverinfo="text",
            hovertext=[
                f"{n} · {plain(word)} {plain(words.numbers.get(c, ''))}"
                for n, c in zip(names, shown["channel"], strict=True)
            ],
            marker={"color": fill, "size": 13, "symbol": symbol, "line": {"width": 3}}
            if symbol == "circle-open"
            else {"color": fill, "size": 13, "symbol": symbol},
        )
    for channel, name in zip(shown["channel"], names, strict=True):
        figure.add_annotation(
            x=1.0, xref="paper", y=name, text=plain(words.numbers.get(channel, "")), showarrow=False,
            xanchor="left", xshift=6,
        )  # fmt: skip
    quiet(figure, 60 + 34 * max(1, len(shown)))
    figure.update_layout(margin={"l": 8, "r": 120, "t": 8, "b": 8})
    figure.update_xaxes(range=[0, top], tickprefix=words.prefix, tickformat=",~r", nticks=6)
    figure.update_yaxes(showgrid=False)
    return figure


def _ranges(
    figure: go.Figure, ends: np.ndarray, names: list[str], colours: np.ndarray | None, top: float
) -> None:
    """Pale bars from low to high; one that is open above ends at the edge."""
    for at, ((low, high), name) in enumerate(zip(ends, names, strict=True)):
        if np.isfinite(low):
            figure.add_scatter(
                x=[low, min(high, top) if np.isfinite(high) else top],
                y=[name, name],
                mode="lines",
                hoverinfo="skip",
                line={"color": NOMINAL if colours is None else str(colours[at]), "width": 9},
                opacity=0.3,
            )


def _joins(figure: go.Figure, pairs: np.ndarray, names: list[str]) -> None:
    for (first, second), name in zip(pairs, names, strict=True):
        if np.isfinite(first) and np.isfinite(second):
            figure.add_scatter(
                x=[first, second], y=[name, name], mode="lines", hoverinfo="skip",
                line={"color": GREY, "width": 2},
            )  # fmt: skip

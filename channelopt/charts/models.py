"""Returns per channel under every attribution model, and who gets the credit under each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import BAND, GREY, plain, quiet

IN_FORCE, FLIPS = "#0072B2", "#D55E00"
#: First touch points to where a journey begins, last touch to where it ends.
SYMBOLS = {"first": "triangle-left-open", "last": "triangle-right-open"}


@dataclass(frozen=True)
class ModelWords:
    """The words on the charts, already in the reader's language.

    Attributes:
        models: model key → name.
        in_force: heading of the model in force.
        others: heading of the other models.
    """

    models: Mapping[str, str]
    in_force: str
    others: str


def returns_by_model(
    table: pd.DataFrame,
    labels: Mapping[str, str],
    words: ModelWords,
    in_force: str,
    floor: float,
    flips: Sequence[str] = (),
) -> go.Figure:
    """One line per channel: its return under each model, its range under the one in force.

    Args:
        table: channel, model, roi, roi_low, roi_high; channels in the order of the page.
        labels: channel key → name.
        words: the chart's words.
        in_force: the model whose range is drawn.
        floor: the bar, a multiple.
        flips: channels whose verdict depends on the model, drawn in orange.

    Returns:
        One figure; channels without any return are left out.
    """
    shown = table[table["roi"].notna()]
    channels = list(dict.fromkeys(shown["channel"]))[::-1]
    names = {c: plain(labels.get(c, c), 24) for c in channels}
    figure = go.Figure()
    figure.add_vline(x=floor, line={"color": GREY, "width": 1.5})
    mine = shown[shown["model"] == in_force].set_index("channel")
    for channel in channels:
        if channel in mine.index and np.isfinite(mine.loc[channel, ["roi_low", "roi_high"]]).all():
            figure.add_scatter(
                x=[mine.loc[channel, "roi_low"], mine.loc[channel, "roi_high"]], y=[names[channel]] * 2,
                mode="lines", hoverinfo="skip", showlegend=False,
                line={"color": FLIPS if channel in flips else IN_FORCE, "width": 9}, opacity=0.25,
            )  # fmt: skip
    others = shown[shown["model"] != in_force]
    _dots(figure, others, names, words, [GREY] * len(others), words.others)
    mine = shown[shown["model"] == in_force]
    colours = [FLIPS if c in flips else IN_FORCE for c in mine["channel"]]
    _dots(figure, mine, names, words, colours, f"{words.in_force}: {words.models[in_force]}")
    ends = shown["roi"].to_numpy()
    top = 1.12 * float(np.nanmax([*ends, *mine["roi_high"].clip(upper=2 * np.nanmax(ends)), floor]))
    quiet(figure, 110 + 38 * max(1, len(channels)))
    figure.update_layout(
        showlegend=True, margin={"l": 8, "r": 16, "t": 12, "b": 56},
        legend={"orientation": "h", "y": -0.14, "yanchor": "top", "x": 0},
    )  # fmt: skip
    figure.update_xaxes(range=[0, top], tickprefix="1:", tickformat=".1~f")
    figure.update_yaxes(
        categoryorder="array", categoryarray=[names[c] for c in channels], showgrid=True, gridcolor=BAND
    )
    return figure


def _dots(
    figure: go.Figure,
    rows: pd.DataFrame,
    names: Mapping[str, str],
    words: ModelWords,
    colours: Sequence[str],
    heading: str,
) -> None:
    large = len(set(rows["model"])) == 1
    figure.add_scatter(
        x=rows["roi"],
        y=[names[c] for c in rows["channel"]],
        mode="markers",
        name=plain(heading, 60),
        hoverinfo="text",
        hovertext=[
            f"{names[r.channel]} · {plain(words.models.get(r.model, r.model))} 1:{r.roi:.2f}"
            for r in rows.itertuples()
        ],
        marker={
            "color": list(colours),
            "size": 13 if large else 10,
            "symbol": ["circle" if large else SYMBOLS.get(m, "circle-open") for m in rows["model"]],
            "line": {"width": 1.5},
        },
    )


def credit_shares(credits: pd.DataFrame, labels: Mapping[str, str], words: ModelWords) -> go.Figure:
    """Share of the conversions each channel is credited with, one column per model.

    Args:
        credits: channel, model, share, share_low, share_high (0..1, NaN unknown).
        labels: channel key → name.
        words: the chart's words.

    Returns:
        A matrix of shares, the channel with most credit under the last model on top.
    """
    shares = credits.pivot(index="channel", columns="model", values="share")
    models = list(dict.fromkeys(credits["model"]))
    shares = shares[models].sort_values(models[-1])
    ranges = {
        name: credits.pivot(index="channel", columns="model", values=name).reindex_like(shares)
        for name in ("share_low", "share_high")
    }
    names = [plain(labels.get(c, c), 24) for c in shares.index]
    columns = [plain(words.models.get(m, m), 16) for m in models]
    text = [[f"{v:.0%}" if np.isfinite(v) else "" for v in row] for row in shares.to_numpy()]
    hover = [
        [
            f"{name} · {column}: {value:.1%}" + (f" ({low:.1%} – {high:.1%})" if np.isfinite(low) else "")
            for column, value, low, high in zip(columns, row, lows, highs, strict=True)
        ]
        for name, row, lows, highs in zip(
            names,
            shares.to_numpy(),
            ranges["share_low"].to_numpy(),
            ranges["share_high"].to_numpy(),
            strict=True,
        )
    ]
    figure = go.Figure(
        go.Heatmap(
            z=shares.to_numpy(),
            x=columns,
            y=names,
            hovertext=hover,
            hoverinfo="text",
            showscale=False,
            xgap=3,
            ygap=3,
            zmin=0,
            colorscale=[[0, "rgba(0,114,178,0.06)"], [1, "rgba(0,114,178,0.5)"]],
        )
    )
    figure.add_scatter(  # the theme's own text colour, readable on light and on dark
        x=columns * len(names),
        y=[name for name in names for _ in columns],
        text=[cell for row in text for cell in row],
        mode="text",
        hoverinfo="skip",
        showlegend=False,
    )
    quiet(figure, 60 + 34 * max(1, len(names)))
    figure.update_xaxes(side="top")
    figure.update_yaxes(showgrid=False)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 32, "b": 8})
    return figure


def path_lengths(lengths: pd.DataFrame, words: Mapping[str, str], longest: int = 12) -> go.Figure:
    """How many conversions took how many touches.

    Args:
        lengths: touches, journeys, conversions.
        words: "touches", "conversions" and "more" ("12 or more") in the reader's language.
        longest: touches from which on paths are counted together.
    """
    counted = lengths.assign(touches=lengths["touches"].clip(upper=longest))
    counted = counted.groupby("touches", as_index=False)["conversions"].sum()
    names = [plain(words["more"]) if n == longest else str(n) for n in counted["touches"]]
    hover = f"{plain(words['touches'])} %{{x}}: %{{y:,}} {plain(words['conversions'])}<extra></extra>"
    figure = go.Figure(
        go.Bar(
            x=names,
            y=counted["conversions"],
            marker={"color": IN_FORCE},
            hovertemplate=hover,
        )
    )
    quiet(figure, 200)
    figure.update_xaxes(type="category", title={"text": plain(words["touches"]), "font": {"size": 12}})
    figure.update_layout(bargap=0.35, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure

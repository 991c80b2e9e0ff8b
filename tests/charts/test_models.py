"""Charts of attribution: what is drawn, what is marked, and that names stay text."""

import numpy as np
import pandas as pd

from channelopt.charts.models import (
    FLIPS,
    IN_FORCE,
    ModelWords,
    credit_shares,
    path_lengths,
    returns_by_model,
)

WORDS = ModelWords({"recorded": "List", "first": "First", "last": "Last"}, "In force", "Others")
TABLE = pd.DataFrame(
    [
        ("a", "recorded", 3.0, 2.5, 3.6),
        ("a", "first", 1.0, 0.8, 1.4),
        ("b", "recorded", 0.5, 0.3, np.nan),
        ("b", "first", 0.7, 0.5, 0.9),
        ("c", "recorded", np.nan, np.nan, np.nan),
    ],
    columns=["channel", "model", "roi", "roi_low", "roi_high"],
)


def test_the_model_in_force_is_filled_and_its_range_drawn_and_flips_are_orange():
    figure = returns_by_model(TABLE, {"a": "<b>A</b>"}, WORDS, "recorded", 2.0, ["a"])
    large = next(trace for trace in figure.data if trace.mode == "markers" and "In force" in trace.name)
    assert list(large.marker.color) == [FLIPS, IN_FORCE]
    lines = [tuple(trace.x) for trace in figure.data if trace.mode == "lines"]
    assert lines == [(2.5, 3.6)]
    assert {shape.x0 for shape in figure.layout.shapes} == {2.0}
    assert "<b>" not in figure.to_json().replace("\\u003c", "<")
    assert "c" not in {y for trace in figure.data if trace.y is not None for y in trace.y}


def test_shares_stand_in_their_cells_with_their_ranges():
    credits = pd.DataFrame(
        {
            "channel": ["a", "b"] * 2, "model": ["first", "first", "last", "last"],
            "share": [0.7, 0.3, 0.4, 0.6],
            "share_low": [0.6, 0.2, np.nan, np.nan], "share_high": [0.8, 0.4, np.nan, np.nan],
        }
    )  # fmt: skip
    figure = credit_shares(credits, {}, WORDS)
    heat, text = figure.data
    assert list(heat.y) == ["a", "b"] and heat.z.tolist() == [[0.7, 0.4], [0.3, 0.6]]
    assert list(text.text) == ["70%", "40%", "30%", "60%"]
    assert "(60.0% – 80.0%)" in heat.hovertext[0][0] and "(" not in heat.hovertext[0][1]


def test_long_paths_are_counted_together():
    lengths = pd.DataFrame({"touches": [1, 2, 12, 30], "journeys": [9, 8, 7, 6], "conversions": [5, 4, 3, 2]})
    words = {"touches": "Touches", "conversions": "conversions", "more": "12 or more"}
    (bars,) = path_lengths(lengths, words).data
    assert list(bars.x) == ["1", "2", "12 or more"] and list(bars.y) == [5, 4, 5]

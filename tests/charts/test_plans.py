"""Charts of plans: what is drawn, where, and that names stay text."""

import pandas as pd

from channelopt.charts.moves import Bar, MoveWords, bands_chart, moves_chart
from channelopt.charts.response import CurvePanels, FrontierWords, curve_panels, frontier_chart

MARKS = pd.DataFrame(
    {
        "channel": ["a", "<b>x</b>"], "today": [100.0, 50.0], "plan": [120.0, 30.0],
        "outcome_today": [300.0, 90.0], "outcome_plan": [330.0, 70.0], "mroi_today": [2.0, 1.0],
        "mroi_plan": [1.8, 1.4], "seen_low": [50.0, 20.0], "seen_high": [130.0, 60.0],
    }
)  # fmt: skip
POINTS = pd.DataFrame(
    {
        "channel": ["a"] * 3 + ["<b>x</b>"] * 3, "spend": [0.0, 80, 160] * 2,
        "outcome_low": [0.0, 1, 2] * 2, "outcome": [0.0, 2, 3] * 2, "outcome_high": [0.0, 3, 5] * 2,
    }
)  # fmt: skip


def test_moves_go_from_a_grey_circle_to_a_diamond():
    figure = moves_chart(MARKS, {}, MoveWords("today", "plan", "seen", {"a": "100 → 120"}))
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    assert [dot.marker.symbol for dot in dots] == ["circle", "diamond"]
    assert list(dots[0].y) == ["&lt;b&gt;x&lt;/b&gt;", "a"]  # the first row on top
    assert list(dots[1].x) == [30.0, 120.0]
    assert "100 → 120" in dots[0].hovertext[1]


def test_bands_hold_low_mid_and_high_of_each_scenario():
    bars = [Bar("<i>now</i>", 1.0, 2.0, 4.0, "2 (1 – 4)"), Bar("plan", 2.0, 3.0, 5.0, "3")]
    figure = bands_chart(bars, "¥")
    ranges, dots = figure.data
    assert list(ranges.base) == [1.0, 2.0] and list(ranges.x) == [3.0, 3.0]
    assert list(dots.x) == [2.0, 3.0] and dots.y[0] == "&lt;i&gt;now&lt;/i&gt;"
    assert dots.marker.color[0] != dots.marker.color[1]
    low, high = figure.layout.xaxis.range
    assert low < 1.0 and high > 5.0 and figure.layout.xaxis.tickprefix == "¥"
    assert len(bands_chart([]).data) == 2
    same = bands_chart([Bar("a", 0.0, 0.0, 0.0, "0")])
    assert same.layout.xaxis.range[0] < same.layout.xaxis.range[1]


def test_a_panel_per_channel_shades_what_was_ever_spent():
    panels = CurvePanels({}, {"a": "#0072B2"}, ["a", "<b>x</b>"], {"a": ("now", "then")})
    figure = curve_panels(POINTS, MARKS, panels, columns=2)
    shaded = [(shape.x0, shape.x1) for shape in figure.layout.shapes]
    assert shaded == [(50.0, 130.0), (20.0, 60.0)]
    assert [a.text for a in figure.layout.annotations] == ["a", "&lt;b&gt;x&lt;/b&gt;"]
    points = [trace for trace in figure.data if trace.mode == "markers"]
    assert [(t.marker.symbol, t.x[0]) for t in points[:2]] == [("circle", 100.0), ("diamond", 120.0)]


def test_the_frontier_marks_today_and_the_floor():
    table = pd.DataFrame(
        {
            "budget": [1.0, 2.0, 3.0], "outcome_low": [1.0, 2, float("nan")],
            "outcome": [2.0, 3, float("nan")], "outcome_high": [3.0, 4, float("nan")],
            "above_floor": [True, False, False],
        }
    )  # fmt: skip
    words = FrontierWords("budget", "outcome", "today", "floor", ["x", "y", "z"])
    figure = frontier_chart(table, 1.5, 1.8, words)
    line = figure.data[-1]
    assert list(line.x) == [1.0, 2.0] and list(line.hovertext) == ["x", "y"]
    assert line.marker.color[0] != line.marker.color[1]
    assert [shape.x0 for shape in figure.layout.shapes] == [1.5, 1.8]
    assert len(frontier_chart(table, 1.5, float("nan"), words).layout.shapes) == 1

"""Charts of tests: what is drawn, and that names stay text."""

import pandas as pd

from channelopt.charts.experiment import BesideWords, ForestWords, beside_chart, forest_chart
from channelopt.charts.testplan import PowerWords, Stretch, calendar_chart, power_chart

TABLE = pd.DataFrame(
    {
        "rel_effect_size": [0.2, -0.1],
        "rel_ci_low": [0.05, -0.4],
        "rel_ci_high": [0.4, 0.3],
        "rel_shrunk": [0.1, -0.02],
    }
)


def test_a_forest_has_a_range_per_row_and_room_at_both_ends():
    words = ForestWords(["b", "c"], "none", ["<b>B</b>", "C"])
    figure = forest_chart(TABLE, words, [True, None])
    ranges = [trace for trace in figure.data if trace.mode == "lines"]
    assert [tuple(trace.x) for trace in ranges] == [(0.05, 0.4), (-0.4, 0.3)]
    low, high = figure.layout.xaxis.range
    assert low < -0.4 and high > 0.4
    assert figure.data[0].y[0] == "&lt;b&gt;B&lt;/b&gt;"
    assert figure.data[0].marker.color[0] != figure.data[0].marker.color[1]
    assert len(forest_chart(TABLE.drop(columns="rel_shrunk"), words, [None, None]).data) == 3


def test_power_marks_the_smallest_effect_on_its_side():
    curve = pd.DataFrame({"effect": [-0.2, -0.1, 0.0], "power": [0.9, 0.5, 0.05]})
    figure = power_chart(curve, -0.1, 0.8, PowerWords("effect", "worth", ["a", "b", "c"]))
    at = [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1]
    assert at == [-0.1]


def test_a_calendar_shows_every_turn_and_the_last_look_filled():
    days = pd.date_range("2026-03-02", periods=3, freq="7D")
    turns = [Stretch(d, d + pd.Timedelta(days=6), "week", k % 2 == 1) for k, d in enumerate(days)]
    figure = calendar_chart(turns, [days[2]], ["look"])
    assert len(figure.data) == 4
    assert figure.data[0].x[0] == 7 * 86_400_000
    assert list(figure.data[3].marker.symbol) == ["circle"]
    assert figure.data[0].marker.color != figure.data[1].marker.color


def test_what_was_stands_beside_what_would_have_been():
    path = pd.DataFrame(
        {
            "day": pd.date_range("2026-03-02", periods=3),
            "observed": [1.0, 2.0, 3.0],
            "counterfactual": [1.0, 1.5, 2.0],
            "low": [0.5, 1.0, 1.5],
            "high": [1.5, 2.0, 2.5],
        }
    )
    words = BesideWords(["a", "b", "c"], "start", "was", "would")
    figure = beside_chart(path, pd.Timestamp("2026-03-03"), words)
    assert [t.name for t in figure.data if t.showlegend is not False] == ["would", "was"]

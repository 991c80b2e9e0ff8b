"""The chart of the replay: a promise and a hindsight per step, and steps that lost look different."""

import numpy as np
import pandas as pd

from channelopt.charts.walk import WalkWords, walk_chart


def test_steps_that_lost_point_down():
    table = pd.DataFrame(
        {
            "promised": [10.0, 5.0, np.nan], "promised_low": [0.0, 1.0, np.nan],
            "promised_high": [20.0, 9.0, np.nan], "hindsight": [8.0, -3.0, np.nan],
            "hindsight_low": [2.0, -6.0, np.nan], "hindsight_high": [14.0, 0.0, np.nan],
        }
    )  # fmt: skip
    words = WalkWords(["Jan 1", "Feb 1", "Mar 1"], ["a", "b", "c"], ["d", "<e>", "f"], "done", "¥")
    figure = walk_chart(table, words)
    promised, hindsight = figure.data
    assert set(promised.marker.symbol) == {"diamond"}
    assert hindsight.marker.symbol[:2] == ("circle", "triangle-down")
    assert hindsight.marker.color[0] != hindsight.marker.color[1]
    assert tuple(hindsight.error_y.array[:2]) == (6.0, 3.0)
    assert tuple(hindsight.error_y.arrayminus[:2]) == (6.0, 3.0)
    assert hindsight.hovertext[1] == "&lt;e&gt;"
    assert figure.layout.yaxis.tickprefix == "¥" and figure.layout.shapes[0].y0 == 0


def test_many_steps_are_not_all_named():
    one = {"promised": 1.0, "hindsight": 1.0}
    row = {name + end: value for name, value in one.items() for end in ("", "_low", "_high")}
    many = pd.DataFrame([row] * 26)
    words = WalkWords([str(n) for n in range(26)], [""] * 26, [""] * 26, "done")
    assert len(walk_chart(many, words).layout.xaxis.tickvals) <= 8

"""The next unit along the spend, hook names, monthly counts of the private domain."""

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import ChannelOptError
from channelopt.measure.domaincounts import people_of
from channelopt.plan.hooknames import hooks_named, named_campaigns
from channelopt.plan.nextunit import next_unit
from channelopt.response import ResponseCurves
from tests.plan.conftest import make_curves


def test_the_next_unit_is_the_slope_of_the_curve():
    curves = ResponseCurves.from_parameters(1000.0, 200.0, 1.0, today=[100.0, 50.0], channels=["a", "b"])
    table = next_unit(curves, "a", until=400.0)
    want = 1000 * 200 / (table["spend"] + 200) ** 2
    np.testing.assert_allclose(table["mroi"], want, rtol=1e-9)
    assert table["seen"].sum() > 0 and not table["seen"].iloc[-1]
    noisy = next_unit(make_curves(seed=2), "ch1")
    assert (noisy["low"] <= noisy["mroi"]).all() and (noisy["mroi"] <= noisy["high"] * 1.2).all()
    with pytest.raises(ChannelOptError):
        next_unit(curves, "z")


def test_hooks_have_the_teams_names_else_the_campaigns():
    daily = pd.DataFrame(
        {
            "channel": ["a", "a", "b", "b"],
            "campaign": ["one", "two", "three", ""],
            "clicks": [10.0, 20.0, 5.0, 7.0],
        }
    )
    names = {"a/one": "sample", "b/three": "sample"}
    assert named_campaigns(daily, names)["hook"].tolist() == ["two", "sample", "sample"]
    hooks = hooks_named(daily, names, {"a": "A", "b": "B"})
    assert hooks == {"two": ("a", ["two"]), "sample · A": ("a", ["one"]), "sample · B": ("b", ["three"])}


def test_monthly_counts_become_people_who_got_that_far():
    table = pd.DataFrame([["2026-08", 10, 6, 4, 3, 1], ["2026-09", 0, 0, 0, 0, 0]],
                         columns=["month", "added", "replied", "visited", "ordered", "repeated"])  # fmt: skip
    people = people_of(table)
    assert people.notna().sum().tolist() == [10, 6, 4, 3, 1]
    assert people_of(table.tail(1)).empty
    for month, replied in (("2026-08", 12), ("August", 5)):
        with pytest.raises(ChannelOptError):
            people_of(table.head(1).assign(month=month, replied=replied))

"""A channel against itself four weeks earlier and against another channel."""

import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.measure.compare import between_periods
from channelopt.watch.lately import LATELY, against, lately
from tests.plan.test_diagnosis import alive


def dearer(factor: float) -> pd.DataFrame:
    """A channel whose leads got dearer by this factor in the last four weeks."""
    frame = alive("a", 3.0, 4, days=70, leads=40.0).assign(clicks=lambda f: 10.0 * f["leads"] + 5)
    late = frame["day"] > frame["day"].max() - pd.Timedelta(days=28)
    return frame.assign(spend=frame["spend"].where(~late, factor * frame["spend"]))


def test_a_price_that_rose_is_sure_and_one_that_did_not_is_not():
    risen = lately(dearer(1.8)).set_index("metric")
    assert risen.loc["cpl", "sure"] and risen.loc["cpl", "change"] == pytest.approx(0.8, abs=0.25)
    steady = lately(dearer(1.0)).set_index("metric")
    assert not steady.loc["cpl", "sure"]
    assert set(risen.index) <= set(LATELY)


def test_the_periods_are_the_last_28_days_and_the_28_before():
    frame = dearer(1.3)
    last = frame["day"].max()
    day = pd.Timedelta(days=1)
    by_hand = between_periods(frame, "cpl", (last - 55 * day, last - 28 * day), (last - 27 * day, last))
    found = lately(frame).set_index("metric").loc["cpl"]
    assert found["change"] == pytest.approx(by_hand["change"].iloc[0])
    assert found["low"] == pytest.approx(by_hand["low"].iloc[0])


def test_a_short_history_and_an_empty_one_say_nothing():
    assert lately(dearer(1.0).iloc[:40]).empty
    assert lately(dearer(1.0).iloc[:0]).empty
    with pytest.raises(InputError):
        lately(pd.DataFrame({"day": []}))


def test_two_channels_beside_each_other():
    both = pd.concat([alive("good", 4.0, 1), alive("bad", 1.0, 2)])
    found = against(both, "bad", "good")
    assert found["high"] < 0 and found["one"] < found["other"]
    assert against(both, "bad", "bad") is None and against(both, "bad", "nobody") is None

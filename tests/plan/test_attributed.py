"""The diagnosis under every attribution model, and verdicts that depend on it."""

import pandas as pd
import pytest

from benchmarks.worlds import Book
from channelopt.plan.attributed import path_story
from channelopt.plan.diagnosis import diagnose
from channelopt.policy import CREDITS, Policy
from tests.plan.test_diagnosis import alive

NO_LEADS = pd.DataFrame({"channel": [], "created_at": pd.to_datetime([]), "customer_at": pd.to_datetime([])})


class Log(Book):
    """A book with conversion paths."""

    def __init__(self, daily: pd.DataFrame, journeys: pd.DataFrame) -> None:
        super().__init__(daily, NO_LEADS)
        self.journeys = journeys

    def paths(self, goal=None, lookback_days=30):
        return self.journeys


def journeys(opened: int = 400, alone: int = 200) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "path": [("opener", "closer"), ("closer",), ("opener",)],
            "ages": [(4.0, 0.0), (0.0,), (0.0,)],
            "persons": [10 * opened, 10 * alone, 500],
            "conversions": [opened, alone, 20],
            "value": [float(opened), float(alone), 20.0],
        }
    )


def book(paths: pd.DataFrame) -> Log:
    parts = [alive("opener", 0.4, 1), alive("closer", 5.0, 2)]
    return Log(pd.concat(parts, ignore_index=True), paths)


def test_an_opener_that_last_touch_drops_and_first_touch_keeps_is_a_flip():
    source = book(journeys())
    story = path_story(source, diagnose(source))
    table = story.table.set_index(["channel", "model"])
    assert table.loc[("opener", "recorded"), "verdict"] == "drop"
    assert table.loc[("opener", "first"), "verdict"] == "keep"
    assert "opener" in story.flips
    assert [f.code for f in story.findings if f.params["channel"] == "opener"] == ["plan.credit_flips"]
    assert list(dict.fromkeys(story.table["model"])) == list(CREDITS)


def test_under_each_model_the_account_brings_the_same():
    source = book(journeys())
    story = path_story(source, diagnose(source))
    totals = story.table.groupby("model")["revenue"].sum()
    assert totals.to_numpy() == pytest.approx(totals["recorded"])


def test_the_model_of_the_policy_is_the_one_judged():
    source = book(journeys())
    recorded, first = diagnose(source), diagnose(source, Policy(attribution="first"))
    by_recorded, by_first = (d.verdicts.set_index("channel") for d in (recorded, first))
    assert by_recorded.loc["opener", "verdict"] == "drop"
    assert by_first.loc["opener", "verdict"] == "keep"
    assert by_first["cost"].to_dict() == by_recorded["cost"].to_dict()


def test_without_enough_paths_the_lead_list_stays_in_force_and_it_is_said():
    source = book(journeys(4, 2).iloc[:2])
    found = diagnose(source, Policy(attribution="markov"))
    assert "plan.few_paths" in [f.code for f in found.findings]
    pd.testing.assert_frame_equal(found.verdicts, diagnose(source).verdicts)
    story = path_story(source, found)
    assert set(story.table["model"]) == {"recorded"}
    assert [f.code for f in story.findings] == ["plan.paths_too_few"]


def test_no_paths_no_story():
    source = book(journeys().iloc[:0])
    assert path_story(source, diagnose(source)) is None


def test_few_persons_in_the_log_widen_the_range():
    wide = diagnose(book(journeys(30, 15)), Policy(attribution="linear")).verdicts.set_index("channel")
    narrow = diagnose(book(journeys(3000, 1500)), Policy(attribution="linear")).verdicts.set_index("channel")

    def width(table: pd.DataFrame) -> float:
        return table.loc["opener", "roi_high"] / table.loc["opener", "roi_low"]

    assert width(wide) > width(narrow)

"""Full cost beside media: verdicts that change, and what tests give up."""

import pandas as pd
import pytest

from benchmarks.worlds import Book
from channelopt.plan.costs import cost_story, given_up_by_testing
from channelopt.plan.diagnosis import diagnose
from channelopt.policy import Policy
from tests.plan.test_diagnosis import alive


def book(*parts: pd.DataFrame) -> Book:
    daily = pd.concat(parts, ignore_index=True)
    leads = pd.DataFrame({"channel": [], "created_at": pd.to_datetime([]), "customer_at": pd.to_datetime([])})
    return Book(daily, leads)


def structure(daily: pd.DataFrame) -> pd.DataFrame:
    table = daily.groupby("channel")[["spend", "cost", "revenue"]].sum().reset_index()
    return table.assign(explicit=table["cost"] - table["spend"], hidden=0.0, opportunity=0.0)


def test_a_channel_that_lives_on_media_alone_falls_on_full_cost():
    fine = alive("fine", 5.0, 1).assign(cost=lambda f: f["spend"])
    heavy = alive("heavy", 3.0, 2).assign(cost=lambda f: 2 * f["spend"])
    source = book(fine, heavy)
    diagnosis = diagnose(source)
    story = cost_story(source, structure(source.daily()), diagnosis)
    table = story.table.set_index("channel")
    assert table.loc["heavy", ["media_verdict", "verdict"]].tolist() == ["keep", "drop"]
    assert table.loc["heavy", "roas"] == pytest.approx(2 * table.loc["heavy", "roi"])
    assert [f.code for f in story.findings] == ["plan.full_cost_drop"]
    assert story.media_share == pytest.approx(source.daily()["spend"].sum() / source.daily()["cost"].sum())


def test_a_test_gives_up_what_the_best_channel_would_earn():
    parts = [alive("good", 4.0, 1), alive("even", 2.05, 5, leads=6.0)]
    diagnosis = diagnose(pd.concat(parts), Policy(margin=0.4))
    rows = diagnosis.verdicts.set_index("channel")
    assert rows.loc["even", "verdict"] == "test"
    found = given_up_by_testing(diagnosis)
    if rows["spend_to_decide"].notna()["even"]:
        lost = rows.loc["good", "roi"] - rows.loc["even", "roi"]
        assert found["even"] == pytest.approx(rows.loc["even", "spend_to_decide"] * 0.4 * lost)
    assert given_up_by_testing(diagnose(pd.concat(parts))) == {}

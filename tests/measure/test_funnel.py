"""The step chain and its weakest step."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.funnel import world
from benchmarks.worlds import CLOSE, delayed
from channelopt.errors import PLAIN
from channelopt.fields import FUNNEL
from channelopt.measure import funnel_steps, ratio_of_sums
from channelopt.measure.funnel import FALSE_RATE, behaviour_findings, funnel, headline, weak_step_findings
from channelopt.measure.maturity import learn_delays
from channelopt.measure.messages import MESSAGES


def day(channel: str, **counts: float) -> dict[str, object]:
    return {"channel": channel, "day": pd.Timestamp("2026-01-01"), **counts}


def three(worst_clicks: float = 100.0, days: int = 28) -> pd.DataFrame:
    rows = [day(c, impressions=100_000.0, clicks=2000.0, leads=100.0, customers=20.0) for c in "ab"]
    last = day("c", impressions=100_000.0, clicks=worst_clicks, leads=5.0, customers=1.0)
    when = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=days)})
    return when.merge(pd.DataFrame([*rows, last]).drop(columns="day"), how="cross")


def test_rates_and_the_others_middle():
    steps = funnel_steps(three()).set_index(["channel", "from_stage"])
    assert steps.loc[("c", "impressions"), "rate"] == pytest.approx(0.001)
    assert steps.loc[("c", "impressions"), "others"] == pytest.approx(0.02)
    assert steps.loc[("a", "leads"), "to_stage"] == "customers"


def test_the_weakest_step_is_marked_once_and_only_when_clear():
    steps = funnel_steps(three())
    assert steps[steps["worst"]][["channel", "from_stage"]].to_numpy().tolist() == [["c", "impressions"]]
    assert not funnel_steps(three(1990.0).iloc[:2])["worst"].any()


def test_the_weak_step_is_told_with_both_rates():
    found = weak_step_findings(funnel_steps(three()))
    assert list(found) == ["c"]
    text = PLAIN.vformat(MESSAGES[found["c"].code], (), found["c"].params)
    assert "0.1%" in text and "2.0%" in text
    assert all(f"measure.weak_{stage}" in MESSAGES for stage in FUNNEL[1:])


def test_a_stage_that_is_not_reported_is_skipped():
    rows = [day("a", impressions=1000.0, leads=10.0), day("b", impressions=1000.0, clicks=10.0)]
    steps = funnel_steps(pd.DataFrame(rows))
    assert list(zip(steps["from_stage"], steps["to_stage"], strict=True)) == [
        ("impressions", "leads"), ("impressions", "clicks"),
    ]  # fmt: skip


def test_zero_and_empty():
    steps = funnel_steps(pd.DataFrame([day("a", clicks=0.0, leads=0.0)]))
    assert steps["rate"].isna().all() and not steps["worst"].any()
    assert funnel_steps(pd.DataFrame({"channel": [], "day": [], "clicks": []})).empty


def many(factor: float = 1.0, between: float = 0.1, seed: int = 1, channels: int = 8) -> pd.DataFrame:
    """Channels whose steps differ by nature; the leads step of the first one is multiplied."""
    return world(np.random.default_rng(seed), between, 0.2, channels=channels, factor=factor)


def test_the_interval_of_a_step_is_that_of_the_ratio_over_days():
    daily = many()
    steps = funnel_steps(daily)
    mine = steps[(steps["channel"] == "c3") & (steps["to_stage"] == "leads")].iloc[0]
    part = daily[daily["channel"] == "c3"].sort_values("day")
    top, bottom = (part[n].to_numpy()[None, :] for n in ("leads", "form_starts"))
    wanted = ratio_of_sums(top, bottom, count="numerator")
    assert mine[["rate", "low", "high"]].to_list() == pytest.approx(
        [wanted.value[0], wanted.low[0], wanted.high[0]]
    )
    assert mine["low"] < mine["rate"] < mine["high"]


def test_a_step_at_a_third_is_the_worst_one_and_nobody_else_is_accused():
    found = funnel(many(1 / 3))
    worst = found.steps[found.steps["worst"]]
    assert worst[["channel", "to_stage"]].to_numpy().tolist() == [["c0", "leads"]]
    assert worst["z"].iloc[0] < -3 and worst["p"].iloc[0] < FALSE_RATE
    first = headline(found)
    assert first.code == "measure.step_leads" and first.params["channel"] == "c0"


def test_a_much_better_step_is_not_called_worst():
    steps = funnel(many(3.0)).steps
    assert not steps["worst"].any()
    assert steps.loc[(steps["channel"] == "c0") & (steps["to_stage"] == "leads"), "z"].iloc[0] > 3


def test_channels_that_differ_by_nature_are_hardly_ever_accused():
    accused = [bool(funnel_steps(many(between=0.3, seed=s, channels=10))["worst"].any()) for s in range(40)]
    assert sum(accused) <= 6


def test_without_a_worse_step_the_furthest_one_is_named_as_what_it_is():
    first = headline(funnel(many()))
    assert first.code == "measure.step_none_worse"
    assert headline(funnel(many(channels=1))).code == "measure.step_no_others"
    assert headline(funnel(pd.DataFrame({"channel": ["a"], "day": ["2026-01-01"], "spend": [1.0]}))).code == (
        "measure.steps_unknown"
    )


def test_bounces_and_short_visits_are_worse_and_told():
    daily = many()
    bad = daily["channel"] == "c0"
    daily.loc[bad, "bounces"] = (0.95 * daily.loc[bad, "sessions"]).round()
    daily.loc[bad, "dwell_seconds"] = 3 * daily.loc[bad, "sessions"]
    found = funnel(daily)
    assert found.behaviour[found.behaviour["worse"]][["channel", "measure"]].to_numpy().tolist() == [
        ["c0", "bounce_rate"], ["c0", "dwell"],
    ]  # fmt: skip
    mine = found.behaviour[(found.behaviour["channel"] == "c0")].set_index("measure")
    assert mine.loc["dwell", "value"] == pytest.approx(3.0) and 0.3 < mine.loc["bounce_rate", "others"] < 0.7
    texts = [PLAIN.vformat(MESSAGES[f.code], (), f.params) for f in behaviour_findings(found)]
    assert "95.0%" in texts[0] and "3.00 seconds" in texts[1]


def test_every_headline_reads_as_a_sentence():
    params = {"channel": "A", "from_stage": "x", "to_stage": "y", "rate": 0.03, "others": 0.08}
    for stage in FUNNEL[1:]:
        text = PLAIN.vformat(MESSAGES[f"measure.step_{stage}"], (), params)
        assert "3.0%" in text and "8.0%" in text and text[-1] in ".?"


def test_young_leads_do_not_make_the_customers_step_look_weak():
    """One channel started three weeks ago: as seen half of its customers are missing, matured none."""
    rng = np.random.default_rng(4)
    dailies, leads = [], []
    for channel, days in (("old", 200), ("older", 200), ("oldest", 200), ("new", 42)):
        daily, persons = delayed(rng, "exponential", days, 60.0, 3.0)
        shift = pd.Timedelta(days=200 - days)
        dailies.append(daily.assign(channel=channel, day=daily["day"] + shift))
        persons = persons.assign(channel=channel)
        for name in ("created_at", "customer_at"):
            persons[name] = persons[name] + shift
        leads.append(persons)
    daily, persons = pd.concat(dailies, ignore_index=True), pd.concat(leads, ignore_index=True)
    delays = learn_delays(persons, daily["day"].max())

    def rate(frame: pd.DataFrame) -> pd.Series:
        return frame[frame["to_stage"] == "customers"].set_index("channel")["rate"]

    seen, matured = rate(funnel_steps(daily)), rate(funnel_steps(daily, delays))
    assert seen["new"] < 0.75 * CLOSE
    assert matured["new"] == pytest.approx(CLOSE, rel=0.15) and matured["old"] == pytest.approx(
        CLOSE, rel=0.05
    )
    shown = funnel_steps(daily, delays).set_index("channel").loc["new"]
    assert shown["rate"] == pytest.approx(shown["to_count"] / shown["from_count"] / shown["visible"])


def test_a_stage_reached_with_the_sale_is_not_corrected_beyond_all_of_it():
    """Qualified means sold here: 100% go on, however many customers are still to come."""
    daily, persons = delayed(np.random.default_rng(5), "exponential", 120, 30.0, 8.0)
    delays = learn_delays(persons, daily["day"].max())
    rows = daily.assign(channel="a", qualified_leads=daily["customers"])
    steps = funnel_steps(rows, delays).set_index(["from_stage", "to_stage"])
    assert steps.loc[("qualified_leads", "customers"), "rate"] == pytest.approx(1.0)
    assert steps.loc[("qualified_leads", "customers"), "visible"] == pytest.approx(1.0)


def alike(**first: float) -> pd.DataFrame:
    """Eight equal channels on 60 equal days; some counts of the first one are set."""
    usual = {
        "impressions": 1e6,
        "clicks": 2e4,
        "sessions": 1.6e4,
        "bounces": 3.2e3,
        "leads": 800.0,
        "customers": 80.0,
    }
    rows = [day(f"c{i}", **(usual | (first if i == 0 else {}))) for i in range(8)]
    when = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=60)})
    return when.merge(pd.DataFrame(rows).drop(columns="day"), how="cross")


def test_of_two_bad_steps_the_worse_one_is_marked():
    steps = funnel_steps(alike(leads=160.0, customers=8.0)).set_index(["channel", "to_stage"])
    assert steps.loc[("c0", "customers"), "p"] < FALSE_RATE and steps.loc[("c0", "leads"), "p"] < FALSE_RATE
    assert steps["worst"].sum() == 1 and steps.loc[("c0", "leads"), "worst"]


def test_a_sure_but_small_difference_is_no_weak_step():
    steps = funnel_steps(alike(clicks=1.7e4)).set_index(["channel", "to_stage"])
    assert steps.loc[("c0", "clicks"), "p"] < FALSE_RATE
    assert not steps["worst"].any()


def test_the_others_bounce_rate_is_one_less_those_who_stay():
    found = funnel(alike(bounces=1.5e4)).behaviour.set_index("channel")
    assert found.loc["c0", "others"] == pytest.approx(0.2, rel=1e-6) and found.loc["c0", "worse"]
    assert not found.drop("c0")["worse"].any()

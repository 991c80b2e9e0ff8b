"""The price chart: limits that hold, days outside with the reason the data give."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.funnel import prices
from channelopt.errors import PLAIN, InputError
from channelopt.measure.control import LIMIT, SHORT, WEEKDAYS_FROM, WINDOW, cpc_control
from channelopt.measure.messages import MESSAGES

DAYS = 90
WHEN = 70


def series(seed: int = 1, clicks: float = 400, days: int = DAYS, cv: float = 0.1) -> pd.DataFrame:
    daily = prices(np.random.default_rng(seed), 1, days, cv, 0.3, clicks)
    return daily.assign(channel="a", impressions=50 * daily["clicks"])


def planted(**factors: float) -> pd.DataFrame:
    """A steady channel, one day's spend, clicks or impressions multiplied."""
    daily = series()
    at = daily.index[daily["day"] == daily["day"].min() + pd.Timedelta(days=WHEN)]
    for name, factor in factors.items():
        daily.loc[at, name] *= factor
    return daily


def codes(frame: pd.DataFrame, place: int = WHEN) -> list[str]:
    return [f.code.removeprefix("measure.out_") for f in frame["reasons"].iloc[place]]


def test_limits_against_a_naive_loop():
    daily = series()
    frame = cpc_control(daily).of("a")
    log = np.log(daily["spend"] / daily["clicks"]).to_numpy()
    weekday = daily["day"].dt.day_of_week.to_numpy()
    apart = {d: [] for d in range(7)}
    for t in range(len(log)):
        week = log[max(0, t - 3) : t + 4]
        if len(week) >= 5:
            apart[weekday[t]].append(log[t] - week.mean())
    usual = np.array([np.median(apart[d]) for d in range(7)])
    usual -= usual.mean()
    level, noise = log - usual[weekday], 1 / daily["clicks"].to_numpy()

    def before(values, t):
        return np.median(values[:28]) if t < 28 else np.median(values[max(0, t - WINDOW) : t])

    centre = np.array([before(level, t) for t in range(DAYS)])
    gaps = np.abs(level - centre)
    for t in (0, 27, 28, 60, 89):
        spread = np.sqrt((1.4826 * before(gaps, t)) ** 2 + max(noise[t] - before(noise, t), 0.0))
        reach = LIMIT * (1 + SHORT / DAYS) * spread
        middle = centre[t] + usual[weekday[t]]
        assert frame.loc[t, "centre"] == pytest.approx(np.exp(middle))
        assert frame.loc[t, ["low", "high"]].to_list() == pytest.approx(
            [np.exp(middle - reach), np.exp(middle + reach)]
        )


def test_a_price_that_only_fluctuates_is_hardly_ever_called_out():
    frame = cpc_control(prices(np.random.default_rng(2), 150, DAYS, 0.2, 0.5, 300)).frame
    assert frame["out"].mean() <= 0.012
    assert len(frame) == 150 * DAYS


def test_the_past_is_not_judged_again():
    daily = series()
    short = cpc_control(daily[daily["day"] < daily["day"].min() + pd.Timedelta(days=75)]).of("a")
    more = cpc_control(daily).of("a")
    assert (short["out"] == more["out"].head(75)).all()
    assert np.allclose(np.log(short["centre"]), np.log(more["centre"].head(75)), atol=0.06)


def test_a_dearer_day_is_out_and_its_reason_is_what_moved():
    spend = cpc_control(planted(spend=2.0)).of("a")
    assert spend.loc[WHEN, "out"] and spend["out"].sum() <= 3
    assert set(codes(spend)) == {"cpm_up", "spend_up"}
    ctr = cpc_control(planted(clicks=0.5)).of("a")
    assert codes(ctr) == ["ctr_up"] and ctr.loc[WHEN, "reason"] == "ctr_up"
    fewer = cpc_control(planted(spend=0.4)).of("a")
    assert set(codes(fewer)) == {"cpm_down", "spend_down"}
    better = cpc_control(planted(clicks=2.0)).of("a")
    assert codes(better)[0] == "ctr_down"


def test_without_impressions_an_unexplained_day_says_so():
    assert codes(cpc_control(planted(clicks=0.5).drop(columns="impressions")).of("a")) == ["unknown_up"]


def test_few_clicks_gaps_and_the_newest_days_come_first():
    few = cpc_control(planted(clicks=0.02, impressions=0.02)).of("a")
    if few.loc[WHEN, "out"]:
        assert codes(few)[0] == "few_clicks_up"
    holed = planted(spend=2.0)
    holed = holed[holed["day"] != holed["day"].min() + pd.Timedelta(days=WHEN - 1)]
    assert codes(cpc_control(holed).of("a"), WHEN - 1)[0] == "gap_up"
    newest = planted(spend=2.0)
    newest = newest[newest["day"] <= newest["day"].min() + pd.Timedelta(days=WHEN)]
    assert codes(cpc_control(newest).of("a"))[0] == "filling_up"


def test_few_clicks_make_wide_limits():
    usual, few = (cpc_control(frame).of("a") for frame in (planted(), planted(clicks=0.05, spend=0.05)))
    ratio = [frame.loc[WHEN, "high"] / frame.loc[WHEN, "centre"] for frame in (usual, few)]
    assert ratio[1] > 1.5 * ratio[0] and few.loc[WHEN, "cpc"] < few.loc[WHEN, "high"]


def test_a_shift_between_campaigns_is_named():
    daily = series()
    dear, cheap = daily.copy(), daily.copy()
    dear["clicks"], cheap["clicks"] = 100.0, 300.0
    at = daily["day"] == daily["day"].min() + pd.Timedelta(days=WHEN)
    dear.loc[at, "clicks"], cheap.loc[at, "clicks"] = 350.0, 50.0
    rng = np.random.default_rng(3)
    dear["spend"] = dear["clicks"] * 8.0 * rng.lognormal(0, 0.03, DAYS)
    cheap["spend"] = cheap["clicks"] * 2.0 * rng.lognormal(0, 0.03, DAYS)
    for part in (dear, cheap):
        part["impressions"] = 50 * part["clicks"]
    campaigns = pd.concat([dear.assign(campaign="dear"), cheap.assign(campaign="cheap")], ignore_index=True)
    total = campaigns.groupby(["day", "channel"], as_index=False)[["spend", "clicks", "impressions"]].sum()
    assert codes(cpc_control(total, campaigns).of("a"))[0] == "mix_up"
    assert "mix_up" not in codes(cpc_control(total).of("a"))


def test_weeks_are_drawn_where_clicks_are_few():
    frame = cpc_control(series(clicks=6, days=140)).of("a")
    assert set(frame["unit"]) == {"week"} and len(frame) == 20
    daily = series(clicks=6, days=140)
    last = daily[daily["day"] > daily["day"].max() - pd.Timedelta(days=7)]
    assert frame["cpc"].iloc[-1] == pytest.approx(last["spend"].sum() / last["clicks"].sum())


def test_little_or_no_data():
    assert cpc_control(series(days=10)).of("a")["low"].isna().all()
    assert WEEKDAYS_FROM == 28
    assert cpc_control(series().drop(columns="clicks")).frame.empty
    empty = pd.DataFrame({"day": pd.to_datetime([]), "channel": [], "spend": [], "clicks": []})
    assert cpc_control(empty).frame.empty
    with pytest.raises(InputError):
        cpc_control(pd.DataFrame({"channel": ["a"]}))


def test_every_reason_reads_as_a_sentence():
    params = {"change": 0.2, "moved": 0.3, "factor": 1.5, "clicks": 4.0, "cpc": 2.0}
    for code, template in MESSAGES.items():
        if code.startswith("measure.out_"):
            text = PLAIN.vformat(template, (), params)
            assert "unknown" not in text and text.endswith((".", "costs."))


def test_a_weekend_of_a_short_history_says_that_weekends_are_not_known():
    daily = series(days=26).sort_values("day")
    saturday = daily["day"].dt.day_of_week.eq(5) & (daily["day"] > daily["day"].min() + pd.Timedelta(days=14))
    place = int(np.flatnonzero(saturday)[0])
    daily.loc[daily.index[place], "spend"] *= 3
    assert "weekend_up" in codes(cpc_control(daily).of("a"), place)

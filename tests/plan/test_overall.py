"""Where no channel is credited, plans come from what all channels brought together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.ledger import Ledger
from channelopt.plan.backtest import backtest
from channelopt.plan.diagnosis import diagnose
from channelopt.plan.focus import focus
from channelopt.plan.forecast import rows_of
from channelopt.plan.history import curves_of, history_of, learned, outcomes_of
from channelopt.plan.kept import to_keep
from channelopt.plan.overall import likely_returns, only_overall
from channelopt.plan.scenarios import Scenario
from channelopt.plan.score import evidence_of, score
from channelopt.policy import Policy
from channelopt.response import fit_response

LAST = pd.Timestamp("2026-06-28")  # a Sunday
DAYS = 26 * 7
RETURNS = {"a": 4.0, "b": 0.5, "c": 1.0}
BASE = 3000.0


def daily(seed=0):
    """Spend that moves on its own by week, day by day."""
    rng = np.random.default_rng(seed)
    days = pd.date_range(end=LAST, periods=DAYS)
    parts = []
    for channel, level in (("a", 1000.0), ("b", 800.0), ("c", 500.0)):
        weeks = level * np.exp(rng.normal(0, 0.5, DAYS // 7))
        parts.append(pd.DataFrame({"day": days, "channel": channel, "spend": np.repeat(weeks, 7)}))
    return pd.concat(parts, ignore_index=True).assign(clicks=10.0)


def by_day(table, seed=1, noise=0.05):
    rng = np.random.default_rng(seed)
    brought = (table["spend"] * table["channel"].map(RETURNS)).groupby(table["day"]).sum() + BASE
    return brought * np.exp(rng.normal(0, noise, len(brought)))


def overall(table, freq="D", **columns):
    """What all brought together, by day or summed over weeks that end on a Sunday, or months."""
    seen = by_day(table)
    if freq == "D":
        found = pd.DataFrame({"day": seen.index, "day_end": pd.NaT, "revenue": seen.to_numpy()})
    else:
        sums = seen.groupby(seen.index.to_period(freq)).sum()
        first, last = sums.index.start_time.normalize(), sums.index.end_time.normalize()
        found = pd.DataFrame({"day": first, "day_end": last, "revenue": sums.to_numpy()})
        found = found[(found["day"] >= seen.index[0]) & (found["day_end"] <= LAST)].reset_index(drop=True)
    return found.assign(leads=np.nan, customers=np.nan).assign(**columns)


def test_a_plan_can_be_for_what_only_all_together_are_known_to_bring():
    table = daily()
    assert outcomes_of(table, overall(table)) == ("revenue", "profit")
    assert outcomes_of(table, overall(table, customers=3.0)) == ("revenue", "profit", "customers")
    assert outcomes_of(table, overall(table).iloc[:0]) == () == outcomes_of(table, None)
    assert outcomes_of(table.assign(leads=1.0), overall(table)) == ("revenue", "profit", "leads")


def test_credited_outcomes_come_first():
    table = daily().assign(revenue=50.0)
    assert not only_overall(table, overall(table), "revenue")
    found = history_of(table, None, "revenue", overall(table))
    assert found.periods is None and (found.daily["revenue"] == 50).all()
    assert history_of(table, None, "customers", overall(table, customers=3.0)).periods is not None
    assert not only_overall(table, overall(table), "valid_leads")


def test_the_team_may_let_plans_learn_from_the_whole_though_channels_are_credited():
    table = daily().assign(revenue=50.0)
    found = history_of(table, None, "revenue", overall(table), "overall")
    assert [f.code for f in found.findings] == ["plan.overall_chosen"]
    plain = history_of(daily(), None, "revenue", overall(table))
    pd.testing.assert_frame_equal(found.periods, plain.periods)
    nothing = history_of(table, None, "revenue", overall(table).iloc[:0], "overall")
    assert nothing.periods is None and (nothing.daily["revenue"] == 50).all()
    with pytest.raises(InputError):
        Policy(plan_by="both")


def test_by_day_it_is_the_fit_of_a_total():
    table = daily()
    found = history_of(table, None, "revenue", overall(table))
    ours = learned(found, "revenue", Policy())
    total = pd.DataFrame({"day": by_day(table).index, "revenue": by_day(table).to_numpy()})
    theirs = fit_response(table[["day", "channel", "spend"]], total=total)
    assert not ours.attributed and np.array_equal(ours.top, theirs.top)
    assert [f.code for f in found.findings] == ["plan.overall_learned"]
    assert found.findings[0].params["days"] == DAYS and found.ripe_until == found.last_day == LAST.date()
    returns = likely_returns(ours, 0.9).set_index("channel")
    assert returns["roi"].idxmax() == "a"
    assert (returns["roi_low"] <= returns["roi"]).all() and (returns["roi"] <= returns["roi_high"]).all()
    assert list(returns.index) == list(ours.today.sort_values(ascending=False).index)


def test_a_day_has_its_outcome_once_and_money_stays():
    table = daily()
    table = table[~((table["channel"] == "a") & (table["day"] == LAST))]  # its largest channel lacks a row
    found = history_of(table, None, "revenue", overall(table))
    seen = found.daily.groupby("day")["revenue"]
    assert (seen.count() == 1).all()
    assert seen.sum().to_numpy() == pytest.approx(by_day(table).to_numpy())
    assert found.daily["spend"].sum() == pytest.approx(table["spend"].sum())
    arrays = rows_of(found.daily, ("a", "b", "c"), "revenue")
    assert arrays.outcome == pytest.approx(by_day(table).to_numpy())


@pytest.mark.parametrize("freq", ["W-SUN", "M"])
def test_periods_are_fitted_whole_and_spread_for_the_forecast(freq):
    table = daily()
    known = overall(table, freq)
    found = history_of(table, None, "revenue", known)
    assert {f.code for f in found.findings} == {"plan.overall_learned", "plan.overall_spread"}
    assert len(found.periods) == len(known)
    assert found.daily["revenue"].sum() == pytest.approx(known["revenue"].sum())
    assert found.ripe_until == known["day_end"].max().date() and found.last_day == LAST.date()
    ours = learned(found, "revenue", Policy())
    period = table["day"].dt.to_period(freq)
    sums = table.groupby([period, "channel"])["spend"].sum().reset_index()
    first, last = sums["day"].dt.start_time.dt.normalize(), sums["day"].dt.end_time.dt.normalize()
    last = last.clip(upper=LAST)  # the days after the last whole month are a period of their own
    whole = sums.assign(day=first, day_end=last)[first >= known["day"].min()]
    theirs = fit_response(whole, total=known[["day", "revenue"]])
    assert np.array_equal(ours.top, theirs.top)
    assert likely_returns(ours, 0.9).set_index("channel")["roi"].idxmax() == "a"
    tried = backtest(found.daily, lambda rows: learned(found.until(rows), "revenue", Policy()))
    assert tried.table["n"].sum() >= 6 and tried.table["covered"].sum() >= 0.6 * tried.table["n"].sum()


def test_days_beside_months_are_spread_and_overlaps_add_up():
    table = daily()
    months = overall(table, "M").iloc[:2]
    days = overall(table).loc[lambda f: f["day"] > months["day_end"].max()]
    found = history_of(table, None, "revenue", pd.concat([months, days], ignore_index=True))
    assert (found.periods["day"] == found.periods["day_end"]).all()
    shops = pd.concat([overall(table), overall(table, "W-SUN")], ignore_index=True)
    twice = history_of(table, None, "revenue", shops)
    assert twice.daily["revenue"].sum() == pytest.approx(2 * by_day(table).sum())


def test_results_outside_the_days_with_spend_are_left_out_and_told():
    table = daily()
    more = overall(table)
    early = more.assign(day=more["day"] - pd.Timedelta(days=DAYS))
    found = history_of(table, None, "revenue", pd.concat([early, more], ignore_index=True))
    told = {f.code: f.params for f in found.findings}
    assert told["plan.overall_left_out"] == {"rows": DAYS}
    assert history_of(table, None, "revenue", early).periods is None  # nothing to learn from


def test_spend_after_the_last_result_counts_as_todays():
    table = daily()
    late = table["day"] > LAST - pd.Timedelta(days=28)
    table.loc[late & (table["channel"] == "b"), "spend"] = 5000.0
    known = overall(table, "W-SUN").iloc[:-4]
    found = history_of(table, None, "revenue", known)
    assert found.first_coming == (LAST + pd.Timedelta(days=1)).date()
    assert learned(found, "revenue", Policy()).today["b"] > 2000


def test_the_past_is_tried_on_what_was_known_then():
    table = daily()
    found = history_of(table, None, "revenue", overall(table, "W-SUN"))
    origin = LAST - pd.Timedelta(days=59)  # in the middle of a week
    cut = found.until(found.daily[found.daily["day"] < origin])
    ours = learned(cut, "revenue", Policy())
    before = table[table["day"] < origin]
    again = history_of(before, None, "revenue", overall(table, "W-SUN"))
    assert np.array_equal(ours.top, learned(again, "revenue", Policy()).top)


def weekly(table):
    """The spend as weekly rows that say only when their week begins."""
    week = table["day"].dt.to_period("W-SUN").dt.start_time.dt.normalize()
    return table.assign(day=week).groupby(["day", "channel"], as_index=False)["spend"].sum()


@pytest.mark.parametrize("freq", ["W-SUN", "W-MON", "D"])
def test_weekly_spend_beside_weekly_and_daily_results(freq):
    table = daily()
    rows = weekly(table)
    known = overall(table, freq)
    found = history_of(rows, None, "revenue", known)
    assert found.last_day == LAST.date()  # the end of the last week, not its first day
    assert found.daily["spend"].sum() == pytest.approx(table["spend"].sum())
    ours = learned(found, "revenue", Policy())
    if freq == "W-MON":  # weeks that begin on another day: spend is shared out among them
        assert (found.periods["day_end"] - found.periods["day"]).dt.days.eq(6).all()
    else:
        theirs = fit_response(rows, total=overall(table, "W-SUN")[["day", "revenue"]])
        assert ours.top == pytest.approx(theirs.top, rel=1e-9)
    assert likely_returns(ours, 0.9).set_index("channel")["roi"].idxmax() == "a"


def test_a_weekly_channel_among_daily_ones_is_spread():
    table = daily()
    own = table["channel"] == "c"
    both = pd.concat([table[~own], weekly(table[own])], ignore_index=True)
    found = history_of(both, None, "revenue", overall(table))
    spend = found.daily[found.daily["channel"] == "c"].set_index("day")["spend"]
    assert len(spend) == DAYS
    assert spend.to_numpy() == pytest.approx(table[own].set_index("day")["spend"].to_numpy())
    assert len(found.periods) == DAYS // 7 and learned(found, "revenue", Policy()).channels == ("a", "b", "c")


def test_a_weekly_channel_with_leads_every_day_is_spread_too():
    table = daily()
    own = table["channel"] == "c"
    zeros = table[own].assign(spend=0.0)  # its leads stand on days without a row of spend
    both = pd.concat([table[~own], weekly(table[own]), zeros], ignore_index=True)
    both = both.groupby(["day", "channel"], as_index=False)["spend"].sum()
    found = history_of(both, None, "revenue", overall(table))
    spend = found.daily[found.daily["channel"] == "c"].set_index("day")["spend"]
    assert spend.to_numpy() == pytest.approx(table[own].set_index("day")["spend"].to_numpy())


def test_payments_now_and_then_leave_the_days_alone():
    table = daily()
    some = pd.DataFrame({"day": LAST - pd.to_timedelta([3, 20, 44, 47, 90, 130, 171], unit="D")})
    found = history_of(
        pd.concat([table, some.assign(channel="kol", spend=5_000.0)], ignore_index=True),
        None, "revenue", overall(table),
    )  # fmt: skip
    assert len(found.periods) == DAYS and found.last_day == LAST.date()


def test_days_without_known_spend_are_no_days_of_no_spend():
    table = daily()
    early = pd.DataFrame({"day": table["day"].unique() - pd.Timedelta(days=DAYS), "channel": "a"})
    both = pd.concat([early.assign(spend=np.nan), table], ignore_index=True)
    more = overall(table)
    before = more.assign(day=more["day"] - pd.Timedelta(days=DAYS))
    found = history_of(both, None, "revenue", pd.concat([before, more], ignore_index=True))
    told = {f.code: f.params for f in found.findings}
    assert told["plan.overall_learned"]["days"] == DAYS
    assert told["plan.overall_left_out"] == {"rows": DAYS}


def test_a_large_new_channel_does_not_hide_the_results_before_it():
    table = daily()
    days = pd.date_range(end=LAST, periods=40)
    new = pd.DataFrame({"day": days, "channel": "aa", "spend": 90_000.0})
    found = history_of(pd.concat([table, new], ignore_index=True), None, "revenue", overall(table))
    tried = backtest(found.daily, lambda rows: learned(found.until(rows), "revenue", Policy()))
    assert tried.table["n"].sum() >= 6


def test_without_any_spend_nothing_can_be_planned():
    table = daily()
    for empty in (table.iloc[:0], table.assign(spend=0.0), table.assign(spend=np.nan)):
        assert outcomes_of(empty, overall(table)) == ()
    assert history_of(table.iloc[:1], None, "revenue", overall(table)).periods is not None


@pytest.mark.parametrize(("freq", "rows"), [("D", "daily"), ("W-SUN", "daily"), ("W-SUN", "weekly")])
def test_whether_it_paid_is_told_by_all_together(freq, rows):
    table = daily()
    shaped = weekly if rows == "weekly" else (lambda one: one)
    start = LAST - pd.Timedelta(days=27)
    before = history_of(shaped(table[table["day"] < start]), None, "revenue", overall(table, freq))
    curves = learned(before, "revenue", Policy())
    plan = Scenario("more a", {"a": 3000.0, "b": 400.0, "c": 500.0}, 28)
    evidence = evidence_of(curves, plan, before.first_coming)
    moved = table.copy()
    for channel, money in plan.spend.items():
        moved.loc[(moved["channel"] == channel) & (moved["day"] >= start), "spend"] = money
    after = history_of(shaped(moved), None, "revenue", overall(moved, freq))
    found = score(plan, evidence, after.ripe)
    assert found.followed and found.verdict == "paid"
    assert found.seen == pytest.approx(by_day(moved)[lambda s: s.index >= start].sum(), rel=1e-6)
    assert to_keep(curves, before, plan, _ask(), _look(), Policy())[0]["days"] == 28


def _ask():
    from channelopt.plan.asked import Ask

    return Ask()


def _look():
    from types import SimpleNamespace

    from channelopt.plan.planned import Band

    none = Band(1.0, 2.0, 3.0)
    return SimpleNamespace(outcome=none, gain=none, chance=0.9, budget=1.0, roi=2.0)


def test_profit_is_the_margin_of_the_revenue():
    table = daily()
    found = history_of(table, None, "profit", overall(table))
    half = learned(found, "profit", Policy(margin=0.5))
    whole = learned(history_of(table, None, "revenue", overall(table)), "revenue", Policy())
    assert half.top == pytest.approx(0.5 * whole.top)


def source(tmp_path, freq="D"):
    """A workspace of two files: spend by channel, and what all brought together."""
    table = daily()
    ledger = Ledger.open(tmp_path / freq, currency="USD")
    spend = table.rename(columns={"spend": "spend (USD)"}).to_csv(index=False)
    names = {"day": "start date", "day_end": "end date", "revenue": "net sales (USD)"}
    seen = overall(table, freq).rename(columns=names)
    columns = [name for name in names.values() if freq != "D" or name != "end date"]
    for name, text in (("spend.csv", spend), ("sales.csv", seen[columns].to_csv(index=False))):
        ledger.commit(ledger.read(text.encode(), name), "eve")
    return ledger


@pytest.mark.parametrize("freq", ["D", "W-SUN"])
def test_from_two_files_to_curves_and_a_focus(tmp_path, freq):
    with source(tmp_path, freq) as ledger:
        curves, history = curves_of(ledger)
        assert not curves.attributed and history.periods is not None
        past = history_of(daily(), None, "revenue", overall(daily(), freq))
        direct = learned(past, "revenue", ledger.policy)
        assert curves.top == pytest.approx(direct.top, rel=1e-3)  # the file has cents
        verdicts = diagnose(ledger)
        assert set(verdicts.verdicts["verdict"]) == {"unknown"}  # no channel is judged by it
        found = focus(curves, verdicts, n=1)
        assert found.chosen == ("a",) and found.table["reason"].iloc[0].code.startswith("plan.focus_in")

"""Currencies, full cost, exact sums, settings with a history."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from channelopt.fields import SPEND_COLUMNS, SPEND_FIELDS
from channelopt.ledger import Ledger, LedgerError
from channelopt.plan.diagnosis import diagnose
from channelopt.policy import Policy
from tests.ledger.conftest import START, lead, lead_read, make, spend, spend_read, spend_rows


def test_another_currency_counts_only_with_a_rate(ledger):
    commit = ledger.commit(spend_read(spend_rows(), currency="USD"), "eve")
    assert [f.code for f in commit.findings] == ["ledger.no_rate"]
    assert ledger.daily().empty
    assert [f.code for f in ledger.findings()] == ["ledger.no_rate"]
    ledger.set_rate("USD", 7.1, "eve")
    assert spend(ledger) == pytest.approx(213.0)
    ledger.set_rate("USD", 7.0, "eve")
    assert spend(ledger) == pytest.approx(210.0)
    assert ledger.findings() == ()
    assert ledger.rates()["currency"].tolist() == ["USD"]


@pytest.mark.parametrize(("code", "rate"), [("usd", 7.0), ("USD", 0.0), ("USD", float("nan")), ("", 1.0)])
def test_an_impossible_rate_is_refused(ledger, code, rate):
    with pytest.raises(LedgerError):
        ledger.set_rate(code, rate, "eve")


def test_a_brand_whose_money_is_all_elsewhere_takes_that_currency(ledger):
    ledger.commit(spend_read(spend_rows(), currency="USD"), "eve")
    assert ledger.may_change_currency()
    ledger.set_currency("USD", "eve")
    assert ledger.currency == "USD" and ledger.findings() == ()
    assert spend(ledger) == pytest.approx(30.0)
    assert ledger.rates().empty and ledger.passport().currency == "USD"
    assert not ledger.may_change_currency()
    with pytest.raises(LedgerError) as refused:
        ledger.set_currency("CNY", "eve")
    assert refused.value.code == "ledger.currency_in_use"
    assert refused.value.params == {"currency": "USD", "wanted": "CNY"}


def test_rates_follow_the_currency(ledger):
    ledger.commit(spend_read(spend_rows(), currency="USD"), "eve")
    ledger.set_rate("USD", 8.0, "eve")
    ledger.set_rate("EUR", 10.0, "eve")
    ledger.set_currency("USD", "eve")
    assert dict(zip(*(ledger.rates()[c] for c in ("currency", "rate")), strict=True)) == pytest.approx(
        {"CNY": 0.125, "EUR": 1.25}
    )
    assert spend(ledger) == pytest.approx(30.0)


def test_rates_nobody_can_translate_are_forgotten(ledger):
    ledger.set_rate("EUR", 8.0, "eve")
    ledger.set_currency("USD", "eve")
    assert ledger.rates().empty and ledger.currency == "USD"


def test_an_undone_file_holds_no_currency(ledger):
    ledger.commit(spend_read(spend_rows()), "eve")
    assert not ledger.may_change_currency()
    ledger.undo(int(ledger.imports()["import_id"].iloc[-1]), "eve")
    assert ledger.may_change_currency()


@pytest.mark.parametrize("said", ["cost", "policy", "click"])
def test_money_the_team_said_holds_the_currency(ledger, said):
    if said == "cost":
        ledger.add_other_cost(START, 90.0, "staff", by="eve")
    else:
        prices = {"market_cpc": {"baidu": 2.0}} if said == "click" else {"call_cost": 5.0}
        ledger.save_policy(Policy(**prices), "eve")
    with pytest.raises(LedgerError):
        ledger.set_currency("USD", "eve")


@pytest.mark.parametrize("code", ["usd", "US", "", "DOLLAR"])
def test_what_is_no_currency_is_refused(ledger, code):
    with pytest.raises(LedgerError) as refused:
        ledger.set_currency(code, "eve")
    assert refused.value.code == "ledger.bad_currency" and ledger.currency == "CNY"


def test_ten_thousand_cents_add_up_exactly(ledger):
    ledger.commit(spend_read(spend_rows(days=100, campaigns=[f"c{i}" for i in range(100)], each=0.01)), "eve")
    assert round(spend(ledger), 4) == pytest.approx(100 * sum(range(1, 101)) * 0.01, abs=1e-9)


def test_other_costs_are_spread_without_losing_any(ledger):
    ledger.commit(spend_read(spend_rows(days=40)), "eve")
    ledger.commit(
        spend_read(spend_rows(days=40, platform="radio", each=30.0), platform="radio", name="r"), "eve"
    )
    ledger.add_other_cost(dt.date(2026, 3, 15), 500.0, "agency", "baidu", by="eve")
    number = ledger.add_other_cost(dt.date(2026, 3, 1), 310.0, "tools", by="eve")
    table = ledger.daily(("channel",)).set_index("channel")
    extra = table["cost"] - table["spend"]
    assert extra.sum() == pytest.approx(810.0)
    assert extra["radio"] == pytest.approx(310 * 30 / 40)
    april = ledger.daily(start=dt.date(2026, 4, 1))
    assert (april["cost"] == april["spend"]).all()
    ledger.remove_other_cost(number, "eve")
    assert ledger.daily(("channel",))["cost"].sum() == pytest.approx(40 * 40 + 500)


def test_a_month_without_spend_still_carries_its_channel_cost(ledger):
    ledger.commit(spend_read(spend_rows(days=3, each=0.0)), "eve")
    ledger.add_other_cost(START, 90.0, "staff", "baidu", by="eve")
    assert ledger.daily(("channel",))["cost"].iloc[0] == pytest.approx(90.0)


def test_money_tied_up_costs_a_month_of_the_yearly_rate(ledger):
    ledger.commit(spend_read(spend_rows()), "eve")
    ledger.save_policy(Policy(opportunity_rate=0.12), "eve")
    assert ledger.daily(("channel",))["cost"].iloc[0] == pytest.approx(30 * 1.01)


def test_policies_are_never_overwritten(ledger):
    ledger.save_policy(Policy(roi_floor=2.5), "eve")
    ledger.save_policy(Policy(roi_floor=3.0), "bob")
    assert ledger.policy.roi_floor == 3.0
    assert ledger.policies()["by"].tolist() == ["eve", "bob"]


def test_a_stricter_policy_applies_to_what_is_stored(ledger):
    ledger.commit(spend_read(spend_rows(), explained=0.985), "eve")
    assert spend(ledger) == 30
    ledger.save_policy(Policy(spend_explained=0.99), "eve")
    assert ledger.daily().empty


def test_palette_places_stay_when_channels_come(ledger):
    ledger.commit(spend_read(spend_rows(platform="m"), platform="m"), "eve")
    ledger.commit(spend_read(spend_rows(platform="a"), platform="a", name="a"), "eve")
    assert dict(zip(*[ledger.channels()[c] for c in ("channel", "palette")], strict=True)) == {"m": 0, "a": 1}
    ledger.rename_channel("m", "Mine", "eve")
    assert ledger.channels().set_index("channel").loc["m", "label"] == "Mine"


@pytest.mark.parametrize(
    "by", [("channel",), ("day",), ("platform",), ("account",), ("day", "channel", "campaign")]
)
def test_every_grouping_adds_up_to_the_same_money(ledger, by):
    ledger.commit(spend_read(spend_rows(campaigns=("a", "b"), account="n")), "eve")
    ledger.commit(lead_read([lead("p1", bought=1)], ledger), "eve")
    assert ledger.daily(by)["spend"].sum() == pytest.approx(90.0)


def test_days_are_inclusive(ledger):
    ledger.commit(spend_read(spend_rows(days=10)), "eve")
    part = ledger.daily(start=START + dt.timedelta(days=2), end=START + dt.timedelta(days=4))
    assert len(part) == 3


def test_empty_spend_only_and_leads_only_workspaces_are_judged(ledger):
    assert diagnose(ledger).verdicts.empty
    ledger.commit(
        spend_read([{k: v for k, v in r.items() if k != "leads"} for r in spend_rows(days=30)]), "eve"
    )
    assert diagnose(ledger).verdicts["verdict"].tolist() == ["unknown"]
    with Ledger.open(":memory:") as other:
        other.commit(lead_read([lead("p1", bought=1)], other), "eve")
        assert diagnose(other).verdicts["verdict"].tolist() == ["unknown"]
        assert np.isnan(diagnose(other).verdicts["roi"].iloc[0])


def test_a_cost_without_spend_in_its_month_is_said_and_counts_when_the_spend_comes(ledger):
    ledger.commit(spend_read(spend_rows(days=20)), "eve")
    ledger.add_other_cost(dt.date(2026, 2, 1), 90.0, "staff", "baidu", by="eve")
    ledger.add_other_cost(dt.date(2026, 5, 1), 40.0, "tools", by="eve")
    ledger.add_other_cost(START, 10.0, "tools", by="eve")
    found = {f.code: f for f in ledger.findings()}
    assert set(found) == {"ledger.cost_waits", "ledger.cost_of_all_waits"}
    assert found["ledger.cost_waits"].params == {
        "channel": "baidu",
        "month": dt.date(2026, 2, 1),
        "amount": 90.0,
    }
    assert (found["ledger.cost_waits"].severity, found["ledger.cost_of_all_waits"].severity) == (
        "warning",
        "info",
    )
    assert ledger.daily(("channel",))["cost"].sum() == pytest.approx(210)
    ledger.commit(spend_read(spend_rows(days=2, start=-20), name="feb"), "eve")
    assert [f.code for f in ledger.findings()] == ["ledger.cost_of_all_waits"]
    assert ledger.daily(("channel",))["cost"].sum() == pytest.approx(220 + 10 + 90)


@pytest.mark.parametrize("crm", [False, True])
def test_visits_of_days_without_spend_rows_are_kept(ledger, crm):
    ledger.commit(spend_read([r for r in spend_rows(days=6) if r["day"].day != 3]), "eve")
    rows = [
        {"day": START + dt.timedelta(days=d), "channel": c, "sessions": 10.0}
        for d in range(9)
        for c in ("baidu", "direct")
    ]
    ledger.commit(make(rows, "site", SPEND_COLUMNS, SPEND_FIELDS, platform="site", name="s"), "eve")
    if crm:
        ledger.commit(lead_read([lead("p1", bought=1)], ledger), "eve")
    table = ledger.daily()
    assert table["channel"].unique().tolist() == ["baidu"]
    assert table["sessions"].sum() == 90
    assert table["spend"].tolist()[:6] == [10, 10, 0, 10, 10, 10]
    assert table["spend"].isna().tolist()[6:] == [True] * 3
    assert table["spend"].sum() == ledger.daily(("platform",))["spend"].sum() == 50
    told = [f for f in ledger.findings() if f.code == "ledger.visits_without_spend"]
    assert [f.params for f in told] == [{"channel": "direct", "sessions": 90.0, "days": 9}]
    assert diagnose(ledger).verdicts["channel"].tolist() == ["baidu"]

"""Tiers: limits, capacity, economics, reasons, and the list handed back."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import PLAIN, InputError
from channelopt.ledger import Ledger
from channelopt.measure.intent import fit_intent
from channelopt.measure.messages import MESSAGES, MeasureError
from channelopt.measure.tierlist import match_tiers
from channelopt.measure.tiers import LIST_COLUMNS, tier_economics, tier_limits, tiers
from channelopt.policy import Policy

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from intent import DAYS, START, world


@pytest.fixture(scope="module")
def leads():
    return world(np.random.default_rng(3), 3000, 1.0)[0]


@pytest.fixture(scope="module")
def model(leads):
    return fit_intent(leads)


@pytest.fixture(scope="module")
def daily():
    days = pd.date_range(START, periods=DAYS)
    return pd.concat(
        [pd.DataFrame({"day": days, "channel": c, "spend": s}) for c, s in (("a", 100.0), ("b", 300.0))]
    )


def test_high_buys_more_often_than_low(leads, model):
    table = tiers(model, leads, open_only=False).table.merge(
        leads[["lead_key", "customer_at"]], on="lead_key"
    )
    rate = table.groupby("tier")["customer_at"].count() / table.groupby("tier").size()
    assert rate["high"] > 1.5 * rate["medium"] > rate["low"]
    assert list(tiers(model, leads).table.columns) == list(LIST_COLUMNS)


def test_limits_are_multiples_of_the_average_lead(leads, model):
    found = tiers(model, leads)
    assert found.limits.in_money and found.limits.rule == "average"
    assert found.limits.high == pytest.approx(1.5 * found.limits.average)
    table = found.table
    assert (table.loc[table["tier"] == "high", "expected_value"] >= found.limits.high).all()
    assert (table.loc[table["tier"] == "low", "expected_value"] < found.limits.low).all()
    assert table["expected_value"].is_monotonic_decreasing


def test_a_tier_does_not_depend_on_who_else_is_listed(leads, model):
    whole = tier_limits(model, leads)
    one = tiers(model, leads, open_only=False).table.iloc[[0, 1500]]
    assert one["tier"].iloc[0] == "high" and whole == tier_limits(model, leads)


def test_capacity_fills_the_calls(leads, model):
    calls = 3.0
    found = tiers(model, leads, calls_per_day=calls, open_only=False)
    per_day = (found.table["tier"] == "high").sum() / DAYS
    assert found.limits.rule == "capacity" and per_day == pytest.approx(calls, rel=0.25)
    many = tiers(model, leads, calls_per_day=1e6, open_only=False).table
    assert set(many["tier"]) == {"high", "low"}  # a low lead is never high, however much time there is


def test_a_lead_that_brings_less_than_a_call_is_low(leads, model):
    dear = replace(model, policy=Policy(call_cost=400.0, margin=0.5))
    assert tier_limits(dear, leads).low == pytest.approx(800.0)
    assert (tiers(replace(model, policy=Policy(call_cost=1e8)), leads).table["tier"] == "low").all()


def test_buyers_and_rejected_leads_need_no_call(leads, model):
    some = leads.assign(valid=np.arange(len(leads)) % 2 == 0)
    listed = set(tiers(model, some).table["lead_key"])
    assert listed == set(some.loc[some["valid"] & some["customer_at"].isna(), "lead_key"])


def test_an_old_lead_is_worth_less_than_the_same_new_one(leads, model):
    twice = pd.concat([leads.iloc[[10]]] * 2, ignore_index=True).assign(
        customer_at=pd.NaT, lead_key=["old", "new"]
    )
    twice.loc[1, "created_at"] = twice["as_of"].iloc[0]
    table = tiers(model, twice).table.set_index("lead_key")
    assert table.loc["old", "probability"] < 0.3 * table.loc["new", "probability"]


def test_value_can_be_given(leads, model):
    plain = tiers(model, leads, value=1000.0).table.set_index("lead_key")
    assert plain["expected_value"].to_numpy() == pytest.approx(1000 * plain["probability"].to_numpy())
    by_channel = tiers(model, leads, value={"a": 1.0, "b": 2.0, "c": 3.0}).table
    assert (by_channel["expected_value"] / by_channel["probability"]).round(6).isin([1, 2, 3]).all()
    for wrong in (0.0, -5.0, float("nan"), {"a": 0.0}):
        with pytest.raises(InputError):
            tiers(model, leads, value=wrong)
    with pytest.raises(InputError):
        tiers(model, leads, calls_per_day=0)


def test_without_values_the_chance_decides(leads):
    model = fit_intent(leads.assign(revenue=np.nan))
    found = tiers(model, leads)
    assert not found.limits.in_money and found.table["expected_value"].isna().all()
    assert "measure.intent_no_value" in [f.code for f in found.findings]
    assert set(found.table["tier"]) == {"high", "medium", "low"}


def test_reasons_speak_for_the_tier_and_can_be_said(leads, model):
    table = tiers(model, leads, open_only=False).table
    for tier, way in (("high", "_up"), ("low", "_down")):
        own = [f.code for reasons in table.loc[table["tier"] == tier, "reasons"] for f in reasons]
        assert own and all(code.endswith(way) for code in own)
    assert table["reasons"].map(len).max() == 2
    for reasons in table["reasons"].iloc[::50]:
        for told in reasons:
            assert "{" not in PLAIN.vformat(MESSAGES[told.code], (), told.params)
    missing = leads.assign(page_views=np.where(np.arange(len(leads)) % 3, leads["page_views"], np.nan))
    listed = tiers(fit_intent(missing), missing, open_only=False).table
    assert all(f.code in MESSAGES for reasons in listed["reasons"] for f in reasons)


def test_economics_by_tier_add_up(leads, model, daily):
    table = tier_economics(model, leads, daily).set_index("channel")
    assert (table[["high", "medium", "low"]].sum(axis=1) == table["leads"]).all()
    assert table.loc["a", "spend"] == 100.0 * DAYS and np.isnan(table.loc["c", "spend"])
    a = table.loc["a"]
    assert a["cost_per_high"] == pytest.approx(a["spend"] / a["high"])
    assert a["cost_per_high_low"] < a["cost_per_high"] < a["cost_per_high_high"]
    listed = tiers(model, leads, open_only=False).table
    assert table["expected_revenue"].sum() == pytest.approx(listed["expected_value"].sum())
    assert a["expected_roi"] == pytest.approx(a["expected_revenue"] / a["spend"])


def test_nothing_is_invented_without_a_score(leads, daily):
    refused = fit_intent(leads.head(100))
    found = tiers(refused, leads)
    assert set(found.table["tier"]) == {"unscored"} and found.limits is None
    assert found.table[["probability", "expected_value"]].isna().all(axis=None)
    table = tier_economics(refused, leads, daily)
    assert table["high"].isna().all() and table["cost_per_lead"].notna().any()
    assert tiers(fit_intent(leads.head(0)), leads.head(0)).table.empty
    assert tier_economics(refused, leads.head(0), daily).empty


CRM = """我的清单,,,,
姓名,手机,创建时间,来源渠道,备注
王一,13800000001,2026-06-10 10:00:00,百度,=HYPERLINK("x")
李二,13800000002,2026-06-11 10:00:00,抖音,好
王一,138 0000 0001,2026-06-10 10:00:00,百度,又来
无名,,2026-06-12 10:00:00,百度,
"""


def test_the_list_comes_back_with_tiers_and_is_not_stored():
    ledger = Ledger.open(":memory:")
    content = CRM.encode("gbk")
    read = ledger.read(content, "清单.csv")
    keys = dict(zip(read.rows["row_no"], read.rows["lead_key"], strict=True))
    tiered = pd.DataFrame(
        {"lead_key": [keys[4]], "tier": ["low"], "probability": [0.1], "expected_value": [50.0]}
    )
    kept = next(n for n in (3, 5) if n in keys)
    tiered.loc[1] = [keys[kept], "high", 0.5, 2000.0]
    back = match_tiers(tiered, read, content, ledger.hash_key_id)
    assert back.table["姓名"].tolist() == ["王一", "李二", "王一", "无名"]
    assert back.table["tier"].tolist() == ["high", "low", "high", ""] and back.matched == 3
    text = back.to_csv().decode("utf-8-sig").splitlines()
    assert text[0].endswith("tier,probability,expected_value") and "'=HYPERLINK" in text[1]
    assert text[2].endswith("low,0.1000,50.00") and text[4].endswith(",,")
    assert ledger.imports().empty
    assert "{" not in PLAIN.vformat(MESSAGES[back.findings[0].code], (), back.findings[0].params)


def test_other_files_and_other_keys_are_refused():
    ledger, other = Ledger.open(":memory:"), Ledger.open(":memory:")
    content = CRM.encode()
    table = pd.DataFrame({"lead_key": [], "tier": [], "probability": [], "expected_value": []})
    with pytest.raises(MeasureError) as refused:
        match_tiers(table, other.read(content, "a.csv"), content, ledger.hash_key_id)
    assert refused.value.code == "measure.other_key"
    costs = b"day,platform,spend\n2026-01-01,baidu,10\n2026-01-02,baidu,11\n"
    read = ledger.read(costs, "spend.csv", answers={"currency": "CNY"})
    with pytest.raises(MeasureError) as refused:
        match_tiers(table, read, costs)
    assert refused.value.code == "measure.not_leads"
    assert match_tiers(table, ledger.read(content, "a.csv"), content).matched == 0

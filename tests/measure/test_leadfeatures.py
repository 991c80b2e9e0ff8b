"""Features of leads: from real files, without the future."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import PLAIN, InputError
from channelopt.ledger import Ledger
from channelopt.measure.leadfeatures import COLUMNS, feature_doubts, lead_features
from channelopt.measure.messages import MESSAGES

CRM = """线索ID,手机,创建时间,来源渠道,状态,是否有效,成交时间,成交金额,浏览页数,停留时长(秒)
1,13800000001,2026-06-10 10:00:00,百度,已成交,是,2026-06-12 15:00:00,5000,{a},60
2,13800000002,2026-06-11 21:00:00,抖音,跟进中,是,,,{b},30
3,13800000003,2026-06-13 09:00:00,百度,跟进中,是,,,4,
"""
TOUCHES = """手机号,访问时间,渠道,事件,停留时长
13800000001,2026-04-01 10:00:00,抖音,访问,999
13800000001,2026-06-08 10:00:00,小红书,访问,20
13800000001,2026-06-10 09:50:00,百度,访问,40
13800000001,2026-06-10 10:00:00,百度,提交表单,5
13800000001,2026-06-11 09:00:00,百度,访问,10
13800000002,2026-06-11 20:55:00,抖音,访问,15
"""
LATER = """13800000001,2026-06-11 12:00:00,百度,访问,700
13800000002,2026-06-13 08:00:00,抖音,访问,800
13800000002,2026-06-14 08:00:00,抖音,提交表单,800
"""


def ledger_of(*files):
    ledger = Ledger.open(":memory:")
    for name, text in files:
        ledger.commit(ledger.read(text.encode(), name, answers={"currency": "CNY"}), by="t")
    return ledger


def crm(a=3, b=2):
    return ("crm.csv", CRM.format(a=a, b=b))


@pytest.fixture
def features():
    return lead_features(ledger_of(crm(), ("touch_log.csv", TOUCHES)))


def test_what_was_known_within_a_day(features):
    assert list(features.columns) == list(COLUMNS)
    first, second, third = (features.loc[i] for i in (0, 1, 2))
    assert (first["visits"], first["channels_met"], first["forms"]) == (3, 2, 1)
    assert first["gap_hours"] == pytest.approx(48) and first["returning"] == "yes"
    assert (second["visits"], second["returning"], second["daypart"]) == (1, "no", "evening")
    assert np.isnan(third["visits"]) and third["returning"] == ""
    assert (first["page_views"], first["dwell_seconds"]) == (3, 60)
    assert features["weekend"].tolist() == ["no", "no", "yes"]


def test_touches_after_the_window_change_nothing(features):
    with_later = lead_features(ledger_of(crm(), ("touch_log.csv", TOUCHES + LATER)))
    pd.testing.assert_frame_equal(
        with_later.drop(columns=["lead_key", "as_of"]), features.drop(columns=["lead_key", "as_of"])
    )


def test_nothing_counts_from_the_first_order_on():
    early = CRM.format(a=3, b=2).replace("2026-06-12 15:00:00", "2026-06-10 12:00:00")
    found = lead_features(ledger_of(("crm.csv", early), ("touch_log.csv", TOUCHES)))
    assert found["visits"].iloc[0] == 2  # the visit of the next morning came after the order


def test_a_count_that_grows_after_the_lead_is_not_believed():
    grown = CRM.format(a=30, b=2)
    ledger = ledger_of(
        crm(), ("crm_later.csv", grown + "4,13800000004,2026-06-20 09:00:00,百度,跟进中,是,,,9,5\n")
    )
    found = lead_features(ledger)
    assert found["page_views"].isna().all()
    assert found["dwell_seconds"].notna().sum() == 3
    same = ledger_of(
        crm(),
        ("crm_later.csv", CRM.format(a=3, b=2) + "4,13800000004,2026-06-20 09:00:00,百度,跟进中,是,,,9,5\n"),
    )
    assert lead_features(same)["page_views"].tolist() == [3, 2, 4, 9]


def test_doubts_about_features_are_told():
    touched = feature_doubts(ledger_of(crm(), ("touch_log.csv", TOUCHES)))
    assert [f.code for f in touched] == ["measure.intent_one_list"]
    more = CRM.format(a=30, b=2) + "4,13800000004,2026-06-20 09:00:00,百度,跟进中,是,,,9,5\n"
    strangers = TOUCHES.replace("手机号", "访客ID").replace("138000", "V")
    found = feature_doubts(ledger_of(crm(), ("crm_later.csv", more), ("touch_log.csv", strangers)))
    assert [f.code for f in found] == ["measure.intent_growing", "measure.intent_no_match"]
    assert found[0].params["field"] == "page_views"
    for told in (*touched, *found):
        assert "{" not in PLAIN.vformat(MESSAGES[told.code], (), told.params)
    assert feature_doubts(Ledger.open(":memory:")) == ()


def test_going_back_in_time():
    ledger = ledger_of(crm(), ("touch_log.csv", TOUCHES))
    found = lead_features(ledger, dt.date(2026, 6, 11))
    assert len(found) == 2 and found["customer_at"].isna().all() and found["revenue"].isna().all()
    assert found["as_of"].iloc[0] == pd.Timestamp("2026-06-11")


def test_a_list_of_days_has_no_time_of_day():
    days = CRM.format(a=3, b=2).replace(" 10:00:00", "").replace(" 21:00:00", "").replace(" 09:00:00", "")
    assert lead_features(ledger_of(("crm.csv", days)))["daypart"].eq("").all()


def test_no_leads_no_rows():
    found = lead_features(Ledger.open(":memory:"))
    assert found.empty and list(found.columns) == list(COLUMNS)


def test_impossible_windows_are_refused():
    with pytest.raises(InputError):
        Ledger.open(":memory:").lead_behaviour(window_hours=-1)
    with pytest.raises(InputError):
        Ledger.open(":memory:").lead_behaviour(lookback_days=0)

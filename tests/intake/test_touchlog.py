"""Touch logs: people become codes, events become touches, leads and orders, and nothing is lost."""

from __future__ import annotations

import pytest

from channelopt.intake import IntakeError, Read, read_export
from channelopt.intake.privacy import keyed_hash
from channelopt.intake.touchlog import event_of

KEY = b"k" * 32
HEAD = "visitor_id,phone,timestamp,utm_source,event,value\n"


def log(*lines: str, head: str = HEAD, **more: object) -> Read:
    return read_export((head + "\n".join(lines) + "\n").encode(), "log.csv", hash_key=KEY, **more)  # type: ignore[arg-type]


def codes(read: Read) -> set[str]:
    return {f.code for f in read.findings}


@pytest.mark.parametrize(
    ("word", "event"),
    [
        ("page_view", "touch"), ("访问", "touch"), ("click", "touch"), ("", "touch"), ("form_start", "touch"),
        ("begin_checkout", "touch"), ("add_to_cart", "touch"), ("打开表单", "touch"), ("取消订单", "touch"),
        ("generate_lead", "lead"), ("form_submit", "lead"), ("留资", "lead"), ("提交表单", "lead"),
        ("sign_up", "lead"),
        ("purchase", "order"), ("支付成功", "order"), ("成交", "order"), ("order_paid", "order"),
        ("scroll", ""), ("heartbeat", ""),
    ],
)  # fmt: skip
def test_what_an_event_is(word, event):
    assert event_of(word) == event


def test_every_line_becomes_a_touch_a_lead_or_an_order():
    found = log(
        "v1,,2026-05-01 10:00:00,小红书,page_view,",
        "v1,,2026-05-03 12:00:00,baidu,form_submit,",
        "v1,,2026-05-09 12:00:00,baidu,purchase,1280.5",
        "v2,,2026-05-04 09:30:00,抖音,scroll,",
    )
    assert (found.kind, found.platform) == ("touches", "touch_log")
    assert found.rows["event"].tolist() == ["touch", "lead", "order", "touch"]
    assert found.rows["channel"].tolist() == ["xiaohongshu", "baidu", "baidu", "oceanengine"]
    assert found.rows["value"].sum() == 1280.5
    assert str(found.rows["at"].iloc[1]) == "2026-05-03 12:00:00"
    assert found.lines.lines == found.lines.header + found.lines.kept
    assert "intake.events_as_touches" in codes(found)


def test_visits_before_a_form_and_the_form_are_one_person_and_the_one_of_the_lead_list():
    found = log(
        "v1,,2026-05-01 10:00:00,baidu,visit,",
        "v1,13812345678,2026-05-03 12:00:00,baidu,form_submit,",
        "v2,,2026-05-03 12:00:00,baidu,visit,",
        ",+86 138-1234-5678,2026-05-05 12:00:00,baidu,visit,",
    )
    people = found.rows["person_key"].tolist()
    assert people[0] == people[1] == people[3] == keyed_hash("phone", "13812345678", KEY)
    assert people[2] == keyed_hash("id", "v2", KEY)
    leads = read_export(
        "手机,创建时间,来源渠道,状态\n13812345678,2026-05-03,百度,新线索\n".encode(),
        "leads.csv",
        hash_key=KEY,
    )
    assert leads.rows["lead_key"].tolist() == [people[0]]


def test_nobody_can_be_read_in_what_is_stored_or_told():
    head = "visitor_id,phone,email,姓名,ip,timestamp,channel,event\n"
    secret = ("13812345678", "li.lei@example.com", "李雷", "10.1.2.3", "v-4711-secret")
    found = log(
        f"{secret[4]},{secret[0]},{secret[1]},{secret[2]},{secret[3]},2026-05-01 10:00:00,baidu,lead",
        f"{secret[4]},{secret[0]},{secret[1]},{secret[2]},{secret[3]},not a day,baidu,visit",
        head=head,
    )
    told = f"{found.content.decode()}{found.mapping}{found.rejected.to_dict()}{found.findings}"
    told += str(found.rows.to_dict())
    for text in secret:
        assert text not in told
    again = read_export(found.content, "log.csv", hash_key=KEY)
    assert again.rows["person_key"].tolist() == found.rows["person_key"].tolist()


def test_bad_lines_are_rejected_one_by_one_and_nameless_ones_told():
    found = log(
        "v1,,2026-05-01 10:00:00,baidu,visit,",
        "v1,,someday,baidu,visit,",
        ",,2026-05-02 10:00:00,baidu,form_submit,",
        "v2,,2026-05-02 10:00:00,baidu,visit,,,surplus",
    )
    assert len(found.rows) == 2 and found.lines.rejected == 2
    assert {"intake.rejected", "intake.touches_without_person"} <= codes(found)


def test_a_log_that_leads_nowhere_says_so():
    assert "intake.touches_without_goal" in codes(log("v1,,2026-05-01 10:00:00,baidu,visit,"))


def test_without_an_event_a_line_with_money_is_an_order():
    found = log(
        "u1,2026-05-01 10:00:00,baidu,",
        "u1,2026-05-02 10:00:00,baidu,99",
        head="user_id,event_time,channel,order_value\n",
        answers={"kind": "touches"},
    )
    assert found.rows["event"].tolist() == ["touch", "order"]


@pytest.mark.parametrize(
    ("head", "line", "code"),
    [
        ("visitor_id,channel,event,action\n", "v1,baidu,visit,x", "intake.which_moment"),
        ("timestamp,channel,event,event_type\n", "2026-05-01 10:00:00,baidu,visit,x", "intake.which_person"),
    ],
)
def test_a_missing_column_is_asked_for(head, line, code):
    with pytest.raises(IntakeError) as refusal:
        log(line, head=head, answers={"kind": "touches"})
    assert refusal.value.code == code


def test_without_a_channel_column_the_channel_is_asked_and_the_answer_counts():
    head, line = "visitor_id,timestamp,event\n", "v1,2026-05-01 10:00:00,form_submit"
    asked = log(line, head=head)
    assert [q.code for q in asked.questions] == ["intake.which_channel"]
    told = log(line, head=head, answers={"channel": "baidu"})
    assert told.rows["channel"].tolist() == ["baidu"] and not told.questions


def test_spend_tables_lead_lists_and_visits_are_still_themselves():
    tables = {
        "spend": "date,channel,spend\n2026-05-01,baidu,5\n",
        "leads": "线索ID,手机,创建时间,来源渠道,状态,是否有效\nL1,13812345678,2026-05-01,百度,新线索,是\n",
        "site": "date,channel,sessions,bounces\n2026-05-01,baidu,5,1\n",
    }
    for kind, text in tables.items():
        assert read_export(text.encode(), f"{kind}.csv", hash_key=KEY).kind == kind

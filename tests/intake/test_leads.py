"""Lead lists: the funnel is read, and nobody's name leaves the intake."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from channelopt.intake import IntakeError, Read, read_export

KEY = b"workspace key"
LIST = """\
线索ID,姓名,手机,邮箱,创建时间,来源渠道,计划,状态,是否有效,成交时间,成交金额,停留时长(秒),浏览页数,备注
L1,王小明,138 0013 8000,,2026-03-01 09:00:29,抖音,表单A,已成交,是,2026-03-09,"8,800.00",120,4,住在静安
L2,李雷,+86-13900139000,,2026-03-01 10:00,视频号,表单B,跟进中,,,,30,1,
L3,韩梅梅,,Han@Example.com,2026/3/2 11:00,百度,,空号,,,,,,
L4,张三,13700137000,,2026-03-02 12:00,地推,,跟进中,否,,,,,
L5,王小明,13800138000,,2026-03-03 09:00,抖音,表单A,跟进中,是,,,,,
,某人,,,不知道,抖音,,,,,,,,
"""


def read(text: str = LIST, **more: object) -> Read:
    return read_export(text.encode("gb18030"), "crm.csv", hash_key=KEY, answers=more)


def test_the_funnel() -> None:
    r = read()
    assert (r.kind, r.platform, r.currency) == ("leads", "crm", "CNY")
    assert list(r.rows["row_no"]) == [2, 3, 4, 5]
    assert list(r.rows["channel"]) == ["oceanengine", "tencent_ads", "baidu", "offline"]
    assert list(r.rows["valid"]) == [True, True, False, False]
    assert r.rows["revenue"].sum() == 8800.0
    assert str(r.rows.loc[0, "created_at"]) == "2026-03-01 09:00:29"
    assert r.rows["customer_at"].notna().tolist() == [True, False, False, False]
    assert r.rows["qualified_at"].notna().tolist() == [True, False, False, False]
    assert r.rows["dwell_seconds"].tolist()[:2] == [120.0, 30.0]
    assert (str(r.day_first), str(r.day_last)) == ("2026-03-01", "2026-03-02")


def test_the_key_is_a_keyed_hash_of_the_phone_then_the_mail() -> None:
    r = read()
    phone = hmac.new(KEY, b"phone:13800138000", hashlib.sha256).hexdigest()
    mail = hmac.new(KEY, b"email:han@example.com", hashlib.sha256).hexdigest()
    assert r.rows.loc[0, "lead_key"] == phone and r.rows.loc[2, "lead_key"] == mail
    assert r.hash_key_id and KEY.decode() not in r.hash_key_id
    other = read_export(LIST.encode(), "crm.csv", hash_key=b"another")
    assert set(other.rows["lead_key"]).isdisjoint(r.rows["lead_key"])
    assert other.hash_key_id != r.hash_key_id
    drawn = read_export(LIST.encode(), "crm.csv")
    assert drawn.hash_key_id not in (None, r.hash_key_id), "without a key one is drawn for the process"


def test_a_repeated_lead_keeps_the_furthest_line() -> None:
    r = read()
    repeats = r.rejected[r.rejected["reason"] == "intake.reject.duplicate_lead"]
    assert list(repeats["row_no"]) == [6], "the customer of line 2 stays, the later open line goes"
    assert repeats.iloc[0]["params"] == {"line": 2}


def test_nothing_personal_is_left() -> None:
    r = read()
    kept = r.content.decode()
    shown = repr((r.rows.to_dict(), r.rejected.to_dict(), r.mapping, r.findings, r.totals.to_dict(), kept))
    for secret in (
        "王小明",
        "李雷",
        "韩梅梅",
        "某人",
        "0013",
        "13800138000",
        "13900139000",
        "example.com",
        "静安",
        "L1,",
    ):
        assert secret.casefold() not in shown.casefold(), secret
    assert "8,800.00" in kept, "what is used stays as it was"
    assert {m.header for m in r.mapping if m.reason == "personal"} >= {
        "姓名",
        "手机",
        "邮箱",
        "备注",
        "线索ID",
    }
    assert all(set(m.sample) <= {"***"} for m in r.mapping if m.reason in ("personal", "unused"))
    assert "intake.redacted" in {f.code for f in r.findings}
    assert r.sha256 == hashlib.sha256(LIST.encode("gb18030")).hexdigest(), "the hash names the bytes received"


def test_the_stored_copy_reads_back_to_the_same_leads() -> None:
    r = read()
    again = read_export(r.content, r.name, hash_key=KEY, answers=r.answers)
    assert again.rows.equals(r.rows)
    assert again.content == r.content
    assert again.lines == r.lines


def test_lines_add_up_with_repeats() -> None:
    line = read().lines
    assert (line.lines, line.kept, line.rejected) == (7, 4, 2)
    assert line.lines == line.header + line.kept + line.rejected


def test_the_copy_of_a_list_without_ids_reads_back_as_well() -> None:
    text = (
        "导出人：王小明\n姓名,微信号,创建时间,来源渠道,状态\n"
        "韩梅梅,han66,2026-03-01,抖音,新\n李雷,li77,2026-03-01,抖音,新\n李雷\n"
    )
    r = read(text)
    assert len(r.rows) == 2
    for secret in ("王小明", "韩梅梅", "李雷", "han66", "li77"):
        assert secret not in r.content.decode() + repr(r.rejected.to_dict())
    again = read_export(r.content, r.name, hash_key=KEY)
    assert again.rows.equals(r.rows) and again.lines == r.lines


@pytest.mark.parametrize(
    ("status", "valid", "qualified", "customer"),
    [
        ("新线索", True, False, False),
        ("无效", False, False, False),
        ("黑名单", False, False, False),
        ("Rejected", False, False, False),
        ("Closed - Lost", False, False, False),
        ("Unqualified", False, False, False),
        ("Qualified", True, True, False),
        ("无意向", True, False, False),
        ("已到店", True, True, False),
        ("未成交", True, False, False),
        ("潜在客户", True, False, False),
        ("已成交", True, True, True),
        ("Customer", True, True, True),
        ("客户", True, True, True),
        ("Potential customer", True, False, False),
        ("", True, False, False),
    ],
)
def test_status_words(status: str, valid: bool, qualified: bool, customer: bool) -> None:
    r = read(f"线索ID,创建时间,来源渠道,状态\nA,2026-03-01,抖音,{status}\n")
    row = r.rows.iloc[0]
    assert (row["valid"], not_null(row["qualified_at"]), not_null(row["customer_at"])) == (
        valid,
        qualified,
        customer,
    )


def not_null(value: object) -> bool:
    return value is not None and value == value


def test_masked_phones_do_not_merge_people() -> None:
    r = read(
        "线索ID,手机,创建时间,来源渠道,状态\nA,138****8000,2026-03-01,抖音,新\n"
        "B,138****8000,2026-03-01,抖音,新\n"
    )
    assert len(r.rows) == 2 and r.rows["lead_key"].is_unique


def test_without_ids_every_line_is_a_lead_and_reads_the_same_twice() -> None:
    text = "Lead Source,Created Date,Lead Status\nPaid Search,2026-03-01,Open\nPaid Search,2026-03-01,Open\n"
    a, b = (read_export(text.encode(), "sf.csv", hash_key=KEY) for _ in range(2))
    assert len(a.rows) == 2 and a.rows["lead_key"].is_unique and a.rows.equals(b.rows)
    assert "intake.leads_without_id" in {f.code for f in a.findings}


def test_a_list_without_a_moment_is_refused_without_showing_people() -> None:
    with pytest.raises(IntakeError) as error:
        read("线索ID,姓名,手机,来源渠道,状态\nA,王小明,13800138000,抖音,新\n")
    assert error.value.code == "intake.which_created"
    assert "王小明" not in repr(error.value.params) and "13800138000" not in repr(error.value.params)


def test_kind_can_be_answered() -> None:
    text = "编号,日期,渠道,结果\nA,2026-03-01,抖音,新\n"
    assert read(text, kind="leads").kind == "leads"


def test_lost_and_open_deals_are_no_customers() -> None:
    """A CRM fills the closing day of every deal: an expected day for an open one, the end of a lost one."""
    text = (
        "Deal ID,Email,Create Date,Close Date,Deal Stage,Amount,Original Source\n"
        '1,a@b.cn,2026-03-01,2026-03-10,Closed Won,"$1,200.00",Paid Search\n'
        "2,c@d.cn,2026-03-05,2026-04-20,Proposal,$800.00,Paid Search\n"
        "3,e@f.cn,2026-03-07,2026-03-12,Closed Lost,$500.00,Paid Social\n"
    )
    read = read_export(text.encode(), "deals.csv", hash_key=b"k")
    assert read.rows["customer_at"].notna().sum() == 1
    assert read.rows["revenue"].sum() == 1200
    assert next(f for f in read.findings if f.code == "intake.not_sold").params == {"n": 2}
    chinese = (
        "线索编号,手机号,创建时间,线索状态,成交时间,成交金额,线索来源\n"
        "1,13800138000,2026-03-01,已成交,2026-03-10,1000,百度\n"
        "2,13800138001,2026-03-01,已退款,2026-03-11,2000,百度\n"
        "3,13800138002,2026-03-01,跟进中,2026-03-12,500,百度\n"
    )
    read = read_export(chinese.encode(), "crm.csv", hash_key=b"k")
    assert read.rows["revenue"].sum() == 1500, "a day of purchase counts unless the status takes it back"


def test_several_sales_of_one_person_add_up() -> None:
    text = (
        "Deal ID,Email,Create Date,Close Date,Deal Stage,Amount,Original Source\n"
        "1,a@b.cn,2026-03-01,2026-03-10,Closed Won,$1200,Paid Search\n"
        "2,a@b.cn,2026-03-05,2026-03-20,Closed Won,$800,Paid Search\n"
        "2,a@b.cn,2026-03-05,2026-03-20,Closed Won,$800,Paid Search\n"
        "3,a@b.cn,2026-03-06,2026-03-25,Closed Lost,$99,Paid Search\n"
    )
    read = read_export(text.encode(), "deals.csv", hash_key=b"k")
    assert read.rows["revenue"].tolist() == [2000.0]
    assert str(read.rows["customer_at"].dt.date[0]) == "2026-03-10"
    assert str(read.rows["created_at"].dt.date[0]) == "2026-03-01"
    told = next(f for f in read.findings if f.code == "intake.repeat_sales")
    assert told.params == {"n": 1, "people": 1}


def test_a_total_without_its_word_may_be_somebody() -> None:
    """A moved line that happens to add up is left out as a total, and nothing of it is stored."""
    text = (
        "线索ID,姓名,手机,邮箱,创建时间,来源渠道,状态,成交时间,成交金额\n"
        ",,,,wang@example.com,2026-03-01 09:12,抖音,,1000\n"
        "L1,张,13800138000,a@b.cn,2026-03-02 09:12,抖音,成交,2026-03-09,400\n"
        "L2,李,13800138001,c@d.cn,2026-03-03 09:12,抖音,成交,2026-03-09,600\n"
    )
    read = read_export(text.encode(), "crm.csv", hash_key=b"k")
    assert "wang@example.com" not in read.content.decode() + read.rejected.to_csv() + str(read.mapping)


HUBSPOT = """\
Record ID,Email,Create Date,Original Source,Lifecycle Stage,Became a Customer Date,{header},Annual Revenue
1,a@x.com,2026-03-01 09:00,Paid Search,Customer,2026-03-08,"$1,200.00",9000000
2,b@x.com,2026-03-02 09:00,Paid Social,Lead,,,8000000
"""


def test_total_revenue_of_a_contact_is_its_revenue() -> None:
    r = read(HUBSPOT.format(header="Total Revenue"))
    assert r.rows["revenue"].sum() == 1200.0
    assert "intake.no_revenue" not in {f.code for f in r.findings}
    both = read(HUBSPOT.format(header="Total Revenue").replace("Annual Revenue", "Amount"))
    assert [c.header for c in both.mapping if c.field == "revenue"] == ["Amount"]


def test_customers_without_revenue_are_told() -> None:
    r = read(HUBSPOT.format(header="Membership"))
    assert r.rows["revenue"].isna().all()
    assert [(f.severity, f.params) for f in r.findings if f.code == "intake.no_revenue"] == [
        ("warning", {"n": 1})
    ]
    nobody = read(HUBSPOT.format(header="Membership").replace("Customer,2026-03-08", "Lead,"))
    assert "intake.no_revenue" not in {f.code for f in nobody.findings}

"""Test rows: three shapes, two languages, three encodings; people become codes, nothing is lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from channelopt.fields import VARIANT_COLUMNS
from channelopt.intake import IntakeError, Read, read_export, variant_summary
from channelopt.intake.privacy import key_id, keyed_hash
from channelopt.intake.testname import day_in_name, name_of_test

KEY = b"k" * 32
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "exports"
DAYS_EN = """date,variant,device,impressions,clicks,spend (CNY),leads,customers,revenue
2026-03-01,control,ios,1000,50,"1,100.50",5,1,300
2026-03-01,B,ios,1010,55,101,7,2,600
2026-03-02,control,android,900,45,99.5,4,0,0
2026-03-02,B,android,905,52,100,8,3,900.25
"""
DAYS_ZH = """日期,实验名称,实验组,设备,展现量,点击量,消耗(元),线索数,成交数,成交金额(元)
2026-03-01,落地页,对照组,ios,1000,50,"1,100.50",5,1,300
2026-03-01,落地页,实验组,ios,1010,55,101,7,2,600
2026-03-02,落地页,对照组,安卓,900,45,99.5,4,0,0
2026-03-02,落地页,实验组,安卓,905,52,100,8,3,900.25
"""
PEOPLE_HEAD = "user_id,phone,name,variant,date of joining,device,prior_orders,converted,orders,revenue\n"


def read(text: str | bytes, name: str = "hero.csv", **answers: object) -> Read:
    data = text.encode() if isinstance(text, str) else text
    return read_export(data, name, answers=answers, hash_key=KEY)


def codes(found: Read) -> set[str]:
    return {f.code for f in found.findings}


def accounted(found: Read) -> None:
    lines = found.lines
    rest = lines.preamble + lines.header + lines.kept + lines.totals + lines.footer + lines.blank
    assert lines.lines == rest + lines.rejected
    assert lines.kept == len(found.rows) and lines.rejected == len(found.rejected)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(("text", "test"), [(DAYS_EN, "hero"), (DAYS_ZH, "落地页")])
def test_day_rows_by_variant(text, test, encoding):
    found = read(text.encode(encoding))
    assert (found.kind, found.platform, found.questions) == ("variants", "test_rows", ())
    assert list(found.rows.columns) == [*VARIANT_COLUMNS, "row_no"]
    sums = found.rows[["spend", "impressions", "clicks", "leads", "customers", "revenue"]].sum().tolist()
    assert sums == pytest.approx([1401.0, 3815, 202, 24, 6, 1800.25])
    assert set(found.rows["experiment"]) == {test}
    assert found.rows["variant"].nunique() == 2 and found.rows["segment"].nunique() == 2
    assert (str(found.day_first), str(found.day_last)) == ("2026-03-01", "2026-03-02")
    assert found.currency == "CNY" and found.hash_key_id is None
    assert found.content == text.encode(encoding)
    accounted(found)


def test_semicolons_decimal_commas_and_day_first():
    text = "date;variant;clicks;leads;revenue (EUR)\n13.03.2026;A;10;1;1.234,50\n14.03.2026;B;11;2;2.000,25\n"
    found = read(text)
    assert found.rows["revenue"].tolist() == [1234.5, 2000.25] and found.currency == "EUR"
    assert str(found.day_first) == "2026-03-13"
    asked = read(text.replace("13.03", "03.04").replace("14.03", "05.04"))
    assert asked.questions == () and str(asked.day_first) == "2026-04-03"
    slashes = "date,variant,clicks\n03/04/2026,A,1\n05/04/2026,B,2\n"
    assert [q.code for q in read(slashes).questions] == ["intake.date_order"]
    assert str(read(slashes, date_order="mdy").day_first) == "2026-03-04"


@pytest.mark.parametrize(
    ("text", "share"),
    [
        (DAYS_EN + 'Total,,,3815,202,"1,401.00",24,6,1800.25\n', 1.0),
        (DAYS_ZH + "合计,,,,3815,202,1401,24,6,1800.25\n", 1.0),
        (DAYS_EN + 'Total,,,3815,202,"2,802.00",24,6,1800.25\n', 0.5),
    ],
)
def test_a_total_is_a_check_figure(text, share):
    found = read(text)
    assert found.lines.totals == 1 and found.explained == pytest.approx(share)
    assert found.rows["clicks"].sum() == 202
    differ = [f.params["field"] for f in found.findings if f.code == "intake.test_totals_differ"]
    assert differ == ([] if share == 1.0 else ["spend"])
    accounted(found)


def test_rows_of_all_variants_or_devices_are_totals_beside_their_parts():
    found = read("variant,device,visitors,conversions\nA,mobile,50,5\nA,desktop,50,6\nA,All,100,11\n"
                 "B,mobile,40,7\nB,desktop,60,8\nB,All,100,15\nAll variants,,200,26\n")  # fmt: skip
    assert found.rows["people"].sum() == 200 and found.lines.totals == 3
    whole = read("variant,device,visitors,conversions\nA,All,100,11\nB,All,100,15\n")
    assert whole.rows["people"].sum() == 200 and whole.lines.totals == 0
    accounted(found)


def test_one_row_per_variant_without_days():
    found = read("Variation,Visitors,Conversions,Conversion rate,Improvement,p-value\n"
                 "Original,1000,50,5%,,\nVariation 1,1010,70,6.9%,38%,0.03\n")  # fmt: skip
    assert found.kind == "variants" and found.rows["day"].isna().all()
    assert {"intake.test_without_day", "intake.test_name", "intake.conversions_as_leads"} <= codes(found)
    assert found.rows["people"].tolist() == [1000, 1010] and found.rows["leads"].tolist() == [50, 70]
    assert found.day_first is None and not found.questions
    zh = read("组别,曝光人数,转化人数\n对照组,1000,50\n实验组,1010,70\n")
    assert zh.kind == "variants" and zh.rows["leads"].tolist() == [50, 70]


def test_regions_of_a_geo_test():
    head = "date,region,spend,leads,customers,revenue\n"
    found = read(head + "2026-03-01,Beijing,100,5,1,300\n2026-03-01,Shanghai,120,7,2,600\n", currency="CNY")
    assert found.kind == "variants" and found.rows["region"].tolist() == ["Beijing", "Shanghai"]
    assert "intake.taken_as_geo" in codes(found), "spend that does not count is said"
    zh = read(
        "日期,城市,组别,花费,线索数,成交数\n2026-03-01,北京,实验组,100,5,1\n2026-03-01,上海,对照组,120,7,2\n"
    )
    assert zh.rows["variant"].tolist() == ["实验组", "对照组"] and "intake.taken_as_geo" not in codes(zh)
    two = read("date,state,city,leads\n2026-03-01,NY,Albany,1\n2026-03-01,NY,Troy,2\n", kind="variants")
    assert [q.code for q in two.questions] == ["intake.two_columns"], "the unit of the test is not guessed"


def people(*lines: str, head: str = PEOPLE_HEAD, name: str = "people.csv", **answers: object) -> Read:
    return read(head + "\n".join(lines) + "\n", name, **answers)


def test_rows_per_person():
    found = people(
        "u1,13812345678,Li Lei,A,2026-03-01 10:00:00,ios,2,yes,1,30",
        "u2,,Han Mei,B,2026-03-02,android,0,no,0,",
        "u3,,Tom,B,,android,1,1,2,80.5",
        currency="CNY",
    )
    rows = found.rows
    assert (found.kind, found.hash_key_id) == ("variants", key_id(KEY))
    assert rows["person_key"].tolist() == [
        keyed_hash("phone", "13812345678", KEY), keyed_hash("id", "u2", KEY), keyed_hash("id", "u3", KEY),
    ]  # fmt: skip
    assert rows["leads"].tolist() == [1, 0, 1] and rows["before"].tolist() == [2, 0, 1]
    assert rows["people"].tolist() == [1, 1, 1] and rows["customers"].tolist() == [1, 0, 2]
    assert rows["day"].isna().tolist() == [False, False, True], "who never joined counts all the same"
    assert np.isnan(rows["revenue"][1]) and rows["revenue"].sum() == 110.5
    accounted(found)


def test_a_person_on_several_days_is_one_person():
    found = people("u1,,x,A,2026-03-01,ios,2,0,0,", "u1,,x,A,2026-03-02,ios,2,1,1,30", currency="CNY")
    assert found.rows["people"].sum() == 1 and found.rows["person_key"].nunique() == 1


def test_chinese_people_with_yes_and_no():
    head = "客户ID,手机,姓名,实验组,进组时间,是否转化,是否成交,成交金额,实验前订单数\n"
    found = people("c1,13812345678,李雷,对照组,2026-03-01,是,否,,1",
                   "c2,13912345678,韩梅梅,实验组,2026-03-02,否,是,99,0", head=head)  # fmt: skip
    assert found.kind == "variants" and found.rows["leads"].tolist() == [1, 0]
    assert found.rows["customers"].tolist() == [0, 1] and found.rows["before"].tolist() == [1, 0]


def test_nobody_can_be_read_in_what_is_stored_or_told():
    secret = ("13812345678", "li.lei@example.com", "李雷小宝", "v-4711-secret", "88776655")
    head = "visitor_id,phone,email,姓名,comment,variant,date,segment,converted,revenue\n"
    good = f"{secret[3]},{secret[0]},{secret[1]},{secret[2]},{secret[4]}"
    found = people(
        f"{good},A,2026-03-01,new,1,5",
        "v2,,,,,B,2026-03-01,new,0,",
        f"{good},A,{secret[2]},new,1,5",  # a name for a day
        f"{good},A,2026-03-01,new,1,{secret[2]}",  # a name for a number
        f"{good},{secret[0]},2026-03-01,new,1,5",  # a phone for a variant
        f"{good},A,2026-03-01,{secret[1]},1,5",  # an e-mail for a segment
        f"{good},,2026-03-01,new,1,5",  # no variant
        f"{secret[2]},{good},A,2026-03-01,new,1,5",  # moved by one cell
        f"{good},A",  # cut
        head=head, currency="CNY",
    )  # fmt: skip
    told = f"{found.content.decode()}{found.mapping}{found.rejected.to_dict()}{found.findings}"
    told += f"{found.rows.to_dict()}{found.totals.to_dict()}"
    for text in secret:
        assert text not in told, text
    assert len(found.rows) == 2 and found.lines.rejected == 7
    assert any(column.reason == "personal" for column in found.mapping)
    accounted(found)
    again = read(found.content, "people.csv", currency="CNY")
    assert again.rows.equals(found.rows.assign(row_no=again.rows["row_no"]))


def test_people_in_a_file_of_sums_are_stars_in_the_copy_kept():
    text = "date,variant,clicks,leads,owner\n2026-03-01,A,5,1,eva@example.com\n2026-03-01,B,6,2,13812345678\n"
    found = read(text)
    assert found.hash_key_id is None and "intake.people_left_out" in codes(found)
    for secret in ("eva@example.com", "13812345678"):
        assert secret not in found.content.decode() + str(found.mapping)
    assert read(found.content).rows.equals(found.rows)


def test_bad_lines_are_set_aside_with_their_reason():
    found = read("date,variant,clicks,leads\n2026-03-01,A,5,1\nsoon,B,6,2\n,B,6,2\n2026-03-01,,6,2\n"
                 "2026-03-01,B,many,2\n2026-03-01,B,6,2,9\n2026-03-01,B,6\n\n2026-03-01,B,7,3\n")  # fmt: skip
    reasons = [r.removeprefix("intake.reject.") for r in found.rejected["reason"]]
    assert reasons == ["bad_date", "no_day", "no_variant", "bad_number", "too_many_cells", "too_few_cells"]
    assert found.rows["clicks"].tolist() == [5, 7]
    accounted(found)


def test_nameless_persons_are_told_and_count():
    found = people(
        "u1,,x,A,2026-03-01,ios,2,1,1,", ",,,B,2026-03-01,ios,0,0,0,", ",,,B,2026-03-01,ios,0,0,0,"
    )
    assert found.rows["person_key"].nunique() == 3 and "intake.test_without_person" in codes(found)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("date,clicks\n2026-03-01,5\n", "intake.which_variant"),
        ("variant,date\nA,2026-03-01\nB,2026-03-01\n", "intake.no_outcome"),
        ("实验组,日期,花费\nA,2026-03-01,5\nB,2026-03-01,6\n", "intake.no_outcome"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(text, code):
    with pytest.raises(IntakeError) as refusal:
        read(text, kind="variants")
    assert refusal.value.code == code and str(refusal.value).count("\n") == 0


def test_answers_name_columns_and_the_test():
    text = "when,flavour,taps so far,wins\n2026-03-01,sweet,5,1\n2026-03-01,salty,6,2\n"
    mapping = {"when": "day", "flavour": "variant", "taps so far": "clicks", "wins": "leads"}
    found = read(text, kind="variants", mapping=mapping, experiment="Taste")
    assert found.rows["leads"].sum() == 3 and set(found.rows["experiment"]) == {"Taste"}
    assert "intake.test_name" not in codes(found)


SPEND = "2026-03-01,x,A,10,5\n2026-03-01,x,B,11,6\n"


@pytest.mark.parametrize(
    ("head", "lines"),
    [
        ("date,campaign,variant,spend,clicks", SPEND),
        ("日期,渠道,实验组,花费,点击", SPEND),
        ("日期,渠道,版本,花费,点击", SPEND),
    ],
)
def test_a_spend_table_with_variants_is_asked_about_and_the_answer_counts(head, lines):
    text = f"{head}\n{lines}"
    asked = read(text, currency="CNY", channel="baidu")
    assert asked.kind == "spend" and [q.code for q in asked.questions] == ["intake.which_kind"]
    assert read(text, currency="CNY", kind="variants").rows["variant"].tolist() == ["A", "B"]
    spend = read(text, currency="CNY", channel="baidu", kind="spend")
    assert spend.kind == "spend" and not spend.questions


def test_a_lead_list_with_variants_is_asked_about():
    text = ("手机,创建时间,来源渠道,状态,实验组,是否成交\n13812345678,2026-05-01,百度,新线索,A,是\n"
            "13912345678,2026-05-02,百度,新线索,B,否\n")  # fmt: skip
    assert [q.code for q in read(text).questions] == ["intake.which_kind"]
    assert read(text, kind="leads").kind == "leads"
    found = read(text, kind="variants")
    assert found.kind == "variants" and found.rows["customers"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Day,Campaign name,Region,Amount spent (CNY),Leads\n2026-03-01,a,Beijing,5,1\n", "spend"),
        ("Region,Amount spent (CNY),Reporting starts,Leads\nBeijing,5,2026-03-01,1\n", "spend"),
        ("日期,账户,地域,展现,点击,消费,线索\n2026-03-01,主,北京,9,2,5,1\n", "spend"),
        ("date,channel,region,spend,leads\n2026-03-01,baidu,Beijing,5,1\n", "spend"),
        ("date,campaign,region,spend,leads\n2026-03-01,x,Beijing,5,1\n", "spend"),
        ("date,channel,version,spend\n2026-03-01,baidu,summer sale,5\n2026-03-02,baidu,autumn,5\n", "spend"),
        ("date,region,spend,clicks\n2026-03-01,Beijing,5,1\n", "spend"),
        ("date,channel,sessions,bounces,version\n2026-03-01,baidu,5,1,1.2\n", "site"),
        ("visitor_id,timestamp,channel,event,variant\nv1,2026-05-01 10:00:00,baidu,visit,A\n", "touches"),
        ("手机,创建时间,来源渠道,状态,分组\n13812345678,2026-05-01,百度,新线索,A组\n13812345679,2026-05-01,百度,新线索,B组\n",
         "leads"),
    ],
)  # fmt: skip
def test_everything_else_stays_what_it_is(text, kind):
    found = read(text, currency="CNY", **({"channel": "baidu"} if "campaign,region" in text else {}))
    assert found.kind == kind and "intake.which_kind" not in codes(found)


def test_a_file_named_after_a_platform_is_no_geo_test():
    text = "date,region,spend,leads\n2026-03-01,Beijing,5,1\n"
    assert read(text, "baidu_march.csv", currency="CNY").kind == "spend"
    assert read(text, "march.csv", currency="CNY", channel="baidu").kind == "spend"
    assert read(text, "march.csv", currency="CNY").kind == "variants"


def test_no_known_export_became_a_test():
    for path in sorted(FIXTURES.iterdir()):
        if path.suffix in (".md", ".json"):
            continue
        try:
            found = read_export(path, hash_key=KEY)
        except IntakeError as refusal:
            assert refusal.code not in ("intake.which_variant", "intake.no_outcome"), path.name
            continue
        assert found.kind != "variants" and "intake.which_kind" not in codes(found), path.name


@pytest.mark.parametrize(
    ("name", "test", "day"),
    [
        ("hero.csv", "hero", None),
        ("hero_20260301-20260314.csv", "hero", "2026-03-14"),
        ("hero test 2.xlsx", "hero test 2", None),
        ("hero-2026-03-14.csv.gz", "hero", "2026-03-14"),
        ("hero (2026-03-01 to 2026-03-14) (1).csv", "hero", "2026-03-14"),
        ("落地页测试_2026年3月14日.csv", "落地页测试", "2026-03-14"),
        ("落地页_2026-03-01至2026-03-14.xlsx", "落地页", "2026-03-14"),
        ("export/2026/hero_20260314_101500.csv", "hero", "2026-03-14"),
        ("20260314.csv", "20260314", "2026-03-14"),
        ("hero v2_202603.csv", "hero v2", None),
        ("hero - Copy.csv", "hero", None),
    ],
)
def test_what_a_file_name_says(name, test, day):
    assert name_of_test(name) == test
    found = day_in_name(name)
    assert (None if found is None else str(found)) == day


def test_the_summary_by_variant():
    found = variant_summary(read(DAYS_EN).rows)
    assert found["variant"].tolist() == ["B", "control"] and found["n_rows"].tolist() == [2, 2]
    assert found["days"].tolist() == [2, 2] and found["people"].isna().all()


def test_money_in_ten_thousands_and_in_two_currencies():
    found = read("日期,实验组,消耗(万元),点击量\n2026-03-01,A,1.5,10\n2026-03-01,B,2,11\n")
    assert found.rows["spend"].tolist() == [15000, 20000]
    mixed = "date,variant,clicks,revenue,currency\n2026-03-01,A,1,5,CNY\n2026-03-01,B,2,6,USD\n"
    assert [q.code for q in read(mixed).questions] == ["intake.mixed_currency"]
    silent = "date,variant,clicks,revenue\n2026-03-01,A,1,5\n2026-03-01,B,2,6\n"
    assert [q.code for q in read(silent).questions] == ["intake.which_currency"]


def test_days_that_have_not_come_are_asked_about():
    text = "date,variant,clicks\n2026-03-01,A,1\n2099-03-01,B,2\n"
    assert [q.code for q in read(text).questions] == ["intake.future_days"]


def test_any_rearrangement_of_people_gives_the_same_rows():
    lines = [
        f"u{i},1381234{i:04d},n{i},{'AB'[i % 2]},2026-03-{1 + i % 28:02d},ios,{i % 3},{i % 2},0,"
        for i in range(40)
    ]
    found = people(*lines, currency="CNY")
    for shuffled in (lines[::-1], lines[20:] + lines[:20]):
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        writer.writerows(csv.reader([PEOPLE_HEAD.strip(), *shuffled]))
        other = read(out.getvalue(), "people.csv", currency="CNY")
        same = [
            f.rows.drop(columns="row_no").sort_values("person_key", ignore_index=True) for f in (found, other)
        ]
        assert same[0].equals(same[1])


def test_beside_the_name_of_the_test_one_known_name_of_a_version_is_enough():
    people = "访客ID,日期,实验名称,版本,设备,历史访问次数,是否留资\n"
    hooks = ("原版 Original", "免费面诊", "体验套餐")
    lines = [
        f"P{i},2026-07-{20 + i % 9},面诊页,{hooks[i % 3]},手机,{i % 2},{'是' if i % 4 else '否'}"
        for i in range(30)
    ]
    found = read(people + "\n".join(lines) + "\n")
    assert (found.kind, found.questions) == ("variants", ())
    assert set(found.rows["variant"]) == set(hooks) and set(found.rows["experiment"]) == {"面诊页"}
    assert found.rows["before"].sum() == 15 and found.rows["leads"].sum() == 22
    with pytest.raises(IntakeError):  # without the name of a test 版本 may be anything
        read(people.replace("实验名称", "备注") + "\n".join(lines) + "\n")

"""The traps of real exports, each written out small."""

from __future__ import annotations

import codecs
import re

import numpy as np
import pytest

from channelopt.intake import IntakeError, Read, read_export


def read(text: str, encoding: str = "utf-8", name: str = "table.csv", **answers: object) -> Read:
    return read_export(text.encode(encoding), name, answers=answers)


def asked(r: Read) -> set[str]:
    return {q.code for q in r.questions}


def told(r: Read) -> set[str]:
    return {f.code for f in r.findings}


GOOGLE = """Campaign report
"July 8, 2025 - July 9, 2025"
Day,Campaign,Currency code,Clicks,Impr.,Cost,Avg. CPC
2025-07-08,A,USD,10,"1,000",20.00,2.00
2025-07-09,A,USD,5,500,15.00,3.00
Total: Campaigns,,,15,"1,500",35.00,
Total: Account,,USD,40,"4,000",{account},
Total: Search,,,15,"1,500",35.00,
Total: Display, --, --,0,0,0.00,
"""


def test_the_naive_sum_would_be_three_times_too_high() -> None:
    r = read(GOOGLE.format(account="35.00"))
    assert r.rows["spend"].sum() == 35.0 and r.explained == 1.0
    assert (r.lines.totals, r.lines.kept, r.lines.preamble) == (4, 2, 2)
    finding = next(f for f in r.findings if f.code == "intake.totals_left_out")
    assert finding.params["spend_with"] == pytest.approx(140.0)


def test_rows_that_cannot_explain_the_account_total() -> None:
    r = read(GOOGLE.format(account="100.00"))
    assert r.explained == pytest.approx(0.35), "Total: Account is the check, not Total: Campaigns"
    finding = next(f for f in r.findings if f.code == "intake.explains_too_little")
    assert finding.severity == "warning"
    assert finding.params == {"rows": 35.0, "total": 100.0, "share": pytest.approx(0.35)}


def test_total_label_in_the_third_column() -> None:
    text = (
        "Search keyword report\n2 March 2026 - 3 March 2026\n"
        "Search keyword,Campaign,Match type,Currency code,Cost,Clicks\n"
        "shoes,A,Exact,EUR,10.00,5\nboots,A,Phrase,EUR,20.00,10\n"
        " --, --,Total: Your keywords,EUR,30.00,15\n"
    )
    r = read(text)
    assert r.rows["spend"].sum() == 30.0 and list(r.totals["label"]) == ["Total: Your keywords"]
    assert r.rows["day_end"].notna().all(), "without a day column the rows cover the stated range"


def test_ragged_total_row_is_left_out_and_confirmed_by_arithmetic() -> None:
    r = read("日期,渠道,计划,地区,花费(元),展示,点击,点击均价\n总计,--,300,30,10\n"
             "2026-03-01,百度,甲,沪,100,1,10,10\n2026-03-02,百度,甲,沪,200,2,20,10\n")  # fmt: skip
    assert r.rows["spend"].sum() == 300.0 and r.totals.loc[0, "spend"] == 300.0
    assert r.totals.loc[0, "clicks"] == 30.0
    assert r.explained == 1.0


def test_daily_subtotals_are_found_only_when_they_add_up() -> None:
    rows = (
        "日期,渠道,花费(元),点击\n2026-03-01,抖音,10,1\n2026-03-01,百度,20,2\n2026-03-01,{label},{spend},3\n"
    )
    assert read(rows.format(label="小计", spend="30")).rows["spend"].sum() == 30.0
    kept = read(rows.format(label="小计", spend="31"))
    assert kept.rows["spend"].sum() == 61.0 and "intake.total_not_confirmed" in told(kept)


def test_a_campaign_that_sounds_like_a_total_is_data() -> None:
    r = read("日期,渠道,计划,花费(元)\n2026-03-01,抖音,Total Wellness,10\n2026-03-01,抖音,总计划A,20\n")
    assert r.rows["spend"].sum() == 30.0 and r.lines.totals == 0


def test_unlabelled_total_without_a_day() -> None:
    r = read(
        "日期,计划,渠道,花费(元),点击\n2026-03-01,a,抖音,10,1\n2026-03-02,b,抖音,20,2\n,全部,抖音,30,3\n"
    )
    assert r.rows["spend"].sum() == 30.0 and r.lines.totals == 1
    assert "intake.total_by_arithmetic" in told(r)


def test_meta_whole_range_with_nameless_total() -> None:
    text = (
        "Reporting starts,Reporting ends,Campaign name,Amount spent (UAH),Impressions,Link clicks\n"
        "2026-03-01,2026-03-31,,30,300,3\n2026-03-01,2026-03-31,A,10,100,1\n"
        "2026-03-01,2026-03-31,B,20,200,2\n"
    )
    r = read(text)
    assert r.rows["spend"].sum() == 30.0 and r.currency == "UAH"
    assert "intake.whole_period" in told(r)
    assert (r.rows["day_end"].dt.day == 31).all()


def test_a_nameless_total_counts_even_when_rows_are_missing() -> None:
    text = (
        "Day,Campaign name,Amount spent (USD),Impressions\n,,100,900\n"
        "2026-03-01,A,10,100\n2026-03-02,A,20,200\n"
    )
    r = read(text)
    assert r.lines.totals == 1 and r.explained == pytest.approx(0.3)
    assert "intake.explains_too_little" in told(r)


def test_month_cells_are_periods_and_starts_is_not_a_date() -> None:
    text = (
        "Reporting starts,Reporting ends,Month,Campaign name,Ends,Amount spent (USD),Clicks (all),"
        "Link clicks\n"
        "2023-04-01,2023-05-11,2023-04-01 - 2023-04-30,A,Ongoing,10,9,5\n"
        "2023-04-01,2023-05-11,2023-05-01 - 2023-05-11,A,2023-05-23,20,9,6\n"
    )
    r = read(text)
    assert r.rows["day"].dt.strftime("%m-%d").tolist() == ["04-01", "05-01"]
    assert r.rows["day_end"].dt.strftime("%m-%d").tolist() == ["04-30", "05-11"]
    assert r.rows["clicks"].sum() == 11, "Clicks (all) is never clicks"


@pytest.mark.parametrize(
    ("cells", "spend", "mark"),
    [
        (["1,234.50", "2,000.00"], 3234.5, "."),
        (["1.234,50", "2.000,00"], 3234.5, ","),
        (["1 234,56", "1\u202f002,00"], 2236.56, ","),
        (["1'234.50", "10"], 1244.5, "."),
        (["12,34,567.50", "1.00"], 1234568.5, "."),
        (["￥1,234.50", "¥10.00"], 1244.5, "."),
        (["1.2万", "3000"], 15000.0, "."),
        (["(5.00)", "10.00"], 5.0, "."),
    ],
)
def test_number_styles(cells: list[str], spend: float, mark: str) -> None:
    r = read("日期;渠道;花费(元)\n" + "".join(f'2026-03-0{i + 1};抖音;"{c}"\n' for i, c in enumerate(cells)))
    assert r.rows["spend"].sum() == pytest.approx(spend)
    assert r.layout.decimal_mark == mark
    assert not asked(r)


def test_a_lone_thousand_is_a_question_in_a_semicolon_file_and_none_in_a_comma_file() -> None:
    semi = "date;channel;spend (EUR)\n2026-03-01;Google;1,234\n2026-03-02;Google;2,345\n"
    assert asked(read(semi)) == {"intake.decimal_mark"}
    assert read(semi, decimal_mark=",").rows["spend"].sum() == pytest.approx(3.579)
    assert read(semi, decimal_mark=".").rows["spend"].sum() == 3579
    comma = 'date,channel,spend (EUR)\n2026-03-01,Google,"1,234"\n'
    assert not asked(read(comma)) and read(comma).rows["spend"].sum() == 1234


def test_two_decimal_marks_in_one_column_are_asked() -> None:
    r = read('date,channel,spend (EUR)\n2026-03-01,Google,"1,234.50"\n2026-03-02,Google,"1.234,50"\n')
    assert "intake.decimal_mark" in asked(r)
    assert r.lines.rejected == 1, "the one that does not fit is set aside, not misread"


def test_day_month_order() -> None:
    head = "date,channel,spend (USD)\n"
    assert asked(read(head + "03/04/2026,Google,1\n05/04/2026,Google,2\n")) == {"intake.date_order"}
    proven = read(head + "03/04/2026,Google,1\n25/04/2026,Google,2\n")
    assert proven.layout.date_order == "dmy" and not asked(proven)
    assert proven.rows["day"].dt.month.tolist() == [4, 4]
    american = read(head + "03/04/2026,Google,1\n04/25/2026,Google,2\n")
    assert american.rows["day"].dt.month.tolist() == [3, 4]
    clash = read(head + "25/04/2026,Google,1\n04/25/2026,Google,2\n")
    assert "intake.date_clash" in asked(clash) and clash.lines.rejected == 1
    answered = read(head + "03/04/2026,Google,1\n05/04/2026,Google,2\n", date_order="dmy")
    assert not asked(answered) and answered.rows["day"].dt.day.tolist() == [3, 5]


def test_the_stated_range_settles_the_order() -> None:
    text = (
        "Campaign report\n1 April 2026 - 30 April 2026\n"
        "Day,Campaign,Currency code,Cost\n03/04/2026,A,EUR,1\n05/04/2026,A,EUR,2\n"
    )
    r = read(text)
    assert r.rows["day"].dt.month.tolist() == [4, 4] and not asked(r)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"]
)
def test_encodings(encoding: str) -> None:
    text = "数据生成时间：2026-03-02 10:00\n\n日期\t渠道\t花费(元)\t点击\n2026-03-01\t抖音\t1,234.50\t7\n"
    r = read(text, encoding)
    assert r.rows["spend"].sum() == 1234.5 and list(r.rows["channel"]) == ["oceanengine"]
    assert r.layout.delimiter == "\t" and r.lines.blank == 1


def test_western_letters_are_not_chinese() -> None:
    r = read("Día,Nombre de la campaña,Importe gastado (PEN)\n2026-10-01,Campaña año niño,5\n", "cp1252")
    assert r.layout.encoding == "cp1252" and "intake.encoding_guessed" in told(r)
    assert list(r.rows["campaign"]) == ["Campaña año niño"]


def test_sep_line() -> None:
    r = read("sep=;\ndate;channel;spend (EUR)\n2026-03-01;Google;1,50\n")
    assert r.rows["spend"].sum() == 1.5 and r.layout.delimiter == ";"
    assert (r.lines.preamble, r.layout.header_line) == (1, 2)


def test_quoted_line_breaks_and_an_open_quote() -> None:
    r = read('date,channel,campaign,spend (EUR)\n2026-03-01,Google,"two\nlines",1\n2026-03-02,Google,x,2\n')
    assert r.rows["spend"].sum() == 3 and list(r.rows["row_no"]) == [2, 4]
    rows = "".join(f"2026-03-0{i},Google,x,{i}\n" for i in range(2, 9))
    broken = read('date,channel,campaign,spend (EUR)\n2026-03-01,Google,"open,1\n' + rows)
    assert broken.rows["spend"].sum() == 36 and "intake.broken_quotes" in told(broken)


def test_currencies() -> None:
    head = "date,channel,currency,spend\n"
    mixed = read(head + "2026-03-01,Google,USD,1\n2026-03-02,Google,EUR,2\n")
    assert asked(mixed) == {"intake.mixed_currency"} and mixed.currency is None
    assert list(mixed.rows["currency"]) == ["USD", "EUR"]
    assert read(head + "2026-03-01,Google,usd,1\n").currency == "USD"
    plain = "date,channel,spend\n2026-03-01,Google,1\n"
    assert asked(read(plain)) == {"intake.which_currency"}
    assert read_export(plain.encode(), "x.csv", currency="usd").currency == "USD"
    assert read("date,channel,spend\n2026-03-01,Google,€1\n").currency == "EUR"
    assert asked(read("date,channel,spend\n2026-03-01,Google,€1\n2026-03-02,Google,£2\n")) == {
        "intake.mixed_currency"
    }
    with pytest.raises(IntakeError, match="ISO code"):
        read_export(plain.encode(), "x.csv", currency="moon")


def test_converted_currency_is_never_spend() -> None:
    text = (
        "Day,Campaign,Currency code,Cost,Cost (Converted currency),Clicks,Avg. CPC\n"
        "2026-03-01,A,EUR,10,11,5,2.00\n"
    )
    r = read(text)
    assert r.rows["spend"].sum() == 10.0 and r.currency == "EUR"


def test_money_is_never_guessed() -> None:
    text = "id,date,channel,clicks,amount,cost per lead,CPC\n5001,2026-03-01,Google,3,77,5.0,1.2\n"
    with pytest.raises(IntakeError) as error:
        read(text)
    assert error.value.code == "intake.which_spend"
    listing = {c["header"]: c["sample"] for c in error.value.params["columns"]}
    assert listing["amount"] == ["77"]
    r = read(text, mapping={"amount": "spend"}, currency="USD")
    assert r.rows["spend"].sum() == 77.0 and not asked(r)
    assert next(m for m in r.mapping if m.header == "amount").reason == "answer"


def test_two_columns_for_one_field_are_a_question() -> None:
    text = "date,channel,spend (USD),cost (USD)\n2026-03-01,Google,1,2\n"
    r = read(text)
    assert asked(r) == {"intake.two_columns"}
    assert [m.confidence for m in r.mapping[2:]] == [0.5, 0.5]
    chosen = read(text, mapping={"cost (USD)": "spend"})
    assert chosen.rows["spend"].sum() == 2.0 and not asked(chosen)
    other = read(text, mapping={"cost (USD)": None})
    assert other.rows["spend"].sum() == 1.0 and not asked(other)
    twins = read("date,channel,spend (USD),cost (USD)\n2026-03-01,Google,2,2\n")
    assert not asked(twins), "the same figures twice are no question"


def test_wrong_answers_are_refused_by_name() -> None:
    text = "date,channel,spend (USD)\n2026-03-01,Google,1\n"
    for answers, code in (
        ({"mapping": {"nothing": "spend"}}, "intake.unknown_column"),
        ({"mapping": {"channel": "moon"}}, "intake.unknown_field"),
        ({"decimal_mark": ";"}, "intake.bad_answer"),
        ({"date_order": "ydm"}, "intake.bad_answer"),
        ({"platform": "moon"}, "intake.bad_answer"),
        ({"period": "yesterday"}, "intake.bad_answer"),
    ):
        with pytest.raises(IntakeError) as error:
            read(text, **answers)
        assert error.value.code == code


def test_null_is_not_zero() -> None:
    r = read("date,channel,spend (USD),clicks,leads\n2026-03-01,Google,--,-,\n2026-03-02,Google,0,0,0\n")
    assert np.isnan(r.rows.loc[0, ["spend", "clicks", "leads"]].to_numpy(dtype=float)).all()
    assert r.rows.loc[1, ["spend", "clicks", "leads"]].tolist() == [0, 0, 0]
    assert r.rows["revenue"].isna().all(), "a column the file lacks is unknown, not 0"


def test_rejected_lines_keep_reason_and_text() -> None:
    text = (
        "date,channel,spend (USD),clicks\n2026-03-01,Google,1,1\nsoon,Google,2,2\n"
        ",Google,3,3\n2026-03-02,Google,abc,4\n"
        "2026-03-03,Google,5,5,extra\n2026-03-04,Google\n"
        "date,channel,spend (USD),clicks\n2026-03-05,Google,9,x\n"
    )
    r = read(text)
    assert r.rows["spend"].sum() == 10.0
    assert r.rejected[["row_no", "reason"]].to_numpy().tolist() == [
        [3, "intake.reject.bad_date"],
        [4, "intake.reject.no_day"],
        [5, "intake.reject.bad_number"],
        [6, "intake.reject.too_many_cells"],
        [7, "intake.reject.too_few_cells"],
        [8, "intake.reject.repeated_header"],
    ]
    assert r.rejected.loc[0, "raw"] == "soon\tGoogle\t2\t2"
    assert r.rejected.loc[2, "params"] == {"value": "abc", "header": "spend (USD)"}
    assert {"intake.rejected", "intake.unreadable_numbers"} <= told(r)


def test_ids_are_text_and_cut_ids_are_no_key() -> None:
    text = "日期,项目ID,消耗(元),展示数,点击数,转化成本(元)\n2026-03-01,\t1700000000000000011,10,100,1,\n"
    assert list(read(text).rows["campaign"]) == ["1700000000000000011"]
    cut = read(text.replace("\t1700000000000000011", "1.7E+18"))
    assert list(cut.rows["campaign"]) == [""] and "intake.damaged_ids" in told(cut)


def test_breakdowns_are_joined() -> None:
    text = (
        "Day,Campaign name,Age,Gender,Amount spent (USD),Reach,Link clicks\n"
        "2026-03-01,A,18-24,female,10,100,1\n2026-03-01,A,25-34,male,20,100,2\n"
    )
    r = read(text)
    assert list(r.rows["breakdown"]) == ["Age=18-24; Gender=female", "Age=25-34; Gender=male"]
    assert r.rows["spend"].sum() == 30.0
    assert next(m for m in r.mapping if m.header == "Reach").field is None, "reach never adds up"


def test_click_price_names_the_right_column() -> None:
    text = (
        "数据日期,花费（元）,封面曝光数,封面点击数,行为数,平均点击单价（元）\n"
        "2026-03-01,800,40000,2000,160,5.00\n"
    )
    finding = next(f for f in read(text).findings if f.code == "intake.click_price_other")
    assert finding.params == {"header": "平均点击单价（元）", "better": "行为数", "used": "封面点击数"}
    cents = "日期,消耗(元),展示数,点击数,平均点击单价(元)\n2026-03-01,80000,40000,2000,0.40\n"
    assert asked(read(cents)) == {"intake.spend_in_cents"}


def test_oceanengine_clocks() -> None:
    text = "日期,项目名称,消耗(元),展示数,点击数,转化数(计费时间)\n2026-03-01,A,10,100,5,2\n"
    r = read(text, mapping={"转化数(计费时间)": "leads"})
    assert r.rows["leads"].sum() == 2 and set(r.rows["conversion_clock"]) == {"click"}


def test_whole_range_baidu() -> None:
    text = (
        "数据生成时间：2026-03-10 10:00\n1. 时间范围：20260301-20260307\n"
        "2. 时间单位：合计\n3. 推广设备：计算机\n\n日期,账户,推广计划,展现,点击,消费\n"
        "2026-03-01,a,b,10,2,4\n"
    )
    r = read(text, "gbk")
    assert str(r.rows.loc[0, "day_end"].date()) == "2026-03-07"
    assert {"intake.whole_period", "intake.device_only"} <= told(r)
    assert r.generated_at is not None and r.generated_at.hour == 10


def test_generic_table_speaks_for_its_channels() -> None:
    text = (
        "日期,渠道,花费(元)\n2026-03-01,地推,10\n2026-03-01,抖音,20\n2026-03-01,朋友圈,5\n2026-03-01,某站,1\n"
    )
    r = read(text)
    assert r.platform == "generic"
    assert list(r.rows["channel"]) == ["offline", "oceanengine", "tencent_ads", "某站"]
    assert list(r.rows["platform"]) == ["offline", "oceanengine", "tencent_ads", "某站"]
    assert read("日期,渠道,花费(元)\n2026-03-01,地推,10\n").platform == "offline"


def test_a_hand_kept_table_of_several_channels_is_nobodys_export() -> None:
    r = read("日期,渠道,推广计划,展现,点击,消费(元)\n2026-03-01,百度,a,10,2,4\n2026-03-01,抖音,b,10,2,6\n")
    assert r.platform == "generic"
    assert r.rows.groupby("platform")["spend"].sum().to_dict() == {"baidu": 4.0, "oceanengine": 6.0}


def test_one_telling_header_is_enough_when_all_are_known() -> None:
    assert read("Day,Campaign name,Amount spent (EUR)\n2026-03-01,A,10\n").platform == "meta_ads"
    assert read("Day,Moon,Amount spent (EUR)\n2026-03-01,A,10\n").platform == "generic"


def test_visits_without_spend() -> None:
    text = "日期,渠道,访问次数,跳出率,平均停留时长\n2026-03-01,抖音,200,75%,30\n2026-03-02,抖音,100,50%,60\n"
    r = read(text)
    assert (r.kind, r.platform) == ("site", "site")
    assert r.rows[["sessions", "bounces", "dwell_seconds"]].sum().tolist() == [300, 200, 12000]
    assert r.rows["spend"].isna().all() and not asked(r)
    ga = read(
        "# Start date: 20260301\n"
        "Date,Session default channel group,Sessions,Engagement rate\n20260301,Direct,50,0.4\n"
    )
    assert ga.rows["bounces"].sum() == pytest.approx(30)


def test_progress_and_answers_travel() -> None:
    steps: list[tuple[int, int]] = []
    text = b"date,channel,spend\n2026-03-01,Google,1\n"
    r = read_export(text, "x.csv", currency="USD", on_step=lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] and [s[0] for s in steps] == sorted(s[0] for s in steps)
    again = read_export(r.content, r.name, answers=r.answers)
    assert again.rows.equals(r.rows) and again.fingerprint == r.fingerprint and again.currency == "USD"


def test_exact_copies_are_told() -> None:
    r = read("date,channel,spend (USD)\n2026-03-01,Google,1\n2026-03-01,Google,1\n")
    assert r.rows["spend"].sum() == 2 and "intake.same_rows" in told(r)


def test_file_name_gives_channel_and_period() -> None:
    r = read("campaign,spend (CNY)\nA,5\n", name="快手_2026-03-01_2026-03-31.csv")
    assert {"intake.channel_from_name", "intake.period_from_name"} <= told(r)
    assert list(r.rows["channel"]) == ["kuaishou"] and str(r.day_last) == "2026-03-31"


def test_bom_is_not_part_of_the_first_header() -> None:
    data = codecs.BOM_UTF8 + b"date,channel,spend (USD)\n2026-03-01,Google,1\n"
    assert read_export(data, "x.csv").mapping[0].header == "date"


# --- the twenty traps of real exports, most silent first; each fails without its defence

HEAD = "日期,账户,计划,展示,点击,花费(元)\n"
ROWS = [
    ("2026-03-01", "号", "甲", 1100, 21, 100.11),
    ("2026-03-01", "号", "乙", 2300, 32, 250.22),
    ("2026-03-02", "号", "甲", 1700, 23, 130.33),
    ("2026-03-02", "号", "乙", 2900, 44, 310.44),
    ("2026-03-03", "号", "丙", 700, 15, 90.55),
]
SPEND = 881.65


def line(*cells: object) -> str:
    return ",".join(map(str, cells)) + "\n"


def plain(*extra: str, at: int | None = None) -> str:
    body = [line(*r) for r in ROWS]
    where = len(body) if at is None else at
    return HEAD + "".join([*body[:where], *extra, *body[where:]])


def summed(rows: list[tuple] = ROWS) -> tuple[int, int, float]:
    return sum(r[3] for r in rows), sum(r[4] for r in rows), round(sum(r[5] for r in rows), 2)


def channel(text: str, **answers: object) -> Read:
    return read(text, channel="baidu", **answers)


TOTAL = [
    line("", "", "", *summed()),
    line("总计", "", "", *summed()),
    line("--", "--", "合计", *summed()),
    line("", "号", "", *summed()),
    line("Total of 5 results", "-", "-", *summed()),
    line("总计", *summed()),
    line("2026-03-03", "", "", *summed()),
    line("2026-03-03", "总计", "", *summed()),
]


@pytest.mark.parametrize("at", [0, 2, 5])
@pytest.mark.parametrize("total", TOTAL, ids=["nameless", "labelled", "third", "account", "results", "ragged",
                                              "last day", "last day labelled"])  # fmt: skip
def test_trap_01_a_total_row_anywhere_is_left_out(total: str, at: int) -> None:
    r = channel(plain(total, at=at))
    assert r.rows["spend"].sum() == pytest.approx(SPEND) and not r.questions
    assert r.lines.kept == 5


def test_trap_01_ten_total_rows_of_all_kinds() -> None:
    days = [ROWS[:2], ROWS[2:4], ROWS[4:]]
    daily = [line(rows[0][0], "", "", *summed(rows)) for rows in days]
    campaigns = [line("", "", name, *summed([r for r in ROWS if r[2] == name])) for name in "甲乙丙"]
    grand = [line("总计", "", "", *summed()), line("", "", "", *summed()),
             line("合计5条记录", "-", "-", *summed()),
             line("2026-03-03", "", "", *summed())]  # fmt: skip
    r = channel(plain(*daily, *campaigns, *grand))
    assert r.rows["spend"].sum() == pytest.approx(SPEND) and r.lines.kept == 5
    assert not r.questions and r.explained == pytest.approx(1.0)


def test_trap_01_a_named_total_with_a_day_is_asked_and_answered() -> None:
    text = plain(line("2026-03-03", "号", "全部", *summed()))
    r = channel(text)
    assert asked(r) == {"intake.maybe_total"} and r.questions[0].params["row"] == "7"
    left = channel(text, totals="leave_out")
    assert left.rows["spend"].sum() == pytest.approx(SPEND) and left.lines.totals == 1 and not left.questions
    kept = channel(text, totals="keep")
    assert kept.rows["spend"].sum() == pytest.approx(2 * SPEND) and not kept.questions


def test_trap_01_named_subtotals_of_each_day_are_asked() -> None:
    body = []
    for rows in (ROWS[:2], ROWS[2:4]):
        body += [line(*r) for r in rows] + [line(rows[0][0], "号", "每日", *summed(rows))]
    assert asked(channel(HEAD + "".join(body))) == {"intake.maybe_total"}


def test_trap_01_a_label_that_does_not_add_up_is_asked() -> None:
    text = plain(line("2026-03-03", "号", "合计", 9000, 180, 1500))
    assert asked(channel(text)) == {"intake.total_not_confirmed"}
    assert channel(text, totals="leave_out").rows["spend"].sum() == pytest.approx(SPEND)


def test_trap_01_a_nameless_row_that_outweighs_the_others_is_asked() -> None:
    text = plain(line("2026-03-02", "号", "", 9000, 180, 1500))
    assert asked(channel(text)) == {"intake.maybe_total"}
    small = channel(plain(line("2026-03-02", "号", "", 90, 1, 15)))
    assert not small.questions and small.rows["spend"].sum() == pytest.approx(SPEND + 15), (
        "data without a name"
    )


def test_trap_01_levels_without_a_name_are_data_when_nothing_covers_them() -> None:
    text = (
        "Day,Campaign,Ad group,Currency code,Impr.,Clicks,Cost\n2026-03-01,Search,a,EUR,100,10,10.10\n"
        "2026-03-01,Search,b,EUR,200,15,20.20\n2026-03-01,PMax, --,EUR,900,70,90.90\n"
        "2026-03-02,PMax, --,EUR,800,60,80.80\n"
    )
    r = read(text)
    assert r.rows["spend"].sum() == pytest.approx(202.0) and not r.questions


def test_trap_01_breakdown_subtotals() -> None:
    text = (
        "Day,Campaign name,Age,Amount spent (USD),Impressions,Link clicks\n2026-03-01,A,18-24,10.10,100,5\n"
        "2026-03-01,A,25-34,20.20,300,8\n2026-03-01,A,,30.30,400,13\n"
    )
    assert read(text).rows["spend"].sum() == pytest.approx(30.3)


def test_trap_02_rows_that_explain_little_are_said() -> None:
    r = channel(plain(line("总计", "", "", 20000, 400, 4743.0)))
    found = next(f for f in r.findings if f.code == "intake.explains_too_little")
    assert found.severity == "warning" and r.explained == pytest.approx(SPEND / 4743, abs=1e-4)


def test_trap_03_a_pivot_of_the_rows_is_not_read_beside_them() -> None:
    from tests.intake.test_fixtures import FOLDER

    r = read_export(FOLDER / "bilibili_pivot_sheet_first.xlsx",
                    answers={"period": "2026-03-01/2026-03-31", "channel": "bilibili",
                             "currency": "CNY"})  # fmt: skip
    assert r.rows["spend"].sum() == 30.0 and "intake.other_sheets" in told(r)


def test_trap_04_the_same_rows_twice_in_one_file_are_told() -> None:
    r = channel(plain(*[line(*r) for r in ROWS]))
    assert "intake.same_rows" in told(r)


def test_trap_05_conversions_are_never_leads_by_themselves() -> None:
    text = (
        "Day,Campaign name,Result indicator,Results,Amount spent (USD)\n"
        "2026-03-01,A,actions:link_click,90,10\n"
        "2026-03-01,B,actions:leadgen.other,3,20\n2026-03-01,C,video_thruplay_watched_actions,700,30\n"
    )
    r = read(text)
    assert r.rows["leads"].isna().all() and "intake.conversions_not_leads" in told(r)
    assert list(r.rows["conversion_event"]) == [
        "actions:link_click",
        "actions:leadgen.other",
        "video_thruplay_watched_actions",
    ]


def test_trap_06_two_clocks_in_one_file_are_never_added() -> None:
    head = "日期,推广计划,展现,点击,消费,表单提交成功量,表单提交成功量（转化时间）\n"
    both = head + "2026-03-01,甲,1000,50,100,4,7\n"
    r = read(both)
    assert r.rows["leads"].sum() == 4 and set(r.rows["conversion_clock"]) == {"click"}
    later = read("日期,推广计划,展现,点击,消费,表单提交成功量（转化时间）\n2026-03-01,甲,1000,50,100,7\n")
    assert later.rows["leads"].sum() == 7 and set(later.rows["conversion_clock"]) == {"conversion"}
    twice = "日期,项目名称,消耗(元),展示数,点击数,转化数,转化数(计费时间)\n2026-03-01,A,10,100,5,3,2\n"
    assert "intake.other_clock" in told(read(twice)) and read(twice).rows["leads"].isna().all()


def test_trap_07_grants_and_rebates_are_parts_of_spend() -> None:
    text = (
        "日期,项目名称,消耗(元),非赠款消耗,赠款消耗,返点后消耗,展示数,点击数\n"
        "2026-03-01,A,100,80,20,94,1000,50\n2026-03-02,A,200,160,40,188,2000,90\n"
    )
    r = read(text)
    assert r.rows["spend"].sum() == 300.0 and set(r.rows["spend_basis"]) == {"with_grants"}
    found = next(f for f in r.findings if f.code == "intake.spend_basis_choice")
    assert found.params == {"used": "消耗(元)", "others": "非赠款消耗, 赠款消耗, 返点后消耗"}


def test_trap_08_currencies_that_disagree_are_asked() -> None:
    rows = "2026-03-01,Google,EUR,5\n"
    assert asked(read("date,channel,currency,spend (USD)\n" + rows)) == {"intake.mixed_currency"}
    assert read("date,channel,currency,spend (USD)\n" + rows, currency="USD").currency == "USD"
    signs = "date,channel,spend (USD)\n2026-03-01,Google,€5\n"
    assert asked(read(signs)) == {"intake.mixed_currency"}
    assert not asked(read("date,channel,spend (USD)\n2026-03-01,Google,$5\n"))
    wrong = "date,channel,currency,spend\n2026-03-01,Google,Dollar,5\n"
    assert asked(read(wrong)) == {"intake.which_currency"}, "the first letters of a word are no code"
    assert asked(channel("日期,渠道,花费\n2026-03-01,百度,5\n")) == {"intake.which_currency"}
    for shown in ("日期,渠道,花费(元)\n2026-03-01,百度,5\n", "日期,渠道,花费\n2026-03-01,百度,¥5\n",
                  "币种：人民币\n日期,渠道,花费\n2026-03-01,百度,5\n",
                  "日期,渠道,点击,花费,点击均价(元)\n2026-03-01,百度,5,10,2.00\n"):  # fmt: skip
        assert read(shown).currency == "CNY" and not asked(read(shown)), shown


def test_trap_08_only_a_converted_column_is_not_spend() -> None:
    with pytest.raises(IntakeError) as error:
        read("Day,Campaign,Cost (Converted currency),Clicks,Impr.\n2026-03-01,A,11,5,100\n")
    assert error.value.code == "intake.which_spend"


def test_trap_09_units_in_headers_count_and_unknown_units_are_asked() -> None:
    tens = read("日期,渠道,曝光(万),花费(万元)\n2026-03-01,百度,1.5,0.25\n")
    assert tens.rows[["impressions", "spend"]].sum().tolist() == [15000, 2500] and tens.currency == "CNY"
    assert "intake.unit_in_header" in told(tens)
    cents = read("日期,渠道,花费(分)\n2026-03-01,百度,2500\n", mapping={"花费(分)": "spend"}, currency="CNY")
    assert cents.rows["spend"].sum() == 25.0
    with pytest.raises(IntakeError):
        read("日期,渠道,花费(分)\n2026-03-01,百度,2500\n")
    micros = "date,campaign_id,impressions,spend,swipes\n2026-03-01,1,9000,86000000,40\n"
    assert "intake.odd_click_price" in asked(channel(micros, currency="USD"))


def test_trap_10_net_revenue_is_named_and_left_out() -> None:
    text = "日期,渠道,花费(元),整体成交金额,净成交金额\n2026-03-01,巨量千川,100,900,700\n"
    r = read(text)
    assert r.rows["revenue"].sum() == 900.0
    found = next(f for f in r.findings if f.code == "intake.revenue_choice")
    assert found.params == {"used": "整体成交金额", "others": "净成交金额"}


def test_trap_11_the_click_column_is_the_one_the_price_divides_by() -> None:
    text = (
        "Date,Campaign name,Cost,Currency,Impressions,Clicks (destination),Clicks (all),CPC (destination)\n"
        "2026-03-01,A,10.00,EUR,900,20,55,0.50\n2026-03-02,A,20.00,EUR,1900,40,99,0.50\n"
    )
    r = read(text)
    assert r.rows["clicks"].sum() == 60 and "intake.mapping_proved" in told(r)
    wrong = read(text, mapping={"Clicks (all)": "clicks"})
    assert "intake.click_price_other" in told(wrong)


def test_trap_12_whole_range_rows_stay_a_period() -> None:
    r = read("Start Time,End Time,Campaign Name,Paid Impressions,Swipe Ups,Spend\n"
             "2026-03-01 00:00:00,2026-03-31 23:59:59,A,5000,40,30.00\n", currency="USD",
             channel="snapchat")  # fmt: skip
    assert str(r.rows.loc[0, "day_end"].date()) == "2026-03-31" and "intake.whole_period" in told(r)
    quiet = read("campaign,spend (EUR)\nA,5\n", channel="x", period="2026-03-01/2026-03-31")
    assert quiet.rows["day_end"].notna().all()


def test_trap_13_ratios_of_the_file_are_never_data() -> None:
    text = (
        "Day,Campaign,Currency code,Impr.,Clicks,Cost,Conversions,Cost / conv.,CTR,Avg. CPC\n"
        "2026-03-01,A,EUR,1000,10,20.00,0.00,0.00,1.00%,2.00\n2026-03-02,A,EUR,0,0,0.00,0.00,0.00, --, --\n"
    )
    r = read(text)
    assert {m.header for m in r.mapping if m.reason == "derived"} == {"Cost / conv.", "CTR", "Avg. CPC"}
    assert not {"cpc", "ctr", "cpl"} & set(r.rows.columns) and not asked(r)
    rates = read("Date,Session default channel group,Sessions,Bounce rate\n20260301,Direct,100,0.4\n"
                 "20260302,Direct,50,20%\n")  # fmt: skip
    assert rates.rows["bounces"].tolist() == [40.0, 10.0], "a percentage and a fraction, each as written"


def test_trap_14_nothing_that_cannot_be_added_is_a_field() -> None:
    from channelopt.fields import METRICS
    from channelopt.intake import platforms

    alone = re.compile(
        r"reach|覆盖|曝光人数|点击人数|独立访客|frequency|频次|tgi|unique|\busers?\b|占比|alcance"
    )
    for platform in platforms().values():
        if platform.kind == "variants":  # a test compares counts of people
            continue
        for header, roles in platform.vocabulary.items():
            if alone.search(header):
                used = [r.field for r in roles if r.role in ("field", "sum") and r.field in METRICS]
                assert not used, f"{platform.key}: {header} is {used}"
    r = read(
        "Day,Campaign name,Reach,Frequency,Impressions,Amount spent (USD)\n2026-03-01,A,900,1.2,1080,5\n"
    )
    assert r.rows["impressions"].sum() == 1080
    assert {m.field for m in r.mapping if m.header in ("Reach", "Frequency")} == {None}


def test_trap_15_missing_is_not_zero() -> None:
    text = "date,channel,spend (USD),clicks\n2026-03-01,Google, --,—\n"
    text += "2026-03-02,Google,0,0\n2026-03-03,Google,,\n"
    r = read(text)
    assert r.rows["spend"].isna().tolist() == [True, False, True]
    assert r.rows["clicks"].isna().tolist() == [True, False, True]
    assert r.lines.kept == 3, "a day without a figure is still a day of the file"


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_trap_16_one_point_and_three_digits_is_asked(delimiter: str) -> None:
    rows = [
        "date,channel,impressions,spend (VND)",
        "2026-03-01,Google,851,149.291",
        "2026-03-02,Google,12,9.290",
    ]
    text = "\n".join(rows).replace(",", delimiter) + "\n"
    assert asked(read(text)) == {"intake.decimal_mark"}
    assert read(text, decimal_mark=",").rows["spend"].sum() == 158581
    assert read(text, decimal_mark=".").rows["spend"].sum() == pytest.approx(158.581)


@pytest.mark.parametrize("cell", ["500 30", "1 2345", "12 34", "1'23"])
def test_trap_16_a_stray_space_does_not_join_two_numbers(cell: str) -> None:
    r = read(f"date\tchannel\tspend (EUR)\n2026-03-01\tGoogle\t{cell}\n2026-03-02\tGoogle\t7.50\n")
    assert r.rows["spend"].sum() == 7.5 and r.lines.rejected == 1


def test_trap_17_days_in_utc_are_said() -> None:
    text = (
        "Campaign Performance Report (in UTC)\n\n"
        "Start Date (in UTC),Campaign Group Name,Currency,Impressions,"
        "Clicks,Total Spent\n03/25/2026,A,USD,100,5,10.00\n"
    )
    assert "intake.utc_days" in told(read(text))
    assert "intake.utc_days" not in told(channel(plain()))


def test_trap_18_dates_of_two_orders_never_mix() -> None:
    head = "date,channel,spend (USD)\n"
    both = read(head + "13/04/2026,Google,1\n04/14/2026,Google,2\n04/05/2026,Google,4\n")
    assert "intake.date_clash" in asked(both)
    short = read(head + "13/04/26,Google,1\n01/05/26,Google,2\n")
    assert short.rows["day"].dt.strftime("%Y-%m-%d").tolist() == ["2026-04-13", "2026-05-01"]
    forms = read("日期\t渠道\t花费(元)\n2026年5月1日\t百度\t1\n46143\t百度\t2\n20260503\t百度\t4\n")
    assert forms.rows["day"].dt.strftime("%m-%d").tolist() == ["05-01", "05-01", "05-03"]
    assert read(head + "2026-02-30,Google,1\n2026-03-01,Google,2\n").lines.rejected == 1


def test_trap_19_a_line_that_lost_a_cell_is_set_aside() -> None:
    text = "date,channel,campaign,spend (EUR),impressions,clicks\n" + "".join(
        f"2026-03-0{i},Google,x,{i}.50,{i}00,{i}\n" for i in range(1, 7)
    )
    r = read(text + "2026-03-07,Google-x,7.50,700,7\n")
    assert r.rows["spend"].sum() == pytest.approx(24.0)
    assert list(r.rejected["reason"]) == ["intake.reject.too_few_cells"]
    trimmed = "date,channel,spend (EUR),clicks,leads\n2026-03-01,Google,1,5,2\n"
    trimmed += "2026-03-02,Google,2,5,\n2026-03-03,Google,4,5\n"
    assert read(trimmed).rows["spend"].sum() == 7, "empty cells at the end may be left unwritten"


@pytest.mark.parametrize(
    ("ids", "damaged"),
    [
        (["1.7E+18", "1.71E+18"], True),
        (["1700000000000000000", "1712345678901230000"], True),
        (["1700000000000000011", "1712345678901234000"], False),
        (["\t1700000000000000011", "'1712345678901234022"], False),
        (['"=""1700000000000000011"""', '"=""1712345678901234022"""'], False),
        (["100200301.0", "100200302.0"], False),
        (["120000", "130000"], False),
    ],
)
def test_trap_20_damaged_ids_are_no_key(ids: list[str], damaged: bool) -> None:
    text = "日期,项目ID,消耗(元),展示数,点击数\n" + "".join(
        f"2026-03-0{n},{i},10,100,5\n" for n, i in enumerate(ids, 1)
    )
    r = read(text)
    assert ("intake.damaged_ids" in told(r)) == damaged
    if damaged:
        assert set(r.rows["campaign"]) == {""}
    else:
        assert (
            all(c.isdigit() and len(c) < 20 for c in r.rows["campaign"]) and r.rows["campaign"].nunique() == 2
        )


def test_trap_20_ids_a_workbook_kept_as_numbers_are_damaged() -> None:
    import io

    import pandas as pd

    out = io.BytesIO()
    frame = {
        "日期": ["2026-03-01"],
        "项目ID": [1234567890123456],
        "消耗(元)": [10.5],
        "展示数": [100],
        "点击数": [5],
    }
    pd.DataFrame(frame).astype({"项目ID": float}).to_excel(out, index=False, engine="xlsxwriter")
    r = read_export(out.getvalue(), "x.xlsx")
    assert "intake.damaged_ids" in told(r) and list(r.rows["campaign"]) == [""]


def test_trap_19_lines_joined_by_stray_quotes_are_set_aside() -> None:
    rows = [f"2026-03-0{i},Google,x{i},{i}.50,{i}00,{i}" for i in range(1, 8)]
    rows[2] = rows[2].replace("Google", '"Google')
    rows[4] = rows[4].replace("Google", 'Goo"gle')
    r = read("date,channel,campaign,spend (EUR),impressions,clicks\n" + "\n".join(rows) + "\n")
    assert list(r.rejected["reason"]) == ["intake.reject.swallowed_lines"]
    assert "intake.rejected" in told(r) and r.rows["spend"].sum() == pytest.approx(1.5 + 2.5 + 6.5 + 7.5)


def test_trap_19_a_header_wider_than_every_line_is_refused() -> None:
    with pytest.raises(IntakeError) as error:
        read("date,cam,paign,spend (EUR),clicks,channel\n2026-03-01,x,5,9,Google\n2026-03-02,x,6,8,Google\n")
    assert error.value.code == "intake.narrow_lines"

"""The traps of real exports, each written out small."""

from __future__ import annotations

import codecs

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

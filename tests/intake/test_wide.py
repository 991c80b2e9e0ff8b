"""Tables with one column per channel become rows per day and channel, beside what no channel has."""

from __future__ import annotations

import io

import pandas as pd
import pytest
import xlsxwriter

from channelopt.intake import IntakeError, Read, look_inside, read_export, unpack

MIX = (  # the shape that media mix models take
    "DATE,revenue,tv_S,facebook_I,facebook_S,search_clicks_P,search_S,competitor_sales_B,newsletter\n"
    "2026-03-02,1000,10,500,40,9,7,5,1\n"
    "2026-03-09,1100,11,600,41,9,8,5,1\n"
)
TRACKER = (
    "日期,营业额(元),抖音花费(元),百度花费(元),小红书花费(元),总花费(元),抖音线索,百度线索数\n"
    "2026-03-01,1000,10,20,3,33,1,2\n"
    "2026-03-02,1100,11,,4,15,2,3\n"
    "合计,2100,21,20,7,48,3,5\n"
)


def tables(text: str | bytes, name: str = "tracker.csv", **answers: object) -> list[Read]:
    data = text.encode() if isinstance(text, str) else text
    return [
        read_export(p.content, p.name, answers={**answers, **({"table": p.table} if p.table else {})})
        for p in unpack(data, name)
    ]


def codes(read: Read) -> set[str]:
    return {f.code for f in read.findings}


def money(read: Read) -> dict[str, float]:
    return read.rows.groupby("channel")["spend"].sum().to_dict()


def test_the_table_of_a_media_mix_model() -> None:
    spend, overall = tables(MIX, currency="USD")
    assert (spend.kind, overall.kind) == ("spend", "overall")
    assert money(spend) == {"tv": 21.0, "meta_ads": 81.0, "search": 15.0}
    known = spend.rows.set_index(["channel", "day"])
    assert known.loc[("meta_ads", pd.Timestamp("2026-03-02")), "impressions"] == 500
    assert spend.rows["row_no"].tolist() == [2, 2, 2, 3, 3, 3]
    assert overall.rows["revenue"].tolist() == [1000.0, 1100.0]
    told = next(f for f in spend.findings if f.code == "intake.wide_table_left")
    assert told.params["n"] == 3 and "tv_S" in told.params["headers"]
    assert told.params["left"] == "search_clicks_P, competitor_sales_B, newsletter"
    assert spend.sha256 != overall.sha256 and not spend.questions and not overall.questions


def test_a_tracker_in_chinese_with_its_totals() -> None:
    spend, overall = tables(TRACKER)
    assert money(spend) == {"oceanengine": 21.0, "baidu": 20.0, "xiaohongshu": 7.0}
    assert spend.rows.groupby("channel")["leads"].sum(min_count=1).dropna().to_dict() == {
        "oceanengine": 3.0,
        "baidu": 5.0,
    }
    assert spend.currency == "CNY" and not spend.questions
    told = next(f for f in spend.findings if f.code == "intake.wide_table_left")
    assert told.params["left"] == "总花费(元)"
    assert overall.rows["revenue"].sum() == 2100 and overall.currency == "CNY" and not overall.questions
    account = spend.lines
    assert account.lines == account.header + account.kept + account.totals


def test_spend_only_is_one_table() -> None:
    lines = "2026-03-01,10,20,3,33\n2026-03-02,11,21,4,34\n"
    (found,) = tables("date,Google spend,Meta spend,Google clicks,Meta clicks\n" + lines, currency="USD")
    assert money(found) == {"google_ads": 21.0, "meta_ads": 41.0}
    assert found.rows.groupby("channel")["clicks"].sum().to_dict() == {"google_ads": 7.0, "meta_ads": 67.0}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Spend: Google", "Spend: Meta"),
        ("花费（谷歌广告）", "花费（Meta）"),
        ("cost_google", "cost_meta"),
        ("Google - Cost (USD)", "Meta - Cost (USD)"),
    ],
)
def test_the_word_may_stand_before_or_behind_the_name(one: str, two: str) -> None:
    (found,) = tables(f"date,{one},{two}\n2026-03-01,10,20\n2026-03-02,11,21\n", currency="USD")
    assert money(found) == {"google_ads": 21.0, "meta_ads": 41.0}


def test_units_in_the_header_hold() -> None:
    (found,) = tables("月份,抖音花费(万元),百度花费(万元)\n2026-01,1.5,2\n2026-02,1,2\n")
    assert money(found) == {"oceanengine": 25_000.0, "baidu": 40_000.0}
    assert (found.rows["day_end"] > found.rows["day"]).all()
    mixed = "月份,抖音花费(万元),百度花费(元)\n2026-01,1.5,2\n2026-02,1,2\n"
    with pytest.raises(IntakeError):  # of different units nothing is made
        tables(mixed)


def test_names_alone_are_asked_what_they_hold() -> None:
    text = "date,sales,TV,Radio,Newspaper\n2026-03-01,1000,10,20,3\n2026-03-02,1100,11,21,4\n"
    first, second = unpack(text.encode(), "mix.csv")
    with pytest.raises(IntakeError) as error:
        read_export(first.content, first.name, answers={"table": first.table})
    assert error.value.code == "intake.channel_columns" and "TV / Radio / Newspaper" in str(error.value)
    answers = {"table": first.table, "currency": "USD", "mapping": {"TV / Radio / Newspaper": "spend"}}
    found = read_export(first.content, first.name, answers=answers)
    assert money(found) == {"TV": 21.0, "Radio": 41.0, "Newspaper": 7.0}
    assert read_export(second.content, second.name, answers={"table": second.table}).kind == "overall"


def test_regions_go_along() -> None:
    text = "geo,time,Channel0_spend,Channel1_spend,conversions\n" + "".join(
        f"Geo{g},2026-03-0{d},{g + d},{d},{100 * d}\n" for d in (1, 2, 3) for g in (1, 2, 3)
    )
    spend, overall = tables(text, currency="USD")
    assert spend.rows["breakdown"].tolist()[:2] == ["geo=Geo1", "geo=Geo1"]
    assert money(spend) == {"Channel0": 36.0, "Channel1": 18.0}
    assert overall.kind == "overall" and overall.rows["leads"].sum() == 1800
    assert "intake.conversions_as_leads" in codes(overall)


def test_in_a_workbook() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("mix")
        sheet.write_row(0, 0, ["date", "revenue", "Google spend", "Meta spend"])
        sheet.write_row(1, 0, ["2026-03-01", 100, 1, 2])
        sheet.write_row(2, 0, ["2026-03-02", 110, 3, 4])
    spend, overall = tables(out.getvalue(), "mix.xlsx", currency="USD")
    assert money(spend) == {"google_ads": 4.0, "meta_ads": 6.0} and overall.rows["revenue"].sum() == 210


@pytest.mark.parametrize(
    "text",
    [
        "date,channel,spend,brand spend,other spend\n2026-03-01,Google,3,1,2\n",  # channels in rows
        "date,spend,brand spend,other spend\n2026-03-01,3,1,2\n2026-03-02,3,1,2\n",  # parts of one spend
        "时间,账户,推广计划,展现,点击,消费,现金消费,红包消费\n2026-03-01,a,b,9,8,3,1,2\n",  # an export
        "date,Google spend,Meta spend,revenue\n",  # no rows
        "week,Google spend\n2026-03-01,3\n2026-03-08,4\n",  # one column is no pattern
        "Google spend,Meta spend,Radio spend\n1,2,3\n4,5,6\n",  # no day
        "date,获客成本,点击成本\n2026-03-01,3,4\n2026-03-02,3,4\n",  # prices
    ],
)
def test_what_only_looks_wide_stays_as_it_is(text: str) -> None:
    try:
        found = look_inside(text.encode(), "x.csv").pieces
        assert len(found) == 1
        read = read_export(text.encode(), "x.csv", answers={"currency": "USD", "channel": "Google Ads"})
        assert not codes(read) & {"intake.wide_table", "intake.wide_table_left"}
    except IntakeError as error:
        known = ("intake.which_spend", "intake.no_rows", "intake.which_day", "intake.not_a_table")
        assert error.code in known


def test_cells_left_empty_are_no_rows_and_lines_without_any_stay() -> None:
    text = "date,Google spend,Meta spend\n2026-03-01,,5\n2026-03-02,3,\n\n2026-03-03,,\n"
    (found,) = tables(text, currency="USD")
    assert money(found) == {"google_ads": 3.0, "meta_ads": 5.0}
    account = found.lines
    total = account.preamble + account.header + account.kept + account.totals + account.footer
    assert account.lines == total + account.blank + account.rejected


def wide(headers: str, *lines: str) -> str:
    """A table of these headers; lines that begin without a year get the days of March."""
    dated = (x if x.startswith("20") else f"2026-03-{n:02d},{x}" for n, x in enumerate(lines, 1))
    return "\n".join((headers, *dated)) + "\n"


@pytest.mark.parametrize(
    ("text", "total"),
    [
        (wide("date,Google spend,Meta spend,Total marketing spend", "10,20,30", "11,21,32"), 62),
        (wide("date,Google spend,Meta spend,TikTok spend,Paid media cost", "1,2,4,7", "2,3,5,10"), 17),
        (wide("date,Google spend,Meta spend,TikTok spend,Social things spend", "1,2,4,6", "2,3,5,8"), 17),
        (wide("date,Meta spend,TikTok spend,Paid social spend", "1,2,3", "2,2,4", "3,2,5"), 12),
        (wide("日期,抖音信息流花费,抖音搜索花费,抖音花费,百度花费", "10,20,30,5", "11,21,32,6"), 73),
        (wide("日期,抖音花费,百度花费,广告总花费,累计花费", "10,20,30,30", "11,21,32,62"), 62),
        (wide("日期,抖音花费,百度花费,线上消耗", "10,20,30", "11,21,32"), 62),
        (wide("date,Google spend,Meta spend,Planned Google spend", "10,20,99", "11,21,99"), 62),
        (wide("date,Google spend,Meta spend,Shipping cost", "10,20,99", "11,21,99"), 62),
        (wide("日期,抖音花费,百度花费,物流费用,人工费用", "10,20,9,9", "11,21,9,9"), 62),
        (wide("date,Google spend,Meta spend", "10,--", "N/A,21", "5,-"), 36),
    ],
)  # fmt: skip
def test_no_money_is_counted_twice_and_no_plan_as_money(text: str, total: float) -> None:
    found = tables(text, currency="USD")
    assert sum(money(found[0]).values()) == pytest.approx(total)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (wide("日期,预算花费,实际花费,营业额", "10,20,30", "11,21,32"), "t.csv"),
        (wide("date,Gross spend,Net spend,Revenue", "10,20,30", "11,21,32"), "t.csv"),
        (wide("日期,人工费用,房租费用,水电费用,营业额", "1,2,3,4", "1,2,3,4"), "t.csv"),
        (wide("date,shirt_S,pants_S,hat_S,revenue", "1,2,3,4", "1,2,3,4"), "t.csv"),
        (
            wide("date,search spend,display spend,revenue", "1,2,3", "1,2,3"),
            "google_ads.csv",
        ),
        (wide("date,Google spend,Revenue", "10,20", "11,21"), "t.csv"),
        (
            wide("date,Google spend (USD),百度 spend (CNY),revenue", "1,2,3", "1,2,3"),
            "t.csv",
        ),
        (wide("date,Google Adspend,Meta Adspend,revenue", "1,2,3", "1,2,3"), "t.csv"),
        (wide("日期,广告投入,营业额", "1,2", "1,2"), "t.csv"),
        (wide("日期,实际消耗,线索数", "1,2", "1,2"), "t.csv"),
        (wide("Date,Ad costs,Revenue", "1,2", "1,2"), "t.csv"),
        (wide("Month,Revenue,COGS,Marketing,Profit", "2026-01,1,2,3,4", "2026-02,1,2,3,4"), "t.csv"),
    ],
)
def test_money_that_fits_nowhere_is_asked_and_never_dropped(text: str, name: str) -> None:
    with pytest.raises(IntakeError) as error:
        tables(text, name, currency="USD")
    assert error.value.code in ("intake.only_outcomes", "intake.which_spend", "intake.two_columns")


def test_one_platforms_report_stays_its_own() -> None:
    text = wide("date,total spend,search spend,display spend", "108,50,58", "108,50,58")
    (found,) = tables(text, "google_ads_2026.csv", currency="USD")
    assert money(found) == {"google_ads": 216.0}


def test_periods_go_along() -> None:
    lines = ("2026-03-01,2026-03-31,1,2,3", "2026-04-01,2026-04-30,1,2,3")
    text = wide("Start date,End date,Google spend,Meta spend,Revenue", *lines)
    for found in tables(text, currency="USD"):
        assert (found.rows["day_end"] > found.rows["day"]).all()
    weeks = [f"{day:%Y-%m-%d},1,2,3" for day in pd.date_range("2026-01-05", periods=6, freq="7D")]
    for header in ("周", "Week starting"):
        for found in tables(wide(f"{header},抖音花费,百度花费,营业额", *weeks), currency="CNY"):
            assert ((found.rows["day_end"] - found.rows["day"]).dt.days == 6).all()


def test_a_total_that_the_channels_miss_is_told() -> None:
    text = wide("date,Google spend,Meta spend,Total spend", "10,20,90", "11,21,92")
    (found,) = tables(text, currency="USD")
    told = next(f for f in found.findings if f.code == "intake.wide_total")
    assert told.params == {"header": "Total spend", "rows": 62.0, "total": 182.0}


def test_figures_of_all_ads_do_not_hide_the_results() -> None:
    text = wide("date,Google spend,Meta spend,Clicks,Revenue", "1,2,9,30", "1,2,9,32")
    spend, overall = tables(text, currency="USD")
    assert overall.kind == "overall" and overall.rows["revenue"].sum() == 62
    told = next(f for f in spend.findings if f.code == "intake.wide_table_left")
    assert told.params["left"] == "Clicks"


def test_an_unreasonably_long_table_is_refused() -> None:
    names = ",".join(f"channel{i}_spend" for i in range(300))
    text = f"date,{names}\n" + "2026-03-01" + ",1" * 300 + "\n"
    assert len(tables(text, currency="USD")[0].rows) == 300
    with pytest.raises(IntakeError) as error:
        tables(text + ("2026-03-02" + ",1" * 300 + "\n") * 1_500, currency="USD")
    assert error.value.code == "intake.too_wide"

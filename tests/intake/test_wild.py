"""Tables as people really keep and export them, written from memory and not from the fixtures."""

from __future__ import annotations

import pytest

from channelopt.intake import IntakeError, Read, read_export

CNY = {"currency": "CNY"}
USD = {"currency": "USD"}


def read(text: str, name: str = "table.csv", **answers: object) -> Read:
    return read_export(text.encode(), name, answers=answers)


def codes(r: Read) -> set[str]:
    return {f.code for f in r.findings}


SUBTOTALS = """Month,Channel,Campaign,Spend,Leads
2026-09,Google,A,100,5
2026-09,Google,B,200,6
2026-09,Google Total,,300,11
2026-09,Meta,A,110,5
2026-09,Meta,B,210,6
2026-09,Meta Total,,320,11
"""


def test_subtotals_named_after_a_channel_are_no_rows() -> None:
    r = read(SUBTOTALS, **USD)
    assert (r.rows["spend"].sum(), r.rows["leads"].sum()) == (620, 22)
    assert list(r.totals["label"]) == ["Google Total", "Meta Total"] and r.explained == 1.0
    assert "intake.explains_too_much" not in codes(r)


def test_a_named_subtotal_that_does_not_add_up_is_asked() -> None:
    r = read(SUBTOTALS.replace(",300,11", ",390,19"), **USD)
    assert "intake.total_not_confirmed" in {q.code for q in r.questions}


def test_a_campaign_may_be_called_total() -> None:
    text = (
        "Date,Campaign,Cost\n2026-09-01,Colgate Total,10\n2026-09-01,Elmex,20\n2026-09-02,Colgate Total,30\n"
    )
    r = read(text, channel="radio", **USD)
    assert r.rows["spend"].sum() == 60 and r.lines.totals == 0 and not r.questions


@pytest.mark.parametrize("label", ["8月合计", "8月小计", "Aug Total"])
def test_a_total_of_a_month_among_days(label: str) -> None:
    text = f"日期,渠道,花费\n2026-08-30,抖音,100\n2026-08-31,抖音,200\n{label},,300\n2026-09-01,抖音,110\n"
    r = read(text, **CNY)
    assert r.rows["spend"].sum() == 410 and (r.lines.totals, r.lines.rejected) == (1, 0)


def test_common_words_do_not_name_a_platform() -> None:
    text = "日期,计划名称,单元名称,花费,展示量,点击量,平均点击成本\n2026-09-01,A,U,100,1000,50,2\n"
    assert "intake.which_channel" in {q.code for q in read(text, **CNY).questions}
    apple = (
        "Report Name: Campaigns\nDate Range: Sep 1, 2026 - Sep 2, 2026\n\n"
        "Date,Campaign Name,Campaign ID,Spend,Avg CPT,Impressions,Taps\n2026-09-01,A,11,15.00,0.75,1000,20\n"
    )
    r = read(apple, **USD)
    assert r.platform == "generic" and r.rows["clicks"].sum() == 20
    assert "intake.which_channel" in {q.code for q in r.questions}


NO_YEAR = "日期,渠道,消耗\n12月31日,抖音,100\n1月1日,抖音,50\n"


def test_dates_without_a_year_are_asked_and_read_in_the_period() -> None:
    with pytest.raises(IntakeError) as refused:
        read(NO_YEAR, **CNY)
    assert refused.value.code == "intake.which_year" and "12月31日" in str(refused.value)
    r = read(NO_YEAR, period="2025-12-20/2026-01-10", **CNY)
    assert list(r.rows["day"].dt.strftime("%Y-%m-%d")) == ["2025-12-31", "2026-01-01"]
    early = read(NO_YEAR, period="2026-01-01/2026-01-10", **CNY)
    assert early.rows["spend"].sum() == 50 and early.lines.rejected == 1


@pytest.mark.parametrize("first", ["1-Sep-26", "01-Sep-2026", "1/Sep/2026"])
def test_a_day_with_the_short_name_of_its_month(first: str) -> None:
    r = read(f"Date,Channel,Spend\n{first},Google,100\n", **USD)
    assert str(r.day_first) == "2026-09-01"


@pytest.mark.parametrize(
    "week", ["2026.9.1-2026.9.7", "2026/9/1-2026/9/7", "2026-09-01-2026-09-07", "2026年9月1日-9月7日"]
)
def test_a_week_without_blanks_around_its_dash(week: str) -> None:
    r = read(f"投放周期,渠道,花费\n{week},抖音,100\n", **CNY)
    assert (str(r.day_first), str(r.day_last)) == ("2026-09-01", "2026-09-07")
    assert str(r.rows["day_end"].iloc[0])[:10] == "2026-09-07"


def test_a_month_written_once_holds_for_the_lines_below() -> None:
    text = (
        "月份,渠道,花费,线索\n2026年7月,抖音,10000,50\n,百度,20000,40\n小计,,30000,90\n"
        "2026年8月,抖音,15000,60\n,百度,25000,45\n小计,,40000,105\n合计,,70000,195\n"
    )
    r = read(text, **CNY)
    assert (r.rows["spend"].sum(), r.rows["leads"].sum()) == (70000, 195) and r.explained == 1.0
    assert list(r.rows["day"].dt.month) == [7, 7, 8, 8] and "intake.merged_cells" in codes(r)


def test_a_channel_written_once_holds_for_the_lines_below() -> None:
    r = read(
        "渠道,日期,花费\n抖音,2026-09-01,100\n,2026-09-02,110\n百度,2026-09-01,200\n,2026-09-02,210\n", **CNY
    )
    assert r.rows.groupby("platform")["spend"].sum().to_dict() == {"oceanengine": 210, "baidu": 410}


@pytest.mark.parametrize(
    "lines",
    [
        "2026-09-01,Google,1\n2026-09-01,Meta,2\n,Meta,4\n",  # days are repeated: a day is missing
        "2026-09-01,Google,1\n,Google,2\n2026-09-03,Google,4\n",  # one channel: a day is missing
    ],
)
def test_a_missing_day_is_not_taken_from_above(lines: str) -> None:
    r = read("Date,Channel,Spend\n" + lines, **USD)
    assert r.lines.rejected == 1 and "intake.merged_cells" not in codes(r)


@pytest.mark.parametrize(
    ("line", "factor"),
    [
        ("单位：万元", 1e4),
        ("2026年9月投放费用表（单位：千元）", 1e3),
        ("9月渠道费用（万元）", 1e4),
        ("Amounts in thousands", 1e3),
        ("USD '000", 1e3),
    ],
)
def test_a_unit_stated_above_the_table(line: str, factor: float) -> None:
    text = f"{line}\n日期,渠道,花费,线索数\n2026-09-01,抖音,1.2,50\n2026-09-02,抖音,0.8,40\n"
    r = read(text, **CNY)
    assert r.rows["spend"].sum() == pytest.approx(2 * factor) and r.rows["leads"].sum() == 90
    assert "intake.unit_above" in codes(r)


def test_a_unit_stated_below_the_table_and_one_in_the_header() -> None:
    lines = "\n2026-09-01,抖音,1.2,50\n2026-09-02,抖音,0.8,40\n"
    assert read("日期,渠道,花费,线索数" + lines + "注：单位万元\n", **CNY).rows["spend"].sum() == 20000
    both = read("单位：万元\n日期,渠道,花费(元),线索数" + lines, **CNY)
    assert both.rows["spend"].sum() == 2.0
    assert read("单位：元\n日期,渠道,花费,线索数" + lines, **CNY).rows["spend"].sum() == 2.0


@pytest.mark.parametrize(
    "line", ["全年预算 100（万元）", "Impressions in thousands", "2026年预算100（万元）"]
)
def test_a_line_that_states_no_unit_of_money(line: str) -> None:
    text = "日期,渠道,花费,线索数\n2026-09-01,抖音,1.2,50\n2026-09-02,抖音,0.8,40\n"
    assert read(f"{line}\n{text}", **CNY).rows["spend"].sum() == 2.0
    assert read(f"{text}{line}\n", **CNY).rows["spend"].sum() == 2.0

"""Rows of a week or a month are periods; odd days are days; a stated total settles what is one."""

from __future__ import annotations

import pytest

from channelopt.intake import IntakeError, Read, read_export


def google(unit: str, *starts: str, stated: str = "March 2, 2026 - March 15, 2026") -> Read:
    rows = "".join(f"{day},A{i},USD,{70 + 7 * i}.00,700,70\n" for i, day in enumerate(starts))
    text = f"Campaign report\n{stated}\n{unit},Campaign,Currency code,Cost,Impr.,Clicks\n{rows}"
    return read_export(text.encode(), "google.csv")


def spans(read: Read) -> list[tuple[str, str]]:
    ends = read.rows["day_end"].fillna(read.rows["day"])
    return list(zip(read.rows["day"].dt.strftime("%m-%d"), ends.dt.strftime("%m-%d"), strict=True))


@pytest.mark.parametrize(
    ("unit", "starts", "stated", "wanted"),
    [
        ("Week", ("2026-03-02", "2026-03-09"), "March 2, 2026 - March 15, 2026",
         [("03-02", "03-08"), ("03-09", "03-15")]),
        ("Week", ("2026-03-02", "2026-03-09"), "March 4, 2026 - March 12, 2026",
         [("03-04", "03-08"), ("03-09", "03-12")]),
        ("Month", ("2026-02-01", "2026-03-01"), "February 10, 2026 - March 15, 2026",
         [("02-10", "02-28"), ("03-01", "03-15")]),
        ("Quarter", ("2026-01-01",), "January 1, 2026 - March 31, 2026", [("01-01", "03-31")]),
        ("Day", ("2026-03-02", "2026-03-09"), "March 2, 2026 - March 15, 2026",
         [("03-02", "03-02"), ("03-09", "03-09")]),
    ],
)  # fmt: skip
def test_a_header_says_what_a_row_covers(
    unit: str, starts: tuple[str, ...], stated: str, wanted: list[tuple[str, str]]
) -> None:
    read = google(unit, *starts, stated=stated)
    if unit == "Quarter" and not read.rows["day"].notna().all():
        pytest.fail("no day")
    assert spans(read) == wanted


@pytest.mark.parametrize("day", ["2026/3/1 周日", "2026年3月1日 星期日", "2026-03-01（周日）"])
def test_a_weekday_behind_the_date(day: str) -> None:
    text = f"日期,渠道,消费(元)\n{day},百度,10.5\n2026-03-02,百度,20\n"
    read = read_export(text.encode(), "t.csv")
    assert list(read.rows["day"].dt.strftime("%m-%d")) == ["03-01", "03-02"] and not read.lines.rejected


def test_the_one_column_of_dates_without_a_header_is_the_day() -> None:
    text = ",渠道,消费(元)\n2026-03-01,百度,10.5\n2026-03-02,抖音,20\n合计,,30.5\n"
    read = read_export(text.encode(), "t.csv")
    assert read.rows["spend"].tolist() == [10.5, 20.0] and read.explained == 1.0
    assert "intake.unnamed_day" in {f.code for f in read.findings}
    two = ",,渠道,消费(元)\n2026-03-01,2026-03-05,百度,10.5\n2026-03-02,2026-03-06,抖音,20\n"
    with pytest.raises(Exception, match="day"):
        read_export(two.encode(), "t.csv")


def test_a_rate_of_one_click_is_no_contradiction() -> None:
    text = (
        "Day,Campaign,Currency code,Cost,Impr.,Clicks,CTR,Avg. CPC\n"
        "2026-03-01,A,USD,0.12,14,1,7.14%,0.12\n2026-03-02,A,USD,0.30,31,2,6.45%,0.15\n"
    )
    codes = {f.code for f in read_export(text.encode(), "google.csv").findings}
    assert "intake.ratio_differs" not in codes and "intake.mapping_proved" in codes


def test_an_end_at_midnight_is_the_day_before() -> None:
    """Snapchat's daily rows run from midnight to midnight; its report ends run to 23:59:59."""
    text = (
        "Start Time,End Time,Campaign Name,Paid Impressions,Swipe Ups,Spend,Currency\n"
        "2026-03-01T00:00:00.000-08:00,2026-03-02T00:00:00.000-08:00,A,1000,20,12.50,USD\n"
        "2026-03-02T00:00:00.000-08:00,2026-03-03T00:00:00.000-08:00,A,900,18,11.50,USD\n"
    )
    read = read_export(text.encode(), "snap.csv")
    assert spans(read) == [("03-01", "03-01"), ("03-02", "03-02")]
    whole = text.replace("2026-03-02T00:00:00.000-08:00,A,1000", "2026-03-31 23:59:59,A,1000")
    assert spans(read_export(whole.encode(), "snap.csv"))[0] == ("03-01", "03-31")
    plain = "start date,end date,channel,spend,currency\n2026-03-01,2026-03-02,Google,5,USD\n"
    assert spans(read_export(plain.encode(), "p.csv")) == [("03-01", "03-02")]


def test_lines_that_add_up_to_the_stated_total_are_data() -> None:
    rows = [("A", "Mobile", 50), ("A", "Desktop", 50), ("B", "Mobile", 25), ("B", "Desktop", 25)]
    days = [f"2026-03-0{d}" for d in range(1, 6)]
    lines = [f"{d},{c},{k},USD,{v}.00,{10 * v},{v}" for d in days for c, k, v in rows]
    head = "Day,Campaign,Device,Currency code,Cost,Impr.,Clicks\n"
    total = "Total: Account,,,USD,750.00,7500,750"
    sure = read_export((head + "\n".join([*lines, total])).encode(), "google.csv")
    assert sure.rows["spend"].sum() == 750 and not sure.questions
    less = read_export((head + "\n".join([*lines, total.replace("750.00", "500.00")])).encode(), "google.csv")
    assert {q.code for q in less.questions} == {"intake.maybe_total"}


def test_two_ranges_side_by_side_are_refused() -> None:
    """A GA4 comparison states every channel once per date range; added up the visits would double."""
    text = (
        "# Start date: 20260301\n# End date: 20260302\n"
        "Session primary channel group (Default channel group),Date range,Sessions,Engaged sessions\n"
        'Paid Search,"Mar 1 - Mar 2, 2026",100,60\nPaid Search,"Feb 27 - Feb 28, 2026",90,50\n'
    )
    with pytest.raises(IntakeError) as refused:
        read_export(text.encode(), "ga4.csv")
    assert refused.value.code == "intake.repeats"


def test_averages_and_running_totals_are_no_data() -> None:
    text = "日期,渠道,花费(元)\n2026-03-01,抖音,100\n2026-03-02,抖音,140\n平均,,120\n累计,,240\n合计,,240\n"
    read = read_export(text.encode(), "t.csv")
    assert read.rows["spend"].sum() == 240 and read.explained == 1.0

"""Nothing is lost: every line of any file has exactly one fate, and kept money is the file's money."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channelopt.intake import read_export

DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2026, 10, 31)).map(str)
MONEY = st.integers(0, 10_000_000).map(lambda cents: cents / 100)
NAMES = st.text(st.sampled_from('abcXYZ 抖音,;"\n\t'), max_size=8)

GOOD = st.tuples(st.just("good"), DAYS, NAMES, MONEY)
BAD = st.sampled_from(
    [
        ("bad", "soon", "a", "5"),
        ("bad", "2026-02-31", "a", "5"),
        ("bad", "2026-02-01", "a", "five"),
        ("bad", "2026-02-01", "a", "1,2,3"),
        ("bad", "2026-02-01", "a", "5", "7", "8"),
        ("bad", "", "name", "5"),
        ("bad", "日期", "计划", "消费"),
        ("blank",),
        ("blank", "", "", ""),
        ("note", "注：以上数据仅供参考"),
        ("total", "合计", "", "12.5"),
        ("total", "总计", "12.5"),
    ]
)
LINES = st.lists(st.one_of(GOOD, GOOD, BAD), max_size=25)
PREAMBLE = st.lists(st.sampled_from(["数据生成时间：2026-03-02 10:00", "", "报告"]), max_size=4)


def written(preamble: list[str], lines: list[tuple], delimiter: str, thousands: bool) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    for text in preamble:
        writer.writerow([text] if text else [])
    writer.writerow(["日期", "计划", "消费"])
    for kind, *cells in lines:
        if kind == "good":
            cells[2] = f"{cells[2]:,.2f}" if thousands else f"{cells[2]:.2f}"
        writer.writerow(cells)
    return out.getvalue()


@settings(max_examples=120, deadline=None)
@given(
    PREAMBLE,
    LINES,
    DAYS,
    st.sampled_from([",", "\t", ";"]),
    st.sampled_from(["utf-8-sig", "gb18030", "utf-16"]),
    st.booleans(),
)
def test_every_line_has_one_fate(
    preamble: list[str], lines: list[tuple], day: str, delimiter: str, encoding: str, thousands: bool
) -> None:
    lines = [("good", day, "计划甲", 100.25), *lines, ("good", day, "计划乙", 200.5)]
    text = written(preamble, lines, delimiter, thousands)
    r = read_export(text.encode(encoding), "x.csv", answers={"platform": "baidu"})
    line = r.lines
    assert line.lines == len(list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    assert line.lines == (
        line.preamble + line.header + line.kept + line.totals + line.footer + line.blank + line.rejected
    )
    assert (line.kept, line.totals, line.rejected) == (len(r.rows), len(r.totals), len(r.rejected))
    good = [cells for kind, *cells in lines if kind == "good"]
    assert len(r.rows) == len(good)
    assert r.rows["spend"].sum() == pytest.approx(sum(c[2] for c in good), abs=1e-6)
    assert sorted(r.rows["day"].dt.strftime("%Y-%m-%d")) == sorted(c[0] for c in good)
    numbers = [*r.rows["row_no"], *r.totals["row_no"], *r.rejected["row_no"]]
    assert len(set(numbers)) == len(numbers)
    assert r.rejected["raw"].str.len().gt(0).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(DAYS, MONEY), min_size=2, max_size=20), st.sampled_from([".", ","]))
def test_both_decimal_marks_read_to_the_same_money(rows: list[tuple[str, float]], mark: str) -> None:
    def money(value: float) -> str:
        text = f"{value:,.2f}"
        return text if mark == "." else text.translate(str.maketrans(",.", ".,"))

    text = "date;channel;spend (EUR)\n" + "".join(f"{d};Google;{money(m)}\n" for d, m in rows)
    r = read_export(text.encode(), "x.csv")
    assert r.rows["spend"].sum() == pytest.approx(sum(m for _, m in rows), abs=1e-6)
    asked = {q.code for q in r.questions} - {"intake.maybe_total"}  # a line may equal the sum of others
    assert r.layout.decimal_mark == mark and not asked


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.dates(dt.date(2025, 1, 1), dt.date(2026, 10, 31)), MONEY), min_size=3, max_size=12),
    st.sampled_from(
        ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y年%m月%d日", "%b %d, %Y"]
    ),
)
def test_dates_are_read_right_or_asked(rows: list[tuple[dt.date, float]], form: str) -> None:
    text = "date\tchannel\tspend (EUR)\n" + "".join(f"{d:{form}}\tGoogle\t{m:.2f}\n" for d, m in rows)
    r = read_export(text.encode(), "x.csv")
    if not r.questions:
        assert r.rows["day"].dt.date.tolist() == [d for d, _ in rows]
    else:
        assert [q.code for q in r.questions] == ["intake.date_order"]
        assert all(d.day <= 12 for d, _ in rows)
        order = "dmy" if form.startswith("%d") else "mdy"
        answered = read_export(text.encode(), "x.csv", answers={"date_order": order})
        assert answered.rows["day"].dt.date.tolist() == [d for d, _ in rows]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(data: bytes) -> None:
    from channelopt.intake import IntakeError

    try:
        read_export(data, "noise")
    except IntakeError as error:
        assert error.template != error.code

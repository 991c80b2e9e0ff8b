"""Headers, platforms, numbers and dates on their own."""

from __future__ import annotations

import datetime as dt
import math
import string
import time

import pytest

from channelopt.errors import SEVERITIES
from channelopt.intake import MESSAGES, channel_key, mappable_fields, platforms, read_export
from channelopt.intake.dates import find_dates, read_dates
from channelopt.intake.names import is_derived, normalise, peel
from channelopt.intake.platforms import channel_of
from channelopt.intake.values import parse_number, vote


def test_every_platform_is_there_in_two_languages() -> None:
    for platform in platforms().values():
        assert platform.labels["en"] and platform.labels["zh"]


def test_no_alias_stands_for_two_platforms() -> None:
    seen: dict[str, str] = {}
    for key, platform in platforms().items():
        for alias in platform.aliases:
            assert seen.setdefault(normalise(alias), key) == key, alias


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("抖音", "oceanengine"),
        ("视频号", "tencent_ads"),
        ("WeChat Channels", "tencent_ads"),
        ("小红书", "xiaohongshu"),
        ("百度", "baidu"),
        ("快手", "kuaishou"),
        (" Google Ads ", "google_ads"),
        ("谷歌", "google_ads"),
        ("Facebook", "meta_ads"),
        ("TikTok", "tiktok_ads"),
        ("linkedin", "linkedin_ads"),
        ("地推", "offline"),
        ("线下", "offline"),
        ("baidu", "baidu"),
        (" 自然流量 ", "自然流量"),
        ("generic", "generic"),
    ],
)
def test_channel_key(text: str, key: str) -> None:
    assert channel_key(text) == key


@pytest.mark.parametrize(
    ("header", "peeled"),
    [
        ("Amount spent (USD)", ("amount spent", "USD")),
        ("花费（元）", ("花费", "CNY")),
        ("点击率(%)", ("点击率", None)),
        ("表单预约成本(次数)", None),
        ("14 Day Total Sales (₹)", ("14 day total sales", "INR")),
        ("停留时长（秒）", ("停留时长", None)),
        ("Clicks (all)", None),
        ("Clicks (destination)", None),
        ("转化数(计费时间)", None),
        ("表单提交成功量（转化时间）", None),
        ("点击量（全部）", None),
        ("点击量（目标页面）", None),
        ("Cost (Converted currency)", None),
        ("Start Date (in UTC)", None),
    ],
)
def test_only_units_are_peeled(header: str, peeled: tuple[str, str | None] | None) -> None:
    assert peel(normalise(header)) == peeled


def test_normalise() -> None:
    assert normalise("\ufeff日期\t") == "日期"
    assert normalise("CPM（千次展示费用） (USD)") == normalise("cpm (千次展示费用)(USD)")
    assert normalise("Campaign\xa0 Name") == normalise("campaign_name")


@pytest.mark.parametrize(
    "header",
    [
        "Cost per result",
        "Cost / conv.",
        "Avg. cost",
        "平均点击单价(元)",
        "点击均价",
        "转化成本",
        "千次展现消费",
        "平均点击价格",
        "消耗占比",
        "CPM",
    ],
)
def test_prices_are_never_spend(header: str) -> None:
    assert is_derived(normalise(header))
    for key in ("generic", "oceanengine", "baidu", "google_ads", "tencent_ads"):
        roles, _ = platforms()[key].roles(normalise(header))
        assert not any(r.role == "field" for r in roles), key


def test_vocabulary_names_only_known_fields() -> None:
    for key, platform in platforms().items():
        known = set(mappable_fields(platform.kind)) | {"lead_key"}
        if platform.like:  # shares another kind's words; those its own kind lacks are not used
            known |= set(mappable_fields(platforms()[platform.like].kind))
        for header, roles in platform.vocabulary.items():
            for role in roles:
                if role.role in ("field", "sum"):
                    assert role.field in known, (key, header, role.field)


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1,234.50", ".", 1234.5),
        ("1.234,50", ",", 1234.5),
        ("12", ",", 12.0),
        ("-3.5", ".", -3.5),
        ("−3.5", ".", -3.5),
        ("120.50 USD", ".", 120.5),
        ("US$27.35", ".", 27.35),
        ("€1,622.60", ".", 1622.6),
        ("Rs.201.68", ".", 201.68),
        ("¥1,234.50", ".", 1234.5),
        ("12.5%", ".", 12.5),
        ("１２３", ".", 123.0),
        ("1,23", ".", None),
        ("1.23", ",", None),
        ("abc", ".", None),
        ("1-2", ".", None),
        ("2026-03-01", ".", None),
    ],
)
def test_numbers(text: str, mark: str, value: float | None) -> None:
    assert parse_number(text, mark)[0] == value


@pytest.mark.parametrize("text", ["", " --", "-", "—", "null", "N/A", "NaN", "∞"])
def test_null_tokens(text: str) -> None:
    number = parse_number(text, ".")[0]
    assert number is not None and math.isnan(number)


def test_votes() -> None:
    assert vote(["1,234.5"]).dot and vote(["1.234,5"]).comma and vote(["1,234"]).open_comma
    assert vote(["1.234"]).open_dot and vote(["12345.678"]).dot and vote(["0.123"]).dot
    assert vote(["1,234,567"]).dot and vote(["1.234.567"]).comma and vote(["18,50"]).comma


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026/3/1", "2026-03-01"),
        ("20231010", "2023-10-10"),
        ("2023年5月1日", "2023-05-01"),
        ("Feb 1, 2020", "2020-02-01"),
        ("Thu, 5 Feb 2026", "2026-02-05"),
        ("1 tháng 8, 2026", "2026-08-01"),
        ("1 de marzo de 2026", "2026-03-01"),
        ("2026-03-01 23:59:59", "2026-03-01"),
        ("2026-03-01T08:00:00Z", "2026-03-01"),
        ("43862", "2020-02-01"),
        ("2020010105", "2020-01-01"),
    ],
)
def test_single_dates(text: str, day: str) -> None:
    assert str(read_dates([text]).start[0])[:10] == day


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "2026-02-30", "12", "99999", "1/2", "0001-01-01"])
def test_no_dates(text: str) -> None:
    assert read_dates([text]).bad.tolist() == [True]


def test_month_cells() -> None:
    read = read_dates(["2023-04-01 - 2023-04-30", "2026年2月", "20260301-20260302"])
    assert [str(d)[:10] for d in read.start] == ["2023-04-01", "2026-02-01", "2026-03-01"]
    assert [str(d)[:10] for d in read.end] == ["2023-04-30", "2026-02-28", "2026-03-02"]


def test_dates_in_titles() -> None:
    two = [dt.date(2025, 7, 8), dt.date(2025, 7, 31)]
    assert find_dates("July 8, 2025 - July 31, 2025") == two
    assert find_dates("8 July 2025 - 31 July 2025") == two
    assert find_dates("20250708-20250731") == two
    assert find_dates("显示以下时间范围内的全部设备:2025/07/08 - 2025/07/31") == two
    assert find_dates("8 tháng 7, 2025 - 31 tháng 7, 2025") == two
    assert find_dates("Account 1234567890") == []


def test_every_message_is_a_template_of_known_kinds() -> None:
    kinds = {"", "count", "number", "money", "percent", "multiple", "date", "text"}
    for code, template in MESSAGES.items():
        assert code.startswith("intake.")
        for _, name, kind, _ in string.Formatter().parse(template):
            known = (kind or "") in kinds or (kind or "").startswith("plural:")
            assert name is None or (name.isidentifier() and known), code
    assert set(SEVERITIES) == {"info", "warning", "question", "error"}


def test_reading_is_fast_enough() -> None:
    lines = [f'2026-03-{i % 28 + 1:02d},计划{i % 300},"{i * 1.37:,.2f}",{i},{i % 90}' for i in range(20_000)]
    data = ("日期,推广计划,消费,展现,点击\n" + "\n".join(lines)).encode("gbk")
    start = time.process_time()
    r = read_export(data, "big.csv")
    assert len(r.rows) == 20_000
    assert time.process_time() - start < 3.0, "0.3 s when the machine is free"


@pytest.mark.parametrize(
    ("source", "detail", "channel"),
    [
        ("Paid Social", "Facebook", "meta_ads"),
        ("Paid Search", "google", "google_ads"),
        ("Website", "google", "google_ads"),
        ("Organic Search", "google", "Organic Search"),
        ("Organic Social", "LinkedIn", "Organic Social"),
        ("Direct Traffic", "google", "Direct Traffic"),
        ("Referrals", "google", "Referrals"),
        ("自然流量", "百度", "自然流量"),
    ],
)
def test_what_nobody_paid_for_is_no_ad(source: str, detail: str, channel: str) -> None:
    assert channel_of(source, detail) == channel

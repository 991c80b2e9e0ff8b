"""The demo brand's raw files: each platform's own export format, with its quirks."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter
from brand import EXPORTED, FIRST, LAST, SEED
from testrows import city_history, landing_page_test
from touches import touch_log

Rows = list[list[object]]

SURNAMES = (
    "安白柏常程池戴丁范方费冯顾桂郭韩何贺洪侯纪简江蒋金康孔蓝黎李林刘陆罗马毛孟莫倪欧潘裴齐钱"
    "秦任沈石宋苏孙谭唐陶田汪王魏温吴夏萧谢徐许薛严杨姚叶于余俞袁曾张赵郑周朱祝"
)
GIVEN = (
    "安柏冰辰晨初春丹迪朵恩帆菲芬岚歌涵禾荷恒虹华欢慧佳嘉简洁今静珏君凯可岚乐蕾黎莉林琳霖灵璐"
    "曼梅萌梦敏妮宁佩琪绮倩青晴然蓉茹若珊诗舒淑思苏素彤桐薇文雯希溪霞贤昕馨星雪雅言妍彦怡亦艺"
    "茵颖雨语玉钰圆悦月芸昀泽芝知"
)


def money(value: float) -> str:
    """Two decimals, no separators."""
    return f"{value:.2f}"


def ratio(top: float, bottom: float, scale: float = 1.0, null: str = "0.00") -> str:
    """A derived figure as platforms print it."""
    return money(scale * top / bottom) if bottom else null


def percent(top: float, bottom: float, null: str = "0.00%") -> str:
    """A rate as platforms print it."""
    return f"{100 * top / bottom:.2f}%" if bottom else null


def write_csv(path: Path, rows: Rows, encoding: str, end: str = "\r\n") -> None:
    """Write rows as a comma separated file in the platform's own encoding."""
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def write_xlsx(path: Path, rows: Rows, sheet: str, dates: bool = False) -> None:
    """Write rows as a workbook whose bytes depend on the rows only."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": dt.datetime(2026, 9, 1, 9, 0), "author": "demo"})
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, dt.date) and dates:
                    page.write_datetime(number, place, cell)
                elif isinstance(cell, (int, float)):
                    page.write_number(number, place, cell)
                else:
                    page.write_string(number, place, str(cell))


def in_order(days: pd.DataFrame, channel: str) -> pd.DataFrame:
    """One channel's rows, by day, then campaign."""
    rows = days[days["channel"] == channel]
    return rows.sort_values(["day", "campaign_no"], kind="stable")


def offline(days: pd.DataFrame, path: Path) -> None:
    """An agency's own workbook: real date cells, a total row at the end."""
    rows: Rows = [["日期", "渠道", "活动", "费用(元)", "物料数", "留资数", "备注"]]
    data = in_order(days, "offline")
    for r in data.itertuples():
        rows.append([r.day.to_pydatetime(), "地推", r.campaign, r.spend, r.impressions, r.claimed, ""])
    rows.append(
        ["合计", "", "", round(data["spend"].sum(), 2), int(data["impressions"].sum()),
         int(data["claimed"].sum()), ""]
    )  # fmt: skip
    write_xlsx(path, rows, "地推明细", dates=True)


def baidu(days: pd.DataFrame, path: Path, made: str) -> None:
    """GBK, seven lines before the header, no total row."""
    data = in_order(days, "baidu")
    first, last = data["day"].min(), data["day"].max()
    header = "日期,账户,推广计划,推广计划ID,展现,点击,消费,点击率,平均点击价格,千次展现消费,表单提交成功量"
    head = header.split(",")
    before = (
        f"数据生成时间：{made}", "数据生成条件：", f"1. 时间范围：{first:%Y%m%d}-{last:%Y%m%d}",
        "2. 时间单位：分日", "3. 推广设备：移动设备，计算机", "4. 投放网络：全部",
    )  # fmt: skip
    rows: Rows = [[line] + [""] * (len(head) - 1) for line in before]
    rows += [[], head]
    for r in data.itertuples():
        rows.append(
            [f"{r.day:%Y-%m-%d}", "澜悦医美-搜索", r.campaign, 300100201 + r.campaign_no, r.impressions,
             r.clicks, money(r.spend), percent(r.clicks, r.impressions), ratio(r.spend, r.clicks),
             ratio(r.spend, r.impressions, 1000), r.claimed]
        )  # fmt: skip
    write_csv(path, rows, "gbk")


def oceanengine(days: pd.DataFrame, path: Path) -> None:
    """A workbook with two conversion clocks, tab-padded ids and a total row."""
    rows: Rows = [
        ["时间", "广告计划id", "广告计划", "展示数", "点击数", "点击率(%)", "平均点击单价(元)",
         "平均千次展现费用(元)", "消耗(元)", "转化数", "转化成本(元)", "转化数(计费时间)", "表单提交数"]
    ]  # fmt: skip
    data = in_order(days, "oceanengine")
    rng = np.random.default_rng([SEED, 101])
    billed = rng.binomial(2 * data["claimed"].to_numpy(), 0.52)
    for r, at_click in zip(data.itertuples(), billed, strict=True):
        rows.append(
            [f"{r.day:%Y-%m-%d}", f"17900000000000000{r.campaign_no + 11}\t", r.campaign, r.impressions,
             r.clicks, round(100 * r.clicks / r.impressions, 2), round(r.spend / r.clicks, 2),
             round(1000 * r.spend / r.impressions, 2), r.spend, r.claimed,
             round(r.spend / r.claimed, 2) if r.claimed else "--", int(at_click), r.claimed]
        )  # fmt: skip
    spend, shown, clicks = data["spend"].sum(), int(data["impressions"].sum()), int(data["clicks"].sum())
    claimed = int(data["claimed"].sum())
    rows.append(
        ["总计", "--", "--", shown, clicks, round(100 * clicks / shown, 2), round(spend / clicks, 2),
         round(1000 * spend / shown, 2), round(spend, 2), claimed, round(spend / claimed, 2),
         int(billed.sum()), claimed]
    )  # fmt: skip
    write_xlsx(path, rows, "Sheet1")


def xiaohongshu(days: pd.DataFrame, path: Path) -> None:
    """UTF-8 with BOM, thousands separators, private messages as leads, a counted total row."""
    header = (
        "时间,计划名称,消费,展现量,点击量,点击率,平均点击成本,平均千次展示费用,互动量,平均互动成本,"
        "私信进线数,私信进线成本,私信开口数,私信开口成本,私信留资数,私信留资成本"
    )
    data = in_order(days, "xiaohongshu")
    rng = np.random.default_rng([SEED, 102])
    data = data.assign(
        liked=rng.poisson(0.18 * data["clicks"]), opened=rng.binomial(data["starts"] - data["claimed"], 0.6)
    )
    data["opened"] += data["claimed"]

    def line(first: list[object], s: pd.Series | tuple) -> list[object]:
        return [
            *first, f"{s.spend:,.2f}", f"{s.impressions:,.0f}", f"{s.clicks:,.0f}",
            percent(s.clicks, s.impressions), ratio(s.spend, s.clicks), ratio(s.spend, s.impressions, 1000),
            f"{s.liked:.0f}", ratio(s.spend, s.liked, null="-"), f"{s.starts:.0f}",
            ratio(s.spend, s.starts, null="-"), f"{s.opened:.0f}", ratio(s.spend, s.opened, null="-"),
            f"{s.claimed:.0f}", ratio(s.spend, s.claimed, null="-"),
        ]  # fmt: skip

    rows: Rows = [header.split(",")]
    rows += [line([f"{r.day:%Y-%m-%d}", r.campaign], r) for r in data.itertuples()]
    rows.append(line([f"合计{len(data)}条记录", "-"], data.sum(numeric_only=True)))
    write_csv(path, rows, "utf-8-sig")


def tencent(days: pd.DataFrame, path: Path) -> None:
    """UTF-8 with BOM, "-" where there is nothing to divide."""
    header = "日期,广告名称,曝光次数,点击次数,花费,点击均价,千次展现均价,表单预约量,表单预约成本(次数),点击率"
    rows: Rows = [header.split(",")]
    for r in in_order(days, "tencent_ads").itertuples():
        rows.append(
            [f"{r.day:%Y-%m-%d}", r.campaign, r.impressions, r.clicks, money(r.spend),
             ratio(r.spend, r.clicks, null="-"), ratio(r.spend, r.impressions, 1000, null="-"), r.claimed,
             ratio(r.spend, r.claimed, null="-"), percent(r.clicks, r.impressions, null="-")]
        )  # fmt: skip
    write_csv(path, rows, "utf-8-sig")


def google_ads(days: pd.DataFrame, path: Path) -> None:
    """Title and date range first, several total rows last, separators in counts but not in cost."""
    data = in_order(days, "google_ads")

    def line(first: list[object], r: pd.Series | tuple) -> list[object]:
        return [
            *first, "CNY", f"{r.impressions:,.0f}", f"{r.clicks:,.0f}",
            percent(r.clicks, r.impressions, " --"), ratio(r.spend, r.clicks, null=" --"), money(r.spend),
            money(r.claimed), ratio(r.spend, r.claimed), percent(r.claimed, r.clicks),
        ]  # fmt: skip

    header = (
        "Day,Campaign,Campaign type,Currency code,Impr.,Clicks,CTR,Avg. CPC,Cost,Conversions,"
        "Cost / conv.,Conv. rate"
    )
    rows: Rows = [["Campaign report"], [f"{FIRST:%B} 1, 2026 - {LAST:%B} 31, 2026"], header.split(",")]
    kind = data["campaign"].str.partition(" ")[0]
    for r, what in zip(data.itertuples(), kind, strict=True):
        rows.append(line([f"{r.day:%Y-%m-%d}", r.campaign, what], r))
    nothing = [" --", " --"]
    whole = data.sum(numeric_only=True)
    rows.append(line(["Total: Campaigns", *nothing], whole))
    rows.append(line(["Total: Account", *nothing], whole))
    for what in ("Search", "Display"):
        rows.append(line([f"Total: {what}", *nothing], data[kind == what].sum(numeric_only=True)))
    write_csv(path, rows, "utf-8", end="\n")


def meta(days: pd.DataFrame, path: Path) -> None:
    """UTF-8 with BOM; the total is the first data row and has no name: the total-row trap."""
    data = in_order(days, "meta_ads")
    rng = np.random.default_rng([SEED, 103])
    data = data.assign(
        all_clicks=data["clicks"] + rng.poisson(0.45 * data["clicks"]),
        reach=np.round(data["impressions"] * rng.uniform(0.6, 0.8, len(data))),
    )
    header = [
        "Campaign name", "Campaign ID", "Day", "Attribution setting", "Results", "Result indicator", "Reach",
        "Impressions", "Link clicks", "Clicks (all)", "CPC (cost per link click) (CNY)",
        "CPM (cost per 1,000 impressions) (CNY)", "Amount spent (CNY)", "Reporting starts", "Reporting ends",
    ]  # fmt: skip

    def line(first: list[object], indicator: str, reach: float, r: pd.Series | tuple) -> list[object]:
        return [
            *first, int(r.claimed), indicator, int(reach), int(r.impressions), int(r.clicks),
            int(r.all_clicks), ratio(r.spend, r.clicks, null=""),
            ratio(r.spend, r.impressions, 1000, null=""), money(r.spend),
        ]  # fmt: skip

    whole = data.sum(numeric_only=True)
    rows: Rows = [header]
    rows.append([*line(["", "", "", ""], "", 0.41 * whole.reach, whole), f"{FIRST:%F}", f"{LAST:%F}"])
    window, counted = "7-day click or 1-day view", "actions:leadgen.other"
    for r in data.itertuples():
        day = f"{r.day:%F}"
        name = [r.campaign, f"1202000000000{r.campaign_no + 31}", day, window]
        rows.append([*line(name, counted, r.reach, r), day, day])
    write_csv(path, rows, "utf-8-sig")


def crm(leads: pd.DataFrame, path: Path) -> None:
    """GBK; names and phones are invented, and no phone number starts with 10."""
    rng = np.random.default_rng([SEED, 104])
    first, second, third = (rng.integers(0, len(s), len(leads)) for s in (SURNAMES, GIVEN, GIVEN))
    short = rng.random(len(leads)) < 0.3
    rows: Rows = [
        ["线索ID", "姓名", "手机", "创建时间", "来源渠道", "状态", "是否有效", "到院时间", "成交时间",
         "成交金额", "浏览页数", "停留时长(秒)"]
    ]  # fmt: skip

    def when(moment: pd.Timestamp) -> str:
        return "" if pd.isna(moment) else f"{moment:%Y-%m-%d %H:%M:%S}"

    for n, r in enumerate(leads.itertuples()):
        name = SURNAMES[first[n]] + GIVEN[second[n]] + ("" if short[n] else GIVEN[third[n]])
        phone, paid = f"100{(n * 7919 + 12345) % 10**8:08d}", "" if pd.isna(r.value) else money(r.value)
        rows.append(
            [f"L26{n + 1:06d}", name, phone, when(r.created), r.crm, r.status, "是" if r.valid else "否",
             when(r.came), when(r.bought), paid, r.pages, r.dwell]
        )  # fmt: skip
    write_csv(path, rows, "gbk")


def site(visits: pd.DataFrame, path: Path) -> None:
    """The clinic's own site analytics, one row per day and channel."""
    rows: Rows = [["date", "channel", "sessions", "bounces", "dwell_seconds"]]
    rows += [[f"{r.day:%F}", r.channel, r.sessions, r.bounces, r.dwell] for r in visits.itertuples()]
    write_csv(path, rows, "utf-8", end="\n")


def earlier(days: pd.DataFrame) -> pd.DataFrame:
    """百度 as it stood on 1 July: the last week before it not yet settled (refunds, late forms)."""
    until = days[(days["channel"] == "baidu") & (days["day"] <= "2026-06-30")].copy()
    rng = np.random.default_rng([SEED, 105])
    late = (until["day"] >= "2026-06-24").to_numpy()
    factor = np.where(late, rng.uniform(1.002, 1.012, len(until)), 1.0)
    until["spend"] = (until["spend"] * factor).round(2)
    until["claimed"] -= np.where(late, rng.binomial(until["claimed"].to_numpy(), 0.15), 0)
    return until


def write_all(days: pd.DataFrame, leads: pd.DataFrame, visits: pd.DataFrame, folder: Path) -> list[str]:
    """Write every raw file; returns their names in upload order."""
    names = {
        "offline_agency_202603-202608.xlsx": lambda p: offline(days, p),
        "baidu_plans_20260301-20260630.csv": lambda p: baidu(earlier(days), p, "2026-07-01 09:12"),
        "baidu_plans_20260615-20260831.csv": lambda p: baidu(
            days[days["day"] >= "2026-06-15"], p, f"{EXPORTED:%Y-%m-%d} 09:05"
        ),
        "oceanengine_plans_daily.xlsx": lambda p: oceanengine(days, p),
        "xiaohongshu_juguang_plans.csv": lambda p: xiaohongshu(days, p),
        "tencent_ads_daily.csv": lambda p: tencent(days, p),
        "google_ads_campaign_report.csv": lambda p: google_ads(days, p),
        "meta_ads_campaigns.csv": lambda p: meta(days, p),
        "crm_leads_20260901.csv": lambda p: crm(leads, p),
        "site_analytics.csv": lambda p: site(visits, p),
        "site_touch_log.csv": lambda p: write_csv(p, touch_log(leads, visits), "utf-8", end="\n"),
        "landing_page_test.csv": lambda p: write_csv(p, landing_page_test(), "gbk", end="\n"),
        "city_history.csv": lambda p: write_csv(p, city_history(days), "gbk", end="\n"),
    }
    for name, write in names.items():
        write(folder / name)
    return list(names)

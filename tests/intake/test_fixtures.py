"""Every export of the tests: right, questioned or refused, file by file, against sums worked out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from channelopt.fields import LEAD_COLUMNS, SPEND_COLUMNS
from channelopt.intake import IntakeError, Read, read_export

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "exports"


def read(name: str, **more: object) -> Read:
    return read_export(FOLDER / name, **more)  # type: ignore[arg-type]


def codes(read: Read) -> set[str]:
    return {f.code for f in read.findings}


@dataclass(frozen=True)
class Right:
    """Read to these sums, nothing to ask."""

    why: str
    platform: str
    currency: str | None
    sums: dict[str, float]
    days: str = ""
    rows: int | None = None
    told: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Questioned(Right):
    """Nothing is stored before these questions are answered; then the sums are right."""

    asked: frozenset[str] = frozenset()
    answers: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """Not read at all, and why."""

    why: str
    code: str


Decision = Right | Refused
CURRENCY = frozenset({"intake.which_currency"})
CHANNEL = frozenset({"intake.which_channel"})
PERIOD = frozenset({"intake.which_period"})
ORDER = frozenset({"intake.date_order"})
MICROS = frozenset({"intake.micros"})
TOTALS = frozenset({"intake.totals_left_out"})

#: Sums were added up from the raw cells, without the reader.
DECISIONS: dict[str, Decision] = {
    "baidu_search_plan_gbk_preamble7.csv": Right(
        "GBK, header on line 8; 180 + 140 + 0", "baidu", "CNY",
        {"spend": 320.0, "impressions": 5200, "clicks": 100}, "2026-02-27/2026-03-01", 3),
    "baidu_feed_gbk_preamble4.csv": Right(
        "GBK, a tab behind every date; 400 + 200", "baidu", "CNY",
        {"spend": 600.0, "impressions": 15000, "clicks": 280}, "2026-03-01/2026-03-01", 2),
    "oceanengine_feiyu_adgroup_daily.xlsx": Right(
        "600 + 540; 转化数 is not taken for leads", "oceanengine", "CNY",
        {"spend": 1140.0, "impressions": 38000, "clicks": 760, "leads": 0}, "2026-03-01/2026-03-02", 2),
    "oceanengine_two_conversion_clocks_utf8bom.csv": Right(
        "1000 + 500, 总计 left out; leads are forms 6 + 5 and messages 2 + 2; the other clock is told",
        "oceanengine", "CNY", {"spend": 1500.0, "impressions": 75000, "clicks": 750, "leads": 15},
        "2026-03-01/2026-03-02", 2, TOTALS | {"intake.other_clock", "intake.leads_summed"}),
    "qianchuan_material_gross_vs_net_utf8bom.csv": Questioned(
        "no day anywhere; 1000 + 500, parts of spend not added; gross sales, net ones told", "qianchuan",
        "CNY",
        {"spend": 1500.0, "revenue": 2500.0, "customers": 0}, rows=2,
        told=frozenset({"intake.one_definition"}),
        asked=PERIOD, answers={"period": "2026-03-01/2026-03-07"}),
    "xiaohongshu_juguang_campaign_utf8bom.csv": Right(
        "one row and its 合计; a lead is 私信留资, not 进线", "xiaohongshu", "CNY",
        {"spend": 1317.01, "impressions": 14872, "clicks": 558, "leads": 12, "form_starts": 37},
        "2026-03-23/2026-03-23", 1, TOTALS),
    "tencent_ads_daily_utf8bom.csv": Right(
        "480 + 300; 目标转化量 is not taken for leads", "tencent_ads", "CNY",
        {"spend": 780.0, "impressions": 22000, "clicks": 390, "leads": 0}, "2026-03-01/2026-03-02", 2),
    "kuaishou_three_click_columns_utf8bom.csv": Right(
        "clicks are 封面点击数: 800 / 2000 = the file's own 0.40; the choice is told", "kuaishou", "CNY",
        {"spend": 800.0, "impressions": 40000, "clicks": 2000, "leads": 6}, "2026-03-01/2026-03-01", 1,
        frozenset({"intake.clicks_choice", "intake.other_clock"})),
    "bilibili_pivot_sheet_first.xlsx": Questioned(
        "the pivot sheet is passed over, 10 + 20 of the raw one; no day anywhere", "bilibili", "CNY",
        {"spend": 30.0, "impressions": 2500, "clicks": 50, "customers": 1, "leads": 0}, rows=2,
        told=frozenset({"intake.other_sheets"}), asked=PERIOD, answers={"period": "2026-03-01/2026-03-31"}),
    "weibo_subset_columns_utf8bom.csv": Right(
        "花费_粉丝 is a part of 花费", "weibo", "CNY", {"spend": 200.0, "impressions": 10000},
        "2026-03-01/2026-03-01", 1),
    "search_cn_ragged_total_row2.csv": Questioned(
        "360, Sogou and Shenma write alike: asked; 4000.35 + 475, the short 总计 confirms it",
        "search_cn", "CNY", {"spend": 4475.35, "clicks": 375}, "2026-03-01/2026-03-01", 2, TOTALS,
        asked=CHANNEL, answers={"channel": "搜狗"}),
    "search_cn_shows_range_line_then_blank.csv": Questioned(
        "the same wording; the day stands only above the header", "search_cn", "CNY",
        {"spend": 1234.5, "impressions": 9999, "clicks": 100}, "2026-03-01/2026-03-01", 1,
        asked=CHANNEL, answers={"channel": "360"}),
    "uc_ads_two_conversion_clocks_utf8bom.csv": Right(
        "转化数（点击时间） is UC's own word; 300 + 160", "uc_ads", "CNY",
        {"spend": 460.0, "impressions": 18000, "clicks": 300, "leads": 0}, "2026-03-01/2026-03-02", 2,
        frozenset({"intake.other_clock"})),
    "zhihu_words_not_seen.csv": Questioned(
        "no real export was seen, so nothing is recognised; the channel comes from the file name",
        "generic", None,
        {"spend": 160.0, "impressions": 9000, "clicks": 90, "leads": 4}, "2026-03-01/2026-03-02", 2,
        frozenset({"intake.channel_from_name"}), CURRENCY, {"currency": "CNY"}),
    "tiktok_campaign_total_of_n_results.xlsx": Questioned(
        "6264.84 + 2574.99 + 0, 'Total of 3 results' left out; no day anywhere", "tiktok_ads", "THB",
        {"spend": 8839.83, "impressions": 242917, "clicks": 12906, "leads": 0}, rows=3, told=TOTALS,
        asked=PERIOD, answers={"period": "2026-03-01/2026-03-31"}),
    "tiktok_en_daily_total_row.csv": Right(
        "12.50 + 7.50, Total left out; clicks to the destination, not all", "tiktok_ads", "EUR",
        {"spend": 20.0, "impressions": 6500, "clicks": 120, "customers": 2, "revenue": 17.98},
        "2026-09-01/2026-09-01", 2, TOTALS),
    "tiktok_zh_daily_utf8bom.csv": Right(
        "120.50 USD + 80.00 USD in cells", "tiktok_ads", "USD",
        {"spend": 200.5, "impressions": 20050, "clicks": 401, "leads": 0}, "2026-03-01/2026-03-02", 2),
    "linkedin_campaign_performance_utf16le_tab_preamble5.csv": Right(
        "UTF-16, TAB, month first; 1234.50 + 10.25; days are UTC and that is told", "linkedin_ads", "USD",
        {"spend": 1244.75, "impressions": 10500, "clicks": 204, "link_clicks": 152, "leads": 6,
        "form_starts": 12,
         "revenue": 300}, "2026-09-01/2026-09-02", 2, frozenset({"intake.utc_days"})),
    "microsoft_ads_preamble_copyright_footer.csv": Questioned(
        "25.50 + 4.50 + 4.00; 9/1 and 9/2 read both ways", "microsoft_ads", "USD",
        {"spend": 34.0, "impressions": 1800, "clicks": 69, "revenue": 120}, rows=3,
        told=frozenset({"intake.incomplete_day"}), asked=ORDER, answers={"date_order": "mdy"}),
    "pinterest_daily_total_row.csv": Questioned(
        "10 + 12, Total left out; no currency anywhere", "pinterest_ads", None,
        {"spend": 22.0, "impressions": 11000, "clicks": 330, "link_clicks": 135, "customers": 3,
        "revenue": 26.97},
        "2026-09-01/2026-09-02", 2, TOTALS | {"intake.utc_days"}, CURRENCY, {"currency": "EUR"}),
    "snapchat_period_total.csv": Questioned(
        "300 in one row for all of September; no currency anywhere", "snapchat_ads", None,
        {"spend": 300.0, "impressions": 5000, "clicks": 40}, "2026-09-01/2026-09-30", 1,
        frozenset({"intake.whole_period", "intake.utc_days"}), CURRENCY, {"currency": "USD"}),
    "meta_zh_daily_summary_row_first_utf8bom.csv": Right(
        "35 + 25, the nameless first row is the total; 成效 is not taken for leads", "meta_ads", "USD",
        {"spend": 60.0, "impressions": 3000, "clicks": 90, "customers": 3, "revenue": 150, "leads": 0},
        "2026-03-01/2026-03-02", 2, TOTALS),
    "meta_fr_semicolon_decimal_comma.csv": Right(
        "1234.56 + 1002.00 behind narrow no-break spaces; day first, as the decimal comma suggests",
        "meta_ads",
        "USD", {"spend": 2236.56, "impressions": 84899}, "2026-08-01/2026-08-02", 2),
    "meta_es_daily.csv": Right(
        "150.50 + 99.5, the nameless last row is the total", "meta_ads", "PEN", {"spend": 250.0},
        "2026-10-01/2026-10-02", 2, TOTALS),
    "google_ads_vi_preamble.csv": Right(
        "one row; the range stands above the header", "google_ads", "VND",
        {"spend": 149291.0, "impressions": 851, "clicks": 384, "leads": 0}, "2026-08-01/2026-08-10", 1),
    "amazon_ads_in_14_day_csv.csv": Right(
        "Rs.201.68 + Rs.98.32; 14-day sales 1000, the 7-day ones told; Last Year Spend is not spend",
        "amazon_ads",
        "INR", {"spend": 300.0, "impressions": 3000, "clicks": 30, "customers": 2, "revenue": 1000},
        "2020-02-01/2020-02-02", 2, frozenset({"intake.one_definition"})),
    "amazon_ads_us_7_day_serial_dates.xlsx": Right(
        "dates as 43862, a blank behind a header; 98.53 + 25", "amazon_ads", "USD",
        {"spend": 123.53, "impressions": 1500, "clicks": 150, "customers": 4, "revenue": 350},
        "2020-02-01/2020-02-02", 2),
    "amazon_ads_zh_7_day.csv": Right(
        "10 + 2; SKU sales are parts of the sales", "amazon_ads", "USD",
        {"spend": 12.0, "impressions": 1500, "clicks": 25, "customers": 2, "revenue": 60},
        "2026-03-01/2026-03-02", 2),
    "ga4_traffic_acquisition_daily.csv": Right(
        "100 + 50 + 80 visits; not engaged 40 + 30 + 40; seconds 100 x 30.5 + 50 x 12 + 80 x 20", "ga4", None,
        {"sessions": 230, "bounces": 110, "dwell_seconds": 5250, "leads": 0}, "2026-03-01/2026-03-02", 3),
    "ga4_free_form_grand_total_extra_column.csv": Refused("users and views only; visits cannot be told",
                                                          "intake.no_sessions"),
    "site_baidu_tongji.csv": Right(
        "100 + 50 visits; bounces 40% and 50% of them; 100 x 60 + 50 x 30 seconds", "site", None,
        {"sessions": 150, "bounces": 65, "dwell_seconds": 7500}, "2026-03-01/2026-03-02", 2),
    "hubspot_contacts_synthetic.csv": Right(
        "three lines, two people; one became a customer", "hubspot", None, {}, "2026-03-01/2026-03-01", 2,
        frozenset({"intake.duplicate_leads", "intake.redacted"})),
    "salesforce_report_footer_synthetic.csv": Questioned(
        "two leads, three lines behind them; 3/1/2026 reads both ways", "salesforce", "USD",
        {"revenue": 1200.0},
        rows=2, told=frozenset({"intake.redacted"}), asked=ORDER, answers={"date_order": "mdy"}),
    "crm_hand_kept_list.csv": Right(
        "three leads, one customer with 3000", "crm", "CNY", {"revenue": 3000.0}, "2026-03-01/2026-03-02", 3),
    "offline_street_team.csv": Questioned(
        "500 + 300; nothing names a currency", "offline", None, {"spend": 800.0, "leads": 5},
        "2026-03-01/2026-03-02", 2, asked=CURRENCY, answers={"currency": "CNY"}),
    "generic_dbt_ad_reporting.csv": Right(
        "a warehouse table of several platforms; 10.50 + 20.25", "generic", "USD",
        {"spend": 30.75, "impressions": 4000, "clicks": 50, "revenue": 50, "leads": 0},
        "2026-03-01/2026-03-01", 2),
    # warehouse tables: none of them names a currency except where said
    "seeds/google_ads_campaign_stats_data.csv": Questioned(
        "231,330,000 micros", "google_ads", None,
        {"spend": 231.33, "impressions": 1854, "clicks": 280, "leads": 0}, rows=16, told=MICROS,
        asked=CURRENCY, answers={"currency": "USD"}),
    "seeds/facebook_ads_basic_ad_data.csv": Questioned(
        "plain money, link clicks", "meta_ads", None, {"spend": 643.63, "impressions": 37275, "clicks": 149},
        rows=10, asked=CURRENCY, answers={"currency": "USD"}),
    "seeds/facebook_ads_basic_ad_actions_data.csv": Refused(
        "actions only, the same lead under two types; no spend", "intake.which_spend"),
    "seeds/linkedin_ad_analytics_by_campaign_data.csv": Questioned(
        "cost_in_usd stands beside cost_in_local_currency; the local one is spend, once", "linkedin_ads",
        None,
        {"spend": 530.62, "impressions": 1359, "clicks": 919, "leads": 0}, rows=20,
        told=frozenset({"intake.utc_days"}), asked=CURRENCY, answers={"currency": "USD"}),
    "seeds/microsoft_ads_campaign_performance_daily_report_data.csv": Right(
        "2,630 rows by device and network for 403 campaign days; currency_code says USD", "microsoft_ads",
        "USD",
        {"spend": 946.34, "impressions": 7569, "clicks": 592, "revenue": 0.01, "leads": 0}, rows=2630),
    "seeds/pinterest_campaign_report_data.csv": Questioned(
        "12,375,000 micros; earned impression_2 and clickthrough_2 are not added", "pinterest_ads", None,
        {"spend": 12.375, "impressions": 82500, "clicks": 2475, "revenue": 0}, "2023-06-01/2023-06-05", 5,
        MICROS | {"intake.utc_days"}, CURRENCY, {"currency": "USD"}),
    "seeds/reddit_ads_campaign_report_data.csv": Questioned(
        "12,970,777,467 micros under the plain name spend", "reddit_ads", None,
        {"spend": 12970.777467, "impressions": 3469863, "clicks": 8815}, rows=79,
        told=MICROS | {"intake.utc_days"}, asked=CURRENCY, answers={"currency": "USD"}),
    "seeds/snapchat_campaign_hourly_report_data.csv": Questioned(
        "1,013,488 micros under the plain name spend, by hour", "snapchat_ads", None,
        {"spend": 1.013488, "impressions": 5142, "clicks": 7, "leads": 1, "customers": 1, "revenue": 0.01},
        rows=10,
        told=MICROS | {"intake.utc_days"}, asked=CURRENCY, answers={"currency": "USD"}),
    "seeds/tiktok_campaign_report_hourly_data.csv": Questioned(
        "upper-case names, '-' for nothing; API hours are UTC", "tiktok_ads", None,
        {"spend": 444.792, "impressions": 34470, "clicks": 244, "leads": 0}, "2021-09-15/2021-09-15", 4,
        frozenset({"intake.utc_days"}), CURRENCY, {"currency": "USD"}),
    "seeds/twitter_campaign_report_data.csv": Questioned(
        "138,535,734 micros; rows by placement", "x_ads", None,
        {"spend": 138.535734, "impressions": 9876, "clicks": 968, "link_clicks": 955, "leads": 0},
        "2021-08-25/2022-05-20", 4, MICROS, CURRENCY, {"currency": "USD"}),
    "seeds/amazon_ads_campaign_level_report_data.csv": Right(
        "30-day orders and sales, the 7-day ones told; the budget names USD", "amazon_ads", "USD",
        {"spend": 1.67, "impressions": 1095, "clicks": 2, "customers": 201, "revenue": 1318}, rows=10,
        told=frozenset({"intake.one_definition"})),
}  # fmt: skip
READ = {name: d for name, d in DECISIONS.items() if isinstance(d, Right)}


def test_every_file_is_decided() -> None:
    there = {p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*") if p.suffix in (".csv", ".xlsx")}
    assert there == set(DECISIONS)
    assert all(d.why for d in DECISIONS.values())


@pytest.mark.parametrize(("name", "decision"), READ.items(), ids=READ)
def test_reads_to_the_right_sums(name: str, decision: Right) -> None:
    r = read(name, hash_key=b"k")
    assert (r.platform, r.currency) == (decision.platform, decision.currency)
    _sums(r, decision)
    asked = decision.asked if isinstance(decision, Questioned) else frozenset()
    assert {q.code for q in r.questions} == asked
    assert decision.told <= codes(r)
    columns = LEAD_COLUMNS if r.kind == "leads" else SPEND_COLUMNS
    assert list(r.rows.columns) == [*columns, "row_no"]
    if decision.days:
        assert f"{r.day_first}/{r.day_last}" == decision.days
    if decision.rows:
        assert len(r.rows) == decision.rows
    line = r.lines
    assert line.lines == (
        line.preamble + line.header + line.kept + line.totals + line.footer + line.blank + line.rejected
    )
    assert line.kept == len(r.rows)


def _sums(r: Read, decision: Right) -> None:
    for metric, value in decision.sums.items():
        assert r.rows[metric].sum() == pytest.approx(value, abs=1e-6), metric


@pytest.mark.parametrize(
    "name", [name for name, decision in READ.items() if isinstance(decision, Questioned)]
)
def test_an_answer_leaves_nothing_to_ask(name: str) -> None:
    decision = READ[name]
    assert isinstance(decision, Questioned)
    answered = read(name, hash_key=b"k", answers=decision.answers)
    assert not answered.questions
    _sums(answered, decision)


@pytest.mark.parametrize("name", [n for n, d in DECISIONS.items() if isinstance(d, Refused)])
def test_refuses_with_a_reason(name: str) -> None:
    decision = DECISIONS[name]
    assert isinstance(decision, Refused)
    with pytest.raises(IntakeError) as error:
        read(name)
    assert error.value.code == decision.code
    assert error.value.template != decision.code, "every code has a sentence"
    assert error.value.params["columns"], "the mapping screen needs the columns with samples"

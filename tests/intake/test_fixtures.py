"""Exports of every platform read to sums worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from channelopt.fields import LEAD_COLUMNS, SPEND_COLUMNS
from channelopt.intake import IntakeError, Read, read_export

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "exports"


def read(name: str, **more: object) -> Read:
    return read_export(FOLDER / name, **more)  # type: ignore[arg-type]


def codes(read: Read) -> set[str]:
    return {f.code for f in read.findings}


#: file, platform, currency, sums
SUMS = [
    (
        "baidu_search_plan_gbk_preamble7.csv",
        "baidu",
        "CNY",
        {"spend": 320.0, "impressions": 5200, "clicks": 100},
    ),
    ("baidu_feed_gbk_preamble4.csv", "baidu", "CNY", {"spend": 600.0, "impressions": 15000, "clicks": 280}),
    (
        "oceanengine_feiyu_adgroup_daily.xlsx",
        "oceanengine",
        "CNY",
        {"spend": 1140.0, "impressions": 38000, "clicks": 760},
    ),
    (
        "oceanengine_two_conversion_clocks_utf8bom.csv",
        "oceanengine",
        "CNY",
        {"spend": 1500.0, "impressions": 75000, "clicks": 750, "leads": 15},
    ),
    (
        "xiaohongshu_juguang_campaign_utf8bom.csv",
        "xiaohongshu",
        "CNY",
        {"spend": 1317.01, "impressions": 14872, "clicks": 558, "leads": 12, "form_starts": 37},
    ),
    (
        "tencent_ads_daily_utf8bom.csv",
        "tencent_ads",
        "CNY",
        {"spend": 780.0, "impressions": 22000, "clicks": 390},
    ),
    (
        "kuaishou_three_click_columns_utf8bom.csv",
        "kuaishou",
        "CNY",
        {"spend": 800.0, "impressions": 40000, "clicks": 2000, "leads": 6},
    ),
    (
        "tiktok_campaign_total_of_n_results.xlsx",
        "tiktok_ads",
        "THB",
        {"spend": 8839.83, "impressions": 242917, "clicks": 12906},
    ),
    (
        "tiktok_en_daily_total_row.csv",
        "tiktok_ads",
        "EUR",
        {"spend": 20.0, "impressions": 6500, "clicks": 120, "customers": 2, "revenue": 17.98},
    ),
    (
        "tiktok_zh_daily_utf8bom.csv",
        "tiktok_ads",
        "USD",
        {"spend": 200.5, "impressions": 20050, "clicks": 401},
    ),
    (
        "linkedin_campaign_performance_utf16le_tab_preamble5.csv",
        "linkedin_ads",
        "USD",
        {
            "spend": 1244.75,
            "impressions": 10500,
            "clicks": 204,
            "link_clicks": 152,
            "leads": 6,
            "revenue": 300,
        },
    ),
    (
        "meta_zh_daily_summary_row_first_utf8bom.csv",
        "meta_ads",
        "USD",
        {"spend": 60.0, "impressions": 3000, "clicks": 90, "customers": 3, "revenue": 150},
    ),
    ("meta_fr_semicolon_decimal_comma.csv", "meta_ads", "USD", {"spend": 2236.56, "impressions": 84899}),
    ("meta_es_daily.csv", "meta_ads", "PEN", {"spend": 250.0}),
    (
        "google_ads_vi_preamble.csv",
        "google_ads",
        "VND",
        {"spend": 149291.0, "impressions": 851, "clicks": 384},
    ),
    # no platform of their own yet: the generic way
    (
        "microsoft_ads_preamble_copyright_footer.csv",
        "generic",
        "USD",
        {"spend": 34.0, "impressions": 1800, "clicks": 69, "revenue": 120},
    ),
    (
        "pinterest_daily_total_row.csv",
        "generic",
        None,
        {"spend": 22.0, "impressions": 11000, "clicks": 330, "customers": 3, "revenue": 26.97},
    ),
    ("snapchat_period_total.csv", "generic", None, {"spend": 300.0, "impressions": 5000, "clicks": 40}),
    ("search_cn_ragged_total_row2.csv", "generic", None, {"spend": 4475.35, "clicks": 375}),
    (
        "search_cn_shows_range_line_then_blank.csv",
        "generic",
        "CNY",
        {"spend": 1234.5, "impressions": 9999, "clicks": 100},
    ),
    ("weibo_subset_columns_utf8bom.csv", "generic", None, {"spend": 200.0, "impressions": 10000}),
    # warehouse tables
    (
        "seeds/google_ads_campaign_stats_data.csv",
        "google_ads",
        None,
        {"spend": 231.33, "impressions": 1854, "clicks": 280},
    ),
    (
        "seeds/facebook_ads_basic_ad_data.csv",
        "meta_ads",
        None,
        {"spend": 643.63, "impressions": 37275, "clicks": 149},
    ),
    ("seeds/twitter_campaign_report_data.csv", "generic", None, {"spend": 138.535734, "clicks": 968}),
]


@pytest.mark.parametrize(("name", "platform", "currency", "sums"), SUMS, ids=[s[0] for s in SUMS])
def test_reads_to_the_right_sums(
    name: str, platform: str, currency: str | None, sums: dict[str, float]
) -> None:
    r = read(name)
    assert (r.platform, r.kind, r.currency) == (platform, "spend", currency)
    for metric, value in sums.items():
        assert r.rows[metric].sum() == pytest.approx(value, abs=1e-6), metric
    assert list(r.rows.columns) == [*SPEND_COLUMNS, "row_no"]
    assert len(r.mapping) >= 4
    line = r.lines
    assert line.lines == (
        line.preamble + line.header + line.kept + line.totals + line.footer + line.blank + line.rejected
    )
    assert line.kept == len(r.rows)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("bilibili_pivot_sheet_first.xlsx", "intake.which_day"),
        ("qianchuan_material_gross_vs_net_utf8bom.csv", "intake.which_day"),
        ("ga4_free_form_grand_total_extra_column.csv", "intake.no_sessions"),
        ("seeds/facebook_ads_basic_ad_actions_data.csv", "intake.which_spend"),
    ],
)
def test_refuses_with_a_reason(name: str, code: str) -> None:
    with pytest.raises(IntakeError) as error:
        read(name)
    assert error.value.code == code
    assert error.value.template != code, "every code has a sentence"
    assert error.value.params["columns"], "the mapping screen needs the columns with samples"


def test_a_period_answers_a_missing_day() -> None:
    answers = {"period": "2026-03-01/2026-03-31", "channel": "bilibili", "currency": "CNY"}
    r = read("bilibili_pivot_sheet_first.xlsx", answers=answers)
    assert r.layout.sheet == "Sheet1", "the pivot sheet is a summary, never data"
    assert r.rows["spend"].sum() == 30.0
    assert str(r.day_first) == "2026-03-01" and str(r.day_last) == "2026-03-31"
    assert (r.rows["day_end"].dt.strftime("%Y-%m-%d") == "2026-03-31").all()
    assert not r.questions
    assert set(r.rows["platform"]) == {"bilibili"}


def test_parts_of_spend_are_never_added() -> None:
    r = read(
        "qianchuan_material_gross_vs_net_utf8bom.csv",
        answers={"period": "2026-03-01/2026-03-07", "channel": "巨量千川", "currency": "CNY"},
    )
    assert r.rows["spend"].sum() == 1500.0  # 1000 + 500; 基础消耗 and 追投调控消耗 are parts of it
    assert r.rows["revenue"].sum() == 2500.0  # gross, not 净成交金额
    parts = {m.header for m in r.mapping if m.reason == "part"}
    assert {"基础消耗", "追投调控消耗", "净成交金额"} <= parts


def test_subset_columns_are_parts() -> None:
    r = read("weibo_subset_columns_utf8bom.csv")
    by_header = {m.header: m for m in r.mapping}
    assert by_header["花费"].field == "spend"
    assert by_header["花费_粉丝"].field is None and by_header["花费_粉丝"].reason == "part"


def test_questions_are_asked_where_the_file_is_silent() -> None:
    assert {q.code for q in read("tiktok_campaign_total_of_n_results.xlsx").questions} == {
        "intake.which_period"
    }
    asked = {q.code for q in read("pinterest_daily_total_row.csv").questions}
    assert asked == {"intake.which_currency", "intake.which_channel"}
    microsoft = read("microsoft_ads_preamble_copyright_footer.csv")
    assert {q.code for q in microsoft.questions} == {"intake.date_order", "intake.which_channel"}
    assert "intake.incomplete_day" in codes(microsoft)
    answered = read(
        "microsoft_ads_preamble_copyright_footer.csv",
        answers={"date_order": "mdy", "channel": "microsoft_ads"},
    )
    assert not answered.questions and str(answered.day_last) == "2026-09-02"


def test_hourly_rows_in_micros_are_doubted() -> None:
    r = read("seeds/snapchat_campaign_hourly_report_data.csv")
    assert "intake.odd_click_price" in codes(r)
    assert (r.rows["day"] == r.rows["day"].dt.normalize()).all()


def test_google_total_and_period() -> None:
    r = read("google_ads_vi_preamble.csv")
    assert (str(r.day_first), str(r.day_last)) == ("2026-08-01", "2026-08-10")
    assert r.layout.header_line == 3
    assert np.isnan(r.explained)


def test_totals_are_check_figures() -> None:
    r = read("tiktok_en_daily_total_row.csv")
    assert r.totals.loc[0, "label"] == "Total" and r.totals.loc[0, "row_no"] == 4
    assert r.totals.loc[0, "spend"] == 20.0 and r.explained == 1.0
    left_out = next(f for f in r.findings if f.code == "intake.totals_left_out")
    assert left_out.params == {"n": 1, "spend": 20.0, "spend_with": 40.0}


@pytest.mark.parametrize("name", ["meta_es_daily.csv", "meta_zh_daily_summary_row_first_utf8bom.csv"])
def test_meta_nameless_row_is_a_total(name: str) -> None:
    r = read(name)
    assert (r.lines.totals, r.lines.rejected, r.explained) == (1, 0, 1.0)


def test_linkedin_levels_and_dates() -> None:
    r = read("linkedin_campaign_performance_utf16le_tab_preamble5.csv")
    assert (r.layout.encoding, r.layout.delimiter, r.layout.header_line) == ("utf-16", "\t", 6)
    assert list(r.rows["campaign"]) == ["Q3 Group", "Q3 Group"]
    assert list(r.rows["ad_group"]) == ["Leads, directors", "Brand"]
    assert r.layout.date_order == "mdy" and not r.questions
    assert r.generated_at is not None and r.generated_at.isoformat() == "2026-09-03T09:00:00"


def test_meta_indicator_is_kept_and_results_are_not_leads() -> None:
    r = read("meta_zh_daily_summary_row_first_utf8bom.csv")
    assert r.rows["leads"].isna().all()
    assert set(r.rows["conversion_event"]) == {"actions:offsite_conversion.fb_pixel_purchase"}
    assert "intake.conversions_not_leads" in codes(r)
    asked = read("meta_zh_daily_summary_row_first_utf8bom.csv", mapping={"成效": "leads"})
    assert asked.rows["leads"].sum() == 3


def test_xiaohongshu_leads_are_contacts_left() -> None:
    r = read("xiaohongshu_juguang_campaign_utf8bom.csv")
    assert set(r.rows["conversion_event"]) == {"私信留资数"}
    assert set(r.rows["conversion_clock"]) == {"click"}


def test_kuaishou_says_which_clicks() -> None:
    r = read("kuaishou_three_click_columns_utf8bom.csv")
    choice = next(f for f in r.findings if f.code == "intake.clicks_choice")
    assert choice.params["used"] == "封面点击数" and "行为数" in choice.params["others"]
    assert "intake.click_price_differs" not in codes(r)
    wrong = read("kuaishou_three_click_columns_utf8bom.csv", mapping={"行为数": "clicks"})
    assert wrong.rows["clicks"].sum() == 160
    assert {"intake.click_price_differs", "intake.click_price_other"} & codes(wrong)


def test_hubspot() -> None:
    r = read("hubspot_contacts_synthetic.csv", hash_key=b"k")
    assert (r.platform, r.kind) == ("crm", "leads")
    assert list(r.rows.columns) == [*LEAD_COLUMNS, "row_no"]
    assert list(r.rows["channel"]) == ["meta_ads", "google_ads"]
    assert list(r.rows["row_no"]) == [2, 4], "the furthest line of the repeated lead is kept"
    assert list(r.rejected["reason"]) == ["intake.reject.duplicate_lead"]
    assert r.rows["customer_at"].notna().tolist() == [False, True]


def test_salesforce() -> None:
    r = read("salesforce_report_footer_synthetic.csv", answers={"date_order": "mdy"})
    assert len(r.rows) == 2 and r.currency == "USD"
    assert r.rows["revenue"].sum() == 1200.0
    assert (r.lines.footer, r.lines.totals, r.lines.blank) == (2, 1, 2)
    assert not r.questions


def test_the_range_of_a_report_is_not_the_span_of_its_rows() -> None:
    """Meta keeps "Reporting starts" and "ends" of the whole report beside each day."""
    rows = read("meta_es_daily.csv").rows
    assert rows["day"].dt.strftime("%m-%d").tolist() == ["10-01", "10-02"]
    assert rows["day_end"].isna().all()
    period = b"Reporting starts,Reporting ends,Campaign name,Amount spent (USD)\n2026-10-01,2026-10-31,A,10\n"
    assert read_export(period, "p.csv").rows["day_end"].notna().all()

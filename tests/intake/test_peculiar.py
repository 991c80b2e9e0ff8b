"""What single test exports show beyond their sums."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from channelopt.fields import LEAD_COLUMNS
from channelopt.intake import Read, read_export

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "exports"


def read(name: str, **more: object) -> Read:
    return read_export(FOLDER / name, **more)  # type: ignore[arg-type]


def codes(read: Read) -> set[str]:
    return {f.code for f in read.findings}


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
    assert (r.platform, r.kind) == ("hubspot", "leads")
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

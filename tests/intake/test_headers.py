"""Each header met in a real export means what it should, and nothing unconfirmed makes up money."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from channelopt.intake import platforms
from channelopt.intake.columns import map_columns
from channelopt.intake.names import normalise
from channelopt.intake.platforms import recognise

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "exports"
WORDS = json.loads((FOLDER / "headers.json").read_text(encoding="utf-8"))
#: A group of words → the platform whose file knows them, where the names differ.
OWNER = {
    "google_ads_api_or_warehouse": "google_ads",
    "oceanengine_qianchuan": "qianchuan",
    "search_cn_360_sogou_shenma_uc": "search_cn",
    "xiaohongshu_juguang": "xiaohongshu",
    "cn_billing_columns_any_platform": "generic",
    "canonical_dbt_ad_reporting": "generic",
}
#: What a group of headers means → what a column may become. Nothing else becomes a field.
MEANS: dict[str, set[str]] = {
    **{
        name: {name}
        for name in [
            "account",
            "account_id",
            "campaign_id",
            "ad_group_id",
            "ad_id",
            "currency",
            "spend",
            "impressions",
            "link_clicks",
            "form_starts",
            "spend_micros",
            "sessions",
            "engaged_sessions",
            "bounce_rate",
            "engagement_rate",
            "lead_id",
        ]
    },
    "date": {"day", "created_at"},
    "period": {"day"},
    "date_end": {"day_end", "modified_at"},
    "campaign": {"campaign"},
    "campaign_group": {"campaign"},
    "ad_group": {"ad_group", "ad_group_id"},
    "ad": {"ad", "ad_id", "breakdown", "unused"},
    "clicks": {"clicks"},
    "leads": {"leads"},
    "customers": {"customers"},
    "revenue": {"revenue"},
    "platform": {"channel"},
    "channel": {"channel", "unused", "breakdown"},
    "avg_session_duration": {"dwell_average"},
    "conversions": {"conversions"},
    "result_indicator": {"indicator"},
    "device": {"breakdown"},
    "geo": {"breakdown"},
    "audience": {"breakdown"},
    "qualified_leads": {"stage", "status", "part"},
    "owner": {"personal"},
    **{
        name: {"part"}
        for name in [
            "spend_cash",
            "spend_voucher",
            "spend_credit",
            "fee_not_spend",
            "rebate_amount",
            "spend_net_of_rebate",
            "spend_converted",
            "spend_parts_do_not_add",
            "impressions_parts_do_not_add",
            "clicks_parts_do_not_add",
            "spend_subset_do_not_add",
            "impressions_subset_do_not_add",
            "engagement_subset_do_not_add",
            "spend_pivot_do_not_add",
            "spend_last_year_do_not_use",
            "revenue_subset_do_not_add",
            "revenue_net",
            "revenue_micros",
            "conversions_alt_do_not_mix",
            "revenue_alt_do_not_mix",
            "conversions_other_clock",
            "deep_conversions",
            "clicks_all",
            "clicks_other",
            "users",
        ]
    },
    **{
        name: {"unused"}
        for name in [
            "hour",
            "reach",
            "landing_page_views",
            "attribution_setting",
            "status",
            "not_a_date",
            "timezone",
            "interactions",
            "units",
            "engagement",
            "followers",
            "tgi_do_not_sum",
        ]
    },
    "share_do_not_sum": {"unused", "derived"},
    "frequency": {"derived"},
    "refund": {"derived"},
    "clicks_candidates": {"clicks", "part"},
    "leads_other_clock": {"leads"},
}
#: (group, header) → what it becomes instead, on purpose, and why.
ON_PURPOSE: dict[tuple[str, str], tuple[str, str]] = {
    ("google_ads", "Avg. CPC (Converted currency)"): ("part", "another currency proves nothing"),
    ("google_ads", "Avg. CPM (Converted currency)"): ("part", "another currency proves nothing"),
    ("google_ads_api_or_warehouse", "id"): ("unused", "the campaign's id only in the shape of its tables"),
    ("meta_ads", "clicks"): ("clicks", "the API's cpc divides by it; link clicks come first where present"),
    ("meta_ads", "Link clicks"): ("clicks", "the click Meta's own CPC divides by"),
    ("meta_ads", "Link Clicks"): ("clicks", "the click Meta's own CPC divides by"),
    ("meta_ads", "inline_link_clicks"): ("clicks", "the click Meta's own CPC divides by"),
    ("meta_ads", "link_clicks"): ("clicks", "the click Meta's own CPC divides by"),
    ("meta_ads", "链接点击量"): ("clicks", "the click Meta's own CPC divides by"),
    ("meta_ads", "Unique link clicks"): ("part", "people, not clicks"),
    ("meta_ads", "Outbound clicks"): ("part", "some of the link clicks"),
    ("meta_ads", "Website purchases"): ("part", "some of the purchases"),
    ("meta_ads", "网站购物"): ("part", "some of the purchases"),
    ("meta_ads", "Meta 内购物次数"): ("part", "some of the purchases"),
    ("meta_ads", "Website purchases conversion value"): ("part", "some of the purchase value"),
    ("meta_ads", "Results value"): ("part", "what a result is differs from row to row"),
    ("tiktok_ads", "Complete payment"): ("customers", "a payment is a customer, whatever list it stands in"),
    ("linkedin_ads", "Post-Click Conversions"): ("part", "some of the conversions"),
    ("linkedin_ads", "View-Through Conversions"): ("part", "some of the conversions"),
    ("linkedin_ads", "Conversion Name"): ("repeats", "its rows repeat the spend"),
    ("linkedin_ads", "Conversion Type"): ("repeats", "its rows repeat the spend"),
    ("pinterest_ads", "impression_2"): ("part", "earned, not paid"),
    ("pinterest_ads", "clickthrough_2"): ("part", "earned, not paid"),
    ("snapchat_ads", "spend"): ("spend", "micros only in the shape of its API tables"),
    ("x_ads", "url_clicks"): ("link_clicks", "some of the clicks"),
    ("ga4", "Average engagement time"): ("unused", "per user, not per visit"),
    ("ga4", "Nth week"): ("unused", "a counter without a date"),
    ("ga4", "Country ID"): ("unused", "the country again"),
    ("ga4", "Event name"): ("repeats", "one visit, several events"),
    ("ga4", "Page path and screen class"): ("repeats", "one visit, several pages"),
    ("ga4", "Total revenue"): ("unused", "visits carry no money here"),
    ("hubspot", "Annual Revenue"): ("unused", "the company's turnover, not ours"),
    ("baidu", "关键词ID"): ("unused", "finer than any level that is kept"),
    ("baidu", "关键词id"): ("unused", "finer than any level that is kept"),
    ("oceanengine", "团购线索数"): ("part", "some of the leads, by kind"),
    ("oceanengine", "电话接通数"): ("part", "calls answered, not contacts left"),
    ("oceanengine", "私信咨询数(计费时间)"): ("unused", "a talk, not a form"),
    ("oceanengine", "激活数"): ("unused", "an app opened is not a customer"),
    ("oceanengine_qianchuan", "净成交订单数"): ("part", "after refunds, while revenue is gross"),
    ("tencent_ads", "广告名称"): ("campaign", "the highest name the export has"),
    ("tencent_ads", "微信视频号消费"): ("part", "some of the spend"),
    ("tencent_ads", "有效咨询量"): ("part", "talks, not contacts left"),
    ("tencent_ads", "有效在线咨询人数"): ("part", "talks, not contacts left"),
    ("tencent_ads", "APP激活次数"): ("unused", "an app opened is not a customer"),
    ("tencent_ads", "注册次数"): ("unused", "a registration is not a customer"),
    ("tencent_ads", "hour"): ("unused", "the hour beside the day"),
    ("kuaishou", "微信复制数"): ("part", "no form"),
    ("xiaohongshu_juguang", "计划名称_标准化"): ("part", "the campaign again"),
    ("xiaohongshu_juguang", "私信开口数"): ("part", "follows 进线"),
    ("xiaohongshu_juguang", "激活数"): ("part", "an app opened is not a customer"),
    ("xiaohongshu_juguang", "首次付费次数"): ("part", "an in-app payment"),
    ("bilibili", "Up主mid"): ("unused", "the author's id, not the ad account"),
    ("bilibili", "应用内付费"): ("unused", "a count or a sum, the export does not say"),
}


def becomes(group: str, header: str) -> str:
    """What one header alone becomes: a field, "derived", "part", … or "unknown"."""
    column = map_columns([header], platforms()[OWNER.get(group, group)]).columns[0]
    if column.role in ("field", "sum"):
        return column.field
    return column.role if column.found else "unknown"


SEEN = [
    (group, meaning, header)
    for group, lists in WORDS.items()
    for meaning, headers in lists["seen"].items()
    for header in headers
    if meaning != "footer"
]


@pytest.mark.parametrize("group", WORDS)
def test_every_header_met_means_what_it_should(group: str) -> None:
    for name, meaning, header in SEEN:
        if name != group:
            continue
        wanted = MEANS.get(meaning) or ({"derived"} if meaning.startswith("derived_") else set())
        if (group, header) in ON_PURPOSE:
            wanted = {ON_PURPOSE[group, header][0]}
        assert becomes(group, header) in wanted, (meaning, header)


def test_exceptions_are_about_headers_that_exist() -> None:
    assert set(ON_PURPOSE) <= {(group, header) for group, _, header in SEEN}
    assert len(SEEN) > 840


@pytest.mark.parametrize("group", WORDS)
def test_words_of_other_languages_mean_the_same(group: str) -> None:
    for lists in WORDS[group]["locales"].values():
        for meaning, headers in lists.items():
            for header in headers:
                assert becomes(group, header) in MEANS[meaning], header


def test_words_not_confirmed_never_make_up_money() -> None:
    """Inferred headers may be known, but a sum of money only where they are listed as money."""
    for group, lists in WORDS.items():
        for meaning, headers in lists["inferred"].items():
            for header in headers:
                if becomes(group, header) in ("spend", "spend_micros", "revenue"):
                    assert meaning in ("spend", "spend_micros", "revenue", "zh"), (group, header)


NOT_RECOGNISED = {"zhihu", "cn_billing_columns_any_platform", "canonical_dbt_ad_reporting", "salesforce"}


@pytest.mark.parametrize("group", sorted(set(WORDS) - NOT_RECOGNISED))
def test_all_its_words_together_are_recognised(group: str) -> None:
    headers = [normalise(header) for name, _, header in SEEN if name == group]
    found, unsure = recognise(headers, [], "export.csv")
    wanted = {"search_cn": "uc_ads"}.get(OWNER.get(group, group), OWNER.get(group, group))
    assert (found.key, unsure) == (wanted, None)

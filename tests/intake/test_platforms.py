"""Every platform's words: each header met in a real export means what it should, in every language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from channelopt.errors import ChannelOptError
from channelopt.intake import IntakeError, Read, channel_key, platforms, read_export
from channelopt.intake.columns import map_columns
from channelopt.intake.names import normalise
from channelopt.intake.platforms import channel_in_name, recognise

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "fixtures" / "exports"
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
        for name in "account account_id campaign_id ad_group_id ad_id currency spend impressions link_clicks "
        "form_starts spend_micros sessions engaged_sessions bounce_rate engagement_rate lead_id".split()
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
        for name in "spend_cash spend_voucher spend_credit fee_not_spend rebate_amount spend_net_of_rebate "
        "spend_converted spend_parts_do_not_add impressions_parts_do_not_add clicks_parts_do_not_add "
        "spend_subset_do_not_add impressions_subset_do_not_add engagement_subset_do_not_add "
        "spend_pivot_do_not_add spend_last_year_do_not_use revenue_subset_do_not_add revenue_net revenue_micros "
        "conversions_alt_do_not_mix revenue_alt_do_not_mix conversions_other_clock deep_conversions clicks_all "
        "clicks_other users".split()
    },
    **{
        name: {"unused"}
        for name in "hour reach landing_page_views attribution_setting status not_a_date timezone interactions "
        "units engagement followers tgi_do_not_sum".split()
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


GOOGLE_UI = "Day,Campaign,Currency code,Impr.,Clicks,CTR,Avg. CPC,Conversions"


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        (GOOGLE_UI + ",Cost", "google_ads"),
        (GOOGLE_UI + ",Spend", "microsoft_ads"),
        ("Start Time,End Time,Campaign Name,Paid Impressions,Swipe Ups,Spend", "snapchat_ads"),
        ("date,campaign_id,impressions,clicks,spend", "generic"),
        ("日期,计划名称,消耗,点击量", "generic"),
        ("日期,账户,推广计划,推广单元,展现,点击,消费,点击率,平均点击价格", "baidu"),
        ("时间,账户,推广计划,推广组,消耗,点击数,点击率,点击价格", "search_cn"),
        ("Created Date,Lead Source,Lead Status,Converted,Amount", "salesforce"),
        ("Email,Phone,Created Date,Lead Source,Lead Status", "crm"),
        ("Date,Sessions,Bounce rate", "site"),
        ("Date,Session source / medium,Sessions,Engaged sessions", "ga4"),
        ("date,channel,spend,swipes,swipe_up_percent", "generic"),
    ],
)
def test_recognised_by_its_own_words(headers: str, key: str) -> None:
    assert recognise([normalise(h) for h in headers.split(",")], [], "export.csv")[0].key == key


def table(lines: str, name: str = "export.csv", **answers: object) -> Read:
    return read_export(lines.encode(), name, answers=answers, hash_key=b"k")


#: Platform → language → headers of day, campaign, currency, spend, impressions, clicks (those it has).
LANGUAGES = {
    "google_ads": {
        "en": "Day|Campaign|Currency code|Cost|Impr.|Clicks",
        "zh": "日期|广告系列|货币代码|费用|展示次数|点击次数",
        "vi": "Ngày|Chiến dịch|Mã đơn vị tiền tệ|Chi phí|Số lượt hiển thị|Lượt nhấp",
        "tr": "Tarih|Kampanya|Para birimi kodu|Maliyet|Gösterimler|Tıklamalar",
        "de": "Tag|Kampagne|Währungscode|Kosten|Impressionen|Klicks",
    },
    "meta_ads": {
        "en": "Day|Campaign name|Currency|Amount spent (EUR)|Impressions|Link clicks",
        "zh": "单日|广告系列名称|货币|已花费金额 (EUR)|展示次数|链接点击量",
        "es": "Día|Nombre de la campaña|Divisa|Importe gastado (EUR)|Impresiones|Clics en el enlace",
        "fr": "Jour|Nom de la campagne|Devise|Montant dépensé (EUR)|Impressions|Clics sur un lien",
        "de": "Tag|Name der Kampagne|Currency|Ausgegebener Betrag (EUR)|Impressionen|Link-Klicks",
    },
    "tiktok_ads": {
        "en": "By Day|Campaign name|Currency|Cost|Impressions|Clicks (destination)",
        "zh": "按天|系列名称|货币|消耗|展示量|点击量（目标页面）",
    },
    "amazon_ads": {
        "en": "Date|Campaign Name|Currency|Spend|Impressions|Clicks|7 Day Total Sales |Cost Per Click (CPC)",
        "zh": "日期|广告活动名称|货币|花费|展示量|点击量|7天总销售额|单次点击成本 (CPC)",
    },
    "oceanengine": {
        "old": "时间|广告组|币种|总花费(元)|展示数|点击数|表单提交|平均点击单价(元)",
        "new": "时间|项目名称|币种|消耗|展示数|点击数|表单提交数|平均点击单价(元)",
    },
}
COMMA = {"de", "fr", "es", "vi", "tr"}


@pytest.mark.parametrize(
    ("key", "language"), [(key, language) for key, those in LANGUAGES.items() for language in those]
)
def test_the_language_of_the_page_changes_nothing(key: str, language: str) -> None:
    headers = LANGUAGES[key][language].split("|")
    cut, money = (";", "1.234,56") if language in COMMA else (",", '"1,234.56"')
    code = "CNY" if key == "oceanengine" else "EUR"
    rows = [
        ["2026-08-13", "A", code, money, "1000", "50", "2", "24.69"],
        ["2026-08-14", "B", code, money.replace("56", "44"), "500", "10", "1", "123.44"],
    ]
    lines = [headers, *(row[: len(headers)] for row in rows)]
    r = table("\n".join(cut.join(line) for line in lines))
    assert (r.platform, r.currency, r.questions) == (key, code, ())
    assert r.rows["spend"].sum() == pytest.approx(2469.0)
    assert (r.rows["impressions"].sum(), r.rows["clicks"].sum()) == (1500, 60)
    assert list(r.rows["campaign"]) == ["A", "B"]
    assert f"{r.day_first}/{r.day_last}" == "2026-08-13/2026-08-14"


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        ("hubspot", "Record ID,Create Date,Original Source,Lifecycle Stage"),
        ("hubspot", "Record ID,创建日期,原始来源,生命周期阶段"),
        ("salesforce", "Lead ID,Created Date,Lead Source,Converted"),
    ],
)
def test_lead_lists_in_two_languages(key: str, headers: str) -> None:
    r = table(f"{headers}\n1,2026-03-01,Google Ads,Lead\n2,2026-03-02,Facebook,Lead\n")
    assert (r.platform, r.kind, len(r.rows)) == (key, "leads", 2)
    assert list(r.rows["channel"]) == ["google_ads", "meta_ads"]


@pytest.mark.parametrize(
    "headers",
    [
        "Date,Session primary channel group (Default channel group),Sessions,Average session duration",
        "日期,会话主要渠道组（默认渠道组）,会话数,每次会话的平均互动时长",
    ],
)
def test_visits_in_two_languages(headers: str) -> None:
    r = table(f"{headers}\n20260301,Direct,10,30\n20260302,Direct,20,15\n")
    assert (r.platform, r.kind) == ("ga4", "site")
    assert (r.rows["sessions"].sum(), r.rows["dwell_seconds"].sum()) == (30, 600)
    assert set(r.rows["platform"]) == {"site"}, "two tools saw the same visits: never added"


SEARCH = "日期,推广计划,推广组,消耗,点击数,点击价格\n2026-03-01,计划一,组1,100.00,50,2.00\n"


@pytest.mark.parametrize(
    ("name", "answers", "key"),
    [
        ("搜狗_0301.csv", {}, "sogou"),
        ("shenma-0301.csv", {}, "shenma"),
        ("360推广.csv", {}, "so360"),
        ("report.csv", {"channel": "神马搜索"}, "shenma"),
        ("report.csv", {"platform": "so360"}, "so360"),
    ],
)
def test_a_shared_wording_takes_its_name_from_elsewhere(name: str, answers: dict[str, str], key: str) -> None:
    r = table(SEARCH, name, **answers)
    assert (r.platform, set(r.rows["platform"]), r.questions) == (key, {key}, ())
    assert r.rows["spend"].sum() == 100.0 and r.currency == "CNY"


def test_a_shared_wording_is_asked_about() -> None:
    assert [q.code for q in table(SEARCH).questions] == ["intake.which_channel"]
    both = table(SEARCH, "搜狗和神马.csv")
    assert [q.code for q in both.questions] == ["intake.which_channel"], "a name of two is no answer"


def test_the_longer_name_of_two_is_meant() -> None:
    assert channel_in_name("巨量千川_0301.xlsx") == "qianchuan"
    assert channel_in_name("巨量引擎_0301.xlsx") == "oceanengine"
    for name, key in {
        "B站": "bilibili",
        "必应": "microsoft_ads",
        "推特": "x_ads",
        "千川": "qianchuan",
    }.items():
        assert channel_key(name) == key
    for name in ("hubspot", "salesforce", "ga4", "search_cn", "generic"):
        assert channel_key(name) == name and name not in {channel_in_name(f"{name}.csv")}, "no channel"


HOURS = "date,campaign_id,impressions,swipes,swipe_up_percent,screen_time_millis,spend\n"


@pytest.mark.parametrize(
    ("cells", "spend"),
    [(("60215", "172732"), 0.232947), (("60215.0", "172732.0"), 0.232947), (("60.50", "172"), 232.5)],
)
def test_a_plain_name_that_hides_micros(cells: tuple[str, str], spend: float) -> None:
    lines = [f"2026-03-0{i + 1},c1,5000,9,0,99,{cell}" for i, cell in enumerate(cells)]
    r = table(HOURS + "\n".join(lines), currency="USD")
    assert r.platform == "snapchat_ads" and r.rows["spend"].sum() == pytest.approx(spend)
    assert ("intake.micros" in {f.code for f in r.findings}) is (spend < 1)


def test_days_in_utc_are_told_once() -> None:
    utc = {key for key, p in platforms().items() if p.timezone == "UTC"}
    assert utc == {"linkedin_ads", "pinterest_ads", "snapchat_ads", "x_ads", "reddit_ads"}
    r = table("Start Date (in UTC),Campaign Name,Currency,Total Spent,Clicks\n2026-03-01,A,USD,5,1\n")
    assert [f.params for f in r.findings if f.code == "intake.utc_days"] == [{"platform": "LinkedIn"}]
    assert not any(f.code == "intake.utc_days" for f in table(SEARCH).findings)


@pytest.mark.parametrize(
    ("lines", "header", "figure"),
    [
        (
            "Date,Event name,Sessions,Engaged sessions\n20260301,click,10,5\n20260301,scroll,10,5\n",
            "Event name",
            "Sessions",
        ),
        (
            "Start Date (in UTC),Campaign Name,Currency,Total Spent,Conversion Name,Conversions\n"
            "2026-03-01,A,USD,50,Form,2\n2026-03-01,A,USD,50,Call,1\n",
            "Conversion Name",
            "Total Spent",
        ),
    ],
)
def test_rows_that_repeat_the_same_figure_are_refused(lines: str, header: str, figure: str) -> None:
    with pytest.raises(ChannelOptError) as error:
        table(lines)
    assert isinstance(error.value, IntakeError) and error.value.code == "intake.repeats"
    assert (error.value.params["header"], error.value.params["figure"]) == (header, figure)
    assert error.value.params["columns"]
    assert table(lines, mapping={header: None}).rows is not None, "the reader may know better"


def test_one_window_of_orders_and_sales() -> None:
    head = "Date,Campaign Name,Currency,Spend,Clicks,sales7d,sales14d,purchases7d,purchases14d"
    r = table(f"{head}\n2026-03-01,A,USD,10,5,80,100,2,3\n")
    assert (r.platform, r.rows["revenue"].sum(), r.rows["customers"].sum()) == ("amazon_ads", 100, 3)
    told = {f.params["field"]: f.params for f in r.findings if f.code == "intake.one_definition"}
    assert told["revenue"] == {"field": "revenue", "used": "sales14d", "others": "sales7d"}
    assert told["customers"]["others"] == "purchases7d"


def test_every_platform_is_one_file_named_after_it() -> None:
    folder = ROOT / "channelopt" / "intake" / "platforms"
    assert {p.stem for p in folder.glob("*.toml")} == set(platforms())
    page = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    for key in platforms():
        assert f"| `{key}` |" in page, f"docs/platforms.md does not list {key}"

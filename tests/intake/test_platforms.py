"""Every platform is recognised by its own words, in every language of its page, and read by its own rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from channelopt import Ledger
from channelopt.errors import ChannelOptError
from channelopt.intake import IntakeError, Read, channel_key, platforms, read_export
from channelopt.intake.names import normalise
from channelopt.intake.platforms import channel_in_name, recognise

ROOT = Path(__file__).resolve().parents[2]
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
        ("日期,账户,消耗,展示数,点击数,点击率", "generic"),  # 巨量引擎 or 360
        ("日期,素材名称,消耗(元),展示次数,点击次数", "generic"),  # 巨量引擎 or 千川
        ("Date,Campaign name,Spend,Impressions,Link clicks", "generic"),  # Meta or X
        ("按天,消耗,展示量,点击量", "tiktok_ads"),
        ("Day,Campaign name,Amount spent (EUR)", "meta_ads"),
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


def in_language(key: str, language: str) -> str:
    """The same two days as the page of a platform writes them in a language."""
    headers = LANGUAGES[key][language].split("|")
    cut, money = (";", "1.234,56") if language in COMMA else (",", '"1,234.56"')
    code = "CNY" if key == "oceanengine" else "EUR"
    rows = [
        ["2026-08-13", "A", code, money, "1000", "50", "2", "24.69"],
        ["2026-08-14", "B", code, money.replace("56", "44"), "500", "10", "1", "123.44"],
    ]
    lines = [headers, *(row[: len(headers)] for row in rows)]
    return "\n".join(cut.join(line) for line in lines)


@pytest.mark.parametrize(
    ("key", "language"), [(key, language) for key, those in LANGUAGES.items() for language in those]
)
def test_the_language_of_the_page_changes_nothing(key: str, language: str) -> None:
    code = "CNY" if key == "oceanengine" else "EUR"
    r = table(in_language(key, language))
    assert (r.platform, r.currency, r.questions) == (key, code, ())
    assert r.rows["spend"].sum() == pytest.approx(2469.0)
    assert (r.rows["impressions"].sum(), r.rows["clicks"].sum()) == (1500, 60)
    assert list(r.rows["campaign"]) == ["A", "B"]
    assert f"{r.day_first}/{r.day_last}" == "2026-08-13/2026-08-14"


@pytest.mark.parametrize("key", LANGUAGES)
def test_exports_in_several_languages_are_one_truth(key: str) -> None:
    ledger = Ledger.open(":memory:")
    ledger.set_rate("EUR", 8.0, by="eve")
    for language in LANGUAGES[key]:
        ledger.commit(table(in_language(key, language), f"{language}.csv"), by="eve")
    assert ledger.daily()["clicks"].sum() == 60


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


@pytest.mark.parametrize(
    ("moments", "days"),
    [
        (("2026-03-01 16:00:00", "2026-03-02 16:00:00"), ("03-02", "03-03")),  # Shanghai
        (("2026-03-07 08:00:00", "2026-03-09 07:00:00"), ("03-07", "03-09")),  # Los Angeles, summer time
        (("2026-03-01", "2026-03-02"), ("03-01", "03-02")),
        (("2026-03-01 09:00:00", "2026-03-01 18:00:00"), ("03-01", "03-01")),  # hours, no midnights
    ],
)
def test_a_midnight_written_in_utc_is_the_day_of_the_account(
    moments: tuple[str, str], days: tuple[str, str]
) -> None:
    head = "date,campaign_id,billed_charge_local_micro,url_clicks,clicks,impressions\n"
    r = table(head + "".join(f"{m},c1,5000000,9,10,500\n" for m in moments), currency="USD")
    assert (r.platform, r.rows["spend"].sum()) == ("x_ads", 10.0)
    assert tuple(r.rows["day"].dt.strftime("%m-%d")) == days


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


def test_one_header_does_not_make_another_shape() -> None:
    r = table("date,campaign_id,impressions,swipes,spend\n2026-03-01,c1,5000,40,60\n", currency="USD")
    assert (r.platform, r.rows["spend"].sum()) == ("snapchat_ads", 60.0)


def test_micros_in_half_a_shape_are_asked_about() -> None:
    text = "date,campaign_id,impressions,swipes,spend\n2026-03-01,c1,250,0,60215\n"
    assert [q.code for q in table(text, currency="USD").questions] == ["intake.odd_view_price"]
    micros = table(text, currency="USD", mapping={"spend": "spend_micros"})
    assert micros.rows["spend"].sum() == 0.060215 and not micros.questions
    plain = table(text, currency="USD", mapping={"spend": "spend"})
    assert plain.rows["spend"].sum() == 60215 and not plain.questions
    assert not table(text, currency="VND").questions


def test_days_in_utc_are_told_once() -> None:
    utc = {key for key, p in platforms().items() if p.timezone == "UTC"}
    assert utc == {"linkedin_ads", "pinterest_ads", "snapchat_ads", "reddit_ads"}
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

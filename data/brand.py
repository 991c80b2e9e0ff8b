"""The demo brand as a model: seven channels, their days, leads and orders, and the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Chosen among forty so that chance spoils no part of the story (every channel within one
#: standard error of its truth); a test of intervals needs many seeds, not this one.
SEED = 20260932
BRAND = "Lumière Clinic / 澜悦医美"
FIRST, LAST = pd.Timestamp("2026-03-01"), pd.Timestamp("2026-08-31")
EXPORTED = pd.Timestamp("2026-09-01 08:00")
DAYS = pd.date_range(FIRST, LAST, freq="D")
MONTHS = pd.date_range(FIRST, LAST, freq="MS")

#: Days from a lead to its order: log-normal.
DELAY_MEDIAN, DELAY_LOG_SD = 14.0, 0.8
#: Spread of order values within a channel: log-normal.
ORDER_LOG_SD = 0.8
#: Coefficients of variation of one day: spend, clicks per yuan, leads per click.
SPEND_CV, CLICK_CV, LEAD_CV = 0.20, 0.08, 0.15

#: Costs beside the media spend, per month: (channel or "" for all, what, yuan, kind).
MONTHLY_FEES = (
    ("offline", "Field agency fee / 地推代理服务费", 12_000.0, "fee"),
    ("", "CRM and call tracking / CRM 与通话追踪工具", 3_600.0, "tool"),
)


@dataclass(frozen=True)
class Campaign:
    """One campaign: its share of the channel's spend, and its return beside the channel's."""

    name: str
    share: float
    lift: float = 1.0


@dataclass(frozen=True)
class Channel:
    """One channel as it truly is.

    Attributes:
        key: platform key of the ledger.
        crm: the name the CRM and the site analytics use.
        roi: expected revenue of all eventual orders / media spend.
        order: mean order value, CNY.
        monthly: media spend per month, thousand CNY.
        cpc, ctr, cpl: price of a click, clicks / impressions, price of a CRM lead.
        valid, visit: share of leads the CRM keeps; share of leads that come to the clinic
            without buying (buyers come too).
        bounce, dwell: of the site visits; seconds per visit.
        claimed: leads the platform reports for each lead the CRM knows.
        weekend: spend of a Saturday or Sunday beside a weekday.
        drift: growth of the click price from the first to the last day.
        verdicts: what a sound diagnosis may say.
    """

    key: str
    crm: str
    roi: float
    order: float
    monthly: tuple[float, ...]
    cpc: float
    ctr: float
    cpl: float
    campaigns: tuple[Campaign, ...]
    verdicts: tuple[str, ...]
    valid: float = 0.8
    visit: float = 0.12
    bounce: float = 0.45
    dwell: float = 75.0
    claimed: float = 1.08
    weekend: float = 1.0
    drift: float = 0.06


CHANNELS = (
    Channel(
        "offline",
        "地推",
        2.50,
        6600,
        (510, 390, 300, 220, 160, 120),
        14.0,
        0.035,
        215,
        (
            Campaign("商圈快闪-恒悦广场", 0.4, 1.05),
            Campaign("写字楼地推-云锦中心", 0.35),
            Campaign("社区义诊-澜湾", 0.25, 0.92),
        ),
        ("keep", "test"),
        valid=0.72,
        visit=0.14,
        claimed=1.25,
        weekend=1.5,
        drift=0.0,
    ),
    Channel(
        "baidu",
        "百度",
        2.85,
        6800,
        (24, 36, 52, 66, 76, 84),
        6.4,
        0.042,
        250,
        (
            Campaign("品牌词-澜悦", 0.3, 1.3),
            Campaign("项目词-眼部", 0.4),
            Campaign("通用词-皮肤管理", 0.3, 0.7),
        ),
        ("keep",),
        valid=0.82,
        bounce=0.41,
        dwell=96,
        weekend=0.8,
        drift=0.10,
    ),
    Channel(
        "oceanengine",
        "抖音",
        3.05,
        5200,
        (20, 36, 64, 88, 108, 120),
        2.9,
        0.021,
        150,
        (
            Campaign("线索-轻医美体验", 0.45, 1.1),
            Campaign("线索-医生科普", 0.35, 1.05),
            Campaign("直播预约-周末场", 0.2, 0.69),
        ),
        ("keep",),
        valid=0.7,
        bounce=0.52,
        dwell=48,
        weekend=1.25,
        claimed=1.15,
    ),
    Channel(
        "xiaohongshu",
        "小红书",
        3.85,
        5600,
        (12, 24, 44, 62, 78, 88),
        2.6,
        0.034,
        168,
        (Campaign("种草笔记-光子嫩肤", 0.5, 1.1), Campaign("搜索拦截-医美攻略", 0.5, 0.9)),
        ("keep",),
        valid=0.86,
        visit=0.16,
        bounce=0.38,
        dwell=112,
        weekend=1.2,
    ),
    Channel(
        "tencent_ads",
        "视频号",
        2.15,
        4300,
        (10, 24, 40, 48, 56, 62),
        3.1,
        0.016,
        165,
        (Campaign("视频号-表单-抗衰", 0.6), Campaign("视频号-私域加粉", 0.4)),
        ("test",),
        valid=0.74,
        bounce=0.5,
        dwell=55,
        weekend=1.1,
    ),
    Channel(
        "google_ads",
        "Google",
        0.80,
        4800,
        (6, 18, 32, 46, 58, 66),
        4.8,
        0.05,
        72,
        (
            Campaign("Search - Brand (EN)", 0.35, 1.3),
            Campaign("Search - Skin clinic", 0.4, 0.9),
            Campaign("Display - Expats", 0.25, 0.74),
        ),
        ("drop",),
        valid=0.46,
        visit=0.05,
        bounce=0.56,
        dwell=44,
        weekend=0.9,
        claimed=1.3,
    ),
    Channel(
        "meta_ads",
        "Facebook",
        0.75,
        3400,
        (4, 12, 22, 32, 40, 44),
        0.95,
        0.028,
        158,
        (Campaign("Reach - Summer glow", 0.55, 0.9), Campaign("Leads - Instant form", 0.45, 1.12)),
        ("drop",),
        valid=0.55,
        visit=0.06,
        bounce=0.79,
        dwell=11,
        weekend=1.1,
        claimed=1.4,
    ),
)


@dataclass(frozen=True)
class Brand:
    """What happened in the six months.

    Attributes:
        days: one row per day, channel and campaign: spend, impressions, clicks, claimed
            (leads the platform reports), starts, expected (revenue to be expected of it).
        leads: one row per CRM lead, as known at ``EXPORTED``.
        site: one row per day and channel: sessions, bounces, dwell_seconds.
    """

    days: pd.DataFrame
    leads: pd.DataFrame
    site: pd.DataFrame


def noise(rng: np.random.Generator, cv: float, size: int) -> np.ndarray:
    """Log-normal factors with mean 1."""
    log_sd = np.sqrt(np.log1p(cv * cv))
    return rng.lognormal(-log_sd * log_sd / 2, log_sd, size)


def budget(channel: Channel, rng: np.random.Generator) -> np.ndarray:
    """Spend per day: the month's budget, straight lines between mid-months, weekday, noise."""
    at = [(m - FIRST).days + m.days_in_month / 2 for m in MONTHS]
    per_day = [1000 * k / m.days_in_month for k, m in zip(channel.monthly, MONTHS, strict=True)]
    level = np.interp(np.arange(len(DAYS)), at, per_day)
    weekday = np.where(DAYS.dayofweek >= 5, channel.weekend, 1.0)
    return level * weekday / weekday.mean() * noise(rng, SPEND_CV, len(DAYS))


def campaign_days(channel: Channel, rng: np.random.Generator) -> pd.DataFrame:
    """Spend, impressions, clicks and platform leads of one channel, per day and campaign."""
    total, day_effect = budget(channel, rng), noise(rng, LEAD_CV, len(DAYS))
    price = channel.cpc * (1 + channel.drift * np.arange(len(DAYS)) / len(DAYS))
    parts = []
    for number, campaign in enumerate(channel.campaigns):
        spend = np.round(total * campaign.share * noise(rng, 0.1, len(DAYS)), 2)
        clicks = np.round(spend / price * noise(rng, CLICK_CV, len(DAYS))).astype(int)
        impressions = np.round(clicks / channel.ctr * noise(rng, 0.1, len(DAYS))).astype(int)
        leads = rng.poisson(clicks * price / channel.cpl * day_effect)
        claimed = rng.binomial(2 * leads, channel.claimed / 2)
        starts = claimed + rng.poisson(1.6 * claimed)
        parts.append(
            pd.DataFrame(
                {
                    "day": DAYS,
                    "channel": channel.key,
                    "campaign": campaign.name,
                    "campaign_no": number,
                    "lift": campaign.lift,
                    "spend": spend,
                    "impressions": impressions,
                    "clicks": clicks,
                    "leads": leads,
                    "claimed": claimed,
                    "starts": starts,
                    "expected": spend * channel.roi * campaign.lift,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def moments(rng: np.random.Generator, size: int, first: int, last: int) -> pd.TimedeltaIndex:
    """Times of day between two hours."""
    return pd.to_timedelta(rng.integers(first * 3600, last * 3600, size), unit="s")


def channel_leads(channel: Channel, days: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The CRM's leads of one channel with all that becomes of them, seen from no date."""
    rows = days.loc[days.index.repeat(days["leads"])].reset_index(drop=True)
    n = len(rows)
    created = rows["day"] + moments(rng, n, 9, 23)
    buys = rng.random(n) < channel.roi * channel.cpl / channel.order * rows["lift"]
    visits = buys | (rng.random(n) < channel.visit)
    valid = visits | (rng.random(n) < (channel.valid - channel.visit) / (1 - channel.visit))
    delay = DELAY_MEDIAN * np.exp(rng.normal(0, DELAY_LOG_SD, n))
    bought = (created + pd.to_timedelta(delay, unit="D")).dt.normalize() + moments(rng, n, 12, 20)
    bought = bought.where(bought > created, created + pd.Timedelta(hours=1))
    came = created + (bought - created) * rng.uniform(0.3, 0.9, n)
    came = came.dt.normalize() + moments(rng, n, 9, 12)
    came = came.where((came > created) & (came < bought), bought)  # came and bought at once
    value = rng.lognormal(np.log(channel.order) - ORDER_LOG_SD**2 / 2, ORDER_LOG_SD, n)
    interest = np.where(visits, 2.2, np.where(valid, 1.0, 0.5))
    return pd.DataFrame(
        {
            "created": created,
            "channel": channel.key,
            "crm": channel.crm,
            "valid": valid,
            "came": came.where(visits),
            "bought": bought.where(buys),
            "value": np.round(pd.Series(value).where(buys), 0),
            "pages": 1 + rng.poisson(2.2 * interest),
            "dwell": np.round(channel.dwell * interest * noise(rng, 0.7, n)).astype(int) + 3,
        }
    )


def seen(leads: pd.DataFrame) -> pd.DataFrame:
    """The leads as the CRM knows them at ``EXPORTED``: what lies after it is not there yet."""
    known = leads.sort_values(["created", "channel"], kind="stable").reset_index(drop=True)
    known["created"] = known["created"].dt.floor("s")
    for name in ("came", "bought"):
        known[name] = known[name].dt.floor("s").where(known[name] < EXPORTED)
    known["value"] = known["value"].where(known["bought"].notna())
    fresh = known["created"] > EXPORTED - pd.Timedelta(days=3)
    status = np.where(fresh, "新线索", "跟进中").astype(object)
    status[~known["valid"].to_numpy()] = "无效"
    status[known["came"].notna().to_numpy()] = "已到院"
    status[known["bought"].notna().to_numpy()] = "已成交"
    return known.assign(status=status)


def site_days(channel: Channel, days: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Visits of one channel per day: how many came, left at once, and how long they stayed."""
    clicks = days.groupby("day", sort=True)["clicks"].sum().to_numpy()
    sessions = rng.binomial(clicks, 0.88)
    bounces = rng.binomial(sessions, channel.bounce)
    dwell = np.round(sessions * channel.dwell * noise(rng, 0.12, len(DAYS))).astype(int)
    return pd.DataFrame(
        {"day": DAYS, "channel": channel.crm, "sessions": sessions, "bounces": bounces, "dwell": dwell}
    )


def simulate(seed: int = SEED) -> Brand:
    """Six months of the demo brand; every channel has its own random stream."""
    days, leads, site = [], [], []
    for number, channel in enumerate(CHANNELS):
        rng = np.random.default_rng([seed, number])
        days.append(campaign_days(channel, rng))
        leads.append(channel_leads(channel, days[-1], rng))
        if channel.key != "offline":
            site.append(site_days(channel, days[-1], rng))
    return Brand(
        pd.concat(days, ignore_index=True),
        seen(pd.concat(leads, ignore_index=True)),
        pd.concat(site, ignore_index=True).sort_values(["day", "channel"], kind="stable"),
    )


def fees() -> pd.DataFrame:
    """The costs beside the media spend: month, channel, what, amount, kind."""
    names = ["month", "channel", "what", "amount", "kind"]
    return pd.DataFrame([(m, *fee) for m in MONTHS for fee in MONTHLY_FEES], columns=names)


def full_cost(days: pd.DataFrame) -> pd.DataFrame:
    """Cost per month and channel: spend, own fees, and a share of the common ones by spend."""
    spend = days.pivot_table(index=days["day"].dt.month, columns="channel", values="spend", aggfunc="sum")
    cost = spend.copy()
    for month, channel, _, amount, _ in fees().itertuples(index=False):
        if channel:
            cost.loc[month.month, channel] += amount
        else:
            cost.loc[month.month] += amount * spend.loc[month.month] / spend.loc[month.month].sum()
    return cost


def truth(brand: Brand, days: pd.DataFrame) -> dict[str, object]:
    """What a perfect reader of the exports would find. ``days`` are the figures of record."""
    cost, counts = full_cost(days), brand.leads.groupby("channel")
    channels = {}
    for channel in CHANNELS:
        rows = days[days["channel"] == channel.key]
        offline = channel.key == "offline"
        channels[channel.key] = {
            "roi": round(rows["expected"].sum() / cost[channel.key].sum(), 4),
            "roi_on_spend": round(rows["expected"].sum() / rows["spend"].sum(), 4),
            "verdicts": list(channel.verdicts),
            "spend": round(rows["spend"].sum(), 2),
            "cost": round(cost[channel.key].sum(), 2),
            "impressions": None if offline else int(rows["impressions"].sum()),
            "clicks": None if offline else int(rows["clicks"].sum()),
            "leads": int(counts.size()[channel.key]),
            "valid_leads": int(counts["valid"].sum()[channel.key]),
            "qualified_leads": int(counts["came"].count()[channel.key]),
            "customers": int(counts["bought"].count()[channel.key]),
            "revenue": round(float(counts["value"].sum()[channel.key]), 2),
            "bounce_rate": None if offline else channel.bounce,
        }
    share = cost.div(cost.sum(axis=1), axis=0)["offline"].round(4)
    return {
        "brand": BRAND,
        "invented": True,
        "seed": SEED,
        "currency": "CNY",
        "first_day": f"{FIRST:%Y-%m-%d}",
        "last_day": f"{LAST:%Y-%m-%d}",
        "exported_at": f"{EXPORTED}",
        "delay": {"distribution": "log-normal", "median_days": DELAY_MEDIAN, "log_sd": DELAY_LOG_SD},
        "offline_cost_share_by_month": {f"2026-{m:02d}": float(s) for m, s in share.items()},
        "channels": channels,
    }

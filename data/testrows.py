"""The demo brand's test rows: visitors of three hooks, and 20 cities, in half of them one channel doubled."""

from __future__ import annotations

import numpy as np
import pandas as pd
from brand import DAYS, SEED, noise

HOOK_TEST = "Page hook / 面诊页钩子"
HOOK_FIRST, HOOK_DAYS, VISITORS = pd.Timestamp("2026-07-20"), 28, 11_200
#: Chosen among twenty so that the winner is not found by luck on the first look; see ``brand.SEED``.
HOOK_STREAM = 119
#: Share of visitors who leave their number, by hook; the first is the page as it was.
HOOKS = {"原版 Original": 0.085, "免费面诊 Free consult": 0.085 * 1.35, "体验套餐 Trial offer": 0.085}
#: Devices: share of the visitors, and their rate beside the average.
DEVICES = {"手机": (0.78, 0.95), "电脑": (0.22, 1.177)}
HOOK_HEADER = ["访客ID", "日期", "实验名称", "版本", "设备", "历史访问次数", "是否留资"]

CITY_CHANNEL = "oceanengine"
CITY_FIRST, CITY_DAYS = pd.Timestamp("2026-08-03"), 28
#: The drawn cities spend that much more, and get that many more leads (of all channels) for it.
CITY_CHANGE, CITY_LIFT = 1.0, 0.25
#: Share of the channel's spend that goes to the cities; leads a day of all of them; revenue of a lead.
CITY_SHARE, CITY_LEADS, CITY_VALUE = 0.5, 64.0, 420.0
CITIES = (
    "苏州 Suzhou", "无锡 Wuxi", "常州 Changzhou", "南通 Nantong", "嘉兴 Jiaxing", "湖州 Huzhou",
    "绍兴 Shaoxing", "宁波 Ningbo", "台州 Taizhou", "温州 Wenzhou", "金华 Jinhua", "杭州 Hangzhou",
    "南京 Nanjing", "扬州 Yangzhou", "镇江 Zhenjiang", "徐州 Xuzhou", "盐城 Yancheng", "芜湖 Wuhu",
    "合肥 Hefei", "舟山 Zhoushan",
)  # fmt: skip
#: What ``plan_regions`` draws from the days before the test; a test holds them against it.
TREATED = (
    "南京 Nanjing", "台州 Taizhou", "合肥 Hefei", "宁波 Ningbo", "无锡 Wuxi", "湖州 Huzhou", "盐城 Yancheng",
    "绍兴 Shaoxing", "金华 Jinhua", "镇江 Zhenjiang",
)  # fmt: skip
CITY_HEADER = ["日期", "城市", "消费", "留资数", "成交金额"]


def landing_page_test() -> list[list[object]]:
    """One row per visitor, header first, by day: who saw which hook, and who left a number."""
    rng = np.random.default_rng([SEED, HOOK_STREAM])
    day = np.sort(rng.integers(0, HOOK_DAYS, VISITORS))
    hook = rng.integers(0, len(HOOKS), VISITORS)
    device = (rng.random(VISITORS) < DEVICES["电脑"][0]).astype(int)
    before = rng.poisson(0.5, VISITORS)
    factor = np.array([rate for _, rate in DEVICES.values()])[device] * (0.6 + 0.8 * before)
    left = rng.random(VISITORS) < np.array(list(HOOKS.values()))[hook] * factor
    person = rng.permutation(VISITORS) + 1
    names, devices = list(HOOKS), list(DEVICES)
    dates = pd.date_range(HOOK_FIRST, periods=HOOK_DAYS).strftime("%Y-%m-%d")
    return [list(HOOK_HEADER)] + [
        [f"P{p:05d}", dates[d], HOOK_TEST, names[h], devices[e], b, "是" if won else "否"]
        for p, d, h, e, b, won in zip(person, day, hook, device, before, left, strict=True)
    ]


def city_history(days: pd.DataFrame) -> list[list[object]]:
    """One row per day and city, header first: spend on one channel, leads and revenue of all channels.

    Args:
        days: the brand's days; the cities get a share of what the channel spent.
    """
    rng = np.random.default_rng([SEED, 108])
    own = days[days["channel"] == CITY_CHANNEL].groupby("day")["spend"].sum().reindex(DAYS)
    size = np.exp(rng.normal(0.0, 0.45, len(CITIES)))
    size /= size.sum()
    weekday = np.where(DAYS.dayofweek >= 5, 1.15, 1.0)
    common = weekday * noise(rng, 0.08, len(DAYS)) * np.linspace(0.92, 1.08, len(DAYS))
    spend = CITY_SHARE * own.to_numpy()[:, None] * size * np.stack(
        [noise(rng, 0.06, len(DAYS)) for _ in CITIES], axis=1
    )  # fmt: skip
    expected = CITY_LEADS * common[:, None] * size
    since = (DAYS - CITY_FIRST).days.to_numpy()
    on = (since >= 0) & (since < CITY_DAYS)
    changed = on[:, None] & np.isin(CITIES, TREATED)
    leads = rng.poisson(expected)
    leads = leads + rng.poisson(np.where(changed, CITY_LIFT * expected, 0.0))
    spend = np.where(changed, (1 + CITY_CHANGE) * spend, spend)
    orders = rng.binomial(leads, 0.08)
    value = orders * CITY_VALUE / 0.08 * noise(rng, 0.4, orders.size).reshape(orders.shape)
    return [list(CITY_HEADER)] + [
        [f"{day:%Y-%m-%d}", city, f"{spend[i, k]:.2f}", leads[i, k], f"{value[i, k]:.0f}"]
        for i, day in enumerate(DAYS)
        for k, city in enumerate(CITIES)
    ]


def tests_truth() -> dict[str, object]:
    """What a perfect reader of the test rows would find."""
    base = next(iter(HOOKS.values()))
    return {
        "landing_page_test": {
            "experiment": HOOK_TEST,
            "first_day": f"{HOOK_FIRST:%Y-%m-%d}",
            "days": HOOK_DAYS,
            "visitors": VISITORS,
            "lift": {name: round(rate / base - 1, 4) for name, rate in HOOKS.items()},
        },
        "city_history": {
            "channel": CITY_CHANNEL,
            "first_day": f"{CITY_FIRST:%Y-%m-%d}",
            "days": CITY_DAYS,
            "treated": sorted(TREATED),
            "change": CITY_CHANGE,
            "lift_leads": CITY_LIFT,
        },
    }

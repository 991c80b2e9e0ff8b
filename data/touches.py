"""The demo brand's touch log: visits before a form, of the half of all visitors who agreed to be followed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from brand import CHANNELS, EXPORTED, SEED

#: The site has counted single visitors since then.
SINCE = pd.Timestamp("2026-06-01")
#: Share of the people with a form who agreed to be followed, and visitors without a form for each of them.
AGREED, OTHERS = 0.5, 3.0
#: Chance that a form was preceded by visits on other channels, and on which.
EARLIER: dict[str, tuple[float, dict[str, float]]] = {
    "baidu": (0.60, {"xiaohongshu": 0.45, "oceanengine": 0.30, "tencent_ads": 0.25}),
    "oceanengine": (0.20, {"xiaohongshu": 0.50, "tencent_ads": 0.50}),
    "xiaohongshu": (0.22, {"oceanengine": 0.70, "tencent_ads": 0.30}),
    "tencent_ads": (0.20, {"oceanengine": 0.60, "xiaohongshu": 0.40}),
    "google_ads": (0.25, {"meta_ads": 0.60, "xiaohongshu": 0.40}),
    "meta_ads": (0.08, {"google_ads": 0.50, "xiaohongshu": 0.50}),
}
HEADER = ["访客ID", "访问时间", "渠道", "事件", "停留时长"]


def touch_log(leads: pd.DataFrame, visits: pd.DataFrame) -> list[list[object]]:
    """Rows of the log, header first, in time order.

    Args:
        leads: the CRM's leads (created, channel).
        visits: site visits per day and channel (channel by its CRM name, sessions).
    """
    rng = np.random.default_rng([SEED, 106])
    names = {c.key: c.crm for c in CHANNELS}
    dwell = {c.key: c.dwell for c in CHANNELS}
    followed = leads[(leads["created"] >= SINCE) & leads["channel"].isin(list(EARLIER))]
    followed = followed[rng.random(len(followed)) < AGREED]
    rows: list[tuple[int, pd.Timestamp, str, str]] = []
    person = 0
    for created, channel in zip(followed["created"], followed["channel"], strict=True):
        person += 1
        rows += [(person, at, where, "访问") for at, where in _before(rng, created, channel)]
        rows.append((person, created - pd.Timedelta(minutes=int(rng.integers(1, 9))), channel, "访问"))
        rows.append((person, created, channel, "提交表单"))
    share = visits[visits["day"] >= SINCE].groupby("channel")["sessions"].sum()
    keys = {name: key for key, name in names.items()}
    where = [keys[name] for name in share.index]
    for _ in range(int(OTHERS * len(followed))):
        person += 1
        start = SINCE + pd.Timedelta(seconds=int(rng.integers(0, int((EXPORTED - SINCE).total_seconds()))))
        channel = str(rng.choice(where, p=(share / share.sum()).to_numpy()))
        rows.append((person, start, channel, "访问"))
        rows += [(person, at, c, "访问") for at, c in _before(rng, start, channel)]
    shuffled = rng.permutation(person) + 1
    rows = sorted(((int(shuffled[p - 1]), at, c, e) for p, at, c, e in rows), key=lambda r: (r[1], r[0]))
    stay = rng.lognormal(-0.3, 0.8, len(rows))
    return [list(HEADER)] + [
        [f"V{p:06d}", f"{at:%Y-%m-%d %H:%M:%S}", names[c], e, 3 + int(s * dwell[c])]
        for (p, at, c, e), s in zip(rows, stay, strict=True)
        if at >= SINCE
    ]


def _before(rng: np.random.Generator, end: pd.Timestamp, channel: str) -> list[tuple[pd.Timestamp, str]]:
    """Visits on other channels in the weeks before ``end``."""
    chance, shares = EARLIER[channel]
    if rng.random() >= chance:
        return []
    count = 1 + int(rng.geometric(0.65) > 1)
    picked = rng.choice(list(shares), size=count, p=list(shares.values()))
    days = rng.exponential(5.0, count) + 0.2
    return [(end - pd.Timedelta(seconds=int(d * 86400)), str(c)) for d, c in zip(days, picked, strict=True)]

"""Measure the traffic detectors: how often clean noisy channels are accused, how often a fault is found.

Run ``python benchmarks/quality.py [--worlds N] [--seed S]``. Prints two tables and writes
``benchmarks/out/quality.json``. A clean world is 10 channels that differ by nature (price, conversion, dwell,
arrivals) over 90 days; spend, price, conversion, bounces, dwell and arrivals each vary by their own daily
factor of CV 30% with autocorrelation 0.5, on top of a weekday pattern. A faulty world is a clean one
with one fault planted in one channel.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.measure.quality import Traffic, traffic_quality  # noqa: E402
from channelopt.policy import Policy  # noqa: E402

CHANNELS, DAYS = 10, 90
START = pd.Timestamp("2026-01-05")
WEEKDAYS = np.array([1.05, 1.1, 1.1, 1.05, 1.0, 0.85, 0.8])
World = dict[str, np.ndarray]


def factors(rng: np.random.Generator, cv: float, phi: float, shape: tuple[int, int]) -> np.ndarray:
    """Log-normal day factors with mean 1, AR(1) on the log scale."""
    sd, noise = np.sqrt(np.log1p(cv**2)), rng.normal(0, 1, shape)
    level = noise.copy()
    for at in range(1, shape[1]):
        level[:, at] = phi * level[:, at - 1] + np.sqrt(1 - phi**2) * noise[:, at]
    return np.asarray(np.exp(sd * level - sd**2 / 2))


def rates(rng: np.random.Generator, cv: float = 0.3, phi: float = 0.5) -> World:
    """What a day of a clean world is drawn from, (channels, days) each."""
    shape = (CHANNELS, DAYS)
    week = np.resize(WEEKDAYS, DAYS)

    def nature(sd: float) -> np.ndarray:
        return np.asarray(rng.lognormal(0, sd, (CHANNELS, 1)))

    def noise(part: float = 1.0) -> np.ndarray:
        return factors(rng, part * cv, phi, shape)

    return {
        "spend": 2000 * nature(0.6) * week * noise(),
        "cpc": 3 * nature(0.5) * np.resize(WEEKDAYS[::-1], DAYS) * noise(),
        "arrive": np.clip(rng.uniform(0.78, 0.95, (CHANNELS, 1)) * noise(0.3), 0.05, 1.0),
        "bounce": np.clip(rng.uniform(0.35, 0.62, (CHANNELS, 1)) * noise(0.5), 0.01, 0.97),
        "dwell": 60 * nature(0.35) * noise(),
        "open": np.clip(0.09 * nature(0.3) * noise(), 0, 0.5),
        "send": np.clip(0.35 * nature(0.2) * noise(0.6), 0, 0.95),
        "valid": np.clip(rng.uniform(0.78, 0.9, (CHANNELS, 1)) * noise(0.3), 0, 1.0),
        "more_clicks": np.ones(shape), "claimed": np.full(shape, 1.1), "lost": np.zeros(shape),
    }  # fmt: skip


def drawn(rng: np.random.Generator, world: World) -> pd.DataFrame:
    """A daily table of counts."""
    clicks = rng.poisson(world["spend"] / world["cpc"] * world["more_clicks"])
    sessions = rng.binomial(clicks, world["arrive"])
    opened = rng.binomial(sessions, world["open"])
    leads = rng.binomial(opened, world["send"])
    table = {
        "spend": world["spend"], "clicks": clicks, "impressions": 50 * clicks, "sessions": sessions,
        "bounces": rng.binomial(sessions, world["bounce"]), "dwell_seconds": sessions * world["dwell"],
        "form_starts": opened, "leads": leads, "platform_leads": rng.poisson(leads * world["claimed"]),
        "valid_leads": rng.binomial(leads, world["valid"]),
    }  # fmt: skip
    return pd.DataFrame(
        {
            "day": np.tile(pd.date_range(START, periods=DAYS), CHANNELS),
            "channel": np.repeat([f"c{i}" for i in range(CHANNELS)], DAYS),
            **{name: values.ravel().astype("float64") for name, values in table.items()},
        }
    )


def planted(name: str, factor: float, first: int = 0, last: int = DAYS) -> Callable[[World], None]:
    """Multiply one rate of the first channel by a factor on some days."""

    def plant(world: World) -> None:
        world[name][0, first:last] *= factor

    return plant


def fixed(name: str, level: float) -> Callable[[World], None]:
    """Put one rate of the first channel around a level."""

    def plant(world: World) -> None:
        world[name][0] *= level / world[name][0].mean()
        world[name][0] = np.clip(world[name][0], 0, 0.99 if name != "dwell" else None)

    return plant


#: fault → (how it is planted, codes that find it)
FAULTS: dict[str, tuple[Callable[[World], None], tuple[str, ...]]] = {
    "bounce share 85%": (fixed("bounce", 0.85), ("bounces",)),
    "dwell 5 s": (fixed("dwell", 5.0), ("short_dwell",)),
    "40% of clicks arrive": (fixed("arrive", 0.40), ("arrivals",)),
    "forms sent at a tenth": (planted("send", 0.1), ("form_drops",)),
    "platform counts twice the leads": (planted("claimed", 2.0), ("lost_leads",)),
    "half of the leads rejected": (fixed("valid", 0.5), ("rejected_leads",)),
    "clicks 35% cheaper, last 28 days": (planted("cpc", 0.65, DAYS - 28), ("cheap_clicks_history",)),
    "clicks 35% cheaper, last 42 days": (
        planted("cpc", 0.65, DAYS - 42),
        ("cheap_clicks_history", "jump_cpc_down"),
    ),
    "clicks 35% below the market": (planted("cpc", 0.65), ("cheap_clicks",)),
    "spend doubled for 7 days": (planted("spend", 2.0, 50, 57), ("jump_spend_up",)),
    "spend tripled for 7 days": (planted("spend", 3.0, 50, 57), ("jump_spend_up",)),
    "spend doubled for 28 days": (planted("spend", 2.0, 50, 78), ("jump_spend_up",)),
    "clicks tripled for 7 days": (planted("more_clicks", 3.0, 50, 57), ("jump_clicks_up", "jump_cpc_down")),
    "leads at a tenth for 7 days": (planted("send", 0.1, 50, 57), ("jump_leads_down", "jump_cvr_down")),
}
LEVELS = (
    "bounces", "short_dwell", "arrivals", "form_drops", "lost_leads", "rejected_leads",
    "cheap_clicks_history", "cheap_clicks_others", "jump",
)  # fmt: skip


def codes(traffic: Traffic, channel: str | None = None) -> list[str]:
    """Codes of the findings, without their package."""
    return [d.finding.code.removeprefix("measure.") for d in traffic.doubts if channel in (None, d.channel)]


def clean(worlds: int, seed: int) -> pd.DataFrame:
    """How often anything is said where nothing is wrong."""
    rows = []
    for cv, phi in ((0.1, 0.5), (0.3, 0.0), (0.3, 0.5), (0.3, 0.7)):
        rng = np.random.default_rng([seed, int(100 * cv), int(10 * phi)])
        hits = dict.fromkeys((*LEVELS, "market", "any_of_ten"), 0)
        channels = dict.fromkeys(LEVELS, 0)
        for _ in range(worlds):
            world = rates(rng, cv, phi)
            reference = {f"c{i}": float(p) for i, p in enumerate(_usual(world))}
            daily = drawn(rng, world)
            said = codes(traffic_quality(daily))
            market = codes(traffic_quality(daily, Policy(market_cpc=reference)))
            for name in LEVELS:
                mine = sum(code == name or (name == "jump" and code.startswith("jump_")) for code in said)
                hits[name] += bool(mine)
                channels[name] += mine
            hits["market"] += market.count("cheap_clicks")
            hits["any_of_ten"] += bool(said)
        row = {"cv": cv, "autocorr": phi, "any finding": hits["any_of_ten"] / worlds}
        row |= {f"{name}": hits[name] / worlds for name in LEVELS}
        row["history, per channel"] = channels["cheap_clicks_history"] / worlds / CHANNELS
        row["market, per channel"] = hits["market"] / worlds / CHANNELS
        rows.append(row)
    return pd.DataFrame(rows).round(4)


def _usual(world: World) -> np.ndarray:
    """The price a channel has in the long run: the reference of a market it is exactly at."""
    money = world["spend"].sum(axis=1)
    return np.asarray(money / (world["spend"] / world["cpc"]).sum(axis=1))


def power(worlds: int, seed: int) -> pd.DataFrame:
    """How often a planted fault is found in its channel, and another channel accused beside it."""
    rows = []
    for at, (fault, (plant, wanted)) in enumerate(FAULTS.items()):
        row: dict[str, object] = {"fault": fault}
        for cv in (0.15, 0.3):
            rng = np.random.default_rng([seed, 7, at, int(100 * cv)])
            found = other = 0
            for _ in range(worlds):
                world = rates(rng, cv)
                reference = {"c0": float(_usual(world)[0])} if "market" in fault else None
                plant(world)
                traffic = traffic_quality(drawn(rng, world), Policy(market_cpc=reference))
                found += any(code in wanted for code in codes(traffic, "c0"))
                other += any(d.channel != "c0" for d in traffic.doubts)
            row |= {f"found, cv {cv:.0%}": found / worlds, f"others accused, cv {cv:.0%}": other / worlds}
        rows.append(row)
    return pd.DataFrame(rows).round(3)


def cost(channels: int = 500, days: int = 365) -> float:
    """CPU seconds of one large account."""
    rng = np.random.default_rng(1)
    clicks = rng.poisson(300, channels * days).astype("float64")
    frame = pd.DataFrame(
        {
            "day": np.tile(pd.date_range(START, periods=days), channels),
            "channel": np.repeat([f"c{i}" for i in range(channels)], days),
            "spend": clicks * 3.0 * rng.lognormal(0, 0.3, len(clicks)),
            "clicks": clicks, "sessions": 0.9 * clicks, "bounces": 0.4 * clicks,
            "dwell_seconds": 50 * clicks, "form_starts": 0.1 * clicks, "leads": 0.03 * clicks,
            "platform_leads": 0.03 * clicks, "valid_leads": 0.02 * clicks,
        }
    )  # fmt: skip
    start = time.process_time()
    traffic_quality(frame)
    return round(time.process_time() - start, 2)


def main() -> int:
    """Print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    tables = {"clean": clean(options.worlds, options.seed), "power": power(options.worlds, options.seed)}
    for name, table in tables.items():
        flat = table.T.to_string(header=False) if name == "clean" else table.to_string(index=False)
        print(f"\n{name}\n{flat}")
    seconds = cost()
    print(f"\n500 channels x 365 days: {seconds} CPU s")
    out = ROOT / "benchmarks" / "out"
    out.mkdir(exist_ok=True)
    found = {name: table.replace({np.nan: None}).to_dict("records") for name, table in tables.items()}
    about = {"worlds": options.worlds, "seed": options.seed, "cpu_500x365": seconds}
    text = json.dumps({**about, **found}, indent=1)
    (out / "quality.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

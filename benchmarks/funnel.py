"""Measure the funnel's comparison and the price chart: false accusations, power, days called out of range.

Run ``python benchmarks/funnel.py [--worlds N] [--seed S]``. Prints the tables and writes
``benchmarks/out/funnel.json``. A clean world is 10 (or 4) channels over 90 days with six steps, bounces and
dwell; every rate differs between channels by nature (log-normal, sd ``between``) and varies by its own daily
factor (CV, autocorrelation 0.5), the volume also by weekday. In a faulty world one step of the first
channel is at 1/2, 1/3 or 1/5. "oracle" is what a test could find that knew the true spread and the true
level and took as many looks. A price series is one channel's daily spend and clicks: "called out" is the
share of its days outside the limits, "first month" of the days the limits are learned from, "found" how
often a day is called out whose price was planted 30%, 50% or 100% dearer.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.quality import START, WEEKDAYS, factors  # noqa: E402
from channelopt.measure.control import cpc_control  # noqa: E402
from channelopt.measure.funnel import FALSE_RATE, funnel  # noqa: E402

DAYS = 90
#: step → its usual rate; clicks per day are about 400, customers about 2.
RATES = {
    "clicks": 0.02, "sessions": 0.7, "form_starts": 0.25, "leads": 0.25,
    "valid_leads": 0.6, "customers": 0.2,
}  # fmt: skip


def world(
    rng: np.random.Generator, between: float, cv: float, *, channels: int = 10, step: str = "leads",
    factor: float = 1.0, volume: float = 20_000,
) -> pd.DataFrame:  # fmt: skip
    """One world; ``step`` of the first channel is multiplied by ``factor``."""
    shape = (channels, DAYS)
    nature = np.exp(rng.normal(0, 0.6, (channels, 1)))
    table = {
        "impressions": rng.poisson(volume * nature * np.resize(WEEKDAYS, DAYS) * factors(rng, cv, 0.5, shape))
    }
    before = table["impressions"]
    for name, rate in RATES.items():
        own = rate * np.exp(rng.normal(0, between, (channels, 1)) - between**2 / 2)
        own[0] *= factor if name == step else 1.0
        before = rng.binomial(before, np.clip(own * factors(rng, cv, 0.5, shape), 0, 1))
        table[name] = before
    stay = 0.5 * np.exp(rng.normal(0, between, (channels, 1)) - between**2 / 2)
    left = np.clip(1 - stay * factors(rng, cv, 0.5, shape), 0, 1)
    table["bounces"] = rng.binomial(table["sessions"], left)
    dwell = 60 * np.exp(rng.normal(0, between, (channels, 1))) * factors(rng, cv, 0.5, shape)
    table["dwell_seconds"] = table["sessions"] * dwell
    return pd.DataFrame(
        {
            "day": np.tile(pd.date_range(START, periods=DAYS), channels),
            "channel": np.repeat([f"c{i}" for i in range(channels)], DAYS),
            **{name: values.ravel().astype("float64") for name, values in table.items()},
        }
    )


def clean(worlds: int, seed: int) -> pd.DataFrame:
    """Share of clean worlds in which any step or behaviour of any channel is accused."""
    rows = []
    for channels in (10, 4):
        for between in (0.0, 0.1, 0.3, 0.6, 1.0):
            for cv in (0.1, 0.3):
                rng = np.random.default_rng([seed, channels, int(100 * between), int(100 * cv)])
                steps = doings = both = 0
                for _ in range(worlds):
                    found = funnel(world(rng, between, cv, channels=channels))
                    a, b = bool(found.steps["worst"].any()), bool(found.behaviour["worse"].any())
                    steps, doings, both = steps + a, doings + b, both + (a or b)
                row = {
                    "channels": channels,
                    "between": between,
                    "cv": cv,
                    "steps": steps,
                    "behaviour": doings,
                }
                rows.append(row | {"any accused": both})
    table = pd.DataFrame(rows)
    table[["steps", "behaviour", "any accused"]] /= worlds
    return table.round(4)


def power(worlds: int, seed: int) -> pd.DataFrame:
    """Share of worlds in which the right step of the right channel is called the worst one."""
    rows = []
    for step in ("sessions", "leads", "customers"):
        for between in (0.0, 0.1, 0.2, 0.3):
            row: dict[str, object] = {"step": step, "between": between}
            for name, factor in (("1/2", 1 / 2), ("1/3", 1 / 3), ("1/5", 1 / 5)):
                rng = np.random.default_rng([seed, 5, int(100 * between), int(100 * factor)])
                right = wrong = 0
                for _ in range(worlds):
                    steps = funnel(world(rng, between, 0.2, step=step, factor=factor)).steps
                    worst = steps[steps["worst"]]
                    hit = (worst["channel"] == "c0") & (worst["to_stage"] == step)
                    right, wrong = right + bool(hit.any()), wrong + bool((~hit).any())
                row |= {f"{name} found": right / worlds, f"{name} wrong": wrong / worlds}
                looks = 10 * (len(RATES) + 2)
                limit = stats.norm.ppf(FALSE_RATE / looks) * max(between, 1e-9)
                row[f"{name} oracle"] = float(stats.norm.cdf((limit - np.log(factor)) / max(between, 1e-9)))
            rows.append(row)
    return pd.DataFrame(rows).round(3)


def prices(
    rng: np.random.Generator, channels: int, days: int, cv: float, phi: float, clicks: float
) -> pd.DataFrame:
    """Price series that only fluctuate: a level, a weekday pattern, day factors, counting."""
    shape, week = (channels, days), np.resize(WEEKDAYS, days)
    price = 3 * np.exp(rng.normal(0, 0.4, (channels, 1))) * week[::-1] * factors(rng, cv, phi, shape)
    intended = clicks * week * factors(rng, 0.3, 0.5, shape)
    return pd.DataFrame(
        {
            "day": np.tile(pd.date_range(START, periods=days), channels),
            "channel": np.repeat([f"c{i:04d}" for i in range(channels)], days),
            "spend": (intended * price).ravel(),
            "clicks": rng.poisson(intended).ravel().astype("float64"),
        }
    )


def control(worlds: int, seed: int) -> pd.DataFrame:
    """Share of points outside the limits where the price only fluctuates, and planted days found."""
    rows = []
    for days in (42, 90, 365):
        for clicks in (300, 30, 8):
            for cv, phi in ((0.1, 0.5), (0.3, 0.0), (0.3, 0.5), (0.3, 0.7)):
                rng = np.random.default_rng([seed, days, clicks, int(100 * cv), int(10 * phi)])
                daily = prices(rng, worlds, days, cv, phi, clicks)
                frame = cpc_control(daily).frame
                frame = frame[frame["low"].notna()]
                if frame.empty:
                    continue
                row: dict[str, object] = {"days": days, "clicks": clicks, "cv": cv, "autocorr": phi}
                row |= {"unit": frame["unit"].iloc[0], "called out": frame["out"].mean()}
                row["first month"] = frame.loc[frame["day"] < START + pd.Timedelta(days=28), "out"].mean()
                for dearer in (1.3, 1.5, 2.0):
                    row[f"found x{dearer:g}"] = _found(daily, dearer) if row["unit"] == "day" else np.nan
                rows.append(row)
    return pd.DataFrame(rows).round(4)


def _found(daily: pd.DataFrame, dearer: float) -> float:
    """How often the day a week before the end is called out once its price is raised."""
    when = daily["day"].max() - pd.Timedelta(days=7)
    raised = daily.assign(spend=daily["spend"].where(daily["day"] != when, daily["spend"] * dearer))
    frame = cpc_control(raised).frame
    return float(frame.loc[frame["day"] == when, "out"].mean())


def cost(channels: int = 500, days: int = 365) -> float:
    """CPU seconds of the comparison of one large account."""
    rng = np.random.default_rng(1)
    clicks = rng.poisson(300, channels * days).astype("float64")
    frame = pd.DataFrame(
        {
            "day": np.tile(pd.date_range(START, periods=days), channels),
            "channel": np.repeat([f"c{i}" for i in range(channels)], days),
            "impressions": 50 * clicks, "clicks": clicks, "sessions": 0.9 * clicks, "bounces": 0.4 * clicks,
            "dwell_seconds": 50 * clicks, "form_starts": 0.1 * clicks, "leads": 0.03 * clicks,
            "valid_leads": 0.02 * clicks, "customers": 0.005 * clicks,
        }
    )  # fmt: skip
    start = time.process_time()
    funnel(frame)
    return round(time.process_time() - start, 2)


PARTS = {"clean": clean, "power": power, "control": control}


def main() -> int:
    """Print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--only", choices=tuple(PARTS))
    options = parser.parse_args()
    tables = {}
    for name, make in PARTS.items():
        if options.only in (None, name):
            tables[name] = make(options.worlds, options.seed)
            print(f"\n{name}\n{tables[name].to_string(index=False)}", flush=True)
    seconds = cost()
    print(f"\n500 channels x 365 days: {seconds} CPU s")
    if options.only is None:
        out = ROOT / "benchmarks" / "out"
        out.mkdir(exist_ok=True)
        found = {name: table.replace({np.nan: None}).to_dict("records") for name, table in tables.items()}
        about = {"worlds": options.worlds, "seed": options.seed, "cpu_500x365": seconds}
        (out / "funnel.json").write_text(json.dumps({**about, **found}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

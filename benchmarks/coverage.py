"""Measure what the intervals and verdicts promise: coverage, wrong verdicts, matured return.

Run ``python benchmarks/coverage.py [--worlds N] [--seed S]``. Prints one table per question
and writes ``benchmarks/out/coverage.json``. Every world is one channel with Poisson leads per
day, a binomial share of customers, log-normal order values, a daily factor of the given CV
on the conversion (autocorrelated where stated) and spend that varies by 20%.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.measure.economics import economics  # noqa: E402
from channelopt.plan.diagnosis import diagnose  # noqa: E402
from channelopt.plan.looks import LOOKS  # noqa: E402
from channelopt.policy import Policy  # noqa: E402

CLOSE = 0.25
NEVER = 99
START = pd.Timestamp("2026-01-05")


def day_factors(rng: np.random.Generator, worlds: int, days: int, cv: float, phi: float) -> np.ndarray:
    """Log-normal day factors with mean 1, (worlds, days), AR(1) on the log scale."""
    sd = np.sqrt(np.log1p(cv**2))
    noise = rng.normal(0, 1, (worlds, days))
    level = np.empty_like(noise)
    level[:, 0] = noise[:, 0]
    for at in range(1, days):
        level[:, at] = phi * level[:, at - 1] + np.sqrt(1 - phi**2) * noise[:, at]
    return np.exp(sd * level - sd**2 / 2)


def channels(
    rng: np.random.Generator, worlds: int, days: int, leads: float, roi: float,
    *, cv: float = 0.2, phi: float = 0.0, log_sd: float = 1.0,
) -> pd.DataFrame:  # fmt: skip
    """A daily table of ``worlds`` channels whose true return is ``roi`` and true CPL 100."""
    spend = 100 * leads * rng.gamma(25, 1 / 25, (worlds, days))
    got = rng.poisson(spend / 100 * day_factors(rng, worlds, days, cv, phi))
    bought = rng.binomial(got, CLOSE)
    value = 100 * roi / CLOSE
    flat = bought.ravel()
    orders = rng.lognormal(np.log(value) - log_sd**2 / 2, log_sd, flat.sum())
    revenue = np.bincount(np.repeat(np.arange(flat.size), flat), weights=orders, minlength=flat.size)
    return pd.DataFrame(
        {
            "day": np.tile(pd.date_range(START, periods=days), worlds),
            "channel": np.repeat([f"w{i:05d}" for i in range(worlds)], days),
            "spend": spend.ravel(),
            "leads": got.ravel().astype("float64"),
            "customers": flat.astype("float64"),
            "revenue": revenue,
        }
    )


def coverage(worlds: int, seed: int) -> pd.DataFrame:
    """Share of worlds whose 90% interval holds the truth, where one is shown."""
    rows = []
    for days in (7, 14, 28, 90):
        for leads in (0.3, 3.0, 30.0):
            for log_sd in (0.5, 1.0, 1.5):
                for phi in (0.0, 0.5):
                    key = [days, int(10 * leads), int(10 * log_sd), int(10 * phi)]
                    rng = np.random.default_rng([seed, *key])
                    table = economics(channels(rng, worlds, days, leads, 2.0, phi=phi, log_sd=log_sd))
                    row = {"days": days, "leads_per_day": leads, "order_log_sd": log_sd, "autocorr": phi}
                    for name, truth in (("roi", 2.0), ("cpl", 100.0), ("cac", 100 / CLOSE)):
                        low, high = table[name + "_low"], table[name + "_high"]
                        shown = low.notna() & (high.notna() | (name != "roi"))
                        inside = (low <= truth) & ((truth <= high) | high.isna())
                        row[name] = round(float(inside[shown].mean()), 3) if shown.any() else None
                        row[name + "_shown"] = round(float(shown.mean()), 3)
                    rows.append(row)
    return pd.DataFrame(rows)


def looks(worlds: int, seed: int) -> pd.DataFrame:
    """Verdicts over 13 weekly looks, and the plain rule beside them."""
    rows = []
    for leads in (3.0, 10.0, 30.0, 90.0):
        for roi in (1.5, 2.0, 3.0):
            for phi in (0.0, 0.5):
                rng = np.random.default_rng([seed, int(leads), int(10 * roi), int(10 * phi)])
                daily = channels(rng, worlds, 7 * LOOKS, leads, roi, phi=phi)
                first = {name: np.full(worlds, NEVER) for name in ("drop", "keep", "plain")}
                for look in range(1, LOOKS + 1):
                    seen = daily[daily["day"] < START + pd.Timedelta(weeks=look)]
                    found = diagnose(seen).verdicts.sort_values("channel")
                    for name in ("drop", "keep"):
                        hit = (found["verdict"] == name).to_numpy()
                        first[name] = np.where(hit, np.minimum(first[name], look), first[name])
                    plain = (found["plain_verdict"] == "drop").to_numpy()
                    first["plain"] = np.where(plain, np.minimum(first["plain"], look), first["plain"])
                row = {"leads_per_day": leads, "true_roi": roi, "autocorr": phi}
                for name in ("drop", "keep"):
                    row[name + "_any_look"] = (first[name] < NEVER).mean()
                    row[name + "_4_weeks"] = (first[name] <= 4).mean()
                row["plain_drop_any_look"] = (first["plain"] < NEVER).mean()
                rows.append(row)
    return pd.DataFrame(rows).round(3)


DELAYS = {
    "exponential": lambda rng, n: rng.exponential(14 / np.log(2), n),
    "gamma": lambda rng, n: rng.gamma(2, 14 / 1.678, n),
    "lognormal": lambda rng, n: 14 * rng.lognormal(0, 0.8, n),
}


def delayed(
    rng: np.random.Generator, kind: str, days: int, leads: float, roi: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One channel with late customers: its daily table as seen on the last day, and its leads."""
    return as_seen(*lives(rng, kind, days, leads, roi), days)


def lives(
    rng: np.random.Generator, kind: str, days: int, leads: float, roi: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A daily table of spend and leads, and every lead's day, day of buying (-1 never) and value."""
    daily = channels(rng, 1, days, leads, roi)
    created = np.repeat(np.arange(days), daily["leads"].to_numpy("int64"))
    late = created + np.floor(DELAYS[kind](rng, len(created))).astype("int64")
    late = np.where(rng.random(len(created)) < CLOSE, late, -1)
    value = rng.lognormal(np.log(100 * roi / CLOSE) - 0.5, 1.0, len(created))
    return daily, pd.DataFrame({"created": created, "bought": late, "value": value})


def as_seen(daily: pd.DataFrame, life: pd.DataFrame, days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the first ``days`` days show on their last one."""
    known = life[life["created"] < days]
    created = known["created"].to_numpy()
    seen = (known["bought"] >= 0).to_numpy() & (known["bought"] < days).to_numpy()
    table = daily.head(days).copy()
    table["customers"] = np.bincount(created[seen], minlength=days).astype("float64")
    table["revenue"] = np.bincount(created, weights=known["value"] * seen, minlength=days)
    at = START + pd.to_timedelta(np.where(seen, known["bought"], 0), unit="D")
    leads_frame = pd.DataFrame(
        {
            "channel": "w00000",
            "created_at": START + pd.to_timedelta(created, unit="D"),
            "customer_at": pd.Series(at).where(seen),
        }
    )
    return table, leads_frame


def late_looks(worlds: int, seed: int) -> pd.DataFrame:
    """Verdicts over 13 weekly looks when customers come late (median 14 days)."""
    rows = []
    for roi in (1.5, 2.0, 3.0):
        rng = np.random.default_rng([seed, int(10 * roi)])
        hits = {"drop": 0, "keep": 0, "plain_drop": 0}
        for _ in range(worlds):
            world = lives(rng, "exponential", 7 * LOOKS, 30.0, roi)
            books = [Book(*as_seen(*world, 7 * look)) for look in range(1, LOOKS + 1)]
            rows_seen = [diagnose(book).verdicts.iloc[0] for book in books]
            for name in ("drop", "keep"):
                hits[name] += any(row["verdict"] == name for row in rows_seen)
            hits["plain_drop"] += any(row["plain_verdict"] == "drop" for row in rows_seen)
        found = {f"{name}_any_look": count / worlds for name, count in hits.items()}
        rows.append({"true_roi": roi, "leads_per_day": 30, **found})
    return pd.DataFrame(rows).round(3)


class Book:
    """As much of a ledger as a diagnosis reads."""

    def __init__(self, daily: pd.DataFrame, leads: pd.DataFrame) -> None:
        self._daily, self._leads, self.policy = daily, leads, Policy()
        self.as_of = daily["day"].max().date()

    def daily(self) -> pd.DataFrame:
        """Sums by day and channel."""
        return self._daily

    def leads(self) -> pd.DataFrame:
        """The leads."""
        return self._leads

    def findings(self) -> tuple[()]:
        """No doubts."""
        return ()


def maturity(worlds: int, seed: int) -> pd.DataFrame:
    """Bias and coverage of the matured return with a median delay of 14 days."""
    rows = []
    for kind in DELAYS:
        for days in (42, 90, 180):
            rng = np.random.default_rng([seed, days, len(kind)])
            seen, matured, inside, share = [], [], [], []
            for _ in range(worlds):
                row = diagnose(Book(*delayed(rng, kind, days, 30.0, 2.0))).verdicts.iloc[0]
                seen.append(row["roi_as_seen"] / 2 - 1)
                matured.append(row["roi"] / 2 - 1)
                share.append(row["maturity"])
                inside.append(row["roi_low"] <= 2.0 <= row["roi_high"])
            rows.append(
                {
                    "delay": kind, "days": days, "visible": np.mean(share), "bias_as_seen": np.mean(seen),
                    "bias_matured": np.nanmean(matured), "coverage": np.mean(inside),
                }
            )  # fmt: skip
    return pd.DataFrame(rows).round(3)


def main() -> int:
    """Print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    tables = {
        "coverage": coverage(options.worlds, options.seed),
        "looks": looks(options.worlds, options.seed),
        "maturity": maturity(max(20, options.worlds // 5), options.seed),
        "late_looks": late_looks(max(10, options.worlds // 10), options.seed),
    }
    out = ROOT / "benchmarks" / "out"
    out.mkdir(exist_ok=True)
    for name, table in tables.items():
        print(f"\n{name}\n{table.to_string(index=False)}")
    found = {name: table.replace({np.nan: None}).to_dict("records") for name, table in tables.items()}
    text = json.dumps({"worlds": options.worlds, "seed": options.seed, **found}, indent=1)
    (out / "coverage.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

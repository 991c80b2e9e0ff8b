"""Response curves of four open data sets: ROI per channel with its interval, beside what was published.

Run ``python benchmarks/open_data.py --data FOLDER``. FOLDER holds some of

- ``robyn_dt_simulated_weekly.csv`` (facebookexperimental/Robyn, MIT),
- ``meridian_national_all_channels.csv``, ``meridian_geo_all_channels.csv`` (google/meridian, Apache-2.0),
- ``mmm_stan_data.csv`` (sibylhe/mmm_stan, MIT).

Only the total is known, so it is the fit without attribution. Each half of the days is fitted as well: a
stable answer moves little.

Published: the README of mmm_stan gives the return of the last year per channel from a stacked Stan model with
impressions and 46 control variables. For the others no return is published.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import channelopt as co  # noqa: E402

Tables = tuple[pd.DataFrame, pd.DataFrame]
#: Overall return of the last year, README of sibylhe/mmm_stan.
MMM_STAN = {
    "dm": 2.62, "inst": 5.85, "nsp": 8.18, "auddig": 20.62, "audtr": 4.48, "vidtr": 11.04, "viddig": 3.67,
    "so": 2.54, "on": 4.83, "sem": 2.06,
}  # fmt: skip


def long(table: pd.DataFrame, day: str, spend: dict[str, str]) -> pd.DataFrame:
    """Spend by day and channel from a wide table."""
    wide = table.groupby(day)[list(spend)].sum().rename(columns=spend)
    return wide.rename_axis("day").reset_index().melt("day", var_name="channel", value_name="spend")


def robyn(table: pd.DataFrame) -> Tables:
    """Weekly spend and revenue of Robyn's demo."""
    names = [c for c in table.columns if c.endswith("_S")]
    total = table.rename(columns={"DATE": "day"})[["day", "revenue"]]
    return long(table, "DATE", {c: c[:-2] for c in names}), total


def meridian(table: pd.DataFrame) -> Tables:
    """Weekly spend and revenue of Meridian's demo, summed over regions."""
    names = {c: c.removesuffix("_spend") for c in table.columns if c.endswith("_spend")}
    money = (table["conversions"] * table["revenue_per_conversion"]).groupby(table["time"]).sum()
    return long(table, "time", names), money.rename("revenue").rename_axis("day").reset_index()


def mmm_stan(table: pd.DataFrame) -> Tables:
    """Weekly spend and sales of a retailer."""
    names = {c: c.removeprefix("mdsp_") for c in table.columns if c.startswith("mdsp_")}
    total = table.rename(columns={"wk_strt_dt": "day", "sales": "revenue"})[["day", "revenue"]]
    return long(table, "wk_strt_dt", names), total


SETS: dict[str, tuple[Callable[[pd.DataFrame], Tables], dict[str, float]]] = {
    "robyn_dt_simulated_weekly.csv": (robyn, {}),
    "meridian_national_all_channels.csv": (meridian, {}),
    "meridian_geo_all_channels.csv": (meridian, {}),
    "mmm_stan_data.csv": (mmm_stan, MMM_STAN),
}


def returns(curves: co.ResponseCurves, daily: pd.DataFrame) -> pd.DataFrame:
    """ROI at the mean spend, with 90% interval."""
    usual = daily.groupby("channel")["spend"].sum().reindex(list(curves.channels))
    held = (usual / (7 * daily["day"].nunique())).to_numpy()
    roi = curves.outcome_draws(held) / held
    low, high = np.quantile(roi, [0.05, 0.95], axis=0)
    return pd.DataFrame({"roi": roi.mean(axis=0), "low": low, "high": high}, index=list(curves.channels))


def show(name: str, data: Tables, published: dict[str, float]) -> None:
    """Fit and print one data set."""
    daily, total = data
    start = time.process_time()
    curves = co.fit_response(daily, total=total)
    cpu = time.process_time() - start
    table = returns(curves, daily)
    days = pd.to_datetime(daily["day"])
    middle = days.min() + (days.max() - days.min()) / 2
    for half, inside in (("first half", days <= middle), ("second half", days > middle)):
        table[half] = returns(co.fit_response(daily[inside], total=total), daily[inside])["roi"]
    table["published"] = pd.Series(published, dtype=float).reindex(table.index)
    table["known"] = curves.identified
    budget = float(curves.today.sum()) * 28
    plan = co.allocate(curves, budget=budget, days=28)
    table["today"], table["plan"] = curves.today, plan.spend
    share = float(curves.predict()["mean"].iloc[-1] * 7 / total["revenue"].mean())
    print(f"\n{name}: {cpu:.2f} CPU s, media bring {share:.0%} of the total, plan gains {plan.uplift:.1%}")
    print(table.round(2).to_string())
    print("findings:", ", ".join(f.code for f in curves.findings))


def main() -> None:
    """Read and show what is in the folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data
    for name, (read, published) in SETS.items():
        if (folder / name).exists():
            show(name, read(pd.read_csv(folder / name)), published)


if __name__ == "__main__":
    main()

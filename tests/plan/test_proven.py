"""Finished geo tests pull the curve of their channel."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from channelopt.experiments.record import recorded, region_settings
from channelopt.experiments.regions_design import plan_regions
from channelopt.ledger import Ledger
from channelopt.plan.history import curves_of
from channelopt.plan.proven import proven_lifts


def regions(lift=0.0, seed=3):
    """Twenty regions; in August spend doubles and leads rise in those drawn."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2026-04-01", "2026-08-30")
    parts = []
    for k in range(20):
        base = np.exp(rng.normal(3, 0.4))
        leads = rng.poisson(base, len(days)).astype(float)
        parts.append(pd.DataFrame({"day": days, "region": f"r{k}", "spend": base * 20.0, "leads": leads}))
    frame = pd.concat(parts, ignore_index=True)
    start = pd.Timestamp("2026-08-03")
    plan = plan_regions(frame[frame["day"] < start], "leads", smallest=0.1, days=28, change=1.0)
    on = frame["region"].isin(plan.treated) & (frame["day"] >= start)
    frame.loc[on, "spend"] *= 2
    frame.loc[on, "leads"] = np.round(frame.loc[on, "leads"] * (1 + lift))
    return frame, plan


@pytest.fixture(scope="module")
def ledger():
    with Ledger.open(":memory:", currency="CNY") as opened:
        rng = np.random.default_rng(1)
        days, rows = pd.date_range("2026-04-01", "2026-08-30"), []
        for name, level in (("meta", 300.0), ("baidu", 400.0)):
            spend = level * rng.lognormal(0, 0.2, len(days))
            leads = rng.poisson(spend / 20)
            rows.append(pd.DataFrame({"date": days, "channel": name, "spend": spend.round(2), "leads": leads,
                                      "revenue": leads * 60.0}))  # fmt: skip
        table = pd.concat(rows).to_csv(index=False).encode()
        opened.commit(opened.read(table, "spend.csv", answers={"currency": "CNY"}), by="x")
        frame, plan = regions(lift=0.4)
        cities = frame.rename(columns={"day": "date"}).to_csv(index=False).encode()
        opened.commit(opened.read(cities, "cities.csv", answers={"currency": "CNY"}), by="x")
        opened.add_experiment(
            "off", region_settings(plan, "cities", "budget", "meta_ads"), dt.date(2026, 8, 3), by="x"
        )
        yield opened


def read_tests(ledger):
    return recorded(ledger, ledger.daily(by=("day", "channel", "campaign")))


def test_a_finished_geo_test_is_a_lift_of_its_channel(ledger):
    lifts = proven_lifts(read_tests(ledger), ledger.daily(), "leads")
    assert lifts["channel"].tolist() == ["meta_ads"]
    row = lifts.iloc[0]
    assert row["low"] < row["incremental"] < row["high"] and row["incremental"] > 0 and row["spend"] > 0
    money = proven_lifts(read_tests(ledger), ledger.daily(), "revenue").iloc[0]
    daily = ledger.daily()
    worth = daily["revenue"].sum() / daily["leads"].sum()
    assert money["incremental"] == pytest.approx(row["incremental"] * worth)
    assert proven_lifts(read_tests(ledger), ledger.daily(), "customers").empty


def test_the_curve_follows_what_was_proven(ledger):
    alone, _ = curves_of(ledger, "leads")
    pulled, _ = curves_of(ledger, "leads", tests=read_tests(ledger))
    changed = (pulled.mroi()["mean"] / alone.mroi()["mean"] - 1).abs()
    assert changed["meta_ads"] > 0.02 and changed["meta_ads"] > changed["baidu"]

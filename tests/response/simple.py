"""Small accounts with known curves, for the tests of fitting."""

from __future__ import annotations

import numpy as np
import pandas as pd

START = pd.Timestamp("2026-01-05")


def hill(x: np.ndarray, top: float, half: float, slope: float) -> np.ndarray:
    """The curve, written out."""
    return top * x**slope / (x**slope + half**slope)


def account(
    days: int = 180, step: float = 0.5, channels: int = 4, seed: int = 1, noise: float = 0.1
) -> tuple[pd.DataFrame, np.ndarray]:
    """A daily table with leads, customers and revenue, and the true steady revenue curves' parameters.

    Returns:
        The table; (channels, 3) of top (revenue per day), half, slope. A lead is worth 100.
    """
    rng = np.random.default_rng(seed)
    level = np.linspace(500, 2000, channels)
    roi = np.linspace(4, 1.5, channels)
    week = 1 + 0.2 * np.sin(2 * np.pi * np.arange(days) / 7)
    rows, truth = [], []
    for c in range(channels):
        steps = np.exp(np.repeat(rng.normal(0, step, days // 14 + 1), 14)[:days])
        spend = level[c] * steps * np.exp(rng.normal(0, 0.05, days))
        half, slope, keep = 1.5 * level[c], 1.1, 0.4
        top = roi[c] * level[c] / hill(np.array(level[c]), 1.0, half, slope)
        stock, state = np.empty(days), spend[:7].mean()
        for t in range(days):
            state = stock[t] = (1 - keep) * spend[t] + keep * state
        mean = hill(stock, top, half, slope) * week / 100 * rng.gamma(1 / noise**2, noise**2, days)
        leads = rng.poisson(mean)
        customers = rng.binomial(leads, 0.2)
        orders = [rng.lognormal(np.log(500) - 0.5, 1.0, n).sum() for n in customers]
        rows.append(
            pd.DataFrame({
                "day": pd.date_range(START, periods=days), "channel": f"c{c}", "spend": spend,
                "leads": leads, "customers": customers, "revenue": orders,
            })
        )  # fmt: skip
        truth.append((top, half, slope))
    return pd.concat(rows, ignore_index=True), np.array(truth)


def total_of(daily: pd.DataFrame, base: float = 3000.0, seed: int = 5) -> pd.DataFrame:
    """All channels' revenue of a day and a base."""
    rng = np.random.default_rng(seed)
    money = daily.groupby("day")["revenue"].sum() + base * rng.gamma(400, 1 / 400, daily["day"].nunique())
    return money.rename("revenue").reset_index()

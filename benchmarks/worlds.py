"""Simulated worlds with known truth: days, leads, orders and late customers of one channel or of many."""

from __future__ import annotations

import numpy as np
import pandas as pd

from channelopt.policy import Policy

CLOSE = 0.25
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
    *, cv: float = 0.2, phi: float = 0.0, log_sd: float = 1.0, shared: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """The daily table of ``sales``."""
    return sales(rng, worlds, days, leads, roi, cv=cv, phi=phi, log_sd=log_sd, shared=shared)[0]


def sales(
    rng: np.random.Generator, worlds: int, days: int, leads: float, roi: float,
    *, cv: float = 0.2, phi: float = 0.0, log_sd: float = 1.0, shared: bool = False,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Daily table and single orders of ``worlds`` channels whose true return is ``roi`` and true CPL 100.

    The day factor of CV ``cv`` moves the leads a day's spend buys, or, when ``shared``, spend
    and leads alike.
    """
    spend = 100 * leads * rng.gamma(25, 1 / 25, (worlds, days))
    factor = day_factors(rng, worlds, days, cv, phi)
    spend = spend * factor if shared else spend
    got = rng.poisson(spend / 100 * (1.0 if shared else factor))
    bought = rng.binomial(got, CLOSE)
    value = 100 * roi / CLOSE
    flat = bought.ravel()
    orders = rng.lognormal(np.log(value) - log_sd**2 / 2, log_sd, flat.sum())
    revenue = np.bincount(np.repeat(np.arange(flat.size), flat), weights=orders, minlength=flat.size)
    daily = pd.DataFrame(
        {
            "day": np.tile(pd.date_range(START, periods=days), worlds),
            "channel": np.repeat([f"w{i:05d}" for i in range(worlds)], days),
            "spend": spend.ravel(),
            "leads": got.ravel().astype("float64"),
            "customers": flat.astype("float64"),
            "revenue": revenue,
        }
    )
    sold = daily[["day", "channel"]].loc[np.repeat(np.arange(flat.size), flat)].reset_index(drop=True)
    return daily, sold.assign(revenue=orders)


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
            "revenue": known["value"].to_numpy() * seen,
        }
    )
    return table, leads_frame


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


def portfolio(
    rng: np.random.Generator, days: int, leads: tuple[float, float], rois: tuple[float, ...], apart: float,
    *, cv: float = 0.2, phi: float = 0.0, log_sd: float = 1.0,
) -> tuple[pd.DataFrame, pd.DataFrame]:  # fmt: skip
    """Daily table and single orders of one account whose channels have these true returns.

    Close rates and mean order values scatter between channels with a log-sd of ``apart`` each;
    what a lead costs makes up for it. Leads per day are drawn from ``leads``.
    """
    frames, sold = [], []
    for at, roi in enumerate(rois):
        close = float(np.clip(CLOSE * np.exp(rng.normal(0, apart)), 0.02, 0.9))
        worth = 400 * float(np.exp(rng.normal(0, apart)))
        wanted = rng.uniform(*leads) * rng.gamma(25, 1 / 25, days)
        got = rng.poisson(wanted * day_factors(rng, 1, days, cv, phi)[0])
        bought = rng.binomial(got, close)
        orders = rng.lognormal(np.log(worth) - log_sd**2 / 2, log_sd, bought.sum())
        revenue = np.bincount(np.repeat(np.arange(days), bought), weights=orders, minlength=days)
        frames.append(
            pd.DataFrame(
                {
                    "day": pd.date_range(START, periods=days),
                    "channel": f"c{at}",
                    "spend": wanted * close * worth / roi,
                    "leads": got.astype("float64"),
                    "customers": bought.astype("float64"),
                    "revenue": revenue,
                }
            )
        )
        day = frames[-1]["day"].to_numpy()[np.repeat(np.arange(days), bought)]
        sold.append(pd.DataFrame({"day": day, "channel": f"c{at}", "revenue": orders}))
    return pd.concat(frames, ignore_index=True), pd.concat(sold, ignore_index=True)

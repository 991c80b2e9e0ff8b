"""Would it have been right? Curves are learned up to a past day and asked for the days that followed.

At each origin the history before it is fitted; the outcome of the next days is forecast for the spend that
really happened (``forecast.py``) and compared with what came: share of 90% bands that held the truth, and
the mean log error. Origins are as far apart as they can be, but never before there are eight weeks to learn
from.

Source: rolling-origin evaluation (Tashman 2000, International Journal of Forecasting 16).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import ChannelOptError, Finding, require_columns
from channelopt.plan.forecast import Rows, forecast, rows_of
from channelopt.plan.goods import refuse
from channelopt.plan.history import column_of
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

HORIZONS = (7, 30, 60, 90)
#: Days of history an origin needs, days between origins at least, and origins at most.
HISTORY, APART, MOST = 56, 14, 6
#: Coverage below which the bands are called too narrow, with so many comparisons at least.
LOW_COVERAGE, ENOUGH = 0.75, 8
#: A mean log error beyond this is called a bias.
BIAS = 0.15

Fit = Callable[[pd.DataFrame], ResponseCurves]
Step = Callable[[int, int], None]

COLUMNS = ("origin", "horizon", "spend", "low", "forecast", "high", "actual", "inside", "error")


@dataclass(frozen=True)
class Backtest:
    """How past forecasts fared.

    Attributes:
        table: one row per horizon: horizon (days), n (comparisons), covered (how many bands held the
            truth), coverage (their share), bias (mean of log actual / forecast), error (mean of its size);
            NaN without comparisons.
        origins: one row per origin and horizon, columns ``COLUMNS``: spend and outcomes are sums over the
            horizon; error is log actual / forecast.
        outcome: what was forecast.
        findings: "too little history", bands too narrow, bias.
    """

    table: pd.DataFrame
    origins: pd.DataFrame
    outcome: str
    findings: tuple[Finding, ...]


def backtest(
    daily: pd.DataFrame,
    fit: Fit,
    horizons: Sequence[int] = HORIZONS,
    origins: Sequence[dt.date] | int = MOST,
    policy: Policy | None = None,
    on_step: Step | None = None,
) -> Backtest:
    """Forecast the past.

    Args:
        daily: day, channel, spend and an outcome.
        fit: learns curves from such a table, such as ``fit_response``.
        horizons: days.
        origins: first days of the forecasts, or how many of them at most.
        policy: interval of the bands.
        on_step: told (done, total) after each origin.

    Raises:
        PlanError: ``plan.bad_option``.
        InputError: a column is missing.
    """
    require_columns(daily, ("day", "channel", "spend"))
    if not horizons or any(int(h) != h or h < 1 for h in horizons):
        refuse("horizons", horizons, "whole numbers of days from 1")
    interval = (policy or Policy()).interval
    ahead = tuple(sorted({int(h) for h in horizons}))
    days = pd.to_datetime(daily["day"]).dt.normalize()
    starts = _origins(days, origins, ahead[0])
    rows: list[dict[str, object]] = []
    failed: list[Finding] = []
    outcome = ""
    for done, origin in enumerate(starts, start=1):
        try:
            curves = fit(daily[days < origin])
        except ChannelOptError as trouble:
            failed.append(
                Finding("warning", "plan.backtest_no_fit", {"origin": origin.date(), "reason": str(trouble)})
            )
            continue
        outcome = column_of(curves.outcome)
        rows += _compared(daily, days, curves, origin, ahead, interval)
        if on_step is not None:
            on_step(done, len(starts))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    summary = _summary(table, ahead)
    seen = days[daily[outcome].notna()] if outcome in daily else days
    found = (*failed, *_findings(summary, table, len(seen.unique()), ahead, interval))
    return Backtest(summary, table, outcome, found)


def _origins(days: pd.Series, origins: Sequence[dt.date] | int, shortest: int) -> list[pd.Timestamp]:
    """First days of the forecasts."""
    if not isinstance(origins, int):
        return [pd.Timestamp(d).normalize() for d in origins]
    if not len(days):
        return []
    first = days.min() + pd.Timedelta(days=HISTORY)
    last = days.max() - pd.Timedelta(days=shortest - 1)
    room = (last - first).days
    if room < 0:
        return []
    number = max(min(int(origins), room // APART + 1), 1)
    back = np.linspace(0, room, number + 1)[:-1] if number > 1 else np.zeros(1)
    return sorted(last - pd.Timedelta(days=int(b)) for b in back)


def _compared(
    daily: pd.DataFrame,
    days: pd.Series,
    curves: ResponseCurves,
    origin: pd.Timestamp,
    horizons: tuple[int, ...],
    interval: float,
) -> list[dict[str, object]]:
    """Forecast and truth of every horizon that is over."""
    future = rows_of(daily[days >= origin], curves.channels, column_of(curves.outcome))
    over = [h for h in horizons if h <= _known(future, origin)]
    if not over:
        return []
    spend = _from(future, origin)
    found = forecast(curves, daily[days < origin], spend, over, interval)
    offset = (future.days[0] - origin).days
    rows: list[dict[str, object]] = []
    for h, band in zip(over, found.bands, strict=True):
        actual = float(np.nansum(future.outcome[: max(h - offset, 0)]))
        error = float(np.log(actual / band.mid)) if actual > 0 and band.mid > 0 else float("nan")
        values = (
            origin.date(), h, float(spend[:h].sum()), band.low, band.mid, band.high, actual,
            bool(band.low <= actual <= band.high), error,
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def _known(future: Rows, origin: pd.Timestamp) -> int:
    """Days from the origin to the last one with an outcome."""
    known = np.flatnonzero(np.isfinite(future.outcome))
    return int((future.days[known[-1]] - origin).days) + 1 if len(known) else 0


def _from(future: Rows, origin: pd.Timestamp) -> np.ndarray:
    """Spend of each day from the origin on."""
    offset = (future.days[0] - origin).days
    return np.vstack([np.zeros((offset, future.spend.shape[1])), future.spend])


def _summary(table: pd.DataFrame, horizons: tuple[int, ...]) -> pd.DataFrame:
    rows = []
    for h in horizons:
        part = table[table["horizon"] == h]
        n, covered = len(part), int(part["inside"].sum())
        errors = part["error"].astype("float64")
        rows.append(
            {
                "horizon": h, "n": n, "covered": covered, "coverage": covered / n if n else float("nan"),
                "bias": float(errors.mean()), "error": float(errors.abs().mean()),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _findings(
    summary: pd.DataFrame, table: pd.DataFrame, seen: int, horizons: tuple[int, ...], interval: float
) -> list[Finding]:
    if table.empty:
        return [Finding("warning", "plan.backtest_short", {"need": HISTORY + horizons[0], "days": seen})]
    found: list[Finding] = []
    missing = [int(h) for h, n in zip(summary["horizon"], summary["n"], strict=True) if not n]
    if missing:
        params = {"horizons": ", ".join(map(str, missing)), "need": HISTORY + missing[0], "days": seen}
        found.append(Finding("info", "plan.backtest_short_for", params))
    n, covered = int(summary["n"].sum()), int(summary["covered"].sum())
    params = {"n": n, "covered": covered, "nominal": interval}
    narrow = n >= ENOUGH and covered / n < LOW_COVERAGE
    code = "plan.backtest_narrow" if narrow else "plan.backtest_covered"
    found.append(Finding("warning" if narrow else "info", code, params))
    bias = float(table["error"].astype("float64").mean())
    if n >= ENOUGH and abs(bias) > BIAS:
        code = "plan.backtest_low" if bias > 0 else "plan.backtest_high"
        found.append(Finding("warning", code, {"bias": abs(float(np.expm1(bias)))}))
    return found

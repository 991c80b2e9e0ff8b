r"""Learn response curves from daily rows, with the doubt that is left: the entry.

Where outcomes are credited to channels the curve of each is fitted to its own counts (``attributed``,
``sampling``), where only the total is known to all of them together (``aggregate``). A credited return r
differs from the incremental one by the organic share b, which is fitted, and by leads lost, swapped or
claimed, which nobody sees: its log is shrunk towards the other channels' and widened,

.. math:: \log r' = \bar r + B (\log r + \log(1 - b) - \bar r) - m + N(0, \sigma^2),
    \quad B = 1 - \sigma_s^2 / \tau^2,

with sigma = ``Prior.attribution``, sigma_s = ``Prior.shrunk_as``, m = ``Prior.credited`` and tau the spread
of the channels' returns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit
from threadpoolctl import threadpool_limits

from channelopt.errors import Finding, require_columns
from channelopt.policy import Policy
from channelopt.response import judged
from channelopt.response.aggregate import Series, draw_total, fit_total
from channelopt.response.attributed import fit_attributed
from channelopt.response.curves import AHEAD, OUTCOMES, TODAY_DAYS, ResponseCurves
from channelopt.response.demand import common_factor, demand_of, peaks
from channelopt.response.grid import Grid, days_of
from channelopt.response.lifts import Lift, corrected, lifts_of
from channelopt.response.messages import ResponseError
from channelopt.response.model import HALF, KEEP, ORGANIC, ROI, SLOPE
from channelopt.response.panel import Rows, panel_of, reference_of, rows_of, unit_of, worth_of
from channelopt.response.prior import Prior
from channelopt.response.sampling import draw_all

Array = npt.NDArray[np.float64]
OnStep = Callable[[int, int], None]

FUNNEL = ("leads", "valid_leads", "customers", "revenue")
#: Steps told to ``on_step``.
STEPS = 4
#: Prior standard deviation of the weight of the common factor of log spend in log demand.
FACTOR_SD = 0.2
#: Retention and Hill exponent are kept within what a float can work with.
MOST_KEEP = 0.995


@dataclass(frozen=True)
class _Learned:
    """What either way of fitting found.

    Attributes:
        u: (draws, C, 5).
        scale: (draws, C) correction of the log return.
        reference: (C,) money per day.
        events: (C,) counts the curves rest on; the total's where only that is known.
        borrowed: (C,) share of the knowledge of the return that was not the channel's own.
        outlook: expected demand of the coming days.
        findings: what was left out.
    """

    u: Array
    scale: Array
    reference: Array
    events: Array
    borrowed: Array
    outlook: Array
    findings: tuple[Finding, ...] = ()


def fit_response(
    daily: pd.DataFrame,
    outcome: str = "revenue",
    total: pd.DataFrame | None = None,
    lifts: pd.DataFrame | None = None,
    policy: Policy | None = None,
    seed: int = 2026,
    draws: int = 400,
    on_step: OnStep | None = None,
) -> ResponseCurves:
    """Learn each channel's response curve.

    Args:
        daily: day, channel, spend and the outcomes there are (leads, valid_leads, customers, revenue);
            rows may stand for days, weeks or months (``day_end``, or simply further apart), days may
            be missing. Recent days should be mature.
        outcome: "revenue", "profit" (revenue times ``policy.margin``), "leads", "valid_leads" or
            "customers". Money is learned from leads where there are any, times what a lead is worth.
        total: day and the outcome of all channels and none; then no attribution is used and ``daily``
            needs only spend.
        lifts: experiments: channel, start, end, spend (extra money), incremental (outcome gained), low,
            high (90%).
        policy: for the margin and ``credit_doubt``; the usual ones when None.
        seed: same data and seed, same curves to the last digit.
        draws: posterior draws, at least 50.
        on_step: called with (done, all) steps.

    Raises:
        InputError: a column is missing.
        ResponseError: ``response.no_rows``, ``response.no_spend``, ``response.no_outcome``,
            ``response.bad_outcome``, ``response.no_margin``.
    """
    margin = _margin(outcome, policy)
    if lifts is not None and margin != 1:
        told = [n for n in ("incremental", "low", "high") if n in lifts.columns]
        lifts = lifts.assign(**{n: pd.to_numeric(lifts[n], errors="coerce") / margin for n in told})
    curves = fit_with(
        daily, outcome, beliefs(policy), total=total, lifts=lifts, seed=seed, draws=max(draws, 50),
        on_step=on_step,
    )  # fmt: skip
    return replace(curves, top=curves.top * margin)


def fit_with(
    daily: pd.DataFrame,
    outcome: str,
    prior: Prior,
    total: pd.DataFrame | None = None,
    lifts: pd.DataFrame | None = None,
    seed: int = 2026,
    draws: int = 400,
    on_step: OnStep | None = None,
) -> ResponseCurves:
    """As ``fit_response``, with other beliefs than the usual ones; profit comes out as revenue.

    Linear algebra runs on one thread: the matrices are small, several threads take two to three times the
    CPU, and the last digits would depend on how many there are.
    """
    step = on_step or (lambda done, of: None)
    step(0, STEPS)
    column = "revenue" if outcome == "profit" else outcome
    rows = rows_of(daily, () if total is not None else FUNNEL, None if total is None else total.get("day"))
    tests, doubts = lifts_of(lifts, rows.channels, rows.grid.start, rows.spend, _today(rows).to_numpy())
    rng = np.random.default_rng(seed)
    step(1, STEPS)
    with threadpool_limits(limits=1, user_api="blas"):
        if total is None:
            learned = _attributed(rows, outcome, prior, tests, draws, rng)
        else:
            outcomes = _total(total, column, rows.grid)
            learned = _aggregate(rows, outcomes, column == "revenue", prior, tests, draws, rng)
        step(STEPS - 1, STEPS)
    curves = _curves(rows, outcome, learned, prior, rng)
    step(STEPS, STEPS)
    found = (*rows.findings, *learned.findings, *doubts, *curves.findings)
    return replace(curves, findings=found, attributed=total is None)


def beliefs(policy: Policy | None) -> Prior:
    """The usual prior, as sure of who is credited as the team says it is."""
    usual = Prior()
    doubt = usual.attribution if policy is None else policy.credit_doubt
    return replace(usual, attribution=doubt, shrunk_as=min(usual.shrunk_as, doubt))


def _margin(outcome: str, policy: Policy | None) -> float:
    """What a unit of revenue is worth in the outcome asked for."""
    if outcome not in OUTCOMES:
        raise ResponseError("response.bad_outcome", outcome=outcome, known=", ".join(OUTCOMES))
    if outcome != "profit":
        return 1.0
    if policy is None or policy.margin is None:
        raise ResponseError("response.no_margin")
    return policy.margin


def _attributed(
    rows: Rows, outcome: str, prior: Prior, lifts: tuple[Lift, ...], draws: int, rng: np.random.Generator
) -> _Learned:
    """Curves of outcomes credited to channels."""
    panel = panel_of(rows, outcome)
    demand = demand_of(rows.grid, common_factor(rows.carried), FACTOR_SD)
    problem, fit = fit_attributed(panel, demand, prior)
    drawn = draw_all(problem, fit, draws, rng)
    own = fit.shared.spread[ROI] ** 2
    trust = max(own - prior.shrunk_as**2, 0.25 * own) / own
    credited = drawn[..., ROI] - np.logaddexp(0.0, drawn[..., ORGANIC])
    pull = (1 - trust) * (credited.mean() - credited) - prior.credited
    variance = prior.attribution**2 * trust + panel.worth_var
    believed = own + fit.shared.centre_var[ROI]
    borrowed = drawn[..., ROI].var(axis=0) / believed
    u, scale = corrected(lifts, drawn, panel.reference, pull, variance, rng)
    events = (panel.counts * panel.weight).sum(axis=0)
    outlook = demand.outlook(fit.weights, AHEAD)
    return _Learned(u, scale, panel.reference, events, borrowed, outlook)


def _aggregate(
    rows: Rows,
    outcome: Array,
    money: bool,
    prior: Prior,
    lifts: tuple[Lift, ...],
    draws: int,
    rng: np.random.Generator,
) -> _Learned:
    """Curves of a total."""
    peak = peaks(rows.carried, rows.grid)
    known = np.isfinite(outcome) & rows.grid.seen
    seen = known & ~peak if (known & ~peak).any() else known
    unit = unit_of(outcome[seen], "revenue")
    demand = demand_of(rows.grid, common_factor(rows.carried), FACTOR_SD)
    reference = reference_of(rows)
    counts = np.where(seen, np.nan_to_num(outcome), 0.0) / unit
    series = Series(rows.carried, reference, counts, seen.astype(float), unit, money, demand)
    problem, fit = fit_total(series, prior, lifts)
    u, borrowed = draw_total(problem, fit, draws, rng)
    events = np.full(len(rows.channels), counts.sum())
    _, _, weights = problem.split(fit.x)
    dropped = float(rows.grid.days[known & ~seen].sum())
    told = (Finding("info", "response.peaks", {"days": dropped}),) if dropped else ()
    outlook = demand.outlook(weights, AHEAD)
    return _Learned(u, np.zeros(u.shape[:2]), reference, events, borrowed, outlook, told)


def _total(total: pd.DataFrame, column: str, grid: Grid) -> Array:
    """(P,) the outcome of each period, NaN where it was not seen.

    Raises:
        InputError: a column is missing.
        ResponseError: ``response.no_outcome``.
    """
    require_columns(total, ("day", column))
    day = days_of(total["day"])
    values = pd.to_numeric(total[column], errors="coerce").astype(float)
    values = values.where(np.isfinite(values) & day.notna())
    inside = values.notna() & (day >= grid.start[0])
    place = grid.places(day[inside])
    last = grid.start[-1] + pd.Timedelta(days=float(grid.days[-1]))
    kept = np.asarray(day[inside] < last)
    if not kept.any():
        raise ResponseError("response.no_outcome", outcome=column)
    out = np.full(len(grid.start), np.nan)
    sums = np.bincount(place[kept], weights=values[inside].to_numpy()[kept], minlength=len(out))
    known = np.unique(place[kept])
    out[known] = np.maximum(sums[known], 0.0)
    return out


def _curves(
    rows: Rows, outcome: str, learned: _Learned, prior: Prior, rng: np.random.Generator
) -> ResponseCurves:
    """Unknowns as parameters, with what they rest on."""
    u, names = learned.u, rows.channels
    slope = np.exp(u[..., SLOPE])
    log_return = u[..., ROI] - np.logaddexp(0.0, u[..., ORGANIC]) + learned.scale
    log_top = log_return + np.log(learned.reference) + np.logaddexp(0.0, slope * u[..., HALF])
    today = _today(rows)
    told = judged.identified(u, learned.scale, today.to_numpy() / learned.reference, prior, names)
    table = judged.sources(rows.spend, rows.grid, learned.events, learned.borrowed, names)
    return ResponseCurves(
        channels=names,
        top=np.exp(log_top),
        half=learned.reference * np.exp(u[..., HALF]),
        slope=slope,
        keep=np.minimum(expit(u[..., KEEP]), MOST_KEEP),
        today=today,
        observed_range=judged.held_range(rows.spend, rows.grid, names),
        outcome=outcome,
        value=_value(rows, outcome, len(u), rng),
        outlook=learned.outlook,
        identified=told,
        sources=table,
        findings=tuple(judged.doubts(rows.grid, told, table, float(learned.events.sum()))),
    )


def _today(rows: Rows) -> pd.Series:
    """Mean money per day of the last 56 days."""
    grid = rows.grid
    end = grid.start[-1] + pd.Timedelta(days=float(grid.days[-1]))
    inside = np.asarray((end - grid.start).days <= max(TODAY_DAYS, grid.days[-1])) & grid.seen
    weight = (grid.days * inside)[:, None]
    return pd.Series((rows.spend * weight).sum(axis=0) / weight.sum(), index=list(rows.channels))


def _value(rows: Rows, outcome: str, draws: int, rng: np.random.Generator) -> Array:
    """(draws, C) money per unit of the outcome."""
    width = len(rows.channels)
    if outcome in ("revenue", "profit"):
        return np.ones((draws, width))
    if "revenue" not in rows.sums or outcome not in rows.sums or not np.nansum(rows.sums["revenue"]) > 0:
        return np.full((draws, width), np.nan)
    counts = np.nan_to_num(rows.sums[outcome])
    worth, variance = worth_of(counts, rows.sums["revenue"], (outcome,) * width, "revenue")
    return np.asarray(np.exp(worth + rng.standard_normal((draws, width)) * np.sqrt(variance)))

"""Learn response curves from daily rows: the entry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from channelopt.errors import Finding
from channelopt.policy import Policy
from channelopt.response.attributed import fit_attributed
from channelopt.response.curves import AHEAD, OUTCOMES, TODAY_DAYS, ResponseCurves
from channelopt.response.demand import demand_of
from channelopt.response.messages import ResponseError
from channelopt.response.model import HALF, KEEP, ORGANIC, ROI, SLOPE
from channelopt.response.panel import Panel, panel_of, rows_of
from channelopt.response.prior import Prior, Shared
from channelopt.response.sampling import draw_all

Array = npt.NDArray[np.float64]
OnStep = Callable[[int, int], None]

FUNNEL = ("leads", "valid_leads", "customers", "revenue")


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
    """x"""
    return fit_with(daily, outcome, Prior(), seed=seed, draws=draws)


def fit_with(daily: pd.DataFrame, outcome: str, prior: Prior, total=None, seed: int = 2026, draws: int = 400) -> ResponseCurves:
    rows = rows_of(daily, FUNNEL)
    panel = panel_of(rows, outcome)
    demand = demand_of(panel.grid)
    problem, fit = fit_attributed(panel, demand, prior)
    rng = np.random.default_rng(seed)
    drawn = draw_all(problem, fit, draws, rng)
    top, half, slope, keep = _parameters(panel, drawn.u, fit.shared, prior, rng)
    spend = pd.DataFrame(panel.spend, columns=list(panel.channels))
    ts = _today(panel)
    names = list(panel.channels)
    return ResponseCurves(
        panel.channels, top, half, slope, keep,
        today=ts, observed_range=pd.DataFrame({"low": spend.min(), "high": spend.max()}), outcome=outcome,
        value=np.ones_like(top), outlook=demand.outlook(fit.weights, AHEAD, fit.level_sd),
        identified=pd.Series("yes", index=names), sources=pd.DataFrame({"days": 1.0, "spend_sd": .1, "events": 1, "borrowed": 0.0}, index=names),
        findings=panel.findings + (Finding("info", "x", {"fit": fit, "ess": drawn.effective}),),
    )


def _today(panel: Panel) -> pd.Series:
    end = panel.grid.start[-1] + pd.Timedelta(days=float(panel.grid.days[-1]))
    left = (end - panel.grid.start).days.to_numpy() <= TODAY_DAYS
    w = panel.grid.days * left * panel.grid.seen
    return pd.Series((panel.spend * w[:, None]).sum(axis=0) / w.sum(), index=list(panel.channels))


def _parameters(panel: Panel, u: Array, shared: Shared, prior: Prior, rng: np.random.Generator):
    share = expit(u[..., ORGANIC])
    worth = rng.standard_normal(u.shape[:2]) * np.sqrt(panel.worth_var)
    roi = u[..., ROI] + np.log1p(-share) + worth
    own = shared.spread[ROI] ** 2
    trust = max(own - prior.attribution**2, 0.25 * own) / own
    centre = roi.mean()
    roi = centre - prior.credited + trust * (roi - centre) + rng.standard_normal(u.shape[:2]) * prior.attribution * np.sqrt(trust)
    slope = np.exp(u[..., SLOPE])
    top = np.exp(roi) * panel.reference * (1 + np.exp(slope * u[..., HALF]))
    return top, panel.reference * np.exp(u[..., HALF]), slope, expit(u[..., KEEP])

r"""The joint fit of all channels when outcomes are credited to channels.

Unknowns are the channels' u (five each) and the weights b of log demand, which all channels share. With
J_c = d log mu_c / d u_c, Z the demand columns and W_c the Fisher weights, the Hessian is an arrow,

    A_c = J_c' W_c J_c + prior,   B_c = J_c' W_c Z,   D = sum_c Z' W_c Z + prior,

so Newton steps solve the small Schur complement ``D - sum_c B_c' A_c^-1 B_c``. The same complement tells
how much less a channel's own data say because demand is not known.

Between steps the noise is measured: overdispersion by moments, days that repeat each other by the
autocorrelation of residuals (their likelihood counts by 1 / omega), single wild days are pulled in to
``WILD`` standard deviations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from channelopt.response.demand import LEVEL, Demand
from channelopt.response.model import (
    KEEP,
    ROI,
    STEP,
    adstock,
    before,
    log_likelihood,
    log_shape_slopes,
)
from channelopt.response.panel import Panel
from channelopt.response.prior import Prior, Shared, learn, start

Array = npt.NDArray[np.float64]

ROUNDS, STEPS = 5, 6
#: Residuals beyond so many standard deviations are pulled in.
WILD = 4.0
#: and beyond so many counts more: one rare event is no wild day.
WILD_COUNTS = 5.0
#: Lags, in periods, that residuals may repeat each other over; the most a day may lose.
LAGS, MOST_REPEAT = 6, 5.0
#: 1 / k within these; the first guess.
DISPERSION = (1e-4, 4.0)
FIRST_DISPERSION = 0.05
#: Furthest a Newton step may go, and furthest an unknown may be from its centre, in prior spreads.
FURTHEST, EDGE = 1.5, 5.0


@dataclass(frozen=True)
class Fit:
    """The mode and what was learned on the way.

    Attributes:
        u: (C, 5) unknowns.
        weights: (q,) of log demand.
        shared: what the channels have in common.
        dispersion: (C,) 1 / k.
        repeat: omega, how many days say what one independent day would.
        level_sd: of the slow level.
        counts: (P, C), wild days pulled in.
    """

    u: Array
    weights: Array
    shared: Shared
    dispersion: Array
    repeat: float
    level_sd: float
    counts: Array


@dataclass(frozen=True)
class Curvature:
    """The pieces of the arrow at a point.

    Attributes:
        gradient: (C, 5).
        own: (C, 5, 5), A.
        cross: (C, 5, q), B.
        demand_gradient: (q,).
        demand: (q, q), D.
        height: log posterior.
    """

    gradient: Array
    own: Array
    cross: Array
    demand_gradient: Array
    demand: Array
    height: float


class Problem:
    """Panel and demand as the arrays the fit needs."""

    def __init__(self, panel: Panel, demand: Demand) -> None:
        self.panel, self.demand = panel, demand
        self.days = panel.grid.days
        self.relative = panel.spend / panel.reference
        self.first = before(self.relative, self.days)
        # counts per day at the reference spend and a return of 1
        self.offset = np.log(panel.reference) - panel.worth
        self.log_days = np.log(self.days)

    def stock(self, keep: Array) -> Array:
        """(P, C) adstock relative to the reference; keep (C,)."""
        return adstock(self.relative, self.days, keep, self.first)

    def log_mean(self, u: Array, weights: Array) -> tuple[Array, Array]:
        """(P, C) log of the expected counts, and its slopes (P, C, 5)."""
        keep = 1 / (1 + np.exp(-u[:, KEEP]))
        moved = 1 / (1 + np.exp(-u[:, KEEP] - STEP))
        value, slopes = log_shape_slopes(self.stock(keep), self.stock(moved), u)
        level = self.log_days + self.demand.columns @ weights
        return value + level[:, None] + self.offset + u[:, ROI], slopes

    def curvature(self, fit: Fit) -> Curvature:
        """Gradient and Hessian of the log posterior at the fit."""
        log_mean, slopes = self.log_mean(fit.u, fit.weights)
        score, weight, height = self._score(fit, log_mean)
        away = fit.u - fit.shared.centre
        hold = fit.shared.precision()
        precision = self.demand.with_level(fit.level_sd)
        columns = self.demand.columns
        weighed = weight[..., None] * slopes
        return Curvature(
            gradient=np.einsum("pc,pcj->cj", score, slopes) - hold * away,
            own=np.einsum("pci,pcj->cij", weighed, slopes) + np.diag(hold),
            cross=np.einsum("pci,pq->ciq", weighed, columns, optimize=True),
            demand_gradient=columns.T @ score.sum(axis=1) - precision @ fit.weights,
            demand=columns.T @ (weight.sum(axis=1)[:, None] * columns) + precision,
            height=height - 0.5 * float((hold * away**2).sum() + fit.weights @ precision @ fit.weights),
        )

    def _score(self, fit: Fit, log_mean: Array) -> tuple[Array, Array, float]:
        """Score and Fisher weight by log mean, and the log likelihood, all by 1 / omega."""
        k = 1 / fit.dispersion
        mean = np.exp(np.minimum(log_mean, 700))
        light = self.panel.weight / fit.repeat
        score = light * (fit.counts - mean) * k / (mean + k)
        weight = light * mean * k / (mean + k)
        return score, weight, float((light * log_likelihood(fit.counts, log_mean, k)).sum())


def fit_attributed(panel: Panel, demand: Demand, prior: Prior) -> tuple[Problem, Fit]:
    """The mode of all channels and of demand together."""
    problem = Problem(panel, demand)
    account = _account(panel)
    shared = start(prior, account)
    fit = Fit(
        u=np.tile(shared.centre, (len(panel.channels), 1)), weights=np.zeros(demand.columns.shape[1]),
        shared=shared, dispersion=np.full(len(panel.channels), FIRST_DISPERSION), repeat=1.0,
        level_sd=LEVEL, counts=panel.counts,
    )  # fmt: skip
    for _ in range(ROUNDS):
        fit = _climb(problem, fit)
        fit = _noise(problem, fit)
        fit = _learned(problem, fit, prior, account)
    return problem, _climb(problem, fit)


def _account(panel: Panel) -> float:
    """Log of the account's outcome per money; of half an event where nothing was counted."""
    worth = np.exp(panel.worth)
    outcome = float((panel.counts * panel.weight * worth).sum())
    money = float((panel.spend * panel.grid.days[:, None] * panel.weight).sum())
    return float(np.log(max(outcome, 0.5 * float(worth.mean())) / max(money, 1e-12)))


def _climb(problem: Problem, fit: Fit) -> Fit:
    """Newton steps, each no longer than raises the posterior."""
    damp = 1e-3
    here = problem.curvature(fit)
    for _ in range(STEPS):
        du, dw = _step(here, damp)
        moved = replace(fit, u=_inside(fit.u + du, fit.shared), weights=fit.weights + dw)
        there = problem.curvature(moved)
        if there.height > here.height - 1e-9:
            gain = there.height - here.height
            fit, here, damp = moved, there, max(damp / 10, 1e-6)
            if gain < 1e-3:
                break
        else:
            damp = max(damp * 30, 1e-2)
    return fit


def _inside(u: Array, shared: Shared) -> Array:
    """Unknowns within reach of their centre."""
    return np.clip(u, shared.centre - EDGE * shared.spread, shared.centre + EDGE * shared.spread)


def _step(at: Curvature, damp: float) -> tuple[Array, Array]:
    """Solve the arrow."""
    size = at.own.shape[1]
    own = at.own + damp * np.einsum("cij,ij->cij", at.own, np.eye(size))
    solved = np.linalg.solve(own, np.concatenate([at.cross, at.gradient[..., None]], axis=2))
    small = (
        at.demand + damp * np.diag(np.diag(at.demand)) - np.einsum("ciq,cir->qr", at.cross, solved[..., :-1])
    )
    right = at.demand_gradient - np.einsum("ciq,ci->q", at.cross, solved[..., -1])
    dw = np.linalg.solve(small, right)
    du = solved[..., -1] - solved[..., :-1] @ dw
    return np.clip(du, -FURTHEST, FURTHEST), np.clip(dw, -FURTHEST, FURTHEST)


def marginal(at: Curvature) -> tuple[Array, Array, Array]:
    """Covariance of each channel's unknowns, demand not known.

    Returns:
        (C, 5, 5) covariances; (C, q, q) precision of demand without the channel's own data, the other
        channels' unknowns averaged out; (q, q) covariance of demand.
    """
    solved = np.linalg.solve(at.own, at.cross)
    taken = np.einsum("ciq,cir->cqr", at.cross, solved)
    whole = at.demand - taken.sum(axis=0)
    without = whole[None] + taken  # the channel's u held fixed
    inverse = np.linalg.solve(without, np.swapaxes(at.cross, 1, 2))
    own = at.own - at.cross @ inverse
    return np.asarray(np.linalg.inv(own)), without, np.asarray(np.linalg.inv(whole))


def _noise(problem: Problem, fit: Fit) -> Fit:
    """Overdispersion, repetition and wild days from the residuals."""
    log_mean, _ = problem.log_mean(fit.u, fit.weights)
    mean = np.exp(np.minimum(log_mean, 700))
    seen = problem.panel.weight > 0
    sd = np.sqrt(mean + mean**2 * fit.dispersion)
    counts = np.clip(problem.panel.counts, np.maximum(mean - WILD * sd, 0), mean + WILD * sd + WILD_COUNTS)
    dispersion = dispersion_of(np.where(seen, counts, np.nan), mean)
    sd = np.sqrt(mean + mean**2 * dispersion)
    residual = np.where(seen, (counts - mean) / sd, 0.0)
    return replace(fit, counts=counts, dispersion=dispersion, repeat=repeat_of(residual, seen))


def dispersion_of(counts: Array, mean: Array) -> Array:
    """(C,) of 1 / k by moments, shrunk towards all channels' as far as a channel cannot tell."""
    seen = np.isfinite(counts)
    square = np.where(seen, mean, 0.0) ** 2
    over = np.nansum((counts - mean) ** 2 - mean, axis=0)
    total = np.maximum(square.sum(axis=0), 1e-12)
    common = float(np.clip(over.sum() / total.sum(), *DISPERSION))
    own = np.clip(over / total, *DISPERSION)
    noise = (2 * (np.where(seen, mean, 0.0) + square * own) ** 2).sum(axis=0) / total**2
    weight = 1 / np.maximum(noise, 1e-12)
    hold = 1 / common**2
    return np.asarray(np.clip((weight * own + hold * common) / (weight + hold), *DISPERSION))


def repeat_of(residual: Array, seen: npt.NDArray[np.bool_]) -> float:
    """Omega: the variance of sums of neighbouring residuals over that of independent ones, all channels."""
    power = float((residual**2).sum())
    if power <= 0 or len(residual) < 4 * LAGS:
        return 1.0
    omega = 1.0
    for lag in range(1, LAGS + 1):
        both = seen[lag:] & seen[:-lag]
        share = float((residual[lag:] * residual[:-lag]).sum()) / power * seen.sum() / max(both.sum(), 1)
        omega += 2 * (1 - lag / (LAGS + 1)) * share
    return float(np.clip(omega, 1.0, MOST_REPEAT))


def _learned(problem: Problem, fit: Fit, prior: Prior, account: float) -> Fit:
    """Centres and spreads across channels, and the size of the slow level."""
    at = problem.curvature(fit)
    covariance, _, demand = marginal(at)
    variance = np.einsum("cii->ci", covariance)
    shared = learn(prior, account, fit.u, variance, fit.shared)
    return replace(fit, shared=shared, level_sd=problem.demand.level_sd(fit.weights, demand))

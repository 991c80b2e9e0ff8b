r"""The fit when only the total outcome is known: baseline and all channels in one series.

With R_c(a) the outcome that channel c brings per day and b the log of what comes without spend,

.. math:: \log \mu = \log n + s + \log\{e^b + \sum_c R_c(a_c)\}, \quad
    R_c(a) = e^{u_{c0}} x_{c0} H_c(a) / H_c(x_{c0}).

Nobody tells which channel an order came from, so beliefs matter: media are expected to bring
``MEDIA_SHARE`` of the total, give or take, and the channels' returns scatter around a common one, m, which
is an unknown too; money is believed to return about twice itself, give or take. Demand has one more column,
the common factor of log spend: where budgets follow demand, their common movement is not taken for their
effect. Unknowns (u, m, b, demand) have a normal posterior around the mode (Laplace); each draw is scaled so
that base and media bring what was seen in all. Lift tests are observations of ``log q`` (see ``lifts``).

Source: Tierney & Kadane (1986), JASA 81 (Laplace); weighing the draws by the posterior was tried and made
intervals too narrow: dozens of unknowns leave a handful of draws.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from channelopt.response.attributed import (
    DISPERSION,
    FIRST_DISPERSION,
    WILD,
    WILD_COUNTS,
    dispersion_of,
    repeat_of,
)
from channelopt.response.demand import LEVEL, Demand
from channelopt.response.lifts import Lift
from channelopt.response.model import KEEP, ROI, STEP, adstock, before, log_shape, log_shape_slopes
from channelopt.response.prior import Prior

Array = npt.NDArray[np.float64]

#: Share of the total that media are expected to bring, and the sd of log base around it.
MEDIA_SHARE, BASE_SD = 0.4, 0.8
#: What money usually returns, on the log scale, and its standard deviation: where spend is tiny beside
#: the total, the share alone would believe in miracles.
USUAL_RETURN, USUAL_SD = float(np.log(2.0)), 1.0
ROUNDS, STEPS = 5, 8
#: Furthest a Newton step may go.
FURTHEST = 1.0
#: Unknowns per channel: no organic share.
EACH = 4
NO_ORGANIC = -40.0


@dataclass(frozen=True)
class Series:
    """The total on its periods.

    Attributes:
        spend: (P, C) money per day.
        reference: (C,) mean money per day on days with spend.
        counts: (P,) total outcome in units of about one order.
        weight: (P,) 1 where it was seen.
        unit: outcome per count.
        money: whether the outcome is money, whose usual return is known.
        demand: columns of log demand.
    """

    spend: Array
    reference: Array
    counts: Array
    weight: Array
    unit: float
    money: bool
    demand: Demand


@dataclass(frozen=True)
class TotalFit:
    """The mode. ``x`` is (4 C + 2 + q,): u, m, b, demand weights."""

    x: Array
    dispersion: float
    repeat: float
    level_sd: float
    counts: Array


class TotalProblem:
    """Arrays and beliefs."""

    def __init__(self, series: Series, prior: Prior, lifts: tuple[Lift, ...] = ()) -> None:
        self.series = series
        grid = series.demand.grid
        self.days, self.log_days = grid.days, np.log(grid.days)
        self.width = series.spend.shape[1]
        self.relative = series.spend / series.reference
        self.first = before(self.relative, self.days)
        self.offset = np.log(series.reference / series.unit)
        per_day = float((series.counts * series.weight).sum() / (self.days * series.weight).sum())
        per_day = max(per_day, 0.5 / float(self.days.sum()))
        money = float((series.spend * self.days[:, None]).sum() / self.days.sum())
        self.account = float(np.log(MEDIA_SHARE * per_day * series.unit / money))
        self.first_base = float(np.log((1 - MEDIA_SHARE) * per_day))
        self.lifts = lifts
        self._believe(prior)

    def _believe(self, prior: Prior) -> None:
        """Centre and precision of all unknowns but demand."""
        w = self.width
        centre = np.array(prior.centre[:EACH])
        common, common_sd = self._common(prior)
        sd = np.sqrt(np.array(prior.spread[:EACH]) ** 2 + np.r_[0.0, np.array(prior.centre_sd[1:EACH]) ** 2])
        centres = np.r_[np.tile(np.r_[0.0, centre[1:]], w), common, self.first_base]
        spread = np.r_[np.tile(sd, w), common_sd, BASE_SD]
        # the return of a channel is believed to be near m, so it is held relative to it
        turn = np.eye(w * EACH + 2)
        turn[np.arange(w) * EACH, w * EACH] = -1.0
        self.hold = turn.T @ ((1 / spread**2)[:, None] * turn)
        self.middle = np.linalg.solve(turn, centres)

    def _common(self, prior: Prior) -> tuple[float, float]:
        """Where the common log return is expected, and how well that is known."""
        centre, sd = prior.centre[0], prior.centre_sd[0]
        if prior.absolute:
            return centre, sd
        centre += self.account
        if not self.series.money:
            return centre, sd
        sure, usual = 1 / sd**2, 1 / USUAL_SD**2
        return (sure * centre + usual * USUAL_RETURN) / (sure + usual), float((sure + usual) ** -0.5)

    def split(self, x: Array) -> tuple[Array, Array, Array]:
        """u (..., C, 5), b (...), demand weights (..., q)."""
        w = self.width * EACH
        u = x[..., :w].reshape(*x.shape[:-1], self.width, EACH)
        u = np.concatenate([u, np.full((*u.shape[:-1], 1), NO_ORGANIC)], axis=-1)
        return u, x[..., w + 1], x[..., w + 2 :]

    def log_mean(self, x: Array) -> tuple[Array, Array]:
        """(P,) log of the expected count and its slopes (P, 4 C + 2 + q)."""
        u, base, weights = self.split(x)
        stocks = [
            adstock(self.relative, self.days, 1 / (1 + np.exp(-u[:, KEEP] - step)), self.first)
            for step in (0.0, STEP)
        ]
        value, slopes = log_shape_slopes(stocks[0], stocks[1], u)
        parts = np.column_stack([value + self.offset + u[:, ROI], np.full(len(value), base)])
        total = logsumexp(parts, axis=1)
        share = np.exp(parts - total[:, None])
        own = (share[:, :-1, None] * slopes[..., :EACH]).reshape(len(value), -1)
        columns = self.series.demand.columns
        jacobian = np.column_stack([own, np.zeros(len(value)), share[:, -1], columns])
        return self.log_days + total + columns @ weights, jacobian

    def precision(self, fit: TotalFit) -> Array:
        """Prior precision of all unknowns."""
        q = self.series.demand.columns.shape[1]
        size = len(self.middle)
        out = np.zeros((size + q, size + q))
        out[:size, :size] = self.hold
        out[size:, size:] = self.series.demand.with_level(fit.level_sd)
        return out

    def curvature(self, fit: TotalFit) -> tuple[Array, Array, float]:
        """Gradient, Hessian (Fisher) and height of the log posterior."""
        log_mean, jacobian = self.log_mean(fit.x)
        k = 1 / fit.dispersion
        mean = np.exp(np.minimum(log_mean, 700))
        light = self.series.weight / fit.repeat
        score = light * (fit.counts - mean) * k / (mean + k)
        weight = light * mean * k / (mean + k)
        precision = self.precision(fit)
        away = fit.x - np.r_[self.middle, np.zeros(len(fit.x) - len(self.middle))]
        pull = precision @ away
        height = light @ (fit.counts * log_mean - (fit.counts + k) * np.log(mean + k)) - 0.5 * away @ pull
        gradient, hessian = jacobian.T @ score - pull, jacobian.T @ (weight[:, None] * jacobian) + precision
        size = len(self.middle)
        told, slope, bend = self.lifted(fit.x[None, :size])
        gradient[:size] += slope
        hessian[:size, :size] += bend
        return gradient, hessian, float(height + told[0])

    def lifted(self, x: Array) -> tuple[Array, Array, Array]:
        """Log likelihood of lift tests at (S, 4 C + 2), its gradient and curvature at the first of them."""
        size = x.shape[1]
        height, slope, bend = np.zeros(len(x)), np.zeros(size), np.zeros((size, size))
        u, _, _ = self.split(x)
        for lift in self.lifts:
            own, reference = u[:, lift.channel], float(self.series.reference[lift.channel])
            missing = (lift.log_effect - lift.log_told(own, reference)) / lift.error
            height += -0.5 * missing**2
            moved = own[0] + STEP * np.eye(5)[:EACH]
            rise = (lift.log_told(moved, reference) - lift.log_told(own[0], reference)) / STEP / lift.error
            at = slice(lift.channel * EACH, (lift.channel + 1) * EACH)
            slope[at] += missing[0] * rise
            bend[at, at] += np.outer(rise, rise)
        return height, slope, bend


def fit_total(series: Series, prior: Prior, lifts: tuple[Lift, ...] = ()) -> tuple[TotalProblem, TotalFit]:
    """The mode of everything together."""
    problem = TotalProblem(series, prior, lifts)
    q = series.demand.columns.shape[1]
    fit = TotalFit(np.r_[problem.middle, np.zeros(q)], FIRST_DISPERSION, 1.0, LEVEL, series.counts)
    for _ in range(ROUNDS):
        fit = _climb(problem, fit)
        fit = _noise(problem, fit)
        fit = _level(problem, fit)
    return problem, _climb(problem, fit)


def _climb(problem: TotalProblem, fit: TotalFit) -> TotalFit:
    damp = 1e-3
    gradient, hessian, height = problem.curvature(fit)
    for _ in range(STEPS):
        step = np.linalg.solve(hessian + damp * np.diag(np.diag(hessian)), gradient)
        moved = replace(fit, x=fit.x + np.clip(step, -FURTHEST, FURTHEST))
        there = problem.curvature(moved)
        if there[2] > height - 1e-9:
            gain = there[2] - height
            fit, (gradient, hessian, height), damp = moved, there, max(damp / 10, 1e-6)
            if gain < 1e-3:
                break
        else:
            damp = max(damp * 30, 1e-2)
    return fit


def _noise(problem: TotalProblem, fit: TotalFit) -> TotalFit:
    log_mean, _ = problem.log_mean(fit.x)
    mean = np.exp(np.minimum(log_mean, 700))
    seen = problem.series.weight > 0
    sd = np.sqrt(mean + mean**2 * fit.dispersion)
    most = mean + WILD * sd + WILD_COUNTS
    counts = np.clip(problem.series.counts, np.maximum(mean - WILD * sd, 0), most)
    dispersion = float(dispersion_of(np.where(seen, counts, np.nan)[:, None], mean[:, None])[0])
    residual = np.where(seen, (counts - mean) / np.sqrt(mean + mean**2 * dispersion), 0.0)
    return replace(fit, counts=counts, dispersion=float(np.clip(dispersion, *DISPERSION)),
                   repeat=repeat_of(residual[:, None], seen[:, None]))  # fmt: skip


def _level(problem: TotalProblem, fit: TotalFit) -> TotalFit:
    """The size of the slow level."""
    _, hessian, _ = problem.curvature(fit)
    size = len(problem.middle)
    covariance = np.asarray(np.linalg.inv(hessian)[size:, size:])
    return replace(fit, level_sd=problem.series.demand.level_sd(fit.x[size:], covariance))


def draw_total(
    problem: TotalProblem, fit: TotalFit, draws: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Draws around the mode, each scaled so that base and media together bring what was seen.

    Returns:
        (draws, C, 5) of u; (C,) variance of log return over what was believed.
    """
    _, hessian, _ = problem.curvature(fit)
    size = len(problem.middle)
    covariance = np.linalg.inv(hessian)[:size, :size]
    x = fit.x[:size] + rng.standard_normal((draws, size)) @ np.linalg.cholesky(covariance).T
    u, base, _ = problem.split(x)
    mean = np.average(problem.relative, axis=0, weights=problem.days)
    u0, base0, _ = problem.split(fit.x)
    held = log_shape(mean, u) + problem.offset + u[..., ROI]
    told = log_shape(mean, u0) + problem.offset + u0[..., ROI]
    whole = np.logaddexp(logsumexp(held, axis=-1), base)
    u[..., ROI] -= (whole - np.logaddexp(logsumexp(told), base0))[:, None]
    places = np.arange(problem.width) * EACH
    believed = np.linalg.inv(problem.hold)[places, places]
    return u, np.diag(covariance)[places] / believed

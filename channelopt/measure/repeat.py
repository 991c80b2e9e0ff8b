r"""How often customers buy again: the BG/NBD model, fitted by maximum likelihood.

A customer buys at rate :math:`\lambda \sim \Gamma(r, \alpha)` and is lost after each purchase with chance
:math:`p \sim B(a, b)`. Seen are x repeat purchases, the last one at :math:`t_x`, watched for T. With
:math:`\delta = 1` for x > 0, else 0, the likelihood is

.. math:: \frac{\Gamma(r+x)\,\alpha^r}{\Gamma(r)} \left[ \frac{B(a, b+x)}{B(a, b)} (\alpha+T)^{-r-x}
          + \delta\, \frac{B(a+1, b+x-1)}{B(a, b)} (\alpha+t_x)^{-r-x} \right],

the chance that the customer is still there

.. math:: 1 \Big/ \Big( 1 + \delta\, \frac{a}{b+x-1}
          \Big( \frac{\alpha+T}{\alpha+t_x} \Big)^{r+x} \Big),

and the purchases expected in the next t

.. math:: \frac{a+b+x-1}{a-1} \left[ 1 - \Big( \frac{\alpha+T}{\alpha+T+t} \Big)^{r+x}
          {}_2F_1\Big(r+x, b+x; a+b+x-1; \frac{t}{\alpha+T+t}\Big) \right] \times P(\text{still there}).

What is uncertain about the parameters is the inverse of the curvature in their logs, with a vague prior (sd
``likelihood.VAGUE``) where the data say nothing.

Source: Fader, Hardie & Lee (2005), Marketing Science 24:275–284.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import integrate, special

from channelopt.errors import Finding, InputError, require_columns
from channelopt.measure.likelihood import REACH, covariance, lowest
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]

NAMES = ("r", "alpha", "a", "b")
#: Where the search starts: r, a, b; alpha starts at their mean time between purchases.
STARTS = ((0.3, 0.8, 2.5), (1.0, 1.0, 5.0), (2.0, 0.3, 1.0))
#: The formula divides 0 by 0 at a = 1 and loses digits this close to it.
AROUND = 1e-3
#: Chance to be lost after a purchase below which nobody seems to be lost.
HARDLY = 0.005
STATUSES = ("fitted", "too_few_repeaters", "no_loss_seen")


@dataclass(frozen=True)
class RepeatModel:
    """Parameters of the BG/NBD model; time is in weeks.

    Attributes:
        r, alpha: shape and rate of the purchase rates (alpha in weeks); NaN when not fitted.
        a, b: of the chances to be lost after a purchase; NaN when not fitted.
        log_likelihood: at the parameters; NaN when not fitted.
        covariance: (4, 4), of the logs of r, alpha, a, b; NaN when not fitted.
        customers: how many it rests on.
        repeaters: those with a second purchase.
        status: one of ``STATUSES``; "no_loss_seen": nobody seems to be lost, so far horizons are a guess.
        findings: what is doubtful.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    covariance: Array
    customers: int
    repeaters: int
    status: str = "fitted"
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise InputError("common.bad_setting", name="status", value=self.status, wanted=STATUSES)
        if self.status != "too_few_repeaters" and not min(self.parameters) > 0:
            raise InputError("common.bad_setting", name="r", value=self.parameters, wanted="above 0")

    @property
    def parameters(self) -> tuple[float, float, float, float]:
        """r, alpha, a, b."""
        return self.r, self.alpha, self.a, self.b

    @property
    def fitted(self) -> bool:
        """Whether there are parameters."""
        return self.status != "too_few_repeaters"

    def alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, watched: npt.ArrayLike) -> Array:
        """Chance that a customer is still there; NaN when not fitted.

        Args:
            x: repeat purchases, any shape.
            t_x: week of the last one since the first purchase; 0 when there is none.
            watched: weeks watched since the first purchase.
        """
        many, last, time = (np.asarray(v, dtype="float64") for v in (x, t_x, watched))
        grown = (self.r + many) * (np.log(self.alpha + time) - np.log(self.alpha + last))
        odds = np.log(self.a) - np.log(self.b + np.maximum(many, 1.0) - 1) + grown
        return np.where(many > 0, special.expit(-odds), 1.0 if self.fitted else np.nan)

    def expected(
        self, weeks: float, x: npt.ArrayLike = 0.0, t_x: npt.ArrayLike = 0.0, watched: npt.ArrayLike = 0.0
    ) -> Array:
        """Purchases expected in the next weeks; of a new customer when only ``weeks`` is given.

        Args:
            weeks: how long, from 0.
            x, t_x, watched: as for ``alive``.

        Returns:
            Purchases, shape of the arguments; NaN when not fitted.

        Raises:
            InputError: ``common.bad_setting`` for weeks that are none.
        """
        if not 0 <= weeks < np.inf:
            raise InputError("common.bad_setting", name="weeks", value=weeks, wanted="from 0")
        many, last, time = np.broadcast_arrays(*(np.asarray(v, "float64") for v in (x, t_x, watched)))
        if not self.fitted:
            return np.full(many.shape, np.nan)
        if weeks == 0:
            return np.zeros(many.shape)
        return self._if_alive(float(weeks), many, time) * self.alive(many, last, time)

    def _if_alive(self, weeks: float, many: Array, time: Array) -> Array:
        """Purchases expected of a customer who is still there; around a = 1 between its two sides."""
        if abs(self.a - 1) < AROUND:
            sides = (replace(self, a=1 - 2 * AROUND), replace(self, a=1 + 2 * AROUND))
            below, above = (side._if_alive(weeks, many, time) for side in sides)
            return np.asarray(below + (above - below) * (self.a - sides[0].a) / (4 * AROUND))
        a = self.a
        whole, rest = self.alpha + time + weeks, a + self.b + many - 1
        with np.errstate(all="ignore"):
            gauss = special.hyp2f1(self.r + many, self.b + many, rest, weeks / whole)
            shrunk = ((self.alpha + time) / whole) ** (self.r + many) * gauss
            found = rest / (a - 1) * (1 - shrunk)
        most = (self.r + many) * weeks / (self.alpha + time)
        usable = np.isfinite(found) & (found >= 0) & (found <= most)
        again = [self._integral(weeks, m, t) for m, t in zip(many[~usable], time[~usable], strict=True)]
        found = np.array(found)
        found[~usable] = again
        return found

    def _integral(self, weeks: float, many: float, time: float) -> float:
        """The same by integrating the purchase rate still there at s over s."""

        def rate(u: float) -> float:
            # E[lambda exp(-lambda p s)] with p integrated last; s = u weeks
            inner = integrate.quad(
                lambda q: special.expit(q) ** self.a * special.expit(-q) ** (self.b + many)
                * (1 + special.expit(q) * u * weeks / (self.alpha + time)) ** (-self.r - many - 1),
                -40, 40, limit=200,
            )[0]  # fmt: skip
            return float(inner)

        norm = np.exp(special.betaln(self.a, self.b + many))
        mean = (self.r + many) / (self.alpha + time)
        return float(weeks * mean / norm * integrate.quad(rate, 0, 1, limit=100)[0])

    def draws(self, n: int, rng: np.random.Generator) -> Array:
        """Parameters as they could be as well, (n, 4): r, alpha, a, b; NaN when not fitted."""
        if not self.fitted:
            return np.full((n, 4), np.nan)
        logs = rng.multivariate_normal(np.log(self.parameters), self.covariance, n, method="eigh")
        return np.asarray(np.exp(np.clip(logs, -REACH, REACH)))


def log_likelihood(logs: npt.ArrayLike, x: Array, t_x: Array, watched: Array, weight: Array) -> float:
    """Log-likelihood of BG/NBD.

    Args:
        logs: (4,), logs of r, alpha, a, b.
        x, t_x, watched: per customer, weeks.
        weight: customers that share these figures.
    """
    r, alpha, a, b = np.exp(np.asarray(logs, dtype="float64"))
    rate = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha)
    some = x > 0
    stays = special.betaln(a, b + x) - special.betaln(a, b) - (r + x) * np.log(alpha + watched)
    left = special.betaln(a + 1, np.where(some, b + x - 1, 1.0)) - special.betaln(a, b)
    left = np.where(some, left - (r + x) * np.log(alpha + t_x), -np.inf)
    return float(weight @ (rate + np.logaddexp(stays, left)))


def fit_repeat(customers: pd.DataFrame, policy: Policy | None = None) -> RepeatModel:
    """Learn how often customers buy again.

    Args:
        customers: one row per customer (``purchases.purchases``): x, t_x, watched; "customers" as the
            number that share a row is optional.
        policy: ``min_repeaters``.

    Raises:
        InputError: a column is missing; ``common.bad_setting`` for a history that cannot be.
    """
    rules = policy or Policy()
    x, t_x, watched, weight = _histories(customers)
    repeaters = int(weight[x > 0].sum())
    found = partial(RepeatModel, customers=int(weight.sum()), repeaters=repeaters)
    if repeaters < rules.min_repeaters:
        few = Finding(
            "warning", "measure.repeat_few", {"n": repeaters, "need": rules.min_repeaters}
        )  # fmt: skip
        nothing = float("nan")
        return found(
            nothing, nothing, nothing, nothing, nothing, np.full((4, 4), np.nan),
            status="too_few_repeaters", findings=(few,),
        )  # fmt: skip

    total = float(weight.sum())

    def cost(logs: Array) -> float:
        return -log_likelihood(logs, x, t_x, watched, weight) / total

    pace = float(weight @ watched) / max(float(weight @ x), 1.0)
    at, value = lowest(cost, [(r, max(pace * r, 1e-3), a, b) for r, a, b in STARTS])
    r, alpha, a, b = (float(v) for v in np.exp(at))
    endless = a / (a + b) < HARDLY
    return found(
        r, alpha, a, b, -value * total,
        covariance(lambda logs: cost(logs) * total, at),
        status="no_loss_seen" if endless else "fitted",
        findings=(Finding("warning", "measure.repeat_no_loss", {}),) if endless else (),
    )  # fmt: skip


def _histories(customers: pd.DataFrame) -> tuple[Array, Array, Array, Array]:
    require_columns(customers, ("x", "t_x", "watched"))
    x, t_x, watched = (customers[c].to_numpy(dtype="float64") for c in ("x", "t_x", "watched"))
    weight = customers["customers"].to_numpy(dtype="float64") if "customers" in customers else np.ones(len(x))
    right = (x >= 0) & (t_x >= 0) & (t_x <= watched + 1e-9) & np.isfinite(watched) & (weight >= 0)
    right &= np.where(x > 0, t_x > 0, t_x == 0)
    if not right.all():
        row = int(np.flatnonzero(~right)[0])
        seen = f"x={x[row]}, t_x={t_x[row]}, watched={watched[row]}"
        raise InputError(
            "common.bad_setting", name="customers", value=seen,
            wanted="x from 0, t_x above 0 exactly where x is, and not after the end of watching",
        )  # fmt: skip
    same = pd.DataFrame({"x": x, "t_x": t_x, "watched": watched, "weight": weight})
    few = same.groupby(["x", "t_x", "watched"], as_index=False, sort=True)["weight"].sum()
    few = few[few["weight"] > 0]
    return tuple(few[c].to_numpy(dtype="float64") for c in few)

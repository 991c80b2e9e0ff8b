r"""What a customer's orders are worth: the gamma–gamma model, fitted by maximum likelihood.

A customer's orders are worth :math:`\Gamma(p, \nu)` with the customer's own
:math:`\nu \sim \Gamma(q, \gamma)`. The mean m of x orders has the likelihood

.. math:: \frac{\Gamma(px+q)}{\Gamma(px)\,\Gamma(q)}
          \frac{\gamma^q\, m^{px-1}\, x^{px}}{(\gamma + x m)^{px+q}},

and the customer's orders are expected to be worth :math:`p(\gamma + x m) / (px + q - 1)` each.

Source: Fader & Hardie (2013), The Gamma–Gamma Model of Monetary Value; Colombo & Jiang (1999), Journal of
Interactive Marketing 13.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from channelopt.errors import Finding, InputError, require_columns
from channelopt.measure.likelihood import REACH, covariance, lowest
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]

#: Least q: at 1 the mean order of a new customer would be endless.
LEAST_Q = 1.05
#: Correlation of number and value of repeat orders from which the model's independence is doubtful.
TOGETHER = 0.3
STATUSES = ("fitted", "too_few_values")


@dataclass(frozen=True)
class OrderSize:
    """Parameters of the gamma–gamma model.

    Attributes:
        p, q: shapes; NaN when not fitted.
        gamma: rate, in money; NaN when not fitted.
        log_likelihood: at the parameters; NaN when not fitted.
        covariance: (3, 3), of the logs of p, q, gamma; NaN when not fitted.
        customers: customers with repeat orders of known value.
        correlation: of number and mean value of repeat orders; NaN when it cannot be said.
        status: one of ``STATUSES``.
        findings: what is doubtful.
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float
    covariance: Array
    customers: int
    correlation: float
    status: str = "fitted"
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise InputError("common.bad_setting", name="status", value=self.status, wanted=STATUSES)
        if self.fitted and not (self.p > 0 and self.q > 1 and self.gamma > 0):
            raise InputError("common.bad_setting", name="q", value=self.q, wanted="above 1")

    @property
    def fitted(self) -> bool:
        """Whether there are parameters."""
        return self.status == "fitted"

    def expected(self, x: npt.ArrayLike = 0.0, value: npt.ArrayLike = 0.0) -> Array:
        """Expected value of one more order, in money; of a new customer without arguments.

        Args:
            x: repeat orders seen.
            value: their mean; not looked at where x is 0.
        """
        many = np.asarray(x, dtype="float64")
        seen = np.where(many > 0, many * np.asarray(value, dtype="float64"), 0.0)
        return np.asarray(self.p * (self.gamma + seen) / (self.p * many + self.q - 1))

    def draws(self, n: int, rng: np.random.Generator) -> Array:
        """Parameters as they could be as well, (n, 3): p, q, gamma; NaN when not fitted."""
        if not self.fitted:
            return np.full((n, 3), np.nan)
        spread = rng.multivariate_normal(np.zeros(3), self.covariance, n, method="eigh")
        found = np.array([self.p, self.q, self.gamma]) * np.exp(np.clip(spread, -REACH, REACH))
        found[:, 1] = np.maximum(found[:, 1], LEAST_Q)
        return np.asarray(found)


def log_likelihood(logs: npt.ArrayLike, x: Array, value: Array, weight: Array) -> float:
    """Log-likelihood of the gamma–gamma model.

    Args:
        logs: (3,), logs of p, q, gamma.
        x: repeat orders, above 0.
        value: their mean, above 0.
        weight: customers that share these figures.
    """
    p, q, gamma = np.exp(np.asarray(logs, dtype="float64"))
    px = p * x
    found = special.gammaln(px + q) - special.gammaln(px) - special.gammaln(q) + q * np.log(gamma)
    found = found + (px - 1) * np.log(value) + px * np.log(x) - (px + q) * np.log(gamma + x * value)
    return float(weight @ found)


def fit_order_size(customers: pd.DataFrame, policy: Policy | None = None) -> OrderSize:
    """Learn what repeat orders are worth.

    Args:
        customers: x and value (``purchases.purchases``); "customers" as the number that share a row is
            optional. Customers without a repeat order of a value above 0 are left out.
        policy: ``min_repeaters``.

    Raises:
        InputError: a column is missing.
    """
    rules = policy or Policy()
    require_columns(customers, ("x", "value"))
    weight = customers["customers"] if "customers" in customers else pd.Series(1.0, index=customers.index)
    x, value, many = (np.asarray(v, dtype="float64") for v in (customers["x"], customers["value"], weight))
    usable = (x > 0) & (value > 0) & np.isfinite(value)
    x, value, many = x[usable], value[usable], many[usable]
    count = int(many.sum())
    if count < rules.min_repeaters:
        nothing = float("nan")
        few = Finding("warning", "measure.values_few", {"n": count, "need": rules.min_repeaters})
        return OrderSize(
            nothing, nothing, nothing, nothing, np.full((3, 3), np.nan), count, nothing,
            "too_few_values", (few,),
        )  # fmt: skip
    unit = float(many @ value / count)

    def cost(logs: Array) -> float:
        return -log_likelihood(logs, x, value / unit, many) / count

    low = (-REACH, np.log(LEAST_Q), -REACH)
    at, best = lowest(cost, [(2.0, 3.0, 1.0), (6.0, 4.0, 0.5), (50.0, 50.0, 1.0)], low)
    p, q, gamma = (float(v) for v in np.exp(at))
    likelihood = -best * count - float(many.sum() * np.log(unit))
    related = _correlation(x, value, many)
    doubt = Finding("warning", "measure.values_depend", {"correlation": related})
    return OrderSize(
        p, q, gamma * unit, likelihood, covariance(lambda logs: cost(logs) * count, at), count, related,
        findings=(doubt,) if abs(related) > TOGETHER else (),
    )  # fmt: skip


def _correlation(x: Array, value: Array, weight: Array) -> float:
    """Weighted correlation; NaN where one of them never varies."""
    cov = np.cov(np.vstack([x, value]), aweights=weight) if len(x) > 1 else np.zeros((2, 2))
    scale = float(np.sqrt(cov[0, 0] * cov[1, 1]))
    return float(cov[0, 1] / scale) if scale > 1e-12 * max(float(np.max(value)), 1.0) else float("nan")

"""Make the frozen reference numbers of tests/measure with independent libraries.

Run ``python tests/reference/make_measure.py`` to write ``measure.json`` again. The library
itself is not imported here.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

HERE = Path(__file__).parent


def counts() -> list[dict[str, float]]:
    """Exact Poisson intervals, 90% and 95%."""
    rows = []
    for level in (0.9, 0.95):
        for k in (0, 1, 2, 5, 9, 40, 1000):
            low, high = confint_poisson(k, 1, method="exact-c", alpha=1 - level)
            rows.append({"events": k, "level": level, "low": float(low), "high": float(high)})
    return rows


def shares() -> list[dict[str, float]]:
    """Clopper-Pearson intervals."""
    rows = []
    for level in (0.9, 0.95):
        for k, n in ((0, 10), (1, 10), (10, 10), (3, 200), (9, 12), (400, 20000)):
            low, high = proportion_confint(k, n, alpha=1 - level, method="beta")
            rows.append({"events": k, "trials": n, "level": level, "low": float(low), "high": float(high)})
    return rows


def ratios() -> list[dict[str, object]]:
    """Ratio of sums as weighted least squares through the origin, HC3 standard error.

    Minimising sum((x - R y)**2 / y) gives R = sum(x) / sum(y); the HC3 sandwich of that
    regression is the jackknife form of the delta method up to the factor (n - 1) / n.
    """
    rows = []
    for seed, days in ((1, 14), (2, 28), (3, 90)):
        rng = np.random.default_rng(seed)
        cost = np.round(rng.gamma(20, 50, days), 2)
        revenue = np.round(cost * rng.lognormal(0.7, 0.5, days), 2)
        fit = sm.WLS(revenue, cost, weights=1 / cost).fit(cov_type="HC3")
        rows.append(
            {
                "top": revenue.tolist(),
                "bottom": cost.tolist(),
                "value": float(fit.params[0]),
                "log_var": float(fit.bse[0] ** 2 / fit.params[0] ** 2 * (days - 1) / days),
            }
        )
    return rows


def delays() -> dict[str, object]:
    """The reversed-time product limit as Kaplan-Meier: time runs down from the oldest age.

    With tau the largest age, ``tau - X`` is a lifetime that enters at ``tau - T``: left
    truncation, which SurvfuncRight calls ``entry``. Entry is open, hence the half day.
    """
    rng = np.random.default_rng(7)
    age = rng.integers(0, 60, 800)
    delay = np.floor(rng.weibull(1.3, 800) * 15).astype(int)
    seen = delay <= age
    age, delay = age[seen], delay[seen]
    tau = 59
    curve = SurvfuncRight(tau - delay, np.ones(len(delay)), entry=tau - age - 0.5)
    share = {}
    for x in range(0, 59):
        upto = np.flatnonzero(curve.surv_times <= tau - x - 1)
        share[str(x)] = float(curve.surv_prob[upto[-1]]) if len(upto) else 1.0
    return {"age": age.tolist(), "delay": delay.tolist(), "tau": tau, "share": share}


def main() -> None:
    """Write the numbers with where they come from."""
    source = (
        f"statsmodels {statsmodels.__version__} (confint_poisson exact-c, proportion_confint beta, WLS HC3, "
        f"SurvfuncRight with entry), scipy {scipy.__version__}; made by make_measure.py"
    )
    found = {
        "source": source, "poisson": counts(), "proportion": shares(), "ratio": ratios(), "delay": delays(),
    }  # fmt: skip
    (HERE / "measure.json").write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

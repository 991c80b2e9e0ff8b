r"""Which leads will buy: a score from behaviour, kept as simple as ranks as well, tried on later leads.

**Who has decided.** With G(x) the share of customers who need at most x days (``maturity.py``), a lead
counts from the age H at which G reaches ``MATURE``; it bought when it became a customer within H days.
Younger leads are neither customers nor lost: they are left out. The chance to buy at all is ``P(within H) /
G(H)``.

**Which score.** The oldest ``EARLIER`` of these leads teach, the others try. The points (``scorecard.py``)
are kept unless the logistic regression (``logistic.py``) ranks the later leads better by more than the
standard error of the difference (DeLong). Scores become chances (``calibrate.py``) by leads foretold by
earlier ones only. AUC, lift, calibration and Brier score are those of the later leads, which no part of
what is tried had seen. Then everything is learned again from all leads.

**Refused** is a score with too few leads or customers, or one that does not surely rank the later leads.

Source: Steyerberg (2019), Clinical Prediction Models, for validation in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.measure.calibrate import Calibration, calibrate
from channelopt.measure.leadfeatures import COLUMNS
from channelopt.measure.logistic import RidgeModel, fit_ridge, foretold
from channelopt.measure.maturity import Delays, learn_delays
from channelopt.measure.ranking import (
    NOTHING,
    Auc,
    auc,
    auc_difference,
    brier,
    calibration_curve,
    lift_table,
)
from channelopt.measure.scorecard import Scorecard, fit_points
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]
Model = Scorecard | RidgeModel

#: Share of eventual customers that must be visible before a lead counts as decided.
MATURE = 0.8
#: Share of the decided leads that teach while the others try.
EARLIER = 0.7
#: Customers' worth of the average order mixed into a channel's own.
LENT_ORDERS = 20.0
STATUSES = (
    "ok", "no_leads", "no_customers", "too_few_leads", "too_few_customers", "too_few_others", "no_signal",
)  # fmt: skip


@dataclass(frozen=True)
class IntentModel:
    """A score for leads, and how well it did on leads it had not seen.

    Attributes:
        status: "ok", or why no lead is scored, one of ``STATUSES``.
        model: the score; None when refused for want of data.
        calibration: from the score to the chance of buying within ``horizon`` days; None likewise.
        horizon: days after which a lead counts as decided; NaN when unknown.
        delays: how late customers come.
        leads, customers: decided leads, and customers among them.
        later_leads, later_customers: those it was tried on.
        split: when the later leads begin; NaT without any.
        auc: of the kept score on the later leads; NaN fields without any.
        auc_points, auc_logistic: of both candidates.
        brier, brier_flat: of the kept score's chances, and of one chance for all; NaN without any.
        curve: chances said against what came, see ``ranking.calibration_curve``.
        lift: see ``ranking.lift_table``.
        values: channel → money per customer; empty when no order has a value.
        usual_value: money per customer of all channels; NaN likewise.
        average_chance: mean chance of the decided leads to buy at all.
        leads_per_day: new leads a day over the last four weeks.
        findings: what is doubtful or missing.
        policy: the rules used.
    """

    status: str
    model: Model | None = field(repr=False, default=None)
    calibration: Calibration | None = field(repr=False, default=None)
    horizon: float = float("nan")
    delays: Delays | None = field(repr=False, default=None)
    leads: int = 0
    customers: int = 0
    later_leads: int = 0
    later_customers: int = 0
    split: pd.Timestamp = field(default_factory=lambda: pd.Timestamp("NaT"))
    auc: Auc = NOTHING
    auc_points: Auc = NOTHING
    auc_logistic: Auc = NOTHING
    brier: float = float("nan")
    brier_flat: float = float("nan")
    curve: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)
    lift: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)
    values: Mapping[str, float] = field(default_factory=dict)
    usual_value: float = float("nan")
    average_chance: float = float("nan")
    leads_per_day: float = float("nan")
    findings: tuple[Finding, ...] = ()
    policy: Policy = field(repr=False, default_factory=Policy)

    @property
    def scores(self) -> bool:
        """Whether leads may be scored."""
        return self.status == "ok"

    @property
    def kind(self) -> str:
        """ "points", "logistic", or "" when there is none."""
        return self.model.kind if self.model is not None else ""

    def chance(self, features: pd.DataFrame) -> Array:
        """(leads,), chance of a new lead to buy at all; NaN when no lead may be scored."""
        if self.model is None or self.calibration is None or not self.scores:
            return np.full(len(features), np.nan)
        within = self.calibration.chance(self.model.score(features))
        return np.asarray(np.minimum(within / self.visible(features, self.horizon), 1.0))

    def score(self, features: pd.DataFrame) -> Array:
        """(leads,), the score itself, points or log odds; NaN without one."""
        return np.full(len(features), np.nan) if self.model is None else self.model.score(features)

    def visible(self, features: pd.DataFrame, age: float | Array) -> Array:
        """(leads,), share of its channel's customers who have bought by an age in days."""
        if self.delays is None:
            return np.full(len(features), np.nan)
        out = np.empty(len(features))
        ages = np.broadcast_to(np.asarray(age, dtype="float64"), len(features))
        for name, at in features.groupby(features["channel"].astype("str")).indices.items():
            share = self.delays.curve(str(name)).share
            out[at] = share[np.clip(ages[at], 0, len(share) - 1).astype(int)]
        return out

    def parts(self, features: pd.DataFrame) -> pd.DataFrame:
        """What each feature adds to each lead's log odds; without columns when there is no score."""
        return pd.DataFrame(index=features.index) if self.model is None else self.model.parts(features)


def fit_intent(features: pd.DataFrame, policy: Policy | None = None) -> IntentModel:
    """Learn which leads buy.

    Args:
        features: as ``lead_features`` gives them, oldest first.
        policy: ``intent_leads``, ``intent_customers`` and ``interval`` are used.

    Returns:
        A model whose ``status`` says whether leads may be scored; without enough data it is an answer, too.

    Raises:
        InputError: a column is missing.
    """
    rules = policy or Policy()
    require_columns(features, COLUMNS)
    if features.empty:
        return _refused(IntentModel("no_leads", policy=rules), {})
    as_of = pd.Timestamp(features["as_of"].max())
    start = IntentModel("no_customers", leads_per_day=_per_day(features, as_of), policy=rules)
    start = replace(start, **_worth(features))  # type: ignore[arg-type]
    delays = learn_delays(features, as_of)
    if delays is None:
        return _refused(start, {"customers": int(features["customer_at"].notna().sum())})
    decided, bought, horizon = decided_leads(features, delays, as_of)
    known = replace(start, delays=delays, horizon=horizon, leads=len(decided), customers=int(bought.sum()))
    status = _too_few(known)
    if status:
        return _refused(replace(known, status=status), {})
    return _learned(known, decided, bought)


def decided_leads(
    features: pd.DataFrame, delays: Delays, as_of: pd.Timestamp
) -> tuple[pd.DataFrame, Array, float]:
    """Leads old enough to have decided, whether they bought by then (0 or 1), and that age in days."""
    share = delays.pooled.share
    horizon = int(np.flatnonzero(share >= min(MATURE, share[-1]))[0])
    created = pd.to_datetime(features["created_at"]).dt.normalize()
    age = (as_of - created).dt.days
    delay = (pd.to_datetime(features["customer_at"]).dt.normalize() - created).dt.days
    # whoever bought before the lead came in was a customer already
    chosen = ((age >= horizon) & ~(delay < 0)).to_numpy()
    bought = (delay <= horizon).to_numpy()[chosen].astype("float64")
    return features[chosen].reset_index(drop=True), bought, float(horizon)


def _too_few(known: IntentModel) -> str:
    rules = known.policy
    if known.leads < rules.intent_leads:
        return "too_few_leads"
    if known.customers < rules.intent_customers:
        return "too_few_customers"
    return "too_few_others" if known.leads - known.customers < rules.intent_customers else ""


def _refused(model: IntentModel, more: dict[str, object]) -> IntentModel:
    params = {
        "leads": model.leads, "customers": model.customers, "need_leads": model.policy.intent_leads,
        "need_customers": model.policy.intent_customers, "days": model.horizon, **more,
    }  # fmt: skip
    params = {name: value for name, value in params.items() if value == value}
    return replace(model, findings=(Finding("warning", f"measure.intent_{model.status}", params),))


def _learned(known: IntentModel, decided: pd.DataFrame, bought: Array) -> IntentModel:
    cut = round(EARLIER * len(decided))
    early, late = decided.iloc[:cut], decided.iloc[cut:]
    y, tried = bought[:cut], bought[cut:]
    if min(y.sum(), (1 - y).sum()) < 2 or min(tried.sum(), (1 - tried).sum()) < 2:
        return _refused(replace(known, status="too_few_customers"), {})
    points, ridge = fit_points(early, y), fit_ridge(early, y)
    level = known.policy.interval
    simple, rich = points.score(late), ridge.score(late)
    gain, se = auc_difference(rich, simple, tried)
    keep_rich = gain > se
    best = auc(rich if keep_rich else simple, tried, level)
    model: Model = ridge if keep_rich else points
    chance = _calibrated(model, early, y).chance(model.score(late))
    tried_on = replace(
        known, status="ok" if best.low > 0.5 else "no_signal", later_leads=len(late),
        later_customers=int(tried.sum()), split=pd.Timestamp(late["created_at"].iloc[0]), auc=best,
        auc_points=auc(simple, tried, level), auc_logistic=auc(rich, tried, level),
        brier=brier(chance, tried), brier_flat=brier(np.full(len(tried), y.mean()), tried),
        curve=calibration_curve(chance, tried, level),
        lift=lift_table(model.score(late), tried, level),
    )  # fmt: skip
    final: Model = fit_ridge(decided, bought, ridge.penalty) if keep_rich else fit_points(decided, bought)
    full = replace(tried_on, model=final, calibration=_calibrated(final, decided, bought))
    if full.calibration is None or full.calibration.b <= 0:
        full = replace(full, status="no_signal")
    if not full.scores:
        return _refused(full, {"auc": best.value, "auc_low": best.low, "auc_high": best.high})
    chances = full.chance(decided)
    return replace(full, average_chance=float(chances.mean()), findings=_doubts(full, chance, tried))


def _calibrated(model: Model, features: pd.DataFrame, bought: Array) -> Calibration:
    """Chances from leads foretold by earlier ones; the level is that of all these leads."""

    def again(x: pd.DataFrame, y: Array) -> Model:
        return fit_ridge(x, y, model.penalty) if isinstance(model, RidgeModel) else fit_points(x, y)

    score = foretold(features, bought, lambda x, y: again(x, y).score)
    return calibrate(score, bought, model.score(features), float(bought.sum()))


def _worth(features: pd.DataFrame) -> dict[str, object]:
    """Money per customer, by channel and for all; customers without a value are left out."""
    sold = features[features["customer_at"].notna() & (features["revenue"] > 0)]
    if sold.empty:
        return {}
    usual = float(sold["revenue"].mean())
    sums = sold.groupby(sold["channel"].astype("str"))["revenue"].agg(["sum", "size"])
    mixed = (sums["sum"] + LENT_ORDERS * usual) / (sums["size"] + LENT_ORDERS)
    return {"values": {str(k): float(v) for k, v in mixed.items()}, "usual_value": usual}


def _per_day(features: pd.DataFrame, as_of: pd.Timestamp) -> float:
    created = pd.to_datetime(features["created_at"]).dt.normalize()
    days = min(28, int((as_of - created.min()).days) + 1)
    return float((created > as_of - pd.Timedelta(days=days)).sum()) / max(days, 1)


def _doubts(model: IntentModel, chance: Array, tried: Array) -> tuple[Finding, ...]:
    """What to know of a score that may be used."""
    params = {
        "auc": model.auc.value, "low": model.auc.low, "high": model.auc.high, "n": model.later_leads,
        "customers": model.later_customers, "days": model.horizon,
    }  # fmt: skip
    found = [Finding("info", f"measure.intent_by_{model.kind}", params)]
    said, came = float(chance.sum()), float(tried.sum())
    noise = float(np.sqrt((chance * (1 - chance)).sum()))
    if abs(came - said) > 2 * noise:
        found.append(Finding("warning", "measure.intent_level", {"said": said, "came": came}))
    if not model.values:
        found.append(Finding("info", "measure.intent_no_value", {}))
    return tuple(found)

"""Policy: every threshold of the method, in one frozen, validated place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from channelopt.errors import InputError

#: What a cost beside the media spend is, and what part of the full cost it belongs to.
COST_KINDS: Mapping[str, str] = {
    "fee": "explicit",
    "performance_fee": "explicit",
    "tool": "hidden",
    "reserve": "hidden",
    "lost_margin": "opportunity",
}
#: How a cost of all channels is shared out: by media spend, leads or customers, or evenly.
COST_RULES = ("spend", "leads", "customers", "even")
#: What a rate is a share of.
RATE_BASES = ("spend", "revenue")
#: Whom an outcome is credited to: the channel in the lead list, or a model of the conversion paths.
CREDITS = (
    "recorded", "first", "last", "linear", "time_decay", "position", "markov", "shapley",
)  # fmt: skip
#: What plans learn from where both are known: what channels are credited with, or all channels' results.
PLAN_BY = ("credited", "overall")


_STAGED = ("channels_tested", "stage_days")


def _refuse(name: str, value: Any, wanted: str) -> None:
    raise InputError("common.bad_setting", name=name, value=value, wanted=wanted)


@dataclass(frozen=True)
class CostRate:
    """A cost that grows with spend or revenue, such as an agency's share.

    Attributes:
        what: its name.
        share: fraction of the base, above 0, at most 1.
        of: "spend" or "revenue".
        kind: a key of ``COST_KINDS``.
        channel: the channel it is paid for; "" for all.
    """

    what: str
    share: float
    of: str = "spend"
    kind: str = "fee"
    channel: str = ""

    def __post_init__(self) -> None:
        if not self.what.strip():
            _refuse("what", self.what, "a name")
        if not 0 < self.share <= 1:
            _refuse("share", self.share, "above 0 and at most 1")
        if self.of not in RATE_BASES:
            _refuse("of", self.of, ", ".join(RATE_BASES))
        if self.kind not in COST_KINDS:
            _refuse("kind", self.kind, ", ".join(COST_KINDS))


@dataclass(frozen=True)
class Policy:
    """The team's rules. All shares are fractions of 1, all ROI values are multiples.

    Attributes:
        roi_floor: below this ROI (revenue / cost) a channel is dropped; 2.0 is "1:2".
        break_even: ROI at which the money just comes back.
        target_roi: the band the team aims for, (low, high).
        confidence: how sure a keep or a drop must be.
        top_n: how many channels the focus stage concentrates on.
        interval: nominal coverage of every interval shown.
        min_customers: orders below which no ROI interval is printed.
        min_days: days with spend below which no ROI interval is printed.
        bounce_limit: bounces / sessions above which traffic counts as invalid.
        cheap_click_gap: CPC this far below the reference is suspicious.
        concentration_limit: share of cost above which one channel is a risk.
        delivery_floor: delivered / contracted impressions below which delivery is short.
        spend_explained: share of a file's own total its rows must explain.
        payment_steps: shares of a staged payment.
        retention_months: months that raw files are kept at least.
        market_cpc: reference CPC per channel key, in the workspace currency.
        opportunity_rate: yearly cost of the money tied up, a fraction of spend.
        cost_rates: costs that grow with spend or revenue.
        margin: contribution margin, a fraction of revenue; None when unknown.
        attribution: whom an outcome is credited to, one of ``CREDITS``.
        lookback_days: how long before a conversion a touch still counts.
        credit_doubt: how far credited outcomes may be off those the money caused (leads lost, credited to
            another channel or claimed), standard deviation of the log; response curves are widened by it.
        plan_by: what response curves are learned from where both are known, one of ``PLAN_BY``: outcomes as
            channels are credited, or those of all channels together.
        channels_tested: channels the diagnosis stage tests before the focus stage opens.
        stage_days: planned length of a stage.
        intent_leads: leads old enough to have decided below which no lead is scored.
        intent_customers: customers among them below which no lead is scored.
        intent_hours: hours after a lead came in whose behaviour still counts for its score.
        intent_high: a lead worth this many average leads is of high intent.
        intent_low: a lead worth less than this many average leads is of low intent.
        call_cost: what it costs to call one lead; a lead expected to bring less is low. None: unknown.
        keep_alive: share of today's spend that a channel out of focus keeps, so that it stays known.
        budget_step: share by which a channel's budget may change from one week to the next.
        bid_step: share by which a bid may change from one week to the next.
        explore_floor: least share of a rotation that every channel or creative gets.
        rotation_memory: weight of a week's results in the rotation, one week later.
        usual_lift: standard deviation of the true effects of hooks and other tested changes, log scale.
        launch_discount: share of the return of similar channels that a new platform is expected to bring.
        launch_discount_sd: how unsure that is, standard deviation of its log.
        launch_error: how often a launch test may drop a good platform, and how often keep a bad one.
        launch_weeks: weeks a launch test is planned for.
        discount_rate: yearly rate at which later margin counts less.
        min_repeaters: customers with a second order below which no lifetime value is computed.
        payback_months: months within which a customer is to have paid back what it cost.
        cac_tolerance: cost of a customer over its baseline above which it is an alert; 1.2 is 20% more.
    """

    roi_floor: float = 2.0
    break_even: float = 1.0
    target_roi: tuple[float, float] = (3.0, 5.0)
    confidence: float = 0.9
    top_n: int = 3
    interval: float = 0.9
    min_customers: int = 10
    min_days: int = 7
    bounce_limit: float = 0.7
    cheap_click_gap: float = 0.3
    concentration_limit: float = 0.85
    delivery_floor: float = 1.0
    spend_explained: float = 0.98
    payment_steps: tuple[float, ...] = (0.3, 0.5, 0.2)
    retention_months: int = 24
    market_cpc: Mapping[str, float] | None = None
    opportunity_rate: float = 0.0
    cost_rates: tuple[CostRate, ...] = ()
    margin: float | None = None
    attribution: str = "recorded"
    lookback_days: int = 30
    credit_doubt: float = 0.25
    plan_by: str = "credited"
    channels_tested: int = 5
    stage_days: int = 30
    intent_leads: int = 200
    intent_customers: int = 30
    intent_hours: float = 24.0
    intent_high: float = 1.5
    intent_low: float = 0.5
    call_cost: float | None = None
    keep_alive: float = 0.1
    budget_step: float = 0.2
    bid_step: float = 0.1
    explore_floor: float = 0.02
    rotation_memory: float = 0.9
    usual_lift: float = 0.1
    launch_discount: float = 0.7
    launch_discount_sd: float = 0.35
    launch_error: float = 0.1
    launch_weeks: int = 8
    discount_rate: float = 0.1
    min_repeaters: int = 30
    payback_months: int = 24
    cac_tolerance: float = 1.2

    def __post_init__(self) -> None:
        if not 0 < self.roi_floor < 1000:
            _refuse("roi_floor", self.roi_floor, "a multiple above 0")
        if not 0 < self.break_even <= self.roi_floor:
            _refuse("break_even", self.break_even, "above 0 and not above roi_floor")
        low, high = self.target_roi
        if not 0 < low <= high:
            _refuse("target_roi", self.target_roi, "two multiples, the lower first")
        object.__setattr__(self, "target_roi", (float(low), float(high)))
        for name in ("confidence", "interval"):
            if not 0.5 < getattr(self, name) < 1:
                _refuse(name, getattr(self, name), "between 0.5 and 1")
        for name in ("bounce_limit", "cheap_click_gap", "concentration_limit", "spend_explained"):
            if not 0 < getattr(self, name) <= 1:
                _refuse(name, getattr(self, name), "between 0 and 1")
        if self.attribution not in CREDITS:
            _refuse("attribution", self.attribution, ", ".join(CREDITS))
        if self.plan_by not in PLAN_BY:
            _refuse("plan_by", self.plan_by, ", ".join(PLAN_BY))
        for name in ("top_n", "min_customers", "min_days", "retention_months", "lookback_days", *_STAGED):
            if int(getattr(self, name)) != getattr(self, name) or getattr(self, name) < 1:
                _refuse(name, getattr(self, name), "a whole number from 1")
        if self.retention_months < 24:
            _refuse("retention_months", self.retention_months, "24 or more")
        object.__setattr__(self, "payment_steps", tuple(self.payment_steps))
        if abs(sum(self.payment_steps) - 1) > 1e-9 or min(self.payment_steps) < 0:
            _refuse("payment_steps", self.payment_steps, "shares that add up to 1")
        if not 0 <= self.opportunity_rate < 1:
            _refuse("opportunity_rate", self.opportunity_rate, "between 0 and 1")
        object.__setattr__(self, "cost_rates", tuple(self.cost_rates))
        if self.margin is not None and not 0 < self.margin <= 1:
            _refuse("margin", self.margin, "above 0 and at most 1, or nothing")
        if not 0 < self.delivery_floor <= 1:
            _refuse("delivery_floor", self.delivery_floor, "between 0 and 1")
        if any(not v > 0 for v in (self.market_cpc or {}).values()):
            _refuse("market_cpc", dict(self.market_cpc or {}), "prices above 0")
        self._check_focus()

    def _check_focus(self) -> None:
        """The settings of the focus stage."""
        for name in ("intent_leads", "intent_customers"):
            if int(getattr(self, name)) != getattr(self, name) or getattr(self, name) < 10:
                _refuse(name, getattr(self, name), "a whole number from 10")
        if not 0 <= self.intent_hours <= 24 * 30:
            _refuse("intent_hours", self.intent_hours, "from 0 to 720 hours")
        if not 0 < self.intent_low < self.intent_high < 1000:
            _refuse("intent_low", self.intent_low, "above 0 and below intent_high")
        if self.call_cost is not None and not 0 < self.call_cost < 1e9:
            _refuse("call_cost", self.call_cost, "money above 0, or nothing")
        if not 0 <= self.keep_alive <= 1:
            _refuse("keep_alive", self.keep_alive, "between 0 and 1")
        for name in ("budget_step", "bid_step"):
            if not 0 < getattr(self, name) < 1:
                _refuse(name, getattr(self, name), "above 0 and below 1")
        if not 0 <= self.explore_floor <= 0.5:
            _refuse("explore_floor", self.explore_floor, "between 0 and 0.5")
        if not 0 < self.rotation_memory <= 1:
            _refuse("rotation_memory", self.rotation_memory, "above 0 and at most 1")
        if not 0 <= self.credit_doubt <= 1:
            _refuse("credit_doubt", self.credit_doubt, "between 0 and 1")
        if not 0 < self.usual_lift <= 2:
            _refuse("usual_lift", self.usual_lift, "above 0 and at most 2")
        self._check_scaling()

    def _check_scaling(self) -> None:
        """The settings of the third stage."""
        if not 0 < self.launch_discount <= 2:
            _refuse("launch_discount", self.launch_discount, "above 0 and at most 2")
        if not 0 <= self.launch_discount_sd <= 2:
            _refuse("launch_discount_sd", self.launch_discount_sd, "from 0 to 2")
        if not 0 < self.launch_error < 0.5:
            _refuse("launch_error", self.launch_error, "above 0 and below 0.5")
        if not 0 <= self.discount_rate < 1:
            _refuse("discount_rate", self.discount_rate, "from 0 and below 1")
        if not 1 <= self.cac_tolerance < 10:
            _refuse("cac_tolerance", self.cac_tolerance, "a multiple from 1")
        for name in ("launch_weeks", "min_repeaters", "payback_months"):
            if int(getattr(self, name)) != getattr(self, name) or getattr(self, name) < 1:
                _refuse(name, getattr(self, name), "a whole number from 1")

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; ``Policy.from_dict`` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Policy:
        """Read back what ``to_dict`` wrote; settings this version does not know are left out.

        Raises:
            InputError: ``common.bad_setting`` when a value is impossible.
        """
        known = {f.name for f in fields(cls)}
        kept = {k: v for k, v in values.items() if k in known}
        for name in ("target_roi", "payment_steps"):
            if name in kept:
                kept[name] = tuple(kept[name])
        known_rate = {f.name for f in fields(CostRate)}
        kept["cost_rates"] = tuple(
            CostRate(**{k: v for k, v in rate.items() if k in known_rate})
            for rate in kept.get("cost_rates", ())
        )
        return cls(**kept)


def payment_steps(text: str) -> tuple[float, ...]:
    """Read "30/50/20" as shares.

    Raises:
        InputError: ``common.bad_setting`` when it is not numbers divided by slashes.
    """
    try:
        return tuple(float(part) / 100 for part in text.replace("%", "").split("/"))
    except ValueError:
        raise InputError(
            "common.bad_setting", name="payment_steps", value=text, wanted="numbers such as 30/50/20"
        ) from None

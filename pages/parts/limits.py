"""What a setting is called and what it may be, in the reader's words: for refusals."""

from __future__ import annotations

from pages.parts.language import t


def setting_names() -> dict[str, str]:
    """Setting → its name inside a sentence."""
    return {
        "roi_floor": t("your bar"),
        "break_even": t("break-even"),
        "target_roi": t("the target return"),
        "confidence": t("how sure a verdict must be"),
        "interval": t("the likely range"),
        "top_n": t("the number of focus channels"),
        "min_customers": t("the fewest customers"),
        "min_days": t("the fewest days"),
        "retention_months": t("the months files are kept"),
        "payment_steps": t("the steps of payment"),
        "market_cpc": t("the market price of a click"),
        "margin": t("the margin"),
        "lookback_days": t("the days a visit counts"),
        "plan_by": t("what plans are learned from"),
        "credit_doubt": t("how far credited leads may be off"),
        "channels_tested": t("the channels to test"),
        "stage_days": t("the days of a stage"),
        "intent_leads": t("the fewest leads"),
        "intent_customers": t("the fewest customers among the leads"),
        "intent_hours": t("the hours of behaviour"),
        "intent_low": t("the line of low intent"),
        "intent_high": t("the line of high intent"),
        "call_cost": t("the cost of a call"),
        "keep_alive": t("the money out of focus"),
        "budget_step": t("the step of a budget"),
        "bid_step": t("the step of a bid"),
        "explore_floor": t("the least share of a hook"),
        "rotation_memory": t("the weight of older weeks"),
        "usual_lift": t("how much tested changes usually differ"),
        "launch_discount": t("the share a new platform brings"),
        "launch_discount_sd": t("how unsure a new platform is"),
        "launch_error": t("how often a trial may err"),
        "launch_weeks": t("the weeks of a trial"),
        "discount_rate": t("the yearly discount"),
        "min_repeaters": t("the fewest repeat customers"),
        "payback_months": t("the months of payback"),
        "cac_tolerance": t("the limit of the customer cost"),
        "what": t("the name"),
        "share": t("the share"),
        "workspace": t("the name of the brand"),
    }


def wanted_words() -> dict[str, str]:
    """What the library wants of a setting → the same in the reader's words."""
    return {
        "a multiple above 0": t("a multiple above 0"),
        "above 0 and not above roi_floor": t("above 0 and not above your bar"),
        "two multiples, the lower first": t("two multiples, the lower first"),
        "between 0.5 and 1": t("between 50% and 100%"),
        "between 0 and 1": t("between 0% and 100%"),
        "between 0 and 0.5": t("between 0% and 50%"),
        "above 0 and at most 1": t("above 0% and at most 100%"),
        "above 0 and at most 1, or nothing": t("above 0% and at most 100%, or nothing"),
        "above 0 and below 1": t("above 0% and below 100%"),
        "above 0 and below 0.5": t("above 0% and below 50%"),
        "from 0 and below 1": t("from 0% and below 100%"),
        "above 0 and at most 2": t("above 0% and at most 200%"),
        "from 0 to 2": t("from 0% to 200%"),
        "a whole number from 1": t("a whole number from 1"),
        "a whole number from 10": t("a whole number from 10"),
        "24 or more": t("24 or more"),
        "shares that add up to 1": t("shares that add up to 100%"),
        "numbers such as 30/50/20": t("numbers such as 30/50/20"),
        "prices above 0": t("prices above 0"),
        "from 0 to 720 hours": t("from 0 to 720 hours"),
        "above 0 and below intent_high": t("above 0 and below the line of high intent"),
        "money above 0, or nothing": t("money above 0, or nothing"),
        "a multiple from 1": t("a multiple from 1"),
        "a name": t("a name"),
        "letters, digits, spaces, dots and dashes": t("letters, digits, spaces, dots and dashes"),
    }

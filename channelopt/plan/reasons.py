"""A verdict in words: the main sentence, then why, then what would change it."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

from channelopt.errors import Finding, Severity
from channelopt.measure.maturity import LEAST_VISIBLE
from channelopt.plan.evidence import PACE_DAYS
from channelopt.policy import Policy

#: Below this share of visible customers the lateness is mentioned.
NEARLY_ALL = 0.97
#: Below this share of cost with known outcomes the gap is mentioned.
MOST_COST = 0.97
#: From this share of its variance taken off by other channels their help is mentioned.
MUCH_LENT = 0.19

Row = Mapping[Hashable, Any]


def main_sentence(row: Row, policy: Policy) -> Finding:
    """The sentence of the verdict card.

    Args:
        row: one row of ``Diagnosis.verdicts`` with the evidence columns.
        policy: the bar.
    """
    params = {
        "roi": row["roi"],
        "low": row["roi_low"],
        "high": row["roi_high"],
        "floor": policy.roi_floor,
        "customers": row["customers"],
        "cost": row["cost"],
        "days": row["cost_days"],
        "expected": row["expected"],
        "share": LEAST_VISIBLE,
    }
    severity: Severity = "warning" if row["verdict"] == "drop" else "info"
    return Finding(severity, "plan." + _main_code(row, policy.roi_floor), params)


def _main_code(row: Row, floor: float) -> str:
    if row["verdict"] == "unknown":
        return _unknown_code(row)
    if row["verdict"] == "keep":
        return "keep"
    if row["verdict"] == "drop":
        if row["enough"]:
            return "drop"
        return "drop_few" if row["orders"] > 0 else "drop_none"
    if math.isnan(row["roi"]):
        return "test_young"
    if not row["enough"] or math.isnan(row["roi_low"]):
        return "test_few" if row["roi"] > 0 else "test_none"
    if row["roi_high"] < floor:
        return "test_low"
    if row["roi_low"] > floor:
        return "test_high"
    return "test_days" if math.isnan(row["customers"]) else "test"


def _unknown_code(row: Row) -> str:
    if not row["cost"] > 0:
        return "unknown_no_spend"
    if all(math.isnan(row[name]) for name in ("leads", "customers", "revenue")):
        return "unknown_nothing"
    return "unknown_no_revenue" if not row["revenue"] > 0 else "unknown_no_spend"


def other_reasons(
    row: Row, policy: Policy, cheapest: dict[str, str], quality: tuple[Finding, ...]
) -> list[Finding]:
    """Why, and what would change it, most important first.

    Args:
        row: as for ``main_sentence``.
        policy: thresholds.
        cheapest: "cpl" and "cpc" → the channel with the lowest, where several are known.
        quality: what is doubtful about the channel's traffic.
    """
    if row["verdict"] == "unknown":
        return list(quality)
    found: list[Finding] = []
    if row["roi"] < policy.break_even and (row["enough"] or row["verdict"] == "drop"):
        found.append(Finding("warning", "plan.below_break_even", {"loss": row["loss"]}))
    found += _cheapest(row, policy, cheapest)
    found += quality
    found += _lateness(row)
    if row["matched_share"] < MOST_COST:
        found.append(Finding("info", "plan.partial_outcomes", {"share": row["matched_share"]}))
    if row["enough"] and row["lent"] >= MUCH_LENT:
        found.append(Finding("info", "plan.borrowed", {"share": 1 - math.sqrt(1 - row["lent"])}))
    found += _plain_rule(row, policy)
    found += _what_would_change(row, policy)
    return found


def _cheapest(row: Row, policy: Policy, cheapest: dict[str, str]) -> list[Finding]:
    if not (row["verdict"] == "drop" or row["roi_high"] < policy.roi_floor):
        return []
    if cheapest.get("cpl") == row["channel"]:
        return [Finding("warning", "plan.cheap_but_idle", {"cpl": row["cpl"]})]
    if cheapest.get("cpc") == row["channel"]:
        return [Finding("warning", "plan.cheap_clicks_idle", {"cpc": row["cpc"]})]
    return []


def _lateness(row: Row) -> list[Finding]:
    if math.isnan(row["maturity"]):
        return []
    if row["maturity"] >= NEARLY_ALL:
        return []
    params = {"share": row["maturity"], "seen": row["roi_as_seen"], "roi": row["roi"]}
    return [Finding("info", "plan.immature", params)]


def _plain_rule(row: Row, policy: Policy) -> list[Finding]:
    plain = row["plain_verdict"]
    if plain == row["verdict"] or plain == "unknown":
        return []
    return [Finding("info", f"plan.plain_{plain}", {"seen": row["roi_as_seen"], "floor": policy.roi_floor})]


def _what_would_change(row: Row, policy: Policy) -> list[Finding]:
    if row["verdict"] != "test":
        return []
    found: list[Finding] = []
    if not row["enough"] and not math.isnan(row["roi"]):
        needs = {"min_orders": policy.min_customers, "min_days": policy.min_days}
        found.append(
            Finding("info", "plan.too_few", needs | {"orders": row["orders"], "days": row["cost_days"]})
        )
    if not row["pace"] > 0:
        return [*found, Finding("info", "plan.not_running", {"days": PACE_DAYS})]
    if not math.isnan(row["spend_to_decide"]):
        params = {"spend": row["spend_to_decide"], "days": row["days_to_decide"], "risk": row["risk"]}
        found.append(Finding("info", "plan.to_decide", params))
        if row["worth"] > 0:
            found.append(Finding("info", "plan.worth_deciding", {"worth": row["worth"]}))
    elif row["enough"]:
        found.append(Finding("info", "plan.undecidable"))
    return found

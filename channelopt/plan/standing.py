"""The gate before a plan: do the data say enough for a recommendation, or is a test due first?"""

from __future__ import annotations

from dataclasses import dataclass

from channelopt.errors import Finding
from channelopt.plan.variation import Variation, design_variation
from channelopt.response import ResponseCurves

#: Days with spend that curves need.
FEWEST = 28
#: Days of a test by varying spend.
TEST_DAYS = 56
#: Findings of the curves after which nothing is proposed.
BLIND = ("response.all_zero",)
#: Findings after which a test comes first.
TEST_FIRST = ("response.none_identified",)


@dataclass(frozen=True)
class Standing:
    """Whether a plan may be shown.

    Attributes:
        state: "ready", "test_first" or "no_data".
        findings: why not; empty when ready.
        variation: the test that comes first; None unless "test_first".
    """

    state: str
    findings: tuple[Finding, ...] = ()
    variation: Variation | None = None


def standing(curves: ResponseCurves, days: int = TEST_DAYS) -> Standing:
    """What the curves allow.

    Args:
        curves: what spend brings.
        days: length of the test, when one is due.

    Raises:
        PlanError: ``plan.bad_option``.
    """
    known = float(curves.sources["days"].max())
    blind = [f for f in curves.findings if f.code in BLIND]
    if known < FEWEST:
        blind.insert(0, Finding("warning", "plan.too_short", {"days": known, "need": FEWEST}))
    if blind:
        return Standing("no_data", tuple(blind))
    vague = tuple(f for f in curves.findings if f.code in TEST_FIRST)
    if vague:
        return Standing("test_first", vague, design_variation(curves, max(days, TEST_DAYS)))
    return Standing("ready")

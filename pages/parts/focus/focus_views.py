"""The views of the focus page, and what they share: the choice of channels, worked out once per version."""

from __future__ import annotations

from channelopt.errors import ChannelOptError
from channelopt.plan.focus import Focus, focus
from channelopt.plan.history import curves_of
from channelopt.response import ResponseCurves
from pages.parts import cache, state
from pages.parts.experiments.tests import tests
from pages.parts.language import t
from pages.parts.links import view_switch


def focus_view() -> str:
    """Which view is shown."""
    names = {
        "money": t("Where the money goes"),
        "week": t("This week"),
        "hooks": t("Hooks"),
        "leads": t("Leads by intent"),
    }
    return view_switch(state.FOCUS_VIEW, names)


def has_revenue() -> bool:
    """Whether anybody says what money came back."""
    return "revenue" in cache.objectives()


def missing(sentence: str) -> str:
    """Why there are no curves: the revenue that is missing and where it is added, or else the sentence."""
    if has_revenue():
        return sentence
    return t(
        "Revenue is missing: nothing says how much money came back. Upload a lead list with what each"
        " customer paid, a report with revenue, or a table of total sales by day."
    )


def curves() -> ResponseCurves | None:
    """Curves of revenue; None where none can be learned, and without any revenue."""
    found: ResponseCurves | None = cache.made(("curves", "revenue"), _curves)
    return found


def _curves() -> ResponseCurves | None:
    if not has_revenue():  # curves of nothing would be guesses that look like returns
        return None
    try:
        return curves_of(cache.ledger(), tests=tests())[0]
    except ChannelOptError:
        return None


def chosen() -> Focus | None:
    """The TOP N and the move to it; None where no curve can be learned."""
    found: Focus | None = cache.made(("focus",), _chosen)
    return found


def _chosen() -> Focus | None:
    known = curves()
    return None if known is None else focus(known, cache.diagnosis())

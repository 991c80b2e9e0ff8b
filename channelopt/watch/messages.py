"""What watching the account finds, as English sentences."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "watch.overall_only": (
        "All channels together: {revenue:money} of revenue on {days:count} {days:plural:day|days}, {blended:multiple}"
        " for every 1 spent, whether ads brought it or not. No file says which channel brought it, so no channel can"
        " be judged by it."
    ),
    "watch.overclaimed": (
        "Your channels are credited with {credited:money} of revenue on {days:count} {days:plural:day|days}, but the"
        " whole business took in {revenue:money}: they claim {more:percent} more than there was. Take their returns"
        " as too high; Settings can let plans learn from the whole instead."
    ),
    "watch.credited_share": (
        "Of {revenue:money} that the whole business took in on {days:count} {days:plural:day|days},"
        " {credited:money} ({share:percent}) is credited to your channels."
    ),
}

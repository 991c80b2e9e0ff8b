"""What response curves say: one English template per code."""

from __future__ import annotations

from channelopt.errors import ChannelOptError

MESSAGES: dict[str, str] = {
    "response.bad_curve": "{name} of the curves of {channels} cannot be {value}: {wanted}.",
    "response.bad_shape": "The curves do not fit together: {name} has the shape {found}, wanted {wanted}.",
    "response.bad_spend": "Spend of {channel} cannot be {value}: money per day, from 0, is needed.",
    "response.no_rows": "There are no rows with a day and a channel: no curve can be learned.",
    "response.no_spend": "No channel has any spend: no curve can be learned.",
    "response.no_outcome": "The rows have no {outcome}: a curve needs what the spend brought in.",
    "response.no_margin": "Profit needs the contribution margin: set it under Settings.",
    "response.bad_outcome": "{outcome} is not an outcome. Known: {known}.",
    "response.left_out": "{channel} has no spend in these days: it has no curve.",
    "response.below_zero": "{rows:count} {rows:plural:row|rows} with {column} below 0 count as 0 for the curves.",
    "response.unknown_channel": "There is no curve for {channel}. Known: {known}.",
}


class ResponseError(ChannelOptError):
    """Curves that cannot be learned, or a question they cannot answer."""

    templates = MESSAGES

"""What response curves say: one English template per code."""

from __future__ import annotations

from channelopt.errors import ChannelOptError

MESSAGES: dict[str, str] = {
    "response.bad_curve": "{name} of the curves of {channels} cannot be {value}: {wanted}.",
    "response.bad_shape": "The curves do not fit together: {name} has the shape {found}, wanted {wanted}.",
    "response.bad_spend": "Spend of {channel} cannot be {value}: money per day, from 0, is needed.",
    "response.unknown_channel": "There is no curve for {channel}. Known: {known}.",
}


class ResponseError(ChannelOptError):
    """Curves that cannot be learned, or a question they cannot answer."""

    templates = MESSAGES

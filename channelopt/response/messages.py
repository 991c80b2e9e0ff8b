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
    "response.too_large": "{rows:count} {rows:plural:row|rows} with impossibly large {column} {rows:plural:was|were} not used.",
    "response.lift_not_used": "A lift test of {channel} could not be used: it needs a channel with spend, a start, an end, extra money and what it brought.",
    "response.all_zero": "Nothing was counted in these days: the curves are guesses, not findings.",
    "response.short": "{days:count} {days:plural:day|days} of data tell little about curves: expect them to move.",
    "response.periods": "The rows stand for periods of about {days:count} days; what happened within them is not seen.",
    "response.gaps": "{days:count} {days:plural:day|days} without any row were left out; in gaps of up to four weeks spend is taken to have gone on.",
    "response.peaks": "{days:count} {days:plural:day|days} of peaks were left out: all channels rose together with demand, so the total does not tell which of them brought it.",
    "response.constant_spend": "Spend of {channels} hardly moved: what more or less money would do is a guess. A small planned variation would tell.",
    "response.not_identified": "The data do not tell what more money on {channels} brings: these curves rest on experience with other channels. Test first.",
    "response.none_identified": "The data do not tell any channel's marginal return: keep the mix and vary spend on purpose first.",
    "response.unknown_channel": "There is no curve for {channel}. Known: {known}.",
}


class ResponseError(ChannelOptError):
    """Curves that cannot be learned, or a question they cannot answer."""

    templates = MESSAGES

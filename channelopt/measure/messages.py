"""What the measurements say: one English template per code."""

from __future__ import annotations

from channelopt.errors import ChannelOptError

MESSAGES: dict[str, str] = {
    "measure.bounces": "{share:percent} of visits leave at once (limit {limit:percent}): about "
    "{stake:money} of the spend bought visits that read nothing. Check the placements and the landing "
    "page.",
    "measure.cheap_clicks": "A click costs {cpc:money}, {gap:percent} below {reference:money} in the "
    "market. Clicks this cheap are often not people: check {stake:money} of spend before you buy more.",
    "measure.cheap_clicks_others": "A click costs {cpc:money}, {gap:percent} below {reference:money} at "
    "your other channels. Clicks this cheap are often not people: check {stake:money} of spend before "
    "you buy more.",
    "measure.cheap_clicks_history": "A click now costs {cpc:money}, {gap:percent} below "
    "{reference:money}, this channel's own past. Find out what changed before you spend the next "
    "{stake:money}.",
    "measure.rejected_leads": "{share:percent} of the leads were rejected: a lead costs {cpl:money}, a "
    "valid one {cpvl:money}. About {stake:money} bought leads nobody could use.",
    "measure.concentration": "{channel} takes {share:percent} of the cost (limit {limit:percent}). If it "
    "fails, so does the month: try part of its budget elsewhere.",
    "measure.worst_step": "The weakest step is {from_stage} to {to_stage}: {rate:percent}, where the "
    "other channels have {others:percent} in the middle.",
}


class MeasureError(ChannelOptError):
    """A table cannot be measured."""

    templates = MESSAGES

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
    # the weakest step, by where it should have led
    "measure.weak_clicks": "Weakest step: {rate:percent} of those who see the ad click, {others:percent} "
    "at the other channels. Try another audience or creative.",
    "measure.weak_form_starts": "Weakest step: {rate:percent} of those who come open the form, "
    "{others:percent} at the other channels. Check that the page keeps what the ad promises.",
    "measure.weak_leads": "Weakest step: {rate:percent} go on to leave their contact, {others:percent} "
    "at the other channels. Check the form and the offer.",
    "measure.weak_valid_leads": "Weakest step: {rate:percent} of its leads are valid, {others:percent} "
    "at the other channels. Check who fills in the form.",
    "measure.weak_qualified_leads": "Weakest step: {rate:percent} of its leads qualify, {others:percent} "
    "at the other channels. Check whom the ads attract.",
    "measure.weak_customers": "Weakest step: {rate:percent} become customers, {others:percent} at the "
    "other channels. Check how fast they are called, and whom the ads attract.",
    # conversion paths
    "measure.bad_path": "Row {row:count} of the conversion paths cannot be: a path needs at least one touch, "
    "an age for each of them, and no more conversions than journeys.",
    "measure.unknown_model": "There is no attribution model called {model}; known are {known}.",
}


class MeasureError(ChannelOptError):
    """A table cannot be measured."""

    templates = MESSAGES

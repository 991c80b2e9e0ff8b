"""What the measurements say: one English template per code."""

from __future__ import annotations

from channelopt.errors import ChannelOptError

MESSAGES: dict[str, str] = {
    "measure.bounces": "Since {since:date}, {share:percent} of visits left at once (surely more than "
    "{low:percent}; your limit is {limit:percent}): {stake:money} bought visits that read nothing. Ask for the "
    "placement report, block the worst placements, and check that the landing page loads.",
    "measure.short_dwell": "Since {since:date}, a visit lasts {share:number} seconds, {others:number} at your "
    "other channels: {stake:money} seems to have bought empty visits. Ask for the placement report, and check "
    "the landing page on a phone.",
    "measure.arrivals": "Since {since:date}, only {share:percent} of the paid clicks arrived on your site, "
    "{others:percent} at your other channels: {stake:money} paid for people who never came. Compare with the "
    "link clicks (not all clicks), check the page's speed and tracking, then claim the difference.",
    "measure.arrivals_alone": "Since {since:date}, only {share:percent} of the paid clicks arrived on your site: "
    "{stake:money} paid for people who never came. Compare with the link clicks (not all clicks), check the "
    "page's speed and tracking, then claim the difference.",
    "measure.form_drops": "Since {since:date}, {share:percent} of opened forms were sent, {others:percent} at your "
    "other channels: {stake:money} bought forms that nobody sent. Test the form on a phone; if it works, ask "
    "the platform for an invalid-traffic check.",
    "measure.lost_leads": "Since {since:date}, {share:percent} of the leads the platform counts are not in your "
    "lead list: {stake:money} bought duplicates, or leads that got lost. Compare both lists for one day, person "
    "by person.",
    "measure.rejected_leads": "Since {since:date}, {share:percent} of the leads were rejected (surely more than "
    "{low:percent}): {stake:money} bought leads nobody could use. Send the rejected ones to the platform or "
    "agency, and tighten the audience or the form.",
    "measure.cheap_clicks": "A click costs {cpc:money}, {gap:percent} below {reference:money} in the market "
    "(likely {gap_low:percent} to {gap_high:percent}). Clicks this cheap are often not people: check where the "
    "ads ran before you buy more for {stake:money}.",
    "measure.cheap_clicks_others": "A click costs {cpc:money}, {gap:percent} below {reference:money} at your "
    "other channels, and its visitors leave or do not convert. Clicks this cheap are often not people: "
    "check where the ads ran before you buy more for {stake:money}.",
    "measure.cheap_clicks_history": "In the last four weeks a click cost {cpc:money}, {gap:percent} below "
    "{reference:money}, this channel's own past (likely {gap_low:percent} to {gap_high:percent}). Find out what "
    "changed: new placements, another audience? {stake:money} was spent at this price.",
    "measure.short": "{what}: {delivered:count} of {contracted:count} contracted {field} were delivered "
    "({share:percent}); {missing:count} are missing, worth {stake:money}. Ask for the rest or the money back.",
    "measure.short_running": "{what}: by {until:date}, {delivered:count} of {due:count} {field} due were "
    "delivered ({share:percent}, after {covered:count} of {days:count} days); {missing:count} are missing, worth "
    "{stake:money}. Ask for make-good while the contract runs.",
    "measure.short_unpriced": "{what}: {delivered:count} of {contracted:count} contracted {field} were delivered "
    "({share:percent}); {missing:count} are missing. Ask for the rest; add the price in Settings to see what it "
    "is worth.",
    "measure.short_running_unpriced": "{what}: by {until:date}, {delivered:count} of {due:count} {field} due were "
    "delivered ({share:percent}, after {covered:count} of {days:count} days); {missing:count} are missing. Ask "
    "for make-good; add the price in Settings to see what it is worth.",
    # sudden jumps
    "measure.jump_spend_up": "On {day:date} spend rose to {factor:multiple} times its usual level for {days:count} "
    "{days:plural:day|days}: {stake:money} more than usual. If nobody planned it, check budgets and bids.",
    "measure.jump_spend_down": "On {day:date} spend fell by {change:percent} for {days:count} "
    "{days:plural:day|days}. If nobody planned it, check budgets, rejected ads and the account balance.",
    "measure.jump_clicks_up": "On {day:date} clicks rose to {factor:multiple} times their usual level for "
    "{days:count} {days:plural:day|days} without more spend; {stake:money} was spent meanwhile. Check where they "
    "came from: bots click in bursts.",
    "measure.jump_clicks_down": "On {day:date} clicks fell by {change:percent} for {days:count} "
    "{days:plural:day|days} although spend did not: {stake:money} bought less than usual. Check ads and audience.",
    "measure.jump_cpc_up": "On {day:date} a click became {change:percent} dearer for {days:count} "
    "{days:plural:day|days}: {stake:money} more than at the usual price. Check bids, competitors and the ad's age.",
    "measure.jump_cpc_down": "On {day:date} a click became {change:percent} cheaper for {days:count} "
    "{days:plural:day|days}; {stake:money} was spent at that price. Check where the ads ran: cheap clicks are "
    "often not people.",
    "measure.jump_leads_up": "On {day:date} leads rose to {factor:multiple} times their usual level for {days:count} "
    "{days:plural:day|days}; {stake:money} was spent meanwhile. Check that they are people, then find out what "
    "worked.",
    "measure.jump_leads_down": "On {day:date} leads fell by {change:percent} for {days:count} "
    "{days:plural:day|days}: {stake:money} brought none. Check the form and the tracking first.",
    "measure.jump_cvr_up": "On {day:date} clicks became leads {factor:multiple} times as often for {days:count} "
    "{days:plural:day|days}; {stake:money} was spent meanwhile. Check that they are people, then find out what "
    "worked.",
    "measure.jump_cvr_down": "On {day:date} clicks became leads {change:percent} less often for {days:count} "
    "{days:plural:day|days}: {stake:money} brought no lead it used to bring. Check the form, the page and the "
    "tracking first.",
    "measure.concentration": "{channel} takes {share:percent} of the cost (limit {limit:percent}); the rest "
    "is so small that it is as if you had {channels:number} equal channels. If it fails, so does the month: try "
    "part of its budget elsewhere.",
    # the weakest step, by where it should have led
    "measure.weak_clicks": "Weakest step: {rate:percent} of those who see the ad click, {others:percent} "
    "at the other channels. Try another audience or creative.",
    "measure.weak_sessions": "Weakest step: {rate:percent} of those who click arrive on your site, "
    "{others:percent} at the other channels. Check the landing page's speed on a phone, and its tracking.",
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
    # the step that is worst of all, and behaviour
    "measure.step_clicks": "At {channel} only {rate:percent} of those who see the ad click, elsewhere {others:percent}: "
    "try another creative or audience first.",
    "measure.step_sessions": "At {channel} only {rate:percent} of those who click arrive on your site, elsewhere "
    "{others:percent}: open the landing page on a phone first, then check its tracking.",
    "measure.step_form_starts": "At {channel} only {rate:percent} of those who come open the form, elsewhere "
    "{others:percent}: look at the landing page first, does it keep what the ad promises?",
    "measure.step_leads": "At {channel} only {rate:percent} go on to leave their contact (of: {from_stage}), "
    "elsewhere {others:percent}: look at the landing page and its form first.",
    "measure.step_valid_leads": "At {channel} only {rate:percent} of the leads are valid, elsewhere {others:percent}: "
    "look at who fills in the form first.",
    "measure.step_qualified_leads": "At {channel} only {rate:percent} of the leads qualify, elsewhere "
    "{others:percent}: look at whom the ads attract first.",
    "measure.step_customers": "At {channel} only {rate:percent} become customers (of: {from_stage}), elsewhere "
    "{others:percent}: look first at how fast they are called, then at whom the ads attract.",
    "measure.step_none_worse": "No step is surely worse than elsewhere. Furthest behind is {channel}: from "
    "{from_stage} to {to_stage} it keeps {rate:percent}, the others {others:percent}. Channels can differ that much "
    "by nature, so look, but do not act on it alone.",
    "measure.step_no_others": "Each step's rate is known, but there is no second channel to hold it against.",
    "measure.steps_unknown": "No two stages in a row are known yet: add clicks and leads.",
    "measure.bounce_worse": "At {channel} {value:percent} of the visits leave at once, elsewhere {others:percent}: "
    "check the placements and the landing page.",
    "measure.dwell_worse": "At {channel} a visit lasts {value:number} seconds, elsewhere {others:number}: check the "
    "placements and the landing page.",
    # a click's price out of its usual range: why
    "measure.out_few_clicks_up": "Only {clicks:count} clicks: so few that chance alone can make them {change:percent} "
    "dearer. Nothing to do.",
    "measure.out_few_clicks_down": "Only {clicks:count} clicks: so few that chance alone can make them "
    "{change:percent} cheaper. Nothing to do.",
    "measure.out_gap_up": "{change:percent} dearer, next to days without data. Check that the export is complete "
    "before you change anything.",
    "measure.out_gap_down": "{change:percent} cheaper, next to days without data. Check that the export is complete "
    "before you change anything.",
    "measure.out_filling_up": "{change:percent} dearer, but one of the newest days: platforms still add clicks to "
    "it. Upload again in a few days.",
    "measure.out_filling_down": "{change:percent} cheaper, but one of the newest days: platforms still correct "
    "it. Upload again in a few days.",
    "measure.out_weekend_up": "{change:percent} dearer on a weekend; there are too few weeks yet to know what a "
    "weekend usually costs.",
    "measure.out_weekend_down": "{change:percent} cheaper on a weekend; there are too few weeks yet to know what a "
    "weekend usually costs.",
    "measure.out_mix_up": "{change:percent} dearer because more of the clicks came from your dear campaigns. If you did "
    "not want that, check the budgets by campaign.",
    "measure.out_mix_down": "{change:percent} cheaper because more of the clicks came from your cheap campaigns. Check "
    "that their leads are as good.",
    "measure.out_ctr_up": "{change:percent} dearer because {moved:percent} fewer of those who saw the ad clicked. Change "
    "the creative or the audience if it stays so.",
    "measure.out_ctr_down": "{change:percent} cheaper because {moved:percent} more of those who saw the ad clicked. Check "
    "that they stay on the page, then keep what worked.",
    "measure.out_cpm_up": "{change:percent} dearer because being seen cost {moved:percent} more: a higher bid, or "
    "more competition that day.",
    "measure.out_cpm_down": "{change:percent} cheaper because being seen cost {moved:percent} less. Check where the "
    "ads ran.",
    "measure.out_spend_up": "{change:percent} dearer while spend rose to {factor:multiple} times the usual: the "
    "extra budget bought dearer clicks. Raise budgets in smaller steps.",
    "measure.out_spend_down": "{change:percent} cheaper while spend fell by {moved:percent}: the dearest clicks were "
    "left out.",
    "measure.out_unknown_up": "{change:percent} dearer, and nothing in the data says why. Ask who changed bids, "
    "audience or ads that day.",
    "measure.out_unknown_down": "{change:percent} cheaper, and nothing in the data says why. Ask who changed bids, "
    "audience or ads that day, and check where the ads ran.",
    # conversion paths
    "measure.bad_path": "Row {row:count} of the conversion paths cannot be: a path needs at least one touch, "
    "an age for each of them, and no more conversions than journeys.",
    "measure.unknown_model": "There is no attribution model called {model}; known are {known}.",
    # who will buy
    "measure.intent_no_leads": "There are no leads yet, so none can be scored.",
    "measure.intent_no_customers": "Leads are not scored yet: too few customers carry a date ({customers:count}) to know how long leads take to decide.",
    "measure.intent_too_few_leads": "Leads are not scored yet: {leads:count} {leads:plural:is|are} old enough to have decided ({days:count} days), {need_leads:count} are needed.",
    "measure.intent_too_few_customers": "Leads are not scored yet: {customers:count} of those old enough to have decided ({days:count} days) bought, {need_customers:count} are needed.",
    "measure.intent_too_few_others": "Leads are not scored: nearly all of them bought, so nothing tells buyers from others.",
    "measure.intent_no_signal": "Leads are not scored: what is known of them does not tell who buys. Tried on later leads, a buyer scored above somebody else in {auc:percent} of pairs, which luck alone could do. Add page views, time on the site or a touch log.",
    "measure.intent_by_points": "Leads are scored by points. Tried on {n:count} later leads, a buyer scores above somebody else in {auc:percent} of pairs (likely {low:percent} to {high:percent}); a regression ranks no better.",
    "measure.intent_by_logistic": "Leads are scored by a regression, which ranks better than points. Tried on {n:count} later leads, a buyer scores above somebody else in {auc:percent} of pairs (likely {low:percent} to {high:percent}).",
    "measure.intent_level": "Of the later leads {came:count} bought where {said:count} were expected. Trust the order of the leads more than their chances.",
    "measure.intent_no_value": "No order has a value, so leads are ordered by their chance to buy alone.",
    "measure.intent_growing": "{field} is not used: your CRM goes on counting it after the lead came in, so it would tell the future.",
    "measure.intent_one_list": "Page views and time on the site stand as your CRM exported them. If it goes on counting after the lead came in, they tell the future: a second export shows it.",
    "measure.intent_no_match": "Visits are not used: the touch log names people in another way than the lead list, so nobody is found in both. Give both the same phone, e-mail or id.",
    "measure.not_leads": "{name} is not a lead list. Drop the list of leads from your CRM.",
    "measure.other_key": "The people in {name} were coded with another key, so they cannot be matched. Read it with this workspace.",
    "measure.list_matched": "{n:count} of {lines:count} lines of {name} have a tier. Nothing of the file was stored.",
    "measure.why_page_views_up": "saw {value:count} {value:plural:page|pages}: many",
    "measure.why_page_views_down": "saw only {value:count} {value:plural:page|pages}",
    "measure.why_dwell_seconds_up": "stayed {value:count} seconds: long",
    "measure.why_dwell_seconds_down": "stayed only {value:count} seconds",
    "measure.why_visits_up": "came {value:count} {value:plural:time|times}, and such leads buy more often",
    "measure.why_visits_down": "came {value:count} {value:plural:time|times}, and such leads buy less often",
    "measure.why_channels_met_up": "met you on {value:count} {value:plural:channel|channels}, and such leads buy more often",
    "measure.why_channels_met_down": "met you on {value:count} {value:plural:channel|channels}, and such leads buy less often",
    "measure.why_gap_hours_up": "came back {value:count} hours after the visit before, and such leads buy more often",
    "measure.why_gap_hours_down": "came back {value:count} hours after the visit before, and such leads buy less often",
    "measure.why_forms_up": "sent {value:count} {value:plural:form|forms}, and such leads buy more often",
    "measure.why_forms_down": "sent {value:count} {value:plural:form|forms}, and such leads buy less often",
    "measure.why_channel_up": "leads from {value} buy more often",
    "measure.why_channel_down": "leads from {value} buy less often",
    "measure.why_campaign_up": "leads of {value} buy more often",
    "measure.why_campaign_down": "leads of {value} buy less often",
    "measure.why_daypart_up": "came in at a good time of day ({value})",
    "measure.why_daypart_down": "came in at a weak time of day ({value})",
    "measure.why_weekend_up": "came in on a good part of the week (weekend: {value})",
    "measure.why_weekend_down": "came in on a weak part of the week (weekend: {value})",
    "measure.why_returning_up": "been there on an earlier day: {value}, and such leads buy more often",
    "measure.why_returning_down": "been there on an earlier day: {value}, and such leads buy less often",
    "measure.why_unknown_up": "{field} is not known, and such leads buy more often",
    "measure.why_unknown_down": "{field} is not known, and such leads buy less often",
    # customers who come back, and what they are worth
    "measure.repeat_few": "Only {n:count} {n:plural:customer|customers} ordered a second time; {need:count} are needed to say how often customers come back. Collect more orders, or longer.",
    "measure.repeat_no_loss": "Hardly any customer seems to be lost so far. The history may be too short to see it: far months are probably too high.",
    "measure.values_few": "The value of a second order is known for {n:count} {n:plural:customer|customers} only; {need:count} are needed.",
    "measure.values_depend": "Customers who order more often do not spend alike on an order (correlation {correlation:number}), which the value model leaves out. Take the value as rough.",
    "measure.lifetime_missed": "Tried on the last {weeks:count} {weeks:plural:week|weeks}: {expected:count} repeat orders were expected and {came:count} came. The ranges are wider for it.",
    "measure.lifetime_revenue": "Your margin is not known, so the value of a customer is revenue, not profit. Enter the margin in the settings.",
    "measure.payback_revenue": "Without a margin, payback counts revenue as if all of it were profit: it is really later.",
    "measure.payback_not_within": "{name}: a customer cost {cac:money} and will not have paid that back within {months:count} {months:plural:month|months} (chance {chance:percent}). Spend less per customer, or stop.",
    "measure.payback_unsure": "{name}: it is open whether a customer's cost of {cac:money} is back within {months:count} {months:plural:month|months} (chance {chance:percent}).",
    # private domain
    "measure.domain_out_of_order": "{n:count} {n:plural:person|people} reached a later step without an earlier one on record; the earlier ones are counted as reached.",
    "measure.domain_young": "{name}: its youngest people were added less than {days:count} days ago, so its later steps will still rise.",
    "measure.domain_weak": "{name}: only {rate:percent} go from {step} to {next} ({others:percent} elsewhere). Start there.",
    # old customers bring new ones
    "measure.referral_none": "No invitation so far. At most {high:number} new customers per customer would still fit that; start with a small reward and count again.",
    "measure.referral_few": "Only {n:count} invited {n:plural:person|people} became customers so far: the range is wide.",
    "measure.referral_grows": "Each customer brings more than one ({k:number}, range {low:number} to {high:number}): the number doubles every {weeks:number} weeks until the audience runs out. Check that these are real people before you count on it.",
    "measure.referral_may_grow": "Each customer may bring more than one (range up to {high:number}), so what 100 customers become in the end has no upper limit that can be given.",
    "measure.referral_no_pool": "No size of the audience is given, so the forecast does not slow down. Far weeks are too high.",
    "measure.referral_used_up": "In week {week:count} half of the audience that is left today is used up; invitations work ever less from there.",
    "measure.referral_young": "{n:count} {n:plural:invitation|invitations} of the last {days:count} days are left out: those invited have not had time to answer.",
    "measure.reward_pays": "A reward of {reward:money} pays best: {gain:money} more per 100 invitations than without one (range {low:money} to {high:money}).",
    "measure.reward_none_pays": "No reward pays: it costs more than the customers it adds bring.",
    "measure.reward_open": "Whether a reward pays is open. Try {low:money} and {high:money} side by side on {n:count} invitations each.",
    "measure.reward_edge": "The best reward lies at the end of what was tried, {reward:money}. Beyond it there is no data.",
    "measure.reward_no_zero": "Nobody was invited without a reward ({reward:money} was the least), so what would come without one is a guess.",
    "measure.reward_steps": "Acceptance does not rise smoothly with the reward, so only the rewards that were tried are compared.",
    "measure.reward_one": "Acceptance is known at one reward only. Try a second one to learn what it changes.",
    # cost of a customer over the quarter
    "measure.cac_above": "{channel}: a customer costs {now:money}, {change:percent} more than in the quarter before ({before:money}; likely {low:percent} to {high:percent} more). Your limit is {limit:percent} more.",
    "measure.cac_drifting": "{channel}: a customer costs {change:percent} more than in the quarter before, but it could be {low:percent} or {high:percent}. Not sure enough for an alert.",
    "measure.cac_young": "The last {days:count} {days:plural:day|days} are left out: most of their customers are still to come.",
    "measure.cac_short": "Two quarters are needed to compare the cost of a customer; there are {days:count} days.",
    "measure.why_daypart_night_up": "came in at night, and such leads buy more often",
    "measure.why_daypart_night_down": "came in at night, and such leads buy less often",
    "measure.why_daypart_morning_up": "came in in the morning, and such leads buy more often",
    "measure.why_daypart_morning_down": "came in in the morning, and such leads buy less often",
    "measure.why_daypart_afternoon_up": "came in in the afternoon, and such leads buy more often",
    "measure.why_daypart_afternoon_down": "came in in the afternoon, and such leads buy less often",
    "measure.why_daypart_evening_up": "came in in the evening, and such leads buy more often",
    "measure.why_daypart_evening_down": "came in in the evening, and such leads buy less often",
    "measure.why_weekend_yes_up": "came in on a weekend, and such leads buy more often",
    "measure.why_weekend_yes_down": "came in on a weekend, and such leads buy less often",
    "measure.why_weekend_no_up": "came in on a weekday, and such leads buy more often",
    "measure.why_weekend_no_down": "came in on a weekday, and such leads buy less often",
    "measure.why_returning_yes_up": "had been there on an earlier day, and such leads buy more often",
    "measure.why_returning_yes_down": "had been there on an earlier day, and such leads buy less often",
    "measure.why_returning_no_up": "came for the first time that day, and such leads buy more often",
    "measure.why_returning_no_down": "came for the first time that day, and such leads buy less often",
    "measure.why_no_page_views_up": "page views are not known, and such leads buy more often",
    "measure.why_no_page_views_down": "page views are not known, and such leads buy less often",
    "measure.why_no_dwell_seconds_up": "time on the site is not known, and such leads buy more often",
    "measure.why_no_dwell_seconds_down": "time on the site is not known, and such leads buy less often",
    "measure.why_no_gap_hours_up": "no earlier visit was seen, and such leads buy more often",
    "measure.why_no_gap_hours_down": "no earlier visit was seen, and such leads buy less often",
    "measure.why_no_campaign_up": "no campaign is known, and such leads buy more often",
    "measure.why_no_campaign_down": "no campaign is known, and such leads buy less often",
    "measure.why_no_visits_up": "no visit was seen, and such leads buy more often",
    "measure.why_no_visits_down": "no visit was seen, and such leads buy less often",
}


class MeasureError(ChannelOptError):
    """A table cannot be measured."""

    templates = MESSAGES

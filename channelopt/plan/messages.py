"""What the plan says: one English template per code."""

from __future__ import annotations

from channelopt.errors import ChannelOptError

MESSAGES: dict[str, str] = {
    # the sentence of a verdict
    "plan.keep": "Every 1 spent brought back {roi:multiple} (likely {low:multiple} to {high:multiple}). "
    "Clearly above your bar of {floor:multiple}.",
    "plan.test": "Brought back {roi:multiple}, but on only {customers:count} {customers:plural:order|orders} it could be "
    "{low:multiple} or {high:multiple}. Too close to call.",
    "plan.test_low": "Brought back {roi:multiple} (likely {low:multiple} to {high:multiple}): probably "
    "below your bar of {floor:multiple}, but not yet sure enough to stop. Do not raise it.",
    "plan.test_high": "Brought back {roi:multiple} (likely {low:multiple} to {high:multiple}): probably "
    "above your bar of {floor:multiple}, but not yet sure enough to build on.",
    "plan.test_days": "Brought back {roi:multiple} over {days:count} {days:plural:day|days}, but it could be "
    "{low:multiple} or {high:multiple}. Too close to call.",
    "plan.test_few": "Brought back {roi:multiple} so far, on {customers:count} {customers:plural:order|orders} over {days:count} days: "
    "too little to say more.",
    "plan.test_none": "No order yet from {cost:money} of cost, which is still too little to judge it.",
    "plan.test_young": "Its leads are too young: less than {share:percent} of their orders can be "
    "visible by now. Wait before you judge it.",
    "plan.drop": "Brought back {roi:multiple} (likely {low:multiple} to {high:multiple}); even the "
    "optimistic end is below your bar of {floor:multiple}.",
    "plan.drop_none": "Not one order from {cost:money} of cost; a channel at your bar of "
    "{floor:multiple} would have brought about {expected:count} by now.",
    "plan.drop_few": "Only {customers:count} {customers:plural:order|orders} from {cost:money} of cost; a channel at your bar of "
    "{floor:multiple} would have brought about {expected:count} by now.",
    "plan.unknown_nothing": "Spend, but no leads, orders or revenue. Add your lead list or the orders to "
    "get a verdict.",
    "plan.unknown_no_revenue": "Spend and leads, but no revenue. Add what the orders were worth to get a "
    "verdict.",
    "plan.unknown_no_spend": "No cost on the days whose outcome is known, so there is nothing to divide "
    "by. Add what it cost to get a verdict.",
    # why, and what would change it
    "plan.below_break_even": "It does not earn its cost back: {loss:money} went out and did not return.",
    "plan.cheap_but_idle": "Its leads are your cheapest ({cpl:money} each), but they do not buy enough.",
    "plan.cheap_clicks_idle": "Its clicks are your cheapest ({cpc:money} each), but they do not buy enough.",
    "plan.immature": "{share:percent} of its eventual customers are visible yet: {seen:multiple} as "
    "seen, {roi:multiple} with those still to come.",
    "plan.no_delay": "Lead dates are not known, so late customers are not allowed for: recent days may "
    "still improve.",
    "plan.filling_in": "Platforms fill in recent days: on the day itself {share:percent} of its outcome is reported, "
    "after {days:count} {days:plural:day|days} {ripe:percent}. Learned from {n:count} days that came in twice; returns "
    "allow for it.",
    "plan.partial_outcomes": "Orders are known for {share:percent} of its cost; the other days are left "
    "out of the return.",
    "plan.too_few": "A range needs {min_orders:count} {min_orders:plural:order|orders} and {min_days:count} {min_days:plural:day|days}; there are "
    "{orders:count} and {days:count}.",
    "plan.plain_drop": "The plain rule would drop it today: {seen:multiple} as seen is below "
    "{floor:multiple}.",
    "plan.plain_keep": "The plain rule would keep it today: {seen:multiple} as seen is not below "
    "{floor:multiple}.",
    "plan.to_decide": "What would change this: about {spend:money} more ({days:count} {days:plural:day|days} at today's "
    "pace) decides it, if the return stays where it is. On average that risks {risk:money} of return "
    "against your bar.",
    "plan.worth_deciding": "Deciding it is worth about {worth:money} over the quarter that follows: what a "
    "right stop would save, or a right keep would not lose.",
    "plan.borrowed": "Judged with help from your other channels: where they are alike in how many leads buy and "
    "what an order is worth, their orders count too. That takes {share:percent} off its uncertainty.",
    "plan.credit_flips": "{channel} stays or goes by how you share the credit: 1:{low:multiple} under one model, "
    "1:{high:multiple} under another. Do not bet on it before a test shows what stops when it stops.",
    "plan.paths_too_few": "{n:count} {n:plural:conversion has|conversions have} a path; returns under other models need "
    "{need:count}.",
    "plan.few_paths": "Credit could not be shared among the channels of a path: {n:count} "
    "{n:plural:conversion has|conversions have} one and {need:count} are needed. Until then each lead counts for the "
    "channel in your lead list.",
    "plan.undecidable": "It sits so close to your bar that a year at today's pace would not decide it. "
    "Keep it small, or decide on other grounds.",
    "plan.not_running": "It has had no cost in the last {days:count} {days:plural:day|days}, so nothing new will decide it.",
    # the whole
    "plan.many_below": "{n:count} {n:plural:channel|channels} with {share:percent} of the spend are below your bar. Step "
    "down in order, starting with {channel}; a full stop everywhere would also stop their leads.",
    "plan.weekly_looks": "You may look every week: over {looks:count} weekly looks a channel exactly at "
    "your bar is meant to be dropped by mistake in at most {error:percent} of cases.",
    "plan.weekly_looks_measured": "You may look every week: over {looks:count} weekly looks a channel "
    "exactly at your bar is meant to be dropped by mistake in at most {error:percent} of cases; in "
    "simulation it was {low:percent} to {high:percent}.",
    "plan.trade": "The price of patience: the plain rule (stop as soon as the return seen is below the bar), looked "
    "at weekly, would stop a channel that truly brings half as much again as your bar in {plain_low:percent} to "
    "{plain_high:percent} of quarters; this rule in at most {rule:percent}. In exchange a poor channel with few "
    "leads stays undecided for longer.",
    "plan.full_cost_drop": "{channel}: 1:{roas:multiple} on media, but 1:{roi:multiple} on full cost. Its other "
    "costs take it below your bar.",
    "plan.full_cost_test": "{channel}: 1:{roas:multiple} on media, 1:{roi:multiple} on full cost. With its other "
    "costs it is no longer decided.",
    "plan.full_cost_keep": "{channel}: 1:{roas:multiple} on media, 1:{roi:multiple} on full cost. The costs of the "
    "others weigh more: it stays above your bar.",
    "plan.given_up": "Testing {channel} until it is decided gives up about {amount:money} of margin that the same "
    "money would earn in your best channel.",
    "plan.nothing_known": "No channel has orders or revenue yet. Add your lead list to get verdicts.",
}


class PlanError(ChannelOptError):
    """A plan cannot be made."""

    templates = MESSAGES

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
    # allocation: what cannot be done
    "plan.bad_option": "{name} cannot be {value}. Wanted: {wanted}.",
    "plan.bad_curves": "The curves cannot be used: {name} of {channels} is not a number or below 0.",
    "plan.wrong_objective": "These curves count {outcome}, so a plan for {objective} cannot be made from them. Ask for {outcome}, or fit curves for {objective}.",
    "plan.no_margin": "A plan for profit needs your margin. Enter it in the settings.",
    "plan.no_value": "A plan for profit needs to know what one of your {outcome} is worth in money.",
    "plan.needs_budget": "Without a budget a plan for {objective} needs to know what one of them is worth in money. Give a budget or a value.",
    "plan.unknown_channels": "There are no curves for {names}. Known: {known}.",
    "plan.limits_cross": "{channel}: its least spend of {low:money} a day is above its most of {high:money}. Change one of them.",
    "plan.lock_outside": "{channel} is to keep today's {today:money} a day, but its bounds allow {low:money} to {high:money}. Drop the lock or the bounds.",
    "plan.group_impossible": "The group {name} is to spend {low:money} to {high:money} a day, but its channels can only spend {least:money} to {most:money} together.",
    "plan.groups_overlap": "{channel} is in two groups, {first} and {second}. A channel can be in one only.",
    "plan.too_much": "The budget of {budget:money} cannot be spent: the limits of {names} allow at most {can:money} over {days:count} {days:plural:day|days}. Raise a limit or lower the budget.",
    "plan.too_little": "The budget of {budget:money} is too small: the limits of {names} ask for at least {can:money} over {days:count} {days:plural:day|days}. Lower a limit or raise the budget.",
    "plan.unit_too_coarse": "The limits leave no room for amounts in steps of {unit:money}. Choose smaller steps or wider limits.",
    # allocation: the plan as a whole
    "plan.for_outcome": "What one of your {outcome} is worth is not known, so the plan is for the most {outcome}.",
    "plan.steps_widened": "The budget of {budget:money} over {days:count} {days:plural:day|days} cannot be spent in steps this small, so the steps were widened just as far as it needs.",
    "plan.no_money": "There is no budget to split.",
    "plan.no_today": "Nothing is spent today, so there is nothing to compare with: the plan rests on the curves alone.",
    "plan.test_first": "Test first: no move gains with a chance of {confidence:percent}, so today's mix stays. The test below is the cheapest way to find out.",
    "plan.already_best": "Today's mix is already the best within your limits.",
    "plan.partial_step": "Only part of the way to the best mix, {step:percent}: so far it gains with a chance of {chance:percent}. Go on when the next weeks confirm it.",
    "plan.full_step": "All the way to the best mix: it gains with a chance of {chance:percent}.",
    "plan.target_chance": "The plan returns 1:{roi:multiple}; the target of 1:{target:multiple} is met with a chance of {chance:percent}.",
    "plan.target_roi": "{budget:money} over {days:count} {days:plural:day|days} is the most that still returns 1:{roi:multiple}.",
    "plan.target_roi_missed": "A return of 1:{roi:multiple} cannot be reached within the limits: even the least spend, {budget:money} over {days:count} {days:plural:day|days}, returns less.",
    "plan.target_roi_more": "Even the most the limits allow, {budget:money} over {days:count} {days:plural:day|days}, still returns 1:{roi:multiple} or better.",
    "plan.target_mroi": "Up to {budget:money} over {days:count} {days:plural:day|days} the last unit of money still brings back {roi:multiple}.",
    "plan.target_mroi_missed": "The last unit of money brings back less than {roi:multiple} even at the least spend the limits allow, {budget:money} over {days:count} {days:plural:day|days}.",
    "plan.target_mroi_more": "Even at the most the limits allow, {budget:money} over {days:count} {days:plural:day|days}, the last unit of money brings back {roi:multiple} or more.",
    "plan.no_data": "No data: {names} {n:plural:has|have} no spend yet, so {n:plural:its curve is|their curves are} only what the other channels suggest. Start small.",
    "plan.outside": "Outside the spend seen so far: {names}. What happens there is an extrapolation.",
    "plan.not_identified": "The data hardly tell how {names} {n:plural:responds|respond} to spend; the move rests on what channels usually do.",
    "plan.fast_budget": "The budget changes by {change:percent}. In steps of {step:percent} a week that takes {weeks:count} {weeks:plural:week|weeks}, more than the {days:count} days of the plan.",
    "plan.low_margin": "The last unit of money brings back {mroi:multiple}, below your bar of {floor:multiple}: a smaller budget would pay better.",
    "plan.promise": "Promised gain: {uplift:percent}. Without the correction for having picked the best-looking mix it would read {naive:percent}.",
    "plan.gap": "The search stopped early: another mix could be better by at most {gap:percent}.",
    # allocation: why a channel moves or not
    "plan.why_up": "{channel}: the next unit brings {now:multiple} today, more than elsewhere, so it gets more.",
    "plan.why_down": "{channel}: the last unit brings {now:multiple} today, less than elsewhere, so it gives some up.",
    "plan.why_best": "{channel} stays: its next unit brings as much as elsewhere.",
    "plan.why_zero": "{channel} gets nothing: its first unit brings less than the money does elsewhere.",
    "plan.why_budget": "{channel} gets all of the budget.",
    "plan.why_bound_low": "{channel} is held up by its least spend of {low:money} a day. Lowering it by {by:money} is worth {gain:number} more {objective} over the plan.",
    "plan.why_bound_high": "{channel} is held by its most of {high:money} a day. Raising it by {by:money} is worth {gain:number} more {objective} over the plan.",
    "plan.why_step_low": "{channel} goes down as fast as the steps allow, to {low:money} a day. {by:money} more is worth {gain:number} more {objective} over the plan.",
    "plan.why_step_high": "{channel} goes up as fast as the steps allow, to {high:money} a day. {by:money} more is worth {gain:number} more {objective} over the plan.",
    "plan.why_start": "{channel} is new and starts small, at most {high:money} a day.",
    "plan.why_lock": "{channel} is locked at today's spend. Letting it move by {by:money} a day is worth {gain:number} more {objective} over the plan.",
    "plan.why_keep_alive": "{channel} is kept alive at {low:money} a day. {by:money} less is worth {gain:number} more {objective} over the plan.",
    "plan.why_group": "{channel} is held by the limit of its group {group}. Moving that limit by {by:money} a day is worth {gain:number} more {objective} over the plan.",
    "plan.why_test": "{channel} stays although another mix looks better: the data cannot tell yet. Test first.",
    "plan.why_part": "{channel} goes {step:percent} of the way: beyond that a gain is not sure enough.",
    "plan.why_no_data": "{channel}: no data. It starts small, and its curve is only what the other channels suggest.",
    "plan.nothing_to_vary": "No channel's spend can be varied usefully: nothing is spent, or all is known.",
    "plan.goal": "{goal:number} more {objective} over {days:count} {days:plural:day|days} needs a budget of {budget:money} on average; with it the chance is {chance:percent}.",
    "plan.goal_sure": "To be {confidence:percent} sure, plan {budget:money}.",
    "plan.goal_not_sure": "No budget within the limits reaches it with a chance of {confidence:percent}.",
    "plan.goal_out_of_reach": "{goal:number} more {objective} over {days:count} {days:plural:day|days} cannot be reached within the limits: the most is about {most:number} more, at a budget of {budget:money}.",
    # what curves are learned from
    "plan.history_young": "Outcomes of the last {days:count} {days:plural:day|days} are mostly still to come: only their spend is used.",
    "plan.history_grown": "{share:percent} of recent outcomes are still to come; they were added as lead dates suggest.",
    "plan.too_short": "Only {days:count} {days:plural:day|days} with spend: a plan needs {need:count}.",
    "plan.scenario_names": "Two scenarios are called {names}. Give each its own name.",
    "plan.scenario_days": "Scenarios can only be compared over the same days, and these have {days}.",
    "plan.scenario_past": "{name} starts on {start:date}, before the first coming day, {first:date}.",
    "plan.season": "Demand over the {days:count} {days:plural:day|days} is expected to be {change:percent} off its usual level; that is counted in.",
    "plan.assumed_demand": "Assumed: demand {change:percent} above what is expected.",
    "plan.assumed_value": "Assumed: what one of your {outcome} is worth, in place of what your data say.",
    "plan.assumed_price": "Assumed: media on {channel} becomes {change:percent} dearer.",
    "plan.keeps_today": "Not mentioned, so they keep today's spend: {names}.",
    "plan.floor_budget": "Up to {budget:money} over {days:count} {days:plural:day|days} the last unit of money brings back at least {floor:multiple}.",
    "plan.below_floor_everywhere": "At none of these budgets does the last unit of money bring back {floor:multiple}.",
    "plan.score_paid": "{name} paid: {gain:number} more {outcome} than without it (likely {low:number} to {high:number}); {predicted:number} were predicted.",
    "plan.score_did_not_pay": "{name} did not pay: {gain:number} more {outcome} than without it (likely {low:number} to {high:number}); {predicted:number} were predicted.",
    "plan.score_cannot_tell": "{name}: it cannot be told yet whether it paid. {gain:number} more {outcome} than without it, but it could be {low:number} or {high:number}.",
    "plan.score_not_followed": "{name} was not carried out as planned, so the plan is not judged. {gain:number} more {outcome} came than without it (likely {low:number} to {high:number}).",
    "plan.score_too_early": "Too early: the {days:count} {days:plural:day|days} of the plan are not over yet.",
    "plan.score_no_data": "It cannot be judged: at least {need:count} days before it and the days of the plan must have an outcome.",
    "plan.backtest_short": "Too little history to try it on the past: {need:count} days are needed, there are {days:count}.",
    "plan.backtest_short_for": "Too little history to try {horizons} days ahead: {need:count} days are needed for that, there are {days:count}.",
    "plan.backtest_no_fit": "Up to {origin:date} no curves could be learned: {reason}",
    "plan.backtest_covered": "Tried on the past: {covered:count} of {n:count} {n:plural:forecast|forecasts} held what came ({nominal:percent} is promised).",
    "plan.backtest_narrow": "Tried on the past, only {covered:count} of {n:count} forecasts held what came, {nominal:percent} was promised. Take ranges as too narrow.",
    "plan.backtest_low": "Past forecasts were {bias:percent} too low on average.",
    "plan.backtest_high": "Past forecasts were {bias:percent} too high on average.",
    # what to do this week
    "plan.follow_raise": "Raise {channel} by {change:percent}, to {spend:money} a day: its next unit of money brings back more than elsewhere.",
    "plan.follow_lower": "Lower {channel} by {change:percent}, to {spend:money} a day: the money brings back more elsewhere.",
    "plan.follow_hold": "Leave {channel} at {spend:money} a day.",
    "plan.follow_test": "Not decided yet: {channel} goes on at {spend:money} a day until it is.",
    "plan.follow_fade": "{channel} is below your bar of {floor:multiple} and is taken down step by step, now to {spend:money} a day.",
    "plan.follow_off": "{channel} gets nothing.",
    "plan.follow_no_outcome": "Spend, but no outcome to plan by: everything stays as it is.",
    "plan.follow_no_fit": "No curves could be learned, so everything stays as it is: {reason}",
    "plan.follow_all_below": "Every channel is below your bar of {floor:multiple}: moving money between them is not enough, spending less is.",
    "plan.follow_vary": "The data cannot tell where more money does better. Varying {names} on purpose over {days:count} days would: see the test in the plan.",
    "plan.follow_no_place": "Below your bar, but it is not sure enough that the money does better elsewhere, so it is moved only as far as that pays: {names}.",
    # the whole plan, replayed over the past
    "plan.walk_short": "Too little history to replay the plan: {need:count} days are needed, there are {days:count}.",
    "plan.walk_nothing": "The plan could be replayed in {steps:count} {steps:plural:step|steps}, but what it was worth cannot be told.",
    "plan.walk_gained": "Replayed over {steps:count} {steps:plural:step|steps}, the plan would have brought {gain:number} more {outcome} for the same money, {share:percent} (likely {low:number} to {high:number}).",
    "plan.walk_lost": "Replayed over {steps:count} {steps:plural:step|steps}, the plan would have brought less {outcome} for the same money: {gain:number} (likely {low:number} to {high:number}).",
    "plan.walk_cannot_tell": "Replayed over {steps:count} {steps:plural:step|steps}, it cannot be told whether the plan would have beaten what was done: {gain:number} more {outcome}, but it could be {low:number} or {high:number}.",
    "plan.walk_cause": "What a channel is credited with is not proof of what it causes. Only an experiment shows that.",
    "plan.walk_world": "Competitors, prices and seasons are taken as they were. They might have answered to other spend.",
    "plan.walk_taken": "It is compared with what you really spent, and that holds decisions you took anyway.",
    "plan.walk_apart": "Every step starts from what was really spent. Staying with the plan would have gone further, for better or worse, and what one step leaves behind for the next is not counted.",
    "plan.walk_same_days": "The judgement in hindsight has learned from days the plan had learned from too. Where both err, it does not show.",
    "plan.walk_late": "No lead dates: customers who came late were taken as known at once.",
    "plan.walk_held": "In {n:count} of {steps:count} {steps:plural:step|steps} no curves could be learned, and the plan would have changed nothing.",
    "plan.walk_outside": "{share:percent} of the planned money lies beyond what its channel ever spent. Its worth is an extrapolation.",
    "plan.walk_new": "Began later and are left as they were until then: {names}.",
    # decisions held against what came
    "plan.track": "Of {n:count} {n:plural:decision|decisions} that can be scored, {right:count} were right, {wrong:count} wrong, and {cannot_tell:count} cannot be told yet.",
    "plan.track_none": "{n:count} {n:plural:decision is|decisions are} in the log; the first can be scored {days:count} days after it.",
    "plan.track_too_sure": "Decisions said with a chance of {said:percent} came true in about {came:percent}: take these chances as too high.",
}


class PlanError(ChannelOptError):
    """A plan cannot be made."""

    templates = MESSAGES

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
    "plan.unknown_nothing": "Spend, but no leads, orders or revenue of its own. Add your lead list or orders by "
    "channel to get a verdict.",
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
    "plan.no_revenue": "Customers are known, but not what they paid. Add a column with the value of their orders "
    "to get verdicts.",
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
    "plan.hardly_moved": "Your channels' budgets hardly moved on their own ({moved:percent} from week to week), so the curves look surer than they are. A move must gain in {share:percent} of the possible cases to count as {confidence:percent} sure.",
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
    "plan.promise_total": "Promised gain: {uplift:percent}. The mean of the curves says {naive:percent}; where only the total is known, more than that came true in simulated accounts.",
    "plan.gap": "The search stopped early: another mix could be better by at most {gap:percent}.",
    # allocation: why a channel moves or not
    "plan.why_up": "{channel}: the next unit brings {now:multiple} today, more than where the money comes from, so it gets more.",
    "plan.why_down": "{channel}: the last unit brings {now:multiple} today, less than where the money goes, so it gives some up.",
    "plan.why_best": "{channel} stays: its next unit brings as much as elsewhere.",
    "plan.why_zero": "{channel} gets nothing: its first unit brings less than the money does elsewhere.",
    "plan.why_budget": "{channel} gets all of the budget.",
    "plan.why_bound_low": "{channel} is held up by its least spend of {low:money} a day. Lowering it by {by:money} a day would bring {gain:amount} more {objective} over {days:count} {days:plural:day|days}, for the same money in all.",
    "plan.why_bound_high": "{channel} is held by its most of {high:money} a day. Raising it by {by:money} a day would bring {gain:amount} more {objective} over {days:count} {days:plural:day|days}, for the same money in all.",
    "plan.why_step_low": "{channel} goes down as fast as the steps allow, to {low:money} a day. A limit {by:money} a day lower would bring {gain:amount} more {objective} over {days:count} {days:plural:day|days}, for the same money in all.",
    "plan.why_step_high": "{channel} goes up as fast as the steps allow, to {high:money} a day. A limit {by:money} a day higher would bring {gain:amount} more {objective} over {days:count} {days:plural:day|days}, for the same money in all.",
    "plan.why_start": "{channel} is new and starts small, at most {high:money} a day.",
    "plan.why_lock": "{channel} is locked at today's spend. Letting it move by {by:money} a day would bring {gain:amount} more {objective} over {days:count} {days:plural:day|days}, for the same money in all.",
    "plan.why_keep_alive": "{channel} is kept alive at {low:money} a day. {by:money} a day less would bring {gain:amount} more {objective} over {days:count} {days:plural:day|days}, for the same money in all.",
    "plan.why_group": "{channel} is held by the limit of its group {group}. Moving that limit by {by:money} a day would bring {gain:amount} more {objective} over {days:count} {days:plural:day|days}, for the same money in all.",
    "plan.why_test": "{channel} stays although another mix looks better: the data cannot tell yet. Test first.",
    "plan.why_no_data": "{channel}: no data. It starts small, and its curve is only what the other channels suggest.",
    "plan.nothing_to_vary": "No channel's spend can be varied usefully: nothing is spent, or all is known.",
    "plan.why_part_up": "{channel} gets more, but goes only part of the way: with all moves, {step:percent} of the way to the best mix is as far as a gain is sure enough.",
    "plan.why_part_down": "{channel} gives some up, but goes only part of the way: with all moves, {step:percent} of the way to the best mix is as far as a gain is sure enough.",
    "plan.why_up_each": "{channel}: one more of your {objective} costs {each:money} today, less than elsewhere, so it gets more.",
    "plan.why_down_each": "{channel}: the last of your {objective} cost {each:money} each, more than elsewhere, so it gives some up.",
    # goals, scenarios, whether it paid
    "plan.goal": "{goal:amount} more {objective} over {days:count} {days:plural:day|days} needs a budget of {budget:money} on average; with it the chance is {chance:percent}.",
    "plan.goal_sure": "To be {confidence:percent} sure, plan {budget:money}.",
    "plan.goal_not_sure": "No budget within the limits reaches it with a chance of {confidence:percent}.",
    "plan.goal_out_of_reach": "{goal:amount} more {objective} over {days:count} {days:plural:day|days} cannot be reached within the limits: the most is about {most:amount} more, at a budget of {budget:money}.",
    # what curves are learned from
    "plan.overall_learned": "No report says which channel brought the {outcome}: the curves are learned from what all channels brought together ({days:count} {days:plural:day|days}, {first:date} to {last:date}). That tells less than results by channel do: expect wide ranges, and a test first.",
    "plan.overall_chosen": "The curves are learned from the {outcome} of all channels together ({days:count} {days:plural:day|days}, {first:date} to {last:date}), as your settings say, and not from what channels are credited with. That tells less: expect wide ranges.",
    "plan.overall_spread": "Results of weeks or months were spread evenly over their {days:count} days to try the forecasts; the curves are learned from whole periods.",
    "plan.overall_left_out": "{rows:count} {rows:plural:row|rows} of overall results lie before or after the days with spend and are not used.",
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
    "plan.score_paid": "{name} paid: {gain:amount} more {outcome} than without it (likely {low:amount} to {high:amount}); {predicted:amount} were predicted.",
    "plan.score_did_not_pay": "{name} did not pay: {gain:amount} more {outcome} than without it (likely {low:amount} to {high:amount}); {predicted:amount} were predicted.",
    "plan.score_cannot_tell": "{name}: it cannot be told yet whether it paid. {gain:amount} more {outcome} than without it, but it could be {low:amount} or {high:amount}.",
    "plan.score_not_followed": "{name} was not carried out as planned, so the plan is not judged. {gain:amount} more {outcome} came than without it (likely {low:amount} to {high:amount}).",
    "plan.score_too_early": "Too early: the {days:count} {days:plural:day|days} of the plan are not over yet.",
    "plan.score_no_data": "It cannot be judged: at least {need:count} days before it and the days of the plan must have an outcome.",
    # forecasts of the past
    "plan.backtest_short": "Too little history to try it on the past: {need:count} days are needed, there are {days:count}.",
    "plan.backtest_short_for": "Too little history to try {horizons} days ahead: {need:count} days with a known outcome are needed for that, there are {days:count}.",
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
    "plan.walk_gained": "Replayed over {steps:count} {steps:plural:step|steps}, the plan would have brought {gain:amount} more {outcome} for the same money, {share:percent} (likely {low:amount} to {high:amount}).",
    "plan.walk_lost": "Replayed over {steps:count} {steps:plural:step|steps}, the plan would have brought less {outcome} for the same money: {gain:amount} (likely {low:amount} to {high:amount}).",
    "plan.walk_cannot_tell": "Replayed over {steps:count} {steps:plural:step|steps}, it cannot be told whether the plan would have beaten what was done: {gain:amount} more {outcome}, but it could be {low:amount} or {high:amount}.",
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
    # stage 2: where the money goes now
    "plan.focus_in": "{channel}: number {rank:count}. The next unit of money brings {mroi:multiple} (likely {low:multiple} to {high:multiple}); among the best {n:count} with a chance of {chance:percent}.",
    "plan.focus_in_unsure": "{channel}: number {rank:count}, but not surely. The next unit brings {mroi:multiple} (likely {low:multiple} to {high:multiple}); among the best {n:count} with a chance of {chance:percent}.",
    "plan.focus_close": "{channel}: number {rank:count}, close behind. The next unit brings {mroi:multiple} (likely {low:multiple} to {high:multiple}); among the best {n:count} with a chance of {chance:percent}.",
    "plan.focus_behind": "{channel}: number {rank:count}. Its next unit brings {mroi:multiple}, less than the best {n:count} do.",
    "plan.focus_drop": "{channel}: below your bar, so it gets no money.",
    "plan.focus_unknown": "{channel}: nothing is known of what it brings, so it cannot be chosen yet.",
    "plan.focus_no_curve": "{channel}: there is no response curve for it, because it has no spend.",
    "plan.focus_does_not_pay": "{channel}: its next unit of money brings {mroi:multiple}, less than {bar:multiple}.",
    "plan.focus_none": "No channel qualifies for the focus. First find one that is not below your bar.",
    "plan.focus_fewer": "Only {able:count} {able:plural:channel qualifies|channels qualify} for the {n:count} places. The others stay empty: a channel that does not pay is no focus.",
    "plan.focus_tie": "The last place is a close call between {one} and {other}: {one} is among the best {n:count} with a chance of {chance:percent}.",
    "plan.focus_gains": "The focus brings {gain:amount} more {outcome} than today's mix over {days:count} days (likely {low:amount} to {high:amount}).",
    "plan.focus_gains_unsure": "The focus brings {gain:amount} more {outcome} than today's mix over {days:count} days, but not surely (could be {low:amount} or {high:amount}; more with a chance of {chance:percent}). Go a step a week and look.",
    "plan.focus_loses": "Today's mix brings more {outcome} than the focus would ({gain:amount} over {days:count} days): spread over more channels, the next unit brings more. Take more places, or keep more of the others alive.",
    "plan.focus_even": "The chosen channels share the money as they do today: the data tell no better split among them.",
    "plan.focus_unidentified": "What more money on {names} brings is hardly known from your data. Vary spend on purpose before you move much.",
    # hooks, and whether to move money or to fix the hook
    "plan.hook_no_clicks": "No clicks for {names}: there is no capture rate.",
    "plan.hook_platform_leads": "No lead in your list names a campaign of {names}, so the platform's own count of leads is used.",
    "plan.hook_comparison": "Capture rates are a comparison: the platform chose who saw which hook. A test tells which one is better.",
    "plan.hook_everywhere": "A hook's value assumes that it works in the whole channel as it did in the test, and that its leads buy as often.",
    "plan.hook_no_channel": "For {names} no channel with a response curve is known, so it is not compared with moving money.",
    "plan.hook_value": "Giving the hook of {name} to all of {channel} brings about {value:money} (likely {low:money} to {high:money}).",
    "plan.hook_open": "The test {name} is not decided. If the hook went to all of {channel} today, it would bring about {value:money} (could be {low:money} or {high:money}): wait for the next look.",
    "plan.hook_even": "The test {name} found no difference: giving its hook to all of {channel} is not known to change anything.",
    "plan.hook_undecided": "The test {name} ended without a verdict: what its hook would bring on all of {channel} is open.",
    "plan.hook_lost": "The hook of {name} lost its test: giving it to all of {channel} would change {value:money}. Keep the old one.",
    "plan.move_value": "Moving {amount:money} from {source} to {channel} brings about {value:money} (likely {low:money} to {high:money}).",
    "plan.move_money": "Move money first: {amount:money} from {source} to {channel} brings about {value:money} over {days:count} days.",
    "plan.fix_hook": "Fix the hook first: rolling out {name} on {channel} brings about {value:money} over {days:count} days.",
    "plan.neither": "Neither pays: even the better of the two, on {channel}, would lose {loss:money} over {days:count} days.",
    "plan.choice_unsure": "That is the best choice with a chance of {chance:percent} only.",
    "plan.nothing_to_choose": "There is nothing to compare yet: no second channel to move money to, and no hook that won a test.",
    "plan.choice_no_worth": "What one of your {outcome} is worth is not known: these figures are {outcome}, not money.",
    "plan.move_less": "The channel the money would come from spends less than {asked:money}: {amount:money} is what can be moved.",
    "plan.no_move": "There is no pair of channels to move money between.",
    # rotation, and the steps of a week
    "plan.rotation_nobody": "There is nothing to rotate yet.",
    "plan.rotation_alone": "{name} is alone, so it gets everything. Add a second one to learn from.",
    "plan.rotation_new": "Nothing is known of the {n:count} yet: equal shares until the first results.",
    "plan.rotation_level": "The {n:count} do about equally well so far and share almost equally.",
    "plan.rotation_leads": "{name} is the best with a chance of {chance:percent} and is on its way to {share:percent}. The others keep at least {floor:percent} each, in case that changes.",
    "plan.rotation_open": "{name} is ahead, the best with a chance of {chance:percent}, and is on its way to {share:percent}. It is not decided.",
    "plan.rotation_behind": "Hardly ever the best: {names}. They keep {floor:percent} each; replace them with something new.",
    "plan.rotation_few": "Only {n:count} leads so far, too few to tell hooks apart: much of this is luck until there are about {need:count}.",
    "plan.rotation_testing": "A test is running there, so its split stays as it is until the test is over: {channels}.",
    "plan.rotation_uncounted": "Nobody counts leads by campaign there, so hooks cannot be told apart: {channels}. Add the campaign to your lead list, or the leads to the export.",
    "plan.week_up": "Its next unit of money beats the account's average with a chance of {chance:percent}.",
    "plan.week_down": "Its next unit of money beats the account's average with a chance of only {chance:percent}.",
    "plan.week_hold": "Its next unit of money brings about the account's average.",
    "plan.week_balance": "Moves a little, so that the total stays the same.",
    "plan.week_drop": "Below your bar: down a whole step each week.",
    "plan.week_unknown": "Nothing is known of what it brings, so it stays.",
    "plan.week_paused": "No spend today, so there is nothing to step.",
    "plan.week_bid_up": "Leads of late are worth about {change:percent} more than before.",
    "plan.week_bid_down": "Leads of late are worth about {change:percent} less than before.",
    "plan.week_bid_same": "Leads are worth about what they were, so its bid stays.",
    "plan.week_bid_drop": "Its bid goes down with it.",
    "plan.week_bid_none": "No clicks are bought there, so there is no bid to set.",
    "plan.week_bid_unknown": "Too few scored leads to move its bid.",
    "plan.week_less": "The channels that pay are at their step limit, so {amount:money} a day of the money that becomes free waits for next week.",
    "plan.week_no_quality": "Bids stay: leads are not scored, so it is not known whether a channel's leads have become better.",
    # scaling: room to grow
    "plan.headroom_room": "{channel} can take about {extra:money} more a month (likely {extra_low:money} to {extra_high:money}) until the next unit brings {floor:multiple}; that brings {brings:money} a month.",
    "plan.headroom_full": "{channel} is full: its next unit brings {mroi:multiple}, below {floor:multiple}. About {less:money} less a month would bring it back there.",
    "plan.headroom_unsure": "{channel}: whether more pays is open (chance {p_room:percent}). Its next unit brings about {mroi:multiple}; {floor:multiple} is asked.",
    "plan.headroom_no_data": "{channel}: no data here. No week held more than {seen:money} a day, and {spend:money} is an extrapolation: go in steps and look after each.",
    "plan.headroom_guess": "{channel}: the data hardly tell how it responds to spend; the room is what channels usually have.",
    "plan.headroom_unknown": "{channel}: what one of its outcomes is worth is not known, so its room cannot be said in money.",
    "plan.headroom_nowhere": "No channel has room: the next unit brings less than {floor:multiple} everywhere. Growth has to come from new channels, referral or customers who come back.",
    # scaling: a new platform
    "plan.launch_name": "A new platform needs a name.",
    "plan.launch_running": "{channel} has spend already. Its own data say more than those of other channels: look at its verdict.",
    "plan.launch_alike": "Nothing tells which channels are most like {platform}, so all count alike. Say which are.",
    "plan.launch_borrowed": "Nothing is known of {platform}: its curve is that of {names}, taken at {discount:percent} (likely {low:percent} to {high:percent}). The test decides, not the curve.",
    "plan.launch_budget": "{budget:money} over {weeks:count} {weeks:plural:week|weeks} decides it: a platform that brings {good:multiple} is dropped in at most {error:percent} of cases, one that brings {bad:multiple} is kept in at most {error:percent}. It takes {expected:money} on average.",
    "plan.launch_too_small": "{weekly:money} a week does not decide it within {weeks:count} {weeks:plural:week|weeks}: {need:money} a week would, in {within:count}.",
    "plan.launch_late": "Orders come late: of those a week's money brings, {share:percent} are visible at its end and {last:percent} after {weeks:count} weeks. The calendar allows for it.",
    "plan.launch_no_delay": "How late orders come is not known, so the calendar takes them as at once. Learn it from your lead list, or wait longer before a drop.",
    "plan.launch_kill_leads": "Stop at once when {spend:money} brought fewer than {events:count} {events:plural:lead|leads}.",
    "plan.launch_kill_orders": "Stop at once when {spend:money} brought fewer than {events:count} {events:plural:order|orders}.",
    "plan.launch_hopeless": "Borrowed from the others, the chance that {platform} is kept is only {chance:percent}. Spend the money where there is room, unless you know better.",
}


class PlanError(ChannelOptError):
    """A plan cannot be made."""

    templates = MESSAGES

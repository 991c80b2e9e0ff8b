"""What experiments say: one English template per code."""

from __future__ import annotations

from channelopt.errors import ChannelOptError

MESSAGES: dict[str, str] = {
    "experiments.bad_plan": "No test can be planned with these figures. Needed: at least two different variants, "
    "events per day above 0, and a smallest effect between 0 and 100%.",
    "experiments.no_column": "The rows lack the column {name}, which this metric needs.",
    "experiments.short_plan": "{days:count} days are less than two whole weeks: weekdays differ, and a good "
    "Monday can look like a winner.",
    "experiments.cannot_see": "In {days:count} days this test sees an effect of {smallest:percent} only with a chance "
    "of {power:percent}; it would need to be {mde:percent}. Test a bolder change, or give it more volume.",
    "experiments.platform_chose": "The ad platform chose who saw what, so this is a comparison, not a test: the "
    "audiences may differ. Use the platform's own split test to be sure.",
    "experiments.no_rows": "There is nothing to compare yet: no figures for {names}. Check the variants' names.",
    "experiments.split": "{name} was to get {planned:percent} and got {seen:percent}, day after day. Something other "
    "than the split decides who sees what; nothing can be concluded until it is found.",
    "experiments.winner": "{name} wins: {metric} is {effect:percent} better, found at the look on day {day:count}.",
    "experiments.loser": "{name} loses: {metric} is {effect:percent} worse, found at the look on day {day:count}.",
    "experiments.equivalent": "{name} makes no difference worth acting on: {metric} moved by less than "
    "{smallest:percent} either way.",
    "experiments.not_worse": "{name} is not worse: {metric} is at most {smallest:percent} behind, found at the look on "
    "day {day:count}.",
    "experiments.before_look": "Too early to look: the first planned look is on day {look:count}, today is day "
    "{day:count}. Looking before would find winners that are none.",
    "experiments.open": "Undecided at the look on day {day:count}; the next one is on day {look:count}.",
    "experiments.ended_open": "The test is over after {days:count} days without a decision. Keep what you have, or "
    "plan a new test with more volume.",
    "experiments.past_end": "The test ended on day {days:count}. The {more:count} {more:plural:day|days} since then "
    "{more:plural:is|are} not judged: judging on would double the false winners.",
    "experiments.few_orders": "{have:count} orders are too few to judge money by: a few large ones decide. The verdict "
    "waits for {need:count} on each side.",
    "experiments.few_days": "Too few days with figures on both sides.",
    "experiments.no_denominator": "One side has nothing to divide by yet; {metric} cannot be compared.",
    "experiments.no_variation": "Both sides are exactly alike every day. Check that the rows really differ.",
    "experiments.platform_leads": "No lead of your list names these campaigns, so the platform's own count of leads "
    "is used.",
    "experiments.looked_back": "{days:count} {days:plural:day|days} of figures were there before the plan was written. "
    "Whoever has seen the data can choose what wins: read it as a comparison.",
    "experiments.split_within": "The split is not as planned on one side of the test: {where}. Something other than "
    "chance decides who sees what there; nothing can be concluded until it is found.",
    "experiments.overlap": "{share:percent} of the people were seen in more than one variant. They are left out.",
    "experiments.overlap_broken": "{share:percent} of the people were seen in more than one variant. The audiences "
    "overlap too much to tell the variants apart.",
    "experiments.undated": "The rows do not say when the {people:count} people joined, so the test is read once, at its "
    "planned size.",
    "experiments.past_helps": "What people did before the test explains {share:percent} of their differences; it is taken "
    "out, which sharpens the reading.",
    "experiments.simpson": "{metric} of {name}: the whole and its parts point in opposite directions. The variants reached "
    "different mixes; nothing can be concluded from the whole.",
    "experiments.segments_differ": "{metric} of {name}: the effect differs between the segments.",
    "experiments.few_units": "Too few people on one side.",
    "experiments.guardrail": "{name} makes {metric} {effect:percent} worse, which was not to happen.",
    "experiments.guardrail_unknown": "The guardrail {metric} cannot be checked: its figures are not in the rows.",
    # geo tests and switchbacks
    "experiments.region_no_outcome": "Left out because nothing came from there: {names}.",
    "experiments.region_few_days": "Left out because fewer than half of the days have figures: {names}.",
    "experiments.region_gone": "Left out because there are no recent figures: {names}.",
    "experiments.region_big": "{name} alone has {share:percent} of the outcome: what happens there by chance decides the test.",
    "experiments.region_no_spend": "The treated regions have no spend yet, so a relative change of it is nothing. Check the rows.",
    "experiments.region_unknown": "{n:count} {n:plural:value is|values are} unknown; the region's usual level that day stands in.",
    "experiments.region_few": "{have:count} regions are too few: chance alone could explain any result. At least {need:count} are needed.",
    "experiments.region_history": "The history has {have:count} days, shorter than twice the test: what the test can see is unknown. {need:count} days are needed.",
    "experiments.region_winner": "Where spend was changed by {change:percent}, {outcome} rose by {effect:percent} (range {low:percent} to {high:percent}).",
    "experiments.region_loser": "Where spend was changed by {change:percent}, {outcome} fell by {effect:percent} (range {low:percent} to {high:percent}).",
    "experiments.region_equivalent": "Changing spend by {change:percent} made no difference worth acting on: {outcome} moved by less than {smallest:percent} either way.",
    "experiments.region_open": "The test is over and undecided: {outcome} may have moved by anything from {low:percent} to {high:percent}. Plan a bolder change, more regions or more days.",
    "experiments.region_unpaid": "More came in, but it is worth less than it cost: done in all regions it loses money, {low:money} to {high:money} a month.",
    "experiments.region_not_moved": "Spend in the treated regions was to change by {planned:percent} and changed by {seen:percent}. Check the budgets: the test can only judge what really happened.",
    "experiments.region_vanished": "No figures any more, or none before the start: {names}. Left out; if there really was nothing, upload zeros.",
    "experiments.region_days": "{n:count} {n:plural:day is|days are} missing in all regions.",
    "experiments.region_no_plan": "The plan has no regions to compare: there were too few.",
    "experiments.region_no_history": "There are no figures from before the start to measure the regions against. Upload them as well.",
    "experiments.region_lost_regions": "Too large a part of the regions has no figures: nothing can be concluded. Upload the missing regions.",
    "experiments.region_lost_days": "More than a fifth of the days are missing: nothing can be concluded. Upload the missing days.",
    "experiments.region_no_outcome_left": "Nothing at all came from the treated regions during the test, so there is no range to give.",
    "experiments.region_no_variation_left": "All regions moved exactly alike. Check that the rows really differ.",
    "experiments.region_few_regions_left": "Too few regions are left to tell the change from chance.",
    "experiments.switch_few": "{have:count} pairs of periods are too few: chance alone could explain any result. At least {need:count} are needed.",
    "experiments.switch_history": "The history has {have:count} whole pairs of periods, fewer than {need:count}: what the test can see is unknown.",
    "experiments.switch_long": "A test of {pairs:count} pairs takes {days:count} days and would still see {smallest:percent} only with a chance of {power:percent}. Shorter periods or a bolder change help.",
    "experiments.switch_carry": "The effect differs between the beginning and the end of a period: what one side started seems to go on in the next. Plan longer periods or leave out more days after a switch.",
    "experiments.switch_lost": "{n:count} {n:plural:pair|pairs} of periods lack figures on one side and are left out.",
    "experiments.switch_lost_pairs": "More than a fifth of the pairs lack figures: nothing can be concluded. Upload the missing days.",
    "experiments.switch_weekdays": "Periods of {days:count} days do not hold whole weeks: weekdays differ between the sides, and only chance evens them out.",
}


class ExperimentError(ChannelOptError):
    """A test that cannot be planned or read."""

    templates = MESSAGES

"""How plans are spoken of: titles, amounts of an objective, chances, and the names of choices."""

from __future__ import annotations

from channelopt.plan.asked import Answer
from channelopt.plan.goods import MONEY
from channelopt.plan.kept import Kept
from channelopt.plan.planned import Band
from channelopt.plan.quick import beats_today, promised, promised_over_today
from pages.parts import cache
from pages.parts.language import count, current_currency, money, multiple, percent, roi, t
from pages.parts.say import outcome_word

SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€"}
#: From this chance on a scenario is said to be better, and surely better.
LIKELY, SURE = 0.8, 0.95


def sign(objective: str = "revenue") -> str:
    """Currency sign of an axis; empty for counts."""
    return SIGNS.get(current_currency(), "") if objective in MONEY else ""


def amount(objective: str, value: float) -> str:
    """Some of an objective, an estimate: money or a count with three significant digits."""
    value = float(f"{value:.3g}")
    return (
        money(value, current_currency(), compact=True) if objective in MONEY else count(value, compact=True)
    )


def span(objective: str, band: Band) -> str:
    """From the lower to the upper end."""
    return f"{amount(objective, band.low)} – {amount(objective, band.high)}"


def cash(value: float) -> str:
    """Money a day, without cents from 100 on."""
    return money(value, current_currency(), whole=True)


def next_unit(objective: str, mroi: float) -> str:
    """What the next unit of money brings: a return, or the price of one more."""
    if objective in MONEY:
        return roi(mroi)
    return money(1 / mroi, current_currency()) if mroi > 0 else "–"


def next_name(objective: str) -> str:
    """Name of ``next_unit``."""
    if objective in MONEY:
        return t("Next unit")
    return t("Next one costs")


def objective_names() -> dict[str, str]:
    """What a plan may be for → its name."""
    return {
        "revenue": t("Most revenue"),
        "profit": t("Most profit"),
        "valid_leads": t("Most valid leads"),
        "leads": t("Most leads"),
        "customers": t("Most customers"),
    }


def mode_names() -> dict[str, str]:
    """Where the budget comes from → its name."""
    return {"today": t("As today"), "own": t("My amount"), "free": t("Until my bar"), "goal": t("A goal")}


def mode_help() -> dict[str, str]:
    """What each way of setting the budget does."""
    return {
        "today": t("As much money as today, split better."),
        "own": t("You say how much money there is."),
        "free": t("As much money as still brings back what you ask for."),
        "goal": t("You say how much more you want; the budget follows."),
    }


def verdict_looks() -> dict[str, tuple[str, str, str]]:
    """Verdict of a receipt → word, icon, colour of its badge."""
    return {
        "move": (t("MOVE"), ":material/swap_horiz:", "blue"),
        "hold": (t("HOLD"), ":material/pause_circle:", "gray"),
        "test": (t("TEST"), ":material/science:", "gray"),
        "watch": (t("WATCH"), ":material/visibility:", "orange"),
    }


def state_names() -> dict[str, str]:
    """State of a saved scenario → its name."""
    return {"draft": t("draft"), "chosen": t("chosen"), "dropped": t("dropped")}


def test_title() -> str:
    """No plan is past its gate."""
    return t("Test first: the data cannot tell which channel pays more.")


def plan_title(answer: Answer) -> str:
    """The finding of a plan in at most twelve words."""
    plan = answer.plan
    currency, word = current_currency(), outcome_word(plan.objective)
    if not plan.curves.attributed:  # a share of what ads add, not of all that comes in
        word = t("{outcome} from ads", outcome=word)
    if plan.variation is not None:
        return test_title()
    if answer.goal is not None:
        return _goal_title(answer)
    moved = float((plan.spend - plan.reference).clip(lower=0).sum()) * 7
    if moved * plan.days < 0.005 * max(plan.budget, 1) * 7 or plan.uplift <= 0:
        return t("Keep today's split: no move is sure to bring more.")
    free = answer.ask.mode in ("own", "roi", "mroi")
    if not plan.uplift > 0:  # today's mix loses money: a share of that says nothing
        gain = beats_today(plan).gain
        return t(
            "{money}, split better, brings {gain} more {outcome} than today (likely {low} to {high})",
            money=money(plan.budget, currency, compact=True), gain=amount(plan.objective, gain.mid),
            low=amount(plan.objective, gain.low), high=amount(plan.objective, gain.high), outcome=word,
        )  # fmt: skip
    share = promised_over_today(plan) if free else promised(plan)
    told = {
        "money": money(moved, currency, compact=True), "gain": whole(share.mid), "low": whole(share.low),
        "high": whole(share.high), "outcome": word,
    }  # fmt: skip
    if free:
        told["money"] = money(plan.budget, currency, compact=True)
        if share.mid < 0:
            told["gain"] = whole(-share.mid)
            return t("{money}, split better, brings {gain} less {outcome} than today", **told)
        return t(
            "{money}, split better, brings {gain} more {outcome} than today (likely {low} to {high})", **told
        )
    return t("Moving {money} a week brings {gain} more {outcome} (likely {low} to {high})", **told)


def whole(share: float) -> str:
    """A share in whole percent, never "-0%"."""
    return percent(0.0 if abs(share) < 0.005 else share)


def _goal_title(answer: Answer) -> str:
    goal = answer.goal
    assert goal is not None
    told = {"goal": amount(goal.objective, goal.goal), "outcome": outcome_word(goal.objective)}
    if goal.budget != goal.budget:
        return t("{goal} more {outcome} cannot be reached within the limits", **told)
    return t(
        "{goal} more {outcome}: {money} needed (chance {chance})",
        money=money(goal.budget, current_currency(), compact=True),
        chance=percent(goal.chance),
        **told,
    )


def chance_words(one: str, other: str, chance: float, same: bool = False) -> str:
    """How sure it is that one scenario brings more than another; ``same``: that they bring the same."""
    if same:
        return t("{one} and {other} bring the same.", one=one, other=other)
    if chance < 0.5:
        one, other, chance = other, one, 1 - chance
    told = {"one": one, "other": other, "chance": percent(chance)}
    if chance >= SURE:
        return t("{one} almost surely beats {other}: chance {chance}.", **told)
    if chance >= LIKELY:
        return t("{one} probably beats {other}: chance {chance}.", **told)
    return t("{one} and {other} cannot be told apart: chance {chance}.", **told)


def saved_title(kept: Kept | None, number: int) -> str:
    """The saved scenario shown, or how many there are."""
    if kept is None:
        return t("{n:count} saved {n:plural:scenario|scenarios}: which one, and did it pay?", n=number)
    return t(
        "{name}: {low} to {high} {outcome} over {days:count} days",
        name=kept.name,
        low=amount(kept.ask.objective, kept.promise["outcome_low"]),
        high=amount(kept.ask.objective, kept.promise["outcome_high"]),
        outcome=outcome_word(kept.ask.objective),
        days=kept.scenario.days,
    )


def floor_text() -> str:
    """The bar as text."""
    return f"1:{multiple(cache.ledger().policy.roi_floor)}"

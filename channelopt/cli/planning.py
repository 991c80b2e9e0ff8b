"""The plan command: the best split of a budget, from a script."""

from __future__ import annotations

import argparse

import pandas as pd

from channelopt.cli.answers import Answer, plain, refuse, told
from channelopt.files import Tell
from channelopt.ledger import Ledger
from channelopt.messages import sentence
from channelopt.plan.asked import Ask, answer
from channelopt.plan.history import History, curves_of
from channelopt.plan.ladder import ladder
from channelopt.plan.planned import Plan
from channelopt.plan.standing import standing
from channelopt.report.mediaplan import media_plan, weekly_plan
from channelopt.report.tables import to_csv, to_xlsx


def ask_of(args: argparse.Namespace) -> Ask:
    """The wish of the arguments."""
    ways = {"own": args.budget, "roi": args.target_roi, "goal": args.goal}
    mode, amount = next(((m, v) for m, v in ways.items() if v is not None), ("today", 0.0))
    return Ask(
        objective=args.objective, days=args.days, mode=mode, amount=float(amount),
        bounds=tuple(args.bounds), locks=tuple(args.lock), step=args.step, unit=0.01,
    )  # fmt: skip


def planned(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """The best split of a budget over the coming days, with the reason of every move."""
    ask = ask_of(args)
    curves, history = curves_of(
        ledger, ask.objective, on_step=lambda done, total: tell("curves", "learning", done, total)
    )
    ground = standing(curves)
    if ground.state == "no_data":
        texts = [sentence(f.code, dict(f.params)) for f in ground.findings]
        raise refuse("cli.no_plan", " ".join(texts))
    found = answer(curves, ask, ledger.policy)
    plan = found.plan
    if args.out:
        _write(args, plan, history)
    findings = (*ground.findings, *(found.goal.findings if found.goal else ()), *plan.findings)
    return {
        "spend": {str(c): plain(x) for c, x in plan.spend.items()},
        "totals": {str(c): plain(x) for c, x in plan.totals.items()},
        "budget": plan.budget,
        "days": plan.days,
        "first_day": plain(history.first_coming),
        "objective": plan.objective,
        "expected": plain(plan.expected._asdict()),
        "expected_today": plain(plan.expected_today._asdict()),
        "uplift": plain(plan.uplift),
        "naive_uplift": plain(plan.naive_uplift),
        "chance": plain(plan.chance),
        "roi": plain(plan.roi._asdict()),
        "mroi": plain(plan.mroi),
        "test_first": plan.variation is not None or ground.state == "test_first",
        "receipts": _receipts(plan.receipts),
        "findings": [told(f) for f in (*findings, *history.findings)],
        "currency": ledger.currency,
    }


def _receipts(table: pd.DataFrame) -> list[Answer]:
    rows = []
    for row in table.to_dict("records"):
        reason = row.pop("reason")
        rows.append({**plain(row), "reason": told(reason)})
    return rows


def _write(args: argparse.Namespace, plan: Plan, history: History) -> None:
    """The media plan as a file.

    Raises:
        Refused: the file cannot be written.
    """
    start, names = history.first_coming, {str(c): str(c) for c in plan.spend.index}
    table = media_plan(plan, start, names)
    weeks = weekly_plan(ladder(plan), plan.days, start, names)
    excel = args.out.suffix.lower() == ".xlsx"
    try:
        (args.cwd / args.out).write_bytes(
            to_xlsx({"plan": table, "weeks": weeks}) if excel else to_csv(table)
        )
    except OSError as error:
        raise refuse("cli.cannot_write", f"{args.out} cannot be written: {error}") from error

"""The commands and their arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from channelopt.cli import commands, planning
from channelopt.cli.answers import Answer
from channelopt.files import Tell
from channelopt.intake.answers import ACCEPTABLE, KINDS
from channelopt.ledger import Ledger
from channelopt.plan.goods import OBJECTIVES

USAGE = 2
Run = Callable[[argparse.Namespace, Ledger, Tell], Answer]


@dataclass(frozen=True)
class Command:
    """One command on an open workspace.

    Attributes:
        run: does it; its first line says what.
        workspace: "make" it when it is not there, or it must be an "old" one.
        writes: whether it changes the workspace, so that only one runs at a time.
    """

    run: Run
    workspace: Literal["make", "old"] = "old"
    writes: bool = False


COMMANDS: dict[str, Command] = {
    "import": Command(commands.bring, "make", True),
    "diagnose": Command(commands.diagnosed),
    "plan": Command(planning.planned),
    "export": Command(commands.export),
    "undo": Command(commands.undo, writes=True),
    "rejected": Command(commands.rejected),
    "answers": Command(commands.answers, writes=True),
    "accounts": Command(commands.accounts, writes=True),
    "rates": Command(commands.rates, writes=True),
    "doctor": Command(commands.doctor, writes=True),
    "watch": Command(commands.watch, writes=True),
    "backup": Command(commands.back_up),
    "demo": Command(commands.demo, "make", True),
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    root = _Parser(prog="channelopt", description="Which channels earn their money back.")
    found = root.add_subparsers(dest="command", required=True, parser_class=_Parser)
    made = {name: _command(found, name, (one.run.__doc__ or "")) for name, one in COMMANDS.items()}
    _import_arguments(made["import"])
    _plan_arguments(made["plan"])
    made["export"].add_argument(
        "--out", required=True, type=_table_file, help="file.csv (verdicts) or file.xlsx (and daily sums)"
    )
    made["undo"].add_argument("import_id", type=int)
    made["rejected"].add_argument("import_id", type=int)
    made["rejected"].add_argument("--out", required=True, type=_csv_file, help="file.csv")
    which = made["answers"].add_mutually_exclusive_group()
    which.add_argument("--forget", metavar="FINGERPRINT", help="ask again about files with these headers")
    which.add_argument("--all", action="store_true", help="forget all of them")
    made["accounts"].add_argument("--names", nargs=3, metavar=("CHANNEL", "ONE", "OTHER"))
    which = made["accounts"].add_mutually_exclusive_group()
    which.add_argument("--same", action="store_true", help="one account under two names: counts once")
    which.add_argument("--different", action="store_true", help="two accounts: they add up")
    which.add_argument("--forget", action="store_true", help="take the answer back")
    made["rates"].add_argument(
        "--set", action="append", default=[], type=_rate, metavar="USD=7.1", help="what one unit is worth"
    )
    made["rates"].add_argument("--own", metavar="USD", help="show all amounts of the brand in it")
    made["backup"].add_argument("--out", required=True, type=Path, help="the file to write")
    _command(found, "restore", commands.bring_back.__doc__ or "").add_argument("file", type=Path)
    made["watch"].add_argument("--once", action="store_true", help="take what is there, then end")
    made["watch"].add_argument("--every", type=_seconds, default=3.0, metavar="SECONDS")
    return root


def _command(found: argparse._SubParsersAction, name: str, text: str) -> argparse.ArgumentParser:
    one: argparse.ArgumentParser = found.add_parser(name, help=text.splitlines()[0] if text else None)
    one.add_argument("--workspace", required=True, type=Path, help="the workspace folder")
    one.add_argument("--json", action="store_true", help="answer in JSON")
    one.add_argument("--by", default="command line", help="who does it, for the history")
    one.add_argument(
        "--wait",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="how long to wait for another program that has the workspace open (60)",
    )
    one.add_argument("--progress", action="store_true", help="say how far it is, also to a file")
    return one


def _plan_arguments(one: argparse.ArgumentParser) -> None:
    budget = one.add_mutually_exclusive_group()
    budget.add_argument(
        "--budget", type=_above_zero, help="money over all days; as much as today when left out"
    )
    one.add_argument("--days", type=_days, default=28, help="how many coming days (28)")
    one.add_argument("--objective", choices=OBJECTIVES, default="revenue", help="what to aim for (revenue)")
    budget.add_argument(
        "--target-roi", type=_above_zero, metavar="N", help="the largest budget that still returns 1:N"
    )
    budget.add_argument(
        "--goal", type=_above_zero, metavar="N", help="the budget that brings N more than today"
    )
    one.add_argument(
        "--bounds", action="append", default=[], type=_bounds, metavar="CHANNEL=LOW:HIGH",
        help="money per day; a side may be left out",
    )  # fmt: skip
    one.add_argument("--lock", action="append", default=[], metavar="CHANNEL", help="keeps today's spend")
    one.add_argument("--step", type=_share, default=0.2, help="share a channel may change in a week (0.2)")
    one.add_argument("--out", type=_table_file, help="the media plan: file.csv or file.xlsx")


def _above_zero(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e15:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share from 0 and below 1")
    return value


def _days(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 366:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to 366")
    return int(text)


def _bounds(text: str) -> tuple[str, float | None, float | None]:
    channel, _, both = text.rpartition("=")
    low, colon, high = both.partition(":")
    try:
        ends = [float(end) if end.strip() else None for end in (low, high)]
    except ValueError:
        ends = []
    if not channel or not colon or len(ends) != 2 or ends == [None, None]:
        raise argparse.ArgumentTypeError(f"{text!r} is not CHANNEL=LOW:HIGH, such as baidu=500:2000")
    return channel.strip(), ends[0], ends[1]


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e7:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return value


def _pair(text: str) -> str:
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not HEADER=field")
    return text


def _rate(text: str) -> tuple[str, float]:
    currency, _, rate = text.partition("=")
    try:
        return currency.strip().upper(), float(rate)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a rate such as USD=7.1") from None


def _table_file(text: str) -> Path:
    if Path(text).suffix.lower() not in (".csv", ".xlsx"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a .csv nor an .xlsx file")
    return Path(text)


def _csv_file(text: str) -> Path:
    if Path(text).suffix.lower() != ".csv":
        raise argparse.ArgumentTypeError(f"{text!r} is not a .csv file")
    return Path(text)


def _import_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("files", nargs="+", help="files, folders (their files), patterns such as 'out/*.csv'")
    one.add_argument(
        "--map",
        action="append",
        default=[],
        type=_pair,
        metavar="HEADER=field",
        help="what a column means; 'HEADER=' for one that is not used",
    )
    one.add_argument("--currency", help="ISO code, where the file does not say")
    one.add_argument("--date-order", choices=["mdy", "dmy", "ymd"])
    one.add_argument("--decimal-mark", choices=[".", ","])
    one.add_argument("--period", help="first and last day, where the file has no day column: FIRST/LAST")
    one.add_argument("--totals", choices=["keep", "leave_out"], help="what lines are that may be totals")
    one.add_argument("--table", help="read one table of a file with several, not all of them")
    one.add_argument(
        "--accept",
        action="append",
        choices=ACCEPTABLE,
        metavar="CODE",
        help="it is odd, and right: one of %(choices)s",
    )
    one.add_argument("--channel", help="channel of a file that names none")
    one.add_argument("--platform", help="platform key, where it was not recognised")
    one.add_argument("--kind", choices=KINDS)
    one.add_argument("--experiment", help="name of the test whose rows the file holds")
    one.add_argument("--account", help="name of the ad account, where the file names none")
    one.add_argument("--accept-partial", action="store_true", help="count a file that explains too little")
    one.add_argument("--prefer", action="store_true", help="count this file wherever it has rows")

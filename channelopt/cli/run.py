"""Run one command: on the workspace itself, or through the dashboard that has it open."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from channelopt.cli.answers import Answer, Refused, refusal, refuse, show
from channelopt.cli.arguments import COMMANDS, parser
from channelopt.cli.commands import bring_back
from channelopt.cli.offline import watch_on
from channelopt.cli.progress import Progress, on_interrupt
from channelopt.demo import DEMO_CURRENCY, DEMO_NAME
from channelopt.errors import Cancelled, ChannelOptError
from channelopt.files import Tell
from channelopt.handover import HandoverError, Serving, Work, reachable
from channelopt.ledger import Ledger
from channelopt.ledger.store import FILE

DONE, REFUSED = 0, 1
_POLL = 0.5
INTERRUPTED = "Cancelled. What was finished before is kept; nothing is half done."
HANDED_OVER = "The dashboard is running on this workspace; it does the work."
QUEUED = "The dashboard is busy with other files; this waits its turn."


def open_for(args: argparse.Namespace) -> Ledger:
    """The workspace of a command; only some commands make one that is not there.

    Raises:
        Refused: there is none.
        LedgerError: it cannot be opened.
    """
    command = COMMANDS[args.command]
    if command.workspace == "old" and not (args.workspace / FILE).is_file():
        raise refuse("cli.no_workspace", f"There is no workspace in {args.workspace}. Import a file first.")
    if args.command == "demo":
        return Ledger.open(args.workspace, name=DEMO_NAME, currency=DEMO_CURRENCY)
    return Ledger.open(args.workspace)


def settle(
    work: Callable[[], tuple[int, Answer]], stopped: Callable[[], bool] = lambda: False
) -> tuple[int, Answer]:
    """Exit code and answer of a command, refusals included.

    Args:
        work: the command.
        stopped: whether the user interrupted it; then any error is only the consequence.
    """
    try:
        return work()
    except Refused as refused:
        return REFUSED, refused.answer
    except (KeyboardInterrupt, Cancelled):
        return REFUSED, {"error": {"code": "common.cancelled", "text": INTERRUPTED, "findings": []}}
    except Exception as error:
        if stopped():
            return REFUSED, {"error": {"code": "common.cancelled", "text": INTERRUPTED, "findings": []}}
        if not isinstance(error, ChannelOptError):
            raise
        return REFUSED, {"error": refusal(error)}


def serve(argv: Sequence[str], cwd: Path, folder: Path, tell: Tell) -> tuple[int, Answer]:
    """Run a command for the command line inside the process that has the workspace open.

    Args:
        argv: the arguments as typed.
        cwd: where relative paths start.
        folder: the workspace, whatever ``argv`` calls it.
        tell: told of every step; what it raises stops the work.

    Raises:
        SystemExit: the arguments are no command's.
    """
    args = parser().parse_args(argv)
    if args.command not in COMMANDS:
        raise SystemExit(2)
    args.cwd, args.workspace = cwd, folder

    def work() -> tuple[int, Answer]:
        with open_for(args) as ledger:
            return DONE, COMMANDS[args.command].run(args, ledger, tell)

    return settle(work)


def writes(argv: Sequence[str]) -> bool:
    """Whether a command changes the workspace, so that it must wait its turn."""
    command = COMMANDS.get(argv[0]) if argv else None
    return command is None or command.writes


def _here(args: argparse.Namespace, argv: Sequence[str], progress: Progress) -> tuple[int, Answer]:
    """Run a command from the command line."""
    if args.command == "restore":
        return DONE, bring_back(args, progress)
    if args.command == "watch" and not args.once:
        return DONE, watch_on(args, progress)
    until, said = time.monotonic() + args.wait, False
    while True:
        try:
            ledger = open_for(args)
        except ChannelOptError as error:
            if error.code != "ledger.locked":
                raise
            serving = reachable(args.workspace)
            if serving is not None:
                progress.say(HANDED_OVER)
                return _hand_over(serving, argv, progress)
            said = _wait(error, args, until, said, progress)
        else:
            with ledger:
                return DONE, COMMANDS[args.command].run(args, ledger, progress)


def _wait(
    error: ChannelOptError, args: argparse.Namespace, until: float, said: bool, progress: Progress
) -> bool:
    if time.monotonic() >= until:
        _give_up(error, args)
    if not said:
        detail = error.params.get("detail", "")
        progress.say(
            f"Another program has this workspace open ({detail}); waiting up to {args.wait:.0f} seconds."
        )
    time.sleep(min(_POLL, max(until - time.monotonic(), 0.01)))
    return True


def _give_up(error: ChannelOptError, args: argparse.Namespace) -> NoReturn:
    raise HandoverError(
        "handover.busy",
        where=str(args.workspace),
        seconds=int(args.wait),
        detail=str(error.params.get("detail", "")),
    ) from error


def _hand_over(serving: Serving, argv: Sequence[str], progress: Progress) -> tuple[int, Answer]:
    work = Work(serving, argv, Path.cwd())

    def stop() -> None:
        progress.say("Cancelling …")
        threading.Thread(target=work.cancel, daemon=True).start()

    with on_interrupt(stop, at_once=False):
        return work.run(progress, lambda: progress.say(QUEUED))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 1 refused with a reason, 2 wrong usage.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        args = parser().parse_args(given)
    except SystemExit as stop:
        return int(stop.code or 0)
    args.cwd = Path.cwd()
    progress = Progress(sys.stderr, args.progress)
    with on_interrupt(progress.stop, at_once=True):
        code, answer = settle(lambda: _here(args, given, progress), lambda: progress.stopped)
    progress.clear()
    try:
        show(answer, args.json, sys.stdout if args.json or code == DONE else sys.stderr)
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    return code

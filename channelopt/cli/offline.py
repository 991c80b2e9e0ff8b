"""Commands that do not hold a workspace open while they run."""

from __future__ import annotations

import argparse
import sys
import time

from channelopt.cli.answers import Answer, refuse, show, taken_answer
from channelopt.cli.progress import Progress
from channelopt.errors import ChannelOptError
from channelopt.handover import reachable
from channelopt.inbox import Inbox
from channelopt.ledger import Ledger
from channelopt.ledger.store import FILE


def watch_on(args: argparse.Namespace, progress: Progress) -> Answer:
    """Take what comes into the inbox until Ctrl+C; the workspace is free for others between files."""
    if not (args.workspace / FILE).is_file():
        raise refuse("cli.no_workspace", f"There is no workspace in {args.workspace}. Import a file first.")
    inbox, left = Inbox(args.workspace), False
    progress.say(f"Watching {inbox.folder}. Ctrl+C ends it.")
    try:
        while True:
            files = inbox.look(time.monotonic())
            left = _take(args, inbox, files, left, progress) if files else left
            time.sleep(max(args.every, 0.2))
    except KeyboardInterrupt:
        return {"watched": str(inbox.folder)}


def _take(args: argparse.Namespace, inbox: Inbox, files: list, left: bool, progress: Progress) -> bool:
    """Take files now; True when another program has the workspace and they are left for later."""
    try:
        with Ledger.open(args.workspace) as ledger:
            for taken in inbox.take(ledger, files, args.by, progress, time.monotonic()):
                progress.clear()
                show({"files": [taken_answer(taken)]}, args.json, sys.stdout)
                sys.stdout.flush()
    except ChannelOptError as error:
        if error.code != "ledger.locked":
            raise
        if not left:
            running = reachable(args.workspace) is not None
            progress.say("The dashboard is running and takes these files." if running else str(error))
        return True
    return False

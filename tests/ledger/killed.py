"""A process that forks importers to be killed: ``python killed.py WORKSPACE``, one order per line of stdin.

An order is ``START PHASE``: the importer stores files number START, START + 1, … and prints each
number once it was acknowledged. PHASE names where it kills itself at its second file; "-" leaves the
killing to others. The parent is told the importer's pid, then its end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from channelopt.intake import read_export
from channelopt.ledger import Ledger, imports, rollup
from channelopt.ledger import ledger as module
from channelopt.ledger.originals import Originals

PHASES = ("before_original", "after_original", "inside", "before_end", "after_end")


def table(number: int) -> bytes:
    """File ``number``: its own day, and one day it shares with the file before (a newer version of it)."""
    days = [f"2025-{1 + d // 28 % 12:02d}-{1 + d % 28:02d}" for d in (number - 1, number)]
    rows = "".join(f"{day},Radio,C{i},{number}.25,CNY\n" for day in days for i in range(3))
    return ("date,channel,campaign,cost,currency\n" + rows + "nonsense,Radio,C,1,CNY\n").encode()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(phase: str) -> None:
    """Kill this process at a phase of the second commit."""
    seen = {"n": 0}

    def before(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def call(*args: object, **more: object) -> object:
            seen["n"] += 1
            if seen["n"] == 2:
                die()
            return real(*args, **more)

        setattr(owner, name, call)

    if phase == "before_original":
        before(Originals, "put")
    elif phase == "after_original":
        before(imports, "insert")
    elif phase == "inside":
        before(module, "refresh_spend")
    elif phase == "before_end":
        before(module, "bump")


def work(where: str, start: int, phase: str) -> None:
    arm(phase)
    with Ledger.open(where) as ledger:
        for number in range(start, start + 50):
            ledger.commit(ledger.read(table(number), f"f{number}.csv"), "killed")
            if phase == "after_end" and number == start + 1:
                die()
            os.write(1, f"{number}\n".encode())


def main() -> None:
    read_export(table(1), "warm.csv")
    assert rollup
    print("ready", flush=True)
    for line in sys.stdin:
        start, phase = line.split()
        child = os.fork()
        if child == 0:
            work(sys.argv[1], int(start), phase)
            os._exit(0)
        print(f"pid {child}", flush=True)
        os.waitpid(child, 0)
        print("end", flush=True)


if __name__ == "__main__":
    main()

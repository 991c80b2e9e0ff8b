"""Law 6: whatever is killed, whenever: what was acknowledged is there, and nothing else is half there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from channelopt.ledger import Ledger
from tests.ledger.killed import PHASES, table

KILLS = 100
ZYGOTE = Path(__file__).with_name("killed.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_a_hundred_kills(tmp_path):
    rng, where = random.Random(7), tmp_path / "w"
    zygote = subprocess.Popen(
        [sys.executable, str(ZYGOTE), str(where)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert zygote.stdin and zygote.stdout
    assert zygote.stdout.readline() == "ready\n"
    acknowledged: set[int] = set()
    ended_at: dict[str, int] = {}
    try:
        for kill in range(KILLS):
            phase = PHASES[kill % len(PHASES)] if kill % 3 == 0 else "-"
            start = max(acknowledged, default=0) + 1
            zygote.stdin.write(f"{start} {phase}\n")
            zygote.stdin.flush()
            before = len(acknowledged)
            acknowledged |= one_round(zygote, phase, rng)
            ended_at[phase] = ended_at.get(phase, 0) + 1
            look_after(where, acknowledged, before, phase, start)
    finally:
        zygote.kill()
    assert len(acknowledged) > 30, "the kills came too early to prove anything"
    assert set(ended_at) == {"-", *PHASES}


def one_round(zygote: subprocess.Popen[str], phase: str, rng: random.Random) -> set[int]:
    """Let an importer run, kill it, and give the files it had acknowledged."""
    assert zygote.stdout
    seen: set[int] = set()
    pid = 0
    for line in zygote.stdout:
        word = line.strip()
        if word.startswith("pid "):
            pid = int(word[4:])
            if phase == "-":
                threading.Thread(target=strike, args=(pid, rng.uniform(0.02, 0.25)), daemon=True).start()
        elif word == "end":
            return seen
        elif word.isdigit():
            seen.add(int(word))
    raise AssertionError("the importer's parent died")


def strike(pid: int, after: float) -> None:
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)


def look_after(where: Path, acknowledged: set[int], before: int, phase: str, start: int) -> None:
    if not (where / "ledger.duckdb").exists():
        assert not acknowledged
        return
    with Ledger.open(where) as ledger:
        frame = ledger.imports()
        stored = {int(name[1:-4]) for name in frame["name"]}
        assert acknowledged <= stored, "an acknowledged file is gone"
        assert len(stored - acknowledged) <= before + 2
        assert set(frame["rows"]) <= {6} and set(frame["rejected"]) <= {1}
        unasked = {f.code for f in ledger.doctor()} - {"ledger.healthy", "ledger.leftovers"}
        assert unasked == set(), "half an import, or daily figures that are not the rows'"
        for number in frame["import_id"].tail(3):
            name = frame.set_index("import_id").loc[number, "name"]
            assert ledger.original(int(number)) == table(int(name[1:-4]))
            assert len(ledger.rejected(int(number))) == 1
        if phase in ("before_original", "after_original", "inside", "before_end"):
            assert start + 1 not in stored, "a file whose import was cut is in"
        if phase == "after_end":
            assert start + 1 in stored, "a committed file is gone"
        acknowledged |= stored
    assert not list((where / "incoming").glob("*"))

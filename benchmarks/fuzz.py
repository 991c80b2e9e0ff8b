"""Thousands of damaged and rearranged exports: none may give a different total without a word.

Run ``python benchmarks/fuzz.py [--cases N] [--seed S] [--only KIND] [--show N]``. Every case takes a
fixture, changes it, and compares what the intake reads with a small oracle that knows which rows
and cells were changed. The exit code is 1 when a case ends with another exception than a refusal,
or with other sums and no question, refusal, rejected line or warning. See ``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.fuzz_bytes import judge_leads, judge_tested, noise, seen_by_oracle  # noqa: E402
from benchmarks.fuzz_changes import FOLLOWED, KEEPING  # noqa: E402
from benchmarks.fuzz_tables import Table, fixtures, near  # noqa: E402
from channelopt.errors import ChannelOptError  # noqa: E402
from channelopt.intake import Read, read_export  # noqa: E402


@dataclass(frozen=True)
class Case:
    """One changed file and what the oracle expects."""

    name: str
    changes: tuple[str, ...]
    data: bytes
    answers: dict[str, Any]
    sums: list[dict[str, float]]
    days: list[tuple[str, float]] | None
    strict: bool
    told: frozenset[str]
    rejected: int
    noisy: bool = False


def make_case(bases: list[Table], seed: int, only: str | None = None) -> Case:
    """The case of a seed: always the same."""
    rng = random.Random(seed)
    t = rng.choice(bases).copy()
    kind = only or rng.choice(["keep", "keep", "follow", "follow", "noise"])
    if kind == "noise":
        if rng.random() < 0.05:
            t.workbook = True
            return Case(t.name, ("noise",), noise(t.write(), rng), t.answers, [t.sums()], None, False, t.told,
                        t.rejected, True)  # fmt: skip
        data = noise(t.write(), rng)
        return Case(
            t.name,
            ("noise",),
            data,
            t.answers,
            seen_by_oracle(t, data),
            None,
            False,
            t.told,
            t.rejected,
            True,
        )
    keeping = rng.sample(sorted(KEEPING), rng.randint(1, 3))
    following = rng.sample(sorted(FOLLOWED), rng.randint(1, 2)) if kind == "follow" else []
    keeping = keeping if kind == "keep" else keeping[: rng.randint(0, 1)]
    if only in KEEPING or only in FOLLOWED:
        keeping, following = ([only], []) if only in KEEPING else ([], [only])
    order = sorted(
        keeping, key=lambda k: k in ("thousands", "decimal_commas", "money_signs", "shuffle_columns")
    )
    for name in (*following, *order):
        (FOLLOWED.get(name) or KEEPING[name])(t, rng)
    days = None
    if t.days and "spend" in t.columns and "spend" not in t.lost:
        days = sorted((r.day, round(v, 6)) for r in t.data() if not math.isnan(v := t.value(r, "spend")))
    return Case(
        t.name,
        (*following, *order),
        t.write(),
        t.answers,
        [t.sums()],
        days,
        not following,
        t.told,
        t.rejected,
    )


def judge(case: Case) -> tuple[str, str]:
    """What became of a case: "equal", "asked", "refused", "flagged" or "BAD", and why."""
    try:
        read = read_export(case.data, case.name, answers=case.answers)
    except ChannelOptError as error:
        return (
            ("refused", error.code) if error.template != error.code else ("BAD", f"no sentence {error.code}")
        )
    except Exception as error:
        return "BAD", f"{type(error).__name__}: {error}"
    line = read.lines
    if line.lines != sum(
        (line.preamble, line.header, line.kept, line.totals, line.footer, line.blank, line.rejected)
    ):
        return "BAD", "lines do not add up"
    if read.questions:
        return "asked", ", ".join(sorted({q.code for q in read.questions}))
    known = {m for m in case.sums[0] if read.rows[m].notna().any()} if case.noisy and case.sums else None
    wrong = min((_differences(read, sums, known) for sums in case.sums), key=len, default=[])
    if not wrong and case.days is not None:
        seen = zip(read.rows["day"].dt.strftime("%Y-%m-%d"), read.rows["spend"].round(6), strict=True)
        if sorted((d, v) for d, v in seen if not math.isnan(v)) != case.days:
            wrong = ["days"]
    told = {f.code for f in read.findings if f.severity != "info"} - case.told
    flagged = bool(told) or line.rejected > case.rejected
    if not wrong and (case.sums or flagged):
        return "equal", ""
    if flagged and not case.strict:
        return "flagged", ", ".join(sorted(told))
    if case.noisy and not case.sums:
        return "header", "the header itself was damaged"
    return "BAD", "silently different: " + ", ".join(wrong)


def _differences(read: Read, sums: dict[str, float], known: set[str] | None) -> list[str]:
    """Metrics whose sum is another; those of a damaged header may be unknown, never another figure."""
    return [
        f"{m} {float(read.rows[m].sum()):.4f} for {want:.4f}"
        for m, want in sums.items()
        if (known is None or m in known) and not near(float(read.rows[m].sum()), want)
    ]


def run(cases: int, seed: int, only: str | None = None) -> tuple[Counter, list[tuple[int, Case, str]]]:
    """Run many cases; returns counts per (change, outcome) and the bad ones."""
    bases = fixtures()
    counts: Counter = Counter()
    bad = []
    for n in range(cases):
        case = make_case(bases, seed * 1_000_003 + n, only)
        outcome, why = judge(case)
        counts[("all", outcome)] += 1
        for change in case.changes:
            counts[(change, outcome)] += 1
        if outcome == "BAD":
            bad.append((seed * 1_000_003 + n, case, why))
        if only is None and n % 10 == 0:
            for judged, shown in ((judge_leads, "lead list"), (judge_tested, "test rows")):
                outcome, why = judged(random.Random(seed * 1_000_003 + n))
                counts[(f"({shown})", outcome)] += 1
                if outcome == "BAD":
                    bad.append((seed * 1_000_003 + n, replace(case, name=shown, changes=(shown,)), why))
    return counts, bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one kind of change: keep, follow, noise, or the name of a change")
    parser.add_argument("--show", type=int, default=10, help="how many bad cases to print")
    given = parser.parse_args()
    start = time.process_time()
    counts, bad = run(given.cases, given.seed, given.only)
    outcomes = ("equal", "asked", "refused", "flagged", "header", "BAD")
    print(f"{'change':18}" + "".join(f"{o:>9}" for o in outcomes))
    for change in sorted({c for c, _ in counts}, key=lambda c: (c != "all", c)):
        print(f"{change:18}" + "".join(f"{counts[(change, o)]:>9}" for o in outcomes))
    print(f"{given.cases} cases, {time.process_time() - start:.0f} CPU s, {len(bad)} bad")
    for seed, case, why in bad[: given.show]:
        print(f"- seed {seed}: {case.name}: {', '.join(case.changes)}: {why}")
    out = ROOT / "benchmarks" / "out"
    out.mkdir(exist_ok=True)
    table = {f"{c}/{o}": n for (c, o), n in counts.items()}
    (out / "fuzz.json").write_text(json.dumps(table, indent=1, sort_keys=True), encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

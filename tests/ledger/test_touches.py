"""Conversion paths from touch logs: the engine's answer is a plain loop's, whatever the order of the rows."""

import datetime as dt
import random

import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.ledger import Ledger
from channelopt.ledger.touches import LONGEST, VISIT_MINUTES

START = dt.datetime(2026, 3, 1)


def stored(*files: list[tuple]) -> Ledger:
    """A workspace with these touches: (person, minutes, channel, event, value), one list per file."""
    ledger = Ledger.open(":memory:")
    with ledger._store.write() as cursor:
        for number, rows in enumerate(files, start=1):
            cursor.execute(
                "INSERT INTO imports (import_id, sha256, name, kind, status)"
                " VALUES (?, ?, 'log', 'touches', 'active')",
                [number, str(number)],
            )
            for at, (person, minutes, channel, event, value) in enumerate(rows):
                cursor.execute(
                    'INSERT INTO touch_facts (import_id, row_no, person_key, "at", channel, event, value)'
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [number, at, person, START + dt.timedelta(minutes=minutes), channel, event, value],
                )
    return ledger


def naive(rows: list[tuple], goal: str, days: int) -> dict[tuple[str, ...], list[float]]:
    """path → [persons, conversions, value, ages of those who converted], by loops."""
    found: dict[tuple[str, ...], list] = {}
    for person in sorted({r[0] for r in rows if r[0]}):
        mine = sorted({r for r in rows if r[0] == person}, key=lambda r: (r[1], r[2] or "unassigned"))
        won = [r for r in mine if r[3] == goal]
        ends = won[0][1] if won else mine[-1][1]
        worth = next((r[4] for r in won if r[1] == ends and r[4] is not None), 0.0) if won else 0.0
        visits, last = [], None
        for _, minutes, channel, event, _ in mine:
            if not ends - days * 1440 <= minutes <= ends or (not channel and event != "touch"):
                continue
            name = channel or "unassigned"
            if last is None or last[0] != name or minutes - last[1] > VISIT_MINUTES:
                visits.append((name, (ends - minutes) / 1440))
            last = (name, minutes)
        visits = visits[-LONGEST:] or [("unassigned", 0.0)]
        entry = found.setdefault(tuple(v[0] for v in visits), [0, 0, 0.0, []])
        entry[0] += 1
        if won:
            entry[1] += 1
            entry[2] += worth
            entry[3].append([v[1] for v in visits])
    return found


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("goal", ["lead", "order"])
def test_the_engine_and_a_loop_agree(seed, goal):
    rng = random.Random(seed)
    rows = [
        (
            rng.choice(["", "p1", "p2", "p3", "p4", "p5", "p6"]),
            rng.choice([5, 20, 1440]) * rng.randrange(60),
            rng.choice(["a", "b", "c", ""]),
            rng.choice(["touch"] * 6 + ["lead", "order"]),
            None,
        )
        for _ in range(rng.randrange(1, 120))
    ]
    by_hand = naive(rows, goal, 7)
    with stored(rows) as ledger:
        found = ledger.paths(goal, 7)
    assert set(found["path"]) == set(by_hand)
    for row in found.itertuples():
        persons, conversions, value, ages = by_hand[row.path]
        assert (row.persons, row.conversions, row.value) == (persons, conversions, value)
        mean = [sum(a) / len(a) for a in zip(*ages, strict=True)] if ages else [0.0] * len(row.path)
        assert row.ages == pytest.approx(mean)


def test_rows_that_two_files_hold_count_once_and_an_undone_file_not_at_all():
    rows = [("p", 0, "a", "touch", None), ("p", 500, "b", "touch", None), ("p", 501, "b", "lead", 80.0)]
    with stored(rows) as one, stored(rows, rows[1:]) as two:
        pd.testing.assert_frame_equal(one.paths(), two.paths())
        assert one.paths()["value"].tolist() == [80.0]
        with two._store.write() as cursor:
            cursor.execute("UPDATE imports SET status = 'undone' WHERE import_id = 1")
        assert two.paths()["path"].tolist() == [("b",)]
        assert two.touch_summary().touches == 2


def test_leads_are_the_goal_unless_there_are_none():
    rows = [("p", 0, "a", "touch", None), ("p", 60, "b", "order", 9.0)]
    with stored(rows) as ledger:
        assert ledger.paths()["conversions"].sum() == 1
        assert ledger.paths("lead")["conversions"].sum() == 0
    with stored([*rows, ("q", 10, "a", "lead", None)]) as ledger:
        assert ledger.paths().set_index("path").loc[[("a",)], "conversions"].tolist() == [1]


def test_people_without_a_code_are_in_no_path_but_told():
    with stored([("", 0, "a", "touch", None), ("p", 0, "a", "touch", None)]) as ledger:
        assert ledger.paths()["persons"].sum() == 1
        assert (ledger.touch_summary().nameless, ledger.touch_summary().persons) == (1, 1)


def test_a_long_path_keeps_its_last_visits():
    rows = [("p", 60 * at, "ab"[at % 2], "touch", None) for at in range(200)]
    with stored(rows) as ledger:
        (path,) = ledger.paths(lookback_days=60)["path"]
    assert len(path) == LONGEST and path[-1] == "b"


def test_nothing_stored_gives_no_path_and_bad_settings_are_refused():
    with Ledger.open(":memory:") as ledger:
        assert list(ledger.paths().columns) == ["path", "ages", "persons", "conversions", "value"]
        assert len(ledger.paths()) == 0 and ledger.touch_summary().first is None
        for bad in ({"goal": "sale"}, {"lookback_days": 0}):
            with pytest.raises(InputError):
                ledger.paths(**bad)

"""The inbox: nothing lost, nothing twice, what needs an answer waits with its reason."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from channelopt.demo import demo_files
from channelopt.errors import Cancelled
from channelopt.files import How
from channelopt.inbox import Inbox, answer_waiting, inbox_folder, inbox_state
from channelopt.ledger import Ledger
from channelopt.ledger.messages import LedgerError
from pages.parts import api
from pages.parts import inbox as watching
from pages.parts.inbox import Watcher

META = next(p for p in demo_files() if "meta" in p.name)
CRM = next(p for p in demo_files() if "crm" in p.name)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "brand", name="brand", currency="CNY") as one:
        yield one


@pytest.fixture
def folder(ledger):
    return inbox_folder(ledger.where)


def rounds(inbox, ledger, n=2):
    taken = []
    for _ in range(n):
        taken += list(inbox.take(ledger, inbox.look(), "inbox"))
    return taken


def names(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def daily(days, campaigns=(1, 2)):
    head = "Day,Campaign name,Currency,Amount spent (CNY),Impressions,Link clicks\n"
    rows = (f"2026-01-{d:02d},C{c},CNY,{10 * d + c}.5,1000,10" for d in range(1, days + 1) for c in campaigns)
    return head + "\n".join(rows)


def question(path):
    rows = "\n".join(f"2026-01-{d:02d},{d},{d}.50" for d in range(1, 20))
    path.write_text("date,id,outlay x\n" + rows)
    return path


def test_a_file_is_taken_when_it_has_come_to_rest(ledger, folder):
    inbox = Inbox(Path(ledger.where))
    path = folder / META.name
    content = META.read_bytes()
    path.write_bytes(content[:500])
    assert rounds(inbox, ledger, 1) == []
    path.write_bytes(content)  # it grew between two looks
    assert rounds(inbox, ledger, 1) == []
    assert [t.outcome for t in rounds(inbox, ledger, 1)] == ["committed"]
    assert names(folder) == [f"done/{META.name}", "record.jsonl"]
    state = inbox_state(ledger.where)
    assert [(d.name, d.status, d.import_id) for d in state.done] == [(META.name, "committed", 1)]
    assert list(ledger.imports()["by"]) == ["inbox"]


def test_a_file_that_grows_while_it_is_read_is_taken_again(ledger, folder):
    inbox = Inbox(Path(ledger.where))
    path = folder / "daily.csv"
    path.write_text(daily(10))
    grown = []

    def grow(name, phase, done, total):
        if phase == "storing" and not grown:
            grown.append(path.write_text(daily(14)))

    inbox.look()
    assert list(inbox.take(ledger, inbox.look(), "inbox", grow)) == []
    assert path.is_file()
    assert [t.outcome for t in rounds(inbox, ledger)] == ["committed"]
    assert ledger.daily()["spend"].sum() == pytest.approx(sum(20 * d + 4 for d in range(1, 15)))


def test_the_same_file_twice_changes_nothing_and_both_are_kept(ledger, folder):
    inbox = Inbox(Path(ledger.where))
    shutil.copy(META, folder)
    first = rounds(inbox, ledger)
    spend = ledger.daily()["spend"].sum()
    shutil.copy(META, folder)
    second = rounds(inbox, ledger)
    assert [t.outcome for t in (*first, *second)] == ["committed", "unchanged"]
    assert ledger.daily()["spend"].sum() == spend
    assert names(folder / "done") == sorted([META.name, f"{META.stem} (2){META.suffix}"])


def test_a_crash_between_commit_and_move_is_harmless(ledger, folder, monkeypatch):
    shutil.copy(META, folder)
    inbox = Inbox(Path(ledger.where))
    inbox.look()

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("channelopt.inbox.watch.put_away", crash)
        list(inbox.take(ledger, inbox.look()))
    assert (folder / META.name).is_file()
    assert len(ledger.imports()) == 1
    assert [t.outcome for t in rounds(Inbox(Path(ledger.where)), ledger)] == ["unchanged"]
    assert names(folder / "done") == [META.name]
    assert len(ledger.imports()) == 1


def test_what_needs_an_answer_waits_with_its_reason(ledger, folder):
    inbox = Inbox(Path(ledger.where))
    question(folder / "costs.csv")
    (folder / "letter.txt").write_text("Dear all,\n\nthe meeting moves.\n")
    assert {t.outcome for t in rounds(inbox, ledger)} == {"refused"}
    assert len(ledger.imports()) == 0
    waiting = {w.name: w for w in inbox_state(ledger.where).waiting}
    assert waiting["costs.csv"].reason.code == "intake.which_spend"
    assert waiting["letter.txt"].reason.code == "intake.not_a_table"
    assert "columns" not in waiting["costs.csv"].reason.params
    taken = answer_waiting(ledger, "costs.csv", How("me", {"mapping": {"outlay x": "spend"}}))
    assert taken.outcome == "refused"
    asked = {w.name: w for w in inbox_state(ledger.where).waiting}["costs.csv"]
    assert asked.reason.code == "ledger.unanswered"
    assert {f.code for f in asked.findings} == {"intake.which_currency", "intake.which_channel"}
    given = {"mapping": {"outlay x": "spend"}, "currency": "CNY", "channel": "Radio"}
    assert answer_waiting(ledger, "costs.csv", How("me", given)).outcome == "committed"
    assert [w.name for w in inbox_state(ledger.where).waiting] == ["letter.txt"]
    assert names(folder) == [
        "done/costs.csv",
        "record.jsonl",
        "waiting/letter.txt",
        "waiting/letter.txt.why.json",
    ]
    question(folder / "next.csv").write_text(
        (folder / "done/costs.csv").read_text() + "\n2026-01-20,20,20.50"
    )
    assert [t.outcome for t in rounds(inbox, ledger)] == ["committed"]  # answers are remembered


def test_a_waiting_file_that_was_stored_elsewhere_is_done(ledger, folder):
    inbox = Inbox(Path(ledger.where))
    path = question(folder / "costs.csv")
    rounds(inbox, ledger)
    waiting = folder / "waiting" / path.name
    assert inbox.tidy(ledger) == []
    given = {"mapping": {"outlay x": "spend"}, "currency": "CNY", "channel": "Radio"}
    number = ledger.commit(ledger.read(waiting, answers=given), "upload page").id
    assert inbox.tidy(ledger) == ["costs.csv"]
    assert [(d.name, d.import_id) for d in inbox_state(ledger.where).done] == [("costs.csv", number)]
    assert names(folder / "waiting") == []


def test_a_file_whose_money_would_not_count_waits(ledger, folder):
    inbox = Inbox(Path(ledger.where))
    (folder / "full.csv").write_text(daily(14))
    assert [t.outcome for t in rounds(inbox, ledger)] == ["committed"]
    (folder / "filtered.csv").write_text(daily(15, (1,)))
    assert [t.outcome for t in rounds(inbox, ledger)] == ["refused"]
    waiting = inbox_state(ledger.where).waiting[0]
    assert [f.code for f in waiting.findings] == ["ledger.kept_fuller"]
    assert len(ledger.imports()) == 1


def test_hidden_half_and_linked_files_are_left_alone(ledger, folder, tmp_path):
    for name in (".secret.csv", "a.csv.part", "b.csv.crdownload", "~$c.xlsx"):
        (folder / name).write_text("x")
    (folder / "sub").mkdir()
    (folder / "link.csv").symlink_to(META)
    inbox = Inbox(Path(ledger.where))
    assert rounds(inbox, ledger, 3) == []
    assert inbox_state(ledger.where).incoming == ()
    assert META.is_file()


def test_no_room_leaves_the_file_and_tries_again_later(ledger, folder, monkeypatch):
    shutil.copy(META, folder)
    inbox = Inbox(Path(ledger.where))
    real = ledger.commit

    def full(*_, **__):
        raise LedgerError("ledger.cannot_write", detail="No space left on device")

    monkeypatch.setattr(ledger, "commit", full)
    inbox.look(0)
    assert [t.outcome for t in inbox.take(ledger, inbox.look(0), now=0)] == ["refused"]
    assert names(folder) == [META.name]
    assert inbox.problems[META.name].code == "ledger.cannot_write"
    monkeypatch.setattr(ledger, "commit", real)
    assert inbox.look(30) == []
    assert [t.outcome for t in inbox.take(ledger, inbox.look(61), now=61)] == ["committed"]
    assert inbox.problems == {}


def test_a_bug_does_not_stop_the_others(ledger, folder, monkeypatch):
    shutil.copy(META, folder / "a.csv")
    shutil.copy(CRM, folder / "b.csv")
    real = ledger.read

    def broken(source, *args, **kwargs):
        if Path(source).name == "a.csv":
            raise ZeroDivisionError
        return real(source, *args, **kwargs)

    monkeypatch.setattr(ledger, "read", broken)
    assert [t.outcome for t in rounds(Inbox(Path(ledger.where)), ledger)] == ["refused", "committed"]
    assert [w.reason.code for w in inbox_state(ledger.where).waiting] == ["inbox.broke"]


def test_a_cancel_leaves_the_file_where_it_is(ledger, folder):
    shutil.copy(META, folder)
    inbox = Inbox(Path(ledger.where))

    def stop(name, phase, done, total):
        if phase == "storing":
            raise Cancelled()

    inbox.look()
    assert [t.outcome for t in inbox.take(ledger, inbox.look(), tell=stop)] == ["cancelled"]
    assert names(folder) == [META.name]
    assert len(ledger.imports()) == 0


def test_the_record_survives_nonsense(ledger, folder):
    (folder / "record.jsonl").write_text("nonsense\n{}\n[1]\n")
    (folder / "waiting").mkdir()
    (folder / "waiting" / "x.csv").write_text("a")
    (folder / "waiting" / "y.csv").write_text("a")
    (folder / "waiting" / "y.csv.why.json").write_text("{")
    state = inbox_state(ledger.where)
    assert state.done == ()
    assert [w.reason.code for w in state.waiting] == ["inbox.no_reason"] * 2


def test_the_dashboard_watches_every_workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("CHANNELOPT_HOME", str(tmp_path))
    monkeypatch.setenv("CHANNELOPT_INBOX_SECONDS", "0.05")
    for name in ("one", "two"):
        with Ledger.open(tmp_path / name, name=name, currency="CNY"):
            shutil.copy(META, inbox_folder(tmp_path / name))
    (tmp_path / "no-workspace" / "inbox").mkdir(parents=True)
    watcher = Watcher()
    watcher.start()
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until and not all(
            inbox_state(tmp_path / name).done for name in ("one", "two")
        ):
            time.sleep(0.05)
    finally:
        watcher.stop()
    for name in ("one", "two"):
        assert [d.status for d in watching.inbox_state(tmp_path / name).done] == ["committed"]
        with Ledger.open(tmp_path / name) as ledger:
            assert len(ledger.imports()) == 1
    assert not (tmp_path / "one" / ".serving.json").exists()  # no server runs here
    assert not os.listdir(tmp_path / "no-workspace" / "inbox")


def test_a_note_is_left_only_while_the_server_runs(tmp_path):
    with Ledger.open(tmp_path / "w", currency="CNY"):
        api.opened(str(tmp_path / "w"))
        assert not (tmp_path / "w" / ".serving.json").exists()
        api.start(1)
        try:
            api.opened(str(tmp_path / "w"))
            assert (tmp_path / "w" / ".serving.json").is_file()
            assert (tmp_path / "w" / "inbox").is_dir()
        finally:
            api.stop()
        assert not (tmp_path / "w" / ".serving.json").exists()


def test_a_list_of_people_does_not_stay_raw(ledger, folder):
    people = (
        "Record ID,Email,Phone,Create Date,Original Source\n1,ann@example.cn,13800001111,2026-03-01,Baidu\n"
    )
    (folder / "crm.csv").write_text(people)
    (taken,) = rounds(Inbox(Path(ledger.where)), ledger)
    assert taken.outcome == "committed"
    assert len(ledger.leads()) == 1
    left = b"".join(p.read_bytes() for p in Path(ledger.where).rglob("*") if p.is_file())
    assert b"ann@example.cn" not in left and b"13800001111" not in left
    assert [a.name for a in inbox_state(ledger.where).done] == ["crm.csv"]
    (folder / "waiting").mkdir()
    (folder / "waiting" / "crm.csv").write_text(people)
    inbox = Inbox(Path(ledger.where))
    assert inbox.tidy(ledger) == ["crm.csv"]
    assert not (folder / "waiting" / "crm.csv").exists()


def test_persons_of_a_test_do_not_stay_raw_and_sums_of_a_test_do(ledger, folder):
    people = "user_id,phone,variant,converted\nu-17,13800001111,A,1\nu-18,13800002222,B,0\n"
    (folder / "hook.csv").write_text(people)
    (folder / "days.csv").write_text("date,variant,clicks\n2026-03-01,A,5\n2026-03-01,B,6\n")
    (folder / "unsure.csv").write_text("date,channel,variant,spend,clicks\n2026-03-01,baidu,A,5,1\n"
                                       "2026-03-01,baidu,B,6,2\n")  # fmt: skip
    outcomes = {t.name: t.outcome for t in rounds(Inbox(Path(ledger.where)), ledger)}
    assert outcomes == {"hook.csv": "committed", "days.csv": "committed", "unsure.csv": "refused"}
    assert names(folder / "done") == ["days.csv"] and "unsure.csv" in names(folder / "waiting")
    assert ledger.variant_tables()["experiment"].tolist() == ["days", "hook"]
    left = b"".join(p.read_bytes() for p in Path(ledger.where).rglob("*") if p.is_file())
    assert b"13800001111" not in left and b"u-17" not in left
    answered = answer_waiting(ledger, "unsure.csv", How("me", {"kind": "variants", "currency": "CNY"}))
    assert answered.outcome == "committed" and len(ledger.variant_tables()) == 3
    assert ledger.daily().empty

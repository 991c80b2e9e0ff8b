"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import ast
import datetime as dt
import json
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

import channelopt
from channelopt.cli import main
from channelopt.cli.arguments import parser
from channelopt.cli.hints import ARGUMENTS, hint
from channelopt.demo import demo_files
from channelopt.errors import Cancelled
from channelopt.files import How, find_files, take_all
from channelopt.ledger import Ledger
from channelopt.messages import TEMPLATES

ROOT = Path(channelopt.__file__).parent


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "w"
    assert main(["demo", "--workspace", str(folder)]) == 0
    return str(folder)


def run(capsys, *args):
    capsys.readouterr()
    code = main([str(a) for a in args])
    return code, capsys.readouterr()


def test_the_demo_is_diagnosed_in_json(workspace, capsys):
    code, told = run(capsys, "diagnose", "--workspace", workspace, "--json")
    answer = json.loads(told.out)
    assert code == 0
    assert len(answer["verdicts"]) == 7
    wanted = {"channel", "verdict", "plain_verdict", "roi", "roi_low", "roi_high", "p_below_floor", "reasons"}
    for row in answer["verdicts"]:
        assert wanted <= set(row)
        assert row["reasons"][0]["text"]
    offline = next(r for r in answer["verdicts"] if r["channel"] == "offline")
    assert offline["cpc"] is None


def test_plain_text_has_a_line_per_channel(workspace, capsys):
    code, told = run(capsys, "diagnose", "--workspace", workspace)
    assert code == 0
    assert told.out.count("KEEP") + told.out.count("TEST") + told.out.count("DROP") == 7


def test_a_refused_file_does_not_stop_the_others(tmp_path, capsys):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear all,\n\nthe meeting moves.\n")
    good = next(p for p in demo_files() if "meta" in p.name)
    code, told = run(capsys, "import", letter, good, "--workspace", tmp_path / "w", "--json")
    files = json.loads(told.out)["files"]
    assert code == 1
    assert [f["status"] for f in files] == ["refused", "committed"]
    assert files[0]["error"]["code"] == "intake.not_a_table"
    code, told = run(capsys, "import", good, "--workspace", tmp_path / "w", "--json")
    assert code == 0
    assert json.loads(told.out)["files"][0]["status"] == "unchanged"


def test_a_question_is_answered_by_arguments(tmp_path, capsys):
    table = tmp_path / "costs.csv"
    table.write_text("date,id,outlay x\n" + "\n".join(f"2026-01-{d:02d},{d},{d}.50" for d in range(1, 20)))
    call = ["import", table, "--workspace", tmp_path / "w", "--json"]
    code, told = run(capsys, *call)
    assert code == 1
    assert json.loads(told.out)["files"][0]["error"]["code"] == "intake.which_spend"
    answers = ["--map", "outlay x=spend", "--currency", "CNY", "--channel", "Radio"]
    code, told = run(capsys, *call, *answers)
    assert code == 0
    assert json.loads(told.out)["files"][0]["spend_after"] == pytest.approx(199.5)


def test_undo_and_doctor(tmp_path, capsys):
    good = next(p for p in demo_files() if "meta" in p.name)
    run(capsys, "import", good, "--workspace", tmp_path / "w")
    code, told = run(capsys, "undo", 1, "--workspace", tmp_path / "w", "--json")
    assert code == 0
    assert json.loads(told.out)["status"] == "undone"
    assert json.loads(told.out)["spend_after"] == 0
    assert run(capsys, "doctor", "--workspace", tmp_path / "w")[0] == 0
    code, told = run(capsys, "undo", 9, "--workspace", tmp_path / "w")
    assert code == 1
    assert "no import number 9" in told.err


@pytest.mark.parametrize("name", ["v.csv", "v.xlsx"])
def test_export_writes_a_file(workspace, tmp_path, capsys, name):
    code, _ = run(capsys, "export", "--workspace", workspace, "--out", tmp_path / name)
    assert code == 0
    assert (tmp_path / name).stat().st_size > 500
    code, told = run(capsys, "export", "--workspace", workspace, "--out", tmp_path / "no" / name, "--json")
    assert code == 1
    assert json.loads(told.out)["error"]["code"] == "cli.cannot_write"


@pytest.mark.parametrize(
    "command", [["diagnose"], ["doctor"], ["undo", "1"], ["export", "--out", "x.csv"], ["watch"], ["answers"]]
)
def test_a_workspace_that_is_not_there_is_not_made(tmp_path, capsys, command):
    code, told = run(capsys, *command, "--workspace", tmp_path / "none")
    assert code == 1
    assert "no workspace" in told.err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["dance"],
        ["import", "--workspace", "w"],
        ["undo", "x", "--workspace", "w"],
        ["export", "--workspace", "w", "--out", "verdicts.pdf"],
    ],
)
def test_wrong_usage_is_two(args, capsys):
    assert run(capsys, *args)[0] == 2


def test_help_is_zero(capsys):
    assert run(capsys, "--help")[0] == 0


def meta():
    return next(p for p in demo_files() if "meta" in p.name)


def test_folders_and_patterns_mean_their_files(tmp_path, capsys, monkeypatch):
    exports = tmp_path / "exports"
    exports.mkdir()
    for name in ("b.csv", "a.csv", ".hidden.csv", "half.csv.part"):
        (exports / name).write_bytes(meta().read_bytes() + name[:1].encode())
    (exports / "deeper").mkdir()
    assert [shown for _, shown in find_files(["exports"], tmp_path)] == ["exports/a.csv", "exports/b.csv"]
    assert [shown for _, shown in find_files(["exports/*.csv"], tmp_path)] == [
        "exports/a.csv",
        "exports/b.csv",
    ]
    assert len(find_files(["exports", "exports/a.csv", str(exports)], tmp_path)) == 2
    assert [shown for _, shown in find_files(["no*.csv", "none.csv"], tmp_path)] == ["no*.csv", "none.csv"]
    (exports / "q[1].csv").write_text("x")
    assert [shown for _, shown in find_files(["exports/q[1].csv"], tmp_path)] == ["exports/q[1].csv"]
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    code, told = run(capsys, "import", "empty", "none.csv", "--workspace", "w", "--json")
    assert code == 1
    codes = [f["error"]["code"] for f in json.loads(told.out)["files"]]
    assert codes == ["files.empty_folder", "intake.not_found"]


def test_every_question_names_the_argument_that_answers_it():
    asked = set(question_codes()) - NOT_ASKED
    assert {"intake.which_currency", "ledger.unlike_files", "ledger.no_rate"} <= asked
    assert asked - set(ARGUMENTS) == set(), "add them to channelopt/cli/hints.py"
    assert set(ARGUMENTS) - set(TEMPLATES) == set()
    options = {
        word.rstrip(",") for text in ARGUMENTS.values() for word in text.split() if word.startswith("--")
    }
    assert options <= {*arguments_of("import"), *arguments_of("rates"), *arguments_of("accounts")}


def test_rows_of_a_test_are_imported_named_and_asked_about(tmp_path, capsys):
    folder = str(tmp_path / "w")
    (tmp_path / "result.csv").write_text("date,variant,clicks\n2026-03-01,A,5\n2026-03-01,B,6\n")
    unsure = "date,channel,variant,spend,clicks\n2026-03-01,baidu,A,5,1\n2026-03-01,baidu,B,6,2\n"
    (tmp_path / "unsure.csv").write_text(unsure)
    command = ("import", "--workspace", folder, "--json", "--currency", "CNY")
    code, told = run(capsys, *command, tmp_path / "result.csv", "--experiment", "Hook")
    assert code == 0 and json.loads(told.out)["files"][0]["added"] == 2
    code, told = run(capsys, *command, tmp_path / "unsure.csv")
    assert code == 1 and "--kind variants" in told.out
    code, told = run(capsys, *command, tmp_path / "unsure.csv", "--kind", "variants")
    assert code == 0
    with Ledger.open(folder) as ledger:
        assert ledger.variant_tables()["experiment"].tolist() == ["Hook", "unsure"]
        assert ledger.daily().empty


def test_one_account_under_two_names_is_answered(tmp_path, capsys):
    for name in ("Main", "123-456"):
        rows = "".join(f"2026-03-0{d},百度,{name},{100 + d}.50,CNY\n" for d in range(1, 8))
        (tmp_path / f"{name}.csv").write_text("date,channel,account,cost,currency\n" + rows)
        code, _ = run(
            capsys, "import", str(tmp_path / f"{name}.csv"), "--workspace", str(tmp_path / "w"), "--json"
        )
        assert code == 0
    with Ledger.open(tmp_path / "w") as ledger:
        once = ledger.daily()["spend"].sum()
        asked = [f for f in ledger.findings() if f.code == "ledger.same_money"]
    assert once == pytest.approx(sum(100.5 + d for d in range(1, 8))) and len(asked) == 1
    names = ("--names", "baidu", "Main", "123-456", "--workspace", str(tmp_path / "w"), "--json")
    code, told = run(capsys, "accounts", *names, "--different")
    assert code == 0 and json.loads(told.out)["rows"][0]["same"] is False
    with Ledger.open(tmp_path / "w") as ledger:
        assert ledger.daily()["spend"].sum() == pytest.approx(2 * once)
        assert not [f for f in ledger.findings() if f.code == "ledger.same_money"]
    assert run(capsys, "accounts", *names, "--forget")[0] == 0
    with Ledger.open(tmp_path / "w") as ledger:
        assert ledger.daily()["spend"].sum() == pytest.approx(once)
    assert run(capsys, "accounts", *names)[0] == 1


def arguments_of(command):
    commands = next(a for a in parser()._actions if a.dest == "command").choices
    return {option for action in commands[command]._actions for option in action.option_strings}


#: Warnings made in functions that also ask.
NOT_ASKED = {
    "intake.assumed_currency",
    "intake.channel_from_name",
    "intake.click_price_other",
    "intake.default_currency",
    "intake.negative_spend",
    "intake.period_from_name",
    "intake.price_evidence",
    "intake.ratio_other_column",
    "intake.spend_other_basis",
    "intake.spend_price_other",
    "intake.symbol_currency",
    "intake.taken_as_geo",
    "intake.test_without_day",
    "ledger.cost_of_all_waits",
    "ledger.cost_waits",
    "ledger.visits_without_spend",
}


def constants(node):
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and n.value in TEMPLATES]


def question_codes():
    """Every code in a function that makes questions, in a table it uses, or handed to it in a call."""
    for path in (*(ROOT / "intake").glob("*.py"), *(ROOT / "ledger").glob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        functions = [n for n in ast.walk(module) if isinstance(n, ast.FunctionDef)]
        asking = [
            f
            for f in functions
            if any(isinstance(n, ast.Constant) and n.value == "question" for n in ast.walk(f))
        ]
        used = {n.id for f in asking for n in ast.walk(f) if isinstance(n, ast.Name)}
        names = {f.name for f in asking}
        for node in (*asking, *ast.walk(module)):
            table = isinstance(node, ast.Assign) and {getattr(t, "id", "") for t in node.targets} & used
            call = isinstance(node, ast.Call) and getattr(node.func, "id", "") in names
            if node in asking or table or call:
                yield from constants(node)
    yield from (code for code in TEMPLATES if code.startswith("intake.which_"))


def test_a_question_says_its_argument(tmp_path, capsys):
    table = tmp_path / "costs.csv"
    table.write_text("date,campaign,spend\n" + "\n".join(f"2026-01-{d:02d},a,{d}.50" for d in range(1, 20)))
    code, told = run(capsys, "import", table, "--workspace", tmp_path / "w")
    assert code == 1
    assert "In which currency is this file? It does not say. → --currency USD" in told.err
    code, told = run(capsys, "import", table, "--workspace", tmp_path / "w", "--json")
    findings = json.loads(told.out)["files"][0]["error"]["findings"]
    assert {f["code"]: f.get("argument") for f in findings}["intake.which_currency"] == "--currency USD"
    assert hint("intake.two_columns", {"field": "clicks", "headers": "a, b"}) == "--map 'HEADER=clicks'"
    assert hint("ledger.no_rate", {"currency": "USD"}) == "channelopt rates --set USD=RATE"
    assert hint("ledger.healthy", {}) is None
    assert hint("intake.spend_in_micros", {"column": "Cost"}).startswith("--map 'Cost=spend_micros'")
    assert hint("intake.spend_in_micros", {"column": "x'; rm -rf ~ '"}).startswith("--map 'HEADER=")


def costs(channel, spend, month=1):
    rows = "\n".join(f"2026-{month:02d}-{d:02d},{channel},{spend}" for d in range(1, 11))
    return f"date,channel,spend (CNY)\n{rows}\n"


def test_every_table_of_an_archive_is_taken(tmp_path, capsys):
    where = ["--workspace", tmp_path / "w", "--json"]
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a/google.csv", costs("Google", 1))
        archive.writestr("meta.csv", costs("Meta", 2))
        archive.writestr("letter.txt", "Dear all,\n\nthe meeting moves.\n")
        archive.writestr("notes.pdf", "x")
    code, told = run(capsys, "import", packed, *where)
    files = {Path(f["file"]).name: f for f in json.loads(told.out)["files"]}
    assert code == 1
    assert [f["status"] for f in files.values()] == ["committed", "committed", "refused"]
    assert not any(f["code"] == "intake.other_tables" for x in files.values() for f in x.get("findings", []))
    with Ledger.open(tmp_path / "w") as ledger:
        sums = ledger.daily(by=("channel",)).set_index("channel")["spend"].to_dict()
        assert sums == {"google_ads": 10, "meta_ads": 20}
        assert sorted(ledger.imports()["name"]) == ["a/google.csv", "meta.csv"]
    code, told = run(capsys, "import", packed, *where)
    assert [f["status"] for f in json.loads(told.out)["files"]] == ["unchanged", "unchanged", "refused"]
    (tmp_path / "meta.csv").write_text(costs("Meta", 2))
    told = run(capsys, "import", tmp_path / "meta.csv", *where)[1]
    assert json.loads(told.out)["files"][0]["status"] == "unchanged"  # packed or not, it is the same file


def test_every_sheet_of_a_workbook_is_taken_or_the_one_named(tmp_path, capsys):
    book = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(book) as made:
        for channel, spend in (("Google", 1.0), ("Meta", 2.0)):
            sheet = made.add_worksheet(channel)
            for i, line in enumerate(costs(channel, spend).splitlines()):
                sheet.write_row(i, 0, line.split(",") if i == 0 else [*line.split(",")[:2], spend])
    code, told = run(capsys, "import", book, "--workspace", tmp_path / "w", "--json")
    files = json.loads(told.out)["files"]
    assert (code, [f["status"] for f in files]) == (0, ["committed", "committed"])
    assert [f["file"].rpartition(" › ")[2] for f in files] == ["Google", "Meta"]
    assert [f["import_id"] for f in files] == [1, 2]
    code, told = run(capsys, "import", book, "--workspace", tmp_path / "v", "--json", "--table", "Meta")
    assert (code, [f["spend_after"] for f in json.loads(told.out)["files"]]) == (0, [20])


def test_a_column_can_be_left_out(tmp_path, capsys):
    table = tmp_path / "costs.csv"
    rows = "\n".join(f"2026-01-{d:02d},a,{d},{9 * d}" for d in range(1, 20))
    table.write_text(f"date,campaign,spend,cost\n{rows}")
    call = ["import", table, "--workspace", tmp_path / "w", "--json", "--currency", "CNY", "--channel", "x"]
    code, told = run(capsys, *call)
    asked = json.loads(told.out)["files"][0]["error"]["findings"]
    assert (code, {f["code"] for f in asked}) == (1, {"intake.two_columns"})
    code, told = run(capsys, *call, "--map", "cost=", "--map", "spend=spend")
    assert (code, json.loads(told.out)["files"][0]["spend_after"]) == (0, 190)


def test_answers_are_listed_and_forgotten(tmp_path, capsys):
    table = tmp_path / "costs.csv"
    table.write_text("date,campaign,spend\n" + "\n".join(f"2026-01-{d:02d},a,{d}.50" for d in range(1, 20)))
    where = ["--workspace", tmp_path / "w", "--json"]
    assert run(capsys, "import", table, *where, "--currency", "USD", "--channel", "Radio")[0] == 0
    rows = json.loads(run(capsys, "answers", *where)[1].out)["rows"]
    assert [(r["name"], json.loads(r["answers"])["currency"]) for r in rows] == [("costs.csv", "USD")]
    table.write_text(table.read_text() + "\n2026-01-20,a,1")
    assert run(capsys, "import", table, *where)[0] == 0
    code, told = run(capsys, "answers", *where, "--forget", "nonsense")
    assert (code, json.loads(told.out)["error"]["code"]) == (1, "cli.no_answers")
    assert (
        json.loads(run(capsys, "answers", *where, "--forget", rows[0]["fingerprint"])[1].out)["forgotten"]
        == 1
    )
    assert json.loads(run(capsys, "answers", *where)[1].out)["rows"] == []
    table.write_text(table.read_text() + "\n2026-01-21,a,1")
    assert run(capsys, "import", table, *where)[0] == 1


def test_rates_count_another_currency(tmp_path, capsys):
    where = ["--workspace", tmp_path / "w", "--json"]
    table = tmp_path / "costs.csv"
    table.write_text("date,campaign,spend\n" + "\n".join(f"2026-01-{d:02d},a,{d}" for d in range(1, 11)))
    told = run(capsys, "import", table, *where, "--currency", "USD", "--channel", "Radio")[1]
    found = {f["code"]: f.get("argument") for f in json.loads(told.out)["files"][0]["findings"]}
    assert found["ledger.no_rate"] == "channelopt rates --set USD=RATE"
    rows = json.loads(run(capsys, "rates", *where, "--set", "USD=7.5")[1].out)["rows"]
    assert [(r["currency"], r["rate"]) for r in rows] == [("USD", 7.5)]
    with Ledger.open(tmp_path / "w") as ledger:
        assert ledger.daily()["spend"].sum() == pytest.approx(55 * 7.5)
    assert run(capsys, "rates", *where, "--set", "USD=x")[0] == 2
    assert run(capsys, "rates", *where, "--set", "USD=-1")[0] == 1


def test_rejected_lines_come_with_their_reason(tmp_path, capsys):
    where = ["--workspace", tmp_path / "w", "--json"]
    table = tmp_path / "costs.csv"
    rows = "\n".join(f"2026-01-{d:02d},a,{d}" for d in range(1, 11))
    table.write_text(f"date,campaign,spend\n{rows}\nsoon,=HYPERLINK(1),5\n")
    assert run(capsys, "import", table, *where, "--currency", "CNY", "--channel", "Radio")[0] == 0
    code, told = run(capsys, "rejected", 1, *where, "--out", tmp_path / "r.csv")
    assert (code, json.loads(told.out)["rows"]) == (0, 1)
    text = (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
    assert "soon is not a date" in text
    assert run(capsys, "rejected", 9, *where, "--out", tmp_path / "r.csv")[0] == 1
    assert run(capsys, "rejected", 1, *where, "--out", tmp_path / "r.xlsx")[0] == 2


def test_backup_and_restore(tmp_path, capsys):
    where = ["--workspace", tmp_path / "w", "--json"]
    run(capsys, "import", meta(), *where)
    code, told = run(capsys, "backup", *where, "--out", tmp_path / "w.backup", "--progress")
    assert code == 0
    assert "writing w.backup: 100%" in told.err
    code, told = run(capsys, "restore", tmp_path / "w.backup", "--workspace", tmp_path / "new", "--json")
    assert code == 0
    code, told = run(capsys, "import", meta(), "--workspace", tmp_path / "new", "--json")
    assert json.loads(told.out)["files"][0]["status"] == "unchanged"
    code, told = run(capsys, "restore", tmp_path / "w.backup", "--workspace", tmp_path / "w", "--json")
    assert (code, json.loads(told.out)["error"]["code"]) == (1, "ledger.folder_taken")
    code, told = run(capsys, "restore", meta(), "--workspace", tmp_path / "n2", "--json")
    assert (code, json.loads(told.out)["error"]["code"]) == (1, "ledger.backup_damaged")


def test_watch_once_takes_what_lies_in_the_inbox(tmp_path, capsys):
    where = ["--workspace", tmp_path / "w", "--json"]
    assert run(capsys, "watch", "--once", *where)[0] == 1
    with Ledger.open(tmp_path / "w"):
        pass
    (tmp_path / "w" / "inbox").mkdir()
    (tmp_path / "w" / "inbox" / "meta.csv").write_bytes(meta().read_bytes())
    code, told = run(capsys, "watch", "--once", "--every", "0.1", *where)
    assert code == 0
    assert [f["status"] for f in json.loads(told.out)["files"]] == ["committed"]
    assert (tmp_path / "w" / "inbox" / "done" / "meta.csv").is_file()
    (tmp_path / "w" / "inbox" / "letter.txt").write_text("Dear all,\n\nthe meeting moves.\n")
    assert run(capsys, "watch", "--once", "--every", "0.1", *where)[0] == 1
    assert (tmp_path / "w" / "inbox" / "waiting" / "letter.txt").is_file()


def test_a_waiting_file_answered_by_arguments_is_done(tmp_path, capsys):
    where = ["--workspace", tmp_path / "w", "--json"]
    with Ledger.open(tmp_path / "w"):
        (tmp_path / "w" / "inbox").mkdir()
    rows = "\n".join(f"2026-01-{d:02d},a,{d}.50" for d in range(1, 20))
    (tmp_path / "w" / "inbox" / "costs.csv").write_text(f"date,campaign,spend\n{rows}")
    assert run(capsys, "watch", "--once", "--every", "0.1", *where)[0] == 1
    waiting = tmp_path / "w" / "inbox" / "waiting" / "costs.csv"
    assert run(capsys, "import", waiting, *where, "--currency", "CNY", "--channel", "Radio")[0] == 0
    assert not list((tmp_path / "w" / "inbox" / "waiting").iterdir())
    assert (tmp_path / "w" / "inbox" / "done" / "costs.csv").is_file()


def test_progress_is_told_when_wanted(tmp_path, capsys):
    code, told = run(capsys, "import", meta(), "--workspace", tmp_path / "w", "--progress", "--json")
    assert code == 0
    assert f"reading {meta()}: 100%" in told.err
    assert f"storing {meta()}: 100%" in told.err
    json.loads(told.out)
    _, told = run(capsys, "import", meta(), "--workspace", tmp_path / "w2", "--json")
    assert told.err == ""


@pytest.mark.parametrize("phase", ["reading", "storing"])
def test_a_cancel_stores_nothing_of_the_file_at_hand(tmp_path, phase):
    paths = [(p, p.name) for p in demo_files()[2:5]]
    with Ledger.open(tmp_path / "w", currency="CNY") as ledger:

        def stop(name, now, done, total):
            if name == paths[1][1] and now == phase:
                raise Cancelled()

        outcomes = [t.outcome for t in take_all(ledger, paths, How("me"), stop)]
        assert outcomes == ["committed", "cancelled", "skipped"]
        assert list(ledger.imports()["name"]) == [paths[0][1]]
        assert [t.outcome for t in take_all(ledger, paths, How("me"))] == [
            "unchanged",
            "committed",
            "committed",
        ]


def test_a_cancel_after_the_commit_says_that_it_is_stored(tmp_path):
    with Ledger.open(tmp_path / "w", currency="CNY") as ledger:

        def stop(name, phase, done, total):
            if phase == "storing" and done == total:
                raise Cancelled()

        assert [t.outcome for t in take_all(ledger, [(meta(), "m")], How("me"), stop)] == ["committed"]
        assert len(ledger.imports()) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_an_interrupt_inside_the_engine_is_a_cancel(tmp_path, monkeypatch, error):
    asked = []

    def tell(name, phase, done, total):
        if asked:
            raise Cancelled()

    def interrupted(*_, **__):
        asked.append(True)
        raise error

    with Ledger.open(tmp_path / "w", currency="CNY") as ledger:
        with monkeypatch.context() as patch:
            patch.setattr("channelopt.ledger.ledger.note_channels", interrupted)
            taken = list(take_all(ledger, [(meta(), "m"), (meta(), "n")], How("me"), tell))
        assert [t.outcome for t in taken] == ["cancelled", "skipped"]
        assert len(ledger.imports()) == 0
        assert ledger.daily().empty
        real = ledger.remember
        asked.clear()

        def late(*args):
            real(*args)
            interrupted()

        monkeypatch.setattr(ledger, "remember", late)
        how = How("me", {"currency": "CNY"})
        assert [t.outcome for t in take_all(ledger, [(meta(), "m")], how, tell)] == ["unchanged"]
        assert len(ledger.imports()) == 1


def test_a_bug_is_not_called_a_refusal(tmp_path, monkeypatch):
    with Ledger.open(tmp_path / "w", currency="CNY") as ledger:
        monkeypatch.setattr(ledger, "read", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            list(take_all(ledger, [(meta(), "m")], How("me")))


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    with Ledger.open(tmp_path / "w", currency="CNY") as ledger:
        monkeypatch.setattr(ledger, "read", denied)
        taken = list(take_all(ledger, [(meta(), "m")], How("me")))
        assert [(t.outcome, t.error.code) for t in taken] == [("refused", "files.unreadable")]
        assert "Permission denied" in str(taken[0].error)


def test_watch_goes_on_until_ctrl_c_and_leaves_the_workspace_free(tmp_path, capsys):
    with Ledger.open(tmp_path / "w", currency="CNY"):
        inbox = tmp_path / "w" / "inbox"
        inbox.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "channelopt", "watch", "--workspace", str(tmp_path / "w"), "--every", "0.2"],
        cwd=ROOT.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert "Watching" in process.stderr.readline()
    for name, channel in (("one.csv", "Google"), ("two.csv", "Meta")):
        (inbox / name).write_text(costs(channel, 1))
        assert process.stdout.readline().startswith("committed")
        assert run(capsys, "doctor", "--workspace", tmp_path / "w")[0] == 0
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0
    assert sorted(p.name for p in (inbox / "done").iterdir()) == ["one.csv", "two.csv"]


def test_what_was_right_once_is_not_remembered(tmp_path, capsys):
    where = ["--workspace", tmp_path / "w", "--json"]
    days = [dt.date.today() + dt.timedelta(days=d) for d in range(20, 30)]
    table = tmp_path / "plan.csv"
    table.write_text("date,channel,spend (CNY)\n" + "\n".join(f"{day:%Y-%m-%d},Google,5" for day in days))
    code, told = run(capsys, "import", table, *where)
    asked = json.loads(told.out)["files"][0]["error"]["findings"]
    assert (code, [f["code"] for f in asked]) == (1, ["intake.future_days"])
    assert "--accept intake.future_days" in asked[0]["argument"]
    assert run(capsys, "import", table, *where, "--accept", "intake.future_days")[0] == 0
    assert json.loads(run(capsys, "answers", *where)[1].out)["rows"] == []
    assert run(capsys, "import", table, *where, "--accept", "nonsense")[0] == 2


def test_a_plan_splits_the_budget_and_gives_a_reason_for_every_channel(workspace, capsys):
    code, told = run(capsys, "plan", "--budget", 300_000, "--workspace", workspace, "--json")
    answer = json.loads(told.out)
    assert code == 0
    assert sum(answer["totals"].values()) == pytest.approx(300_000, abs=0.005)
    assert sum(answer["spend"].values()) * 28 == pytest.approx(300_000, abs=0.01)
    assert {r["channel"] for r in answer["receipts"]} == set(answer["spend"]) and len(answer["spend"]) == 7
    assert all(r["reason"]["text"] for r in answer["receipts"])
    assert answer["expected"]["low"] < answer["expected"]["mid"] < answer["expected"]["high"]
    assert answer["uplift"] <= answer["naive_uplift"]
    assert answer["first_day"] == "2026-09-01" and answer["currency"] == "CNY"
    assert any(f["code"] == "plan.history_young" for f in answer["findings"])


def test_a_plan_keeps_limits_and_is_written_as_a_file(workspace, tmp_path, capsys):
    out = tmp_path / "plan.csv"
    code, told = run(
        capsys, "plan", "--workspace", workspace, "--lock", "baidu", "--bounds", "offline=:5000",
        "--out", out, "--json",
    )  # fmt: skip
    answer = json.loads(told.out)
    by = {r["channel"]: r for r in answer["receipts"]}
    assert code == 0 and out.is_file()
    assert by["baidu"]["spend"] == pytest.approx(by["baidu"]["today"], abs=0.02)
    assert by["offline"]["spend"] <= 5000 + 1e-6
    code, told = run(capsys, "plan", "--workspace", workspace, "--objective", "leads", "--goal", 100)
    assert code == 0 and "a day" in told.out and "100" in told.out


def test_an_impossible_plan_is_refused_and_nonsense_is_wrong_usage(workspace, capsys):
    code, told = run(capsys, "plan", "--workspace", workspace, "--bounds", "baidu=900:100")
    assert code == 1 and "baidu" in told.err and "above" in told.err
    code, told = run(capsys, "plan", "--workspace", workspace, "--objective", "profit")
    assert code == 1 and "margin" in told.err
    for wrong in (["--budget", "-5"], ["--budget", "5", "--goal", "3"], ["--days", "0"], ["--bounds", "x"]):
        assert run(capsys, "plan", "--workspace", workspace, *wrong)[0] == 2

"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import json

import pytest

from channelopt.cli import main
from channelopt.demo import demo_files


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


@pytest.mark.parametrize("command", [["diagnose"], ["doctor"], ["undo", "1"], ["export", "--out", "x.csv"]])
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

"""The two commands of the README exist and are wired as they are told."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def recipe(target: str) -> str:
    """What ``make target`` would do on a machine that has nothing installed yet."""
    command = ["make", "--dry-run", "--always-make", "--no-print-directory", target]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_run_installs_from_the_lock_and_starts_the_app() -> None:
    steps = recipe("run")
    assert "-m venv .venv" in steps
    assert "--require-hashes -r requirements.txt" in steps
    assert "requirements-dev" not in steps
    assert steps.rstrip().endswith("tools/run.py")


def test_test_runs_lint_types_and_ends_with_all_of_pytest() -> None:
    lines = recipe("test").rstrip().splitlines()
    others, browser = (line.split() for line in lines[-2:])
    pytest = [".venv/bin/python", "-m", "pytest"]
    assert others == [*pytest, "--ignore=tests/browser", "--numprocesses=2", "--dist=loadfile"]
    assert browser == [*pytest, "tests/browser"]
    assert any("ruff check ." in line for line in lines)
    assert any(line.endswith("/mypy") for line in lines)


def test_ci_calls_make_test_and_may_be_executed() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    text = script.read_text(encoding="utf-8")
    assert "set -euo pipefail" in text
    assert text.rstrip().endswith("make test")

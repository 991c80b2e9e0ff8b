"""The starter picks a free port on this machine only and makes the workspaces folder."""

from __future__ import annotations

import importlib.util
import json
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tools_run", ROOT / "tools" / "run.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def taken() -> int:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield busy.getsockname()[1]


def test_a_taken_port_is_passed_over(run: ModuleType, taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "FIRST_PORT", taken)
    assert taken < run.choose_port() < taken + run.TRIES


def test_a_wanted_port_is_honoured_or_refused(run: ModuleType, taken: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert run.choose_port(str(port)) == port
    with pytest.raises(SystemExit, match="is taken"):
        run.choose_port(str(taken))
    for nonsense in ("http", "0", "70000", "-1"):
        with pytest.raises(SystemExit, match="is not a port"):
            run.choose_port(nonsense)


def test_no_free_port_is_said(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "is_free", lambda port: False)
    with pytest.raises(SystemExit, match="No free port"):
        run.choose_port()


def test_the_server_listens_to_this_machine_only(run: ModuleType) -> None:
    line = run.command(8599)
    assert line[line.index("--server.address") + 1] == "127.0.0.1"
    assert line[line.index("--server.port") + 1] == "8599"
    assert Path(line[line.index("run") + 1]).is_file()


def test_workspaces_folder_is_made(run: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHANNELOPT_HOME", str(tmp_path / "new"))
    assert run.environment()["CHANNELOPT_HOME"] == str((tmp_path / "new").resolve())
    assert (tmp_path / "new").is_dir()


def test_it_needs_nothing_installed() -> None:
    code = (
        "import runpy, sys, json; runpy.run_path('tools/run.py', run_name='not_main');"
        "print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    )
    out = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(json.loads(out.stdout)) - set(sys.stdlib_module_names) <= {"__main__"}

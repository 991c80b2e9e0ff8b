"""What tests of several folders use: the demo brand, loaded once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from channelopt.demo import load_demo
from channelopt.ledger import Ledger


@pytest.fixture(scope="session")
def put_demo(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Puts a workspace with the demo brand, called "demo", into a folder; returns that folder."""
    loaded = tmp_path_factory.mktemp("loaded") / "demo"
    with Ledger.open(loaded, name="demo", currency="CNY") as ledger:
        load_demo(ledger)

    def put(folder: Path) -> Path:
        shutil.copytree(loaded, folder / "demo")
        return folder

    return put


@pytest.fixture(scope="session")
def end_tests() -> Callable[[Ledger], None]:
    """Ends the demo's own tests, where a page is to show those of the user first."""

    def end_all(ledger: Ledger) -> None:
        for number in ledger.experiments().query("state == 'running'")["experiment_id"]:
            ledger.change_experiment(int(number), by="demo", why="over", state="ended")

    return end_all

"""What a rerun of each page costs: CPU of the server and bytes on the wire (``make bench``)."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import websockets
from large import write_rows
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "benchmarks" / "out" / "page.json"
PAGES = (
    "overview",
    "upload",
    "trends",
    "diagnosis",
    "focus",
    "experiments",
    "scenarios",
    "scaling",
    "settings",
)
DEFAULT_PAGE = "overview"
BUDGET_CPU_MS, BUDGET_MB = 100.0, 0.5
#: The messages looked into (the end of a script, an exception) are small; parsing large ones
#: would make this client the bottleneck.
SMALL = 1500
FINISHED = ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY


@dataclass(frozen=True)
class Cost:
    """One page: means per rerun over the measured ones; ``wall_ms`` is the median."""

    page: str
    reruns: int
    cpu_ms: float
    megabytes: float
    messages: float
    wall_ms: float

    @property
    def within(self) -> bool:
        """Whether the page keeps to the budget."""
        return self.cpu_ms <= BUDGET_CPU_MS and self.megabytes <= BUDGET_MB


def load_demo_workspace(home: Path) -> None:
    """Fill ``home/demo`` with the demo brand, in a process of its own."""
    code = (
        "import sys; from channelopt.demo import *; from channelopt.ledger import Ledger\n"
        "with Ledger.open(sys.argv[1], name=DEMO_NAME, currency=DEMO_CURRENCY) as ledger: load_demo(ledger)"
    )
    subprocess.run([sys.executable, "-c", code, str(home / "demo")], cwd=ROOT, check=True)


def add_large_file(home: Path, rows: int) -> None:
    """Import an ad-level file of that many rows into the demo workspace, in a process of its own."""
    path = home / "google-large.csv"
    write_rows(path, rows)
    code = (
        "import sys; from channelopt.ledger import Ledger\n"
        "with Ledger.open(sys.argv[1]) as ledger:\n"
        "    ledger.set_rate('USD', 7.1, 'benchmark')\n"
        "    ledger.commit(ledger.read(sys.argv[2]), 'benchmark')"
    )
    subprocess.run([sys.executable, "-c", code, str(home / "demo"), str(path)], cwd=ROOT, check=True)
    path.unlink()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(home: Path) -> Iterator[tuple[psutil.Process, int]]:
    """The app on a free port, ended on leaving; yields its process and port."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--server.address", "127.0.0.1", "--server.headless", "true"],
            cwd=ROOT, env={**os.environ, "CHANNELOPT_HOME": str(home)}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            wait_until_up(process, port)
            yield psutil.Process(process.pid), port
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_until_up(process: subprocess.Popen[bytes], port: int, seconds: float = 90) -> None:
    """Wait for /healthz.

    Raises:
        SystemExit: when the server ends or does not answer in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the app did not start")


def cpu_seconds(process: psutil.Process) -> float:
    """User and system time of the server and its children so far."""
    family = [process, *process.children(recursive=True)]
    return sum(t.user + t.system for t in (p.cpu_times() for p in family))


def shows_error(message: ForwardMsg) -> bool:
    """Whether a message draws an exception or an error box: a page that fails is cheap."""
    element = message.delta.new_element
    return element.WhichOneof("type") == "exception" or element.alert.format == Alert.ERROR


async def rerun(link: websockets.ClientConnection, page: str) -> tuple[int, int]:
    """Ask for one rerun and read to its end; returns (bytes, messages).

    Raises:
        SystemExit: when the page does not exist or shows an error.
    """
    ask = BackMsg()
    ask.rerun_script.page_name = "" if page == DEFAULT_PAGE else page
    ask.rerun_script.query_string = "lang=zh&workspace=demo"
    ask.rerun_script.context_info.url = "http://127.0.0.1/"
    await link.send(ask.SerializeToString())
    size = messages = 0
    while True:
        data = await asyncio.wait_for(link.recv(), timeout=120)
        size, messages = size + len(data), messages + 1
        if len(data) > SMALL:
            continue
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "page_not_found" or shows_error(message):
            raise SystemExit(f"{page} does not work:\n{message}")
        if kind == "script_finished" and message.script_finished == FINISHED:
            return size, messages


async def measure(process: psutil.Process, port: int, page: str, warm: int, reruns: int) -> Cost:
    """One session on one page: warm up, then measure."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(
        address, subprotocols=["streamlit"], max_size=None, compression=None
    ) as link:
        for _ in range(warm):
            await rerun(link, page)
        await asyncio.sleep(0.5)
        sizes, counts, walls, before = [], [], [], cpu_seconds(process)
        for _ in range(reruns):
            start = time.perf_counter()
            size, messages = await rerun(link, page)
            walls.append(1000 * (time.perf_counter() - start))
            sizes.append(size)
            counts.append(messages)
            await asyncio.sleep(0.1)  # what the server does after the script counts as well
        cpu = 1000 * (cpu_seconds(process) - before) / reruns
    mean = statistics.fmean
    return Cost(page, reruns, cpu, mean(sizes) / 1e6, mean(counts), statistics.median(walls))


def table(costs: list[Cost]) -> str:
    """The results as text."""
    head = f"{'page':<12}{'CPU ms':>9}{'MB':>9}{'messages':>10}{'wall ms':>10}   budget"
    lines = [
        f"{c.page:<12}{c.cpu_ms:>9.1f}{c.megabytes:>9.3f}{c.messages:>10.1f}{c.wall_ms:>10.0f}   "
        + ("ok" if c.within else "OVER")
        for c in costs
    ]
    return "\n".join(
        [head, *lines, f"{'budget':<12}{BUDGET_CPU_MS:>9.1f}{BUDGET_MB:>9.3f}   (per rerun, demo brand)"]
    )


def main() -> int:
    """Measure, print, write the JSON; 1 when a page is over budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--page", choices=PAGES, action="append", help="measure only this page")
    parser.add_argument("--reruns", type=int, default=25, help="measured reruns per page (20 or more)")
    parser.add_argument("--warm", type=int, default=5, help="reruns before measuring")
    parser.add_argument("--json", action="store_true", help="print the JSON instead of the table")
    parser.add_argument("--large", type=int, default=0, help="with an ad-level file of that many rows")
    wanted = parser.parse_args()
    if wanted.reruns < 20:
        parser.error("--reruns must be 20 or more: CPU clocks are coarse")
    with tempfile.TemporaryDirectory() as folder:
        load_demo_workspace(Path(folder))
        if wanted.large:
            add_large_file(Path(folder), wanted.large)
        with server(Path(folder)) as (process, port):
            costs = [
                asyncio.run(measure(process, port, page, wanted.warm, wanted.reruns))
                for page in wanted.page or PAGES
            ]
    budget = {"cpu_ms": BUDGET_CPU_MS, "megabytes": BUDGET_MB}
    result = {"budget": budget, "pages": [{**asdict(c), "within": c.within} for c in costs]}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result) if wanted.json else table(costs))
    return 0 if all(c.within for c in costs) else 1


if __name__ == "__main__":
    sys.exit(main())

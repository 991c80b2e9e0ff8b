"""What one move of a slider costs the server on a workspace with 30 channels: CPU and bytes.

Run ``python benchmarks/slider.py [--channels 30] [--moves 40] [--browser]``. A workspace is made from a
seeded table of a year, the scenarios page is opened over its websocket, and one slider is moved again and
again, as a drag does: only the fragment of the own split runs. Once with the eight sliders shown at first,
once with all of them opened. With ``--browser`` (needs Debian's chromium) a slider is also moved in the page,
in both languages, and the time until the sentence beside it changes is printed. Writes
``benchmarks/out/slider.json``; exit code 1 when a move costs more than ``BUDGET_CPU_MS``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import websockets
from page import ROOT, SMALL, cpu_seconds, server, shows_error
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

OUT = ROOT / "benchmarks" / "out" / "slider.json"
BUDGET_CPU_MS = 50.0
CHROMIUM = "/usr/bin/chromium"
#: The sentence beside the sliders that every move changes.
SENTENCE = {"en": "It spends", "zh": "天共花"}
#: Resolves to the milliseconds between the next key and the next change of that sentence.
WATCH = """words => { window.changed = new Promise(done => {
    const said = () => [...document.querySelectorAll('[data-testid=stMain] p')].map(p => p.innerText)
        .filter(text => text.includes(words)).join();
    const before = said(); let start = 0;
    addEventListener('keydown', () => { start = performance.now(); }, {once: true, capture: true});
    const look = () => start && said() !== before
        ? done(performance.now() - start) : requestAnimationFrame(look);
    look(); }); }"""
ENDED = (
    ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY,
    ForwardMsg.ScriptFinishedStatus.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
)


def write_table(path: Path, channels: int, days: int = 364, seed: int = 30) -> None:
    """Daily spend and outcomes of so many channels, with returns that fall as spend grows."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2025-09-01", periods=days)
    parts = []
    for k in range(channels):
        week = rng.lognormal(np.log(400 + 150 * k), 0.5, days // 7 + 1)
        spend = np.repeat(week, 7)[:days]
        leads = rng.poisson(40 * (spend / (spend + 800 + 200 * k)) * rng.uniform(0.6, 1.4))
        sold = rng.binomial(leads, 0.15)
        parts.append(
            pd.DataFrame(
                {
                    "date": dates.strftime("%Y-%m-%d"),
                    "channel": f"Channel {k + 1:02d}",
                    "cost": spend.round(2),
                    "clicks": leads * 20,
                    "leads": leads,
                    "customers": sold,
                    "revenue": (sold * 900.0).round(2),
                }
            )
        )
    pd.concat(parts).to_csv(path, index=False)


def load(home: Path, channels: int) -> None:
    """Store the table in ``home/demo``, in a process of its own."""
    table = home / "offline-costs.csv"
    write_table(table, channels)
    code = (
        "import sys; from channelopt.ledger import Ledger\n"
        "with Ledger.open(sys.argv[1], name='demo', currency='CNY') as ledger:\n"
        "    ledger.commit(ledger.read(sys.argv[2], answers={'currency': 'CNY'}), 'benchmark')"
    )
    subprocess.run([sys.executable, "-c", code, str(home / "demo"), str(table)], cwd=ROOT, check=True)


async def until_end(link: websockets.ClientConnection) -> tuple[int, list[ForwardMsg]]:
    """Read to the end of the run; returns bytes and the messages small enough to look into."""
    size, found = 0, []
    while True:
        data = await asyncio.wait_for(link.recv(), timeout=120)
        size += len(data)
        if len(data) > SMALL:
            continue
        message = ForwardMsg.FromString(data)
        if shows_error(message):
            raise SystemExit(f"the page shows an error:\n{message}")
        found.append(message)
        if message.WhichOneof("type") == "script_finished" and message.script_finished in ENDED:
            return size, found


def asked(opened: list[str], chosen: dict[str, str]) -> BackMsg:
    """A rerun of the scenarios page with what a browser sends along: opened expanders, choices."""
    ask = BackMsg()
    for name in opened:
        state = ask.rerun_script.widget_states.widgets.add()
        state.id, state.bool_value = name, True
    for name, choice in chosen.items():
        state = ask.rerun_script.widget_states.widgets.add()
        state.id, state.string_value = name, choice
    ask.rerun_script.page_name = "scenarios"
    ask.rerun_script.query_string = "lang=en&workspace=demo"
    ask.rerun_script.context_info.url = "http://127.0.0.1/"
    return ask


async def measure(process: object, port: int, moves: int, opened: bool) -> dict[str, float]:
    """Open the page, then move one slider of the own split after the other; with all of them shown or not."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(
        address, subprotocols=["streamlit"], max_size=None, compression=None
    ) as link:
        more: list[str] = []
        chosen: dict[str, str] = {}
        for _ in range(3):
            await link.send(asked(more, chosen).SerializeToString())
            _, messages = await until_end(link)
            drawn = [m.delta for m in messages if m.WhichOneof("type") == "delta"]
            boxes = [d.new_element.selectbox for d in drawn if d.new_element.selectbox.options]
            chosen = {box.id: box.options[box.default] for box in boxes}
            deltas = [d for d in drawn if d.fragment_id]
            if opened:
                more = [d.add_block.expandable.id for d in deltas if d.add_block.expandable.id]
        own = [(d.new_element.slider, d.fragment_id) for d in deltas
               if d.new_element.WhichOneof("type") == "slider"]  # fmt: skip
        if not own:
            raise SystemExit("no slider was drawn in a fragment")
        await asyncio.sleep(0.5)
        walls, sizes, before = [], [], cpu_seconds(process)
        for at in range(moves):
            slider, fragment = own[at % len(own)]
            ask = asked(more, chosen)
            ask.rerun_script.fragment_id = fragment
            state = ask.rerun_script.widget_states.widgets.add()
            state.id = slider.id
            state.double_array_value.data.append(slider.min + slider.step * (5 + at))
            start = time.perf_counter()
            await link.send(ask.SerializeToString())
            size, _ = await until_end(link)
            walls.append(1000 * (time.perf_counter() - start))
            sizes.append(size)
            await asyncio.sleep(0.1)
        cpu = 1000 * (cpu_seconds(process) - before) / moves
    name = "opened" if opened else "closed"
    return {
        f"{name}_sliders": len(own), f"{name}_cpu_ms": cpu, f"{name}_wall_ms": float(np.median(walls)),
        f"{name}_kilobytes": float(np.mean(sizes)) / 1e3,
    }  # fmt: skip


def in_browser(port: int, moves: int) -> dict[str, float]:
    """Milliseconds from a key on the slider to another sentence beside it, by language: median and worst."""
    from playwright.sync_api import sync_playwright

    found = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for lang, words in SENTENCE.items():
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.goto(f"http://127.0.0.1:{port}/scenarios?lang={lang}&workspace=demo", timeout=120_000)
            page.get_by_text(words).first.wait_for(timeout=120_000)
            page.wait_for_timeout(2000)
            box = page.locator("[data-testid=stSlider]").filter(has_text="Channel ").first
            box.locator("input[type=range]").focus()
            walls = []
            for at in range(moves):
                page.evaluate(WATCH, words)
                page.keyboard.press(("End", "Home")[at % 2])  # far enough to be read in rounded figures
                walls.append(page.evaluate("() => window.changed"))
                page.wait_for_timeout(300)
            found |= {f"browser_{lang}_ms": float(np.median(walls)), f"browser_{lang}_worst_ms": max(walls)}
        browser.close()
    return found


def main() -> int:
    """Make, open, move, print; 1 when over budget."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--channels", type=int, default=30)
    parser.add_argument("--moves", type=int, default=40)
    parser.add_argument("--browser", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        load(Path(folder), wanted.channels)
        with server(Path(folder)) as (process, port):
            found = asyncio.run(measure(process, port, wanted.moves, opened=False))
            found |= asyncio.run(measure(process, port, wanted.moves, opened=True))
            if wanted.browser:
                found |= in_browser(port, wanted.moves)
    found |= {"channels": wanted.channels, "moves": wanted.moves, "budget_cpu_ms": BUDGET_CPU_MS}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print("  ".join(f"{name} {value:.4g}" for name, value in found.items()))
    return 0 if max(found["closed_cpu_ms"], found["opened_cpu_ms"]) <= BUDGET_CPU_MS else 1


if __name__ == "__main__":
    sys.exit(main())

"""What uploading 200 MB through the browser costs the server: peak memory against the size of the file.

``python benchmarks/upload.py [--megabytes 200]`` needs Debian's chromium.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from large import write_rows
from page import server
from playwright.sync_api import sync_playwright

TIMES = 5.0
BYTES_PER_ROW = 123
CHROMIUM = "/usr/bin/chromium"


class Peak(threading.Thread):
    """Watch the memory of a process until told to stop."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self.process, self.most, self.going = process, 0, True

    def run(self) -> None:
        while self.going:
            self.most = max(self.most, self.process.memory_info().rss)
            time.sleep(0.02)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        home, path = Path(folder), Path(folder) / "google.csv"
        write_rows(path, args.megabytes * 1_000_000 // BYTES_PER_ROW)
        size = path.stat().st_size
        with server(home) as (process, port):
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = browser.new_page(locale="en-US")
            page.set_default_timeout(180_000)
            page.goto(f"http://127.0.0.1:{port}/upload")
            page.get_by_text("Drop your raw exports here").wait_for()
            before = process.memory_info().rss
            peak = Peak(process)
            peak.start()
            start = time.perf_counter()
            page.locator("input[type=file]").set_input_files(path)
            store = page.get_by_role("button", name="Looks right: store")
            store.wait_for()
            read = time.perf_counter() - start
            store.click()
            page.get_by_text("Stored 1 file").wait_for()
            stored = time.perf_counter() - start
            time.sleep(1)
            after = process.memory_info().rss
            peak.going = False
            browser.close()
    grown = (peak.most - before) / size
    print(
        f"{size / 1e6:.0f} MB file: server before {before / 1e6:.0f} MB, "
        f"peak {peak.most / 1e6:.0f} MB, after {after / 1e6:.0f} MB"
    )
    print(
        f"peak growth {grown:.2f} times the file (promise < {TIMES}); "
        f"receipt after {read:.1f} s, stored after {stored:.1f} s"
    )
    print("kept" if grown < TIMES else "BROKEN")
    return 0 if grown < TIMES else 1


if __name__ == "__main__":
    sys.exit(main())

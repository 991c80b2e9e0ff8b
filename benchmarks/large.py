"""What a file of ten million ad rows costs against bare DuckDB, and a workbook of 100,000 rows.

``python benchmarks/large.py [--rows 10000000] [--json FILE]``: each figure is measured in a process of
its own, one after the other in the same run: bare DuckDB loads the file into a typed table of a
database on disk; channelopt imports it into an empty workspace (read, check, original, rows, roll-up).
On a machine shared with others CPU time itself is noisy, so both take turns and the least of each counts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RATIO, RSS_MB, XLSX_SECONDS = 1.5, 1200, 4.0

_MEASURE = """
import json, resource, sys, time
def used():
    r = resource.getrusage(resource.RUSAGE_SELF)
    return r.ru_utime + r.ru_stime
start, clock = used(), time.perf_counter()
{work}
print(json.dumps({{"cpu_s": round(used() - start, 2), "wall_s": round(time.perf_counter() - clock, 2),
    "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "rows": rows, "spend": spend}}))
"""
_BARE = """
import duckdb
connection = duckdb.connect(sys.argv[2])
connection.execute("CREATE TABLE t AS FROM read_csv(?)", [sys.argv[1]])
connection.execute("CHECKPOINT")
rows, spend = connection.execute('SELECT count(*), sum("Cost")::DOUBLE FROM t').fetchone()
connection.close()
"""
_OURS = """
sys.path.insert(0, sys.argv[3])
import channelopt as co
with co.Ledger.open(sys.argv[2], currency="USD") as ledger:
    commit = ledger.commit(ledger.read(sys.argv[1]), by="benchmark")
    rows, spend = int(ledger.imports()["rows"].iloc[0]), float(ledger.daily()["spend"].sum())
"""
_BOOK = """
sys.path.insert(0, sys.argv[3])
import channelopt as co
start = used()
read = co.read_export(sys.argv[1])
rows, spend = len(read.rows), float(read.rows["spend"].sum())
"""


def measure(work: str, *args: str) -> dict[str, float]:
    """Run one piece of work in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE.format(work=work), *args], capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def write_rows(path: Path, n: int) -> None:
    """An ad-level Google report: 181 days of n / 181 ads."""
    import duckdb

    values = f"""
        SELECT strftime(DATE '2026-01-01' + (i % 181)::INT, '%Y-%m-%d') AS "Day",
            'Shop ' || ((i // 181) % 3) AS "Account",
            'Campaign ' || ((i // 181) % 60) || ' brand search' AS "Campaign",
            'Ad group ' || ((i // 181) % 1500) AS "Ad group", (700000000000 + (i // 181))::VARCHAR AS "Ad ID",
            'USD' AS "Currency code", printf('%.2f', (hash(i) % 100000 / 100.0)::DOUBLE) AS "Cost",
            (1000 + hash(i + 1) % 90000)::VARCHAR AS "Impr.", (hash(i + 2) % 900)::VARCHAR AS "Clicks",
            printf('%.2f', (hash(i + 3) % 300 / 100.0)::DOUBLE) AS "Conversions",
            printf('%.2f', (hash(i + 4) % 900000 / 100.0)::DOUBLE) AS "Conv. value",
            (hash(i + 5) % 97 / 10)::VARCHAR || ' views of a page' AS "Note"
        FROM range({n}) t(i)"""
    duckdb.connect().execute(f"COPY ({values}) TO '{path}' (HEADER)")


def write_book(path: Path, n: int) -> None:
    """The same kind of report as a workbook of twelve columns."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("Report")
    header = ["Day", "Account", "Campaign", "Ad group", "Ad ID", "Currency code", "Cost", "Impr.", "Clicks",
              "Conversions", "Conv. value", "CTR"]  # fmt: skip
    sheet.write_row(0, 0, header)
    for i in range(n):
        day = f"2026-{1 + i % 6:02d}-{1 + i % 28:02d}"
        names = [day, "Shop", f"Campaign {i % 60}", f"Ad group {i % 900}", str(700000000000 + i), "USD"]
        sheet.write_row(i + 1, 0, [*names, i % 997 / 10, i % 9000, i % 90, i % 3, i % 77, "1.25%"])
    book.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeat", type=int, default=3, help="times in turn; the least CPU of each counts")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, path, book = Path(folder), Path(folder) / "google.csv", Path(folder) / "book.xlsx"
        write_rows(path, args.rows)
        write_book(book, 100_000)
        bares, mine, excels = [], [], []
        for n in range(args.repeat):
            bares.append(measure(_BARE, str(path), str(home / f"bare{n}.duckdb")))
            mine.append(measure(_OURS, str(path), str(home / f"workspace{n}"), str(ROOT)))
            excels.append(measure(_BOOK, str(book), "", str(ROOT)))
        bare, ours, excel = (min(runs, key=lambda run: run["cpu_s"]) for runs in (bares, mine, excels))
        size = path.stat().st_size / 1e9
    ratio = ours["cpu_s"] / bare["cpu_s"]
    print(f"{args.rows:,} rows, {size:.2f} GB")
    print(
        "all runs, CPU s:",
        *(f"{b['cpu_s']} {o['cpu_s']} {e['cpu_s']};" for b, o, e in zip(bares, mine, excels, strict=True)),
    )
    print(f"bare DuckDB  {bare}")
    print(f"channelopt   {ours}")
    print(f"ratio of CPU {ratio:.2f} (promise <= {RATIO}), peak {ours['rss_mb']} MB (promise <= {RSS_MB})")
    print(f"workbook     {excel} (promise <= {XLSX_SECONDS} CPU s)")
    same = ours["rows"] == bare["rows"] and abs(ours["spend"] - bare["spend"]) < 0.01
    if args.json:
        args.json.write_text(
            json.dumps({"bare": bare, "ours": ours, "ratio": ratio, "workbook": excel}, indent=1)
        )
    good = same and ratio <= RATIO and ours["rss_mb"] <= RSS_MB and excel["cpu_s"] <= XLSX_SECONDS
    print("kept" if good else "BROKEN")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

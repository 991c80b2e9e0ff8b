"""What turning a touch log into conversion paths and their credits costs: CPU for ten million touches.

Run ``python benchmarks/paths.py [--touches N] [--seed S]``. Writes the touches straight into a new
workspace (people with 1 to 12 visits on eight channels over 120 days, 5% of them leads), then prints the
CPU seconds of ``Ledger.paths``, of ``attribute`` under all models, and of a plain read of the same rows for
comparison; writes ``benchmarks/out/paths.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.ledger import Ledger  # noqa: E402
from channelopt.measure.attribution import attribute  # noqa: E402

FILL = """
    INSERT INTO touch_facts (import_id, row_no, person_key, "at", channel, event, value)
    SELECT 1, row_number() OVER (), md5(person::VARCHAR) || md5((person + 1)::VARCHAR),
        TIMESTAMP '2026-01-01' + to_seconds(CAST(random() * 120 * 86400 AS BIGINT)),
        ['douyin', 'xiaohongshu', 'baidu', 'wechat', 'kuaishou', 'bilibili', 'weibo', 'direct']
            [1 + CAST(floor(8 * random() * random()) AS INTEGER)],
        CASE WHEN random() < 0.01 THEN 'lead' ELSE 'touch' END, NULL
    FROM (SELECT CAST(floor(random() * $persons) AS BIGINT) AS person FROM range($touches))"""


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--touches", type=int, default=10_000_000)
    parser.add_argument("--seed", type=float, default=0.42)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Ledger.open(Path(folder) / "log") as ledger:
        with ledger._store.write() as cursor:
            cursor.execute("SELECT setseed(?)", [args.seed])
            cursor.execute(FILL, {"persons": args.touches // 5, "touches": args.touches})
            cursor.execute(
                """INSERT INTO imports (import_id, sha256, name, kind, status)
                VALUES (1, 'x', 'log', 'touches', 'active')"""
            )
        found: dict[str, float] = {"touches": args.touches}
        found["read only, CPU s"] = _cpu(ledger.touch_summary)
        paths: list[pd.DataFrame] = []
        found["paths, CPU s"] = _cpu(lambda: paths.append(ledger.paths()))
        found["distinct paths"] = len(paths[0])
        found["persons"] = int(paths[0]["persons"].sum())
        found["conversions"] = int(paths[0]["conversions"].sum())
        found["attribution, CPU s"] = _cpu(lambda: attribute(paths[0]))
    for name, value in found.items():
        print(f"{name:24} {value:>14,.1f}" if isinstance(value, float) else f"{name:24} {value:>14,}")
    out = ROOT / "benchmarks" / "out" / "paths.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(found, indent=1))


def _cpu(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    main()

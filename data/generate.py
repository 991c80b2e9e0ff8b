"""Write the demo brand's raw exports and their truth: ``python data/generate.py [--out DIR]``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from brand import fees, simulate, truth
from exports import write_all, write_csv
from testrows import tests_truth

DEMO = Path(__file__).resolve().parent / "demo"


def generate(folder: Path) -> list[str]:
    """Write every file of the demo brand into a folder; returns the raw files in upload order."""
    folder.mkdir(parents=True, exist_ok=True)
    brand = simulate()
    files = write_all(brand.days, brand.leads, brand.site, folder)
    costs = [["month", "channel", "what", "amount", "kind"]]
    costs += [[f"{m:%Y-%m-%d}", channel, what, f"{amount:.2f}", kind] for m, channel, what, amount, kind in
              fees().itertuples(index=False)]  # fmt: skip
    write_csv(folder / "other_costs.csv", costs, "utf-8", end="\n")
    facts = {**truth(brand, brand.days), "tests": tests_truth(), "files": files}
    text = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
    (folder / "truth.json").write_text(text, encoding="utf-8", newline="\n")
    return files


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DEMO, help="folder to write to")
    target = parser.parse_args().out
    for name in generate(target):
        print(target / name)

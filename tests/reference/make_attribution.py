"""Make the frozen reference numbers of conversion paths with the package ChannelAttribution.

Install ``ChannelAttribution`` and ``matplotlib`` in an environment of their own (neither is needed
by the dashboard), then run ``python tests/reference/make_attribution.py`` to write
``attribution.json`` again. Its Markov model simulates journeys, so its numbers carry a little noise.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from ChannelAttribution import heuristic_models, markov_model

HERE = Path(__file__).parent
CHANNELS = ("search", "feed", "video", "notes", "mail")


def table() -> pd.DataFrame:
    """120 distinct paths of up to 6 touches, with repeats, lost journeys and values."""
    rng = np.random.default_rng(44)
    paths = sorted({tuple(rng.choice(CHANNELS, rng.integers(1, 7))) for _ in range(140)})[:120]
    persons = rng.integers(5, 400, len(paths))
    conversions = rng.binomial(persons, rng.uniform(0.01, 0.3, len(paths)))
    value = np.round(conversions * rng.lognormal(5, 0.5, len(paths)), 2)
    return pd.DataFrame(
        {
            "path": [" > ".join(p) for p in paths],
            "persons": persons,
            "conversions": conversions,
            "lost": persons - conversions,
            "value": value,
        }
    )


def main() -> None:
    """Write attribution.json."""
    data = table()
    simple = heuristic_models(data, "path", "conversions", "value", flg_pro=False)
    chain = markov_model(
        data, "path", "conversions", "value", "lost", nsim_start=4e6, max_step=10_000,
        conv_par=0.002, seed=1, out_more=True, verbose=False, flg_pro=False,
    )  # fmt: skip
    if not isinstance(chain, dict):
        chain = dict(zip(("result", "transition_matrix", "removal_effects"), chain, strict=True))
    found = {
        "package": "ChannelAttribution",
        "version": version("ChannelAttribution"),
        "paths": data.to_dict("records"),
        "simple": simple.to_dict("records"),
        "markov": chain["result"].to_dict("records"),
        "removal": chain["removal_effects"].to_dict("records"),
    }
    (HERE / "attribution.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

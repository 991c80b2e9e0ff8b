"""What the server holds anyway is there before the first visitor and out of garbage collection.

Streamlit collects all garbage after every run of a page, every move of a slider included: looking through
modules that never go away took a fifth of such a move.
"""

from __future__ import annotations

import gc
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

from channelopt.intake import platforms

#: What pages use.
WARM = (
    *("pandas", "plotly.graph_objects", "plotly.subplots", "plotly.tools"),
    *("scipy.stats", "duckdb", "babel.numbers"),
)
#: Ours, with every module in them.
PACKAGES = ("channelopt", "pages.parts")


def warm() -> None:
    """Import what pages need, at the start of the server."""
    for name in WARM:
        import_module(name)
    for package in PACKAGES:
        for module in walk_packages(import_module(package).__path__, f"{package}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
    platforms()
    _hold()


@cache
def settle() -> None:
    """The same once more when the first page is drawn, with what drawing one brought in; then nothing."""
    _hold()


def _hold() -> None:
    gc.collect()
    gc.freeze()

"""The ASGI entry: ``streamlit run app.py`` (or ``make run``)."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from pages.parts.server import lifespan, middleware, routes  # noqa: E402
from pages.parts.trouble import show_error  # noqa: E402

app = st.App(
    ROOT / "pages" / "frame.py",
    routes=routes(),
    middleware=middleware(),
    lifespan=lifespan,
    on_script_error=show_error,
)

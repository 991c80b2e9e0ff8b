"""The app without a browser: one workspace with the demo brand, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory, put_demo):
    return put_demo(tmp_path_factory.mktemp("home"))


@pytest.fixture
def open_page(monkeypatch):
    """Open a page of the app in a language; gives the AppTest after its first run."""

    def open_one(home: Path, page: str, lang: str = "en", **params: str) -> AppTest:
        monkeypatch.setenv("CHANNELOPT_HOME", str(home))
        app = AppTest.from_file(str(ROOT / "pages" / "frame.py"), default_timeout=30)
        app.session_state["lang"] = lang
        for key, value in params.items():
            app.session_state[key] = value
        app.run()
        if page != "overview":
            app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
        return app

    return open_one

"""Take pictures of every page: ``python tools/screenshots.py OUT [--readme]``.

Starts the app with the demo brand in a temporary folder and drives Debian's Chromium.
``--readme`` takes only the four pictures the README shows, into ``docs/images``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

PAGES = (
    "overview",
    "upload",
    "diagnosis",
    "trends",
    "focus",
    "experiments",
    "scenarios",
    "scaling",
    "settings",
)
README = (("overview", "en"), ("diagnosis", "en"), ("trends", "zh"), ("upload", "zh"))


def shoot(browser: object, address: str, name: str, lang: str, scheme: str, out: Path) -> None:
    """One page in one language and one appearance, as a full-height PNG."""
    from conftest import Visit

    tab = Visit(browser, locale="zh-CN" if lang == "zh" else "en-US", scheme=scheme)
    path = "" if name == "overview" else name
    brand = "my-brand" if name == "upload" else "demo"
    tab.page.goto(f"{address}/{path}?lang={lang}&workspace={brand}")
    tab.page.locator("h1").wait_for()
    if name == "upload":
        from channelopt.demo import demo_files

        files = [str(p) for p in demo_files()]
        tab.page.locator("input[type=file]").set_input_files([files[i] for i in (1, 7, 8)])
        tab.page.get_by_role("button", name="store" if lang == "en" else "存入").wait_for()
    tab.settle()
    tab.page.wait_for_timeout(1500)
    main = tab.page.locator("[data-testid=stMainBlockContainer]").bounding_box()
    height = int(main["height"]) + 20 if main else 1000
    tab.page.set_viewport_size({"width": 1440, "height": min(2600, max(900, height))})
    tab.page.wait_for_timeout(1200)
    tab.page.screenshot(path=str(out))
    print(out.name, height, tab.outside, tab.errors)
    tab.context.close()


def main() -> None:
    """Load the demo once, then shoot."""
    from conftest import CHROMIUM, FLAGS, serve
    from playwright.sync_api import sync_playwright

    from channelopt.demo import load_demo
    from channelopt.ledger import Ledger

    readme = "--readme" in sys.argv
    out = ROOT / "docs" / "images" if readme else Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    wanted = [a for a in sys.argv[2:] if not a.startswith("--")] or list(PAGES)
    with tempfile.TemporaryDirectory() as folder:
        with Ledger.open(Path(folder) / "workspaces" / "demo", name="demo", currency="CNY") as ledger:
            load_demo(ledger)
        Ledger.open(Path(folder) / "workspaces" / "my-brand", name="my-brand", currency="CNY").close()
        with serve(Path(folder)) as address, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            if readme:
                for name, lang in README:
                    shoot(browser, address, name, lang, "light", out / f"{name}-{lang}.png")
                return
            for name in wanted:
                for lang in ("en", "zh"):
                    for scheme in ("light", "dark"):
                        shoot(browser, address, name, lang, scheme, out / f"{name}-{lang}-{scheme}.png")


if __name__ == "__main__":
    main()

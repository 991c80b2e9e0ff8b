"""Names that would become links, images, icons or markup stay plain text on every page."""

from __future__ import annotations

from conftest import serve

NASTY = (
    "![t](http://203.0.113.9/p.png)",
    "[click](http://203.0.113.9/)",
    ":green-badge[SCALE]",
    "<img src=http://203.0.113.9/x.png onerror=alert(1)>",
    "$x^2$ www.example.test a@b.test",
    ":material/delete: **bold** `code`",
)


def poison(path):
    """An offline cost table whose names of channels and campaigns attack the page."""
    lines = ["date,channel,campaign,cost,clicks,leads,customers,revenue"]
    for day in range(1, 29):
        for at, name in enumerate(NASTY):
            figures = f"{50 + at},{50 + day},5,2,{75 + 45 * at}"
            lines += [f'2026-02-{day:02d},"{name}","{name} {part}",{figures}' for part in ("a", "b")]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_names_stay_text_on_every_page(tmp_path, visit):
    with serve(tmp_path) as address:
        tab = visit()
        page = tab.page
        page.goto(f"{address}/upload?lang=en")
        page.locator("input[type=file]").set_input_files(str(poison(tmp_path / "![x](www.example.test).csv")))
        button = page.get_by_role("button", name="Looks right")
        button.wait_for()
        tab.settle()
        if button.is_disabled():
            page.get_by_label("Currency code, such as USD").first.fill("CNY")
            page.get_by_role("button", name="Read it again").first.click()
            tab.settle()
        button.click()
        page.locator("[data-testid=stAlertContentSuccess]").wait_for()
        views = ("focus?focus_view=week", "focus?focus_view=hooks")
        for name in ("", "diagnosis", "trends", "focus", *views, "scenarios", "scaling", "settings"):
            page.goto(f"{address}/{name}{'&' if '?' in name else '?'}lang=en")
            page.locator("h1").wait_for()
            tab.settle()
            main = page.locator("[data-testid=stMain]")
            assert main.locator("img[src*='203.0.113']").count() == 0
            hosts = main.locator("a").evaluate_all("links => links.map(a => new URL(a.href).hostname)")
            assert set(hosts) <= {"127.0.0.1"}
            assert main.locator(".katex").count() == 0
        tab.check()

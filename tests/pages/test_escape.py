"""Escaping and number formats of the pages."""

import pytest

from pages.parts.escape import JOINER, md


@pytest.mark.parametrize(
    "text", ["[a](http://b.c)", "![t](x)", "*x*", "_y_", "`z`", "$x$", "a|b", "#h", "<b>"]
)
def test_every_mark_is_escaped(text):
    shown = md(text)
    for at, mark in enumerate(shown):
        if mark in r"*_`[]()#|$<>!":
            assert shown[at - 1] == "\\"


def test_addresses_icons_and_arrows_are_broken_up():
    assert JOINER in md(":material/delete:")
    assert JOINER in md("https://example.test")
    assert JOINER in md("a@b.test")
    assert JOINER in md("A -> B")


def test_long_and_multiline_values_become_one_short_line():
    assert "\n" not in md("a\nb\n\nc")
    assert len(md("x" * 500)) == 80

"""Data values made harmless before they reach a label that renders Markdown."""

from __future__ import annotations

import re

#: U+2060 WORD JOINER: invisible, breaks up what Streamlit would turn into links and icons.
JOINER = "\u2060"


def literal(text: str) -> str:
    """A sentence without the marks that keep Markdown away, for charts, files and inputs."""
    return text.replace("\\", "").replace(JOINER, "")


def md(value: object, limit: int = 80) -> str:
    """A data value (channel, campaign, file name) as literal Markdown text.

    Backslash escapes alone are not enough: bare addresses still become links, ``->`` an
    arrow and ``:name:`` an icon, so those are broken up with a word joiner.
    """
    text = " ".join(str(value).split())[:limit]
    text = re.sub(r":(?=\S)", ":" + JOINER, text)
    text = re.sub(r"(?<=[-<>=~])(?=[-<>=])", JOINER, text)
    text = re.sub(r"(?i)(www|https?)(?=[.:])", lambda m: m.group(0) + JOINER, text)
    text = text.replace("@", "@" + JOINER)
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~<>$^&])", r"\\\1", text)

"""Findings and refusals as sentences: names of channels and fields in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channelopt.errors import ChannelOptError, Finding
from channelopt.messages import TEMPLATES
from channelopt.plan.goods import MONEY
from pages.parts import cache
from pages.parts.labels import platform_name
from pages.parts.language import language, listed, t
from pages.parts.limits import setting_names, wanted_words

CHANNEL_PARAMS = ("channel", "source", "one", "other")
FIELD_PARAMS = ("field", "from_stage", "to_stage", "outcome")
METRIC_PARAMS = ("metric",)
STEP_PARAMS = ("step", "next")
#: Parameters that list channels, and those that name an outcome inside a sentence.
LIST_PARAMS = ("names", "channels", "known")
OUTCOME_PARAMS = ("objective", "outcome")


def field_names() -> dict[str, str]:
    """Canonical field → its name, for those a user may point to or read about."""
    return {
        "day": t("Day"),
        "spend": t("What you paid"),
        "spend_cents": t("What you paid, in cents"),
        "spend_micros": t("What you paid, in micros"),
        "channel": t("Channel"),
        "campaign": t("Campaign"),
        "impressions": t("Impressions"),
        "clicks": t("Clicks"),
        "form_starts": t("Forms opened"),
        "leads": t("Leads"),
        "valid_leads": t("Valid leads"),
        "qualified_leads": t("Qualified leads"),
        "customers": t("Customers"),
        "revenue": t("Revenue"),
        "sessions": t("Visits"),
        "bounces": t("Bounces"),
        "created_at": t("Lead created at"),
        "customer_at": t("Became a customer at"),
        "status": t("Lead status"),
        "valid": t("Lead valid?"),
        "variant": t("Variant of a test"),
        "experiment": t("Name of the test"),
        "region": t("Region"),
        "segment": t("Segment"),
        "people": t("People"),
        "converted": t("Converted?"),
        "before": t("Value before the test"),
        "lead_id": t("ID of the person"),
    }


def step_names() -> dict[str, str]:
    """Step of the private domain → its name."""
    return {
        "added": t("Added on WeChat"),
        "replied": t("Replied"),
        "visited": t("Visited the shop"),
        "ordered": t("Ordered"),
        "repeated": t("Ordered again"),
    }


def metric_word(name: str) -> str:
    """A metric inside a sentence: its usual letters, or its name."""
    words = {
        "lead_rate": t("leads per visitor"),
        "order_rate": t("customers per visitor"),
        "revenue_per_person": t("revenue per visitor"),
    }
    return words.get(name.lower(), name.upper())


def outcome_word(name: str) -> str:
    """What a plan is for, inside a sentence."""
    words = {
        "revenue": t("revenue"),
        "profit": t("profit"),
        "leads": t("leads"),
        "valid_leads": t("valid leads"),
        "customers": t("customers"),
    }
    return words.get(name, name)


def _planned(code: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a sentence about plans and curves: channels and outcomes in the reader's words."""
    if not code.startswith(("plan.", "response.")):
        return {}
    found: dict[str, Any] = {key: outcome_word(str(params[key])) for key in OUTCOME_PARAMS if key in params}
    found["in_money"] = any(params.get(key) in MONEY for key in OUTCOME_PARAMS)
    for key in LIST_PARAMS:
        if key in params:
            labels, parts = cache.labels(), str(params[key]).split(", ")
            found[key] = listed(labels.get(p, outcome_word(p)) for p in parts)
    return found


def _named(params: Mapping[str, Any]) -> dict[str, Any]:
    named = dict(params)
    for key in CHANNEL_PARAMS:
        if key in named:
            known = str(named[key])
            named[key] = cache.labels().get(known) or platform_name(known, language())
    for key in FIELD_PARAMS:
        if key in named:
            named[key] = field_names().get(str(named[key]), named[key])
    for key in METRIC_PARAMS:
        if key in named:
            named[key] = metric_word(str(named[key]))
    for key in STEP_PARAMS:
        if isinstance(named.get(key), str):
            named[key] = step_names().get(named[key], named[key])
    return named


def say(finding: Finding, currency: str | None = None) -> str:
    """A finding as a sentence; its money in ``currency``, the workspace's own when left out."""
    params = {**_named(finding.params), **_planned(finding.code, finding.params)}
    if currency and "currency" not in params:
        params["currency"] = currency
    return t(TEMPLATES.get(finding.code, finding.code), **params)


def _setting(code: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of a refused setting: its name, its value and what it may be, in the reader's words."""
    if code != "common.bad_setting":
        return {}
    value, wanted = params.get("value"), str(params.get("wanted"))
    numbers = value if isinstance(value, tuple) else (value,)
    plain = all(isinstance(one, (int, float)) for one in numbers)
    key = str(params.get("name"))
    name = setting_names().get(key, key)
    return {
        "name": name[:1].upper() + name[1:],
        "value": " – ".join(f"{one:g}" for one in numbers) if plain else value,
        "wanted": wanted_words().get(wanted, wanted),
    }


def say_error(error: ChannelOptError) -> str:
    """A refusal as a sentence."""
    code, params = error.code, error.params
    return t(error.template, **{**_named(params), **_planned(code, params), **_setting(code, params)})

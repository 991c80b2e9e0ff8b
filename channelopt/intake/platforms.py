"""The platforms: one data file each, and how a file is recognised as theirs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from channelopt.intake.names import normalise, peel


@dataclass(frozen=True)
class Role:
    """What one header means on one platform.

    Attributes:
        role: "field", "sum", "derived", "part", "unused", "repeats" (rows repeat the
            main figure once for each of its values), "breakdown", "conversions",
            "indicator" or "personal".
        field: canonical or internal field; for "derived" the ratio's name.
        tier: 0 is preferred; a lower tier is used when no better header is present.
        addend: for "sum", which term of the sum.
    """

    role: str
    field: str
    tier: int = 0
    addend: int = 0


@dataclass(frozen=True)
class Shape:
    """Another shape of a platform's data, such as its API dump in a warehouse.

    Attributes:
        headers: normalised headers that only this shape has; two of them must be there.
        whole: normalised headers whose values must all be whole numbers: a plain name that
            hides millionths, unless somebody has divided it already.
        vocabulary: what differs from the platform's own.
        timezone: whose days these are, "" for the platform's own.
    """

    headers: frozenset[str]
    whole: frozenset[str]
    vocabulary: dict[str, tuple[Role, ...]] = field(repr=False)
    timezone: str = ""


@dataclass(frozen=True)
class Platform:
    """One kind of export.

    Attributes:
        key: stable name.
        kind: "spend", "leads", "site", "overall", "touches" or "variants".
        labels: name to show, by language: "en", "zh".
        aliases: names a CRM or a channel column may use for it.
        currency: ISO code it bills in, "" when the file must say.
        clock: conversion clock of its counts: "click", "impression", "conversion" or "".
        spend_basis: what its spend column includes.
        date_order: order of its slashed dates, "" when unknown.
        timezone: whose days its rows are: "account" (the ad account's own), "account_utc" (the
            same, its midnight written in UTC), "UTC", "" unknown.
        like: key of the platform whose vocabulary it shares, "" for none.
        shared: several platforms write this; the file cannot say which one it is from.
        signature: normalised headers that speak for it.
        needs: how many of them it takes, where it shares another's vocabulary.
        excludes: normalised headers that rule it out.
        preamble: patterns of lines before the header.
        vocabulary: normalised header to its roles.
        alternatives: other columns that could be meant, by field.
        totals: patterns of total rows.
        footers: patterns of lines after the table.
        grand_totals: patterns of the widest total, the best first.
        shapes: other shapes of its data.
    """

    key: str
    kind: str
    labels: dict[str, str]
    aliases: tuple[str, ...] = ()
    currency: str = ""
    clock: str = ""
    spend_basis: str = ""
    date_order: str = ""
    timezone: str = ""
    like: str = ""
    shared: bool = False
    signature: frozenset[str] = frozenset()
    needs: int = 2
    excludes: frozenset[str] = frozenset()
    preamble: tuple[re.Pattern[str], ...] = ()
    vocabulary: dict[str, tuple[Role, ...]] = field(default_factory=dict, repr=False)
    alternatives: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    totals: tuple[re.Pattern[str], ...] = ()
    footers: tuple[re.Pattern[str], ...] = ()
    grand_totals: tuple[re.Pattern[str], ...] = ()
    shapes: tuple[Shape, ...] = ()

    @property
    def hides(self) -> frozenset[str]:
        """Headers that hold money in one shape of the data and millionths of it in another."""
        return frozenset(header for shape in self.shapes for header in shape.whole)

    def roles(self, header: str) -> tuple[tuple[Role, ...], str]:
        """Roles of a normalised header and how it was found: "exact", "peeled" or ""."""
        if header in self.vocabulary:
            return self.vocabulary[header], "exact"
        peeled = peel(header)
        if peeled and peeled[0] in self.vocabulary:
            return self.vocabulary[peeled[0]], "peeled"
        return (), ""

    def speaks(self, header: str) -> bool:
        """Whether a normalised header, peeled or not, is one of its signature."""
        peeled = peel(header)
        return header in self.signature or (peeled is not None and peeled[0] in self.signature)


def _tiers(value: list[Any]) -> list[list[str]]:
    """A field's headers: a plain list is one tier."""
    return value if any(isinstance(v, list) for v in value) else [value]


def _vocabulary(raw: dict[str, Any]) -> dict[str, tuple[Role, ...]]:
    found: dict[str, list[Role]] = {}

    def add(header: str, role: Role) -> None:
        roles = found.setdefault(normalise(header), [])
        if role not in roles:
            roles.append(role)

    for name, value in raw.get("fields", {}).items():
        for tier, headers in enumerate(_tiers(value)):
            for header in headers:
                add(header, Role("field", name, tier))
    for name, terms in raw.get("sums", {}).items():
        for addend, headers in enumerate(terms):
            for header in headers:
                add(header, Role("sum", name, 0, addend))
    for name, headers in raw.get("derived", {}).items():
        for header in headers:
            add(header, Role("derived", name))
    plain = (("never", "parts", "part"), ("never", "unused", "unused"), ("never", "repeats", "repeats"),
             ("breakdown", "headers", "breakdown"),
             ("conversions", "headers", "conversions"), ("conversions", "indicator", "indicator"),
             ("personal", "headers", "personal"))  # fmt: skip
    for section, entry, role in plain:
        for tier, headers in enumerate(_tiers(raw.get(section, {}).get(entry, []))):
            for header in headers:
                add(header, Role(role, "", tier))
    return {header: tuple(roles) for header, roles in found.items()}


def _patterns(values: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(v) for v in values)


def _shape(raw: dict[str, Any]) -> Shape:
    whole = frozenset(map(normalise, raw.get("whole", [])))
    return Shape(frozenset(map(normalise, raw["headers"])), whole, _vocabulary(raw), raw.get("timezone", ""))


def _platform(raw: dict[str, Any], parent: Platform | None) -> Platform:
    """One TOML as a platform; what it does not say comes from the one it is like."""
    base = parent or Platform(raw["key"], raw["kind"], {})
    alternatives = {k: tuple(map(normalise, v)) for k, v in raw.get("alternatives", {}).items()}
    more = raw.get("totals", {})
    return Platform(
        key=raw["key"],
        kind=raw["kind"],
        labels=dict(raw["labels"]),
        aliases=tuple(raw.get("aliases", [])),
        currency=raw.get("currency", base.currency),
        clock=raw.get("clock", base.clock),
        spend_basis=raw.get("spend_basis", base.spend_basis),
        date_order=raw.get("date_order", base.date_order),
        timezone=raw.get("timezone", base.timezone),
        like=raw.get("like", ""),
        shared=raw.get("shared", False),
        signature=frozenset(map(normalise, raw.get("signature", []))),
        needs=raw.get("needs", 2),
        excludes=frozenset(map(normalise, raw.get("excludes", []))) | base.excludes,
        preamble=_patterns(raw.get("preamble", {}).get("patterns", [])),
        vocabulary={**base.vocabulary, **_vocabulary(raw)},
        alternatives={**base.alternatives, **alternatives},
        totals=(*base.totals, *_patterns(more.get("patterns", []))),
        footers=(*base.footers, *_patterns(more.get("footers", []))),
        grand_totals=_patterns(raw.get("grand_totals", [])) or base.grand_totals,
        shapes=tuple(_shape(one) for one in raw.get("shapes", [])) or base.shapes,
    )


@lru_cache(maxsize=1)
def _load() -> dict[str, Platform]:
    folder = files("channelopt.intake").joinpath("platforms")
    entries = sorted((e for e in folder.iterdir() if e.name.endswith(".toml")), key=lambda e: e.name)
    raws = [tomllib.loads(entry.read_text(encoding="utf-8")) for entry in entries]
    loaded = {raw["key"]: _platform(raw, None) for raw in raws if not raw.get("like")}
    loaded |= {raw["key"]: _platform(raw, loaded[raw["like"]]) for raw in raws if raw.get("like")}
    return dict(sorted(loaded.items()))


def platforms() -> dict[str, Platform]:
    """All platforms by key, read from ``platforms/*.toml`` once."""
    return dict(_load())


@lru_cache(maxsize=1)
def _alias_table() -> dict[str, str]:
    table: dict[str, str] = {}
    for key, platform in _load().items():
        for name in (*platform.aliases, *platform.labels.values(), key):
            if platform.kind == "spend" and key != "generic" and not platform.shared:
                table.setdefault(normalise(name), key)
    return table


def channel_key(text: str) -> str:
    """The platform key a channel name stands for, else the stripped text itself."""
    plain = text.strip()
    return _alias_table().get(normalise(plain), plain)


#: Sources nobody paid an ad for: "Organic Search" with the drill-down "google" is no Google Ads.
UNPAID = re.compile(
    r"\b(organic|direct|referrals?|e-?mail|offline|unpaid)\b|自然|免费|直接访问|邮件|线下", re.IGNORECASE
)


def channel_of(channel: str, campaign: str) -> str:
    """The channel's key; a source such as "Paid Social" gives way to a drill-down that names the platform.

    One that nobody pays for ("Organic Social", 自然流量) stays what it is.
    """
    found = channel_key(channel)
    if found not in platforms() and campaign and not UNPAID.search(channel):
        better = channel_key(campaign)
        if better in platforms():
            return better
    return found


def channel_in_name(name: str) -> str | None:
    """A platform whose alias (three letters or two Chinese characters at least) stands in a file name."""
    plain = normalise(re.sub(r"\.\w+$", "", name))
    found = {
        alias: key
        for alias, key in _alias_table().items()
        if (len(alias) >= 2 and not alias.isascii() and alias in plain)
        or (
            len(alias) >= 4
            and alias.isascii()
            and re.search(rf"(?<![a-z]){re.escape(alias)}(?![a-z])", plain)
        )
    }
    hits = {key for alias, key in found.items() if not any(alias != o and alias in o for o in found)}
    return hits.pop() if len(hits) == 1 else None


def _score(platform: Platform, headers: set[str], preamble: Sequence[str], hinted: str | None) -> float:
    """How much speaks for a platform; one that is like another needs words of its own."""
    own = float(sum(1 for h in headers if platform.speaks(h)))
    above = any(p.search(line.strip()) for line in preamble for p in platform.preamble)
    if platform.like and own + 2 * above < platform.needs:
        return 0.0
    score = own + 3.0 * above
    score += 1.5 * (score > 0 and hinted == platform.key)
    return score + (_score(_load()[platform.like], headers, preamble, None) if platform.like else 0.0)


def recognise(headers: list[str], preamble: list[str], name: str) -> tuple[Platform, tuple[str, str] | None]:
    """The platform a file comes from, by its headers and the lines before them.

    Two headers or more must speak for a platform; one is enough when it alone knows every
    header and no other platform is spoken for. A table with a channel column of its own is
    nobody's export: it stays generic, so that its rows go to the channels it names.

    Args:
        headers: normalised headers.
        preamble: lines above the header, as text.
        name: the file's name; decides only between close candidates.

    Returns:
        The platform ("generic" when nothing speaks clearly) and, when two were equally
        likely, their keys.
    """
    table = _load()
    present = {h for h in headers if h} | {p[0] for h in headers if (p := peel(h))}
    many = any(r.field == "channel" and r.tier == 0 for h in present for r in table["generic"].roles(h)[0])
    hinted = channel_in_name(name)
    scores: dict[str, float] = {}
    complete: set[str] = set()
    for key, platform in table.items():
        if key == "generic" or platform.excludes & present or (many and platform.kind == "spend"):
            continue
        known = sum(1 for h in set(headers) if platform.roles(h)[0]) / max(len(set(headers)), 1)
        if known == 1.0 and platform.kind == "spend":
            complete.add(platform.like or key)
        score = _score(platform, set(headers), preamble, hinted)
        if score:
            scores[key] = score + 0.5 * known
    ranked = sorted(scores, key=lambda k: (-scores[k], k))
    alone = len(ranked) == 1 and complete == {table[ranked[0]].like or ranked[0]}
    if not ranked or (scores[ranked[0]] < 2 and not alone):
        return table["generic"], None
    close = len(ranked) > 1 and scores[ranked[1]] >= 2 and scores[ranked[0]] - scores[ranked[1]] < 0.25
    return table[ranked[0]], ((ranked[0], ranked[1]) if close else None)


def shaped(platform: Platform, headers: Sequence[str], cells: Callable[[int], Iterable[object]]) -> Platform:
    """The platform in the shape this file has.

    Args:
        platform: as recognised or answered.
        headers: normalised headers.
        cells: values of the column at a position.
    """
    for shape in platform.shapes:
        told = len(shape.headers.intersection(headers))
        plain = any(h in shape.whole and not _all_whole(cells(i)) for i, h in enumerate(headers))
        if told >= 2 and not plain:
            return replace(
                platform,
                vocabulary={**platform.vocabulary, **shape.vocabulary},
                timezone=shape.timezone or platform.timezone,
            )
    return platform


def _all_whole(cells: Iterable[object]) -> bool:
    """Whether no cell has a fraction; empty cells do not count."""
    return all(re.fullmatch(r"-?\d+(\.0*)?(e\+?\d+)?|\D*", str(c).strip(), re.IGNORECASE) for c in set(cells))


@lru_cache(maxsize=1)
def all_headers() -> frozenset[str]:
    """Every normalised header any platform knows; finds the header line of a file."""
    return frozenset(h for p in _load().values() for h in p.vocabulary)

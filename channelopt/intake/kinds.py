"""Which kind of file a table is: the result of a test is known by its columns, and asked when unsure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from channelopt.errors import Finding
from channelopt.intake.body import Body
from channelopt.intake.header import Located
from channelopt.intake.platforms import Platform, channel_in_name, platforms
from channelopt.intake.table import as_text

TEST_ROWS = "test_rows"
#: What can come of a test.
OUTCOMES = ("clicks", "leads", "valid_leads", "customers", "revenue", "converted")
_LATE = ("leads", "valid_leads", "customers", "revenue")
_PLACES = ("channel", "account", "campaign", "campaign_id", "ad_group", "ad_group_id", "ad", "ad_id")
#: What only a lead list holds.
_LIST = ("status", "stage", "channel", "valid", "qualified_at", "customer_at")
_PAID = ("spend", "spend_micros", "spend_cents")
#: Names of variants: control, treatment, A, variant 2, 对照组, 实验组1.
_ARM = re.compile(
    r"(?:(?:control|treatment|test|variant|variation|baseline|original|challenger|champion|holdout|group|arm|cell"
    r"|version|bucket|对照|实验|试验|测试|空白|基准|原版|新版|旧版|变体|方案|版本|组)[\s_:：-]*)*"
    r"(?:[a-h]|\d{1,2}|甲|乙|丙|丁)?[\s_-]*(?:组|版|control|treatment|对照|\(.{1,20}\))?",
    re.IGNORECASE,
)
_MOST_ARMS = 12


@dataclass(frozen=True)
class Named:
    """The headers of a file as a platform words them.

    Attributes:
        fields: field → best tier of a header that means it.
        at: field → position of that header.
    """

    fields: dict[str, int]
    at: dict[str, int]

    def any(self, names: Sequence[str]) -> bool:
        """Whether a header means one of these fields."""
        return any(name in self.fields for name in names)


def named(headers: Sequence[str], platform: Platform) -> Named:
    """What the headers mean to a platform; of several for one field the preferred one."""
    fields: dict[str, int] = {}
    at: dict[str, int] = {}
    for i, header in enumerate(headers):
        for role in platform.roles(header)[0]:
            if role.role == "field" and role.tier < fields.get(role.field, 99):
                fields[role.field], at[role.field] = role.tier, i
    return Named(fields, at)


def as_test(
    located: Located, body: Body, found: Platform, name: str, channel: str | None
) -> tuple[Platform, list[Finding]]:
    """Whether a table is the result of a test.

    A column of variants makes it one, unless an ad platform or a lead list is recognised; then, and where
    the table could be a spend export as well, it is a question. A column of regions makes it one where
    a day and outcomes stand beside it and nothing says what was advertised where.

    Args:
        located: the table.
        body: its lines.
        found: the platform its headers speak for.
        name: the file's name.
        channel: the channel the reader named; then it is no test.

    Returns:
        The platform to read it with, and what is told or asked.
    """
    test = platforms()[TEST_ROWS]
    seen = named(located.normal, test)
    tier = seen.fields.get("variant", 99)
    arms = tier < 2 or (tier == 2 and _arms(body, seen.at["variant"], "experiment" in seen.fields))
    if arms:
        header = located.headers[seen.at["variant"]].strip()
        ask = [Finding("question", "intake.which_kind", {"header": header})]
        answer = _of_variants(located.normal, found, seen, tier < 2)
        return (test, []) if answer == "test" else (found, ask if answer == "ask" else [])
    if _by_region(located, found, seen, name, channel):
        header = located.headers[seen.at["region"]].strip()
        told = Finding("warning", "intake.taken_as_geo", {"header": header})
        return test, [told] if seen.any(_PAID) else []
    return found, []


def _of_variants(headers: Sequence[str], found: Platform, seen: Named, sure: bool) -> str:
    """ "test", "ask" or "no" for a table with a column of variants; ``sure``: its header says so."""
    own = named(headers, found)
    outcome = seen.any(OUTCOMES)
    if found.kind == "touches":
        return "test" if sure and outcome and not own.any(["event"]) else "no"
    if found.kind == "leads":
        listed = own.any(["created_at"]) and own.any(_LIST)
        if not listed:
            return "test" if sure or not own.any(["created_at"]) else "no"
        return "ask" if sure else "no"
    if found.kind == "site":
        return "test" if outcome and (sure or seen.any(["people"])) else "no"
    if found.key not in ("generic", "offline"):
        return "ask" if sure and not seen.any(_PLACES) and not own.any(_PLACES) else "no"
    if seen.any(_PAID) and seen.any(["day"]) and seen.any(_PLACES):
        return "ask"
    return "test" if outcome or sure else "no"


def _by_region(located: Located, found: Platform, seen: Named, name: str, channel: str | None) -> bool:
    """Whether a table of regions is a test by region and not a platform's export cut by region."""
    return (
        found.key == "generic"
        and seen.any(["region"])
        and seen.any(["day"])
        and seen.any(_LATE)
        and not seen.any(_PLACES)
        and channel is None
        and channel_in_name(name) is None
        and not any(p.search(line) for line in located.preamble for one in platforms().values()
                    for p in one.preamble)
    )  # fmt: skip


def _arms(body: Body, index: int, in_test: bool) -> bool:
    """Whether the values of a column read like variants: a few, and most of them named as such.

    Beside a column that names the test (``in_test``) one of them is enough: 原版, then the new ones by name.
    """
    values = {as_text(body.columns[index][i]).strip() for i in body.open()} - {""}
    fits = sum(len(value) <= 40 and _ARM.fullmatch(value) is not None for value in values)
    enough = fits >= 1 if in_test else fits >= 2 and fits >= 0.5 * len(values)
    return 2 <= len(values) <= _MOST_ARMS and enough

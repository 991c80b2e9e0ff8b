"""The canonical fields: what a column of a marketing export can mean, and how it adds up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "date", "datetime", "money", "count", "seconds", "flag"]


@dataclass(frozen=True)
class FieldSpec:
    """One canonical field.

    Attributes:
        name: the name used in every table and in code.
        kind: how its values are read and stored.
        additive: whether rows may be summed.
    """

    name: str
    kind: Kind
    additive: bool = False


def _specs(kind: Kind, names: str, additive: bool = False) -> tuple[FieldSpec, ...]:
    return tuple(FieldSpec(name, kind, additive) for name in names.split())


SPEND_FIELDS: tuple[FieldSpec, ...] = (
    *_specs("date", "day day_end"),
    *_specs("text", "platform channel account campaign ad_group ad breakdown currency"),
    *_specs("money", "spend", additive=True),
    *_specs("count", "impressions clicks link_clicks sessions bounces", additive=True),
    *_specs("seconds", "dwell_seconds", additive=True),
    *_specs("count", "form_starts leads customers", additive=True),
    *_specs("money", "revenue", additive=True),
    *_specs("text", "conversion_event conversion_clock spend_basis"),
)
LEAD_FIELDS: tuple[FieldSpec, ...] = (
    *_specs("text", "lead_key"),
    *_specs("datetime", "created_at"),
    *_specs("text", "channel campaign status"),
    *_specs("flag", "valid"),
    *_specs("datetime", "qualified_at customer_at"),
    *_specs("money", "revenue", additive=True),
    *_specs("count", "page_views"),
    *_specs("seconds", "dwell_seconds"),
)
TOUCH_FIELDS: tuple[FieldSpec, ...] = (
    *_specs("text", "person_key"),
    *_specs("datetime", "at"),
    *_specs("text", "channel event"),
    *_specs("seconds", "dwell_seconds", additive=True),
    *_specs("money", "value", additive=True),
)
VARIANT_FIELDS: tuple[FieldSpec, ...] = (
    *_specs("date", "day"),
    *_specs("text", "experiment variant region segment person_key"),
    *_specs("count", "people", additive=True),
    *_specs("money", "spend", additive=True),
    *_specs("count", "impressions clicks leads valid_leads customers", additive=True),
    *_specs("money", "revenue", additive=True),
    *_specs("count", "before", additive=True),
)
#: Kinds of files that are about people, who become codes. Test rows are about people only where a file
#: has a column for them; ``Read.hash_key_id`` tells.
PEOPLE_KINDS: tuple[str, ...] = ("leads", "touches")
#: Kinds of files whose rows are sums by day: of channels, and of the whole business ("overall").
DAILY_KINDS: tuple[str, ...] = ("spend", "site", "overall")
SPEND_COLUMNS: tuple[str, ...] = tuple(f.name for f in SPEND_FIELDS)
LEAD_COLUMNS: tuple[str, ...] = tuple(f.name for f in LEAD_FIELDS)
TOUCH_COLUMNS: tuple[str, ...] = tuple(f.name for f in TOUCH_FIELDS)
VARIANT_COLUMNS: tuple[str, ...] = tuple(f.name for f in VARIANT_FIELDS)
METRICS: tuple[str, ...] = tuple(f.name for f in SPEND_FIELDS if f.additive)
VARIANT_METRICS: tuple[str, ...] = tuple(f.name for f in VARIANT_FIELDS if f.additive)

#: What ``Ledger.daily`` sums, in order. ``platform_leads`` are the platform's own count,
#: ``leads`` onwards are the outcome of record (the CRM where there is one).
DAILY_METRICS: tuple[str, ...] = (
    "spend",
    "cost",
    "impressions",
    "clicks",
    "sessions",
    "bounces",
    "dwell_seconds",
    "form_starts",
    "platform_leads",
    "leads",
    "valid_leads",
    "qualified_leads",
    "customers",
    "revenue",
)
FUNNEL: tuple[str, ...] = (
    "impressions",
    "clicks",
    "sessions",
    "form_starts",
    "leads",
    "valid_leads",
    "qualified_leads",
    "customers",
)

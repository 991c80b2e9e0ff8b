"""Columns to canonical fields: by the platform's vocabulary, the reader's answers, and no guess at money."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from channelopt.errors import Finding
from channelopt.fields import LEAD_COLUMNS, METRICS, SPEND_COLUMNS, TOUCH_COLUMNS, VARIANT_COLUMNS
from channelopt.intake.messages import IntakeError
from channelopt.intake.names import is_derived, normalise, peel
from channelopt.intake.platforms import Platform, Role, platforms

#: Fields that exist only inside the intake and end in a canonical one.
_INNER = {
    "spend": (
        "campaign_id",
        "ad_group_id",
        "ad_id",
        "account_id",
        "spend_micros",
        "spend_cents",
        "bounce_rate",
        "dwell_average",
    ),
    "overall": ("account_id", "bounce_rate", "dwell_average"),
    "site": ("bounce_rate", "engaged_sessions", "engagement_rate", "dwell_average"),
    "touches": ("lead_id", "phone", "email", "name", "campaign"),
    "variants": (
        "lead_id",
        "phone",
        "email",
        "name",
        "converted",
        "currency",
        "spend_micros",
        "spend_cents",
    ),
    "leads": ("lead_id", "phone", "email", "name", "modified_at", "stage", "converted", "currency"),
}
PERSONAL = frozenset({"phone", "email", "name", "lead_id"})
_NOT_MAPPABLE = frozenset(
    {"platform", "breakdown", "conversion_event", "conversion_clock", "spend_basis", "lead_key", "person_key"}
)
#: Words of a header that name another conversion clock.
CLOCKS = ("计费时间", "点击时间", "回传时间", "转化时间", "click time", "by conv. time")
_QUIET = frozenset(
    {"campaign_id", "ad_group_id", "ad_id", "account_id", "day_end", "ad", "modified_at", "segment"}
)

#: Outcomes that a platform may count in several ways: one way is used, the others are told.
_DEFINED = ("leads", "customers", "revenue")


@dataclass
class Column:
    """One column on its way to a meaning.

    Attributes:
        index: position in the file.
        header: as it stands.
        normal: normalised header.
        roles: what the vocabulary offers.
        found: "exact", "peeled", "alias", "answer" or "".
        role: what was decided ("field", "sum", "derived", …; "" is unused).
        field: the field, when role is "field" or "sum"; the ratio when "derived".
        currency: code in the header's bracket.
    """

    index: int
    header: str
    normal: str
    roles: tuple[Role, ...] = ()
    found: str = ""
    role: str = ""
    field: str = ""
    addend: int = 0
    currency: str | None = None


@dataclass
class Mapped:
    """All columns of a file, decided.

    Attributes:
        columns: in file order.
        findings: columns that compete, choices worth knowing.
        rivals: the columns that compete for a field, the one taken for now first.
    """

    columns: list[Column]
    findings: list[Finding] = field(default_factory=list)
    rivals: dict[str, list[Column]] = field(default_factory=dict)

    def of(self, name: str) -> Column | None:
        """The column that became a field."""
        return next((c for c in self.columns if c.role == "field" and c.field == name), None)

    def terms(self, name: str) -> list[Column]:
        """The columns that add up to a field."""
        return [c for c in self.columns if c.role == "sum" and c.field == name]

    def with_role(self, role: str) -> list[Column]:
        """The columns of one role."""
        return [c for c in self.columns if c.role == role]


def mappable_fields(kind: str = "spend") -> tuple[str, ...]:
    """What an answer may say a column means, for files of one kind."""
    bases = {"leads": LEAD_COLUMNS, "touches": TOUCH_COLUMNS, "variants": VARIANT_COLUMNS}
    base = bases.get(kind, SPEND_COLUMNS)
    return tuple(c for c in base if c not in _NOT_MAPPABLE) + _INNER.get(kind, ())


def map_columns(
    headers: Sequence[str],
    platform: Platform,
    answers: Mapping[str, str | None] | None = None,
    same: Callable[[int, int], bool] = lambda a, b: False,
    normal: Sequence[str] | None = None,
) -> Mapped:
    """Give every column a meaning, or none.

    Args:
        headers: as they stand in the file.
        platform: whose vocabulary comes first; the generic one fills what it does not know.
        answers: the reader's own mapping, header to field or None.
        same: whether two columns hold the same cells (then there is nothing to ask).
        normal: the headers made comparable, where ``headers`` number the repeated ones.

    Raises:
        IntakeError: an answer names a column or a field that does not exist.
    """
    texts = normal if normal is not None else [normalise(h) for h in headers]
    columns = [_column(i, h, texts[i], platform) for i, h in enumerate(headers)]
    mapped = Mapped(columns)
    _answer(mapped, dict(answers or {}), platform)
    _assign_roles(mapped)
    _assign_sums(mapped)
    for name in _field_order(columns):
        _assign_field(mapped, name, same)
    if platform.kind == "spend" and platform.key != "generic":
        _fill_from_generic(mapped, same)
    for name in _DEFINED:
        _one_definition(mapped, name, platform.alternatives.get(name, ()))
    for column in columns:
        if not column.role and is_derived(column.normal):
            column.role, column.field = "derived", "other"
    return mapped


def _column(index: int, header: str, normal: str, platform: Platform) -> Column:
    roles, found = platform.roles(normal)
    peeled = peel(normal)
    return Column(index, header, normal, roles, found, currency=peeled[1] if peeled else None)


def _answer(mapped: Mapped, answers: dict[str, str | None], platform: Platform) -> None:
    wanted = mappable_fields(platform.kind)
    for header, name in answers.items():
        column = next((c for c in mapped.columns if c.header == header), None)
        column = column or next((c for c in mapped.columns if c.normal == normalise(header)), None)
        if column is None:
            shown = ", ".join(c.header for c in mapped.columns)
            raise IntakeError("intake.unknown_column", header=header, headers=shown)
        if name is not None and name not in wanted:
            raise IntakeError("intake.unknown_field", field=name, wanted=", ".join(wanted))
        column.found, column.roles = "answer", ()
        column.role, column.field = ("field", name) if name else ("unused", "")
    taken = {name for name in answers.values() if name}
    for column in mapped.columns:
        column.roles = tuple(
            r for r in column.roles if r.role not in ("field", "sum") or r.field not in taken
        )


def _assign_roles(mapped: Mapped) -> None:
    """Columns whose only meaning is not a field."""
    for column in mapped.columns:
        if column.role or not column.roles or any(r.role in ("field", "sum") for r in column.roles):
            continue
        first = column.roles[0]
        column.role, column.field = first.role, first.field


def _assign_sums(mapped: Mapped) -> None:
    for column in mapped.columns:
        role = next((r for r in column.roles if r.role == "sum"), None)
        if column.role or role is None:
            continue
        rival = next((c for c in mapped.terms(role.field) if c.addend == role.addend), None)
        if rival:
            params = {"field": role.field, "headers": f"{rival.header}, {column.header}"}
            mapped.findings.append(Finding("question", "intake.two_columns", params))
            column.role = "unused"
            continue
        column.role, column.field, column.addend = "sum", role.field, role.addend
    for name in {c.field for c in mapped.with_role("sum")}:
        terms = mapped.terms(name)
        if len(terms) > 1:
            shown = " + ".join(c.header.strip() for c in terms)
            mapped.findings.append(Finding("info", f"intake.{name}_summed", {"headers": shown}))


def _field_order(columns: Sequence[Column]) -> list[str]:
    """Fields offered by the headers; wide levels first, so that a shared header goes to them."""
    first = ["day", "day_end", "created_at", "campaign", "ad_group", "ad"]
    offered = {r.field: None for c in columns for r in c.roles if r.role == "field"}
    return [f for f in first if f in offered] + [f for f in offered if f not in first]


def _assign_field(mapped: Mapped, name: str, same: Callable[[int, int], bool]) -> None:
    if mapped.of(name) or mapped.terms(name):
        return
    offers = [
        (r.tier, c)
        for c in mapped.columns
        if not c.role
        for r in c.roles
        if r.role == "field" and r.field == name
    ]
    if not offers:
        return
    best = min(tier for tier, _ in offers)
    rivals = [c for tier, c in offers if tier == best]
    exact = [c for c in rivals if c.found == "exact"]
    chosen = (exact or rivals)[0]
    chosen.role, chosen.field = "field", name
    others = [c for c in rivals if c is not chosen and not same(c.index, chosen.index)]
    for column in rivals:
        if column is not chosen and not any(r.field != name for r in column.roles):
            column.role = "unused"
    if others and name not in _QUIET:
        mapped.rivals[name] = [chosen, *others]
        shown = ", ".join(c.header.strip() for c in [chosen, *others])
        mapped.findings.append(Finding("question", "intake.two_columns", {"field": name, "headers": shown}))
        for column in others:
            column.role = column.role or "unused"


def _one_definition(mapped: Mapped, name: str, others: Sequence[str]) -> None:
    """Columns that count the same on another window or basis are parts, and the reader is told."""
    used = mapped.terms(name) or [c for c in [mapped.of(name)] if c]
    if not used:
        return
    left = [
        c
        for c in mapped.columns
        if not c.role and c.roles and all(r.role == "field" and r.field == name for r in c.roles)
    ]
    for column in left:
        column.role = "part"
    left = [c for c in mapped.columns if c in left or (c.role == "part" and c.normal in others)]
    left = [c for c in left if not any(word in c.normal for word in CLOCKS)]
    if left:
        shown = (", ".join(c.header.strip() for c in columns) for columns in (used, left))
        params = dict(zip(("used", "others"), shown, strict=True)) | {"field": name}
        mapped.findings.append(Finding("info", "intake.one_definition", params))


def _fill_from_generic(mapped: Mapped, same: Callable[[int, int], bool]) -> None:
    """Names the platform's vocabulary lacks, from the generic one; money only when it has none."""
    generic = platforms()["generic"]
    touched = []
    for column in mapped.columns:
        if column.role or column.found or is_derived(column.normal):
            continue
        roles, found = generic.roles(column.normal)
        if found:
            column.roles, column.found = tuple(replace(r) for r in roles), "alias"
            touched.append(column)
    _assign_roles(mapped)
    for name in _field_order(touched):
        if name != "channel" and not (name in METRICS and mapped.terms(name)):
            _assign_field(mapped, name, same)
    for column in touched:
        column.role = column.role or "unused"

"""Which argument of the command line answers which question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_MAP: Final = "--map 'HEADER={field}'"
_UNIT: Final = "--map '{column}=spend_micros' (or spend_cents, or spend)"
_TOTALS: Final = "--totals leave_out (or keep)"
_ACCOUNT: Final = "--account NAME"

#: Question or refusal → the argument that answers it; {…} are filled from its params.
ARGUMENTS: Final[dict[str, str]] = {
    "intake.which_spend": _MAP.format(field="spend"),
    "intake.channel_columns": "--map '{column}=spend'",
    "intake.only_outcomes": "--kind overall, or " + _MAP.format(field="spend"),
    "intake.none_usable": _MAP.format(field="day") + " or --date-order dmy (or mdy)",
    "intake.no_result": _MAP.format(field="revenue"),
    "intake.which_day": _MAP.format(field="day") + " or --period 2026-03-01/2026-03-31",
    "intake.which_year": "--period 2026-03-01/2026-03-31",
    "intake.which_created": _MAP.format(field="created_at"),
    "intake.which_moment": _MAP.format(field="at"),
    "intake.which_person": _MAP.format(field="lead_id"),
    "intake.which_variant": _MAP.format(field="variant"),
    "intake.no_outcome": _MAP.format(field="leads"),
    "intake.which_kind": "--kind variants (or spend, or leads)",
    "intake.taken_as_geo": "--kind spend",
    "intake.test_name": "--experiment NAME",
    "intake.no_sessions": _MAP.format(field="sessions"),
    "intake.two_columns": _MAP,
    "intake.which_currency": "--currency USD",
    "intake.mixed_currency": "--currency USD",
    "intake.date_order": "--date-order dmy (or mdy)",
    "intake.date_clash": "--date-order dmy (or mdy)",
    "intake.decimal_mark": "--decimal-mark . (or ,)",
    "intake.which_period": "--period 2026-03-01/2026-03-31",
    "intake.which_channel": "--channel NAME",
    "intake.spend_in_micros": _UNIT,
    "intake.spend_in_cents": _UNIT,
    "intake.spend_unit": _UNIT,
    "intake.odd_click_price": _UNIT,
    "intake.odd_view_price": _UNIT,
    "intake.maybe_total": _TOTALS,
    "intake.total_not_confirmed": _TOTALS,
    "intake.future_days": "--date-order dmy (or mdy), or --accept intake.future_days",
    "intake.mostly_negative": "--accept intake.mostly_negative",
    "intake.other_tables": "--table NAME",
    "intake.no_such_table": "--table NAME",
    "ledger.same_account": _ACCOUNT,
    "ledger.unlike_files": _ACCOUNT,
    "ledger.days_disagree": _ACCOUNT,
    "ledger.overall_disagree": _ACCOUNT,
    "ledger.same_money": "channelopt accounts --names {channel} {one} {other} --same, or --different instead",
    "ledger.partial": "--accept-partial",
    "ledger.kept_fuller": "--prefer",
    "ledger.test_kept_fuller": "--prefer",
    "ledger.test_by_person": "--prefer",
    "ledger.test_by_day": "--prefer",
    "ledger.no_rate": "channelopt rates --set {currency}=RATE",
}


def hint(code: str, params: Mapping[str, Any]) -> str | None:
    """The argument that answers a question, ready to type; None where no argument does."""
    text = ARGUMENTS.get(code)
    if text is None:
        return None
    column = str(params.get("column") or "")
    safe = column if column and not set(column) & set("'\n\r") else "HEADER"
    known = {"column": safe, "field": params.get("field", "FIELD"), "currency": params.get("currency", "USD")}
    known |= {name: repr(str(params[name])) for name in ("channel", "one", "other") if name in params}
    for name, value in known.items():
        text = text.replace("{" + name + "}", str(value))
    return text

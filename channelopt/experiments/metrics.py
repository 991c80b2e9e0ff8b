"""What an experiment may be judged by: a ratio of two counted or paid things, and which way is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from channelopt.errors import InputError


@dataclass(frozen=True)
class Metric:
    """A ratio of sums.

    Attributes:
        name: as in the glossary.
        numerator: column of the day rows.
        denominator: column of the day rows.
        lower_is_better: a cost.
        events: the rarer count that limits what can be seen, a column.
        orders: judged by money of orders: waits until there are enough of them.
    """

    name: str
    numerator: str
    denominator: str
    lower_is_better: bool
    events: str
    orders: bool = False

    @property
    def share(self) -> bool:
        """A share of people, views or clicks: what is counted above can be no more than what is below."""
        return (self.numerator, self.denominator) in _SHARES


_SHARES: Final = (
    ("leads", "clicks"),
    ("clicks", "impressions"),
    ("leads", "people"),
    ("customers", "people"),
)
METRICS: Final[dict[str, Metric]] = {
    one.name: one
    for one in (
        Metric("cpl", "spend", "leads", True, "leads"),
        Metric("cvr", "leads", "clicks", False, "leads"),
        Metric("ctr", "clicks", "impressions", False, "clicks"),
        Metric("cpc", "spend", "clicks", True, "clicks"),
        Metric("cpvl", "spend", "valid_leads", True, "valid_leads"),
        Metric("cac", "spend", "customers", True, "customers", True),
        Metric("roas", "revenue", "spend", False, "customers", True),
        Metric("lead_rate", "leads", "people", False, "leads"),
        Metric("order_rate", "customers", "people", False, "customers"),
        Metric("revenue_per_person", "revenue", "people", False, "customers", True),
    )
}


def metric_of(name: str) -> Metric:
    """The metric of a name.

    Raises:
        InputError: ``common.bad_setting``.
    """
    if name not in METRICS:
        raise InputError("common.bad_setting", name="metric", value=name, wanted=", ".join(METRICS))
    return METRICS[name]

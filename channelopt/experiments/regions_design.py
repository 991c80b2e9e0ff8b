"""Plan a geo test: which regions get the change, for how long, what it costs and what it can see.

The regions are drawn (``regions_draw``), the method and the power come from the history itself
(``regions_power``). The plan keeps every split the draw could have given: they are the placebos of the
analysis, so the p-value is that of the draw. Verdict once, at the planned end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from channelopt.errors import Finding, InputError
from channelopt.experiments.placebo import least_p
from channelopt.experiments.regions_draw import draw, least_regions, treated_of
from channelopt.experiments.regions_panel import Flags, Panel, blocks, panel_of
from channelopt.experiments.regions_power import History, Method, best_method, windows
from channelopt.experiments.stored import findings_from, findings_to

#: A region with more than this share of the outcome decides alone.
BIG = 0.3
REASONS = ("no_outcome", "few_days", "gone")
_METHODS = ("did", "synthetic")


@dataclass(frozen=True)
class RegionPlan:
    """What was promised before the test.

    Attributes:
        outcome: column that is judged, a total such as leads, customers or revenue.
        spend_column: column of the spend that is changed.
        treated: regions that get the change; empty where there are too few to split.
        control: regions that stay as they are.
        excluded: regions left out, each with one of ``REASONS``.
        days: planned length.
        change: planned relative change of the treated regions' spend, -1 is off.
        smallest: smallest relative effect on the outcome worth acting on.
        mde: smallest relative effect found with ``power`` (in the direction of ``change``); NaN when the
            history is too short to say, or no effect is found so often.
        chance: chance to find ``smallest``; NaN when the history is too short to say.
        curve: (effect, chance to find it), effects signed as ``change``; empty when not known.
        alpha: error of the verdict.
        power: asked for.
        cost: extra spend of the test, below 0 where spend is cut; NaN without spend in the history.
        value_per_unit: money that one unit of the outcome is worth; 0 when unknown.
        method: of the verdict, "did" or "synthetic".
        base_days: days before the start that give each region's level.
        ridge: penalty of the synthetic control.
        splits: splits the draw could have given, as bits over ``regions``, the drawn one among them.
        seed: of the draw.
        history_start: first day the plan rests on; None without any.
        history_end: the last one.
        findings: what is doubtful about the plan.
    """

    outcome: str
    spend_column: str
    treated: tuple[str, ...]
    control: tuple[str, ...]
    excluded: tuple[tuple[str, str], ...]
    days: int
    change: float
    smallest: float
    mde: float
    chance: float
    curve: tuple[tuple[float, float], ...]
    alpha: float
    power: float
    cost: float
    value_per_unit: float
    method: str
    base_days: int
    ridge: float
    splits: tuple[int, ...]
    seed: int
    history_start: pd.Timestamp | None = None
    history_end: pd.Timestamp | None = None
    findings: tuple[Finding, ...] = field(default=())

    def __post_init__(self) -> None:
        _refuse(self.days, self.smallest, self.alpha, self.power, self.change)
        named = len({*self.treated, *self.control}) == len(self.treated) + len(self.control)
        own = sum(1 << i for i, name in enumerate(self.regions) if name in self.treated)
        if not named or self.method not in _METHODS or (self.treated and own not in self.splits):
            wanted = "each region once, and the drawn split among the splits"
            raise InputError("common.bad_setting", name="plan", value=self.method, wanted=wanted)

    @property
    def regions(self) -> tuple[str, ...]:
        """All regions of the test, sorted."""
        return tuple(sorted((*self.treated, *self.control)))

    @property
    def masks(self) -> Flags:
        """The splits, shape (splits, regions), True where treated."""
        bits = [[split >> i & 1 for i in range(len(self.regions))] for split in self.splits]
        return np.array(bits, dtype=bool).reshape(len(self.splits), len(self.regions))

    @property
    def power_curve(self) -> pd.DataFrame:
        """Relative effect against the chance to find it: columns effect, power."""
        return pd.DataFrame(self.curve, columns=["effect", "power"], dtype="float64")

    def to_settings(self) -> dict[str, Any]:
        """The plan as plain JSON values; unknown numbers are None."""
        out = {k: v for k, v in asdict(self).items() if k not in ("findings", "splits")}
        out |= {k: None if math.isnan(out[k]) else out[k] for k in ("mde", "chance", "cost")}
        out |= {k: list(out[k]) for k in ("treated", "control")}
        out |= {k: [list(pair) for pair in out[k]] for k in ("excluded", "curve")}
        for k in ("history_start", "history_end"):
            out[k] = None if out[k] is None else out[k].date().isoformat()
        return {**out, "splits": [f"{s:x}" for s in self.splits], "findings": findings_to(self.findings)}

    @staticmethod
    def from_settings(settings: Mapping[str, Any]) -> RegionPlan:
        """The plan that was written down.

        Raises:
            InputError: ``common.bad_setting`` for values no plan has.
        """
        given = dict(settings)
        try:
            given |= {
                k: float("nan") if given[k] is None else float(given[k]) for k in ("mde", "chance", "cost")
            }
            given |= {k: tuple(given[k]) for k in ("treated", "control")}
            given |= {k: tuple(tuple(pair) for pair in given[k]) for k in ("excluded", "curve")}
            for k in ("history_start", "history_end"):
                given[k] = None if given[k] is None else pd.Timestamp(given[k])
            given["splits"] = tuple(int(s, 16) for s in given["splits"])
            given["findings"] = findings_from(given["findings"])
            return RegionPlan(**given)
        except (KeyError, TypeError, ValueError) as err:
            raise InputError(
                "common.bad_setting", name="plan", value=str(err), wanted="a stored plan"
            ) from err


def _refuse(days: int, smallest: float, alpha: float, power: float, change: float) -> None:
    checks = (
        ("days", days, days >= 1, "at least 1"),
        ("smallest", smallest, 0 < smallest < 1, "between 0 and 1"),
        ("alpha", alpha, 0 < alpha < 0.5, "between 0 and 0.5"),
        ("power", power, 0 < power < 1, "between 0 and 1"),
        ("change", change, -1 <= change < math.inf and change != 0, "-1 or more, and not 0"),
    )
    for name, value, fine, wanted in checks:
        if not fine:
            raise InputError("common.bad_setting", name=name, value=value, wanted=wanted)


def plan_regions(
    history: pd.DataFrame,
    outcome: str,
    *,
    smallest: float,
    spend_column: str = "spend",
    share: float = 0.5,
    n_treated: int | None = None,
    days: int = 28,
    alpha: float = 0.05,
    power: float = 0.8,
    change: float = 0.5,
    value_per_unit: float = 0.0,
    seed: int = 2026,
) -> RegionPlan:
    """Plan a test of a change of spend in some regions.

    Args:
        history: columns day, region, the outcome, and the spend to be changed (may be missing); daily or
            weekly rows. No row counts as nothing, a row without a value as unknown.
        outcome: column of a total (leads, customers, revenue).
        smallest: smallest relative effect on the outcome worth acting on, such as 0.05.
        spend_column: column of the spend that will be changed.
        share: share of the regions to treat.
        n_treated: number of regions to treat instead.
        days: length of the test.
        alpha: chance of a false winner or loser.
        power: chance to find ``smallest`` that is wanted.
        change: relative change of the treated regions' spend: 0.5 is up by half, -1 is off.
        value_per_unit: money that one unit of the outcome is worth (1 for revenue); 0 when unknown.
        seed: of the draw.

    Returns:
        A plan in any case: too few regions or too short a history are findings.

    Raises:
        InputError: ``common.bad_setting`` for settings no test can have.
        ExperimentError: ``experiments.no_column`` when day, region or the outcome is missing.
    """
    _refuse(days, smallest, alpha, power, change)
    if not 0 < share < 1 or (n_treated is not None and n_treated < 1) or not 0 <= value_per_unit < math.inf:
        wanted = "a share between 0 and 1, at least one region, a value of 0 or more"
        raise InputError("common.bad_setting", name="share", value=n_treated or share, wanted=wanted)
    whole = panel_of(history, outcome, spend_column)
    rows = max(1, round(days / whole.step))
    kept, excluded = _eligible(whole, rows)
    panel, k = whole.only(kept), treated_of(int(kept.sum()), share, n_treated)
    masks, mine, method, tried = _drawn(panel, k, rows, seed)
    sign = math.copysign(1.0, change)
    figures = _figures(tried, sign, smallest, alpha, power)
    findings = (
        *_told(panel, excluded, mine, days, change),
        *_few(len(panel.regions), masks, share, n_treated, alpha),
        *_unseen(figures, days, smallest, power, len(panel.days) * panel.step),
    )
    return RegionPlan(
        outcome, spend_column, _names(panel, mine), _names(panel, ~mine), excluded, days, change, smallest,
        figures[0], figures[1], figures[2], alpha, power, _cost(panel, mine, rows, days, change),
        value_per_unit, method.name, method.base_rows * panel.step, method.ridge,
        tuple(_bits(mask) for mask in masks), seed,
        panel.days[0] if len(panel.days) else None, panel.days[-1] if len(panel.days) else None, findings,
    )  # fmt: skip


def _drawn(panel: Panel, k: int, rows: int, seed: int) -> tuple[Flags, Flags, Method, History | None]:
    """The splits, the drawn one, the method, the history to try effects on; empty without two sides."""
    n = len(panel.regions)
    if not 0 < k < n:
        nobody = np.zeros(n, dtype=bool)
        return np.zeros((0, n), dtype=bool), nobody, Method("did", rows, 0.0, float("nan")), None
    masks, own = draw(blocks(panel.outcome, panel.step), k, seed)
    parts = windows(panel.outcome, rows, k, panel.step, seed)
    method = best_method(parts, rows, len(panel.days), panel.step)
    return masks, masks[own], method, History(parts, method, panel.step)


def _eligible(panel: Panel, rows: int) -> tuple[Flags, tuple[tuple[str, str], ...]]:
    """Regions with enough to go by, and why the others have not."""
    seen, recent = panel.seen, panel.seen[-rows:]
    excluded = []
    kept = np.zeros(len(panel.regions), dtype=bool)
    for i, name in enumerate(panel.regions):
        if not recent[:, i].any():
            excluded.append((name, "gone"))
        elif not (panel.outcome[:, i].sum() > 0 and panel.outcome[-rows:, i].sum() > 0):
            excluded.append((name, "no_outcome"))
        elif min(seen[:, i].mean(), recent[:, i].mean()) < 0.5:
            excluded.append((name, "few_days"))
        else:
            kept[i] = True
    return kept, tuple(excluded)


def _figures(
    tried: History | None, sign: float, smallest: float, alpha: float, power: float
) -> tuple[float, float, tuple[tuple[float, float], ...]]:
    """MDE, chance to find the smallest effect, and the curve."""
    chance = tried.power(sign * smallest, alpha) if tried else float("nan")
    if tried is None or math.isnan(chance):
        return float("nan"), float("nan"), ()
    grid = sign * np.linspace(0, min(2 * smallest, 0.999 if sign < 0 else math.inf), 11)
    curve = tuple((float(e), tried.power(float(e), alpha)) for e in grid)
    return tried.mde(sign, alpha, power), chance, curve


def _told(
    panel: Panel, excluded: tuple[tuple[str, str], ...], mine: Flags, days: int, change: float
) -> list[Finding]:
    """What is doubtful about the regions."""
    found = []
    for reason in REASONS:
        names = [name for name, why in excluded if why == reason]
        if names:
            told = {"names": ", ".join(names), "n": len(names)}
            found.append(Finding("info", f"experiments.region_{reason}", told))
    total = panel.outcome.sum(axis=0)
    if len(total) and total.sum() > 0 and total.max() > BIG * total.sum():
        told = {"name": panel.regions[int(total.argmax())], "share": float(total.max() / total.sum())}
        found.append(Finding("warning", "experiments.region_big", told))
    if mine.any() and not np.nansum(panel.spend[:, mine]) > 0:
        found.append(Finding("warning", "experiments.region_no_spend"))
    if panel.unknown:
        found.append(Finding("info", "experiments.region_unknown", {"n": panel.unknown}))
    if days < 14:
        found.append(Finding("warning", "experiments.short_plan", {"days": days}))
    return found


def _few(n: int, masks: Flags, share: float, n_treated: int | None, alpha: float) -> list[Finding]:
    if len(masks) and least_p(len(masks), bool(2 * masks[0].sum() == n)) <= alpha:
        return []
    need = least_regions(share, n_treated, alpha)
    return [Finding("error", "experiments.region_few", {"have": n, "need": need})]


def _unseen(
    figures: tuple[float, float, Any], days: int, smallest: float, power: float, have: int
) -> list[Finding]:
    mde, chance, _ = figures
    if math.isnan(chance):
        return [Finding("warning", "experiments.region_history", {"have": have, "need": 2 * days})]
    if chance < power:
        told = {"days": days, "smallest": smallest, "mde": mde, "power": chance}
        return [Finding("warning", "experiments.cannot_see", told)]
    return []


def _cost(panel: Panel, mine: Flags, rows: int, days: int, change: float) -> float:
    """The treated regions' spend of the last planned length, scaled to the days, times the change."""
    spend = panel.spend[-rows:, mine]
    if not spend.size or np.isnan(spend).any():
        return float("nan")
    return float(spend.sum() / (len(spend) * panel.step) * days * change)


def _names(panel: Panel, mask: Flags) -> tuple[str, ...]:
    return tuple(name for name, inside in zip(panel.regions, mask, strict=True) if inside)


def _bits(mask: Flags) -> int:
    return sum(1 << i for i in np.flatnonzero(mask).tolist())

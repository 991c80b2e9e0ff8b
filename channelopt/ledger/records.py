"""Spend of record: for each channel, account and day, which import counts.

The choice depends on the set of imports in use, never on their order, so that the same
files give the same totals however they came in. Per cell (kind, channel, account, day),
the import that is highest in this ranking counts; the others stay as detail and never add:

1. usable: its rows explain the file's own total, or the user accepted it as partial;
2. preferred by the user, explicitly;
3. full: at least ``FULL`` of the largest usable spend in the cell, so that a filtered
   export never wins silently (overall results may fall by refunds: there the newest wins);
4. newest by the file's own evidence (when it was made, else its last day), then the larger
   count of leads and customers (they only grow), then the larger spend;
5. the finest level, then the hash of the file.

Sums over a period (day_end after day) count only where no daily import covers any day of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.ledger.accounts import Answers, name_accounts, unlike_files

FULL = 0.98
#: The channel that overall results stand under.
OVERALL = "overall"
LEVELS = {"account": 0, "campaign": 1, "ad_group": 2, "ad": 3}
CELL = ["kind", "channel", "account", "day", "day_end"]
RECORD = [*CELL, "import_id", "account_in_file"]


@dataclass(frozen=True)
class Chosen:
    """What counts, and what is doubtful about it.

    Attributes:
        records: kind, channel, account, day, day_end, import_id, account_in_file.
        findings: open questions and things kept or hidden.
    """

    records: pd.DataFrame
    findings: tuple[Finding, ...]


def choose(
    cells: pd.DataFrame,
    imports: pd.DataFrame,
    campaigns: pd.DataFrame,
    explained: float,
    answers: Answers,
) -> Chosen:
    """Choose the import of record of every cell.

    Args:
        cells: import_id, kind, channel, account, day, day_end, spend (of overall results, whose kind names
            the measure, its amount), outcomes, sessions.
        imports: import_id, name, sha256, evidence, level, explained, partial_ok, preferred;
            only those in use.
        campaigns: import_id, channel, campaign; which campaigns a file names.
        explained: share of its own total a file must explain.
        answers: what the user said about pairs of account names.
    """
    if cells.empty or imports.empty:
        return Chosen(pd.DataFrame(columns=RECORD), ())
    usable = imports["explained"].isna() | (imports["explained"] >= explained) | imports["partial_ok"]
    merged = cells.merge(imports[usable], on="import_id", how="inner")
    if merged.empty:
        return Chosen(pd.DataFrame(columns=RECORD), ())
    findings: list[Finding] = []
    merged = name_accounts(merged, answers, findings)
    sources = merged[[*CELL, "import_id", "account_in_file"]]
    ranked = _ranked(_one_per_import(merged))
    daily = ranked[ranked["day"] == ranked["day_end"]]
    best = daily.drop_duplicates(CELL, keep="first")
    findings += _kept_fuller(daily, best)
    findings += unlike_files(daily, best, campaigns)
    periods = _periods(ranked[ranked["day"] != ranked["day_end"]], best, findings)
    chosen = pd.concat([best, periods], ignore_index=True)[[*CELL, "import_id"]]
    records = chosen.merge(sources, on=[*CELL, "import_id"], how="left")[RECORD]
    return Chosen(records, tuple(_once(findings)))


def _once(findings: list[Finding]) -> list[Finding]:
    """Findings of overall results once, not for every measure; the amounts are those of the first."""
    kept: dict[tuple[object, ...], Finding] = {}
    for at, one in enumerate(findings):
        names = tuple(one.params.get(name) for name in ("name", "other", "first", "last"))
        overall = one.params.get("channel") == OVERALL
        kept.setdefault((one.code, *names) if overall else (at,), one)
    return list(kept.values())


def _one_per_import(cells: pd.DataFrame) -> pd.DataFrame:
    """One line per import and cell: rows that one file names and does not name are its parts, and add up."""
    key = [*CELL, "import_id"]
    if not cells.duplicated(key).any():
        return cells
    sums = ["spend", "outcomes", "sessions"]
    parts = cells.groupby(key, sort=False)
    totals = parts[sums].sum(min_count=1).reset_index()
    rest = cells.sort_values("account_in_file").drop_duplicates(key).drop(columns=sums)
    return rest.merge(totals, on=key)


def _ranked(cells: pd.DataFrame) -> pd.DataFrame:
    size = cells["spend"].where(cells["kind"] != "site", cells["sessions"]).fillna(0.0)
    size = size.round(4)  # equal money must rank as equal, in whatever order it was added up
    usual = size.groupby([cells[c] for c in CELL]).transform("max")
    ranked = cells.assign(
        size=size,
        full=(size >= FULL * usual - 1e-9) | cells["kind"].str.startswith("overall"),
        depth=cells["level"].map(LEVELS).fillna(0),
    )
    order = ["preferred", "full", "evidence", "outcomes", "size", "depth", "sha256"]
    ranked["outcomes"] = ranked["outcomes"].fillna(0.0)
    return ranked.sort_values([*CELL, *order], ascending=[True] * len(CELL) + [False] * len(order))


def _kept_fuller(daily: pd.DataFrame, best: pd.DataFrame) -> list[Finding]:
    """Newer files that do not count because they hold clearly less than an older one."""
    both = daily.merge(
        best[[*CELL, "import_id", "name", "size", "evidence"]], on=CELL, suffixes=("", "_best")
    )
    newer = both[~both["full"] & (both["evidence"] > both["evidence_best"]) & ~both["preferred"]]
    found = []
    for (channel, name, kept), part in newer.groupby(["channel", "name", "name_best"], sort=True):
        params = {"channel": channel, "name": name, "kept": kept, "days": len(part)}
        params |= {"newer": float(part["size"].sum()), "older": float(part["size_best"].sum())}
        found.append(Finding("warning", "ledger.kept_fuller", params))
    return found


def _periods(periods: pd.DataFrame, best: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """Sums over several days that nothing daily covers; of overlapping ones the highest ranked."""
    if periods.empty:
        return periods
    covered = {key: set(d) for key, d in best.groupby(["kind", "channel", "account"])["day"]}
    order = ["preferred", "full", "evidence", "outcomes", "size", "depth", "sha256", "day"]
    keep = []
    for row in periods.sort_values(order, ascending=False).itertuples():
        key = (row.kind, row.channel, row.account)
        days = set(pd.date_range(row.day, row.day_end, freq="D"))
        taken = covered.setdefault(key, set())
        if days & taken:
            params = {"channel": row.channel, "name": row.name, "spend": float(np.nan_to_num(row.spend))}
            params |= {"first": row.day.date(), "last": row.day_end.date()}
            findings.append(Finding("warning", "ledger.period_hidden", params))
            continue
        covered[key] = taken | days
        keep.append(row.Index)
    return periods.loc[keep]

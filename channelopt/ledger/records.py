"""Spend of record: for each channel, account and day, which import counts.

The choice depends on the set of imports in use, never on their order, so that the same
files give the same totals however they came in. Per cell (kind, channel, account, day),
the import that is highest in this ranking counts; the others stay as detail and never add:

1. usable: its rows explain the file's own total, or the user accepted it as partial;
2. preferred by the user, explicitly;
3. full: at least ``FULL`` of the largest usable spend in the cell, so that a filtered
   export never wins silently;
4. newest by the file's own evidence (when it was made, else its last day), then the larger
   count of leads and customers (they only grow), then the larger spend;
5. the finest level, then the hash of the file.

Sums over a period (day_end after day) count only where no daily import covers any day of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from channelopt.errors import Finding

FULL = 0.98
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


def choose(cells: pd.DataFrame, imports: pd.DataFrame, campaigns: pd.DataFrame, explained: float) -> Chosen:
    """Choose the import of record of every cell.

    Args:
        cells: import_id, kind, channel, account, day, day_end, spend, outcomes, sessions.
        imports: import_id, name, sha256, evidence, level, explained, partial_ok, preferred;
            only those in use.
        campaigns: import_id, channel, campaign; which campaigns a file names.
        explained: share of its own total a file must explain.
    """
    if cells.empty or imports.empty:
        return Chosen(pd.DataFrame(columns=RECORD), ())
    usable = imports["explained"].isna() | (imports["explained"] >= explained) | imports["partial_ok"]
    merged = cells.merge(imports[usable], on="import_id", how="inner")
    if merged.empty:
        return Chosen(pd.DataFrame(columns=RECORD), ())
    findings: list[Finding] = []
    merged = _name_accounts(merged, findings)
    sources = merged[[*CELL, "import_id", "account_in_file"]]
    ranked = _ranked(_one_per_import(merged))
    daily = ranked[ranked["day"] == ranked["day_end"]]
    best = daily.drop_duplicates(CELL, keep="first")
    findings += _kept_fuller(daily, best)
    findings += _unlike(daily, best, campaigns)
    periods = _periods(ranked[ranked["day"] != ranked["day_end"]], best, findings)
    chosen = pd.concat([best, periods], ignore_index=True)[[*CELL, "import_id"]]
    records = chosen.merge(sources, on=[*CELL, "import_id"], how="left")[RECORD]
    return Chosen(records, tuple(findings))


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


def _days(cells: pd.DataFrame) -> list[set[pd.Timestamp]]:
    """The days each cell speaks of; more than one for a sum over a period."""
    spans = zip(cells["day"], cells["day_end"], strict=True)
    return [{first} if first == last else set(pd.date_range(first, last)) for first, last in spans]


def _name_accounts(cells: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """Give unnamed accounts the only name there is; set aside what could be counted twice."""
    cells = cells.assign(account_in_file=cells["account"])
    pieces = []
    for (_, channel), part in cells.groupby(["kind", "channel"], sort=True):
        named = sorted(a for a in part["account"].unique() if a)
        if len(named) == 1:
            part = part.assign(account=named[0])
        elif len(named) > 1:
            taken = set().union(*_days(part[part["account"] != ""]))
            clash = (part["account"] == "") & np.array([bool(days & taken) for days in _days(part)])
            for name, days in part[clash].groupby("name")["day"]:
                findings.append(
                    Finding(
                        "question",
                        "ledger.same_account",
                        {
                            "channel": channel,
                            "name": name,
                            "accounts": ", ".join(named),
                            "days": days.nunique(),
                        },
                    )
                )
            part = part[~clash]
        pieces.append(part)
    return pd.concat(pieces, ignore_index=True)


def _ranked(cells: pd.DataFrame) -> pd.DataFrame:
    size = cells["spend"].where(cells["kind"] == "spend", cells["sessions"]).fillna(0.0)
    size = size.round(4)  # equal money must rank as equal, in whatever order it was added up
    usual = size.groupby([cells[c] for c in CELL]).transform("max")
    ranked = cells.assign(
        size=size, full=size >= FULL * usual - 1e-9, depth=cells["level"].map(LEVELS).fillna(0)
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


def _unlike(daily: pd.DataFrame, best: pd.DataFrame, campaigns: pd.DataFrame) -> list[Finding]:
    """Two files without an account name, the same days, and no campaign in common."""
    sets = {
        (i, c): set(part) - {""} for (i, c), part in campaigns.groupby(["import_id", "channel"])["campaign"]
    }
    unnamed = daily[(daily["account_in_file"] == "") & (daily["kind"] == "spend")]
    found = []
    for channel, part in unnamed.groupby("channel", sort=True):
        files = part[["import_id", "name", "sha256"]].drop_duplicates().sort_values(["name", "sha256"])
        names = dict(zip(files["import_id"], files["name"], strict=True))
        days = {i: set(d) for i, d in part.groupby("import_id")["day"]}
        won = best[best["channel"] == channel]["import_id"].value_counts()
        for one, two in combinations(names, 2):
            first, second = sets.get((one, channel), set()), sets.get((two, channel), set())
            if not (days[one] & days[two] and first and second) or first & second:
                continue
            kept = one if won.get(one, 0) >= won.get(two, 0) else two
            params = {"channel": channel, "name": names[one], "other": names[two], "kept": names[kept]}
            found.append(Finding("question", "ledger.unlike_files", params))
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

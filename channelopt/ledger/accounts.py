"""Which account a row's money belongs to: one account under two names, and money of nobody's account."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from channelopt.errors import Finding

#: Figures of two accounts this near, on most of the days they share, are the same money.
NEAR = 0.005
MOST = 0.8
ENOUGH = 3
#: Fewer figures than that must be the same to the last cent.
EXACT = 1e-5
#: Versions of one account's day differ by corrections; more than this is another account or another cut.
UNLIKE = 0.05
#: Overall results fall by refunds between two reports of a day.
REFUNDS = 0.3

#: (channel, one name, other name), names in order → True for one account, False for two.
Answers = Mapping[tuple[str, str, str], bool]


def name_accounts(cells: pd.DataFrame, answers: Answers, findings: list[Finding]) -> pd.DataFrame:
    """Say of every cell whose money it is; money that could count twice is asked about and counts once.

    Args:
        cells: import_id, name, kind, channel, account, day, day_end, spend, and more.
        answers: what the user said about pairs of account names.
        findings: gets ``ledger.same_money`` and ``ledger.same_account``.

    Returns:
        The cells that may count; ``account`` is whose money it is, ``account_in_file`` what the
        file calls it.
    """
    cells = cells.assign(account_in_file=cells["account"])
    pieces = []
    for channel, part in cells.groupby("channel", sort=True):
        alias = _aliases(str(channel), part, answers, findings)
        part = part.assign(account=part["account"].map(lambda a, alias=alias: alias.get(a, a)))
        pieces += [_unnamed(str(channel), one, findings) for _, one in part.groupby("kind", sort=True)]
    return pd.concat(pieces, ignore_index=True)


def _unnamed(channel: str, part: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """Give unnamed money the only account there is; set aside what could be any of several."""
    named = sorted(a for a in part["account"].unique() if a)
    if len(named) == 1:
        return part.assign(account=named[0])
    if len(named) < 2:
        return part
    taken = set().union(*days_of(part[part["account"] != ""]))
    clash = (part["account"] == "") & np.array([bool(days & taken) for days in days_of(part)])
    for name, days in part[clash].groupby("name")["day"]:
        params = {"channel": channel, "name": name, "accounts": ", ".join(named), "days": days.nunique()}
        findings.append(Finding("question", "ledger.same_account", params))
    return part[~clash]


def days_of(cells: pd.DataFrame) -> list[set[pd.Timestamp]]:
    """The days each cell speaks of; more than one for a sum over a period."""
    spans = zip(cells["day"], cells["day_end"], strict=True)
    return [{first} if first == last else set(pd.date_range(first, last)) for first, last in spans]


def _aliases(channel: str, part: pd.DataFrame, answers: Answers, findings: list[Finding]) -> dict[str, str]:
    """Every account name → the one name its account goes by."""
    names = sorted(a for a in part["account"].unique() if a)
    if len(names) < 2:
        return {}
    group = {name: {name} for name in names}
    apart = {frozenset(pair) for pair in combinations(names, 2) if answers.get((channel, *pair)) is False}

    def join(one: str, other: str) -> None:
        both = group[one] | group[other]
        if not any(frozenset(pair) in apart for pair in combinations(sorted(both), 2)):
            group.update(dict.fromkeys(both, both))

    for pair in combinations(names, 2):
        if answers.get((channel, *pair)):
            join(*pair)
    for one, other in _candidates(part, names):
        if (channel, one, other) in answers or group[one] is group[other]:
            continue
        days, spend = same_money(part, one, other)
        if days:
            params = {"channel": channel, "one": one, "other": other, "days": days, "spend": spend}
            findings.append(Finding("question", "ledger.same_money", params))
            join(one, other)
    return {name: min(members, key=_plainness) for name, members in group.items()}


def _plainness(name: str) -> tuple[bool, str]:
    """A name people gave comes before a number the platform gave."""
    return not any(c.isalpha() for c in name), name


def _candidates(part: pd.DataFrame, names: list[str]) -> list[tuple[str, str]]:
    """Pairs of accounts that can have the same money at all, so that many accounts cost little.

    Near figures of a day lie in the same or in neighbouring steps of a logarithmic scale.
    """
    spent = part[(part["kind"] == "spend") & (part["spend"] > 0) & (part["account"] != "")]
    at = {name: i for i, name in enumerate(names)}
    table = pd.DataFrame(
        {
            "who": spent["account"].map(at),
            "cell": spent.groupby(["day", "day_end"]).ngroup(),
            "step": np.floor(np.log(spent["spend"].to_numpy()) / (1.02 * NEAR)).astype("int64"),
        }
    ).drop_duplicates()
    held = np.zeros((len(names), int(table["cell"].max()) + 1 if len(table) else 0))
    held[table["who"], table["cell"]] = 1
    shared = held @ held.T
    beside = pd.concat([table, table.assign(step=table["step"] + 1), table.assign(step=table["step"] - 1)])
    near = table.merge(beside, on=["cell", "step"], suffixes=("", "_other"))
    near = near[near["who"] < near["who_other"]].drop_duplicates(["cell", "who", "who_other"])
    count = near.groupby(["who", "who_other"]).size()
    found = {pair for pair, n in count.items() if n >= MOST * shared[pair]}
    sums = set(spent.loc[spent["day"] != spent["day_end"], "account"].map(at))
    days = set(spent.loc[spent["day"] == spent["day_end"], "account"].map(at))
    found |= {(min(a, b), max(a, b)) for a in sums for b in days if a != b}
    return [(names[a], names[b]) for a, b in sorted(found)]


def same_money(part: pd.DataFrame, one: str, other: str) -> tuple[int, float]:
    """On how many days two accounts of a channel have the same spend, and how much; 0 for unlike ones.

    One file that names both accounts shows that they are two. Every version of a day is
    compared, so that a later correction of one does not hide what they share.
    """
    part = part[(part["kind"] == "spend") & (part["spend"] > 0)]
    first, second = part[part["account"] == one], part[part["account"] == other]
    if set(first["import_id"]) & set(second["import_id"]):
        return 0, 0.0
    found = _alike(_figures(first), _figures(second))
    for sums, days in ((first, second), (second, first)):
        found = found if found[0] else _alike(_figures(sums), _spans_of_days(sums, days))
    return found


def _figures(cells: pd.DataFrame) -> pd.DataFrame:
    """day, day_end, import_id, spend: the parts of a cell that one file names and does not name added up."""
    return cells.groupby(["day", "day_end", "import_id"], as_index=False)["spend"].sum()


def _spans_of_days(sums: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """What the days of one account add up to over the periods of the other, where they cover them."""
    rows = []
    daily = _figures(days[days["day"] == days["day_end"]])
    for first, last in set(zip(sums["day"], sums["day_end"], strict=True)):
        inside = daily[daily["day"].between(first, last)] if first != last else daily[:0]
        rows += [(first, last, i, float(p["spend"].sum())) for i, p in inside.groupby("import_id")]
        if len(inside):
            rows.append((first, last, -1, float(inside.groupby("day")["spend"].max().sum())))
    frame = pd.DataFrame(rows, columns=["day", "day_end", "import_id", "spend"])
    return frame.astype({name: sums[name].dtype for name in ("day", "day_end", "import_id", "spend")})


def _alike(one: pd.DataFrame, other: pd.DataFrame) -> tuple[int, float]:
    both = one.merge(other, on=["day", "day_end"], suffixes=("", "_other"))
    if both.empty:
        return 0, 0.0
    high = both[["spend", "spend_other"]].max(axis=1)
    both = both.assign(apart=(both["spend"] - both["spend_other"]).abs() / high)
    best = both.sort_values(["apart", "spend"]).drop_duplicates(["day", "day_end"])
    near = best[best["apart"] <= (NEAR if len(best) >= ENOUGH else EXACT)]
    if len(near) < min(ENOUGH, len(best)) or len(near) < MOST * len(best):
        return 0, 0.0
    days = (near["day_end"] - near["day"]).dt.days + 1
    return int(days.sum()), float(near["spend"].sum())


def unlike_files(daily: pd.DataFrame, best: pd.DataFrame, campaigns: pd.DataFrame) -> list[Finding]:
    """Files of the same days, not all of which name an account, that hardly speak of one account.

    Either they have no campaign in common, or one of them names none and their days disagree.
    """
    sets = {
        (i, c): set(part) - {""} for (i, c), part in campaigns.groupby(["import_id", "channel"])["campaign"]
    }
    found = []
    money = daily[daily["kind"] != "site"]
    for (kind, channel, _), part in money.groupby(["kind", "channel", "account"], sort=True):
        files = part.drop_duplicates("import_id").sort_values(["name", "sha256"])
        if len(files) < 2 or not (part["account_in_file"] == "").any():
            continue
        names = dict(zip(files["import_id"], files["name"], strict=True))
        nameless = set(files.loc[files["account_in_file"] == "", "import_id"])
        days = {
            i: dict(zip(d["day"], d["spend"].fillna(0.0), strict=True)) for i, d in part.groupby("import_id")
        }
        won = best[(best["kind"] == kind) & (best["channel"] == channel)]["import_id"].value_counts()
        for one, two in combinations(names, 2):
            if one not in nameless and two not in nameless:
                continue
            shared = days[one].keys() & days[two].keys()
            first, second = sets.get((one, channel), set()), sets.get((two, channel), set())
            apart = bool(first and second) and not first & second
            most = UNLIKE if kind == "spend" else REFUNDS
            if not shared or not (apart or _disagree(days[one], days[two], first, second, most)):
                continue
            kept = one if won.get(one, 0) >= won.get(two, 0) else two
            params = {"channel": channel, "name": names[one], "other": names[two]}
            params |= {"kept": names[kept]}
            if not apart:
                sums = {"days": len(shared), "spend": sum(days[one][d] for d in shared)}
                params |= {**sums, "other_spend": sum(days[two][d] for d in shared)}
            code = "ledger.unlike_files" if apart else "ledger.days_disagree"
            code = code if kind == "spend" else "ledger.overall_disagree"
            found.append(Finding("question", code, params))
    return found


def _disagree(
    one: dict[pd.Timestamp, float],
    two: dict[pd.Timestamp, float],
    first: set[str],
    second: set[str],
    most: float,
) -> bool:
    """Whether most days differ by more than corrections do; a file's last day may be incomplete."""
    if first and second:
        return False
    shared = one.keys() & two.keys()
    if len(one) > 1 or len(two) > 1:
        shared = shared - {min(max(one), max(two))}
    apart = sum(abs(one[d] - two[d]) > most * max(one[d], two[d]) for d in shared)
    return 2 * apart > len(shared)

"""Which campaign carries which hook: the team's own names, else the campaign's."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from channelopt.errors import require_columns
from channelopt.plan.hooks import Hooks


def named_campaigns(daily: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Every campaign with clicks and the hook it carries; the largest first within its channel.

    Args:
        daily: ``Ledger.daily(by=("day", "channel", "campaign"))``.
        names: "channel/campaign" → hook.

    Returns:
        channel, campaign, hook (the campaign's own name where none was given).

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("channel", "campaign", "clicks"))
    rows = daily[daily["campaign"].fillna("").ne("")]
    sums = rows.groupby(["channel", "campaign"], as_index=False)["clicks"].sum()
    table = sums[sums["clicks"] > 0].sort_values(["channel", "clicks"], ascending=[True, False])
    keys = table["channel"].astype("str") + "/" + table["campaign"].astype("str")
    hook = [names.get(key, str(own)) for key, own in zip(keys, table["campaign"], strict=True)]
    return table.assign(hook=hook)[["channel", "campaign", "hook"]].reset_index(drop=True)


def hooks_named(daily: pd.DataFrame, names: Mapping[str, str], labels: Mapping[str, str]) -> Hooks:
    """Hook → its channel and campaigns; a hook of several channels is one per channel, with its name.

    Args:
        daily: as above.
        names: as above.
        labels: channel key → the name it is shown under.
    """
    table = named_campaigns(daily, names)
    where = table.groupby("hook")["channel"].nunique()
    found: dict[str, tuple[str, list[str]]] = {}
    for (hook, channel), rows in table.groupby(["hook", "channel"], sort=False):
        name = str(hook) if where[hook] == 1 else f"{hook} · {labels.get(str(channel), str(channel))}"
        found[name] = (str(channel), [str(c) for c in rows["campaign"]])
    return found

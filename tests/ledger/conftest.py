"""Hand-made reads: what the intake would give, without a file."""

from __future__ import annotations

import datetime as dt
import hashlib

import numpy as np
import pandas as pd
import pytest

from channelopt.fields import LEAD_COLUMNS, LEAD_FIELDS, SPEND_COLUMNS, SPEND_FIELDS
from channelopt.intake.privacy import key_id
from channelopt.intake.result import Layout, LineCount, Read
from channelopt.ledger import Ledger

START = dt.date(2026, 3, 1)
LAYOUT = Layout("csv", "utf-8", ",", None, 1, ".", "ymd")


def frame(rows, fields, columns):
    table = pd.DataFrame(rows).reindex(columns=[*columns, "row_no"])
    for spec in fields:
        if spec.kind == "text":
            table[spec.name] = table[spec.name].astype(object).where(table[spec.name].notna(), "").astype(str)
        elif spec.kind in ("date", "datetime"):
            table[spec.name] = pd.to_datetime(table[spec.name])
        elif spec.kind == "flag":
            table[spec.name] = [v is not False for v in table[spec.name]]
        else:
            table[spec.name] = table[spec.name].astype("float64")
    table["row_no"] = range(2, len(table) + 2)
    return table


def make(rows, kind, columns, fields, **about):
    table = frame(rows, fields, columns)
    name = about.get("name", "file.csv")
    text = repr([sorted((k, str(v)) for k, v in row.items()) for row in rows]) + repr(
        sorted(str(item) for item in about.items() if item[0] != "key")
    )
    days = table["created_at" if kind == "leads" else "day"]
    rejected = about.get("rejected")
    if rejected is None:
        rejected = pd.DataFrame({"row_no": [], "reason": [], "params": [], "raw": []})
    last = table["day_end"].max() if kind != "leads" else days.max()
    return Read(
        name=name,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        content=text.encode(),
        platform=about.get("platform", "baidu"),
        kind=kind,
        rows=table,
        mapping=(),
        layout=LAYOUT,
        lines=LineCount(len(table) + 1, 0, 1, len(table), 0, 0, 0, 0),
        totals=pd.DataFrame(),
        explained=about.get("explained", float("nan")),
        rejected=rejected,
        findings=about.get("findings", ()),
        currency=about.get("currency", "CNY"),
        day_first=days.min().date(),
        day_last=(days.max() if pd.isna(last) else max(last, days.max())).date(),
        generated_at=about.get("generated_at"),
        level=about.get("level", "campaign"),
        fingerprint="f",
        hash_key_id=about.get("key"),
        answers={},
    )


def spend_rows(days=3, campaigns=("a",), each=10.0, start=0, **more):
    return [
        {
            "day": START + dt.timedelta(days=start + d),
            "platform": more.get("platform", "baidu"),
            "channel": more.get("channel", ""),
            "account": more.get("account", ""),
            "campaign": c,
            "spend": each * (i + 1),
            "clicks": 5.0,
            "impressions": 100.0,
            "leads": more.get("leads", 1.0),
        }
        for d in range(days)
        for i, c in enumerate(campaigns)
    ]


def spend_read(rows, **about):
    return make(rows, "spend", SPEND_COLUMNS, SPEND_FIELDS, **about)


def lead_read(rows, ledger, **about):
    about.setdefault("platform", "crm")
    return make(rows, "leads", LEAD_COLUMNS, LEAD_FIELDS, key=key_id(ledger.hash_key), **about)


def lead(key, day=0, channel="baidu", **more):
    made = pd.Timestamp(START) + pd.Timedelta(days=day, hours=9)
    row = {"lead_key": key, "created_at": made, "channel": channel, "status": "new", "valid": True}
    if "bought" in more:
        row |= {
            "customer_at": made + pd.Timedelta(days=more["bought"]),
            "revenue": more.get("revenue", 100.0),
        }
    return row


def at(day, hour=12):
    return dt.datetime.combine(START, dt.time(hour)) + dt.timedelta(days=day)


def totals(ledger):
    return ledger.daily(("day", "channel", "campaign"))


def same(one, two):
    pd.testing.assert_frame_equal(one.reset_index(drop=True), two.reset_index(drop=True))


def spend(ledger, channel="baidu"):
    table = ledger.daily(("channel",))
    found = table.loc[table["channel"] == channel, "spend"]
    return float(found.iloc[0]) if len(found) else float(np.nan)


@pytest.fixture
def ledger():
    with Ledger.open(":memory:", name="brand", currency="CNY") as one:
        yield one

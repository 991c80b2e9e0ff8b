"""What the fuzz does to bytes, and to a list of people whose names must not come through."""

from __future__ import annotations

import csv
import io
import math
import re

from benchmarks.fuzz_tables import Rng, Row, Table
from channelopt.errors import ChannelOptError
from channelopt.intake import read_export


def noise(data: bytes, rng: Rng) -> bytes:
    """A few bytes flipped, removed, added, repeated or cut off."""
    raw = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at = rng.randrange(max(len(raw), 1))
        kind = rng.choice(["bit", "byte", "digit", "remove", "insert", "cut", "repeat", "quote"])
        if kind == "bit" and raw:
            raw[at] ^= 1 << rng.randrange(8)
        elif kind == "byte" and raw:
            raw[at] = rng.randrange(256)
        elif kind == "digit" and raw:
            raw[at] = rng.choice(b"0123456789.,-;\t\n")
        elif kind == "remove":
            del raw[at : at + rng.randint(1, 4)]
        elif kind == "insert":
            raw[at:at] = bytes(rng.choice(b"0123456789.,;\t\n\r \x00\"'") for _ in range(rng.randint(1, 3)))
        elif kind == "cut" and rng.random() < 0.5:
            del raw[at:]
        elif kind == "repeat":
            raw[at:at] = raw[at : at + rng.randint(1, 60)]
        elif kind == "quote":
            raw[at:at] = b'"'
    return bytes(raw)


def seen_by_oracle(t: Table, data: bytes) -> list[dict[str, float]]:
    """All sums a reader of physical lines could give: with and without each line it cannot be sure of.

    A line that stands in the file as written counts as what it was; any other line is read cell
    by cell, and may count or not. Empty when no line is left that could be the header.
    """
    text = data.decode(t.encoding, errors="replace")
    known = {_line(t, row.cells): row for row in t.rows}
    header = _line(t, t.header)
    lines = re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff"))
    at = _header_at(t, lines, header)
    if at is None:
        return []
    sums = [{m: 0.0 for m in t.columns}]
    for line in lines[at + 1 :]:
        row = known.get(line)
        if row is not None and row.kind != "data":
            continue
        made = row or Row("data", next(csv.reader([line], delimiter=t.delimiter), []))
        values = {m: 0.0 if math.isnan(v := t.value(made, m)) else v for m in t.columns}
        more = [{m: s[m] + values[m] for m in s} for s in sums]
        sums = more if row or len(sums) > 500 else [*sums, *more]
    return sums


def _header_at(t: Table, lines: list[str], header: str) -> int | None:
    """The header line, or the one it was damaged into: as many cells, most of them as they were."""
    if header in lines:
        return lines.index(header)
    for at, line in enumerate(lines[:60]):
        cells = next(csv.reader([line], delimiter=t.delimiter), [])
        same = sum(a == b for a, b in zip(cells, t.header, strict=False))
        if len(cells) == len(t.header) and same >= 0.6 * len(t.header):
            return at
    return None


def _line(t: Table, cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=t.delimiter, lineterminator="", quoting=t.quoting).writerow(cells)
    return out.getvalue()


PEOPLE = (
    ("王小明", "13812345678", "wang@example.com"),
    ("Eve Moneypenny", "+44 7700 900123", "eve.m@example.org"),
    ("李四海", "13987654321", ""),
    ("Max Mustermann", "", "max@example.net"),
    ("赵六合", "010-65551234", "zhao@example.cn"),
)
LEADS = "线索ID,姓名,手机,邮箱,创建时间,来源渠道,状态,成交时间,成交金额,备注\n" + "".join(
    f"L{i},{name},{phone},{mail},2026-03-0{i + 1} 09:12,抖音,{'成交' if i < 2 else '跟进中'},"
    f"{'2026-03-09' if i < 2 else ''},{1000 + i if i < 2 else ''},回访 {name}\n"
    for i, (name, phone, mail) in enumerate(PEOPLE)
)
SECRETS = tuple(part for person in PEOPLE for part in person if part)


TESTED = "客户ID,姓名,手机,邮箱,实验组,进组时间,设备,是否转化,成交金额,备注\n" + "".join(
    f"C{i},{name},{phone},{mail},{'AB'[i % 2]},2026-03-0{i + 1} 09:12,安卓,{'是' if i < 2 else '否'},"
    f"{1000 + i if i < 2 else ''},回访 {name}\n"
    for i, (name, phone, mail) in enumerate(PEOPLE)
)


def judge_leads(rng: Rng) -> tuple[str, str]:
    """A lead list with noise or another layout: its people stay secret, its lines add up."""
    return _judge_people(rng, LEADS, "leads")


def judge_tested(rng: Rng) -> tuple[str, str]:
    """The same for the rows per person of a test."""
    return _judge_people(rng, TESTED, "variants")


def _judge_people(rng: Rng, text: str, kind: str) -> tuple[str, str]:
    codec = rng.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    noisy = rng.random() < 0.7
    if not noisy:
        lines = [line.split(",") for line in text.splitlines()]
        order = rng.sample(range(len(lines[0])), len(lines[0]))
        mark = rng.choice([",", "\t", ";"])
        body = [mark.join(line[i] for i in order) for line in lines]
        rest = rng.sample(body[1:], len(body) - 1)
        text = "\n".join([body[0], *rest]) + "\n"
    data = text.encode(codec)
    raw = noise(data, rng) if noisy else data
    try:
        read = read_export(raw, "people.csv", hash_key=b"fuzz", answers={"kind": kind})
    except ChannelOptError as error:
        shown = f"{error} {error.params}"
        return (
            ("BAD", "a refusal tells a secret: " + shown[:300]) if _leaks(shown) else ("refused", error.code)
        )
    except Exception as error:
        return "BAD", f"{type(error).__name__}: {error}"
    stored = read.content.decode("utf-8", errors="replace")
    shown = " ".join(
        [read.rows.to_csv(), read.rejected.to_csv(), str(read.findings), str(read.mapping), stored]
    )
    if _leaks(shown):
        return "BAD", "a secret came through: " + ", ".join(s for s in SECRETS if s in shown)
    line = read.lines
    if (
        line.lines
        != line.preamble + line.header + line.kept + line.totals + line.footer + line.blank + line.rejected
    ):
        return "BAD", "lines do not add up"
    if noisy:
        return "flagged", ""
    right = len(read.rows) == len(PEOPLE) and read.rows["revenue"].sum() == 2001
    return (
        ("equal", "") if right else ("BAD", f"{len(read.rows)} people, revenue {read.rows['revenue'].sum()}")
    )


def _leaks(text: str) -> bool:
    return any(secret in text for secret in SECRETS)

"""A lead list handed back with its tiers: matched by the keyed hash while it is read, and stored nowhere."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.intake.header import locate
from channelopt.intake.result import Read
from channelopt.intake.table import as_text
from channelopt.intake.tables import open_tables
from channelopt.intake.unpack import choose, load
from channelopt.measure.messages import MeasureError

#: What is added at the right of the list.
ADDED = ("tier", "probability", "expected_value")
#: A cell that begins with one of these is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class MatchedList:
    """The reader's own list with three more columns.

    Attributes:
        table: the cells as they stand in the file, as text, then ``ADDED``; one row per line below the
            header. Lines of people who are not in the tiers have "" and NaN.
        matched: lines with a tier.
        findings: how many lines could not be matched.
    """

    table: pd.DataFrame
    matched: int
    findings: tuple[Finding, ...]

    def to_csv(self) -> bytes:
        """The list as UTF-8 CSV with a byte order mark; cells that a spreadsheet would run are quoted."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([_safe(str(name)) for name in self.table.columns])
        for row in self.table.itertuples(index=False):
            *cells, tier, chance, value = row
            numbers = ["" if x != x else f"{x:.{digits}f}" for x, digits in ((chance, 4), (value, 2))]
            writer.writerow([*(_safe(str(cell)) for cell in cells), tier, *numbers])
        return out.getvalue().encode("utf-8-sig")


def _safe(cell: str) -> str:
    number = cell.replace(",", "").replace(".", "").lstrip("+-").strip().isdigit()
    return f"'{cell}" if len(cell) > 1 and cell.startswith(_FORMULA) and not number else cell


def match_tiers(
    table: pd.DataFrame, read: Read, content: bytes, hash_key_id: str | None = None
) -> MatchedList:
    """Give a lead list back with the tier of each line.

    The names in it were never stored: they come from the file handed in now, and go back to whoever
    handed it in. People are matched by the keyed hash that ``Ledger.read`` makes of phone, e-mail or id.

    Args:
        table: ``Tiered.table``.
        read: what ``Ledger.read`` made of the file.
        content: the bytes of the file, as they came.
        hash_key_id: ``Ledger.hash_key_id``, to be sure that both were coded with one key.

    Raises:
        MeasureError: ``measure.not_leads`` for another kind of file, ``measure.other_key`` when its people
            were coded with another key.
        IntakeError: the bytes cannot be read.
    """
    if read.kind != "leads":
        raise MeasureError("measure.not_leads", name=read.name)
    if hash_key_id is not None and read.hash_key_id != hash_key_id:
        raise MeasureError("measure.other_key", name=read.name)
    data, shown = load(content, read.name)
    chosen = choose(data, shown, _table(read))
    located = locate(open_tables(chosen.content, chosen.name), chosen.name, chosen.table)
    sheet, start = located.sheet, located.at + 1
    cells = [[as_text(cell) for cell in line] for line in sheet.lines[start:]]
    people = _people(read)
    keys = [people.get(number, "") for number in sheet.numbers[start:]]
    width = max([len(located.headers), *map(len, cells)])
    headers = [as_text(name) for name in located.headers]
    names = [*headers, *(f"column {i + 1}" for i in range(len(headers), width))]
    padded = np.array([line + [""] * (width - len(line)) for line in cells], dtype=object)
    out = pd.DataFrame(padded.reshape(len(cells), width), columns=_unlike(names))
    known = table.drop_duplicates("lead_key").set_index("lead_key")[list(ADDED)].reindex(keys)
    out["tier"] = known["tier"].astype("object").fillna("").to_numpy()
    for name in ADDED[1:]:
        out[name] = known[name].to_numpy(dtype="float64")
    matched = int((out["tier"] != "").sum())
    told = Finding("info", "measure.list_matched", {"n": matched, "lines": len(out), "name": read.name})
    return MatchedList(out, matched, (told,))


def _table(read: Read) -> str | None:
    """Which table of its file was read."""
    key = read.answers.get("table")
    return None if key is None else str(key)


def _people(read: Read) -> dict[int, str]:
    """Line number → keyed hash; a repeated line belongs to the person whose other line was kept."""
    found = dict(zip(read.rows["row_no"].astype(int), read.rows["lead_key"].astype("str"), strict=True))
    repeated = {}
    for row in read.rejected.to_dict("records"):
        line = (row["params"] or {}).get("line") if str(row["reason"]).endswith("duplicate_lead") else None
        if line in found:
            repeated[int(row["row_no"])] = found[line]
    return found | repeated


def _unlike(names: list[str]) -> list[str]:
    """Column names, made different where they repeat or are those that are added."""
    seen: set[str] = set(ADDED)
    out = []
    for name in names:
        fresh, number = name, 2
        while fresh in seen:
            fresh, number = f"{name} ({number})", number + 1
        seen.add(fresh)
        out.append(fresh)
    return out

"""Nobody's name, phone or e-mail is ever written into a workspace, whatever file brings it."""

from __future__ import annotations

import io
import zipfile

import duckdb
import pytest
import xlsxwriter
import zstandard

from channelopt.intake import IntakeError
from channelopt.ledger import Ledger, LedgerError, backup

NAME, OTHER, MAIL = "王小明", "Zoë Planted", "zoe.planted@example.org"
PLANTED = ("13800001111", "138 0000 1111", NAME, OTHER, MAIL, "wxid_planted", "7788990011")
LEADS = [
    ["Record ID", "姓名", "手机", "邮箱", "微信号", "创建时间", "来源渠道", "线索状态", "备注"],
    [
        "1",
        "王小明",
        "13800001111",
        "zoe.planted@example.org",
        "wxid_planted",
        "2026-03-01 10:00",
        "百度",
        "新线索",
        "call 王小明",
    ],
    [
        "2",
        "Zoë Planted",
        "+86 138 0000 1111",
        "ZOE.PLANTED@example.org",
        "",
        "2026-03-02 10:00",
        "百度",
        "新线索",
        "",
    ],
    ["3", NAME, "7788990011", "", "", "not a day", "百度", "新", "13800001111"],
]
SPEND = [
    ["date", "channel", "cost", "currency", "clicks", "phone", "Contact", "owner e-mail"],
    ["2026-03-01", "Radio", "10", "CNY", "5", "13800001111", "x", "zoe.planted@example.org"],
    ["2026-03-02", "Radio", "12", "CNY", "5", "138 0000 1111", "x", ""],
    ["13800001111", "Radio", "13", "CNY", "5", "7788990011", "zoe.planted@example.org", ""],
    ["no day", "Radio", "13", "CNY", "13800001111", "7788990011", "x", ""],
]


def text(rows):
    return "\n".join(",".join(f'"{c}"' for c in row) for row in rows).encode()


def workbook(**sheets):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for n, row in enumerate(rows):
                sheet.write_row(n, 0, row)
    return out.getvalue()


def everything(folder):
    """Every byte of a workspace: files as they are, originals unpacked, each table as text."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        yield path.name, data
        if path.suffix == ".zst":
            unpacked = zstandard.ZstdDecompressor().decompressobj().decompress(data[32:])
            yield f"{path.name} unpacked", unpacked
            if unpacked[:2] == b"PK":
                with zipfile.ZipFile(io.BytesIO(unpacked)) as book:
                    yield from ((f"{path.name} {part}", book.read(part)) for part in book.namelist())
    connection = duckdb.connect(str(folder / "ledger.duckdb"), read_only=True)
    for (table,) in connection.execute("SELECT table_name FROM information_schema.tables").fetchall():
        yield table, repr(connection.execute(f'SELECT * FROM "{table}"').fetchall()).encode()
    connection.close()


def found(folder):
    planted = {p: [p.encode(c) for c in ("utf-8", "utf-16-le", "gb18030")] for p in PLANTED}
    planted |= {"escaped": [repr("王小明".encode())[2:-1].encode(), b"\\u738b\\u5c0f\\u660e"]}
    return [
        (where, what)
        for where, data in everything(folder)
        for what, forms in planted.items()
        if any(form in data or form.lower() in data.lower() for form in forms)
    ]


@pytest.mark.parametrize(
    "name,data",
    [
        ("leads.csv", text(LEADS)),
        ("gb.csv", text([[c.replace("ë", "e") for c in row] for row in LEADS]).decode().encode("gb18030")),
        ("leads.xlsx", workbook(线索=LEADS)),
        ("spend.csv", text(SPEND)),
        ("spend.xlsx", workbook(spend=SPEND)),
    ],
)
def test_nothing_about_people_reaches_the_workspace(tmp_path, name, data):
    with Ledger.open(tmp_path / "w", name="b", currency="CNY") as ledger:
        read = ledger.read(data, name)
        assert len(read.rejected), "a rejected line must be tried as well"
        commit = ledger.commit(read, "eve")
        assert len(ledger.rejected(commit.id)) == len(read.rejected)
        again = ledger.read(ledger.original(commit.id), "again.csv", answers=dict(read.answers))
        assert len(again.rows) == len(read.rows)
        told = {f.code for f in read.findings} & {"intake.redacted", "intake.people_left_out"}
        assert told
        backup(ledger, tmp_path / "b.zip")
    assert found(tmp_path / "w") == []
    assert (tmp_path / "w" / "originals").is_dir()


def test_a_spend_sheet_beside_a_lead_sheet_is_kept_without_it(tmp_path):
    plain = [row[:5] for row in SPEND]
    data = workbook(spend=plain, leads=LEADS)
    with Ledger.open(tmp_path / "w", name="b", currency="CNY") as ledger:
        stored = 0
        for table in (None, "spend", "leads"):
            try:
                read = ledger.read(data, "both.xlsx", answers={"table": table} if table else None)
                ledger.commit(read, "eve")
                stored += 1
            except (IntakeError, LedgerError):
                continue
        assert stored
    assert not [hit for hit in found(tmp_path / "w") if hit[1] != "13800001111"]


def test_a_spend_file_without_people_is_kept_as_it_came(tmp_path):
    data = text([row[:5] for row in SPEND[:3]])
    with Ledger.open(tmp_path / "w", name="b", currency="CNY") as ledger:
        commit = ledger.commit(ledger.read(data, "plain.csv"), "eve")
        assert ledger.original(commit.id) == data


def test_the_search_finds_what_is_there(tmp_path):
    """The search itself can fail: an original kept as it came is seen."""
    with Ledger.open(tmp_path / "w", name="b", currency="CNY") as ledger:
        read = ledger.read(text(LEADS), "leads.csv")
        object.__setattr__(read, "content", workbook(线索=LEADS))
        ledger.commit(read, "eve")
    assert {what for _, what in found(tmp_path / "w")} >= {"13800001111", "王小明", "wxid_planted"}

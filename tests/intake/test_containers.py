"""Archives, workbooks and texts with several tables: every table found, each with its own identity."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from channelopt.intake import IntakeError, Piece, Read, look_inside, read_export, unpack
from channelopt.ledger import Ledger

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "containers"
DAILY = b"date,channel,spend (USD)\n2026-03-01,Google,1\n2026-03-02,Google,2\n"
OTHER = b"date,channel,spend (USD)\n2026-04-01,Meta,10\n2026-04-02,Meta,20\n"


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def workbook(sheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
            if name in hidden:
                sheet.hide()
    return out.getvalue()


def rows(channel: str, *spend: float, month: int = 3) -> list[list[object]]:
    lines = [[f"2026-{month:02}-{day:02}", channel, value] for day, value in enumerate(spend, 1)]
    return [["date", "channel", "spend (USD)"], *lines]


def codes(read: Read) -> set[str]:
    return {f.code for f in read.findings}


def read_piece(piece: Piece) -> Read:
    return read_export(piece.content, piece.name, answers={"table": piece.table})


def adds_up(read: Read) -> bool:
    c = read.lines
    parts = c.preamble + c.header + c.kept + c.totals + c.footer + c.blank + c.rejected
    return c.lines == parts and (c.kept, c.totals, c.rejected) == (
        len(read.rows), len(read.totals), len(read.rejected),
    )  # fmt: skip


# --- gz and zip ---


def test_a_gz_is_the_file_inside_it() -> None:
    packed, plain = read_export(gzip.compress(DAILY), "daily.csv.gz"), read_export(DAILY, "daily.csv")
    assert packed.name == "daily.csv" and packed.rows.equals(plain.rows)
    assert packed.sha256 == plain.sha256 and packed.content == DAILY
    assert unpack(gzip.compress(DAILY), "daily.csv.gz") == (Piece("daily.csv", DAILY, None),)


def test_a_zip_gives_one_piece_per_table_with_its_folder() -> None:
    book = workbook({"A": rows("Google", 3, 4), "B": rows("Meta", 5, 6, month=5)})
    data = zipped(
        {
            "march/daily.csv": DAILY,
            "april/daily.csv": OTHER,
            "book.xlsx": book,
            "__MACOSX/march/._daily.csv": b"\0\5",
            ".DS_Store": b"x",
            "logo.png": b"\x89PNG",
        }
    )
    found = look_inside(data, "all.zip")
    assert [(p.name, p.table) for p in found.pieces] == [
        ("march/daily.csv", None),
        ("april/daily.csv", None),
        ("book.xlsx", "A"),
        ("book.xlsx", "B"),
    ]
    assert unpack(data, "all.zip") == found.pieces
    (skipped,) = found.findings
    assert skipped.code == "intake.skipped_members" and skipped.params["n"] == 3
    assert all(n in skipped.params["members"] for n in ("__MACOSX", ".DS_Store", "logo.png"))
    reads = [read_piece(p) for p in found.pieces]
    assert [float(r.rows["spend"].sum()) for r in reads] == [3, 30, 7, 11]
    assert len({r.sha256 for r in reads}) == 4


def test_a_zip_read_whole_says_what_was_not_read() -> None:
    data = zipped({"a.csv": DAILY, "b.csv": OTHER})
    first = read_export(data, "all.zip")
    told = next(f for f in first.findings if f.code == "intake.other_tables")
    assert told.severity == "warning" and told.params["others"] == "b.csv"
    second = read_export(data, "all.zip", answers={"table": "b.csv"})
    assert (first.rows["spend"].sum(), second.rows["spend"].sum()) == (3, 30)
    assert second.sha256 == hashlib.sha256(OTHER).hexdigest()
    assert read_export(second.content, second.name, answers=second.answers).rows.equals(second.rows)
    with pytest.raises(IntakeError) as error:
        read_export(data, "all.zip", answers={"table": "c.csv"})
    assert error.value.code == "intake.no_such_table" and "b.csv" in str(error.value)


def test_a_sheet_of_a_workbook_in_a_zip_can_be_named() -> None:
    book = workbook({"A": rows("Google", 3, 4), "B": rows("Meta", 5, 6, month=5)})
    read = read_export(zipped({"x.csv": DAILY, "b.xlsx": book}), "z.zip", answers={"table": "b.xlsx › B"})
    assert read.rows["spend"].sum() == 11 and read.answers == {"table": "B"}


def test_a_single_file_in_a_zip_is_just_read() -> None:
    read = read_export(zipped({"inner/daily.csv": DAILY}), "daily.zip")
    assert read.name == "inner/daily.csv" and "intake.other_tables" not in codes(read)
    assert read.sha256 == hashlib.sha256(DAILY).hexdigest()


def test_names_of_an_archive_cannot_leave_it_and_read_as_chinese() -> None:
    info = zipfile.ZipInfo("../../etc/daily.csv")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, DAILY)
    assert unpack(out.getvalue())[0].name == "etc/daily.csv"
    raw = zipped({"aaaaaaaa.csv": DAILY}).replace(b"aaaaaaaa", "抖音日报".encode("gb18030"))
    assert unpack(raw)[0].name == "抖音日报.csv"


def test_two_members_of_one_name_are_two_pieces() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, pytest.warns(UserWarning):
        archive.writestr("a.csv", DAILY)
        archive.writestr("a.csv", OTHER)
    assert [(p.name, p.content) for p in unpack(out.getvalue())] == [("a.csv", DAILY), ("a.csv (2)", OTHER)]


# --- workbooks ---


def test_sheets_with_data_are_pieces_pivots_and_empty_ones_are_not() -> None:
    data = workbook(
        {
            "透视": [["行标签", "求和项:花费"], ["Google", 3], ["Meta", 30]],
            "Q1": rows("Google", 1, 2),
            "Empty": [],
            "Q2": rows("Meta", 10, 20, month=4),
            "Summary": [["channel", "spend"], ["Google", 3]],
        }
    )
    pieces = unpack(data, "book.xlsx")
    assert [p.table for p in pieces] == ["Q1", "Q2"]
    read = read_export(data, "book.xlsx")
    found = {f.code: f for f in read.findings}
    assert read.layout.sheet == "Q1" and found["intake.other_tables"].params["others"] == "Q2"
    assert found["intake.other_sheets"].params["others"] == "透视, Summary"
    reads = [read_piece(p) for p in pieces]
    assert [r.rows["spend"].sum() for r in reads] == [3, 30]
    assert reads[0].sha256 == read.sha256 != reads[1].sha256
    assert reads[0].sha256 != hashlib.sha256(data).hexdigest()
    assert all(adds_up(r) for r in reads)


def test_a_workbook_with_one_table_keeps_the_hash_of_the_file() -> None:
    data = workbook({"Q1": rows("Google", 1, 2), "Empty": []})
    (piece,) = unpack(data, "a.xlsx")
    assert piece.table is None
    assert read_export(data, "a.xlsx").sha256 == hashlib.sha256(data).hexdigest()


def test_two_grains_of_the_same_money_are_both_pieces() -> None:
    daily = rows("Google", 1, 2, 3)
    campaigns = [["date", "channel", "campaign", "spend (USD)"]]
    for day, channel, spend in daily[1:]:
        campaigns += [[day, channel, "A", spend / 2], [day, channel, "B", spend / 2]]  # type: ignore[operator]
    assert [p.table for p in unpack(workbook({"D": daily, "C": campaigns}))] == ["D", "C"]


def test_a_hidden_sheet_is_not_read_unless_nothing_else_is_there() -> None:
    data = workbook({"Now": rows("Google", 1, 2), "Old": rows("Google", 90, 90, month=1)}, hidden=("Old",))
    read = read_export(data, "a.xlsx")
    assert read.rows["spend"].sum() == 3 and "intake.hidden_sheets" in codes(read)
    assert [p.table for p in unpack(data)] == [None]
    pivot = [["行标签", "求和项:花费"], ["Google", 3]]
    data = workbook({"P": pivot, "Raw": rows("Google", 1, 2)}, hidden=("Raw",))
    read = read_export(data, "a.xlsx")
    assert read.rows["spend"].sum() == 3 and "intake.read_hidden" in codes(read)


def test_the_ledger_holds_every_sheet_and_knows_them_again(tmp_path: Path) -> None:
    data = workbook({"A": rows("Google", 1, 2), "B": rows("Meta", 10, 20, month=4)})
    with Ledger.open(tmp_path / "w", currency="USD") as ledger:
        for _ in range(2):
            states = [
                ledger.commit(ledger.read(p.content, p.name, answers={"table": p.table}), by="t").status
                for p in unpack(data, "b.xlsx")
            ]
        assert states == ["unchanged", "unchanged"]
        assert ledger.daily(by=("channel",))["spend"].sum() == 33
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]


def test_a_remembered_table_never_chooses_the_table_of_another_file(tmp_path: Path) -> None:
    first = workbook({"A": rows("Google", 1, 2), "B": rows("Meta", 10, 20, month=4)})
    second = workbook({"A": rows("Google", 5, 6, month=5), "B": rows("Meta", 70, 80, month=6)})
    with Ledger.open(tmp_path / "w", currency="USD") as ledger:
        read = ledger.read(first, "b.xlsx", answers={"table": "B", "accept": ["intake.future_days"]})
        ledger.remember(read.fingerprint, dict(read.answers), "t")
        again = ledger.read(second, "c.xlsx")
        assert again.layout.sheet == "A" and again.rows["spend"].sum() == 11
        assert not {"table", "accept"} & set(again.answers)


def test_people_of_another_sheet_are_not_stored_with_the_costs() -> None:
    people = [["created at", "姓名", "手机"], ["2026-03-01", "王五", "13812345678"]]
    data = workbook({"Ads": rows("Google", 1, 2), "Leads": people})
    read = read_export(data, "a.xlsx", answers={"table": "Ads"})
    assert read.rows["spend"].sum() == 3 and "intake.only_this_kept" in codes(read)
    assert b"13812345678" not in read.content and not read.content.startswith(b"PK")
    again = read_export(read.content, read.name)
    assert again.rows["spend"].equals(read.rows["spend"]) and again.rows["day"].equals(read.rows["day"])


def test_xls_with_merged_headers_text_numbers_and_a_hidden_sheet() -> None:
    read = read_export(FOLDER / "merged_hidden.xls")
    assert read.layout.container == "xls" and read.layout.header_line == 2
    assert read.rows["channel"].tolist() == ["google_ads", "google_ads", "meta_ads", "meta_ads"]
    assert read.rows["spend"].tolist()[:2] == [10.5, 20.25] and read.rows["spend"].isna().tolist()[2]
    assert read.rows["clicks"].tolist() == [5, 8, 4, 6]
    assert (str(read.day_first), str(read.day_last)) == ("2026-08-01", "2026-08-04")
    assert "intake.hidden_sheets" in codes(read) and adds_up(read)


def test_formulas_without_a_result_are_missing_and_said() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate(rows("Google", 1, 2, 3, 4)):
            sheet.write_row(i, 0, row)
        sheet.write_formula(2, 2, "=C2*2", value="")
        sheet.write_formula(3, 2, "=1/0", value="#DIV/0!")
    read = read_export(out.getvalue(), "f.xlsx")
    assert read.rows["spend"].isna().tolist() == [False, True, True, False]
    told = next(f for f in read.findings if f.code == "intake.empty_formulas")
    assert told.params["n"] == 2 and told.severity == "warning"


def test_a_merged_channel_fills_its_rows_a_merged_amount_does_not() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for i, row in enumerate(rows("", 0, 0, 0, 0)):
            sheet.write_row(i, 0, row if i == 0 else row[:1])
        sheet.merge_range(1, 1, 2, 1, "Google")
        sheet.merge_range(3, 1, 4, 1, "Meta")
        sheet.merge_range(1, 2, 2, 2, 50)
        sheet.merge_range(3, 2, 4, 2, "70")
    read = read_export(out.getvalue(), "m.xlsx")
    assert read.rows["channel"].tolist() == ["google_ads", "google_ads", "meta_ads", "meta_ads"]
    assert read.rows["spend"].sum() == 120 and read.rows["spend"].isna().sum() == 2


# --- several tables in one text ---

CARDS = 14


def overview(delimiter: str = ",") -> tuple[bytes, list[str]]:
    """An analytics overview: 14 tables, some under their own comments, some only after a blank line."""
    comment = "# ----------------------------------------"
    lines = [comment, "# Report CSV Export", "# Reports snapshot", "# Account: Demo", comment, "#"]
    headers = []
    for n in range(CARDS):
        if n % 3 == 0:
            lines += ["# All Users", "# Start date: 20260801", "# End date: 20260803"]
        name = [
            "Sessions",
            "Active users",
            "New users",
            "Views",
            "Event count",
            "Key events",
            "Total revenue",
        ]
        if n == 3:
            header = ["Date", "Session default channel group", "Sessions", "Engaged sessions"]
            body = [["20260801", "Direct", "10", "4"], ["20260802", "Paid Search", "20", "11"]]
        else:
            header = [["Nth day", "City", "Country", "Page title and screen class"][n % 4], name[n % 7]]
            body = [[f"{k:04}" if n % 4 == 0 else f"Place {k}", str(k * n + 1)] for k in range(3)]
        headers.append(", ".join(header[:3]))
        lines += [delimiter.join(r) for r in [header, *body]] + [""]
    return "\r\n".join(lines).encode(), headers


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_every_table_of_an_analytics_overview_is_found(delimiter: str) -> None:
    data, headers = overview(delimiter)
    pieces = unpack(data, "data-export.csv")
    assert [p.table for p in pieces] == [f"{n}. {h}" for n, h in enumerate(headers, 1)]
    read = read_export(data, "data-export.csv")
    assert read.kind == "site" and read.rows["sessions"].sum() == 30
    told = next(f for f in read.findings if f.code == "intake.other_tables")
    assert all(str(p.table) in told.params["others"] for p in pieces if p.table != pieces[3].table)
    total, identities = 0, set()
    for piece in pieces:
        try:
            one = read_piece(piece)
        except IntakeError as error:
            assert error.template != error.code
            continue
        assert adds_up(one)
        identities.add(one.sha256)
        total += 1
    assert total == len(identities) >= 1


def test_the_lines_of_stacked_tables_are_all_the_lines_of_the_file() -> None:
    text = "Costs\n" + DAILY.decode() + "\n\nMeta\n" + OTHER.decode().replace("date,", "day,")
    reads = [read_piece(p) for p in unpack(text.encode(), "two.csv")]
    assert [r.rows["spend"].sum() for r in reads] == [3, 30] and all(adds_up(r) for r in reads)
    assert sum(r.lines.lines for r in reads) == len(text.splitlines())
    assert [r.rows["row_no"].tolist() for r in reads] == [[3, 4], [9, 10]]


def test_a_second_header_with_other_columns_never_mixes_into_the_first_table() -> None:
    text = DAILY + b"date,channel,clicks\n2026-03-01,Google,500\n2026-03-02,Google,600\n"
    read = read_export(text, "stacked.csv")
    assert read.rows["spend"].sum() == 3 and "intake.other_tables" in codes(read)


def test_the_same_header_again_is_still_one_table() -> None:
    read = read_export(DAILY + b"\n" + DAILY.replace(b"2026-03", b"2026-04"), "pasted.csv")
    assert read.rows["spend"].sum() == 6 and read.rejected["reason"].tolist() == [
        "intake.reject.repeated_header"
    ]


def test_tables_below_each_other_in_a_sheet() -> None:
    lines = [*rows("Google", 1, 2), [], ["Meta only"], ["day", "channel", "cost (USD)"]]
    data = workbook({"S": [*lines, ["2026-04-01", "Meta", 10], ["2026-04-02", "Meta", 20]]})
    reads = [read_piece(p) for p in unpack(data, "s.xlsx")]
    assert [r.rows["spend"].sum() for r in reads] == [3, 30] and all(adds_up(r) for r in reads)
    assert reads[1].layout.sheet == "S" and reads[1].layout.header_line == 6


# --- accounting, whatever the container ---

CELL = st.one_of(
    st.integers(0, 10_000).map(float), st.sampled_from(["", "x", "合计", "soon", "12.5", "-", "1,5"])
)
LINE = st.one_of(
    st.tuples(st.dates(dt.date(2026, 1, 1), dt.date(2026, 10, 1)).map(str), st.just("Google"), CELL),
    st.tuples(CELL, CELL, CELL),
    st.just(()),
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(LINE, max_size=8), min_size=1, max_size=3),
    st.sampled_from(["xlsx", "csv", "gz", "zip"]),
)
def test_every_line_of_every_piece_has_one_fate(tables: list[list[tuple]], form: str) -> None:
    head = ["date", "channel", "spend (USD)"]
    good = ["2026-03-01", "Google", 5.0]
    full = [[head, good, *map(list, lines), good] for lines in tables]
    if form == "xlsx":
        data = workbook({f"S{i}": t for i, t in enumerate(full)})
    else:
        texts = ["\n".join(",".join(f'"{c}"' for c in line) for line in t).encode() for t in full]
        data = texts[0]
        if form == "gz":
            data = gzip.compress(data)
        if form == "zip":
            data = zipped({f"{i}.csv": t for i, t in enumerate(texts)})
    pieces = unpack(data, f"x.{form}")
    assert len(pieces) == (len(full) if form in ("xlsx", "zip") else 1)
    for piece, lines in zip(pieces, full, strict=False):
        read = read_piece(piece)
        assert adds_up(read) and read.lines.lines == len(lines)


def test_days_counted_from_the_start_of_the_report() -> None:
    text = "# Start date: 20260801\n# End date: 20260803\nNth day,Sessions,Engaged sessions\n"
    text += "0000,10,4\n0001,20,8\n0002,30,9\n\nNth day,Sessions,Bounce rate\n0000,1,0.5\n0002,2,0.5\n"
    first, second = (read_piece(p) for p in unpack(text.encode(), "data-export.csv"))
    assert [str(d.date()) for d in first.rows["day"]] == ["2026-08-01", "2026-08-02", "2026-08-03"]
    assert first.rows["sessions"].sum() == 60 and adds_up(first)
    assert [str(d.date()) for d in second.rows["day"]] == ["2026-08-01", "2026-08-03"]
    assert (str(second.day_first), str(second.day_last)) == ("2026-08-01", "2026-08-03")


def test_a_table_of_unknown_names_under_its_own_comment_is_found() -> None:
    text = DAILY.decode() + "\n# Sizes\nShoe,Fit\n41,0.5\n42,0.7\n"
    assert [p.table for p in unpack(text.encode(), "a.csv")] == [
        "1. date, channel, spend (USD)",
        "2. Shoe, Fit",
    ]


def test_a_remembered_period_is_not_the_period_of_the_next_file(tmp_path: Path) -> None:
    head = "channel,spend (USD)\n"
    with Ledger.open(tmp_path / "w", currency="USD") as ledger:
        period = {"period": "2026-03-01/2026-03-31"}
        read = ledger.read(f"{head}Google,1\n".encode(), "march.csv", answers=period)
        ledger.remember(read.fingerprint, dict(read.answers), "t")
        with pytest.raises(IntakeError) as error:
            ledger.read(f"{head}Google,2\n".encode(), "april.csv")
        assert error.value.code == "intake.which_day"

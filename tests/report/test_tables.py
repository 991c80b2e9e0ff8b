"""Exports open right and run nothing."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from channelopt.report.tables import DANGEROUS, safe_text, to_csv, to_xlsx

NASTY = ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1", " =HYPERLINK(1)", "＝1+1"]


@pytest.mark.parametrize("text", NASTY)
def test_formulas_are_defused(text):
    assert safe_text(text) == "'" + text


@pytest.mark.parametrize("text", ["-3.5", "+12%", "1,234.50", "-1e-5", "抖音", "a=b", "", "-.5"])
def test_plain_numbers_and_words_stay(text):
    assert safe_text(text) == text


@given(st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_no_text_starts_a_formula_unless_it_is_a_number(text):
    safe = safe_text(text)
    assert safe in (text, "'" + text)
    if safe.lstrip(" \u00a0").startswith(DANGEROUS):
        assert not set(safe.strip(" ")) - set("0123456789.,+-eE%")


def test_csv_opens_in_excel_with_chinese():
    days = pd.to_datetime(["2026-01-01", None])
    frame = pd.DataFrame({"渠道": ["抖音", "=1+1"], "花费": [1.5, np.nan], "day": days})
    data = to_csv(frame)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").splitlines() == ["渠道,花费,day", "抖音,1.5,2026-01-01", "'=1+1,,"]


def test_headers_are_defused_too():
    assert to_csv(pd.DataFrame({"=x": [1]})).decode("utf-8-sig").splitlines()[0] == "'=x"


def test_xlsx_reads_back_as_written():
    frame = pd.DataFrame(
        {
            "name": ["抖音", "=1+1", "http://a.b"],
            "n": [1.5, np.nan, np.inf],
            "ok": [True, False, True],
            "day": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
        }
    )
    data = to_xlsx({"a/b": frame, "A b": frame, "": frame.head(0)})
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == ["a b", "A b 2", "Sheet"]
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == ["name", "n", "ok", "day"]
    assert [r[0] for r in rows[1:]] == ["抖音", "'=1+1", "http://a.b"]
    assert [r[1] for r in rows[1:]] == [1.5, "", ""]
    assert [r[2] for r in rows[1:]] == [True, False, True]
    assert str(rows[1][3]).startswith("2026-01-01")


def test_xlsx_holds_no_formula_and_no_link():
    data = to_xlsx({"x": pd.DataFrame({"a": ["=1+1", "https://evil.test", "mailto:a@b.c"]})})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name) and b"hyperlink" not in archive.read(name)


def test_empty_tables_and_no_tables():
    assert to_csv(pd.DataFrame({"a": []})).decode("utf-8-sig").strip() == "a"
    assert to_xlsx({})[:2] == b"PK"
    assert to_xlsx({"e": pd.DataFrame()})[:2] == b"PK"

"""The receipt of test rows: which tests and variants a file holds, and that its money is not added."""

from __future__ import annotations

import streamlit as st

from channelopt.intake import variant_summary
from channelopt.intake.result import Read
from pages.parts.language import count, t


def variant_sums(read: Read) -> str:
    """What a file of test rows holds, in one sentence."""
    n, tests = len(read.rows), int(read.rows["experiment"].nunique())
    if read.rows["day"].isna().all():
        told = t("{n:count} {n:plural:row|rows} of {tests:count} {tests:plural:test|tests}", n=n, tests=tests)
    else:
        told = t(
            "{n:count} {n:plural:row|rows} of {tests:count} {tests:plural:test|tests},"
            " {first:date} to {last:date}",
            n=n,
            tests=tests,
            first=read.day_first,
            last=read.day_last,
        )
    return f"{told}  \n" + t("Test rows never add to your channel totals.")


def show_variants(read: Read) -> None:
    """A line per test and variant: rows, people, days and regions; columns without anything are left out."""
    found = variant_summary(read.rows)
    shown = {
        t("Name of the test"): list(found["experiment"]),
        t("Variant of a test"): list(found["variant"]),
        t("Rows"): [count(n) for n in found["n_rows"]],
        t("People"): [count(n) for n in found["people"]],
        t("Days"): [count(n) for n in found["days"]],
        t("Regions"): [count(n) for n in found["regions"]],
    }
    empty = {
        t("Name of the test"): found["experiment"].nunique() == 1 and (found["variant"] != "").any(),
        t("Variant of a test"): (found["variant"] == "").all(),
        t("People"): found["people"].isna().all(),
        t("Days"): (found["days"] == 0).all(),
        t("Regions"): (found["regions"] == 0).all(),
    }
    st.dataframe(
        {name: values for name, values in shown.items() if not empty.get(name)},
        hide_index=True,
        height=min(215, 38 + 35 * len(found)),
        alt=t("Variants in this file"),
    )

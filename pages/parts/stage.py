"""Where the team stands in the three-stage plan, and what the next gate asks."""

from __future__ import annotations

import streamlit as st

from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.gates import Check, diagnosis_gate
from pages.parts.language import t


def _sentence(check: Check) -> str:
    sentences = {
        "data_days": t("{have:count} {have:plural:day|days} of spend (at least {need:count})", **vars(check)),
        "outcomes": t(
            "{have:count} of {need:count} {need:plural:channel|channels} have leads or revenue", **vars(check)
        ),
        "decided": t(
            "{have:count} of {need:count} {need:plural:channel|channels} decided: keep or drop", **vars(check)
        ),
        "keepers": t(
            "{have:count} {have:plural:channel|channels} worth keeping (at least {need:count})", **vars(check)
        ),
    }
    return sentences[check.code]


def stage_gate(diagnosis: Diagnosis) -> None:
    """Stage 1 and its gate as a short list of checks."""
    st.markdown("**" + t("Stage 1 of 3: diagnosis") + "**")
    st.caption(t("Measure every channel, stop what returns less than your bar. Next: focus, then scaling."))
    for check in diagnosis_gate(diagnosis):
        icon = ":blue[:material/check_circle:]" if check.passed else ":gray[:material/pending:]"
        st.markdown(f"{icon} {_sentence(check)}")

"""Where the team stands in the three-stage plan: the stage, what blocks its gate, and passing it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.gates import Check, gate_of
from pages.parts import cache, state
from pages.parts.language import count, day, multiple, percent, t
from pages.parts.overview.work import work_done
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done


def stage_names() -> dict[int, str]:
    """Stage → its name."""
    return {1: t("diagnosis"), 2: t("focus"), 3: t("scaling")}


def stage_aims() -> dict[int, str]:
    """Stage → what it is for."""
    return {
        1: t("Measure every channel, stop what returns less than your bar. Next: focus, then scaling."),
        2: t("Put the money into the best channels, test hooks, tell hot leads from cold ones."),
        3: t("Carry what works further, until the next unit of money stops paying."),
    }


def stage_gate(diagnosis: Diagnosis) -> None:
    """The stage, its days, its gate as a short list of checks, and the way on."""
    now = cache.ledger().stage()
    st.markdown("**" + t("Stage {n:count} of 3: {name}", n=now.stage, name=stage_names()[now.stage]) + "**")
    st.caption(stage_aims()[now.stage])
    if now.start is not None:
        at = max((dt.date.today() - now.start).days + 1, 1)
        st.caption(
            t("Day {at:count} of {days:count}, since {start}.", at=at, days=now.days, start=day(now.start))
        )
    checks = gate_of(now.stage, diagnosis, work_done(diagnosis))
    for check in checks:
        icon = ":blue[:material/check_circle:]" if check.passed else ":gray[:material/pending:]"
        st.markdown(f"{icon} {_sentence(check)}")
    _way_on(now.stage, checks, diagnosis)


def _sentence(check: Check) -> str:
    told = {**check.params, "have": check.have, "need": check.need}
    sentences = {
        "data_days": lambda: t(
            "{have:count} {have:plural:day|days} of spend (at least {need:count})", **told
        ),
        "outcomes": lambda: t(
            "{have:count} of {need:count} {need:plural:channel|channels} have leads or revenue", **told
        ),
        "tested": lambda: _tested(check),
        "decided": lambda: t(
            "{have:count} of {need:count} {need:plural:channel|channels} decided: keep or drop", **told
        ),
        "keepers": lambda: t(
            "{have:count} {have:plural:channel|channels} worth keeping (at least {need:count})", **told
        ),
        "chosen": lambda: _chosen(check),
        "hook_test": lambda: t("{have:count} {have:plural:hook test|hook tests} over (at least one)", **told),
        "tiers": lambda: (
            t("Intent tiers are in use") if check.passed else t("Intent tiers are not in use yet")
        ),
        "target": lambda: _target(check),
        "margin": lambda: _margin(check),
    }
    return sentences[check.code]()


def _tested(check: Check) -> str:
    why = str(check.params.get("why") or "")
    if why:
        return t("{have:count} channels tested: {why}", have=check.have, why=why)
    return t("{have:count} channels tested ({need:count} planned)", have=check.have, need=check.need)


def _chosen(check: Check) -> str:
    text = t("{have:count} of {need:count} focus channels chosen", have=check.have, need=check.need)
    chance = check.params.get("chance", float("nan"))
    return text if chance != chance else text + " " + t("(the best with a chance of {p})", p=percent(chance))


def _target(check: Check) -> str:
    have, need = multiple(check.have), multiple(check.need)
    chance = check.params.get("chance", float("nan"))
    return t(
        "Return 1:{have} against the target 1:{need} (chance {p})", have=have, need=need, p=percent(chance)
    )


def _margin(check: Check) -> str:
    if check.have != check.have:
        return t("What the next unit of money brings back is not known yet")
    chance = percent(check.params.get("chance", float("nan")))
    return t(
        "The next unit brings back {have}, the floor is {need} (chance {p})",
        have=multiple(check.have), need=multiple(check.need), p=chance,
    )  # fmt: skip


def _way_on(stage: int, checks: tuple[Check, ...], diagnosis: Diagnosis) -> None:
    """The button to the next stage, or what passing the gate all the same asks for."""
    if stage == 3:
        return
    names, met = stage_names(), all(check.passed for check in checks)
    if met:
        if st.button(t("Begin stage {n:count}: {name}", n=stage + 1, name=names[stage + 1]), type="primary"):
            _begin(stage + 1, checks, diagnosis, "")
        return
    missing = sum(not check.passed for check in checks)
    box = st.expander(t("Not all is there yet ({n:count}): go on all the same?", n=missing), key="gate_box")
    with box:
        st.markdown(
            t("A gate can be passed with a reason in writing. It stays in the log with today's evidence.")
        )
        if stage == 1 and not next(c for c in checks if c.code == "tested").passed:
            _fewer()
        why = st.text_input(t("Why go on now"), key="gate_why", max_chars=160)
        if st.button(t("Begin stage {n:count}: {name}", n=stage + 1, name=names[stage + 1])):
            _begin(stage + 1, checks, diagnosis, why)


def _fewer() -> None:
    """Why fewer channels are tested than the plan asks for."""
    why = st.text_input(t("Why fewer channels than planned"), key="gate_fewer", max_chars=120)
    if why.strip() and st.button(t("Keep this reason")):
        cache.ledger().set_inputs("gate", {"fewer": why.strip()}, by=state.USER)
        done(t("Kept."))


def _begin(stage: int, checks: tuple[Check, ...], diagnosis: Diagnosis, why: str) -> None:
    evidence: dict[str, Any] = {c.code: [c.have, c.need, *c.params.values()] for c in checks}
    met = all(check.passed for check in checks)
    try:
        cache.ledger().begin_stage(
            stage, dt.date.today(), by=state.USER, evidence=evidence, met=met, why=why,
            days=diagnosis.policy.stage_days,
        )  # fmt: skip
    except ChannelOptError as error:
        show_refusal(error)
    else:
        done(t("Stage {n} begins: {name}.", n=count(stage), name=stage_names()[stage]))

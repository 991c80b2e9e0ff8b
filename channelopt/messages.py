"""Every English template of the library, by code: what pages translate and the command line prints."""

from __future__ import annotations

from typing import Final

from channelopt import demo, errors, files, handover, inbox
from channelopt.experiments.messages import MESSAGES as EXPERIMENTS
from channelopt.intake.messages import MESSAGES as INTAKE
from channelopt.ledger.messages import MESSAGES as LEDGER
from channelopt.measure.messages import MESSAGES as MEASURE
from channelopt.plan.messages import MESSAGES as PLAN
from channelopt.response.messages import MESSAGES as RESPONSE
from channelopt.watch.messages import MESSAGES as WATCH

TEMPLATES: Final[dict[str, str]] = {
    **errors.MESSAGES,
    **EXPERIMENTS,
    **INTAKE,
    **LEDGER,
    **MEASURE,
    **PLAN,
    **RESPONSE,
    **WATCH,
    **demo.MESSAGES,
    **files.MESSAGES,
    **handover.MESSAGES,
    **inbox.MESSAGES,
}


def sentence(code: str, params: object) -> str:
    """A finding or refusal as plain English."""
    values = dict(params) if isinstance(params, dict) else {}
    return errors.PLAIN.vformat(TEMPLATES.get(code, code), (), values)

"""From evidence and policy to decisions: the diagnosis and the gates between the stages."""

from channelopt.plan.diagnosis import Diagnosis, diagnose
from channelopt.plan.gates import Check, decide_today, diagnosis_gate

__all__ = ["Check", "Diagnosis", "decide_today", "diagnose", "diagnosis_gate"]

"""From evidence and policy to decisions: diagnosis, gates, allocation, scenarios and their score."""

from channelopt.plan.allocation import allocate
from channelopt.plan.backtest import Backtest, backtest
from channelopt.plan.diagnosis import Diagnosis, diagnose
from channelopt.plan.frontier import Frontier, frontier
from channelopt.plan.gates import Check, decide_today, diagnosis_gate
from channelopt.plan.goals import Goal, goal_seek
from channelopt.plan.ladder import ladder
from channelopt.plan.planned import Band, Plan
from channelopt.plan.scenarios import (
    Assumptions,
    Comparison,
    Scenario,
    compare,
    outcome_band,
    today_scenario,
)
from channelopt.plan.score import Evidence, Score, evidence_of, score
from channelopt.plan.variation import Variation, design_variation

__all__ = [
    "Assumptions",
    "Backtest",
    "Band",
    "Check",
    "Comparison",
    "Diagnosis",
    "Evidence",
    "Frontier",
    "Goal",
    "Plan",
    "Scenario",
    "Score",
    "Variation",
    "allocate",
    "backtest",
    "compare",
    "decide_today",
    "design_variation",
    "diagnose",
    "diagnosis_gate",
    "evidence_of",
    "frontier",
    "goal_seek",
    "ladder",
    "outcome_band",
    "score",
    "today_scenario",
]

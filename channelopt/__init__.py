"""channelopt: where the next yuan of acquisition budget should go, with honest uncertainty."""

from channelopt.errors import ChannelOptError, Finding
from channelopt.experiments import ABTest, paired_ratio_test, plan_test
from channelopt.intake import read_export
from channelopt.ledger import Ledger
from channelopt.measure import economics
from channelopt.plan.allocation import allocate
from channelopt.plan.diagnosis import Diagnosis, diagnose
from channelopt.policy import Policy
from channelopt.response import ResponseCurves, fit_response

__version__ = "0.1.0"
__all__ = [
    "ABTest",
    "ChannelOptError",
    "Diagnosis",
    "Finding",
    "Ledger",
    "Policy",
    "ResponseCurves",
    "allocate",
    "diagnose",
    "economics",
    "fit_response",
    "paired_ratio_test",
    "plan_test",
    "read_export",
]

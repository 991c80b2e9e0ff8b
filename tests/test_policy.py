"""The policy: impossible settings of the focus stage are refused, and all of them survive the ledger."""

import pytest

from channelopt.errors import InputError
from channelopt.policy import Policy


@pytest.mark.parametrize(
    "wrong",
    [
        {"intent_leads": 5}, {"intent_customers": 10.5}, {"intent_hours": -1}, {"intent_low": 2.0},
        {"intent_low": 0.0}, {"call_cost": 0.0}, {"keep_alive": 1.1}, {"budget_step": 0.0}, {"bid_step": 1.0},
        {"explore_floor": 0.6}, {"rotation_memory": 0.0}, {"usual_lift": 0.0}, {"usual_lift": float("nan")},
        {"credit_doubt": -0.1}, {"credit_doubt": 1.5},
        {"intent_hours": float("nan")}, {"keep_alive": float("nan")},
    ],
    ids=str,
)  # fmt: skip
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(InputError) as refused:
        Policy(**wrong)
    assert refused.value.params["name"] in wrong


def test_settings_survive_a_round_trip():
    rules = Policy(call_cost=20.0, intent_high=2.0, explore_floor=0.0, keep_alive=0.0)
    assert Policy.from_dict(rules.to_dict()) == rules
    assert Policy.from_dict({"roi_floor": 2.0}) == Policy()  # written before these settings were there

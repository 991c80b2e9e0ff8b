"""Experiments: design before the data, analysis that fits what marketers have, looks that are paid for."""

from channelopt.experiments.abtest import ABTest, Reading
from channelopt.experiments.bayes import Posterior, beta_chance_to_win, posterior
from channelopt.experiments.design import TestPlan, plan_test
from channelopt.experiments.effect import Effect
from channelopt.experiments.metrics import METRICS, Metric, metric_of
from channelopt.experiments.paired import paired_ratio_test
from channelopt.experiments.proportions import (
    Statistic,
    equivalence_test,
    fisher_exact,
    k_proportions_test,
    miettinen_nurminen_interval,
    newcombe_interval,
    non_inferiority_test,
    rate_ratio_test,
    risk_ratio_interval,
    two_proportion_test,
    wilson_interval,
)
from channelopt.experiments.regions import RegionReading, RegionTest
from channelopt.experiments.regions_design import RegionPlan, plan_regions
from channelopt.experiments.replay import Replay, aa_replay
from channelopt.experiments.sequential import (
    always_valid,
    anytime_bounds,
    confidence_sequence,
    look_bounds,
    look_power,
    mixture_bound,
    mixture_precision,
    mixture_sprt,
    peeking_error,
)
from channelopt.experiments.several import adjust, shrink
from channelopt.experiments.sizes import (
    n_for_means,
    n_for_shares,
    n_for_shares_arcsine,
    n_for_shares_control_null,
    power_for_means,
    power_for_shares,
)
from channelopt.experiments.switchback import SwitchbackReading, SwitchbackTest
from channelopt.experiments.switchback_design import SwitchbackPlan, plan_switchback
from channelopt.experiments.users import (
    compare_arms,
    cuped_test,
    lift_test,
    log_ratio_interval,
    ratio_arm,
    ratio_test,
    welch_test,
)
from channelopt.experiments.validity import (
    Strata,
    effective_orders,
    split_test,
    split_test_exact,
    stratified_test,
)

__all__ = [
    "METRICS",
    "ABTest",
    "Effect",
    "Metric",
    "Posterior",
    "Reading",
    "RegionPlan",
    "RegionReading",
    "RegionTest",
    "Replay",
    "Statistic",
    "Strata",
    "SwitchbackPlan",
    "SwitchbackReading",
    "SwitchbackTest",
    "TestPlan",
    "aa_replay",
    "adjust",
    "always_valid",
    "anytime_bounds",
    "beta_chance_to_win",
    "compare_arms",
    "confidence_sequence",
    "cuped_test",
    "effective_orders",
    "equivalence_test",
    "fisher_exact",
    "k_proportions_test",
    "lift_test",
    "log_ratio_interval",
    "look_bounds",
    "look_power",
    "metric_of",
    "miettinen_nurminen_interval",
    "mixture_bound",
    "mixture_precision",
    "mixture_sprt",
    "n_for_means",
    "n_for_shares",
    "n_for_shares_arcsine",
    "n_for_shares_control_null",
    "newcombe_interval",
    "non_inferiority_test",
    "paired_ratio_test",
    "peeking_error",
    "plan_regions",
    "plan_switchback",
    "plan_test",
    "posterior",
    "power_for_means",
    "power_for_shares",
    "rate_ratio_test",
    "ratio_arm",
    "ratio_test",
    "risk_ratio_interval",
    "shrink",
    "split_test",
    "split_test_exact",
    "stratified_test",
    "two_proportion_test",
    "welch_test",
    "wilson_interval",
]

r"""The reward that pays: how many more of the invited come for it, against what it costs.

Acceptance at a reward x is :math:`p(x) = \operatorname{expit}(b_0 + b_1 x / x_{max})` with
:math:`b_1 \ge 0`: more money never puts people off. The priors are wide (``SD_LEVEL`` around the pooled
share, half-normal ``SD_SLOPE``), the posterior is taken on a grid around its peak. A customer brings
``margin``, so an invitation brings :math:`p(x) (margin - x)`; the best reward is where its posterior mean is
largest within 0 and the largest reward tried. Where three or more rewards do not fit the curve (deviance),
only the rewards tried are compared, each with its own share (Beta, made to rise).

Source: Bayesian decision with a logistic response; grid approximation as in Gelman et al. (2013), Bayesian
Data Analysis, ch. 3.7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special, stats

from channelopt.errors import Finding, InputError, require_columns
from channelopt.measure.referral import Range
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]

SD_LEVEL = 3.0
SD_SLOPE = 3.0
DRAWS = 2000
#: Points of the grid per side, and how many standard deviations it reaches.
GRID, WIDE = 81, 6.0
#: Rewards that are compared.
REWARDS = 201
#: Chance below which what was seen does not fit the smooth curve.
DOUBT = 0.1
STATUSES = ("pays", "none_pays", "open", "one_reward", "no_data")


@dataclass(frozen=True)
class Reward:
    """The reward that pays. Money in the workspace currency.

    Attributes:
        best: the reward that brings most on average; 0 when none pays; NaN with fewer than two rewards.
        range: where the best one lies, with its interval (mid is ``best``).
        gain: money more per 100 invitations at ``best`` than without a reward, with its interval.
        p_pays: chance that ``best`` brings more than no reward.
        status: one of ``STATUSES``; "pays" and "none_pays" with the policy's confidence.
        curve: columns reward, accept_low, accept, accept_high (share), net_low, net, net_high (money per 100
            invitations), tried (within the rewards tried); empty with fewer than two rewards.
        findings: what to do, and what is doubtful.
    """

    best: float
    range: Range
    gain: Range
    p_pays: float
    status: str
    curve: pd.DataFrame
    findings: tuple[Finding, ...] = ()


_CURVE = ("reward", "accept_low", "accept", "accept_high", "net_low", "net", "net_high", "tried")


def best_reward(
    points: pd.DataFrame, margin: float, policy: Policy | None = None, seed: int = 20260702
) -> Reward:
    """Which reward pays best.

    Args:
        points: reward (money per invited person who becomes a customer), invited, accepted; several rows per
            reward are added up.
        margin: money that a referred customer brings before the reward, above 0.
        policy: interval, confidence.
        seed: the same seed gives the same answer.

    Raises:
        InputError: a column is missing; ``common.bad_setting`` for counts or money that cannot be.
    """
    rules = policy or Policy()
    reward, invited, accepted = _counts(points, margin)
    nothing = Range(float("nan"), float("nan"), float("nan"))
    if len(reward) < 2:
        status = "one_reward" if len(reward) else "no_data"
        empty = pd.DataFrame(columns=list(_CURVE))
        said = (Finding("question", "measure.reward_one", {}),)
        return Reward(float("nan"), nothing, nothing, float("nan"), status, empty, said)
    rng = np.random.default_rng(seed)
    tried = np.linspace(0.0, float(reward.max()), REWARDS)
    level, slope = _draws(reward / reward.max(), invited, accepted, rng)
    share = special.expit(level[:, None] + slope[:, None] * tried / reward.max())
    smooth = _fits(share, tried, reward, invited, accepted)
    if not smooth:
        tried = reward
        free = rng.beta(accepted + 0.5, invited - accepted + 0.5, (DRAWS, len(reward)))
        share = np.maximum.accumulate(free, axis=1)
    net = 100 * share * (margin - tried)
    at = int(net.mean(axis=0).argmax())
    tail = (1 - rules.interval) / 2
    ends = [tail, 1 - tail]
    own, more = tried[net.argmax(axis=1)], net[:, at] - net[:, 0]
    best, p_pays = float(tried[at]), float((more > 0).mean())
    status = "open"
    if at > 0 and p_pays >= rules.confidence:
        status = "pays"
    elif at == 0 and (net.argmax(axis=1) == 0).mean() >= rules.confidence:
        status = "none_pays"
    low, high = np.quantile(own, ends)
    around = Range(float(min(low, best)), best, float(max(high, best)))
    gain = Range(float(np.quantile(more, tail)), float(more.mean()), float(np.quantile(more, 1 - tail)))
    curve = _curve(tried, share, net, ends, float(reward.min()))
    found = _said(status, best, gain, curve, reward, margin)
    if not smooth:
        found = (*found, Finding("info", "measure.reward_steps", {}))
    return Reward(best, around, gain, p_pays, status, curve, found)


def _fits(share: Array, tried: Array, reward: Array, invited: Array, accepted: Array) -> bool:
    """Whether the smooth curve explains what was seen (deviance, from three rewards on)."""
    if len(reward) < 3:
        return True
    fitted = np.clip(np.interp(reward, tried, share.mean(axis=0)), 1e-9, 1 - 1e-9)
    seen = accepted / invited
    gap = special.rel_entr(seen, fitted) + special.rel_entr(1 - seen, 1 - fitted)
    return bool(stats.chi2.sf(2 * float(invited @ gap), len(reward) - 2) >= DOUBT)


def _counts(points: pd.DataFrame, margin: float) -> tuple[Array, Array, Array]:
    require_columns(points, ("reward", "invited", "accepted"))
    if not 0 < margin < np.inf:
        raise InputError("common.bad_setting", name="margin", value=margin, wanted="money above 0")
    sums = points.groupby("reward", sort=True)[["invited", "accepted"]].sum()
    sums = sums[sums["invited"] > 0]
    columns = (sums.index, sums["invited"], sums["accepted"])
    reward, invited, accepted = (np.asarray(v, dtype="float64") for v in columns)
    if not (np.isfinite(reward) & (reward >= 0)).all():
        raise InputError("common.bad_setting", name="reward", value=list(reward), wanted="money from 0")
    if not ((accepted >= 0) & (accepted <= invited)).all():
        wanted = "from 0 to the number invited"
        raise InputError("common.bad_setting", name="accepted", value=list(accepted), wanted=wanted)
    return reward, invited, accepted


def _draws(x: Array, invited: Array, accepted: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draws of level and slope; x from 0 to 1."""
    centre = float(special.logit((accepted.sum() + 0.5) / (invited.sum() + 1)))

    def minus_log(level: Array, slope: Array) -> Array:
        eta = level[..., None] + slope[..., None] * x
        seen = accepted * eta - invited * np.logaddexp(0, eta)
        prior = ((level - centre) / SD_LEVEL) ** 2 / 2 + (slope / SD_SLOPE) ** 2 / 2
        return np.asarray(prior - seen.sum(axis=-1))

    found = optimize.minimize(
        lambda b: float(minus_log(np.asarray(b[0]), np.asarray(b[1]))), [centre, 0.1],
        method="L-BFGS-B", bounds=[(-60, 60), (0, 60)],
    )  # fmt: skip
    peak = found.x
    weight = invited * special.expit(peak[0] + peak[1] * x) * special.expit(-peak[0] - peak[1] * x)
    cross = float(weight @ x)
    curve = np.array([[weight.sum(), cross], [cross, weight @ x**2]]) + np.diag([SD_LEVEL**-2, SD_SLOPE**-2])
    root = np.linalg.cholesky(np.linalg.inv(curve))
    z = np.linspace(-WIDE, WIDE, GRID)
    both = np.stack(np.meshgrid(z, z), axis=-1).reshape(-1, 2)
    level, slope = (peak + both @ root.T).T
    dense = np.where(slope >= 0, np.exp(float(found.fun) - minus_log(level, np.maximum(slope, 0))), 0.0)
    chosen = rng.choice(len(dense), DRAWS, p=dense / dense.sum())
    shake = (rng.random((DRAWS, 2)) - 0.5) * (2 * WIDE / (GRID - 1)) @ root.T
    return level[chosen] + shake[:, 0], np.maximum(slope[chosen] + shake[:, 1], 0.0)


def _curve(tried: Array, share: Array, net: Array, ends: list[float], least: float) -> pd.DataFrame:
    keep = slice(None, None, 10 if len(tried) == REWARDS else 1)
    accept, money = (np.quantile(v[:, keep], ends, axis=0) for v in (share, net))
    values = (
        tried[keep], accept[0], share[:, keep].mean(axis=0), accept[1],
        money[0], net[:, keep].mean(axis=0), money[1], tried[keep] >= least,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(_CURVE, values, strict=True)))


def _said(
    status: str, best: float, gain: Range, curve: pd.DataFrame, reward: Array, margin: float
) -> tuple[Finding, ...]:
    found = []
    if status == "pays":
        params = {"reward": best, "gain": gain.mid, "low": gain.low, "high": gain.high}
        found.append(Finding("info", "measure.reward_pays", params))
    elif status == "none_pays":
        found.append(Finding("info", "measure.reward_none_pays", {}))
    else:
        high = best if best > 0 else float(reward[reward > 0].min())
        n = _needed(float(curve["accept"].iloc[0]), high, margin)
        found.append(Finding("question", "measure.reward_open", {"low": 0.0, "high": high, "n": n}))
    if best >= reward.max():
        found.append(Finding("warning", "measure.reward_edge", {"reward": best}))
    if reward.min() > 0:
        found.append(Finding("warning", "measure.reward_no_zero", {"reward": float(reward.min())}))
    return tuple(found)


def _needed(share: float, reward: float, margin: float) -> int:
    """Invitations per side that tell acceptance at the reward's break-even from that without."""
    if reward >= margin:
        return 100
    rise = max(share * margin / (margin - reward) - share, 1e-4)
    return int(np.clip(np.ceil(16 * share * (1 - share) / rise**2), 100, 1e7))

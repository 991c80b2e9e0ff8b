"""Linear algebra on one thread while curves are learned."""

from __future__ import annotations

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_info, threadpool_limits

import channelopt as co
from tests.response.simple import account


def threads() -> set[int]:
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


def test_one_thread_inside_and_as_before_outside() -> None:
    daily, _ = account()
    seen: list[set[int]] = []
    with threadpool_limits(limits=2, user_api="blas"):
        before = threads()
        co.fit_response(daily, on_step=lambda done, of: seen.append(threads()))
        assert {1} in seen
        assert threads() == before


def test_the_same_digits_however_many_threads_there_are() -> None:
    daily, _ = account(channels=8, days=400, seed=3)
    total = daily.groupby("day", as_index=False)["revenue"].sum()
    for known in (None, pd.DataFrame(total)):
        found = []
        for limit in (1, 2):
            with threadpool_limits(limits=limit, user_api="blas"):
                curves = co.fit_response(daily, total=known)
            found.append((curves.top, curves.half))
        assert np.array_equal(found[0][0], found[1][0]) and np.array_equal(found[0][1], found[1][1])

"""Old data, plans whose reports are missing and targets that steps hold back are said in words."""

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from channelopt.ledger import Ledger
from channelopt.plan.quick import beats_today, promised, promised_over_today
from channelopt.response import ResponseCurves

COSTS = "date,channel,cost,leads,customers,revenue\n" + "\n".join(
    f"{day:%Y-%m-%d},{name},{100 + i % 7},{5 + i % 3},1,{300 + i % 11}"
    for i, day in enumerate(pd.date_range("2026-01-01", periods=40))
    for name in ("stand", "leaflets")
)


@pytest.mark.parametrize(("lang", "words"), [("en", "Your data ended"), ("zh", "数据截止于")])
def test_old_data_are_called_old_but_not_the_sample(open_page, demo_home, tmp_path, lang, words):
    with Ledger.open(tmp_path / "my-brand", name="my-brand", currency="CNY") as ledger:
        ledger.commit(ledger.read(COSTS.encode(), "costs.csv", answers={"currency": "CNY"}), by="x")
    app = open_page(tmp_path, "overview", lang)
    assert not app.exception
    assert any(words in m.value for m in app.sidebar.markdown)
    assert not any(words in m.value for m in open_page(demo_home, "overview", lang).sidebar.markdown)


def test_a_larger_budget_is_promised_against_today():
    rng = np.random.default_rng(3)
    top = 4000.0 * np.array([1.0, 0.6, 0.3]) * np.exp(0.1 * rng.standard_normal((200, 3)))
    curves = ResponseCurves.from_parameters(top, 500.0, today=200.0, channels=["a", "b", "c"])
    plan = co.allocate(curves, budget=3 * float(curves.today.sum()) * 28, days=28, step_limit=None)
    over, mix = promised_over_today(plan), promised(plan)
    share = beats_today(plan).share
    assert over.mid > mix.mid + 0.5
    assert over.mid - share.mid == pytest.approx(plan.uplift - plan.naive_uplift)

"""What one reader's language made does not show up on another reader's page."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

VIEWS = (
    ("overview", None, ()),
    ("diagnosis", "view", ("cards", "table")),
    ("trends", None, ()),
    ("focus", "focus_view", ("money", "week", "hooks", "leads")),
    ("experiments", "tests_view", ("tests", "plan", "log")),
    ("scenarios", "scenario_view", ("plan", "compare", "curves", "saved")),
    ("scaling", "scaling_view", ("room", "launch", "referral", "repeat")),
)
CASES = [(page, key, view) for page, key, views in VIEWS for view in views or ("",)]


@pytest.fixture(scope="module")
def homes(tmp_path_factory, put_demo):
    """Two folders with the same demo brand: what is made for one is not there for the other."""
    both, fresh = tmp_path_factory.mktemp("both"), tmp_path_factory.mktemp("fresh")
    return SimpleNamespace(both=put_demo(both), fresh=put_demo(fresh))


def shown(app):
    """All words of a page, tables and charts with them."""
    words = [e.value for kind in (app.title, app.markdown, app.caption, app.info, app.warning) for e in kind]
    words += [e.label for kind in (app.expander, app.button, app.metric) for e in kind]
    words += [e.value.to_csv() for kind in (app.dataframe, app.table) for e in kind]
    return [*words, *(e.proto.spec for e in app.get("plotly_chart"))]


@pytest.mark.parametrize(("page", "key", "view"), CASES)
def test_a_page_in_chinese_is_the_same_after_one_in_english(open_page, homes, page, key, view):
    given = {key: view} if key else {}
    assert not open_page(homes.both, page, "en", **given).exception
    after, alone = (open_page(home, page, "zh", **given) for home in (homes.both, homes.fresh))
    assert not after.exception
    assert shown(after) == shown(alone)
    assert len(shown(alone)) > 3

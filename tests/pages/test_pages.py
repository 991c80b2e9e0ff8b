"""Every page, with and without data, in both languages, without a browser."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from channelopt.demo import HOOK_TEST
from channelopt.errors import InputError
from channelopt.ledger import Ledger
from channelopt.policy import Policy
from pages.parts.limits import setting_names, wanted_words
from pages.parts.say import say_error

ROOT = Path(__file__).resolve().parents[2]

PAGES = (
    "overview",
    "upload",
    "diagnosis",
    "trends",
    "focus",
    "experiments",
    "scenarios",
    "scaling",
    "settings",
)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_with_the_demo_shows_its_finding(open_page, demo_home, page, lang):
    app = open_page(demo_home, page, lang)
    assert not app.exception
    assert not app.error
    assert app.title[0].value
    said = app.title[0].value.replace(HOOK_TEST, "")  # a name stands as it was given
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in said)
    assert chinese == (lang == "zh")


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_workspace_says_what_to_do(open_page, tmp_path, page):
    app = open_page(tmp_path, page)
    assert not app.exception
    assert not app.error
    assert app.title[0].value


def test_the_overview_says_how_much_comes_back(open_page, demo_home):
    app = open_page(demo_home, "overview")
    assert app.title[0].value.startswith("Every 1 spent brings back")
    assert len(app.metric) == 5
    assert len(app.title[0].value.split()) <= 12


def test_the_table_and_the_steps_are_views_of_the_diagnosis(open_page, demo_home):
    app = open_page(demo_home, "diagnosis", view="table")
    assert len(app.dataframe) == 1
    assert len(app.dataframe[0].value) == 7
    app = open_page(demo_home, "diagnosis", view="why", channel="meta_ads")
    assert app.selectbox(key="channel").value == "meta_ads"
    said = " ".join(m.value for m in app.markdown)
    assert "Last four weeks" in said and "Cost per click" in said
    assert [b.label for b in app.button if "numbers come from" in b.label]


def test_a_new_bar_is_used_at_once(open_page, tmp_path):
    app = open_page(tmp_path, "settings")
    next(n for n in app.number_input if n.label.startswith("Drop a channel")).set_value(2.5)
    next(b for b in app.button if b.label == "Save").click()
    app.run()
    assert not app.exception
    assert "2.5" in app.title[0].value.replace("\\", "")
    with Ledger.open(tmp_path / "my-brand") as ledger:
        assert ledger.policy.roi_floor == 2.5
        assert len(ledger.policies()) == 1


def test_an_impossible_bar_is_refused_in_words(open_page, tmp_path):
    app = open_page(tmp_path, "settings")
    next(n for n in app.number_input if n.label.startswith("Target ROI from")).set_value(9.0)
    next(b for b in app.button if b.label == "Save").click()
    app.run()
    assert not app.exception
    assert "target" in app.error[0].value


def test_dropping_files_shows_receipts_and_stores_them(open_page, tmp_path):
    from channelopt.demo import demo_files

    app = open_page(tmp_path, "upload")
    path = next(p for p in demo_files() if "meta" in p.name)
    app.file_uploader[0].upload(path.name, path.read_bytes()).run()
    assert not app.exception
    shown = " ".join(m.value for m in app.markdown)
    assert "Meta" in shown and "100" in shown
    next(b for b in app.button if b.label.startswith("Looks right")).click()
    app.run()
    assert not app.exception
    assert app.success[0].value.startswith("Stored")


def test_a_letter_is_refused_in_words(open_page, tmp_path):
    app = open_page(tmp_path, "upload")
    letter = b"Dear all,\n\nthe meeting moves to Friday.\n\nYours, Eve\n"
    app.file_uploader[0].upload("letter.txt", letter).run()
    assert not app.exception
    assert "letter" in app.error[0].value
    assert next(b for b in app.button if b.label.startswith("Looks right")).disabled


def test_a_table_without_a_known_money_column_is_asked_about(open_page, tmp_path):
    """An id column is never taken for money; the user says which column is."""
    app = open_page(tmp_path, "upload")
    table = "date,id,outlay x\n" + "\n".join(f"2026-01-{d:02d},{9000 + d},{10 + d}.50" for d in range(1, 20))
    app.file_uploader[0].upload("costs.csv", table.encode()).run()
    assert not app.exception
    assert "what you paid" in app.error[0].value.lower()
    app.selectbox(key="map_0_spend").select("outlay x")
    app.text_input(key="currency_0").input("CNY")
    app.text_input(key="channel_0").input("Radio")
    next(b for b in app.button if b.label.startswith("Read it again")).click()
    app.run()
    assert not app.exception
    assert not app.error
    assert not next(b for b in app.button if b.label.startswith("Looks right")).disabled


def test_undo_and_back_again_on_the_page(open_page, tmp_path):
    app = open_page(tmp_path, "upload")
    table = "date,channel,cost,currency\n" + "\n".join(f"2026-01-{d:02d},Radio,10,CNY" for d in range(1, 20))
    app.file_uploader[0].upload("radio.csv", table.encode()).run()
    next(b for b in app.button if b.label.startswith("Looks right")).click()
    app.run()
    next(b for b in app.button if b.label.startswith("Undo")).click()
    app.run()
    assert app.success[0].value.startswith("Undone")
    next(b for b in app.button if b.label.startswith("Bring it back")).click()
    app.run()
    assert app.success[0].value.startswith("It is back")
    assert not app.exception


def test_a_rate_makes_foreign_money_count(open_page, tmp_path):
    app = open_page(tmp_path, "upload")
    table = "date,channel,cost,currency\n" + "\n".join(f"2026-01-{d:02d},Radio,10,USD" for d in range(1, 11))
    app.file_uploader[0].upload("radio.csv", table.encode()).run()
    assert any("exchange rate" in m.value for m in app.markdown)
    next(b for b in app.button if b.label.startswith("Looks right")).click()
    app.run()
    app = open_page(tmp_path, "settings")
    next(i for i in app.text_input if i.label.startswith("Currency code")).input("usd")
    next(n for n in app.number_input if n.label.startswith("1 of it")).set_value(7.0)
    next(b for b in app.button if b.label == "Save rate").click()
    app.run()
    assert not app.exception
    with Ledger.open(tmp_path / "my-brand") as ledger:
        assert ledger.daily(("channel",))["spend"].tolist() == [700.0]


def test_a_cost_is_added_and_removed(open_page, demo_home, tmp_path):
    app = open_page(tmp_path, "settings")
    next(n for n in app.number_input if n.label == "Amount").set_value(500.0)
    next(i for i in app.text_input if i.label == "What for").input("agency")
    next(b for b in app.button if b.label == "Add cost").click()
    app.run()
    assert app.success[0].value == "Added."
    next(b for b in app.button if b.label == "Remove").click()
    app.run()
    assert not app.exception
    with Ledger.open(tmp_path / "my-brand") as ledger:
        assert ledger.other_costs().empty


def test_a_new_brand_opens_at_once(open_page, tmp_path):
    app = open_page(tmp_path, "settings")
    next(i for i in app.text_input if i.label == "Name of the brand").input("Second brand")
    next(b for b in app.button if b.label == "Create workspace").click()
    app.run()
    assert not app.exception
    assert app.selectbox(key="workspace").value == "Second brand"


def test_a_brand_name_cannot_leave_the_folder(open_page, tmp_path):
    app = open_page(tmp_path, "settings")
    next(i for i in app.text_input if i.label == "Name of the brand").input("../outside")
    next(b for b in app.button if b.label == "Create workspace").click()
    app.run()
    assert not app.exception
    assert len(app.error) == 1
    assert not (tmp_path.parent / "outside").exists()


def test_test_rows_have_a_receipt_of_their_own(open_page, tmp_path):
    app = open_page(tmp_path, "upload")
    table = "date,variant,clicks,leads\n" + "".join(
        f"2026-03-{d:02d},{v},{50 + d},{d}\n" for d in range(1, 15) for v in ("control", "new hook")
    )
    app.file_uploader[0].upload("hook_20260301-20260314.csv", table.encode()).run()
    assert not app.exception and not app.error
    shown = " ".join(m.value for m in [*app.markdown, *app.caption])
    assert "Test rows" in shown and "28 rows of 1 test" in shown
    assert "Test rows never add to your channel totals." in shown and "called hook" in shown
    frame = app.dataframe[0].value
    assert list(frame.columns) == ["Variant of a test", "Rows", "Days"]
    assert frame["Variant of a test"].tolist() == ["control", "new hook"]
    app.text_input(key="experiment_0").input("Hook of March")
    next(b for b in app.button if b.label.startswith("Read it again")).click()
    app.run()
    assert "called hook" not in " ".join(m.value for m in [*app.markdown, *app.caption])
    next(b for b in app.button if b.label.startswith("Looks right")).click()
    app.run()
    assert not app.exception and app.success[0].value.startswith("Stored")
    with Ledger.open(next(p.parent for p in tmp_path.rglob("ledger.duckdb"))) as ledger:
        assert ledger.variant_tables()["experiment"].tolist() == ["Hook of March"]
        assert ledger.daily().empty


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_unsure_kind_is_a_question_with_an_answer_on_the_page(open_page, tmp_path, lang):
    app = open_page(tmp_path, "upload", lang)
    table = "日期,渠道,实验组,花费(元),点击\n2026-03-01,百度,A,10,5\n2026-03-01,百度,B,11,6\n"
    app.file_uploader[0].upload("x.csv", table.encode()).run()
    assert not app.exception
    app.selectbox(key="kind_0").select("variants")
    next(b for b in app.button if "FormSubmitter" in str(b.key)).click()
    app.run()
    assert not app.exception and app.dataframe[0].value.iloc[:, 0].tolist() == ["A", "B"]


def test_a_file_without_variants_lets_the_user_name_the_column(open_page, tmp_path):
    app = open_page(tmp_path, "upload")
    table = "date,flavour,clicks\n2026-03-01,sweet,5\n2026-03-01,salty,6\n"
    app.file_uploader[0].upload("x.csv", table.encode()).run()
    app.selectbox(key="kind_0").select("variants")
    next(b for b in app.button if b.label.startswith("Read it again")).click()
    app.run()
    assert "variant of the test" in app.error[0].value
    app.selectbox(key="map_0_variant").select("flavour")
    next(b for b in app.button if b.label.startswith("Read it again")).click()
    app.run()
    assert not app.exception and not app.error
    assert app.dataframe[0].value["Variant of a test"].tolist() == ["salty", "sweet"]


SWITCHES = {
    "diagnosis": ("view", "cards", "table"),
    "focus": ("focus_view", "money", "leads"),
    "experiments": ("tests_view", "tests", "log"),
    "scenarios": ("scenario_view", "plan", "saved"),
    "scaling": ("scaling_view", "room", "repeat"),
}


@pytest.mark.parametrize("page", SWITCHES)
def test_a_view_stands_in_the_address_by_its_key(open_page, demo_home, page):
    key, first, other = SWITCHES[page]
    app = open_page(demo_home, page, "zh")
    assert (app.session_state[key], app.query_params[key]) == (first, first)
    app.query_params[key] = other
    app.run()
    assert not app.exception
    assert app.session_state[key] == other
    app.query_params[key] = "no such view"
    app.run()
    assert not app.exception
    assert (app.session_state[key], app.query_params[key]) == (other, other)


def test_every_rule_of_the_policy_has_a_field():
    """No threshold is out of a user's reach: its name stands in one of the forms of the settings."""
    folder = ROOT / "pages" / "parts" / "settings"
    named = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                named |= {key.value for key in node.keys if isinstance(key, ast.Constant)}
            if isinstance(node, ast.keyword):
                named.add(node.arg)
    assert {field.name for field in fields(Policy)} - named == set()


def test_every_refusal_of_a_rule_is_in_the_readers_words():
    source = ast.parse((ROOT / "channelopt" / "policy.py").read_text(encoding="utf-8"))
    wanted = {
        node.args[2].value
        for node in ast.walk(source)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_refuse"
        if isinstance(node.args[2], ast.Constant)
    }
    assert len(wanted) > 15 and wanted - set(wanted_words()) == set()
    assert {f.name for f in fields(Policy)} - set(setting_names()) <= {
        # kept in range by the field itself, or chosen from a list
        "bounce_limit", "cheap_click_gap", "concentration_limit", "delivery_floor", "spend_explained",
        "opportunity_rate", "cost_rates", "attribution",
    }  # fmt: skip


def test_saving_an_untouched_form_changes_no_rule(open_page, tmp_path):
    app = open_page(tmp_path, "settings")
    next(b for b in app.button if b.label == "Save").click()
    app.run()
    assert not app.exception and not app.error
    with Ledger.open(tmp_path / "my-brand") as ledger:
        assert len(ledger.policies()) == 1 and ledger.policy == Policy()


STAGE_FIELDS = {
    "Channels to test": ("channels_tested", 4, 4),
    "Days of a stage": ("stage_days", 45, 45),
    "Budget step": ("budget_step", 12.5, 0.125),
    "Bid step": ("bid_step", 5.0, 0.05),
    "Kept alive": ("keep_alive", 20.0, 0.2),
    "Least share of a hook": ("explore_floor", 5.0, 0.05),
    "Old weeks": ("rotation_memory", 80.0, 0.8),
    "How much hooks and other": ("usual_lift", 20.0, 0.2),
    "How far credited leads": ("credit_doubt", 40.0, 0.4),
    "Fewest leads for": ("intent_leads", 300, 300),
    "Fewest customers among": ("intent_customers", 50, 50),
    "High intent": ("intent_high", 2.0, 2.0),
    "Low intent": ("intent_low", 0.7, 0.7),
    "Hours of behaviour": ("intent_hours", 48.0, 48.0),
    "Cost of a call": ("call_cost", 12.0, 12.0),
    "A new platform brings": ("launch_discount", 60.0, 0.6),
    "How unsure that is": ("launch_discount_sd", 50.0, 0.5),
    "How often a trial": ("launch_error", 5.0, 0.05),
    "Weeks of a trial": ("launch_weeks", 6, 6),
    "A customer should have": ("payback_months", 12, 12),
    "Warn when a customer": ("cac_tolerance", 35.0, 1.35),
    "Fewest repeat": ("min_repeaters", 60, 60),
    "Later money": ("discount_rate", 8.0, 0.08),
    "The money just comes back": ("break_even", 1.3, 1.3),
}


def test_the_rules_of_the_stages_are_saved(open_page, tmp_path):
    app = open_page(tmp_path, "settings")
    for label, (_, typed, _) in STAGE_FIELDS.items():
        next(n for n in app.number_input if n.label.startswith(label)).set_value(typed)
    next(b for b in app.button if b.label == "Save").click()
    app.run()
    assert not app.exception and not app.error
    with Ledger.open(tmp_path / "my-brand") as ledger:
        kept = ledger.policy.to_dict()
    assert {name: kept[name] for name, _, _ in STAGE_FIELDS.values()} == {
        name: value for name, _, value in STAGE_FIELDS.values()
    }


@pytest.mark.parametrize(
    ("label", "value", "said"),
    [
        ("Low intent", 3.0, "The line of low intent cannot be 3: above 0 and below the line of high intent."),
        ("The money just", 2.5, "Break-even cannot be 2.5: above 0 and not above your bar."),
        ("Target ROI from", 9.0, "The target return cannot be 9 – 5: two multiples, the lower first."),
    ],
)
def test_a_rule_against_another_is_refused_in_words(open_page, tmp_path, label, value, said):
    app = open_page(tmp_path, "settings")
    next(n for n in app.number_input if n.label.startswith(label)).set_value(value)
    next(b for b in app.button if b.label == "Save").click()
    app.run()
    assert not app.exception
    assert app.error[0].value.replace("\\", "").replace("\u2060", "") == said
    with Ledger.open(tmp_path / "my-brand") as ledger:
        assert ledger.policies().empty


def test_a_refused_rule_is_told_in_chinese(monkeypatch):
    monkeypatch.setattr("pages.parts.language.language", lambda: "zh")
    with pytest.raises(InputError) as refused:
        Policy(intent_low=2.0)
    said = say_error(refused.value).replace("\\", "").replace("\u2060", "")
    assert said == "低意向的界线 不能是 2，应为：大于 0 且低于高意向的界线。"


def test_steps_of_payment_that_are_no_numbers_are_refused_on_the_page(open_page, tmp_path):
    app = open_page(tmp_path, "settings")
    next(i for i in app.text_input if i.label.startswith("Payment in steps")).set_value("a third")
    next(b for b in app.button if b.label == "Save").click()
    app.run()
    assert not app.exception and "numbers such as 30/50/20" in app.error[0].value
    assert len(app.number_input) > 20  # the form is still there

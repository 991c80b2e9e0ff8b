"""Every page, with and without data, in both languages, without a browser."""

import pytest

from channelopt.demo import HOOK_TEST
from channelopt.ledger import Ledger

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

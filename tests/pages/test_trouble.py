"""Refusals are sentences, anything else a numbered report; never a stack trace."""

from streamlit.testing.v1 import AppTest


def refused():
    from channelopt.errors import Finding
    from channelopt.intake import IntakeError
    from pages.parts.trouble import show_error

    show_error(IntakeError("intake.not_a_table", findings=(Finding("info", "intake.no_name"),), name="*a*"))


def broken():
    from pages.parts.trouble import show_error

    show_error(ZeroDivisionError("secret detail"))


def test_a_refusal_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("CHANNELOPT_HOME", str(tmp_path))
    app = AppTest.from_function(refused).run()
    assert not app.exception
    assert "letter" in app.error[0].value
    assert "\\*a\\*" in app.error[0].value


def test_a_bug_shows_a_number_and_no_detail(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("CHANNELOPT_HOME", str(tmp_path))
    app = AppTest.from_function(broken).run()
    text = app.error[0].value
    assert "secret" not in text and "Zero" not in text
    number = next(word for word in caplog.messages if word.startswith("bug ")).split()[1]
    assert number in text

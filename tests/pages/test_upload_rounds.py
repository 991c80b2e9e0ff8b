"""Several files dropped at once, of which some still wait for an answer."""

from __future__ import annotations

from channelopt.ledger import Ledger


def _costs(channel: str, currency: str = "CNY") -> bytes:
    named = f",{currency}" if currency else ""
    head = "date,channel,cost" + (",currency" if currency else "")
    return (
        head + "\n" + "\n".join(f"2026-01-{d:02d},{channel},{10 + d}{named}" for d in range(1, 20))
    ).encode()


def _store(app):
    next(b for b in app.button if b.label.startswith("Looks right")).click()
    return app.run()


def test_a_file_that_waits_for_an_answer_stays_when_the_others_are_stored(open_page, tmp_path):
    app = open_page(tmp_path, "upload")
    files = {"radio.csv": _costs("Radio"), "open.csv": _costs("Posters", ""), "tv.csv": _costs("TV")}
    for name, data in files.items():
        app.file_uploader[0].upload(name, data)
    app.run()
    app.text_input(key="currency_1").input("CN")  # half typed, and kept
    _store(app)
    assert not app.exception
    assert app.success[0].value.startswith("Stored 2 files")
    assert "1 file still waits for an answer." in app.success[0].value
    shown = " ".join(m.value for m in app.markdown)
    assert "In which currency is this file?" in shown and shown.count("· stored") == 2
    assert next(b for b in app.button if b.label.startswith("Looks right")).disabled
    app.text_input(key="currency_1").input("CNY")
    next(b for b in app.button if b.label.startswith("Read it again")).click()
    app.run()
    assert any(b.label == "Looks right: store 1 file" for b in app.button)
    _store(app)
    assert not app.exception
    assert app.success[0].value.startswith("Stored 1 file") and "waits" not in app.success[0].value
    assert "· stored" not in " ".join(m.value for m in app.markdown)
    with Ledger.open(tmp_path / "my-brand") as ledger:
        assert ledger.passport().files == 3

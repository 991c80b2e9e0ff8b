"""A workspace of an earlier format: brought up to date whole, or left whole, with a copy beside it."""

from __future__ import annotations

import datetime as dt
import shutil

import duckdb
import pytest

from channelopt.ledger import Ledger, LedgerError, migrations
from channelopt.ledger.schema import FORMAT_VERSION
from tests.ledger.conftest import same, spend, spend_read, spend_rows

#: The tables as format 1 made them; frozen, never to be changed.
SUMS = """spend DECIMAL(18,4), impressions DOUBLE, clicks DOUBLE, link_clicks DOUBLE, sessions DOUBLE,
    bounces DOUBLE, dwell_seconds DOUBLE, form_starts DOUBLE, leads DOUBLE, customers DOUBLE,
    revenue DECIMAL(18,4)"""
FORMAT_1 = f"""
CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE imports (import_id INTEGER PRIMARY KEY, sha256 VARCHAR UNIQUE, name VARCHAR, platform VARCHAR,
    kind VARCHAR, "at" TIMESTAMP, "by" VARCHAR, "rows" INTEGER, rejected INTEGER, spend DOUBLE,
    file_total DOUBLE, explained DOUBLE, currency VARCHAR, day_first DATE, day_last DATE, evidence TIMESTAMP,
    level VARCHAR, partial_ok BOOLEAN, preferred BOOLEAN, status VARCHAR, details VARCHAR);
CREATE TABLE spend_facts (import_id INTEGER, row_no INTEGER, day DATE, day_end DATE, platform VARCHAR,
    channel VARCHAR, account VARCHAR, campaign VARCHAR, ad_group VARCHAR, ad VARCHAR, breakdown VARCHAR,
    currency VARCHAR, {SUMS}, conversion_event VARCHAR, conversion_clock VARCHAR, spend_basis VARCHAR);
CREATE TABLE lead_facts (import_id INTEGER, row_no INTEGER, lead_key VARCHAR, created_at TIMESTAMP,
    channel VARCHAR, campaign VARCHAR, status VARCHAR, valid BOOLEAN, qualified_at TIMESTAMP,
    customer_at TIMESTAMP, revenue DECIMAL(18,4), page_views DOUBLE, dwell_seconds DOUBLE);
CREATE TABLE rejected_rows (import_id INTEGER, row_no INTEGER, reason VARCHAR, params VARCHAR, raw VARCHAR);
CREATE TABLE records (kind VARCHAR, channel VARCHAR, account VARCHAR, day DATE, day_end DATE,
    import_id INTEGER, account_in_file VARCHAR);
CREATE TABLE daily_spend (kind VARCHAR, day DATE, day_end DATE, platform VARCHAR, channel VARCHAR,
    account VARCHAR, campaign VARCHAR, currency VARCHAR, import_id INTEGER, n_rows INTEGER, {SUMS});
CREATE TABLE lead_records AS SELECT * EXCLUDE (row_no) FROM lead_facts;
CREATE TABLE channels (channel VARCHAR PRIMARY KEY, label VARCHAR, palette INTEGER);
CREATE TABLE policies (version INTEGER, "at" TIMESTAMP, "by" VARCHAR, settings VARCHAR);
CREATE TABLE other_costs (cost_id INTEGER, month DATE, channel VARCHAR, what VARCHAR, amount DECIMAL(18,4),
    "at" TIMESTAMP, "by" VARCHAR);
CREATE TABLE rates (currency VARCHAR, rate DOUBLE, "at" TIMESTAMP, "by" VARCHAR);
CREATE VIEW current_rates AS SELECT currency, rate FROM (SELECT *, row_number() OVER
    (PARTITION BY currency ORDER BY "at" DESC, rate) AS place FROM rates) WHERE place = 1;
CREATE TABLE answers (fingerprint VARCHAR PRIMARY KEY, answers VARCHAR, "at" TIMESTAMP, "by" VARCHAR);
CREATE TABLE ledger_findings (severity VARCHAR, code VARCHAR, params VARCHAR);
CREATE TABLE events ("at" TIMESTAMP, "by" VARCHAR, what VARCHAR, detail VARCHAR);
INSERT INTO meta VALUES ('format_version', '1'), ('name', 'Brand'), ('currency', 'CNY'), ('version', '4');
INSERT INTO rates VALUES ('CNY', 1, '2026-01-01', '');
"""
#: What formats 2 to 5 added to it; frozen as well.
LATER = """
ALTER TABLE spend_facts ADD COLUMN n_rows BIGINT DEFAULT 1;
ALTER TABLE daily_spend ALTER COLUMN n_rows TYPE BIGINT;
CREATE TABLE account_answers (answer_id INTEGER, channel VARCHAR, one VARCHAR, other VARCHAR, same BOOLEAN,
    "at" TIMESTAMP, "by" VARCHAR);
CREATE TABLE touch_facts (import_id INTEGER, row_no INTEGER, person_key VARCHAR, "at" TIMESTAMP,
    channel VARCHAR, event VARCHAR, dwell_seconds DOUBLE, value DECIMAL(18,4));
CREATE TABLE contracts (contract_id INTEGER, channel VARCHAR, day_first DATE, day_last DATE,
    impressions DOUBLE, clicks DOUBLE, price DECIMAL(18,4), what VARCHAR, removed BOOLEAN, "at" TIMESTAMP,
    "by" VARCHAR);
ALTER TABLE other_costs ADD COLUMN kind VARCHAR DEFAULT 'fee';
ALTER TABLE other_costs ADD COLUMN rule VARCHAR DEFAULT 'spend';
CREATE TABLE experiments (experiment_id INTEGER, version INTEGER, name VARCHAR, state VARCHAR, "start" DATE,
    settings VARCHAR, why VARCHAR, "at" TIMESTAMP, "by" VARCHAR);
INSERT INTO experiments VALUES (1, 1, 'Hook', 'running', '2026-03-01', '{"metric": "cpl"}', '',
    '2026-03-01', 'eve');
UPDATE meta SET value = '5' WHERE key = 'format_version';
"""
TABLES = ("imports", "spend_facts", "records", "daily_spend", "channels", "events")


@pytest.fixture
def old(tmp_path):
    """A folder with a workspace of format 1, and the same figures in today's format."""
    reads = [
        spend_read(spend_rows(days=9, campaigns=("a", "b"), account="north"), name="n.csv"),
        spend_read(spend_rows(days=4, start=6, account="south", each=23.0), name="s.csv"),
    ]
    with Ledger.open(tmp_path / "new", name="Brand", currency="CNY") as ledger:
        for read in reads:
            ledger.commit(read, "eve")
    shutil.copytree(tmp_path / "new", tmp_path / "old")
    file = tmp_path / "old" / "ledger.duckdb"
    file.unlink()
    connection = duckdb.connect(str(file))
    connection.execute(FORMAT_1)
    connection.execute(f"ATTACH '{tmp_path / 'new' / 'ledger.duckdb'}' AS new (READ_ONLY)")
    for table in TABLES:
        columns = ", ".join(f'"{row[0]}"' for row in connection.execute(f"DESCRIBE {table}").fetchall())
        connection.execute(f"INSERT INTO {table} SELECT {columns} FROM new.{table}")
    connection.close()
    return tmp_path


def version(file):
    connection = duckdb.connect(str(file), read_only=True)
    try:
        return connection.execute("SELECT value FROM meta WHERE key = 'format_version'").fetchone()[0]
    finally:
        connection.close()


def test_the_first_format_opens_with_its_figures(old):
    with Ledger.open(old / "old") as ledger, Ledger.open(old / "new") as other:
        same(ledger.daily(("day", "channel", "account")), other.daily(("day", "channel", "account")))
        same(ledger.imports(), other.imports())
        assert ledger._store.meta("format_version") == str(FORMAT_VERSION) == "6"
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]
        assert ledger.commit(spend_read(spend_rows(start=20), name="u.csv", account=""), "eve").added == 3
    assert version(old / "old" / "ledger.duckdb.format1") == "1"
    with Ledger.open(old / "old") as ledger:
        assert spend(ledger) == pytest.approx(9 * 30 + 4 * 23 + 30)


def test_the_tables_are_those_of_a_new_workspace(old):
    shapes = []
    for name in ("old", "new"):
        with Ledger.open(old / name) as ledger, ledger._store.cursor() as cursor:
            shapes.append(
                cursor.execute(
                    "SELECT table_name, column_name, data_type, column_default"
                    " FROM information_schema.columns ORDER BY ALL"
                ).fetchall()
            )
    assert shapes[0] == shapes[1]


def test_every_step_is_there():
    assert sorted(migrations.STEPS) == list(range(1, FORMAT_VERSION))


@pytest.mark.parametrize("dies_at", range(6))
def test_a_migration_cut_short_leaves_one_format_whole(old, monkeypatch, dies_at):
    cut_short(old, monkeypatch, dies_at, ("1", "2"), 5)


def cut_short(old, monkeypatch, dies_at, formats, commits_at):
    """Whatever statement it dies at, the file is of one format, and the next opening goes on."""
    done = {"n": 0}

    class Dying:
        def __init__(self, real):
            self.real = real

        def execute(self, sql, *rest):
            if done["n"] == dies_at:
                raise KeyboardInterrupt
            done["n"] += 1
            return self.real.execute(sql, *rest)

    real = migrations.migrate
    monkeypatch.setattr(
        "channelopt.ledger.store.migrate", lambda cursor, *versions: real(Dying(cursor), *versions)
    )
    with pytest.raises(KeyboardInterrupt):
        Ledger.open(old / "old")
    monkeypatch.undo()
    whole = version(old / "old" / "ledger.duckdb")
    assert whole == formats[dies_at >= commits_at]
    with Ledger.open(old / "old") as ledger, Ledger.open(old / "new") as other:
        same(ledger.daily(), other.daily())
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]


def test_a_step_that_fails_is_taken_back_and_said(old, monkeypatch):
    monkeypatch.setitem(migrations.STEPS, 1, (migrations.STEPS[1][0], "ALTER TABLE nothing ADD COLUMN x INT"))
    with pytest.raises(LedgerError) as refused:
        Ledger.open(old / "old")
    assert refused.value.code == "ledger.cannot_migrate"
    assert version(old / "old" / "ledger.duckdb") == "1"
    monkeypatch.undo()
    with Ledger.open(old / "old") as ledger:
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]


def test_money_that_an_older_version_added_twice_counts_once_after_the_step(old):
    """The rules of choosing changed with format 3: what counts is chosen anew."""
    connection = duckdb.connect(str(old / "old" / "ledger.duckdb"))
    for table in ("spend_facts", "records", "daily_spend"):
        money = "" if table == "records" else ", spend = 30"
        ends = "" if table == "spend_facts" else ", day_end = day_end - INTERVAL 3 DAY"
        connection.execute(f"UPDATE {table} SET day = day - INTERVAL 3 DAY{money}{ends} WHERE import_id = 2")
    connection.close()
    with Ledger.open(old / "old") as ledger:
        assert spend(ledger) == pytest.approx(9 * 30)
        assert [f.code for f in ledger.findings()] == ["ledger.same_money"]
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]


@pytest.fixture
def fifth(old):
    """The same with the workspace in format 5."""
    connection = duckdb.connect(str(old / "old" / "ledger.duckdb"))
    connection.execute(LATER)
    connection.close()
    return old


def test_format_5_opens_with_its_figures_and_takes_test_rows(fifth):
    with Ledger.open(fifth / "old") as ledger, Ledger.open(fifth / "new") as other:
        same(ledger.daily(("day", "channel", "account")), other.daily(("day", "channel", "account")))
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]
        assert list(ledger.experiments()["name"]) == ["Hook"]
        assert ledger.visits().empty and ledger.scenarios().empty
        assert ledger.decisions().empty and ledger.stage_history().empty
        ledger.note_visit(1, dt.date(2026, 3, 2), "eve")
        assert len(ledger.visits(1)) == 1
    assert version(fifth / "old" / "ledger.duckdb.format5") == "5"


@pytest.mark.parametrize("dies_at", range(6))
def test_the_step_from_5_to_6_is_whole(fifth, monkeypatch, dies_at):
    cut_short(fifth, monkeypatch, dies_at, ("5", "6"), 6)

"""The tables of a workspace, and the version of their format."""

from __future__ import annotations

from typing import Final

from channelopt.fields import LEAD_FIELDS, SPEND_FIELDS, TOUCH_FIELDS, VARIANT_FIELDS, FieldSpec

FORMAT_VERSION: Final = 6
_TYPES = {
    "text": "VARCHAR",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "money": "DECIMAL(18,4)",
    "count": "DOUBLE",
    "seconds": "DOUBLE",
    "flag": "BOOLEAN",
}


def _columns(fields: tuple[FieldSpec, ...]) -> str:
    return ", ".join(f'"{f.name}" {_TYPES[f.kind]}' for f in fields)


_SUMS = ", ".join(f"{f.name} {_TYPES[f.kind]}" for f in SPEND_FIELDS if f.additive)

#: One line per answer, never changed; ``same`` is NULL where an answer was taken back.
ACCOUNT_ANSWERS: Final = """CREATE TABLE account_answers (answer_id INTEGER, channel VARCHAR, one VARCHAR,
    other VARCHAR, same BOOLEAN, "at" TIMESTAMP, "by" VARCHAR)"""
TOUCH_FACTS: Final = f"CREATE TABLE touch_facts (import_id INTEGER, row_no INTEGER, {_columns(TOUCH_FIELDS)})"
#: What was contracted; never changed, ``removed`` where a line was taken back.
CONTRACTS: Final = """CREATE TABLE contracts (contract_id INTEGER, channel VARCHAR, day_first DATE,
    day_last DATE, impressions DOUBLE, clicks DOUBLE, price DECIMAL(18,4), what VARCHAR, removed BOOLEAN,
    "at" TIMESTAMP, "by" VARCHAR)"""
#: Tests as planned; one line per version, never changed.
EXPERIMENTS: Final = """CREATE TABLE experiments (experiment_id INTEGER, version INTEGER, name VARCHAR,
    state VARCHAR, "start" DATE, settings VARCHAR, why VARCHAR, "at" TIMESTAMP, "by" VARCHAR)"""
VARIANT_FACTS: Final = (
    f"CREATE TABLE variant_facts (import_id INTEGER, row_no INTEGER, {_columns(VARIANT_FIELDS)})"
)
#: Days on which somebody looked at a test; one line per test and day.
EXPERIMENT_VISITS: Final = """CREATE TABLE experiment_visits (experiment_id INTEGER, day DATE,
    "at" TIMESTAMP, "by" VARCHAR)"""
#: What-if plans; one line per version, never changed.
SCENARIOS: Final = """CREATE TABLE scenarios (scenario_id INTEGER, version INTEGER, name VARCHAR,
    state VARCHAR, settings VARCHAR, evidence VARCHAR, why VARCHAR, "at" TIMESTAMP, "by" VARCHAR)"""
#: Stages the team was in; one line per change, never changed.
STAGES: Final = """CREATE TABLE stages (stage INTEGER, "start" DATE, days INTEGER, why VARCHAR,
    evidence VARCHAR, "at" TIMESTAMP, "by" VARCHAR)"""
#: What was advised and what the team decided; one line per version, never changed.
DECISIONS: Final = """CREATE TABLE decisions (decision_id INTEGER, version INTEGER, kind VARCHAR,
    subject VARCHAR, answer VARCHAR, advice VARCHAR, choice VARCHAR, why VARCHAR, due DATE,
    "at" TIMESTAMP, "by" VARCHAR)"""
#: Figures the team types in for a model (referrals, private domain, hooks); one line per version.
INPUTS: Final = """CREATE TABLE inputs (what VARCHAR, version INTEGER, settings VARCHAR, "at" TIMESTAMP,
    "by" VARCHAR)"""
#: When a page was last looked at, and at which version of the figures; one line per page and day.
SEEN: Final = """CREATE TABLE seen (page VARCHAR, day DATE, version INTEGER, "at" TIMESTAMP, "by" VARCHAR)"""
#: No primary key on the facts: its index costs five times the file and makes replacing slow.
TABLES: Final[tuple[str, ...]] = (
    "CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR)",
    """CREATE TABLE imports (
        import_id INTEGER PRIMARY KEY, sha256 VARCHAR UNIQUE, name VARCHAR, platform VARCHAR, kind VARCHAR,
        "at" TIMESTAMP, "by" VARCHAR, "rows" INTEGER, rejected INTEGER, spend DOUBLE, file_total DOUBLE,
        explained DOUBLE, currency VARCHAR, day_first DATE, day_last DATE, evidence TIMESTAMP, level VARCHAR,
        partial_ok BOOLEAN, preferred BOOLEAN, status VARCHAR, details VARCHAR)""",
    f"""CREATE TABLE spend_facts (import_id INTEGER, row_no INTEGER, {_columns(SPEND_FIELDS)},
        n_rows BIGINT DEFAULT 1)""",
    f"CREATE TABLE lead_facts (import_id INTEGER, row_no INTEGER, {_columns(LEAD_FIELDS)})",
    TOUCH_FACTS,
    VARIANT_FACTS,
    """CREATE TABLE rejected_rows (import_id INTEGER, row_no INTEGER, reason VARCHAR, params VARCHAR,
        raw VARCHAR)""",
    """CREATE TABLE records (kind VARCHAR, channel VARCHAR, account VARCHAR, day DATE, day_end DATE,
        import_id INTEGER, account_in_file VARCHAR)""",
    f"""CREATE TABLE daily_spend (kind VARCHAR, day DATE, day_end DATE, platform VARCHAR, channel VARCHAR,
        account VARCHAR, campaign VARCHAR, currency VARCHAR, import_id INTEGER, n_rows BIGINT, {_SUMS})""",
    f"CREATE TABLE lead_records (import_id INTEGER, {_columns(LEAD_FIELDS)})",
    "CREATE TABLE channels (channel VARCHAR PRIMARY KEY, label VARCHAR, palette INTEGER)",
    """CREATE TABLE policies (version INTEGER, "at" TIMESTAMP, "by" VARCHAR, settings VARCHAR)""",
    """CREATE TABLE other_costs (cost_id INTEGER, month DATE, channel VARCHAR, what VARCHAR,
        amount DECIMAL(18,4), "at" TIMESTAMP, "by" VARCHAR, kind VARCHAR DEFAULT 'fee',
        rule VARCHAR DEFAULT 'spend')""",
    CONTRACTS,
    EXPERIMENTS,
    EXPERIMENT_VISITS,
    SCENARIOS,
    STAGES,
    DECISIONS,
    INPUTS,
    SEEN,
    """CREATE TABLE rates (currency VARCHAR, rate DOUBLE, "at" TIMESTAMP, "by" VARCHAR)""",
    """CREATE VIEW current_rates AS SELECT currency, rate FROM (SELECT *, row_number() OVER
        (PARTITION BY currency ORDER BY "at" DESC, rate) AS place FROM rates) WHERE place = 1""",
    """CREATE TABLE answers (fingerprint VARCHAR PRIMARY KEY, answers VARCHAR, "at" TIMESTAMP,
        "by" VARCHAR)""",
    ACCOUNT_ANSWERS,
    "CREATE TABLE ledger_findings (severity VARCHAR, code VARCHAR, params VARCHAR)",
    """CREATE TABLE events ("at" TIMESTAMP, "by" VARCHAR, what VARCHAR, detail VARCHAR)""",
)

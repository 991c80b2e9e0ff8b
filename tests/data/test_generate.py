"""The demo's files are what the generator writes, and they hold what they promise."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from channelopt.demo import COSTS, FILES, FOLDER, DemoError, demo_costs, demo_files

ROOT = Path(__file__).resolve().parents[2]
TRUTH = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything generated once more, somewhere else."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "data/generate.py", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def cells(path: Path) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def test_the_same_seed_writes_the_same_files(again: Path) -> None:
    assert sorted(p.name for p in again.iterdir()) == sorted(p.name for p in FOLDER.iterdir())
    for made in again.iterdir():
        kept = FOLDER / made.name
        if made.suffix == ".xlsx":
            assert cells(made) == cells(kept), made.name
        else:
            assert made.read_bytes() == kept.read_bytes(), made.name


def test_upload_order_is_the_generators(again: Path) -> None:
    assert list(FILES) == TRUTH["files"]
    assert [p.name for p in demo_files()] == TRUTH["files"]
    assert {p.name for p in FOLDER.iterdir()} == {*FILES, COSTS, "truth.json"}


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channelopt.demo.FOLDER", tmp_path)
    with pytest.raises(DemoError, match=FILES[0]) as refused:
        demo_files()
    assert refused.value.code == "demo.missing"


def test_the_files_stay_small() -> None:
    assert sum(p.stat().st_size for p in FOLDER.iterdir()) < 4_000_000
    assert sum(c["leads"] for c in TRUTH["channels"].values()) <= 25_000


def test_fees_come_every_month() -> None:
    costs = demo_costs()
    assert len({month for month, *_ in costs}) == 6
    assert {(channel, kind) for _, channel, _, _, kind in costs} == {("offline", "fee"), ("", "tool")}
    assert all(amount > 0 for _, _, _, amount, _ in costs)


def csv_rows(name: str, encoding: str) -> list[list[str]]:
    text = (FOLDER / name).read_bytes().decode(encoding)
    return list(csv.reader(text.splitlines()))


def test_the_traps_are_there() -> None:
    meta = csv_rows("meta_ads_campaigns.csv", "utf-8-sig")
    spend = meta[0].index("Amount spent (CNY)")
    assert meta[1][:3] == ["", "", ""]
    rows = sum(float(row[spend]) for row in meta[2:])
    assert float(meta[1][spend]) == pytest.approx(rows, abs=0.005)
    assert rows == pytest.approx(TRUTH["channels"]["meta_ads"]["spend"], abs=0.005)
    google = csv_rows("google_ads_campaign_report.csv", "utf-8")
    assert google[2][0] == "Day"
    assert len([row for row in google if row[0].startswith("Total: ")]) == 4
    assert any("," in row[google[2].index("Impr.")] for row in google[3:])
    early, late = (csv_rows(name, "gbk") for name in FILES[1:3])
    assert early[7][0] == late[7][0] == "日期"
    shared = {row[0] for row in early[8:]} & {row[0] for row in late[8:]}
    assert len(shared) == 16
    assert {tuple(r) for r in early[8:] if r[0] in shared} != {tuple(r) for r in late[8:] if r[0] in shared}
    assert csv_rows("xiaohongshu_juguang_plans.csv", "utf-8-sig")[-1][0] == "合计368条记录"
    assert cells(FOLDER / "oceanengine_plans_daily.xlsx")[-1][0] == "总计"
    assert cells(FOLDER / FILES[0])[-1][0] == "合计"


def test_leads_are_invented_and_seen_from_the_day_of_export() -> None:
    head, *rows = csv_rows("crm_leads_20260901.csv", "gbk")
    leads = [dict(zip(head, row, strict=True)) for row in rows]
    assert len({lead["线索ID"] for lead in leads}) == len({lead["手机"] for lead in leads}) == len(leads)
    assert all(lead["手机"].startswith("10") for lead in leads)  # no mobile number does
    bought = [lead for lead in leads if lead["成交时间"]]
    assert len(bought) == sum(c["customers"] for c in TRUTH["channels"].values())
    for lead in bought:
        assert lead["创建时间"] < lead["到院时间"] <= lead["成交时间"] < TRUTH["exported_at"]
        assert lead["是否有效"] == "是" and float(lead["成交金额"]) > 0
    late = [lead for lead in leads if lead["创建时间"] >= "2026-08-18"]
    early = [lead for lead in leads if lead["创建时间"] < "2026-06-01"]

    def share(some: list[dict[str, str]]) -> float:
        return sum(bool(lead["成交时间"]) for lead in some) / len(some)

    assert share(late) < 0.5 * share(early)  # recent cohorts are immature

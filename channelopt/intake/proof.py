"""The proof of the mapping: the file's own CPC, CPM, CTR and CPL against the mapped columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np

from channelopt.errors import Finding
from channelopt.intake.columns import Column
from channelopt.intake.ratios import ENOUGH, FORMULAS, Fit, Ratio, fit, written_places
from channelopt.intake.values import read_numbers
from channelopt.intake.work import Work

#: What ``prove`` finds; a large file is judged by its head.
_NAMES = (
    "mapping_proved spend_in_micros spend_in_cents spend_unit spend_price_other spend_other_basis"
    " click_price_other click_price_differs ratio_other_column ratio_differs"
)
PROOFS = frozenset(f"intake.{name}" for name in _NAMES.split())
_RIVALS = ("spend", "clicks", "impressions")
_UNITS = {-6: "intake.spend_in_micros", -2: "intake.spend_in_cents"}
_CLEAR = 0.8
_COMBINATIONS = 24


def settle(work: Work) -> None:
    """Decide between columns that compete for one field, where the file's own ratios prove one of them.

    What is proved is told with its evidence; what is not stays a question, and says on how many
    rows each column agrees.
    """
    rivals = {f: c for f, c in work.mapped.rivals.items() if f in _RIVALS}
    ratios = [r for r in _ratios(work, np.arange(len(work.body.lines))) if r.kind != "cpl"]
    if not rivals or not ratios:
        return
    shares: dict[tuple[int, ...], tuple[float, int]] = {}
    for chosen in _combinations(rivals):
        values = dict(work.metrics)
        values.update({f: work.numbers[c.index].values for f, c in chosen.items()})
        shares[tuple(c.index for c in chosen.values())] = _all_agree(ratios, values)
    best = max(shares, key=lambda k: shares[k][0])
    for place, (name, columns) in enumerate(rivals.items()):
        agree = {c.index: max((s for k, (s, _) in shares.items() if k[place] == c.index), default=0.0)
                 for c in columns}  # fmt: skip
        if not any(agree.values()):
            continue
        winner = next(c for c in columns if c.index == best[place])
        others = max(v for i, v in agree.items() if i != winner.index)
        if agree[winner.index] >= ENOUGH and others < _CLEAR and shares[best][1] >= 2:
            _decide(work, name, winner, agree[winner.index], others, ratios)
        else:
            _keep_asking(work, name, {c.header.strip(): agree[c.index] for c in columns})


def _combinations(rivals: Mapping[str, list[Column]]) -> Iterator[dict[str, Column]]:
    for n, chosen in enumerate(product(*rivals.values())):
        if n >= _COMBINATIONS:
            return
        yield dict(zip(rivals, chosen, strict=True))


def _all_agree(ratios: list[Ratio], values: Mapping[str, np.ndarray]) -> tuple[float, int]:
    """The share of rows on which the least fitting kind of ratio agrees, and how many rows can tell."""
    kinds: dict[str, Fit] = {}
    for ratio in ratios:
        found = _mapped_fit(ratio, values)
        if found.known and found.share >= kinds.get(ratio.kind, found).share:
            kinds[ratio.kind] = found
    return (
        min((f.share for f in kinds.values()), default=0.0),
        min((f.rows for f in kinds.values()), default=0),
    )


def _mapped_fit(ratio: Ratio, values: Mapping[str, np.ndarray]) -> Fit:
    over, under, _ = FORMULAS[ratio.kind]
    unknown = np.full(len(ratio.values), np.nan)
    return fit(ratio, values.get(over, unknown), values.get(under, unknown))


def _decide(work: Work, name: str, winner: Column, share: float, other: float, ratios: list[Ratio]) -> None:
    rest = [c for c in work.mapped.rivals[name] if c is not winner]
    for column in rest:
        if column.role == "field" and column.field == name:
            column.role, column.field = "unused", ""
    winner.role, winner.field = "field", name
    work.metrics[name] = work.numbers[winner.index].values
    for findings in (work.findings, work.mapped.findings):
        findings[:] = [f for f in findings if not _asks(f, name)]
    params = {
        "field": name,
        "header": winner.header.strip(),
        "others": ", ".join(c.header.strip() for c in rest),
        "ratios": ", ".join(r.header for r in ratios),
        "share": share,
        "other_share": other,
    }
    work.findings.append(Finding("info", "intake.settled_by_proof", params))


def _asks(finding: Finding, name: str) -> bool:
    return finding.code == "intake.two_columns" and finding.params.get("field") == name


def _keep_asking(work: Work, name: str, agree: Mapping[str, float]) -> None:
    """Put the evidence into the question, and tell it."""
    for i, finding in enumerate(work.findings):
        if _asks(finding, name):
            work.findings[i] = Finding("question", finding.code, {**finding.params, "agree": dict(agree)})
    for header, share in agree.items():
        work.findings.append(Finding("info", "intake.price_evidence", {"header": header, "share": share}))


def prove(work: Work, kept: np.ndarray) -> list[Finding]:
    """Compare the file's own ratios with the mapped columns; a mismatch names its likely cause.

    Args:
        work: the file on the bench, metrics read.
        kept: positions of the rows that count.
    """
    values = {m: v[kept] for m, v in work.metrics.items()}
    best: dict[str, tuple[Ratio, Fit]] = {}
    for ratio in _ratios(work, kept):
        found = _mapped_fit(ratio, values)
        before = best.get(ratio.kind)
        if found.known and (before is None or found.share > before[1].share):
            best[ratio.kind] = (ratio, found)
    proved = {k: v for k, v in best.items() if v[1].agrees}
    wrong = {k: v for k, v in best.items() if k not in proved}
    findings = []
    if proved:
        params = {
            "ratios": ", ".join(r.header for r, _ in proved.values()),
            "share": min(f.share for _, f in proved.values()),
            "n": max(f.rows for _, f in proved.values()),
        }
        findings.append(Finding("info", "intake.mapping_proved", params))
    return findings + _causes(work, kept, values, wrong, frozenset(proved))


def _causes(
    work: Work,
    kept: np.ndarray,
    values: Mapping[str, np.ndarray],
    wrong: dict[str, tuple[Ratio, Fit]],
    proved: frozenset[str],
) -> list[Finding]:
    """What is probably wrong: the unit, another column, another basis, or an average."""
    prices = {k: v for k, v in wrong.items() if k != "ctr"}
    if prices and not proved & {"cpc", "cpm", "cpl"}:
        found = _wrong_spend(work, kept, values, prices)
        if found:
            return [found]
    findings = []
    for kind, (ratio, how) in wrong.items():
        told = _other_count(work, kept, values, ratio)
        if told is None and kind != "cpl":
            told = _differs(values, ratio, how)
        if told and told not in findings:
            findings.append(told)
    return findings


def _wrong_spend(
    work: Work, kept: np.ndarray, values: Mapping[str, np.ndarray], prices: dict[str, tuple[Ratio, Fit]]
) -> Finding | None:
    """Spend in another unit, in another column, or on another basis: the same for all prices."""
    told = {k: v for k, v in prices.items() if k != "cpl"} or prices
    ratio, how = next(iter(told.values()))
    column = work.mapped.of("spend")
    header = column.header.strip() if column else ""
    powers = {f.power for _, f in told.values()}
    power = powers.pop() if len(powers) == 1 else None
    if power is not None:
        theirs, ours = _typical(values, ratio)
        params = {"header": ratio.header, "column": header, "theirs": theirs, "ours": ours,
                  "factor": 10.0 ** abs(power)}  # fmt: skip
        answered = column is not None and column.found == "answer"
        code = _UNITS.get(power, "intake.spend_unit")
        return Finding("warning" if answered else "question", code, params)
    others = [r for r, _ in told.values()]
    for name, found in _spare(work, kept).items():
        if all(_mapped_fit(r, {**values, "spend": found}).agrees for r in others):
            params = {"headers": ", ".join(r.header for r in others), "better": name, "used": header}
            return Finding("warning", "intake.spend_price_other", params)
    factors = [f.factor for _, f in told.values()]
    enough = all(f.steady and f.rows >= 3 for _, f in told.values()) and "cpl" not in told
    if enough and max(factors) / min(factors) < 1.01:
        params = {"header": ratio.header, "used": header, "factor": how.factor}
        return Finding("warning", "intake.spend_other_basis", params)
    return None


def _other_count(
    work: Work, kept: np.ndarray, values: Mapping[str, np.ndarray], ratio: Ratio
) -> Finding | None:
    """Another column of the file that the platform divides by."""
    wanted = "clicks" if ratio.kind == "ctr" else FORMULAS[ratio.kind][1]
    mapped = work.mapped.of(wanted)
    if ratio.kind == "cpl" or mapped is None:
        return None
    first = work.platform.alternatives.get(wanted, ())
    spare = _spare(work, kept)
    for name, found in sorted(spare.items(), key=lambda item: item[0].casefold() not in first):
        if _mapped_fit(ratio, {**values, wanted: found}).agrees:
            params = {"header": ratio.header, "better": name, "used": mapped.header.strip()}
            code = "intake.click_price_other" if wanted == "clicks" else "intake.ratio_other_column"
            return Finding("warning", code, params)
    return None


def _differs(values: Mapping[str, np.ndarray], ratio: Ratio, how: Fit) -> Finding:
    theirs, ours = _typical(values, ratio)
    if ratio.kind == "cpc":
        return Finding(
            "warning", "intake.click_price_differs", {"header": ratio.header, "theirs": theirs, "ours": ours}
        )
    params = {"header": ratio.header, "share": how.share, "theirs": theirs, "ours": ours}
    return Finding("warning", "intake.ratio_differs", params)


def _typical(values: Mapping[str, np.ndarray], ratio: Ratio) -> tuple[float, float]:
    """The stated ratio weighted by what it divides by, and ours, over the rows that have both."""
    over, under, scales = FORMULAS[ratio.kind]
    top, base = values[over], values[under]
    usable = (base > 0) & (top > 0) & (ratio.values > 0)
    theirs = float(np.average(ratio.values[usable], weights=base[usable]))
    return theirs, float(scales[0] * top[usable].sum() / base[usable].sum())


def _ratios(work: Work, kept: np.ndarray) -> list[Ratio]:
    found = []
    for column in work.mapped.with_role("derived"):
        if column.field in FORMULAS and column.index in work.numbers:
            values = work.numbers[column.index].values[kept]
            cells = work.body.columns[column.index]
            sample = [cells[i] for i in kept[:500]]
            places = written_places(sample, values, work.marks.of.get(column.index, work.marks.file))
            found.append(Ratio(column.header.strip(), column.field, values, places))
    return found


def _spare(work: Work, kept: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of numbers that became no field, the likely ones first."""
    roles = ("part", "conversions", "unused", "")
    columns = [c for c in work.mapped.columns if c.role in roles]
    found = {}
    for column in sorted(columns, key=lambda c: roles.index(c.role)):
        if column.index not in work.numbers:
            cells = work.body.columns[column.index]
            work.numbers[column.index] = read_numbers(cells, work.marks.file)
        numbers = work.numbers[column.index].values[kept]
        if np.nansum(numbers > 0) >= 1:
            found[column.header.strip()] = numbers
    return found

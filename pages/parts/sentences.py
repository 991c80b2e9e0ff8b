"""Page titles: the finding of the page in one sentence."""

from __future__ import annotations

from channelopt.plan.diagnosis import Diagnosis
from channelopt.watch import Summary, Whole
from pages.parts import cache
from pages.parts.figures import METRIC_NAMES, trend_changes
from pages.parts.language import listed, t


def overview_title(diagnosis: Diagnosis, summary: Summary, business: Whole | None) -> str:
    """Is the money coming back, and how many channels should stop."""
    verdicts = diagnosis.verdicts
    drops = int((verdicts["verdict"] == "drop").sum())
    if not summary.spend > 0 and (foreign := _foreign(diagnosis)):
        return foreign
    if not summary.spend > 0 and summary.roi != summary.roi:
        return t("No spend is known yet: upload what the ads cost.")
    if summary.roi != summary.roi and business is not None and business.only:
        return t(
            "For every 1 spent, {blended:multiple} came in; which channel brought it is not known.",
            blended=business.blended,
        )
    if summary.roi != summary.roi:
        if verdicts["leads"].sum() > 0 or verdicts["customers"].sum() > 0:
            return t("You spent {spend:money}; the revenue it brought is not known.", spend=summary.spend)
        return t("You spent {spend:money}; nothing says yet what came back.", spend=summary.spend)
    if drops:
        return t(
            "Every 1 spent brings back {roi:multiple};"
            " {n:count} of {m:count} {m:plural:channel|channels} should stop.",
            roi=summary.roi,
            n=drops,
            m=len(verdicts),
        )
    if not (verdicts["verdict"] == "keep").any():
        return t("Every 1 spent brings back {roi:multiple}; no channel can be judged yet.", roi=summary.roi)
    return t("Every 1 spent brings back {roi:multiple}; no channel must stop.", roi=summary.roi)


def _foreign(diagnosis: Diagnosis) -> str:
    """That money has no exchange rate; "" where all has."""
    names = [str(f.params["currency"]) for f in diagnosis.findings if f.code == "ledger.no_rate"]
    if not names:
        return ""
    return t("Your spend is in {currency}, which has no exchange rate yet.", currency=listed(names))


def diagnosis_title(diagnosis: Diagnosis) -> str:
    """How many channels stay, go and wait."""
    if diagnosis.verdicts.empty and (foreign := _foreign(diagnosis)):
        return foreign
    counts = diagnosis.verdicts["verdict"].value_counts()
    words = {key: int(counts.get(key, 0)) for key in ("keep", "test", "drop", "unknown")}
    if words["unknown"]:
        return t(
            "Keep {keep:count}, test {test:count}, drop {drop:count}; {unknown:count} lack data.", **words
        )
    return t("Keep {keep:count}, test {test:count}, drop {drop:count} of your channels.", **words)


def trends_title(metric: str) -> str:
    """How many channels reach the target, or which channel's metric moved last."""
    if metric == "roi":
        diagnosis = cache.diagnosis()
        low = diagnosis.policy.target_roi[0]
        if not diagnosis.verdicts["roi"].notna().any():
            business = cache.business()
            if business is not None and business.only:
                return t("What came back is known of all channels together only.")
            return t("What came back is not known yet: no revenue on record.")
        return t(
            "{n:count} of {m:count} {m:plural:channel|channels} are at your target of 1:{low:multiple}"
            " as seen so far.",
            n=int((diagnosis.verdicts["roi"] >= low).sum()),
            m=len(diagnosis.verdicts),
            low=low,
        )
    found = trend_changes(metric)
    name = t(METRIC_NAMES[metric])
    if found.empty:
        return t("{metric}: no channel changed its level for good.", metric=name)
    last = found.sort_values("day").iloc[-1]
    words = {
        "channel": cache.labels().get(last["channel"], last["channel"]),
        "metric": name,
        "change": abs(last["after"] / last["before"] - 1),
        "day": last["day"],
    }
    if last["after"] > last["before"]:
        return t("{channel}: {metric} rose {change:percent} around {day:date}.", **words)
    return t("{channel}: {metric} fell {change:percent} around {day:date}.", **words)

"""From a located table to a Read: the steps that small and large files share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from channelopt.errors import Finding
from channelopt.fields import PEOPLE_KINDS
from channelopt.intake.answers import Answers
from channelopt.intake.body import Body, make_body
from channelopt.intake.columns import Mapped, map_columns, mappable_fields
from channelopt.intake.dates import read_dates
from channelopt.intake.header import Located
from channelopt.intake.kinds import TEST_ROWS, as_test
from channelopt.intake.messages import IntakeError
from channelopt.intake.overall import OVERALL, is_overall, nothing_of_ads, taken_as_overall
from channelopt.intake.parts import Assembled, column_maps, refuse
from channelopt.intake.platforms import Platform, platforms, recognise, shaped
from channelopt.intake.privacy import key_id
from channelopt.intake.required import visits_platform
from channelopt.intake.result import Layout, Read, ReadKind
from channelopt.intake.sanity import check_values
from channelopt.intake.work import Work


@dataclass(frozen=True)
class Source:
    """One file to read.

    Attributes:
        name: as the user knows it.
        sha256: hex digest of its bytes.
        content: the bytes; empty for a large file, which stays on disk.
    """

    name: str
    sha256: str
    content: bytes


def understand(located: Located, name: str, given: Answers) -> Work:
    """Recognise the platform and give every column a meaning."""
    platform, unsure = _platform(located, name, given)
    body = make_body(located)
    doubts: list[Finding] = []
    if not (given.platform or given.kind or located.sheet.unpivoted):
        platform, doubts = as_test(located, body, platform, name, given.channel)
    platform = shaped(platform, located.normal, lambda i: body.columns[i])
    mapped, platform = _map(located, body, platform, given, name)
    work = Work(located, body, mapped, platform, given, name)
    _refuse_repeats(work)
    work.findings += [
        *located.sheet.findings,
        *_told(located, unsure if platform.key != TEST_ROWS else None),
        *doubts,
        *mapped.findings,
        *_of_platform(platform, mapped),
    ]
    if platform.kind not in PEOPLE_KINDS:
        work.findings += _unnamed_day(mapped, body)
    return work


def _refuse_repeats(work: Work) -> None:
    """Refuse rows that state the same money or visits several times.

    Raises:
        IntakeError: ``intake.repeats``.
    """
    mapped = work.mapped
    main = next(
        (c for n in ("spend", "spend_micros", "spend_cents", "sessions") if (c := mapped.of(n))), None
    )
    if not main or not mapped.with_role("repeats"):
        return
    asked = refuse("intake.repeats", work.located, work.body, mapped)
    header = ", ".join(c.header.strip() for c in mapped.with_role("repeats"))
    raise IntakeError("intake.repeats", **{**asked.params, "figure": main.header.strip(), "header": header})


def _platform(located: Located, name: str, given: Answers) -> tuple[Platform, tuple[str, str] | None]:
    known = platforms()
    if given.platform:
        chosen = known[given.platform]
        return (known["generic"] if chosen.key == "offline" else chosen), None
    kinds = {
        "leads": "crm",
        "site": "site",
        "overall": OVERALL,
        "touches": "touch_log",
        "variants": TEST_ROWS,
    }
    found, unsure = recognise(located.normal, located.preamble, name)
    if given.kind in kinds and found.kind != given.kind:
        return known[kinds[given.kind]], None
    if given.kind == "spend" and found.kind != "spend":
        return known["generic"], None
    return found, unsure


def _map(
    located: Located, body: Body, platform: Platform, given: Answers, name: str
) -> tuple[Mapped, Platform]:
    def same(a: int, b: int) -> bool:
        return body.columns[a] == body.columns[b]

    headers, normal = located.headers, located.normal
    mapped = map_columns(headers, platform, given.mapping, same, normal)
    told = given.platform or given.kind or given.channel
    if platform.key == "generic" and not told:
        found = _overall(located, body, mapped, given, name)
        if found is not None:
            return found, platforms()[OVERALL]
    visits = visits_platform(platform, mapped)
    if visits is not platform:
        return map_columns(headers, visits, given.mapping, same, normal), visits
    return mapped, platform


def _overall(located: Located, body: Body, generic: Mapped, given: Answers, name: str) -> Mapped | None:
    """The columns of a table that states what all channels brought together; None for any other."""
    beside = located.sheet.unpivoted == "rest"
    allowed = set(mappable_fields(OVERALL))
    if any(field is not None and field not in allowed for field in given.mapping.values()):
        return None
    results = map_columns(located.headers, platforms()[OVERALL], given.mapping, normal=located.normal)
    if (beside or nothing_of_ads(generic, results)) and is_overall(results, body, name, beside):
        results.findings += taken_as_overall(results, body)
        return results
    return None


def _unnamed_day(mapped: Mapped, body: Body) -> list[Finding]:
    """Without a day column: the one column without a header that holds nothing but dates."""
    if mapped.of("day"):
        return []
    found = [c for c in mapped.columns if not c.header.strip() and not c.role and _holds_dates(body, c.index)]
    if len(found) != 1:
        return []
    found[0].role, found[0].field, found[0].found = "field", "day", "values"
    return [Finding("info", "intake.unnamed_day", {"place": found[0].index + 1})]


def _holds_dates(body: Body, index: int) -> bool:
    cells = [body.columns[index][i] for i in body.open()]
    cells = [c for c in cells if not isinstance(c, str) or c.strip()]
    if len(cells) < 2 or any(isinstance(c, float) for c in cells):
        return False
    dates = [c for c in cells if not isinstance(c, str) or any(mark in c for mark in "-/.年")]
    read = read_dates(dates) if dates else None
    return read is not None and int((~read.bad).sum()) >= 0.6 * len(cells)


def _told(located: Located, unsure: tuple[str, str] | None) -> list[Finding]:
    found = []
    if unsure:
        found.append(Finding("warning", "intake.platform_unsure", {"first": unsure[0], "second": unsure[1]}))
    return [*found, *located.told]


def _of_platform(platform: Platform, mapped: Mapped) -> list[Finding]:
    """What the reader should know of this platform's figures: whose days, which unit."""
    found = []
    if platform.timezone == "UTC":
        found.append(Finding("info", "intake.utc_days", {"platform": platform.labels["en"]}))
    micros = mapped.of("spend_micros")
    if micros and not mapped.of("spend"):
        found.append(Finding("info", "intake.micros", {"header": micros.header.strip()}))
    return found


def finish(file: Source, work: Work, made: Assembled, key: bytes) -> Read:
    """Put together what was read.

    Raises:
        IntakeError: ``intake.no_rows`` or ``intake.none_usable``.
    """
    sheet = work.located.sheet
    people = made.people or work.platform.kind in PEOPLE_KINDS
    if not len(made.rows):
        told, n = tuple(made.findings), len(made.rejected)
        if not n:
            raise IntakeError("intake.no_rows", name=file.name, n=n, findings=told)
        asked = refuse("intake.none_usable", work.located, work.body, work.mapped, people).params
        raise IntakeError("intake.none_usable", **{**asked, "name": file.name, "n": n, "findings": told})
    made.findings += check_values(made.rows, work.platform.kind, work.answers.accept)
    layout = Layout(
        sheet.container, sheet.encoding, sheet.delimiter, sheet.sheet, sheet.numbers[work.located.at],
        made.decimal_mark, made.date_order,
    )  # fmt: skip
    return Read(
        name=file.name,
        sha256=file.sha256,
        content=file.content if made.content is None else made.content,
        platform=_key(work, made),
        kind=cast(ReadKind, work.platform.kind),
        rows=made.rows,
        mapping=column_maps(work.located, work.body, work.mapped, people),
        layout=layout,
        lines=work.body.count(work.located),
        totals=made.totals,
        explained=made.explained,
        rejected=made.rejected,
        findings=tuple(made.findings),
        currency=made.currency,
        day_first=made.day_first,
        day_last=made.day_last,
        generated_at=work.located.facts.generated_at or made.made_at,
        level=made.level,
        fingerprint=work.located.fingerprint,
        hash_key_id=key_id(key) if people else None,
        answers=work.answers.given,
    )


def _key(work: Work, made: Assembled) -> str:
    """The platform of the file: where its wording is shared, the one channel of its rows."""
    channels = set(made.rows["channel"]) if len(made.rows) and "channel" in made.rows else set()
    only = channels.pop() if len(channels) == 1 else ""
    offline = work.platform.key == "generic" and only == "offline"
    shared = work.platform.shared and only in platforms()
    return only if offline or shared else work.platform.key

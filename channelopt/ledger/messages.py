"""What the ledger says: errors and findings in English templates."""

from __future__ import annotations

from typing import Final

from channelopt.errors import ChannelOptError

MESSAGES: Final[dict[str, str]] = {
    "ledger.locked": (
        "This workspace is open in another program ({where}). Close it there, or use it from there."
    ),
    "ledger.cannot_open": (
        "The workspace {where} cannot be opened: {detail}. Check the folder and its permissions."
    ),
    "ledger.damaged": (
        "The workspace {where} is damaged: {detail}. It was left as it is. Restore a backup into a new folder;"
        " without one, import the files in its folder originals again."
    ),
    "ledger.cannot_write": (
        "Nothing was stored: {detail}. Free some space or check the folder, then try again."
    ),
    "ledger.newer_format": (
        "This workspace was written by a newer channelopt (format {found:count}, this one knows"
        " {known:count}). Update channelopt."
    ),
    "ledger.cannot_migrate": (
        "This workspace has the older format {found:count} and could not be brought up to date: {detail}."
        " It was left as it was; a copy stands beside it."
    ),
    "ledger.file_changed": "{name} changed on the disk while it was being read. Import it again.",
    "ledger.no_folder": "A workspace in memory cannot be backed up; open one in a folder.",
    "ledger.folder_taken": "{where} is not empty. Restore into a new folder; nothing was changed.",
    "ledger.not_a_backup": "{name} is not a backup made by channelopt.",
    "ledger.backup_damaged": "The backup {name} is damaged ({file}). Nothing was restored; use another backup.",
    "ledger.no_import": "There is no import number {import_id}. See the list of imports.",
    "ledger.unanswered": "{name} still has open questions. Answer them first.",
    "ledger.other_key": (
        "The people in {name} were coded with another key, so they cannot be matched with those"
        " already here. Read the file through this workspace (ledger.read)."
    ),
    "ledger.key_missing": (
        "The file people.key is missing from the workspace, so people of new lead lists cannot be matched"
        " with those already here. Put it back from a backup, or undo the lead lists and import them again."
    ),
    "ledger.key_changed": (
        "The file people.key is not the one the lead lists here were coded with. Put it back from a"
        " backup, or undo the lead lists and import them again."
    ),
    "ledger.partial": (
        "The rows of {name} explain only {explained:percent} of the file's own total. It is kept as"
        " detail, but does not count unless you accept it as partial."
    ),
    "ledger.kept_fuller": (
        "{channel}: {name} has less spend on {days:count} {days:plural:day|days} ({newer:money} against {older:money} in"
        " {kept}), perhaps because it was filtered. The fuller file still counts; undo it, or prefer"
        " the new one, if the lower figure is right."
    ),
    "ledger.other_campaigns": (
        "{channel}: {name} has campaigns that {kept} lacks on the same {days:count} {days:plural:day|days}, with"
        " {spend:money} of spend that is not counted. Both files seem filtered; export all campaigns in one"
        " file."
    ),
    "ledger.replaced": (
        "{channel}: {name} replaces {days:count} {days:plural:day|days} of {older_name}; spend {before:money}"
        " becomes {after:money}."
    ),
    "ledger.same_account": (
        "{channel}: {name} names no ad account, but {accounts} do on the same days. Its money is not"
        " counted on {days:count} {days:plural:day|days} until you say which account it is."
    ),
    "ledger.unlike_files": (
        "{channel}: {name} and {other} cover the same days with different campaigns. Are they two"
        " accounts? Until you name the account, only {kept} counts."
    ),
    "ledger.days_disagree": (
        "{channel}: {name} and {other} give different spend for the same {days:count} {days:plural:day|days}"
        " ({spend:money} and {other_spend:money}), and one of them names no ad account. Are they two accounts?"
        " Until you name the account, only {kept} counts."
    ),
    "ledger.overall_disagree": (
        "{name} and {other} give different results for the same {days:count} {days:plural:day|days}. Are they two"
        " shops, or two parts of the business? Only {kept} counts until each has its name: upload them again and"
        " give each its shop as the account, under How it was read."
    ),
    "ledger.overall_apart": (
        "Results of all channels together are known from {first:date} to {last:date}, but no spend of those days is:"
        " they cannot be used until one of the two covers the other's days."
    ),
    "ledger.same_money": (
        "{channel}: the accounts {one} and {other} have the same spend on {days:count}"
        " {days:plural:day|days} ({spend:money}). Is it one account under two names? Until you answer,"
        " this money counts once."
    ),
    "ledger.no_account": (
        "No file of {channel} names two accounts of which one is {account}. Write both names as they stand"
        " in the files."
    ),
    "ledger.period_hidden": (
        "{channel}: {name} gives one sum for {first:date} to {last:date}, and another file already covers"
        " some of those days. The sum ({spend:money}) is not counted."
    ),
    "ledger.no_rate": (
        "{spend:number} {currency} of money in your files is not counted, because {currency} has no exchange rate."
        " Set it in Settings."
    ),
    "ledger.cost_waits": (
        "{channel}: {amount:money} of other costs in the month of {month:date} are not in any figure yet,"
        " because no file has spend of that month. Upload it, or move the cost."
    ),
    "ledger.cost_of_all_waits": (
        "{amount:money} of costs of all channels in the month of {month:date} are not in any figure yet,"
        " because no file has spend of that month. Upload it, or move the cost."
    ),
    "ledger.visits_without_spend": (
        "{channel}: the site counts {sessions:count} sessions on {days:count} {days:plural:day|days}, but no"
        " file has spend of a channel of that name. They are not shown; give the channel the same name in"
        " both files."
    ),
    "ledger.original_missing": "The stored original of {name} is missing. Import the file again.",
    "ledger.original_changed": (
        "The stored original of {name} is not the file that came in. Restore it from a backup."
    ),
    "ledger.rollup_differs": (
        "The daily figures of {channel} did not match the stored rows and were made anew."
    ),
    "ledger.rows_differ": (
        "{name}: {found:count} of its {wanted:count} rows are stored. Restore the workspace from a backup, or"
        " undo this file and import it again."
    ),
    "ledger.shape_differs": (
        "The tables {tables} are not those of this version of channelopt. Restore the workspace from a backup."
    ),
    "ledger.leftovers": (
        "A program was stopped before it had stored everything: {halves:count} half-written"
        " {halves:plural:file|files} removed, {strangers:count} {strangers:plural:original|originals} of no import."
        " Import those files again if you miss them."
    ),
    "ledger.healthy": "All {files:count} originals and all daily figures are as they should be.",
    "ledger.bad_month": "A cost needs an amount above 0 and a few words on what it is for.",
    "ledger.bad_contract": (
        "A contract needs a channel, a first and a last day in this order, and impressions or clicks above 0."
    ),
    "ledger.no_contract": "There is no contract number {contract_id}, or it was removed before.",
    "ledger.bad_experiment": "An experiment needs a name and a plan, and every change needs a reason.",
    "ledger.no_experiment": "There is no experiment number {experiment_id}.",
    "ledger.experiment_fixed": (
        "{name} is running: what it is judged by was promised before the data came and stays. End it and plan"
        " a new one."
    ),
    "ledger.test_by_person": (
        "{experiment}: the rows per person of this test count; {names} tells the same test in another way and"
        " is kept beside them."
    ),
    "ledger.test_by_day": (
        "{experiment}: the rows by day of this test count; {names} tells the same test in another way and is"
        " kept beside them."
    ),
    "ledger.test_by_variant": (
        "{experiment}: the rows without a day count for this test, as you prefer; {names} tells the same test"
        " in another way and is kept beside them."
    ),
    "ledger.test_kept_fuller": (
        "{experiment}: {kept} is as new as this file and has counted more, so it still counts. This file may"
        " be filtered; prefer it if the lower figures are right."
    ),
    "ledger.test_arms_hidden": (
        "{experiment}: {kept} is newer and counts, but it lacks {arms}, which another file has on the same"
        " {days:count} {days:plural:day|days}. Export all variants of a test in one file."
    ),
    "ledger.test_no_rate": (
        "Money of this test is in {currency}, which has no exchange rate: it stays empty until you set one in"
        " Settings. Counts are not affected."
    ),
    "ledger.bad_scenario": (
        "A scenario needs a name and a plan; every change needs a reason, and the state is draft, chosen or"
        " dropped."
    ),
    "ledger.no_scenario": "There is no scenario number {scenario_id}.",
    "ledger.bad_stage": (
        "A stage is 1, 2 or 3 and takes at least a week. Passing a gate that is not met, or going back, needs a"
        " reason in writing."
    ),
    "ledger.stage_skipped": "Stage {stage:count} cannot follow stage {now:count}: no stage is skipped.",
    "ledger.bad_decision": (
        "A decision says what it is about and is accepted, changed or refused; changing or refusing needs a reason."
    ),
    "ledger.no_decision": "There is no decision number {decision_id}.",
    "ledger.bad_currency": "{currency} is no currency: write three capital letters, such as USD.",
    "ledger.currency_in_use": (
        "Amounts in {currency} are stored here already: spend, costs, plans, tests or decisions. Start a new"
        " workspace in {wanted}."
    ),
    "ledger.bad_rate": "An exchange rate needs a three-letter currency and a number above 0.",
}


class LedgerError(ChannelOptError):
    """The ledger refuses something; nothing was changed."""

    templates = MESSAGES

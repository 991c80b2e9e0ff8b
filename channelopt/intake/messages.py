"""What the intake says: one English template per code."""

from __future__ import annotations

from channelopt.errors import ChannelOptError

MESSAGES: dict[str, str] = {
    # refused
    "intake.empty": "This file is empty (0 bytes). Export it again from the platform.",
    "intake.no_rows": "{name} has a header but no row below it. Export it again with a date range that "
    "has data.",
    "intake.not_a_table": "{name} looks like a letter, not a table. Did you pick the wrong file?",
    "intake.wrong_format": "{name} is a {format} file. Export it again as {wanted}.",
    "intake.broken_file": "{name} cannot be opened: the file is damaged. Download it again.",
    "intake.too_big_inside": "{name} unpacks to {size:number} MB, more than a spreadsheet should. "
    "Export it again as CSV.",
    "intake.too_wide": "{name} has cells as far as row {rows:count}, column {columns:count}. "
    "Delete the empty area, or export it as CSV.",
    "intake.too_large": "{name} has {size:number} MB. A lead list or a table of visits may have 300 MB; "
    "export it in parts, by month for example.",
    "intake.too_irregular": "{name} is too large to be read line by line, and more than {n:count} of its lines "
    "need that, such as: {example}. Export it again as plain CSV, or in parts.",
    "intake.no_room": "There is no room to read this file: {detail}. Free some disk space and try again.",
    "intake.narrow_lines": "The header of {name} names {header:count} columns, but no line below it has more than "
    "{cells:count} cells: figures would stand under the wrong names. Export it again.",
    "intake.not_found": "There is no file {name}.",
    "intake.which_spend": "Which column is what you paid? We found none we trust in: {headers}.",
    "intake.channel_columns": "One column per channel, but their headers do not say what they hold: {column}. If it is what "
    "you paid, choose {column} under What you paid.",
    "intake.only_outcomes": "This table has results, but neither what you paid nor a channel: {headers}. If it states what "
    "all channels brought together, say so under the kind of file; else name the columns of the channel and of what you "
    "paid if they are among these.",
    "intake.no_result": "No column says what the business took in (revenue, orders or leads); it has: {headers}.",
    "intake.which_day": "Which column is the day? We found none we trust in: {headers}. "
    "Name it, or say which period the file covers.",
    "intake.which_year": "The dates in {header} have no year ({example}). Say which period {name} covers, first and last "
    "day.",
    "intake.which_created": "Which column says when a lead came in? We found none we trust in: {headers}.",
    "intake.which_moment": "Which column says when a visit was? We found none we trust in: {headers}.",
    "intake.which_person": "Which column says who it was, a visitor or customer ID? We found none in: {headers}.",
    "intake.touches_without_person": "{n:count} {n:plural:line names|lines name} nobody: kept, but in no path.",
    "intake.events_as_touches": "{n:count} {n:plural:line has|lines have} an event we do not know ({events}): counted as "
    "{n:plural:a visit|visits}.",
    "intake.touches_without_goal": "No line of this log is a lead or an order, so its paths lead nowhere. Export the events "
    "that are leads as well, such as form submissions.",
    "intake.which_variant": "Which column says the variant of the test, or its region? We found none we trust in: "
    "{headers}.",
    "intake.no_outcome": "No column says what came of the test (clicks, leads, customers or revenue); it has: {headers}.",
    "intake.no_sessions": "This looks like website analytics, but it has no column for sessions: {headers}. "
    "Add the metric Sessions to the report and export it again.",
    "intake.unknown_column": "There is no column called {header} in this file. It has: {headers}.",
    "intake.unknown_field": "{field} is not something a column can mean here. Choose one of: {wanted}.",
    "intake.bad_answer": "{answer} cannot be {value}. Choose one of: {wanted}.",
    "intake.repeats": "Rows of this file repeat the same {figure} once for every {header}; added up they would be "
    "too high. Export it without {header}.",
    # questions
    "intake.which_currency": "In which currency is this file? It does not say.",
    "intake.mixed_currency": "This file holds several currencies ({codes}); they cannot be added. "
    "Export one file per currency.",
    "intake.which_kind": "{header} reads like the variants of a test, but this could be a spend export or a lead list as "
    "well. Which kind of file is it? Test rows never add to your channel totals.",
    "intake.two_columns": "Two columns could be {field}: {headers}. Which one is it?",
    "intake.date_order": "Is {example} in month/day or day/month order? Every date in {header} reads "
    "both ways.",
    "intake.date_clash": "Some dates in {header} are day/month ({dmy}) and some month/day ({mdy}). "
    "Which order is right?",
    "intake.decimal_mark": "Is {example} in {header} a thousand or a fraction? Tell us the decimal mark.",
    "intake.which_period": "This file has no day column. Which period does it cover?",
    "intake.which_channel": "Which channel is this spend from? The file does not say.",
    "intake.spend_in_cents": "Is {column} in cents (分)? The file's own {header} says {theirs:money}, "
    "{column} gives {ours:money}: {factor:count} times as much. Say whether it is spend, spend in cents "
    "or spend in micros.",
    "intake.spend_in_micros": "Is {column} in micros (millionths)? The file's own {header} says {theirs:money}, "
    "{column} gives {ours:money}: {factor:count} times as much. Say whether it is spend, spend in cents "
    "or spend in micros.",
    "intake.spend_unit": "In which unit is {column}? The file's own {header} says {theirs:money}, {column} gives "
    "{ours:money}: {factor:count} times apart. Say whether it is spend, spend in cents or spend in micros.",
    "intake.odd_click_price": "A click would cost {cpc:money}. In which unit is spend? Say whether it is spend, "
    "spend in cents or spend in micros.",
    "intake.odd_view_price": "A thousand impressions would cost {cpm:money}. In which unit is spend? Say whether it is "
    "spend, spend in cents or spend in micros.",
    # doubtful
    "intake.explains_too_little": "The rows add up to {rows:money} of the file's own total {total:money} "
    "({share:percent}). Part of the spend has no row here; use a campaign report instead.",
    "intake.explains_too_much": "The rows add up to {rows:money}, more than the file's own total "
    "{total:money} "
    "({share:percent}). A column or a row may be counted twice.",
    "intake.encoding_guessed": "The letters of this file were read as {encoding}. If names look wrong, "
    "export it again as UTF-8.",
    "intake.broken_quotes": "A quotation mark in this file is never closed, so quotes were read as "
    "plain text.",
    "intake.click_price_differs": "The file's own {header} says {theirs:money} a click, spend divided "
    "by clicks "
    "gives {ours:money}. Check the click column or the unit.",
    "intake.click_price_other": "The file's own {header} fits the column {better}, not {used}. "
    "Map {better} as clicks if that is what you pay for.",
    "intake.ratio_other_column": "The file's own {header} fits the column {better}, not {used}. Map {better} "
    "instead if it means the same.",
    "intake.ratio_differs": "The file's own {header} agrees with the mapped columns on {share:percent} of the rows "
    "only ({theirs:number} against {ours:number}). It may be an average of averages; it is never used.",
    "intake.spend_price_other": "The file's own {headers} are worked out from {better}, not from {used}. Spend is "
    "{used}; map {better} instead if that is what you pay.",
    "intake.spend_other_basis": "The file's own {header} is {factor:multiple} times what {used} gives, on every row: "
    "it stands on another basis, such as before a rebate or with VAT. Spend is {used} as it stands.",
    "intake.rejected": "{n:count} {n:plural:line|lines} could not be used; they are kept with the reason and can be "
    "downloaded.",
    "intake.short_lines": "{n:count} {n:plural:line ends|lines end} before the last column; what is missing there is "
    "unknown, not 0.",
    "intake.merged_cells": "{n:count} {n:plural:line has|lines have} nothing under {header}, as below merged cells; what "
    "stands above was taken, such as {example} for line {row}.",
    "intake.unreadable_numbers": "{n:count} {n:plural:cell|cells} in {header} are not numbers ({example}) and stay empty.",
    "intake.incomplete_day": "The platform marks the last day of this file ({day:date}) as incomplete. "
    "Import it again later.",
    "intake.same_rows": "{n:count} {n:plural:line|lines} are exact copies of another line. They are counted; "
    "remove them if the file was pasted together.",
    "intake.overall_left": "Not used: {left}.",
    "intake.wide_total": "The channels add up to {rows:money}, but {header} says {total:money}: a channel may be missing.",
    "intake.read_as_periods": "Dates are a week or a month apart ({days:count} days): each row is read as the sum up to the next "
    "date.",
    "intake.wide_table": "One column per channel: {n:count} {n:plural:channel|channels} read from {headers}, a row per day and "
    "channel.",
    "intake.wide_table_left": "One column per channel: {n:count} {n:plural:channel|channels} read from {headers}, a row per day "
    "and channel. Not used: {left}.",
    "intake.taken_as_overall": "This table names neither a channel nor what was paid: read as what all channels brought "
    "together, paid or not ({headers}). It is never added to a channel. If these are the results of one channel only, take "
    "the file out and upload that channel's report with what it cost.",
    "intake.taken_as_geo": "Read as the rows of a test by {header}: its spend does not add to your channels. If it is a "
    "spend export, say so under the kind of file.",
    "intake.test_without_person": "{n:count} {n:plural:line names|lines name} nobody: each counts as a person of its own.",
    "intake.test_totals_differ": "{field}: the rows add up to {rows:number}, the file's own total says {total:number}.",
    "intake.test_name": "The test is called {experiment}, after the file. Name it if another file has rows of the same test.",
    "intake.test_without_day": "The file has no day: its rows are read as the final figures of a finished test.",
    "intake.conversions_as_leads": "{header} is counted as leads.",
    "intake.total_by_arithmetic": "Line {row} equals the sum of all others and has no day of its own, so it was left out as a total.",
    "intake.total_not_confirmed": "Line {row} says {label} but does not add up to the others. Is it a total, to be "
    "left out, or data, to be kept?",
    "intake.maybe_total": "{n:plural:Line|Lines} {row} {n:plural:looks|look} like a total of other lines, without "
    "saying so. {n:plural:Is it a total|Are they totals}, to be left out, or data, to be kept?",
    "intake.subtotals": "{n:plural:Line|Lines} {row} {n:plural:adds|add} up other lines and {n:plural:has|have} no name "
    "or day of {n:plural:its|their} own: left out as {n:plural:a total|totals}.",
    "intake.damaged_ids": "The ids in {header} were cut by a spreadsheet ({example}); names are used "
    "instead.",
    "intake.customer_date_guessed": "{n:count} {n:plural:customer|customers} have no closing date; the last known date of "
    "the lead is used.",
    "intake.leads_without_id": "No column tells leads apart (id, phone or e-mail), so every line is one "
    "lead.",
    "intake.no_revenue": "No revenue was read; {n:count} {n:plural:customer is|customers are} known, but not what they "
    "paid. If a column holds it, name it below; without it no return can be worked out.",
    "intake.platform_unsure": "This could be {first} or {second}; it was read as {first}.",
    # told
    "intake.unit_in_header": "The figures in {header} were multiplied by {scale:number}, as its header says.",
    "intake.unit_above": "The figures in {header} were multiplied by {scale:number}, because a line beside the table says "
    "{unit}.",
    "intake.spend_basis_choice": "Spend is {used} as the platform charges it; {others} state parts of it or the same "
    "money on another basis and were left out.",
    "intake.revenue_choice": "Revenue is {used}; {others} state it after refunds or on another basis and were left out.",
    "intake.mapping_proved": "The file's own {ratios} agree with the mapped columns on {share:percent} of "
    "{n:count} {n:plural:row|rows}.",
    "intake.settled_by_proof": "{field} is {header}, not {others}: the file's own {ratios} agree with it on "
    "{share:percent} of the rows, and with the other on {other_share:percent}.",
    "intake.price_evidence": "The file's own prices agree with {header} on {share:percent} of the rows.",
    "intake.totals_left_out": "Left out {n:count} {n:plural:total row|total rows} (they would have made spend {spend_with:money} "
    "instead of {spend:money}).",
    "intake.lead_totals_left_out": "Left out {n:count} {n:plural:total row|total rows}.",
    "intake.default_currency": "The file does not name a currency; {platform} bills in {currency}.",
    "intake.assumed_currency": "The file does not name a currency; its Chinese headers suggest {currency}.",
    "intake.symbol_currency": "The sign {symbol} was read as {currency}.",
    "intake.whole_period": "Each row covers {first:date} to {last:date}, not one day. "
    "Export by day to see trends.",
    "intake.conversions_not_leads": "{headers} was not used as leads: what it counts depends on the "
    "campaign. "
    "Map it to leads if it counts people who left a contact.",
    "intake.leads_summed": "Leads are {headers} added up.",
    "intake.other_clock": "{headers} counts the same conversions on another clock and was left out.",
    "intake.clicks_choice": "Clicks are {used}, the column the platform divides its click price by; "
    "{others} could be meant as well.",
    "intake.channel_from_name": "The channel {channel} was taken from the file name.",
    "intake.other_sheets": "Only the sheet {sheet} was read; {others} hold no table or a summary of it.",
    "intake.not_sold": "{n:count} {n:plural:line has|lines have} a closing day or an amount but {n:plural:was|were} lost or "
    "{n:plural:is|are} still open; not counted as {n:plural:a customer|customers}.",
    "intake.repeat_sales": "{people:count} {people:plural:person|people} bought on several days; the {n:count} further "
    "{n:plural:sale is|sales are} added to the first.",
    "intake.duplicate_leads": "{n:count} {n:plural:line|lines} repeat a lead of this file; the furthest one of each was "
    "kept.",
    "intake.redacted": "Names, phones and e-mails were replaced by keyed hashes before anything is stored; "
    "the original file is not kept.",
    "intake.people_left_out": "Columns about people ({headers}) are stars in the copy of this file that is stored; "
    "the original file is not kept.",
    "intake.large_people": "{name} has columns about people ({headers}) and is too large to store without them. "
    "Export it again without those columns.",
    "intake.period_from_name": "The period {first:date} to {last:date} was taken from the file name.",
    "intake.device_only": "This file covers only: {device}.",
    "intake.large_file": "A large file: its {n:count} rows were summed by day, account and campaign; every row is "
    "kept. Repeated lines were not looked for.",
    "intake.campaigns_summed": "This file has so many campaigns that they were summed by day and account.",
    "intake.lines_unaccounted": "{n:count} {n:plural:line|lines} of this file could not be accounted for. Export it again, or in "
    "parts, and compare the totals.",
    "intake.utc_days": "{platform} counts days in UTC, not in your own time zone. Around midnight its days and "
    "those of your lead list differ; compare weeks rather than single days.",
    "intake.micros": "{header} holds millionths of the currency; it was divided by 1,000,000.",
    "intake.one_definition": "{field} is {used}. {others} counts the same in another way and was left out.",
    "intake.unnamed_day": "Column {place:count} has no header but holds dates; it was taken as the day.",
    # reasons of rejected lines
    "intake.reject.no_day": "no day",
    "intake.reject.bad_date": "{value} is not a date",
    "intake.reject.bad_number": "{value} in {header} is not a number",
    "intake.reject.too_many_cells": "more cells than the header has",
    "intake.reject.too_few_cells": "fewer cells than the header has",
    "intake.reject.broken_line": "a cell that holds a phone, an e-mail or a line break where none belongs",
    "intake.reject.swallowed_lines": "a stray quotation mark joined several lines into one cell",
    "intake.reject.repeated_header": "the header again",
    "intake.reject.duplicate_lead": "the lead of line {line} again",
    "intake.reject.no_variant": "no variant and no region",
    "intake.reject.nameless": "no name while other rows have one",
    # containers and bad input
    "intake.blank": "{name} holds nothing but blanks. Export it again with a date range that has data.",
    "intake.is_folder": "{name} is a folder. Choose the files in it.",
    "intake.cannot_open": "{name} cannot be opened ({detail}). Check that nobody has moved or locked it.",
    "intake.password": "{name} is locked by a password. Open it, save it without the password, and upload it again.",
    "intake.nested": "{name} has another archive inside ({inner}). Unpack it and upload the files in it.",
    "intake.no_tables_inside": "{name} holds no CSV, TSV, TXT, XLSX or XLS file (found: {members}). "
    "Pack the exports themselves.",
    "intake.too_many_inside": "{name} holds {n:count} files; at most {most:count} can be read. Pack only the exports.",
    "intake.line_too_long": "{name} has a line of more than {size:number} million letters, which no export has. "
    "Export it again as CSV.",
    "intake.too_many_columns": "{name} has {columns:count} columns; a spreadsheet has at most {most:count}. "
    "Export it again with the columns you need.",
    "intake.nul_bytes": "{name} has {n:count} NUL {n:plural:byte|bytes} between its letters, so it is damaged or no text. "
    "Download it again.",
    "intake.no_text": "{name} is no text and no spreadsheet. Did you pick the wrong file?",
    "intake.cut_off": "{name} breaks off in the middle of a letter: the download was not complete. Download it again.",
    "intake.no_such_table": "{name} holds no table called {table}. It has: {tables}.",
    "intake.page_insights": "{name} counts what a page did ({headers}), not what ads cost. In Meta Ads Manager, choose "
    "Campaigns, then Reports, Export table data, by day with Amount spent.",
    "intake.other_tables": "Only {table} was read. This file also holds: {others}. Import each of them as well if you "
    "need it.",
    "intake.hidden_sheets": "{others} is hidden in the workbook and was not read. Show the sheet and upload again if "
    "it belongs to the data.",
    "intake.read_hidden": "The sheet read, {sheet}, is hidden in the workbook. Check that it is the right one.",
    "intake.skipped_members": "{n:count} {n:plural:file|files} in the archive {n:plural:is|are} no table and "
    "{n:plural:was|were} left out: {members}.",
    "intake.only_this_kept": "Another table of this file names people, so only the table read is kept, "
    "not the whole file.",
    "intake.empty_formulas": "{n:count} {n:plural:cell|cells} of the workbook {n:plural:holds|hold} a formula without a "
    "result, or an error, and {n:plural:stays|stay} empty. Open the workbook, let it calculate, and save it again.",
    "intake.last_line_cut": "The last line has fewer cells than the others and no line end: the file may be cut off. "
    "The line was set aside; download the file again.",
    "intake.none_usable": "{name} has a table, but none of its {n:count} {n:plural:line|lines} has both a day and a number we "
    "can read. Export it again by day, or say which columns are meant.",
    "intake.future_days": "{n:count} {n:plural:row is|rows are} dated after today, up to {last:date}. Is the order of day "
    "and month right? Say so, or confirm that the days are right.",
    "intake.future_days_kept": "{n:count} {n:plural:row is|rows are} dated after today, up to {last:date}. "
    "You said that this is right.",
    "intake.mostly_negative": "Most of the spend in this file is below zero ({n:count} {n:plural:row|rows}, {spend:money} in "
    "all). Is it a list of refunds? Confirm it, or choose another column.",
    "intake.mostly_negative_kept": "Most of the spend in this file is below zero ({n:count} {n:plural:row|rows}, "
    "{spend:money} in all). You said that this is right.",
    "intake.negative_spend": "{n:count} {n:plural:row has|rows have} spend below zero ({spend:money} in all), as refunds do. "
    "They are counted.",
}


class IntakeError(ChannelOptError):
    """A file that cannot be read, with what to do instead."""

    templates = MESSAGES

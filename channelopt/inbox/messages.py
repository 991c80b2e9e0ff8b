"""What the inbox says: refusals in English templates."""

from __future__ import annotations

from channelopt.errors import ChannelOptError

MESSAGES: dict[str, str] = {
    "inbox.broke": "{name} could not be read because of a bug in channelopt. Report {number} is in the log.",
    "inbox.no_reason": "Why {name} waits is not known any more. Put it back into the inbox to try again.",
    "inbox.stuck": "{name} could not be moved: {detail}. Check the permissions of the folder.",
}


class InboxError(ChannelOptError):
    """A file of the inbox that cannot be dealt with."""

    templates = MESSAGES

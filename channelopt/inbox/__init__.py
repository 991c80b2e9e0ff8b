"""The inbox of a workspace: files put there are read, stored and moved away, or wait with a reason."""

from channelopt.inbox.messages import MESSAGES, InboxError
from channelopt.inbox.shelf import FOLDER, Arrival, InboxState, Waiting, inbox_folder, inbox_state
from channelopt.inbox.watch import Inbox, answer_waiting

__all__ = [
    "FOLDER",
    "MESSAGES",
    "Arrival",
    "Inbox",
    "InboxError",
    "InboxState",
    "Waiting",
    "answer_waiting",
    "inbox_folder",
    "inbox_state",
]

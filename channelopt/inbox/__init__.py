"""The inbox of a workspace: files put there are read, stored and moved away, or wait with a reason."""

from channelopt.inbox.messages import MESSAGES, InboxError
from channelopt.inbox.shelf import (
    FOLDER,
    WAITING,
    Arrival,
    InboxState,
    Waiting,
    inbox_folder,
    inbox_state,
    names_people,
)
from channelopt.inbox.watch import Inbox, answer_waiting, stored_by_hand

__all__ = [
    "FOLDER",
    "MESSAGES",
    "WAITING",
    "Arrival",
    "Inbox",
    "InboxError",
    "InboxState",
    "Waiting",
    "answer_waiting",
    "inbox_folder",
    "inbox_state",
    "names_people",
    "stored_by_hand",
]

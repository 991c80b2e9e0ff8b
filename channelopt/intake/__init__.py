"""Intake: the bytes of one export become canonical rows, and everything doubtful is told."""

from channelopt.intake.columns import mappable_fields
from channelopt.intake.large import LargeRead
from channelopt.intake.messages import MESSAGES, IntakeError
from channelopt.intake.platforms import Platform, channel_key, platforms
from channelopt.intake.reader import read_export
from channelopt.intake.result import ColumnMap, Layout, LineCount, Read
from channelopt.intake.unpack import Piece, Unpacked, look_inside, unpack
from channelopt.intake.variants import variant_summary

__all__ = [
    "MESSAGES",
    "ColumnMap",
    "IntakeError",
    "LargeRead",
    "Layout",
    "LineCount",
    "Piece",
    "Platform",
    "Read",
    "Unpacked",
    "channel_key",
    "look_inside",
    "mappable_fields",
    "platforms",
    "read_export",
    "unpack",
    "variant_summary",
]

"""The command line: the same things as the dashboard, for cron and scripts."""

from channelopt.cli.run import main

__all__ = ["main"]

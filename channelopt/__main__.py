"""``python -m channelopt``."""

from channelopt.cli import main

raise SystemExit(main())

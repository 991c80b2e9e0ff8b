"""channelopt: where the next yuan of acquisition budget should go, with honest uncertainty."""

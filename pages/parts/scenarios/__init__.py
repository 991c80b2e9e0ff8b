"""What-if plans: asking, answering, comparing, keeping."""

"""Files on their way in: receipts, questions, history."""

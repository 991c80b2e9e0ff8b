"""The views of the diagnosis."""

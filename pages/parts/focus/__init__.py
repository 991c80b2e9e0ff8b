"""The views of the focus page."""

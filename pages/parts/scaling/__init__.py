"""The views of the scaling page."""

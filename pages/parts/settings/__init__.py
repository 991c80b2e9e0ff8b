"""The forms of the settings page."""

"""The Preferences page: one form, made from the settings' own description of themselves."""

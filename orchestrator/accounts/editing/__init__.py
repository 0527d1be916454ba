"""Edits of the manifest that keep its comments and obey its rules."""

"""The entries: one file per AWS service, one table per resource type."""

"""A workload of one's own, begun from a template: its folder, its test, and its entry in the manifest."""

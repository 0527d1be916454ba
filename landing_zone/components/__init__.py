"""Pulumi components that programs are wired from; each takes its providers as arguments."""

"""Fleetyard's tests; conftest files and `support` hold what they share."""

"""Fleetyard."""

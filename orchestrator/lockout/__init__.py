"""Policies over which Fleetyard could no longer deploy, or nobody get in: found before AWS has them."""

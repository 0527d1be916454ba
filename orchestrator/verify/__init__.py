"""`fleetyard verify`: who reaches what, and what policies deny, against what the manifest says."""

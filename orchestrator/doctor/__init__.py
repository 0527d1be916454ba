"""`fleetyard doctor`: everything a run rests on, looked at before a run, each failure with its next step."""

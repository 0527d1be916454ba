"""What a rehearsal proves about the running twin, one file per claim."""

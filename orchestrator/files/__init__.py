"""The fleet's files: programs, settings, lock, work directories."""

"""Which condition keys AWS has: those of all its services together, and those of single ones."""

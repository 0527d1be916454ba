"""Which stacks there are, which of them a command means, and what is decided before any of them starts."""

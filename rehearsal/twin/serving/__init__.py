"""The twin's HTTP side: its two ports, its own interface, what it remembers of requests."""

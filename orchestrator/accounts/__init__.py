"""The life of an account in the driver: its lines in the manifest, its stacks' states, and what AWS says of it."""

"""The IAM documents that Fleetyard writes, as plain data: names and ids in, documents out. Pure."""

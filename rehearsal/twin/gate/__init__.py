"""The way of one request: who asks, what it asks for, what policies say, what AWS would not accept."""

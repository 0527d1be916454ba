"""What several test areas share: builders, doubles, fixtures."""

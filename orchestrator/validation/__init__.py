"""What is said of a manifest beyond its own rules: programs, names of AWS, the documents that it names."""

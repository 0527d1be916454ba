"""The process in which one stack runs: forked from a warm one, told a job, asked for a result."""

"""One run over many stacks: its order, its jobs and their results, its record and its report."""

"""Where the state of stacks is: read from its backends, moved by `state migrate`, looked over by `state doctor`."""

"""Where the state of stacks is: moved between backends by `state migrate`, looked over by `state doctor`."""

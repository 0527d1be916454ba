"""The end of an account, step by step, so that it can be cut short and resumed."""

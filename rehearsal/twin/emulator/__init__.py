"""Everything that knows moto: calling it, reading its state, and what is changed in it."""

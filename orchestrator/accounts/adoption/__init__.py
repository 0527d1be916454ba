"""Taking over what AWS has already: one account, or a whole organisation."""

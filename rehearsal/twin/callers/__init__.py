"""Who asks: access keys, sessions, the security token service, federation."""

"""Who can do it: the protocols that plugins fill in. No code runs here."""

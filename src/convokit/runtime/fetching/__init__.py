"""Fetching files of clients from carriers: late, and never from inside the host's own network."""

"""The nouns that a conversation is about. Pure: no clock, no randomness, no I/O."""

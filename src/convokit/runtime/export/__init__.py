"""Many transcripts at once, into a folder, with a manifest; begun again where it was stopped."""

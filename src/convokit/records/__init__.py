"""Built-in places to file transcripts in, for hosts without a medical record of their own."""

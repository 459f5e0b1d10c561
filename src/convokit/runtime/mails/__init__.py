"""Mails: what they say, and handing them over."""

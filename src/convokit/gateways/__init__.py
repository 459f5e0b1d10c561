"""Carriers that ship with convokit, registered through the same hooks as anybody's."""

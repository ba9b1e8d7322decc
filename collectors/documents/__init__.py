"""Bytes of any other document → text, entries, action sheets. Pure."""

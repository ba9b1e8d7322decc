"""The demonstration: a small fictitious regional web served on loopback, with its known truth.

Places are real, everything else is invented. Nothing here depends on today's date.
"""

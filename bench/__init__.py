"""Timings against named peers, in one run: `make bench`, or `python -m bench NAME…`.

A bench is one file here with `main() -> list[str]`: the lines of its table. Wall times come from
whatever machine runs it: read ratios. Nothing here is asserted by the unit tests.
"""

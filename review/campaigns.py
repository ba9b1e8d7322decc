"""Which campaign a page is about: the one asked for, else the first that is not archived."""

from domain.campaigns import campaigns


def campaign_of(asked: object) -> str:
    """A known code."""
    known = campaigns()
    if isinstance(asked, str) and asked in known:
        return asked
    live = [one.code for one in known.values() if not one.archived]
    return (live or list(known))[0]

"""A web page → its events, its text, its links. Pure: one page read, nothing fetched."""

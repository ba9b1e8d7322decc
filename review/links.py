"""Addresses that come from a form or a query: where they may lead."""


def local(path: str) -> str:
    """The path when it stays on this site, else the first page."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path
    return path if fine and path.isprintable() else "/"

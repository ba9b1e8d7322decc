"""A place in the menu: a page module exposes `MENU = Entry(…)`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    title: str
    path: str
    right: str  # shown to those who may (review.auth.RIGHTS)
    order: int

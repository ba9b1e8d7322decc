"""A source's record, popped as it is read: what nobody took is told, never silently lost."""

from collections.abc import Mapping
from typing import Any


class Record:
    """The fields of one announcement as the source names them.

    `pop` takes the first non-empty of several names and forgets them all; `leave` is for fields
    known to be useless (pictures, internal ids); `leftovers` names what nobody read.
    """

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._left = dict(fields)
        self._seen: set[str] = set()  # first steps of the paths that were read

    def pop(self, *names: str) -> Any:
        """The first non-empty value among these fields, or None. All of them count as read."""
        found = None
        for name in names:
            value = self._left.pop(name, None)
            if found is None and not empty(value):
                found = value
        return found

    def text(self, *names: str) -> str | None:
        """The same as a stripped string (numbers are written out), or None."""
        value = self.pop(*names)
        if value is None or isinstance(value, dict | list | tuple):
            return None
        return str(value).strip() or None

    def path(self, dotted: str) -> Any:
        """The value at `a.b.0.c`, or None. The whole first step counts as read."""
        head, *rest = dotted.split(".")
        if dotted in self._left:  # some APIs write the dot in the name itself
            return self.pop(dotted)
        value = self._left.get(head)
        self._seen.add(head)
        value = at(value, ".".join(rest)) if rest else value
        return None if empty(value) else value

    def leave(self, *names: str) -> None:
        """These fields are known and deliberately not read."""
        for name in names:
            self._left.pop(name, None)

    @property
    def leftovers(self) -> tuple[str, ...]:
        """The names of the non-empty fields nobody read, sorted."""
        return tuple(
            sorted(k for k, v in self._left.items() if not empty(v) and k not in self._seen)
        )


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path of names and ranks, empty lists included; None when nothing."""
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {} or value == ()


def filled(**fields: Any) -> dict[str, Any]:
    """The fields that say something: None, empty texts and empty lists are dropped."""
    return {name: value for name, value in fields.items() if not empty(value)}

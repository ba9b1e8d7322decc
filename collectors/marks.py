"""The validators of one visit: what was known before it, what it learned. Opaque, verbatim.

A name (an address, or what a kind calls it) → {"etag", "last_modified", "sha256", "reader"…}.
What a visit learned is stored with its announcements, never before.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from collectors.http import Page
from domain.records import Source
from domain.text import fingerprint

_FORGET_AFTER = timedelta(days=90)  # a page nobody asked for since then is no longer listed
_WHOLE_EVERY = timedelta(days=30)  # a validator that lies is found out
_CONDITIONS = (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified"))


class Marks:
    """What pages were when they were last read, and what they are now."""

    def __init__(
        self,
        source: Source,
        known: Mapping[str, Mapping[str, str]],
        *,
        version: int,
        now: datetime,
    ) -> None:
        # Changed options or a better reader: what was read before must be read again.
        self._reader = fingerprint(
            {"kind": source.kind, "version": version, "options": dict(source.options)}
        )[:16]
        self._now = now
        self._new: dict[str, dict[str, str]] = {}
        self._forgotten: set[str] = set()
        self.old = {u: dict(v) for u, v in known.items() if v.get("reader") == self._reader}

    @property
    def kept(self) -> dict[str, dict[str, str]]:
        """What to store once the items are committed: this visit's over the previous ones."""
        oldest = (self._now - _FORGET_AFTER).isoformat()
        kept = {name: v for name, v in self.old.items() if v.get("seen", "") >= oldest}
        kept |= self._new
        return {name: v for name, v in kept.items() if name not in self._forgotten}

    def forget(self, name: str) -> None:
        self._forgotten.add(name)

    def keep(self, name: str, values: Mapping[str, str]) -> None:
        """A kind's own cursor."""
        self._new[name] = {**values, "reader": self._reader, "seen": self._now.isoformat()}

    def conditions(self, name: str) -> dict[str, str]:
        """The headers that ask for it only if it changed; none once a month, in case they lie."""
        mark = self.old.get(name, {})
        whole = mark.get("whole") or mark.get("seen", "")
        if whole < (self._now - _WHOLE_EVERY).isoformat():
            return {}
        return {header: mark[field] for header, field in _CONDITIONS if mark.get(field)}

    def not_modified(self, name: str) -> None:
        """It answered 304: the same mark, seen today."""
        self._new[name] = {**self.old[name], "seen": self._now.isoformat()}

    def read(self, name: str, page: Page, *, role: str = "") -> bool:
        """It answered with a body; whether it is the body that was already read."""
        digest, now = hashlib.sha256(page.body).hexdigest(), self._now.isoformat()
        mark = {"sha256": digest, "reader": self._reader, "seen": now, "whole": now}
        if role:
            mark["role"] = role
        for header in ("etag", "last-modified"):
            if _echoable(page.headers.get(header, "")):
                mark[header.replace("-", "_")] = page.headers[header]
        self._new[name] = mark
        return self.old.get(name, {}).get("sha256") == digest


def _echoable(value: str) -> bool:
    """Whether a validator can be sent back verbatim in a header."""
    return bool(value) and len(value) < 1000 and all(" " <= c <= "ÿ" and c != "\x7f" for c in value)

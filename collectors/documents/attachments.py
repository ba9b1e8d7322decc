"""What is attached to a message, read as the kind of its name: calendars, tables, action sheets."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from collectors.imports import read_import
from collectors.items import Found
from collectors.kinds import calendar
from domain.errors import ConfigError, Unreadable
from domain.records import Quarantined, Source

READ = frozenset({".ics", ".docx", ".odt", ".csv", ".xlsx", ".ods"})
MAX_FILES = 20  # of one message


def read_attachments(
    files: Iterable[tuple[str, bytes]], source: Source, *, key: str
) -> list[Found]:
    """The items of the files paat reads, their keys after the message's; what fails is told."""
    found: list[Found] = []
    for name, body in list(files)[:MAX_FILES]:
        where = f"{key}#{name}"
        try:
            items = _read(name, body, source)
        except (Unreadable, ConfigError) as error:
            found.append(Quarantined(source=source.slug, key=where, why=error.message))
        else:
            found += [replace(one, key=f"{where}#{one.key}"[:500]) for one in items]
    return found


def is_read(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in READ


def _read(name: str, body: bytes, source: Source) -> list[Found]:
    if name.lower().endswith(".ics"):
        # The source's own options are a mailbox's, not a calendar's.
        return list(calendar.parse(body, replace(source, options={})))
    items = read_import(body, name=name, mapping={}).items
    return [replace(one, source=source.slug) for one in items]

"""The archive of raw answers beside the chain: opened for a run, tidied once a day."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collectors.kinds import kinds
from collectors.upkeep import archive as archives
from collectors.upkeep.archive import Archive
from domain.records import Source
from flows.house import House

log = logging.getLogger(__name__)

_EVERY = timedelta(hours=20)  # a run a day, whose hour moves a little, tidies each day


def opened(house: House) -> Archive:
    return archives.of_settings(house.settings)


def tidy(house: House, known: Iterable[Source]) -> int:
    """Forget what is older than its days, at most once a day; how many visits are gone.

    An archive that cannot be tidied is told, and the run goes on.
    """
    archive, now = opened(house), house.clock()
    marker = archive.folder / "tidied"
    if not archive.folder.is_dir():
        return 0
    try:
        if marker.exists() and now - _written(marker) < _EVERY:
            return 0
        sources = list(known)
        days = {one.slug: days_of(house, one) for one in sources}
        personal = {one.slug for one in sources if is_personal(one)}
        gone = archive.prune(days, now, default=house.settings.archive_days, personal=personal)
        marker.write_text(now.isoformat(), "utf-8")
    except OSError as error:
        log.warning("%s: the archive could not be tidied: %s", archive.folder, error)
        return 0
    return gone


def _written(marker: Path) -> datetime:
    """When it was last tidied; long ago when nobody can say."""
    try:
        return datetime.fromisoformat(marker.read_text("utf-8"))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def days_of(house: House, source: Source) -> int:
    """Days the answers of a source are kept; 0 = not at all."""
    return archives.keep_days(source, house.settings, personal=is_personal(source))


def is_personal(source: Source) -> bool:
    """Whether what it gives carries personal data: forms, tables, mail."""
    return bool(getattr(kinds()[source.kind], "PERSONAL", False))

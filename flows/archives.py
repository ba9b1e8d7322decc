"""Archive a campaign: its census written in every format beside a list of checksums, then frozen.

The same database state and date give the same bytes: `write` again proves an archive.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from census.files import whole_file
from census.table import format_named, format_names
from domain.campaigns import campaign
from domain.errors import ConfigError
from domain.times import paris_day
from flows import steps
from flows.house import House
from storage import campaigns

CHECKSUMS = "SHA256SUMS"
_OPTIONAL = ("parquet",)  # needs pyarrow, which an archive must not depend on


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What an archive holds, and the date its census was made at."""

    on: date
    names: tuple[str, ...]


def archive(house: House, code: str, folder: Path) -> Archive:
    """Write the archive of a campaign, then make the campaign read-only.

    Raises ConfigError for an unknown campaign, Conflict when it is archived already.
    """
    chosen = campaign(code)
    with house.database.begin() as conn:
        campaigns.require_open(conn, [chosen.code])
    made = write(house, code, folder)
    with house.database.begin() as conn:
        campaigns.archive(conn, chosen.code, house.clock())
    return made


def write(house: House, code: str, folder: Path, *, on: date | None = None) -> Archive:
    """Write every format of the census of a campaign at a date (today), and their checksums."""
    chosen, day = campaign(code), on or paris_day(house.clock())
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{error.strerror} là où un dossier où écrire est attendu ; choisissez-en un autre",
            about=str(folder),
        ) from error
    names = []
    for name in format_names():
        if name in _OPTIONAL:
            continue
        suffix = format_named(name).SUFFIX
        plain = name in (suffix[1:], "ics", "atom")
        stem = f"recensement-{chosen.code.lower()}"
        path = folder / (f"{stem}{suffix}" if plain else f"{stem}-{name}{suffix}")
        steps.export(house, chosen.code, name, path, on=day)
        names.append(path.name)
    names.sort()
    sums = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names]
    with whole_file(folder / CHECKSUMS) as out:
        out.write("".join(sums).encode())
    return Archive(on=day, names=(*names, CHECKSUMS))

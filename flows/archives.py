"""Archive a campaign: its census written in every format beside a list of checksums, then frozen.

The same database state and date give the same bytes; the files are kept in the database too, so
that an export of the campaign, years later, is the file that was handed over.
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
from flows import exporting
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
        files = {name: (folder / name).read_bytes() for name in made.names if name != CHECKSUMS}
        campaigns.keep_files(conn, chosen.code, files)
        campaigns.archive(conn, chosen.code, house.clock())
    return made


def give_back(house: House, code: str, name: str, path: Path) -> bool:
    """Write the file an archived campaign was handed over with; False when there is none."""
    form = format_named(name, suffix=path.suffix)
    kept = form.__name__.rpartition(".")[2].replace("_", "-")
    with house.database.begin() as conn:
        data = campaigns.file(conn, code, file_of(code, kept, form.SUFFIX))
    if data is None:
        return False
    with whole_file(path) as out:
        out.write(data)
    return True


def file_of(code: str, name: str, suffix: str) -> str:
    """The name a format's file has in an archive."""
    plain = name in (suffix[1:], "ics", "atom")
    stem = f"recensement-{code.lower()}"
    return f"{stem}{suffix}" if plain else f"{stem}-{name}{suffix}"


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
        path = folder / file_of(chosen.code, name, format_named(name).SUFFIX)
        exporting.export(house, chosen.code, name, path, on=day)
        names.append(path.name)
    names.sort()
    sums = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names]
    with whole_file(folder / CHECKSUMS) as out:
        out.write("".join(sums).encode())
    return Archive(on=day, names=(*names, CHECKSUMS))

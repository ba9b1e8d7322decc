"""What sources answered, kept as it came: bytes under their sha256, compressed, never twice.

    <home>/archive/bodies/ab/ab12….zst            the bytes, decoded from their transfer
    <home>/archive/visits/<slug>/<instant>.jsonl  a visit: what it knew, then a line an answer

Every line is written before its answer is parsed: a parser that dies, a killed run or a database
that is down lose no page. One file a visit, so that nothing is ever rewritten: forgetting is
removing files. docs/archive.md tells what is kept, for how long, and how a person is forgotten.
"""

import hashlib
import json
import logging
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import zstandard

from collectors.documents.decoding import decode
from domain.errors import ConfigError
from domain.records import Json, Source, Visit
from domain.settings import Settings
from domain.statuses import Outcome

logger = logging.getLogger(__name__)

HEADERS = frozenset(
    {
        *("content-type", "content-language", "etag", "last-modified", "date", "link"),
        *("x-wp-total", "x-wp-totalpages", "server", "cache-control", "tdm-reservation"),
    }
)
"""Headers kept with an answer: what reading it again needs. Never a cookie."""

_FINE = frozenset({Outcome.OK, Outcome.UNCHANGED})
_LEVEL = 3  # 0.45 ms and a fifth of the size a page (reference: collection.md §3.8)
_YOUNG = timedelta(days=1)  # a body this young may belong to a visit that is not over


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One answer: `asked` names the request (its address, with a digest of what was posted)."""

    asked: str
    url: str
    status: int
    sha256: str
    bytes: int
    at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A visit as the archive has it."""

    source: str
    url: str  # of the source that day
    at: datetime
    path: Path
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The validators it started with: what it did not ask again."""
    snapshots: tuple[Snapshot, ...] = ()
    outcome: str = ""  # empty: the run was killed before the visit ended

    @property
    def fine(self) -> bool:
        return self.outcome in _FINE


class Archive:
    """The archive of one machine. A damaged line or body is told and left out, never raised."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(
        self, source: Source, known: Mapping[str, Mapping[str, str]], at: datetime
    ) -> "Shelf":
        """Where the answers of a visit go. Nothing is written before the first one."""
        return Shelf(self, source, known, at)

    def put(self, body: bytes, at: datetime) -> str:
        """Keep these bytes, dated `at`; their sha256. Bytes already there are dated anew only."""
        digest = hashlib.sha256(body).hexdigest()
        path = self._place(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{id(body):x}.tmp")
            draft.write_bytes(zstandard.ZstdCompressor(level=_LEVEL).compress(body))
            draft.replace(path)
        os.utime(path, (at.timestamp(), at.timestamp()))  # spared by `sweep` while it is young
        return digest

    def body(self, digest: str) -> bytes | None:
        """The bytes of that sha256; None when they are gone or damaged."""
        try:
            raw = self._place(digest).read_bytes()
            found = zstandard.ZstdDecompressor().decompress(raw)
        except FileNotFoundError:
            return None
        except (OSError, zstandard.ZstdError) as error:
            logger.warning("archive: %s cannot be read: %s", digest, error)
            return None
        return found if hashlib.sha256(found).hexdigest() == digest else None

    def slugs(self) -> list[str]:
        """The sources it holds something of."""
        folder = self.folder / "visits"
        return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []

    def visits(self, slug: str, *, since: datetime | None = None) -> list[Kept]:
        """The visits of a source it has answers of, oldest first."""
        found = [
            _read(path, self) for path in sorted((self.folder / "visits" / slug).glob("*.jsonl"))
        ]
        return sorted(
            (one for one in found if one and (since is None or one.at >= since)),
            key=lambda one: one.at,
        )

    def size(self) -> int:
        """Bytes it takes on disk."""
        return sum(one.stat().st_size for one in self.folder.rglob("*") if one.is_file())

    def prune(
        self,
        days: Mapping[str, int],
        now: datetime,
        *,
        default: int,
        personal: Collection[str] = (),
    ) -> int:
        """Forget what is older than its source's days; how many visits are gone.

        Of a source kept at all (days > 0) the last good visit stays, and the last one with the
        answer of its own address: there is always something to read again. Of one that carries
        `personal` data nothing stays: its days are a promise.
        """
        gone = 0
        for slug in self.slugs():
            kept = self.visits(slug)
            keep = days.get(slug, default)
            spared = _spared(kept) if keep > 0 and slug not in personal else set()
            old = [one for one in kept if one.at < now - timedelta(days=keep)]
            for one in old:
                if one.path not in spared:
                    one.path.unlink(missing_ok=True)
                    gone += 1
        self.sweep(now)
        return gone

    def sweep(self, now: datetime) -> int:
        """Remove the bodies no visit names any more; how many."""
        named = {
            digest for slug in self.slugs() for one in self.visits(slug) for digest in _digests(one)
        }
        gone = 0
        for path in (self.folder / "bodies").glob("*/*.zst"):
            written = datetime.fromtimestamp(path.stat().st_mtime, tz=now.tzinfo)
            if path.stem not in named and written < now - _YOUNG:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def holding(
        self, words: re.Pattern[str], slugs: Sequence[str]
    ) -> Iterator[tuple[Kept, Snapshot]]:
        """The answers whose text matches, in their own encoding."""
        for slug in slugs:
            for visit in self.visits(slug):
                for one in visit.snapshots:
                    body = self.body(one.sha256)
                    kind = one.headers.get("content-type", "")
                    if body and words.search(decode(body, kind).text):
                        yield visit, one

    def erase(
        self, words: re.Pattern[str], slugs: Sequence[str]
    ) -> list[tuple[str, str, datetime]]:
        """Remove every answer whose text matches, at once and for good: (slug, url, when).

        A right of a person (RGPD art. 17), stronger than any retention.
        """
        found = list(self.holding(words, slugs))
        digests = {one.sha256 for _, one in found}
        for slug in self.slugs():
            for visit in self.visits(slug):
                self._forget(visit, digests)
        for digest in digests:
            self._place(digest).unlink(missing_ok=True)
        return [(visit.source, one.url, one.at) for visit, one in found]

    def _forget(self, visit: Kept, digests: set[str]) -> None:
        if not any(one.sha256 in digests for one in visit.snapshots):
            return
        lines = visit.path.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not any(digest in line for digest in digests)]
        draft = visit.path.with_suffix(".tmp")
        draft.write_text("".join(kept), "utf-8")
        draft.replace(visit.path)

    def _place(self, digest: str) -> Path:
        return self.folder / "bodies" / digest[:2] / f"{digest}.zst"


class Shelf:
    """The answers of one visit, as they come. A full disk is told once and stops nothing."""

    def __init__(
        self,
        archive: Archive,
        source: Source,
        known: Mapping[str, Mapping[str, str]],
        at: datetime,
    ) -> None:
        self._archive = archive
        self._slug = source.slug
        self._url = source.url
        self._known = known
        self._at = at
        self._path: Path | None = None
        self._broken = False

    def keep(
        self,
        asked: str,
        body: bytes,
        *,
        url: str,
        status: int,
        headers: Mapping[str, str],
        at: datetime,
    ) -> None:
        """Write an answer down, before anybody parses it."""
        line = {
            "asked": asked,
            "url": url,
            "status": status,
            "at": at.isoformat(),
            "bytes": len(body),
            "headers": {name: value for name, value in headers.items() if name in HEADERS},
        }
        self._write(line, body)

    def end(self, visit: Visit) -> None:
        """How the visit ended; only if it kept something."""
        if self._path is not None:
            self._write({"outcome": visit.outcome.value, "items": visit.items})

    def discard(self) -> None:
        """Nothing of this visit may be kept: its site reserves text and data mining."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    def _write(self, line: dict[str, Json], body: bytes | None = None) -> None:
        if self._broken:
            return
        try:
            if body is not None:
                line["sha256"] = self._archive.put(body, self._at)
            if self._path is None:
                self._path = self._start()
            with self._path.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            self._broken = True
            logger.warning("%s: answers are not archived: %s", self._slug, error)

    def _start(self) -> Path:
        folder = self._archive.folder / "visits" / self._slug
        folder.mkdir(parents=True, exist_ok=True)
        known = json.dumps(self._known, ensure_ascii=False).encode() if self._known else b""
        head = {
            "source": self._slug,
            "url": self._url,
            "at": self._at.isoformat(),
            "known": self._archive.put(known, self._at) if known else "",
        }
        stem = self._at.strftime("%Y%m%dT%H%M%S%f")
        for number in range(1000):  # two workers at one source in one instant
            path = folder / f"{stem}{f'-{number}' if number else ''}.jsonl"
            try:
                with path.open("x", encoding="utf-8") as out:
                    out.write(json.dumps(head) + "\n")
            except FileExistsError:
                continue
            return path
        raise OSError(f"{folder}: a thousand visits in one instant")


def keep_days(source: Source, settings: Settings, *, personal: bool) -> int:
    """How many days the answers of a source are kept; 0 = not at all.

    Forms and tables carry personal data: nothing of them is kept unless their block says so.
    """
    asked = source.options.get("archive_days")
    if isinstance(asked, int) and not isinstance(asked, bool):
        return max(0, asked)
    return 0 if personal else settings.archive_days


def of_settings(settings: Settings) -> Archive:
    return Archive(settings.home / "archive")


def _spared(kept: Sequence[Kept]) -> set[Path]:
    """The last good visit, and the last one that read the source's main address."""
    good = [one for one in kept if one.fine and one.snapshots]
    if not good:
        return {kept[-1].path} if kept else set()
    whole = [one for one in good if any(s.asked == one.url for s in one.snapshots)]
    return {one.path for one in (good[-1], *whole[-1:])}


def _digests(visit: Kept) -> Iterator[str]:
    yield from (one.sha256 for one in visit.snapshots)
    first = visit.path.read_text("utf-8").partition("\n")[0]
    yield str(json.loads(first).get("known", ""))


def _read(path: Path, archive: Archive) -> Kept | None:
    """A visit's file; a line cut by a kill is left out, a file without a head is told."""
    lines = []
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            logger.info("archive: %s: a line cut short is left out", path.name)
    if not lines or not {"at", "url"} <= lines[0].keys():
        logger.warning("archive: %s: not a visit; left out", path)
        return None
    head, *rest = lines
    known = archive.body(head["known"]) if head.get("known") else None
    return Kept(
        source=path.parent.name,
        url=head["url"],
        at=datetime.fromisoformat(head["at"]),
        path=path,
        known=json.loads(known) if known else {},
        snapshots=tuple(_snapshot(one) for one in rest if "sha256" in one),
        outcome=next((str(one["outcome"]) for one in rest if "outcome" in one), ""),
    )


def _snapshot(line: Mapping[str, Json]) -> Snapshot:
    return Snapshot(
        asked=line["asked"],
        url=line["url"],
        status=line["status"],
        sha256=line["sha256"],
        bytes=line["bytes"],
        at=datetime.fromisoformat(line["at"]),
        headers=line["headers"],
    )


def since_of(text: str) -> datetime:
    """The instant a person names: a day (midnight in Paris) or an instant. Raises ConfigError."""
    from domain.times import PARIS

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"{text!r} où une date est attendue ; écrivez par exemple 2026-11-01", about="--since"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=PARIS)

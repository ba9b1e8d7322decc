"""What is served: documents in memory, always the same bytes."""

import hashlib
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from demo.story import Announcement, story

MODIFIED = {
    "before": "Mon, 01 Dec 2025 06:00:00 GMT",
    "after": "Mon, 08 Dec 2025 06:00:00 GMT",
}
"""Last-Modified of every document, by state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    path: str
    content_type: str
    body: bytes
    status: int = 200

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'


def of(source: str, state: str) -> list[Announcement]:
    """What that source says, in the order it publishes."""
    return [one for one in story(state) if one.source == source]


def link(one: Announcement) -> str:
    """The path of its own page on the source's site."""
    return f"/{one.source}/{FOLDERS.get(one.source, 'article')}/{one.slug}"


FOLDERS = {
    "ville-digne": "agenda",
    "maisons-verdon": "evenement",
    "ville-grasse": "agenda",
    "ville-martigues": "actualites",
    "azur-sorties": "sortie",
    "vaucluse-ouvert": "evenement",
}


def rezip(body: bytes) -> bytes:
    """The same archive with its clock stopped: an office file must not change every run."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, date_time=(2025, 12, 1, 6, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return out.getvalue()


def by_path(documents: Iterable[Document]) -> dict[str, Document]:
    """path → document. Two documents at one address is a mistake of ours."""
    found: dict[str, Document] = {}
    for one in documents:
        if one.path in found:
            raise ValueError(f"{one.path}: two documents where one was expected")
        found[one.path] = one
    return found

"""A source's pages, frozen: what it answered one day and what we read in it.

`freeze` visits a source and writes a folder (`source.toml`, `pages.json`, one file per page);
`replay` reads the folder again without any network. Also how a lone file is read (`read_file`).
"""

import json
import mimetypes
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, Unpack
from urllib.parse import urlsplit

from collectors.collect import Harvest, visit_through
from collectors.http import How, Http, Page, Tally, question
from collectors.load import read_block, write_block
from collectors.web.client import Client
from domain.errors import ConfigError, Unreachable
from domain.records import Json, Source

P = ParamSpec("P")
R = TypeVar("R")

EXPECTED = "expected.json"
TOKEN = b'{"access_token": "fige", "expires_in": 1800}'
_KEPT_HEADERS = frozenset({"content-type", "link", "x-wp-total", "x-wp-totalpages"})


@dataclass(slots=True)
class FrozenHttp:
    """An Http that answers from saved pages, at a saved instant; anything else is unreachable."""

    pages: Mapping[str, Page]
    at: datetime
    tally: Tally = field(default_factory=Tally)

    def now(self) -> datetime:
        return self.at

    async def get(self, url: str, **how: Unpack[How]) -> Page:
        return self._page(url)

    async def post_json(
        self, url: str, payload: Json, *, headers: Mapping[str, str] | None = None
    ) -> Page:
        return self._page(question(url, payload))

    async def post_form(self, url: str, form: Mapping[str, str]) -> Page:
        return self._page(f"{url}#form")

    async def parse(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    def known(self) -> Mapping[str, Mapping[str, str]]:
        return {}

    def forget(self, url: str) -> None:
        """Nothing is remembered here."""

    def keep(self, name: str, **values: str) -> None:
        """Nothing is remembered here."""

    def _page(self, url: str) -> Page:
        page = self.pages.get(url)
        if page is None:
            raise Unreachable("adresse absente des pages enregistrées", about=url)
        self.tally.fetched += 1
        self.tally.bytes += len(page.body)
        return page


class _Recorder:
    """The real web, keeping what it answered."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self.tally = http.tally
        self.pages: dict[str, Page] = {}

    def now(self) -> datetime:
        return self._http.now()

    async def get(self, url: str, **how: Unpack[How]) -> Page:
        self.pages[url] = await self._http.get(url, **how)
        return self.pages[url]

    async def post_json(self, url: str, payload: Json, **kwargs: Any) -> Page:
        asked = question(url, payload)
        self.pages[asked] = await self._http.post_json(url, payload, **kwargs)
        return self.pages[asked]

    async def post_form(self, url: str, form: Mapping[str, str]) -> Page:
        page = await self._http.post_form(url, form)
        self.pages[f"{url}#form"] = replace(page, body=TOKEN)  # a token is never written down
        return page

    async def parse(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._http.parse(function, *args, **kwargs)

    def known(self) -> Mapping[str, Mapping[str, str]]:
        return {}

    def forget(self, url: str) -> None:
        self._http.forget(url)

    def keep(self, name: str, **values: str) -> None:
        self._http.keep(name, **values)


async def freeze(source: Source, client: Client, folder: Path) -> Harvest:
    """Visit the source and write folder/<slug>/; the expectation is written at its first replay."""
    recorder = _Recorder(client.session(source))
    now = client.clock()
    harvest = await visit_through(recorder, source, now=now)
    if recorder.pages:
        _write(folder / source.slug, source, recorder.pages, now)
    return harvest


async def replay(folder: Path) -> dict[str, Json]:
    """What the frozen source says today, in the shape of expected.json."""
    source, http = _read(folder)
    return told(await visit_through(http, source, now=http.at))


async def read_file(
    source: Source, path: Path, *, now: datetime, base_url: str | None = None
) -> Harvest:
    """The harvest of one local file read as that kind of source, links relative to `base_url`."""
    url = base_url or f"file:{path}"
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}; vérifiez le chemin", about=str(path)
        ) from None
    media = mimetypes.guess_type(path.name)[0] or ""
    page = Page(url=url, status=200, headers={"content-type": media}, body=body)
    http = FrozenHttp({source.url: page}, now)
    return await visit_through(http, source, now=now)


def told(harvest: Harvest) -> dict[str, Json]:
    """A harvest as JSON: outcome, items, quarantined, leftovers."""
    return {
        "outcome": str(harvest.visit.outcome),
        "why": harvest.visit.why,
        "items": [
            {
                "key": item.key,
                "url": item.url,
                "published_at": item.published_at.isoformat() if item.published_at else None,
                "fields": json.loads(json.dumps(dict(item.fields), default=str)),
            }
            for item in harvest.items
        ],
        "quarantined": [{"key": one.key, "why": one.why} for one in harvest.quarantined],
        "leftovers": sorted(harvest.leftovers),
    }


def _write(folder: Path, source: Source, pages: Mapping[str, Page], at: datetime) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "source.toml").write_text(write_block(source), "utf-8")
    index: dict[str, Json] = {"at": at.isoformat(), "pages": {}}
    for number, (url, page) in enumerate(pages.items(), 1):
        name = f"{number:03}{_suffix(page)}"
        (folder / name).write_bytes(page.body)
        kept = {k: v for k, v in page.headers.items() if k in _KEPT_HEADERS}
        index["pages"][url] = {"file": name, "url": page.url, "headers": kept}
        if page.status != 200:
            index["pages"][url]["status"] = page.status
    text = json.dumps(index, ensure_ascii=False, indent=1)
    (folder / "pages.json").write_text(text + "\n", "utf-8")


def _read(folder: Path) -> tuple[Source, FrozenHttp]:
    block = tomllib.loads((folder / "source.toml").read_text("utf-8"))["source"][0]
    source = read_block(block, about=f"{folder.name}/source.toml")
    index = json.loads((folder / "pages.json").read_text("utf-8"))
    pages = {
        url: Page(
            url=page["url"],
            status=page.get("status", 200),
            headers=page["headers"],
            body=(folder / page["file"]).read_bytes(),
        )
        for url, page in index["pages"].items()
    }
    return source, FrozenHttp(pages, datetime.fromisoformat(index["at"]))


def _suffix(page: Page) -> str:
    named = Path(urlsplit(page.url).path).suffix
    media = page.content_type.partition(";")[0].strip()
    return mimetypes.guess_extension(media) or (named if len(named) < 8 else "") or ".bin"

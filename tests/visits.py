"""Visits of one source on the loopback web, one after the other, as a run would make them."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from collectors.collect import Harvest, visit
from collectors.web.client import Client
from domain.records import Source
from domain.settings import Settings
from tests.builders import NOW
from tests.web import Asked, Web, answer

JSON = {"Content-Type": "application/json; charset=utf-8"}


def visits(
    setup: Callable[[Web, int], None],
    kind: str,
    path: str,
    *,
    times: int = 1,
    every: timedelta = timedelta(days=1),
    absolute: bool = False,
    **options: Any,
) -> tuple[list[Harvest], Web]:
    """The harvests of `times` visits; `setup(web, n)` prepares the web before the n-th (from 0).

    `absolute`: `path` is a whole address.
    Validators of each visit are given to the next one, as storage does.
    """

    async def all_of_them() -> tuple[list[Harvest], Web]:
        harvests: list[Harvest] = []
        kept: Mapping[str, Mapping[str, str]] = {}
        now = [NOW]

        def clock() -> datetime:
            return now[0]

        async with Web() as web:
            for number in range(times):
                setup(web, number)
                url = path if absolute else web.url(path)
                source = Source(slug="essai", title="Essai", kind=kind, url=url, options=options)
                settings = Settings(allow_loopback=True, per_host_seconds=0)
                async with Client(settings, clock) as client:
                    harvest = await visit(source, client, validators=kept, now=now[0])
                harvests.append(harvest)
                kept = harvest.validators
                now[0] += every
            return harvests, web

    return asyncio.run(all_of_them())


def one_visit(
    setup: Callable[[Web], None], kind: str, path: str, **options: Any
) -> tuple[Harvest, Web]:
    (harvest,), web = visits(lambda web, _: setup(web), kind, path, **options)
    return harvest, web


def as_json(data: Any, status: str = "200 OK", **headers: str) -> bytes:
    """A whole JSON answer."""
    own = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(json.dumps(data), status, {**JSON, **own})


def query(asked: Asked) -> dict[str, str]:
    """The parameters of a request, the last of each name."""
    from urllib.parse import parse_qsl, urlsplit

    return dict(parse_qsl(urlsplit(asked.path).query, keep_blank_values=True))

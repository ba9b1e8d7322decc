"""A run that reads what it is given, and says the most memory it and its readers ever held.

    python -m tests.devouring '[["feed", "http://127.0.0.1/bomb"], …]'    → {address: [run, reader]}

For tests/faults/test_memory: a module of its own, for the memory of a test is not that of a run.
"""

import asyncio
import json
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from collectors.collect import visit
from collectors.web.client import Client
from domain.records import Source
from domain.settings import Settings

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def main() -> None:
    own = Settings(allow_loopback=True, per_host_seconds=0, parse_seconds=4)
    peaks: dict[str, list[int]] = {}

    async def visited(kind: str, url: str) -> None:
        async with Client(own, lambda: NOW) as client:
            done, readers = threading.Event(), [0]
            watch = threading.Thread(target=_watch, args=(client, readers, done))
            watch.start()
            source = Source(slug="essai", title="Essai", kind=kind, url=url)
            await visit(source, client, validators={}, now=NOW)
            done.set()
            watch.join()
        peaks[url] = [_peak("self"), readers[0]]

    for kind, url in json.loads(sys.argv[1]):
        asyncio.run(visited(kind, url))
    print(json.dumps(peaks))


def _watch(client: Client, readers: list[int], done: threading.Event) -> None:
    """A reader that is killed takes its figure along: it is noted as it grows."""
    while not done.is_set():
        for one in list(client.pool._all) if client.pool else ():
            readers[0] = max(readers[0], _peak(str(one.process.pid)))
        time.sleep(0.01)


def _peak(process: str) -> int:
    """The most a process ever held. A fork that is not yet a program of its own counts for none."""
    place = Path("/proc") / process
    try:
        if process != "self" and b"parse_worker" not in (place / "cmdline").read_bytes():
            return 0
        said = (place / "status").read_text().partition("VmHWM:")[2].split()
    except OSError:
        return 0
    return int(said[0]) // 1024 if said else 0


if __name__ == "__main__":
    main()

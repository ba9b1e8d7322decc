"""Documents of the web are read in processes one can kill: none hangs a run, none takes it along.

Every HTML or XML parser hangs for more than 15 s on some document of 2 MB (reference:
collection.md §3.2), and no exception interrupts C code. A worker has limits of memory and
processor (parse_worker); here its wall clock: past it, the worker is killed and the document is
told as unreadable, by its sha256, and not tried again in this run.
"""

import asyncio
import contextlib
import hashlib
import logging
import pickle
import sys
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from collectors.parse_worker import LENGTH, OUT_OF_MEMORY, warm
from domain.errors import Unreadable

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

MEGABYTES = 1024  # address space of a worker; Python and its parsers take 300 of them
RECYCLE_AFTER = 500  # documents: what a C library leaks goes with the worker
_PIECE = 1 << 18  # bytes written at once to a worker
_START_SECONDS = 300.0  # what its imports may take on a busy machine


class Pool:
    """Workers started when first needed; `await close()` at the end of the run."""

    def __init__(self, *, workers: int, seconds: float, megabytes: int = MEGABYTES) -> None:
        self.seconds = seconds
        self.megabytes = megabytes
        self.killed = 0
        self.poison: dict[str, str] = {}  # sha256 of a document → why it is not read
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The result of a pure function of a module. Raises what it raises, and Unreadable when
        its document takes more time or memory than one may."""
        document = digest(args)
        if document in self.poison:
            raise Unreadable(self.poison[document])
        job = pickle.dumps((function, args, kwargs), pickle.HIGHEST_PROTOCOL)
        async with self._slots:
            worker = self._idle.pop() if self._idle else await self._start(function.__module__)
            try:
                fine, value = await worker.ask(job, self.seconds)
            except (TimeoutError, EOFError, OSError) as error:
                slow = isinstance(error, TimeoutError)
                why = f"document trop long à lire (plus de {self.seconds:g} s)"
                self._remember(document, why if slow else "document qui fait tomber son lecteur")
                raise Unreadable(self.poison[document]) from None
            finally:
                await self._put_back(worker)
        if fine:
            return value  # type: ignore[no-any-return]
        if isinstance(value, Unreadable) and value.message == OUT_OF_MEMORY:
            self._remember(document, OUT_OF_MEMORY)
        raise value

    async def close(self) -> None:
        """End every worker, at work or not."""
        await asyncio.gather(*(worker.end() for worker in self._all))
        self._all.clear()
        self._idle.clear()

    def _remember(self, document: str, why: str) -> None:
        self.killed += 1
        self.poison[document] = f"{why}; il est laissé de côté (sha256 {document[:16]})"
        logger.warning("document %s given up: %s", document, why)

    async def _start(self, module: str) -> "_Worker":
        code = "import sys; from collectors.parse_worker import main; main(int({0}), {1!r})"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code.format(self.megabytes, self.seconds),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        worker = _Worker(process)
        self._all.add(worker)
        try:
            await worker.ask(pickle.dumps((warm, (module,), {})), _START_SECONDS)
        except (TimeoutError, EOFError, OSError) as error:
            await self._put_back(worker)
            raise RuntimeError("a parse worker did not start; see its error above") from error
        return worker

    async def _put_back(self, worker: "_Worker") -> None:
        if worker.usable and worker.done < RECYCLE_AFTER:
            self._idle.append(worker)
            return
        self._all.discard(worker)
        await worker.end()


class _Worker:
    """One process. Not usable any more once an exchange with it was cut."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.done = 0
        self.usable = True

    async def ask(self, job: bytes, seconds: float) -> tuple[bool, Any]:
        """The answer to a job. Raises TimeoutError, EOFError or OSError."""
        self.usable = False
        to, back = self.process.stdin, self.process.stdout
        if to is None or back is None:
            raise RuntimeError("a parse worker without its pipes")
        try:
            async with asyncio.timeout(seconds):
                to.write(LENGTH.pack(len(job)))
                for start in range(0, len(job), _PIECE):  # never a copy of the whole
                    to.write(memoryview(job)[start : start + _PIECE])
                    await to.drain()
                (length,) = LENGTH.unpack(await back.readexactly(LENGTH.size))
                answer = await back.readexactly(length)
        except asyncio.IncompleteReadError:
            raise EOFError from None
        self.done += 1
        self.usable = True
        fine, value = pickle.loads(answer)  # noqa: S301  from our own worker
        return fine, value

    async def end(self) -> None:
        """Kill it and wait for it: nothing of it outlives the run."""
        self.usable = False
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        with contextlib.suppress(ConnectionError):
            await self.process.communicate()


def digest(args: tuple[Any, ...] | Mapping[str, Any]) -> str:
    """The sha256 of the documents among the arguments of a job."""
    body = b"".join(one for one in args if isinstance(one, bytes))
    return hashlib.sha256(body).hexdigest()

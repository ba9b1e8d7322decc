"""A process that reads documents for parse_pool, within limits of memory and processor.

One job on its standard input, one answer on its standard output, each a length and a pickle; only
its parent writes there. What it reads comes from the web: it may be killed at any time.
"""

import os
import pickle
import resource
import struct
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any, BinaryIO

from domain.errors import PaatError, Unreadable

LENGTH = struct.Struct(">Q")
OUT_OF_MEMORY = "document qui demande trop de mémoire pour être lu"


def main(megabytes: int, seconds: float) -> None:
    """Serve jobs until the parent closes the pipe. A pure function per job, never our state."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not speak in the middle of an answer
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while head := sys.stdin.buffer.read(LENGTH.size):
        _bound_processor(seconds)
        answer = _done(sys.stdin.buffer, LENGTH.unpack(head)[0])
        answers.write(LENGTH.pack(len(answer)))
        answers.write(answer)
        answers.flush()


def warm(module: str) -> None:
    """A first job: the imports, which no document should be blamed for."""
    import_module(module)


def _bound_processor(seconds: float) -> None:
    """Should the parent die, a document that loops does not outlive it for long."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = int(used.ru_utime + used.ru_stime + 2 * seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def _done(jobs: BinaryIO, size: int) -> bytes:
    """The answer to the next job: (True, result) or (False, error). Its bytes are held once."""
    try:
        function, args, kwargs = pickle.loads(jobs.read(size))  # noqa: S301  from our parent alone
        result = function(*args, **kwargs)
        return _pickled(True, list(result) if isinstance(result, Iterator) else result)
    except PaatError as error:
        return _pickled(False, error)
    except (MemoryError, RecursionError):
        return _pickled(False, Unreadable(OUT_OF_MEMORY))
    # Whatever a parser raises crosses to the parent, where collect isolates the source.
    except Exception as error:  # noqa: BLE001
        return _pickled(False, RuntimeError(f"{type(error).__name__}: {error}"))


def _pickled(fine: bool, value: Any) -> bytes:
    return pickle.dumps((fine, value), pickle.HIGHEST_PROTOCOL)

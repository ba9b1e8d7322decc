"""Seconds, processor seconds and peak memory of a command, as the system counts them."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OVER = "OVER"


def verdict(fine: bool) -> str:
    """A floor that holds, or does not: `python -m bench` then ends with 1."""
    return "ok" if fine else OVER


@dataclass(frozen=True, slots=True)
class Cost:
    """`peak_mb` is the largest single process."""

    wall: float
    cpu: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.wall:6.1f} s  {self.cpu:6.1f} s CPU  {self.peak_mb:5.0f} Mo"


def cost(arguments: Sequence[str], env: Mapping[str, str] | None = None) -> Cost:
    """What a command of this Python costs. Raises CalledProcessError when it fails."""
    started = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):  # 1: a source of the demonstration is dead on purpose
        raise subprocess.CalledProcessError(child.returncode, list(arguments))
    return Cost(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)

"""The real `paat serve` in a process of its own, that can be killed and started again."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self


def free_port() -> int:
    """A port nobody listens on, below those the kernel lends to outgoing connections: it is still
    free when a slow server listens on it, or does so again after a kill."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


@dataclass
class Served:
    """`with Served(database_url, home) as served: served.port … served.kill() … served.start()`"""

    database_url: str
    home: Path
    port: int = 0
    child: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def __enter__(self) -> Self:
        self.port = free_port()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        assert self.child is not None
        return self.child.pid

    def start(self, *, seconds: float = 600) -> None:
        """Start, and wait until it answers."""
        env = {**os.environ, "PAAT_DATABASE_URL": self.database_url, "PAAT_HOME": str(self.home)}
        command = [sys.executable, "-c", "from flows.cli import main; main()", "serve"]
        self.child = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(self.port)],
            env=env,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + seconds
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                assert self.child.poll() is None, "paat serve ended by itself"
                assert time.monotonic() < deadline, "paat serve does not answer"
                time.sleep(0.05)

    def kill(self) -> None:
        """kill -9: no goodbye."""
        if self.child is not None:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()
            self.child = None

"""The review application on a port: `paat serve`, the end of `paat demo`, a child of `paat up`.

The one place where the two shells meet: running is this one's job (import-linter allows it here).
"""

import errno
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from domain.errors import ConfigError
from flows import waking
from flows.house import House
from review.app import create_app
from review.auth import first_administrator, new_link

__all__ = ["listen", "new_link", "public_address", "serve"]

Say = Callable[[str], None]


def serve(house: House, *, host: str, port: int, path: str = "/", say: Say = print) -> None:
    """Serve until Ctrl-C or SIGTERM. `say` gets the address, and a first administrator's link.

    Raises ConfigError when the address cannot be listened on.
    """
    with listen(host, port) as listener:
        address = public_address(house, host, listener.getsockname()[1])
        say(f"Application de relecture : {address}{path}")
        token = first_administrator(house)
        if token is not None:
            say("Personne n'a encore de mot de passe. Choisissez celui de l'administrateur :")
            say(f"  {address}/mot-de-passe/{token}")
            say("  (ce lien sert une fois, pendant 72 heures)")
        say("Ctrl-C pour arrêter.")
        config = uvicorn.Config(
            create_app(house, awake=True),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        # uvicorn gives the signal back once it has stopped: let the house close as on Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with waking.awake(house), suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
    say("Arrêté proprement.")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 = any free one. Raises ConfigError when it is refused."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise ConfigError(
            f"{host}, port {port} ({error.strerror or error}) là où une adresse libre est "
            "attendue ; "
            + ("choisissez-en un autre avec --port" if taken else "corrigez --host ou --port"),
            about="PAAT_PORT" if taken else "PAAT_HOST",
        ) from error
    # asyncio does it for the sockets it makes itself; without it an answer, sent in two pieces,
    # waits up to 40 ms for the browser to acknowledge the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def public_address(house: House, host: str, port: int) -> str:
    """What people type: PAAT_PUBLIC_URL when it is set."""
    if house.settings.public_url:
        return house.settings.public_url.rstrip("/")
    name = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 — compared only
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"

"""Logs: stdlib only, English, on stderr; stdout is for data."""

import logging
import sys


def configure(level: str = "INFO") -> None:
    """Send every log of paat to stderr, one line each. Called once by a shell."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in ("asyncio", "httpx", "aiohttp.access", "alembic", "trafilatura"):
        logging.getLogger(chatty).setLevel(logging.WARNING)

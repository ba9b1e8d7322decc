"""Our own style and script, without their comments and indentation, compressed once.

A page must weigh less than 10 kB; the files stay readable for whoever edits them.
"""

import gzip
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import brotli
from starlette.requests import Request
from starlette.responses import Response

ENCODINGS = ("br", "gzip")  # the best first; browsers read « br » over HTTPS only
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@lru_cache(maxsize=8)
def small(path: Path) -> bytes:
    """The file's content, smaller, meaning the same."""
    text = path.read_text("utf-8")
    return (_css(text) if path.suffix == ".css" else _js(text)).encode()


@lru_cache(maxsize=16)
def compressed(path: Path, how: str = "gzip") -> bytes:
    """The same, in one of ENCODINGS."""
    if how == "br":
        return bytes(brotli.compress(small(path), quality=11))
    return gzip.compress(small(path), 9, mtime=0)


def _css(text: str) -> str:
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"\s*([{};,>])\s*", r"\1", text).replace(";}", "}").replace(": ", ":").strip()


def _js(text: str) -> str:
    """Whole-line comments and indentation only: no string nor regular expression is touched."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def asset_route(folder: Path, name: str) -> Callable[[Request], Response]:
    """The handler of one of our own files."""
    path = folder / name

    def serve(request: Request) -> Response:
        headers = {"vary": "accept-encoding"}
        read = re.split(r"[,;\s]+", request.headers.get("accept-encoding", ""))
        how = next((one for one in ENCODINGS if one in read), None)
        if how is None:
            return Response(small(path), media_type=_TYPES[path.suffix], headers=headers)
        headers["content-encoding"] = how
        return Response(compressed(path, how), media_type=_TYPES[path.suffix], headers=headers)

    return serve

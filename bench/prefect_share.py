"""Prefect's share of a run: the same 60 sources (one host, 0.4 s apart) by plain steps and by the
`veille` flow on a running server, each in a process of its own, database and web alike.
"""

import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bench._measure import cost
from domain.settings import Settings
from flows import up
from storage import db

SOURCES = 60
SECONDS_APART = 0.4
PORT = 24377
_PLAIN = (
    "from flows import steps; from flows.house import open_house\n"
    "with open_house() as house: steps.veille(house)"
)
_PREFECT = "from flows.veille import veille; veille()"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        items = "".join(
            f"<item><guid>{self.path}{n}</guid><title>Fête {n} de {self.path}</title>"
            f"<description>Initiations ouvertes à tous, appel à bénévoles.</description></item>"
            for n in range(10)
        )
        found = self.path.startswith("/s")
        self.send_response(200 if found else 404)
        self.end_headers()
        if found:
            self.wfile.write(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())

    def log_message(self, *_: Any) -> None:
        """Quiet."""


def main() -> list[str]:
    site = ThreadingHTTPServer(("127.0.0.1", 0), _Answer)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        plain = _run(site.server_address[1], server=False)
        prefect = _run(site.server_address[1], server=True)
    finally:
        site.shutdown()
    share = (prefect.wall - plain.wall) / prefect.wall
    return [f"plain steps {plain}", f"under Prefect {prefect}", f"Prefect's share: {share:.1%}"]


def _run(port: int, *, server: bool) -> Any:
    with tempfile.TemporaryDirectory(prefix="paat-bench-", ignore_cleanup_errors=True) as folder:
        (Path(folder) / "sources").mkdir()
        (Path(folder) / "sources" / "essai.toml").write_text(
            "\n".join(
                f'[[source]]\nslug = "source-{n}"\ntitle = "S{n}"\nkind = "feed"\n'
                f'url = "http://127.0.0.1:{port}/s{n}"\n'
                for n in range(SOURCES)
            ),
            "utf-8",
        )
        settings = Settings(
            home=Path(folder) / "home", sources=Path(folder) / "sources", prefect_port=PORT
        )
        with db.open_database(settings) as database:
            db.upgrade(database)
            env = up.environment(settings, database) | {
                "PAAT_ALLOW_LOOPBACK": "true",
                "PAAT_PER_HOST_SECONDS": str(SECONDS_APART),
            }
            if not server:
                env["PREFECT_API_URL"] = ""
                return cost(["-c", _PLAIN], env)
            service = up.start("prefect-server", up.server_command(settings), env)
            try:
                up.wait_until_ready(f"{env['PREFECT_API_URL']}/health", service)
                return cost(["-c", _PREFECT], env)
            finally:
                up.stop(service)


if __name__ == "__main__":
    sys.stdout.write("\n".join(main()) + "\n")

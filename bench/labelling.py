"""Decisions a minute by the HTTP interface of each tool: paat, Label Studio, doccano.

    python -m bench labelling

The two peers are installed from PyPI in a folder thrown away (`PAAT_BENCH_LABELLING=folder` keeps
it, and finds them there the next time), started on loopback, and given the same texts. One client,
one connection, does what each tool's own page does for one decision: ask for the next text, send
the answer. Nobody reads nor paints: it is the share of each server in a reviewer's day, on this
machine and at its load, with each tool's own default storage (SQLite for the peers, PostgreSQL with
fsync for paat). A peer that does not install or start is told, with the reason.
"""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.review import site
from tests.review import CAMPAIGN

DECISIONS = 100
TEXTS = [f"Course solidaire n° {n} : des bénévoles, un stade, une fête." for n in range(DECISIONS)]
PATIENCE_SECONDS = 300.0  # to install, and to start
TOKEN = "0123456789abcdef0123456789abcdef01234567"  # noqa: S105 — of a server thrown away


class Missing(Exception):
    """A peer that cannot be measured here, and why."""


class Wire:
    """One connection; JSON both ways."""

    def __init__(self, port: int, **headers: str) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = self.headers | ({"content-type": "application/json"} if body is not None else {})
        data = None if body is None else json.dumps(body).encode()
        self.http.request(method, path, data, headers)
        answer = self.http.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise Missing(f"{method} {path}: HTTP {answer.status} {said[:120]!r}")
        return json.loads(said) if said[:1] in b"[{" and said else {}


def paat() -> float:
    """Seconds for one decision: cards by eight, as the page asks for them."""
    with site(1000) as (url, cookie, _):
        wire = http.client.HTTPConnection(url.removeprefix("http://"))
        headers = {"cookie": f"paat={cookie}", "sec-fetch-site": "same-origin"}
        kind = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        done, began = 0, time.perf_counter()
        while done < DECISIONS:
            wire.request("GET", f"/file/cartes?campagne={CAMPAIGN}", headers=headers)
            page = wire.getresponse().read().decode()
            for form in re.findall("<form.*?</form>", page, re.DOTALL):
                fields = dict(re.findall('type="hidden" name="([a-z]+)" value="([^"]*)"', form))
                data = urlencode(fields | {"acte": "approve", "themes": "heritage"})
                wire.request("POST", "/file/decision", data, headers | kind)
                answer = wire.getresponse()
                assert answer.status == 200, answer.read()
                answer.read()
                done += 1
        return (time.perf_counter() - began) / done


def label_studio(home: Path) -> float:
    program = installed(home, "label-studio", "label-studio")
    port = free_port()
    env = {
        "LABEL_STUDIO_BASE_DATA_DIR": str(home / "label-studio-data"),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "COLLECT_ANALYTICS": "false",
    }
    given = f"--no-browser --port {port} --username a@b.fr --password motdepasse-1 --user-token"
    with running([str(program), "start", *given.split(), TOKEN], env, home / "label-studio.log"):
        key = f"Token {TOKEN}"
        until(lambda: Wire(port, authorization=key).ask("GET", "/api/projects"))
        wire = Wire(port, authorization=key)
        config = (
            '<View><Text name="t" value="$text"/><Choices name="c" toName="t">'
            '<Choice value="heritage"/><Choice value="rejet"/></Choices></View>'
        )
        made = wire.ask("POST", "/api/projects", {"title": "banc d'essai", "label_config": config})[
            "id"
        ]
        texts = [{"text": one} for one in TEXTS]
        wire.ask("POST", f"/api/projects/{made}/import", texts)
        chosen = {"from_name": "c", "to_name": "t", "type": "choices"}
        result = [chosen | {"value": {"choices": ["heritage"]}}]

        def decide() -> None:
            task = wire.ask("GET", f"/api/projects/{made}/next")["id"]
            wire.ask("POST", f"/api/tasks/{task}/annotations/", {"result": result})

        return timed(decide)


def doccano(home: Path) -> float:
    # with marshmallow 4 and numpy 2, which pip chooses, doccano 1.8.4 does not start
    program = installed(home, "doccano", "doccano", "marshmallow<4", "numpy<2", "setuptools<81")
    port, env, log = free_port(), {"HOME": str(home / "doccano-data")}, home / "doccano.log"
    (home / "doccano-data").mkdir(exist_ok=True)
    user = ["createuser", "--username", "admin", "--password", "pass"]
    for command in (["init"], user):
        run([str(program), *command], env, log)
    with running([str(program), "webserver", "--port", str(port)], env, log):
        until(lambda: Wire(port).ask("GET", "/v1/health/?format=json"))
        key = Wire(port).ask("POST", "/v1/auth/login/", {"username": "admin", "password": "pass"})
        wire = Wire(port, authorization=f"Token {key['key']}")
        asked = {
            "name": "b",
            "description": "b",
            "guideline": "",
            "project_type": "DocumentClassification",
            "resourcetype": "TextClassificationProject",
        }
        at = f"/v1/projects/{wire.ask('POST', '/v1/projects', asked)['id']}"
        label = wire.ask("POST", f"{at}/category-types", {"text": "heritage"})["id"]
        for one in TEXTS:
            wire.ask("POST", f"{at}/examples", {"text": one})

        def decide() -> None:
            found = wire.ask("GET", f"{at}/examples?confirmed=false&limit=1&offset=0")
            text = f"{at}/examples/{found['results'][0]['id']}"
            wire.ask("POST", f"{text}/categories", {"label": label})
            wire.ask("POST", f"{text}/states", {})

        return timed(decide)


# --- a peer, from PyPI to its port -----------------------------------------------------------


def installed(home: Path, name: str, *packages: str) -> Path:
    """The peer's program, in an environment of its own. Raises Missing."""
    uv = shutil.which("uv")
    if uv is None:
        raise Missing("uv is not installed")
    folder = home / f"{name}-venv"
    if not (folder / "bin" / name).exists():
        log = home / f"{name}-install.log"
        run([uv, "venv", "-q", "--clear", "--python", "3.11", str(folder)], {}, log)
        python = str(folder / "bin" / "python")
        run([uv, "pip", "install", "-q", "--python", python, *packages], {}, log)
    return folder / "bin" / name


def run(command: list[str], env: dict[str, str], log: Path) -> None:
    with log.open("ab") as out:
        try:
            subprocess.run(
                command,
                env=os.environ | env,
                stdout=out,
                stderr=out,
                timeout=PATIENCE_SECONDS,
                check=True,
            )
        except (subprocess.SubprocessError, OSError) as error:
            said = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
            raise Missing(f"{Path(command[0]).name} {type(error).__name__}: {said}") from None


class running:
    """A server while the block lasts."""

    def __init__(self, command: list[str], env: dict[str, str], log: Path) -> None:
        self.command, self.env, self.log = command, env, log

    def __enter__(self) -> None:
        self.out = self.log.open("ab")
        self.child = subprocess.Popen(
            self.command, env=os.environ | self.env, stdout=self.out, stderr=self.out
        )

    def __exit__(self, *_: object) -> None:
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.out.close()


def until(answers: Any) -> None:
    """Wait for a server to answer. Raises Missing."""
    deadline, why = time.monotonic() + PATIENCE_SECONDS, ""
    while time.monotonic() < deadline:
        try:
            answers()
        except (OSError, http.client.HTTPException, Missing) as error:
            why = str(error)
            time.sleep(0.5)
        else:
            return
    raise Missing(f"does not answer after {PATIENCE_SECONDS:.0f} s ({why})")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def timed(decide: Any) -> float:
    """Seconds for one decision, all of them counted."""
    began = time.perf_counter()
    for _ in TEXTS:
        decide()
    return (time.perf_counter() - began) / len(TEXTS)


def main() -> Iterator[str]:
    """A line a tool."""
    kept = os.environ.get("PAAT_BENCH_LABELLING")
    home = Path(kept or tempfile.mkdtemp(prefix="labelling-"))
    home.mkdir(parents=True, exist_ok=True)
    try:
        yield _line("paat", paat())
        for name, measure in (("Label Studio", label_studio), ("doccano", doccano)):
            try:
                yield _line(name, measure(home))
            except Missing as why:
                yield f"{name:<14} not measured: {why}"
        yield f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    finally:
        if kept is None:
            shutil.rmtree(home, ignore_errors=True)


def _line(name: str, seconds: float) -> str:
    return f"{name:<14} {60 / seconds:6.0f} decisions a minute  ({seconds * 1000:5.1f} ms each)"

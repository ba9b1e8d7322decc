"""Faults 49 to 51: names that do not resolve, certificates that do not hold, names with accents;
and the one way to accept a certificate all the same."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from collectors.collect import Harvest, visit
from collectors.load import read_block
from collectors.upkeep.health import tasks
from collectors.web.client import Client
from domain.errors import ConfigError
from domain.records import SourceState
from domain.settings import Settings
from tests import certificates
from tests.builders import NOW, a_source
from tests.hostile import GOOD, PATIENCE, Names
from tests.web import Web, answer

pytestmark = pytest.mark.faults

HOST = "mairie.example"
OPT_OUT: dict[str, Any] = {
    "insecure_tls": {"reason": "expiré, mairie prévenue", "until": "2027-01-31"}
}


@dataclass(frozen=True, slots=True)
class Authorities:
    """A root this machine trusts, one below it, one it never heard of; a folder for servers."""

    root: certificates.Signed
    below: certificates.Signed
    stranger: certificates.Signed
    folder: Path


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authorities:
    root = certificates.authority("Racine d'essai")
    folder = tmp_path_factory.mktemp("tls")
    (folder / "root.pem").write_bytes(root.pem)
    below = certificates.authority("Intermédiaire d'essai", root)
    return Authorities(root, below, certificates.authority("Inconnue"), folder)


@pytest.fixture(autouse=True)
def _trust(trusted: Authorities, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.folder / "root.pem"))


def visited(
    context: ssl.SSLContext | None,
    host: str = HOST,
    *,
    prepare: Callable[[Web], None] = lambda web: web.raw("/flux", GOOD),
    names: Names | None = None,
    **options: Any,
) -> tuple[Harvest, Web]:
    """One visit of https://host/flux, answered by a server that shows that."""

    async def run() -> tuple[Harvest, Web]:
        async with Web(tls=context) as web:
            prepare(web)
            source = a_source(url=f"https://{host}:{web.port}/flux", options=options)
            own = Settings(allow_loopback=True, per_host_seconds=0, total_seconds=PATIENCE)
            resolver = names or Names(["127.0.0.1"])
            async with Client(own, lambda: NOW, resolver=resolver) as client:
                return await visit(source, client, validators={}, now=NOW), web

    return asyncio.run(run())


def shown(trusted: Authorities, what: str) -> ssl.SSLContext:
    """A server with that certificate."""
    root, below, folder = trusted.root, trusted.below, trusted.folder
    site = certificates.site
    match what:
        case "expired":
            return certificates.server(site([HOST], root, expired=True), folder)
        case "self-signed":
            return certificates.server(site([HOST], None), folder)
        case "of a stranger":
            return certificates.server(site([HOST], trusted.stranger), folder, trusted.stranger)
        case "without its intermediate":
            return certificates.server(site([HOST], below), folder)
        case "of another name":
            return certificates.server(site(["autre.example"], root), folder)
        case _:
            return certificates.server(site([HOST], below), folder, below)


def test_a_certificate_that_holds_is_read(trusted: Authorities) -> None:
    harvest, _ = visited(shown(trusted, "good"))
    assert (harvest.visit.outcome, len(harvest.items)) == ("ok", 2), harvest.visit.why


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("expired", "certificat de mairie.example refusé : expiré"),
        ("self-signed", "refusé : signé par lui-même"),
        ("of a stranger", "refusé : signé par une autorité inconnue"),
        ("without its intermediate", "refusé : sans son certificat intermédiaire"),
        ("of another name", "refusé : fait pour un autre nom"),
    ],
)
def test_a_certificate_that_does_not_is_named(trusted: Authorities, what: str, words: str) -> None:
    harvest, web = visited(shown(trusted, what))
    assert harvest.visit.outcome == "unreachable"
    assert words in harvest.visit.why
    assert (web.requests, harvest.validators) == ([], {})
    assert harvest.answered  # the host is there: it is not our network


ALERT = b"\x15\x03\x01\x00\x02\x02"  # a fatal TLS alert, its number to follow


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (ALERT + bytes([70]), "le site ne parle que des versions de TLS abandonnées"),
        (ALERT + bytes([40]), "connexion sécurisée impossible avec mairie.example : "),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "le site ne répond pas en TLS à cette adresse"),
        (b"", "coupe la connexion avant de répondre"),
    ],
    ids=["TLS 1.0 only", "no common cipher", "HTTP where HTTPS is due", "hangs up"],
)
def test_a_handshake_that_fails_is_named(reply: bytes, words: str) -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(reply)
        await writer.drain()
        writer.close() if reply else writer.transport.abort()

    async def run() -> Harvest:
        server = await asyncio.start_server(hello, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            own = Settings(allow_loopback=True, per_host_seconds=0, total_seconds=PATIENCE)
            async with Client(own, lambda: NOW, resolver=Names(["127.0.0.1"])) as client:
                source = a_source(url=f"https://{HOST}:{port}/flux")
                return await visit(source, client, validators={}, now=NOW)

    harvest = asyncio.run(run())
    assert (harvest.visit.outcome, harvest.answered) == ("unreachable", True)
    assert words in harvest.visit.why


def test_a_source_may_accept_a_bad_certificate_for_a_time_and_a_reason(
    trusted: Authorities,
) -> None:
    harvest, _ = visited(shown(trusted, "expired"), **OPT_OUT)
    assert harvest.visit.outcome == "ok", harvest.visit.why
    assert (
        "certificat",
        "non vérifié jusqu'au 31 janvier 2027 : expiré, mairie prévenue",
    ) in harvest.notes
    (told,) = tasks(a_source(options=OPT_OUT), SourceState(source="gap"), now=NOW)
    assert "31 janvier 2027" in told


@pytest.mark.parametrize(
    ("until", "words"), [("2026-11-20", "renouvelez"), ("2031-01-01", "au-delà d'un an")]
)
def test_an_opt_out_ends_by_itself_and_never_lasts_more_than_a_year(
    trusted: Authorities, until: str, words: str
) -> None:
    options: dict[str, Any] = {"insecure_tls": {"reason": "expiré", "until": until}}
    harvest, _ = visited(shown(trusted, "expired"), **options)
    assert harvest.visit.outcome == "unreachable"
    (told,) = tasks(a_source(options=options), SourceState(source="gap"), now=NOW)
    assert words in told


def test_an_opt_out_is_for_its_own_host_only_and_never_with_a_secret(trusted: Authorities) -> None:
    def away(web: Web) -> None:
        to = f"https://autre.example:{web.port}/flux2"
        web.raw("/flux", answer(status="302 Found", headers={"Location": to}))
        web.raw("/flux2", GOOD)

    harvest, web = visited(shown(trusted, "expired"), prepare=away, **OPT_OUT)
    assert "certificat de autre.example refusé" in harvest.visit.why
    assert web.asked("/flux2") == []
    secret: dict[str, Any] = {"headers": {"Authorization": "Bearer x"}}
    harvest, web = visited(shown(trusted, "expired"), **OPT_OUT, **secret)
    assert harvest.visit.outcome == "refused"
    assert "un secret n'est jamais envoyé" in harvest.visit.why
    assert web.asked("/flux") == []


@pytest.mark.parametrize(
    "wrong",
    [
        True,
        {"reason": "x"},
        {"reason": " ", "until": "2027-01-31"},
        {"reason": "x", "until": "31/01/2027"},
        {"reason": "x", "until": "2027-01-31", "host": "autre.example"},
    ],
)
def test_an_opt_out_without_reason_or_end_is_refused(wrong: object) -> None:
    block = {
        "slug": "gap", "title": "Gap", "kind": "feed", "url": "https://gap.example/flux",
        "options": {"insecure_tls": wrong},
    }  # fmt: skip
    with pytest.raises(ConfigError, match="insecure_tls"):
        read_block(block, about="05.toml:gap")


def test_a_name_with_accents_is_asked_in_its_own_alphabet(trusted: Authorities) -> None:
    """été.example: the certificate, the server name and the Host header are xn--…"""
    code = "été".encode("idna").decode()
    signed = certificates.site([f"{code}.example"], trusted.root)
    harvest, web = visited(certificates.server(signed, trusted.folder), "été.example")
    assert harvest.visit.outcome == "ok", harvest.visit.why
    assert {one.headers["host"].split(":")[0] for one in web.requests} == {f"{code}.example"}


def test_a_name_that_does_not_resolve_says_nothing_of_its_host() -> None:
    harvest, _ = visited(None, names=Names([]))
    assert harvest.visit.outcome == "unreachable"
    assert not harvest.answered

"""Faults 1 to 25 of the list (reference: collection.md §4): connections, bytes and validators."""

import asyncio
import gzip
import socket
import struct
import zlib

import pytest

from tests.hostile import (
    BYTES,
    FEED,
    GOOD,
    KEPT,
    SHORT,
    XML,
    drip,
    entry,
    in_turn,
    rss,
    suffer,
)
from tests.visits import visits
from tests.web import Asked, Handler, Web, answer

pytestmark = pytest.mark.faults

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
BODY = FEED.encode()
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = f"{len(BODY):x}\r\n".encode() + BODY + b"\r\n"


async def silent(_: Asked) -> None:
    await asyncio.Event().wait()


async def reset(asked: Asked) -> None:
    """The connection broken by the other side, not closed."""
    sock = asked.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asked.writer.transport.abort()


def encoded(body: bytes, name: str) -> bytes:
    return answer(body, headers={**XML, "Content-Encoding": name})


BOMB = gzip.compress(b"\0" * 50_000_000)

ENDLESS: dict[str, bytes | Handler] = {
    "3 accept, then silence": silent,
    "4 headers drop by drop": drip(HEAD + b"X-Slow: "),
    "5 body drop by drop": drip(HEAD + b"Content-Length: 9000\r\n\r\n"),
    "8 HTTP 0.9": BODY,
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_answer_that_never_ends_is_left_at_its_deadline(name: str) -> None:
    got = suffer(ENDLESS[name], settings=SHORT)
    assert (got.outcome, got.harvest.items) == ("unreachable", ())
    assert "pas répondu à temps" in got.why
    assert got.harvest.validators == KEPT


FAILURES: dict[str, tuple[bytes | Handler, str, str]] = {
    "2 reset again and again": (reset, "unreachable", "impossible"),
    "6 endless body": (
        drip(HEAD + b"\r\n", b"x" * 100_000, every=0), "unreadable", "réponse de plus de 300 ko",
    ),
    "7 a header of 20 kB": (
        HEAD + b"X-Big: " + b"x" * 20_000 + b"\r\n\r\n", "unreachable", "mal formée",
    ),
    "7 endless headers": (drip(HEAD, b"X-More: 1\r\n" * 50, every=0), "unreachable", ""),
    "8 no status line": (b"BONJOUR\r\n\r\n" + BODY, "unreachable", "mal formée"),
    "9 shorter than it says": (
        in_turn(lambda asked: short(asked)), "unreachable", "coupée en route",
    ),
    "11 two lengths": (
        HEAD + b"Content-Length: 5\r\nContent-Length: 500\r\n\r\n" + BODY,
        "unreachable",
        "mal formée",
    ),
    "12 bad chunk": (CHUNKED + b"zzz\r\n" + BODY, "unreachable", ""),
    "12 truncated chunk": (in_turn(lambda asked: cut_chunk(asked)), "unreachable", "coupée"),
    "13 gzip bomb": (encoded(BOMB, "gzip"), "unreadable", "réponse de plus de 300 ko"),
    "13 bomb in a bomb": (encoded(gzip.compress(BOMB), "gzip, gzip"), "unreadable", "encodé en"),
    "15 truncated gzip": (encoded(gzip.compress(BODY)[:-12], "gzip"), "unreadable", "coupé"),
    "15 broken gzip": (
        encoded(gzip.compress(BODY)[:12] + b"\xff" * 60, "gzip"), "unreadable", "abîmé",
    ),
    "16 unknown encoding": (encoded(BODY, "sdch"), "unreadable", "encodé en 'sdch'"),
    "19 304 to no condition": (
        answer(status="304 Not Modified"), "unreadable", "réponse 304 à une demande sans condition",
    ),
    "24 empty 200": (answer(b"", headers=XML), "unreadable", "réponse vide"),
    "25 204": (answer(status="204 No Content"), "unreadable", "204 où 200"),
    "25 206": (answer(BODY, "206 Partial Content"), "unreadable", "206 où 200"),
}  # fmt: skip


async def short(asked: Asked) -> None:
    asked.writer.write(answer(BODY, headers=XML, length=len(BODY) + 500))
    await asked.writer.drain()


async def cut_chunk(asked: Asked) -> None:
    asked.writer.write(CHUNKED + CHUNK[: len(CHUNK) // 2])
    await asked.writer.drain()


@pytest.mark.parametrize("name", FAILURES)
def test_a_broken_answer_is_a_told_failure(name: str) -> None:
    web_like, outcome, words = FAILURES[name]
    got = suffer(web_like)
    assert (got.outcome, got.harvest.items) == (outcome, ())
    assert words in got.why
    assert got.harvest.validators == KEPT  # nothing learned from a failure


def test_a_connection_that_breaks_is_tried_once_more_and_no_more() -> None:
    assert len(suffer(reset).web.asked("/flux")) == 2


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        got = suffer(lambda web: None, path=f"http://127.0.0.1:{taken.getsockname()[1]}/flux")
    assert (got.outcome, got.harvest.validators) == ("unreachable", KEPT)
    assert "refuse la connexion" in got.why


SUCCESSES: dict[str, bytes | Handler] = {
    "2 reset once": in_turn(reset, GOOD),
    "10 longer than it says": answer(BODY + b"\n<!-- pub -->", headers=XML, length=len(BODY)),
    "12 chunks": CHUNKED + CHUNK + b"0\r\n\r\n",
    "14 gzip that is not": encoded(BODY, "gzip"),
    "16 deflate": encoded(zlib.compress(BODY), "deflate"),
    "16 raw deflate": encoded(zlib.compress(BODY)[2:-4], "deflate"),
    "17 early hints": b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n" + GOOD,
    "17 continue": b"HTTP/1.1 100 Continue\r\n\r\n" + GOOD,
}


@pytest.mark.parametrize("name", SUCCESSES)
def test_a_clumsy_answer_is_read(name: str) -> None:
    got = suffer(SUCCESSES[name])
    assert got.outcome == "ok", got.why
    assert [one.key for one in got.harvest.items] == ["n1", "n2"]


def test_an_endless_body_is_cut_soon() -> None:
    sent = [0]

    async def handler(asked: Asked) -> None:
        asked.writer.write(HEAD + b"\r\n")
        while not asked.writer.is_closing():
            asked.writer.write(b"x" * 50_000)
            await asked.writer.drain()
            sent[0] += 50_000
            await asyncio.sleep(0)

    suffer(handler)
    assert sent[0] < BYTES + 10_000_000  # what the sockets' buffers hold


# --- validators: 18 to 22 ----------------------------------------------------------------------


def asked_again(first: bytes, second: bytes | Handler) -> tuple[list[str], int, Web]:
    """Two visits: their outcomes, the items of the second one, and the web."""

    def setup(web: Web, number: int) -> None:
        one = second if number else first
        web.raw("/flux", one) if isinstance(one, bytes) else web.on("/flux", one)

    harvests, web = visits(setup, "feed", "/flux", times=2)
    return [h.visit.outcome.value for h in harvests], len(harvests[1].items), web


def tagged(etag: str, body: str = FEED, status: str = "200 OK") -> bytes:
    return answer(body, status, {**XML, "ETag": etag})


def test_the_body_of_a_304_is_ignored() -> None:
    other = rss(entry(7))
    outcomes, items, _ = asked_again(tagged('"a"'), tagged('"a"', other, "304 Not Modified"))
    assert (outcomes, items) == (["ok", "unchanged"], 0)


def test_the_same_bytes_are_unchanged_whatever_the_validator() -> None:
    assert asked_again(tagged('"a"'), tagged('"a"'))[:2] == (["ok", "unchanged"], 0)
    assert asked_again(tagged('"a"'), tagged('"b"'))[:2] == (["ok", "unchanged"], 0)


@pytest.mark.parametrize("etag", ['W/"faible"', "sans-guillemets"])
def test_an_odd_validator_comes_back_verbatim(etag: str) -> None:
    *_, web = asked_again(tagged(etag), tagged(etag))
    assert web.asked("/flux")[1].headers["if-none-match"] == etag


@pytest.mark.parametrize("etag", ['"' + "x" * 2000 + '"', '"été"'])
def test_a_validator_that_cannot_be_given_back_verbatim_is_dropped(etag: str) -> None:
    outcomes, _, web = asked_again(tagged(etag), GOOD)
    assert outcomes == ["ok", "unchanged"]
    assert "if-none-match" not in web.asked("/flux")[1].headers


def test_a_latin_1_byte_in_location_is_followed() -> None:
    def setup(web: Web) -> None:
        web.raw("/flux", b"HTTP/1.1 302 Found\r\nLocation: /f\xeate\r\nContent-Length: 0\r\n\r\n")
        for path in ("/f%EAte", "/f%C3%AAte"):
            web.raw(path, GOOD)

    got = suffer(setup)
    assert got.outcome == "ok", got.why

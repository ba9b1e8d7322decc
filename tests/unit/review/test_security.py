"""The armour's rules, one by one."""

import hashlib
import re
from pathlib import Path

import pytest
from starlette.datastructures import Headers

from review import security
from review.assets import small
from review.keys import ACTIONS, keys_of, remapped
from review.links import local
from review.render import STATIC
from review.security import Buckets, limit_of, same_site


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "https://paat.example"}, False),
        ({"origin": "https://paat.example", "host": "127.0.0.1:8420"}, True),
        ({"origin": "http://127.0.0.1:8420", "host": "127.0.0.1:8420"}, True),
        ({"origin": "null", "host": "127.0.0.1:8420"}, False),
        ({}, False),
    ],
)
def test_who_may_send_forms(headers, ours):
    assert same_site(Headers(headers), frozenset({"https://paat.example"})) is ours


def test_a_bucket_lets_a_burst_pass_then_a_rhythm():
    now = [0.0]
    buckets = Buckets(clock=lambda: now[0])
    take = [buckets.take("x", "r", burst=2, per_second=1) for _ in range(3)]
    assert take == [True, True, False]
    now[0] = 1.0
    assert buckets.take("x", "r", burst=2, per_second=1)
    assert buckets.take("y", "r", burst=2, per_second=1)  # others are not punished


def test_the_closest_limit_applies_and_static_files_have_none():
    assert limit_of("POST", "/connexion") == "POST /connexion"
    assert limit_of("POST", "/file/decision") == "POST"
    assert limit_of("HEAD", "/") == "GET"
    assert limit_of("GET", "/static/app.css") is None


def test_the_policy_allows_nothing_inline():
    assert "unsafe" not in security.CSP
    assert security.CSP.startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/file?campagne=A", "/file?campagne=A"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\nb", "/"),
        ("/\t/evil.example", "/"),
    ],
)
def test_one_is_sent_back_to_this_site_only(path, kept):
    assert local(path) == kept


def test_vendored_files_are_those_that_were_checked_in():
    lines = (STATIC / "vendor" / "SHA256SUMS").read_text().split("\n")
    sums = dict(reversed(line.split("  ")) for line in lines if line)
    there = {f.name for f in (STATIC / "vendor").iterdir()} - {"SHA256SUMS"}
    assert there == set(sums)
    for name, digest in sums.items():
        data = Path(STATIC / "vendor" / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == digest


def test_the_small_assets_keep_every_rule_and_every_line_of_code():
    for name in ("app.css", "queue.js"):
        path = STATIC / name
        served = small(path).decode()
        assert len(served) < path.stat().st_size
        assert "/*" not in served
        letters = re.sub(r"/\*.*?\*/|^\s*//.*?$|\s", "", path.read_text(), flags=re.S | re.M)
        assert re.sub(r"\s", "", served).replace(";}", "}") == letters.replace(";}", "}")


def test_an_unknown_or_missing_key_is_the_usual_one():
    assert keys_of({})["approve"] == "v"
    assert keys_of({"keys": {"approve": "a"}}) == {
        **{name: key for name, (key, _) in ACTIONS.items()},
        "approve": "a",
    }


@pytest.mark.parametrize("bad", ["ab", "a b", "r"])
def test_keys_that_cannot_be_are_refused(bad):
    assert remapped({"approve": bad})[1]

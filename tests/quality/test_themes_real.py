"""Themes measured on real texts drawn at random from ../shared/real, labelled by one reader.

The texts stay there: `real_texts.tsv` keeps their fingerprint and the answer. The second draw was
labelled after the words were written and nothing was changed after it was measured: it tells what
to expect of texts nobody has looked at (docs/themes.md § Mesures).
"""

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from classifiers.cold import LETTERS, train_cold
from classifiers.evaluate import predict, truth
from classifiers.train import Example
from domain.campaigns import THEMES

REAL = Path(__file__).parents[2].parent / "shared" / "real"
LABELS = Path(__file__).parent / "real_texts.tsv"

pytestmark = [
    pytest.mark.quality,
    pytest.mark.skipif(
        not REAL.exists(), reason="../shared/real is not here: real texts cannot be read"
    ),
]


def _plain(html: str | None) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html or "").split())


def _texts() -> Iterator[tuple[str, str]]:
    """(title, text) of every grant and event of the folder, as they were labelled."""
    for name in ("subventions_jop", "subventions_paca"):
        with (REAL / "grants" / f"{name}.csv").open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter=";"):
                yield "", " ".join(row["purpose_raw"].split())
    for row in json.loads((REAL / "api" / "openagenda_events.json").read_text("utf-8")):
        yield _event(row["title"], row["description"], row["long_description"])
    mirror = json.loads((REAL / "api" / "opendatasoft_v1_records.json").read_text("utf-8"))
    for record in mirror["records"]:
        said: dict[str, Any] = record["fields"]
        yield _event(*(said.get(f"{n}_fr") for n in ("title", "description", "longdescription")))


def _event(title: str | None, short: str | None, long: str | None) -> tuple[str, str]:
    return _plain(title), f"{_plain(short)} {_plain(long)}"[:500]


def _key(text: str) -> str:
    return hashlib.sha256(re.sub(r"\W+", "", text.lower()).encode()).hexdigest()[:12]


@pytest.fixture(scope="module")
def draws() -> dict[str, list[Example]]:
    found = {_key(title + text): (title, text) for title, text in _texts()}
    draws: dict[str, list[Example]] = {"1": [], "2": []}
    for line in LABELS.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            draw, key, letters, scope = line.split("\t")
            title, text = found[key]
            themes = frozenset(LETTERS[letter] for letter in letters if letter != "-")
            draws[draw].append(Example(id=key, title=title, text=text, themes=themes, scope=scope))
    return draws


@pytest.mark.parametrize(("draw", "floor"), [("1", 0.70), ("2", 0.66)])
def test_themes_of_real_texts(draws: dict[str, list[Example]], draw: str, floor: float) -> None:
    examples = draws[draw]
    said = predict(train_cold("cold-test"), examples)
    right = truth(examples)[0][:, : len(THEMES)]
    found = said.chances[:, : len(THEMES)] >= 0.5
    assert 2 * (found & right).sum() / (found.sum() + right.sum()) >= floor
    chosen = said.chosen[:, : len(THEMES)]
    assert (chosen & right).sum() / chosen.sum() >= 0.80

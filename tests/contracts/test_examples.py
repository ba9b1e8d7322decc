"""Every frozen source still reads as it did; every kind has at least one.

A missing expectation is written, and the test fails until someone has read it and run it again.
"""

import asyncio
import json
from pathlib import Path

import pytest

from collectors.freeze import EXPECTED, replay
from collectors.kinds import kinds

EXAMPLES = Path(__file__).parents[1] / "examples"
FOLDERS = sorted(folder for folder in EXAMPLES.iterdir() if (folder / "pages.json").exists())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_frozen_source_reads_as_expected(folder: Path) -> None:
    told = asyncio.run(replay(folder))
    expected = folder / EXPECTED
    if not expected.exists():
        expected.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
        pytest.fail(f"{expected} was missing and has been written: read it, then run again")
    assert told == json.loads(expected.read_text("utf-8"))


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_has_a_frozen_example(kind: str) -> None:
    used = {
        line.partition("=")[2].strip().strip('"')
        for folder in FOLDERS
        for line in (folder / "source.toml").read_text("utf-8").splitlines()
        if line.startswith("kind")
    }
    assert kind in used, f"freeze one source of kind {kind!r} in tests/examples/"

"""The tests a guide names as its proof exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NAMED, _DEFINED = re.compile(r"`(test_\w+)`"), re.compile(r"def (test_\w+)")


def test_every_test_named_in_a_guide_exists() -> None:
    guides = [one.read_text("utf-8") for one in (ROOT / "docs").glob("*.md")]
    files = [one.read_text("utf-8") for one in (ROOT / "tests").rglob("test_*.py")]
    named = {name for text in guides for name in _NAMED.findall(text)}
    assert len(named) > 50
    assert named <= {name for text in files for name in _DEFINED.findall(text)}

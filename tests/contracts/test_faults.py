"""docs/collecte-fautes.md: each of the 101 faults of the hostile web has a test that exists."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "collecte-fautes.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+) \|.*\| (`.*`) \|$", PAGE, re.M)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)(?:\[([^\]]+)\])?`")


@cache
def source(file: str) -> str:
    return (TESTS / file).read_text("utf-8")


@cache
def functions(file: str) -> frozenset[str]:
    return frozenset(
        one.name for one in ast.walk(ast.parse(source(file))) if isinstance(one, ast.FunctionDef)
    )


def test_every_number_has_its_line_and_every_line_its_tests() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, 102))
    unread = [number for number, tests in ROWS if NAMED.sub("", tests).strip(" ·")]
    assert unread == []


def test_every_test_that_is_named_exists_and_so_does_its_case() -> None:
    named = {one for _, tests in ROWS for one in NAMED.findall(tests)}
    missing = [
        f"{file}::{name}[{case}]"
        for file, name, case in sorted(named)
        if name not in functions(file) or case not in source(file)
    ]
    assert missing == []

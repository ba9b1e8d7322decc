"""What differs between two texts, word by word. Pure."""

import re
from difflib import SequenceMatcher

from domain.text import fold

_PIECES = re.compile(r"\w+|[^\w\s]+|\s+")
_MOST = 1500  # pieces compared on each side: the rest of a longer text is shown unmarked

Spans = list[tuple[int, int]]


def differences(a: str, b: str) -> tuple[Spans, Spans]:
    """The spans (start, end) of each text that the other does not have; accents and case apart."""
    ours, theirs = _PIECES.findall(a)[:_MOST], _PIECES.findall(b)[:_MOST]
    same = SequenceMatcher(None, [*map(fold, ours)], [*map(fold, theirs)], autojunk=False)
    moves = [code for code in same.get_opcodes() if code[0] != "equal"]
    return (
        _spans(ours, [(code[1], code[2]) for code in moves]),
        _spans(theirs, [(code[3], code[4]) for code in moves]),
    )


def _spans(pieces: list[str], ranges: list[tuple[int, int]]) -> Spans:
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + len(piece))
    found = []
    for first, last in ranges:
        text = "".join(pieces[first:last])
        if bare := text.strip():
            start = ends[first] + len(text) - len(text.lstrip())
            found.append((start, start + len(bare)))
    return found

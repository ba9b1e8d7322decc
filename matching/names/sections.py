"""A section is not its club: « OGC Nice », « OGC Nice Handball »; « ASPTT Gap section judo ».

One name says all that the other says, then what is practised, last. « Théâtre des Clochards », with
its practice before, is another way of writing a house.
"""

from collections.abc import Collection

from matching.disciplines import practised
from matching.normalise import LEGAL

SECTION = "une section et son club"


def is_section(one: Collection[str], two: Collection[str], last: tuple[str, str]) -> bool:
    """Whether one of two names (their words) is a section of the other; `last`: their words
    joined, in order."""
    (short, _), (long, end) = sorted(zip(({*one}, {*two}), last, strict=True), key=_size)
    extra = long - short
    if not extra or not short - LEGAL or not short - LEGAL <= long:
        return False
    ends = (end, end.removesuffix("ball"))  # « hand ball », « handball »
    return "section" in extra or any(
        practised([word]) and written.endswith(word) for word in extra for written in ends
    )


def _size(name: tuple[set[str], str]) -> int:
    return len(name[0])

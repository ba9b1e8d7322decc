"""Contrast of every pair of tokens, in every look (WCAG 2.2: 4.5 for text, 3 for borders)."""

import re

import pytest

from review.render import STATIC

TEXT = [
    *(
        (ink, paper)
        for ink in ("ink", "soft", "accent", "good", "bad", "warn")
        for paper in ("paper", "card")
    ),
    ("on-accent", "accent"),
    ("on-mark", "mark"),
    ("good", "good-paper"),
    ("bad", "bad-paper"),
    ("warn", "warn-paper"),
]
BORDERS = [("field", "card"), ("focus", "paper"), ("focus", "card")]


def _looks():
    css = (STATIC / "app.css").read_text("utf-8")
    blocks = re.findall(r"([^{}]*):root[^{]*{([^}]*--paper[^}]*)}", css)
    assert len(blocks) == 5
    return [dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body)) for _, body in blocks]


def _luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def _contrast(one, two):
    low, high = sorted((_luminance(one), _luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("look", range(5))
def test_every_pair_can_be_read(look):
    tokens = _looks()[look]
    for ink, paper in TEXT:
        assert _contrast(tokens[ink], tokens[paper]) >= 4.5, (look, ink, paper)
    for line, paper in BORDERS:
        assert _contrast(tokens[line], tokens[paper]) >= 3, (look, line, paper)


def test_the_switch_and_the_computer_give_the_same_looks():
    _, dark, dark_switched, contrast, contrast_switched = _looks()
    assert dark == dark_switched
    assert contrast == contrast_switched

"""Figures: what they say is in their words too, and their shapes are those of the territory."""

from xml.etree import ElementTree

import pytest

from census import figures
from census.indicators import Count
from domain.outlines import Outline, outlines

SVG = "{http://www.w3.org/2000/svg}"


def counts(**of: int) -> list[Count]:
    return [Count(code=c[1:], label=f"Dép. {c[1:]}", count=n, n=20) for c, n in of.items()]


def test_a_territory_is_told_by_words_and_numbers_not_by_colour_alone() -> None:
    drawn = outlines().departments
    given = counts(d05=3, d13=12, d84=0)
    shapes = {one.code: drawn[one.code] for one in given}
    svg = ElementTree.fromstring(figures.territory(given, shapes, title="Par département"))  # noqa: S314
    texts = [one.text for one in svg.iter(f"{SVG}text")]
    assert texts == ["05", "3", "13", "12", "84", "0"]
    assert svg.findtext(f"{SVG}title") == "Par département"
    assert svg.findtext(f"{SVG}desc") == "Dép. 05 : 3 ; Dép. 13 : 12 ; Dép. 84 : 0"
    fills = [one.get("fill") for one in svg.iter(f"{SVG}path")]
    assert fills == [figures.SHADES[1], figures.SHADES[4], figures.SHADES[0]]


@pytest.mark.parametrize("shade", figures.SHADES)
def test_ink_is_readable_on_every_shade(shade: str) -> None:
    dark = figures.SHADES.index(shade) >= figures.WHITE_FROM
    assert contrast("#ffffff" if dark else figures.INK, shade) >= 4.5


def test_a_name_is_written_inside_its_territory_not_in_its_lagoon() -> None:
    sea = ((1.0, 2.0), (9.0, 2.0), (9.0, 9.0), (1.0, 9.0), (1.0, 2.0))
    land = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0))
    lat, lon = figures._middle(Outline(code="x", polygons=((land, sea),)))
    assert not (2 < lat < 9 and 1 < lon < 9)


def contrast(a: str, b: str) -> float:
    """WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)

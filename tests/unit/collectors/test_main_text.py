"""The main text of a page: what trafilatura reads in two opinions, most often asked for one."""

from itertools import product

import pytest
import trafilatura

from collectors.pages import main_text, tree

MENU = "<nav><ul>{}</ul></nav>".format("<li><a href=/r>Rubrique du site</a></li>" * 30)
LINKS = "<div>{}</div>".format("<p><a href=/v>Voir aussi cette autre page du site</a></p>" * 60)
WORDS = "<p>La commune de Gap invite tous les habitants à la fête du sport au stade.</p>"
TABLE = "<table>{}</table>".format("<tr><td>10 h</td><td>Course des enfants</td></tr>" * 12)
FOOT = "<footer><p>Mairie de Gap, 3 rue Carnot, 05000 Gap. Mentions légales.</p></footer>"
BODIES = {
    "article": f"<main><h1>Fête</h1>{WORDS * 12}</main>",
    "short": f"<main><h1>Fête</h1>{WORDS}</main>",
    "no paragraph": f"<main><h1>Fête</h1><div>{'La fête a lieu au stade. ' * 30}</div></main>",
    "table": f"<main><h1>Programme</h1>{WORDS}{TABLE}</main>",
    "lists": f"<article><h1>Fête</h1><ul>{'<li>Une animation pour tous</li>' * 20}</ul></article>",
    "nothing": "<div></div>",
}


@pytest.mark.parametrize(("name", "menu", "links"), list(product(BODIES, ["", MENU], ["", LINKS])))
def test_it_is_what_both_opinions_would_give(name: str, menu: str, links: str) -> None:
    html = f"<html><body>{menu}{BODIES[name]}{links}{FOOT}</body></html>"
    whole = trafilatura.extract(html, favor_precision=True, include_comments=False) or ""
    found = main_text.main_text(tree.parse(html))
    if len(whole) > 80:
        assert found.split() == whole.split()
    else:
        assert set(whole.split()) <= set(found.split())


def test_the_tree_is_left_as_it_was() -> None:
    root = tree.parse(f"<html><body>{MENU}{BODIES['article']}{FOOT}</body></html>")
    before = tree.outer(root)
    main_text.main_text(root)
    assert tree.outer(root) == before


def test_without_a_main_text_the_words_of_main_are_given() -> None:
    root = tree.parse("<body><p>Menu</p><main><p>Fête le 3 juin.</p></main></body>")
    assert main_text.main_text(root) == "Fête le 3 juin."

"""Every word list of the package (themes, scope, facets), compiled once into one matcher."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from classifiers.definitions import themes
from classifiers.matcher import Matcher, Term
from classifiers.scope import scope_terms
from domain.errors import ConfigError


@lru_cache(maxsize=1)
def matcher() -> Matcher:
    """Every list of the package, compiled once."""
    theme_terms = (term for theme in themes().values() for term in theme.terms)
    return Matcher([*with_families(theme_terms), *_names(), *scope_terms(), *facet_terms()])


@lru_cache(maxsize=1)
def families() -> Mapping[str, tuple[str, ...]]:
    """words.toml: family name → words."""
    text = (resources.files("classifiers") / "words.toml").read_text("utf-8")
    return {name: tuple(words) for name, words in tomllib.loads(text).items()}


def with_families(terms: Iterator[Term] | tuple[Term, ...]) -> Iterator[Term]:
    """The terms, each `class:name` replaced by the words of that family."""
    for term in terms:
        if term.written.startswith("class:"):
            name = term.written.removeprefix("class:")
            if name not in families():
                raise ConfigError(
                    f"{term.owner} : famille {name!r} où l'une de celles-ci est attendue : "
                    f"{', '.join(families())} ; ajoutez-la à classifiers/words.toml",
                    about=name,
                )
            for word in families()[name]:
                yield Term(term.owner, term.role, term.weight, word)
        else:
            yield term


_NAMES = {
    "engagement": ("engagement",),
    "education-populaire": ("éducation populaire",),
    "solidarite": ("solidarité", "solidarités"),
    "heritage": ("héritage",),
    "developpement-durable": ("développement durable",),
}


def _names() -> Iterator[Term]:
    """The names of the themes themselves, to recognise a list of them; and ritual mentions."""
    for slug, names in _NAMES.items():
        yield from (Term(f"theme:{slug}", "name", 0.0, name) for name in names)
    yield from (Term("ritual", "ritual", 0.0, words) for words in RITUALS)


RITUALS = (
    "s'inscrit {dans l'héritage,dans une démarche,dans le cadre,dans la dynamique,pleinement}",
    "s'inscrivant {dans l'héritage,dans le cadre,dans la dynamique}",
    "s'inscrivent {dans l'héritage,dans le cadre}",
    "{valeurs,esprit} de {solidarité,partage et}",
    "conformément aux {axes,thèmes,orientations}",
    "répond aux {axes,thèmes,enjeux,objectifs} plan",
    "{axes,thématiques,thèmes} {plan,campagne,dispositif}",
)
"""Openings of a ritual mention: the rest of the clause proclaims, it describes nothing."""


# --- facets ----------------------------------------------------------------------------------

TRIGGERS = (
    "terre de jeux", "terres de jeux", "génération", "impact 2024", "club 2024", "clubs 2024",
    "grande cause", "bouge*", "sport s'engage", "engagements", "fair play", "ville* active*",
    "maison* sport", "agré*", "tronc commun", "guid'asso", "guidasso", "ESUS", "utilité sociale",
    "cité* éducative*", "savoir* rouler", "savoir* nager", "aisance", "apprends nager", "CPJ",
    "*olympi*", "*lympique*", "flamme", "torche", "sport scolaire", "fête* sport",
    "forum* associations", "forum* associatif*", "fête* associations", "journée* associations",
    "développement durable",
    "mobilité", "DuoDay", "duo day", "emploi* handicap*", "SEEPH", "JNSS", "SOP", "JOP", "JO",
    "cortina", "2030", "bénévolat", "préparation jeux", "écoresponsables", "tous en sport",
    "personnes handicapées", "jeux",
)  # fmt: skip
"""Words without which no label nor temps fort is named: their own patterns are slower to try."""


@lru_cache(maxsize=1)
def lists() -> dict[str, dict[str, Any]]:
    """Kind → value → {words, not}, one file of facets/ per kind."""
    folder = resources.files("classifiers") / "facets"
    return {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8"))
        for file in sorted(folder.iterdir(), key=lambda f: f.name)
        if file.name.endswith(".toml")
    }


def facet_terms() -> Iterator[Term]:
    """The words of every kind, as terms of owner `facet:kind:value`."""
    for kind, values in lists().items():
        for value, one in values.items():
            owner = f"facet:{kind}:{value}"
            yield from (Term(owner, "word", 1.0, w) for w in one["words"])
            yield from (Term(owner, "not", 0.0, w) for w in one.get("not", ()))
    yield from (Term("facet:trigger:any", "word", 0.0, w) for w in TRIGGERS)

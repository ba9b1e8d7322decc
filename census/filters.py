"""Which rows of a census are wanted: the same filters for an export, a page, a feed, the API."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from domain.campaigns import THEMES
from domain.errors import ConfigError
from domain.records import Json
from domain.text import fold
from domain.times import MONTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked; an empty text asks nothing. Called with a row, whether it is wanted."""

    theme: str = ""  # a slug
    departement: str = ""
    epci: str = ""  # SIREN
    commune: str = ""  # INSEE code
    mois: str = ""  # AAAA-MM
    type: str = ""
    statut: str = ""
    public: str = ""
    label: str = ""
    relecture: str = ""  # « recensée »
    q: str = ""  # words of the title, organiser, commune or description

    def __call__(self, row: Mapping[str, Json]) -> bool:
        return all(test(row, wanted) for test, wanted in self._tests())

    def _tests(self) -> list[tuple[Callable[[Mapping[str, Json], str], bool], str]]:
        return [(_TESTS[name], wanted) for name, wanted in self.asked().items()]

    def asked(self) -> dict[str, str]:
        """The filters that ask something, by name: what an address carries."""
        return {one.name: v for one in fields(self) if (v := getattr(self, one.name))}

    def french(self) -> tuple[str, ...]:
        """Each filter, readable: « thème : Héritage »."""
        return tuple(f"{_FRENCH[name]} : {_shown(name, v)}" for name, v in self.asked().items())


EVERYTHING = Filter()


def filter_of(asked: Mapping[str, str], *, strict: bool = False) -> Filter:
    """The filter of names and values (an address's query). Unknown names are left aside unless
    `strict`; raises ConfigError for a name, a theme or a month that cannot be."""
    known = {one.name for one in fields(Filter)}
    for name in set(asked) - known if strict else ():
        raise ConfigError(
            f"filtre {name!r} là où l'un de ceux-ci est attendu : {', '.join(sorted(known))}"
        )
    chosen = {name: value.strip()[:200] for name, value in asked.items() if name in known}
    theme, month = chosen.get("theme"), chosen.get("mois")
    if theme and theme not in THEMES:
        raise ConfigError(
            f"thème {theme!r} là où l'un de ceux-ci est attendu : {', '.join(THEMES)}",
            about="theme",
        )
    if month and not _is_month(month):
        raise ConfigError(f"mois {month!r} là où AAAA-MM est attendu", about="mois")
    return Filter(**chosen)


def _is_month(text: str) -> bool:
    year, dash, month = text.partition("-")
    digits = len(year) == 4 and len(month) == 2 and (year + month).isdecimal()
    return bool(dash) and digits and 1 <= int(month) <= 12 and "1900" <= year <= "2199"


def in_month(row: Mapping[str, Json], month: str) -> bool:
    """Whether one of the row's days may fall in AAAA-MM: by its editions, not their hull."""
    spans = row.get("editions") or []
    return any(s.partition("/")[0][:7] <= month <= s.partition("/")[2][:7] for s in spans)


def searched(row: Mapping[str, Json]) -> str:
    """The text the words are looked for in."""
    names = ("intitule", "porteur_nom", "nom_commune", "lieu_nom", "description")
    return " ".join(str(row.get(name) or "") for name in names)


def _words(row: Mapping[str, Json], wanted: str) -> bool:
    text = fold(searched(row))
    return all(word in text for word in fold(wanted).split())


def _equal(column: str) -> Callable[[Mapping[str, Json], str], bool]:
    return lambda row, wanted: row.get(column) == wanted


def _among(column: str) -> Callable[[Mapping[str, Json], str], bool]:
    return lambda row, wanted: wanted in (row.get(column) or [])


_TESTS: dict[str, Callable[[Mapping[str, Json], str], bool]] = {
    "theme": lambda row, wanted: bool(row.get(f"theme_{wanted.replace('-', '_')}")),
    "departement": _equal("code_departement"),
    "epci": _equal("epci_siren"),
    "commune": _equal("code_commune"),
    "mois": in_month,
    "type": _equal("type_animation"),
    "statut": _equal("statut"),
    "public": _among("publics"),
    "label": _among("labels_nationaux"),
    "relecture": _equal("etat_relecture"),
    "q": _words,
}
_FRENCH = {
    "theme": "thème",
    "departement": "département",
    "epci": "EPCI",
    "commune": "commune",
    "mois": "mois",
    "type": "type",
    "statut": "statut",
    "public": "public",
    "label": "label",
    "relecture": "relecture",
    "q": "mots",
}


def _shown(name: str, value: str) -> str:
    if name == "theme":
        return THEMES.get(value, value)
    if name == "mois":
        return f"{MONTHS[int(value[5:]) - 1]} {value[:4]}"
    return value

"""Who, where, which link or number, what is told: one of a few texts."""

from collections.abc import Callable

import numpy as np

from matching import bodies
from matching.cards import Ints
from matching.compare import F, Prepared
from matching.evidence.texts import Texts, chosen, once, percents
from matching.matrices import Matrix, dots
from matching.silent import STORY

STATUS = ("", "reportée", "annulée")
SIGN = "porteurs à un signe près"
NEAR = float(np.log1p(0.1))  # log of kilometres


def numbers(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Texts:
    clash, count = x[:, F["numbers_clash"]], np.diff(ready.cards.numbers.starts)
    shared = dots(ready.numbers[a], ready.numbers[b])
    letters = ready.numbers @ np.array([not w.isalpha() for w in ready.words], np.float32) == 0
    return chosen(
        ((clash == 1) & letters[a] & letters[b], "lettres différentes"),
        (clash == 1, "nombres différents"),
        ((clash == 0) & (shared == count[a]) & (shared == count[b]), "mêmes nombres"),
        (clash == 0, "des nombres en commun"),
    )


def practice(_: Prepared, __: Ints, ___: Ints, x: Matrix) -> Texts:
    return chosen((x[:, F["practice_clash"]] == 1, "disciplines différentes"))


def organiser(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Texts:
    ratio, codes = x[:, F["organiser_ratio"]], ready.cards.organiser
    words = ready.cards.organisers.words

    def unlike(one: int, two: int) -> str:
        """« TC Gap » and « Tennis club de Gap » are unlike letter by letter only."""
        foreign = not bodies.akin(words[one], words[two])
        mine, theirs = (set(), set()) if foreign else bodies.own(words[one], words[two])
        if foreign or bodies.unlike(mine, theirs):
            return "porteurs différents"
        if bodies.two_acronyms(mine, theirs):
            return SIGN
        return "porteur proche" if mine or theirs else "même porteur, semble-t-il"

    def near(rows: Ints) -> Texts:
        return once(likely, codes[a[rows]], codes[b[rows]], percents(ratio[rows]))

    def likely(one: int, two: int, percent: int) -> str:
        """« CDOS 83 » and « CDOS 84 », « ASCV » and « ASCB » are near letter by letter only."""
        name, other = words[one], words[two]
        signs = bodies.two_acronyms(*bodies.own(name, other))
        if signs or bodies.two_departments(name, other):
            return SIGN
        return f"porteur proche à {percent} %"

    return chosen(
        (ratio >= 0.99, "même porteur"),
        ((ratio >= 0.8) | (x[:, F["organiser_cover"]] >= 0.9), near),
        (x[:, F["organiser_said"]] >= 0.9, "porteur cité par l'autre annonce"),
        (ratio == ratio, lambda rows: once(unlike, codes[a[rows]], codes[b[rows]])),
    )


def venue(_: Prepared, __: Ints, ___: Ints, x: Matrix) -> Texts:
    own = x[:, F["venue_ratio"]]
    ratio = np.fmax(own, x[:, F["address_ratio"]])
    elsewhere = x[:, F["commune"]] == 0  # two « salles des fêtes »
    return chosen(
        ((own >= 0.95) & elsewhere, "lieux de même nom"),
        (own >= 0.95, "même lieu"),
        (ratio >= 0.95, "même adresse"),
        (x[:, F["venue_said"]] >= 0.95, "lieu cité par l'autre annonce"),
        (ratio >= 0.75, _near("lieu proche", ratio)),
        (ratio == ratio, "lieux différents"),
    )


def _near(what: str, ratio: Matrix) -> Callable[[Ints], Texts]:
    return lambda rows: once(f"{what} à {{}} %".format, percents(ratio[rows]))


def commune(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Texts:
    same, km, department = (x[:, F[name]] for name in ("commune", "km", "department"))
    told = km == km

    def far(rows: Ints) -> Texts:
        return once("communes différentes, à {:.0f} km".format, np.expm1(km[rows]))

    def near(rows: Ints) -> Texts:
        return once(lambda d: f"à {d:.1f} km".replace(".", ","), np.expm1(km[rows]))

    return chosen(
        (same == 1, "même commune"),
        (
            (same == 0) & (department != 0) & (ready.cards.commune[a] == ready.cards.commune[b]),
            "arrondissements différents",
        ),
        ((same == 0) & told, far),
        (same == 0, "communes différentes"),
        (km < NEAR, "à moins de 100 m"),
        (told, near),
        (department == 1, "même département"),
        (department == 0, "départements différents"),
    )


def link(_: Prepared, __: Ints, ___: Ints, x: Matrix) -> Texts:
    return chosen((x[:, F["link"]] == 1, "même lien ou même billetterie"))


def identifier(_: Prepared, __: Ints, ___: Ints, x: Matrix) -> Texts:
    same = x[:, F["identifier"]]
    return chosen((same == 1, "même RNA ou SIREN"), (same == 0, "RNA ou SIREN différents"))


def text(_: Prepared, __: Ints, ___: Ints, x: Matrix) -> Texts:
    story = x[:, F["text_mass"]] >= STORY
    within = x[:, F["text_within"]]
    return chosen(
        (story & (x[:, F["text_same"]] >= 0.7), "même description"),
        (story & (within >= 0.8), "une description reprise dans l'autre"),
        (story & (within >= 0.5), "descriptions proches"),
        (x[:, F["text_cover"]] >= 0.95, "titre repris dans le texte de l'autre"),
    )


def status(ready: Prepared, a: Ints, b: Ints, _: Matrix) -> Texts:
    return once(_put_off, ready.cards.status[a], ready.cards.status[b])


def _put_off(one: int, two: int) -> str:
    if one == two:
        return f"toutes deux {STATUS[one]}s" if one else ""
    return " et ".join(f"une annonce la dit {STATUS[told]}" for told in (one, two) if told)

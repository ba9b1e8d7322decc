"""Why two announcements look alike or not, in French, for the person who decides.

Each piece of evidence weighs what the model loses without it: its features are withheld and the
log-odds of « same initiative » move by that much. Words come from the features themselves.
"""

from collections.abc import Callable
from datetime import date

import numpy as np

from domain.records import Reason
from domain.times import french_date
from matching.cards import Floats, Ints
from matching.compare import FEATURES, F, Matrix, Prepared, edition_year
from matching.details import HOURS
from matching.families import difference, families
from matching.forest import Forest
from matching.silent import STORY

TOP = 5
AGAINST = -3.0  # what a rule of `prudence` weighs: no forest reads it
AGREES = ("même ", "mêmes ", "à moins de ")
DIFFERS, ABSENT = "différent", " ne dit"
STATUS = ("", "reportée", "annulée")
NEAR = float(np.log1p(0.1))  # log of kilometres
GROUPS: dict[str, tuple[str, ...]] = {
    "title": tuple(n for n in FEATURES if n.startswith(("title_r", "title_c", "title_e", "left"))),
    "dates": ("gap", "start_gap", "end_gap", "span_min", "span_max", "inside", "week_rest",
              "year_rest", "year_gap", "undated", "soft", "shared_days"),
    "editions": ("title_year_clash", "edition_gap"),
    "numbers": ("numbers_clash",),
    "practice": ("practice_clash",),
    "organiser": tuple(n for n in FEATURES if n.startswith("organiser")),
    "venue": ("venue_ratio", "venue_said", "address_ratio"),
    "commune": ("commune", "commune_said", "department", "postcode", "km"),
    "link": ("link", "host"),
    "identifier": ("identifier",),
    "status": ("moved",),
    "text": ("text_cover", "text_same", "text_within", "text_mass"),
}  # fmt: skip


def reasons(
    ready: Prepared, a: Ints, b: Ints, x: Matrix, judge: Forest | None
) -> list[tuple[Reason, ...]]:
    """The reasons of each pair, heaviest first, at most TOP; in a fixed order without a judge."""
    if judge is None:
        return _unweighed(ready, a, b, x)
    weights = _weights(x, judge)
    out = []
    for i, (one, two) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        found = [
            Reason(code=group, text=text, weight=_signed(text, weights[group][i]))
            for group, say in SAY.items()
            if (text := say(ready, one, two, x[i]))
        ]
        said = {one.text: one for one in sorted(found, key=_lightness, reverse=True)}  # once each
        out.append(tuple(sorted(said.values(), key=_lightness)[:TOP]))
    return out


def _unweighed(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> list[tuple[Reason, ...]]:
    """The first TOP reasons of each pair in the order of SAY: what nobody reads is not composed,
    and the same words are one object."""
    known: dict[tuple[str, str], Reason] = {}
    out = []
    for one, two, row in zip(a.tolist(), b.tolist(), x, strict=True):
        found: list[Reason] = []
        for group, say in SAY.items():
            text = say(ready, one, two, row)
            if not text or any(one.text == text for one in found):
                continue
            reason = known.get((group, text))
            if reason is None:
                reason = known[group, text] = Reason(code=group, text=text, weight=0.0)
            found.append(reason)
            if len(found) == TOP:
                break
        out.append(tuple(found))
    return out


def _signed(text: str, weight: float) -> float:
    """The weight, but never against for what agrees, for what differs, nor of an absence: that the
    forest expected still more is nothing to tell a person."""
    low = 0.0 if text.startswith(AGREES) or ABSENT in text else -np.inf
    high = 0.0 if DIFFERS in text or ABSENT in text else np.inf
    return round(float(np.clip(weight, low, high)), 2)


def _lightness(reason: Reason) -> float:
    return -abs(reason.weight)


def _weights(x: Matrix, judge: Forest) -> dict[str, Floats]:
    seen = [x]
    for names in GROUPS.values():
        without = x.copy()
        without[:, [F[n] for n in names]] = np.nan
        seen.append(without)
    whole, *rest = np.split(_odds(judge.predict(np.concatenate(seen))), len(seen))
    found = {group: whole - odds for group, odds in zip(GROUPS, rest, strict=True)}
    return found | {"family": np.full(len(x), AGAINST)}


def _odds(p: Floats) -> Floats:
    same = np.clip(p[:, 0], 1e-6, 1 - 1e-6)
    return np.asarray(np.log(same / (1 - same)))


def _title(ready: Prepared, a: int, b: int, x: Matrix) -> str:
    ratio = round(float(x[F["title_ratio"]]) * 100)
    if x[F["title_equal"]] == 1:
        return "même titre"
    if not (len(ready.cards.core[a]) and len(ready.cards.core[b])):
        return "une annonce n'a pas de titre"
    left = [_left(ready, one, two) for one, two in ((a, b), (b, a))]
    said = ", ".join(f"« {w} »" for w in [*left[0], *left[1]][:3])
    near = f"titre proche à {ratio} %" if ratio >= 60 else f"titres différents ({ratio} %)"
    return f"{near}, absent de l'autre annonce : {said}" if said else near


def _left(ready: Prepared, one: int, two: int) -> list[str]:
    known = set(ready.cards.known[two].tolist())
    left = [k for k in ready.cards.core[one].tolist() if k not in known]
    rarest = sorted(left, key=lambda k: (-ready.idf[k], -len(ready.words[k]), ready.words[k]))
    return [ready.cards.accents.written(ready.words[k]) for k in rarest[:2]]


def _dates(ready: Prepared, a: int, b: int, x: Matrix) -> str:
    cards = ready.cards
    if x[F["undated"]]:
        return _undated(ready, a, b)
    one, two = (date.fromordinal(int(cards.first[i])) for i in (a, b))
    end, other = (date.fromordinal(int(cards.last[i])) for i in (a, b))
    if one == two == end == other and abs(cards.hour[a] - cards.hour[b]) >= HOURS:
        hours = " / ".join(sorted(_clock(float(cards.hour[i])) for i in (a, b)))
        return f"heures différentes le {french_date(one)} : {hours}"
    gap = round(float(np.expm1(x[F["gap"]])))
    told = " (date lue dans le texte)" if x[F["soft"]] else ""
    if gap == 0:
        if one != two:
            return f"dates qui se recouvrent{told}"
        if end == other > one:
            return f"mêmes dates, du {french_date(one)} au {french_date(end)}{told}"
        start = "même jour" if end == other else "même début"
        return f"{start}, {french_date(one)}{told}"
    first, second = sorted((one, two))
    if x[F["year_rest"]] <= 21:
        return f"années différentes : {first.year} / {second.year}{told}"
    days = "1 jour" if gap == 1 else f"{gap} jours"
    return f"{days} d'écart : {french_date(first)} / {french_date(second)}{told}"


def _clock(hour: float) -> str:
    """14.5 as 14 h 30."""
    minutes = round(60 * hour)
    return f"{minutes // 60} h" + (f" {minutes % 60:02}" if minutes % 60 else "")


def _undated(ready: Prepared, a: int, b: int) -> str:
    """Who gives no day, and the year it gives instead."""
    cards = ready.cards
    none = [i for i in (a, b) if np.isnan(cards.first[i])]
    years = sorted({f"{cards.year[i]:.0f}" for i in none if cards.year[i] == cards.year[i]})
    said = f", seulement {' / '.join(years)}" if years else ""
    return (
        f"{'aucune annonce ne dit' if len(none) == 2 else 'une annonce ne dit pas'} le jour{said}"
    )


def _editions(ready: Prepared, a: int, b: int, x: Matrix) -> str:
    cards = ready.cards
    if x[F["edition_gap"]] > 0:
        first, second = sorted((cards.edition[a], cards.edition[b]))
        return f"éditions différentes : {first} / {second}"
    if x[F["edition_gap"]] == 0:
        return f"même édition : {cards.edition[a]}e"
    if x[F["title_year_clash"]] > 0:
        ends = np.array([a, b])
        years = sorted({int(y) for y in (*edition_year(cards, ends), *cards.year[ends]) if y == y})
        return "années différentes : " + " / ".join(map(str, years))
    if x[F["undated"]] == 2 and x[F["year_gap"]] > 0:
        first, second = sorted((cards.year[a], cards.year[b]))
        return f"années différentes : {first:.0f} / {second:.0f}"
    return ""


def _numbers(ready: Prepared, a: int, b: int, x: Matrix) -> str:
    clash = x[F["numbers_clash"]]
    if np.isnan(clash) or clash:
        return "nombres différents" if clash == 1 else ""
    one, two = (set(ready.cards.numbers[i].tolist()) for i in (a, b))
    return "mêmes nombres" if one == two else "des nombres en commun"


def _family(ready: Prepared, a: int, b: int, x: Matrix) -> str:
    """What `prudence` heard: « public : « hommes » / « femmes » »."""
    if x[F["title_equal"]] == 1:
        return ""
    cards, words, members = ready.cards, ready.words, families().members
    core = [{w for k in cards.core[i].tolist() if (w := words[k]) in members} for i in (a, b)]
    if core[0] == core[1]:
        return ""
    known = [{words[k] for k in cards.known[i].tolist()} for i in (a, b)]
    family, one, two = difference((core[0], core[1]), (known[0], known[1]))
    one, two = (cards.accents.written(word) for word in (one, two))
    if not two:
        return f"{family} : « {one} », absent de l'autre annonce" if one else ""
    return f"{family} : « {one} » / « {two} »"


def _practice(_: Prepared, __: int, ___: int, x: Matrix) -> str:
    return "disciplines différentes" if x[F["practice_clash"]] == 1 else ""


def _organiser(_: Prepared, __: int, ___: int, x: Matrix) -> str:
    ratio, said = x[F["organiser_ratio"]], x[F["organiser_said"]]
    if ratio >= 0.99:
        return "même porteur"
    if ratio >= 0.8 or x[F["organiser_cover"]] >= 0.9:
        return f"porteur proche à {round(float(ratio) * 100)} %"
    if said >= 0.9:
        return "porteur cité par l'autre annonce"
    return "porteurs différents" if ratio == ratio else ""


def _venue(_: Prepared, __: int, ___: int, x: Matrix) -> str:
    venue, address = x[F["venue_ratio"]], x[F["address_ratio"]]
    ratio = np.fmax(venue, address)
    if ratio >= 0.95:
        return "même lieu" if venue >= 0.95 else "même adresse"
    if x[F["venue_said"]] >= 0.95:
        return "lieu cité par l'autre annonce"
    if ratio >= 0.75:
        return f"lieu proche à {round(float(ratio) * 100)} %"
    return "lieux différents" if ratio == ratio else ""


def _commune(_: Prepared, __: int, ___: int, x: Matrix) -> str:
    km = x[F["km"]]
    if x[F["commune"]] == 1:
        return "même commune"
    if x[F["commune"]] == 0:
        far = f", à {round(float(np.expm1(km)))} km" if km == km else ""
        return f"communes différentes{far}"
    if km < NEAR:
        return "à moins de 100 m"
    if km == km:
        return f"à {float(np.expm1(km)):.1f} km".replace(".", ",")
    same = x[F["department"]]
    return "" if same != same else "même département" if same else "départements différents"


def _link(_: Prepared, __: int, ___: int, x: Matrix) -> str:
    return "même lien ou même billetterie" if x[F["link"]] == 1 else ""


def _identifier(_: Prepared, __: int, ___: int, x: Matrix) -> str:
    same = x[F["identifier"]]
    return "" if same != same else "même RNA ou SIREN" if same else "RNA ou SIREN différents"


def _text(_: Prepared, __: int, ___: int, x: Matrix) -> str:
    if x[F["text_mass"]] >= STORY:
        if x[F["text_same"]] >= 0.7:
            return "même description"
        if x[F["text_within"]] >= 0.8:
            return "une description reprise dans l'autre"
        if x[F["text_within"]] >= 0.5:
            return "descriptions proches"
    return "titre repris dans le texte de l'autre" if x[F["text_cover"]] >= 0.95 else ""


def _status(ready: Prepared, a: int, b: int, _: Matrix) -> str:
    one, two = (STATUS[ready.cards.status[i]] for i in (a, b))
    if one == two:
        return f"toutes deux {one}s" if one else ""
    return " et ".join(f"une annonce la dit {told}" for told in (one, two) if told)


SAY: dict[str, Callable[[Prepared, int, int, Matrix], str]] = {
    "title": _title, "family": _family, "dates": _dates, "editions": _editions, "numbers": _numbers,
    "practice": _practice, "organiser": _organiser, "venue": _venue, "commune": _commune,
    "link": _link, "identifier": _identifier, "status": _status, "text": _text,
}  # fmt: skip

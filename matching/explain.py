"""Why two announcements look alike or not, in French, for the person who decides.

Each piece of evidence weighs what the model loses without it: its features are withheld and the
log-odds of « same initiative » move by that much. Words come from the features themselves
(`evidence`).
"""

from collections.abc import Iterator

import numpy as np

from domain.records import Reason
from matching.cards import Floats, Ints
from matching.compare import FEATURES, F, Prepared
from matching.evidence import SAY
from matching.forest import Forest
from matching.matrices import Matrix

TOP = 5
AGAINST = -3.0  # what a rule of `prudence` weighs: no forest reads it
AGREES = ("même ", "mêmes ", "à moins de ", "des nombres en commun")
DIFFERS, ABSENT = "différent", " ne dit"
CONFLICTS = ("family", "editions", "numbers", "practice")
"""What tells two titles apart however alike all the rest is: never left out."""
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
    ready: Prepared, a: Ints, b: Ints, x: Matrix, judge: Forest
) -> list[tuple[Reason, ...]]:
    """The reasons of each pair, the heaviest first, at most TOP; of what tells apart none is left
    out, however little the forest made of it."""
    weights = _weights(x, judge)
    out = []
    for i, texts in enumerate(_said(ready, a, b, x)):
        found = [
            Reason(code=group, text=text, weight=_signed(text, weights[group][i]))
            for group, text in zip(SAY, texts, strict=True)
            if text
        ]
        said = {one.text: one for one in sorted(found, key=_lightness, reverse=True)}  # once each
        kept = sorted(said.values(), key=lambda one: (not _apart(one), _lightness(one)))[:TOP]
        out.append(tuple(sorted(kept, key=_lightness)))
    return out


def texts(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> list[tuple[str, ...]]:
    """The first TOP reasons of each pair in the order of SAY: what they weigh is not asked."""
    told = _said(ready, a, b, x)
    return [tuple([*dict.fromkeys(filter(None, some))][:TOP]) for some in told]


def _said(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Iterator[tuple[str, ...]]:
    """What each piece of evidence says of each pair."""
    columns = (say(ready, a, b, x).tolist() for say in SAY.values())
    return zip(*columns, strict=True)


def _signed(text: str, weight: float) -> float:
    """The weight, but never against for what agrees, for what differs, nor of an absence: that the
    forest expected still more is nothing to tell a person."""
    low = 0.0 if text.startswith(AGREES) or ABSENT in text else -np.inf
    high = 0.0 if DIFFERS in text or ABSENT in text else np.inf
    return round(float(np.clip(weight, low, high)), 2)


def _apart(reason: Reason) -> bool:
    return reason.code in CONFLICTS and not reason.text.startswith(AGREES)


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
